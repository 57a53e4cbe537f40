"""The order of a book: lists of files into entries, and one file's headings into its parts and chapters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import unquote

from markdown_it.token import Token

from publish.book import Matter
from publish.manuscript import dialect
from publish.problems import Place


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a book's list: a file, or a part that is a title alone."""

    #: Path from the book's folder; empty: there is no file.
    path: str
    #: What the list calls it; empty: the file's heading tells.
    title: str
    #: Where the list says so.
    place: Place
    matter: Matter = "body"
    #: Empty: to be inferred.
    kind: str = ""
    #: 1 for what stands directly in the book.
    depth: int = 1


@dataclass(frozen=True, slots=True)
class Summary:
    """An mdBook `SUMMARY.md`: its heading and its entries."""

    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """A section of a single file: its tokens from `start` to `end`, `title` the heading's index or -1."""

    start: int
    end: int
    title: int
    depth: int = 1
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Outline:
    """How a single file falls into sections."""

    cuts: tuple[Cut, ...]
    #: Index of the heading that is the book's own title, or -1.
    title: int


#: Words without a mark of Markdown's, and a path that says the same with and without escapes.
_WORDS = r"[\w«“„(¿¡…—–][\w \u00a0\u202f\u2060,.:;’'!?«»“”„()…–—-]*(?<![ _])"
_PATH = r"[A-Za-z0-9./_-]+"
_PLAIN_HEADING = re.compile(rf"# ({_WORDS})\n+")
#: Spaces that an item may stand behind where its list begins; more are code (CommonMark, section 4.4).
_DEEPER = 3
_PLAIN_LINK = re.compile(rf"( *)([-*+]) \[({_WORDS})\]\(({_PATH})\)")


@lru_cache(maxsize=1)  # read for the title, then for the entries
def read_summary(text: str, name: str) -> Summary:
    """Turn a `SUMMARY.md` into entries, by mdBook's rules.

    Links before the list are front matter, the list is the body, links after it are back matter;
    a level-1 heading after the first is a part's title; `[draft]()` is left out.
    """
    if (plain := _plain_summary(text, name)) is not None:
        return plain
    tokens = dialect.parse(text)
    lists = [
        index for index, token in enumerate(tokens) if token.type.endswith("_list_open") and not token.level
    ]
    title, part = "", 0
    entries: list[Entry] = []
    for index, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h1":
            words = _words(tokens[index + 1])
            if not title and not entries:
                title = words
            else:
                part = 1
                entries.append(Entry("", words, Place(name, _line(token)), kind="part"))
        elif token.type == "inline" and tokens[index - 1].type == "paragraph_open":
            matter, depth = _where(index, token.level, lists, part)
            entries += [
                Entry(path, words, Place(name, _line(token)), matter, depth=depth)
                for path, words in _links(token)
            ]
    return Summary(title, tuple(entries))


def _plain_summary(text: str, name: str) -> Summary | None:
    """Read a summary that is a heading and one list of links, twenty times as fast; None: it isn't."""
    if "_" in re.sub(rf"\]\({_PATH}\)", "", text):
        return None
    heading = _PLAIN_HEADING.match(text)
    rest = text[heading.end() :] if heading else text
    first = text.count("\n", 0, heading.end()) + 1 if heading else 1
    mark = rest.lstrip()[:1]
    entries, insides = list[Entry](), list[int]()
    for line, item in enumerate(rest.rstrip("\n").split("\n"), first):
        link = _PLAIN_LINK.fullmatch(item)
        if link is None or link[2] != mark:
            return None
        indent = len(link[1])
        while insides and indent < insides[-1]:
            insides.pop()
        if indent - (insides[-1] if insides else 0) > _DEEPER:
            return None
        insides.append(indent + len("- "))
        path = link[4].removeprefix("./")
        entries.append(Entry(path, link[3], Place(name, line), depth=len(insides)))
    return Summary(heading[1] if heading else "", tuple(entries))


def _where(index: int, level: int, lists: Sequence[int], part: int) -> tuple[Matter, int]:
    """Return matter and depth of a link: a list nests two token levels for each of its own."""
    if level > 1:
        return "body", level // 2 + part
    if not lists or lists[0] < index < lists[-1]:
        return "body", 1 + part
    return ("front", 1) if index < lists[0] else ("back", 1)


def _links(token: Token) -> Iterator[tuple[str, str]]:
    children = token.children or []
    for index, child in enumerate(children):
        if child.type == "link_open" and child.attrs["href"]:
            words = []
            for inner in children[index + 1 :]:
                if inner.type == "link_close":
                    break
                words.append(inner.content)
            yield unquote(str(child.attrs["href"])).removeprefix("./"), "".join(words)


