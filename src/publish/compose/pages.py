"""A book's sections, and what the publisher adds to them, as finished pages in reading order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from importlib import metadata
from itertools import pairwise
from typing import Any, Literal

from publish.book import Book, Matter, Note, Page, Section
from publish.compose.contents import entries
from publish.compose.language import Words, direction, words
from publish.compose.sandbox import Markup, Templates
from publish.problems import BookProblems, Problem

#: Kind → `epub:type` (EPUB Structural Semantics 1.1) and role (DPUB-ARIA 1.1), those not deprecated.
_SEMANTICS: dict[str, tuple[str, str]] = {
    **{kind: (kind, f"doc-{kind}") for kind in (
        "acknowledgments", "afterword", "appendix", "bibliography", "chapter", "colophon", "conclusion", "dedication",
        "epigraph", "epilogue", "errata", "foreword", "glossary", "index", "introduction", "part", "preface", "prologue",
    )},
    "acknowledgements": ("acknowledgments", "doc-acknowledgments"),
    "contents": ("toc", "doc-toc"),
    "copyright": ("copyright-page", ""),
    "credits": ("credits", "doc-credits"),
    "half-title": ("halftitlepage", ""),
    "list-of-figures": ("loi", ""),
    "list-of-tables": ("lot", ""),
    "notes": ("endnotes", "doc-endnotes"),
    "title-page": ("titlepage", ""),
}  # fmt: skip
_LANDMARKS = {
    "title-page": "titlepage", "contents": "toc", "notes": "endnotes", "index": "index", "glossary": "glossary",
    "bibliography": "bibliography", "list-of-figures": "loi", "list-of-tables": "lot",
}  # fmt: skip
#: Where the first pages stand; all others come after them, in the manuscript's order.
_FRONT_ORDER = {
    kind: rank
    for rank, kind in enumerate(
        ["half-title", "also-by", "title-page", "copyright", "dedication", "epigraph", "contents"]
    )
}
#: Kinds that the publisher makes, with their matter and output.
_MADE: dict[str, tuple[Matter, Literal["", "ebook", "print"]]] = {
    "half-title": ("front", "print"), "title-page": ("front", ""), "copyright": ("front", ""),
    "contents": ("front", ""), "notes": ("back", "ebook"), "colophon": ("back", ""),
}  # fmt: skip
#: Roles that are told on the copyright page only.
_SMALL_PRINT = frozenset(["bkd", "cov", "nrt", "pfr", "mrk", "bkp", "pbl"])
#: The text of a code block without elements in it; a line of it with its end.
_CODE = re.compile(r"(?<=<code>)[^<]+(?=</code></pre>)")
_CODE_LINE = re.compile(r"[^\n]*\n|[^\n]+")


@dataclass(frozen=True, slots=True)
class _NoteGroup:
    """The notes of a chapter, for the notes' page."""

    anchor: str
    title: Markup
    language: str
    #: Anchor, label, `value` of the list item or nothing, and body with its back-link.
    notes: tuple[tuple[str, str, int | None, Markup], ...]


def compose(book: Book) -> tuple[tuple[Page, ...], tuple[Problem, ...]]:
    """Turn a book into all its pages, in reading order, and the problems of the templates.

    A page whose template fails is left out, and told as `bad-template`.
    """
    own = words(book.metadata.language)
    made = _made_sections(book, own)
    order = _reading_order(book, made)
    templates = Templates(book.settings.templates, sum(_size(section) for section in book.sections))
    problems = list(templates.strangers(section.kind for section in book.sections))
    pages = []
    for name, title, section in zip(_names(order), _titles(book, own, order), order, strict=True):
        page = Page(name, title, "", section, only=_only(section, made))
        try:
            pages.append(replace(page, xhtml=_xhtml(book, own, templates, page, made)))
        except BookProblems as error:
            problems += error.problems
    return _with_landmarks(pages), tuple(dict.fromkeys(problems))


def _size(section: Section) -> int:
    return len(section.body) + len(section.title) + sum(len(note.body) for note in section.notes)


# ---- which pages, in which order


