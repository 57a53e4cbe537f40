"""Measures this program beside Pandoc, Typst and plain WeasyPrint on one manuscript, in one run.

python bench/bench.py [--book PATH] [--quick] → a Markdown table for docs/performance.md
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import count
from pathlib import Path

import pypandoc
import pypdfium2

from corpus import Manuscript
from measure import Cost, Failed, run, typical

ROOT = Path(__file__).parent.parent
PYTHON = sys.executable
PUBLISH = str(Path(PYTHON).parent / "publish")
PANDOC = [pypandoc.get_pandoc_path(), "--from", "markdown+rebase_relative_paths"]
WEASYPRINT = str(Path(PYTHON).parent / "weasyprint")
#: Typst's compiler as a program: its input, its output.
TYPST = "import sys, typst; typst.compile(sys.argv[1], output=sys.argv[2], root='/')"
#: Packages whose versions the figures depend on.
PACKAGES = ("weasyprint", "pikepdf", "markdown-it-py", "lxml", "typst")
MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    what: str
    cost: Cost | None
    pages: int = 0
    #: Why there is no figure.
    failure: str = ""


@dataclass(slots=True)
class Bench:
    """A manuscript, a folder to work in, and how often to measure."""

    book: Manuscript
    folder: Path
    runs: int
    limit: float

    def row(self, what: str, command: Callable[[], Sequence[str]], output: str = "", runs: int = 0) -> Row:
        """Measure a command; `output` names the PDF whose pages are counted."""
        print(f"… {what}", file=sys.stderr)
        try:
            cost = typical(lambda: run(command(), self.folder, self.limit), runs or self.runs)
        except Failed as failure:
            return Row(what, None, failure=str(failure))
        return Row(what, cost, pages(self.folder / output) if output else 0)

    def ours(self, output: str, book: Manuscript, cache: str = "") -> Callable[[], Sequence[str]]:
        """Return a maker of our command: with a kept cache, or with a new one each time."""
        numbers = count()

        def command() -> Sequence[str]:
            kept = cache or f"cache-{output}-{next(numbers)}"
            kind = Path(output).suffix[1:]
            return [PUBLISH, kind, str(book.path), "-o", output, "--cache", str(self.folder / kept)]

        return command


def pages(file: Path) -> int:
    """Count the pages of a PDF."""
    document = pypdfium2.PdfDocument(file)
    try:
        return len(document)
    finally:
        document.close()


def start_up(bench: Bench) -> list[Row]:
    """Measure the command without a book."""
    return [bench.row("publish --version", lambda: [PUBLISH, "--version"], runs=max(10, bench.runs))]


def epubs(bench: Bench) -> list[Row]:
    """Measure the EPUB: ours from nothing, ours again, Pandoc's."""
    files = [str(file) for file in bench.book.files()]
    pandoc = [*PANDOC, *bench.book.metadata(), "--toc", "--to", "epub", "-o", "pandoc.epub", *files]
    return [
        bench.row("EPUB, publish, nothing cached", bench.ours("ours.epub", bench.book)),
        bench.row("EPUB, publish, nothing changed", bench.ours("ours.epub", bench.book, "cache-ours.epub-0")),
        bench.row("EPUB, Pandoc", lambda: pandoc),
    ]


def our_pdfs(bench: Bench) -> list[Row]:
    """Measure our PDF: from nothing, again with nothing changed, and after one paragraph changed."""
    changed = bench.book.with_one_paragraph_changed(bench.folder / "changed")
    warm = "cache-ours.pdf-0"
    return [
        bench.row("PDF, publish, nothing cached", bench.ours("ours.pdf", bench.book), "ours.pdf", runs=1),
        bench.row(
            "PDF, publish, one paragraph changed",
            bench.ours("changed.pdf", changed, warm),
            "changed.pdf",
            runs=1,
        ),
        bench.row("PDF, publish, nothing changed", bench.ours("ours.pdf", bench.book, warm), "ours.pdf"),
    ]


def other_pdfs(bench: Bench) -> list[Row]:
    """Measure Typst, from Pandoc's conversion, and WeasyPrint on one document made of our pages."""
    files = [str(file) for file in bench.book.files()]
    convert = [
        *PANDOC,
        *bench.book.metadata(),
        "-s",
        "-V",
        "papersize=a5",
        "--to",
        "typst",
        "-o",
        "book.typ",
        *files,
    ]
    typst = [PYTHON, "-c", TYPST, "book.typ", "typst.pdf"]
    document = [PYTHON, str(ROOT / "bench" / "plain_document.py"), str(bench.book.path), str(bench.folder)]
    plain = [WEASYPRINT, "--pdf-tags", "book.html", "plain.pdf"]
    rows = [bench.row("(Pandoc's conversion to Typst)", lambda: convert, runs=1)]
    rows.append(bench.row("PDF, Typst, A5", lambda: typst, "typst.pdf", runs=1))
    bench.row("one document for plain WeasyPrint", lambda: document, runs=1)
    rows.append(bench.row("PDF, plain WeasyPrint, tagged", lambda: plain, "plain.pdf", runs=1))
    return rows


def table(rows: Iterable[Row]) -> str:
    """Turn rows into a Markdown table; the ratios are against the row of ours that begins the kind."""
    lines = [
        "| | wall | CPU | largest process | pages | wall ÷ ours | memory ÷ ours |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    ours: dict[str, Cost] = {}
    for row in rows:
        kind = row.what.split(",")[0]
        if row.cost and "," in row.what:
            ours.setdefault(kind, row.cost)
        lines.append(_line(row, ours.get(kind)))
    return "\n".join(lines)


def _line(row: Row, ours: Cost | None) -> str:
    if row.cost is None:
        return f"| {row.what} | {row.failure} | | | | | |"
    figures = [f"{row.cost.wall:.2f} s", f"{row.cost.cpu:.2f} s", f"{row.cost.peak / MEGABYTE:.0f} MB"]
    ratios = [f"{row.cost.wall / ours.wall:.2f}", f"{row.cost.peak / ours.peak:.2f}"] if ours else ["", ""]
    return f"| {' | '.join([row.what, *figures, str(row.pages or ''), *ratios])} |"


def machine() -> str:
    """Describe the machine: processor, cores, memory, system, versions. No name of a host or a user."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    versions = ", ".join(
        [f"{name} {version(name)}" for name in PACKAGES] + [f"Pandoc {pypandoc.get_pandoc_version()}"]
    )
    return (
        f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GB; {platform.system()} {platform.machine()}; "
        f"Python {platform.python_version()}; {versions}."
    )


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    lines = information.read_text(encoding="utf-8").splitlines() if information.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--book", type=Path, default=ROOT / "book", help="a folder or a Markdown file")
    parser.add_argument(
        "--quick", action="store_true", help="each measure once, nothing longer than two minutes"
    )
    return parser.parse_args()


def main() -> None:
    """Measure and print."""
    asked, load = arguments(), os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="publish-bench-") as name:
        book = Manuscript(asked.book.resolve()).copied(Path(name, "book"))
        bench = Bench(book, Path(name), 1 if asked.quick else 3, 120 if asked.quick else 1800)
        rows = [row for step in (start_up, epubs, our_pdfs, other_pdfs) for row in step(bench)]
        size = (
            f"{book.words()} words in {len(book.files())} files; the machine's load at the start: {load:.1f}."
        )
        print(f"{size} {machine()}\n\n{table(rows)}")


if __name__ == "__main__":
    main()
