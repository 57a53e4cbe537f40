"""Turns a book's pages into a PDF: typeset in stretches, in worker processes, then bound."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace

from publish.book import Book, Heading, Page, Style
from publish.cache import Store, key
from publish.fonts import FontFace
from publish.pdf.assembly import Assembly, OutlineEntry
from publish.pdf.attach import text_to_attach
from publish.pdf.bind import bind
from publish.pdf.drawings import with_drawings
from publish.pdf.furniture import Furniture, job, pieces
from publish.pdf.geometry import geometry, page_rules
from publish.pdf.identity import identity_of
from publish.pdf.impose import PlacedPage, folios, impose, with_terms_as_heads
from publish.pdf.plan import plan, with_folios, with_notes_at_end
from publish.pdf.rebind import LastBinding, LastBook, frame, rebind
from publish.pdf.run import PressRun
from publish.pdf.sheets import Press, SheetSet, Stretch
from publish.pdf.standard import STANDARDS
from publish.pdf.tables import TIGHTEST, tighter, with_tight_tables
from publish.problems import BookProblems, Place, Problem
from publish.xhtml import parse_fragment, words

#: How often sections may be typeset again until the page numbers that they show are right.
PASSES = 4
#: Told of every step: what is done, how much of it, of how much.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class PrintedBook:
    """The bound PDF and what is known of it."""

    data: bytes
    pages: int
    #: How many stretches were typeset, and how many came from the cache.
    typeset: int
    reused: int
    #: Section anchor, or `note:` and note anchor → the letters drawn for it.
    drawn: Mapping[str, str]
    #: Paths of the images drawn, in order.
    images: tuple[str, ...]
    #: For each page: its label, the section whose text begins it, how many letters of that came before.
    page_starts: tuple[tuple[str, str, int], ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Shop:
    """What a printing needs besides the book: style sheets, fonts, a cache, someone to tell of progress."""

    styles: tuple[Style, ...]
    faces: tuple[FontFace, ...]
    store: Store
    progress: Progress = lambda _step, _done, _all: None
    #: Typesets a single section, which isn't worth more processes.
    apprentice: Executor | None = None


def build(book: Book, pages: Sequence[Page], shop: Shop) -> PrintedBook:
    """Turn a book's pages into a bound, tagged PDF.

    Raises BookProblems, with the section's place, where the engine stops, runs out of its bounds, or page
    references don't settle.
    """
    page = geometry(book.settings.print, book.metadata)
    standard = STANDARDS[book.settings.print.standard]
    attached = text_to_attach(book, pages) if standard.holds_a_file else b""
    pages, pictures, missing = with_drawings(pages, shop.store)
    press = Press(
        styles=(Style("print", page_rules(page), "page geometry"), *shop.styles), faces=shop.faces,
        images={resource.path: resource.data for resource in book.resources} | pictures, folder=book.source,
    )  # fmt: skip
    with PressRun(press, shop.store, shop.progress, shop.apprentice) as run:
        name = _name(book, pages, press, run.fingerprint)
        if (kept := shop.store.get(name)) is not None:
            return _reused(kept)
        run.expect()
        stretches = plan(book, pages)
        run.check([style for style in book.settings.styles if style.output != "ebook"])
        last = LastBook(shop.store, key("last", run.fingerprint, repr(book.metadata), repr(book.settings)))
        stretches, sets, placed = _settle(stretches, run, last.open)
        placed = with_terms_as_heads(stretches, sets, placed)
        furniture = _furniture(book, stretches, placed, run)
        shop.progress("bind", 0, 1)
        outline, identity = _outline(book, pages), identity_of(book, standard)
        assembly = Assembly(
            stretches, sets, placed, furniture, page, outline, identity, shop.faces, attached
        )  # fmt: skip
        framed = frame(assembly, run.fingerprint)
        keys = run.keys(stretch.job for stretch in stretches)
        printed = _printed(_bound(assembly, last.binding(framed, keys)), assembly, run)
        shop.progress("bind", 1, 1)
        printed = replace(printed, problems=(*missing, *_unset(book), *run.problems))
        if not printed.problems:
            shop.store.put(name, pickle.dumps(printed, protocol=5))
            last.keep(framed, name, keys)
        return printed


def _furniture(
    book: Book, stretches: Sequence[Stretch], placed: Sequence[PlacedPage], run: PressRun
) -> Furniture:
    """Typeset what stands around the pages' texts."""
    all_pieces = pieces(stretches, placed)
    furniture = Furniture(all_pieces, run.one(job(all_pieces, book.metadata)))
    if not furniture.is_whole:
        run.tell([_NO_FURNITURE])
    return furniture


_NO_FURNITURE = Problem(
    "unset-in-print", None,
    "a style of the book moves running heads and folios out of their pages: none is drawn",
    "look for a style that sets “position” or “display” for “body”, “div” or everything", "warning",
)  # fmt: skip


def _name(book: Book, pages: Sequence[Page], press: Press, fingerprint: str) -> str:
    """Return the key that a whole printed book is kept under: the hash of all that it is made of."""
    rest = replace(book, sections=(), resources=())
    pictures = (part for path, data in press.images.items() for part in (path, data))
    lengths = repr([len(section.letters) for section in book.sections])
    return key("book", fingerprint, repr(rest), lengths, *map(_shown, pages), *pictures)


def _shown(page: Page) -> str:
    """Return all that a page is made of; its section's text is in its XHTML."""
    return repr(replace(page, section=replace(page.section, body="", letters="")))


