"""Files into files: `{{< include path >}}` on a line of its own, as Quarto has it, and mdBook’s `#include`.

Included text becomes part of the file that asks for it before Markdown sees it: a note may be called in one
and written in the other. Every line remembers where it comes from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from publish.manuscript import dialect
from publish.manuscript.files import Folder, beside
from publish.manuscript.keys import FRONT_MATTER, without
from publish.problems import Place

#: One file of the book may include so many, so deep, and grow to so many characters.
MOST, DEEPEST, LONGEST = 500, 8, 5_000_000
_INCLUDE = re.compile(
    r"( {0,3}\{\{(?:(?P<quarto><)[ \t]+include|\#include)[ \t]+)"
    r"(?P<path>\S(?:.*?\S)?)(?(quarto)[ \t]+>|[ \t]*)\}\}[ \t]*"
)

#: First line in the whole text → file as the author knows it, and the line there: see `book.Section.lines`.
Lines = tuple[tuple[int, str, int], ...]


@dataclass(slots=True)
class Spliced:
    """A text with all that it includes."""

    out: list[str] = field(default_factory=list)
    lines: list[tuple[int, str, int]] = field(default_factory=list)
    #: Paths of the files that were included.
    files: set[str] = field(default_factory=set)
    count: int = 0
    size: int = 0

    @property
    def text(self) -> str:
        """Return the whole text."""
        return "\n".join(self.out)


def splice(folder: Folder, path: str, text: str, shown: str = "") -> tuple[str, Lines, set[str]]:
    """Return a file's text with what it includes, where its lines come from, and the paths included.

    What can't be included is a problem of the folder's, at the line that asks for it.
    """
    if ("{{<" not in text or "include" not in text) and "{{#include" not in text:
        return text, (), set()
    whole = Spliced()
    _add(whole, folder, (path,), (text, shown or folder.shown(path)))
    return (whole.text, tuple(whole.lines), whole.files) if whole.count else (text, (), set())


def _add(whole: Spliced, folder: Folder, stack: tuple[str, ...], text: tuple[str, str]) -> None:
    """Add a file's lines, and those of the files that it includes; `text` comes with the name to show."""
    lines, shown = text[0].split("\n"), text[1]
    plain = dict(dialect.outside_code(lines))
    whole.lines.append((len(whole.out) + 1, shown, 1))
    for number, line in enumerate(lines):
        match = _INCLUDE.fullmatch(line) if number in plain and "{{" in line else None
        if match is None:
            whole.out.append(line)
            continue
        place = Place(shown, number + 1, len(match[1]) + 1)
        whole.out.append("")
        _include(whole, folder, stack, (match["path"].strip("\"'"), place))
        whole.out.append("")
        whole.lines.append((len(whole.out), shown, number + 1))


def _include(whole: Spliced, folder: Folder, stack: tuple[str, ...], asked: tuple[str, Place]) -> None:
    """Add the file that an include asks for, unless it leads in a circle or grows beyond the bounds."""
    path, place = beside(stack[-1], asked[0]), asked[1]
    if ":" in path:  # mdBook’s lines, or anchors
        hint = "write it in a block of code"
        folder.problem(
            "bad-include",
            place,
            f"“{asked[0]}” asks for some lines of a file, which only a block of code can",
            hint,
        )
        return
    if path in stack:
        circle = " → ".join((*stack[stack.index(path) :], path))
        folder.problem("bad-include", place, f"“{path}” includes itself: {circle}", "take one of them out")
        return
    whole.count += 1
    if whole.count > MOST or len(stack) > DEEPEST:
        bound = f"{MOST} files" if whole.count > MOST else f"{DEEPEST} levels"
        if whole.count <= MOST + 1:
            hint = "put the text in the chapter"
            folder.problem("bad-include", place, f"more than {bound} are included", hint)
        return
    text = folder.text(path, place)
    if text is None:
        return
    whole.size += len(text)
    if whole.size > LONGEST:
        fact = f"more than {LONGEST} characters are included"
        folder.problem("bad-include", place, fact, "divide the chapter")
        return
    whole.files.add(path)
    header = FRONT_MATTER.match(text)
    body = without(header, text) if header else text
    _add(whole, folder, (*stack, path), (body, folder.shown(path)))
