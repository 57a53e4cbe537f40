"""Code into stretches of one kind; the one owner of Pygments.

`manuscript.code` loads it at the first listing that names its language: most books have none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from pygments.lexer import Lexer
from pygments.lexers import find_lexer_class_by_name
from pygments.token import Comment, Generic, Keyword, Name, Operator, String, Token, _TokenType
from pygments.util import ClassNotFound

#: Longer code is set without highlighting, in characters: some lexers take long over what isn't theirs.
_LONGEST_HIGHLIGHTED = 200_000
#: Class of the words of a kind → how they are written; the nearest kind above in Pygments' tree counts.
_KINDS: Mapping[_TokenType, str] = {
    Token: "", Keyword: "k", Keyword.Type: "", Operator.Word: "k", Name.Tag: "k", Generic.Heading: "k",
    Generic.Subheading: "k", Generic.Strong: "k", Generic.Inserted: "k",
    Name.Function: "d", Name.Class: "d",
    Comment: "c", Generic.Deleted: "c", Generic.Prompt: "c", Comment.Preproc: "p", Comment.PreprocFile: "s",
    Name.Decorator: "p", Name.Attribute: "p", Generic.Emph: "p",
    String: "s", String.Doc: "c",
}  # fmt: skip


@cache
def _lexer(language: str) -> Lexer | None:
    """Return the lexer of a language that keeps every character, or nothing."""
    try:
        return find_lexer_class_by_name(language)(stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


def highlighted(content: str, language: str) -> list[tuple[str, str]]:
    """Turn code into stretches of text with their class, neighbours of one class in one."""
    lexer = _lexer(language) if len(content) <= _LONGEST_HIGHLIGHTED else None
    if lexer is None:
        return [("", content)]
    stretches = list(_merged((_kind(token), text) for token, text in lexer.get_tokens(content)))
    # a lexer that loses or adds a character isn't trusted
    return stretches if "".join(text for _, text in stretches) == content else [("", content)]


@cache
def _kind(token: _TokenType) -> str:
    while token not in _KINDS:
        token = token.parent
    return _KINDS[token]


def _merged(stretches: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Join neighbours of one class; white space between two belongs to both."""
    last, text, space = "", "", ""
    for kind, more in stretches:
        if last and more.isspace():
            space += more
        elif kind == last:
            text, space = text + space + more, ""
        else:
            yield last, text
            if kind:
                yield "", space
            last, text, space = kind, more if kind else space + more, ""
    yield last, text
    yield "", space
