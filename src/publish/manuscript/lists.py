"""Pandoc's other numbered lists: `a.`, `ii)`, `(1)`, `#.`, and examples `(@good)`.

Examples are counted through the whole book by an editing pass: here they and what calls them are only marked.

Two differences keep prose from becoming a list: a Roman number goes to fifty only (« MM. Dupont »), and a
letter with a full stop begins a list only if it is the first of its kind (« p. 12 »); as in Pandoc, a
capital with a full stop wants two spaces behind it (« B. Russell »).
"""

# ruff: noqa: FBT001 - `silent` is a position in markdown-it-py's signature of a rule

from __future__ import annotations

import re
from dataclasses import dataclass

from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.list import markTightParagraphs
from markdown_it.rules_inline import StateInline

_MARKER = re.compile(r"(\(?)(#|@[\w-]*|\d{1,9}|[ivxl]{2,7}|[IVXL]{2,7}|[a-zA-Z])([.)])(?=[ \t\n]|$)")
_ROMAN = re.compile(r"(?:x{0,3}|xl)(?:ix|iv|v?i{0,3})|l")
_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50}
_REFERENCE = re.compile(r"@([\w-]+)")
_LABELLED = re.compile(r"^[ \t>]*\(@([\w-]+)\)(?=[ \t])", re.MULTILINE)
#: Spaces that put a block into the item of an example, whatever the length of its label.
_EXAMPLE_INSET = 4


@dataclass(frozen=True, slots=True)
class _Marker:
    """What stands before an item."""

    #: `decimal`, `example`, `lower-alpha`, `upper-roman` …; for `#`: `any`.
    style: str
    #: `.`, `)` or `()`.
    delimiter: str
    number: int
    #: Characters that it takes.
    width: int
    label: str = ""


