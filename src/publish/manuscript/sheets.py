"""The book's own style sheets: the addresses in them lead to files of its folder, or to nothing.

An address counts from the style sheet, as in CSS; in the book it counts from the book's folder. What would
keep an engine busy without end is told before one starts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from math import inf
from typing import Literal

from publish.book import Style
from publish.manuscript.files import Folder, beside
from publish.manuscript.growth import sizes
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
#: Comments and strings.
_SILENT = re.compile(r"""/\*.*?(?:\*/|\Z)|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.DOTALL)
_BRACKET = re.compile(r"[(\[{}\])]")
#: A property of the book's own, with its value, braces included; and where another property's is put in.
_PROPERTY = re.compile(r"(?<![\w-])(--[\w-]+)\s*:((?:[^;{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)")
_VARIABLE = re.compile(r"\bvar\(\s*(--[\w-]+)", re.IGNORECASE)
#: A style sheet may be so long, in characters, and nest so deep; a value may stand for so many characters.
_LONGEST, _DEEPEST, _LARGEST = 1_000_000, 50, 100_000


def style(output: Literal["text", "ebook", "print"], css: str, path: str, folder: Folder) -> Style:
    """Return a style sheet of the book whose addresses count from its folder; others are problems."""

    def checked(match: re.Match[str]) -> str:
        place = _at(css, match.start(), folder.shown(path))
        if match["import"]:
            hint = "name that style sheet in the book’s settings, under “styles”"
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
    file = None if is_remote(address) else folder.held(wanted)
    if file is None:
        fact = f"“{address[:80]}” is not in the book's folder"
        folder.problem("refused-address", place, fact, hint)
    elif output != "print":
        fact = f"“{address[:80]}”: an e-book takes no files from its style sheets"
        folder.problem("refused-address", place, fact, "name it in a style sheet for print")
    return f'url("{wanted if file is None else file.relative_to(folder.root).as_posix()}")'


def check_bounds(sheets: Sequence[tuple[str, str]], folder: Folder) -> None:
    """Tell what no engine could finish in sheets, given as their name to show and their text."""
    plain = [(shown, _SILENT.sub(_blank, css)) for shown, css in sheets]
    for shown, css in plain:
        if len(css) > _LONGEST:
            fact = f"the style sheet has {len(css)} characters, the bound is {_LONGEST}"
            folder.problem("bad-style", Place(shown), fact, "take out what the book doesn’t use")
        _check_brackets(css, shown, folder)
    for name, place, size in _grown(plain):
        fact = "is made of itself" if size == inf else f"stands for more than {_LARGEST} characters"
        folder.problem("bad-style", place, f"“{name}” {fact}", "write its value without “var(…)”")


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def _check_brackets(css: str, shown: str, folder: Folder) -> None:
    """Tell brackets that are nested too deep, and, as a warning, one that nothing closes."""
    opened: list[int] = []
    for match in _BRACKET.finditer(css):
        if match[0] in "([{":
            opened.append(match.start())
        elif opened:
            opened.pop()
        if len(opened) > _DEEPEST:
            fact = f"brackets are nested more than {_DEEPEST} deep"
            folder.problem("bad-style", _at(css, match.start(), shown), fact, "write it flatter")
            return
    if opened:
        fact, hint = f"“{css[opened[0]]}” is opened here and never closed", "close it where it ends"
        folder.problem("bad-style", _at(css, opened[0], shown), fact, hint, "warning")


def _grown(sheets: Sequence[tuple[str, str]]) -> Iterator[tuple[str, Place, float]]:
    """Find the first property that, with all that is put into it, is longer than a value may be."""
    places: dict[str, Place] = {}
    values: dict[str, list[str]] = {}
    for shown, css in sheets:
        for match in _PROPERTY.finditer(css):
            places.setdefault(match[1], _at(css, match.start(), shown))
            values.setdefault(match[1], []).append(match[2])
    size = sizes(lambda name: ((len(value), _VARIABLE.findall(value)) for value in values.get(name, ())))
    for name in values:
        if (grown := size(name)) > _LARGEST:
            yield name, places[name], grown
            return


def _at(css: str, at: int, shown: str) -> Place:
    before = css[:at]
    return Place(shown, before.count("\n") + 1, at - before.rfind("\n"))
