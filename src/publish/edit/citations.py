"""Citations in the text and the list of works that they lead to, in the style and language of the book."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html import unescape
from typing import TYPE_CHECKING

from publish.book import Bibliography, Book, Note, Section
from publish.edit.fragments import fragments, holds, line_at, place, rewritten
from publish.problems import Place, Problem, nearest
from publish.words import Words, words
from publish.xhtml import letters, parse_fragment
from publish.xhtml import words as shown_words

if TYPE_CHECKING:
    from publish.edit.scholar import Item, Scholar

_MARK = '<span class="made" data-cite="'
_CITED = re.compile(
    r'([ \n\u00a0]?)<span class="made" data-cite="([^"]*)" data-place="([^"]*)"(?: data-page="")?></span>'
)
#: The same, or the call of a note.
_CITED_OR_CALL = re.compile(rf'{_CITED.pattern}|<a class="note-call"[^<>]*?\shref="#([^"]*)"[^<>]*>')
#: Where an author wants the list: `::: {#refs}`, as Pandoc has it.
_DIV = re.compile(r'(<div\b[^<>]*\sid="refs"[^<>]*>)\s*(</div>)')
#: Kinds that stand behind the bibliography in the back of a book.
_LAST_KINDS = frozenset({"index", "colophon", "acknowledgments", "acknowledgements", "about-the-author"})
_FIRST_LETTER = re.compile(r"^((?:<[^>]*>|[«“„(\s])*)(\w)")
_LAST_POINT = re.compile(r"(?<!\bal)\.(?=(?:</?\w+>)*$)")
_TAG = re.compile(r"<[^>]*>")


@dataclass(slots=True)
class _Desk:
    """What the citations of one book are made with."""

    scholar: Scholar
    #: Key of a work → anchor of its entry.
    anchors: dict[str, str]
    #: Notes made for the section that is being written, with where each is called.
    notes: list[Note] = field(default_factory=list)


def resolve_citations(book: Book) -> tuple[Book, tuple[Problem, ...]]:
    """Write citations as the book's style has them, and the list of works; tell of keys gone wrong."""
    if book.bibliography is None:
        return book, ()
    problems = [*_unknown(book, book.bibliography)]
    cited = [item["key"] for _, _, items in _citations(book) for item in items]
    cited += book.bibliography.also
    problems += _uncited(book, book.bibliography, cited)
    known = {work.key for work in book.bibliography.works}
    cited = [key for key in dict.fromkeys(cited) if key in known]
    if any(problem.severity == "error" for problem in problems) or not book.bibliography.style:
        return book, tuple(problems)
    if not cited and not book.bibliography.show_all:
        return book, tuple(problems)
    try:
        return _cited(book, book.bibliography, cited), tuple(problems)
    except Exception as error:  # noqa: BLE001 - a style or a work that citeproc-py can't take stops it anyhow
        return book, (*problems, *_failing(book, book.bibliography, cited, error))


def _cited(book: Book, bibliography: Bibliography, cited: list[str]) -> Book:
    from publish.edit.scholar import Scholar  # noqa: PLC0415 - only a book that cites loads citeproc-py

    own = words(book.metadata.language)
    scholar = Scholar(bibliography, cited, book.metadata.language, own)
    desk = _Desk(scholar, {work.key: _anchor(work.key) for work in bibliography.works})
    sections = tuple(_written(section, desk) for section in book.sections)
    captions = tuple(replace(caption, title=_CITED.sub("", caption.title)) for caption in book.captions)
    return _with_list(replace(book, sections=sections, captions=captions), desk, own)


def _failing(book: Book, bibliography: Bibliography, cited: list[str], error: Exception) -> Iterator[Problem]:
    """Tell which works a style can't show; where each goes by itself, that it is the style."""
    from publish.edit.scholar import Scholar  # noqa: PLC0415 - as above

    found = False
    for work in bibliography.works:
        try:
            if work.key in cited:
                alone = replace(bibliography, works=(work,))
                Scholar(alone, [work.key], book.metadata.language, words(book.metadata.language)).entries()
        except Exception:  # noqa: BLE001 - as above
            found = True
            fact = f"the style can't show the work “{work.key}”"
            yield Problem(
                "bad-bibliography", Place(work.source, work.line), fact, "look at its dates and names"
            )
    if not found:
        fact = f"the style of the citations fails: {type(error).__name__}"
        yield Problem("bad-bibliography", Place(book.source), fact, "choose another style")


def _citations(book: Book) -> Iterator[tuple[Section, str, list[dict[str, str]]]]:
    """Iterate over the citations of a book: section, place in its file, items."""
    for section in book.sections:
        for fragment in fragments(section) if holds(section, _MARK) else ():
            for match in _CITED.finditer(fragment):
                yield section, match[3], json.loads(unescape(match[2]))


def _unknown(book: Book, bibliography: Bibliography) -> Iterator[Problem]:
    known = [work.key for work in bibliography.works]
    for section, at, items in _citations(book):
        for item in items:
            if item["key"] not in known:
                fact = f"no work has the key “{item['key']}”"
                hint = nearest(item["key"], known, "write") or "add it to the bibliography's file"
                yield Problem("unknown-citation", place(section, at), fact, hint)


