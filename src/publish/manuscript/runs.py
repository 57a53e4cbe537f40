"""Inline tokens ⇄ runs of text in one language, for rules that must see across emphasis and links.

A run is a paragraph, a heading, a cell. Emphasis, links and calls of notes leave no trace in its text;
what no rule may touch (code, mathematics, addresses, words in another language) is one `FIELD` in it.
Words in another language make a run of their own.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from markdown_it.token import Token

from publish.typography import BREAK, FIELD, LINE, House, Shape, Style, style
from publish.xhtml import escape

_PLAIN = frozenset({"text", "softbreak"})
_UNSEEN = frozenset({"note_call", "inline_note"})
#: Elements, and classes of spans, whose words are no prose.
_VERBATIM = frozenset(
    "code kbd samp var tt pre math svg script style ruby file filename key variable".split()
)
#: What is shown otherwise → the element around it.
_SHAPED = {"century": "span", "superior": "sup"}


@dataclass(slots=True)
class Run:
    """A stretch of prose: its text, and the tokens that the parts of the text stand in."""

    language: str
    #: The block's token.
    inline: Token
    tokens: list[Token]
    #: The text of each token: its content, a line end, `FIELD`, or nothing.
    texts: list[str]

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(self.texts)


def typeset(tokens: Iterable[Token], language: str, house: House) -> None:
    """Set the prose of block tokens as its languages are set, in place."""
    if house.profile == "none":
        return
    plain, mixed = defaultdict[str, list[Token]](list), defaultdict[str, list[Run]](list)
    for inline, code in _inlines(tokens, language):
        for child in inline.children or ():
            if child.type not in _PLAIN:
                for run in _Reader(inline, code).read(inline.children or ()):
                    mixed[run.language].append(run)
                break
        else:
            plain[code].append(inline)
    for code in plain.keys() | mixed.keys():
        if rules := style(code, house):
            _set_plain(plain[code], rules)
            _set_mixed(mixed[code], rules)


def runs(tokens: Iterable[Token], language: str) -> Iterator[Run]:
    """Iterate over the prose of block tokens, in the book's language where nothing else is said."""
    for inline, code in _inlines(tokens, language):
        yield from _Reader(inline, code).read(inline.children or ())


def _inlines(tokens: Iterable[Token], language: str) -> Iterator[tuple[Token, str]]:
    """Iterate over the inline tokens and their languages: that of the innermost block that names one."""
    languages = [language]
    for token in tokens:
        if token.type == "inline":
            yield token, languages[-1]
        elif token.nesting == 1:
            languages.append(str(token.attrs.get("lang") or languages[-1]) if token.attrs else languages[-1])
            for caption in token.children or ():
                yield caption, languages[-1]
        elif token.nesting == -1:
            languages.pop()


def _set_plain(inlines: Sequence[Token], rules: Style) -> None:
    """Set blocks that hold text and line ends alone, all in one go."""
    texts = ["".join([child.content or "\n" for child in inline.children or ()]) for inline in inlines]
    whole = rules.text(f"{BREAK}{BREAK.join(texts)}{BREAK}")
    after = whole[1:-1].split(BREAK)
    if len(after) != len(texts):  # the author's text has the sign that parts ours: leave it as it is
        return
    for inline, before, now in zip(inlines, texts, after, strict=True):
        if now != before:
            _give(inline.children or [], now)
    if shapes := rules.shapes(whole):
        blocks = [[(child, child.content or "\n") for child in inline.children or ()] for inline in inlines]
        pieces = _pieces(blocks)
        starts = list(accumulate([len(text) for _, text in pieces], initial=0))
        _shape(inlines, list(zip(starts, [token for token, _ in pieces], strict=False)), shapes)


def _give(children: list[Token], text: str) -> None:
    """Give a block's tokens its text: one for each line, and one for the end of each."""
    if len(children) == 1:
        children[0].content = text
        return
    lines = ((Token("text", "", 0, content=line), Token("softbreak", "br", 0)) for line in text.split("\n"))
    children[:] = [token for pair in lines for token in pair][:-1]


def _set_mixed(runs: Sequence[Run], rules: Style) -> None:
    """Set runs of several tokens, all in one go, and give each token its part again."""
    pieces = _pieces([list(zip(run.tokens, run.texts, strict=True)) for run in runs])
    before = "".join([text for _, text in pieces])
    ends = accumulate([len(text) for _, text in pieces], initial=0)
    after, places = rules.moved(before + BREAK, list(ends))
    for (token, old), (start, end) in zip(pieces, pairwise(places), strict=True):
        if token and token.type in _PLAIN and after[start:end] != old:
            token.content = after[start:end]
            if token.type == "softbreak":  # a line end between words that may not part
                token.type, token.tag = "text", ""
    if shapes := rules.shapes(after):
        tokens = [token for token, _ in pieces]
        _shape([run.inline for run in runs], list(zip(places, tokens, strict=False)), shapes)


def shown(text: str, rules: Style) -> str:
    """Return a text that is set as inline XHTML where letters of it are shown otherwise, else nothing."""
    shapes = rules.shapes(f"{BREAK}{text}{BREAK}")
    moved = [Shape(shape.start - 1, shape.end - 1, shape.name) for shape in shapes]
    return "".join(map(_written, _parted(text, moved))) if moved else ""


def _written(token: Token) -> str:
    if token.type == "text":
        return escape(token.content)
    return f'<{token.tag} class="{token.attrs["class"]}">' if token.nesting == 1 else f"</{token.tag}>"


