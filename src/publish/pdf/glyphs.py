"""Draws lines of text as WeasyPrint does, from words whose glyphs are known; the bytes are the same.

The spaces of a justified line are stretched or shrunk, and so Pango shapes each word between them alone: a
word has the same glyphs in every line of a style, and a book says its words again and again. They are kept,
and a line of known words is drawn without Pango; only words that are new to a style are shaped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import repeat
from typing import Any, NamedTuple

from weasyprint.draw.text import draw_first_line
from weasyprint.text.ffi import FROM_UNITS, TO_UNITS, ffi, pango
from weasyprint.text.line_break import Layout, create_layout

from publish.pdf.layouts import GLYPH_NUMBERS, prepared

#: Latin, with what books print between its letters: no word's glyphs hang on its neighbours.
_PLAIN = re.compile(
    r"[ -~\u00a0-\u00a8\u00aa-\u00ac\u00af-\u024f\u2002-\u200a\u2010-\u2027\u202f\u2030-\u203a]*"
)
#: Only it says of a text that its script is Latin.
_LETTER = re.compile("[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f]")
#: What is stretched or shrunk to justify a line.
_STRETCHED = re.compile("([ \u00a0])")
#: The least that a space is stretched or shrunk, and a pixel, in Pango's units.
_LEAST, _PIXEL = 2, 1024
_YES = 1  # as Pango's functions take it
#: Words kept for a style, at most (a long novel has 30 000 different ones); glyphs with their distances.
_WORDS, _PAIRS = 20_000, 10_000
#: WeasyPrint's own way to get a line ready to be drawn.
reactivate = Layout.reactivate


class Word(NamedTuple):
    """A word, or a space between words, as it is drawn."""

    #: Glyphs in hexadecimal, and the distances between them.
    drawn: str
    glyphs: tuple[int, ...]
    #: What each glyph stands for, and how wide it is in its font, in thousandths of the body.
    texts: tuple[str, ...]
    widths: tuple[int, ...]


class _Run(NamedTuple):
    """Glyphs of one font in a row, as Pango shaped them."""

    item: Any
    pango_font: Any
    #: The document's font, and the size of its body.
    font: Any
    size: float
    glyphs: list[int]
    #: How wide each glyph is and how far it is moved to the right, in Pango's units.
    widths: list[int]
    rights: list[int]


class Ink:
    """What the lines of a style are drawn with: one font, and the words that it drew."""

    def __init__(self, run: _Run, key: int, keeper: object) -> None:
        """Begin with a run of glyphs, its font's key in documents, and what keeps the font alive."""
        self.font, self.key, self.size, self._keeper = run.pango_font, key, run.size, keeper
        self._words: dict[str, Word] = {}
        #: Space → how it is drawn, and its width before it is stretched, in Pango's units.
        self._spaces: dict[str, tuple[Word, int]] = {}
        self._stretched: tuple[int, dict[str, Word]] = (0, {})

    def line(self, text: str, spacing: int) -> tuple[list[Word], list[str]]:
        """Return the words and spaces of a line that are known, and the others."""
        if self._stretched[0] != spacing:
            self._stretched = spacing, {space: self._stretch(space, spacing) for space in self._spaces}
        words, spaces = self._words, self._stretched[1]
        parts = _STRETCHED.split(text)
        found = [word for part in parts if (word := words.get(part) or spaces.get(part))]
        if len(found) == len(parts):
            return found, []
        return found, [part for part in parts if part not in words and part not in spaces]

    def _stretch(self, space: str, spacing: int) -> Word:
        word, width = self._spaces[space]
        drawn = _with_distances(self.size, word.glyphs[0], width + spacing, _left(spacing), word.widths[0])
        return word._replace(drawn=_closed(f"<{drawn}"))

    def learn(self, stream: Any, text: str, spacing: int, runs: Sequence[_Run]) -> None:
        """Keep the words of a line that was shaped, where each is one run of this font."""
        parts = _STRETCHED.split(text)
        if [len(part.encode()) for part in parts] != [run.item.item.length for run in runs]:
            return
        if len(self._words) > _WORDS or any(run.pango_font != self.font for run in runs):
            return
        for part, run in zip(parts, runs, strict=True):
            if part in self._words or part in self._spaces:
                continue
            if not _STRETCHED.fullmatch(part):
                self._words[part] = _word(stream, run, part)
            elif len(run.glyphs) == 1 and run.rights[0] == _left(spacing):
                self._spaces[part] = _word(stream, run, part), run.widths[0] - spacing
                self._stretched = 0, {}


