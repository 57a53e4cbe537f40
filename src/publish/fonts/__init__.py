"""Characters and families → font files cut to them; the one owner of uharfbuzz, fontTools, fontpkg, fc-list.

The three families of a book come from packages (`fontpkg-…`) or from the system; variable fonts are
turned into static ones. A character that none of the three has is looked for in the other installed
fonts, and drawn by a face of a family named « Fallback 1 », « Fallback 2 » …
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from html import unescape

from publish.fonts.cut import cut_family, cut_mathematics
from publish.fonts.face import ROLES, Families, FontFace, Role
from publish.fonts.fallback import CJK_REGIONS, fallbacks
from publish.fonts.installed import Installed
from publish.fonts.missing import missing_glyphs
from publish.fonts.rules import css, dressed, embedded, font_stacks

__all__ = [
    "ROLES", "Families", "FontFace", "characters", "css", "dressed", "embedded", "faces", "font_stacks",
    "mathematics",
    "missing_glyphs",
]  # fmt: skip

_MATH = re.compile(r"<math\b.*?</math>", re.DOTALL)
#: In every face that has them, whether the book uses them or not: what styles generate (bullets,
#: hyphens, folios), and what the next edit may bring, so that it changes no font and no cached sheet.
CORE = frozenset(
    map(chr, (*range(0x20, 0x7F), *range(0xA0, 0x100), *range(0x2010, 0x2016), *range(0x2018, 0x201F)))
) | frozenset("ŒœŠšŸŽž†‡•…\u202f‰′″‹›⁄€№™←↑→↓−×∞≈≠≤≥◦▪⁰¹²³⁴⁵⁶⁷⁸⁹")
_ASCII = bytes(range(0x80))
_SHOWN_ASCII = frozenset(map(chr, range(0x20, 0x7F)))
#: In every face: Pango draws a space with its neighbour's font, and shows a box if that has none.
_SPACES = frozenset(" \u00a0\u2002\u2003\u2007\u2009\u202f\u3000")


def characters(texts: Iterable[str]) -> frozenset[str]:
    """Return the characters of some texts (fragments or pages), all of ASCII's, and none of formulas.

    Every face has ASCII's (see `CORE`), so that nobody looks which of them are there. Formulas are drawn
    in print, and shown in a reading system's own font of mathematics.
    """
    shown = (_MATH.sub("", text) if "<math" in text else text for text in texts)
    # Bytes go twice as fast as characters: few are left of most books without those of ASCII.
    left = b"".join(text.encode(errors="surrogatepass").translate(None, _ASCII) for text in shown)
    return frozenset(left.decode(errors="surrogatepass")) | _SHOWN_ASCII


def faces(
    wanted: frozenset[str],
    families: Families | None = None,
    language: str = "",
    roles: Sequence[Role] = ROLES,
    *,
    bold: bool = True,
) -> tuple[tuple[FontFace, ...], frozenset[str]]:
    """Turn characters into faces that draw them, and the characters that no installed font has.

    `language` (BCP 47) decides between the Japanese, Chinese and Korean shapes of a character; `roles`
    are those of the families that are wanted, `bold` asks for their bold faces. Raises BookProblems
    (missing-font) where a family isn't installed.
    """
    installed = Installed()
    every = installed.chosen(families or Families())
    chosen = {role: every[role] for role in roles}
    wide = frozenset(char for char in wanted if _drawn_wide(char, language))
    own = frozenset().union(*(group[0].covered(wanted - wide) for group in chosen.values()))
    joiners = frozenset(filter(_invisible, wanted))
    sought = wanted - own - joiners
    shares = fallbacks(sought, installed.others(chosen), language) if sought else ()
    found = own.union(*(part for _, part in shares))
    rest = (wanted | CORE | _other_case(wanted)) - (found - own)
    made = [
        face
        for role, group in chosen.items()
        for face in cut_family(role, group[0].family, group, rest, bold=bold)
    ]
    for number, (group, part) in enumerate(shares, 1):
        made += cut_family("fallback", f"Fallback {number}", group, part | joiners | _SPACES)
    drawn = found.union(*(group[0].covered(wide - found) for group in chosen.values()))
    return tuple(made), frozenset(char for char in sought - drawn if not char.isspace())


def mathematics(texts: Iterable[str]) -> tuple[FontFace, ...]:
    """Return the face that an e-book shows the formulas of its pages in; none where it has no formulas."""
    elements = [element for text in texts if "<math" in text for element in _MATH.findall(text)]
    if not elements:
        return ()
    from publish import formulas  # noqa: PLC0415 - only a book with formulas loads their engines

    # the sign of a root is in no text: the element draws it
    shown = unescape(re.sub(r"<[^<>]*>", "", "".join(elements)))
    return (cut_mathematics(formulas.font(), (frozenset(shown) | {"√"}) - frozenset("\t\n\r")),)


def _other_case(wanted: Iterable[str]) -> frozenset[str]:
    """Return what a style may make of some letters: capitals, small letters."""
    return frozenset("".join(char.upper() + char.lower() for char in wanted))


def _drawn_wide(char: str, language: str) -> bool:
    """Tell whether a sign that Latin has too (… — “ ”) is drawn an em wide in a language."""
    if language[:2].lower() not in CJK_REGIONS or (char in CORE and char < "\u2010"):
        return False
    return unicodedata.east_asian_width(char) == "A" and unicodedata.category(char)[0] in "PS"


def _invisible(char: str) -> bool:
    """Tell whether a character needs no glyph: controls, joiners, marks of direction, variation selectors."""
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") or 0xFE00 <= ord(char) <= 0xFE0F
