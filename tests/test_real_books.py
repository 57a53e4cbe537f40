"""Whole books that nobody in this project wrote, on paper: every letter drawn, tags that veraPDF accepts."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pypdfium2
import pytest

import publish
from publish.problems import errors

BOOKS = (
    "les-miserables-fr/manuscript", "war-and-peace-en/manuscript", "hamlet-en/manuscript",
    "leaves-of-grass-en/manuscript", "rust-book-fr/flat", "rust-book-en/flat", "rust-book-ar/flat",
    "kusamakura-ja/manuscript", "regime-ar/manuscript",
)  # fmt: skip
#: Warnings that are true of these books: links to pages that the folder lacks, images without text.
TRUE_OF_THEM = {"broken-link", "image-without-text"}


@pytest.mark.slow
@pytest.mark.parametrize("name", BOOKS)
def test_real_book_is_printed_whole(manuscripts: Path, tmp_path: Path, name: str) -> None:
    """A real book is typeset and bound without an error; the build itself proves that no letter is lost."""
    target = tmp_path / "book.pdf"
    report = publish.build(manuscripts / name, {"pdf": target}, publish.Options(cache=tmp_path / "cache"))

    assert not errors(report.problems)
    assert {problem.code for problem in report.problems} <= TRUE_OF_THEM
    with pypdfium2.PdfDocument(target) as bound:
        assert len(bound) == report.files[0].pages > 10


@pytest.fixture(scope="session")
def verapdf(manuscripts: Path) -> Path:
    """The command that asks veraPDF, which stands beside the real manuscripts; it needs a JDK."""
    command = manuscripts.parent / "tools" / "verapdf"
    if not command.is_file() or shutil.which("java") is None:
        pytest.skip(f"no veraPDF at {command}")
    return command


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["book", "hamlet-en/manuscript", "regime-ar/manuscript", "rust-book-fr/flat"]
)
def test_tags_are_pdf_ua(manuscripts: Path, verapdf: Path, tmp_path: Path, name: str) -> None:
    """VeraPDF finds nothing against PDF/UA-1 in the default book and in real ones."""
    source = Path(__file__).parent.parent / "book" if name == "book" else manuscripts / name
    target = tmp_path / "book.pdf"
    publish.build(source, {"pdf": target}, publish.Options(cache=tmp_path / "cache"))
    verdict = subprocess.run([verapdf, "PDFUA-1", target], capture_output=True, text=True, check=False)

    assert "PDFUA-1 compliant" in verdict.stdout, verdict.stdout + verdict.stderr
