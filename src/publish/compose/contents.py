"""The tree of a contents page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from publish.book import Book, Section
from publish.words import Words

#: Sections that no contents list: made pages, and what a reader doesn't look for.
UNLISTED = frozenset("half-title title-page copyright contents colophon dedication epigraph cover".split())


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the contents, with those below it."""

    anchor: str
    #: What stands before the title: « 1. », « Première partie »; or empty.
    label: str
    #: Inline XHTML.
    title: str
    #: BCP 47, when the title isn't in the book's language.
    language: str = ""
    only: Literal["", "ebook", "print"] = ""
    #: Kind of the section; of a heading inside one: `heading`.
    kind: str = "heading"
    entries: list[Entry] = field(default_factory=list)


def entries(
    book: Book, words: Words, notes: Section | None, only: Literal["", "ebook", "print"] = "ebook"
) -> tuple[Entry, ...]:
    """Turn sections and their headings into nested lines, down to the book's `toc_depth`.

    `notes` is the page of notes, `only` the output that has one.
    A heading below a level that is left out goes under the nearest one above it.
    """
    top = Entry("", "", "")
    path = [(0, top)]
    last = [(1, Entry(notes.anchor, "", notes.title, only=only, kind="notes"))] if notes else []
    for level, entry in (*_flat(book, words), *last):
        if level <= book.settings.toc_depth or level == 1:
            while path[-1][0] >= level:
                path.pop()
            path[-1][1].entries.append(entry)
            path.append((level, entry))
    return tuple(top.entries)


def _flat(book: Book, words: Words) -> Iterator[tuple[int, Entry]]:
    for section in book.sections:
        yield from _section(section, words)
        if section.kind not in UNLISTED:
            yield from _headings(section)


def _section(section: Section, words: Words) -> Iterator[tuple[int, Entry]]:
    label = words.short_label(section.kind, section.number)
    unnamed = not (section.short_title or label)
    if section.kind in UNLISTED or (unnamed and section.kind == "section"):
        return
    title = words.kind(section.kind) if unnamed else section.short_title
    yield section.depth, Entry(section.anchor, label, title, section.language, kind=section.kind)


def _headings(section: Section) -> Iterator[tuple[int, Entry]]:
    for heading in section.headings:
        yield heading.level, Entry(heading.anchor, heading.number, heading.title, section.language)
