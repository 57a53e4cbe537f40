"""What Pandoc's Markdown has and others don't: title blocks, pieces for one format, headings as links."""

# ruff: noqa: FBT001 - `silent` is a position in markdown-it-py's signature of a rule

from __future__ import annotations

import re
from html import unescape
from urllib.parse import quote

from markdown_it.common.utils import normalizeReference
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline

from publish.manuscript.keys import Keys, Node
from publish.problems import Place, Problem

#: Formats whose raw pieces are XHTML; a piece for any other is for a format that isn't made here, and goes.
_XHTML = frozenset({"html", "html4", "html5", "xhtml"})
_RAW = re.compile(r"\{=([\w+-]+)\}")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<!--.*?-->", re.DOTALL)
#: Up to three fields at the head of a file; a line that begins with a space goes on with its field.
_TITLE_BLOCK = re.compile(r"(?:%[^\n]*(?:\n[ \t]+\S[^\n]*)*(?:\n|\Z)){1,3}")
_DEFINITION = re.compile(r"^ {0,2}[:~] {2,}\S", re.MULTILINE)
_DEFINITION_MARK = re.compile(r"[ >]*?[:~]( +)")
_FIELDS = ("title", "author", "date")


def title_block(text: str, name: str, problems: list[Problem]) -> tuple[Keys, int] | None:
    """Turn `% title`, `% authors` and `% date` at a file's head into metadata, and the offset behind them."""
    match = _TITLE_BLOCK.match(text)
    if not match:
        return None
    table: dict[str, Node] = {}
    line = 1
    for field, written in zip(_FIELDS, re.split(r"(?m)^%", match[0])[1:], strict=False):
        parts = re.split(r";|\n", written) if field == "author" else [" ".join(written.split())]
        values = [Node(part.strip(), Place(name, line)) for part in parts if part.strip()]
        if values:
            table[field] = Node(values if field == "author" else values[0].value, Place(name, line))
        line += written.count("\n")
    return Keys(table, Place(name, 1), problems), match.end()


def headings_as_links(state: StateCore) -> None:
    """Let `[A heading]` and `[words][A heading]` lead to the heading of these words."""
    if "]" not in state.src:
        return
    references = state.env.setdefault("references", {})
    headings = [
        (opening, inline.content)
        for opening, inline in zip(state.tokens, state.tokens[1:], strict=False)
        if opening.type == "heading_open" and inline.content
    ]
    if [opening.tag for opening, _ in headings].count("h1") == 1 and headings[0][0].tag == "h1":
        del headings[0]  # the book's title, or the chapter's: no link leads to the top of its own page
    for opening, words in headings:
        target = str(opening.attrs.get("id", "")) or words
        references.setdefault(normalizeReference(words), {"href": f"#{quote(target)}", "title": ""})


def code_in_definitions(state: StateCore) -> None:
    """Let indented code in a definition begin at the definition's column; the plugin has it at two."""
    if (":  " not in state.src and "~  " not in state.src) or not _DEFINITION.search(state.src):
        return
    lines, extra = state.src.split("\n"), list[str]()
    for token in state.tokens:
        if token.type == "dd_open":
            marker = _DEFINITION_MARK.match(lines[token.map[0]]) if token.map else None
            extra.append(" " * (len(marker[1]) - 1 if marker else 0))
        elif token.type == "dd_close":
            extra.pop()
        elif token.type == "code_block" and extra and extra[-1]:
            code = token.content.split("\n")
            if all(not line.strip() or line.startswith(extra[-1]) for line in code):
                token.content = "\n".join(line.removeprefix(extra[-1]) for line in code)


def raw_blocks(state: StateCore) -> None:
    """Turn fences for a format, ```` ```{=html} ````, into raw XHTML; those for another format go."""
    if "{=" not in state.src:
        return
    for token in state.tokens:
        match = _RAW.fullmatch(token.info.strip()) if token.type == "fence" else None
        if match:
            token.type = "html_block" if match[1] in _XHTML else "raw"
    state.tokens = [token for token in state.tokens if token.type != "raw"]


def raw_inline(state: StateInline, silent: bool) -> bool:
    """Turn code for a format, `` `<b>`{=html} ``, into raw XHTML; that for another format goes."""
    if silent or not state.src.startswith("{=", state.pos) or state.pending or not state.tokens:
        return False
    match = _RAW.match(state.src, state.pos, state.posMax)
    if not match or state.tokens[-1].type != "code_inline":
        return False
    content = state.tokens.pop().content
    if match[1] in _XHTML:
        _push_raw(state, content)
    state.pos = match.end()
    return True


def _push_raw(state: StateInline, content: str) -> None:
    end = 0
    for tag in _TAG.finditer(content):
        _push_text(state, content[end : tag.start()])
        state.push("html_inline", "", 0).content = tag[0]
        end = tag.end()
    _push_text(state, content[end:])


def _push_text(state: StateInline, text: str) -> None:
    if text:
        state.push("text", "", 0).content = unescape(text)
