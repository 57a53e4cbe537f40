"""A section's fragments, seen and rewritten together: title, body, notes; short titles and headings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from publish.book import Section
from publish.problems import Place

Change = Callable[[str], str]

_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)\b([^<>]*)>")
_LANGUAGE = re.compile(r'\slang="([^"]*)"')
_LINE = re.compile(r'\sdata-line="(\d+)"')
_VOID = frozenset({"br", "hr", "img", "col", "wbr"})


def fragments(section: Section) -> Iterator[str]:
    """Iterate over the fragments that a reader comes to: title, body, then the notes'."""
    yield section.title
    yield section.body
    for note in section.notes:
        yield note.body


def holds(section: Section, mark: str) -> bool:
    """Tell whether a fragment of a section holds a text."""
    return any(mark in fragment for fragment in fragments(section))


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


def language_at(fragment: str, offset: int, around: str) -> str:
    """Return the language of the text at an offset of a fragment; `around` is that of its section."""
    if ' lang="' not in fragment[:offset]:
        return around
    languages = [around]
    for match in _TAG.finditer(fragment, 0, offset):
        if match[1]:
            del languages[-1:]
        elif match[2] not in _VOID and not match[3].endswith("/"):
            own = _LANGUAGE.search(match[3])
            languages.append(own[1] if own else languages[-1])
    return languages[-1] if languages else around


def place(section: Section, at: str) -> Place:
    """Turn `line:column`, as the reader of the manuscript noted it, into a place of the section's file."""
    line, _, column = at.removesuffix("?").partition(":")
    where = section.where(int(line) if line.isdecimal() else section.line)
    return Place(*where, int(column) if column.isdecimal() else 0)


def line_at(section: Section, fragment: str, offset: int) -> int:
    """Return the line of the block that an offset of a fragment stands in."""
    lines = _LINE.findall(fragment, 0, offset)
    return int(lines[-1]) if lines else section.line
