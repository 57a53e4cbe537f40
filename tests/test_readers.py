"""EPUBs for single readers: the quirks as data, the same text, the rules of the stores."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import get_args

import pytest

import publish
from publish import __main__ as command
from publish import typography, xhtml
from publish.check import epubcheck, links
from publish.check.stores import RULES, lint
from publish.epub.container import Container
from publish.epub.kobo import wrap_sentences
from publish.epub.readers import QUIRKS, READERS, SUFFIXES, Reader

BOOK = """---
title: The Sea
author: Ada Writer
lang: fr
description: Quoi\u202f?
---

# Un

« Midi\u202f! » Le vent\u2011debout\u2060[^n]. Rien.

[^n]: Une note.

## Deux\u202f!

### Trois

Fin.
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Build a book for all readers: name of the reader, or `plain`, → file."""
    folder = tmp_path_factory.mktemp("readers")
    (folder / "sea.md").write_text(BOOK, "utf-8")
    options = publish.Options(cache=folder / "cache", readers=READERS)
    report = publish.build(folder / "sea.md", {"epub": folder / "sea.epub"}, options)
    assert report.problems == ()
    return dict(zip(("plain", *READERS), (built.path for built in report.files), strict=True))


def text(path: Path, name: str = "chapter-01") -> str:
    """Return the source of a page."""
    with zipfile.ZipFile(path) as archive:
        return archive.read(f"EPUB/text/{name}.xhtml").decode()


def test_the_table_is_whole() -> None:
    """Each quirk says for whom, what, why, and who says so; each reader has one, and a rule of its store."""
    assert {reader for quirk in QUIRKS for reader in quirk.readers} == set(READERS) == set(get_args(Reader))
    assert {store for rule in RULES for store in rule.stores} == set(READERS)
    assert all(quirk.what and quirk.why and quirk.source.startswith("https://") for quirk in QUIRKS)
    assert command._READERS == READERS


def test_files_are_named_after_the_reader(made: dict[str, Path]) -> None:
    """The files stand beside the plain one; Kobo's has the ending that wakes its newer engine."""
    names = [made[reader].name for reader in READERS]
    assert names == [f"sea{SUFFIXES[reader]}" for reader in READERS]
    assert made["kobo"].name.endswith(".kepub.epub")


def test_characters_are_those_that_a_reader_draws(made: dict[str, Path]) -> None:
    """Narrow spaces stay where they are drawn; hyphens and arrows are the reader's."""
    assert "Midi\u202f!" in text(made["plain"])
    assert "Midi\u00a0!" in text(made["safe"])
    assert "vent-debout" in re.sub("<[^>]*>", "", text(made["kobo"]))
    assert "\u21a9\ufe0e" in text(made["apple"], "notes")
    assert "←" in text(made["kobo"], "notes")


def test_no_narrow_space_is_left_where_none_is_safe(made: dict[str, Path]) -> None:
    """Text, contents, attributes and metadata have the typography's fall-back; no other letter changes."""
    plain, fitted = (Container.read(made[name].read_bytes()) for name in ("plain", "safe"))
    told = [name for name, data in plain.files.items() if "\u202f" in data.decode("utf-8", "ignore")]
    assert {"EPUB/nav.xhtml", "EPUB/text/chapter-01.xhtml", plain.opf} <= set(told)
    assert not any("\u202f" in fitted.files[name].decode() for name in told)
    pages = zip(plain.documents.values(), fitted.documents.values(), strict=True)
    for before, after in (map(xhtml.words, pair) for pair in pages):
        assert after.replace("\ufe0e", "") == typography.safe(before).replace("\u2060", "\ufeff")


def test_apple_shows_notes_over_the_page(made: dict[str, Path]) -> None:
    """Notes are footnotes by type for Apple, endnotes for all others."""
    assert 'epub:type="footnote"' in text(made["apple"], "notes")
    assert 'epub:type="endnote"' in text(made["plain"], "notes")


def test_kindle_has_one_cover_and_two_levels(made: dict[str, Path]) -> None:
    """The page of the cover is out, with all that led there; the picture stays; the NCX has two levels."""
    epub = Container.read(made["kindle"].read_bytes())

    assert "EPUB/text/cover.xhtml" not in epub.files
    assert "EPUB/images/cover.jpg" in epub.files
    assert b"cover.xhtml" not in epub.files["EPUB/nav.xhtml"] + epub.files[epub.opf]
    assert b'content="2"' in epub.files["EPUB/toc.ncx"]
    assert b"Trois" not in epub.files["EPUB/toc.ncx"]


def test_kobo_has_a_span_for_each_sentence(made: dict[str, Path]) -> None:
    """Paragraphs and sentences are counted; the contents, which Kobo shows by itself, stay as they are."""
    page = text(made["kobo"])

    assert '<span class="koboSpan" id="kobo.2.3">' in page
    assert '<div id="book-columns"><div id="book-inner">' in page
    with zipfile.ZipFile(made["kobo"]) as archive:
        assert b"koboSpan" not in archive.read("EPUB/nav.xhtml")


@pytest.mark.parametrize(
    ("body", "sentences"),
    [
        ("<p>Un. Deux ? Trois</p>", ["Un. ", "Deux ? ", "Trois"]),
        ("<p>« Un\u202f!\u00a0» Deux.</p>", ["« Un\u202f!\u00a0» ", "Deux."]),
        ("<p>Un <em>mot. Deux</em> fin.</p>", ["Un ", "mot. ", "Deux", "fin."]),
        ("<p>春は。曙<ruby>草<rt>くさ</rt></ruby></p>", ["春は。", "曙", "草"]),
        ('<p>Un<img src="a.png" alt=""/></p>', ["Un", ""]),
    ],
)  # fmt: skip
def test_sentences_end_where_they_end(body: str, sentences: list[str]) -> None:
    """With their marks and closing quotes; no letter and no space is lost."""
    html = xhtml.parse_page(f'<html xmlns="{xhtml.XHTML}"><body>{body}</body></html>')
    page = next(xhtml.elements(html, "body"))
    before = page.xpath("string()")
    wrap_sentences(page)
    spans = [span for span in xhtml.elements(page, "span") if span.get("class") == "koboSpan"]

    assert page.xpath("string()") == before
    assert [span.text or "" for span in spans] == sentences
    assert len({span.get("id") for span in spans}) == len(spans)


def test_stores_have_bounds(made: dict[str, Path]) -> None:
    """Pictures, pages, fonts and covers beyond a store's bounds are told, with the rule's address."""
    files = dict(Container.read(made["plain"].read_bytes()).files)
    sizes = {"EPUB/images/cover.jpg": (600, 900), "EPUB/images/large.png": (3000, 2000)}
    told = [
        str(problem) for reader in ("apple", "kindle") for problem in lint(reader, files, sizes, "sea.epub")
    ]

    assert [line.partition("\n")[0].partition("store-rule: ")[2] for line in told] == [
        "the picture has 6.0 million pixels, more than 5.6",
        "the cover has 600 × 900 pixels, less than 1400 × 1400",
        "the cover has 600 × 900 pixels, less than 625 × 1000",
    ]
    assert all("https://" in line for line in told)


@pytest.mark.usefixtures("judges")
@pytest.mark.parametrize("reader", READERS)
def test_readers_epubs_pass_epubcheck(made: dict[str, Path], reader: Reader) -> None:
    """Each is an EPUB that EPUBCheck accepts, and whose links lead somewhere."""
    assert epubcheck(made[reader]) == ()
    assert links(made[reader].read_bytes()) == ()
