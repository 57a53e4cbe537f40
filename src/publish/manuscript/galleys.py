"""A manuscript → its galleys: each file's prose as a proof-reader reads it, every sign with its place."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from itertools import accumulate

from markdown_it.token import Token

from publish.book import origin
from publish.manuscript.includes import Lines
from publish.manuscript.runs import Run, runs
from publish.manuscript.sections import Job, parsed
from publish.problems import Place

#: Where a sign of a paragraph has no place of its own in the file: what stands for code and the like.
NOWHERE = -1
#: Markup between two stretches of text: none of it is a letter.
_AFTER_LINK = re.compile(r"\](?:\((?:[^()\\]|\\.|\([^()]*\))*\)|\[[^\]]*\])?(?:\{[^{}]*\})?|>")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|\w{2,32});")
_MARKUP = 60


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A stretch of prose in one language; a heading, a cell or a caption is one too."""

    text: str
    #: For each sign of the text, its offset in the file, or NOWHERE.
    places: tuple[int, ...]
    language: str
    #: `paragraph`, `heading`, `cell`, `caption` or `field`, which stands inside another paragraph.
    kind: str


@dataclass(frozen=True, slots=True)
class Galley:
    """One file of a manuscript."""

    #: As the author knows it.
    name: str
    text: str
    paragraphs: tuple[Paragraph, ...]
    #: Offsets at which its lines begin.
    starts: tuple[int, ...]
    #: Where its lines come from, if it includes other files (see `Section.lines`).
    lines: Lines = ()

    def place(self, offset: int) -> Place:
        """Return the place of an offset in the text: in the file that it was included from."""
        line = bisect_right(self.starts, offset)
        return Place(*origin(self.name, self.lines, line), offset - self.starts[line - 1] + 1)


def galley(job: Job) -> Galley:
    """Turn a file into its galley."""
    tokens = parsed(job)
    lines = job.text.split("\n")
    starts = tuple(accumulate((len(line) + 1 for line in lines), initial=0))
    paragraphs: list[Paragraph] = []
    kinds = _kinds(tokens)
    placed = _Blocks(lines, starts)
    for run in runs(tokens, job.language):
        kind, line = kinds.get(id(run.inline), ("field", 0))  # a note written in its place has no block
        places = placed.of(run, line)
        paragraphs.append(Paragraph(run.text, places, run.language, "field" if placed.count > 1 else kind))
    return Galley(job.name, job.text, tuple(paragraphs), starts, job.lines)


def _kinds(tokens: Sequence[Token]) -> dict[int, tuple[str, int]]:
    """Return what each inline token is, and the line (from 0) where it begins."""
    found: dict[int, tuple[str, int]] = {}
    line, before = 0, ""
    names = {"heading_open": "heading", "th_open": "cell", "td_open": "cell"}
    for token in tokens:
        line = token.map[0] if token.map else line
        if token.type == "inline":
            found[id(token)] = (names.get(before, "paragraph"), line)
        for caption in token.children or () if token.nesting == 1 else ():
            found[id(caption)] = ("caption", caption.map[0] if caption.map else line)
        before = token.type
    return found