def _made_sections(book: Book, own: Words) -> dict[str, Section]:
    """Return the sections that the publisher makes, by kind; not those that the manuscript has."""
    there = {
        section.kind for section in book.sections if section.body or section.kind in ("contents", "notes")
    }
    has_notes = any(section.notes for section in book.sections)
    kinds = [kind for kind in _MADE if (kind not in there if kind != "notes" else has_notes)]
    anchors = _free_anchors(book, kinds)
    return {
        kind: _made(kind, anchor, _made_title(book, own, kind))
        for kind, anchor in zip(kinds, anchors, strict=True)
    }


def _made(kind: str, anchor: str, title: str) -> Section:
    inline = str(Markup.escape(title))
    return Section(
        anchor=anchor, matter=_MADE[kind][0], kind=kind, depth=1, title=inline, short_title=inline, plain_title=title,
        body="", headings=(), notes=(), images=(), letters="", source="",
    )  # fmt: skip


def _made_title(book: Book, own: Words, kind: str) -> str:
    return book.metadata.title if kind in ("title-page", "half-title") else own.kind(kind)


def _free_anchors(book: Book, kinds: Iterable[str]) -> Iterator[str]:
    for kind in kinds:
        anchor = kind
        while any(section.anchor == anchor or f'id="{anchor}"' in section.body for section in book.sections):
            anchor += "-page"
        yield anchor


def _reading_order(book: Book, made: Mapping[str, Section]) -> tuple[Section, ...]:
    """Put the made sections among the manuscript's; an empty section of a made kind gives way to the made one."""
    sections = [section for section in book.sections if section.body or section.kind not in made]
    front = [section for section in sections if section.matter == "front"]
    ranked = [*zip(_ranks(front), front, strict=True)]
    ranked += [(_rank(section), section) for section in made.values() if section.matter == "front"]
    rest = [section for section in sections if section.matter != "front"]
    back = [section for section in made.values() if section.matter == "back"]
    return (*(section for _, section in sorted(ranked, key=lambda pair: pair[0])), *rest, *back)


def _rank(section: Section) -> int:
    return _FRONT_ORDER.get(section.kind, len(_FRONT_ORDER))


def _ranks(front: Iterable[Section]) -> Iterator[int]:
    """Rank sections; what continues a section stays behind it."""
    rank = 0
    for section in front:
        rank = _rank(section) if section.depth == 1 and section.kind != "section" else rank
        yield rank


def _only(section: Section, made: Mapping[str, Section]) -> Literal["", "ebook", "print"]:
    return _MADE[section.kind][1] if made.get(section.kind) is section else ""


def _with_landmarks(pages: Iterable[Page]) -> tuple[Page, ...]:
    """Name the pages of the landmarks: each landmark once, `bodymatter` for the first page of the body."""
    seen: set[str] = set()
    result = []
    for page in pages:
        landmark = _LANDMARKS.get(page.section.kind, "")
        if page.section.matter == "body" and "bodymatter" not in seen:
            landmark = "bodymatter"
        result.append(replace(page, landmark="" if landmark in seen else landmark))
        seen.add(landmark)
    return tuple(result)


# ---- names and titles


def _names(order: Iterable[Section]) -> Iterator[str]:
    """Name pages: `part-1`, `chapter-01`, `chapter-01-2` for what continues it, else the kind."""
    order = tuple(order)
    totals = {kind: sum(section.kind == kind for section in order) for kind in ("part", "chapter")}
    widths = {"part": len(str(totals["part"])), "chapter": max(2, len(str(totals["chapter"])))}
    counts: dict[str, int] = {}
    before = ""
    for section in order:
        kind = _ascii(section.kind)
        stem = before if section.kind == "section" and before else kind
        counts[stem] = counts.get(stem, 0) + 1
        if kind in widths:
            before = f"{kind}-{counts[stem]:0{widths[kind]}}"
            counts[before] = 1
            yield before
        else:
            before = before if stem == before else stem
            yield stem if counts[stem] == 1 else f"{stem}-{counts[stem]}"


