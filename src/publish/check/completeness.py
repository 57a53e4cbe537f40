"""Outputs → problems of what is lost: every letter, image, note and link of the manuscript is there once.

The expected side comes from the Markdown tokens (`Section.letters`), the found side from the finished
file, read anew; so a fault of any step between them shows.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape

from publish import xhtml
from publish.book import CAPTION_KINDS, Book, Note, Section
from publish.epub.container import Container
from publish.problems import Place, Problem
from publish.xhtml import MADE, Element, letters

#: Kinds of sections that, empty in the manuscript, give way to a page of the publisher's.
_MADE_KINDS = frozenset(
    ["half-title", "title-page", "copyright", "contents", "notes", "colophon"]
    + [f"list-of-{kind}s" for kind in CAPTION_KINDS]
)
_HINT = "look for a style or a template of the book that hides it; if there is none, report it"
#: Letters that two texts must share to be in step again after a difference.
_IN_STEP = 24
#: How far they are sought in step again when something stands in place of what is lost.
_LONGEST = 400
_QUOTED = 60
_TAG = re.compile(r"<[^>]*>")
_NOTE_KEY = "note:"
_named = xhtml.finder("//*[@id or @data-continues]")
_dressed = xhtml.finder(".//*[@class]")
_text = xhtml.finder("string()")


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two texts part."""

    #: Letters that are the same before.
    offset: int
    #: What the second text lacks; empty: it has only something more.
    lost: str
    #: What it has in that place; empty: it goes on with what follows there.
    instead: str


def first_difference(expected: str, found: str) -> Difference | None:
    """Compare two texts of letters and return where they part first, or nothing.

    What is lost, or stands in its place, reaches to where the texts are in step again: 24 letters alike.
    """
    if expected == found:
        return None
    start = _common(expected, found)
    lost, instead = _out_of_step(expected[start:], found[start:])
    return Difference(start, expected[start : start + lost], found[start : start + instead])


def _out_of_step(expected: str, found: str) -> tuple[int, int]:
    """Return how many letters of two texts, different from the first on, come before they are in step."""
    if not expected or not found:
        return len(expected), len(found)
    after_loss, after_gain = expected.find(found[:_IN_STEP]), found.find(expected[:_IN_STEP])
    if after_loss >= 0 and not 0 <= after_gain < after_loss:
        return after_loss, 0
    if after_gain >= 0:
        return 0, after_gain
    for lost in range(1, min(len(expected), _LONGEST)):
        instead = found.find(expected[lost : lost + _IN_STEP], 0, _LONGEST)
        if instead >= 0:
            return lost, instead
    return min(len(expected), _QUOTED), min(len(found), _QUOTED)


def _common(one: str, other: str) -> int:
    """Return how many letters two texts have in common at their beginning, in few comparisons."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


# --- the EPUB --------------------------------------------------------------------------------------------


def epub_complete(book: Book, data: bytes | Mapping[str, bytes]) -> tuple[Problem, ...]:
    """Turn a book and its EPUB, or the EPUB's entries, into a problem for all that it lacks or changes."""
    pages = _Pages(Container.read(data) if isinstance(data, bytes) else Container(data))
    problems = [*_epub_notes(book, pages)]
    for section in _told(book):
        roots = pages.parts(section.anchor)
        if not roots:
            problems.append(_lost_section(section, "the EPUB"))
            continue
        problems += _lost_images(book, section, [path for root in roots for path in _images(root)])
        problems += _lost_links(section, [address for root in roots for address in _addresses(root)])
        problems += _lost_text(section, "".join(map(pages.text, roots)), "the EPUB")
    return tuple(problems)


