"""From a `Book` to its finished pages, style sheets and cover.

pages, problems = compose.compose(book)
compose.stylesheets(book, "ebook")
compose.cover(book).jpeg
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from publish.book import Book
from publish.compose.pages import compose
from publish.compose.styles import stylesheets

if TYPE_CHECKING:
    from publish.compose.drawing import Cover

__all__ = ["compose", "cover", "raster", "stylesheets"]


def cover(book: Book) -> Cover:
    """Draw the cover of a book that brings none. Raises BookProblems: bad-template, missing-font."""
    from publish.compose import drawing  # noqa: PLC0415 - Pillow and resvg are slow to load

    return drawing.draw(book)


def raster(svg: bytes, width: int) -> bytes:
    """Turn a drawing without letters into a PNG in sixteen greys on white, `width` pixels wide."""
    from publish.compose import drawing  # noqa: PLC0415 - as above

    return drawing.raster(svg, width)
