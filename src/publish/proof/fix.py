"""Marks → corrected files: the safe corrections, and no other byte."""

from __future__ import annotations

import codecs
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from publish.proof.marks import Mark, Part


def fixed(marks: Iterable[Mark]) -> tuple[Mark, ...]:
    """Make the safe corrections in the files that the marks name; return those that were made whole."""
    by_file = defaultdict[str, list[Mark]](list)
    for mark in marks:
        if mark.parts and all(place.column and "\n" not in found for place, found, _ in mark.parts):
            by_file[mark.place.file].append(mark)
    return tuple(made for name, found in by_file.items() for made in _fix(Path(name), found))


def _fix(path: Path, marks: Iterable[Mark]) -> list[Mark]:
    """Correct one file from its end to its beginning; lines and columns count as an editor counts them."""
    data = path.read_bytes()
    order = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    lines = data.removeprefix(order).decode().split("\n")
    made: list[Mark] = []
    taken = defaultdict[int, list[Part]](list)
    for mark in marks:
        if all(_stands(part, lines) and not _meets(part, taken[part[0].line]) for part in mark.parts):
            for part in mark.parts:
                taken[part[0].line].append(part)
            made.append(mark)
    for number, parts in taken.items():
        for place, found, instead in sorted(parts, reverse=True):
            line, start = lines[number - 1], place.column - 1
            lines[number - 1] = f"{line[:start]}{instead}{line[start + len(found) :]}"
    if made:
        path.write_bytes(order + "\n".join(lines).encode())
    return made


def _meets(part: Part, others: Iterable[Part]) -> bool:
    """Tell whether a correction touches the signs of another on its line."""
    start = part[0].column
    end = start + max(len(part[1]), 1)
    return any(start < place.column + max(len(found), 1) and place.column < end for place, found, _ in others)


def _stands(part: Part, lines: Sequence[str]) -> bool:
    """Tell whether what should be corrected stands where it should: markup may stand in between."""
    place, found, _ = part
    start = place.column - 1
    return place.line <= len(lines) and lines[place.line - 1][start : start + len(found)] == found
