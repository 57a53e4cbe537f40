"""A book's sections, and what the publisher adds to them, as finished pages in reading order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from importlib import metadata
from typing import Any

from publish.book import CAPTION_KINDS, Book, CaptionKind, Page, Section
from publish.compose.contents import entries
from publish.compose.notes import NoteGroup, chapter_ends, note_groups
from publish.compose.order import MADE, made_sections, names, only, reading_order, titles, with_landmarks
from publish.compose.sandbox import Markup, Templates
from publish.problems import BookProblems, Problem
from publish.words import Words, direction, words

#: Kind → `epub:type` (EPUB Structural Semantics 1.1) and role (DPUB-ARIA 1.1), those not deprecated.
_SEMANTICS: dict[str, tuple[str, str]] = {
    **{kind: (kind, f"doc-{kind}") for kind in (
        "acknowledgments", "afterword", "appendix", "bibliography", "chapter", "colophon", "conclusion",
        "dedication", "epigraph", "epilogue", "errata", "foreword", "glossary", "index", "introduction",
        "part", "preface", "prologue",
    )},
    "acknowledgements": ("acknowledgments", "doc-acknowledgments"),
    "contents": ("toc", "doc-toc"),
    "copyright": ("copyright-page", ""),
    "credits": ("credits", "doc-credits"),
    "half-title": ("halftitlepage", ""),
    "list-of-figures": ("loi", ""),
    "list-of-listings": ("", ""),
    "list-of-tables": ("lot", ""),
    "notes": ("endnotes", "doc-endnotes"),
    "title-page": ("titlepage", ""),
}  # fmt: skip
#: Roles that are told on the copyright page only.
_SMALL_PRINT = frozenset(["bkd", "cov", "nrt", "pfr", "mrk", "bkp", "pbl"])


@dataclass(frozen=True, slots=True)
class _Desk:
    """What every page of one book is made from."""

    book: Book
    words: Words
    #: The sections that the publisher makes, by kind.
    made: Mapping[str, Section]
    templates: Templates
    #: Anchor of a section that ends a chapter → the notes that stand there.
    ends: Mapping[str, NoteGroup]


def compose(book: Book) -> tuple[tuple[Page, ...], tuple[Problem, ...]]:
    """Turn a book into all its pages, in reading order, and the problems of the templates.

    A page whose template fails is left out, and told as `bad-template`.
    """
    own = words(book.metadata.language)
    made = made_sections(book, own)
    order = reading_order(book, made)
    templates = Templates(book.settings.templates, sum(map(_size, book.sections)))
    desk = _Desk(book, own, made, templates, chapter_ends(book, own))
    problems = list(desk.templates.strangers(section.kind for section in book.sections))
    pages = []
    for name, title, section in zip(names(order), titles(book, own, order), order, strict=True):
        page = Page(name, title, "", section, only=only(book, section, made))
        try:
            pages.append(replace(page, xhtml=_xhtml(desk, page)))
        except BookProblems as error:
            problems += error.problems
    return with_landmarks(pages), tuple(dict.fromkeys(problems))


def _size(section: Section) -> int:
    return len(section.body) + len(section.title) + sum(len(note.body) for note in section.notes)


def _xhtml(desk: _Desk, page: Page) -> str:
    section, book = page.section, desk.book
    values = _section_values(desk.words, section) | {
        "page": page, "metadata": book.metadata, "words": desk.words, "language": book.metadata.language,
        "direction": "rtl" if "rtl" in (book.metadata.direction, desk.words.direction) else "ltr",
    }  # fmt: skip
    if desk.made.get(section.kind) is section or section.kind == "contents":
        values |= _MADE_VALUES[section.kind](desk)
        kinds = [section.kind, "list"]
    else:
        kinds = ["section"] if section.kind in MADE else [section.kind, "section"]
    values |= _notes_here(desk, section)
    return desk.templates.fill([f"{kind}.xhtml.jinja" for kind in kinds], values)


def _section_values(own: Words, section: Section) -> dict[str, Any]:
    epub_type, role = _SEMANTICS.get(section.kind, ("", ""))
    label = own.label(section.kind, section.number)
    return {
        "section": section, "epub_type": epub_type, "role": role, "label": label,
        "title": Markup(section.title), "body": Markup(section.body),
        "heading": f"h{min(section.depth, 6)}", "title_id": _free_id(section, "title"),
        "name": "" if label or section.title else own.kind(section.kind),
        "section_direction": direction(section.language) if section.language else "",
    }  # fmt: skip


def _free_id(section: Section, name: str) -> str:
    found = f"{section.anchor}-{name}"
    while section.marked and f'id="{found}"' in section.body:
        found += f"-{name}"
    return found


def _contents_values(desk: _Desk) -> dict[str, Any]:
    notes = desk.made.get("notes")
    return {
        "entries": entries(desk.book, desk.words, notes, only(desk.book, notes, desk.made) if notes else "")
    }


def _list_values(desk: _Desk, *, kind: CaptionKind) -> dict[str, Any]:
    captions = [caption for caption in desk.book.captions if caption.kind == kind]
    return {
        "captions": [(words(caption.language).caption(kind, caption.number), caption) for caption in captions]
    }


def _notes_here(desk: _Desk, section: Section) -> dict[str, Any]:
    """Return the notes that stand at a section's end, where it is the last of its chapter."""
    group = desk.ends.get(section.anchor)
    if group is None:
        return {"notes_here": None}
    return {
        "notes_here": group.notes, "notes_title": desk.words.kind("notes"),
        "notes_id": _free_id(section, "notes"), "notes_heading": f"h{min(section.depth + 1, 6)}",
    }  # fmt: skip


