"""Raises figures from the foot of a page, where the engine sets what floats, to its head.

WeasyPrint 70 has no page floats but notes (its issue 259). A figure for the head of a page is laid out as a
note: that keeps its height free at the foot, or moves it to the next page if there is no room. Then the text
goes down by that height and the figure up. Works on the box tree, a private interface, as `reading` does.
"""

from __future__ import annotations

import math
from typing import Any

from publish.pdf.structure import class_names

Box = Any  # WeasyPrint's boxes have no public types

FLOATED = "floated"


def is_floated(box: Box) -> bool:
    """Tell whether a box is a figure that floats to the head of its page."""
    return box.element is not None and FLOATED in class_names(box.element)


def raise_figures(page: Box) -> None:
    """Move the figures among a page's notes to its head; a laid-out page is changed in its place.

    Nothing stands above the title of a chapter: there they stay at the foot, above the notes.
    """
    area = next((box for box in page.children if type(box).__name__ == "FootnoteAreaBox"), None)
    figures = [box for box in area.children if is_floated(box)] if area else []
    if area is None or not figures:
        return
    root, alone = page.children[0], len(figures) == len(area.children)
    height = sum(figure.margin_height() for figure in figures)
    if _opens(root):
        below = area.position_y + area.margin_height() - height + figures[-1].margin_bottom
        top = below if alone else area.position_y + area.margin_top
    else:
        top = page.content_box_y()
        foot = area.position_y + (area.margin_height() if alone else height)
        down = _on_the_grid(height, foot - _bottom(root), root.style["line_height"][0])
        root.translate(dy=down, ignore_floats=False)
    _close_up(area, height)
    for figure in figures:
        figure.translate(dx=0, dy=top - figure.position_y)
        top += figure.margin_height()
    root.children = [*figures, *root.children]
    if alone:
        page.children = tuple(box for box in page.children if box is not area)


def _opens(root: Box) -> bool:
    """Tell whether a chapter begins on a page."""
    elements = (box.element for box in root.descendants() if box.element is not None)
    return any("opening" in class_names(element) for element in elements)


def _on_the_grid(height: float, room: float, line: float) -> float:
    """Return how far the text goes down: by whole lines where there is room for that."""
    lines = math.ceil(height / line) * line if line > 0 else height
    return lines if lines <= room else height


def _bottom(root: Box) -> float:
    """Return where a page's text ends."""
    lines = (box for box in root.descendants() if type(box).__name__ == "LineBox")
    return float(max((box.position_y + box.height for box in lines), default=root.position_y))


def _close_up(area: Box, height: float) -> None:
    """Leave a page's notes at its foot, without the figures' height."""
    above = 0.0
    kept: list[Box] = []
    for box in reversed(area.children):
        if is_floated(box):
            above += box.margin_height()
        else:
            box.translate(dx=0, dy=above)
            kept.insert(0, box)
    area.children = kept
    area.position_y += height
    area.height -= height
