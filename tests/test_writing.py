"""The writer's guide is a manuscript: it builds, in both outputs, as it tells others to write."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import pytest

import publish

GUIDE = Path(__file__).parent.parent / "docs" / "writing.md"


@pytest.mark.slow
def test_the_guide_is_a_book(tmp_path: Path) -> None:
    """Both outputs are made without a problem; the build itself proves that they hold every word."""
    targets: dict[publish.Output, Path | None] = {"epub": tmp_path / "w.epub", "pdf": tmp_path / "w.pdf"}
    report = publish.build(GUIDE, targets, publish.Options(cache=tmp_path / "cache"))

    assert report.problems == ()
    assert (tmp_path / "w.epub").stat().st_size == report.files[0].size
    with pypdfium2.PdfDocument(tmp_path / "w.pdf") as bound:
        assert len(bound) == report.files[1].pages > 10
