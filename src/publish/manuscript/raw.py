"""Raw HTML as authors write it into well-formed, safe XHTML; the one owner of nh3.

Two steps. `chunk` looks at one piece of raw HTML with its place: it tells what may not stand in a
book, turns what only looks like a tag (`Vec<T>`) into text, and returns the letters that a reader
will see. `clean` takes the finished fragment through nh3 (html5ever: proper nesting whatever was
written, an allow list of elements and attributes) and writes it as XHTML.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from publish.manuscript.names import RESERVED, anchor_name, own_classes

_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_TEXT = frozenset(
    """a abbr address article aside b bdi bdo blockquote br caption cite code col colgroup data dd del
    details dfn div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hgroup hr i img ins
    kbd li main mark nav ol p pre q rb rp rt rtc ruby s samp section small span strong sub summary
    sup table tbody td tfoot th thead time tr u ul var wbr""".split()
)  # fmt: skip
#: Elements of HTML that HTML 5 dropped, and what says the same today.
_OLD = {
    "acronym": "abbr", "big": "span", "center": "div", "dir": "ul", "font": "span", "nobr": "span",
    "strike": "s", "tt": "code", "rb": "span", "rtc": "rt", "main": "div", "nav": "div", "time": "span",
    "data": "span",
}  # fmt: skip
#: Elements that go with all that they hold.
_REFUSED_WHOLE = frozenset(
    """applet audio button canvas datalist embed fieldset form frame frameset iframe input map math meter
    noembed noframes noscript object optgroup option output portal progress script select style svg
    template textarea title video""".split()
)  # fmt: skip
#: Elements that go and leave what they hold.
_REFUSED = frozenset(
    """area base basefont bgsound blink body head html label legend link marquee meta param picture source
    track""".split()
)
_NAMES = _TEXT | _OLD.keys() | _REFUSED_WHOLE | _REFUSED
_ANYWHERE = {
    "id", "class", "lang", "xml:lang", "dir", "title", "role", "epub:type", "style",
}  # fmt: skip
#: What attributes begin with that mean something to us, or to an author, and show nothing.
_DATA = "data-"
_ATTRIBUTES = {
    "*": _ANYWHERE, "a": {"href", "name"},
    "img": {"src", "alt", "width", "height", "aria-details"},
    "ol": {"start", "type", "reversed"}, "li": {"value"}, "col": {"span"}, "colgroup": {"span"},
    "td": {"colspan", "rowspan", "headers", "align"},
    "th": {"colspan", "rowspan", "headers", "scope", "abbr", "align"},
    "details": {"open"}, "p": {"align"}, "div": {"align"},
}  # fmt: skip
_BLOCKS = frozenset(
    """address article aside blockquote dd details div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6
    header hr li ol p pre section table tr ul center""".split()
)  # fmt: skip
#: Elements that hold no blocks.
_ONLY_INLINE = frozenset(
    """a abbr b bdi bdo cite code dfn em h1 h2 h3 h4 h5 h6 i kbd mark p pre q rp rt ruby s samp small span
    strong sub summary sup u var""".split()
)  # fmt: skip
#: So many of them may be open: browsers, and nh3, open all of them again in every block that follows.
MOST_OPEN = 60
#: Elements that stand only in some others.
_PARENTS = {
    "li": {"ul", "ol"}, "dt": {"dl", "div"}, "dd": {"dl", "div"}, "figcaption": {"figure"},
    "summary": {"details"},
    "rt": {"ruby"}, "rp": {"ruby"},
}  # fmt: skip
_SCHEMES = {"http", "https", "mailto", "tel", "urn", "doi"}
_PIECE = re.compile(
    r"""<!--(?:>|->|.*?(?:-->|\Z)) | <!\[CDATA\[.*?(?:\]\]>|\Z) | <\?.*?(?:\?>|\Z) | <![A-Za-z][^>]*(?:>|\Z)
      | <(?P<close>/?)(?P<name>[A-Za-z][A-Za-z0-9-]*)(?P<rest>(?>[^<>"']|"[^"]*"|'[^']*'){0,4000})>""",
    re.VERBOSE | re.DOTALL,
)
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+))?""")
_PIECE_COMMENT = re.compile(r"<!--(?:>|->|.*?(?:-->|\Z))", re.DOTALL)
_CLEAN_TAG = re.compile(r'<(/?)([a-z][a-z0-9]*)((?:\s+[^\s=>/]+="[^"]*")*)\s*/?>')
_CLEAN_ATTRIBUTE = re.compile(r'\s+([^\s=>/]+)="([^"]*)"')
_EMPTY = re.compile(r'<p(?: data-line="\d+")?>\s*</p>\n?')
_NAMED = re.compile(r"&(?!amp;|lt;|gt;|quot;)([A-Za-z][A-Za-z0-9]*);")
#: What reaches outside, runs, or hides text.
_BAD_STYLE = re.compile(
    r"url\s*\(|expression|@import|\\|position\s*:|behavior|binding|display\s*:\s*none|visibility"
    r"|font-size\s*:\s*0|clip|--[\w-]+\s*:",
    re.IGNORECASE,
)
_BAD_ADDRESS = re.compile(r"\s*(?:javascript|vbscript|data|file)\s*:", re.IGNORECASE)
_UNSEEN_IN_ADDRESS = re.compile(r"[\x00-\x20]")
_MEASURE = re.compile(r"\d+(?:\.\d+)?%")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Chunk:
    """One piece of raw HTML, looked at."""

    #: HTML to put in the fragment: only known tags, attributes as written.
    html: str
    #: What a reader sees of it.
    text: str
    #: What was taken out, with the offset in the piece: (fact, offset).
    refused: tuple[tuple[str, int], ...] = ()
    #: Images without alternative text, with the offset in the piece: (address, offset).
    images: tuple[tuple[str, int], ...] = ()


def chunk(source: str, line: int, *, closed: bool = True) -> Chunk:
    """Look at one piece of raw HTML that begins on a line (from 1); blocks, links and images get theirs.

    `closed`: the piece is whole, so that the inline elements which are open at its end are closed.
    """
    look = _Look(source, line)
    end = 0
    for match in _PIECE.finditer(source):
        look.between(source[end : match.start()])
        look.piece(match)
        end = match.end()
    look.between(source[end:])
    if closed:
        look.close()
    return Chunk("".join(look.out), "".join(look.text), tuple(look.refused), tuple(look.images))


class _Look:
    """Goes through a piece of raw HTML, tag by tag."""

    def __init__(self, source: str, line: int) -> None:
        self.source = source
        #: The line of an offset.
        self.line, self.counted = line, 0
        self.out: list[str] = []
        self.text: list[str] = []
        self.refused: list[tuple[str, int]] = []
        self.images: list[tuple[str, int]] = []
        #: Name of the refused element whose end is awaited.
        self.inside = ""
        #: Open inline elements by their number, and the numbers of each name's: none goes beyond its piece.
        self.open: dict[int, str] = {}
        self.numbers: dict[str, list[int]] = {}

    def between(self, text: str) -> None:
        """Take the text between two tags."""
        if not self.inside:
            self.out.append(text.replace("<", "&lt;"))
            self.text.append(html.unescape(text))

    def piece(self, match: re.Match[str]) -> None:
        """Take a tag, a comment, or what else begins with `<`."""
        name = (match["name"] or "").lower()
        if self.inside:
            self.inside = "" if name == self.inside and match["close"] else self.inside
        elif name in _REFUSED_WHOLE or name in _REFUSED:
            self._refuse(match, name)
        elif name in _NAMES:
            self._tag(match, name)
        elif name:
            self.out.append(html.escape(match[0], quote=False))
            self.text.append(match[0])

    def _end(self, name: str) -> None:
        """Write an end tag, but of an inline element only if it began in this piece."""
        if self.numbers.get(name):
            del self.open[self.numbers[name].pop()]
        elif name in _ONLY_INLINE:
            return
        self.out.append(f"</{name}>")

    def close(self) -> None:
        """Close the inline elements that are open."""
        self.out += [f"</{name}>" for name in reversed(self.open.values())]

    def _refuse(self, match: re.Match[str], name: str) -> None:
        if match["close"]:
            return
        self.refused.append((f"the element “{name}”", match.start()))
        if name in _REFUSED_WHOLE and name not in _VOID and not match["rest"].endswith("/"):
            self.inside = name

    def _line_of(self, offset: int) -> int:
        """Return the line of an offset that isn't before the last one asked for."""
        before, self.counted = self.counted, offset
        self.line += self.source.count("\n", before, offset)
        return self.line

    def _tag(self, match: re.Match[str], name: str) -> None:
        """Write a tag again: XML's empty elements opened and closed, with its line."""
        if match["close"]:
            self._end(name)
            return
        self.refused += ((fact, match.start()) for fact in _bad_attributes(match["rest"]))
        if name in _ONLY_INLINE and len(self.open) >= MOST_OPEN:
            return
        rest = match["rest"].rstrip()
        line = self._line_of(match.start())
        at = (
            f' data-at="{line}:0"'
            if name in {"a", "img"}
            else f' data-line="{line}"'
            if name in _BLOCKS
            else ""
        )
        self.out.append(f"<{name}{at}{_attributes(rest.removesuffix('/'))}>")
        if rest.endswith("/") and name not in _VOID:
            self.out.append(f"</{name}>")
        elif name in _ONLY_INLINE:
            number = len(self.out)
            self.open[number] = name
            self.numbers.setdefault(name, []).append(number)
        if name == "img":
            values = dict(pairs(rest))
            self.images += [(values.get("src", ""), match.start())] if "alt" not in values else []


