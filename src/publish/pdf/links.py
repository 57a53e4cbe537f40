"""Links of bound pages: each leads to its place in the book, whichever sheet set that is in."""

from __future__ import annotations

from urllib.parse import unquote

from pikepdf import Array, Name, Object, String

from publish.pdf.assembly import Assembly
from publish.pdf.leaves import Leaves
from publish.pdf.sheets import ELSEWHERE

#: Points of white above the line that a link or an outline entry leads to.
_HEADROOM = 6
#: Annotation flag `Print` (PDF 1.7, 12.5.3): PDF/A asks that annotations be printed.
_PRINT = 4


class Links:
    """Settles the links of pages, once the pages are bound."""

    def __init__(self, book: Assembly, leaves: Leaves) -> None:
        """Take the bound pages of a book."""
        self._book, self._leaves = book, leaves
        self._spots = book.spots()
        #: Links inside the book with their anchors.
        self.led: list[tuple[Object, str]] = []

    def __contains__(self, anchor: str) -> bool:
        """Tell whether an anchor was drawn: a style may hide one, and completeness tells of that."""
        return anchor in self._spots

    def settle(self, position: int) -> None:
        """Move a page's annotations with its text block, and lead its links to their places in the book."""
        place, page = self._book.placed[position], self._leaves.pages[position]
        along, up = self._leaves.shift(position)
        for index, annotation in enumerate(page.get(Name.Annots, ())):
            left, bottom, right, top = (float(value) for value in annotation.Rect)
            corners = left + along, min(bottom, top) + up, right + along, max(bottom, top) + up
            annotation.Rect = Array([round(value, 3) for value in corners])
            annotation.F = _PRINT
            if place.stretch is not None:
                self._leaves.annotations[place.stretch, place.page, index] = annotation
            self._lead(annotation)

    def destination(self, anchor: str) -> Array:
        """Return the place of an anchor as a PDF has it (PDF 1.7, 12.3.2.2)."""
        position, (_, spot) = self._position(anchor), self._spots[anchor]
        right, up = self._leaves.shift(position)
        left = round(spot.x + right, 2)
        top = round(min(spot.y + up + _HEADROOM, self._book.geometry.height), 2)
        return Array([self._leaves.pages[position], Name.XYZ, left, top, 0])

    def _lead(self, annotation: Object) -> None:
        """Give a link inside the book its destination, and the words that PDF/UA asks for (7.18.5)."""
        target = ""
        if Name.Dest in annotation:
            target = str(annotation.Dest)
        elif Name.A in annotation and str(annotation.A.get(Name.URI, "")).startswith(ELSEWHERE):
            target = unquote(str(annotation.A.URI).removeprefix(ELSEWHERE))
            del annotation.A
        if target in self:
            self.led.append((annotation, target))
            annotation.Dest = self.destination(target)
            annotation.Contents = String(str(self._book.placed[self._position(target)].label))

    def _position(self, anchor: str) -> int:
        stretch, spot = self._spots[anchor]
        return self._leaves.position(stretch, spot.page)
