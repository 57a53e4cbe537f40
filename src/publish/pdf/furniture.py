"""Running heads and folios: typeset once each, to be drawn by the binder on every page that shows them.

A margin box on every page would cost WeasyPrint some 7 ms a page; here a head costs that once for a
chapter, a folio nothing: its digits are typeset once for the book.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from publish.book import Metadata
from publish.pdf.impose import PlacedPage
from publish.pdf.sheets import SheetJob, SheetSet, Spot, Stretch

#: Every character that a folio may have.
FOLIO_CHARACTERS = "0123456789ivxlcdm"
_SIDES = ("recto", "verso")
_FOLIO_PLACES = ("recto", "verso", "foot")
#: Points that the spaces left and right of a centred character may differ by.
_EVEN = 0.5


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing to typeset on a page of its own: a running head, or one character of a folio."""

    kind: Literal["running-head", "folio"]
    #: `recto` or `verso`; for a folio also `foot`, below a chapter's opening.
    side: str
    #: Inline XHTML.
    text: str

    @property
    def anchor(self) -> str:
        """Return the name of the piece's line; its text's is that with `-text`."""
        return f"{self.kind}-{self.side}-{self.text}"

    @property
    def xhtml(self) -> str:
        """Return the piece as a paragraph on a page of its own; a folio's anchors tell where it stands."""
        if self.kind == "running-head":
            line = f'<p class="running-head {self.side}">{self.text}</p>'
        else:
            text = f'<span id="{self.anchor}-text">{self.text}</span>'
            line = f'<p class="folio {self.side}" id="{self.anchor}">{text}</p>'
        return f'<div class="furniture {self.side}">{line}</div>'


def pieces(stretches: Sequence[Stretch], placed: Sequence[PlacedPage]) -> tuple[Piece, ...]:
    """Return every different running head that pages show, then the characters of folios for each place."""
    heads = dict.fromkeys(
        running_head(stretches[page.stretch], page)
        for page in placed
        if page.furniture == "head" and page.stretch is not None
    )
    digits = [Piece("folio", place, character) for place in _FOLIO_PLACES for character in FOLIO_CHARACTERS]
    return (*(head for head in heads if head.text), *digits)


def running_head(stretch: Stretch, page: PlacedPage) -> Piece:
    """Return the running head of a page: the recto's names the chapter, the verso's the book or the part."""
    side = _SIDES[page.verso]
    head = page.head or (stretch.verso_head if page.verso else stretch.recto_head)
    return Piece("running-head", side, head)


def job(all_pieces: Sequence[Piece], metadata: Metadata) -> SheetJob:
    """Return the document whose pages hold a piece each."""
    body = "".join(piece.xhtml for piece in all_pieces)
    page = (
        f'<html xmlns="http://www.w3.org/1999/xhtml" lang="{metadata.language}" dir="{metadata.direction}">'
        f"<head><title>furniture</title></head><body>{body}</body></html>"
    )
    return SheetJob("furniture", page)


class Furniture:
    """Where each piece is in the furniture's sheet set."""

    def __init__(self, all_pieces: Sequence[Piece], sheets: SheetSet) -> None:
        """Take the pieces in the order of the sheet set's pages."""
        self.sheets = sheets
        #: False where a style of the book leaves the pieces no page each: then none is drawn.
        self.is_whole = sheets.pages == len(all_pieces)
        self._pages = {piece: page for page, piece in enumerate(all_pieces)} if self.is_whole else {}

    def of(self, stretch: Stretch, page: PlacedPage) -> list[tuple[int, float]]:
        """Return what to draw on a page: pages of the furniture's sheet set, each shifted right by points."""
        if page.furniture == "none" or not self.is_whole:
            return []
        head = running_head(stretch, page)
        heads = [(self._pages[head], 0.0)] if page.furniture == "head" and head in self._pages else []
        return heads + self._folio(page)

    def _folio(self, page: PlacedPage) -> list[tuple[int, float]]:
        """Set a folio's characters side by side, aligned as the style aligns one; none if it hides one."""
        place = "foot" if page.furniture == "opening" else _SIDES[page.verso]
        characters = [Piece("folio", place, character) for character in page.label]
        if not all(f"{piece.anchor}-text" in self.sheets.places for piece in characters):
            return []
        spots = [self.sheets.places[f"{piece.anchor}-text"] for piece in characters]
        line = self.sheets.places[characters[0].anchor]
        left = _left_edge(line, spots)
        drawn = []
        for piece, spot in zip(characters, spots, strict=True):
            drawn.append((self._pages[piece], left - spot.x))
            left += spot.width
        return drawn


def _left_edge(line: Spot, spots: Sequence[Spot]) -> float:
    """Return where a folio begins: the place of its first character tells how the line is aligned."""
    width, first = sum(spot.width for spot in spots), spots[0]
    before, after = first.x - line.x, line.x + line.width - first.x - first.width
    if abs(before - after) < _EVEN:
        return line.x + (line.width - width) / 2
    return first.x if before < after else line.x + line.width - after - width
