"""Anchors that are unique in the whole book."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from publish.book import Book, Heading, Note, Section
from publish.problems import Problem

_ID = re.compile(r'(<[a-z][^<>]*?\sid=")([^"]*)(")')
_DETAILS = ' aria-details="'
_DETAILS_LINK = re.compile(r'(\saria-details=")([^"]*)(")')
_OWN_LINK = re.compile(r'(<a class="note-call"[^<>]*?\shref="#)([^"]*)(")')


def unique_anchors(book: Book) -> tuple[Book, tuple[Problem, ...]]:
    """Give an anchor that an earlier section has already the name of its own section before it."""
    taken = dict.fromkeys((section.anchor for section in book.sections), 1)
    sections = []
    for section in book.sections:
        new: dict[str, str] = {}
        for anchor in inner_anchors(section):
            new[anchor] = _free(anchor, section.anchor, taken)
        renamed = {old: name for old, name in new.items() if old != name}
        sections.append(_renamed(section, renamed) if renamed else section)
    return replace(book, sections=tuple(sections)), ()


def inner_anchors(section: Section) -> Iterator[str]:
    """Iterate over the anchors inside a section, in the order of the text, then the notes'."""
    for fragment in (section.title, section.body) if section.marked else ():
        if ' id="' in fragment:
            yield from (match[2] for match in _ID.finditer(fragment))
    for note in section.notes:
        yield note.anchor
        if ' id="' in note.body:
            yield from (match[2] for match in _ID.finditer(note.body))


def _free(anchor: str, section: str, taken: dict[str, int]) -> str:
    """Return the anchor, or one made of it; `taken` counts from where numbers behind each are free."""
    if anchor not in taken:
        taken[anchor] = 1
        return anchor
    own = f"{section}-{anchor}"
    found, number = own, taken.get(own, 0)
    while found in taken:
        number += 1
        found = f"{own}-{number}"
    taken[found], taken[own] = 1, max(number, 1)
    return found


def _renamed(section: Section, new: dict[str, str]) -> Section:
    return replace(
        section, title=_text(section.title, new), body=_text(section.body, new),
        headings=tuple(_heading(heading, new) for heading in section.headings),
        notes=tuple(_note(note, new) for note in section.notes),
    )  # fmt: skip


def _text(fragment: str, new: dict[str, str]) -> str:
    def renamed(match: re.Match[str]) -> str:
        return match[1] + new.get(match[2], match[2]) + match[3]

    if _DETAILS in fragment:
        fragment = _DETAILS_LINK.sub(renamed, fragment)
    return _OWN_LINK.sub(renamed, _ID.sub(renamed, fragment))


def _heading(heading: Heading, new: dict[str, str]) -> Heading:
    return replace(heading, anchor=new.get(heading.anchor, heading.anchor))


def _note(note: Note, new: dict[str, str]) -> Note:
    calls = tuple(new.get(call, call) for call in note.calls)
    return replace(note, anchor=new.get(note.anchor, note.anchor), calls=calls, body=_text(note.body, new))