def is_element(name: str) -> bool:
    """Tell whether HTML knows an element of that name."""
    return name.lower() in _NAMES


def is_void(name: str) -> bool:
    """Tell whether an element of that name never holds anything."""
    return name.lower() in _VOID


def never_closed(source: str) -> bool:
    """Tell whether a piece of raw HTML is a comment without an end."""
    return source.lstrip().startswith("<!--") and "-->" not in source


def only_comments(source: str) -> bool:
    """Tell whether a piece of raw HTML is made of comments and white space."""
    return source.lstrip().startswith("<!--") and not _PIECE_COMMENT.sub("", source).strip()


def identifiers(source: str) -> Iterator[str]:
    """Iterate over the values of `id` (and of an anchor's `name`) in a piece of raw HTML."""
    for match in _PIECE.finditer(source):
        for key, value in pairs(match["rest"] or ""):
            if key == "id" or (key == "name" and match["name"] in {"a", "A"}):
                yield anchor_name(value)


def clean(fragment: str) -> tuple[str, int]:
    """Turn a fragment that holds raw HTML into safe, well-formed XHTML, and tell how deep it nests."""
    import nh3  # noqa: PLC0415 - only a text with raw HTML loads it

    safe = nh3.clean(
        fragment, tags=set(_TEXT | _OLD.keys()), clean_content_tags=set(_REFUSED_WHOLE - _OLD.keys()),
        attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=None, strip_comments=True,
        generic_attribute_prefixes={_DATA},
    )  # fmt: skip
    written = _Xhtml()
    xhtml = _CONTROL.sub("", _NAMED.sub(_numeric, _CLEAN_TAG.sub(written.tag, safe)))
    return _EMPTY.sub("", xhtml), written.deepest


