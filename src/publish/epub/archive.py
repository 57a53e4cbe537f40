"""Finished files → the entries of an EPUB; the one owner of EbookLib.

EbookLib is the registry of the files only. Its writer reparses pages, swallows errors and dates entries
with the clock (docs/architecture.md), so ours takes finished bytes and writes the same file every time.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from ebooklib import epub

from publish.book import Content
from publish.epub.zipped import Archive

#: Compressed already: deflating them again costs time and gains nothing.
_STORED = frozenset(["image/jpeg", "image/png", "image/webp", "image/gif", "font/woff", "font/woff2"])
_FOLDER = "EPUB"
_OLDEST = (1980, 1, 1, 0, 0, 0)
_NEWEST = (2107, 12, 31, 23, 59, 58)

_CONTAINER = """<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
  <rootfiles>
    <rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/>
  </rootfiles>
</container>
"""

# Old versions of Apple's reader leave embedded fonts aside without it.
_APPLE = """<?xml version="1.0" encoding="UTF-8"?>
<display_options>
  <platform name="*">
    <option name="specified-fonts">true</option>
  </platform>
</display_options>
"""


@dataclass(frozen=True, slots=True)
class File:
    """One file of the EPUB, as the manifest has it."""

    #: Unique in the package; an XML name.
    identifier: str
    #: Relative to the package document: `text/chapter-03.xhtml`.
    path: str
    media_type: str
    #: None: the drawn cover, which comes last; what has to be read first comes just before (see `Archive`).
    data: Content | None
    #: Manifest properties: `nav`, `svg`, `mathml`, `cover-image`.
    properties: tuple[str, ...] = ()


def entry_name(path: str) -> str:
    """Return the name in the archive of a file, by its path from the package document."""
    return f"{_FOLDER}/{path}"


def archive(files: Sequence[File], opf: str, modified: int) -> Archive:
    """Turn files and a package document into an EPUB: the same input gives the same bytes.

    `modified`, in seconds since 1970, dates the entries (EPUB 3.3, section 4.2: OCF ZIP container).
    """
    registry = epub.EpubBook()
    registry.FOLDER_NAME = _FOLDER
    for file in files:
        data = file.data if isinstance(file.data, bytes) else b""
        item = epub.EpubItem(file.identifier, file.path, file.media_type, data)
        item.properties = list(file.properties)
        registry.add_item(item)
    apple = epub.EpubItem(
        "apple", "META-INF/com.apple.ibooks.display-options.xml", "text/xml", _APPLE.encode()
    )
    apple.manifest = False
    registry.add_item(apple)
    made = _Writer(registry, opf, modified).archive()
    for file in files:
        if not isinstance(file.data, bytes):
            made.late[entry_name(file.path)] = file.data
            del made.entries[entry_name(file.path)]
    return made


class _Writer(epub.EpubWriter):  # type: ignore[misc]  # EbookLib has no types
    """EbookLib's writer with our package document and a zip file without clock or machine in it."""

    def __init__(self, registry: epub.EpubBook, opf: str, modified: int) -> None:
        super().__init__("", registry, {"raise_exceptions": True})
        self.opf = opf
        stored = {entry_name(item.file_name) for item in registry.get_items() if item.media_type in _STORED}
        moment = min(_NEWEST, max(_OLDEST, time.gmtime(modified)[:6]))
        self.out = Archive(moment, frozenset(stored))

    def archive(self) -> Archive:
        self._write_container()
        self._write_opf()
        self._write_items()
        return self.out

    def _write_container(self) -> None:
        self.out.writestr("META-INF/container.xml", _CONTAINER.encode())

    def _write_opf(self) -> None:
        self.out.writestr(entry_name("package.opf"), self.opf.encode())