def _words(token: Token) -> str:
    return "".join(
        child.content or " " * (child.type == "softbreak") for child in token.children or ()
    ).strip()


def _line(token: Token) -> int:
    return (token.map or [0])[0] + 1


def listed(text: str, name: str) -> tuple[Entry, ...]:
    """Turn a `files.txt`, one path a line, into entries."""
    lines = enumerate(text.splitlines(), start=1)
    return tuple(Entry(line.strip(), "", Place(name, number)) for number, line in lines if line.strip())


def top_headings(tokens: Sequence[Token]) -> list[tuple[int, int]]:
    """Return (index, level) of the headings that stand in no other block."""
    return [
        (index, int(token.tag[1]))
        for index, token in enumerate(tokens)
        if token.type == "heading_open" and token.level == 0
    ]


def cuts_of_chapter(tokens: Sequence[Token]) -> tuple[Cut, ...]:
    """Cut a file of a folder: its first heading is the title; several of level 1 are several sections."""
    headings = top_headings(tokens)
    if not headings:
        return (Cut(0, len(tokens), -1),)
    titles = [index for index, level in headings if level == 1] if headings[0][1] == 1 else [headings[0][0]]
    ends = [*titles[1:], len(tokens)]
    starts = [0, *titles[1:]]
    return tuple(Cut(start, end, title) for start, end, title in zip(starts, ends, titles, strict=True))


def outline(tokens: Sequence[Token], title: str, level: int = 0) -> Outline:
    """Cut a single file at the headings that make its parts and chapters.

    `title` is the one of the metadata, or empty; `level` the one that makes chapters, or 0: the
    shallowest at which most headings have text of their own. Shallower ones are parts.
    """
    headings = top_headings(tokens)
    book = _book_title(tokens, headings, title)
    if book >= 0:
        headings = headings[1:]
    chapters = level or _chapter_level(tokens, headings)
    edges = [(index, depth) for index, depth in headings if depth <= chapters]
    begin = book + 3 if book >= 0 else 0
    first = edges[0][0] if edges else len(tokens)
    cuts = list(_cuts(tokens, edges, chapters))
    if _has_text(tokens[begin:first]):
        cuts.insert(0, Cut(begin, first, -1, kind="preamble" if cuts else "chapter"))
    return Outline(tuple(cuts), book)


def _cuts(tokens: Sequence[Token], edges: Sequence[tuple[int, int]], chapters: int) -> Iterator[Cut]:
    open_levels: list[int] = []
    ends = [*(index for index, _ in edges[1:]), len(tokens)][: len(edges)]
    for number, ((index, level), end) in enumerate(zip(edges, ends, strict=True)):
        while open_levels and open_levels[-1] >= level:
            open_levels.pop()
        open_levels.append(level)
        holds = number + 1 < len(edges) and edges[number + 1][1] > level
        part = level < chapters and holds
        yield Cut(index, end, index, len(open_levels), "part" if part else "")


def _book_title(tokens: Sequence[Token], headings: Sequence[tuple[int, int]], title: str) -> int:
    """Return the index of the heading that repeats, or gives, the book's title; or -1."""
    ones = [index for index, level in headings if level == 1]
    if len(ones) != 1 or headings[0][1] != 1 or len(headings) < 2 or headings[1][1] != 2:
        return -1
    if _has_text(tokens[: ones[0]]):
        return -1
    same = _key(_words(tokens[ones[0] + 1])) == _key(title)
    return ones[0] if same or not title else -1


def _key(text: str) -> str:
    return re.sub(r"\W+", "", text).casefold()


def _chapter_level(tokens: Sequence[Token], headings: Sequence[tuple[int, int]]) -> int:
    """Return the shallowest level at which most headings have text before a deeper heading."""
    levels = sorted({level for _, level in headings})
    ends = [*(index for index, _ in headings), len(tokens)][1:] if headings else []
    for level in levels:
        own = [
            _has_text(tokens[index + 3 : following])
            for (index, at), following in zip(headings, ends, strict=True)
            if at == level
        ]
        if sum(own) * 2 > len(own):
            return level
    return levels[-1] if levels else 1


def _has_text(tokens: Sequence[Token]) -> bool:
    return any(
        token.type != "html_block" or not token.content.lstrip().startswith("<!--") for token in tokens
    )


def moved(entries: Sequence[Entry], depth: int) -> tuple[Entry, ...]:
    """Return entries a number of levels deeper."""
    return tuple(replace(entry, depth=entry.depth + depth) for entry in entries)
