"""Tables of a document → how wide a measure each asks for, as classes that the screen's style sheet knows.

Readers choose type and width: whether a table fits is known on the screen alone. What is known here is how
wide it is where no word is broken; tables.css has rules for each of `MEASURES`: smaller type first, then each
row as a record, in which each cell says what it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, zip_longest

from publish import xhtml
from publish.xhtml import MATH, XHTML, Element

#: Ems of the table's own type, as tables.css has them in its classes `words-8` and so on.
MEASURES = (8, 12, 16, 20, 24, 28, 32, 36, 40, 48, 64)
#: The mean width of a letter in a wide face, and the gap behind a column, in ems.
_LETTER, _GAP = 0.56, 0.9
#: Letters that would stand before a turned line of code.
_INDENT = 5
#: Where a line may end in a cell: at spaces but those that hold, behind hyphens, between signs of a script
#: that has no spaces. A formula isn't divided, and its signs stand apart.
_BREAKS = re.compile(r"[^\S\u00a0\u202f]+|(?<=[-\u2013\u2014])|(?=[\u3040-\u9fff\uf900-\ufaff\uff00-\uffef])")
#: Elements that begin a line, or end one.
_LINES = frozenset(("p", "br", "li", "div", "pre", "dt", "dd"))
_rows = xhtml.finder(f"./*/*[namespace-uri()='{XHTML}' and local-name()='tr']")


def measure_tables(html: Element) -> None:
    """Give each table of a document the classes that say how it may be fitted to a screen."""
    for table in xhtml.elements(html, "table"):
        rows = _rows(table)
        heads = [row for row in rows if xhtml.local_name(row.getparent()) == "thead"]
        body = [row for row in rows if row not in heads]
        names = [table.get("class", ""), f"words-{_measure(_columns(rows))}"]
        if len(heads) == 1 and _label(heads[0], body):
            names.append("records")
        table.set("class", " ".join(names).strip())


def _measure(columns: list[float]) -> int:
    width = sum(columns) + max(0, len(columns) - 1) * _GAP
    return next((measure for measure in MEASURES if width <= measure), MEASURES[-1])


def _columns(rows: Iterable[Element]) -> list[float]:
    """Return the width of the longest word of each column, in ems; a cell across several asks nothing."""
    lengths = (chain.from_iterable(_spread(cell) for cell in _cells(row)) for row in rows)
    return [max(column) * _LETTER for column in zip_longest(*lengths, fillvalue=0)]


def _cells(row: Element) -> list[Element]:
    return [cell for cell in row if xhtml.local_name(cell) in ("td", "th")]


def _spread(cell: Element) -> Iterator[int]:
    span = int(cell.get("colspan") or 1)
    if span > 1:
        yield from (0,) * span
        return
    longest = max(map(len, _BREAKS.split("".join(_text(cell)))))
    signs = max(map(signs_of, cell.iter(MATH)), default=0)
    yield max(longest + (_INDENT if cell.find(f".//{{{XHTML}}}pre") is not None else 0), 2 * signs)


def signs_of(formula: Element) -> int:
    """Count the signs that a formula shows."""
    return len(xhtml.letters(str(formula.xpath("string()"))))


def _text(element: Element) -> Iterator[str]:
    """Yield the text of a cell without calls of notes, with a space where another line begins."""
    name, names = xhtml.local_name(element), xhtml.classes(element)
    if name == "math":
        yield "".join(str(element.xpath("string()")).split())
    elif name and "note-call" not in names:
        yield " " if name in _LINES or "line" in names else ""
        yield element.text or ""
        for child in element:
            yield from _text(child)
            yield child.tail or ""


def _label(heads: Element, body: list[Element]) -> bool:
    """Write the head of its column at each cell, where every row has as many cells; tell whether it does."""
    labels = [" ".join("".join(_text(cell)).split()) for cell in _cells(heads)]
    rows = [_cells(row) for row in body]
    plain = (not {"colspan", "rowspan"} & set(cell.attrib) for row in (_cells(heads), *rows) for cell in row)
    if any(len(row) != len(labels) for row in rows) or not all(plain):
        return False
    for row in rows:
        for cell, label in zip(row, labels, strict=True):
            if label:
                cell.set("data-head", label)
    return True
