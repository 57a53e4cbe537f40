"""Markdown tokens into the XHTML fragments, notes and letters of one section.

The letters come from the tokens' own text while the fragment is written from the same tokens, so the
two can be held against each other afterwards (`Section.letters`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from markdown_it.token import Token

from publish.book import Heading, Note, Section
from publish.manuscript import dialect, raw
from publish.manuscript.language import KINDS
from publish.problems import Place, Problem, Severity, nearest
from publish.xhtml import XmlError, letters, parse_fragment, words

#: Text of one section may be so long, in characters.
LONGEST_SECTION = 5_000_000

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_ATTRIBUTE_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SPACES = re.compile(r"[ \t]{2,}|\t")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
_LENGTH = re.compile(r"\d+(?:\.\d+)?(?:%|px|cm|mm|in|em|ex|pt|pc|rem|vw)?")
_LANGUAGE = re.compile(r"[\w.#+-]+")
_ALIGN = {"text-align:left": "left", "text-align:right": "right", "text-align:center": "center"}
_TAGS = {"em": "em", "strong": "strong", "s": "del", "sub": "sub", "sup": "sup"}
#: Attributes that keep their name; others of the author become `data-…`, as Pandoc has it.
_KEPT = frozenset({"id", "class", "dir", "title", "role", "epub:type", "start", "value", "cite", "href", "translate"})
#: Scripts without spaces between words: a line end between two of their characters is no space.
_UNSPACED = re.compile("[\u2e80-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef]")


@dataclass(slots=True)
class File:
    """What the sections of one file share."""

    #: As the author knows it.
    name: str
    lines: Sequence[str]
    #: Label → tokens of the note, and its line.
    notes: Mapping[str, tuple[Sequence[Token], int]]
    #: Anchors in use, so that each is given once.
    anchors: set[str]
    called: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, code: str, place: tuple[int, int], fact: str, hint: str = "", severity: Severity = "error") -> None:
        """Add a problem at a line and column, from 1."""
        self.problems.append(Problem(code, Place(self.name, *place), fact, hint, severity))

    def new_anchor(self, text: str, otherwise: str) -> str:
        """Return an anchor made of a text, not in use in this file."""
        return unique(slug(text) or otherwise, self.anchors)


@dataclass(slots=True)
class _Call:
    """A note that a section calls, in the order of the first calls."""

    anchor: str
    tokens: Sequence[Token]
    line: int
    calls: list[str]


def slug(text: str) -> str:
    """Return the ASCII anchor that a text makes: Pandoc's automatic identifier, without its accents."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words_of = re.sub(r"[^a-z0-9_.\s-]", "", re.sub(r"['’/]", " ", plain))
    return re.sub(r"^[^a-z]+", "", re.sub(r"[\s-]+", "-", words_of)).strip("-.")


def unique(anchor: str, taken: set[str]) -> str:
    """Return the anchor, or the anchor with the first free number, and take it."""
    found, number = anchor, 1
    while found in taken:
        number += 1
        found = f"{anchor}-{number}"
    taken.add(found)
    return found


def escape(text: str) -> str:
    """Return a text as XHTML character data."""
    return text.translate(_ESCAPES)


