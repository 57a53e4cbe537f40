"""Puts sheet sets in order on rectos and versos, with blank pages between, and numbers the pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from publish.pdf.sheets import Particularity, SheetSet, Stretch
from publish.xhtml import escape

#: What stands around a page's text: head and folio, a folio at the foot of an opening, or nothing.
Surround = Literal["head", "opening", "none"]
#: Kinds whose pages show neither running head nor folio.
_QUIET = frozenset({"half-title", "title-page", "copyright", "dedication", "epigraph", "part"})
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"),
    (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlacedPage:
    """One page of the bound book."""

    #: Index of the stretch; None: a blank page.
    stretch: int | None
    #: Index of the page in its sheet set.
    page: int
    #: The folio, shown or not; also the page's label.
    label: str
    verso: bool
    furniture: Surround
    #: It is set to the edges of the sheet.
    bleeds: bool = False
    #: Its text runs upwards.
    turned: bool = False
    #: Running head of this page alone, inline XHTML; empty: that of its side.
    head: str = ""


def roman(number: int) -> str:
    """Return a number from 1 as a lower-case roman numeral."""
    digits = ""
    for value, sign in _ROMAN:
        count, number = divmod(number, value)
        digits += sign * count
    return digits


def impose(
    stretches: Sequence[Stretch],
    counts: Sequence[int],
    particular: Sequence[Mapping[int, Particularity]] = (),
) -> tuple[PlacedPage, ...]:
    """Place every page of every stretch; `counts` are the pages of each, `particular` those unlike others.

    Front matter is numbered in roman from i, the rest in arabic from 1 on the first recto of the body.
    """
    placed: list[PlacedPage] = []
    first_of_body: int | None = None
    for index, (stretch, count) in enumerate(zip(stretches, counts, strict=True)):
        starts_body = first_of_body is None and stretch.matter != "front"
        opening = "recto" if starts_body else stretch.opening
        if (opening == "recto" and len(placed) % 2) or (opening == "verso" and not len(placed) % 2):
            placed.append(_page(None, 0, len(placed), first_of_body, "none"))
        if starts_body:
            first_of_body = len(placed)
        unlike = particular[index] if particular else {}
        for page in range(count):
            furniture: Surround = "none" if page in unlike else _furniture(stretch, page)
            made = _page(index, page, len(placed), first_of_body, furniture)
            placed.append(
                replace(made, bleeds=unlike.get(page) == "bleed", turned=unlike.get(page) == "turned")
            )
    return tuple(placed)


def _page(
    stretch: int | None,
    page: int,
    position: int,
    first_of_body: int | None,
    furniture: Surround,
) -> PlacedPage:
    """Return the page at a position (from 0) of the book; arabic folios count from the body's first page."""
    label = roman(position + 1) if first_of_body is None else str(position - first_of_body + 1)
    return PlacedPage(stretch, page, label, bool(position % 2), furniture)


def _furniture(stretch: Stretch, page: int) -> Surround:
    if stretch.kind in _QUIET:
        return "none"
    return "opening" if page == 0 else "head"


def with_terms_as_heads(
    stretches: Sequence[Stretch], sets: Sequence[SheetSet], placed: Sequence[PlacedPage]
) -> tuple[PlacedPage, ...]:
    """Give the pages of a glossary heads to find one's way by: the first and the last term on each."""
    return tuple(
        replace(page, head=_terms(sets[page.stretch], page.page))
        if page.stretch is not None and stretches[page.stretch].kind == "glossary" else page
        for page in placed
    )  # fmt: skip


def _terms(sheets: SheetSet, page: int) -> str:
    terms = sheets.terms.get(page, ())
    return escape(" – ".join(dict.fromkeys([terms[0], terms[-1]]))) if terms else ""


def folios(sets: Sequence[SheetSet], placed: Sequence[PlacedPage]) -> dict[str, str]:
    """Return the page number of every anchor."""
    labels: Mapping[tuple[int | None, int], str] = {(page.stretch, page.page): page.label for page in placed}
    return {
        anchor: labels[stretch, spot.page]
        for stretch, sheets in enumerate(sets)
        for anchor, spot in sheets.places.items()
    }


def label_ranges(placed: Sequence[PlacedPage]) -> Iterator[tuple[int, str, int]]:
    """Yield (position, style, first number) where the numbering begins or changes (PDF 1.7, 12.4.2)."""
    if placed:
        yield 0, "r" if not placed[0].label.isdigit() else "D", 1
    for position, (before, page) in enumerate(pairwise(placed), 1):
        if page.label.isdigit() and not before.label.isdigit():
            yield position, "D", 1
