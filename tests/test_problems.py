"""Problems: the smallest book that has each, and what the author is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from publish import edit, manuscript
from publish.problems import CODES, BookProblems, Problem, in_order

BROKEN = Path(__file__).parent / "broken"
#: Codes of reading and editing; the others' books need the engines and the judges.
READ = {
    path.name for path in BROKEN.iterdir() if path.is_dir()
    and (path / "expected.txt").is_file() and not (path / "build").exists()
}  # fmt: skip


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


@pytest.mark.parametrize("code", sorted(READ & CODES.keys()))
def test_broken(code: str) -> None:
    """Each broken book is told of in the words of its expected.txt, its own problem among them."""
    text = told(BROKEN / code)
    assert f"{code}: " in text
    assert text == (BROKEN / code / "expected.txt").read_text("utf-8")
