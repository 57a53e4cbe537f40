"""Whole books that nobody in this project wrote, on paper: every letter drawn, tags that veraPDF accepts."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest

import publish
from publish.book import PdfStandard
from publish.problems import errors

ROOT = Path(__file__).parent.parent

BOOKS = (
    "les-miserables-fr/manuscript", "war-and-peace-en/manuscript", "hamlet-en/manuscript",
    "leaves-of-grass-en/manuscript", "rust-book-fr/flat", "rust-book-en/flat", "rust-book-ar/flat",
    "kusamakura-ja/manuscript", "regime-ar/manuscript", "pandoc-manual-en/MANUAL.txt",
)  # fmt: skip
#: What a book may ask for, and the profiles that its file then declares, but for the default.
STANDARDS: tuple[tuple[PdfStandard, str, str], ...] = (
    ("pdf/a-3a", "PDFUA-1", "PDFA-3A"), ("pdf/ua-2", "PDFUA-2-ISO32005", "PDFA-4"),
    ("pdf/a-4f", "PDFUA-2-ISO32005", "PDFA-4F"),
)  # fmt: skip
#: Warnings that are true of these books: dead links, images without text, vertical lines.
TRUE_OF_THEM = {"broken-link", "image-without-text", "unset-in-print"}


@pytest.mark.slow
@pytest.mark.parametrize("name", BOOKS)
def test_real_book_is_printed_whole(manuscripts: Path, tmp_path: Path, shared_cache: Path, name: str) -> None:
    """A real book is typeset and bound without an error; the build itself proves that no letter is lost."""
    target = tmp_path / "book.pdf"
    report = publish.build(manuscripts / name, {"pdf": target}, publish.Options(shared_cache))

    assert not errors(report.problems)
    assert {problem.code for problem in report.problems} <= TRUE_OF_THEM
    with pypdfium2.PdfDocument(target) as bound:
        assert len(bound) == report.files[0].pages > 10


@pytest.mark.slow
@pytest.mark.parametrize("name", ["hamlet-en/manuscript", "book"])
def test_a_word_more_is_bound_into_the_last_book(
    manuscripts: Path, tmp_path: Path, shared_cache: Path, rebindings: list[bytes | None], name: str
) -> None:
    """The bytes of a real book, with its notes, tables, pictures and links, are those of one bound anew."""
    source = manuscripts / name if "/" in name else ROOT / "book"
    book = shutil.copytree(source, tmp_path / "book")
    options = publish.Options(shared_cache, 0)
    publish.build(book, {"pdf": tmp_path / "book.pdf"}, options)
    rebindings.clear()
    for chapter in sorted(book.rglob("*.md"), key=lambda file: file.stat().st_size)[-2:]:
        text = chapter.read_text("utf-8")
        *_, words = re.finditer(r"(?m)^[A-Z][^|#<>]{90,}?[a-zé](?=\.$)", text)
        chapter.write_text(f"{text[: words.end()]} là{text[words.end() :]}", "utf-8")
        publish.build(book, {"pdf": tmp_path / "book.pdf"}, options)

    assert any(rebindings)


def test_two_pages_more_typeset_a_chapter_and_the_contents(manuscripts: Path, tmp_path: Path) -> None:
    """Of a novel's beginning whose first chapter gets two pages more, that and the contents are typeset."""
    whole, book = manuscripts / "les-miserables-fr" / "manuscript", tmp_path / "book"
    book.mkdir()
    names = (whole / "files.txt").read_text("utf-8").split()[:14]
    for name in ("metadata.yaml", *names):
        shutil.copy(whole / name, book)
    (book / "files.txt").write_text("\n".join(names), "utf-8")
    options = publish.Options(tmp_path / "cache", 0)
    (before,) = publish.build(book, {"pdf": tmp_path / "book.pdf"}, options).files
    chapter = book / names[2]
    text = chapter.read_text("utf-8")
    two_pages = text.partition("\n\n")[2][:4200]
    chapter.write_text(f"{text}\n\n{two_pages}\n", "utf-8")
    (after,) = publish.build(book, {"pdf": tmp_path / "book.pdf"}, options).files

    assert after.pages == before.pages + 2
    assert (after.typeset, after.reused) == (2, before.typeset - 2)


@pytest.mark.xdist_group("book")
def test_book_keeps_the_standard_that_it_chooses(
    verapdf: Callable[..., list[str]], tmp_path: Path, shared_cache: Path
) -> None:
    """VeraPDF finds the default book good by each pair of standards that `--standard` knows."""
    said = []
    for standard, *profiles in STANDARDS:
        options = publish.Options(shared_cache, standard=standard)
        publish.build(Path(__file__).parent.parent / "book", {"pdf": tmp_path / "book.pdf"}, options)
        said += verapdf(tmp_path / "book.pdf", *profiles)

    assert said == [f"{profile} holds" for _, *profiles in STANDARDS for profile in profiles]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["book", *BOOKS])
def test_book_is_accessible_and_fit_to_keep(
    manuscripts: Path, verapdf: Callable[..., list[str]], tmp_path: Path, shared_cache: Path, name: str
) -> None:
    """VeraPDF finds one file good by PDF/UA-1 and by PDF/A-2a: the default book's, and those of real ones."""
    source = Path(__file__).parent.parent / "book" if name == "book" else manuscripts / name
    target = tmp_path / "book.pdf"
    publish.build(source, {"pdf": target}, publish.Options(shared_cache))

    assert verapdf(target, "PDFUA-1", "PDFA-2A") == ["PDFUA-1 holds", "PDFA-2A holds"]
