"""`publish info`: what a shop would see of an EPUB."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from publish.__main__ import main

BOOK = """---
title: La Mer
author: Paul V.
lang: fr
accessibility:
  certifier: Éditions du Port
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
