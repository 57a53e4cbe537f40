"""Markdown tokens into the XHTML fragments, notes and letters of one section.

The letters come from the tokens' own text while the fragment is written from the same tokens, so the
two can be held against each other afterwards (`Section.letters`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar
from urllib.parse import unquote

from markdown_it.token import Token

from publish.book import Heading, Note, Section
from publish.manuscript import dialect, divs, figures, literature, raw, tables
from publish.manuscript.code import Listing
from publish.manuscript.inline import File, Shown, attributes, texts
from publish.manuscript.keys import CONTROLS
from publish.manuscript.language import KINDS
from publish.manuscript.names import anchor_name, plain_text, quote, slug
from publish.typography import count_words
from publish.xhtml import XmlError, escape, letters, parse_fragment, words

_ALIGN = {"text-align:left": "left", "text-align:right": "right", "text-align:center": "center"}
_CALLS = re.compile('\u2060?<a class="note-call".*?</a>')
_LINKS = re.compile(r"</?a\b[^<>]*>")
_FORMULA = re.compile(r'<span class="made" data-tex="([^"]*)"[^<>]*></span>')
_ID = re.compile(r'(<[^<>]*?)\s+id="[^"]*"')
#: A table of so many columns is set smaller.
_MANY_COLUMNS = 6
#: Elements whose start tag ends a line, so that the output can be read.
_LINE_BY_LINE = frozenset({"ul", "ol", "blockquote", "dl", "table", "thead", "tbody", "tfoot", "tr"})


def section(file: File, tokens: Sequence[Token], title: int, frame: Section) -> Section:
    """Turn block tokens into a section; `title` is the index of its heading, or -1.

    `frame` brings what the tokens don't say: matter, depth, the title if there is no heading, and
    in `anchor` what begins the anchors of the notes. Links and images stay as the author wrote them,
    with their places.
    """
    shown = Shown(file, frame.anchor)
    named = _titled(shown, tokens[title], tokens[title + 1], frame) if title >= 0 else frame
    rest = [*tokens[:title], *tokens[title + 3 :]] if title >= 0 else tokens
    blocks = _Blocks(shown, frame.depth if named.title else frame.depth - 1)
    body, seen = blocks.written(rest)
    notes = _notes(shown, frame.depth)
    return Section(
        anchor=named.anchor if title >= 0 else slug(frame.plain_title), matter=frame.matter, kind=named.kind,
        depth=frame.depth, title=named.title, short_title=named.short_title, plain_title=named.plain_title,
        body=body, headings=tuple(blocks.headings), notes=notes, images=(),
        letters=named.letters + seen, source=file.name, line=named.line, number=named.number,
        language=named.language, lines=frame.lines, words=shown.words,
        marked=bool(notes) or _is_marked(named.title) or _is_marked(body),
    )  # fmt: skip


def _is_marked(fragment: str) -> bool:
    """Tell whether a fragment has an attribute besides its blocks' lines, or what is counted or defined."""
    if fragment.count("=") != fragment.count(' data-line="'):
        return True
    return any(element in fragment for element in ("<table", "<figure", "<dt"))


def notes_of(tokens: Sequence[Token]) -> Iterator[tuple[str, int, list[Token]]]:
    """Iterate over the notes that tokens define: label, line from 1, tokens of the note's blocks."""
    stack: list[tuple[str, int, list[Token]]] = []
    for token in tokens:
        if token.type == "footnote_reference_open":
            stack.append((token.meta["label"], _line(token), []))
        elif token.type == "footnote_reference_close":
            yield stack.pop()
        elif stack:
            stack[-1][2].append(token)


def without_notes(tokens: Sequence[Token]) -> list[Token]:
    """Return the tokens without those of the notes' definitions."""
    kept: list[Token] = []
    inside = 0
    for token in tokens:
        inside += token.type == "footnote_reference_open"
        if not inside:
            kept.append(token)
        inside -= token.type == "footnote_reference_close"
    return kept


