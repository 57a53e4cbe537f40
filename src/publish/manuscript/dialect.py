"""Markdown text into tokens: Pandoc's Markdown as far as books use it, on markdown-it-py.

The one owner of markdown-it-py and mdit-py-plugins. Besides CommonMark: pipe tables with captions,
notes, definition lists, strikeout, sub- and superscript, task lists, attributes of headings, code,
links, images and bracketed spans, fenced divs. Inline tokens that a problem may have to name carry
`meta["at"]`, their offset in the inline text; `position` turns it into a line and a column.
"""

# ruff: noqa: FBT001 - `silent` is a position in markdown-it-py's signature of a rule

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import cache, lru_cache

from markdown_it import MarkdownIt
from markdown_it.common.utils import normalizeReference
from markdown_it.helpers import parseLinkLabel
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline, html_inline, image, link
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote.index import footnote_def

from publish.manuscript import divs, lists, macros, pandoc, prose, scholarly, tables, verse

#: Blocks and inline elements may be nested so deep; deeper is the problem `too-deep`.
DEEPEST = 40
#: markdown-it drops what is nested deeper than its own bound without a word: keep it far above ours.
_PARSER_BOUND = 100

#: Text is put away in tokens of about so many characters; adjacent ones become one in the end.
_PARCEL = 4_000

Attributes = dict[str, str]
InlineRule = Callable[[StateInline, bool], bool]

_ATTRIBUTE = re.compile(
    r"""\s*(?:
        \#(?P<id>[^\s{}"'=.#]+)
      | \.(?P<class>[^\s{}"'=.#]+)
      | (?P<key>[A-Za-z_:][\w:.-]*)=(?:"(?P<double>(?:\\.|[^"\\])*)"
        |'(?P<single>[^']*)'|(?P<bare>[^\s{}"'=]+))
      | (?P<minus>-)
    )(?=[\s}])""",
    re.VERBOSE,
)
_BLOCK_END = re.compile(r"\s*\}")
_HEADING_ATTRIBUTES = re.compile(r"[ \t]*(?<![\\\]])(\{[^{}\n]*\})[ \t]*$")
_DEFINED = re.compile(r"\[(?P<label>[^\[\]^][^\[\]]*)\]:[ \t]*\S.*[ \t](?P<own>\{[^{}]*\})[ \t]*$")
_ORG_RULE = re.compile(
    r"(?<=\|\n)[ \t>]*\|[ \t]*:?-+:?[ \t]*(?:\+[ \t]*:?-+:?[ \t]*)+\|[ \t]*$", re.MULTILINE
)
_CLOSING_MARKS = re.compile(r"(?:^|[ \t]+)#+$")
_DIV_OPEN = re.compile(r":{3,}[ \t]*(\{[^{}]*\}|[^\s{}:]+)[ \t]*:*[ \t]*$")
_DIV_CLOSE = re.compile(r":{3,}[ \t]*$")
_FENCE = re.compile(r"(`{3,}(?=[^`]*$)|~{3,})")
_CONTAINER = re.compile(r"[ \t>]*")
_CAPTION = re.compile(r"(?:Table:|:)(?=\s)\s*", re.IGNORECASE)
_PAGE_BREAK = re.compile(r"\{\{<[ \t]+pagebreak[ \t]+>\}\}|\\(?:newpage|pagebreak)")
#: What a block may stand right behind, without an empty line.
_INTERRUPTS = ["paragraph", "reference", "blockquote", "list"]
_TASK = re.compile(r"\[([ xX])\](?=\s)")
_BEGINS = re.compile(r"[\n$&*<@\[\\\]^_`{~]|!(?=\[)")
_NOTE_LABEL = re.compile(r"\[\^([^\s\]\[^]+)\]")


