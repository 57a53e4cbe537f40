"""Measures this program beside Pandoc, Typst and plain WeasyPrint on one manuscript, in one run.

python bench/bench.py [--book PATH] [--quick] → Markdown for docs/performance.md: a table, what is promised
and what came of it, and a model of more cores
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
#: The rows that promises are held against.
COLD, CHANGED, AGAIN = (
    f"PDF, publish, {how}" for how in ("nothing cached", "one paragraph changed", "nothing changed")
)
EPUB, PANDOC_EPUB, PANDOC_ALIKE = (
    "EPUB, publish, nothing cached",
    "EPUB, Pandoc",
    "EPUB, Pandoc, with our fonts and cover",
)
ONE_CORE, TYPST_A5, PLAIN = (
    "PDF, publish, nothing cached, one core",
    "PDF, Typst, A5",
    "PDF, plain WeasyPrint, tagged",
)
#: What is promised is promised for long books; words.
LONG = 100_000
#: Keeps a command on one core, where the system can.
ON_ONE_CORE = [taskset, "-c", "0"] if (taskset := shutil.which("taskset")) else []


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    what: str
    cost: Cost | None
    pages: int = 0
    #: Bytes of the EPUB.
    size: int = 0
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
        """Measure a command; `output` names the file whose pages or bytes are counted."""
        print(f"… {what}", file=sys.stderr)
        try:
            cost = typical(lambda: run(command(), self.folder, self.limit), runs or self.runs)
        except Failed as failure:
            return Row(what, None, failure=str(failure))
        file = self.folder / output
        return Row(
            what, cost, pages(file) if output.endswith(".pdf") else 0,
            file.stat().st_size if output.endswith(".epub") else 0,
        )  # fmt: skip

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
    """Measure the EPUB: ours from nothing, ours again, Pandoc's, and Pandoc's with our fonts and cover."""
    files = [str(file) for file in bench.book.files()]
    pandoc = [*PANDOC, *bench.book.metadata(), "--toc", "--to", "epub", "-o", "pandoc.epub", *files]
    return [
        bench.row(EPUB, bench.ours("ours.epub", bench.book), "ours.epub"),
        bench.row("EPUB, publish, nothing changed", bench.ours("ours.epub", bench.book, "cache-ours.epub-0")),
        bench.row(PANDOC_EPUB, lambda: pandoc, "pandoc.epub"),
        bench.row(PANDOC_ALIKE, lambda: [*pandoc, *_fonts_and_cover(bench.folder)], "pandoc.epub", runs=1),
    ]


def _fonts_and_cover(folder: Path) -> Iterator[str]:
    """Take fonts and cover out of our EPUB, and yield Pandoc's options for them."""
    with zipfile.ZipFile(folder / "ours.epub") as ours:
        for name in ours.namelist():
            if name.startswith("EPUB/fonts/"):
                yield f"--epub-embed-font={ours.extract(name, folder)}"
            elif name.startswith("EPUB/images/cover."):
                yield f"--epub-cover-image={ours.extract(name, folder)}"


def our_pdfs(bench: Bench) -> list[Row]:
    """Measure our PDF: from nothing, again with nothing changed, and after one paragraph changed."""
    book, warm = bench.book.copied(bench.folder / "edited"), "cache-ours.pdf-0"
    cold = bench.row(COLD, bench.ours("ours.pdf", book), "ours.pdf", runs=1)
    again = bench.row(AGAIN, bench.ours("ours.pdf", book, warm), "ours.pdf")
    book.change_a_paragraph()
    changed = bench.row(CHANGED, bench.ours("changed.pdf", book, warm), "changed.pdf", runs=1)
    return [cold, changed, again, *_on_one_core(bench)]


def _on_one_core(bench: Bench) -> list[Row]:
    """Measure our PDF from nothing on one core, for the model of more."""
    if not ON_ONE_CORE:
        return []
    command = bench.ours("one.pdf", bench.book)
    return [bench.row(ONE_CORE, lambda: [*ON_ONE_CORE, *command()], "one.pdf", runs=1)]


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
    rows.append(bench.row(TYPST_A5, lambda: typst, "typst.pdf", runs=1))
    bench.row("one document for plain WeasyPrint", lambda: document, runs=1)
    rows.append(bench.row(PLAIN, lambda: plain, "plain.pdf", runs=1))
    return rows


