"""Binds sheet sets into one PDF; the one owner of pikepdf.

Pages are put in order with their furniture, links lead to each other across sheet sets, each font file is
embedded once, and the structure trees become one. PDF 1.7 (ISO 32000-1); PDF/UA-1 (ISO 14289-1).
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, String

from publish.fonts import FontFace
from publish.pdf.furniture import Furniture
from publish.pdf.impose import PlacedPage, label_ranges
from publish.pdf.sheets import (
    ELSEWHERE,
    FontUse,
    Geometry,
    LinkAnnotation,
    MarkedContent,
    Node,
    SheetSet,
    Stretch,
    digest,
)


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """One line of the outline: depth from 1, words, anchor."""

    depth: int
    title: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Identity:
    """What the PDF says of itself."""

    title: str
    authors: tuple[str, ...]
    language: str
    description: str
    keywords: tuple[str, ...]
    producer: str
    #: `D:YYYYMMDDHHMMSSZ` and its XMP form.
    pdf_date: str
    xmp_date: str
    rtl: bool


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


def bind(assembly: Assembly) -> bytes:
    """Turn an assembly into the bytes of a tagged PDF 1.7 that declares PDF/UA-1."""
    return _Binder(assembly).bind()


class _Binder:
    """One binding: keeps the PDF under way and where everything of the sheet sets went."""

    def __init__(self, assembly: Assembly) -> None:
        self.book = assembly
        self.pdf = Pdf.new()
        self.fonts = _Fonts(self.pdf, assembly.faces)
        #: (stretch, page) → position in the bound book.
        self.positions = {
            (p.stretch, p.page): i for i, p in enumerate(assembly.placed) if p.stretch is not None
        }
        self.spots = {
            anchor: (index, spot)
            for index, sheets in enumerate(assembly.sets)
            for anchor, spot in sheets.places.items()
        }
        #: (stretch, page, index of the annotation) → the bound annotation.
        self.annotations: dict[tuple[int, int, int], Object] = {}
        #: The bound pages' dictionaries: pikepdf's own list takes some 80 µs a look-up.
        self.pages: list[Object] = []

    def bind(self) -> bytes:
        self._add_pages()
        self._add_furniture()
        self.fonts.finish()
        for position, page in enumerate(self.pages):
            self._settle(position, page)
        self._add_structure()
        self._add_outline()
        self._add_labels()
        self._identify()
        output = io.BytesIO()
        self.pdf.save(
            output,
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            min_version="1.7",
        )
        return output.getvalue()

    # Pages

    def _add_pages(self) -> None:
        opened = [self._open(sheets) for sheets in self.book.sets]
        sources = [list(source.pages) for source in opened]
        size = Array([0, 0, round(self.book.geometry.width, 3), round(self.book.geometry.height, 3)])
        for place in self.book.placed:
            if place.stretch is None:
                self.pdf.add_blank_page(page_size=(float(size[2]), float(size[3])))
            else:
                self.pdf.pages.append(sources[place.stretch][place.page])
        self.pages = [page.obj for page in self.pdf.pages]
        for place, page in zip(self.book.placed, self.pages, strict=True):
            if place.stretch is not None and place.page == 0:
                self.fonts.give(page.Resources, self.book.sets[place.stretch].fonts)
            page.MediaBox = page.TrimBox = size
            page.Tabs = Name.S
            if Name.BleedBox in page:
                del page.BleedBox

    def _open(self, sheets: SheetSet) -> Pdf:
        source = Pdf.open(io.BytesIO(sheets.pdf))
        self.fonts.take(source, sheets.fonts)
        return source

    def _add_furniture(self) -> None:
        sheets = self.book.furniture.sheets
        source = self._open(sheets)
        forms = [self.pdf.copy_foreign(page.as_form_xobject()) for page in source.pages]
        self.fonts.give(forms[0].Resources, sheets.fonts)
        for position, place in enumerate(self.book.placed):
            if place.stretch is not None:
                drawn = self.book.furniture.of(self.book.stretches[place.stretch], place)
                self._draw(position, [(forms[number], shift) for number, shift in drawn])

    def _draw(self, position: int, forms: Sequence[tuple[Object, float]]) -> None:
        """Shift a verso's text block to its side, and add the furniture as pagination artifacts (PDF 1.7, 14.8.2.2)."""
        page = self.pdf.pages[position]
        shift = self.shift(position)
        page.contents_add(f"q 1 0 0 1 {shift:.3f} 0 cm\n".encode(), prepend=True)
        operators = ["Q"]
        resources = page.obj.Resources = Dictionary(page.obj.Resources)
        resources.XObject = Dictionary(resources.get(Name.XObject, {}))
        for form, right in forms:
            name = f"/Furniture{form.objgen[0]}"
            resources.XObject[name] = form
            operators += [
                "/Artifact <</Type /Pagination>> BDC",
                f"q 1 0 0 1 {right:.3f} 0 cm {name} Do Q",
                "EMC",
            ]
        page.contents_add("\n".join(operators).encode(), prepend=False)

    def shift(self, position: int) -> float:
        """Return how far to the right everything of a page is moved, in points: versos mirror rectos."""
        return self.book.geometry.verso_shift if self.book.placed[position].verso else 0.0

    # Links

    def _settle(self, position: int, page: Object) -> None:
        """Move a page's annotations with its text block, and lead its links to their places in the book."""
        place = self.book.placed[position]
        shift = self.shift(position)
        for index, annotation in enumerate(page.get(Name.Annots, ())):
            left, bottom, right, top = (float(value) for value in annotation.Rect)
            annotation.Rect = Array(
                [round(v, 3) for v in (left + shift, min(bottom, top), right + shift, max(bottom, top))]
            )
            annotation.F = 4  # Print: PDF/A asks that annotations be printed
            if place.stretch is not None:
                self.annotations[place.stretch, place.page, index] = annotation
            self._lead(annotation)

    def _lead(self, annotation: Object) -> None:
        target = ""
        if Name.Dest in annotation:
            target = str(annotation.Dest)
        elif Name.A in annotation and str(annotation.A.get(Name.URI, "")).startswith(ELSEWHERE):
            target = str(annotation.A.URI).removeprefix(ELSEWHERE)
            del annotation.A
        if target:
            annotation.Dest = self._destination(target)
            annotation.Contents = String(self._words(target))

    def _words(self, anchor: str) -> str:
        index, spot = self.spots[anchor]
        return f"p. {self.book.placed[self.positions[index, spot.page]].label}"

    def _destination(self, anchor: str) -> Array:
        index, spot = self.spots[anchor]
        position = self.positions[index, spot.page]
        return Array(
            [
                self.pages[position],
                Name.XYZ,
                round(spot.x + self.shift(position), 2),
                round(min(spot.y + 6, self.book.geometry.height), 2),
                0,
            ]
        )

    # Structure

    def _add_structure(self) -> None:
        self.pdf.Root.StructTreeRoot = _StructureWriter(self).write()
        self.pdf.Root.MarkInfo = Dictionary(Marked=True)

    # Navigation

    def _add_outline(self) -> None:
        entries = [entry for entry in self.book.outline if entry.anchor in self.spots]
        with self.pdf.open_outline() as outline:
            levels: list[list[pikepdf.OutlineItem]] = [outline.root]
            for entry in entries:
                del levels[max(1, entry.depth) :]
                item = pikepdf.OutlineItem(entry.title, self._destination(entry.anchor))
                item.is_closed = entry.depth > 1
                levels[-1].append(item)
                levels.append(item.children)
        if entries:
            self.pdf.Root.PageMode = Name.UseOutlines

    def _add_labels(self) -> None:
        numbers = Array()
        for position, style, first in label_ranges(self.book.placed):
            numbers.extend([position, Dictionary(S=Name(f"/{style}"), St=first)])
        self.pdf.Root.PageLabels = Dictionary(Nums=numbers)

    def _identify(self) -> None:
        identity = self.book.identity
        root = self.pdf.Root
        root.Lang = String(identity.language)
        root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
        if identity.rtl:
            root.ViewerPreferences.Direction = Name.R2L
        root.PageLayout = Name.TwoPageRight
        info = self.pdf.docinfo
        info.Title, info.Producer, info.Creator = identity.title, identity.producer, identity.producer
        info.CreationDate = info.ModDate = identity.pdf_date
        if identity.authors:
            info.Author = ", ".join(identity.authors)
        if identity.description:
            info.Subject = identity.description
        if identity.keywords:
            info.Keywords = ", ".join(identity.keywords)
        root.Metadata = self.pdf.make_stream(xmp(identity).encode(), Type=Name.Metadata, Subtype=Name.XML)


