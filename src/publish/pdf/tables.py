"""Tables, fit for the printed page: those too wide are set tighter; those that go on tell so.

How wide a table is only the typesetter knows. It tells which ones leave the text block (`SheetSet.overwide`);
they are set again in smaller type, with narrower spaces and their long words broken; then so on a page of
their own, turned by a quarter; there, last, smaller still with every word broken where it must be. A
table whose columns are so narrow that most words are divided (`SheetSet.crowded`) is turned at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from publish import xhtml
from publish.book import Page
from publish.pdf.sheets import SheetJob
from publish.words import words
from publish.xhtml import Element

#: Number of a table in its job, from 0.
NUMBER = "data-table"
#: The row that tells, on every page but a table's first, that it goes on from the page before.
CONTINUED = "table-continued"
#: Class of a table for each level of tightness.
_TIGHT = ("", "tight", "turned tight", "turned tighter")
_TURNED = 2
#: How far a table is set tighter at most.
TIGHTEST = len(_TIGHT) - 1
#: Of a table so many times as wide as the text block the next level won't be enough: a turned page has half
#: as much room again.
_MUCH = 1.5
#: A table of fewer rows isn't divided (print.css).
_SHORT = 10
#: Longer words, in characters, may break without a hyphen in a table that is too wide; one of letters alone,
#: unless it is endless, is divided as its language wants it.
_LONG_WORD = re.compile(r"(?![^\W\d_]{1,40}(?!\S))\S{16,}")


def number_tables(body: Element, pages: list[Page]) -> tuple[tuple[str, int], ...]:
    """Number the tables of a job and return the file and line of each; long ones get a row « continued »."""
    places: list[tuple[str, int]] = []
    if not any("<table" in page.xhtml for page in pages):
        return ()
    sections = {page.section.anchor: page.section for page in pages}
    for root in (section for section in xhtml.elements(body, "section") if section.get("id") in sections):
        section = sections[root.get("id", "")]
        for table in xhtml.elements(root, "table"):
            table.set(NUMBER, str(len(places)))
            places.append(section.where(int(table.get("data-line") or section.line)))
            _announce(table, section.language)
    return tuple(places)


def _announce(table: Element, language: str) -> None:
    """Give a captioned table that may be divided a row for its later pages: « Table 1 (continued) »."""
    caption = next(xhtml.elements(table, "caption"), None)
    rows = list(xhtml.elements(table, "tr"))
    if caption is None or len(rows) < _SHORT:
        return
    head = next(xhtml.elements(table, "thead"), None)
    if head is None:
        head = xhtml.new(None, "thead")
        table.insert(table.index(caption) + 1, head)
    label = next((e for e in xhtml.elements(caption, "span") if "number" in xhtml.classes(e)), None)
    number = "" if label is None else xhtml.words(label, ()).strip(" .:\u3000\u00a0")
    text = words(language or _language(table)).text("continued", label=number).strip()
    row = xhtml.new(None, "tr", class_=CONTINUED)
    cell = xhtml.new(row, "th", colspan=str(max(map(_columns, rows))))
    xhtml.new(cell, "div", text, class_="made")
    head.insert(0, row)


def _language(element: Element) -> str:
    inside: Element | None = element
    while inside is not None:
        if language := inside.get("lang"):
            return language
        inside = inside.getparent()
    return "en"


def _columns(row: Element) -> int:
    return sum(int(cell.get("colspan") or 1) for cell in row if xhtml.local_name(cell) in ("td", "th"))


def tighter(
    before: Mapping[int, int], overwide: tuple[tuple[int, float], ...], crowded: tuple[int, ...]
) -> dict[int, int]:
    """Return how tight each table has to be set, where some still were so many times as wide as the text."""
    levels = dict(before)
    for number, ratio in overwide:
        levels[number] = min(TIGHTEST, before.get(number, 0) + (2 if ratio > _MUCH else 1))
    for number in crowded:
        levels[number] = max(levels.get(number, 0), _TURNED)
    return levels


def with_tight_tables(job: SheetJob, levels: Mapping[int, int]) -> SheetJob:
    """Set some tables of a job tighter: number of the table → level."""
    if not levels:
        return job
    html = xhtml.parse_page(job.xhtml)
    for table in xhtml.elements(html, "table"):
        if level := levels.get(int(table.get(NUMBER) or -1), 0):
            table.set("class", f"{table.get('class', '')} {_TIGHT[level]}".strip())
            let_long_words_break(table, _LONG_WORD)
    return SheetJob(job.name, xhtml.serialize_page(html).decode(), job.images)


def let_long_words_break(root: Element, pattern: re.Pattern[str]) -> None:
    """Give the words of an element that a pattern finds elements of their own, which may break anywhere."""
    for element in [element for element in root.iter() if isinstance(element.tag, str)]:
        _part_words(element, pattern)


def _part_words(element: Element, pattern: re.Pattern[str]) -> None:
    for child in [None, *element]:
        text = (element.text if child is None else child.tail) or ""
        parts = list(_parts(text, pattern))
        if not parts:
            continue
        if child is None:
            element.text, place = text[: parts[0][0]], 0
        else:
            child.tail, place = text[: parts[0][0]], element.index(child) + 1
        for offset, (_, word, tail) in enumerate(parts):
            span = xhtml.new(None, "span", word, class_="long-word")
            span.tail = tail
            element.insert(place + offset, span)


def _parts(text: str, pattern: re.Pattern[str]) -> Iterator[tuple[int, str, str]]:
    """Yield each long word of a text: where it begins, itself, what stands between it and the next."""
    if not (found := list(pattern.finditer(text))):
        return
    ends = [match.start() for match in found[1:]] + [len(text)]
    for match, end in zip(found, ends, strict=True):
        yield match.start(), match[0], text[match.end() : end]
