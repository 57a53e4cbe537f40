"""One manuscript in, a beautiful EPUB and a beautiful PDF out, both proved right.

This is the conductor: it names every step and nothing else knows the order. Steps are loaded when they
are needed, so that `publish --version` costs nothing and an EPUB doesn't wait for the typesetter.
"""

from __future__ import annotations

import errno
import os
import re
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from publish.book import Book, Content, Page, PdfStandard, Style
    from publish.cache import Store
    from publish.compose.drawing import Cover
    from publish.epub.info import ShopView
    from publish.epub.package import Kit, Text
    from publish.epub.readers import Reader
    from publish.epub.zipped import Archive
    from publish.fonts import FontFace
    from publish.problems import Problem
    from publish.proof import Proof

Output = Literal["epub", "pdf"]
Progress = Callable[[str, int, int], None]
#: Into how many shares the compression of an EPUB's text is dealt, for the cores that prove nothing.
_SHARES = 4
#: Faces that draw a book's characters, and the characters that no font has.
_Cut = tuple[tuple["FontFace", ...], frozenset[str]]
#: The bytes of an output, or what writes them into a file: they may be more than memory holds.
_Whole = bytes | Callable[[IO[bytes]], None]


@dataclass(frozen=True, slots=True)
class Options:
    """How to build: where results are kept between builds, what « now » is, whom to tell."""

    #: Folder of the cache; None: the user's.
    cache: Path | None = None
    #: Seconds since 1970 for the outputs' dates; None: the book's date.
    modified: int | None = None
    #: The same for a book that gives no date: its last commit.
    committed: int | None = None
    progress: Progress = lambda _step, _done, _all: None
    #: Readers that get an EPUB of their own beside the plain one.
    readers: tuple[Reader, ...] = ()
    #: Name of the edition; empty: the book itself.
    edition: str = ""
    #: What the PDF declares itself to be; None: what the book says.
    standard: PdfStandard | None = None


