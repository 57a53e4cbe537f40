"""Outputs → problems: what outside judges say, and what our own proofs find.

`judge` asks everything about a finished EPUB; completeness is proved by the build itself.
"""

from __future__ import annotations

from pathlib import Path

from publish.book import Book
from publish.check.addresses import links
from publish.check.judges import epubcheck
from publish.problems import Problem

__all__ = ["epubcheck", "judge", "links"]


def judge(book: Book, path: Path) -> tuple[Problem, ...]:
    """Ask EPUBCheck about an EPUB and follow its links; problems lead to the manuscript where they can."""
    return (*epubcheck(path, book), *links(path.read_bytes(), path.name))
