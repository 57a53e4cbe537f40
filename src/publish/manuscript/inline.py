"""The inline tokens of one section into XHTML, and what they show: letters, images, notes' calls."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from markdown_it.token import Token

from publish.book import origin
from publish.manuscript import dialect, raw
from publish.manuscript.files import Folder, beside
from publish.manuscript.names import RESERVED, Anchors, anchor_name, own_classes, plain_text, quote, slug
from publish.problems import Place, Problem, Severity, nearest
from publish.xhtml import escape

_SPACES = re.compile(r"[ \t]{2,}|\t")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
_LENGTH = re.compile(r"\d+(?:\.\d+)?(?:%|px|cm|mm|in|em|ex|pt|pc|rem|vw)?")
_TAG_NAME = re.compile(r"</?([A-Za-z][A-Za-z0-9-]*)(?=[\s/>])")
#: Attributes that keep their name; others of the author become `data-…`, as Pandoc has it.
_KEPT = frozenset({"title", "role", "epub:type", "start", "value", "href"})
#: One file may include code and data of so many characters.
_MOST_INCLUDED = 5_000_000
#: The nearest name is sought for so many problems of a file: it takes a look at every name.
_HINTS = 30
#: Between what lets a line end and a note's call: it has no width.
_WORD_JOINER = "\u2060"
#: Signs after which no line ends before a figure (UAX 14: LB 13, 25, 30); the scripts without spaces.
_TIED = frozenset(".,;:)]}\"'’”»%")
_FIRST_UNTIED = "\u0e00"
#: Classes of the spans whose places editing passes may have to tell.
_PLACED = frozenset({"index", "term"})
_WHOLE = re.compile(r"<(a|span) [^>]*>[^<]*</\1>")
#: Scripts without spaces between words: a line end between two of their characters is no space.
_UNSPACED = re.compile("[\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef]")


@dataclass(slots=True)
class File:
    """What the sections of one file share."""

    #: As the author knows it.
    name: str
    lines: Sequence[str]
    #: Label → tokens of the note, and its line.
    notes: Mapping[str, tuple[Sequence[Token], int]]
    anchors: Anchors
    problems: list[Problem]
    #: The book's folder, whose files a text may include; it tells its problems among these.
    folder: Folder
    #: Where the lines come from, if from several files (see `Section.lines`).
    origins: Sequence[tuple[int, str, int]] = ()
    #: Characters that it includes.
    size: int = 0
    #: Labels of the notes that were called.
    called: set[str] = field(default_factory=set)
    #: There may be characters in it that XML has no place for.
    has_controls: bool = True
    #: It includes other files, or asks for some.
    includes: bool = False

    def included(self, path: str, place: tuple[int, int]) -> str | None:
        """Return the text of a file, its path as seen from this one; None after a problem."""
        self.includes = self.has_controls = True  # that file was not looked at
        own = self.folder.within(self.name)
        if self.size > _MOST_INCLUDED:
            return ""
        text = self.folder.text(beside(own, path), self.place(*place))
        self.size += len(text or "")
        if self.size > _MOST_INCLUDED:
            fact = f"more than {_MOST_INCLUDED} characters are included"
            self.tell("bad-include", place, fact, "include less, or divide the file")
            return ""
        return text

    def tell(self, code: str, place: tuple[int, int], fact: str, hint: str = "") -> None:
        """Add a problem at a line and column, from 1."""
        self.problems.append(Problem(code, self.place(*place), fact, hint))

    def warn(self, code: str, place: tuple[int, int], fact: str, hint: str = "") -> None:
        """Add a warning at a line and column, from 1."""
        severity: Severity = "warning"
        self.problems.append(Problem(code, self.place(*place), fact, hint, severity))

    def place(self, line: int, column: int = 0) -> Place:
        """Return the place of a line and column, from 1."""
        return Place(*origin(self.name, self.origins, line), column)

    def anchor(self, text: str, otherwise: str) -> str:
        """Return an anchor made of a text, and not in use in this file."""
        return self.anchors.give(slug(text) or otherwise)


@dataclass(slots=True)
class Call:
    """A note that a section calls."""

    #: By the order of the first calls, from 1.
    number: int
    anchor: str
    tokens: Sequence[Token]
    line: int
    #: Anchors of the calls.
    calls: list[str]


@dataclass(slots=True)
class Shown:
    """What a section shows, gathered while its tokens are written."""

    file: File
    #: Begins the anchors of the section's notes.
    prefix: str
    #: The tokens' texts, in the order of the output.
    text: list[str] = field(default_factory=list)
    #: Label (or number, of a note written in its call) → note, in the order of the first calls.
    notes: dict[str, Call] = field(default_factory=dict)
    #: How many words that was.
    words: int = 0
    #: There is raw HTML in it.
    raw: bool = False
    #: Line (from 0) and content of the inline text being written.
    begins: tuple[int, str] = (0, "")

    def place(self, at: int) -> tuple[int, int]:
        """Return line and column of an offset in the inline text being written."""
        return dialect.position(self.file.lines, *self.begins, at)

    def inline(self, token: Token, *, verse: bool = False) -> str:
        """Write an inline token; in verse, the lines are parted by line ends and each nests well."""
        self.begins = (token.map[0] if token.map else self.begins[0], token.content)
        self.text.append("\n")
        return self.children(token.children or (), verse=verse)

    def children(self, tokens: Sequence[Token], *, verse: bool = False) -> str:
        """Write the children of an inline token."""
        if len(tokens) == 1 and tokens[0].type == "text":  # most paragraphs of most books
            content = _collapsed(tokens[0].content)
            self.text.append(content)
            return escape(content).rstrip(" \n")
        line = _Line(self, tokens, verse=verse)
        for token in tokens:
            line.add(token)
        return line.finish()

    def image(self, token: Token) -> str:
        """Write an image; its address is as the author wrote it, its place is noted."""
        attrs = dict(token.attrs)
        source, alt = str(attrs.pop("src")), str(attrs.pop("alt", ""))
        alt = alt or plain_text(texts(token.children or ()))
        line, column = self.place(token.meta.get("at", 0))
        if not alt and not token.meta.get("alt"):
            self.no_text(source, (line, column))
        sizes = ((key, str(attrs.pop(key))) for key in ("width", "height") if key in attrs)
        sizes = ((key, size.removesuffix("ch") if size.endswith("inch") else size) for key, size in sizes)
        style = "".join(
            f"{key}: {size}{'px' * size.isdecimal()};" for key, size in sizes if _LENGTH.fullmatch(size)
        )
        styled = f' style="{style}"' if style else ""
        rest = attributes(attrs)
        return f'<img data-at="{line}:{column}" src="{quote(source)}" alt="{quote(alt)}"{rest}{styled}/>'

    def no_text(self, source: str, place: tuple[int, int]) -> None:
        """Warn of an image that says nothing to who can't see it."""
        hint = 'write what it shows between the brackets, or {alt=""} after it if it is an ornament'
        self.file.warn("image-without-text", place, f"“{source}” has neither text nor caption", hint)

    def html(self, source: str, line: int, *, at: int = 0, closed: bool = True) -> str:
        """Look at raw HTML (`at`: its offset in the inline text) and return it without what is refused."""
        piece = raw.chunk(source, line, closed=closed)
        for fact, offset in piece.refused:
            hint = "write it in Markdown, or take it out"
            self.file.warn("unsafe-markup", self.place(at + offset), f"{fact} was taken out", hint)
        for address, offset in piece.images:
            self.no_text(address, self.place(at + offset))
        self.raw = True
        self.text.append(piece.text)
        return piece.html

    def formula(self, tex: str, place: tuple[int, int], *, display: bool) -> str:
        """Write the mark of a formula in LaTeX, which an editing pass turns into MathML."""
        self.text.append(tex)
        shown = ' data-display=""' if display else ""
        return f'<span class="made" data-tex="{quote(tex)}" data-place="{place[0]}:{place[1]}"{shown}></span>'

    def cite(self, token: Token) -> str:
        """Write the mark of a citation or a reference, which an editing pass fills in."""
        items = [item.as_dict() for item in token.meta["items"]]
        line, column = self.place(token.meta["at"])
        page = ' data-page=""' if "page" in str(token.attrs.get("class", "")).split() else ""
        value = quote(json.dumps(items, ensure_ascii=False))
        return f'<span class="made" data-cite="{value}" data-place="{line}:{column}"{page}></span>'

    def note_call(self, token: Token) -> str:
        """Write the call of a note that is written elsewhere in the file."""
        label, file = token.meta["label"], self.file
        if label not in file.notes:
            near = nearest(label, file.notes, "call") if len(file.problems) < _HINTS else ""
            hint = near or f"write it: “[^{label}]: …”"
            file.tell(
                "undefined-note", self.place(token.meta["at"]), f"the note “{label}” is not written", hint
            )
            return ""
        file.called.add(label)
        return self._call(f"^{label}", *file.notes[label])

    def inline_note(self, token: Token) -> str:
        """Write the call of a note that is written in its place."""
        line = self.place(token.meta["at"])[0]
        lines = [line - 1, line]
        tokens = (
            Token("paragraph_open", "p", 1, map=lines),
            Token("inline", "", 0, map=lines, children=token.children, content=token.content),
            Token("paragraph_close", "p", -1),
        )
        return self._call(str(len(self.notes)), tokens, line)

    def _call(self, key: str, tokens: Sequence[Token], line: int) -> str:
        if key not in self.notes:
            number = len(self.notes) + 1
            anchor = self.file.anchors.give(f"note-{self.prefix}-{number}")
            self.notes[key] = Call(number, anchor, tokens, line, [])
        note = self.notes[key]
        note.calls.append(self.file.anchors.give(f"call-{self.prefix}-{note.number}"))
        return (
            f'<a class="note-call" id="{note.calls[-1]}" href="#{note.anchor}"'
            f' epub:type="noteref" role="doc-noteref">{note.number}</a>'
        )