def _uncited(book: Book, bibliography: Bibliography, cited: list[str]) -> Iterator[Problem]:
    """Tell, once a file, of the works that are never cited; not where the book shows all."""
    unused: dict[str, list[tuple[int, str]]] = {}
    for work in bibliography.works:
        if work.key not in cited and not bibliography.show_all:
            unused.setdefault(work.source, []).append((work.line, work.key))
    for source, found in unused.items():
        names = ", ".join(f"“{key}”" for _, key in found[:5]) + (" …" if len(found) > 5 else "")
        fact = f"never cited, so not in the book: {names}"
        if len(found) > 1:
            fact = f"{len(found)} works are {fact}"
        way = 'show = "all" in book.toml, [bibliography]'
        if book.is_one_file:
            way = 'nocite: "@*" in the front matter'
        hint = f"cite them, or write {way}"
        yield Problem("uncited-work", Place(source, found[0][0]), fact, hint, "warning")


def _anchor(key: str) -> str:
    return "ref-" + re.sub(r"[^\w.-]", "-", key)


def _written(section: Section, desk: _Desk) -> Section:
    """Fill in a section's citations: in the text, or as notes where the style has notes."""
    if not holds(section, _MARK):
        return section
    from publish.edit.scholar import Item  # noqa: PLC0415 - see above

    desk.notes = []
    desk.scholar.begin_chapter()
    waiting = {note.anchor: note.body for note in section.notes if _MARK in note.body}
    in_notes, done = set(waiting.values()), dict[str, str]()

    def change(fragment: str) -> str:
        """Write citations in the order of reading: those of a note where it is called."""

        def cited(match: re.Match[str]) -> str:
            if match[4]:
                change(waiting.pop(match[4], ""))
                return match[0]
            items = [Item(**item) for item in json.loads(unescape(match[2]))]
            if desk.scholar.has_notes and fragment not in in_notes:
                return _call(section, desk, items, (match, line_at(section, fragment, match.start())))
            text = desk.scholar.cite(items, desk.anchors)
            if desk.scholar.has_notes:  # inside an author's note: its sentence goes on
                text = _LAST_POINT.sub("", text)
            return f'{match[1]}<span class="made">{text}</span>'

        if fragment not in done:
            done[fragment] = _CITED_OR_CALL.sub(cited, fragment)
        return done[fragment]

    def short(title: str) -> str:
        return _CITED.sub("", title)

    made = rewritten(section, (_MARK,), change, short)
    return _with_notes(made, desk.notes) if desk.notes else made


def _call(section: Section, desk: _Desk, items: list[Item], at: tuple[re.Match[str], int]) -> str:
    """Return the call of a note that holds a citation, behind the author's name if the sentence has it."""
    (match, line), number = at, len(desk.notes) + 1
    anchor, call = f"note-cite-{section.anchor}-{number}", f"call-cite-{section.anchor}-{number}"
    text = desk.scholar.cite(items, desk.anchors)
    if not _TAG.sub("", text).rstrip().endswith((".", "?", "!", "…")):
        text += "."
    text = _FIRST_LETTER.sub(lambda first: first[1] + first[2].upper(), text)
    body = f'<p data-line="{line}">{text}</p>'
    seen = letters(shown_words(parse_fragment(body)))
    desk.notes.append(Note(anchor, (call,), str(number), body, line, seen))
    author = ""
    if items[0].mode == "text":
        author = f'{match[1]}<span class="made">{desk.scholar.author(items[0])}</span>'
    return (
        f'{author}<a class="note-call" id="{call}" href="#{anchor}" epub:type="noteref" role="doc-noteref">'
        f"{number}</a>"
    )


def _with_notes(section: Section, made: list[Note]) -> Section:
    """Put notes among a section's own, in the order of their calls."""
    text = section.title + section.body

    def called(note: Note) -> int:
        at = text.find(f'id="{note.calls[0]}"') if note.calls else -1
        return at if at >= 0 else len(text)

    return replace(section, notes=tuple(sorted([*section.notes, *made], key=called)))


def _with_list(book: Book, desk: _Desk, own: Words) -> Book:
    """Add the list of works: in the div that asks for it, in the bibliography, or in a section of its own."""
    items = "\n".join(f'<li id="{desk.anchors[key]}">{text}</li>' for key, text in desk.scholar.entries())
    if not items:
        return book
    listed = f'<ul class="made bibliography">\n{items}\n</ul>'
    sections = list(book.sections)
    for number, section in enumerate(sections):
        if 'id="refs"' in section.body and (match := _DIV.search(section.body)):
            body = section.body[: match.end(1)] + listed + section.body[match.start(2) :]
            sections[number] = replace(section, body=body)
            return replace(book, sections=tuple(sections))
    for number, section in enumerate(sections):
        if section.kind == "bibliography":
            sections[number] = replace(section, body=f"{section.body}\n{listed}".strip())
            return replace(book, sections=tuple(sections))
    return _with_new_section(book, listed, own)


def _with_new_section(book: Book, listed: str, own: Words) -> Book:
    title, sections = own.kind("bibliography"), list(book.sections)
    anchor = "bibliography"
    while any(f'id="{anchor}"' in section.body or section.anchor == anchor for section in sections):
        anchor += "-page"
    made = Section(
        anchor=anchor, matter="back", kind="bibliography", depth=1, title=title, short_title=title,
        plain_title=title, body=listed, headings=(), notes=(), images=(), letters=letters(title),
        source=book.source,
    )  # fmt: skip
    end = len(sections)
    while end and sections[end - 1].matter == "back" and sections[end - 1].kind in _LAST_KINDS:
        end -= 1
    return replace(book, sections=(*sections[:end], made, *sections[end:]))
