"""How deep the contents go where the book doesn't say."""

from __future__ import annotations

from dataclasses import replace

from publish.book import Book
from publish.problems import Problem


def choose_depth(book: Book) -> tuple[Book, tuple[Problem, ...]]:
    """Show every section, and headings down to the second level: a play's scenes, not their numbers."""
    if book.settings.toc_depth:
        return book, ()
    depth = max([2, *(section.depth for section in book.sections)])
    return replace(book, settings=replace(book.settings, toc_depth=min(depth, 6))), ()
