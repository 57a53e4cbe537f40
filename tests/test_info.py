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


@pytest.mark.parametrize("data", [b"no zip", None])
def test_what_is_no_epub_is_told(
    tmp_path: Path, data: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that is something else, or isn't there, is a problem with its hint."""
    path = tmp_path / "x.epub"
    if data is not None:
        path.write_bytes(data)

    assert main(["info", str(path)]) == 1
    assert "x.epub: missing-book: is no EPUB" in capsys.readouterr().err
