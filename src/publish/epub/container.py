"""EPUB bytes → its files, read by themselves: nothing here knows how they were written."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from posixpath import dirname, join, normpath
from urllib.parse import unquote

from publish import xhtml
from publish.xhtml import Element

_OPF = "{http://www.idpf.org/2007/opf}"
_CONTAINER = "{urn:oasis:names:tc:opendocument:xmlns:container}"


@dataclass(frozen=True)
class Container:
    """The files of an EPUB by their full names."""

    files: Mapping[str, bytes]

    @classmethod
    def read(cls, data: bytes) -> Container:
        """Turn a zip file into its files. Raises zipfile.BadZipFile."""
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return cls({name: archive.read(name) for name in archive.namelist()})

    @cached_property
    def opf(self) -> str:
        """Return the name of the package document, from META-INF/container.xml."""
        root = xhtml.parse_page(self.files["META-INF/container.xml"])
        return str(next(root.iter(f"{_CONTAINER}rootfile")).get("full-path"))

    @cached_property
    def package(self) -> Element:
        """Return the package document's root."""
        return xhtml.parse_page(self.files[self.opf])

    @cached_property
    def manifest(self) -> dict[str, tuple[str, str]]:
        """Return identifier → full name and media type."""
        return {
            item.get("id", ""): (resolve(self.opf, item.get("href", "")), item.get("media-type", ""))
            for item in self.package.iter(f"{_OPF}item")
        }

    @cached_property
    def spine(self) -> tuple[str, ...]:
        """Return the identifiers of the documents in reading order."""
        return tuple(item.get("idref", "") for item in self.package.iter(f"{_OPF}itemref"))

    @cached_property
    def documents(self) -> dict[str, Element]:
        """Return the trees of all XHTML documents that are there, in the manifest's order."""
        names = (name for name, kind in self.manifest.values() if kind == "application/xhtml+xml")
        return {name: xhtml.parse_page(self.files[name]) for name in names if name in self.files}


def resolve(base: str, address: str) -> str:
    """Return the full name of the file that an address in the file `base` leads to."""
    path = unquote(address.partition("#")[0])
    return normpath(join(dirname(base), path)) if path else base