def _left(spacing: int) -> int:
    """Return how much of its stretching a space has on its left (pango_glyph_item_letter_space)."""
    left = int(spacing / 2)
    return left if spacing % _PIXEL else (left + _PIXEL // 2) // _PIXEL * _PIXEL


def _spacing(layout: Any, style: Any) -> int:
    """Return how far a line's spaces are stretched or shrunk; 0 where words may hang together."""
    spacing = int(layout.justification_spacing * TO_UNITS)
    if abs(spacing) < _LEAST or not prepared(style).is_plain:
        return 0
    return spacing if _PLAIN.fullmatch(layout.text) and _LETTER.search(layout.text) else 0


def _wake(layout: Any, style: Any) -> None:
    """Get a line ready to be drawn; where its words may be known, Pango is left alone."""
    layout.spacing = _spacing(layout, style)
    if layout.spacing and prepared(style).ink:
        layout.style, layout.layout, layout.language = style, None, None
    else:
        reactivate(layout, style)


def draw_line(stream: Any, textbox: Any, overflow: str, ellipsis: str, matrix: Any) -> list[Any]:
    """Draw a line as WeasyPrint does."""
    layout, style = textbox.pango_layout, textbox.style
    if not textbox.text.strip():
        return []
    is_whole = overflow != "ellipsis" and ellipsis == "none"
    drawn = _composed(stream, layout, style) if is_whole and layout.layout is None else None
    if drawn is None and layout.layout is None:
        reactivate(layout, style)
    if drawn is None and is_whole:
        drawn = _shaped(stream, layout, style)
    if drawn is None:
        emojis: list[Any] = draw_first_line(stream, textbox, overflow, ellipsis, matrix)
        return emojis
    stream.set_text_matrix(*matrix.values)
    for font, size, operand in drawn:
        stream.set_font_size(font.hash, size)
        stream.show_text(operand)
    return []


def _composed(stream: Any, layout: Any, style: Any) -> list[tuple[Any, float, str]] | None:
    """Return a line of known words as font, size and operand; Pango shapes only words that aren't known."""
    ink: Ink = prepared(style).ink
    words, unknown = ink.line(layout.text, layout.spacing)
    if unknown:
        rest = " ".join(unknown)
        if _LETTER.search(rest):
            _shape(stream, rest, layout, style)
            words, unknown = ink.line(layout.text, layout.spacing)
        if unknown:
            return None
    font = stream._fonts.get(ink.key) or stream.add_font(ink.font)[0]  # noqa: SLF001 - see engine
    told = _told(font)
    new = [word for word in words if not told.issuperset(word.glyphs)]
    if any(
        font.widths.get(glyph, width) != width
        for word in new
        for glyph, width in zip(word.glyphs, word.widths, strict=True)
    ):
        return None
    for word in new:
        _tell(font, word.glyphs, word.texts, word.widths)
    return [(font, ink.size, "".join([word.drawn for word in words]))]


def _shape(stream: Any, text: str, line: Any, style: Any) -> None:
    """Let Pango shape words of a line, so that they are known."""
    layout = Layout(style, line.justification_spacing)
    layout.set_text(text, justify=True)
    layout.spacing = line.spacing
    _learn(stream, layout, style, _runs(stream, layout))


def _shaped(stream: Any, layout: Any, style: Any) -> list[tuple[Any, float, str]] | None:
    """Return a line that Pango shapes as fonts, sizes and operands; None where glyphs need more than that."""
    drawn: list[tuple[Any, float, str]] = []
    runs, text = _runs(stream, layout), layout.text.encode()
    for run in runs:
        font, size = run.font, run.size
        if not _told(font).issuperset(run.glyphs):
            _tell(font, run.glyphs, _texts(run, text), _widths(stream, run))
        operand = _operand(run, [font.widths[glyph] for glyph in run.glyphs])
        if drawn and drawn[-1][:2] == (font, size):
            operand = drawn.pop()[2] + operand
        drawn.append((font, size, operand))
    _learn(stream, layout, style, runs)
    return drawn or None


def _learn(stream: Any, layout: Any, style: Any, runs: Sequence[_Run]) -> None:
    """Keep the words of a line, where they may be said again."""
    if not layout.spacing or not runs:
        return
    kept, first = prepared(style), runs[0]
    if kept.ink is None:
        key = next(key for key, font in stream._fonts.items() if font is first.font)  # noqa: SLF001 - see engine
        kept.ink = Ink(first, key, layout.layout)
    kept.ink.learn(stream, layout.text, layout.spacing, runs)


def _runs(stream: Any, layout: Any) -> list[_Run]:
    """Return the runs of a line; nothing where it is more than glyphs on a line."""
    pango.pango_layout_set_single_paragraph_mode(layout.layout, _YES)
    line, _ = layout.get_first_line()
    item, pango_font = line.runs[0], ffi.NULL
    runs: list[_Run] = []
    while item != ffi.NULL:
        shaped, item = item.data, item.next
        if shaped.item.analysis.font != pango_font:
            pango_font = shaped.item.analysis.font
            font, size = stream.add_font(pango_font)
        if font.png or font.svg or font.colr or font.bitmap:
            return []
        count = shaped.glyphs.num_glyphs
        numbers = ffi.unpack(ffi.cast("int *", shaped.glyphs.glyphs), GLYPH_NUMBERS * count)
        glyphs, widths, rights, downs = (numbers[place::GLYPH_NUMBERS] for place in range(4))
        if not glyphs or max(glyphs) >= pango.PANGO_GLYPH_EMPTY or any(downs):
            return []
        runs.append(_Run(shaped, pango_font, font, size, glyphs, widths, rights))
    return runs


def _word(stream: Any, run: _Run, text: str) -> Word:
    """Return a word from its run of glyphs."""
    texts, widths = _texts(run, text.encode(), run.item.item.offset), _widths(stream, run)
    return Word(_operand(run, widths), tuple(run.glyphs), tuple(texts), tuple(widths))


def _texts(run: _Run, text: bytes, start: int = 0) -> list[str]:
    """Return what each glyph of a run stands for; the text begins at a place of the line's, in bytes."""
    item = run.item.item
    begin, length = item.offset - start, item.length
    clusters = ffi.unpack(run.item.glyphs.log_clusters, len(run.glyphs))
    ends = [length, *clusters[:-1]] if item.analysis.level % 2 else [*clusters[1:], length]
    return [text[begin + one : begin + other].decode() for one, other in zip(clusters, ends, strict=True)]


def _told(font: Any) -> set[int]:
    """Return the glyphs of which a document's font knows all."""
    told: set[int] = font.__dict__.setdefault("told", set())
    return told


def _tell(font: Any, glyphs: Sequence[int], texts: Sequence[str], widths: Sequence[int]) -> None:
    """Tell a document's font of glyphs that are drawn; those without a letter of their own are told again."""
    for glyph, text, width in zip(glyphs, texts, widths, strict=True):
        if glyph not in font.to_unicode:
            font.to_unicode[glyph] = text
        font.widths[glyph] = width
    _told(font).update(glyph for glyph in glyphs if glyph in font.to_unicode)


def _widths(stream: Any, run: _Run) -> list[int]:
    """Return how wide the glyphs of a run are in their font, in thousandths of the body."""
    widths, known = [], run.font.widths
    for glyph in run.glyphs:
        if (width := known.get(glyph)) is None:
            pango.pango_font_get_glyph_extents(run.pango_font, glyph, stream.ink_rect, stream.logical_rect)
            width = round(stream.logical_rect.width * 1000 * FROM_UNITS / run.size)
        widths.append(width)
    return widths


def _operand(run: _Run, in_font: Sequence[int]) -> str:
    """Return what draws a run of glyphs."""
    glyphs = map(_with_distances, repeat(run.size), run.glyphs, run.widths, run.rights, in_font)
    return _closed(f"<{''.join(glyphs)}")


@lru_cache(maxsize=_PAIRS)
def _with_distances(size: float, number: int, width: int, offset: int, in_font: int) -> str:
    """Return a glyph in hexadecimal, with the distances around it that it hasn't in its font."""
    moved = offset / size
    kerning = in_font + moved - width * 1000 * FROM_UNITS / size
    before = f">{-moved}<" if moved else ""
    after = f">{int(kerning)}<" if kerning else ""
    return f"{before}{number:04x}{after}"


def _closed(operand: str) -> str:
    return operand[:-1] if operand.endswith("<") else f"{operand}>"


def layout_to_draw(text: str, style: Any, context: Any, max_width: Any, justification_spacing: float) -> Any:
    """Make the layout of a justified line, that WeasyPrint makes only to draw it, without Pango."""
    if style["text_decoration_line"] != "none" or style["word_spacing"] or "\n" in text:
        return create_layout(text, style, context, max_width, justification_spacing)
    layout = Layout.__new__(Layout)
    layout.text, layout.max_width, layout.justification_spacing = text, max_width, justification_spacing
    layout.first_line_direction, layout.layout, layout.language, layout.style = 0, None, None, style
    layout.ascent = layout.underline_position = layout.strikethrough_position = None
    return layout


Layout.reactivate = _wake