def _notes_values(desk: _Desk) -> dict[str, Any]:
    return {"groups": [*note_groups(desk.book, desk.words)]}


def _title_page_values(desk: _Desk) -> dict[str, Any]:
    return _credit_values(desk, _SMALL_PRINT)


def _credit_values(desk: _Desk, without: frozenset[str] = frozenset()) -> dict[str, Any]:
    data = desk.book.metadata
    roles = {person.role for person in data.contributors} - {"aut"} - without
    credits_ = desk.words.credits(data.contributors, roles)
    return {"authors": data.authors, "credits": credits_, "year": data.date[:4]}


def _colophon_values(desk: _Desk) -> dict[str, Any]:
    book = desk.book
    serif, _, mono = (
        named or face
        for named, face in zip(
            book.settings.fonts, ("Source Serif 4", "Source Sans 3", "Source Code Pro"), strict=True
        )
    )
    has_code = any("<code" in section.body or "<pre" in section.body for section in book.sections)
    faces = [serif, mono] if has_code else [serif]
    return {
        "faces": desk.words.listing(faces) if book.settings.fonts[0] or _is_european(book) else "",
        "tools": {
            "publisher": _tool("publish", "publish-book"),
            "typesetter": _tool("WeasyPrint"),
            "packager": _tool("EbookLib"),
        },
    }  # fmt: skip


def _is_european(book: Book) -> bool:
    """Tell whether nine in ten letters are Latin, Greek or Cyrillic, which the default faces have."""
    sample = "".join(section.letters[:200] for section in book.sections)[:10_000]
    return 10 * sum("\u0530" <= letter < "\u1e00" or letter >= "\u2e80" for letter in sample) <= len(sample)


def _tool(name: str, package: str = "") -> str:
    """Return name and version of a tool, or its name alone when it isn't installed as a package."""
    try:
        return f"{name} {metadata.version(package or name)}"
    except metadata.PackageNotFoundError:
        return name


_MADE_VALUES: Mapping[str, Callable[[_Desk], dict[str, Any]]] = {
    "half-title": _credit_values,
    "title-page": _title_page_values,
    "copyright": _credit_values,
    "contents": _contents_values,
    **{f"list-of-{kind}s": partial(_list_values, kind=kind) for kind in CAPTION_KINDS},
    "notes": _notes_values,
    "colophon": _colophon_values,
}
