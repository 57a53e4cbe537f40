"""The trees of all sheet sets → the bound book's one structure tree (PDF 1.7, 14.7)."""

from __future__ import annotations

from collections.abc import Sequence

from pikepdf import Array, Dictionary, Name, Object, Pdf, String

from publish.pdf.leaves import Leaves
from publish.pdf.sheets import LinkAnnotation, MarkedContent, Node, Stretch


def tag(pdf: Pdf, trees: Sequence[tuple[Stretch, Node]], leaves: Leaves) -> None:
    """Write the trees, one for each stretch, into the PDF, and declare it tagged."""
    pdf.Root.StructTreeRoot = _StructureWriter(pdf, leaves).write(trees)
    pdf.Root.MarkInfo = Dictionary(Marked=True)


class _StructureWriter:
    """Writes structure elements, and notes what the way back to them, the parent tree, will need."""

    def __init__(self, pdf: Pdf, leaves: Leaves) -> None:
        self._pdf, self._leaves = pdf, leaves
        #: Position in the book → marked-content identifier → structure element.
        self._parents: dict[int, dict[int, Object]] = {}
        #: Each link annotation with its structure element.
        self._links: list[tuple[Object, Object]] = []
        self._identifiers: dict[str, Object] = {}

    def write(self, trees: Sequence[tuple[Stretch, Node]]) -> Object:
        """Return the root of the whole book's tree: a part holds its chapters."""
        root = self._pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
        document = self._element("Document", root)
        document.K, part = Array(), None
        for number, (stretch, tree) in enumerate(trees):
            part = part if stretch.depth > 1 else None
            above = part or document
            for kid in (kid for kid in tree.kids if isinstance(kid, Node)):
                written = self._node(kid, above, number)
                above.K.append(written)
                part = written if stretch.kind == "part" else part
        root.K = document
        root.ParentTree = self._pdf.make_indirect(Dictionary(Nums=self._parent_tree()))
        root.ParentTreeNextKey = len(self._leaves.pages) + len(self._links)
        if self._identifiers:
            named = sorted(self._identifiers.items())
            root.IDTree = Dictionary(
                Names=Array([value for name, element in named for value in (String(name), element)])
            )
        return root

    def _element(self, role: str, parent: Object) -> Object:
        return self._pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name(f"/{role}"), P=parent))

    def _node(self, node: Node, parent: Object, stretch: int) -> Object:
        """Write a node with all that is below it; `home` is the page that its first words stand on."""
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
            element.Pg = self._leaves.pages[self._leaves.position(stretch, home)]
        element.K = Array([self._kid(kid, element, stretch, home) for kid in node.kids])
        return element

    def _kid(
        self, kid: Node | MarkedContent | LinkAnnotation, element: Object, stretch: int, home: int | None
    ) -> Object | int:
        """Return a kid as its element's array has it; content on the element's own page is a number alone."""
        if isinstance(kid, Node):
            return self._node(kid, element, stretch)
        position = self._leaves.position(stretch, kid.page)
        page = self._leaves.pages[position]
        if isinstance(kid, MarkedContent):
            self._parents.setdefault(position, {})[kid.mcid] = element
            return kid.mcid if kid.page == home else Dictionary(Type=Name.MCR, Pg=page, MCID=kid.mcid)
        annotation = self._leaves.annotations[stretch, kid.page, kid.index]
        self._links.append((annotation, element))
        return Dictionary(Type=Name.OBJR, Pg=page, Obj=annotation)

    def _attributes(self, node: Node, stretch: int) -> Object | None:
        if node.box is not None:
            page, left, bottom, right, top = node.box
            shift = self._leaves.shift(self._leaves.position(stretch, page))
            box = Array([round(v, 2) for v in (left + shift, bottom, right + shift, top)])
            return Dictionary(O=Name.Layout, BBox=box, Placement=Name.Block)
        return _cell_attributes(node) if node.role in ("TH", "TD") else None

    def _parent_tree(self) -> Array:
        """Number the pages, then the links, and return what each number leads back to (PDF 1.7, 14.7.4.4)."""
        numbers: list[Object | int] = []
        pages = self._leaves.pages
        for position, page in enumerate(pages):
            owners = self._parents.get(position, {})
            row = Array([owners.get(mcid) for mcid in range(max(owners, default=-1) + 1)])
            numbers += [position, self._pdf.make_indirect(row)]
            page.StructParents = position
        for number, (annotation, element) in enumerate(self._links, len(pages)):
            numbers += [number, element]
            annotation.StructParent = number
        return Array(numbers)


def _cell_attributes(node: Node) -> Object:
    cell = Dictionary(O=Name.Table)
    if node.scope:
        cell.Scope = Name(f"/{node.scope}")
    if node.colspan > 1:
        cell.ColSpan = node.colspan
    if node.rowspan > 1:
        cell.RowSpan = node.rowspan
    return cell
