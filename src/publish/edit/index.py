"""Index marks in the text → the index: entries in the order of the language, locators for both books.

`[term]{.index}`; attributes: `entry` (the entry's words where they aren't the text's), `sub`, `sort`, `see`,
`see-also`, `range="start"` … `range="end"`, and the class `main` for the chief place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from html import escape, unescape

from publish.book import Book, Section
from publish.edit.fragments import holds, known_as, placed, rewritten
from publish.problems import Place, Problem, nearest
from publish.words import Words, words
from publish.xhtml import letters

_MARKS = ('class="index', ' index"')
_MARK = re.compile(r'<span\b(?=[^<>]*\sclass="(?:[^"]*\s)?index[\s"])([^<>]*)>')
_SPAN = re.compile(r"<(/?)span\b[^<>]*>")
_ATTRIBUTE = re.compile(r'\s([\w:-]+)="([^"]*)"')
_HEADING = re.compile(r"<h[2-6]\b[^<>]*>(.*?)</h[2-6]>", re.DOTALL)
#: What an entry loses of the text that it is taken from: notes' calls, links, anchors.
_CALLS = re.compile(r'<a class="note-call".*?</a>')
_LINKS = re.compile(r"</?a\b[^<>]*>")
_ANCHORS = re.compile(r'(<[^<>]*?)\s+(?:id|data-[\w-]+)="[^"]*"')
_TAG = re.compile(r"<[^<>]*>")
_LEADING = re.compile(r"^[\W_]+")
#: Letters that a language sorts behind another as letters of their own; U+FFFF sorts behind all.
_TAILORED: dict[str, dict[str, str]] = {
    "es": {"ñ": "n\uffff"},
    "sv": {"å": "z\uffffa", "ä": "z\uffffb", "ö": "z\uffffc"},
    "fi": {"å": "z\uffffa", "ä": "z\uffffb", "ö": "z\uffffc"},
    "da": {"æ": "z\uffffa", "ø": "z\uffffb", "å": "z\uffffc"},
    "nb": {"æ": "z\uffffa", "ø": "z\uffffb", "å": "z\uffffc"},
}
#: Attributes of a mark that its span keeps.
_KEPT = ("lang", "xml:lang", "dir")
_LAST_KINDS = frozenset({"colophon", "about-the-author"})


@dataclass(frozen=True, slots=True)
class _Mark:
    """One index mark of the text."""

    anchor: str
    #: Attributes as written: `entry`, `sub`, `sort`, `see`, `see-also`, `range`.
    values: dict[str, str]
    #: Inline XHTML.
    text: str
    main: bool
    section: Section
    #: Title of the heading above it in its section; empty: it stands right below the section's own.
    heading: str
    place: Place


@dataclass(frozen=True, slots=True)
class _Locator:
    """A place that an entry leads to: one mark, or from a mark to another."""

    mark: _Mark
    end: _Mark | None = None


@dataclass(slots=True)
class _Entry:
    """An entry of the index, or one below it."""

    #: Inline XHTML.
    text: str
    anchor: str
    sort: str = ""
    locators: list[_Locator] = field(default_factory=list)
    #: Entries to look at instead, and besides.
    see: dict[str, Place] = field(default_factory=dict)
    see_also: dict[str, Place] = field(default_factory=dict)
    entries: dict[str, _Entry] = field(default_factory=dict)


def make_index(book: Book) -> tuple[Book, tuple[Problem, ...]]:
    """Give the index marks their anchors and write the index, in its section or in one of its own."""
    if not any(holds(section, mark) for section in book.sections for mark in _MARKS):
        return book, ()
    marks: list[_Mark] = []
    sections = tuple(_marked(section, marks) for section in book.sections)
    if not marks:
        return book, ()
    problems: list[Problem] = []
    if not (entries := _entries(marks, problems)):  # none has words
        return replace(book, sections=sections), tuple(problems)
    own = words(book.metadata.language)
    listed = _Writer(book, own, entries, problems).written()
    return _with_index(replace(book, sections=sections), listed, own), tuple(problems)


# --- the marks ---------------------------------------------------------------------------------------


def _marked(section: Section, marks: list[_Mark]) -> Section:
    """Read a section's marks and leave of each a span with an anchor."""

    def change(fragment: str) -> str:
        out, end, heading = [], 0, ""
        headings = iter([(found.end(), found[1]) for found in _HEADING.finditer(fragment)])
        coming = next(headings, None)
        for match in _MARK.finditer(fragment):
            while coming and coming[0] <= match.start():
                heading, coming = coming[1], next(headings, None)
            mark = replace(_mark(section, fragment, match, len(marks) + 1), heading=_plain_inline(heading))
            marks.append(mark)
            names = [name for name in mark.values["class"].split() if name != "main"]
            kept = "".join(f' {key}="{mark.values[key]}"' for key in _KEPT if key in mark.values)
            out += [
                fragment[end : match.start()],
                f'<span class="{" ".join(names)}" id="{mark.anchor}"{kept}>',
            ]
            end = match.end()
        return "".join([*out, fragment[end:]])

    def short(title: str) -> str:
        return _MARK.sub("<span>", title)

    return rewritten(section, _MARKS, change, short)