def _pieces(blocks: Iterable[Sequence[tuple[Token, str]]]) -> list[tuple[Token | None, str]]:
    """Return the tokens of blocks with their texts, one after the other: a sign parts the blocks."""
    return [piece for block in blocks for piece in [(None, BREAK), *block]]


def _shape(
    inlines: Iterable[Token], pieces: Sequence[tuple[int, Token | None]], shapes: Iterable[Shape]
) -> None:
    """Put elements around the letters that are shown otherwise; pieces are starts of texts, and tokens."""
    found = defaultdict[int, list[Shape]](list)
    starts = [start for start, _ in pieces]
    for shape in shapes:
        start, token = pieces[bisect_right(starts, shape.start) - 1]
        if token and token.type == "text" and shape.end <= start + len(token.content):
            found[id(token)].append(Shape(shape.start - start, shape.end - start, shape.name))
    for inline in inlines if found else ():
        inline.children = _spliced(inline.children or [], found)


def _spliced(tokens: Sequence[Token], found: Mapping[int, Sequence[Shape]]) -> list[Token]:
    """Return tokens, some with elements inside; what the author has raised already isn't raised again."""
    made: list[Token] = []
    raised = 0
    for token in tokens:
        raised += token.nesting if token.tag == "sup" else _nesting(token.content, "sup")
        if token.children:
            token.children = _spliced(token.children, found)
        shapes = [shape for shape in found.get(id(token), ()) if not raised or shape.name != "superior"]
        made += _parted(token.content, shapes) if shapes else [token]
    return made


def _nesting(raw: str, name: str) -> int:
    """Return 1 for an element's start tag, -1 for its end tag, 0 for other text."""
    return raw.startswith(f"<{name}") - raw.startswith(f"</{name}")


def _parted(text: str, shapes: Iterable[Shape]) -> Iterator[Token]:
    """Part a text into tokens: its shaped letters stand in elements."""
    done = 0
    for shape in shapes:
        tag = _SHAPED[shape.name]
        if text[done : shape.start]:
            yield Token("text", "", 0, content=text[done : shape.start])
        yield Token(f"{tag}_open", tag, 1, attrs={"class": shape.name})
        yield Token("text", "", 0, content=text[shape.start : shape.end])
        yield Token(f"{tag}_close", tag, -1)
        done = shape.end
    if text[done:]:
        yield Token("text", "", 0, content=text[done:])


class _Reader:
    """Reads the children of one inline token."""

    def __init__(self, inline: Token, language: str) -> None:
        self.inline, self.language = inline, language

    def read(self, tokens: Sequence[Token], language: str = "") -> Iterator[Run]:
        """Iterate over the run that tokens make, and those inside it."""
        run = Run(language or self.language, self.inline, [], [])
        inner: list[Run] = []
        place, ends = 0, _raw_ends(tokens)
        while place < len(tokens):
            token = tokens[place]
            end = _apart(tokens, place, run.language, ends)
            if end > place:
                inner += self._inside(tokens[place:end], run.language)
                run.tokens.append(token)
                run.texts.append(FIELD)
                place = end
                continue
            inner += self.read(token.children, run.language) if token.children else ()
            run.tokens.append(token)
            run.texts.append(_text(token))
            place += 1
        yield run
        yield from inner

    def _inside(self, tokens: Sequence[Token], language: str) -> Iterator[Run]:
        """Iterate over the runs inside what is one field to the text around it."""
        code = _language(tokens[0])
        if code and code != language and not _is_verbatim(tokens[0]):
            yield from self.read(tokens[1:-1], code)


def _text(token: Token) -> str:
    if token.type == "text":
        return token.content
    if token.type == "softbreak":
        return "\n"
    if token.type == "hardbreak":
        return LINE
    return "" if token.nesting or token.type in _UNSEEN or token.type == "html_inline" else FIELD


def _raw_ends(tokens: Sequence[Token]) -> dict[str, int]:
    """Return where the last end tag of each raw element is: whoever looks behind it looks in vain."""
    raw = (pair for pair in enumerate(tokens) if pair[1].type == "html_inline")
    return {_element(token): place for place, token in raw if token.content.startswith("</")}


def _apart(tokens: Sequence[Token], place: int, language: str, ends: dict[str, int]) -> int:
    """Return where the field of the text ends that begins at a place; the place itself if none does."""
    token = tokens[place]
    opens = token.nesting == 1 or (token.type == "html_inline" and not token.content.startswith("</"))
    if not opens or not (_is_verbatim(token) or _language(token) not in {"", language}):
        return place
    if not token.nesting and ends.get(_element(token), -1) < place:
        return place
    closing = f"</{_element(token)}"
    level = 0
    for end in range(place, len(tokens)):
        level += tokens[end].nesting
        if token.nesting and not level:
            return end + 1
        if not token.nesting and tokens[end].content.lower().startswith(closing):
            return end + 1
    return place


def _is_verbatim(token: Token) -> bool:
    if token.type == "html_inline":
        return _element(token) in _VERBATIM
    return token.markup == "autolink" or not _VERBATIM.isdisjoint(str(token.attrs.get("class", "")).split())


def _element(token: Token) -> str:
    return token.content[1:].partition(">")[0].partition(" ")[0].strip("/").lower()


def _language(token: Token) -> str:
    if token.type == "html_inline":
        _, _, value = token.content.partition(' lang="')
        return value.partition('"')[0]
    return str(token.attrs.get("lang", ""))
