"""Formulas of documents → pictures, for readers that know no MathML.

A picture is a PNG in greys on white, sized and set on the line in ems, with the LaTeX as its words: such
readers draw neither SVG with references in it nor, Kindle, anything transparent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from posixpath import dirname, relpath

from publish import compose, xhtml
from publish.xhtml import MATH, XHTML, Element

#: Pixels that a picture's em has: three for each of a telephone's.
_EM = 48
#: Those around a formula that is scrolled: a picture shrinks instead, and keys need not reach it.
_SCROLLED = frozenset({"formula", "long-formula"})


@dataclass(frozen=True, slots=True)
class Picture:
    """A formula as a picture."""

    png: bytes
    #: CSS: how wide it is, and how far it reaches below the line.
    style: str


def draw_formulas(documents: Mapping[str, Element], folder: str) -> dict[str, bytes]:
    """Put pictures in the place of the formulas of documents, by their full names; return full name → PNG.

    What can't be drawn stays MathML.
    """
    pictures: dict[str, bytes] = {}
    for path, html in documents.items():
        for formula in list(html.iter(MATH)):
            tail, formula.tail = formula.tail, None
            made = _picture(xhtml.serialize_xml(formula).decode())
            formula.tail = tail
            if made is None:
                continue
            name = f"{folder}/formula-{sha256(made.png).hexdigest()[:16]}.png"
            pictures[name] = made.png
            _replace(formula, relpath(name, dirname(path)), made.style)
    return pictures


def _replace(formula: Element, address: str, style: str) -> None:
    parent = formula.getparent()
    if parent is None:
        return
    kept = {name: value for name in ("id", "lang") if (value := formula.get(name))}
    attributes = {"src": address, "alt": formula.get("alttext") or "", "style": style, **kept}
    image = parent.makeelement(f"{{{XHTML}}}img", attributes)
    image.tail = formula.tail
    parent.replace(formula, image)
    if xhtml.classes(parent) & _SCROLLED:
        parent.attrib.pop("tabindex", None)


@cache
def _picture(element: str) -> Picture | None:
    """Draw a `math` element; the readers of one build share what is drawn."""
    from publish import formulas  # noqa: PLC0415 - only a book with formulas loads its engines

    try:
        made = formulas.drawing(element)
    except formulas.FormulaError:
        return None
    png = compose.raster(made.svg, max(1, round(made.width * _EM)))
    return Picture(png, f"width: {made.width:.3f}em; vertical-align: {-made.depth:.3f}em")
