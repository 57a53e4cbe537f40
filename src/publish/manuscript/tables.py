"""Tables as Pandoc has them beside the pipe tables, and tables of data, into the tokens of markdown-it's.

Simple tables (a line of dashes under the heads), multiline tables (rows parted by empty lines), grid
tables (cells with blocks in them, spans), and CSV files. A grid whose cells don't fit together is the
token `bad_table`: its text stays, and it is told.
"""

# ruff: noqa: FBT001 - `silent` is a position in markdown-it-py's signature of a rule

from __future__ import annotations

import csv
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

#: A table of data may have so many cells.
MOST_CELLS = 50_000
#: A grid may have so many characters.
_LARGEST_GRID = 400_000
_GROUPS = re.compile(r"[ \t]*-{2,}(?:[ \t]+-{2,})+[ \t]*$")
_DASHES = re.compile(r"[ \t]*-{3,}[ \t]*$")
_GRID = re.compile(r"\+(?:[-=:]+\+)+[ \t]*$")
#: Lines that the heads of a multiline table may have: every line of dashes looks so far for the columns.
_TALLEST_HEADS = 30
_LINE_OF_GRID = frozenset("+|")
_NUMBER = re.compile(r"[-+−]?[\d\s.,'’\u00a0\u202f]*\d\s?[%€$£]?")
_ALIGN = {"l": "left", "r": "right", "c": "center"}
_HORIZONTAL = frozenset("-=:+")
#: Characters of a line of the source, as Pandoc counts; and the width of one in a table, in ems.
_LINE_LENGTH, _CHARACTER = 72, 0.55
_PIPE_RULE = re.compile(r"[ \t>]*[|:-][-:| \t]*")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: its text, where it begins, and over how many columns and rows it goes."""

    text: str
    #: Line in the text that is being read, from 0.
    line: int
    #: First column, from 0.
    column: int
    columns: int = 1
    rows: int = 1
    #: Blocks may stand in it.
    blocks: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table."""

    rows: Sequence[Sequence[Cell]]
    #: How many of the rows are heads.
    heads: int
    #: `left`, `right`, `center` or nothing for each column.
    align: Sequence[str]
    #: How many of the rows are feet.
    feet: int = 0
    #: Characters that each column takes in the source; none: columns are as wide as what they hold.
    widths: Sequence[int] = ()


class BadTableError(ValueError):
    """A table that can't be read; the message is a fact."""


