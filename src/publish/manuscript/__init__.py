"""A folder or a file into a `Book`: the one door from the disk.

settings ──► entries ──► jobs (one a file) ──► sections ──► images, kinds, anchors ──► Book
"""

from __future__ import annotations

import calendar
import posixpath
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from publish.book import Book, Matter, Metadata, Section
from publish.manuscript.files import Folder, composed
from publish.manuscript.gallery import Gallery
from publish.manuscript.galleys import Galley, galley
from publish.manuscript.includes import splice
from publish.manuscript.keys import FRONT_MATTER, read_toml, read_yaml, warn_of_open, without
from publish.manuscript.language import direction, guess, kind_of, matter_of
from publish.manuscript.lists import labels
from publish.manuscript.names import Anchors, slug
from publish.manuscript.pandoc import title_block
from publish.manuscript.runs import shown
from publish.manuscript.sections import Job, Reading, read_file
from publish.manuscript.settings import Chosen, Wanted, from_pandoc, from_toml, identifier, of_edition
from publish.manuscript.structure import Entry, listed, read_summary
from publish.problems import BookProblems, Place, Problem, errors, in_order, nearest
from publish.typography import BREAK, House, Style, style

if TYPE_CHECKING:
    from publish.cache import Store

__all__ = ["Aside", "Proofs", "Wanted", "proofs", "read"]

#: Below so many characters, processes cost more than they save.
_WORTH_A_POOL = 1_000_000
#: Files of a folder that belong to it and not to the book.
_NOT_TEXT = frozenset(
    {"readme.md", "license.md", "licence.md", "changelog.md", "contributing.md", "summary.md"}
)
#: Errors after which a part of the text or of the works isn’t read, or not as its author meant it.
_UNREAD = frozenset(
    ["missing-file", "outside-book", "not-utf8", "empty-book", "section-too-large", "too-deep",
     "bad-settings", "bad-bibliography", "unclosed-comment", "unclosed-div"]
)  # fmt: skip
_AT = re.compile(r'(<a\b[^<>]*?\sdata-at="\d+:\d+)')


@dataclass(frozen=True, slots=True)
class Aside:
    """Processes that read a long book, what this one does meanwhile, and what need not be read again."""

    pool: Executor
    meanwhile: Callable[[], None] = lambda: None
    #: Where readings are kept between builds; None: nowhere.
    store: Store | None = None


