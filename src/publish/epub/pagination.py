"""Where the pages of the print edition begin → page-break markers in the documents, and the list of pages.

EPUB Accessibility 1.1, section 3.1 (page navigation). The text between two markers is that of the page on
paper, letter for letter; a word that the paper divides counts for the page that it ends on.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from publish import xhtml
from publish.epub.documents import Document
from publish.xhtml import EPUB_TYPE, MADE, Element, letters

#: (label, anchor of the section whose text begins the page, letters of that section that come before); in a
#: list that the publisher makes, an index or a bibliography, the anchor is that of one entry.
PageStart = tuple[str, str, int]
#: What a marker at the beginning of a text stays in: before it, it would part what styles see as neighbours.
_HOLDERS = frozenset(
    """address article aside blockquote body dd details div dt footer header li main p section summary
    td th""".split()
)  # fmt: skip
#: What can't hold a marker: it stands before the whole.
_CLOSED = frozenset({"svg", "math", "ruby", "nav"})
#: A line may end after these, inside of what is written without spaces.
_JOINTS = frozenset("-\u2010\u2012\u2013\u2014/")


@dataclass(frozen=True, slots=True)
class PageBreak:
    """One marker in the EPUB."""

    #: What the page is called in print: `xii`, `12`.
    label: str
    #: Relative to the package document: `text/chapter-03.xhtml#page-12`.
    href: str


@dataclass(frozen=True, slots=True)
class _Text:
    """A stretch of text in a tree, and how many letters of its section come before it."""

    element: Element
    #: The text follows the element; else it begins it.
    is_tail: bool
    text: str
    before: int

    @property
    def container(self) -> Element | None:
        """Return the element that holds the text."""
        return self.element.getparent() if self.is_tail else self.element


def mark(parsed: Sequence[Document], starts: Sequence[PageStart]) -> tuple[PageBreak, ...]:
    """Put a marker into the documents where each page begins; return the markers in the order of pages.

    Blank pages, and pages that only the paper has, get none.
    """
    homes = {document.page.section.anchor: document for document in parsed}
    taken = {name for document in parsed for name in xhtml.anchors(document.html)}
    found: list[PageBreak] = []
    for anchor, group in groupby(_with_bare_pages(starts), key=itemgetter(1)):
        pages = [(label, offset) for label, _, offset in group]
        if document := homes.get(anchor) or _home(parsed, anchor):
            found += _mark_stretch(document, anchor, pages[:1] if document.is_contents else pages, taken)
    return tuple(found)


def _home(parsed: Sequence[Document], anchor: str) -> Document | None:
    """Return the document that holds an anchor, if there is one."""
    held = (document for document in parsed if document.html.xpath("//*[@id=$anchor]", anchor=anchor))
    return next(held, None) if anchor else None


def _with_bare_pages(starts: Sequence[PageStart]) -> Iterator[PageStart]:
    """Let a page without text, told with the start of the page before it, begin where the next one does."""
    for number, (label, anchor, offset) in enumerate(starts):
        if not number or starts[number - 1][1:] != (anchor, offset):
            yield label, anchor, offset
        else:
            later = (start for start in starts[number:] if start[1:] != (anchor, offset))
            _, owner, after = next(later, ("", "", 0))
            yield label, anchor, after if owner == anchor else -1


def _mark_stretch(
    document: Document, anchor: str, pages: Sequence[tuple[str, int]], taken: set[str]
) -> Iterator[PageBreak]:
    """Put the markers of a section, or of an entry; an offset of -1 stands for its end."""
    found = document.html.xpath("//*[@id=$anchor]", anchor=anchor)
    root = next(iter(found), next(xhtml.elements(document.html, "body")))
    texts = list(_texts(root))
    befores = [text.before for text in texts]
    placed = []
    for label, offset in pages:
        marker = _marker(label, taken)
        text = texts[bisect_right(befores, offset) - 1] if texts and offset >= 0 else None
        placed.append((marker, text, offset))
        yield PageBreak(label, f"{document.path}#{marker.get('id')}")
    for marker, text, offset in reversed(placed):  # from the end, so that no place moves another
        if text is None:
            root.append(marker)
        else:
            _insert(root, text, _word_start(text.text, offset - text.before), marker)


def _texts(root: Element) -> Iterator[_Text]:
    """Walk over the texts below `root`, without what the publisher writes, counting letters."""
    before = 0
    for element, is_tail, text in _walk(root):
        yield _Text(element, is_tail, text, before)
        before += len(letters(text))


def _walk(element: Element) -> Iterator[tuple[Element, bool, str]]:
    if element.tag == xhtml.MATH:  # its letters are those of its LaTeX, as in print
        yield element, False, element.get("alttext") or ""
    elif isinstance(element.tag, str) and not (element.get("class") and xhtml.classes(element) & MADE):
        if element.text:
            yield element, False, element.text
        for child in element:
            yield from _walk(child)
            if child.tail:
                yield child, True, child.tail


def _marker(label: str, taken: set[str]) -> Element:
    name = f"page-{label}"
    while name in taken:
        name += "-"
    taken.add(name)
    marker = xhtml.new(None, "span", id=name, role="doc-pagebreak", aria_label=label)
    marker.set(EPUB_TYPE, "pagebreak")
    return marker


def _word_start(text: str, count: int) -> int:
    """Return where the word begins that has the letter after `count` others."""
    low, high = 0, len(text)
    while low < high:  # the shortest beginning of the text with more than `count` letters
        middle = (low + high) // 2
        if len(letters(text[: middle + 1])) > count:
            high = middle
        else:
            low = middle + 1
    while low and _is_inside_word(text[low - 1], text[low : low + 1]):
        low -= 1
    return low


def _is_inside_word(before: str, after: str) -> bool:
    """Tell whether no line can end between two characters: neither space, hyphen nor ideograph between."""
    wide = unicodedata.east_asian_width(before) in "WF" or unicodedata.east_asian_width(after or " ") in "WF"
    return not (before.isspace() or before in _JOINTS or wide)


def _insert(root: Element, text: _Text, position: int, marker: Element) -> None:
    """Put a marker into a text, or before the elements that the text begins."""
    around = _around(root, text.container)
    closed = [element for element in around if xhtml.local_name(element) in _CLOSED]
    if closed:
        _insert_before(root, closed[-1], marker)
    elif around and not letters(text.text[:position]) and _may_leave(around[0], text):
        _insert_before(root, around[0], marker)
    elif text.is_tail:
        marker.tail = (text.element.tail or "")[position:]
        text.element.tail = (text.element.tail or "")[:position]
        parent = text.element.getparent()
        if parent is not None:
            parent.insert(parent.index(text.element) + 1, marker)
    else:
        marker.tail = (text.element.text or "")[position:]
        text.element.text = (text.element.text or "")[:position]
        text.element.insert(0, marker)


def _around(root: Element, element: Element | None) -> list[Element]:
    """Return an element and those around it, inside of `root`."""
    found = []
    while element is not None and element is not root:
        found.append(element)
        element = element.getparent()
    return found


def _may_leave(element: Element, text: _Text) -> bool:
    """Tell whether a marker at the beginning of a text goes before the element that holds the text."""
    if xhtml.local_name(element) in _HOLDERS:
        return False
    return not text.is_tail or not _has_letters_before(element, text.element, with_child=True)


def _insert_before(root: Element, element: Element, marker: Element) -> None:
    """Put a marker before an element, and before the elements that this one begins."""
    parent = element.getparent()
    while parent is not None and parent is not root and xhtml.local_name(parent) not in _HOLDERS:
        if _has_letters_before(parent, element):
            break
        element, parent = parent, parent.getparent()
    if parent is not None:
        place = parent.index(element)
        while place and parent[place - 1].get(EPUB_TYPE) == "pagebreak" and not parent[place - 1].tail:
            place -= 1
        parent.insert(place, marker)


def _has_letters_before(parent: Element, child: Element, *, with_child: bool = False) -> bool:
    if letters(parent.text or ""):
        return True
    for element in parent:
        if element is child and not with_child:
            return False
        if letters(xhtml.words(element)):
            return True
        if element is child:
            return False
        if letters(element.tail or ""):
            return True
    return False
