"""Abbreviations: `*[API]: …` → each use says what it stands for, the first one in the text as well."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from html import escape, unescape

from publish.book import Book, Section
from publish.edit.fragments import rewritten
from publish.problems import Problem

_MARK = '<span class="made" data-abbreviations="'
_DEFINED = re.compile(r'<span class="made" data-abbreviations="([^"]*)" data-place="[^"]*"></span>\n?')
_PIECE = re.compile(r"<(/?)([a-zA-Z][\w:-]*)\b([^<>]*)>|([^<]+)")
#: Elements in which nothing is an abbreviation, and those in which none is written out.
_NEVER = frozenset({"code", "pre", "abbr", "math", "kbd", "samp"})
_SHORT = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "figcaption", "caption", "th", "dt", "a"})
#: An abbreviation whose end the typography has raised: « Mme » is one word to us.
_RAISED = '<sup class="superior">'
_ENDED = re.compile(rf"(\w+){_RAISED}(\w+)</sup>")
_VOID = frozenset({"br", "hr", "img", "col", "wbr"})


@dataclass(slots=True)
class _Known:
    """The abbreviations of a book, and which of them were written out."""

    meanings: dict[str, str]
    pattern: re.Pattern[str]
    said: set[str] = field(default_factory=set)


def expand_abbreviations(book: Book) -> tuple[Book, tuple[Problem, ...]]:
    """Mark every abbreviation that the book defines, and write out what it stands for at its first use."""
    if not any(section.marked and _MARK in section.body for section in book.sections):
        return book, ()
    meanings: dict[str, str] = {}
    for section in book.sections:
        for match in _DEFINED.finditer(section.body):
            meanings |= json.loads(unescape(match[1]))
    names = "|".join(re.escape(escape(name, quote=False)) for name in sorted(meanings, key=len, reverse=True))
    known = _Known(meanings, re.compile(rf"(?<!\w)(?:{names})(?!\w)"))
    return replace(book, sections=tuple(_expanded(section, known) for section in book.sections)), ()


def _expanded(section: Section, known: _Known) -> Section:
    section = replace(section, body=_DEFINED.sub("", section.body))
    marks = (*(escape(name, quote=False) for name in known.meanings), _RAISED)

    def joined(match: re.Match[str]) -> str:
        name = match[1] + match[2]
        return name if name in known.meanings else match[0]

    def change(fragment: str) -> str:
        level = _ENDED.sub(joined, fragment)
        return "".join(_pieces(level, known, short=fragment == section.title))

    return rewritten(section, marks, change)


def _pieces(fragment: str, known: _Known, *, short: bool) -> Iterator[str]:
    never, shorts = [False], [short]
    for match in _PIECE.finditer(fragment):
        closing, name, rest, text = match.groups()
        if text is not None:
            yield text if never[-1] else known.pattern.sub(_written(known, short=shorts[-1]), text)
            continue
        yield match[0]
        if closing:
            del never[-1:], shorts[-1:]
        elif name not in _VOID and not rest.endswith("/"):
            made = 'class="made' in rest or "note-call" in rest or 'class="number"' in rest
            never.append(never[-1] or name in _NEVER or made)
            shorts.append(shorts[-1] or name in _SHORT)


def _written(known: _Known, *, short: bool) -> Callable[[re.Match[str]], str]:
    """Make what writes an abbreviation: with its meaning in the text where it is the first."""

    def written(match: re.Match[str]) -> str:
        name = unescape(match[0])
        meaning = escape(known.meanings[name])
        abbreviation = f'<abbr title="{meaning}">{match[0]}</abbr>'
        if short or name in known.said:
            return abbreviation
        known.said.add(name)
        return f'<abbr>{match[0]}</abbr><span class="made"> ({meaning})</span>'

    return written