def _reused(kept: bytes) -> PrintedBook:
    printed: PrintedBook = pickle.loads(kept)  # noqa: S301 - our own cache, checked by its checksum
    return replace(printed, typeset=0, reused=printed.typeset + printed.reused)


def _bound(assembly: Assembly, last: LastBinding | None) -> bytes:
    """Bind a book: into what was bound last where that can be, else from nothing."""
    return (rebind(assembly, last) if last else None) or bind(assembly)


def _unset(book: Book) -> Iterator[Problem]:
    """Warn, once, of what the book asks for and the typesetter can't do (WeasyPrint issue 1165)."""
    if book.settings.writing_mode == "vertical-rl":
        fact = "print sets the text in horizontal lines: the typesetter has no vertical ones"
        hint = "keep the vertical lines for the e-book, or leave them out"
        yield Problem("unset-in-print", Place(book.source), fact, hint, "warning")


def _settle(
    stretches: Sequence[Stretch], run: PressRun, meanwhile: Callable[[], None]
) -> tuple[tuple[Stretch, ...], list[SheetSet], tuple[PlacedPage, ...]]:
    """Typeset everything, then again what shows page numbers or has notes that don't fit, until all is right.

    Returns the stretches with the jobs that were typeset last, what came of them, and where it stands.

    Filling in a number can move a line, and with it other numbers: hence the passes, and their bound.
    """
    jobs = [with_folios(stretch, {}) for stretch in stretches]
    sets = run.all(jobs, stretches, meanwhile)
    moved = [frozenset[str]() for _ in stretches]
    tight: list[dict[int, int]] = [{} for _ in stretches]
    for _ in range(PASSES):
        placed = impose(stretches, [s.pages for s in sets], [s.particular for s in sets])
        numbers = folios(sets, placed)
        moved = [before.union(sheets.overfull) for before, sheets in zip(moved, sets, strict=True)]
        tight = [
            tighter(before, sheets.overwide, sheets.crowded)
            for before, sheets in zip(tight, sets, strict=True)
        ]
        wanted = [
            with_tight_tables(with_notes_at_end(with_folios(s, numbers), notes), levels)
            for s, notes, levels in zip(stretches, moved, tight, strict=True)
        ]
        changed = [index for index, (old, new) in enumerate(zip(jobs, wanted, strict=True)) if old != new]
        if not changed:
            run.tell(_wide_tables(stretches, sets, tight))
            done = tuple(replace(stretch, job=job) for stretch, job in zip(stretches, jobs, strict=True))
            return done, sets, placed
        again = run.all([wanted[i] for i in changed], [stretches[i] for i in changed])
        for index, sheets in zip(changed, again, strict=True):
            sets[index] = sheets
        jobs = wanted
    raise BookProblems(_unsettled(stretches[index]) for index in changed)


def _wide_tables(
    stretches: Sequence[Stretch], sets: Sequence[SheetSet], tight: Sequence[Mapping[int, int]]
) -> Iterator[Problem]:
    """Tell the tables that had to be set as tight as can be, and those that even so leave the page."""
    for stretch, sheets, levels in zip(stretches, sets, tight, strict=True):
        overwide = dict(sheets.overwide)
        for number in (number for number, level in levels.items() if level == TIGHTEST):
            place = Place(*stretch.tables[number])
            hint = "turn its rows into columns, or divide it"
            if ratio := overwide.get(number):
                fact = f"the table is {ratio:.1f} times as wide as a turned page’s text, in the smallest type"
                yield Problem("wide-table", place, fact, hint)
            else:
                fact = "the table only fits a turned page, in very small type, its words broken"
                yield Problem("wide-table", place, fact, hint, "warning")


def _unsettled(stretch: Stretch) -> Problem:
    return Problem(
        "unstable-pages", Place(stretch.source, stretch.line) if stretch.source else None,
        f"the page numbers shown in “{stretch.job.name}” still change after {PASSES} passes",
        "move one of its page references, or shorten the text around it",
    )  # fmt: skip


def _outline(book: Book, pages: Sequence[Page]) -> list[OutlineEntry]:
    """Return the PDF's outline: sections that have a title, and their headings as deep as the contents go."""
    entries = []
    for page in pages:
        section = page.section
        if page.only == "ebook":
            continue
        if section.plain_title:
            number = f"{section.number}. " if section.number else ""
            entries.append(OutlineEntry(section.depth, number + section.plain_title, section.anchor))
        entries += [
            OutlineEntry(heading.level, _plain(heading), heading.anchor)
            for heading in section.headings
            if heading.level <= book.settings.toc_depth
        ]
    return entries


def _plain(heading: Heading) -> str:
    number = f"{heading.number} " if heading.number else ""
    return number + words(parse_fragment(heading.title)).strip()


def _printed(data: bytes, assembly: Assembly, run: PressRun) -> PrintedBook:
    sets = assembly.sets
    starts = tuple(
        (page.label, *(sets[page.stretch].starts[page.page] if page.stretch is not None else ("", 0)))
        for page in assembly.placed
    )
    return PrintedBook(
        data=data, pages=len(assembly.placed), typeset=run.typeset, reused=run.reused,
        drawn={owner: text for sheets in sets for owner, text in sheets.drawn.items()},
        images=tuple(image for sheets in sets for image in sheets.images), page_starts=starts,
        problems=run.problems,
    )  # fmt: skip