class _Pages:
    """The places of an EPUB that have a name, on the pages that a reader comes to, and their text."""

    def __init__(self, epub: Container) -> None:
        read = [epub.documents[epub.manifest[name][0]] for name in epub.spine]
        marked = [element for html in read for element in _named(html)]
        self.places: dict[str, Element] = {element.get("id", ""): element for element in reversed(marked)}
        self.further = [element for element in marked if "data-continues" in element.attrib]

    def parts(self, anchor: str) -> list[Element]:
        """Return a place and those that continue it in other files."""
        further = [element for element in self.further if element.get("data-continues") == anchor]
        return [*filter(lambda root: root is not None, [self.places.get(anchor)]), *further]

    @staticmethod
    def text(root: Element) -> str:
        """Return a place's letters, without what the publisher writes; that is taken out of the tree."""
        for formula in root.iter(xhtml.MATH):
            alternative, tail = formula.get("alttext"), formula.tail
            formula.clear()
            formula.text, formula.tail = alternative, tail
        for element in _dressed(root):
            if MADE.intersection((element.get("class") or "").split()):
                xhtml.remove(element)
        if xhtml.classes(root) & {"contents"}:
            for listing in list(xhtml.elements(root, "nav")):
                xhtml.remove(listing)
        return letters(str(_text(root)))


def _told(book: Book) -> Iterator[Section]:
    """Return the sections that have a page of their own."""
    return (section for section in book.sections if section.body or section.kind not in _MADE_KINDS)


def _epub_notes(book: Book, pages: _Pages) -> Iterator[Problem]:
    for section in book.sections:
        for note in section.notes:
            place = pages.places.get(note.anchor)
            if place is None or any(call not in pages.places for call in note.calls):
                yield _lost_note(section, note, "the EPUB")
            else:
                yield from _changed_note(section, note, pages.text(place), "the EPUB")


def _images(root: Element) -> list[str]:
    """Return the images of a place, as `Resource.path` has them."""
    used = (image.get("src") or "" for image in xhtml.elements(root, "img"))
    return [address.removeprefix("../") for address in used]


def _addresses(root: Element) -> list[str]:
    """Return where the links of a place lead, as a section's body says it: inside the book `#anchor`."""
    links = (link for link in xhtml.elements(root, "a") if not MADE & xhtml.classes(link))
    return [_in_book(address) for link in links if (address := link.get("href"))]


def _in_book(address: str) -> str:
    return address if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:", address) else f"#{address.partition('#')[2]}"


# --- the PDF ---------------------------------------------------------------------------------------------


def pdf_complete(book: Book, drawn: Mapping[str, str], images: Iterable[str]) -> tuple[Problem, ...]:
    """Turn a book and what its PDF draws into a problem for all that the PDF lacks or changes.

    `drawn`: section anchor, or `note:` and note anchor, → letters drawn for it, the publisher's own left
    out. `images`: paths of the images drawn, in order. Capitals that a style makes of small letters are
    no difference.
    """
    problems: list[Problem] = []
    left = Counter(images)
    for section in _told(book):
        found = drawn.get(section.anchor, "")
        problems += _lost_text(section, _cased(section.letters, found), "the PDF")
        shown = [path for path in section.images if _taken(left, path)]
        problems += _lost_images(book, section, shown)
    for section in book.sections:
        for note in section.notes:
            text = drawn.get(f"{_NOTE_KEY}{note.anchor}")
            if text is None:
                problems.append(_lost_note(section, note, "the PDF"))
            else:
                problems += _changed_note(section, note, _cased(note.letters, text), "the PDF")
    return tuple(problems)


def _cased(expected: str, found: str) -> str:
    """Return the expected text when the found one differs by capitals only."""
    return expected if expected.casefold() == found.casefold() else found


def _taken(left: Counter[str], path: str) -> bool:
    left[path] -= 1
    return left[path] >= 0


# --- the problems ----------------------------------------------------------------------------------------


def _lost_section(section: Section, output: str) -> Problem:
    title = section.plain_title or section.kind
    return Problem("lost-text", Place(*section.where(section.line)), f"“{title}” is not in {output}", _HINT)


def _lost_text(section: Section, found: str, output: str) -> Iterator[Problem]:
    difference = first_difference(section.letters, found)
    if difference:
        text = _Text(section.title, section.body, section.line)
        place = Place(*section.where(text.line(difference.offset)))
        yield Problem("lost-text", place, _fact(difference, text, output), _HINT)


def _changed_note(section: Section, note: Note, found: str, output: str) -> Iterator[Problem]:
    difference = first_difference(note.letters, found)
    if difference:
        text = _Text("", note.body, note.line)
        place = Place(*section.where(text.line(difference.offset)))
        yield Problem("lost-note", place, f"in note {note.label}, {_fact(difference, text, output)}", _HINT)