class Writer:
    """Writes block tokens as XHTML: a section's body, or a note's."""

    def __init__(self, file: File, depth: int, prefix: str) -> None:
        """Begin a section at a depth; `prefix` begins the anchors of its notes."""
        self.file, self.depth, self.prefix = file, depth, prefix
        self.out: list[str] = []
        self.text: list[str] = []
        self.headings: list[Heading] = []
        self.images: list[str] = []
        self.notes: dict[str, _Call] = {}
        self.raw = False
        self._levels: list[int] = []
        self._inline: tuple[int, str] = (0, "")
        self._divs = self._links = 0
        self._waiting: list[str] = []

    # -- whole fragments -----------------------------------------------------------------------

    def fragment(self) -> str:
        """Return what was written since the last fragment, cleaned if it holds raw HTML."""
        body = _CONTROL.sub("", "".join(self.out))
        self.out = []
        if not self.raw:
            return body
        body = raw.clean(body)
        if raw.depth(body) > dialect.DEEPEST:
            self.file.problem("too-deep", (self._inline[0] + 1, 0), "raw XHTML is nested more than 40 levels deep")
            return ""
        return body

    def seen(self, fragment: str) -> str:
        """Return the letters written since the last time, for a fragment; see `Section.letters`."""
        found, self.text = letters(_CONTROL.sub("", "".join(self.text))), []
        return _as_shown(fragment, found) if self.raw else found

    def finish_notes(self) -> tuple[Note, ...]:
        """Write the notes that were called; a note may call others."""
        made: list[Note] = []
        while len(made) < len(self.notes):
            call = list(self.notes.values())[len(made)]
            self.out, self.text = [], []
            self.blocks(call.tokens)
            body = self.fragment().strip()
            made.append(Note(call.anchor, (), str(len(made) + 1), body, call.line, self.seen(body)))
        calls = [tuple(call.calls) for call in self.notes.values()]
        return tuple(
            Note(note.anchor, called, note.label, note.body, note.line, note.letters)
            for note, called in zip(made, calls, strict=True)
        )

    # -- blocks --------------------------------------------------------------------------------

    def blocks(self, tokens: Sequence[Token]) -> None:
        """Write block tokens."""
        index, end = 0, len(tokens)
        while index < end:
            token = tokens[index]
            special = _BLOCKS.get(token.type)
            if special:
                index = special(self, tokens, index)
            else:
                self._plain_block(token)
                index += 1

    def _plain_block(self, token: Token) -> None:
        if token.nesting == 1:
            self.out.append(f"<{token.tag}{self._attributes(token, block=True)}>")
            if token.tag in {"ul", "ol", "blockquote", "dl", "table", "thead", "tbody", "tr"}:
                self.out.append("\n")
        elif token.nesting == -1:
            self.out.append(f"</{token.tag}>\n")
        elif token.type == "inline":
            self.out.append(self.inline(token))

    def _paragraph(self, tokens: Sequence[Token], index: int) -> int:
        opening, inline = tokens[index], tokens[index + 1]
        children = inline.children or []
        if opening.hidden:
            self.out.append(self.inline(inline))
        elif len(children) == 1 and children[0].type == "image" and children[0].children:
            self._figure(inline, children[0])
        elif is_verse(children) or (_is_couplet(children) and _beside_verse(tokens, index)):
            self._verse(opening, inline)
        else:
            body = self.inline(inline)
            if body.strip():
                self.out.append(f"<p{self._attributes(opening, block=True)}>{body}</p>\n")
        return index + 3

    def _verse(self, opening: Token, inline: Token) -> None:
        """Write a paragraph whose lines the author broke; a first line all in bold names a speaker."""
        lines = self.inline(inline, verse=True).split("\n")
        speaker = _has_speaker(inline.children or [])
        written = [
            f'<span class="{"speaker line" if speaker and not number else "line"}">{line}</span>'
            for number, line in enumerate(lines)
        ]
        opening.attrs["class"] = f"verse {opening.attrs.get('class', '')}".strip()
        self.out.append(f"<p{self._attributes(opening, block=True)}>" + "<br/>\n".join(written) + "</p>\n")

    def _figure(self, inline: Token, image: Token) -> None:
        line = (inline.map or [0])[0]
        anchor = image.attrs.pop("id", None)
        kept = {key: image.attrs.pop(key) for key in ("class", "lang") if key in image.attrs}
        figure = Token("figure", "figure", 1, attrs={**({"id": anchor} if anchor else {}), **kept}, map=[line, line])
        self._inline = (line, inline.content)
        picture = self._image(image)
        caption = self._children(image.children or [])
        self.out.append(
            f"<figure{self._attributes(figure, block=True)}>{picture}<figcaption>{caption}</figcaption></figure>\n"
        )

    def _heading(self, tokens: Sequence[Token], index: int) -> int:
        opening, inline = tokens[index], tokens[index + 1]
        level = self._level(int(opening.tag[1]))
        start = len(self.text)
        body = self.inline(inline)
        plain = plain_text(self.text[start:])
        anchor = str(opening.attrs.pop("id", "")) or self.file.new_anchor(plain, "heading")
        line = (opening.map or [0])[0] + 1
        listed = "unlisted" not in str(opening.attrs.get("class", "")).split()
        if opening.level == self._divs and listed and plain:
            self.headings.append(Heading(level, anchor, self.short(inline, body), line))
        attributes = self._attributes(opening, block=True)
        self.out.append(f'<h{level} id="{anchor}"{attributes}>{body}</h{level}>\n')
        return index + 3

    def _level(self, level: int) -> int:
        """Return the depth in the book of a heading: one below the last shallower one, at most 6."""
        while self._levels and self._levels[-1] >= level:
            self._levels.pop()
        self._levels.append(level)
        return min(self.depth + len(self._levels), 6)

    def _code(self, tokens: Sequence[Token], index: int) -> int:
        token = tokens[index]
        language, attrs = code_language(token.info)
        content = token.content.removesuffix("\n")
        self.text.append(content)
        holder = Token("pre", "pre", 1, attrs={**attrs, "class": f"code {attrs.get('class', '')}".strip()}, map=token.map)
        mark = f' data-language="{language}"' if language else ""
        self.out.append(f"<pre{self._attributes(holder, block=True)}{mark}><code>{escape(content)}</code></pre>\n")
        return index + 1

    def _rule(self, tokens: Sequence[Token], index: int) -> int:
        self.out.append(f'<hr class="scene-break" data-line="{(tokens[index].map or [0])[0] + 1}"/>\n')
        return index + 1

    def _table(self, tokens: Sequence[Token], index: int) -> int:
        token = tokens[index]
        self.out.append(f"<table{self._attributes(token, block=True)}>\n")
        for caption in token.children or ():
            self.out.append(f"<caption>{self.inline(caption)}</caption>\n")
        end = next(i for i in range(index, len(tokens)) if tokens[i].type == "thead_close")
        empty = all(not tokens[i].content.strip() for i in range(index, end) if tokens[i].type == "inline")
        return end + 1 if empty else index + 1

    def _cell(self, tokens: Sequence[Token], index: int) -> int:
        token = tokens[index]
        align = _ALIGN.get(str(token.attrs.pop("style", "")))
        scope = ' scope="col"' if token.tag == "th" else ""
        side = f' class="{align}"' if align else ""
        self.out.append(f"<{token.tag}{scope}{side}>")
        return index + 1

    def _div(self, tokens: Sequence[Token], index: int) -> int:
        token = tokens[index]
        if token.nesting == -1:
            self._divs -= 1
            self.out.append("</div>\n")
            return index + 1
        self._divs += 1
        if not token.meta["closed"]:
            line = (token.map or [0])[0] + 1
            hint = "add a line “:::” where it ends"
            self.file.problem("unclosed-div", (line, 1), "the div that begins here is never closed", hint)
        self.out.append(f"<div{self._attributes(token, block=True)}>\n")
        return index + 1

    def _raw_block(self, tokens: Sequence[Token], index: int) -> int:
        token = tokens[index]
        if raw.only_comments(token.content):
            return index + 1
        self._inline = ((token.map or [0])[0], token.content)
        piece = raw.chunk(token.content, f"{self._inline[0] + 1}:0")
        self._refused(piece, 0)
        self.raw = True
        self.text.append(piece.text)
        html = self._html_images(piece.html)
        self.out.append(html + "\n" if html.lstrip().startswith("<") else f"<p>{html.strip()}</p>\n")
        return index + 1

    # -- inline --------------------------------------------------------------------------------

    def inline(self, token: Token, *, verse: bool = False) -> str:
        """Write an inline token; in verse, lines are parted by line ends and every one nests well."""
        if token.map:
            self._inline = (token.map[0], token.content)
        else:
            self._inline = (self._inline[0], token.content)
        return self._children(token.children or [], verse=verse)

    def _children(self, children: Sequence[Token], *, verse: bool = False) -> str:
        line = _Line(self, verse)
        for child in children:
            line.add(child)
        return line.finish()

    def short(self, inline: Token, body: str) -> str:
        """Return a heading's words for contents: inline XHTML without notes, links and anchors."""
        if "<a " not in body and " id=" not in body:
            return body
        out = re.sub(r'<a class="note-call".*?</a>', "", body)
        return re.sub(r'(<[^<>]*?)\s+id="[^"]*"', r"\1", re.sub(r"</?a\b[^<>]*>", "", out)).strip()

    def place(self, at: int) -> tuple[int, int]:
        """Return line and column of an offset in the inline text being written."""
        return dialect.position(self.file.lines, *self._inline, at)

    def _at(self, token: Token) -> str:
        line, column = self.place(token.meta.get("at", 0))
        return f"{line}:{column}"

    def _image(self, token: Token) -> str:
        source = str(token.attrs["src"])
        attrs = dict(token.attrs)
        alt = str(attrs.pop("alt", "")) or plain_text(_texts(token.children or []))
        line, column = self.place(token.meta.get("at", 0))
        if not alt and not token.meta.get("alt"):
            self._no_text(source, (line, column))
        self.images.append(source)
        style = "".join(f"{key}: {attrs[key]};" for key in ("width", "height") if _LENGTH.fullmatch(str(attrs.get(key, ""))))
        holder = Token("img", "img", 0, attrs={k: v for k, v in attrs.items() if k not in {"src", "width", "height", "style"}})
        styled = f' style="{style}"' if style else ""
        return (
            f'<img data-at="{line}:{column}" src="{source.translate(_ATTRIBUTE_ESCAPES)}"'
            f' alt="{alt.translate(_ATTRIBUTE_ESCAPES)}"{self._attributes(holder)}{styled}/>'
        )

    def _no_text(self, source: str, place: tuple[int, int]) -> None:
        hint = "write what it shows between the brackets, or {alt=\"\"} after it if it is an ornament"
        self.file.problem("image-without-text", place, f"“{source}” has neither text nor caption", hint, "warning")

    def _html_images(self, html: str) -> str:
        """Note the images of raw HTML and tell of those without a text."""
        for match in re.finditer(r"<img\b([^>]*)>", html, re.IGNORECASE):
            values = dict(raw.pairs(match[1]))
            self.images.append(values.get("src", ""))
            if "alt" not in values:
                self._no_text(values.get("src", ""), (self._inline[0] + 1, 0))
        return html

    def _note_call(self, token: Token) -> str:
        label = token.meta["label"]
        if label not in self.file.notes:
            hint = nearest(label, self.file.notes) or f"write it: “[^{label}]: …”"
            self.file.problem("undefined-note", self.place(token.meta["at"]), f"the note “{label}” is not written", hint)
            return ""
        self.file.called.add(label)
        tokens, line = self.file.notes[label]
        return self._call(":" + label, tokens, line)

    def _inline_note(self, token: Token) -> str:
        line = self.place(token.meta["at"])[0]
        inline = Token("inline", "", 0, map=[line - 1, line], children=token.children, content=token.content)
        paragraph = Token("paragraph_open", "p", 1, map=[line - 1, line])
        tokens = (paragraph, inline, Token("paragraph_close", "p", -1))
        return self._call(f"{len(self.notes)}", tokens, line)

    def _call(self, key: str, tokens: Sequence[Token], line: int) -> str:
        number = list(self.notes).index(key) + 1 if key in self.notes else len(self.notes) + 1
        note = self.notes.setdefault(key, _Call(f"note-{self.prefix}-{number}", tokens, line, []))
        again = f"-{len(note.calls) + 1}" if note.calls else ""
        note.calls.append(f"call-{self.prefix}-{number}{again}")
        return (
            f'<a class="note-call" id="{note.calls[-1]}" href="#{note.anchor}"'
            f' epub:type="noteref" role="doc-noteref">{number}</a>'
        )

    def _refused(self, piece: raw.Chunk, at: int) -> None:
        for fact, offset in piece.refused:
            self.file.problem(
                "unsafe-markup", self.place(at + offset), f"{fact} was taken out",
                "write it in Markdown, or take it out", "warning",
            )  # fmt: skip

    def _attributes(self, token: Token, *, block: bool = False) -> str:
        """Write a token's attributes, and the line of a block."""
        out = [f' data-line="{token.map[0] + 1}"'] if block and token.map else []
        for key, value in token.attrs.items():
            text = str(value).translate(_ATTRIBUTE_ESCAPES)
            if key == "lang":
                out.append(f' lang="{text}" xml:lang="{text}"')
            elif key in _KEPT or key.startswith(("data-", "aria-")):
                out.append(f' {key}="{text}"')
            elif key.isascii() and not key.startswith("on") and key not in {"style", "alt", "caption"}:
                out.append(f' data-{key.lower().replace(":", "-")}="{text}"')
        return "".join(out)