@dataclass(frozen=True, slots=True)
class Proofs:
    """A manuscript as a proof-reader reads it."""

    metadata: Metadata
    house: House
    galleys: tuple[Galley, ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What was chosen, and the files to read; a single file that is the whole book has no entries."""

    chosen: Chosen
    entries: tuple[Entry, ...]
    jobs: tuple[Job, ...]


@dataclass(frozen=True, slots=True)
class _Draft:
    """A book on its way: what was chosen, and the sections as their files gave them."""

    chosen: Chosen
    entries: tuple[Entry, ...]
    readings: tuple[Reading, ...]


def read(
    source: Path,
    *,
    modified: int | None = None,
    aside: Aside | None = None,
    wanted: Wanted = Wanted(),  # noqa: B008 - it is frozen
) -> tuple[Book, tuple[Problem, ...]]:
    """Turn a manuscript into a book, and what is wrong with it.

    `source` is a folder (with book.toml, SUMMARY.md, files.txt or Markdown files alone) or one
    Markdown file. `modified` is in seconds since 1970; None: midnight (UTC) of the book's date, or of
    2000-01-01. Long books are read in the processes of `aside`. `wanted` names the edition and the output.

    Errors are among the problems too, so that later steps can add theirs. Raises BookProblems with all
    that is wrong where a part of the text isn't read: what they would say of the rest could be false.
    """
    folder, plan = _planned(source, wanted)
    draft = _draft(plan, source, aside)
    sections, found = _gather(draft)
    gallery = Gallery(folder)
    if aside is not None:
        gallery.look_ahead(sections, aside.pool)
    sections = tuple(gallery.placed(section) for section in sections)
    metadata = _complete(draft, source)
    if draft.chosen.cover:
        path, place = draft.chosen.cover
        cover = gallery.cover(path, place)
        metadata = replace(metadata, cover=cover.path if cover else "")
    problems = in_order([*folder.problems, *found])
    if not errors(problems) and not any(section.body or section.title for section in sections):
        problems = (
            *problems,
            Problem("empty-book", Place(str(source)), "the book has no text", "write a chapter"),
        )
    if any(problem.code in _UNREAD for problem in errors(problems)):
        raise BookProblems(problems)
    sections = _with_anchors(_with_kinds(sections, metadata.language))
    when = _midnight(metadata.date) if modified is None else modified
    varies = any(reading.varies for reading in draft.readings)
    book = Book(metadata, draft.chosen.settings, sections, gallery.resources, str(source), when, varies)
    return replace(book, bibliography=draft.chosen.bibliography), problems


def proofs(source: Path) -> Proofs:
    """Turn a manuscript into its galleys. Raises BookProblems where its files or settings can't be read."""
    folder, plan = _planned(source, Wanted())
    if errors(folder.problems):
        raise BookProblems(folder.problems)
    paths = [entry.path for entry in plan.entries] or [str(source)]  # a part may be a title without a file
    galleys = tuple(galley(job) for path, job in zip(paths, plan.jobs, strict=True) if path)
    return Proofs(plan.chosen.metadata, plan.chosen.house, galleys)


def _planned(source: Path, wanted: Wanted) -> tuple[Folder, _Plan]:
    """Return the folder of a manuscript and what is to be read in it. Raises BookProblems (missing-book)."""
    folder = Folder(source if source.is_dir() else source.parent)
    if not source.exists():
        hint = (
            nearest(source.name, (path.name for path in folder.root.glob("*")))
            or "name a folder or a Markdown file"
        )
        raise BookProblems([Problem("missing-book", None, f"there is nothing at “{source}”", hint)])
    if not (source.is_dir() or source.is_file()):  # a pipe, a device: it may never end
        fact, hint = f"“{source}” is neither a folder nor a file", "name a folder or a Markdown file"
        raise BookProblems([Problem("missing-book", None, fact, hint)])
    lone = _lone_text(folder) if source.is_dir() else source
    plan = _file_plan(folder, lone, wanted) if lone else _folder_plan(folder, wanted)
    chosen, examples = plan.chosen, frozenset[str]().union(*(labels(job.text) for job in plan.jobs))
    _know_language(chosen, [job.text for job in plan.jobs])
    jobs = (
        replace(
            job, language=chosen.metadata.language, house=chosen.house, choices=chosen.choices,
            cites=chosen.bibliography is not None, root=folder.root, examples=examples,
        )
        for job in plan.jobs
    )  # fmt: skip
    return folder, replace(plan, jobs=tuple(jobs))


def _lone_text(folder: Folder) -> Path | None:
    """Return the plain text that is all there is in a folder."""
    lists = ("book.toml", "metadata.yaml", "metadata.yml", "SUMMARY.md", "files.txt")
    if folder.markdown() or any((folder.root / name).is_file() for name in lists):
        return None
    texts = folder.plain()
    return folder.root / texts[0] if len(texts) == 1 else None


def _draft(plan: _Plan, source: Path, aside: Aside | None) -> _Draft:
    read_all = partial(_read_all, aside=aside)
    if aside and aside.store is not None:
        from publish.manuscript.kept import KeptReadings  # noqa: PLC0415 - an EPUB does without the cache

        readings = tuple(KeptReadings(aside.store, source).completed(plan.jobs, read_all))
    else:
        readings = tuple(read_all(plan.jobs))
    chosen = plan.chosen
    if not plan.entries and not chosen.metadata.title and readings and readings[0].title:
        chosen.metadata = replace(chosen.metadata, title=readings[0].title)
    return _Draft(chosen, plan.entries, readings)


def _folder_plan(folder: Folder, wanted: Wanted) -> _Plan:
    """Plan a folder: settings, list, and the files that the list names."""
    chosen, entries = _listed_files(folder, wanted)
    entries = tuple(
        replace(entry, path=entry.path and composed(posixpath.normpath(entry.path))) for entry in entries
    )
    jobs, kept, seen, included = [], [], dict[str, Place](), set[str]()
    for entry in entries:
        if entry.path and entry.path in seen:
            fact = f"“{entry.path}” is listed twice, first at {seen[entry.path]}"
            folder.problem("listed-twice", entry.place, fact, "remove one of the two lines")
            continue
        seen[entry.path] = entry.place
        text = folder.text(entry.path, entry.place) if entry.path else ""
        if text is not None:
            kept.append(entry)
            job = _job(folder, entry, text)
            whole, lines, files = splice(folder, entry.path, job.text) if entry.path else (job.text, (), ())
            included.update(files)
            jobs.append(replace(job, text=whole, lines=lines))
    _unlisted(folder, chosen.text_folder, {*seen, *included})
    return _Plan(chosen, tuple(kept), tuple(jobs))


def _know_language(chosen: Chosen, texts: Sequence[str]) -> None:
    """Guess the language from up to ten texts from all over the book, where the metadata leave it open."""
    if not chosen.metadata.language:
        language = guess(texts[:: max(1, len(texts) // 10)])
        chosen.metadata = replace(chosen.metadata, language=language, direction=direction(language))


def _job(folder: Folder, entry: Entry, text: str) -> Job:
    if not entry.path:
        return Job(
            entry.place.file, f"# {' '.join(entry.title.split())}", "part", entry.matter, entry.depth, "part"
        )
    name, title = folder.shown(entry.path), entry.title
    header = FRONT_MATTER.match(text)
    if header:
        # a chapter's own metadata: only the title counts; the lines stay counted
        keys = read_yaml(header[1] or "", name, folder.problems, first=2)
        title = title or (keys.text("title") if keys else "")
        text = without(header, text)
    else:
        warn_of_open(text, name, folder.problems)
    plain = not header and name.endswith(".txt")
    return Job(name, text, _path_slug(entry.path), entry.matter, entry.depth, entry.kind, title, plain=plain)


def _read_all(jobs: Sequence[Job], aside: Aside | None) -> Iterable[Reading]:
    if aside is None or sum(len(job.text) for job in jobs) < _WORTH_A_POOL:
        return map(read_file, jobs)
    style(jobs[0].language, jobs[0].house)  # the processes that begin now have its rules, once compiled
    readings = aside.pool.map(read_file, jobs, chunksize=max(1, len(jobs) // 32))
    aside.meanwhile()
    return readings


def _listed_files(folder: Folder, wanted: Wanted) -> tuple[Chosen, tuple[Entry, ...]]:
    """Return what a folder's settings say, and its list of files, from the first list there is."""
    chosen = _folder_settings(folder, wanted)
    if chosen.entries is not None:
        return chosen, chosen.entries
    base = f"{chosen.text_folder}/" if chosen.text_folder else ""
    for name, reader in (("SUMMARY.md", _summary), ("files.txt", listed)):
        if (folder.root / base / name).is_file():
            text = folder.text(base + name) or ""
            entries = reader(text, folder.shown(base + name))
            if name == "SUMMARY.md":
                chosen = _titled(chosen, text, folder.shown(base + name))
            return chosen, tuple(
                replace(entry, path=base + entry.path if entry.path else "") for entry in entries
            )
    paths = (path for path in folder.markdown() or folder.plain() if _is_chapter(path))
    return chosen, tuple(Entry(path, "", Place(folder.shown(path))) for path in paths)


def _summary(text: str, name: str) -> tuple[Entry, ...]:
    return read_summary(text, name).entries


def _titled(chosen: Chosen, text: str, name: str) -> Chosen:
    """Take the title from SUMMARY.md's heading when the metadata have none."""
    title = read_summary(text, name).title
    if not chosen.metadata.title and title.casefold() not in {"summary", "sommaire", ""}:
        chosen.metadata = replace(chosen.metadata, title=title)
    return chosen


def _is_chapter(path: str) -> bool:
    """Tell whether a Markdown file is text of its own; `_part.md` is there to be included."""
    name = path.rpartition("/")[2].lower()
    return name not in _NOT_TEXT and not name.startswith("_")


def _folder_settings(folder: Folder, wanted: Wanted) -> Chosen:
    if (folder.root / "book.toml").is_file():
        text = folder.text("book.toml")
        keys = read_toml(text, folder.shown("book.toml"), folder.problems) if text is not None else None
        return (
            of_edition(keys, wanted, partial(from_toml, folder=folder)) if keys else Chosen(Metadata("", ""))
        )
    for name in ("metadata.yaml", "metadata.yml"):
        if (folder.root / name).is_file():
            return _pandoc(folder.text(name) or "", folder.shown(name), wanted, folder)
    return _pandoc("", folder.shown(""), wanted, folder)


def _pandoc(text: str, name: str, wanted: Wanted, folder: Folder) -> Chosen:
    header = FRONT_MATTER.match(text)
    keys = read_yaml((header[1] or "") if header else text, name, folder.problems, first=2 if header else 1)
    read = partial(from_pandoc, folder=folder)
    return of_edition(keys, wanted, read) if keys else Chosen(Metadata("", ""))


def _unlisted(folder: Folder, below: str, seen: Iterable[str]) -> None:
    """Warn of the Markdown files that no list names, in the folder of the text."""
    known = set(seen)
    for path in folder.markdown():
        if below and not path.startswith(f"{below}/"):
            continue
        if path not in known and _is_chapter(path):
            hint = "add it to the list, or move it out of the folder"
            folder.problem(
                "unlisted-file", Place(folder.shown(path)), "no list names this file", hint, "warning"
            )


def _file_plan(folder: Folder, source: Path, wanted: Wanted) -> _Plan:
    """Plan one file: its front matter, and its headings as the structure; a `.txt` without any is plain."""
    text = folder.decode(source, str(source)) or ""
    header = FRONT_MATTER.match(text)
    block = None if header else title_block(text, str(source), folder.problems)
    if not header:
        warn_of_open(text, str(source), folder.problems)
    if block:
        chosen = of_edition(block[0], wanted, partial(from_pandoc, folder=folder))
        text = "\n" * text.count("\n", 0, block[1]) + text[block[1] :]
    else:
        chosen = _pandoc(header[0] if header else "", str(source), wanted, folder)
        text = without(header, text) if header else text
    text, lines, _ = splice(folder, source.name, text, str(source))
    job = Job(
        str(source), text, "", title=chosen.metadata.title, whole=True, level=chosen.chapter_level,
        plain=not header and not block and source.suffix == ".txt", lines=lines,
    )  # fmt: skip
    return _Plan(chosen, (), (job,))


def _gather(draft: _Draft) -> tuple[tuple[Section, ...], list[Problem]]:
    """Return the sections in order, kinds by nesting where a list nests them, and the files' problems."""
    problems = [problem for reading in draft.readings for problem in reading.problems]
    if not draft.entries:
        return tuple(section for reading in draft.readings for section in reading.sections), problems
    sections: list[Section] = []
    above: list[tuple[int, str]] = []
    for number, (entry, reading) in enumerate(zip(draft.entries, draft.readings, strict=True)):
        while above and above[-1][0] >= entry.depth:
            above.pop()
        follower = draft.entries[number + 1] if number + 1 < len(draft.entries) else None
        holds = follower is not None and follower.depth > entry.depth
        kind = _nested_kind(reading, holds=holds, under=above[-1][1] if above else "part")
        above.append((entry.depth, entry.kind or kind))
        made = (replace(section, kind=section.kind or kind) for section in reading.sections)
        sections += [_listed(section, entry, draft.chosen) for section in made]
    return tuple(sections), problems


def _listed(section: Section, entry: Entry, chosen: Chosen) -> Section:
    """Return a section as its list has it: a part without a file stands where the list names it."""
    if not entry.path:
        section = replace(section, source=entry.place.file, line=entry.place.line)
    return section if chosen.entries is not None else _lenient(section)


def _lenient(section: Section) -> Section:
    """Mark the links of a book that was made for another tool: those to pages of its site are warnings."""
    if not section.marked:
        return section
    notes = tuple(replace(note, body=_AT.sub(r"\1?", note.body)) for note in section.notes)
    return replace(
        section, title=_AT.sub(r"\1?", section.title), body=_AT.sub(r"\1?", section.body), notes=notes
    )


def _nested_kind(reading: Reading, *, holds: bool, under: str) -> str:
    if under != "part":
        return "section"
    empty = all(not section.body for section in reading.sections)
    return "part" if holds and empty else "chapter"


def _with_kinds(sections: tuple[Section, ...], language: str) -> tuple[Section, ...]:
    """Infer kinds from titles, and the front and back matter from the kinds at both ends of the body."""
    named = [_named(section, language) for section in sections]
    sides: tuple[Matter, ...] = ("front", "back")
    for side in sides:
        for number in _outer(named, side):
            named[number] = replace(named[number], matter=side)
    return tuple(named)


def _named(section: Section, language: str) -> Section:
    if section.kind not in {"", "chapter"}:
        return section
    kind = kind_of(section.plain_title, section.language or language)
    return replace(section, kind=kind or section.kind or "chapter")


def _outer(sections: Sequence[Section], side: Matter) -> Iterator[int]:
    """Iterate over the numbers of the sections at one end that belong there, by their place or their kind."""
    tops = [number for number, section in enumerate(sections) if section.depth == 1]
    for number in tops if side == "front" else reversed(tops):
        section = sections[number]
        if section.matter != side and (
            section.matter != "body" or matter_of(section.kind) not in {side, "either"}
        ):
            return
        yield from range(number, next((top for top in tops if top > number), len(sections)))


def _with_anchors(sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """Give every section an anchor of its own: its title's, or its file's where titles repeat."""
    counts = Counter(section.anchor for section in sections)
    anchors = Anchors()
    return tuple(replace(section, anchor=anchors.give(_anchor(section, counts))) for section in sections)


def _anchor(section: Section, counts: Counter[str]) -> str:
    if section.anchor and counts[section.anchor] == 1:
        return section.anchor
    stem = Path(section.source).stem
    return slug(stem) or section.anchor or f"s-{_path_slug(stem)}"


def _path_slug(path: str) -> str:
    stem = path.removesuffix(".md")
    return re.sub(r"[^A-Za-z0-9]+", "-", stem).strip("-").lower() or f"f{sum(map(ord, stem))}"


def _complete(draft: _Draft, source: Path) -> Metadata:
    """Fill in what the metadata leave open: title and identifier; set their texts as the book's are."""
    metadata = draft.chosen.metadata
    if not metadata.title:
        name = source.resolve().stem.encode("utf-8", "replace").decode()  # a disk's may be no UTF-8
        metadata = replace(metadata, title=name.replace("-", " ").replace("_", " "))
    if not metadata.identifier:
        urn = (
            metadata.isbn_urn(metadata.isbn_epub)
            if metadata.isbn_epub
            else identifier(metadata, draft.chosen.edition)
        )
        metadata = replace(metadata, identifier=urn)
    rules = style(metadata.language, draft.chosen.house)
    return _typeset(metadata, rules) if rules else metadata


def _typeset(metadata: Metadata, rules: Style) -> Metadata:
    """Set what readers see of the metadata as the book's text is set."""
    texts = (metadata.title, metadata.subtitle, metadata.short_title, metadata.description)
    after = rules.text(f"{BREAK}{BREAK.join(texts)}{BREAK}")[1:-1].split(BREAK)
    if len(after) != len(texts):
        return metadata
    title, subtitle, short_title, description = after
    inline = tuple((text, xhtml) for text in after[:3] if (xhtml := shown(text, rules)))
    return replace(
        metadata,
        title=title,
        subtitle=subtitle,
        short_title=short_title,
        description=description,
        shown=inline,
    )


def _midnight(date: str) -> int:
    """Return the seconds since 1970 at 00:00 UTC of a full ISO date; of 2000-01-01 without one."""
    numbers = [int(number) for number in date.split("-")] if date.count("-") == 2 else [2000, 1, 1]
    return calendar.timegm((numbers[0], numbers[1], numbers[2], 0, 0, 0))
