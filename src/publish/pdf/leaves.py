"""The bound pages: how each is trimmed and dressed, and where everything of the sheet sets stands in them."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf

from publish.pdf.geometry import BLEED
from publish.pdf.impose import PlacedPage
from publish.pdf.sheets import Geometry, SheetSet

#: How the names of furniture in a page's resources begin.
FORM = "/Furniture"
#: How a page is shown whose text runs upwards: turned clockwise, in degrees (PDF 1.7, table 30).
_UPWARDS = 270


class Leaves:
    """Leads from a page of a sheet set to its page in the bound book."""

    def __init__(self, pdf: Pdf, placed: Sequence[PlacedPage], geometry: Geometry) -> None:
        """Take a PDF whose pages are in the order of `placed`."""
        #: The pages' dictionaries: pikepdf's own list takes some 80 µs a look-up.
        self.pages: list[Object] = list(pdf.Root.Pages.Kids)
        #: (stretch, page, index of the annotation) → the bound annotation.
        self.annotations: dict[tuple[int, int, int], Object] = {}
        self._shifts = [_shift(page, geometry) for page in placed]
        #: Stretch → the positions of its pages, in order.
        self._positions: dict[int, list[int]] = {}
        for position, page in enumerate(placed):
            if page.stretch is not None:
                self._positions.setdefault(page.stretch, []).append(position)

    def position(self, stretch: int, page: int) -> int:
        """Return where a page of a stretch stands in the book, from 0."""
        return self._positions[stretch][page]

    def of_stretch(self, stretch: int) -> Sequence[int]:
        """Return the positions of a stretch's pages, in order."""
        return self._positions[stretch]

    def shift(self, position: int) -> tuple[float, float]:
        """Return how far to the right and up all of a page is moved, in points: versos mirror rectos."""
        return self._shifts[position]


def _shift(page: PlacedPage, geometry: Geometry) -> tuple[float, float]:
    """Return by what a page is moved; where it is turned, the right of its sheet is down."""
    if not page.verso or page.bleeds:
        return 0.0, 0.0
    return (0.0, -geometry.verso_shift) if page.turned else (geometry.verso_shift, 0.0)


@dataclass(frozen=True, slots=True)
class Dress:
    """What is drawn around the content of a page: the streams before and behind it, and what they draw."""

    before: Object
    behind: Object
    forms: Mapping[str, Object]


def opened(sheets: SheetSet) -> Pdf:
    """Open a sheet set, its images drawn as they are."""
    source = Pdf.open(io.BytesIO(sheets.pdf))
    if b"/Interpolate" in sheets.pdf:
        _draw_pixels_as_they_are(source)
    return source


def trim(page: Object, place: PlacedPage, geometry: Geometry) -> None:
    """Give a page its boxes, and the order in which one steps through its links."""
    width, height = round(geometry.width, 3), round(geometry.height, 3)
    size = Array([0, 0, width, height])
    page.MediaBox = page.TrimBox = size
    if place.turned:
        page.MediaBox = page.TrimBox = Array([0, 0, height, width])
        page.Rotate = _UPWARDS
    page.Tabs = Name.S
    if Name.BleedBox in page:
        del page.BleedBox
    if place.bleeds:
        page.MediaBox = page.BleedBox = _with_bleed(width, height)
        page.CropBox = size


def dress(page: Object, dressing: Dress) -> None:
    """Draw on a page what stands around its content.

    The pages of a sheet set share their resources: these are the page's own from here on.
    """
    page.Contents = Array([dressing.before, *contents(page), dressing.behind])
    resources = page.Resources = Dictionary(dict(page.Resources.items()))
    drawn = dict(resources.get(Name.XObject, Dictionary()).items())
    resources.XObject = Dictionary(drawn | dict(dressing.forms))


def contents(page: Object) -> list[Object]:
    """Return the content streams of a page: it has one, or several, or none."""
    content = page.get(Name.Contents, Array())
    return [content] if isinstance(content, pikepdf.Stream) else list(content)


def _with_bleed(width: float, height: float) -> Array:
    """Return the box around a trimmed page in which a printer finds what bleeds."""
    return Array([-round(BLEED, 3), -round(BLEED, 3), round(width + BLEED, 3), round(height + BLEED, 3)])


def _draw_pixels_as_they_are(source: Pdf) -> None:
    """Ask for no smoothing of images: PDF/A forbids it (ISO 19005-2, 6.2.8)."""
    for drawn in source.objects:
        if isinstance(drawn, pikepdf.Stream) and Name.Interpolate in drawn:
            del drawn.Interpolate