class _Blocks:
    """Writes block tokens as XHTML: a section's body, or a note's."""

    def __init__(self, shown: Shown, depth: int) -> None:
        self.shown, self.depth = shown, depth
        self.out: list[str] = []
        self.headings: list[Heading] = []
        #: Levels of the headings that the next one may stand under.
        self.levels: list[int] = []
        self.divs = 0
        #: The open divs and quotations: what each is, and how many pieces were written before it.
        self.shapes: list[tuple[divs.Shape, int]] = []
        #: How many speakers' names stand above verses.
        self.speakers = 0
        #: Lines of the verses that stand in no div, and in no play.
        self.stanzas: set[int] = set()
        #: How many of the open divs are poems: each line of theirs is a verse.
        self.poems = 0

    def written(self, tokens: Sequence[Token]) -> tuple[str, str]:
        """Write tokens and return the fragment and its letters."""
        self.out, self.shown.text, self.shown.raw = [], [], False
        self._blocks(tokens)
        if self.speakers > 1:
            self.out = [literature.played("".join(self.out))]
        elif self.stanzas:
            self.out = [literature.inset("".join(self.out), self.stanzas)]
        return _finished(self.shown, "".join(self.out).strip())

    def _blocks(self, tokens: Sequence[Token]) -> None:
        index, end = 0, len(tokens)
        while index < end:
            token = tokens[index]
            special = self._SPECIAL.get(token.type)
            index = special(self, tokens, index) if special else self._plain(token, index)

    def _plain(self, token: Token, index: int) -> int:
        if token.nesting == 1:
            end = "\n" if token.tag in _LINE_BY_LINE else ""
            self.out.append(f"<{token.tag}{attributes(token.attrs, _line(token))}>{end}")
        elif token.nesting == -1:
            self.out.append(f"</{token.tag}>\n")
        elif token.type == "inline":
            self.out.append(self.shown.inline(token))
        else:  # as in `inline`: nothing may be lost
            raise NotImplementedError(token.type)
        return index + 1

    def _paragraph(self, tokens: Sequence[Token], index: int) -> int:
        opening, inline = tokens[index], tokens[index + 1]
        children = inline.children or []
        image = children[0] if len(children) == 1 and children[0].type == "image" else None
        if inline.content.endswith("\\") and children and _ends_in_break(inline, children[-1]):
            children[-1].content = children[-1].content[:-1]
        if opening.hidden:
            self.out.append(self.shown.inline(inline))
        elif opening.meta.get("verse") or self.poems:
            self._verse(opening, inline)
        elif image and is_data(image):
            self._data(inline, image)
        elif image and is_ornament(image):
            picture = self.shown.inline(inline)
            self.out.append(f'<p class="ornament" data-line="{_line(opening)}">{picture}</p>\n')
        elif image and is_figure(image):
            self._figure(inline, image)
        elif len(children) > 1 and (
            is_verse(children) or (_is_couplet(children) and _beside_verse(tokens, index))
        ):
            self._verse(opening, inline)
        elif body := self.shown.inline(inline):
            self.out.append(f"<p{attributes(opening.attrs, _line(opening))}>{body}</p>\n")
        return index + 3

    def _verse(self, opening: Token, inline: Token) -> None:
        """Write a paragraph whose lines the author broke; a first line all in bold names a speaker."""
        for child in inline.children or ():
            child.type = "hardbreak" if child.type == "softbreak" and self.poems else child.type
        speaker = has_speaker(inline.children or ())
        lines = self.shown.inline(inline, verse=True).split("\n")
        spans = [f'<span class="line">{line}</span>' for line in lines]
        self.speakers += speaker
        if not speaker and all(shape.tag == "blockquote" for shape, _ in self.shapes):
            self.stanzas.add(_line(opening))
        if speaker:
            spans[0] = spans[0].replace("line", "speaker line", 1)
        attrs = {**opening.attrs, "class": f"verse {opening.attrs.get('class', '')}".strip()}
        self.out.append(f"<p{attributes(attrs, _line(opening))}>{'<br/>'.join(spans)}</p>\n")

    def _figure(self, inline: Token, image: Token) -> None:
        line, names = _line(inline), ("id", "class", "lang")
        attrs: dict[str, str | int | float] = {
            key: image.attrs.pop(key) for key in names if key in image.attrs
        }
        credit = str(image.attrs.pop("credit", ""))
        attrs = figures.placed(self.shown.file, attrs, image, line)
        self.shown.begins = (line - 1, inline.content)
        picture = self.shown.image(image)
        caption = self.shown.children(image.children or ())
        if credit:
            words = self.shown.inline(dialect.inline(credit, line))
            caption += f' <span class="credit">{words}</span>'
        below = f"<figcaption>{caption}</figcaption>" if caption else ""
        self.out.append(f"<figure{attributes(attrs, line)}>{picture}{below}</figure>\n")

    def _heading(self, tokens: Sequence[Token], index: int) -> int:
        opening, inline = tokens[index], tokens[index + 1]
        level, line, start = self._level(int(opening.tag[1])), _line(opening), len(self.shown.text)
        body = self.shown.inline(inline)
        plain = plain_text(self.shown.text[start:])
        attrs = dict(opening.attrs)
        written = str(attrs.get("id", ""))
        anchor = anchor_name(written) if written else self.shown.file.anchor(plain, "heading")
        listed = "unlisted" not in str(attrs.get("class", "")).split()
        if opening.level == self.divs and listed and plain:
            self.headings.append(Heading(level, anchor, CONTROLS.sub("", _short(body)), line))
        self.out.append(f"<h{level}{attributes({**attrs, 'id': anchor}, line)}>{body}</h{level}>\n")
        return index + 3

    def _level(self, level: int) -> int:
        """Return the depth in the book of a heading: one below the last shallower one, at most 6."""
        while self.levels and self.levels[-1] >= level:
            self.levels.pop()
        self.levels.append(level)
        return min(self.depth + len(self.levels), 6)

    def _code(self, tokens: Sequence[Token], index: int) -> int:
        token = tokens[index]
        listing = Listing.read(self.shown.file, _line(token), token.info, token.content)
        after = tokens[index + 1 : index + 2]
        is_list = after and after[0].type == "ordered_list_open"
        if is_list and listing.call_out(_items(tokens, index + 1)):
            after[0].attrs["class"] = f"{after[0].attrs.get('class', '')} callouts".strip()
        self._listing(listing)
        return index + 1

    def _formula(self, tokens: Sequence[Token], index: int) -> int:
        token, line = tokens[index], _line(tokens[index])
        found = dialect.attributes(token.info)
        attrs = dict(found[0]) if found else {}
        attrs["class"] = f"equation {attrs.get('class', '')}".strip()
        formula = self.shown.formula(token.content, (line, 1), display=True)
        self.out.append(f'<div{attributes(attrs, line)}><span class="formula">{formula}</span></div>\n')
        return index + 1

    def _abbreviation(self, tokens: Sequence[Token], index: int) -> int:
        value, line = quote(json.dumps(tokens[index].meta, ensure_ascii=False)), _line(tokens[index])
        self.out.append(f'<span class="made" data-abbreviations="{value}" data-place="{line}:1"></span>\n')
        return index + 1

    def _macros(self, tokens: Sequence[Token], index: int) -> int:
        value, line = quote(json.dumps(tokens[index].meta["macros"])), _line(tokens[index])
        self.out.append(f'<span class="made" data-macros="{value}" data-place="{line}:1"></span>\n')
        return index + 1

    def _listing(self, listing: Listing) -> None:
        """Write a listing; one with a caption, or the name of its file, is a figure."""
        named = listing.title or listing.caption
        if named:
            own = {"id": listing.attrs.pop("id")} if "id" in listing.attrs else {}
            self.out.append(f"<figure{attributes({**own, 'class': 'listing'}, listing.line)}><figcaption>")
            if listing.title:
                self.shown.text.append(listing.title)
                self.out.append(f'<span class="file">{escape(listing.title)}</span>')
            if listing.caption:
                self.out.append(" " * bool(listing.title))
                self.out.append(self.shown.inline(dialect.inline(listing.caption, listing.line)))
            self.out.append("</figcaption>")
        self.shown.text += listing.letters()
        self.out.append(f"{listing.written()}{'</figure>' * bool(named)}\n")

    def _rule(self, tokens: Sequence[Token], index: int) -> int:
        self.out.append(f'<hr class="scene-break" data-line="{_line(tokens[index])}"/>\n')
        return index + 1

    def _table(self, tokens: Sequence[Token], index: int) -> int:
        token = tokens[index]
        heads = str(token.attrs.pop("header-columns", ""))
        if heads.isdecimal():
            tables.with_row_heads(tokens, index, int(heads))
        if tables.columns(tokens, index) >= _MANY_COLUMNS:
            token.attrs["class"] = f"{token.attrs.get('class', '')} many-columns".strip()
        widths = self._widths(token)
        wide = f' style="width: {tables.width(widths)}"' if widths else ""
        self.out.append(f"<table{attributes(token.attrs, _line(token))}{wide}>\n")
        for caption in token.children or ():
            self.out.append(f"<caption>{self.shown.inline(caption)}</caption>\n")
        if widths:
            self.out.append(f"{tables.columns_of(widths)}\n")
        if tokens[index + 1].type != "thead_open":
            return index + 1
        end = next(i for i in range(index, len(tokens)) if tokens[i].type == "thead_close")
        # a head of empty cells is how a table without one is written
        empty = not any(token.content.strip() for token in tokens[index:end] if token.type == "inline")
        return end + 1 if empty else index + 1

    def _widths(self, table: Token) -> Sequence[int]:
        """Return the characters that a table's columns take; nothing: as many as their cells need."""
        if "widths" in table.meta or not table.map:
            return list(table.meta.get("widths", ()))
        return tables.pipe_widths(self.shown.file.lines[table.map[0] : table.map[1]])

    def _cell(self, tokens: Sequence[Token], index: int) -> int:
        token = tokens[index]
        inside = tokens[index + 1]
        if token.tag == "th" and inside.type == "inline" and not inside.content.strip():
            token.tag = tokens[index + 2].tag = "td"  # a corner: a head without words names nothing (H43)
        align = _ALIGN.get(str(token.attrs.get("style", "")))
        scope = f' scope="{token.attrs.get("scope", "col")}"' if token.tag == "th" else ""
        side = f' class="{align}"' if align else ""
        spans = "".join(
            f' {name}="{token.attrs[name]}"' for name in ("colspan", "rowspan") if name in token.attrs
        )
        self.out.append(f"<{token.tag}{scope}{side}{spans}>")
        return index + 1

    def _data(self, inline: Token, image: Token) -> None:
        """Write the table of a CSV file; the words between the brackets are its caption."""
        attrs = {key: str(value) for key, value in image.attrs.items()}
        path, line = unquote(attrs.pop("src")), _line(inline)
        attrs.pop("alt", None)
        names = [name for name in attrs.pop("class", "").split() if name != "table"]
        text = self.shown.file.included(path, (line, 1))
        if text is None:
            return
        try:
            tokens = tables.from_csv(text, line - 1, attrs)
        except tables.BadTableError as error:
            self.shown.file.tell("bad-table", (line, 1), f"“{path}”: {error}", "correct the file")
            return
        tokens[0].attrs = {**attrs, **({"class": " ".join(names)} if names else {})}
        if image.children:
            tokens[0].children = [Token("inline", "", 0, map=inline.map, children=image.children)]
        for token in tokens:
            if token.type == "inline":
                token.children = [Token("text", "", 0, content=token.content)]
        self._blocks(tokens)

    def _bad_table(self, tokens: Sequence[Token], index: int) -> int:
        token = tokens[index]
        hint = "give all its lines one length, and its cells lines on every side"
        self.shown.file.tell("bad-table", (_line(token), 1), token.meta["fact"], hint)
        return index + 1

    def _div(self, tokens: Sequence[Token], index: int) -> int:
        token = tokens[index]
        self.divs += token.nesting
        if token.nesting == -1:
            self._close()
            return index + 1
        if not token.meta["closed"]:
            hint = "add a line “:::” where it ends"
            self.shown.file.tell(
                "unclosed-div", (_line(token), 1), "the div that begins here is never closed", hint
            )
        shape = divs.shape(token)
        if shape.tag == "figure" and "placement" in shape.attrs:
            asked = figures.placement(self.shown.file, str(shape.attrs.pop("placement")), _line(token))
            shape.attrs["class"] = " ".join([*str(shape.attrs.get("class", "")).split(), *asked])
        self.shapes.append((shape, len(self.out)))
        self.poems += is_poem(shape)
        title = str(shape.attrs.pop("title", "")) if shape.admonition else ""
        own = {"data-admonition": shape.admonition} if shape.admonition and not title else {}
        self.out.append(f"<{shape.tag}{attributes({**shape.attrs, **own}, _line(token))}>\n")
        if title:
            words = self.shown.inline(dialect.inline(title, _line(token)))
            self.out.append(f'<p class="admonition-title" data-line="{_line(token)}">{words}</p>\n')
        return index + 1

    def _numbered(self, tokens: Sequence[Token], index: int) -> int:
        """Write the beginning of a list; `1)` keeps its parenthesis."""
        token = tokens[index]
        if token.markup == ")":
            token.attrs["class"] = f"{token.attrs.get('class', '')} paren".strip()
        return self._plain(token, index)

    def _quotation(self, tokens: Sequence[Token], index: int) -> int:
        token = tokens[index]
        if token.nesting == 1:
            self.shapes.append((divs.Shape("blockquote", dict(token.attrs)), len(self.out)))
            self.out.append(f"<blockquote{attributes(token.attrs, _line(token))}>\n")
        else:
            self._close()
        return index + 1

    def _close(self) -> None:
        """Close the innermost div or quotation, and mark what its paragraphs are."""
        shape, start = self.shapes.pop()
        names = str(shape.attrs.get("class", "")).split()
        if is_poem(shape):
            self.poems -= 1
            if sum(piece.count('class="line') for piece in self.out[start:]) > literature.SHORT_POEM:
                self.out[start] = self.out[start].replace('class="', 'class="long-poem ', 1)
        if shape.tag == "blockquote":
            self.out[start + 1 :] = [literature.attributed("".join(self.out[start + 1 :]))]
        elif {"drama", "dialogue"}.intersection(names):
            self.out[start + 1 :] = [literature.played("".join(self.out[start + 1 :]))]
        elif shape.tag == "figure":
            self.out[start:] = [figures.gathered("".join(self.out[start:]))]
        self.out.append(f"</{shape.tag}>\n")

    def _raw(self, tokens: Sequence[Token], index: int) -> int:
        token, line = tokens[index], _line(tokens[index])
        if raw.never_closed(token.content):
            fact = "the comment that begins here is never closed: all that follows would be lost"
            self.shown.file.tell("unclosed-comment", (line, 1), fact, "add “-->” where it ends")
        if not raw.only_comments(token.content):
            self.shown.begins = (line - 1, token.content)
            html = self.shown.html(token.content, line)
            alone = html.strip() and not html.lstrip().startswith("<")
            self.out.append(f'<p data-line="{line}">{html.strip()}</p>\n' if alone else html)
        return index + 1

    _SPECIAL: ClassVar[dict[str, Callable[[_Blocks, Sequence[Token], int], int]]] = {
        "paragraph_open": _paragraph, "heading_open": _heading, "fence": _code, "code_block": _code,
        "hr": _rule, "math_block": _formula, "ordered_list_open": _numbered,
        "abbreviation": _abbreviation, "macros": _macros,
        "table_open": _table, "th_open": _cell, "td_open": _cell, "div_open": _div, "div_close": _div,
        "blockquote_open": _quotation, "blockquote_close": _quotation,
        "html_block": _raw, "bad_table": _bad_table,
    }  # fmt: skip