class _Line:
    """Writes the children of one inline token, whatever the author's raw HTML leaves open."""

    def __init__(self, writer: Writer, verse: bool) -> None:
        self.writer, self.verse = writer, verse
        self.out: list[str] = []
        #: Open elements: (start tag, end tag, name if it is raw HTML).
        self.open: list[tuple[str, str, str]] = []
        self.refused = ""
        self.links = 0
        self.waiting: list[str] = []

    def add(self, token: Token) -> None:
        kind = token.type
        if self.refused:
            self._skip(token)
        elif kind in {"text", "text_special"}:
            self._text(token)
        elif kind in {"softbreak", "hardbreak"}:
            self._break(hard=kind == "hardbreak")
        elif kind == "html_inline":
            self._html(token)
        elif kind == "link_open":
            self._open(self._link(token), "</a>")
            self.links += 1
        elif token.nesting == 1:
            tag = _TAGS.get(token.tag, token.tag)
            self._open(f"<{tag}{self.writer._attributes(token)}>", f"</{tag}>")
        elif token.nesting == -1:
            self._close(token)
        else:
            self._leaf(token)

    def finish(self) -> str:
        while self.open:
            self.out.append(self.open.pop()[1])
        return "".join(self.out).rstrip(" \n")

    def _text(self, token: Token) -> None:
        content = token.content
        if token.markup == "\\ ":
            content = "\u00a0"
        if "  " in content or "\t" in content:
            content = _SPACES.sub(" ", content)
        if self.out and self.out[-1] in {"<br/>", "\n"}:
            content = content.lstrip(" ")
        self.writer.text.append(content)
        self.out.append(content.translate(_ESCAPES))

    def _break(self, *, hard: bool) -> None:
        # WeasyPrint stops with an AssertionError on white space around some line breaks
        while self.out and self.out[-1] and self.out[-1] != self.out[-1].rstrip(" "):
            self.out[-1] = self.out[-1].rstrip(" ")
        if not hard:
            if self.out and self.out[-1] == "<br/>":
                return
            self.out.append("\n" if not self.verse else " ")
        elif self.verse:
            self.out.extend(end for _, end, _ in reversed(self.open))
            self.out.append("\n")
            self.out.extend(re.sub(r'\sid="[^"]*"', "", start) for start, _, _ in self.open)
        else:
            self.out.append("<br/>")
        self.writer.text.append("\n")

    def _open(self, start: str, end: str, raw_name: str = "") -> None:
        self.open.append((start, end, raw_name))
        self.out.append(start)

    def _close(self, token: Token) -> None:
        # raw elements opened inside and not closed end here
        while self.open and self.open[-1][2]:
            self.out.append(self.open.pop()[1])
        if self.open:
            self.out.append(self.open.pop()[1])
        if token.type == "link_close":
            self.links -= 1
            self.out += self.waiting
            self.waiting = []

    def _leaf(self, token: Token) -> None:
        writer = self.writer
        if token.type == "code_inline":
            writer.text.append(token.content)
            self.out.append(f"<code{writer._attributes(token)}>{escape(token.content)}</code>")
        elif token.type == "image":
            self.out.append(writer._image(token))
        elif token.type == "note_call":
            self._note(writer._note_call(token))
        elif token.type == "inline_note":
            self._note(writer._inline_note(token))

    def _note(self, call: str) -> None:
        """Write a note's call; inside a link it waits for the link's end, links don't nest."""
        (self.waiting if self.links else self.out).append(call)

    def _link(self, token: Token) -> str:
        href = str(token.attrs.pop("href"))
        at = "" if _SCHEME.match(href) else f' data-at="{self.writer._at(token)}"'
        address = href.translate(_ATTRIBUTE_ESCAPES)
        return f'<a{at} href="{address}"{self.writer._attributes(token)}>'

    def _html(self, token: Token) -> None:
        if token.content.startswith(("<!", "<?")):
            return
        name, closing = _tag_name(token.content), token.content.startswith("</")
        if not raw.is_element(name):
            self._text(token)
        elif raw.refuses_whole(name) and not closing:
            self.writer._refused(raw.chunk(token.content), token.meta["at"])
            self.refused = "" if raw.is_void(name) or token.content.endswith("/>") else name
        else:
            self._element(token, name, closing=closing)

    def _element(self, token: Token, name: str, *, closing: bool) -> None:
        self.writer.raw = True
        if closing:
            self._close_raw(name)
            return
        piece = raw.chunk(token.content, self.writer._at(token))
        self.writer._refused(piece, token.meta["at"])
        html = self.writer._html_images(piece.html)
        if raw.is_void(name) or token.content.endswith("/>"):
            self.out.append("<br/>" if name == "br" else html)
        elif html:
            self._open(html, f"</{name}>", name)

    def _close_raw(self, name: str) -> None:
        """Close a raw element and those opened inside it; an end without a beginning goes."""
        if name not in {raw_name for _, _, raw_name in self.open}:
            return
        reopen = []
        while self.open[-1][2] != name:
            reopen.append(self.open.pop())
            self.out.append(reopen[-1][1])
        self.out.append(self.open.pop()[1])
        for start, end, raw_name in reversed(reopen):
            self._open(start, end, raw_name)

    def _skip(self, token: Token) -> None:
        if token.type == "html_inline" and token.content.lower().startswith(f"</{self.refused}"):
            self.refused = ""