def _ascii(kind: str) -> str:
    name = "".join(
        letter for letter in kind.lower() if letter.isascii() and (letter.isalnum() or letter == "-")
    )
    return name.strip("-") or "page"


def _titles(book: Book, own: Words, order: Iterable[Section]) -> Iterator[str]:
    """Give pages titles that are unique in the book, the specific first: « Chapitre 3. … — Livre »."""
    order = tuple(order)
    named = [_name(section, own) for section in order]
    above: dict[int, str] = {}
    seen: dict[str, int] = {}
    for section, name in zip(order, named, strict=True):
        above = {depth: title for depth, title in above.items() if depth < section.depth}
        longer = [above[depth] for depth in sorted(above, reverse=True)] if named.count(name) > 1 else []
        above[section.depth] = name
        title = " — ".join(dict.fromkeys([name, *longer, book.metadata.title]))
        seen[title] = seen.get(title, 0) + 1
        yield title if seen[title] == 1 else f"{title} ({seen[title]})"


def _name(section: Section, own: Words) -> str:
    if section.kind in ("half-title", "title-page"):
        return own.kind(section.kind)
    return own.labelled(section.kind, section.number, section.plain_title) or own.kind(section.kind)


# ---- what the templates are given


def _xhtml(book: Book, own: Words, templates: Templates, page: Page, made: Mapping[str, Section]) -> str:
    section = page.section
    is_made = made.get(section.kind) is section or section.kind == "contents"
    values = _section_values(own, section) | {"page": page, "metadata": book.metadata, "words": own}
    values |= {"language": book.metadata.language, "direction": _direction(book, own)}
    if is_made and section.kind in _MADE_VALUES:
        values |= _MADE_VALUES[section.kind](book, own, made)
    kinds = (section.kind,) if is_made else (section.kind, "section")
    if not is_made and section.kind in _MADE:
        kinds = ("section",)
    return templates.fill((f"{kind}.xhtml.jinja" for kind in kinds), values)


def _direction(book: Book, own: Words) -> str:
    return "rtl" if "rtl" in (book.metadata.direction, own.direction) else "ltr"


def _section_values(own: Words, section: Section) -> dict[str, Any]:
    epub_type, role = _SEMANTICS.get(section.kind, ("", ""))
    label = own.label(section.kind, section.number)
    return {
        "section": section, "epub_type": epub_type, "role": role, "label": label,
        "title": Markup(section.title), "body": Markup(_with_code_lines(section.body)),
        "heading": f"h{min(section.depth, 6)}", "title_id": _title_id(section),
        "name": "" if label or section.title else own.kind(section.kind),
        "section_direction": direction(section.language) if section.language else "",
    }  # fmt: skip


def _with_code_lines(body: str) -> str:
    """Make each line of code an element, so that styles can let a long one turn and hang."""
    if "<pre" not in body:
        return body
    return _CODE.sub(lambda code: _CODE_LINE.sub(r'<span class="line">\g<0></span>', code[0]), body)


def _title_id(section: Section) -> str:
    title_id = f"{section.anchor}-title"
    while f'id="{title_id}"' in section.body:
        title_id += "-title"
    return title_id


def _contents_values(book: Book, own: Words, made: Mapping[str, Section]) -> dict[str, Any]:
    return {"entries": entries(book, own, made.get("notes"))}


def _credit_values(
    book: Book, own: Words, made: Mapping[str, Section], without: frozenset[str]
) -> dict[str, Any]:
    people = book.metadata.contributors
    roles = {person.role for person in people} - {"aut"} - without
    return {
        "authors": book.metadata.authors,
        "credits": own.credits(people, roles),
        "year": book.metadata.date[:4],
    }


def _colophon_values(book: Book, own: Words, made: Mapping[str, Section]) -> dict[str, Any]:
    serif, _, mono = (
        named or face
        for named, face in zip(
            book.settings.fonts, ("Source Serif 4", "Source Sans 3", "Source Code Pro"), strict=True
        )
    )
    has_code = any("<code" in section.body or "<pre" in section.body for section in book.sections)
    faces = [serif, mono] if has_code else [serif]
    return {
        "faces": own.listing(faces) if book.settings.fonts[0] or _is_european(book) else "",
        "tools": {
            "publisher": _tool("publish", "publish-book"), "typesetter": _tool("WeasyPrint"), "packager": _tool("EbookLib"),
        },
    }  # fmt: skip


