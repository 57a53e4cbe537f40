"""Sheet sets, put in order → one PDF 1.7 or 2.0 (ISO 32000) that declares what it is.

Pages get their furniture, versos are shifted, links lead to each other across sheet sets; fonts are
embedded by `embed`, the structure tree is written by `tag`.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, String

from publish.fonts import FontFace
from publish.pdf.attach import attach
from publish.pdf.embed import EmbeddedFonts
from publish.pdf.furniture import Furniture
from publish.pdf.geometry import BLEED
from publish.pdf.identity import Identity, identify
from publish.pdf.impose import PlacedPage, label_ranges
from publish.pdf.leaves import Leaves
from publish.pdf.sheets import ELSEWHERE, Geometry, SheetSet, Stretch
from publish.pdf.tag import tag

#: Points of white above the line that a link or an outline entry leads to.
_HEADROOM = 6
#: Annotation flag `Print` (PDF 1.7, 12.5.3): PDF/A asks that annotations be printed.
_PRINT = 4


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """One line of the outline: depth from 1, words, anchor."""

    depth: int
    title: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Assembly:
    """Everything that one bound book is made of, in order."""

    stretches: Sequence[Stretch]
    sets: Sequence[SheetSet]
    placed: Sequence[PlacedPage]
    furniture: Furniture
    geometry: Geometry
    outline: Sequence[OutlineEntry]
    identity: Identity
    #: The fonts that sheet sets name by their digests.
    faces: Sequence[FontFace]
    #: A file to embed; empty: none.
    attached: bytes = b""


def bind(assembly: Assembly) -> bytes:
    """Turn an assembly into the bytes of a tagged PDF."""
    return _Binder(assembly).bind()


class _Binder:
    """One binding: keeps the PDF under way and where everything of the sheet sets went."""

    def __init__(self, assembly: Assembly) -> None:
        self._book = assembly
        self._pdf = Pdf.new()
        self._fonts = EmbeddedFonts(self._pdf, assembly.faces)
        #: Links inside the book with their anchors.
        self._led: list[tuple[Object, str]] = []
        #: Anchor → structure element; empty before PDF 2.0.
        self._elements: dict[str, Object] = {}
        #: `StructParent` of a link → the entry of the contents that it stands in.
        self._entries: dict[int, Object] = {}
        #: Anchor → its stretch, and its spot there.
        self._spots = {
            anchor: (stretch, spot)
            for stretch, sheets in enumerate(assembly.sets)
            for anchor, spot in sheets.places.items()
        }

    def bind(self) -> bytes:
        self._leaves = self._add_pages()
        self._add_furniture()
        self._fonts.finish()
        for position in range(len(self._leaves.pages)):
            self._settle_links(position)
        trees = [
            (stretch, sheets.tree)
            for stretch, sheets in zip(self._book.stretches, self._book.sets, strict=True)
        ]
        is_pdf2 = self._book.identity.standard.is_pdf2
        tags = tag(self._pdf, trees, self._leaves, is_pdf2=is_pdf2)
        if is_pdf2:
            self._elements, self._entries = tags.places, tags.entries
            self._lead_to_elements()
        self._add_outline()
        self._add_labels()
        identify(self._pdf, self._book.identity)
        if self._book.attached:
            attach(self._pdf, self._book.attached, self._book.identity.date)
        return self._saved()

    def _saved(self) -> bytes:
        output = io.BytesIO()
        streams = pikepdf.ObjectStreamMode.generate
        version = "2.0" if self._book.identity.standard.is_pdf2 else "1.7"
        self._pdf.save(output, deterministic_id=True, object_stream_mode=streams, min_version=version)
        return output.getvalue()

    # Pages

    def _add_pages(self) -> Leaves:
        opened = [self._open(sheets) for sheets in self._book.sets]
        sources = [list(source.pages) for source in opened]
        width, height = round(self._book.geometry.width, 3), round(self._book.geometry.height, 3)
        for place in self._book.placed:
            if place.stretch is None:
                self._pdf.add_blank_page(page_size=(width, height))
            else:
                self._pdf.pages.append(sources[place.stretch][place.page])
        leaves = Leaves(self._pdf, self._book.placed, self._book.geometry)
        size = Array([0, 0, width, height])
        for place, page in zip(self._book.placed, leaves.pages, strict=True):
            if place.stretch is not None and place.page == 0:
                self._fonts.give(page.Resources, self._book.sets[place.stretch].fonts)
            page.MediaBox = page.TrimBox = size
            page.Tabs = Name.S
            if Name.BleedBox in page:
                del page.BleedBox
            if place.bleeds:
                page.MediaBox = page.BleedBox = _with_bleed(width, height)
                page.CropBox = size
        return leaves

    def _open(self, sheets: SheetSet) -> Pdf:
        source = Pdf.open(io.BytesIO(sheets.pdf))
        self._fonts.take(source, sheets.fonts)
        if b"/Interpolate" in sheets.pdf:
            _draw_pixels_as_they_are(source)
        return source

    def _add_furniture(self) -> None:
        sheets = self._book.furniture.sheets
        source = self._open(sheets)
        forms = [self._pdf.copy_foreign(page.as_form_xobject()) for page in source.pages]
        self._fonts.give(forms[0].Resources, sheets.fonts)
        for position, place in enumerate(self._book.placed):
            if place.stretch is not None:
                drawn = self._book.furniture.of(self._book.stretches[place.stretch], place)
                self._draw(position, [(forms[number], right) for number, right in drawn])

    def _draw(self, position: int, forms: Sequence[tuple[Object, float]]) -> None:
        """Shift a verso's text block to its side, and add the furniture, each piece with its own shift.

        Furniture is a pagination artifact (PDF 1.7, 14.8.2.2): a screen reader leaves it out.
        """
        page = self._pdf.pages[position]
        shift = self._leaves.shift(position)
        page.contents_add(f"q 1 0 0 1 {shift:.3f} 0 cm\n".encode(), prepend=True)
        operators = ["Q"]
        # A sheet set's pages share their resources: these are the page's own from here on.
        resources = page.obj.Resources = Dictionary(dict(page.obj.Resources.items()))
        resources.XObject = Dictionary(dict(resources.get(Name.XObject, Dictionary()).items()))
        for form, right in forms:
            name = f"/Furniture{form.objgen[0]}"
            resources.XObject[name] = form
            drawing = f"q 1 0 0 1 {right:.3f} 0 cm {name} Do Q"
            operators += ["/Artifact <</Type /Pagination>> BDC", drawing, "EMC"]
        page.contents_add("\n".join(operators).encode(), prepend=False)

    # Links

    def _settle_links(self, position: int) -> None:
        """Move a page's annotations with its text block, and lead its links to their places in the book."""
        place, page = self._book.placed[position], self._leaves.pages[position]
        shift = self._leaves.shift(position)
        for index, annotation in enumerate(page.get(Name.Annots, ())):
            left, bottom, right, top = (float(value) for value in annotation.Rect)
            corners = left + shift, min(bottom, top), right + shift, max(bottom, top)
            annotation.Rect = Array([round(value, 3) for value in corners])
            annotation.F = _PRINT
            if place.stretch is not None:
                self._leaves.annotations[place.stretch, place.page, index] = annotation
            self._lead(annotation)

    def _lead(self, annotation: Object) -> None:
        """Give a link inside the book its destination, and the words that PDF/UA asks for (7.18.5)."""
        target = ""
        if Name.Dest in annotation:
            target = str(annotation.Dest)
        elif Name.A in annotation and str(annotation.A.get(Name.URI, "")).startswith(ELSEWHERE):
            target = unquote(str(annotation.A.URI).removeprefix(ELSEWHERE))
            del annotation.A
        if target in self._spots:  # a style may hide it: completeness tells of that
            self._led.append((annotation, target))
            annotation.Dest = self._destination(target)
            annotation.Contents = String(str(self._book.placed[self._position(target)].label))

    def _position(self, anchor: str) -> int:
        stretch, spot = self._spots[anchor]
        return self._leaves.position(stretch, spot.page)

    def _destination(self, anchor: str) -> Array:
        position, (_, spot) = self._position(anchor), self._spots[anchor]
        left = round(spot.x + self._leaves.shift(position), 2)
        top = round(min(spot.y + _HEADROOM, self._book.geometry.height), 2)
        return Array([self._leaves.pages[position], Name.XYZ, left, top, 0])

    def _lead_to_elements(self) -> None:
        """Let links lead to structure elements, as PDF/UA-2 wants it (ISO 14289-2, 8.8)."""
        for annotation, anchor in self._led:
            del annotation.Dest
            annotation.A = self._action(anchor)
            if (entry := self._entries.get(int(annotation.StructParent))) is not None:
                entry.Ref = Array([self._elements[anchor]])

    def _action(self, anchor: str) -> Dictionary:
        """Return the action of going to an anchor's place, and to its structure element."""
        place = self._destination(anchor)
        element = Array([self._elements[anchor], *list(place)[1:]])
        return Dictionary(S=Name.GoTo, D=place, SD=element)

    # Navigation

    def _add_outline(self) -> None:
        entries = [entry for entry in self._book.outline if entry.anchor in self._spots]
        with self._pdf.open_outline() as outline:
            levels: list[list[pikepdf.OutlineItem]] = [outline.root]
            for entry in entries:
                del levels[max(1, entry.depth) :]
                item = self._outline_item(entry)
                item.is_closed = entry.depth > 1
                levels[-1].append(item)
                levels.append(item.children)
        if entries:
            self._pdf.Root.PageMode = Name.UseOutlines

    def _outline_item(self, entry: OutlineEntry) -> pikepdf.OutlineItem:
        if self._elements:
            return pikepdf.OutlineItem(entry.title, action=self._action(entry.anchor))
        return pikepdf.OutlineItem(entry.title, self._destination(entry.anchor))

    def _add_labels(self) -> None:
        ranges = label_ranges(self._book.placed)
        numbers = [(position, Dictionary(S=Name(f"/{style}"), St=first)) for position, style, first in ranges]
        self._pdf.Root.PageLabels = Dictionary(Nums=Array([value for pair in numbers for value in pair]))


def _with_bleed(width: float, height: float) -> Array:
    """Return the box around a trimmed page in which a printer finds what bleeds."""
    return Array([-round(BLEED, 3), -round(BLEED, 3), round(width + BLEED, 3), round(height + BLEED, 3)])


def _draw_pixels_as_they_are(source: Pdf) -> None:
    """Ask for no smoothing of images: PDF/A forbids it (ISO 19005-2, 6.2.8)."""
    for drawn in source.objects:
        if isinstance(drawn, pikepdf.Stream) and Name.Interpolate in drawn:
            del drawn.Interpolate