def is_poem(shape: divs.Shape) -> bool:
    """Tell whether a div holds verse: each of its lines is one."""
    return shape.tag == "div" and not {"poem", "verse"}.isdisjoint(str(shape.attrs.get("class", "")).split())


def is_ornament(token: Token) -> bool:
    """Tell whether an image says nothing, and its author says so: `![](leaf.svg){alt=""}`."""
    silent = token.attrs.get("alt") == "" and bool(token.meta.get("alt"))
    return token.type == "image" and silent and not is_figure(token)


def _ends_in_break(inline: Token, last: Token) -> bool:
    """Tell whether a paragraph ends in a backslash: with Pandoc an image before it is no figure then."""
    return last.type == "text" and last.content.endswith("\\") and not inline.content.endswith("\\\\")


def is_figure(token: Token) -> bool:
    """Tell whether an image that stands alone is a figure: it has a caption, or says where it is placed."""
    return token.type == "image" and bool(token.children or "placement" in token.attrs)


def is_data(token: Token) -> bool:
    """Tell whether an image is a table of data: its file's name says so."""
    return token.type == "image" and str(token.attrs.get("src", "")).lower().endswith((".csv", ".tsv"))


def is_verse(tokens: Sequence[Token]) -> bool:
    """Tell whether a paragraph is verse: three lines or more ended by hard breaks, or two and a speaker."""
    hard = sum(token.type == "hardbreak" for token in tokens)
    if not hard or hard <= sum(token.type == "softbreak" for token in tokens):
        return False
    return hard > 1 or has_speaker(tokens)


