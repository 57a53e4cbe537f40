"""The places of an index entry → page numbers: in the order of the text, each once, in ranges, linked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from publish import xhtml
from publish.pdf.sheets import ELSEWHERE
from publish.xhtml import Element

#: Names the anchors whose pages an element lists: `a b..c d!`, a range from b to c, d the chief place.
LOCATORS = "data-folios-of"
#: So many pages in a row make a range.
_ROW = 3


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Pages that an entry leads to, from one to another."""

    first: str
    last: str
    #: Anchor of the first.
    anchor: str
    main: bool = False


def fill_locators(element: Element, folios: Mapping[str, str]) -> None:
    """Fill an element with the page numbers of its anchors; unknown ones are « 000 »."""
    for child in list(element):
        element.remove(child)
    element.text = None
    stretches = _collapsed(list(_once(_stretches(element.get(LOCATORS, ""), folios))))
    for number, stretch in enumerate(stretches):
        home = xhtml.new(element, "strong") if stretch.main else element
        sign = element.get("data-range", "–")
        pages = stretch.first if stretch.first == stretch.last else f"{stretch.first}{sign}{stretch.last}"
        link = xhtml.new(home, "a", pages, href=f"{ELSEWHERE}{stretch.anchor}")
        if number + 1 < len(stretches):
            (home if stretch.main else link).tail = element.get("data-comma", ", ")


def _stretches(places: str, folios: Mapping[str, str]) -> Iterator[_Stretch]:
    for place in places.split():
        first, _, last = place.removesuffix("!").partition("..")
        begin = folios.get(first, "000")
        yield _Stretch(begin, folios.get(last, begin), first, main=place.endswith("!"))


def _once(stretches: Iterator[_Stretch]) -> Iterator[_Stretch]:
    """Leave out pages that were there before; a chief place takes the place of a plain one."""
    seen: dict[tuple[str, str], _Stretch] = {}
    for stretch in stretches:
        key = stretch.first, stretch.last
        if key not in seen or stretch.main:
            seen[key] = stretch
    yield from seen.values()


def _collapsed(stretches: Sequence[_Stretch]) -> list[_Stretch]:
    """Make ranges of three pages in a row or more."""
    result: list[_Stretch] = []
    row: list[_Stretch] = []
    for stretch in stretches:
        if row and not _follows(row[-1], stretch):
            result += _range(row)
            row = []
        row.append(stretch)
    return result + _range(row)


def _follows(one: _Stretch, other: _Stretch) -> bool:
    plain = not (one.main or other.main)
    numbers = one.last.isdecimal() and other.first.isdecimal()
    return plain and numbers and int(other.first) == int(one.last) + 1


def _range(row: Sequence[_Stretch]) -> list[_Stretch]:
    if len(row) < _ROW:
        return list(row)
    return [_Stretch(row[0].first, row[-1].last, row[0].anchor)]
