"""Numbers of parts, chapters and notes."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import count

from publish.book import Book, Note, Section
from publish.problems import Problem

_ROMAN = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
          (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))  # fmt: skip
_CALL = re.compile(r'(<a class="note-call" id="([^"]*)"[^<>]*>)[^<]*(</a>)')
#: What the reader writes where the author wants no number: `{.unnumbered}` or `{-}`.
_UNNUMBERED = "-"


def roman(number: int) -> str:
    """Return a number from 1 as a roman numeral."""
    out = ""
    for value, letters in _ROMAN:
        out += letters * (number // value)
        number %= value
    return out


def number_sections(book: Book) -> tuple[Book, tuple[Problem, ...]]:
    """Number the chapters of the body through the book, and its parts in roman, where the settings ask."""
    chapters, parts = count(1), count(1)

    def numbered(section: Section) -> Section:
        number = ""
        if section.number != _UNNUMBERED and section.matter == "body" and section.title:
            if section.kind == "chapter" and book.settings.number_chapters:
                number = str(next(chapters))
            elif section.kind == "part" and section.depth == 1 and book.settings.number_parts:
                number = roman(next(parts))
        return section if section.number == number else replace(section, number=number)

    return replace(book, sections=tuple(numbered(section) for section in book.sections)), ()


def number_notes(book: Book) -> tuple[Book, tuple[Problem, ...]]:
    """Number the notes by chapter: a section that continues a chapter continues its notes."""
    sections: list[Section] = []
    last = 0
    for section in book.sections:
        first = last if section.kind == "section" else 0
        last = first + len(section.notes)
        wanted = {note.anchor: str(first + number) for number, note in enumerate(section.notes, start=1)}
        sections.append(_labelled(section, wanted))
    return replace(book, sections=tuple(sections)), ()


def _labelled(section: Section, wanted: dict[str, str]) -> Section:
    if all(note.label == wanted[note.anchor] for note in section.notes):
        return section
    labels = {call: wanted[note.anchor] for note in section.notes for call in note.calls}

    def call(match: re.Match[str]) -> str:
        return match[1] + labels.get(match[2], "") + match[3]

    def note(old: Note) -> Note:
        return replace(old, label=wanted[old.anchor], body=_CALL.sub(call, old.body))

    title, body = _CALL.sub(call, section.title), _CALL.sub(call, section.body)
    return replace(section, title=title, body=body, notes=tuple(note(old) for old in section.notes))
