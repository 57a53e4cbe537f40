"""The press: typesets one job in a worker process; the one owner of WeasyPrint.

Private places of WeasyPrint 70 are used, each because the public interface has no way, here, in `layouts`
`lines` and `glyphs`: docs/architecture.md has the list, with the reasons. WeasyPrint is pinned.
"""

from __future__ import annotations

import logging
import re
import xml.etree.ElementTree as ET
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, get_args
from urllib.parse import unquote

import cssselect2
import weasyprint
import weasyprint.draw.text
import weasyprint.layout
import weasyprint.layout.block
import weasyprint.layout.inline
import weasyprint.pdf
from weasyprint.css.counters import CounterStyle
from weasyprint.layout.background import layout_backgrounds
from weasyprint.layout.table import table_layout
from weasyprint.pdf.fonts import Font
from weasyprint.pdf.stream import Stream
from weasyprint.text.fonts import FontConfiguration
from weasyprint.text.line_break import create_layout, first_line_metrics, split_first_line
from weasyprint.urls import URLFetcher, URLFetcherResponse

from publish.book import Style
from publish.fonts import css as font_face_rules
from publish.pdf.floats import raise_figures
from publish.pdf.glyphs import draw_line, layout_to_draw
from publish.pdf.layouts import leave_outlines_out
from publish.pdf.lines import break_lines_together
from publish.pdf.reading import POINTS_PER_PIXEL as PIXEL
from publish.pdf.reading import PageMarks, PageReader, Particular, particular_boxes
from publish.pdf.sheets import FontUse, Particularity, Press, SheetJob, SheetSet, Spot, digest
from publish.pdf.structure import StructureTree, class_names, is_decoration
from publish.pdf.tables import CONTINUED

#: What relative addresses are relative to; nothing else is served. A scheme that urljoin() knows, a host that
#: can't exist (RFC 2606).
BASE = "https://book.invalid/"
#: How far an address that is refused is shown, in characters.
_SHOWN = 80
#: A photograph that a drawing (as `manuscript.drawings` lets it) or a style holds, and how their files begin.
_HELD = re.compile(r"data:image/(?:png|jpeg|gif);base64,")
_PHOTOGRAPHS = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8")
#: How EPS begins: Pillow would have Ghostscript run it.
_PROGRAMS = (b"%!PS", b"\xc5\xd0\xd3\xc6")
_XHTML = "{http://www.w3.org/1999/xhtml}"
_SPACES = (" ", "\u00a0", "\u2007", "\u202f")
#: Longest run of text, in characters, whose last space can decide about a line: two lines' worth.
_LINE = 240
#: Longest run of text without a space, in characters, that is shaped for one line: many lines' worth.
_LONGEST_WORD = 2_000
#: What an OpenType file begins with tells its kind; bytes.
_SIGNATURE = 4
_MARGIN_BOX = re.compile(r"@(?:top|right|bottom|left)-")
#: What WeasyPrint ends a line with that divides a word; the last glyph of a run, in a content stream.
_HYPHEN = "\u2010"
#: Where a line may end between two letters of a word or an address.
_NO_SPACE_AFTER = ("-", "/", "\u200b", "\u2011")
_LAST_GLYPH = re.compile(rb"(\[.*[0-9a-f]{4})([0-9a-f]{4})>(?:-?[0-9.]+<>)?\] TJ", re.DOTALL)
#: What WeasyPrint says of a link inside the book whose target a style hides: completeness tells that better.
_HIDDEN_TARGET = "No anchor #"
_log = logging.getLogger("weasyprint")


class RefusedError(ValueError):
    """An address that is neither in the book nor in its style's folder."""