def _mark(section: Section, fragment: str, match: re.Match[str], number: int) -> _Mark:
    values = {key.removeprefix("data-"): value for key, value in _ATTRIBUTE.findall(match[1])}
    return _Mark(
        anchor=values.get("id") or f"ix-{number}", values=values, text=_inside(fragment, match.end()),
        main="main" in values["class"].split(), section=section,
        heading="", place=placed(section, fragment, match),
    )  # fmt: skip


def _inside(fragment: str, start: int) -> str:
    """Return what the span holds whose start tag ends at an offset."""
    depth = 1
    for match in _SPAN.finditer(fragment, start):
        depth += -1 if match[1] else 1
        if not depth:
            return _plain_inline(fragment[start : match.start()])
    return ""


def _plain_inline(fragment: str) -> str:
    """Return inline XHTML without notes, links and anchors."""
    return " ".join(_ANCHORS.sub(r"\1", _LINKS.sub("", _CALLS.sub("", fragment))).split())


# --- the entries -------------------------------------------------------------------------------------


def _entries(marks: Iterable[_Mark], problems: list[Problem]) -> dict[str, _Entry]:
    top: dict[str, _Entry] = {}
    opened: dict[tuple[str, str], _Mark] = {}
    for mark in marks:
        text = mark.values.get("entry") or mark.text
        if not known_as(text):
            fact, hint = "an index mark has no words", 'write them: “[]{.index entry="…"}”'
            problems.append(Problem("broken-index", mark.place, fact, hint))
            continue
        entry = _entry(top, text, "entry-")
        named = entry
        if sub := mark.values.get("sub"):
            entry = _entry(entry.entries, sub, f"{entry.anchor}-")
        entry.sort = entry.sort or mark.values.get("sort", "")
        _add(entry, mark, opened, (named.anchor, entry.anchor))
    for mark in opened.values():
        shown = unescape(mark.values.get("entry") or _TAG.sub("", mark.text))
        fact = f"the range of “{shown}” in the index begins here and never ends"
        hint = 'write range="end" where it ends'
        problems.append(Problem("broken-index", mark.place, fact, hint))
    return top


def _entry(entries: dict[str, _Entry], text: str, prefix: str) -> _Entry:
    """Return the entry of some words; the first to write it decides its capitals."""
    name = re.sub(r"[^\w-]+", "-", known_as(text)).strip("-") or "x"
    return entries.setdefault(known_as(text), _Entry(text, f"{prefix}{name}"))


def _add(entry: _Entry, mark: _Mark, opened: dict[tuple[str, str], _Mark], key: tuple[str, str]) -> None:
    """Add what a mark says to its entry: a locator, the end of a range, or another entry to see."""
    if "see" in mark.values or "see-also" in mark.values:
        entry.see |= {mark.values["see"]: mark.place} if "see" in mark.values else {}
        entry.see_also |= {mark.values["see-also"]: mark.place} if "see-also" in mark.values else {}
    elif mark.values.get("range") == "start":
        opened[key] = mark
        entry.locators.append(_Locator(mark))
    elif mark.values.get("range") == "end" and key in opened:
        begun = opened.pop(key)
        place = next(n for n, locator in enumerate(entry.locators) if locator.mark is begun)
        entry.locators[place] = _Locator(begun, mark)
    else:
        entry.locators.append(_Locator(mark))


def _sorter(language: str) -> Callable[[_Entry], tuple[int, ...]]:
    """Return the key that sorts entries as a language does (Unicode Technical Standard 10)."""
    from pyuca import Collator  # noqa: PLC0415 - only a book with an index loads it

    collator = Collator()
    tailored = _TAILORED.get(language.partition("-")[0].lower(), {})

    def key(entry: _Entry) -> tuple[int, ...]:
        plain = unescape(entry.sort or _TAG.sub("", entry.text))
        text = _LEADING.sub("", plain).casefold() or plain
        for letter, stands in tailored.items():
            text = text.replace(letter, stands)
        found: tuple[int, ...] = collator.sort_key(text)
        return found

    return key


# --- the index ---------------------------------------------------------------------------------------