def is_verse(children: Sequence[Token]) -> bool:
    """Tell whether a paragraph is verse: three lines or more, ended by hard breaks."""
    hard = sum(child.type == "hardbreak" for child in children)
    soft = sum(child.type == "softbreak" for child in children)
    return hard > soft and (hard >= 2 or (hard == 1 and _has_speaker(children)))


def _is_couplet(children: Sequence[Token]) -> bool:
    breaks = [child.type for child in children if child.type in {"hardbreak", "softbreak"}]
    return breaks == ["hardbreak"]


def _beside_verse(tokens: Sequence[Token], index: int) -> bool:
    """Tell whether the paragraph before or after is verse: a couplet among stanzas is one of them."""
    for inline in (index - 2, index + 4):
        if 0 <= inline < len(tokens) and tokens[inline].type == "inline" and is_verse(tokens[inline].children or []):
            return True
    return False


def _has_speaker(children: Sequence[Token]) -> bool:
    """Tell whether the first line is in bold and nothing else: « **Polonius**\\ »."""
    kinds = [child.type for child in children if child.type != "text" or child.content.strip()]
    if kinds[:1] != ["strong_open"] or "strong_close" not in kinds:
        return False
    end = kinds.index("strong_close")
    return "hardbreak" not in kinds[:end] and kinds[end + 1 : end + 2] == ["hardbreak"]