@dataclass(frozen=True, slots=True)
class _Open:
    """An element that is open: its tags, and its name if the author wrote it as raw HTML."""

    start: str
    end: str
    raw: str = ""


class _Line:
    """Writes the children of one inline token, whatever the author's raw HTML leaves open."""

    def __init__(self, shown: Shown, tokens: Sequence[Token], *, verse: bool) -> None:
        self.shown, self.tokens, self.verse = shown, tokens, verse
        self.out: list[str] = []
        self.open: list[_Open] = []
        #: Name of the refused element whose end is awaited.
        self.refused = ""
        #: A comment came last: the spaces around it are one.
        self.commented = False
        #: Notes called inside a link: links don't nest, so the calls come after it.
        self.waiting: list[str] = []
        #: Index of the token being written, and of the last raw end tag of each name, when first asked for.
        self.index = -1
        self.ends: dict[str, int] | None = None

    def add(self, token: Token) -> None:
        """Write one token."""
        self.index += 1
        if token.type == "text" and not self.refused:
            self._text(token)
        elif self.refused:
            self._skip(token)
        elif special := self._SPECIAL.get(token.type):
            special(self, token)
        elif token.nesting == 1:
            tag = "del" if token.tag == "s" else token.tag
            self._enter(_Open(f"<{tag}{attributes(token.attrs)}>", f"</{tag}>"))
        elif token.nesting == -1:
            self._leave()
        else:  # a rule of the dialect was added and nothing here writes its tokens: text would be lost
            raise NotImplementedError(token.type)

    def finish(self) -> str:
        """Return what was written, every element closed."""
        while self.open:
            self._pop()
        return "".join(self.out).rstrip(" \n")

    def _text(self, token: Token) -> None:
        content = _collapsed(token.content)
        if self.out and (self.out[-1] in {"<br/>", "\n"} or self.commented):
            content = content.lstrip(" ") if self.out[-1].endswith(("<br/>", "\n", " ")) else content
            self._join(content)
        self.commented = False
        self.shown.text.append(content)
        self.out.append(escape(content))

    def _join(self, content: str) -> None:
        """Leave out a line end between two characters of a script without spaces."""
        if self.verse or self.out[-1] != "\n":
            return
        before = self.out[-2] if len(self.out) > 1 else ""
        if _UNSPACED.match(content) and _UNSPACED.match(before[-1:]):
            self.out[-1] = ""

    def _soft_break(self, _token: Token) -> None:
        self._trim()
        if not (self.out and self.out[-1] == "<br/>"):
            self.out.append(" " if self.verse else "\n")
        self.shown.text.append("\n")

    def _hard_break(self, _token: Token) -> None:
        self._trim()
        if self.verse:
            self.out += [element.end for element in reversed(self.open)]
            self.out.append("\n")
            self.out += [re.sub(r'\sid="[^"]*"', "", element.start) for element in self.open]
        else:
            self.out.append("<br/>")
        self.shown.text.append("\n")

    def _trim(self) -> None:
        """Take the spaces before a line's end away: WeasyPrint stops with an AssertionError on some."""
        while self.out and self.out[-1].endswith(" "):
            self.out[-1] = self.out[-1].rstrip(" ")
            if not self.out[-1]:
                self.out.pop()

    def _enter(self, element: _Open) -> None:
        self.open.append(element)
        self.out.append(element.start)

    def _leave(self, _token: Token | None = None) -> None:
        # raw elements opened inside and not closed end here
        while self.open and self.open[-1].raw:
            self._pop()
        if self.open:
            self._pop()

    def _pop(self) -> _Open:
        """Close the innermost element."""
        element = self.open.pop()
        self.out.append(element.end)
        if self.waiting and not self._in_link():
            self.out += self.waiting
            self.waiting = []
        return element

    def _in_link(self) -> bool:
        return any(element.end == "</a>" for element in self.open)

    def _link(self, token: Token) -> None:
        attrs = dict(token.attrs)
        href = str(attrs.pop("href"))
        line, column = (0, 0) if _SCHEME.match(href) else self.shown.place(token.meta.get("at", 0))
        at = f' data-at="{line}:{column}"' if line else ""
        self._enter(_Open(f'<a{at} href="{quote(href)}"{attributes(attrs)}>', "</a>"))

    def _span(self, token: Token) -> None:
        """Open a span; a mark of the index or of the glossary keeps its place, in case it is wrong."""
        at = ""
        if not _PLACED.isdisjoint(str(token.attrs.get("class", "")).split()):
            line, column = self.shown.place(token.meta["at"])
            at = f' data-place="{line}:{column}"'
        self._enter(_Open(f"<{token.tag}{attributes(token.attrs)}{at}>", f"</{token.tag}>"))

    def _code(self, token: Token) -> None:
        self.shown.text.append(token.content)
        self.out.append(f"<code{attributes(token.attrs)}>{escape(token.content)}</code>")

    def _image(self, token: Token) -> None:
        self.out.append(self.shown.image(token))

    def _note(self, token: Token) -> None:
        call = self.shown.note_call(token) if token.type == "note_call" else self.shown.inline_note(token)
        self._trim()
        if call and self._may_part():
            call = f"{_WORD_JOINER}{call}"
        (self.waiting if self._in_link() else self.out).append(call)

    def _may_part(self) -> bool:
        """Tell whether a line could end after the last character: a note's call never begins a line."""
        if self.out and _WHOLE.fullmatch(self.out[-1]):
            return False  # another call, or a citation: both end in what ties
        last = next((piece[-1:] for piece in reversed(self.out) if piece and not piece.startswith("<")), "")
        return bool(last) and last not in _TIED and (last >= _FIRST_UNTIED or not last.isalnum())

    def _math(self, token: Token) -> None:
        place = self.shown.place(token.meta["at"])
        self.out.append(self.shown.formula(token.content, place, display=token.meta["display"]))

    def _example(self, token: Token) -> None:
        line, column = self.shown.place(token.meta["at"])
        address = f'href="#ex-{token.meta["label"]}" class="made example"'
        self.out.append(f'<a data-at="{line}:{column}" {address}></a>')

    def _cite(self, token: Token) -> None:
        known = token.meta.get("cites", True) or all(item.is_reference for item in token.meta["items"])
        if known:
            self.out.append(self.shown.cite(token))
        else:
            has_toml = (self.shown.file.folder.root / "book.toml").is_file()
            setting = (
                '[bibliography] files = ["references.bib"]' if has_toml else "bibliography: references.bib"
            )
            hint = f"name its file in {'book.toml' if has_toml else 'the front matter'}: {setting}"
            place = self.shown.place(token.meta["at"])
            self.shown.file.warn("unknown-citation", place, "the book has no bibliography to cite from", hint)
            self._text(token)

    def _html(self, token: Token) -> None:
        if token.content.startswith(("<!", "<?")):
            self.commented = True
            return
        name, closing = tag_name(token.content), token.content.startswith("</")
        if not raw.is_element(name) or (not closing and self._is_text(token, name)):
            self._text(token)
        elif closing:
            self._raw_end(name)
        else:
            self._raw_start(token, name)

    def _is_text(self, token: Token, name: str) -> bool:
        """Tell whether a tag is the `<B>` of `Vec<B>`: right after a word, and never closed."""
        before = self.out[-1][-1:] if self.out else ""
        if not before.isalnum() or raw.is_void(name) or " " in token.content or "/" in token.content:
            return False
        if self.ends is None:
            raw_tags = ((n, t.content.lower()) for n, t in enumerate(self.tokens) if t.type == "html_inline")
            self.ends = {tag: number for number, tag in raw_tags if tag.startswith("</")}
        return self.ends.get(f"</{name}>", -1) < self.index

    def _raw_start(self, token: Token, name: str) -> None:
        at = token.meta.get("at", 0)
        if len(self.open) >= raw.MOST_OPEN and not raw.refuses_whole(name):
            self.shown.raw = True  # what is open already is too deep, and told as that
            return
        html = self.shown.html(token.content, self.shown.place(at)[0], at=at, closed=False)
        empty = raw.is_void(name) or token.content.endswith("/>")
        if raw.refuses_whole(name):
            self.refused = "" if empty else name
        elif name == "br":
            self._trim()
            self.out.append("<br/>")
        elif empty or not html:
            self.out.append(html)
        else:
            # a line end in a tag is none of the text's: verse is divided at those
            self._enter(_Open(html.replace("\n", " "), f"</{name}>", name))

    def _raw_end(self, name: str) -> None:
        """Close a raw element and those opened inside it; an end without a beginning goes."""
        if name not in {element.raw for element in self.open}:
            return
        again: list[_Open] = []
        while self.open[-1].raw != name:
            again.append(self._pop())
        self._pop()
        for element in reversed(again):
            self._enter(element)

    def _skip(self, token: Token) -> None:
        if token.type == "html_inline" and token.content.lower().startswith(f"</{self.refused}"):
            self.refused = ""

    _SPECIAL: ClassVar[dict[str, Callable[[_Line, Token], None]]] = {
        "text_special": _text, "literal": _text, "softbreak": _soft_break, "hardbreak": _hard_break,
        "link_open": _link, "link_close": _leave, "code_inline": _code, "image": _image, "cite": _cite,
        "span_open": _span, "example": _example,
        "note_call": _note, "inline_note": _note, "html_inline": _html, "math": _math,
    }  # fmt: skip


