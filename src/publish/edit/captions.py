"""Numbers of figures, tables, listings and equations, written before their captions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from publish.book import Book, Caption, CaptionKind, Section
from publish.edit.fragments import Languages
from publish.problems import Problem
from publish.words import words

#: What a numbered thing is, by the beginning of its anchor.
_PREFIXES: dict[str, CaptionKind] = {
    "fig-": "figure", "tbl-": "table", "lst-": "listing", "eq-": "equation",
}  # fmt: skip
_MARKS = ("<figure", "<table", ' id="lst-', ' id="eq-')
_TAG = re.compile(r"<(/?)(figure|figcaption|table|caption|pre|div)\b([^<>]*)>")
_ID = re.compile(r'\sid="([^"]*)"')
_CLASS = re.compile(r'\sclass="([^"]*)"')
#: What a caption loses in a list: notes' calls, links, anchors.
_CALLS = re.compile(r'<a class="note-call".*?</a>')
_LINKS = re.compile(r"</?a\b[^<>]*>")
_ANCHORS = re.compile(r'(<[^<>]*?)\s+id="[^"]*"')
#: What a figure's caption ends with, and no list shows.
_CREDIT = ' <span class="credit">'
#: What begins a long caption in bold is its title.
_TITLE = re.compile(r"\s*<strong>(.*?)</strong>", re.DOTALL)


@dataclass(slots=True)
class _Thing:
    """A figure, table, listing or equation in a body, by offsets."""

    name: str
    attributes: str
    #: Where its element begins; just behind its start tag; and where its end tag begins.
    start: int
    inside: int
    end: int = -1
    #: Where its caption's text begins and ends; -1: it has none.
    caption: tuple[int, int] = (-1, -1)

    @property
    def anchor(self) -> str:
        """Return its anchor, or nothing."""
        found = _ID.search(self.attributes)
        return found[1] if found else ""

    @property
    def names(self) -> set[str]:
        """Return its classes."""
        found = _CLASS.search(self.attributes)
        return set(found[1].split()) if found else set()


@dataclass(slots=True)
class _Counts:
    """What was counted so far, by kind, in the book or the chapter."""

    book: Counter[str] = field(default_factory=Counter)
    chapter: Counter[str] = field(default_factory=Counter)
    #: The number of the chapter that the text stands in, or nothing.
    number: str = ""

    def next(self, kind: CaptionKind, *, by_chapter: bool) -> str:
        """Return the next number of a kind; outside numbered chapters it counts through the book."""
        if by_chapter and self.number:
            self.chapter[kind] += 1
            return f"{self.number}.{self.chapter[kind]}"
        self.book[kind] += 1
        return str(self.book[kind])


def number_captions(book: Book) -> tuple[Book, tuple[Problem, ...]]:
    """Number what the settings ask for, write the numbers before the captions, and list them all."""
    counts, found, sections = _Counts(), list[Caption](), list[Section]()
    for section in book.sections:
        if section.kind != "section":
            counts.number = section.number if section.kind in {"chapter", "appendix"} else ""
            counts.chapter.clear()
        if section.marked and any(mark in section.body for mark in _MARKS):
            section = _numbered(book, section, counts, found)  # noqa: PLW2901 - the same, numbered
        sections.append(section)
    return replace(book, sections=tuple(sections), captions=tuple(found)), ()


def _numbered(book: Book, section: Section, counts: _Counts, found: list[Caption]) -> Section:
    body, written = section.body, list[tuple[int, int, str]]()
    languages = Languages(body, section.language or book.metadata.language)
    for thing in sorted(_things(body), key=lambda thing: thing.start):
        kind = _kind(thing)
        by_chapter = kind and _by_chapter(book, kind, thing)
        if not kind or by_chapter is None:
            continue
        language = languages.at(thing.start)
        caption = Caption(
            kind, thing.anchor, counts.next(kind, by_chapter=by_chapter), _short(body, thing), language
        )
        if not caption.anchor:
            caption = replace(caption, anchor=f"_{kind}-{caption.number.replace('.', '-')}")
            written.append((thing.inside - 1, thing.inside - 1, f' id="{caption.anchor}"'))
        found.append(caption)
        written += _labels(thing, caption)
    for start, end, text in sorted(written, reverse=True):
        body = body[:start] + text + body[end:]
    return replace(section, body=body)


def _things(body: str) -> Iterator[_Thing]:
    """Iterate over what may have a number, in the order of their ends; not what a figure holds."""
    opened: list[_Thing] = []
    for match in _TAG.finditer(body):
        closing, name = match[1], match[2]
        if name in {"figcaption", "caption"}:
            if opened and opened[-1].name in {"figure", "table"}:
                start, _ = opened[-1].caption
                opened[-1].caption = (match.end(), -1) if not closing else (start, match.start())
        elif not closing:
            opened.append(_Thing(name, match[3], match.start(), match.end()))
        elif opened:
            thing = opened.pop()
            thing.end = match.start()
            if not any(outer.name == "figure" for outer in opened):
                yield thing


def _kind(thing: _Thing) -> CaptionKind | None:
    """Return what a thing is numbered as, or nothing."""
    named = next((kind for prefix, kind in _PREFIXES.items() if thing.anchor.startswith(prefix)), None)
    if thing.name == "div":
        return "equation" if "equation" in thing.names else None
    if thing.name == "pre":
        return named if named == "listing" else None
    return named or (
        "listing" if "listing" in thing.names else "table" if thing.name == "table" else "figure"
    )


def _by_chapter(book: Book, kind: CaptionKind, thing: _Thing) -> bool | None:
    """Tell whether a thing is numbered by chapter or through the book; None: it has no number."""
    chosen = book.settings.numbering.get(kind, "auto")
    named = thing.anchor.startswith(tuple(_PREFIXES))
    if chosen == "none" or "unnumbered" in thing.names:
        return None
    if chosen == "auto":
        return book.settings.number_chapters if named else None
    asked = named or (kind != "equation" and thing.caption[0] >= 0)
    return chosen == "chapter" if asked else None


def _short(body: str, thing: _Thing) -> str:
    """Return a caption, or its title, as a list shows it: inline XHTML without notes, links and anchors."""
    start, end = thing.caption
    if start < 0:
        return ""
    words_alone, _, _ = body[start:end].partition(_CREDIT)
    text = _ANCHORS.sub(r"\1", _LINKS.sub("", _CALLS.sub("", words_alone))).strip()
    title = _TITLE.match(text)
    return title[1].removesuffix(".") if title else text


def _labels(thing: _Thing, caption: Caption) -> Iterator[tuple[int, int, str]]:
    """Yield what to write where: (from, to, text)."""
    own = words(caption.language)
    if caption.kind == "equation":
        yield thing.end, thing.end, f'<span class="number">({caption.number})</span>'
        return
    label, (start, _) = own.caption(caption.kind, caption.number), thing.caption
    if start >= 0:
        after = own.text("after-label")
        ending = after.strip() if caption.title else ""
        space = " " if after.strip() else after
        yield start, start, f'<span class="number">{label}{ending}</span>{space if caption.title else ""}'
    elif thing.name == "table":
        yield thing.inside, thing.inside, f'\n<caption><span class="number">{label}</span></caption>'
    elif thing.name == "figure":
        yield thing.end, thing.end, f'<figcaption><span class="number">{label}</span></figcaption>'
    else:
        attributes = _ID.sub("", thing.attributes)
        figure = f'<figure class="listing" id="{thing.anchor}">'
        caption_text = f'<figcaption><span class="number">{label}</span></figcaption>'
        yield thing.start, thing.inside, f"{figure}{caption_text}<pre{attributes}>"
        yield thing.end, thing.end + len("</pre>"), "</pre></figure>"
