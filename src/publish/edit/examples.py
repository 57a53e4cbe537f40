"""Numbers of examples, `(@)`, through the whole book; what calls them by their labels shows those."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

from publish.book import Book, Section
from publish.edit.fragments import holds, rewritten
from publish.edit.links import places
from publish.problems import Problem

_MARK, _CALL_MARK = ' data-example="', ' class="made example"></a>'
#: A list of examples, or one of them, at its start tag.
_TAG = re.compile(r'<ol\b[^<>]*\sclass="(?:[^"]*\s)?example[\s"][^<>]*>|<li\b[^<>]*\sdata-example="[^<>]*>')
_EXAMPLE, _START = re.compile(r'\sdata-example="([^"]*)"'), re.compile(r'\sstart="[^"]*"')
_ID = re.compile(r'\sid="([^"]*)"')
_CALL = re.compile(r'(<a data-at="[^"]*" href="#([^"]*)" class="made example">)(</a>)')


def number_examples(book: Book) -> tuple[Book, tuple[Problem, ...]]:
    """Number the examples of a book in their order, and write those numbers where the text calls them.

    A list begins at the number of its first example; one whose label was used before begins at that one's.
    """
    if not any(holds(section, _MARK) or holds(section, _CALL_MARK) for section in book.sections):
        return book, ()
    count = _Count()
    sections = tuple(rewritten(section, (_MARK,), count.numbered) for section in book.sections)
    numbered = replace(book, sections=sections)
    return replace(book, sections=_called(numbered, count.numbers)), ()


class _Count:
    """Counts examples; a list's start tag waits for its first item."""

    def __init__(self) -> None:
        self.last = 0
        #: Anchor → number.
        self.numbers: dict[str, int] = {}

    def numbered(self, fragment: str) -> str:
        """Return a fragment whose lists of examples begin where they are in the book's count."""
        tags = list(_TAG.finditer(fragment))
        out, end = [], 0
        for place, tag in enumerate(tags):
            out.append(fragment[end : tag.start()])
            if tag[0].startswith("<ol"):
                first = tags[place + 1] if place + 1 < len(tags) else None
                out.append(self._begun(tag[0], first[0] if first else ""))
            else:
                out.append(self._item(tag[0]))
            end = tag.end()
        return "".join([*out, fragment[end:]])

    def _begun(self, tag: str, first: str) -> str:
        number = self._repeated(first) or self.last + 1
        plain = _START.sub("", tag)
        return plain if number == 1 else plain.replace("<ol", f'<ol start="{number}"', 1)

    def _item(self, tag: str) -> str:
        if not self._repeated(tag):
            self.last += 1
            if anchor := _ID.search(tag):
                self.numbers[anchor[1]] = self.last
        return _EXAMPLE.sub("", tag)

    def _repeated(self, tag: str) -> int:
        """Return the number of the example whose label an item repeats, or 0."""
        label = _EXAMPLE.search(tag)
        return self.numbers.get(f"ex-{label[1]}", 0) if label and label[1] else 0


def _called(book: Book, numbers: dict[str, int]) -> tuple[Section, ...]:
    """Return the sections with the numbers of the examples that they call."""
    if not any(holds(section, _CALL_MARK) for section in book.sections):
        return book.sections
    known = places(book)

    def called(section: Section) -> Section:
        def filled(match: re.Match[str]) -> str:
            number = numbers.get(known.find(section, unescape(match[2])), 0)
            return f"{match[1]}{number or '?'}{match[3]}"

        return rewritten(section, (_CALL_MARK,), lambda fragment: _CALL.sub(filled, fragment))

    return tuple(called(section) for section in book.sections)
