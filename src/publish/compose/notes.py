"""The notes of a book, by chapter, for the notes' page of the e-book."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from publish.book import Book, Note, Section
from publish.compose.sandbox import Markup
from publish.words import Words


@dataclass(frozen=True, slots=True)
class NoteGroup:
    """The notes of a chapter, for the notes' page."""

    anchor: str
    title: Markup
    language: str
    #: Anchor, label, `value` of the list item or nothing, and body with its back-link.
    notes: tuple[tuple[str, str, int | None, Markup], ...]


def note_groups(book: Book, own: Words) -> Iterator[NoteGroup]:
    """Group notes by chapter, with those of the sections that continue it.

    A title that several groups would have begins with what stands above it.
    """
    groups = [
        (chapter, above, [note for section in sections for note in section.notes])
        for chapter, above, sections in _chapters(book)
    ]
    groups = [group for group in groups if group[2]]
    titles = [_group_title(chapter, own) for chapter, _, _ in groups]
    uses = Counter(titles)
    for (chapter, above, notes), title in zip(groups, titles, strict=True):
        longer = [_group_title(section, own) for section in above] if uses[title] > 1 else []
        whole = Markup.escape(own.text("after-label")).join([*longer, title])
        yield NoteGroup(chapter.anchor, whole, chapter.language, _numbered(notes, own))


def chapter_ends(book: Book, own: Words) -> dict[str, NoteGroup]:
    """Return the notes of each chapter by the anchor of its last section, where the book puts them there."""
    if book.settings.notes != "chapter":
        return {}
    ends = {sections[0].anchor: sections[-1].anchor for _, _, sections in _chapters(book)}
    return {ends[group.anchor]: group for group in note_groups(book, own)}


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
        '<a class="note-back" role="doc-backlink" epub:type="backlink" href="#{}" aria-label="{}">'
        "\u21a9\ufe0e</a>"
    ).format(note.calls[0], own.text("back-to-call", n=note.label))
    if body.endswith("</p>"):
        return Markup(body.removesuffix("</p>")) + "\u00a0" + link + Markup("</p>")
    return Markup(body) + Markup("\n<p>") + link + Markup("</p>")
