"""Faces → the CSS that names them, and style sheets set in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import astuple, replace

from publish.book import Style
from publish.fonts.face import Families, FontFace, Role
from publish.fonts.installed import REGULAR

_GENERIC = {"serif": "serif", "sans": "sans-serif", "mono": "monospace"}
_FAMILIES = re.compile(
    r"(font-family\s*:\s*)([^;{}]*?)\b(serif|sans-serif|monospace)(?=\s*(?:!important\s*)?[;}])"
)
_BOLD = re.compile(r"<(?:strong|b)[ >]")
#: Bold in what is slanted, by its nature or by the publisher's styles, and slanted in what is bold.
_BOLD_ITALIC = re.compile(
    r"<(em|i|cite|dfn|var|caption|aside|figcaption|h[2-6])\b[^>]*>(?:(?!</\1>).)*?<(?:strong|b)[ >]"
    r"|<(strong|b|th|dt|h[1-6])\b[^>]*>(?:(?!</\2>).)*?<(?:em|i|cite|dfn|var)[ >]",
    re.DOTALL,
)
#: What the reader of code slants (`manuscript.code`), and code that an author stresses.
_SLANTED = re.compile(r'<i class="[cp]">|<(?:em|i)><code')
_CODE = re.compile(r"<(?:code|pre|kbd|samp|tt)[ >]")


def css(made: Iterable[FontFace], prefix: str) -> str:
    """Return one `@font-face` rule for each face; the file's address is `prefix` and its name."""
    return "".join(
        f'@font-face {{ font-family: "{face.family}"; font-weight: {face.weight}; '
        f"font-style: {face.style}; src: url({prefix}{face.file_name}) }}\n"
        for face in made
    )


def font_stacks(made: Iterable[FontFace]) -> dict[str, str]:
    """Return the values of `font-family` for serif, sans and mono.

    Each names all the families of the book, so that every character is found without a search in
    the system's fonts, which costs WeasyPrint a minute (WeasyPrint issue 2811).
    """
    families: dict[Role, list[str]] = {"serif": [], "sans": [], "mono": [], "fallback": [], "math": []}
    for face in made:
        if face.family not in families[face.role]:
            families[face.role].append(face.family)
    orders: dict[str, tuple[Role, ...]] = {
        "serif": ("serif", "fallback", "sans", "mono"),
        "sans": ("sans", "fallback", "serif", "mono"),
        "mono": ("mono", "fallback", "sans", "serif"),
    }
    return {
        name: ", ".join([*(f'"{family}"' for role in order for family in families[role]), _GENERIC[name]])
        for name, order in orders.items()
    }


def dressed(styles: Iterable[Style], made: Iterable[FontFace]) -> tuple[Style, ...]:
    """Return style sheets whose `font-family` lists name the book's families.

    A list that ends in serif, sans-serif or monospace ends in the book's stack of that kind; families of
    the designer's own stay before it, the default ones give way to those that the book asks for.
    """
    stacks = {_GENERIC[kind]: stack for kind, stack in font_stacks(made).items()}
    return tuple(replace(style, css=_dress(style.css, stacks)) for style in styles)


def _dress(sheet: str, stacks: Mapping[str, str]) -> str:
    def stack(match: re.Match[str]) -> str:
        chosen = stacks[match[3]]
        taken = {name.lower() for name in (*chosen.split(", "), *astuple(Families()))}
        named = (name.strip().replace("'", '"') for name in match[2].split(","))
        own = [name for name in named if name and not {name.lower(), name.lower().strip('"')} & taken]
        return match[1] + ", ".join([*own, chosen])

    return _FAMILIES.sub(stack, sheet)


def embedded(
    made: Iterable[FontFace], texts: Iterable[str], styles: Iterable[Style], own: Iterable[Style] = ()
) -> tuple[FontFace, ...]:
    """Return the faces that an e-book needs to carry: those that its text or its styles can call for.

    `texts` are XHTML pages; `own` are the styles that the book brings. Upright, italic and bold of the text
    face always go; its bold italic where bold is slanted, or one of these slants something; faces of code
    where there is code, or bold or slanted code; the sans where a style names it.
    """
    own_slant = any("italic" in style.css or "oblique" in style.css for style in own)
    pages = list(texts)
    first_choices = _without_stacks("\n".join(style.css for style in styles))
    bold, code = _in_any(_BOLD, pages), _in_any(_CODE, pages)
    slanted = code and _in_any(_SLANTED, pages)
    both = bold and (own_slant or _in_any(_BOLD_ITALIC, pages))
    wanted: dict[Role, Callable[[FontFace], bool]] = {
        "serif": lambda face: both or face.style == "normal" or face.weight == REGULAR,
        "sans": lambda face: f'"{face.family}"' in first_choices,
        "mono": lambda face: code and (slanted if face.style == "italic" else bold or face.weight == REGULAR),
        "fallback": lambda face: bold or face.weight == REGULAR,
        "math": lambda _face: True,
    }
    return tuple(face for face in made if wanted[face.role](face))


def _in_any(sought: re.Pattern[str], texts: Iterable[str]) -> bool:
    return any(sought.search(text) for text in texts)


def _without_stacks(sheet: str) -> str:
    """Return a style sheet with only the first family of each `font-family`: the others stand in for it."""
    return re.sub(r"(font-family\s*:\s*[^,;}]*),[^;}]*", r"\1", sheet)
