"""The index: entries in the order of the language, and page numbers in print."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from publish import edit, manuscript
from publish.book import Book
from publish.pdf.locators import LOCATORS, fill_locators
from publish.xhtml import new, words


def indexed(folder: Path, text: str, language: str = "fr") -> Book:
    """Edit a book of one chapter with index marks."""
    head = f"---\ntitle: T\nlang: {language}\n---\n\n# One {{-}}\n\n"
    (folder / "b.md").write_text(head + text, encoding="utf-8")
    book, found = edit.edit(manuscript.read(folder / "b.md")[0])
    assert found == ()
    return book


def entries(book: Book) -> list[str]:
    """Return the lines of a book's index, without their locators."""
    body = next(section for section in book.sections if section.kind == "index").body
    body = re.sub(
        r'<span class="made" data-only="(?:print|ebook)">.*?</span>(?:</span>)?(?=[.,<\n])', "", body
    )
    return re.findall(r"<li [^>]*>((?:<(?!/li|ul)[^>]*>|[^<\n])*)", body)


@pytest.mark.parametrize(
    ("language", "written", "expected"),
    [
        ("fr", "côté|cote|coté|côte|Zoé|œuvre|abbé|Oeil|eau|Étoile",
         "abbé|cote|coté|côte|côté|eau|Étoile|Oeil|œuvre|Zoé"),
        ("es", "nube|ñu|nz|oso|n", "n|nube|nz|ñu|oso"),
        ("sv", "öl|zon|ål|ära|apa", "apa|zon|ål|ära|öl"),
        ("en", "De Witt|“quoted”|3 men|an apple|Anne", "3 men|an apple|Anne|De Witt|“quoted”"),
    ],
)  # fmt: skip
def test_entries_are_in_the_order_of_the_language(
    tmp_path: Path, language: str, written: str, expected: str
) -> None:
    """Accents and capitals decide last; some languages have letters behind z; signs before don't count."""
    marks = " ".join(f"[{word}]{{.index}}" for word in written.split("|"))
    assert "|".join(entries(indexed(tmp_path, marks, language))) == expected


def test_marks_without_words_make_no_index(tmp_path: Path) -> None:
    """Where a book has no others, that is all that is told."""
    (tmp_path / "b.md").write_text("# One\n\nThe []{.index} sea.\n", encoding="utf-8")
    book, found = edit.edit(manuscript.read(tmp_path / "b.md")[0])

    assert [problem.code for problem in found] == ["broken-index"]
    assert [section.kind for section in book.sections] == ["chapter"]


def test_one_entry_for_the_same_words(tmp_path: Path) -> None:
    """Capitals make no other entry; the first mark decides them. A section is added where there is none."""
    book = indexed(tmp_path, "[Mer]{.index} [mer]{.index} [la mer]{.index entry=mer} [mer]{.index sub=morte}")
    assert entries(book) == ["Mer", "morte"]
    assert 'data-folios-of="ix-1 ix-2 ix-3"' in book.sections[-1].body
    assert (book.sections[-1].kind, book.sections[-1].matter) == ("index", "back")
    assert '<a href="#ix-2" aria-label="One, 2">2</a>' in book.sections[-1].body


@pytest.mark.parametrize(
    ("places", "shown"),
    [
        ("a b", "1, 2"), ("a b c", "1–3"), ("a a2 b c e", "1–3, 5"), ("a c d e", "1, 3–5"),
        ("x a b", "xii, 1, 2"),
        ("a..d", "1–4"), ("a..a2", "1"), ("a a2! b", "*1*, 2"), ("a b! c", "1, *2*, 3"), ("q", "000"),
        ("a..c d", "1–3, 4"),
    ],
)  # fmt: skip
def test_page_numbers_come_once_and_in_ranges(places: str, shown: str) -> None:
    """Three pages in a row are a range; the chief one stands out; each is a link."""
    folios = {"a": "1", "a2": "1", "b": "2", "c": "3", "d": "4", "e": "5", "x": "xii"}
    element = new(None, "span")
    element.set(LOCATORS, places)
    fill_locators(element, folios)
    fill_locators(element, folios)  # again, as when page numbers changed
    for strong in element.iter("{*}strong"):
        strong[0].text = f"*{strong[0].text}*"
    assert words(element) == shown
    assert len(list(element.iter("{*}a"))) == shown.count(",") + 1