def _is_european(book: Book) -> bool:
    """Tell whether the default faces have the letters of the text: nine in ten are Latin, Greek or Cyrillic."""
    sample = "".join(section.letters[:200] for section in book.sections)[:10_000]
    return 10 * sum("\u0530" <= letter < "\u1e00" or letter >= "\u2e80" for letter in sample) <= len(sample)


def _tool(name: str, package: str = "") -> str:
    """Return name and version of a tool, or its name alone when it isn't installed as a package."""
    try:
        return f"{name} {metadata.version(package or name)}"
    except metadata.PackageNotFoundError:
        return name


def _notes_values(book: Book, own: Words, made: Mapping[str, Section]) -> dict[str, Any]:
    return {"groups": [*_note_groups(book, own)]}


def _note_groups(book: Book, own: Words) -> Iterator[_NoteGroup]:
    """Group notes by chapter, with those of the sections that continue it."""
    groups = [
        (chapter, above, [note for section in sections for note in section.notes])
        for chapter, above, sections in _chapters(book)
    ]
    groups = [group for group in groups if group[2]]
    titles = [_group_title(chapter, own) for chapter, _, _ in groups]
    for (chapter, above, notes), title in zip(groups, titles, strict=True):
        longer = [_group_title(section, own) for section in above] if titles.count(title) > 1 else []
        whole = Markup.escape(own.text("after-label")).join([*longer, title])
        yield _NoteGroup(chapter.anchor, whole, chapter.language, _numbered(notes, own))


def _chapters(book: Book) -> Iterator[tuple[Section, tuple[Section, ...], tuple[Section, ...]]]:
    """Yield what notes are numbered by: a section, those above it, and the section with what continues it."""
    above: list[Section] = []
    starts = [n for n, section in enumerate(book.sections) if section.kind != "section" or n == 0]
    for start, end in pairwise([*starts, len(book.sections)]):
        chapter = book.sections[start]
        above = [section for section in above if section.depth < chapter.depth]
        yield chapter, tuple(above), book.sections[start:end]
        above.append(chapter)


def _group_title(section: Section, own: Words) -> Markup:
    label = Markup.escape(own.label(section.kind, section.number))
    parts = [part for part in (label, Markup(section.short_title)) if part]
    return Markup.escape(own.text("after-label")).join(parts) or Markup.escape(own.kind(section.kind))


def _numbered(notes: Iterable[Note], own: Words) -> tuple[tuple[str, str, int | None, Markup], ...]:
    """Give each note's list item the number that its call shows: by itself, as `value`, or else as text."""
    result = []
    following = 1
    for note in notes:
        number = int(note.label) if note.label.isascii() and note.label.isdigit() else 0
        label = "" if number else note.label
        result.append(
            (note.anchor, label, number if number and number != following else None, _note_body(note, own))
        )
        following = (number or following) + 1
    return tuple(result)


def _note_body(note: Note, own: Words) -> Markup:
    """End a note with the way back to its call."""
    if not note.calls:
        return Markup(note.body)
    body = note.body.rstrip()
    link = Markup(
        '<a class="note-back" role="doc-backlink" epub:type="backlink" href="#{}" aria-label="{}">\u21a9\ufe0e</a>'
    ).format(note.calls[0], own.text("back-to-call", n=note.label))
    if body.endswith("</p>"):
        return Markup(body.removesuffix("</p>")) + "\u00a0" + link + Markup("</p>")
    return Markup(body) + Markup("\n<p>") + link + Markup("</p>")


_MADE_VALUES: dict[str, Callable[[Book, Words, Mapping[str, Section]], dict[str, Any]]] = {
    "title-page": partial(_credit_values, without=_SMALL_PRINT),
    "copyright": partial(_credit_values, without=frozenset()),
    "contents": _contents_values,
    "notes": _notes_values,
    "colophon": _colophon_values,
}
