"""Numbers of parts, chapters, headings and notes."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import count

from publish.book import Book, Note, Section
from publish.problems import Problem
from publish.words import words

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
    """Number the chapters through the book, its parts in roman, its appendices by letters, where asked."""
    chapters, parts, appendices = count(1), count(1), map(chr, range(ord("A"), ord("Z") + 1))

    def numbered(section: Section) -> Section:
        number, settings = "", book.settings
        if section.number != _UNNUMBERED and section.title:
            if section.kind == "chapter" and section.matter == "body" and settings.number_chapters:
                number = str(next(chapters))
            elif section.kind == "part" and section.depth == 1 and settings.number_parts:
                number = roman(next(parts)) if section.matter == "body" else ""
            elif section.kind == "appendix" and settings.number_chapters and not _says_appendix(section):
                number = next(appendices, "")
        return section if section.number == number else replace(section, number=number)

    return replace(book, sections=tuple(numbered(section) for section in book.sections)), ()


def _says_appendix(section: Section) -> bool:
    """Tell whether a title says itself that it is an appendix: « Annexe B. Glossaire »."""
    names = {
        words(language).kind("appendix").casefold() for language in (section.language or "en", "en", "fr")
    }
    return section.plain_title.casefold().startswith(tuple(names))


def number_headings(book: Book) -> tuple[Book, tuple[Problem, ...]]:
    """Number the headings below numbered chapters, as deep as the settings ask: 1.1, 1.1.1."""
    levels = book.settings.number_sections
    if not levels:
        return book, ()
    sections: list[Section] = []
    counter = _HeadingCounter("", 0, levels)
    for section in book.sections:
        if section.kind != "section":
            counter = _HeadingCounter(section.number, section.depth, levels)
        elif section.title and (number := counter.next(section.depth)):
            section = replace(section, number=number)  # noqa: PLW2901 - the same, numbered
        sections.append(_with_numbers(section, counter))
    return replace(book, sections=tuple(sections)), ()


class _HeadingCounter:
    """Counts the headings of one chapter."""

    def __init__(self, chapter: str, depth: int, levels: int) -> None:
        self.chapter, self.depth, self.levels = chapter, depth, levels
        self.counts: list[int] = []

    def next(self, level: int) -> str:
        """Return the number of the next heading of a level; nothing where none is asked for."""
        below = level - self.depth
        if not self.chapter or not 0 < below <= self.levels:
            return ""
        self.counts = [*self.counts, *[0] * below][:below]
        self.counts[-1] += 1
        return ".".join([self.chapter, *map(str, self.counts)])


def _with_numbers(section: Section, counter: _HeadingCounter) -> Section:
    headings, body = [], section.body
    for heading in section.headings:
        mark = f' id="{heading.anchor}">'
        start = body.find(mark)
        plain = "unnumbered" in body[body.rfind("<", 0, start) : start] or start < 0
        number = "" if plain else counter.next(heading.level)
        headings.append(replace(heading, number=number))
        if number:
            end = start + len(mark)
            body = f'{body[:end]}<span class="number">{number}</span> {body[end:]}'
    return replace(section, headings=tuple(headings), body=body)


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