def dashed(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a simple or a multiline table."""
    begin = state.bMarks[start] + state.tShift[start]
    if state.src.startswith("--", begin):
        found = _below_dashes(state, start, end)
    elif start + 1 < end and state.src.startswith("--", state.bMarks[start + 1] + state.tShift[start + 1]):
        found = _simple(state, start, end)
    else:
        return False
    if found is None or state.is_code_block(start):
        return False
    grid, after = found
    if not silent:
        push(state, grid, [start, after])
    state.line = after
    return True


def _below_dashes(state: StateBlock, start: int, end: int) -> tuple[Grid, int] | None:
    """Read a table that begins with dashes: without heads, or a multiline one with heads."""
    groups = start
    if not _GROUPS.match(_line(state, start)):
        groups = start + 1
        tallest = min(end, groups + _TALLEST_HEADS)
        while groups < tallest and not state.isEmpty(groups) and not _GROUPS.match(_line(state, groups)):
            groups += 1
        if groups == tallest:
            return None
    if groups == start + 1 or groups >= end or state.isEmpty(groups):
        return None
    close = _closing(state, groups + 1, end)
    if close < 0:
        return None
    columns = _columns(_line(state, groups))
    parted = any(state.isEmpty(line) for line in range(groups + 1, close))
    rows = list(_rows(state, (groups + 1, close), columns, parted=parted or groups > start))
    if not rows:
        return None
    heads = [_row(state, range(start + 1, groups), columns)] if groups > start else []
    aligned = range(start + 1, groups) if heads else range(groups + 1, groups + 2)
    starts = [start for start, _ in columns]
    # only a table whose rows may go over several lines has widths: Pandoc's multiline one
    widths = [b - a for a, b in pairwise([*starts, columns[-1][1] + 1])] if groups > start or parted else ()
    return Grid([*heads, *rows], len(heads), _sides(state, aligned, columns), widths=widths), close + 1


def _simple(state: StateBlock, start: int, end: int) -> tuple[Grid, int] | None:
    """Read a table of one line a row, with heads."""
    groups = _line(state, start + 1)
    if not _GROUPS.match(groups) or state.isEmpty(start):
        return None
    columns, close = _columns(groups), start + 2
    while close < end and not state.isEmpty(close) and not _DASHES.match(_line(state, close)):
        close += 1
    rows = [_row(state, range(line, line + 1), columns) for line in range(start + 2, close)]
    heads = _row(state, range(start, start + 1), columns)
    after = close + (close < end and not state.isEmpty(close))
    return Grid([heads, *rows], 1, _sides(state, range(start, start + 1), columns)), after


def _line(state: StateBlock, line: int) -> str:
    return state.getLines(line, line + 1, state.blkIndent, False).expandtabs(4)  # noqa: FBT003 - as above


def _closing(state: StateBlock, start: int, end: int) -> int:
    """Return the next line of dashes before an empty line or the end, or -1."""
    if "dashes" not in state.env or state.env["dashes"][0] != state.src:
        lines = state.src.split("\n")
        found = [number for number, line in enumerate(lines) if "--" in line and not line.strip("-> \t")]
        state.env["dashes"] = state.src, found
    numbers = state.env["dashes"][1]
    for number in numbers[bisect_left(numbers, start) :][:1]:
        if number < end and (number + 1 >= end or state.isEmpty(number + 1)):
            return int(number)
    return -1


def _columns(groups: str) -> list[tuple[int, int]]:
    return [match.span() for match in re.finditer(r"-+", groups)]


def _rows(
    state: StateBlock, lines: tuple[int, int], columns: list[tuple[int, int]], *, parted: bool
) -> Iterator[list[Cell]]:
    """Iterate over rows: each line one, or those between empty lines."""
    begin = lines[0]
    for line in range(lines[0], lines[1] + 1):
        if line == lines[1] or not parted or state.isEmpty(line):
            if not parted and line < lines[1]:
                yield _row(state, range(line, line + 1), columns)
            elif parted and line > begin:
                yield _row(state, range(begin, line), columns)
            begin = line + 1


def _row(state: StateBlock, lines: range, columns: list[tuple[int, int]]) -> list[Cell]:
    texts = [_line(state, line) for line in lines]
    ends = [*(start for start, _ in columns[1:]), None]
    starts = [0, *(start for start, _ in columns[1:])]
    return [
        Cell("\n".join(text[start:end].strip() for text in texts).strip(), lines.start, number)
        for number, (start, end) in enumerate(zip(starts, ends, strict=True))
    ]


def _sides(state: StateBlock, lines: range, columns: list[tuple[int, int]]) -> list[str]:
    """Return the sides on which columns align: told by where the heads stand over their dashes."""
    texts = [_line(state, line) for line in lines]
    sides = []
    for start, end in columns:
        shortest = min(
            (text[start:end].rstrip() for text in texts if text[start:end].strip()), key=len, default=""
        )
        before, behind = shortest.startswith(" "), len(shortest) < end - start
        sides.append(
            ""
            if not shortest
            else {(1, 0): "right", (0, 1): "left", (1, 1): "center"}.get((before, behind), "")
        )
    return sides


# --- grids -----------------------------------------------------------------------------------------------


def grid(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a grid table."""
    begin = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith("+", begin) or not _GRID.match(state.src, begin, state.eMarks[start]):
        return False
    if state.is_code_block(start):
        return False
    after = start + 1
    while (
        after < end
        and not state.isEmpty(after)
        and state.src[state.bMarks[after] + state.tShift[after]] in _LINE_OF_GRID
    ):
        after += 1
    if after < start + 3 or not _GRID.match(_line(state, after - 1).strip()):
        return False
    lines = [_line(state, line).strip() for line in range(start, after)]
    if not silent:
        try:
            push(state, _parsed(lines, start), [start, after])
        except BadTableError as error:
            token = state.push("bad_table", "", 0)
            token.content, token.map, token.meta = "\n".join(lines), [start, after], {"fact": str(error)}
    state.line = after
    return True


def _parsed(lines: list[str], first: int) -> Grid:
    """Turn the lines of a grid table into rows. Raises BadTableError."""
    width = len(lines[0])
    wrong = next((number for number, line in enumerate(lines) if len(line) != width), 0)
    if wrong:
        lengths = f"{len(lines[wrong])} characters, the first has {width}"
        raise BadTableError(f"line {first + wrong + 1} of the grid table has {lengths}")
    if len(lines) * width > _LARGEST_GRID:
        raise BadTableError(f"the grid table has more than {_LARGEST_GRID} characters")
    boxes = list(_boxes(lines))
    across = sorted({side for box in boxes for side in (box[1], box[3])})
    down = sorted({side for box in boxes for side in (box[0], box[2])})
    if sum((box[2] - box[0]) * (box[3] - box[1]) for box in boxes) != (len(lines) - 1) * (width - 1):
        raise BadTableError("the lines of the grid table don’t close its cells")
    rows: list[list[Cell]] = [[] for _ in down[1:]]
    row_of, column_of = ({side: number for number, side in enumerate(sides)} for sides in (down, across))
    for top, left, bottom, right in sorted(boxes):
        text = "\n".join(line[left + 1 : right].rstrip() for line in lines[top + 1 : bottom])
        row, column = row_of[top], column_of[left]
        spans = column_of[right] - column, row_of[bottom] - row
        rows[row].append(Cell(_dedented(text), first + top + 1, column, *spans, blocks=True))
    heads, feet = _ends(lines, down)
    ruler = lines[down[heads]]
    sides = (_side(ruler[left + 1 : right]) for left, right in pairwise(across))
    widths = [right - left for left, right in pairwise(across)]
    return Grid(rows, heads, [_ALIGN.get(side, "") for side in sides], feet, widths)


def _ends(lines: list[str], down: list[int]) -> tuple[int, int]:
    """Return how many rows are heads and feet: lines of `=` stand below heads, and around feet."""
    doubles = [number for number, line in enumerate(down) if number and "=" in lines[line]]
    last = len(down) - 1
    feet = last - doubles[-2] if len(doubles) > 1 and doubles[-1] == last else 0
    heads = doubles[0] if doubles and doubles[0] < last - feet else 0
    return heads, feet if heads < last - feet else 0


def _side(rule: str) -> str:
    ends = rule.startswith(":"), rule.endswith(":")
    return {(True, True): "c", (False, True): "r", (True, False): "l"}.get(ends, "")


def _dedented(text: str) -> str:
    lines = text.split("\n")
    common = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join(line[common:] for line in lines).strip("\n")


def _boxes(lines: list[str]) -> Iterator[tuple[int, int, int, int]]:
    """Iterate over the cells of a grid as top, left, bottom, right: each the nearest that closes.

    Raises BadTableError at the first corner without one.
    """
    done = [0] * len(lines[0])  # how far down each column is taken
    for top, line in enumerate(lines[:-1]):
        for match in re.finditer(r"\+", line[:-1]):
            left = match.start()
            if done[left] > top:
                continue
            box = _box(lines, top, left)
            if box is None:
                raise BadTableError("the lines of the grid table don’t close its cells")
            done[left : box[3]] = [box[2]] * (box[3] - left)
            yield box


def _box(lines: list[str], top: int, left: int) -> tuple[int, int, int, int] | None:
    for right in range(left + 1, len(lines[0])):
        mark = lines[top][right]
        if mark == "+" and (bottom := _bottom(lines, top, left, right)):
            return top, left, bottom, right
        if mark not in _HORIZONTAL:
            return None
    return None


def _bottom(lines: list[str], top: int, left: int, right: int) -> int:
    """Return the line that closes a cell below, or 0."""
    for bottom in range(top + 1, len(lines)):
        line = lines[bottom]
        if line[left] not in _LINE_OF_GRID or line[right] not in _LINE_OF_GRID:
            return 0
        if line[left] == line[right] == "+" and _HORIZONTAL.issuperset(line[left:right]):
            return bottom
    return 0


# --- data ------------------------------------------------------------------------------------------------


def from_csv(text: str, line: int, attrs: dict[str, str]) -> list[Token]:
    """Turn the text of a CSV file into tokens, on a line from 0; cells are plain text. Raises BadTableError.

    `delimiter` is found: the one of `,`, `;` and the tab that the first line has most of. `header=0`: no
    heads. `align=lrc`: sides; without it columns of numbers stand on the right.
    """
    delimiter = attrs.pop("delimiter", "") or max(",;\t", key=text.partition("\n")[0].count)
    delimiter = {"tab": "\t", r"\t": "\t"}.get(delimiter, delimiter)
    if len(delimiter) != 1:
        raise BadTableError(f"the delimiter “{delimiter}” is not one character")
    try:
        rows = [row for row in csv.reader(text.split("\n"), delimiter=delimiter, strict=True) if row]
    except csv.Error as error:
        raise BadTableError(f"this is no CSV: {error}") from error
    if not rows:
        raise BadTableError("the file has no rows")
    if sum(map(len, rows)) > MOST_CELLS:
        raise BadTableError(f"the table has more than {MOST_CELLS} cells")
    heads = 0 if attrs.pop("header", "1") in {"0", "false", "no"} else 1
    for number, row in enumerate(rows, start=1):
        if len(row) != len(rows[0]):
            raise BadTableError(f"row {number} has {len(row)} cells, the first has {len(rows[0])}")
    letters = attrs.pop("align", "")
    align = [_ALIGN.get(letters[n : n + 1], "") or _number_side(rows[heads:], n) for n in range(len(rows[0]))]
    cells = [[Cell(text.strip(), line, column) for column, text in enumerate(row)] for row in rows]
    return list(_tokens(Grid(cells, heads, align), [line, line + 1]))


def _number_side(rows: list[list[str]], column: int) -> str:
    filled = [row[column].strip() for row in rows if row[column].strip()]
    return "right" if filled and all(_NUMBER.fullmatch(text) for text in filled) else ""


# --- tokens ----------------------------------------------------------------------------------------------


def push(state: StateBlock, table: Grid, lines: list[int]) -> None:
    """Push the tokens of a table, its cells' blocks read."""
    for token in _tokens(table, lines):
        token.level += state.level
        token.block = True
        state.tokens.append(token)
        if token.type == "cell_blocks":
            state.tokens.pop()
            _blocks(state, token)


def _blocks(state: StateBlock, cell: Token) -> None:
    """Read the blocks of a cell; a paragraph alone is the cell's text."""
    found: list[Token] = []
    state.md.block.parse(cell.content, state.md, state.env, found)
    first = (cell.map or [0])[0]
    alone = len(found) == 3 and found[0].type == "paragraph_open"
    for token in found:
        token.level += cell.level
        if token.map:
            token.map = [token.map[0] + first, token.map[1] + first]
        token.hidden = token.hidden or (alone and token.type.startswith("paragraph"))
    state.tokens += found


def _tokens(table: Grid, lines: list[int]) -> Iterator[Token]:
    yield Token("table_open", "table", 1, map=lines, meta={"widths": list(table.widths)})
    last = len(table.rows) - table.feet
    for name, start, end in (
        ("thead", 0, table.heads),
        ("tbody", table.heads, last),
        ("tfoot", last, len(table.rows)),
    ):
        if start == end:
            continue
        yield Token(f"{name}_open", name, 1, level=1)
        for row in table.rows[start:end]:
            at = row[0].line if row else lines[0]
            yield Token("tr_open", "tr", 1, level=2, map=[at, at + 1])
            for cell in row:
                yield from _cell("th" if name == "thead" else "td", cell, table.align[cell.column])
            yield Token("tr_close", "tr", -1, level=2)
        yield Token(f"{name}_close", name, -1, level=1)
    yield Token("table_close", "table", -1)


def _cell(name: str, cell: Cell, side: str) -> Iterator[Token]:
    attrs: dict[str, str | int | float] = {"style": f"text-align:{side}"} if side else {}
    attrs |= {"colspan": cell.columns} if cell.columns > 1 else {}
    attrs |= {"rowspan": cell.rows} if cell.rows > 1 else {}
    lines = [cell.line, cell.line + cell.text.count("\n") + 1]
    yield Token(f"{name}_open", name, 1, attrs, level=3)
    kind = "cell_blocks" if cell.blocks else "inline"
    yield Token(kind, "", 0, map=lines, level=4, content=cell.text, children=[])
    yield Token(f"{name}_close", name, -1, level=3)


def pipe_widths(lines: Sequence[str]) -> list[int]:
    """Return the widths of a pipe table's columns, by the dashes below its heads, if a line is a long one.

    Where all columns have as many dashes, as most authors write them, they say nothing of widths.
    """
    if len(lines) < 2 or max(map(len, lines)) <= _LINE_LENGTH or not _PIPE_RULE.fullmatch(lines[1].rstrip()):
        return []
    dashes = [part.count("-") for part in lines[1].strip(" \t>|").split("|")]
    whole = sum(dashes)
    return [_LINE_LENGTH * count // whole for count in dashes] if all(dashes) and len(set(dashes)) > 1 else []


def width(widths: Sequence[int]) -> str:
    """Return how wide a table is, as a style has it: all of the measure if it is as long as a line."""
    return "100%" if sum(widths) >= _LINE_LENGTH - len(widths) else f"{_CHARACTER * sum(widths):.1f}em"


def columns_of(widths: Sequence[int]) -> str:
    """Return the columns of a table whose widths are known."""
    columns = "".join(f'<col style="width: {100 * width / sum(widths):.1f}%"/>' for width in widths)
    return f"<colgroup>{columns}</colgroup>"


def _from(tokens: Sequence[Token], index: int) -> Iterator[Token]:
    """Iterate over the tokens from an index on: a slice would copy the rest of the text for each table."""
    return (tokens[place] for place in range(index, len(tokens)))


def columns(tokens: Sequence[Token], index: int) -> int:
    """Return how many columns the table has that begins at an index."""
    count = 0
    for token in _from(tokens, index):
        if token.type == "tr_close":
            break
        count += int(token.attrs.get("colspan", 1)) if token.type in {"td_open", "th_open"} else 0
    return count


def with_row_heads(tokens: Sequence[Token], index: int, columns: int) -> None:
    """Make heads of the cells of a table's first columns."""
    taken: dict[int, int] = {}  # row → columns that cells of rows above reach into
    row, column, opened = -1, 0, ""
    for token in _from(tokens, index):
        if token.type == "table_close":
            return
        if token.type == "tr_open":
            row, column = row + 1, taken.pop(row + 1, 0)
        elif token.type in {"td_open", "th_open"}:
            across, down = int(token.attrs.get("colspan", 1)), int(token.attrs.get("rowspan", 1))
            if column < columns and token.tag == "td":
                token.tag, opened = "th", "th"
                token.attrs["scope"] = "row"
                for below in range(row + 1, row + down):
                    taken[below] = taken.get(below, 0) + across
            column += across
        elif token.type == "td_close" and opened:
            token.tag, opened = "th", ""
