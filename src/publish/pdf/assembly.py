"""What one bound book is made of: the nouns of the bindery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from publish.fonts import FontFace
from publish.pdf.furniture import Furniture
from publish.pdf.identity import Identity
from publish.pdf.impose import PlacedPage
from publish.pdf.sheets import Geometry, SheetSet, Spot, Stretch


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """One line of the outline: depth from 1, words, anchor."""

    depth: int
    title: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Assembly:
    """Everything that one bound book is made of, in order."""

    stretches: Sequence[Stretch]
    sets: Sequence[SheetSet]
    placed: Sequence[PlacedPage]
    furniture: Furniture
    geometry: Geometry
    outline: Sequence[OutlineEntry]
    identity: Identity
    #: The fonts that sheet sets name by their digests.
    faces: Sequence[FontFace]
    #: A file to embed; empty: none.
    attached: bytes = b""

    def spots(self) -> Mapping[str, tuple[int, Spot]]:
        """Return where every anchor is: its stretch, and its spot there."""
        return {
            anchor: (stretch, spot)
            for stretch, sheets in enumerate(self.sets)
            for anchor, spot in sheets.places.items()
        }
