r"""Commands that a text defines for its formulas: `\newcommand{\R}{\mathbb{R}}`, `\def\norm#1{\|#1\|}`.

Definitions stand at the head of a block, one behind the other; they are the token `macros`, of which nothing
is shown. Its `meta["macros"]` are what an editing pass hands to the formulas that follow.
"""

# ruff: noqa: FBT001 - `silent` is a position in markdown-it-py's signature of a rule

from __future__ import annotations

import re

from markdown_it.rules_block import StateBlock

_HEAD = re.compile(
    r"""\\(?:
        (?P<kind>(?:re)?newcommand|providecommand|DeclareMathOperator)(?P<star>\*?)\s*
        (?:\{\s*\\(?P<braced>[A-Za-z]+)\s*\}|\\(?P<bare>[A-Za-z]+))\s*
        (?:\[(?P<count>\d)\])?\s*(?P<optional>\[[^\]\n]*\])?
      | g?def\s*\\(?P<def>[A-Za-z]+)(?P<numbered>(?:\#[1-9])*)
    )\s*(?=\{)""",
    re.VERBOSE,
)
_BEHIND = re.compile(r"[ \t]*(\n?)[ \t]*")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
#: One definition may be so long, in characters: a formula may use it a thousand times.
_LONGEST = 2_000

#: Name, number of arguments, text, line from that of the block, what is wrong with it (or nothing), and
#: whether an earlier one of the name stays.
Definition = dict[str, str | int]


def macros(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read the definitions that begin a block."""
    begin = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith("\\", begin) or not _HEAD.match(state.src, begin):
        return False
    if state.is_code_block(start):
        return False
    last = start
    while last < end and not state.isEmpty(last):
        last += 1
    text = state.getLines(start, last, state.blkIndent, False)  # noqa: FBT003 - markdown-it-py's signature
    found, read = _definitions(text.strip() + "\n")
    if not found or silent:
        return bool(found)
    state.line = start + read
    token = state.push("macros", "", 0)
    token.map, token.meta = [start, state.line], {"macros": found}
    return True


def _definitions(text: str) -> tuple[list[Definition], int]:
    """Return the definitions that fill a text's first lines, and how many lines those are."""
    found: list[Definition] = []
    place = line = whole = read = 0
    while match := _HEAD.match(text, place):
        close = _closing(text, match.end())
        found.append(_definition(match, text, close) | {"line": line})
        if close < 0:
            return found, text.count("\n")
        behind = _BEHIND.match(text, close + 1)
        begin, place = place, behind.end() if behind else close + 1
        line += text.count("\n", begin, place)
        if behind and behind[1]:
            whole, read = len(found), line
    return found[:whole], read


def _definition(match: re.Match[str], text: str, close: int) -> Definition:
    r"""Return a definition; one of `\DeclareMathOperator` is an upright word."""
    body = text[match.end() + 1 : close] if close >= 0 else ""
    wrong = "never ends: a brace is missing" if close < 0 else ""
    if match["optional"]:
        wrong = "has an argument that may be left out: such aren’t known"
    if len(body) > _LONGEST:
        wrong = f"is longer than {_LONGEST} characters"
    if match["kind"] == "DeclareMathOperator":
        body = rf"\operatorname{match['star']}{{{body}}}"
    return {
        "name": match["braced"] or match["bare"] or match["def"], "body": body, "wrong": wrong,
        "arguments": int(match["count"] or 0) or len(match["numbered"] or "") // 2,
        "keep": match["kind"] == "providecommand",
    }  # fmt: skip


def _closing(text: str, start: int) -> int:
    """Return where the group ends that begins at a brace, or -1."""
    level = 0
    for sign in _BRACE.finditer(text, start):
        level += {"{": 1, "}": -1}.get(sign[0], 0)
        if not level:
            return sign.start()
    return -1
