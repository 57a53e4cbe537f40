"""The style sheets of an output: the publisher's own, then the book's."""

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
    vertical = output == "ebook" and book.settings.writing_mode == "vertical-rl"
    return (
        _default("text", "text"), _default(output, output),
        *([_default("ebook", "vertical")] if vertical else []), *own,
    )  # fmt: skip


@cache
def _default(output: Literal["text", "ebook", "print"], name: str) -> Style:
    folder = next(folder for folder in _FOLDERS if folder.is_dir())
    return Style(output, (folder / f"{name}.css").read_text("utf-8"), f"styles/{name}.css")
