"""Links between the places of a book, as `#anchor`."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from html import escape, unescape
from pathlib import PurePath
from urllib.parse import unquote

from publish.book import Book, Section
from publish.edit.anchors import inner_anchors
from publish.edit.fragments import place
from publish.problems import Problem, Severity, nearest

_LINK = re.compile(r'<a(?=[^<>]*\sdata-at=")([^<>]*)>(.*?)</a>', re.DOTALL)
_ATTRIBUTE = re.compile(r'\s([\w:-]+)="([^"]*)"')
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
_NOT_WORDS = re.compile(r"[\W_]+")


@dataclass(slots=True)
class Places:
    """The anchors of a book: each section's, each file's, and the whole book's."""

    #: File → its sections, in order.
    files: dict[str, list[Section]] = field(default_factory=dict)
    #: Anchor's section, and then file, → name as an author may write it → anchor.
    names: dict[str, dict[str, str]] = field(default_factory=dict)
    in_file: dict[str, dict[str, str]] = field(default_factory=dict)
    everywhere: dict[str, str] = field(default_factory=dict)
    #: How often the nearest name may still be sought: it takes a look at every name of the book.
    searches: int = 30

    def nearest(self, name: str, names: Iterable[str]) -> str:
        """Return a hint with the nearest of some names; no more than thirty times in a book."""
        self.searches -= 1
        return nearest(name, names, "write") if self.searches >= 0 else ""

    def find(self, section: Section, name: str) -> str:
        """Return the anchor that a name means in a section: of itself, its file, the book; or nothing."""
        loose = _loose(name)
        for names in (self.names[section.anchor], self.in_file[section.source], self.everywhere):
            for key in (name, loose):
                if key in names:
                    return names[key]
        return ""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a link leads: an anchor, or the problem with it."""

    anchor: str
    fact: str = ""
    hint: str = ""
    severity: Severity = "error"


def resolve_links(book: Book) -> tuple[Book, tuple[Problem, ...]]:
    """Turn links to files and headings of the manuscript into `#anchor`; take out those that lead nowhere."""
    if not any(_has_links(section) for section in book.sections):
        return book, ()
    known, problems = places(book), list[Problem]()
    sections = tuple(_resolved(section, known, problems) for section in book.sections)
    return replace(book, sections=sections), tuple(problems)


def _has_links(section: Section) -> bool:
    if not section.marked:
        return False
    fragments = (section.body, section.title, *(note.body for note in section.notes))
    return any(' data-at="' in fragment for fragment in fragments)


def places(book: Book) -> Places:
    """Gather the anchors of a book, by the names that an author may call them by."""
    known = Places()
    for section in book.sections:
        known.files.setdefault(_normal(section.source), []).append(section)
        known.files.setdefault(section.source, known.files[_normal(section.source)])
        names = known.names[section.anchor] = dict(_names(section))
        near = known.in_file.setdefault(section.source, {})
        for name, anchor in names.items():
            near.setdefault(name, anchor)
            known.everywhere.setdefault(name, anchor)
    return known


def _names(section: Section) -> Iterator[tuple[str, str]]:
    """Iterate over (name, anchor): anchors as they are, then as other tools make them of titles."""
    own = {section.anchor: section.anchor, **{anchor: anchor for anchor in inner_anchors(section)}}
    loose: dict[str, str] = {}
    for title, anchor in [
        (section.plain_title, section.anchor),
        *((re.sub(r"<[^>]*>", "", heading.title), heading.anchor) for heading in section.headings),
    ]:
        loose.setdefault(_loose(unescape(title)), anchor)
    for anchor in tuple(own):
        # an anchor that had to be renamed begins with its section's
        written = anchor.removeprefix(f"{section.anchor}-")
        own.setdefault(written, anchor)
        loose.setdefault(_loose(anchor), anchor)
        loose.setdefault(_loose(written), anchor)
    yield from own.items()
    yield from ((name, anchor) for name, anchor in loose.items() if name and name not in own)


def _loose(name: str) -> str:
    """Return a name's letters and digits: what all ways to make anchors of titles have in common."""
    base = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    return "~" + _NOT_WORDS.sub("", base) if _NOT_WORDS.sub("", base) else ""


