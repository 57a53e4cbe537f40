"""The disk: files of a book's folder, and nothing else.

Paths come from strangers: none leads out of the folder, by `..`, from the root, or by a link. In the book
their letters are composed (é is one character, NFC), whichever of its spellings the text or the disk has.
"""

from __future__ import annotations

import codecs
import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from publish.problems import Place, Problem, Severity, nearest

#: A file of text may be so long, in bytes; a section is bounded apart.
_LONGEST_FILE = 50_000_000
#: The nearest path is sought for so many problems: it takes a look at every file.
_HINTS = 30
#: How much of a path is shown, in characters.
_SHOWN = 120
_CONVERT, _SAVE = "have Pandoc make Markdown of it", "save it as plain text, in UTF-8"
#: How files begin that are no text, what they are, and what to do.
_NO_TEXT = {
    b"PK\3\4": ("a word processor’s document, an EPUB or another ZIP", _CONVERT),
    b"\xd0\xcf\x11\xe0": ("an old document of Word", _SAVE),
    b"{\\rtf": ("RTF", _CONVERT),
    b"%PDF-": ("a PDF", _SAVE),
    b"\x89PNG": ("an image", "name a file of text"),
    b"\xff\xd8\xff": ("an image", "name a file of text"),
    b"GIF8": ("an image", "name a file of text"),
}
#: Ends of lines that word processors write, and no font has.
_LINE_SIGNS = ("\x85", "\u2028", "\u2029")


@dataclass(slots=True)
class Folder:
    """A book's folder, as given; collects the problems of its files."""

    #: As the author gave it: what places are shown under.
    root: Path
    problems: list[Problem] = field(default_factory=list)
    #: Paths of what the folder holds, once a hint needs them.
    names: list[str] | None = None
    #: Folder → where it is, links followed.
    _places: dict[str, str] = field(default_factory=dict)
    #: Suffix → paths of the folder's files that have it.
    _named: dict[str, list[str]] = field(default_factory=dict)

    def problem(
        self, code: str, place: Place | None, fact: str, hint: str = "", severity: Severity = "error"
    ) -> None:
        """Add a problem."""
        self.problems.append(Problem(code, place, fact, hint, severity))

    def shown(self, path: str) -> str:
        """Return a path in the folder as the author knows it."""
        return str(self.root / path)

    def within(self, shown: str) -> str:
        """Return the path in the folder of a file as the author knows it: the reverse of `shown`."""
        return Path(shown).relative_to(self.root).as_posix()

    def find(self, path: str, place: Place | None, code: str = "missing-file") -> Path | None:
        """Return the file at a path relative to the folder; None after a problem."""
        wanted = PurePosixPath(path)
        shown = path if len(path) <= _SHOWN else f"{path[:_SHOWN]}…"
        if _leads_out(path):
            self.problem(
                "outside-book",
                place,
                f"“{shown}” is not in the book's folder",
                "copy the file into the folder",
            )
            return None
        target = self._on_disk(wanted)
        if not self._is_inside(target):
            hint = "copy the file itself into the folder"
            self.problem("outside-book", place, f"“{shown}” is a link out of the book's folder", hint)
            return None
        if not _is_file(target):
            hint = self._nearest(path, target.suffix) or "put it into the folder, or correct its path"
            fact = f"“{shown}” {'is no file' if _is_there(target) else 'is not there'}"
            self.problem(code, place, fact, hint)
            return None
        return target

    def held(self, path: str) -> Path | None:
        """Return the file at a path where `find` would; nothing is told."""
        if _leads_out(path):
            return None
        target = self._on_disk(PurePosixPath(path))
        return target if _is_file(target) and self._is_inside(target) else None

    def text(self, path: str, place: Place | None = None) -> str | None:
        """Return the text of a file: UTF-8, line ends of Unix, no byte order mark; None after a problem."""
        target = self.find(path, place)
        return None if target is None else self.decode(target, self.shown(path))

    def decode(self, target: Path, shown: str) -> str | None:
        """Return the text of a file that was found; None after a problem."""
        try:
            data = target.read_bytes()
        except OSError as error:
            fact = f"“{shown}” can't be read: {(error.strerror or '').lower()}"
            self.problem("missing-file", Place(shown), fact, "let your user read it")
            return None
        if len(data) > _LONGEST_FILE:
            self.problem(
                "section-too-large",
                Place(shown),
                f"the file has {len(data) // 1_000_000} MB of text",
                "divide it",
            )
            return None
        kind, hint = next((told for begin, told in _NO_TEXT.items() if data.startswith(begin)), ("", ""))
        if kind:
            self.problem("not-utf8", Place(shown), f"it is {kind}, not text", hint)
            return None
        try:
            text = data.removeprefix(codecs.BOM_UTF8).decode()
        except UnicodeDecodeError as error:
            self._not_utf8(data.removeprefix(codecs.BOM_UTF8), error, shown)
            return None
        text = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
        if any(sign in text for sign in _LINE_SIGNS):
            text = text.translate(dict.fromkeys(map(ord, _LINE_SIGNS), " "))
        return text

    def _not_utf8(self, data: bytes, error: UnicodeDecodeError, shown: str) -> None:
        before = data[: error.start].decode().replace("\r\n", "\n").replace("\r", "\n")
        line = before.count("\n") + 1
        column = len(before) - (before.rfind("\n") + 1) + 1
        is_utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        fact = f"the byte 0x{data[error.start]:02X} is not UTF-8{', the file is UTF-16' if is_utf16 else ''}"
        self.problem("not-utf8", Place(shown, line, column), fact, "save the file as UTF-8")

    def markdown(self) -> list[str]:
        """Return the paths of the Markdown files in the folder, sorted, hidden ones left out."""
        return self._files(".md")

    def plain(self) -> list[str]:
        """Return the paths of the plain texts in the folder, sorted, hidden ones left out."""
        return self._files(".txt")

    def _files(self, suffix: str) -> list[str]:
        if suffix not in self._named:
            self._named[suffix] = sorted(
                composed(PurePosixPath(os.path.relpath(place, self.root), name).as_posix())
                for place, names in self._walk()
                for name in names
                if name.endswith(suffix) and not name.startswith(".")
            )
        return self._named[suffix]

    def _walk(self) -> Iterator[tuple[str, list[str]]]:
        """Iterate over the folder and those below it that aren't hidden, with the names of their files."""
        for place, below, names in os.walk(self.root):
            below[:] = [name for name in below if not name.startswith(".")]
            yield place, names

    def _is_inside(self, target: Path) -> bool:
        """Tell whether a path leads to a place in the folder."""
        try:
            home, name = os.path.split(target)
            place = os.path.realpath(target) if target.is_symlink() else f"{self._place(home)}{os.sep}{name}"
            return place.startswith(self._place(str(self.root)).rstrip(os.sep) + os.sep)
        except (OSError, ValueError):  # a name that no disk takes: there is nothing
            return True

    def _on_disk(self, path: PurePosixPath) -> Path:
        """Return where a path leads: by the names as they are, or as the disk spells them otherwise."""
        target = self.root / path
        if str(path).isascii() or _is_there(target):
            return target
        target = self.root
        for part in path.parts:
            if target != self.root and not self._is_inside(target):
                break  # a link out of the folder: nobody looks into that
            target = _respelled(target, part)
        return target

    def _place(self, folder: str) -> str:
        """Return where a folder is, links followed: looked up once, for hundreds of chapters."""
        if folder not in self._places:
            self._places[folder] = os.path.realpath(folder)
        return self._places[folder]

    def _nearest(self, path: str, suffix: str) -> str:
        """Return a hint with the nearest file of the same suffix; for the first problems only."""
        if len(self.problems) >= _HINTS:
            return ""
        if self.names is None:
            found = islice(self.root.rglob("*"), 10_000)
            self.names = [path.relative_to(self.root).as_posix() for path in found]
        suffix = suffix.lower()
        return nearest(path, (name for name in self.names if name.lower().endswith(suffix) and name != path))


