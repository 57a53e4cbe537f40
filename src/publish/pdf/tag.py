"""The trees of all sheet sets → the bound book's one structure tree (PDF 1.7, 14.7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pikepdf import Array, Dictionary, Name, Object, Pdf, String

from publish.pdf.leaves import Leaves
from publish.pdf.sheets import LinkAnnotation, MarkedContent, Node, Stretch

#: The roles of PDF 2.0 (ISO 32000-2, 14.8.6); those that it has no more are still those of PDF 1.7.
_NAMESPACE = "http://iso.org/pdf2/ssn"
#: Elements that hold elements only (ISO 32005, table 5) → what text that stands in them directly is.
_HELD_AS = {"TOCI": "Reference", "Sect": "P", "Part": "P", "Document": "P"}
#: Roles that PDF/UA-2 wants by their new names.
_RENAMED = {"Note": "FENote"}


@dataclass(frozen=True, slots=True)
class Tags:
    """Structure elements that links lead to, or stand in."""

    #: Anchor → its element.
    places: dict[str, Object]
    #: `StructParent` of a link's annotation → the entry of the contents that it stands in.
    entries: dict[int, Object]


def tag(pdf: Pdf, trees: Sequence[tuple[Stretch, Node]], leaves: Leaves, *, is_pdf2: bool) -> Tags:
    """Write the trees, one for each stretch, into the PDF, and declare it tagged.

    Returns which elements others may lead to.
    """
    writer = _StructureWriter(pdf, leaves, is_pdf2=is_pdf2)
    pdf.Root.StructTreeRoot = writer.write(trees)
    pdf.Root.MarkInfo = Dictionary(Marked=True)
    return Tags(writer.places, writer.entries)


@dataclass(frozen=True, slots=True)
class Branch:
    """The tree of one stretch, to take the place of one with as many links and the same identifiers."""

    stretch: int
    tree: Node
    #: How many parts it stands in, one in another.
    parts: int
    #: `StructParent` of its first link; 0: it has none.
    first_link: int


def retag(pdf: Pdf, branches: Iterable[Branch], leaves: Leaves) -> bool:
    """Write the trees of some stretches into the elements that a tagged PDF 1.7 has for them.

    Returns False, and leaves the PDF in disorder, where those are more or fewer.
    """
    writer = _StructureWriter(pdf, leaves, is_pdf2=False)
    return all(writer.rewrite(branch) for branch in branches)


class _StructureWriter:
    """Writes structure elements, and notes what the way back to them, the parent tree, will need."""

    def __init__(self, pdf: Pdf, leaves: Leaves, *, is_pdf2: bool) -> None:
        self._pdf, self._leaves = pdf, leaves
        self._namespace = pdf.make_indirect(_namespace()) if is_pdf2 else None
        #: Anchor → structure element.
        self.places: dict[str, Object] = {}
        #: See `Tags`.
        self.entries: dict[int, Object] = {}
        #: Position in the book → marked-content identifier → structure element.
        self._parents: dict[int, dict[int, Object]] = {}
        #: Each link annotation with its structure element.
        self._links: list[tuple[Object, Object]] = []
        self._identifiers: dict[str, Object] = {}
        #: Elements to write again, the last one first.
        self._old: list[Object] = []

    def write(self, trees: Sequence[tuple[Stretch, Node]]) -> Object:
        """Return the root of the whole book's tree: a part holds its chapters."""
        root = self._pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
        document = self._element("Document", root)
        document.K, part = Array(), None
        if self._namespace is not None:
            root.Namespaces = Array([self._namespace])
            document.NS = self._namespace
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

    def rewrite(self, branch: Branch) -> bool:
        """Write a stretch's tree into the elements that it has, and tell whether they are as many."""
        numbers, pages = (
            self._pdf.Root.StructTreeRoot.ParentTree.Nums,
            self._leaves.of_stretch(branch.stretch),
        )
        tops = _tops((numbers[2 * page + 1] for page in pages), branch.parts)
        kids = [kid for kid in branch.tree.kids if isinstance(kid, Node)]
        self._old = [element for top in tops for element in _elements(top)][::-1]
        if len(tops) != len(kids) or len(self._old) != sum(map(_size, kids)):
            return False
        self._links.clear()
        for top, kid in zip(tops, kids, strict=True):
            self._node(kid, top.P, branch.stretch)
        for page in pages:
            _refill(numbers[2 * page + 1], self._row(page))
            self._leaves.pages[page].StructParents = page
        for number, (annotation, element) in enumerate(self._links, branch.first_link):
            numbers[2 * number + 1] = element
            annotation.StructParent = number
        return True

    def _element(self, role: str, parent: Object) -> Object:
        """Return an element, new or one that is written again; only then its place in the file stays."""
        if not self._old:
            return self._pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name(f"/{role}"), P=parent))
        element = self._old.pop()
        for name in set(element.keys()):
            del element[name]
        element.Type, element.S, element.P = Name.StructElem, Name(f"/{role}"), parent
        return element

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
        if self._namespace is not None and node.role in _RENAMED:
            element.S, element.NS = Name(f"/{_RENAMED[node.role]}"), self._namespace
        self.places |= dict.fromkeys(node.anchors, element)
        if attributes := self._attributes(node, stretch):
            element.A = attributes
        home = next((kid.page for kid in node.kids if isinstance(kid, MarkedContent)), None)
        if home is not None:
            element.Pg = self._leaves.pages[self._leaves.position(stretch, home)]
        element.K = Array([self._kid(kid, element, stretch, home) for kid in _held(node)])
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
            along, up = self._leaves.shift(self._leaves.position(stretch, page))
            box = Array([round(v, 2) for v in (left + along, bottom + up, right + along, top + up)])
            return Dictionary(O=Name.Layout, BBox=box, Placement=Name.Block)
        if node.role == "L" and _has_labels(node) and (self._namespace or node.numbering != "Description"):
            return Dictionary(O=Name.List, ListNumbering=Name(f"/{node.numbering}"))
        return _cell_attributes(node) if node.role in ("TH", "TD") else None

    def _parent_tree(self) -> Array:
        """Number the pages, then the links, and return what each number leads back to (PDF 1.7, 14.7.4.4)."""
        numbers: list[Object | int] = []
        pages = self._leaves.pages
        for position, page in enumerate(pages):
            numbers += [position, self._pdf.make_indirect(self._row(position))]
            page.StructParents = position
        for number, (annotation, element) in enumerate(self._links, len(pages)):
            numbers += [number, element]
            annotation.StructParent = number
            if (entry := _entry(element)) is not None:
                self.entries[number] = entry
        return Array(numbers)

    def _row(self, position: int) -> Array:
        """Return a page's row of the parent tree: the element of each marked content, by its identifier."""
        owners = self._parents.get(position, {})
        return Array([owners.get(mcid) for mcid in range(max(owners, default=-1) + 1)])