def _resolved(section: Section, places: Places, problems: list[Problem]) -> Section:
    def linked(match: re.Match[str]) -> str:
        values, words = dict(_ATTRIBUTE.findall(match[1])), match[2]
        at, href = values.pop("data-at"), unescape(values.get("href", ""))
        spot, lenient = place(section, at), at.endswith("?")
        if href and not _SCHEME.match(href):
            found = target(section, href, places)
            if found.fact:
                severity: Severity = "warning" if lenient else found.severity
                problems.append(Problem("broken-link", spot, found.fact, found.hint, severity))
            values["href"] = f"#{escape(found.anchor)}"
            if not found.anchor:
                return _words_alone(values, words)
        return f"<a{_written(values)}>{words}</a>"

    if not _has_links(section):
        return section
    notes = tuple(replace(note, body=_LINK.sub(linked, note.body)) for note in section.notes)
    return replace(
        section, title=_LINK.sub(linked, section.title), body=_LINK.sub(linked, section.body), notes=notes
    )


def _words_alone(values: dict[str, str], words: str) -> str:
    """Return the words of a link that goes, with the attributes that they keep."""
    kept = {key: value for key, value in values.items() if key in {"id", "class", "lang", "xml:lang", "dir"}}
    return f"<span{_written(kept)}>{words}</span>" if kept else words


def _written(values: dict[str, str]) -> str:
    return "".join(f' {key}="{value}"' for key, value in values.items())


def target(section: Section, href: str, places: Places) -> Target:
    """Return where an address of the manuscript leads: `#anchor`, `file.md` or `file.md#anchor`."""
    path, _, fragment = href.partition("#")
    fragment = unquote(fragment)
    if not path:
        anchor = places.find(section, fragment) if fragment else section.anchor
        fact = f"nothing in the book has the anchor “{fragment}”"
        hint = nearest_anchor(fragment, places) or f"write “{{#{fragment}}}” behind the title that it means"
        return Target(anchor) if anchor else Target("", fact, hint)
    sections = _sections_of(section, path, places)
    if not sections:
        return _no_file(path, places)
    if not fragment:
        return Target(sections[0].anchor)
    for names in (places.names[found.anchor] for found in sections):
        if fragment in names or _loose(fragment) in names:
            return Target(names.get(fragment) or names[_loose(fragment)])
    fact = f"“{path}” has no anchor “{fragment}”; the link leads to its beginning"
    return Target(sections[0].anchor, fact, nearest_anchor(fragment, places, sections[0]), "warning")


def _sections_of(section: Section, path: str, places: Places) -> list[Section]:
    """Return the sections of the file that a path means; `.html` and no suffix stand for `.md`."""
    folder = posixpath.dirname(_normal(section.source))
    wanted = _normal(posixpath.join(folder, unquote(path)))
    stem = wanted.removesuffix(".html").removesuffix(".xhtml")
    for name in (
        wanted,
        f"{stem}.md",
        f"{wanted}/index.md",
        f"{wanted}/README.md",
        f"{stem.removesuffix('/index')}/README.md",
    ):
        if name in places.files:
            return places.files[name]
    return []


def _no_file(path: str, places: Places) -> Target:
    names = {PurePath(name).name: name for name in places.files}
    wanted = PurePath(unquote(path)).name
    hint = places.nearest(wanted, names) or "write the path of a file of the book, or a whole web address"
    return Target("", f"“{path}” is no file of the book", hint)


def nearest_anchor(name: str, places: Places, section: Section | None = None) -> str:
    """Return a hint with the nearest anchor of the book, or of a section."""
    known = places.names[section.anchor].values() if section else places.everywhere.values()
    return places.nearest(name, (anchor for anchor in known if not anchor.startswith(("note-", "call-"))))


def _normal(path: str) -> str:
    return posixpath.normpath(unicodedata.normalize("NFC", PurePath(path).as_posix()))
