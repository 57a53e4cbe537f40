"""The names of admonitions, « Note », « Attention », in the language of the text around them."""

from __future__ import annotations

import re
from dataclasses import replace

from publish.book import Book, Section
from publish.edit.fragments import Languages, holds, rewritten
from publish.problems import Problem
from publish.words import words

_MARK = ' data-admonition="'
_OPENING = re.compile(r'(<aside\b[^<>]*?) data-admonition="([a-z]+)"([^<>]*>)')


def name_admonitions(book: Book) -> tuple[Book, tuple[Problem, ...]]:
    """Write its name above each admonition that has no title."""
    language = book.metadata.language
    if not any(holds(section, _MARK) for section in book.sections):
        return book, ()
    return replace(book, sections=tuple(_named(section, language) for section in book.sections)), ()


def _named(section: Section, language: str) -> Section:
    around = section.language or language

    def change(fragment: str) -> str:
        languages = Languages(fragment, around)

        def named(match: re.Match[str]) -> str:
            name = words(languages.at(match.end())).text(f"admonition-{match[2]}")
            return f'{match[1]}{match[3]}\n<p class="made admonition-title">{name}</p>'

        return _OPENING.sub(named, fragment)

    return rewritten(section, (_MARK,), change)