def parse(text: str, *, cites: bool = False, examples: AbstractSet[str] = frozenset()) -> list[Token]:
    """Turn Markdown text into block tokens; lines in `map` count from 0 in this text.

    `cites`: the book has a bibliography, so that `@doe2020` is a citation. `examples`: labels of examples,
    by which the text may call them.
    """
    return _parser().parse(text, {"cites": cites, "examples": examples})


def inline(text: str, line: int) -> Token:
    """Turn a caption that stands in an attribute, on a line from 1, into an inline token."""
    children: list[Token] = []
    _parser().inline.parse(text, _parser(), {}, children)
    return Token("inline", "", 0, map=[line - 1, line], content=text, children=children)


def attributes(text: str, start: int = 0) -> tuple[Attributes, int] | None:
    """Turn `{#id .class key="value"}` at an offset into attributes and the offset after it; else None.

    The grammar is Pandoc's: `{-}` is the class `unnumbered`, values may be bare or quoted.
    """
    if not text.startswith("{", start):
        return None
    found: Attributes = {}
    place = start + 1
    while match := _ATTRIBUTE.match(text, place):
        _add_attribute(found, match)
        place = match.end()
    end = _BLOCK_END.match(text, place)
    return (found, end.end()) if end else None


def position(source: Sequence[str], line: int, content: str, at: int) -> tuple[int, int]:
    """Return line and column, from 1, of an offset in the inline text that begins on a line (from 0).

    The column is found by searching the construct in the source line; 0 where it isn't found.
    """
    starts = _line_starts(content)
    number = bisect_right(starts, at) - 1
    line += number
    begins = content[at : at + 24].partition("\n")[0]
    # what stands before an inline text's line (`> `, a cell's `| `) only moves the construct to the right
    column = source[line].find(begins, at - starts[number]) if line < len(source) else -1
    return line + 1, column + 1


@lru_cache(maxsize=2)
def _line_starts(content: str) -> list[int]:
    return [0, *(match.end() for match in re.finditer("\n", content))]


@lru_cache(maxsize=8)
def _last(source: str, mark: str) -> int:
    """Return where a mark comes last in an inline text, so that it is sought in vain only once."""
    return source.rfind(mark)