def _refill(array: Object, other: Array) -> None:
    """Give an array the values of another."""
    for index in reversed(range(len(array))):
        del array[index]
    array.extend(other)


def _tops(rows: Iterable[Iterable[Object | None]], parts: int) -> list[Object]:
    """Return the topmost elements of a stretch, in order, from the rows of its pages."""
    found: dict[tuple[int, int], Object] = {}
    for element in (element for row in rows for element in row if element is not None):
        top = _below_document(element, parts + 1)
        found[top.objgen] = top
    above = {top.P.objgen: top.P for top in found.values()}
    return [kid for holder in above.values() for kid in holder.K if kid.objgen in found]


def _elements(element: Object) -> Iterator[Object]:
    """Yield an element and those in it, as they were written."""
    yield element
    for kid in element.K:
        if isinstance(kid, Dictionary) and kid.get(Name.Type) == Name.StructElem:
            yield from _elements(kid)


def _size(node: Node) -> int:
    """Return how many elements are written for a node."""
    return 1 + sum(_size(kid) for kid in _held(node) if isinstance(kid, Node))


def _below_document(element: Object, depth: int) -> Object:
    """Return the element that an element stands in, so many levels below the document."""
    line = [element]
    while Name.Document != line[-1].S:
        line.append(line[-1].P)
    return line[-1 - depth]


def _entry(element: Object) -> Object | None:
    """Return the entry of the contents that an element stands in."""
    while element.S not in (Name.TOCI, Name.Document):
        element = element.P
    return element if element.S == Name.TOCI else None


def _held(node: Node) -> list[Node | MarkedContent | LinkAnnotation]:
    """Return a node's kids; text that may not stand in it directly is held by a node of its own."""
    if (role := _HELD_AS.get(node.role)) is None:
        return node.kids
    kids: list[Node | MarkedContent | LinkAnnotation] = []
    holder = None
    for kid in node.kids:
        if isinstance(kid, Node):
            holder = None
            kids.append(kid)
        elif holder is None:
            holder = Node(role, [kid])
            kids.append(holder)
        else:
            holder.kids.append(kid)
    return kids


def _has_labels(node: Node) -> bool:
    items = (kid for kid in node.kids if isinstance(kid, Node))
    return any(isinstance(kid, Node) and kid.role == "Lbl" for item in items for kid in item.kids)


def _namespace() -> Dictionary:
    return Dictionary(Type=Name.Namespace, NS=String(_NAMESPACE))


def _cell_attributes(node: Node) -> Object:
    cell = Dictionary(O=Name.Table)
    if node.scope:
        cell.Scope = Name(f"/{node.scope}")
    if node.colspan > 1:
        cell.ColSpan = node.colspan
    if node.rowspan > 1:
        cell.RowSpan = node.rowspan
    return cell
