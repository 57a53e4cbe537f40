"""Problems: the smallest book that has each, and what the author is told."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from publish import edit, manuscript, pdf, workers
from publish.__main__ import main
from publish.check import judges
from publish.manuscript import sections
from publish.pdf import run
from publish.pdf.press import typeset
from publish.pdf.sheets import SheetJob, SheetSet
from publish.problems import CODES, BookProblems, Problem, in_order

ROOT = Path(__file__).parent.parent
BROKEN = Path(__file__).parent / "broken"
#: Codes of reading and editing; the others' books need the engines and the judges.
READ = {
    path.name for path in BROKEN.iterdir() if path.is_dir()
    and (path / "expected.txt").is_file() and not (path / "build").exists()
}  # fmt: skip
#: Codes whose books have a file `build`: the command's words, then a line `bound: value` for each bound.
BUILT = {path.parent.name for path in BROKEN.glob("*/build")}
#: Those whose verdict is an outside judge's.
JUDGED = {"epubcheck", "ace", "no-verdict"}
Patch = pytest.MonkeyPatch


def told(folder: Path) -> str:
    """Return what reading and editing tell of the book in a folder, paths as seen from there."""
    source = folder / "book.md" if (folder / "book.md").is_file() else folder
    found: tuple[Problem, ...]
    try:
        book, found = manuscript.read(source)
        found = in_order((*found, *edit.edit(book)[1]))
    except BookProblems as caught:
        found = caught.problems
    return "".join(f"{problem}\n" for problem in found).replace(f"{folder}/", "")


def sleep(job: SheetJob) -> SheetSet:
    """Stand for an engine that takes long over a chapter."""
    time.sleep(60 if job.name.startswith("chapter") else 0)
    return typeset(job)


def eat(job: SheetJob) -> SheetSet:
    """Stand for an engine that takes ten gigabytes for a chapter."""
    bytearray(10 * 1024**3 if job.name.startswith("chapter") else 0)
    return typeset(job)


#: Bounds that a file `build` may name → what sets them.
BOUNDS: dict[str, Callable[[Patch, str], None]] = {
    "section": lambda patch, size: patch.setattr(sections, "LONGEST_SECTION", int(size)),
    "passes": lambda patch, number: patch.setattr(pdf, "PASSES", int(number)),
    "seconds": lambda patch, seconds: patch.setattr(run, "LIMITS", workers.Limits(3 * 1024**3, int(seconds))),
    "engine": lambda patch, name: patch.setattr(run, "typeset", {"sleeps": sleep, "eats": eat}[name]),
    "patience": lambda patch, seconds: patch.setattr(judges, "PATIENCE", (float(seconds), 0.0)),
    "path": lambda patch, path: patch.setenv("PATH", path),
}


def tell(folder: Path, patch: Patch, capsys: pytest.CaptureFixture[str]) -> str:
    """Return what the program prints of the book in a folder, where it is started as `build` says."""
    words, *bounds = (folder / "build").read_text("utf-8").splitlines()
    patch.chdir(folder)
    for bound in bounds:
        name, _, value = bound.partition(": ")
        BOUNDS[name](patch, value)
    main([*words.split(), "-q", "--cache", str(folder / "cache")])
    return capsys.readouterr().err


@pytest.mark.parametrize("code", sorted(READ & CODES.keys()))
def test_broken(code: str) -> None:
    """Each broken book is told of in the words of its expected.txt, its own problem among them."""
    text = told(BROKEN / code)
    assert f"{code}: " in text
    assert text == (BROKEN / code / "expected.txt").read_text("utf-8")


@pytest.mark.parametrize("code", sorted(BUILT - JUDGED))
def test_broken_when_built(
    code: str, tmp_path: Path, monkeypatch: Patch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each book that only an output shows to be broken is told of in the words of its expected.txt."""
    folder = tmp_path / code
    shutil.copytree(BROKEN / code, folder)
    text = tell(folder, monkeypatch, capsys)
    assert f"{code}: " in text
    assert text == (BROKEN / code / "expected.txt").read_text("utf-8")


@pytest.mark.usefixtures("judges")
@pytest.mark.parametrize("code", sorted(JUDGED))
def test_broken_by_the_judges(
    code: str, tmp_path: Path, monkeypatch: Patch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a judge says of a book leads to the manuscript's line."""
    test_broken_when_built(code, tmp_path, monkeypatch, capsys)


#: What an outside tool says, which nobody here can give advice on.
SAID_ELSEWHERE = {"engine-warning", *JUDGED}


@pytest.mark.parametrize("code", sorted(CODES.keys() - SAID_ELSEWHERE))
def test_every_problem_has_a_hint(code: str) -> None:
    """Whoever is told that something is wrong is told what to do about it."""
    lines = (BROKEN / code / "expected.txt").read_text("utf-8").splitlines()
    told = [n for n, line in enumerate(lines) if not line.startswith(("    hint: ", "publish: "))]
    assert told
    assert [lines[n] for n in told if not lines[n + 1 : n + 2] or "hint: " not in lines[n + 1]] == []


def test_every_code_has_its_broken_book() -> None:
    """tests/broken/ has one folder for each code, and docs/problems.md one section, in the same order."""
    assert {path.name for path in BROKEN.iterdir() if path.is_dir()} == set(CODES)
    assert set(CODES) == READ | BUILT
    lines = (ROOT / "docs" / "problems.md").read_text("utf-8").splitlines()
    assert [line.strip("# `") for line in lines if line.startswith("### ")] == list(CODES)


def test_every_hint_begins_with_a_verb() -> None:
    """What the author is told to do begins with a small letter, and says no name of the engines."""
    told_of = "".join(path.read_text("utf-8") for path in BROKEN.glob("*/expected.txt"))
    hints = [
        line.removeprefix("    hint: ") for line in told_of.splitlines() if line.startswith("    hint: ")
    ]
    assert all(hint[0].islower() for hint in hints)
    assert not [name for name in ("weasyprint", "traceback", "lxml", "jinja2") if name in told_of.lower()]