def has_speaker(tokens: Sequence[Token]) -> bool:
    """Tell whether the first line is in bold and nothing else: `**Polonius**` and a hard break."""
    kinds = [token.type for token in tokens if token.type != "text" or token.content.strip()]
    if kinds[:1] != ["strong_open"] or "strong_close" not in kinds:
        return False
    end = kinds.index("strong_close")
    return "hardbreak" not in kinds[:end] and kinds[end + 1 : end + 2] == ["hardbreak"]


def _is_couplet(tokens: Sequence[Token]) -> bool:
    """Tell whether a paragraph has two lines; the names of two speakers, in bold, are none."""
    breaks = [token for token in tokens if token.type.endswith("break")]
    if [token.type for token in breaks] != ["hardbreak"]:
        return False
    named = (
        next((token.type for token in tokens if token.type != "text" or token.content), "") == "strong_open"
    )
    return not (named and breaks[0].level > tokens[0].level)


def _beside_verse(tokens: Sequence[Token], index: int) -> bool:
    """Tell whether the paragraph before or after is verse, or two lines too: both are stanzas then."""
    near = (tokens[inline] for inline in (index - 2, index + 4) if 0 <= inline < len(tokens))
    lines = [token.children or () for token in near if token.type == "inline"]
    return any(is_verse(children) or _is_couplet(children) for children in lines)