def _collapsed(text: str) -> str:
    """Return a text with one space for several."""
    return _SPACES.sub(" ", text) if "  " in text or "\t" in text else text


def attributes(attrs: Mapping[str, str | int | float], line: int = 0) -> str:
    """Write attributes as XHTML has them, after the line of a block (from 1; 0: none)."""
    first = f' data-line="{line}"' if line else ""
    if not attrs:
        return first
    out = [first]
    for key, value in attrs.items():
        text = quote(str(value))
        if f"data-{key.lower().removeprefix('data-')}".startswith((*RESERVED, "data-line", "data-at")):
            continue
        if key == "lang":
            out.append(f' lang="{text}" xml:lang="{text}"')
        elif key == "id":
            out.append(f' id="{anchor_name(str(value))}"')
        elif key == "class":
            out.append(f' class="{own_classes(text)}"')
        elif (
            key in _KEPT
            or key.startswith(("data-", "aria-"))
            or (key == "dir" and text in {"ltr", "rtl", "auto"})
        ):
            out.append(f' {key}="{text}"')
        elif key.isascii() and not key.lower().startswith("on") and key not in {"style", "alt", "src"}:
            out.append(f' data-{key.lower().replace(":", "-")}="{text}"')
    return "".join(out)


def texts(tokens: Sequence[Token]) -> Iterator[str]:
    """Iterate over the texts below inline tokens, as an alternative text or a title has them."""
    reading = 0
    for token in tokens:
        reading += (token.type == "rt_open") - (token.type == "rt_close")
        if reading:
            continue
        if token.type in {"softbreak", "hardbreak"}:
            yield " "
        elif token.type == "image":
            yield from texts(token.children or ())
        elif token.type in {"text", "text_special", "literal", "code_inline", "math"}:
            yield token.content


def tag_name(html: str) -> str:
    """Return the name of a tag in lower case, or an empty string where it is no tag of HTML's form."""
    match = _TAG_NAME.match(html)
    return match[1].lower() if match else ""
