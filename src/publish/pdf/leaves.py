"""The bound pages, and where everything of the sheet sets stands in them."""

from __future__ import annotations

from collections.abc import Sequence

from pikepdf import Object, Pdf

from publish.pdf.impose import PlacedPage
from publish.pdf.sheets import Geometry


class Leaves:
    """Leads from a page of a sheet set to its page in the bound book."""

    def __init__(self, pdf: Pdf, placed: Sequence[PlacedPage], geometry: Geometry) -> None:
        """Take a PDF whose pages are in the order of `placed`."""
        #: The pages' dictionaries: pikepdf's own list takes some 80 µs a look-up.
        self.pages: list[Object] = [page.obj for page in pdf.pages]
        #: (stretch, page, index of the annotation) → the bound annotation.
        self.annotations: dict[tuple[int, int, int], Object] = {}
        self._shifts = [geometry.verso_shift if page.verso and not page.bleeds else 0.0 for page in placed]
        self._positions = {
            (page.stretch, page.page): position
            for position, page in enumerate(placed)
            if page.stretch is not None
        }

    def position(self, stretch: int, page: int) -> int:
        """Return where a page of a stretch stands in the book, from 0."""
        return self._positions[stretch, page]

    def shift(self, position: int) -> float:
        """Return how far to the right everything of a page is moved, in points: versos mirror rectos."""
        return self._shifts[position]