def _leads_out(path: str) -> bool:
    """Tell whether a path names something outside of the folder it counts from, on any system."""
    wanted = PurePosixPath(path)
    return wanted.is_absolute() or ".." in _normal(wanted) or "\\" in path or ":" in wanted.parts[0:1]


def _is_file(target: Path) -> bool:
    try:
        return target.is_file()
    except (OSError, ValueError):  # a name that no disk takes
        return False


def _is_there(target: Path) -> bool:
    try:
        return os.path.lexists(target)
    except ValueError:  # a name that no disk takes
        return False


def composed(path: str) -> str:
    """Return a path with its letters composed."""
    return path if path.isascii() else unicodedata.normalize("NFC", path)


def _respelled(folder: Path, name: str) -> Path:
    """Return the path of a name in a folder, as the disk spells it."""
    target = folder / name
    if _is_there(target):
        return target
    try:
        spellings = (path for path in folder.iterdir() if composed(path.name) == composed(name))
        return next(spellings, target)
    except (OSError, ValueError):  # a name that no disk takes
        return target


def beside(source: str, href: str) -> str:
    """Return the path that an address in a file means, from the book's folder: `..` may go up inside it."""
    path = composed(unquote(href.partition("#")[0].partition("?")[0]))
    if path.startswith("/"):
        return path
    return "/".join(_normal(PurePosixPath(source).parent / path))


def _normal(path: PurePosixPath) -> tuple[str, ...]:
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return tuple(parts)