class _Writer:
    """Writes the entries of an index as lists."""

    def __init__(self, book: Book, own: Words, entries: dict[str, _Entry], problems: list[Problem]) -> None:
        self._language, self._own, self._top, self._problems = book.metadata.language, own, entries, problems
        self._key = _sorter(book.metadata.language)

    def written(self) -> str:
        """Return the whole index; the last entry of a letter is marked."""
        entries = sorted(self._top.values(), key=self._key)
        nexts = [*(_initial(entry) for entry in entries[1:]), ""]
        lines = (
            self._line(entry, closes=bool(letter) and letter != _initial(entry))
            for entry, letter in zip(entries, nexts, strict=True)
        )
        return f'<ul class="made index">\n{"".join(lines)}</ul>'

    def _line(self, entry: _Entry, *, closes: bool = False) -> str:
        below = "".join(self._line(sub) for sub in sorted(entry.entries.values(), key=self._key))
        nested = f"\n<ul>\n{below}</ul>" if below else ""
        mark = ' class="closes"' if closes else ""
        line = f"{entry.text}{self._locators(entry)}{self._others(entry)}{nested}"
        return f'<li id="{entry.anchor}"{mark}>{line}</li>\n'

    def _locators(self, entry: _Entry) -> str:
        if not entry.locators:
            return ""
        comma = self._own.text("comma")
        places = " ".join(_place_of(locator) for locator in entry.locators)
        sign = "\u2011" if self._language.lower().startswith("fr") else "–"
        printed = (
            f'<span class="folios" data-folios-of="{places}" data-comma="{comma}" data-range="{sign}"></span>'
        )
        links = comma.join(self._links(entry.locators))
        both = (("print", printed), ("ebook", links))
        return "".join(f'<span class="made" data-only="{only}">{comma}{shown}</span>' for only, shown in both)

    def _links(self, locators: list[_Locator]) -> Iterator[str]:
        """Yield links by chapter: « chapitre 2 », or « chapitre 2 (1, 2) » for two places in it."""
        by_name: dict[str, list[_Locator]] = {}
        for locator in locators:
            by_name.setdefault(self._name(locator.mark), []).append(locator)
        for name, found in by_name.items():
            if len(found) == 1:
                yield _link(found[0], name)
            else:
                numbers = (_link(locator, str(number), name) for number, locator in enumerate(found, 1))
                yield f"{name} ({self._own.text('comma').join(numbers)})"

    def _name(self, mark: _Mark) -> str:
        """Return how the e-book calls a place: its chapter's number, else the title above it."""
        section = mark.section
        if section.number and section.kind in {"chapter", "appendix", "part", "section"}:
            return self._own.reference(section.kind, section.number)
        return mark.heading or section.short_title or self._own.kind(section.kind)

    def _others(self, entry: _Entry) -> str:
        """Return « , voir X » where an entry has no place of its own, « . Voir aussi X » where it has."""
        out = ""
        comma = self._own.text("comma")
        if entry.see:
            out += (
                f"{comma}<em>{self._own.text('index-see')}</em> {comma.join(self._targets(entry, entry.see))}"
            )
        if entry.see_also:
            also = self._own.text("index-see-also")
            before = f"{comma}<em>{also}</em>"
            if entry.locators or entry.see:
                before = f". <em>{also[:1].upper()}{also[1:]}</em>"
            out += f"{before} {comma.join(self._targets(entry, entry.see_also))}"
        return out

    def _targets(self, entry: _Entry, names: Mapping[str, Place]) -> Iterator[str]:
        for name, place in names.items():
            found = self._top.get(known_as(name))
            if found:
                yield f'<a href="#{found.anchor}">{found.text}</a>'
            else:
                known = [unescape(_TAG.sub("", other.text)) for other in self._top.values()]
                hint = nearest(unescape(name), known, "write") or "mark it somewhere in the text"
                fact = (
                    f"“{unescape(_TAG.sub('', entry.text))}” leads to “{unescape(name)}”, which has no entry"
                )
                self._problems.append(Problem("broken-index", place, fact, hint))


def _initial(entry: _Entry) -> str:
    import unicodedata  # noqa: PLC0415 - a table that few books need

    text = _LEADING.sub("", unescape(entry.sort or _TAG.sub("", entry.text))) or "#"
    first = unicodedata.normalize("NFD", text)[0].casefold()
    return {"œ": "o", "æ": "a"}.get(first, first if first.isalpha() else "#")


def _place_of(locator: _Locator) -> str:
    """Return a place as the typesetter reads it: `ix-1`, a range `ix-1..ix-4`, `!` behind the chief one."""
    end = f"..{locator.end.anchor}" if locator.end else ""
    return f"{locator.mark.anchor}{end}{'!' if locator.mark.main else ''}"


def _link(locator: _Locator, text: str, around: str = "") -> str:
    label = f' aria-label="{escape(_TAG.sub("", around))}, {text}"' if around else ""
    link = f'<a href="#{locator.mark.anchor}"{label}>{text}</a>'
    return f"<strong>{link}</strong>" if locator.mark.main else link


def _with_index(book: Book, listed: str, own: Words) -> Book:
    """Put the index into its section, or into one of its own at the book's end."""
    sections = list(book.sections)
    for number, section in enumerate(sections):
        if section.kind == "index":
            sections[number] = replace(section, body=f"{section.body}\n{listed}".strip())
            return replace(book, sections=tuple(sections))
    title, anchor = own.kind("index"), "index"
    while any(f'id="{anchor}"' in section.body or section.anchor == anchor for section in sections):
        anchor += "-page"
    made = Section(
        anchor=anchor, matter="back", kind="index", depth=1, title=title, short_title=title,
        plain_title=title,
        body=listed, headings=(), notes=(), images=(), letters=letters(title),
        source=book.source,
    )  # fmt: skip
    end = len(sections)
    while end and sections[end - 1].matter == "back" and sections[end - 1].kind in _LAST_KINDS:
        end -= 1
    return replace(book, sections=(*sections[:end], made, *sections[end:]))