def _lost_note(section: Section, note: Note, output: str) -> Problem:
    fact = f"note {note.label} or its call is not in {output}"
    return Problem("lost-note", Place(*section.where(note.line)), fact, _HINT)


def _fact(difference: Difference, text: _Text, output: str) -> str:
    lost = text.words(difference.offset, len(difference.lost))
    if not difference.instead:
        return f"“{lost}” is not in {output}"
    if not difference.lost:
        return f"{output} has “{_cut(difference.instead)}”, which the manuscript hasn’t"
    return f"{output} has “{_cut(difference.instead)}” in place of “{lost}”"


def _cut(text: str) -> str:
    return text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…"


def _lost_images(book: Book, section: Section, found: list[str]) -> Iterator[Problem]:
    if list(section.images) == found:
        return
    lost = Counter(section.images) - Counter(found)
    names = {resource.path: resource.source for resource in book.resources}
    for path in lost:
        fact = f"the image “{names.get(path, path)}” is not in the output"
        yield Problem("lost-image", _place(section, path), fact, _HINT)
    if not lost:
        place, shown = Place(*section.where(section.line)), ", ".join(found)
        yield Problem(
            "lost-image", place, f"the images come otherwise than in the manuscript: {shown}", _HINT
        )


def _lost_links(section: Section, found: list[str]) -> Iterator[Problem]:
    has_links = section.marked and ("<a " in section.body or "<a " in section.title)
    expected = _addresses(xhtml.parse_fragment(section.title + section.body)) if has_links else []
    for address in Counter(expected) - Counter(found):
        yield Problem(
            "lost-link", _place(section, address), f"the link to “{address}” is not in the output", _HINT
        )


def _place(section: Section, address: str) -> Place:
    """Return the place of the block whose source has an address."""
    before = unescape(section.body).partition(f'"{address}"')[0]
    lines = re.findall(r'data-line="(\d+)"', before)
    return Place(*section.where(int(lines[-1]) if lines else section.line))


class _Text:
    """A section's or a note's words and lines, found by counting letters; made only where text is lost."""

    def __init__(self, title: str, body: str, line: int) -> None:
        #: Pieces of text with the line of the block that they stand in.
        self.pieces = [*_pieces(title, line), *_pieces(body, line)]

    def line(self, offset: int) -> int:
        """Return the line of the letter at an offset."""
        end = line = 0
        for text, line in self.pieces:  # noqa: B007 - the last line stands for what comes after
            end += len(letters(text))
            if end > offset:
                break
        return line

    def words(self, offset: int, length: int) -> str:
        """Return the words of a stretch of letters, white space included, at most 60 characters."""
        text = "".join(text for text, _ in self.pieces)
        seen = [place for place, char in enumerate(text) if letters(char)]
        if offset >= len(seen) or not length:
            return ""
        last = seen[min(offset + length, len(seen)) - 1]
        return _cut(" ".join(text[seen[offset] : last + 1].split()))


def _pieces(fragment: str, line: int) -> Iterator[tuple[str, int]]:
    body = xhtml.parse_fragment(fragment)
    for element in [element for element in body.iter() if MADE & xhtml.classes(element)]:
        xhtml.remove(element)
    yield from _walk(body, line)


def _walk(element: Element, line: int) -> Iterator[tuple[str, int]]:
    line = int(element.get("data-line") or line)
    if element.tag == xhtml.MATH:
        yield element.get("alttext") or "", line
        return
    yield (element.text or "", line) if isinstance(element.tag, str) else ("", line)
    for child in element:
        yield from _walk(child, line)
        yield child.tail or "", line


def manuscript_place(section: Section, page: str, position: int) -> Place:
    """Return where in the manuscript a position in a finished page's text comes from."""
    start = page.find(f'id="{section.anchor}"')
    before = _TAG.sub("", page[page.find(">", start) + 1 : position].rpartition("<")[0])
    text = _Text(section.title, section.body, section.line)
    return Place(*section.where(text.line(len(letters(unescape(before))))))
