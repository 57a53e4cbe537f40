"""Rules of Markdown for scholars, as Pandoc and Quarto have them: references, citations, formulas.

`@fig-sea`, `[see @doe2020, p. 12; also @fig-sea]`, `[-@doe2020]`, `@doe2020 [p. 12]` become one token
`cite`; its `meta["items"]` are `Cited`s. A book without a bibliography (`env["cites"]` is not set) has
references only, whose names begin with what they lead to. `$x^2$` is a token `math`, a formula on lines of
its own a token `math_block`. Lines such as `*[API]: application programming interface` are a
token `abbreviation`.
"""

# ruff: noqa: FBT001 - `silent` is a position in markdown-it-py's signature of a rule

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from markdown_it.helpers import parseLinkLabel
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

#: What a citation or reference shows: all (`[@x]`, `@fig-x`), the year or number alone (`[-@x]`), or the
#: author in the sentence (`@x`).
Mode = Literal["all", "short", "text"]

_NAME = r"(?:[\w](?:[:.#$%&+?<>~/-]?[\w])*|\{[^{}\s]+\})"
_REFERENCE = re.compile(r"(?:fig|tbl|eq|sec|lst)-", re.IGNORECASE)
_IN_TEXT = re.compile(rf"(-?)@({_NAME})")
_ITEM = re.compile(rf"(?P<before>.*?)(?<![\w@])(?P<short>-?)@(?P<key>{_NAME})(?P<after>.*)", re.DOTALL)
_LOCATOR = re.compile(r" ?\[([^\[\]@]*)\](?![\[({])")


_ABBREVIATION = re.compile(r"\*\[([^\[\]]+)\]:[ \t]*(\S.*)")
_INLINE = re.compile(r"\$(?=[^\s$])((?:\\.|[^$\\])+?)(?<=\S)\$(?!\d)", re.DOTALL)
_DISPLAY = re.compile(r"\$\$((?:\\.|[^$\\]|\$(?!\$))+)\$\$", re.DOTALL)
_BLOCK = re.compile(r"\$\$((?:\\.|[^$\\]|\$(?!\$))+)\$\$[ \t]*(\{[^{}]*\})?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Cited:
    """One of the places that a citation or a reference names."""

    key: str
    mode: Mode
    #: The author's words before and after: « voir », « p. 12 ».
    before: str = ""
    after: str = ""

    @property
    def is_reference(self) -> bool:
        """Tell whether it leads into the book: its name says what it leads to, as Quarto has it."""
        return bool(_REFERENCE.match(self.key))

    def as_dict(self) -> dict[str, str]:
        """Return it as the XHTML carries it to the editing passes."""
        return {"key": self.key, "mode": self.mode, "before": self.before, "after": self.after}


def in_text(state: StateInline, silent: bool) -> bool:
    """Read `@fig-sea` or `@doe2020 [p. 12]`."""
    at = state.pos
    if state.src[at] != "@" or (at and (state.src[at - 1].isalnum() or state.src[at - 1] in "_@/.")):
        return False
    match = _IN_TEXT.match(state.src, at, state.posMax)
    if not match:
        return False
    item, end = Cited(match[2].strip("{}"), "text"), match.end()
    if not item.is_reference:
        if not state.env.get("cites"):
            return False
        if locator := _LOCATOR.match(state.src, end, state.posMax):
            item, end = Cited(item.key, "text", "", locator[1]), locator.end()
    if not silent:
        state.push("cite", "", 0).meta = {"at": at, "items": [item]}
    state.pos = end
    return True


def bracketed(state: StateInline, silent: bool) -> bool:
    """Read `[see @doe2020, p. 12; also @fig-sea]`, unless it is the text of a link or of a span."""
    at = state.pos
    if state.src[at] != "[" or state.src.find("@", at) < 0:
        return False
    end = parseLinkLabel(state, at)
    if end < 0 or "@" not in state.src[at:end] or state.src[end + 1 : end + 2] in {"(", "{", "["}:
        return False
    items = _items(state.src[at + 1 : end])
    if not items:
        return False
    if not silent:
        token = state.push("cite", "", 0)
        token.meta = {"at": at, "items": items, "group": True, "cites": bool(state.env.get("cites"))}
        token.content = state.src[at : end + 1]
    state.pos = end + 1
    return True


def _items(text: str) -> list[Cited]:
    """Return what is named between brackets; nothing where a part names nothing."""
    found = []
    for part in text.split(";"):
        match = _ITEM.fullmatch(part)
        if not match:
            return []
        mode: Mode = "short" if match["short"] else "all"
        found.append(Cited(match["key"].strip("{}"), mode, match["before"].strip(), match["after"].strip()))
    return found


def math(state: StateInline, silent: bool) -> bool:
    """Read `$x^2$` or, inside a paragraph, `$$x^2$$`, by Pandoc's rules: « $5 and $10 » is money."""
    at = state.pos
    if state.src[at] != "$":
        return False
    match = _DISPLAY.match(state.src, at, state.posMax) or _INLINE.match(state.src, at, state.posMax)
    if not match:
        return False
    if not silent:
        token = state.push("math", "", 0)
        token.content = " ".join(match[1].split())
        token.meta = {"at": at, "display": match[0].startswith("$$")}
    state.pos = match.end()
    return True


def math_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a formula on lines of its own: `$$ … $$ {#eq-energy}`."""
    begin = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith("$$", begin) or state.is_code_block(start):
        return False
    last = _closing_line(state, start, end)
    text = state.getLines(start, last + 1, state.blkIndent, keepLastLF=False).strip() if last >= 0 else ""
    match = _BLOCK.fullmatch(text)
    if not match:
        return False
    if silent:
        return True
    token = state.push("math_block", "div", 0)
    token.content, token.map = " ".join(match[1].split()), [start, last + 1]
    token.info = match[2] or ""
    state.line = last + 1
    return True


def _closing_line(state: StateBlock, start: int, end: int) -> int:
    """Return the line with the next `$$` behind a formula's first ones; -1: the paragraph ends before."""
    line, place = start, state.bMarks[start] + state.tShift[start] + 2
    while line < end and not state.isEmpty(line) and state.sCount[line] >= state.blkIndent:
        if state.src.find("$$", place, state.eMarks[line]) >= 0:
            return line
        line += 1
        place = state.bMarks[line] if line < end else 0
    return -1


def abbreviation(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read lines such as `*[API]: application programming interface`; none of them is shown."""
    found: dict[str, str] = {}
    line = start
    while line < end and not state.is_code_block(line):
        text = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
        match = _ABBREVIATION.fullmatch(text.strip())
        if not match:
            break
        found[match[1].strip()] = match[2].strip()
        line += 1
    if not found:
        return False
    if not silent:
        token = state.push("abbreviation", "", 0)
        token.meta, token.map = found, [start, line]
        state.line = line
    return True
