"""Which pages a book has, in which order, and what they are called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Literal

from publish.book import CAPTION_KINDS, Book, Matter, Page, Section
from publish.compose.sandbox import Markup
from publish.words import Words

_LANDMARKS = {
    "title-page": "titlepage", "contents": "toc", "notes": "endnotes", "index": "index",
    "glossary": "glossary", "bibliography": "bibliography", "list-of-figures": "loi", "list-of-tables": "lot",
}  # fmt: skip
#: Where the first pages stand; all others come after them, in the manuscript's order.
_FRONT_ORDER = {
    kind: rank
    for rank, kind in enumerate(
        [
            "half-title",
            "also-by",
            "title-page",
            "copyright",
            "dedication",
            "epigraph",
            "contents",
            *(f"list-of-{kind}s" for kind in CAPTION_KINDS),
        ]
    )
}
#: Kinds that the publisher makes, with their matter and output.
MADE: dict[str, tuple[Matter, Literal["", "ebook", "print"]]] = {
    "half-title": ("front", "print"), "title-page": ("front", ""), "copyright": ("front", ""),
    "contents": ("front", ""), **{f"list-of-{kind}s": ("front", "") for kind in CAPTION_KINDS},
    "notes": ("back", "ebook"), "colophon": ("back", ""),
}  # fmt: skip


def _outputs(book: Book, kind: str) -> Literal["", "ebook", "print"]:
    """Return the output that a made page is for: the notes' is for paper too where the book says so."""
    return "" if kind == "notes" and book.settings.notes == "book" else MADE[kind][1]


def made_sections(book: Book, own: Words) -> dict[str, Section]:
    """Return the sections that the publisher makes, by kind; not those that the manuscript has."""
    there = {
        section.kind for section in book.sections if section.body or section.kind in ("contents", "notes")
    }
    unasked = {f"list-of-{kind}s" for kind in CAPTION_KINDS} - {
        f"list-of-{caption.kind}s" for caption in book.captions if caption.kind in book.settings.lists
    }
    if book.settings.notes == "chapter" or not any(section.notes for section in book.sections):
        unasked.add("notes")
    kinds = [kind for kind in MADE if kind not in unasked and (kind not in there or kind == "notes")]
    anchors = _free_anchors(book, kinds)
    return {
        kind: _made(kind, anchor, _made_title(book, own, kind))
        for kind, anchor in zip(kinds, anchors, strict=True)
    }


def _made(kind: str, anchor: str, title: str) -> Section:
    inline = str(Markup.escape(title))
    return Section(
        anchor=anchor, matter=MADE[kind][0], kind=kind, depth=1,
        title=inline, short_title=inline, plain_title=title, body="",
        headings=(), notes=(), images=(), letters="", source="",
    )  # fmt: skip


def _made_title(book: Book, own: Words, kind: str) -> str:
    return book.metadata.title if kind in ("title-page", "half-title") else own.kind(kind)


def _free_anchors(book: Book, kinds: Iterable[str]) -> Iterator[str]:
    taken = {section.anchor for section in book.sections}
    bodies = [section.body for section in book.sections if section.marked and ' id="' in section.body]
    for kind in kinds:
        anchor = kind
        while anchor in taken or any(f' id="{anchor}"' in body for body in bodies):
            anchor += "-page"
        yield anchor


def reading_order(book: Book, made: Mapping[str, Section]) -> tuple[Section, ...]:
    """Put the made sections among the manuscript's, where an empty one of the same kind gives way."""
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


def only(book: Book, section: Section, made: Mapping[str, Section]) -> Literal["", "ebook", "print"]:
    """Return the output that a page is for, or nothing: both."""
    return _outputs(book, section.kind) if made.get(section.kind) is section else ""


def with_landmarks(pages: Iterable[Page]) -> tuple[Page, ...]:
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


def names(order: Iterable[Section]) -> Iterator[str]:
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


def titles(book: Book, own: Words, order: Iterable[Section]) -> Iterator[str]:
    """Give pages titles that are unique in the book, the specific first: « Chapitre 3. … — Livre »."""
    order = tuple(order)
    named = [_name(section, own) for section in order]
    uses = Counter(named)
    above: dict[int, str] = {}
    seen: dict[str, int] = {}
    for section, name in zip(order, named, strict=True):
        above = {depth: title for depth, title in above.items() if depth < section.depth}
        longer = [above[depth] for depth in sorted(above, reverse=True)] if uses[name] > 1 else []
        above[section.depth] = name
        title = " — ".join(dict.fromkeys([name, *longer, book.metadata.title]))
        seen[title] = seen.get(title, 0) + 1
        yield title if seen[title] == 1 else f"{title} ({seen[title]})"


def _name(section: Section, own: Words) -> str:
    if section.kind in ("half-title", "title-page"):
        return own.kind(section.kind)
    return own.labelled(section.kind, section.number, section.plain_title) or own.kind(section.kind)