def numbered(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a list of these."""
    begin = state.bMarks[start] + state.tShift[start]
    first = state.src[begin : begin + 1]
    if (first not in "(#" and not first.isalpha()) or (silent and not _may_interrupt(state, start)):
        return False
    styles: list[str] = state.env.get("numbered", [])
    marker = _marker(state, start, styles[-1] if silent and styles else "")
    if marker is None or state.is_code_block(start):
        return False
    if silent:
        return True
    _list(state, (start, end), marker)
    return True


def _may_interrupt(state: StateBlock, line: int) -> bool:
    """Tell whether an item may begin on a line of a paragraph: inside an item only."""
    return bool(state.env.get("numbered")) or 0 < state.blkIndent <= state.sCount[line]


def _marker(state: StateBlock, line: int, style: str = "") -> _Marker | None:
    begin = state.bMarks[line] + state.tShift[line]
    match = _MARKER.match(state.src, begin, state.eMarks[line])
    if not match or (match[1] and match[3] != ")"):
        return None
    number, paren = match[2], bool(match[1])
    if (number.isdecimal() or number.startswith("@")) and not paren:
        return None  # CommonMark's own
    if not style and not state.src[match.end() : state.eMarks[line]].strip():
        return None  # « A. » alone is a word
    spaced = state.src.startswith("  ", match.end())
    if match[3] == "." and not style and not _begins(number, spaced=spaced):
        return None
    kind, value = _valued(number, style)
    if not kind:
        return None
    delimiter = "()" if paren else match[3]
    return _Marker(kind, delimiter, value, len(match[0]), number[1:] if kind == "example" else "")


def _begins(number: str, *, spaced: bool) -> bool:
    if number.isupper() and len(number) == 1 and not spaced:
        return False
    return not number.isalpha() or len(number) > 1 or number in "aAiI"


def _valued(number: str, style: str) -> tuple[str, int]:
    """Return the style of a number and its value; the style of the list decides about `i`, `v` and `x`."""
    if not number.isalpha():
        kind = "example" if number.startswith("@") else "any" if number == "#" else "decimal"
        return kind, int(number) if kind == "decimal" else 1
    case = "lower" if number.islower() else "upper"
    roman = len(number) > 1 or number in "iI" if not style.startswith(case) else style.endswith("roman")
    small = number.lower()
    if not roman:
        return (f"{case}-alpha", ord(small) - ord("a") + 1) if len(number) == 1 else ("", 0)
    if not _ROMAN.fullmatch(small):
        return "", 0
    values = [_VALUES[letter] for letter in small]
    pairs = zip(values, [*values[1:], 0], strict=True)
    return f"{case}-roman", sum(-value if value < after else value for value, after in pairs)


def _list(state: StateBlock, lines: tuple[int, int], marker: _Marker) -> None:
    opening = state.push("ordered_list_open", "ol", 1)
    opening.map, place, tight = [lines[0], 0], len(state.tokens) - 1, True
    opening.attrs = dict(_attributes(marker))
    state.env.setdefault("numbered", []).append(marker.style)
    line, current, ended_empty = lines[0], marker, False
    while True:
        item_tight = _item(state, (line, lines[1]), current)
        tight = tight and item_tight and not ended_empty
        ended_empty = state.line - line > 1 and state.isEmpty(state.line - 1)
        line = state.line
        if line >= lines[1] or state.sCount[line] < state.blkIndent or state.is_code_block(line):
            break
        following = _marker(state, line, marker.style)
        if following is None or (following.style, following.delimiter) != (marker.style, marker.delimiter):
            break
        current = following
    state.env["numbered"].pop()
    state.push("ordered_list_close", "ol", -1)
    opening.map[1] = line
    if tight:
        markTightParagraphs(state, place)


def _attributes(marker: _Marker) -> dict[str, str | int | float]:
    start = 1 if marker.style == "example" else marker.number
    names = [marker.style] if "-" in marker.style or marker.style == "example" else []
    names += {")": ["paren"], "()": ["parens"]}.get(marker.delimiter, [])
    attrs: dict[str, str | int | float] = {"start": start} if start != 1 else {}
    return attrs | ({"class": " ".join(names)} if names else {})


def _item(state: StateBlock, lines: tuple[int, int], marker: _Marker) -> bool:
    """Read one item and tell whether its blocks are close together."""
    line = lines[0]
    text = state.src[state.bMarks[line] + state.tShift[line] + marker.width : state.eMarks[line]]
    gap = len(text) - len(text.lstrip())
    gap = 1 if gap > 4 or not text.strip() else gap  # more is code
    token = state.push("list_item_open", "li", 1)
    token.map, token.attrs = [line, 0], dict(_label(state, marker))
    saved = state.tight, state.bMarks[line], state.tShift[line], state.sCount[line]
    around = state.blkIndent, state.parentType
    indent = state.sCount[line] + _inset(state, lines, marker, gap)
    state.tight, state.blkIndent, state.parentType = True, indent, "list"
    # the line begins behind its marker, which may reach farther than what follows is indented
    state.bMarks[line] += state.tShift[line] + marker.width + gap
    state.tShift[line], state.sCount[line] = 0, indent
    state.md.block.tokenize(state, line, lines[1])
    tight = state.tight
    state.tight, state.bMarks[line], state.tShift[line], state.sCount[line] = saved
    state.blkIndent, state.parentType = around
    state.push("list_item_close", "li", -1)
    token.map[1] = state.line
    return tight


def _inset(state: StateBlock, lines: tuple[int, int], marker: _Marker, gap: int) -> int:
    """Return how far an item's blocks stand behind its marker's beginning.

    Labels of examples are long: four spaces are enough for what follows, as Pandoc has it.
    """
    whole = marker.width + gap
    if marker.style != "example":
        return whole
    after = next((line for line in range(lines[0] + 1, lines[1]) if not state.isEmpty(line)), lines[0])
    inset = state.sCount[after] - state.sCount[lines[0]]
    return min(whole, inset) if inset >= _EXAMPLE_INSET else whole


def _label(state: StateBlock, marker: _Marker) -> dict[str, str]:
    """Mark an example; the first of a label has an anchor, another repeats its number."""
    if marker.style != "example":
        return {}
    known: set[str] = state.env.setdefault("labels", set())
    name = marker.label
    if name in known:
        return {"data-example": name}
    known.add(name)
    return {"data-example": "", **({"id": f"ex-{name}"} if name else {})}


def labels(text: str) -> frozenset[str]:
    """Return the labels of the examples of a file, as its lines look."""
    return frozenset(_LABELLED.findall(text)) if "(@" in text else frozenset()


def example(state: StateInline, silent: bool) -> bool:
    """Read `@good` where an example of the book has that label."""
    known = state.env.get("examples")
    if state.src[state.pos] != "@" or not known:
        return False
    match = _REFERENCE.match(state.src, state.pos, state.posMax)
    if not match or match[1] not in known:
        return False
    if not silent:
        state.push("example", "", 0).meta = {"label": match[1], "at": state.pos}
    state.pos = match.end()
    return True
