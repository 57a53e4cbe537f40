"""The nouns of the printed book: what goes to a worker and what comes back. Plain values that pickle."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from publish.book import Matter, Style
from publish.fonts import FontFace

#: Where a sheet set may open: on a right-hand page, a left-hand page, or the next page, whichever it is.
Opening = Literal["recto", "verso", "page"]

#: A page that isn't as the others: left blank, set to the edges of the sheet, or turned by a quarter, the
#: head of its text where others have their left edge. As a style names it.
Particularity = Literal["blank", "bleed", "turned"]

#: Address of an anchor in another sheet set; the binder makes an internal link of it.
ELSEWHERE = "publish:"


@dataclass(frozen=True, slots=True)
class Geometry:
    """The page of a book, in points (1/72 inch); as a recto has it, a verso is its mirror."""

    width: float
    height: float
    inner: float
    top: float
    outer: float
    bottom: float
    #: Right-to-left books are bound on the right: their rectos are left-hand pages.
    rtl: bool = False

    @property
    def verso_shift(self) -> float:
        """How far to the right a recto's text block moves to stand on a verso, in points."""
        return self.inner - self.outer if self.rtl else self.outer - self.inner


@dataclass(frozen=True, slots=True)
class Press:
    """What every worker is set up with once: style sheets, fonts, images."""

    styles: tuple[Style, ...]
    faces: tuple[FontFace, ...]
    #: Resource path → bytes.
    images: dict[str, bytes]
    #: Folder that the book's own style sheets may read pictures from; empty: none.
    folder: str = ""


@dataclass(frozen=True, slots=True)
class SheetJob:
    """One document to typeset: a section that opens a page, with those that run on from it."""

    name: str
    #: A whole XHTML document whose `html` has the language.
    xhtml: str
    #: Paths of the images that it shows.
    images: tuple[str, ...] = ()


@dataclass(slots=True)
class Node:
    """A structure element (PDF 1.7, 14.7.2) before it is written: role, attributes, kids in reading order."""

    role: str
    kids: list[Node | MarkedContent | LinkAnnotation] = field(default_factory=list)
    #: BCP 47, where it differs from the parent's.
    language: str = ""
    #: Alternative text of a figure.
    alt: str = ""
    #: Anchors of the elements that it stands for, so that links lead to it.
    anchors: list[str] = field(default_factory=list)
    #: Unique name of a note, so that it can be found from its call.
    identifier: str = ""
    #: Kind of a list's labels (PDF 1.7, 14.8.5.5); empty: unknown.
    numbering: str = ""
    #: Scope of a header cell; spans of a cell.
    scope: str = ""
    colspan: int = 1
    rowspan: int = 1
    #: Box of a figure on its page: page index, then left, bottom, right, top in points.
    box: tuple[int, float, float, float, float] | None = None


class MarkedContent(NamedTuple):  # a long book has 50 000: out of the cache they come three times as fast
    """A run of a page's content stream: page index in the sheet set, marked-content identifier."""

    page: int
    mcid: int


@dataclass(frozen=True, slots=True)
class LinkAnnotation:
    """A link annotation: page index in the sheet set, index among the page's annotations."""

    page: int
    index: int


def digest(data: bytes) -> str:
    """Return the name of a font file: SHA-256 of its bytes, hexadecimal."""
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True, slots=True)
class FontUse:
    """What a sheet set uses of one embedded font, under the name its content streams give it."""

    #: Hash of the embedded file: the same file in two sheet sets is embedded once.
    digest: str
    #: Glyph → advance, in thousandths of the body.
    widths: dict[int, float]
    #: Glyph → text.
    unicode: dict[int, str]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an element's box is: left, top and width in points from the page's lower left corner."""

    #: Index in the sheet set.
    page: int
    x: float
    y: float
    width: float


@dataclass(frozen=True, slots=True)
class SheetSet:
    """What came off the press for one job."""

    pdf: bytes
    pages: int
    #: Anchor → where its box begins.
    places: dict[str, Spot]
    #: For each page: the section whose text begins it, and how many letters of that section came before.
    starts: tuple[tuple[str, int], ...]
    #: Section anchor or note anchor → the letters drawn for it, in order.
    drawn: dict[str, str]
    #: Paths of the images drawn, in order.
    images: tuple[str, ...]
    tree: Node
    fonts: dict[str, FontUse]
    #: What the engine complained about.
    complaints: tuple[str, ...] = ()
    #: Anchors of notes that don't fit at the foot of their page.
    overfull: tuple[str, ...] = ()
    #: Page index → in what it isn't as the others.
    particular: Mapping[int, Particularity] = field(default_factory=dict)
    #: Page index → the terms of lists of definitions that begin on it.
    terms: Mapping[int, Sequence[str]] = field(default_factory=dict)
    #: Tables that leave the text block: their number in the job, how many times as wide as it they are.
    overwide: tuple[tuple[int, float], ...] = ()
    #: Tables whose columns are so narrow that they divide most of their words.
    crowded: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Stretch:
    """A job with what the binder must know of its place in the book."""

    job: SheetJob
    matter: Matter
    opening: Opening
    #: Kind of the section that opens it: decides about heads and folios.
    kind: str
    #: Anchors of the sections in it, in order.
    sections: tuple[str, ...]
    #: 1 for what stands directly in the book, 2 for a chapter in a part.
    depth: int = 1
    #: Running head of its rectos and of its versos, inline XHTML.
    recto_head: str = ""
    verso_head: str = ""
    #: Anchors whose page numbers its text shows.
    shown: tuple[str, ...] = ()
    #: File and line of its tables, in order.
    tables: tuple[tuple[str, int], ...] = ()
    #: Path of an image → file and line that show it first.
    images: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    #: File and line to name in problems.
    source: str = ""
    line: int = 0