def pairs(rest: str) -> Iterator[tuple[str, str]]:
    """Iterate over the attributes of a tag, names in lower case, values unescaped."""
    for match in _ATTRIBUTE.finditer(rest):
        yield match[1].lower(), html.unescape((match[2] or "").strip("\"'"))


def _bad_attributes(rest: str) -> Iterator[str]:
    for key, value in pairs(rest):
        if key.startswith("on"):
            yield f"the event handler “{key}”"
        elif key in {"href", "src", "cite", "action"} and _BAD_ADDRESS.match(
            _UNSEEN_IN_ADDRESS.sub("", value)
        ):
            yield f"the address “{value[:40]}”"
        elif key == "style" and _BAD_STYLE.search(value):
            yield f"the style “{value[:40]}”"


def _attributes(rest: str) -> str:
    """Write a tag's attributes as nh3 reads them; classes that are the publisher's own are renamed."""
    found = (
        (key, own_classes(value) if key == "class" else value)
        for key, value in pairs(rest)
        if not key.startswith(RESERVED)
    )
    return "".join(f' {key}="{html.escape(value)}"' for key, value in found)


class _Xhtml:
    """Writes the tags of clean HTML as XHTML has them, each where HTML 5 lets it stand."""

    def __init__(self) -> None:
        #: Names of the open elements, as written.
        self.open: list[str] = []
        self.deepest = 0

    def tag(self, match: re.Match[str]) -> str:
        """Return a start or end tag in XHTML."""
        if match[1]:
            return f"</{self.open.pop()}>" if self.open else ""
        name = self._name(_OLD.get(match[2], match[2]))
        if name not in _VOID:
            self.open.append(name)
            self.deepest = max(self.deepest, len(self.open))
        values: dict[str, str] = {}
        for key, value in _CLEAN_ATTRIBUTE.findall(match[3]):
            if name in {"a", "img"} or key not in {"href", "data-at"}:
                _add(values, key, value)
        written = (f' {key}="{_no_brackets(value)}"' for key, value in values.items())
        return f"<{name}{''.join(written)}{'/' if name in _VOID else ''}>"

    def _name(self, name: str) -> str:
        """Return the element that may stand here: EPUBCheck knows the content models of HTML 5."""
        parent = self.open[-1] if self.open else ""
        inside = not _ONLY_INLINE.isdisjoint(self.open)
        if (name == "a" and "a" in self.open) or (name in _BLOCKS and inside):
            return "br" if name == "hr" else "span"
        if name in _PARENTS and parent not in _PARENTS[name]:
            return "span" if inside or name in {"rt", "rp"} else "div"
        return "li" if parent in {"ul", "ol"} and name not in _VOID else name