def _items(tokens: Sequence[Token], index: int) -> int:
    """Return how many items a list has that begins at an index."""
    level, items = tokens[index].level, 0
    for token in tokens[index + 1 :]:
        if token.level == level:
            break
        items += token.type == "list_item_open" and token.level == level + 1
    return items


def _titled(shown: Shown, opening: Token, inline: Token, frame: Section) -> Section:
    """Return the frame with what the section's heading says."""
    names = str(opening.attrs.get("class", "")).split()
    title, seen = _finished(shown, shown.inline(inline))
    plain = plain_text(texts(inline.children or ()))
    short = escape(str(opening.attrs.get("short-title", ""))) or _short(title)
    return Section(
        anchor=anchor_name(str(opening.attrs["id"])) if "id" in opening.attrs else slug(plain),
        matter=frame.matter,
        kind=next((name for name in names if name in KINDS), frame.kind), depth=frame.depth, title=title,
        short_title=short, plain_title=plain, body="", headings=(), notes=(), images=(), letters=seen,
        source=frame.source, line=_line(opening), number="-" if "unnumbered" in names else "",
        language=str(opening.attrs.get("lang", "")), lines=frame.lines,
    )  # fmt: skip


def _notes(shown: Shown, depth: int) -> tuple[Note, ...]:
    """Write the notes that were called; a note may call others."""
    made: list[tuple[str, str]] = []
    while len(made) < len(shown.notes):
        waiting = list(shown.notes.values())[len(made) :]
        made += [_Blocks(shown, depth).written(call.tokens) for call in waiting]
    return tuple(
        Note(call.anchor, tuple(call.calls), str(call.number), body, call.line, seen)
        for call, (body, seen) in zip(shown.notes.values(), made, strict=True)
    )


