"""Plain text → the tokens of a small book: a title, paragraphs, and captions told apart.

No sign of it is markup. Paragraphs stand between empty lines; a first one that is short and has no full
stop is the title. One that ends with a credit is the caption of a picture that isn't there: it is set
apart, and the author is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from markdown_it.token import Token

#: A credit at the end of a text: an agency behind a slash, ©, or the word for it.
CREDIT = re.compile(
    r"(?:[.…!?»]\s*)(?:/\s*(?P<agency>[A-Z][A-Za-z]{1,9}(?:\s[A-Z][a-z]+)?)|©\s*\S.{0,40}"
    r"|\((?:Photo|Crédit|Credit)\b[^)]{2,60}\)|(?:Photo|Crédit|Credit|Photograph)s?\s?:\s?\S.{1,50})\s*$"
)
#: How much of a paragraph's end is looked at.
_END = 80
_LONGEST_TITLE = 120


def credit(text: str) -> tuple[int, int, str] | None:
    """Return where a text's credit begins and ends, and the agency's name; None without a credit."""
    shift = max(0, len(text) - _END)
    match = CREDIT.search(text[shift:])
    if not match:
        return None
    agency = match["agency"] or ""
    start = text.rindex("/", 0, shift + match.start("agency")) if agency else shift + match.start() + 1
    return start, shift + match.end(), agency


def parse(text: str) -> list[Token]:
    """Turn plain text into block tokens, as a Markdown parser would; captions have the class `caption`."""
    tokens: list[Token] = []
    for line, lines in _paragraphs(text):
        content = "\n".join(lines)
        if not tokens and len(content) < _LONGEST_TITLE and content[-1] not in ".!?…:;,":
            tokens += _block("heading", "h1", content, line)
        else:
            tokens += _block("paragraph", "p", content, line)
            if credit(content):
                tokens[-3].attrs["class"] = "caption"
    return tokens


def captions(tokens: Sequence[Token]) -> Iterator[tuple[int, str]]:
    """Iterate over the captions among plain text's tokens: line, from 1, and credit."""
    for opening, inline in pairwise(tokens):
        if opening.attrs.get("class") == "caption" and (found := credit(inline.content)):
            yield (opening.map or [0])[0] + 1, inline.content[found[0] : found[1]]


def _paragraphs(text: str) -> Iterator[tuple[int, list[str]]]:
    """Iterate over the paragraphs: number of the first line, from 0, and lines."""
    numbered = ((number, line.strip()) for number, line in enumerate(text.split("\n")))
    for filled, group in groupby(numbered, key=lambda pair: bool(pair[1])):
        if filled:
            lines = list(group)
            yield lines[0][0], [line for _, line in lines]


def _block(name: str, tag: str, content: str, line: int) -> tuple[Token, Token, Token]:
    lines = [line, line + content.count("\n") + 1]
    children = [
        child
        for part in content.split("\n")
        for child in (Token("softbreak", "br", 0), Token("text", "", 0, content=part))
    ][1:]
    return (
        Token(f"{name}_open", tag, 1, map=lines),
        Token("inline", "", 0, map=lines, level=1, content=content, children=children),
        Token(f"{name}_close", tag, -1),
    )