class _Fonts:
    """The fonts of all sheet sets: each file embedded once, with the widths and characters of all its uses."""

    def __init__(self, pdf: Pdf, faces: Sequence[FontFace]) -> None:
        self._pdf = pdf
        self._data = {digest(face.data): face.data for face in faces}
        self._fonts: dict[tuple[str, str], Object] = {}
        self._files: dict[str, Object] = {}
        self._uses: dict[tuple[str, str], FontUse] = {}

    def take(self, source: Pdf, uses: dict[str, FontUse]) -> None:
        """Copy the fonts of a sheet set that aren't there yet; empty its own font dictionary, so that none comes twice."""
        if not len(source.pages):
            return
        dictionary = source.pages[0].obj.Resources.Font
        for name, use in uses.items():
            known = self._uses.setdefault((name, use.digest), FontUse(use.digest, {}, {}))
            known.widths.update(use.widths)
            known.unicode.update(use.unicode)
            if (name, use.digest) not in self._fonts:
                self._fonts[name, use.digest] = self._copy(dictionary[f"/{name}"], use.digest)
        for name in list(dictionary.keys()):
            del dictionary[name]

    def give(self, resources: Object, uses: dict[str, FontUse]) -> None:
        """Fill the font dictionary of a sheet set's bound pages, which they share."""
        for name, use in uses.items():
            resources.Font[f"/{name}"] = self._fonts[name, use.digest]

    def finish(self) -> None:
        """Write the widths and characters of all uses, once they are all known."""
        for key, use in self._uses.items():
            font = self._fonts[key]
            font.DescendantFonts[0].W = _widths(use.widths)
            font.ToUnicode = self._pdf.make_stream(_to_unicode(use.unicode))

    def _copy(self, font: Object, name: str) -> Object:
        copied = self._pdf.copy_foreign(font)
        descriptor = copied.DescendantFonts[0].FontDescriptor
        for key in (Name.FontFile2, Name.FontFile3):
            if key in descriptor:
                descriptor[key] = self._file(name, descriptor[key])
        return copied

    def _file(self, name: str, embedded: Object) -> Object:
        """Return the one stream of a font file; a sheet set embeds only the name of the book's own fonts."""
        if name not in self._files and name in self._data:
            data = self._data[name]
            embedded = self._pdf.make_stream(data)
            if data[:4] == b"OTTO":
                embedded.Subtype = Name.OpenType
            else:
                embedded.Length1 = len(data)
        return self._files.setdefault(name, embedded)


