"""Whole books that nobody in this project wrote, on paper: every letter drawn, tags that veraPDF accepts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest

import publish
from publish.problems import errors

BOOKS = (
    "les-miserables-fr/manuscript", "war-and-peace-en/manuscript", "hamlet-en/manuscript",
    "leaves-of-grass-en/manuscript", "rust-book-fr/flat", "rust-book-en/flat", "rust-book-ar/flat",
    "kusamakura-ja/manuscript", "regime-ar/manuscript", "pandoc-manual-en/MANUAL.txt",
)  # fmt: skip
#: Warnings that are true of these books: dead links, images without text, vertical lines.
TRUE_OF_THEM = {"broken-link", "image-without-text", "unset-in-print"}


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


@pytest.mark.slow
@pytest.mark.parametrize("name", ["book", *BOOKS])
def test_book_is_accessible_and_fit_to_keep(
    manuscripts: Path, verapdf: Callable[..., list[str]], tmp_path: Path, name: str
) -> None:
    """VeraPDF finds one file good by PDF/UA-1 and by PDF/A-2a: the default book's, and those of real ones."""
    source = Path(__file__).parent.parent / "book" if name == "book" else manuscripts / name
    target = tmp_path / "book.pdf"
    publish.build(source, {"pdf": target}, publish.Options(cache=tmp_path / "cache"))

    assert verapdf(target, "PDFUA-1", "PDFA-2A") == ["PDFUA-1 holds", "PDFA-2A holds"]