def code_language(info: str) -> tuple[str, dict[str, str]]:
    """Turn a fence's info string (`rust,ignore`, `{.python #x}`) into the language and attributes."""
    head, brace, _ = info.strip().partition("{")
    found = dialect.attributes(info.strip(), len(head)) if brace else None
    attrs = dict(found[0]) if found else {}
    names = attrs.pop("class", "").split()
    match = _LANGUAGE.match(head)
    language = match[0] if match else (names.pop(0) if names else "")
    if names:
        attrs["class"] = " ".join(names)
    return language, attrs


def plain_text(texts: Sequence[str]) -> str:
    """Return texts in one line, white space collapsed."""
    return " ".join("".join(texts).split())


def _texts(children: Sequence[Token]) -> list[str]:
    """Return the texts below inline tokens, for an image's alternative text."""
    out: list[str] = []
    for child in children:
        if child.type in {"softbreak", "hardbreak"}:
            out.append(" ")
        elif child.children and child.type == "image":
            out += _texts(child.children)
        elif child.type in {"text", "text_special", "code_inline"}:
            out.append(child.content)
    return out


def _tag_name(html: str) -> str:
    match = re.match(r"</?([A-Za-z][A-Za-z0-9-]*)(?=[\s/>])", html)
    return match[1].lower() if match else ""