@cache
def _parser() -> MarkdownIt:
    """Make the process's one parser."""
    md = MarkdownIt("commonmark", {"maxNesting": _PARSER_BOUND, "store_labels": True}).enable(
        ["table", "strikethrough"]
    )
    md.use(deflist_plugin)
    # only characters that a rule of ours begins with stop a stretch of text: a sixth of the time
    md.inline.terminator_re = _BEGINS
    md.core.ruler.at("inline", prose.inline_rule(_BEGINS))
    md.block.ruler.before("table", "prose", prose.paragraph)
    for name, rule in (("dashes", tables.dashed), ("grid", tables.grid), ("lines", verse.line_block)):
        md.block.ruler.before("code", name, rule)
    md.block.ruler.before("list", "numbered", lists.numbered, {"alt": ["paragraph"]})
    md.block.ruler.before("reference", "note", footnote_def, {"alt": ["paragraph", "reference"]})
    md.block.ruler.before("fence", "div", _div, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    md.inline.ruler.at("link", _placed(link, "["))
    md.inline.ruler.at("image", _placed(image, "!"))
    md.inline.ruler.at("html_inline", _placed(html_inline, "<"))
    md.inline.ruler.before("escape", "parcel", _parcel)
    md.inline.ruler.before("escape", "space", _space)
    md.inline.ruler.before("escape", "literal", _literal)
    md.inline.ruler.before("link", "note_call", _note_call)
    md.inline.ruler.after("link", "span", _span)
    md.inline.ruler.after("span", "cite_group", scholarly.bracketed)
    md.inline.ruler.push("example", lists.example)
    md.inline.ruler.push("cite", scholarly.in_text)
    md.inline.ruler.after("escape", "math", scholarly.math)
    for name, define in (("abbreviation", scholarly.abbreviation), ("macros", macros.macros)):
        md.block.ruler.before("reference", name, define)
    md.block.ruler.before("fence", "math_block", scholarly.math_block, {"alt": _INTERRUPTS})
    md.inline.ruler.push("inline_note", _inline_note)
    md.inline.ruler.push("superscript", _raised("^", "sup"))
    md.inline.ruler.push("subscript", _raised("~", "sub"))
    for last, read in (("raw", pandoc.raw_inline), ("attributes", _attributes_after)):
        md.inline.ruler.push(last, read)
    for name, prepare in (("defined", _defined_attributes), ("org", _org_tables)):
        md.core.ruler.before("block", name, prepare)
    for name, change in _CHANGES.items():
        md.core.ruler.before("inline", name, change)
    return md


def _add_attribute(found: Attributes, match: re.Match[str]) -> None:
    if match["id"]:
        found["id"] = match["id"]
    elif match["class"] or match["minus"]:
        found["class"] = f"{found.get('class', '')} {match['class'] or 'unnumbered'}".strip()
    elif match["key"] == "class":
        found["class"] = f"{found.get('class', '')} {_value(match)}".strip()
    else:
        found[match["key"]] = _value(match)


def _value(match: re.Match[str]) -> str:
    if match["double"] is not None:
        return re.sub(r"\\(.)", r"\1", match["double"])
    return match["single"] if match["single"] is not None else match["bare"]


def _placed(rule: InlineRule, first: str) -> InlineRule:
    """Wrap a rule that begins with a character, so that its token knows its offset (and misses cost less)."""

    def placed(state: StateInline, silent: bool) -> bool:
        at, known = state.pos, len(state.tokens)
        if state.src[at] != first or (first == "[" and _last(state.src, "]") < at) or not rule(state, silent):
            return False
        if not silent:
            token = state.tokens[known]
            # the text before it comes out as a token of its own first
            token = state.tokens[known + 1] if token.type == "text" else token
            token.meta["at"] = at
            if "defined" in state.env and (own := state.env["defined"].get(token.meta.get("label"))):
                _give_attributes(token, own)
        return True

    return placed


def _parcel(state: StateInline, silent: bool) -> bool:
    """Put text away that piles up: adding to it letter by letter would cost the square of its length."""
    if not silent and len(state.pending) > _PARCEL:
        state.pushPending()
    return False


def _space(state: StateInline, silent: bool) -> bool:
    """Read a backslash and a space: Pandoc's no-break space."""
    if not state.src.startswith("\\ ", state.pos):
        return False
    if not silent:
        state.pending += "\u00a0"
    state.pos += 2
    return True


def _literal(state: StateInline, silent: bool) -> bool:
    """Read an escaped quotation mark, hyphen or full stop: no rule of typography may change it."""
    sign = state.src[state.pos + 1 : state.pos + 2]
    if state.src[state.pos] != "\\" or not sign or sign not in "\"'-.":
        return False
    if not silent:
        state.push("literal", "", 0).content = sign
    state.pos += 2
    return True


def _note_call(state: StateInline, silent: bool) -> bool:
    """Read `[^label]`, whether or not the note is written: its absence is a problem, not text."""
    if not state.src.startswith("[^", state.pos):
        return False
    match = _NOTE_LABEL.match(state.src, state.pos, state.posMax)
    if not match:
        return False
    if not silent:
        token = state.push("note_call", "", 0)
        token.meta = {"label": match[1], "at": state.pos}
    state.pos = match.end()
    return True


def _inline_note(state: StateInline, silent: bool) -> bool:
    """Read `^[text of the note]`."""
    if not state.src.startswith("^[", state.pos):
        return False
    end = parseLinkLabel(state, state.pos + 1)
    if end < 0:
        return False
    if not silent:
        content = state.src[state.pos + 2 : end].strip()
        token = state.push("inline_note", "", 0)
        token.content, token.meta, token.children = content, {"at": state.pos}, []
        state.md.inline.parse(content, state.md, state.env, token.children)
    state.pos = end + 1
    return True


def _raised(mark: str, tag: str) -> InlineRule:
    """Make the rule for `^superscript^` or `~subscript~`: no white space inside unless escaped."""
    pattern = re.compile(rf"\{mark}((?:\\.|[^\s\\{mark}])+)\{mark}")

    def raised(state: StateInline, silent: bool) -> bool:
        if silent or state.src[state.pos] != mark:
            return False
        match = pattern.match(state.src, state.pos, state.posMax)
        if not match:
            return False
        maximum = state.posMax
        state.push(f"{tag}_open", tag, 1)
        state.pos, state.posMax = match.start(1), match.end(1)
        state.md.inline.tokenize(state)
        state.push(f"{tag}_close", tag, -1)
        state.pos, state.posMax = match.end(), maximum
        return True

    return raised


def _span(state: StateInline, silent: bool) -> bool:
    """Read `[text]{.class lang=la}`, and `[text]{ruby=reading}`."""
    if state.src[state.pos] != "[" or _last(state.src, "]{") < state.pos:
        return False
    end = parseLinkLabel(state, state.pos)
    found = attributes(state.src, end + 1) if end >= 0 else None
    if found is None or found[1] > state.posMax:
        return False
    if not silent:
        attrs, maximum = dict(found[0]), state.posMax
        reading = str(attrs.pop("ruby", ""))
        opening = state.push("span_open", "ruby" if reading else "span", 1)
        opening.attrs, opening.meta = dict(attrs), {"at": state.pos}
        state.pos, state.posMax = state.pos + 1, end
        if reading:
            _read_aloud(state, reading.split("|"))
        else:
            state.md.inline.tokenize(state)
        state.push("span_close", "ruby" if reading else "span", -1)
        state.posMax = maximum
    state.pos = found[1]
    return True


def _read_aloud(state: StateInline, readings: Sequence[str]) -> None:
    """Write the text in brackets with its reading, or each character with its own: `{ruby="かん|じ"}`."""
    base = state.src[state.pos : state.posMax]
    if len(base) != len(readings) or len(base) == 1:
        state.md.inline.tokenize(state)
        base, readings = "", ["".join(readings)]
    for character, reading in zip(base or [""], readings, strict=True):
        state.pending += character
        state.push("rt_open", "rt", 1)
        state.push("text", "", 0).content = reading
        state.push("rt_close", "rt", -1)


def _attributes_after(state: StateInline, silent: bool) -> bool:
    """Read the attributes right after a link, an image or code."""
    if silent or state.src[state.pos] != "{" or state.pending or not state.tokens:
        return False
    last = state.tokens[-1]
    if last.type not in {"link_close", "image", "code_inline", "cite"}:
        return False
    found = attributes(state.src, state.pos)
    if found is None or found[1] > state.posMax:
        return False
    _give_attributes(_opening(state.tokens) if last.nesting == -1 else last, found[0])
    state.pos = found[1]
    return True


def _give_attributes(token: Token, own: Attributes) -> None:
    """Give a link, an image or code the attributes that its author wrote."""
    token.attrs |= {key: value for key, value in own.items() if key not in {"href", "src"}}
    token.meta["alt"] = token.meta.get("alt") or "alt" in own


def _org_tables(state: StateCore) -> None:
    """Turn the crosses in a pipe table's line of dashes, as Emacs' Org writes them, into bars."""
    if "-+" not in state.src and ":+" not in state.src:
        return
    state.src = _ORG_RULE.sub(lambda rule: rule[0].replace("+", "|"), state.src)


def _defined_attributes(state: StateCore) -> None:
    """Take the attributes from definitions of addresses, `[a]: x.png {.b}`: what uses those has them."""
    if "]:" not in state.src or "}" not in state.src:
        return
    lines = state.src.split("\n")
    for number, line in outside_code(lines):
        match = _DEFINED.match(line) if line.startswith("[") else None
        found = attributes(match["own"]) if match else None
        if match and found and found[1] == len(match["own"]):
            state.env.setdefault("defined", {})[normalizeReference(match["label"])] = found[0]
            lines[number] = lines[number].rstrip()[: -len(match["own"])]
    if "defined" in state.env:
        state.src = "\n".join(lines)


def _opening(tokens: list[Token]) -> Token:
    level = 0
    for token in reversed(tokens):
        level += token.nesting
        if level == 0:
            return token
    return tokens[-1]


def _div(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a fenced div: `::: name` or `::: {.class}` up to its `:::`, nested ones included."""
    begin = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith(":::", begin) or state.is_code_block(start):
        return False
    match = _DIV_OPEN.match(state.src, begin, state.eMarks[start])
    if not match:
        return False
    if silent:
        return True
    close = _div_ends(state).get(start)
    token = state.push("div_open", "div", 1)
    token.attrs, token.map = dict(_div_attributes(match[1])), [start, start + 1]
    token.meta["closed"] = close is not None and close < end
    inner = close if close is not None and close < end else end
    _inside(state, start + 1, inner)
    state.push("div_close", "div", -1)
    state.line = min(inner + 1, end) if token.meta["closed"] else end
    return True


def _inside(state: StateBlock, start: int, end: int) -> None:
    """Read the blocks between two fences of a div."""
    parent, maximum = state.parentType, state.lineMax
    state.parentType, state.lineMax = "div", end
    state.md.block.tokenize(state, start, end)
    state.parentType, state.lineMax = parent, maximum


def _div_attributes(text: str) -> Attributes:
    if text.startswith("{"):
        found = attributes(text)
        return found[0] if found else {}
    return {"class": text}


def _div_ends(state: StateBlock) -> dict[int, int]:
    """Return the line of the closing fence for the line of each opening one, once for a text."""
    ends: dict[str, dict[int, int]] = state.env.setdefault("div_ends", {})
    if state.src not in ends:  # the text of a table's cell is a text of its own
        ends[state.src] = dict(_pairs(state.src.split("\n")))
    return ends[state.src]


def outside_code(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Iterate over the lines that stand in no fenced code: number from 0, text behind indents and `>`."""
    fence = ""
    for number, whole in enumerate(lines):
        line = whole[_CONTAINER.match(whole).end() :]  # type: ignore[union-attr] # it always matches
        if fence:
            if line.startswith(fence) and not line.strip(fence[0] + " \t"):
                fence = ""
        elif match := _FENCE.match(line):
            fence = match[1]
        else:
            yield number, line


def _pairs(lines: list[str]) -> Iterator[tuple[int, int]]:
    opened: list[int] = []
    for number, line in outside_code(lines):
        if _DIV_CLOSE.match(line):
            if opened:
                yield opened.pop(), number
        elif _DIV_OPEN.match(line):
            opened.append(number)


def _heading_attributes(state: StateCore) -> None:
    """Move the attributes at the end of a heading's line to the heading."""
    for opening, inline in zip(state.tokens, state.tokens[1:], strict=False):
        if opening.type != "heading_open" or "{" not in inline.content:
            continue
        match = _HEADING_ATTRIBUTES.search(inline.content)
        found = attributes(match[1]) if match else None
        if match and found and found[1] == len(match[1]):
            opening.attrs.update(found[0])
            inline.content = _CLOSING_MARKS.sub("", inline.content[: match.start()]).rstrip()


def _captions(state: StateCore) -> None:
    """Move the paragraph `: caption` or `Table: caption` beside a table into the table."""
    tokens = state.tokens
    for index, token in enumerate(tokens):
        if token.type == "table_open" and not token.children:
            _caption_row(tokens, index) or _caption_after(tokens, index) or _caption_before(tokens, index)
            for caption in token.children or ():
                caption.children = []
                state.md.inline.parse(caption.content, state.md, state.env, caption.children)
    state.tokens = [token for token in tokens if token.type != "moved"]


def _caption_row(tokens: list[Token], index: int) -> bool:
    """Take a caption that follows the last row without a blank line, where GFM reads it as a row."""
    end = _closing(tokens, index)
    row = next((i for i in range(end, index, -1) if tokens[i].type == "tr_open"), index)
    cells = [token for token in tokens[row:end] if token.type == "inline"]
    if not cells or not _CAPTION.match(cells[0].content) or any(cell.content for cell in cells[1:]):
        return False
    _take_caption(tokens[index], cells[0], (tokens[row].map or [0])[0])
    close = next(i for i in range(row, end) if tokens[i].type == "tr_close")
    for token in tokens[row : close + 1]:
        token.type = "moved"
    return True


def _caption_after(tokens: list[Token], index: int) -> bool:
    return _caption_at(tokens, index, _closing(tokens, index) + 1)


def _caption_before(tokens: list[Token], index: int) -> bool:
    return _caption_at(tokens, index, index - 3)


def _caption_at(tokens: list[Token], index: int, paragraph: int) -> bool:
    if paragraph < 0 or paragraph + 2 >= len(tokens) or tokens[paragraph].type != "paragraph_open":
        return False
    inline = tokens[paragraph + 1]
    if not _CAPTION.match(inline.content):
        return False
    _take_caption(tokens[index], inline, (inline.map or [0])[0])
    for token in tokens[paragraph : paragraph + 3]:
        token.type = "moved"
    return True


def _take_caption(table: Token, inline: Token, line: int) -> None:
    caption = Token("inline", "", 0, map=[line, line + 1], children=[])
    caption.content = _CAPTION.sub("", inline.content, count=1).strip()
    match = _HEADING_ATTRIBUTES.search(caption.content)
    found = attributes(match[1]) if match else None
    if match and found:
        table.attrs.update(found[0])
        caption.content = caption.content[: match.start()].rstrip()
    table.children = [caption]


def _closing(tokens: list[Token], index: int) -> int:
    level = 0
    for place in range(index, len(tokens)):
        level += tokens[place].nesting
        if level == 0:
            return place
    return index


def _page_breaks(state: StateCore) -> None:
    r"""Turn the paragraphs `{{< pagebreak >}}` (Quarto's) and `\newpage` (Pandoc's, LaTeX's) into divs."""
    if "pagebreak" not in state.src and "\\newpage" not in state.src:
        return
    for opening, inline, closing in zip(state.tokens, state.tokens[1:], state.tokens[2:], strict=False):
        if opening.type == "paragraph_open" and _PAGE_BREAK.fullmatch(inline.content):
            opening.type, opening.tag, opening.hidden = "div_open", "div", False
            opening.attrs["class"], opening.meta["closed"] = "page-break", True
            closing.type, closing.tag = "div_close", "div"
            inline.content = ""


def _tasks(state: StateCore) -> None:
    """Turn `[ ]` and `[x]` at the head of an item into the two ballot boxes that all our families have."""
    if "[ ]" not in state.src and "[x]" not in state.src and "[X]" not in state.src:
        return
    for item, inline in zip(state.tokens, state.tokens[2:], strict=False):
        match = _TASK.match(inline.content) if item.type == "list_item_open" else None
        if match:
            inline.content = ("☐" if match[1] == " " else "☑") + inline.content[3:]
            item.attrs["class"] = "task"


#: What changes the blocks before their inline text is read, in order.
_CHANGES: dict[str, Callable[[StateCore], None]] = {
    "attributes": _heading_attributes, "headings": pandoc.headings_as_links, "captions": _captions,
    "tasks": _tasks, "alerts": divs.alerts, "page breaks": _page_breaks, "raw blocks": pandoc.raw_blocks,
    "definitions": pandoc.code_in_definitions,
}  # fmt: skip