def _finished(shown: Shown, written: str) -> tuple[str, str]:
    """Return a fragment, cleaned if it holds raw HTML, and its letters."""
    fragment, text = written, "".join(shown.text)
    if shown.file.has_controls:
        fragment, text = CONTROLS.sub("", fragment), CONTROLS.sub("", text)
    seen = letters(text)
    shown.words += count_words(text)
    if not shown.raw:
        return fragment, seen
    fragment, depth = raw.clean(fragment)
    if depth > dialect.DEEPEST:
        fact = f"raw XHTML is nested more than {dialect.DEEPEST} levels deep"
        shown.file.tell("too-deep", (shown.begins[0] + 1, 0), fact, "write it flatter")
        return "", ""
    return fragment, _as_shown(fragment, seen)


def _as_shown(fragment: str, expected: str) -> str:
    """Return the letters in the order in which a cleaned fragment shows them, if they are the same.

    Broken raw HTML is mended as browsers do it, which moves text (out of a table, for one). Letters
    that differ stay the tokens', and completeness will tell.
    """
    try:
        # formulas are marks without text until their pass
        found = letters(words(parse_fragment(_FORMULA.sub(r"\1", fragment))))
    except XmlError:
        return expected
    return found if found != expected and sorted(found) == sorted(expected) else expected


def _short(title: str) -> str:
    """Return a heading for contents: inline XHTML without notes, links and anchors."""
    if "<a " not in title and " id=" not in title:
        return title
    return _ID.sub(r"\1", _LINKS.sub("", _CALLS.sub("", title))).strip()


def _line(token: Token) -> int:
    """Return the line of a token, from 1; 0 if it has none."""
    return token.map[0] + 1 if token.map else 0
