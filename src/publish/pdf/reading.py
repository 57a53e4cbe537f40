"""Reads laid-out pages back: what was drawn where, and which marked content belongs to which element.

Works on WeasyPrint's box tree, a private interface: the version is pinned, tests/test_pdf.py watches it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

from publish.pdf.floats import is_floated
from publish.pdf.sheets import LinkAnnotation, MarkedContent
from publish.pdf.structure import StructureTree, class_names, is_decoration
from publish.pdf.tables import CONTINUED, NUMBER
from publish.xhtml import MADE, letters

Box = Any  # WeasyPrint's boxes have no public types

NOTE = "note:"
_CELLS = frozenset({"td", "th"})
_NOTES = frozenset({"footnote", "end-note"})
#: Parts of an element that a style dresses: their text is the author's, unlike that of `::before`.
_AS_WRITTEN = frozenset({"", "first-letter", "first-line"})
POINTS_PER_PIXEL = 0.75
#: Pixels that a line's descenders may reach into the space above the notes.
_TOUCHING = 4


@dataclass(slots=True)
class Particular:
    """The ids of boxes that are drawn in a way of their own."""

    #: In heads and feet of tables that stand again on a later page.
    repeated: set[int] = field(default_factory=set)
    #: Texts at the end of a line that isn't its paragraph's last.
    line_ends: set[int] = field(default_factory=set)


def particular_boxes(pages: list[Box]) -> Particular:
    """Find the boxes of all pages that are drawn in a way of their own."""
    found, seen = Particular(), set[Element]()
    for page in pages:
        groups = []
        for box in page.descendants():
            if getattr(box, "resume_at", None) is not None:
                found.line_ends.add(id(_last(box)))
            elif getattr(box, "is_header", False) or getattr(box, "is_footer", False):
                groups.append(box)
        for group in groups:
            if group.element in seen:
                found.repeated.update(id(box) for box in group.descendants())
        seen.update(group.element for group in groups)
    return found


def _last(box: Box) -> Box:
    while getattr(box, "children", None):
        box = box.children[-1]
    return box


#: Part of the text block's width that a table may hang over its edge: a space at a line's end does.
_HANGING = 0.05
#: A table whose columns divide more than this part of their lines, and more than a few, has too many of them.
_CROWDED, _FEW = 0.3, 8
_HYPHEN = "\u2010"
#: Classes of a note's call.
_CALLS = frozenset({"call", "note-call"})


def _term(element: Element) -> str:
    """Return a term's words, without the notes in it."""
    return " ".join("".join(_texts(element)).split())


def _texts(element: Element) -> Iterator[str]:
    yield element.text or ""
    for kid in element:
        if not class_names(kid) & _CALLS:
            yield from _texts(kid)
        yield kid.tail or ""


@dataclass(slots=True)
class PageMarks:
    """What was written of one page."""

    #: Box → marked-content identifier.
    mcids: dict[Box, int]
    #: Link annotations, in order.
    links: list[Any]
    #: In pixels.
    width: float
    height: float


@dataclass(slots=True)
class Findings:
    """What a reading of all pages found."""

    drawn: dict[str, list[str]] = field(default_factory=dict)
    starts: list[tuple[str, int]] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    #: Anchors of the notes on pages where notes run out of the page or into the text (see `plan`).
    overfull: list[str] = field(default_factory=list)
    #: Page index → the terms that begin on it.
    terms: dict[int, list[str]] = field(default_factory=dict)
    #: Number of a table → how many times as wide as the text block it is.
    overwide: dict[int, float] = field(default_factory=dict)
    #: Numbers of the tables most of whose words are divided.
    crowded: list[int] = field(default_factory=list)


