"""Terms of the glossary: `[term]{.term}` → a link to its definition."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape

from publish.book import Book, Section
from publish.edit.fragments import holds, known_as, placed, rewritten
from publish.problems import Problem, nearest

_MARKS = ('class="term', ' term"')
_TERM = re.compile(r'<span\b(?=[^<>]*\sclass="(?:[^"]*\s)?term[\s"])([^<>]*)>(.*?)</span>', re.DOTALL)
_DEFINED = re.compile(r"<dt\b([^<>]*)>(.*?)</dt>", re.DOTALL)
#: A list of definitions that is a glossary outside of one: `::: {.glossary}`.
_GLOSSARY = re.compile(r'<div\b[^<>]*\sclass="(?:[^"]*\s)?glossary[\s"][^<>]*>.*?</div>', re.DOTALL)
_ATTRIBUTE = re.compile(r'\s([\w:-]+)="([^"]*)"')
_NOT_NAME = re.compile(r"[^\w-]+")
_KEPT = frozenset({"id", "lang", "xml:lang", "dir"})
_PLACE = re.compile(r'\sdata-place="[^"]*"')
_TAG = re.compile(r"<[^<>]*>")


def link_terms(book: Book) -> tuple[Book, tuple[Problem, ...]]:
    """Link the marked terms to the definitions of the glossary; tell of those that it doesn't define."""
    if not any(holds(section, mark) for section in book.sections for mark in _MARKS):
        return book, ()
    anchors: dict[str, str] = {}
    sections = tuple(_with_anchors(section, anchors) for section in book.sections)
    problems: list[Problem] = []
    linked = tuple(_linked(section, anchors, problems) for section in sections)
    return replace(book, sections=linked), tuple(problems)


def _with_anchors(section: Section, anchors: dict[str, str]) -> Section:
    """Name the terms that a section defines, if it is the glossary or holds one."""

    def named(match: re.Match[str]) -> str:
        values = dict(_ATTRIBUTE.findall(match[1]))
        name = _NOT_NAME.sub("-", known_as(match[2])).strip("-")
        anchor = values.get("id") or f"term-{name}"
        if anchors.setdefault(known_as(match[2]), anchor) != anchor or "id" in values:
            return match[0]
        return f'<dt{match[1]} id="{anchor}">{match[2]}</dt>'

    if "<dt" not in section.body:
        return section
    if section.kind == "glossary":
        return replace(section, body=_DEFINED.sub(named, section.body))
    body = _GLOSSARY.sub(lambda match: _DEFINED.sub(named, match[0]), section.body)
    return replace(section, body=body)


def _linked(section: Section, anchors: dict[str, str], problems: list[Problem]) -> Section:
    def change(fragment: str) -> str:
        return "".join(_pieces(section, fragment, anchors, problems))

    def short(title: str) -> str:
        return _TERM.sub(r"\2", title)

    return rewritten(section, _MARKS, change, short)


def _pieces(
    section: Section, fragment: str, anchors: dict[str, str], problems: list[Problem]
) -> Iterator[str]:
    end = 0
    for match in _TERM.finditer(fragment):
        values = dict(_ATTRIBUTE.findall(match[1]))
        name = unescape(values.get("data-entry", "")) or unescape(_TAG.sub("", match[2]))
        anchor = anchors.get(known_as(name))
        yield fragment[end : match.start()]
        if anchor is None:
            hint = (
                nearest(known_as(name), anchors, "write") or "define it in the glossary: a line, then “: …”"
            )
            place = placed(section, fragment, match)
            problems.append(Problem("unknown-term", place, f"the glossary has no “{name}”", hint))
            yield _PLACE.sub("", match[0])
        else:
            kept = "".join(f' {key}="{value}"' for key, value in values.items() if key in _KEPT)
            attributes = f'epub:type="glossref" role="doc-glossref" href="#{anchor}"{kept}'
            yield f'<a class="term" {attributes}>{match[2]}</a>'
        end = match.end()
    yield fragment[end:]
