"""Outputs → problems: what outside judges say, and what our own proofs find.

`judge` asks everything about a finished EPUB; completeness is proved by the build itself.
"""

from __future__ import annotations

from pathlib import Path

from publish.book import Book
from publish.check.addresses import links
from publish.check.judges import ace, browser, epubcheck
from publish.problems import Problem

__all__ = ["ace", "browser", "epubcheck", "judge", "links"]


def judge(book: Book, path: Path) -> tuple[Problem, ...]:
    """Ask EPUBCheck and Ace about an EPUB, follow its links; problems lead to the manuscript if they can."""
    return (*epubcheck(path, book), *ace(path, book), *links(path.read_bytes(), path.name))