class _Blocks:
    """Finds the signs of runs in the lines of a file."""

    def __init__(self, lines: Sequence[str], starts: Sequence[int]) -> None:
        self.lines, self.starts = lines, starts
        #: The block of the last run, how many runs it had so far, and its leaves' places.
        self.last: Token | None = None
        self.count = 0
        self.leaves: dict[int, tuple[int, ...]] = {}
        #: Line and column behind the last block: cells of a row follow each other.
        self.behind = (0, 0)

    def of(self, run: Run, line: int) -> tuple[int, ...]:
        """Return the place of each sign of a run whose block begins on a line."""
        if run.inline is not self.last:
            self.last, self.count = run.inline, 0
            content = self._content(run.inline.content, line)
            aligned = _Aligner(run.inline.content).leaves(run.inline.children or ())
            self.leaves = {
                key: tuple(content[at] if 0 <= at < len(content) else NOWHERE for at in places)
                for key, places in aligned.items()
            }
        self.count += 1
        places: list[int] = []
        for token, text in zip(run.tokens, run.texts, strict=True):
            found = self.leaves.get(id(token), ())
            places += found if len(found) == len(text) else (NOWHERE,) * len(text)
        return tuple(places)

    def _content(self, content: str, line: int) -> list[int]:
        """Return the offset in the file of each sign of a block's inline text."""
        places: list[int] = []
        for number, part in enumerate(content.split("\n"), start=line):
            source = self.lines[number] if number < len(self.lines) else ""
            after = self.behind[1] if self.behind[0] == number else 0
            column = source.find(part, after)
            if column < 0:  # an escaped mark in a cell, tabs: no place rather than a wrong one
                places += [NOWHERE] * (len(part) + 1)
                continue
            self.behind = (number, column + len(part))
            begin = self.starts[number] + column
            places += range(begin, begin + len(part) + 1)
        return places


class _Aligner:
    """Finds the text of inline tokens again in the inline text that they were read from."""

    def __init__(self, content: str) -> None:
        self.content, self.place = content, 0
        #: Whether what comes next may stand behind letters that are no text: code, an address, a label.
        self.free = False

    def leaves(self, tokens: Sequence[Token]) -> dict[int, tuple[int, ...]]:
        """Return, by the token's id, the offset of each sign of its text."""
        found: dict[int, tuple[int, ...]] = {}
        for token in tokens:
            if token.type in {"text", "literal"}:
                found[id(token)] = self._text(token.content)
            elif token.type in {"softbreak", "hardbreak"}:
                end = self.content.find("\n", self.place)
                found[id(token)] = (end,)
                self.place = max(self.place, end + 1)
            else:
                self._markup(token, found)
        return found

    def _markup(self, token: Token, found: dict[int, tuple[int, ...]]) -> None:
        if token.children:
            self.place = max(self.place, int(token.meta.get("at", self.place)) + 2)
            found |= self.leaves(token.children)
        if token.type in {"link_close", "span_close", "image", "inline_note"}:
            end = self.content.find("]" if token.markup != "autolink" else ">", self.place)
            match = _AFTER_LINK.match(self.content, end) if end >= 0 else None
            self.place = match.end() if match else self.place
        elif token.type in {"em_open", "em_close", "strong_open", "strong_close"}:
            self.place += len(token.markup) if self.content.startswith(token.markup, self.place) else 0
        elif token.nesting == 0:
            self._opaque(token)

    def _opaque(self, token: Token) -> None:
        """Pass by code, raw HTML, a call, mathematics: their own text if it can be found."""
        start = int(token.meta.get("at", self.place)) if token.meta else self.place
        at = self.content.find(token.content, start) if token.content else -1
        self.place = at + len(token.content) if at >= 0 else max(self.place, start + 1)
        self.free = True

    def _text(self, text: str) -> tuple[int, ...]:
        at = self.content.find(text, self.place)
        skipped = self.content[self.place : at] if at >= 0 else ""
        if at >= 0 and (self.free or not any(map(str.isalnum, skipped))):
            self.free = False
            self.place = at + len(text)
            return tuple(range(at, at + len(text)))
        self.free = False
        return tuple(self._signs(text))

    def _signs(self, text: str) -> Iterator[int]:
        """Find a text sign by sign, past backslashes and over entities."""
        for sign in text:
            end = self.place + _MARKUP
            at = self.content.find(sign, self.place, end)
            entity = _ENTITY.search(self.content, self.place, at if at >= 0 else end)
            if entity and unescape(entity[0]) == sign:
                self.place = entity.end()
                at = NOWHERE
            elif at >= 0:
                self.place = at + 1
            yield at
