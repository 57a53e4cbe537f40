"""Characters that no font has → problems, each where the book first uses it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from publish.book import Book, Section
from publish.problems import Place, Problem


def missing_glyphs(book: Book, missing: Iterable[str]) -> tuple[Problem, ...]:
    """Turn characters that no font has into problems, each where the book first uses it."""
    return tuple(
        Problem(
            "missing-glyph",
            _first_place(book, char),
            f"no installed font has “{char}” (U+{ord(char):04X}, {_name(char)})",
            "install a font that has it, such as one of the Noto fonts, or write the text without it",
        )
        for char in sorted(missing)
    )


def _name(char: str) -> str:
    private = "a private character" if unicodedata.category(char) == "Co" else "a character without a name"
    return unicodedata.name(char, private).lower()


def _first_place(book: Book, char: str) -> Place:
    for section in book.sections:
        for text, line in _texts(section):
            if char in text:
                lines = re.findall(r'data-line="(\d+)"', text[: text.index(char)])
                return Place(*section.where(int(lines[-1]) if lines else line))
    return Place(book.source)


def _texts(section: Section) -> Iterable[tuple[str, int]]:
    yield section.title, section.line
    yield section.body, section.line
    for note in section.notes:
        yield note.body, note.line