def _as_shown(fragment: str, expected: str) -> str:
    """Return the letters as a cleaned fragment shows them, if they are the same letters.

    Broken raw HTML is mended as browsers do it, which moves text (out of a table, for one): the
    order is then the output's. Letters that differ stay the tokens', and completeness will tell.
    """
    try:
        shown = letters(words(parse_fragment(fragment)))
    except XmlError:
        return expected
    return shown if shown != expected and sorted(shown) == sorted(expected) else expected


_BLOCKS: dict[str, Callable[[Writer, Sequence[Token], int], int]] = {
    "paragraph_open": Writer._paragraph, "heading_open": Writer._heading, "fence": Writer._code,
    "code_block": Writer._code, "hr": Writer._rule, "table_open": Writer._table, "th_open": Writer._cell,
    "td_open": Writer._cell, "div_open": Writer._div, "div_close": Writer._div, "html_block": Writer._raw_block,
}  # fmt: skip


def notes_of(tokens: Sequence[Token]) -> Iterator[tuple[str, int, list[Token]]]:
    """Iterate over the notes that tokens define: label, line from 1, tokens of the note's blocks."""
    stack: list[tuple[str, int, list[Token]]] = []
    for token in tokens:
        if token.type == "footnote_reference_open":
            stack.append((token.meta["label"], (token.map or [0])[0] + 1, []))
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


