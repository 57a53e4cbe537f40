"""The book's own style sheets: the addresses in them lead to files of its folder, or to nothing.

An address counts from the style sheet, as in CSS; in the book it counts from the book's folder.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import Literal

from publish.book import Style
from publish.manuscript.files import Folder, beside
from publish.manuscript.images import is_remote
from publish.problems import Place

#: What can name a file, and strings and comments, in which nothing does; names may hide behind escapes.
_PIECE = re.compile(
    r"""(?P<import>@import\b[^;]*;?)
      | \burl\(\s*+(?:"(?P<double>[^"\n]*)"|'(?P<single>[^'\n]*)'|(?P<bare>[^"'()\s]*))\s*+\)
      | (?P<other>(?:image-set|\bsrc|\burl)\()
      | (?P<escape>(?<![\w\\-])@?(?=[\w-]{0,200}+\\)(?:[\w-]|\\[^\n]|(?<=[0-9a-f])\s){1,200}+\(
              |@[\w-]*+\\)
      | /\*.*?(?:\*/|\Z)
      | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


def style(output: Literal["text", "ebook", "print"], css: str, path: str, folder: Folder) -> Style:
    """Return a style sheet of the book whose addresses count from its folder; others are problems."""

    def checked(match: re.Match[str]) -> str:
        before = css[: match.start()]
        place = Place(folder.shown(path), before.count("\n") + 1, match.start() - before.rfind("\n"))
        if match["import"]:
            hint = "list that style sheet in book.toml, under [styles]"
            folder.problem("refused-address", place, "a style sheet of a book imports none", hint)
        elif match["other"] or match["escape"]:
            fact = f"“{(match['other'] or match['escape'])[:60]}” can't be used here"
            folder.problem("refused-address", place, fact, "write url(…)")
        elif match[0].lower().startswith("url"):
            address = match["double"] or match["single"] or match["bare"] or ""
            return _address(address.strip(), place, output, (path, folder))
        return match[0]

    return Style(output, _PIECE.sub(checked, css), folder.shown(path))


def _address(address: str, place: Place, output: str, sheet: tuple[str, Folder]) -> str:
    """Return `url(…)` as it counts from the book's folder."""
    path, folder = sheet
    if address.startswith("#") or re.match(r"data:(?:image|font)/", address):
        return f'url("{address}")'
    hint = "copy the file into the book's folder"
    wanted = beside(path, address)
    if is_remote(address) or "\\" in address or not _inside(wanted, folder):
        fact = f"“{address[:80]}” is not in the book's folder"
        folder.problem("refused-address", place, fact, hint)
    elif output != "print":
        fact = f"“{address[:80]}”: an e-book takes no files from its style sheets"
        folder.problem("refused-address", place, fact, "name it in a style sheet for print")
    return f'url("{wanted}")'


def _inside(wanted: str, folder: Folder) -> bool:
    path = PurePosixPath(wanted)
    if path.is_absolute() or ".." in path.parts:
        return False
    target = Path(folder.root, wanted)
    return target.is_file() and target.resolve().is_relative_to(folder.root.resolve())
