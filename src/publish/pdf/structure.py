"""Turns a source tree into a logical structure tree: one node for each element, whatever pages it crosses.

WeasyPrint makes a structure element for each box, so a paragraph over two pages becomes two elements and
a note has no role (its issue 2903). Roles are those of PDF 1.7, 14.8.4; what each is for: ISO 14289-1
(PDF/UA-1), 7.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from xml.etree.ElementTree import Element

from publish.pdf.sheets import Node

_ROLES: Mapping[str, str] = {
    "section": "Sect", "article": "Art", "aside": "Sect", "blockquote": "BlockQuote", "p": "P",
    "table": "Table", "caption": "Caption", "figcaption": "Caption",
    "thead": "THead",
    "tbody": "TBody", "tfoot": "TFoot", "tr": "TR", "q": "Quote", "code": "Code", "address": "P",
    "summary": "P",
    **{f"h{level}": f"H{level}" for level in range(1, 7)},
}  # fmt: skip


#: What `type` says of a list's labels.
_NUMBERINGS = {"a": "LowerAlpha", "A": "UpperAlpha", "i": "LowerRoman", "I": "UpperRoman"}


def class_names(element: Element) -> set[str]:
    """Return the classes of an element."""
    return set((element.get("class") or "").split())


def is_decoration(element: Element | None) -> bool:
    """Tell whether an element only adorns: a scene break, an ornament, a picture with an empty `alt`."""
    if element is None:
        return True
    if element.tag == "img":
        return not element.get("alt")
    return element.tag == "hr" or "ornament" in class_names(element)


class StructureTree:
    """The nodes of one document, made as their elements are first met, in reading order."""

    def __init__(self, root: Element) -> None:
        """Take the document's `html` element."""
        self.root = Node("Document")
        self.parents = {child: parent for parent in root.iter() for child in parent}
        self._language = root.get("lang", "")
        self._nodes: dict[Element, Node] = {}
        #: Body of a list item, by its id → the item.
        self._items: dict[int, Node] = {}
        self._labels: dict[Element, Node] = {}
        #: Anchor of a note → its first call.
        self._calls: dict[str, Element] = {
            link.get("href", "")[1:]: link
            for link in reversed(list(root.iter("a")))
            if "note-call" in class_names(link)
        }

    def node(self, element: Element | None) -> Node:
        """Return the node that an element's text belongs to; one without a role lends its parent's."""
        if element is None or element not in self.parents:
            return self.root
        if element not in self._nodes:
            above = self.node(self._holder(element))
            make = _MAKERS.get(element.tag, _plain)
            self._nodes[element] = make(self, element, above)
            self._tell_language(element, self._nodes[element], above)
        return self._nodes[element]

    def _holder(self, element: Element) -> Element | None:
        """Return the element above one in the tree: a note follows its call, wherever it is drawn."""
        holder, names = self.parents[element], class_names(element)
        if "footnote" in names and holder.tag == "a":
            return self.parents.get(holder)
        if "end-note" in names and element.tag == "div":
            return self.parents.get(self._calls.get(element.get("id", ""), element))
        return holder

    def note(self, element: Element, above: Node) -> Node:
        """Add the node of a note behind its call; one that is drawn with its call comes there by itself."""
        node = Node("Note", identifier=element.get("id", ""))
        call = self._nodes.get(self._calls.get(node.identifier, element))
        where = [i for i, kid in enumerate(above.kids) if isinstance(kid, Node) and call in kid.kids]
        above.kids.insert(where[0] + 1 if where else len(above.kids), node)
        return node

    def label(self, item: Element) -> Node:
        """Return the label of a list item: its bullet or number."""
        if item not in self._labels:
            entry = self._items.get(id(self.node(item)), self.node(item))
            self._labels[item] = Node("Lbl")
            entry.kids.insert(0, self._labels[item])
        return self._labels[item]

    def call(self, note: Element) -> Node:
        """Return the link that a note stands in and that is its call; the note itself follows it."""
        call = self.node(self.parents.get(note))
        self.node(note)
        return call

    def link(self, element: Element) -> Node:
        """Return the link that an element is, or is in: boxes inside a link have annotations of their own."""
        inside: Element | None = element
        while inside is not None and inside.tag != "a":
            inside = self.parents.get(inside)
        return self.node(element if inside is None else inside)

    def figure(self, image: Element) -> Node:
        """Return the figure of an image: the one that it stands in alone, else one of its own."""
        above, role = self.node(self.parents.get(image)), _picture_role(image)
        if above.role != "Figure" or role != "Figure":
            above = _added(above, Node(role))
        above.alt = image.get("alt", "")
        return above

    def name_places(self) -> None:
        """Give each anchor to the node that links to it lead to; what holds no text lends its parent's."""
        for element in self.parents:
            if name := element.get("id"):
                inside: Element | None = element
                while inside is not None and inside not in self._nodes:
                    inside = self.parents.get(inside)
                (self.root if inside is None else self._nodes[inside]).anchors.append(name)

    def _tell_language(self, element: Element, node: Node, above: Node) -> None:
        """Give an element's node its language where that isn't the language of the text around it.

        An element without a role of its own becomes a span then.
        """
        language = element.get("lang", "")
        if language and language != self._language_around(element):
            if node is above:
                self._nodes[element] = node = _added(above, Node("Span"))
            node.language = language

    def _language_around(self, element: Element) -> str:
        above = self.parents.get(element)
        while above is not None:
            if language := above.get("lang"):
                return language
            above = self.parents.get(above)
        return self._language

    def keep_item(self, body: Node, item: Node) -> None:
        """Remember the item of a list item's body: its label, met later, comes before the body."""
        self._items[id(body)] = item