class PageReader:
    """Walks the boxes of all pages in reading order."""

    def __init__(self, tree: StructureTree, marks: list[PageMarks], repeated: set[int]) -> None:
        """Take the tree to fill, what was written of each page, and the boxes that only repeat others."""
        self.findings = Findings()
        self._tree, self._marks, self._repeated = tree, marks, repeated
        self._owners: dict[Element, tuple[str, bool]] = {}
        self._counts: dict[str, int] = {}
        self._page = 0
        self._begun = False
        self._bottom = 0.0  # of the running text on this page, in pixels
        #: Figures at the heads of pages: element → page and box; the ids of the boxes.
        self._figures: dict[Element, tuple[int, Box]] = {}
        self._raised: set[int] = set()
        self._block = (0.0, 0.0)  # left and right edge of the text block, in pixels
        #: Number of a table → the lines of its cells, those of them that end in a word's first half.
        self._cells: dict[int, list[int]] = {}
        self._table = -1  # number of the table that is being read

    def read(self, pages: list[Box]) -> Findings:
        """Fill the tree from all pages and return what else they hold."""
        self._find_figures(pages)
        for self._page, page in enumerate(pages):
            self._begun, self._bottom = False, 0.0
            left = page.content_box_x()
            self._block = left, left + page.width
            self._visit(page)
            self._check_notes(page)
            if not self._begun:
                starts = self.findings.starts
                starts.append(starts[-1] if starts else ("", 0))
        for number, (lines, divided) in self._cells.items():
            if divided > _CROWDED * lines and divided > _FEW:
                self.findings.crowded.append(number)
        return self.findings

    def _visit(self, placed: Box) -> None:
        box: Box = getattr(placed, "_box", placed)  # a placeholder stands where an absolute box was
        if hasattr(box, "at_keyword") or id(box) in self._raised:
            return  # margin boxes hold nothing of the manuscript; a raised figure is read where it was called
        if getattr(box, "footnote", None) is not None and box.element in self._figures:
            self._figure(*self._figures.pop(box.element))
            return
        if box.element_tag == "dt":
            self.findings.terms.setdefault(self._page, []).append(_term(box.element))
        if box.element_tag in _CELLS and not self._is_continued(box.element):
            self._tree.node(box.element)  # an empty cell is a cell too
        if getattr(box, "link_annotation", None):
            self._link(box)
        if hasattr(box, "replacement"):
            self._picture(box)
        elif getattr(box, "text", ""):
            self._text(box)
        outside, self._table = self._table, self._table_of(box)
        for child in getattr(box, "children", ()):
            self._visit(child)
        self._table = outside

    def _table_of(self, box: Box) -> int:
        """Return the number of the table that a box is, or is in; -1: none."""
        inside = self._table >= 0 or box.element_tag != "table"
        return self._table if inside else int(box.element.get(NUMBER) or -1)

    def _check_width(self, box: Box) -> None:
        """Find whether a text of a table leaves the text block; count those that divide a word."""
        lines = self._cells.setdefault(self._table, [0, 0])
        lines[0] += 1
        lines[1] += box.text.endswith(_HYPHEN)
        left, right = self._block
        over = max(box.position_x + box.width - right, left - box.position_x)
        if over > _HANGING * (right - left):
            ratio = round(1 + over / (right - left), 3)
            self.findings.overwide[self._table] = max(ratio, self.findings.overwide.get(self._table, 0.0))

    def _find_figures(self, pages: list[Box]) -> None:
        """Note where the figures are that float to the heads of pages."""
        for number, page in enumerate(pages):
            for box in filter(is_floated, page.children[0].children if page.children else ()):
                self._figures[box.element] = number, box
                self._raised.add(id(box))

    def _figure(self, page: int, box: Box) -> None:
        """Read a figure at the head of a page, this or a later one, in its place in the text."""
        saved = self._page, self._begun, self._bottom
        self._page, self._begun = page, True
        self._raised.discard(id(box))
        self._visit(box)
        self._raised.add(id(box))
        self._page, self._begun, self._bottom = saved

    def _text(self, box: Box) -> None:
        if self._table >= 0:
            self._check_width(box)
        if id(box) in self._repeated:
            return
        pseudo = (box.element_tag or "").partition("::")[2]
        owner, made = self._owner(box.element)
        if owner and not made and pseudo in _AS_WRITTEN and self._is_on_paper(box):
            self._count(owner, letters(box.text))
        if not owner.startswith(NOTE):
            self._bottom = max(self._bottom, box.position_y + box.height)
        mcid = self._marks[self._page].mcids.get(box)
        if mcid is not None and not is_decoration(box.element):
            home = {"marker": self._tree.label, "footnote-call": self._tree.call}.get(pseudo, self._tree.node)
            home(box.element).kids.append(MarkedContent(self._page, mcid))

    def _is_continued(self, cell: Element) -> bool:
        return CONTINUED in class_names(self._tree.parents[cell])

    def _is_on_paper(self, box: Box) -> bool:
        """Tell whether some of a box is on its page: what a style or the engine puts off it isn't drawn."""
        marks = self._marks[self._page]
        across = -box.width < box.position_x < marks.width
        return bool(across and -box.height < box.position_y < marks.height)

    def _count(self, owner: str, text: str) -> None:
        if text and not self._begun and not owner.startswith(NOTE):
            self.findings.starts.append((owner, self._counts.get(owner, 0)))
            self._begun = True
        self.findings.drawn.setdefault(owner, []).append(text)
        self._counts[owner] = self._counts.get(owner, 0) + len(text)

    def _check_notes(self, page: Box) -> None:
        """Find notes that the engine let run over: it never divides one, and moves what doesn't fit whole."""
        for area in page.children:
            if type(area).__name__ == "FootnoteAreaBox" and area.children and self._runs_over(area, page):
                notes = (box.element for box in area.children if box.element is not None)
                self.findings.overfull += [note.get("id", "") for note in notes]

    def _runs_over(self, area: Box, page: Box) -> bool:
        """Tell whether notes reach above the page, into its text, or are higher than it."""
        top: float = area.position_y
        into_text = self._bottom > top + _TOUCHING
        return into_text or bool(top < page.content_box_y() - 1 or area.height > page.height)

    def _owner(self, element: Element | None) -> tuple[str, bool]:
        """Return whose letters an element's text is, and whether the publisher wrote it."""
        if element is None:
            return "", True
        if element not in self._owners:
            self._owners[element] = self._find_owner(element)
        return self._owners[element]

    def _find_owner(self, element: Element) -> tuple[str, bool]:
        names = class_names(element)
        if names & _NOTES:
            return f"{NOTE}{element.get('id', '')}", False
        if element.get("data-section") is not None:
            return element.get("id", ""), False
        owner, made = self._owner(self._tree.parents.get(element))
        if made and element.tag == "li" and element.get("id"):
            return element.get(
                "id", ""
            ), False  # an entry of a list that the publisher makes: a page begins in it
        return owner, made or bool(names & MADE)

    def _picture(self, box: Box) -> None:
        if "formula" in class_names(box.element):
            owner, made = self._owner(box.element)
            if owner and not made:
                self._count(owner, letters(box.element.get("alt") or ""))
        elif source := box.element.get("src"):
            self.findings.images.append(source)
        marks = self._marks[self._page]
        mcid = marks.mcids.get(box)
        if mcid is None or is_decoration(box.element):
            return
        node = self._tree.figure(box.element)
        node.kids.append(MarkedContent(self._page, mcid))
        left, top = box.content_box_x(), box.content_box_y()
        corners = left, marks.height - top - box.height, left + box.width, marks.height - top
        x1, y1, x2, y2 = (value * POINTS_PER_PIXEL for value in corners)
        node.box = (self._page, x1, y1, x2, y2)

    def _link(self, box: Box) -> None:
        links = self._marks[self._page].links
        index = next((i for i, link in enumerate(links) if link is box.link_annotation), None)
        if index is not None:
            self._tree.link(box.element).kids.append(LinkAnnotation(self._page, index))
