"""A book and its own styles → what stands against the claim that it is accessible, each with its line.

The claim is asked for by naming a certifier, and written only where these gates find nothing. They are those
rules of WCAG 2.2 and of EPUB Accessibility 1.1 that a program can decide from the manuscript.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from publish import xhtml
from publish.book import Book, Section, Style
from publish.problems import Place, Problem
from publish.xhtml import MATH, SVG, Element

#: WCAG 2.2, success criterion 1.4.3: text and what is behind it.
_CONTRAST = 4.5
_WHITE, _BLACK = (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)
_HEADINGS = tuple(f"h{level}" for level in range(1, 7))
#: A text without any of these has nothing that a gate could stop.
_TELLING = ("<img", "<svg", "<math", "<table", "<h", "<a ")

Colour = tuple[float, float, float]


def refusals(book: Book) -> tuple[Problem, ...]:
    """Return what stands against the claim; nothing: the claim may be made."""
    found = [*_levels(book)]
    for section in book.sections:
        for body in (section.body, *(note.body for note in section.notes)):
            if any(mark in body for mark in _TELLING):
                found += _faults(section, xhtml.parse_fragment(body))
    for style in book.settings.styles:
        found += _faint(style) if style.output != "print" else ()
    return tuple(found)


def _refused(section: Section, element: Element, fact: str, hint: str) -> Problem:
    lines = [line for line in (one.get("data-line") for one in _upward(element)) if line]
    return Problem(
        "refused-claim",
        Place(section.source, int(lines[0]) if lines else section.line),
        fact,
        hint,
        "warning",
    )


def _upward(element: Element) -> Iterator[Element]:
    yield element
    yield from element.iterancestors()


def _levels(book: Book) -> Iterator[Problem]:
    """Find headings that are two levels or more below what stands before them (WCAG 1.3.1)."""
    before = 0
    for section in book.sections:
        before = section.depth if section.title else before
        headings = (
            xhtml.elements(xhtml.parse_fragment(section.body), *_HEADINGS) if "<h" in section.body else ()
        )
        for heading in headings:
            level = int(xhtml.local_name(heading)[1])
            if level > before + 1:
                fact = f"the heading “{xhtml.words(heading).strip()}” skips a level: h{level} after h{before}"
                yield _refused(section, heading, fact, f"write h{before + 1}, or a heading between")
            before = level


def _faults(section: Section, body: Element) -> Iterator[Problem]:
    for element in body.iter(*_GATES):
        fault = _GATES[str(element.tag)](element)
        if fault:
            yield _refused(section, element, *fault)


def _image(image: Element) -> tuple[str, str] | None:
    if image.get("alt") or _is_ornament(image):
        return None
    return "an image has no alternative text", "write what it shows between the brackets, or as alt"


def _drawing(drawing: Element) -> tuple[str, str] | None:
    named = drawing.get("aria-label") or drawing.get("aria-labelledby")
    inside = next(drawing.iterancestors(f"{{{SVG}}}svg"), None) is not None
    if named or inside or _is_hidden(drawing) or drawing.find(f"{{{SVG}}}title") is not None:
        return None
    return "a drawing has no words", "give it a <title>"


def _formula(formula: Element) -> tuple[str, str] | None:
    return None if formula.get("alttext") else ("a formula has no words", "give it an alttext")


def _table(table: Element) -> tuple[str, str] | None:
    has_headers = next(xhtml.elements(table, "th"), None) is not None
    return None if has_headers else ("a table has no header cells", "give it a header row")


def _words(element: Element) -> tuple[str, str] | None:
    is_link = xhtml.local_name(element) == "a"
    if _says_something(element) or (is_link and "href" not in element.attrib):
        return None
    kind = "link" if is_link else "heading"
    return f"a {kind} has no words", "write words in it, or take it out"


#: Element → what is wrong with it and what to do, or nothing.
_GATES: dict[str, Callable[[Element], tuple[str, str] | None]] = {
    f"{{{xhtml.XHTML}}}img": _image,
    f"{{{SVG}}}svg": _drawing,
    MATH: _formula,
    f"{{{xhtml.XHTML}}}table": _table,
    f"{{{xhtml.XHTML}}}a": _words,
    **{f"{{{xhtml.XHTML}}}{heading}": _words for heading in _HEADINGS},
}


def _is_ornament(image: Element) -> bool:
    """Tell whether an empty alternative text is meant: outside of figures, or hidden on purpose."""
    in_figure = any(xhtml.local_name(parent) == "figure" for parent in image.iterancestors())
    return _is_hidden(image) or ("alt" in image.attrib and not in_figure)


def _is_hidden(element: Element) -> bool:
    return element.get("aria-hidden") == "true" or element.get("role") in ("presentation", "none")


def _says_something(element: Element) -> bool:
    spoken = (image.get("alt") for image in xhtml.elements(element, "img"))
    return bool(element.get("aria-label") or xhtml.letters(xhtml.words(element, ())) or any(spoken))


# --- contrast -----------------------------------------------------------------------------------------------


def _faint(style: Style) -> Iterator[Problem]:
    """Find rules whose colour of text is near the ground's: its own, else the white of a page by day."""
    import tinycss2  # noqa: PLC0415 - few books have styles of their own

    for rule in tinycss2.parse_stylesheet(style.css, skip_comments=True, skip_whitespace=True):
        if rule.type != "qualified-rule":
            continue
        colours = _colours(rule.content)
        if colours and contrast(colours.get("color", _BLACK), colours.get("background", _WHITE)) < _CONTRAST:
            selector = tinycss2.serialize(rule.prelude).strip()
            fact = f"“{selector}” sets text in a colour that is near its ground’s"
            hint = f"choose colours with a contrast of {_CONTRAST} to 1, or leave it to the reader"
            yield Problem("refused-claim", Place(style.source, rule.source_line), fact, hint, "warning")


def _colours(content: list[Any]) -> dict[str, Colour]:
    """Return the colours of the text and of the ground that a rule sets, opaque ones only."""
    import tinycss2  # noqa: PLC0415 - as above
    from tinycss2.color3 import RGBA, parse_color  # noqa: PLC0415 - as above

    found: dict[str, Colour] = {}
    for declaration in tinycss2.parse_blocks_contents(content):
        if declaration.type == "declaration" and declaration.lower_name in (
            "color",
            "background",
            "background-color",
        ):
            for token in declaration.value:
                colour = parse_color(token)
                if isinstance(colour, RGBA) and colour.alpha == 1:
                    found[declaration.lower_name.partition("-")[0]] = (colour.red, colour.green, colour.blue)
    return found


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    dark, light = sorted(map(_luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Colour) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
