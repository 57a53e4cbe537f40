"""The style sheets of an output: the publisher's own, on paper with the book's design, then the book's."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from publish.book import Book, Style

Output = Literal["ebook", "print"]

_PACKAGE = Path(__file__).parent.parent
#: Where the style sheets are: in the installed package, or in a checkout's top folder.
_FOLDERS = (_PACKAGE / "styles", _PACKAGE.parent.parent / "styles")


def stylesheets(book: Book, output: Output) -> tuple[Style, ...]:
    """Turn a book and an output into its style sheets, in the order of the cascade."""
    own = tuple(style for style in book.settings.styles if style.output in ("text", output))
    more = [_default("print", book.settings.print.design)] if output == "print" else []
    if output == "ebook":
        more += [_default("ebook", "tables")] if _has_tables(book) else []
        more += [_default("ebook", "vertical")] if book.settings.writing_mode == "vertical-rl" else []
    return (_default("text", "text"), _default(output, output), *more, *own)


def _has_tables(book: Book) -> bool:
    bodies = (body for one in book.sections for body in (one.body, *(note.body for note in one.notes)))
    return any("<table" in body for body in bodies)


@cache
def _default(output: Literal["text", "ebook", "print"], name: str) -> Style:
    folder = next(folder for folder in _FOLDERS if folder.is_dir())
    return Style(output, (folder / f"{name}.css").read_text("utf-8"), f"styles/{name}.css")
