"""Turns a book's print settings into a page: margins, text block on the line grid, the CSS that says so.

The measure comes first: about 64 characters (Bringhurst, The Elements of Typographic Style, 2.1.2), less on
a narrow page. What is left goes 43 : 57 to the inner and outer margin; the foot is a third deeper than the
head. No inner or top margin is under 14 mm.
"""

from __future__ import annotations

from collections.abc import Mapping

from publish.book import Design, Metadata, Print
from publish.pdf.sheets import Geometry

#: Points in a millimetre.
MM = 72 / 25.4
#: Design → line of its body, in points (the text block is a whole number of them), and the width of some 64
#: characters of its face, 68 of the manual's; no line should be much longer.
_LINES: Mapping[Design, float] = {"essay": 13.6, "novel": 14.0, "manual": 13.0}
_MEASURES: Mapping[Design, float] = {"essay": 300.0, "novel": 292.0, "manual": 330.0}
_SMALLEST, _LARGEST = 14 * MM, 28 * MM
#: How far pictures that bleed reach beyond the trimmed page: what printers ask for.
BLEED = 3 * MM
#: The caption of a picture that bleeds has so much of the page, in bottom margins; the picture ends above.
_CAPTION = 1.25


def geometry(settings: Print, metadata: Metadata) -> Geometry:
    """Return the page of a book, its text block a whole number of lines high."""
    width, height = (side * MM for side in settings.trim)
    own = settings.margins and tuple(margin * MM for margin in settings.margins)
    line = _LINES[settings.design]
    inner, top, outer, bottom = own or _margins(width, height, _MEASURES[settings.design])
    lines = max(1, round((height - top - bottom) / line))
    bottom = height - top - lines * line
    if bottom < 0:
        bottom += line
    return Geometry(width, height, inner, top, outer, bottom, metadata.direction == "rtl")


def _margins(width: float, height: float, measure: float) -> tuple[float, float, float, float]:
    sides = max(width - measure, 0.24 * width)
    inner = min(max(sides * 0.43, _SMALLEST), max(_LARGEST, sides * 0.43))
    outer = max(sides - inner, inner * 1.2)
    top = min(max(height * 0.095, _SMALLEST), _LARGEST)
    return inner, top, outer, top * 1.35


def page_rules(page: Geometry) -> str:
    """Return the CSS `@page` rules: every sheet is set as a recto; furniture also as a verso.

    The area for end notes, which WeasyPrint 70 fills on every page by default, stays empty: it costs 1 ms
    a page.
    """
    left, right = (page.outer, page.inner) if page.rtl else (page.inner, page.outer)
    size = f"size: {page.width:.3f}pt {page.height:.3f}pt"
    recto = f"margin: {page.top:.3f}pt {right:.3f}pt {page.bottom:.3f}pt {left:.3f}pt"
    verso = f"margin: {page.top:.3f}pt {left:.3f}pt {page.bottom:.3f}pt {right:.3f}pt"
    # what a turned page calls its top is the left of the sheet, and so on round
    turned = f"margin: {left:.3f}pt {page.top:.3f}pt {right:.3f}pt {page.bottom:.3f}pt"
    block = page.height - page.top - page.bottom
    notes = "@note-area { content: normal }"
    return (
        f"@page {{ {size}; {recto}; {notes} }}\n"
        f"@page verso {{ {verso} }}\n"
        f"@page turned {{ size: {page.height:.3f}pt {page.width:.3f}pt; {turned} }}\n"
        f".furniture, .whole-page {{ height: {block - 1:.3f}pt }}\n"
        # whatever a book's own style hides: the binder counts on a page for each piece
        ".furniture { display: block !important; break-before: page !important }\n"
        f"{_bleed_rules(page)}"
    )


def _bleed_rules(page: Geometry) -> str:
    """Return the CSS of a figure to the edges: it fills its page, or what the caption at the foot leaves."""
    picture, foot = page.height + 2 * BLEED, page.bottom * _CAPTION
    width, side = page.width + 2 * BLEED, (page.inner + page.outer) / 2
    return (
        f"@page bleed {{ margin: 0; bleed: {BLEED:.3f}pt }}\n"
        f"figure.full-bleed {{ height: {page.height - 1:.3f}pt }}\n"
        f"figure.full-bleed > img {{ left: -{BLEED:.3f}pt; top: -{BLEED:.3f}pt; width: {width:.3f}pt; "
        f"height: {picture:.3f}pt }}\n"
        f"figure.full-bleed:has(figcaption) > img {{ height: {picture - BLEED - foot:.3f}pt }}\n"
        f"figure.full-bleed > figcaption {{ left: {side:.3f}pt; right: {side:.3f}pt; "
        f"top: {page.height - foot:.3f}pt }}\n"
    )