class _StructureWriter:
    """Writes the trees of all sheet sets as one (PDF 1.7, 14.7), and the parent tree that leads back to it."""

    def __init__(self, binder: _Binder) -> None:
        self._binder = binder
        self._pdf = binder.pdf
        #: Position in the book → marked-content identifier → structure element.
        self._parents: dict[int, dict[int, Object]] = {}
        self._links: list[tuple[Object, Object]] = []
        self._identifiers: dict[str, Object] = {}

    def write(self) -> Object:
        root = self._pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
        document = self._element("Document", root)
        book = self._binder.book
        document.K = Array(
            [
                self._node(kid, document, index)
                for index in self._order()
                for kid in book.sets[index].tree.kids
                if isinstance(kid, Node)
            ]
        )
        root.K = document
        root.ParentTree = self._pdf.make_indirect(Dictionary(Nums=self._parent_tree()))
        root.ParentTreeNextKey = len(book.placed) + len(self._links)
        if self._identifiers:
            names = Array()
            for identifier in sorted(self._identifiers):
                names.extend([String(identifier), self._identifiers[identifier]])
            root.IDTree = Dictionary(Names=names)
        return root

    def _order(self) -> Iterable[int]:
        return range(len(self._binder.book.sets))

    def _element(self, role: str, parent: Object) -> Object:
        return self._pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name(f"/{role}"), P=parent))

    def _node(self, node: Node, parent: Object, stretch: int) -> Object:
        element = self._element(node.role, parent)
        if node.language:
            element.Lang = String(node.language)
        if node.alt:
            element.Alt = String(node.alt)
        if node.identifier:
            element.ID = String(node.identifier)
            self._identifiers[node.identifier] = element
        if attributes := self._attributes(node, stretch):
            element.A = attributes
        home = next((kid.page for kid in node.kids if isinstance(kid, MarkedContent)), None)
        if home is not None:
            element.Pg = self._binder.pages[self._binder.positions[stretch, home]]
        element.K = Array([self._kid(kid, element, stretch, home) for kid in node.kids])
        return element

    def _kid(
        self, kid: Node | MarkedContent | LinkAnnotation, element: Object, stretch: int, home: int | None
    ) -> Object | int:
        """Return a kid as its element's array has it; marked content on the element's own page is its number alone."""
        if isinstance(kid, Node):
            return self._node(kid, element, stretch)
        position = self._binder.positions[stretch, kid.page]
        page = self._binder.pages[position]
        if isinstance(kid, MarkedContent):
            self._parents.setdefault(position, {})[kid.mcid] = element
            return kid.mcid if kid.page == home else Dictionary(Type=Name.MCR, Pg=page, MCID=kid.mcid)
        annotation = self._binder.annotations[stretch, kid.page, kid.index]
        self._links.append((annotation, element))
        return Dictionary(Type=Name.OBJR, Pg=page, Obj=annotation)

    def _attributes(self, node: Node, stretch: int) -> Object | None:
        if node.box is not None:
            position = self._binder.positions[stretch, node.box[0]]
            shift = self._binder.shift(position)
            left, bottom, right, top = node.box[1:]
            box = Array([round(v, 2) for v in (left + shift, bottom, right + shift, top)])
            return Dictionary(O=Name.Layout, BBox=box, Placement=Name.Block)
        if node.role in ("TH", "TD"):
            cell = Dictionary(O=Name.Table)
            if node.scope:
                cell.Scope = Name(f"/{node.scope}")
            if node.colspan > 1:
                cell.ColSpan = node.colspan
            if node.rowspan > 1:
                cell.RowSpan = node.rowspan
            return cell
        return None

    def _parent_tree(self) -> Array:
        numbers: list[Object | int] = []
        pages = self._binder.pages
        for position, page in enumerate(pages):
            owners = self._parents.get(position, {})
            row = Array([owners.get(mcid) for mcid in range(max(owners, default=-1) + 1)])
            numbers += [position, self._pdf.make_indirect(row)]
            page.StructParents = position
        for number, (annotation, element) in enumerate(self._links, len(pages)):
            numbers += [number, element]
            annotation.StructParent = number
        return Array(numbers)


