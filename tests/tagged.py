"""A tagged PDF as who listens to it has it: the structure tree, read back by other libraries than made it.

MuPDF reads the tree's objects, PDFium the words of each run of marked content.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Self

import pymupdf
import pypdfium2
from pypdfium2 import raw

_KID = re.compile(r"(\d+) 0 R|<<(.*?)>>|(\d+)", re.DOTALL)
#: What the publisher itself writes before a list's items.
MARKER = re.compile(r"[•◦▪]|\w{1,6}\.")


class Run(str):
    """Words that stand on one page."""

    __slots__ = ("page",)

    def __init__(self, _words: str, page: int = 0) -> None:
        """Take the words, and the place of the page in the file, from 0."""
        self.page = page

    def __new__(cls, words: str, _page: int = 0) -> Self:
        """Make the words."""
        return super().__new__(cls, words)


@dataclass
class Tag:
    """One structure element: what it is, in which language, its words and the elements in it."""

    role: str
    language: str = ""
    #: Other attributes that matter: alternative text, identifier, scope and spans of cells.
    more: dict[str, str] = field(default_factory=dict)
    kids: list[Tag | Run] = field(default_factory=list)

    def tags(self, *roles: str) -> Iterator[Tag]:
        """Yield the elements of some roles at and below this one, in reading order."""
        if self.role in roles:
            yield self
        for kid in self.kids:
            if isinstance(kid, Tag):
                yield from kid.tags(*roles)

    def words(self, *without: str) -> str:
        """Return the words at and below this element, except those of elements of some roles."""
        texts = (kid if isinstance(kid, str) else kid.words(*without) for kid in self.kids)
        return "" if self.role in without else "".join(texts)

    def outline(self, depth: int = 0) -> Iterator[str]:
        """Yield a line for each element, with the words that are its own."""
        said = "".join(kid if isinstance(kid, str) else "…" for kid in self.kids).strip()
        marks = [f"[{self.language}]"] if self.language else []
        marks += [f"{name}={value}" for name, value in self.more.items()]
        yield "  " * depth + " ".join([self.role, *marks, said if said.strip("… ") else ""]).rstrip()
        for kid in self.kids:
            if isinstance(kid, Tag):
                yield from kid.outline(depth + 1)


class TaggedPdf:
    """The structure tree of a file."""

    def __init__(self, path: Path) -> None:
        """Open a file in both libraries."""
        self._objects, self._pages = pymupdf.open(path), pypdfium2.PdfDocument(path)
        self._numbers = {self._objects.page_xref(i): i for i in range(len(self._objects))}
        self._words: dict[int, dict[int, str]] = {}

    @cached_property
    def document(self) -> Tag:
        """Return the tree's Document element."""
        root = self._reference(self._objects.pdf_catalog(), "StructTreeRoot")
        return self._tag(self._reference(root, "K"))

    def _tag(self, number: int) -> Tag:
        page = self._reference(number, "Pg")
        role, language = self._value(number, "S").lstrip("/"), self._value(number, "Lang")
        made = Tag(role, language, self._attributes(number))
        for reference, inline, mcid in _KID.findall(self._value(number, "K")):
            if reference:
                made.kids.append(self._tag(int(reference)))
            elif mcid:
                made.kids.append(self._text(page, int(mcid)))
            elif found := re.search(r"/MCID (\d+)", inline):
                own = re.search(r"/Pg (\d+) 0 R", inline)
                made.kids.append(self._text(int(own[1]) if own else page, int(found[1])))
        if "Alt" in made.more:  # it stands for what is drawn, words in a picture too
            made.kids = [kid if isinstance(kid, Tag) else Run("", kid.page) for kid in made.kids]
        return made

    def _attributes(self, number: int) -> dict[str, str]:
        named = {name: self._value(number, name) for name in ("Alt", "ID")}
        for name in ("Scope", "ColSpan", "RowSpan"):
            named[name] = self._value(number, f"A/{name}").lstrip("/")
        return {name: value for name, value in named.items() if value}

    def _value(self, number: int, name: str) -> str:
        kind, value = self._objects.xref_get_key(number, name)
        return "" if kind == "null" else str(value)

    def _reference(self, number: int, name: str) -> int:
        value = self._value(number, name).split()
        return int(value[0]) if len(value) == 3 else 0

    def _text(self, page: int, mcid: int) -> Run:
        index = self._numbers[page]
        if index not in self._words:
            self._words[index] = dict(self._runs(index))
        return Run(self._words[index].get(mcid, ""), index)

    def _runs(self, index: int) -> Iterator[tuple[int, str]]:
        """Yield each marked content of a page with its words."""
        page = self._pages[index]
        reader = page.get_textpage()
        words: dict[int, str] = {}
        for drawn in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT], max_depth=1):
            mcid = raw.FPDFPageObj_GetMarkedContentID(drawn.raw)
            words[mcid] = words.get(mcid, "") + _drawn_text(drawn, reader)
        yield from words.items()


def _drawn_text(drawn: pypdfium2.PdfObject, reader: pypdfium2.PdfTextPage) -> str:
    size = raw.FPDFTextObj_GetText(drawn.raw, reader.raw, None, 0)
    room = ctypes.create_string_buffer(size)
    raw.FPDFTextObj_GetText(drawn.raw, reader.raw, ctypes.cast(room, ctypes.POINTER(ctypes.c_ushort)), size)
    return room.raw.decode("utf-16-le").rstrip("\0")


def running_text(tag: Tag) -> str:
    """Return an element's words without notes, their calls, and the markers of lists."""
    if tag.role in {"Note", "Reference"} or (tag.role == "Lbl" and MARKER.fullmatch(tag.words().strip())):
        return ""
    return "".join(kid if isinstance(kid, str) else running_text(kid) for kid in tag.kids)