class BookFetcher(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
    """Serves the book's pictures, its fonts, and files of its style's folder; refuses everything else."""

    def __init__(self, press: Press) -> None:
        """Serve what a press was set up with."""
        super().__init__(allowed_protocols=(), allow_redirects=False)
        self._fonts = {f"fonts/{face.file_name}": face.data for face in press.faces}
        self._images = press.images
        self._folder = Path(press.folder).resolve() if press.folder else None

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:  # noqa: ARG002 - the base's
        """Return the bytes at an address of the book; raise RefusedError for any other."""
        if url.startswith(BASE):
            name = unquote(url.removeprefix(BASE))
            data = self._fonts.get(name) or self._images.get(name) or self._file(name)
        else:
            data = _held(url)
        if data is None:
            raise RefusedError(f"refused address {url.removeprefix(BASE)[:_SHOWN]}")
        return URLFetcherResponse(url, data)

    def _file(self, name: str) -> bytes | None:
        if self._folder is None:
            return None
        path = (self._folder / name).resolve()
        data = path.read_bytes() if path.is_relative_to(self._folder) and path.is_file() else None
        return None if data and data.startswith(_PROGRAMS) else data


def _held(url: str) -> bytes | None:
    """Return the photograph that an address itself holds, or nothing."""
    held = _HELD.match(url)
    try:
        data = b64decode(url[held.end() :]) if held else b""
    except ValueError:
        return None
    return data if data.startswith(_PHOTOGRAPHS) else None


class Manuscript(weasyprint.HTML):  # type: ignore[misc]  # WeasyPrint has no types
    """An XHTML document as WeasyPrint takes it, parsed as XML: its own parser is slow and mends things."""

    def __init__(self, xhtml: str, fetcher: URLFetcher) -> None:
        """Parse a well-formed document."""
        root = ET.fromstring(xhtml)  # noqa: S314 - our own page: no DTD can be in it
        for element in root.iter():
            element.tag = element.tag.removeprefix(_XHTML)
        self.base_url, self.url_fetcher, self.media_type = BASE, fetcher, "print"
        self.wrapper_element = cssselect2.ElementWrapper.from_html_root(root, content_language=None)
        self.etree_element = root


class _Complaints(logging.Handler):
    """Collects what WeasyPrint logs: it skips what it can't do and only says so in its log."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if not (line := record.getMessage()).startswith(_HIDDEN_TARGET):
            self.lines.append(line)


@contextmanager
def _listening() -> Iterator[list[str]]:
    handler = _Complaints()
    before, _log.handlers, _log.propagate = _log.handlers, [handler], False
    try:
        yield handler.lines
    finally:
        _log.handlers, _log.propagate = before, True


class Machine:
    """A press set up with style sheets, fonts and pictures."""

    def __init__(self, press: Press) -> None:
        """Parse the style sheets and load the fonts, once for all jobs."""
        self._fetcher = BookFetcher(press)
        self._fonts = FontConfiguration()
        #: What `@counter-style` rules say, those of the typesetter's own style first.
        self._counters = CounterStyle()
        self._known = frozenset(digest(face.data) for face in press.faces)
        if not any(_MARGIN_BOX.search(style.css) for style in press.styles):
            # Sixteen empty boxes a page cost 2 ms; ours hold nothing, the binder draws heads and folios.
            weasyprint.layout.make_margin_boxes = lambda *_: iter(())
        if not any("outline" in style.css for style in press.styles):
            leave_outlines_out()
        rules = font_face_rules(press.faces, f"{BASE}fonts/")
        with _listening():  # what is wrong with styles is told once, by `style_complaints`
            self._styles = [self._sheet(css) for css in (rules, *(style.css for style in press.styles))]

    def _sheet(self, css: str) -> weasyprint.CSS:
        return weasyprint.CSS(
            string=css, base_url=BASE, url_fetcher=self._fetcher, font_config=self._fonts,
            counter_style=self._counters,
        )  # fmt: skip

    def style_complaints(self, style: Style) -> tuple[str, ...]:
        """Return what WeasyPrint doesn't understand in a style sheet."""
        with _listening() as lines:
            self._sheet(style.css)
        return tuple(lines)

    def typeset(self, job: SheetJob) -> SheetSet:
        """Turn one job into its sheet set."""
        with _listening() as complaints:
            source = Manuscript(job.xhtml, self._fetcher)
            document = source.render(
                stylesheets=self._styles, font_config=self._fonts, counter_style=self._counters
            )
            pages = [page._page_box for page in document.pages]  # noqa: SLF001 - see the module's docstring
            particular = particular_boxes(pages)
            with _our_ways(particular, self._known) as streams:
                pdf = document.write_pdf(pdf_tags=True, uncompressed_pdf=False)
            tree = StructureTree(source.etree_element)
            found = PageReader(tree, _marks(document, streams), particular.repeated).read(pages)
            tree.name_places()
        return SheetSet(
            pdf=pdf, pages=len(pages), places=_places(document), starts=tuple(found.starts),
            drawn={owner: "".join(texts) for owner, texts in found.drawn.items()},
            images=tuple(found.images), tree=tree.root, fonts=_fonts(document),
            complaints=tuple(complaints), overfull=tuple(found.overfull), particular=_particular(pages),
            overwide=tuple(found.overwide.items()), crowded=tuple(found.crowded), terms=found.terms,
        )  # fmt: skip


@contextmanager
def _our_ways(particular: Particular, known: frozenset[str]) -> Iterator[list[Any]]:
    """Replace, while a document is written, WeasyPrint's tags and its cutting of fonts by ours.

    Yields a list that gets the pages' streams, with what each marked.
    """
    records: list[Any] = []

    def keep_marks(_pdf: object, _document: object, _version: object, streams: list[Any]) -> None:
        records.extend(streams)

    @contextmanager
    def marked(self: Any, box: Any, tag: str) -> Iterator[None]:
        decorative = id(box) in particular.repeated or is_decoration(box.element) or _is_leader(box)
        ends_line = id(box) in particular.line_ends
        capitals = _is_all_small_capitals(box)
        said = _as_written(self, box, ends_line=ends_line) if capitals else nullcontext()
        with self.artifact() if decorative else _marked(self, box, tag), said:
            yield
            if ends_line and not capitals and self.stream[-1] == b"ET":
                _end_line(self, box)

    def stand_in(font: Any, to_unicode: dict[int, str], hinting: object) -> None:
        """Embed only the digest of the book's own fonts: compressing them took a fifth of all time."""
        name = digest(font.file_content)
        if name in known:
            font.file_content = font.file_content[:_SIGNATURE] + name.encode()
        else:
            _subset(font, {**font.to_unicode.rest, **to_unicode}, hinting)

    saved = weasyprint.pdf.add_tags, Stream.marked, Font.subset
    _marked, _subset = saved[1:]
    weasyprint.pdf.add_tags, Stream.marked, Font.subset = keep_marks, marked, stand_in
    try:
        yield records
    finally:
        weasyprint.pdf.add_tags, Stream.marked, Font.subset = saved


def _is_leader(box: Any) -> bool:
    """Tell whether a box is the dots before a folio: nobody wants to hear them."""
    return bool(box.element_tag == "span::before" and "folio" in class_names(box.element))


def _is_all_small_capitals(box: Any) -> bool:
    return bool(getattr(box, "text", "")) and box.style["font_variant_caps"] == "all-small-caps"


@contextmanager
def _as_written(stream: Any, box: Any, *, ends_line: bool) -> Iterator[None]:
    """Say what a text is whose capitals and small letters have the same glyphs: « E » is drawn as « e »."""
    before = {name: len(font.to_unicode) for name, font in stream._fonts.items()}  # noqa: SLF001 - as above
    text = f"\ufeff{_with_line_end(box.text) if ends_line else box.text}".encode("utf-16-be").hex().upper()
    stream.stream.append(b"/Span <</ActualText <%s>>> BDC" % text.encode())
    yield
    stream.stream.append(b"EMC")
    for name, font in stream._fonts.items():  # noqa: SLF001 - as above
        for glyph in list(font.to_unicode)[before.get(name, 0) :]:
            font.to_unicode[glyph] = font.to_unicode[glyph].lower()


def _with_line_end(text: str) -> str:
    """Return a line's text with what its end stands for: a soft hyphen, nothing, or a space."""
    if text.endswith(_HYPHEN):
        return f"{text.removesuffix(_HYPHEN)}\u00ad"
    return text if text.endswith(_NO_SPACE_AFTER) else f"{text} "


def _end_line(stream: Any, box: Any) -> None:
    """Draw, behind a run of text that ends a line, the space that the line's end stands for.

    A tagged PDF tells words apart by spaces (PDF 1.7, 14.8.2.5).
    """
    if not stream.stream[-2].endswith(b"] TJ"):
        return  # nothing of it was drawn
    if box.text.endswith(_HYPHEN):
        _mark_hyphen(stream.stream, box)
    elif not box.text.endswith(_NO_SPACE_AFTER) and (code := _space_code(stream)):
        stream.stream[-2] = stream.stream[-2].removesuffix(b"] TJ") + b"<%s>] TJ" % code


def _space_code(stream: Any) -> bytes:
    """Return what a space is in the font of the last run of text, or nothing where it never drew one."""
    name, _ = stream._old_font  # noqa: SLF001 - see the module's docstring
    font = next(font for font in stream._fonts.values() if font.hash == name)  # noqa: SLF001 - as above
    if not hasattr(font, "space_code"):
        glyph = next((glyph for glyph, text in font.to_unicode.items() if text == " "), None)
        if glyph is None:
            return b""
        font.space_code = b"%04x" % glyph
    return bytes(font.space_code)


def _mark_hyphen(operators: list[Any], box: Any) -> None:
    """Say of the hyphen that divides a word at a line's end that it stands for a soft one.

    Who listens or searches then finds the word whole (PDF 1.7, 14.8.2.2.3). The hyphen is the last glyph of
    the last run of glyphs; one that the author wrote stays as it is.
    """
    drawn = _LAST_GLYPH.fullmatch(operators[-2])
    if drawn is None or _HYPHEN in "".join(box.element.itertext()):
        return
    marked = b"/Span <</ActualText <FEFF00AD>>> BDC\n[<%s>] TJ\nEMC" % drawn[2]
    operators[-2:] = [drawn[1] + b">] TJ", marked, b"ET"]


def _marks(document: Any, streams: list[Any]) -> list[PageMarks]:
    """Return for each page what its stream marked, and its links in the order of their annotations."""
    marks = []
    for page, stream in zip(document.pages, streams, strict=True):
        mcids = {box: tag["mcid"] for box, tag in stream._tags.items()}  # noqa: SLF001 - see the module's docstring
        links = [box.link_annotation for _, _, _, box in page.links if getattr(box, "link_annotation", None)]
        marks.append(PageMarks(mcids, links, page.width, page.height))
    return marks


def _places(document: Any) -> dict[str, Spot]:
    places: dict[str, Spot] = {}
    for index, page in enumerate(document.pages):
        for anchor, (left, top, right, _) in page.anchors.items():
            spot = Spot(index, left * PIXEL, (page.height - top) * PIXEL, (right - left) * PIXEL)
            places.setdefault(anchor, spot)
    return places


def _fonts(document: Any) -> dict[str, FontUse]:
    return {
        font.hash: FontUse(_digest_of(font.file_content), dict(font.widths), _readable(font.to_unicode))
        for font in document.fonts.values()
    }


def _readable(characters: dict[int, str]) -> dict[int, str]:
    """Return what glyphs stand for; the one that divides words is also the hyphen as written."""
    known = characters.rest | characters if isinstance(characters, _Characters) else characters
    return {glyph: "-" if text == _HYPHEN else text for glyph, text in known.items()}


def _digest_of(content: bytes) -> str:
    """Return the digest of an embedded font, or the one that stands in for it."""
    is_stand_in = len(content) == _SIGNATURE + len(digest(b""))
    return content[_SIGNATURE:].decode() if is_stand_in else digest(content)


def _layout_backgrounds(page: Any, get_image: Any) -> None:
    """Finish a page: figures go to its head before it is known where anything is drawn."""
    raise_figures(page)
    layout_backgrounds(page, get_image)


def _particular(pages: list[Any]) -> dict[int, Particularity]:
    """Return the pages that a style names for what they are: left blank, or set to the edges."""
    names = ((index, page.page_type.name) for index, page in enumerate(pages))
    return {index: name for index, name in names if name in get_args(Particularity)}


def _split_first_line(
    text: str, style: Any, context: Any, max_width: Any, justification: Any, **more: Any
) -> Any:
    """Split a run of text as WeasyPrint does, but let its last space hang.

    Pango leaves that space out of the line's width, WeasyPrint counts it, and takes a run that Pango
    fits for a word too long to break: it then breaks after the first word (« *in italics* » is enough).
    Of a text without spaces it shapes all that is left for each line, which takes minutes for a long one.
    """
    split = None
    if max_width is not None and len(text) > _LONGEST_WORD and " " not in (head := text[:_LONGEST_WORD]):
        split = split_first_line(head, style, context, max_width, justification, **more)
    if split is None or split[2] is None:
        split = split_first_line(text, style, context, max_width, justification, **more)
    hangs = style["white_space"] == "normal" and len(text) <= _LINE and text.endswith(_SPACES)
    if split[2] is None or max_width is None or not hangs:
        return split
    layout = create_layout(text, style, context, max_width, justification)
    line, resume = layout.get_first_line()
    if resume is not None:
        return split
    return first_line_metrics(line, text, layout, None, space_collapse=True, style=style)


def _table_layout(context: Any, table: Any, bottom_space: Any, skip_stack: Any, *more: Any) -> Any:
    """Lay a table out as WeasyPrint does, but for the row « continued », which is empty on the first page."""
    head: Any = table.children[0] if table.children else None
    if skip_stack is None and head is not None and head.is_header and head.children:
        first, *others = head.children
        if CONTINUED in class_names(first.element):
            empty = first.copy_with_children([cell.copy_with_children([]) for cell in first.children])
            head = head.copy_with_children([empty, *others])
            table = table.copy_with_children([head, *table.children[1:]])
    return table_layout(context, table, bottom_space, skip_stack, *more)


def _show_text(stream: Any, text: str) -> None:
    """Draw a run of glyphs without the distances of nothing between them: they are half of the bytes."""
    _draw_glyphs(stream, text.replace(">0<", ""))


class _Characters(dict[int, str]):
    """What each glyph of a font stands for, where WeasyPrint keeps what it met first.

    Of several glyphs for a letter and its marks it says that one stands for all and the others for nothing; a
    later place may say what each is alone: letters of Arabic were lost to whoever searched. So only single
    characters are kept for good; the rest is asked for again at each place.
    """

    def __init__(self) -> None:
        super().__init__()
        self.rest: dict[int, str] = {}

    def __setitem__(self, glyph: int, text: str) -> None:
        """Keep one character; of several, or none, keep the shortest that is any."""
        if len(text) == 1:
            super().__setitem__(glyph, text)
        elif not (known := self.rest.get(glyph)) or 0 < len(text) < len(known):
            self.rest[glyph] = text


def _begin_font(font: Any, *arguments: Any) -> None:
    """Begin a font with nothing known of its glyphs."""
    _init(font, *arguments)
    font.to_unicode = _Characters()


_init, Font.__init__ = Font.__init__, _begin_font
weasyprint.layout.block.table_layout = _table_layout
weasyprint.layout.inline.split_first_line = _split_first_line
weasyprint.layout.inline.create_layout = layout_to_draw
weasyprint.layout.layout_backgrounds = _layout_backgrounds
weasyprint.draw.text.draw_first_line = draw_line
_draw_glyphs, Stream.show_text = Stream.show_text, _show_text

break_lines_together()

_machine: Machine | None = None


def set_up(press: Press) -> None:
    """Set up this worker process. Called once by the executor, before any job."""
    global _machine  # noqa: PLW0603 - a worker process has one press for its life
    _machine = Machine(press)


def _press() -> Machine:
    if _machine is None:
        raise RuntimeError("the press isn't set up")
    return _machine


def typeset(job: SheetJob) -> SheetSet:
    """Typeset one job on this worker's press."""
    return _press().typeset(job)


def style_complaints(style: Style) -> tuple[str, ...]:
    """Return what this worker's press doesn't understand in a style sheet."""
    return _press().style_complaints(style)
