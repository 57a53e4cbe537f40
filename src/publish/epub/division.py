"""Documents too large for old readers → several, divided where a reader would look for a new page.

The text goes on in the next file: what was open there is open again, with `data-continues` naming the
anchor of what it continues, so that whoever proves the text can follow it. Links lead to the new files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace

from publish import xhtml
from publish.epub.container import resolve
from publish.epub.documents import LINKS, Document, relative
from publish.xhtml import EPUB_TYPE, Element

#: Bytes that a document may have, for the sake of Adobe's engine in old readers (calibre's `--flow-size`).
LIMIT = 260_000
#: Bytes of a part: links that lead to other parts make it longer.
_BOUND = 240_000
#: A part smaller than this share of what is divided is no part.
_LEAST = 0.1
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_SCENE_BREAK, _BLOCK = 7, 8
#: What may be open across files; the rest, such as a table or a quotation, stays whole.
_CONTAINERS = frozenset(["body", "section", "div", "article", "main", "ol", "ul", "dl"])
#: Marks that only the first part has: it is the chapter, the others go on with it (EPUB Accessibility
#: Techniques, on chunked content).
_OPENING_MARKS = frozenset(["id", EPUB_TYPE, "role", "aria-labelledby", "aria-label"])
_described = xhtml.finder("//@aria-details")


@dataclass(frozen=True, slots=True)
class _Break:
    """A place where a document may be divided: before an element."""

    element: Element
    #: Bytes before it.
    before: int
    #: 1 to 6: before a heading of that level; then what is worse.
    rank: int


def divided(parsed: Sequence[Document]) -> tuple[tuple[Document, ...], Mapping[str, str]]:
    """Divide the documents above `LIMIT`; return all, and old address → new one of what they hold.

    A document is divided between headings of its highest level, then of lower ones, at scene breaks, between
    blocks; the parts are called `chapter-03`, `chapter-03-2`, … What can't be divided stays as it is.
    """
    taken = {document.path for document in parsed}
    parts = {document.path: _parts(document, taken) for document in parsed if _is_large(document)}
    moved = {
        f"{path}#{anchor}": f"{part.path}#{anchor}"
        for path, made in parts.items()
        if len(made) > 1
        for part in made
        for anchor in xhtml.anchors(part.html)
    }
    whole = tuple((document, part) for document in parsed for part in parts.get(document.path, (document,)))
    if moved:
        for document, part in whole:
            _lead(part, document.path, moved)
    return tuple(part for _, part in whole), moved


def _is_large(document: Document) -> bool:
    """Tell whether a document is above the limit; few are long enough to be measured."""
    if document.is_contents or 4 * len(document.page.xhtml) <= LIMIT:  # a character has at most 4 bytes
        return False
    return len(xhtml.serialize_page(document.html)) > LIMIT


def _parts(document: Document, taken: set[str]) -> tuple[Document, ...]:
    pieces = list(_pieces(document.html))
    made = [document]
    for number, html in enumerate(pieces[1:], 2):
        path = f"{document.path.removesuffix('.xhtml')}-{number}"
        while f"{path}.xhtml" in taken:
            path += "-"
        taken.add(f"{path}.xhtml")
        title = next(xhtml.elements(html, "title"))
        title.text = f"{title.text} ({number}/{len(pieces)})"
        made.append(replace(document, path=f"{path}.xhtml", html=html))
    return tuple(made)


def _pieces(html: Element) -> Iterator[Element]:
    """Yield a document, and before that cut off what is too much for it, in order."""
    size = len(xhtml.serialize_xml(html))
    place = _best(html, size) if size > _BOUND else None
    rest = _cut(place) if place is not None else None
    if rest is None:
        yield html
    else:
        yield from _pieces(html)
        yield from _pieces(rest)


def _best(html: Element, size: int) -> Element | None:
    """Return before which element to divide: of the best places that which is nearest the middle."""
    least = size * _LEAST
    declared = len(xhtml.serialize_xml(xhtml.like(html, {}))) - len("<html/>")
    places = [
        place
        for place in _breaks(next(xhtml.elements(html, "body")), 0, declared)
        if least < place.before < size - least
    ]
    tied = frozenset(_tied(html))
    places = [place for place in places if place.element not in tied]
    best = min(places, key=lambda place: (place.rank, abs(2 * place.before - size)), default=None)
    return best.element if best else None


def _breaks(parent: Element, before: int, declared: int) -> Iterator[_Break]:
    """Yield the places between the children of `parent`, and inside of those that are large themselves.

    `before`: bytes before its first child; `declared`: bytes of the namespaces that a part alone repeats.
    """
    previous: Element | None = None
    for child in parent:
        size = len(xhtml.serialize_xml(child)) - declared
        if previous is not None and _may_part(previous, child):
            yield _Break(child, before, _rank(child))
        if size > _BOUND // 2 and xhtml.local_name(child) in _CONTAINERS and not child.get("reversed"):
            yield from _breaks(child, before, declared)
        before += size
        previous = child


def _may_part(previous: Element, child: Element) -> bool:
    """Tell whether a file may end between two neighbours: not behind a heading, not inside of an entry.

    A `span` between blocks marks a page of the print edition, and stays with what follows.
    """
    name = xhtml.local_name(child)
    if not name or name == "dd" or "continued" in xhtml.classes(child):
        return False
    return xhtml.local_name(previous) not in ("", "header", "hr", "dt", "span", *_HEADINGS)


def _rank(child: Element) -> int:
    name = xhtml.local_name(child)
    following = child.getnext()
    if name == "span" and following is not None:
        return _rank(following)
    if name == "section" and len(child):
        name = xhtml.local_name(child[0])
    return _SCENE_BREAK if name == "hr" else _HEADINGS.get(name, _BLOCK)


def _tied(html: Element) -> Iterator[Element]:
    """Yield what stands between a picture and its long description: `aria-details` knows one file only."""
    if not _described(html):
        return
    order = list(html.iter())
    places = {element.get("id"): number for number, element in enumerate(order)}
    for number, element in enumerate(order):
        if details := element.get("aria-details"):
            first, last = sorted((number, places.get(details, number)))
            yield from order[first + 1 : last + 1]


def _cut(element: Element) -> Element:
    """Cut a document before an element; return a document with that and all that follows."""
    carried, parent = [element, *element.itersiblings()], element.getparent()
    while parent is not None:
        shell = _opened_again(parent)
        if xhtml.local_name(parent) == "html":
            shell.append(deepcopy(parent[0]))
        shell.extend(carried)
        if xhtml.local_name(parent) == "ol":
            shell.set("start", str(_next_number(parent)))
        carried, parent = [shell, *parent.itersiblings()], parent.getparent()
    return carried[0]


def _opened_again(parent: Element) -> Element:
    """Return an element like another, without its name, its role and what it holds."""
    marks = {name: value for name, value in parent.attrib.items() if name not in _OPENING_MARKS}
    if anchor := parent.get("id"):
        marks["data-continues"] = anchor
    return xhtml.like(parent, marks)


def _next_number(listing: Element) -> int:
    """Return the number of the item that would follow those of a list."""
    number = int(listing.get("start") or 1)
    for item in listing:
        number = int(item.get("value") or number) + 1
    return number


def _lead(part: Document, path: str, moved: Mapping[str, str]) -> None:
    """Lead a document's links to what stands in other files now; `path` is where it was written for."""
    for link in part.html.iter(*LINKS):
        file, mark, anchor = (link.get("href") or "").partition("#")
        new = moved.get(f"{resolve(path, file)}#{anchor}") if mark else None
        if new is None:
            continue
        target = new.partition("#")[0]
        link.set("href", f"#{anchor}" if target == part.path else f"{relative(target, part.path)}#{anchor}")