def table(rows: Iterable[Row]) -> str:
    """Turn rows into a Markdown table; the ratios are against the row of ours that begins the kind."""
    lines = [
        "| | wall | CPU | largest process | pages or KB | wall ÷ ours | CPU ÷ ours | memory ÷ ours |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
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
        return f"| {row.what} | {row.failure} | | | | | | |"
    figures = [f"{row.cost.wall:.2f} s", f"{row.cost.cpu:.2f} s", f"{row.cost.peak / MEGABYTE:.0f} MB"]
    ratios = _ratios(row.cost, ours) if ours else [""] * 3
    return f"| {' | '.join([row.what, *figures, _extent(row), *ratios])} |"


def _extent(row: Row) -> str:
    return f"{_kilobytes(row)} KB" if row.size else str(row.pages or "")


def _kilobytes(row: Row) -> int:
    return round(row.size / 1000)


def _ratios(cost: Cost, ours: Cost) -> list[str]:
    shares = cost.wall / ours.wall, cost.cpu / ours.cpu, cost.peak / ours.peak
    return [f"{share:.2f}" for share in shares]


def promises(rows: Iterable[Row]) -> str:
    """Hold the rows against what is promised: a line for each promise, with what was measured."""
    rows = list(rows)
    costs = {row.what: row.cost for row in rows if row.cost}
    lines = [
        *_times_faster(costs, PANDOC_EPUB, EPUB, 8), *_no_larger(rows),
        *_times_faster(costs, PLAIN, COLD, 3), *_times_faster(costs, TYPST_A5, CHANGED, 4),
        *_under(costs, CHANGED, 4), *_under(costs, AGAIN, 1),
    ]  # fmt: skip
    ours = [cost.peak for what, cost in costs.items() if "publish" in what]
    largest = max(ours, default=0) / MEGABYTE
    return "\n".join([*lines, f"- no process above 300 MB: {largest:.0f} MB ({_kept(good=largest <= 300)})"])


def _times_faster(costs: Mapping[str, Cost], other: str, ours: str, wanted: float) -> Iterator[str]:
    if other in costs and ours in costs:
        wall, cpu = costs[other].wall / costs[ours].wall, costs[other].cpu / costs[ours].cpu
        good = _kept(good=max(wall, cpu) >= wanted)
        measured = f"wall {wall:.2f} ×, CPU {cpu:.2f} ×"
        yield f"- “{ours}”, at least {wanted:g} × faster than “{other}”: {measured} ({good})"


def _no_larger(rows: Iterable[Row]) -> Iterator[str]:
    sizes = {row.what: row for row in rows if row.size}
    if EPUB in sizes and PANDOC_ALIKE in sizes:
        ours, other = sizes[EPUB], sizes[PANDOC_ALIKE]
        measured = f"{_kilobytes(ours)} KB, {_kilobytes(other)} KB"
        good = _kept(good=ours.size <= other.size)
        yield f"- “{EPUB}”, no larger than “{PANDOC_ALIKE}”: {measured} ({good})"


def _under(costs: Mapping[str, Cost], ours: str, seconds: float) -> Iterator[str]:
    if ours in costs:
        wall = costs[ours].wall
        yield f"- “{ours}”, under {seconds:g} s: {wall:.2f} s ({_kept(good=wall < seconds)})"


def _kept(*, good: bool) -> str:
    return "kept" if good else "NOT KEPT"


def more_cores(rows: Iterable[Row]) -> str:
    """Say how long more cores would take, after Amdahl: one part alone, the rest shared among the cores."""
    costs = {row.what: row.cost for row in rows if row.cost}
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if ONE_CORE not in costs or COLD not in costs or cores < 2:
        return ""
    one, many = costs[ONE_CORE].wall, costs[COLD].wall
    alone = min(max(0.0, (cores * many - one) / (cores - 1)), one)
    model = alone + (one - alone) / 16
    return (
        f"From nothing: {one:.1f} s on one core, {many:.1f} s on {cores}; so {alone:.1f} s are one core’s "
        f"alone, and 16 cores would take {model:.1f} s, or as long as the longest section if that is more."
    )


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
        parts = [f"{size} {machine()}", table(rows)]
        if book.words() >= LONG:
            parts += [promises(rows), more_cores(rows)]
        print("\n\n".join(parts))


if __name__ == "__main__":
    main()
