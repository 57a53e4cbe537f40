"""`publish info`: what a shop would see of an EPUB."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from publish.__main__ import main

BOOK = """---
title: La Mer
author: Paul V.
lang: fr
translator: Anne Durand
series: Rivages
series-position: 2
subject: ["Thema FBA: Roman moderne"]
description: Un livre de la mer.
accessibility:
  certifier: Éditions du Port
  date: 2026-11-24
  exemptions: [eaa-microenterprise]
---

# Un

Midi le juste.
"""


@pytest.fixture
def epub(tmp_path: Path) -> Path:
    """Make an EPUB of one chapter."""
    (tmp_path / "mer.md").write_text(BOOK, "utf-8")
    target = tmp_path / "mer.epub"
    assert main(["epub", str(tmp_path / "mer.md"), "-o", str(target), "-q"]) == 0
    return target


def test_a_shop_sees_metadata_sizes_and_accessibility(epub: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In lines: title, author, words, fonts; then the display guide's headings in the book's language."""
    assert main(["info", str(epub)]) == 0
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]

    assert "title  La Mer" in lines
    assert "creator  Paul V." in lines
    assert "contributor  Anne Durand (trl)" in lines
    assert "subject  Thema FBA: Roman moderne" in lines
    assert "description  Un livre de la mer." in lines
    assert "series  Rivages (2)" in lines
    assert "certifier  Éditions du Port (2026-11-24)" in lines
    assert "exemption  eaa-microenterprise" in lines
    assert "images  1" in lines
    assert lines[lines.index("Conformité") + 1 :][:2] == [
        "Cette publication respecte les normes d’accessibilité reconnues",
        "La publication a été certifiée par Éditions du Port",
    ]


def test_the_same_for_machines(epub: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--json` prints one object."""
    assert main(["info", str(epub), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)

    assert told["metadata"]["language"] == ["fr"]
    assert told["sizes"]["bytes"] == epub.stat().st_size
    assert told["sizes"]["font bytes"] < 600_000
    assert told["problems"] == []


def test_what_is_no_epub_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is something else, or isn't there, is a problem that says so, with its hint."""
    (tmp_path / "folder").mkdir()
    for name, data in (("text", b"no zip"), ("book.pdf", b"%PDF-1.7"), ("empty", b"")):
        (tmp_path / name).write_bytes(data)
    facts = {
        "text": "is no EPUB", "book.pdf": "is a PDF, and no EPUB", "empty": "is empty",
        "folder": "is a folder", "absent": "is not there",
    }  # fmt: skip

    for name, fact in facts.items():
        assert main(["info", str(tmp_path / name)]) == 1
        assert f"{name}: missing-book: {fact}\n" in capsys.readouterr().err


OPF = """<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="i">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:opf="http://www.idpf.org/2007/opf">
<dc:identifier id="i">x</dc:identifier><dc:title>Old</dc:title><dc:language>en</dc:language>
<dc:contributor opf:role="ill">Iris</dc:contributor>
<meta property="schema:accessibilityHazard">flashing</meta><link rel="record" href="record.xml"/></metadata>
<manifest><item id="n" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="f" href="a.otf" media-type="application/vnd.ms-opentype"/>
<item id="t" href="t.xhtml" media-type="application/xhtml+xml"/></manifest>
<spine><itemref idref="t"/></spine></package>"""
PAGE = '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head><body>{}</body></html>'


def test_another_house_s_epub(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What isn't said of its accessibility isn't known; the menu needs no page; real faults are told."""
    container = '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    container += '<rootfile full-path="b.opf"/></rootfiles></container>'
    files = {
        "META-INF/container.xml": container, "b.opf": OPF, "nav.xhtml": PAGE.format("<nav/>"),
        "t.xhtml": PAGE.format('<a href="u.xhtml">x</a>'), "a.otf": "12345", "record.xml": "<x/>",
    }  # fmt: skip
    with zipfile.ZipFile(tmp_path / "old.epub", "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)

    assert main(["info", str(tmp_path / "old.epub")]) == 1
    told = capsys.readouterr()
    lines = [line.strip() for line in told.out.splitlines()]
    assert "contributor  Iris (ill)" in lines
    assert "font bytes  5" in lines
    assert lines[lines.index("Ways of reading") + 1] == "No information is available"
    assert lines[lines.index("Hazards") + 1] == "flashing"
    assert told.err == (
        "old.epub/t.xhtml: broken-link: “u.xhtml” leads to no file\n"
        "    hint: correct it where the EPUB is made\n"
    )