@dataclass(frozen=True, slots=True)
class Built:
    """One file that was made."""

    path: Path
    #: Bytes.
    size: int
    #: Pages of the PDF; 0 for an EPUB.
    pages: int = 0
    #: Sections typeset, and sections taken from the cache.
    typeset: int = 0
    reused: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """What a build made and what it found."""

    book: Book
    files: tuple[Built, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def words(self) -> int:
        """Count the words of the manuscript's text, notes included."""
        return sum(section.words for section in self.book.sections)


@dataclass(frozen=True, slots=True)
class _CoverToCome:
    """A cover that another core draws: a quarter of a second, for which nobody waits before the end."""

    drawing: Future[Cover]

    def awaited(self) -> None:
        """Wait for it. Raises BookProblems: bad-template, missing-font."""
        self.drawing.result()

    @property
    def jpeg(self) -> bytes:
        """The picture. Raises BookProblems: bad-template, missing-font."""
        return self.drawing.result().jpeg


@dataclass(slots=True)
class _ReadyBook:
    """A book read, edited and composed, with what its outputs are made from, and what was found so far."""

    book: Book
    pages: tuple[Page, ...]
    #: The generated cover; None: not needed, or the book brings its own.
    cover: _CoverToCome | None
    #: Other cores.
    pool: Executor
    options: Options
    problems: list[Problem] = field(default_factory=list)
    #: Its fonts, once they are cut to its characters.
    faces: tuple[FontFace, ...] = ()
    #: Where the pages of the PDF begin, once it is made (see `pdf.PrintedBook`).
    page_starts: tuple[tuple[str, str, int], ...] = ()
    #: The cache, if it is open.
    store: Store | None = None
    #: A process that is ready to typeset a single section; None: not needed.
    apprentice: Executor | None = None
    #: The entries of the plain EPUB, once they are there.
    plain: Archive | None = None
    #: Its images that differ from the manuscript's.
    pictures: Mapping[str, Content] = field(default_factory=dict)

    def styles(self, output: Literal["ebook", "print"]) -> tuple[Style, ...]:
        """Return the style sheets of an output, set in the book's fonts."""
        from publish import compose, fonts  # noqa: PLC0415 - see the module's docstring

        return fonts.dressed(compose.stylesheets(self.book, output), self.faces)

    def cutting(self) -> Callable[[], _Cut]:
        """Return the job of cutting the book's fonts, for this core or for another."""
        from publish import fonts  # noqa: PLC0415 - see the module's docstring

        wanted = fonts.characters(page.xhtml for page in self.pages)
        families = fonts.Families.chosen(self.book.settings.fonts)
        return partial(fonts.faces, wanted, families, self.book.metadata.language)

    def take(self, cut: _Cut) -> None:
        """Take the fonts that were cut, and set the pages for them: some lack the thinnest space.

        Raises BookProblems where a character has no font.
        """
        from publish import fonts  # noqa: PLC0415 - see the module's docstring
        from publish.typography import safe  # noqa: PLC0415 - as above

        self.faces, missing = cut
        self.problems += fonts.missing_glyphs(self.book, missing)
        _stop_at_errors(self.problems)
        if not all(face.has_thin_space for face in self.faces):
            self.pages = tuple(replace(page, xhtml=safe(page.xhtml)) for page in self.pages)


def build(source: Path, targets: Mapping[Output, Path | None], options: Options) -> Report:
    """Turn a manuscript into the files asked for: output → path; None: `dist/NAME.epub`, `dist/NAME.pdf`.

    Raises BookProblems, with every problem found, where the book has errors; nothing is written then.
    """
    _refuse_bad_targets(source, targets.values())
    ready, made = _made(source, tuple(targets), options)
    _stop_at_errors(ready.problems)
    name = file_stem(source, ready.book.metadata.title, options.edition)
    files = [
        _write(target or Path("dist", f"{name}.{output}"), *made[output])
        for output, target in targets.items()
    ]
    if "epub" in targets:
        files += _write_for_readers(ready, files[list(targets).index("epub")].path)
    return Report(ready.book, tuple(files), tuple(dict.fromkeys(ready.problems)))


def _refuse_bad_targets(source: Path, targets: Iterable[Path | None]) -> None:
    """Refuse an output that would take the place of what is no book. Raises BookProblems."""
    from publish.problems import BookProblems, Place, Problem  # noqa: PLC0415 - see the module's docstring

    found = [
        Problem("cannot-write", Place(str(target)), fact, "choose another path with -o")
        for target in filter(None, targets)
        if (fact := _bad_target(source, Path(os.path.realpath(target))))
    ]
    if found:
        raise BookProblems(found)


def _bad_target(source: Path, target: Path) -> str:
    """Say why no output may stand at a path, or nothing; what a disk refuses is told when it is written."""
    if not os.path.exists(target) or os.path.isdir(target):  # noqa: PTH110, PTH112 - names that are too long
        return ""
    if not target.is_file():
        return "is a device or a pipe, and no file"
    if source.is_file() and target.samefile(source):
        return "is the manuscript itself"
    if target.suffix.lower() in (".epub", ".pdf") or _is_book(target):
        return ""
    return "is there already, and is neither an EPUB nor a PDF"


def _is_book(path: Path) -> bool:
    """Tell whether a file may be an output of ours, or is empty; other ZIP files are documents."""
    try:
        with path.open("rb") as file:
            begin = file.read(58)
    except OSError:
        return False
    is_epub = begin.startswith(b"PK\3\4") and begin.endswith(b"mimetypeapplication/epub+zip")
    return not begin or begin.startswith(b"%PDF") or is_epub


def _made(
    source: Path, outputs: tuple[Output, ...], options: Options
) -> tuple[_ReadyBook, dict[Output, tuple[_Whole, Built]]]:
    """Return the book as the first output has it, and all outputs; one whose text differs is read anew."""
    makers = {"epub": _make_epub, "pdf": _make_pdf}
    with _prepared(source, options, outputs) as ready:
        alike = outputs[:1] if ready.book.varies else _in_order(outputs, ready.book)
        made = {output: makers[output](ready) for output in alike}
    if others := tuple(output for output in outputs if output not in made):
        other, more = _made(source, others, options)
        ready.problems += other.problems
        if other.plain:
            ready.plain, ready.pictures = other.plain, other.pictures
        made |= more
    return ready, made


def _in_order(outputs: tuple[Output, ...], book: Book) -> tuple[Output, ...]:
    """Return what is made: the PDF first where the EPUB can have its pages, or the book wants them there."""
    if "epub" in outputs and ("pdf" in outputs or book.settings.ebook.page_list):
        return ("pdf", "epub")
    return outputs


def examine(source: Path, options: Options) -> Report:
    """Build a book in a temporary folder and return the report with what the outside judges found too."""
    from publish.check import judge  # noqa: PLC0415 - see the module's docstring

    with tempfile.TemporaryDirectory(prefix="publish-") as folder:
        targets: dict[Output, Path | None] = {
            "epub": Path(folder, "book.epub"),
            "pdf": Path(folder, "book.pdf"),
        }
        report = build(source, targets, options)
        found = judge(report.book, report.files[0].path)
    return Report(report.book, (), (*report.problems, *found))


def look(path: Path) -> tuple[ShopView, tuple[Problem, ...]]:
    """Return what a shop would see of an EPUB, and which of its links lead nowhere.

    Raises BookProblems where there is no EPUB at the path.
    """
    from publish.check import links  # noqa: PLC0415 - see the module's docstring
    from publish.epub import info  # noqa: PLC0415 - as above
    from publish.problems import BookProblems, Place, Problem  # noqa: PLC0415 - as above

    try:
        data = path.read_bytes()
        found = links(data, path.name)
        hint = "correct it where the EPUB is made"  # which may be elsewhere
        return info.shop_view(data), tuple(replace(problem, hint=hint) for problem in found)
    except (OSError, *info.NO_EPUB) as error:
        hint = "write the path of a file that ends in .epub"
        raise BookProblems([Problem("missing-book", Place(str(path)), _no_epub(path), hint)]) from error


def _no_epub(path: Path) -> str:
    """Say why a path is that of no EPUB."""
    if not path.exists():
        return "is not there"
    if path.is_dir():
        return "is a folder"
    try:
        begin = path.read_bytes()[:5]
    except OSError as error:
        return f"can’t be read: {(error.strerror or str(error)).lower()}"
    return "is empty" if not begin else "is a PDF, and no EPUB" if begin == b"%PDF-" else "is no EPUB"


def proofread(source: Path) -> Proof:
    """Return what a proof-reader would mark in a manuscript. Raises BookProblems where it can't be read."""
    from publish import manuscript  # noqa: PLC0415 - see the module's docstring
    from publish.proof import read_proof  # noqa: PLC0415 - as above

    return read_proof(manuscript.proofs(source))


def cover(source: Path, folder: Path, options: Options) -> tuple[Path, Path]:
    """Write the generated cover as SVG and JPEG into a folder and return their paths. Raises BookProblems."""
    from publish import compose  # noqa: PLC0415 - see the module's docstring

    with _prepared(source, options, ()) as ready:
        name = file_stem(source, ready.book.metadata.title, options.edition)
        drawn = compose.cover(ready.book)
        paths = Path(folder, f"{name}-cover.svg"), Path(folder, f"{name}-cover.jpg")
        for path, data in zip(paths, (drawn.svg.encode(), drawn.jpeg), strict=True):
            _write(path, data, Built(path, len(data)))
    return paths


def file_stem(source: Path, title: str, edition: str = "") -> str:
    """Return the name of a book's files: a single file's own, else one made of the title's letters."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or source.resolve().name
    return "-".join(filter(None, [source.stem if source.is_file() else name, edition]))


@contextmanager
def _prepared(source: Path, options: Options, outputs: tuple[Output, ...]) -> Iterator[_ReadyBook]:
    """Read, edit and compose a book for the first output: what most often suits both."""
    from publish import workers  # noqa: PLC0415 - see the module's docstring

    options.progress("read", 0, 1)
    with workers.apprentice() as apprentice, workers.pool() as pool, _store(options, outputs) as store:
        if "pdf" in outputs:  # while the book is read: a paragraph that changed is typeset at once then
            apprentice.submit(_load_press)
        from publish import manuscript  # noqa: PLC0415 - see the module's docstring

        aside = manuscript.Aside(pool, partial(_load_steps, outputs), store)
        wanted = manuscript.Wanted(options.edition, outputs[0] if outputs else "")
        book, problems = manuscript.read(source, modified=options.modified, aside=aside, wanted=wanted)
        if options.modified is None and options.committed and not book.metadata.date:
            book = replace(book, modified=options.committed)
        if options.standard:
            printing = replace(book.settings.print, standard=options.standard)
            book = replace(book, settings=replace(book.settings, print=printing))
        ready = _composed(book, list(problems), pool, options, with_cover="epub" in outputs)
        ready.apprentice, ready.store = apprentice, store
        yield ready


def _store(options: Options, outputs: tuple[Output, ...]) -> AbstractContextManager[Store | None]:
    """Open the cache where it saves time from the start: an EPUB alone is made as fast from nothing."""
    if "pdf" not in outputs:
        return nullcontext()
    from publish import cache  # noqa: PLC0415 - see the module's docstring

    return cache.opened(options.cache)


def _load_press() -> None:
    import_module("publish.pdf.press").load()


def _load_steps(outputs: tuple[Output, ...]) -> None:
    """Load what comes after reading: while other cores read it costs no time."""
    last = {"epub": "epub.package", "pdf": "pdf"}
    for step in ("edit", "compose", "fonts", "check.completeness", *map(last.get, outputs)):
        import_module(f"publish.{step}")


def _composed(
    book: Book, found: list[Problem], pool: Executor, options: Options, *, with_cover: bool
) -> _ReadyBook:
    from publish import compose, edit  # noqa: PLC0415 - see the module's docstring

    alone = replace(book, sections=(), resources=())
    drawn = pool.submit(compose.cover, alone) if with_cover and not book.metadata.cover else None
    book, more = edit.edit(book)
    pages, yet_more = compose.compose(book)
    found += [*more, *yet_more]
    _stop_at_errors(found)
    return _ReadyBook(book, pages, _CoverToCome(drawn) if drawn else None, pool, options, found)


def _make_epub(ready: _ReadyBook) -> tuple[_Whole, Built]:
    from publish import fonts  # noqa: PLC0415 - see the module's docstring
    from publish.check import completeness  # noqa: PLC0415 - as above
    from publish.epub.package import bound  # noqa: PLC0415 - as above
    from publish.epub.zipped import pack, shares  # noqa: PLC0415 - as above

    ready.options.progress("package", 0, 1)
    text = _epub_text(ready)
    packing = [ready.pool.submit(pack, share) for share in shares(text.entries, _SHARES)]
    styles, texts = ready.styles("ebook"), [page.xhtml for page in ready.pages]
    own = [style for style in ready.book.settings.styles if style.output != "print"]
    faces = (*fonts.embedded(ready.faces, texts, styles, own), *fonts.mathematics(texts))
    ready.plain = parts = bound(ready.book, text, faces, styles)
    packing.append(ready.pool.submit(pack, parts.left(text.entries)))
    ready.problems += completeness.epub_complete(ready.book, parts.entries)
    packed = {name: entry for share in packing for name, entry in share.result().items()}
    whole = partial(parts.write, packed=packed, cover=ready.cover)
    if ready.cover:
        ready.cover.awaited()
    ready.options.progress("package", 1, 1)
    return whole, Built(Path(), 0)


def _epub_text(ready: _ReadyBook) -> Text:
    """Make the documents of the EPUB while another core cuts the fonts; again where a font lacks a space."""
    from publish.epub.package import make_text  # noqa: PLC0415 - see the module's docstring

    cut = None if ready.faces else ready.pool.submit(ready.cutting())
    kit, pages = _kit(ready), ready.pages
    text = make_text(ready.book, pages, kit)
    if cut is not None:
        ready.take(cut.result())
    return text if ready.pages is pages else make_text(ready.book, ready.pages, kit)


def _kit(ready: _ReadyBook) -> Kit:
    """Settle what the documents need beside the pages: the accessibility claim, images, folios of print."""
    from publish.epub.package import Kit  # noqa: PLC0415 - see the module's docstring

    drawn, refused = ready.cover is not None, _is_claim_refused(ready)
    ready.pictures = _pictures(ready)
    return Kit(drawn, refused, ready.pictures, ready.page_starts)


def _pictures(ready: _ReadyBook) -> Mapping[str, Content]:
    """Return the images that are better otherwise on an e-reader; most novels have none."""
    if all(image.media_type == "image/svg+xml" for image in ready.book.resources):
        return {}
    from publish.epub import pictures  # noqa: PLC0415 - see the module's docstring

    return pictures.fitted(ready.book.resources, ready.pool, ready.options.cache)


def _write_for_readers(ready: _ReadyBook, plain: Path) -> Iterator[Built]:
    """Write the EPUBs for single readers beside the plain one, and hold each to its store's rules."""
    if not ready.options.readers or ready.plain is None:
        return
    from publish.check import stores  # noqa: PLC0415 - see the module's docstring
    from publish.epub import pictures, readers  # noqa: PLC0415 - as above
    from publish.epub.archive import entry_name  # noqa: PLC0415 - as above

    known = pictures.sizes(ready.book.resources, ready.pictures)
    sizes = {entry_name(path): size for path, size in known.items()}
    for reader in dict.fromkeys(ready.options.readers):
        ready.options.progress(reader, 0, 1)
        path = plain.with_name(plain.stem + readers.SUFFIXES[reader])
        parts = readers.fitted(ready.plain, reader)
        ready.problems += stores.lint(reader, parts.files(), sizes, path.name)
        whole = partial(parts.write, packed={}, cover=ready.cover)
        yield _write(path, whole, Built(path, 0))


def _is_claim_refused(ready: _ReadyBook) -> bool:
    """Tell whether the book asks for the claim of accessibility and something in it stands against that."""
    if not ready.book.settings.accessibility.certifier:
        return False
    from publish.epub import claim  # noqa: PLC0415 - see the module's docstring

    ready.problems += (refused := claim.refusals(ready.book))
    return bool(refused) or any(problem.code == "image-without-text" for problem in ready.problems)


def _make_pdf(ready: _ReadyBook) -> tuple[_Whole, Built]:
    from publish import cache, pdf  # noqa: PLC0415 - see the module's docstring
    from publish.check import completeness  # noqa: PLC0415 - as above

    if not ready.faces:
        ready.take(ready.cutting()())
    with nullcontext(ready.store) if ready.store is not None else cache.opened(ready.options.cache) as store:
        shop = pdf.Shop(
            ready.styles("print"), ready.faces, store, ready.options.progress, ready.apprentice
        )  # fmt: skip
        printed = pdf.build(ready.book, ready.pages, shop)
    ready.page_starts = printed.page_starts
    ready.problems += printed.problems
    ready.problems += completeness.pdf_complete(ready.book, printed.drawn, printed.images)
    return printed.data, Built(Path(), len(printed.data), printed.pages, printed.typeset, printed.reused)


def _stop_at_errors(problems: list[Problem]) -> None:
    from publish.problems import BookProblems, errors  # noqa: PLC0415 - see the module's docstring

    if errors(problems):
        raise BookProblems(problems)


def _write(target: Path, data: _Whole, built: Built) -> Built:
    """Write an output: the last good book stays until the new one is whole. Raises BookProblems."""
    from publish.problems import BookProblems, Place, Problem  # noqa: PLC0415 - see the module's docstring

    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _write_beside(target, data)
    except OSError as error:
        reason, hint = error.strerror or str(error), "free the disk, or choose another path with -o"
        if isinstance(error, (FileExistsError, NotADirectoryError)):
            reason, hint = "a part of the path is a file, no folder", "choose another path with -o"
        if error.errno == errno.ENAMETOOLONG:
            reason, hint = "the name is too long", "choose a shorter one with -o"
        elif target.is_dir():
            reason, hint = "is a folder", "name a file in it with -o"
        raise BookProblems([Problem("cannot-write", Place(str(target)), reason.lower(), hint)]) from error
    return replace(built, path=target, size=target.stat().st_size)


def _write_beside(target: Path, data: _Whole) -> None:
    """Write a file under another name, then rename it; nothing is left beside where that fails."""
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as made:
        beside = Path(made.name)
    try:
        if isinstance(data, bytes):
            beside.write_bytes(data)
        else:
            with beside.open("w+b") as file:
                data(file)
        beside.chmod(0o644)  # a temporary file is its user's alone
        beside.replace(target)
    except BaseException:  # also when it is ended
        beside.unlink(missing_ok=True)
        raise
