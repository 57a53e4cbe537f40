"""Sheet sets, put in order → one PDF 1.7 or 2.0 (ISO 32000) that declares what it is.

Pages get their furniture, versos are shifted, links lead to each other across sheet sets; fonts are
embedded by `embed`, the structure tree is written by `tag`. Where a book was bound before and little of it
changed, `rebind` takes the rest as it was.
"""

from __future__ import annotations

import io
import zlib

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf

from publish.pdf.assembly import Assembly, OutlineEntry
from publish.pdf.attach import attach
from publish.pdf.embed import EmbeddedFonts
from publish.pdf.identity import identify
from publish.pdf.impose import label_ranges
from publish.pdf.leaves import FORM, Dress, Leaves, dress, opened, trim
from publish.pdf.links import Links
from publish.pdf.sheets import SheetSet
from publish.pdf.streams import packed_stream
from publish.pdf.tag import tag


def bind(assembly: Assembly) -> bytes:
    """Turn an assembly into the bytes of a tagged PDF."""
    return _Binder(assembly).bind()


def saved(pdf: Pdf, *, is_pdf2: bool) -> bytes:
    """Return the bytes of a bound book: always the same ones, however it came about."""
    if Name.ID in pdf.trailer:
        del pdf.trailer.ID
    output = io.BytesIO()
    streams = pikepdf.ObjectStreamMode.generate
    version = "2.0" if is_pdf2 else "1.7"
    pdf.save(output, deterministic_id=True, object_stream_mode=streams, min_version=version)
    return output.getvalue()


class _Binder:
    """One binding: keeps the PDF under way and where everything of the sheet sets went."""

    def __init__(self, assembly: Assembly) -> None:
        self._book = assembly
        self._pdf = Pdf.new()
        self._fonts = EmbeddedFonts(self._pdf, assembly.faces)
        #: Points that a page is shifted by → the stream that does it.
        self._shifts: dict[tuple[float, float], Object] = {}
        #: Anchor → structure element; empty before PDF 2.0.
        self._elements: dict[str, Object] = {}

    def bind(self) -> bytes:
        self._leaves = self._add_pages()
        self._links = Links(self._book, self._leaves)
        self._add_furniture()
        self._fonts.finish()
        for position in range(len(self._leaves.pages)):
            self._links.settle(position)
        trees = [
            (stretch, sheets.tree)
            for stretch, sheets in zip(self._book.stretches, self._book.sets, strict=True)
        ]
        is_pdf2 = self._book.identity.standard.is_pdf2
        tags = tag(self._pdf, trees, self._leaves, is_pdf2=is_pdf2)
        if is_pdf2:
            self._elements = tags.places
            self._lead_to_elements(tags.entries)
        self._add_outline()
        self._add_labels()
        identify(self._pdf, self._book.identity)
        if self._book.attached:
            attach(self._pdf, self._book.attached, self._book.identity.date)
        return saved(self._pdf, is_pdf2=is_pdf2)

    # Pages

    def _add_pages(self) -> Leaves:
        opened_sets = [self._open(sheets) for sheets in self._book.sets]  # they must outlive their pages
        sources = [list(source.pages) for source in opened_sets]
        geometry = self._book.geometry
        for place in self._book.placed:
            if place.stretch is None:
                self._pdf.add_blank_page(page_size=(round(geometry.width, 3), round(geometry.height, 3)))
            else:
                self._pdf.pages.append(sources[place.stretch][place.page])
        leaves = Leaves(self._pdf, self._book.placed, geometry)
        for place, page in zip(self._book.placed, leaves.pages, strict=True):
            if place.stretch is None:
                del page.Contents  # an empty stream
            elif place.page == 0:
                self._fonts.give(page.Resources, self._book.sets[place.stretch].fonts)
            trim(page, place, geometry)
        return leaves

    def _open(self, sheets: SheetSet) -> Pdf:
        source = opened(sheets)
        self._fonts.take(source, sheets.fonts)
        return source

    def _add_furniture(self) -> None:
        """Shift versos' text blocks to their side, and draw each piece of furniture, with its own shift."""
        sheets = self._book.furniture.sheets
        source = self._open(sheets)
        forms = [self._pdf.copy_foreign(page.as_form_xobject()) for page in source.pages]
        for form in forms:
            form.write(zlib.compress(form.read_bytes()), filter=Name.FlateDecode)
        self._fonts.give(forms[0].Resources, sheets.fonts)
        for position, place in enumerate(self._book.placed):
            if place.stretch is not None:
                drawn = self._book.furniture.of(self._book.stretches[place.stretch], place)
                named = {f"{FORM}{number}": forms[number] for number, _ in drawn}
                behind = packed_stream(self._pdf, _drawing(drawn))
                dressing = Dress(self._shifted(self._leaves.shift(position)), behind, named)
                dress(self._leaves.pages[position], dressing)

    def _shifted(self, shift: tuple[float, float]) -> Object:
        if shift not in self._shifts:
            right, up = shift
            self._shifts[shift] = packed_stream(self._pdf, f"q 1 0 0 1 {right:.3f} {up:.3f} cm\n".encode())
        return self._shifts[shift]

    # Links

    def _lead_to_elements(self, entries: dict[int, Object]) -> None:
        """Let links lead to structure elements, as PDF/UA-2 wants it (ISO 14289-2, 8.8)."""
        for annotation, anchor in self._links.led:
            del annotation.Dest
            annotation.A = self._action(anchor)
            if (entry := entries.get(int(annotation.StructParent))) is not None:
                entry.Ref = Array([self._elements[anchor]])

    def _action(self, anchor: str) -> Dictionary:
        """Return the action of going to an anchor's place, and to its structure element."""
        place = self._links.destination(anchor)
        element = Array([self._elements[anchor], *list(place)[1:]])
        return Dictionary(S=Name.GoTo, D=place, SD=element)

    # Navigation

    def _add_outline(self) -> None:
        entries = [entry for entry in self._book.outline if entry.anchor in self._links]
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
        return pikepdf.OutlineItem(entry.title, self._links.destination(entry.anchor))

    def _add_labels(self) -> None:
        ranges = label_ranges(self._book.placed)
        numbers = [(position, Dictionary(S=Name(f"/{style}"), St=first)) for position, style, first in ranges]
        self._pdf.Root.PageLabels = Dictionary(Nums=Array([value for pair in numbers for value in pair]))


def _drawing(forms: list[tuple[int, float]]) -> bytes:
    """Return what draws furniture, each piece shifted right by points.

    It is a pagination artifact (PDF 1.7, 14.8.2.2): a screen reader leaves it out.
    """
    operators = ["Q"]
    for number, right in forms:
        drawing = f"q 1 0 0 1 {right:.3f} 0 cm {FORM}{number} Do Q"
        operators += ["/Artifact <</Type /Pagination>> BDC", drawing, "EMC"]
    return "\n".join(operators).encode()
