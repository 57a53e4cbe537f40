"""A manuscript as the other programs take it: its Markdown files in order, and a copy that may be changed."""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_LINK = re.compile(r"\]\(([^)#]+\.md)\)")
#: A paragraph of prose on one line: no heading, list, quotation, table, image or code.
_PROSE = re.compile(r"^\w[^|<>`\[\]]{160,}$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Manuscript:
    """A folder with a book, or one Markdown file."""

    path: Path

    @property
    def folder(self) -> Path:
        """Return the folder that the paths are relative to."""
        return self.path if self.path.is_dir() else self.path.parent

    def files(self) -> list[Path]:
        """Return the Markdown files in reading order."""
        if self.path.is_file():
            return [self.path]
        return [self.folder / name for name in dict.fromkeys(self._names())]

    def _names(self) -> list[str]:
        if (self.folder / "files.txt").is_file():
            return (self.folder / "files.txt").read_text(encoding="utf-8").split()
        if (self.folder / "book.toml").is_file():
            settings = tomllib.loads((self.folder / "book.toml").read_text(encoding="utf-8"))
            return list(_markdown_names(settings))
        return _LINK.findall((self.folder / "SUMMARY.md").read_text(encoding="utf-8"))

    def metadata(self) -> list[str]:
        """Return Pandoc's options for the book's metadata."""
        if (self.folder / "metadata.yaml").is_file():
            return ["--metadata-file", str(self.folder / "metadata.yaml")]
        if (self.folder / "book.toml").is_file():
            settings = tomllib.loads((self.folder / "book.toml").read_text(encoding="utf-8"))
            return [
                "-M",
                f"title={settings.get('title', '')}",
                "-M",
                f"lang={settings.get('language', 'en')}",
            ]
        return []

    def words(self) -> int:
        """Count the words of the files, roughly: what stands between white space."""
        return sum(len(file.read_text(encoding="utf-8").split()) for file in self.files())

    def copied(self, folder: Path) -> Manuscript:
        """Copy the book into a folder and return the copy."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return Manuscript(folder if self.path.is_dir() else folder / self.path.name)

    def change_a_paragraph(self) -> None:
        """Add three words to a paragraph in the middle of the book, as its author would: in its file."""
        files = self.files()
        for file in [*files[len(files) // 2 :], *files]:
            text = file.read_text(encoding="utf-8")
            paragraphs = list(_PROSE.finditer(text))
            if paragraphs:
                middle = text.index(" ", paragraphs[len(paragraphs) // 2].start() + 80)
                file.write_text(f"{text[:middle]} one two three{text[middle:]}", encoding="utf-8")
                return
        raise ValueError(f"no paragraph to change in {self.path}")


def _markdown_names(value: object) -> Iterator[str]:
    """Yield the names of Markdown files in a parsed book.toml, in its order."""
    if isinstance(value, str):
        if value.endswith(".md"):
            yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _markdown_names(part)
    elif isinstance(value, list):
        for part in value:
            yield from _markdown_names(part)
