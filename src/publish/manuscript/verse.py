"""Pandoc's line blocks, whose lines begin with `|`, as a poem: a div of paragraphs, one for each stanza."""

# ruff: noqa: FBT001 - `silent` is a position in markdown-it-py's signature of a rule

from __future__ import annotations

from markdown_it.rules_block import StateBlock

_NO_BREAK = "\u00a0"


def line_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read lines that begin with `|` and a space; one that begins with a space goes on with the one above."""
    if not _is_line(state, start) or state.is_code_block(start):
        return False
    if silent:
        return True
    stanza: list[str] = []
    begin = line = start
    poem = state.push("div_open", "div", 1)
    poem.attrs, poem.map, poem.meta = {"class": "poem"}, [start, start + 1], {"closed": True}
    while line < end and (_is_line(state, line) or (stanza and _goes_on(state, line))):
        text = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
        if not _is_line(state, line):
            stanza[-1] += f" {text.strip()}"
        elif text[1:].strip():
            stanza.append(_indented(text[1:].removeprefix(" ").rstrip()))
        else:
            _push(state, stanza, [begin, line])
            stanza, begin = [], line + 1
        line += 1
    _push(state, stanza, [begin, line])
    state.push("div_close", "div", -1)
    state.line = line
    return True


def _is_line(state: StateBlock, line: int) -> bool:
    begin, end = state.bMarks[line] + state.tShift[line], state.eMarks[line]
    return state.src.startswith("|", begin) and (
        begin + 1 == end or state.src[begin + 1 : begin + 2] in " \t"
    )


def _goes_on(state: StateBlock, line: int) -> bool:
    return not state.isEmpty(line) and state.sCount[line] > state.blkIndent


def _indented(text: str) -> str:
    """Return a line whose spaces at the beginning stay."""
    bare = text.lstrip(" ")
    return _NO_BREAK * (len(text) - len(bare)) + bare


def _push(state: StateBlock, stanza: list[str], lines: list[int]) -> None:
    if not stanza:
        return
    opening = state.push("paragraph_open", "p", 1)
    opening.map, opening.meta = lines, {"verse": True}
    inline = state.push("inline", "", 0)
    inline.content, inline.map, inline.children = "  \n".join(stanza), lines, []
    state.push("paragraph_close", "p", -1)
