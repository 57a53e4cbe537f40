"""Short cuts for plain prose: most lines of most books are a whole paragraph without a mark in it.

Both say the same as the rules that they spare (a test holds them against each other); on a novel they
take a third of the reading's time away.
"""

# ruff: noqa: FBT001 - `silent` is a position in markdown-it-py's signature of a rule

from __future__ import annotations

import re
from collections.abc import Callable

from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

#: A line that begins no other block: a word, perhaps behind a quotation mark or a dash, and more text.
#: « a. » and « ii) » could begin a list, « Table: » a caption.
_PROSE = re.compile(r"[—«“‘\"']?[ \u00a0\u202f]?[^\W\d_]+[ ,'’]")
#: What makes a definition list of the paragraph before it.
_DEFINES = (":", "~")


def paragraph(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a paragraph of one line, with an empty line or nothing behind it."""
    begin, after = state.bMarks[start] + state.tShift[start], start + 1
    if state.sCount[start] != state.blkIndent or not _PROSE.match(state.src, begin, state.eMarks[start]):
        return False
    if after < end and not (state.isEmpty(after) and not _is_defined(state, after, end)):
        return False
    if not silent:
        _push(state, state.src[begin : state.eMarks[start]].strip(), start)
    state.line = after
    return True


def _is_defined(state: StateBlock, line: int, end: int) -> bool:
    """Tell whether the next line with text makes a term of the paragraph above it."""
    line = state.skipEmptyLines(line)
    return line < end and state.src.startswith(_DEFINES, state.bMarks[line] + state.tShift[line])


def _push(state: StateBlock, content: str, line: int) -> None:
    lines, level = [line, line + 1], state.level
    state.tokens += (  # as `state.push` makes them, in half of its time
        Token("paragraph_open", "p", 1, map=lines, level=level, block=True),
        Token("inline", "", 0, map=lines, level=level + 1, content=content, children=[], block=True),
        Token("paragraph_close", "p", -1, level=level, block=True),
    )


def inline_rule(marks: re.Pattern[str]) -> Callable[[StateCore], None]:
    """Make the rule that reads inline text; where no character of `marks` is, the text is one token."""

    def inline(state: StateCore) -> None:
        for token in state.tokens:
            if token.type != "inline":
                continue
            content, children = token.content, token.children or []
            token.children = children
            if content and not marks.search(content):
                children.append(Token("text", "", 0, content=content))
            else:
                state.md.inline.parse(content, state.md, state.env, children)

    return inline