def section(file: File, tokens: Sequence[Token], title: int, frame: Section) -> Section:
    """Turn block tokens into a section; `title` is the index of its heading, or -1.

    `frame` brings what the tokens don't say: matter, depth, the title if there is no heading, and
    in `anchor` the prefix of the notes' anchors (empty: the section's own anchor).
    """
    opening = tokens[title] if title >= 0 else None
    plain, anchor = frame.plain_title, ""
    writer = Writer(file, frame.depth - (0 if opening or frame.title else 1), frame.anchor)
    body_title, short, seen = frame.title, frame.short_title, letters(frame.plain_title)
    line, classes = frame.line, []
    if opening:
        line = (opening.map or [0])[0] + 1
        classes = str(opening.attrs.get("class", "")).split()
        anchor = str(opening.attrs.get("id", ""))
        plain = plain_text(_texts(tokens[title + 1].children or []))
        writer.prefix = frame.anchor or anchor or slug(plain) or "section"
        body_title = writer.inline(tokens[title + 1])
        writer.out = [body_title]
        body_title = writer.fragment()
        plain = plain_text(writer.text)
        seen = writer.seen(body_title)
        short = str(opening.attrs.get("short-title", "")).translate(_ESCAPES) or writer.short(tokens[title + 1], body_title)
        writer._levels = []
    rest = [*tokens[:title], *tokens[title + 3 :]] if opening else tokens
    writer.raw = False
    writer.blocks(rest)
    body = writer.fragment().strip()
    seen += writer.seen(body)
    images, headings = tuple(writer.images), tuple(writer.headings)
    return Section(
        anchor=anchor or slug(plain), matter=frame.matter,
        kind=next((name for name in classes if name in KINDS), frame.kind), depth=frame.depth, title=body_title,
        short_title=short, plain_title=plain, body=body, headings=headings, notes=writer.finish_notes(),
        images=images, letters=seen, source=file.name, line=line,
        number="-" if "unnumbered" in classes else "",
        language=str(opening.attrs.get("lang", "")) if opening else "",
    )  # fmt: skip
