"""A section's fragments, seen and rewritten together: title, body, notes; short titles and headings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from html import unescape

from publish.book import Section
from publish.problems import Place

Change = Callable[[str], str]

_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)\b([^<>]*)>")
_LANGUAGE = re.compile(r'\slang="([^"]*)"')
_LINE = re.compile(r'\sdata-line="(\d+)"')
_PLACE = re.compile(r'\sdata-place="([^"]*)"')
_ANY_TAG = re.compile(r"<[^<>]*>")
_VOID = frozenset({"br", "hr", "img", "col", "wbr"})


def fragments(section: Section) -> Iterator[str]:
    """Iterate over the fragments that a reader comes to: title, body, then the notes'."""
    yield section.title
    yield section.body
    for note in section.notes:
        yield note.body


def holds(section: Section, mark: str) -> bool:
    """Tell whether a fragment of a section holds a mark: what reading left for editing to do."""
    if not section.marked:  # a dozen passes ask of every chapter of a novel
        return False
    if mark in section.body or mark in section.title:
        return True
    return bool(section.notes) and any(mark in note.body for note in section.notes)


def rewritten(
    section: Section, marks: tuple[str, ...], change: Change, short: Change | None = None
) -> Section:
    """Change the fragments that hold a mark; `short` does the same to titles in contents, without links."""

    def done(fragment: str, how: Change) -> str:
        return how(fragment) if any(mark in fragment for mark in marks) else fragment

    title, body = done(section.title, change), done(section.body, change)
    notes = tuple(replace(note, body=done(note.body, change)) for note in section.notes)
    made = replace(section, title=title, body=body, notes=notes)
    if short is None:
        return made
    headings = tuple(replace(heading, title=done(heading.title, short)) for heading in section.headings)
    return replace(made, short_title=done(section.short_title, short), headings=headings)


class Languages:
    """The languages of a fragment's text, asked for at offsets that grow: it is gone through once."""

    def __init__(self, fragment: str, around: str) -> None:
        """Take a fragment and the language of its section."""
        self._plain = ' lang="' not in fragment
        self._open = [around]
        self._tags = _TAG.finditer(fragment)
        self._next = None if self._plain else next(self._tags, None)

    def at(self, offset: int) -> str:
        """Return the language of the text at an offset."""
        while self._next is not None and self._next.start() < offset:
            self._pass(self._next)
            self._next = next(self._tags, None)
        return self._open[-1]

    def _pass(self, tag: re.Match[str]) -> None:
        if tag[1]:
            del self._open[max(len(self._open) - 1, 1) :]
        elif tag[2] not in _VOID and not tag[3].endswith("/"):
            own = _LANGUAGE.search(tag[3])
            self._open.append(own[1] if own else self._open[-1])


def known_as(text: str) -> str:
    """Turn the words of a term or an entry, inline XHTML, into what it is found by: no tags, no capitals."""
    return " ".join(unescape(_ANY_TAG.sub("", text)).split()).casefold()


def place(section: Section, at: str) -> Place:
    """Turn `line:column`, as the reader of the manuscript noted it, into a place of the section's file."""
    return Place(*section.noted(at))


def placed(section: Section, fragment: str, tag: re.Match[str]) -> Place:
    """Return the place that a start tag keeps in `data-place`; raw XHTML keeps none: its block's line."""
    at = _PLACE.search(tag[0])
    return place(section, at[1] if at else f"{line_at(section, fragment, tag.start())}:0")


def line_at(section: Section, fragment: str, offset: int) -> int:
    """Return the line of the block that an offset of a fragment stands in."""
    match = _LINE.match(fragment, max(fragment.rfind(" data-line=", 0, offset), 0))
    return int(match[1]) if match else section.line