def _widths(widths: dict[int, float]) -> Array:
    """Return a `W` array (PDF 1.7, 9.7.4.3), a range for each run of following glyphs."""
    result = Array()
    run: list[float] = []
    first = last = -2
    for glyph in sorted(widths):
        if glyph != last + 1 and run:
            result.extend([first, Array(run)])
            run = []
        first = glyph if not run else first
        run.append(round(widths[glyph], 3))
        last = glyph
    if run:
        result.extend([first, Array(run)])
    return result


def _to_unicode(unicode: dict[int, str]) -> bytes:
    """Return a ToUnicode CMap (PDF 1.7, 9.10.3)."""
    rows = [f"<{glyph:04x}> <{text.encode('utf-16-be').hex()}>" for glyph, text in sorted(unicode.items())]
    blocks = (rows[i : i + 100] for i in range(0, len(rows), 100))
    mapped = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        f"1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n{mapped}\n"
        "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"
    ).encode()


def xmp(identity: Identity) -> str:
    """Return the XMP packet: Dublin Core, dates, and the PDF/UA-1 identifier (ISO 14289-1, 5)."""
    authors = "".join(f"<rdf:li>{escape(author)}</rdf:li>" for author in identity.authors)
    creator = f"<dc:creator><rdf:Seq>{authors}</rdf:Seq></dc:creator>" if authors else ""
    text = f'<rdf:Alt><rdf:li xml:lang="x-default">{escape(identity.description)}</rdf:li></rdf:Alt>'
    description = f"<dc:description>{text}</dc:description>" if identity.description else ""
    words = escape(", ".join(identity.keywords))
    keywords = f"<pdf:Keywords>{words}</pdf:Keywords>" if words else ""
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(identity.title)}</rdf:li></rdf:Alt></dc:title>
{creator}{description}<dc:language><rdf:Bag><rdf:li>{escape(identity.language)}</rdf:li></rdf:Bag></dc:language>
<pdf:Producer>{escape(identity.producer)}</pdf:Producer>{keywords}
<xmp:CreatorTool>{escape(identity.producer)}</xmp:CreatorTool>
<xmp:CreateDate>{identity.xmp_date}</xmp:CreateDate><xmp:ModifyDate>{identity.xmp_date}</xmp:ModifyDate>
<pdfuaid:part>1</pdfuaid:part>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""