def _no_brackets(value: str) -> str:
    return value.replace("<", "&lt;").replace(">", "&gt;")


def _add(values: dict[str, str], key: str, value: str) -> None:
    """Add an attribute in the form that HTML 5 has for it; `value` is escaped."""
    if key == "align" and value in {"left", "right", "center"}:
        values["class"] = f"{values.get('class', '')} {value}".strip()
    elif key == "class":
        values["class"] = f"{value} {values.get('class', '')}".strip()
    elif key in {"id", "name"}:
        values["id"] = values.get("id", anchor_name(html.unescape(value)))
    elif key in {"xml:lang", "lang"}:
        values |= {"lang": value, "xml:lang": value}
    elif key in {"style", "width", "height"}:
        _add_style(values, key, value)
    elif key not in {"align", "dir"} or value in {"ltr", "rtl", "auto"}:
        values[key] = value


def _add_style(values: dict[str, str], key: str, value: str) -> None:
    """Add a style that shows what it holds, or a size: in HTML 5 only pixels are attributes."""
    if key != "style" and value.isdigit():
        values[key] = value
    elif key != "style" and _MEASURE.fullmatch(value):
        values["style"] = f"{values.get('style', '')}{key}: {value};"
    elif key == "style" and not _BAD_STYLE.search(html.unescape(value)):
        values["style"] = f"{values.get('style', '')}{value.strip().rstrip(';')};"


def _numeric(match: re.Match[str]) -> str:
    return "".join(f"&#{ord(character)};" for character in html.unescape(match[0]))


def refuses_whole(name: str) -> bool:
    """Tell whether an element goes with all that it holds."""
    return name.lower() in _REFUSED_WHOLE