def _picture_role(image: Element) -> str:
    return "Formula" if "formula" in class_names(image) else "Figure"


# One maker for each kind of element: it adds a node to the one above, or lends that one.
_Maker = Callable[[StructureTree, Element, Node], Node]


def _plain(_tree: StructureTree, element: Element, above: Node) -> Node:
    role = _ROLES.get(element.tag)
    if role is None:
        return above
    return _added(above, Node("Part" if role == "Sect" and "part" in class_names(element) else role))


def _list(tree: StructureTree, element: Element, above: Node) -> Node:
    in_contents = element.get("role") == "doc-toc" or _is_contents(tree.parents.get(element))
    if in_contents or above.role == "TOCI":
        return _added(above, Node("TOC"))
    return _added(above, Node("L", numbering=_NUMBERINGS.get(element.get("type", ""), _numbering(element))))


def _numbering(element: Element) -> str:
    return {"ol": "Decimal", "ul": "Disc"}.get(element.tag, "Description")


def _item(tree: StructureTree, element: Element, above: Node) -> Node:
    if above.role == "TOC":
        return _added(above, Node("TOCI"))
    item = _added(above, Node("LI"))
    body = _added(item, Node("LBody"))
    if "end-note" in class_names(element):
        body = _added(body, Node("Note", identifier=element.get("id", "")))
    tree.keep_item(body, item)
    return body


def _term(_tree: StructureTree, _element: Element, above: Node) -> Node:
    return _added(_added(above, Node("LI")), Node("Lbl"))


def _definition(_tree: StructureTree, _element: Element, above: Node) -> Node:
    """Add a definition to the item of its term; a second one of the same term is an item of its own."""
    last = above.kids[-1] if above.kids else None
    if not isinstance(last, Node) or last.role != "LI" or _has_body(last):
        last = _added(above, Node("LI"))
    return _added(last, Node("LBody"))


def _has_body(item: Node) -> bool:
    return any(isinstance(kid, Node) and kid.role == "LBody" for kid in item.kids)


def _cell(_tree: StructureTree, element: Element, above: Node) -> Node:
    cell = Node(element.tag.upper())
    cell.colspan, cell.rowspan = _cells_spanned(element, "colspan"), _cells_spanned(element, "rowspan")
    if element.tag == "th":
        cell.scope = "Row" if element.get("scope") == "row" else "Column"
    return _added(above, cell)


def _link(_tree: StructureTree, element: Element, above: Node) -> Node:
    """Add a link; one that refers to a place in the book, from the contents or a note's call, says so."""
    if not element.get("href"):
        return above
    if above.role == "TOCI" or class_names(element) & {"call", "note-call", "note-number"}:
        above = _added(above, Node("Reference"))
    return _added(above, Node("Link"))


def _span(tree: StructureTree, element: Element, above: Node) -> Node:
    if class_names(element) & {"footnote", "end-note"}:
        return tree.note(element, above)
    return _plain(tree, element, above)


def _code_block(_tree: StructureTree, _element: Element, above: Node) -> Node:
    return _added(_added(above, Node("P")), Node("Code"))


def _code(_tree: StructureTree, _element: Element, above: Node) -> Node:
    return above if above.role == "Code" else _added(above, Node("Code"))


def _figure(_tree: StructureTree, element: Element, above: Node) -> Node:
    """Add a figure; several pictures in one, or a listing, are a section."""
    images = [image for image in element.iter("img") if image.get("alt") and _picture_role(image) == "Figure"]
    return _added(above, Node("Figure" if len(images) == 1 else "Sect"))


_MAKERS: Mapping[str, _Maker] = {
    "ol": _list, "ul": _list, "dl": _list, "li": _item,
    "dt": _term, "dd": _definition,
    "th": _cell, "td": _cell, "a": _link,
    "span": _span, "div": _span, "aside": _span,
    "pre": _code_block, "code": _code, "figure": _figure,
}  # fmt: skip


def _added(parent: Node, node: Node) -> Node:
    parent.kids.append(node)
    return node


def _is_contents(element: Element | None) -> bool:
    """Tell whether lists in an element lead through the book: contents, figures, tables."""
    return element is not None and element.tag == "nav"


def _cells_spanned(element: Element, name: str) -> int:
    value = element.get(name, "1")
    return int(value) if value.isdigit() and value != "0" else 1
