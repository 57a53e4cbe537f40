"""Breaks justified paragraphs as a compositor would: all lines together, where word spaces are most even.

WeasyPrint fills line after line and never looks back: six of ten word spaces came out wider than 1.4 of the
normal one. Here the ends of a paragraph's lines are chosen together (Knuth and Plass, Breaking Paragraphs
into Lines, 1981) among its spaces and the hyphens that its language allows. Spaces may shrink to 0.8; what a
hyphen costs is as in TeX, more where it leaves two letters alone (Bringhurst, 2.4.1, allows two before and
three after; Source Serif's spaces are narrow, and without these twice as many lines are wide open); no more
than three hyphens follow each other, no last line is the rest of a word or shorter than an indent, and no
page ends in a hyphen, unless a line would be wide open else. WeasyPrint then gets each line's text and sets
it at once, which saves the time that the choice takes. Widths are sums of the advances of single letters.

The lines beside a drop cap are shorter by its width. What isn't plain text in lines (a picture, a formula,
writing from right to left) is left to the engine.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import ceil, inf
from typing import Any, NamedTuple

import weasyprint.layout.inline as engine
from weasyprint.text import line_break

_pyphen = line_break.pyphen
Box = Any  # WeasyPrint's boxes have no public types

#: How far a word space may shrink and by how much it stretches with ease, in normal spaces.
_SHRINK, _STRETCH = 0.2, 0.5
#: A line that is less full than this, of its measure, is taken only where there is no other.
_FULL = 0.8
#: Costs, as TeX counts them: any line; a divided word; two in a row; one in the last line but one.
_LINE, _HYPHEN, _DOUBLE, _FINAL = 10, 2_500, 10_000, 5_000
#: And ours: a fourth in a row; a last line that is the rest of a word; one shorter than the indent; a hyphen
#: at a page's end. A line whose word spaces are 2.5 of the normal one costs 7e6, of 3.5 1.6e8.
_LADDER, _STUMP, _RUNT, _FOOT = 1e8, 5e7, 2e7, 4e6
_IN_A_ROW = 3
#: A part of a line's height that doesn't make another line.
_NEARLY = 0.05
#: Letters before a hyphen; where it stands behind two, it costs what spaces of 1.7 of the normal one do.
_BEGINNING, _BEHIND_TWO = 3, 80_000
#: Width of an indent and of the shortest good last line, in ems.
_INDENT = 1.2
#: At a page's end a word is divided only where the line without it would have word spaces wider than this.
_AT_A_FOOT = 2.4
#: The first of two lines whose word spaces would be wider than this is not stretched.
_OPEN_PAIR = 1.9
#: Shorter texts, in characters, surely fit in a line.
_SHORT = 24
#: A measure narrower than this, in ems (36 characters), is set ragged.
NARROW = 16
#: Writing that isn't words between spaces from left to right.
_OTHER = re.compile(
    "[\n\t\u0590-\u109f\u1780-\u17ff\u2e80-\ud7ff\uf900-\ufdff\ufe70-\ufeff\U00020000-\U0003ffff]"
)
_WORD = re.compile(r"[^\W\d_]+")
#: What follows a word that is part of it: « wouldn’t » isn't divided before its n.
_CONTRACTED = re.compile(r"[’'][^\W\d_]{1,2}(?![^\W\d_])")
#: Where a line may end without a hyphen of ours, inside what stands between two spaces.
_OPEN = re.compile("(?<=\\w)-(?=[^\\W\\d_])|(?<=\\w)—(?=\\w)|\u200b")
_COMPOUND = 8  # letters of a part of « porte-monnaie » that may be divided itself
_SOFT, _SIGN = "\u00ad", "\u2010"
_EDGES = tuple(f"{kind}_{side}" for kind in ("margin", "padding") for side in ("left", "right"))
_BORDERS = ("border_left_width", "border_right_width")
_PLAN, _TABLE = "publish_lines", "publish_widths"


class _Chance(NamedTuple):
    """A place where a line may end: what is seen of it, where the next begins, as offsets and widths."""

    end: int
    next: int
    #: Width of the text to the end, without a hyphen; to where the next line begins; of the hyphen.
    width: float
    width_next: float
    hyphen: float
    #: Spaces that stretch, to both.
    spaces: int
    spaces_next: int
    #: A hyphen ends the line, ours or the author's.
    divides: bool
    #: It stands behind two letters only.
    short: bool = False


class _Division(NamedTuple):
    """A place to divide what stands between two spaces: letters, width and spaces before it."""

    letters: int
    width: float
    spaces: int
    #: A hyphen of ours is added; the author's or ours ends the line; it stands behind two letters only.
    ours: bool
    divides: bool
    short: bool


class _Token(NamedTuple):
    """What stands between two spaces: its width, its own spaces (no-break ones), where it may be divided."""

    width: float
    spaces: int
    divisions: tuple[_Division, ...]


class _Place(NamedTuple):
    """A place in a paragraph: its offset, the width of the text before it, the spaces in that."""

    offset: int
    width: float
    spaces: int


class _Cap(NamedTuple):
    """A drop cap, or what floats beside a paragraph: its width, in pixels, the lines that it shortens."""

    width: float = 0.0
    lines: int = 0


_NO_CAP = _Cap()


def _chance(end: _Place, begin: _Place) -> _Chance:
    return _Chance(
        end.offset, begin.offset, end.width, begin.width, 0.0, end.spaces, begin.spaces, divides=False
    )


def _divided(at: _Place, division: _Division, hyphen: float) -> _Chance:
    offset, width = at.offset + division.letters, at.width + division.width
    spaces = at.spaces + division.spaces
    return _Chance(offset, offset, width, width, hyphen, spaces, spaces, division.divides, division.short)


@dataclass(slots=True)
class _Widths:
    """The advances of a style's letters, in pixels, and where its words may be divided."""

    style: Any
    context: Any
    letters: dict[str, float] = field(default_factory=lambda: {_SOFT: 0.0, "\u200b": 0.0})
    tokens: dict[str, _Token] = field(default_factory=dict)

    def of(self, letter: str) -> float:
        """Return the advance of one letter, measured between two others."""
        if letter not in self.letters:
            around = [self._measure(text) for text in (f"n{letter}n", "nn")]
            self.letters[letter] = around[0] - around[1]
        return self.letters[letter]

    def _measure(self, text: str) -> float:
        layout = line_break.create_layout(text, self.style, self.context, None, 0)
        line, _ = layout.get_first_line()
        width, _ = line_break.line_size(line, self.style)
        layout.deactivate()
        return float(width)

    def token(self, text: str) -> _Token:
        """Return what is known of a text between two spaces."""
        if text not in self.tokens:
            sums, spaces = [0.0], [0]
            for letter in text:
                sums.append(sums[-1] + self.of(letter))
                spaces.append(spaces[-1] + (letter == "\u00a0"))
            divisions = (
                _Division(
                    place,
                    sums[place],
                    spaces[place],
                    ours,
                    ours or text[place - 1] == "-",
                    ours and _is_short(text[:place]),
                )
                for place, ours in sorted(self._places(text))
            )
            self.tokens[text] = _Token(sums[-1], spaces[-1], tuple(divisions))
        return self.tokens[text]

    def _places(self, text: str) -> Iterator[tuple[int, bool]]:
        if self.style["white_space"] == "nowrap":
            return
        for match in _OPEN.finditer(text):
            yield match.end(), False
        hyphens = self.style["hyphens"]
        if hyphens != "none" and _SOFT in text:
            yield from ((match.end(), True) for match in re.finditer(f"{_SOFT}(?=.)", text))
        elif hyphens == "auto":
            yield from ((place, True) for place in self._syllables(text))

    def _syllables(self, text: str) -> Iterator[int]:
        language = self.style["lang"] and _pyphen.language_fallback(self.style["lang"])
        if not language:
            return
        total, left, right = self.style["hyphenate_limit_chars"]
        shortest = max(total, _COMPOUND) if "-" in text else total
        for match in _WORD.finditer(text):
            if len(match[0]) < shortest or _CONTRACTED.match(text, match.end()):
                continue
            for place in _dictionary(language, left, right).positions(match[0]):
                if not place.data:
                    yield match.start() + place


def _is_short(beginning: str) -> bool:
    """Tell whether fewer than three letters stand before a hyphen; « l’en- » has three."""
    return sum(map(str.isalpha, beginning)) < _BEGINNING


_dictionaries: dict[tuple[str, int, int], Any] = {}


def _dictionary(language: str, left: int, right: int) -> Any:
    known = _dictionaries.get((language, left, right))
    if known is None:
        known = _dictionaries[language, left, right] = _pyphen.Pyphen(lang=language, left=left, right=right)
    return known


def _widths(style: Any, context: Any) -> _Widths:
    """Return the widths of a style's letters, shared by all styles of the same looks and hyphenation."""
    kept = style.__dict__
    if _TABLE not in kept:
        looks = line_break._font_style_cache_key(style, include_size=True)  # noqa: SLF001 - the engine's own
        more = (style[name] for name in ("letter_spacing", "word_spacing", "hyphens", "white_space"))
        key = (looks, *map(str, more), style["hyphenate_limit_chars"])
        tables = style.font_config.__dict__.setdefault(_TABLE, {})
        kept[_TABLE] = tables.get(key) or tables.setdefault(key, _Widths(style, context))
    return kept[_TABLE]  # type: ignore[no-any-return]


class _Line(NamedTuple):
    """Where a line ends, where the next begins, whether our hyphen is added, how wide its word spaces are."""

    end: int
    next: int
    hyphen: bool
    spacing: float


class _Paragraph:
    """The texts of a line box and the lines chosen for it."""

    def __init__(
        self, leaves: list[tuple[tuple[int, ...], Box]], cap: _Cap, context: Any, width: float
    ) -> None:
        """Find where the lines of a paragraph may end; none is chosen yet."""
        self.width = width
        self.cap = cap
        self.leaves = leaves
        self.starts = [0]
        for _, leaf in leaves:
            self.starts.append(self.starts[-1] + len(leaf.text))
        self.number = {id(leaf): index for index, (_, leaf) in enumerate(leaves)}
        self.text = "".join(leaf.text for _, leaf in leaves)
        self.end = len(self.text.rstrip(" "))
        self.style = leaves[0][1].style
        self.space = _widths(self.style, context).of(" ") or 1.0
        self.chances = list(self._chances(context))
        self.reach = [chance.width for chance in self.chances]
        self.begins = {chance.next: index for index, chance in enumerate(self.chances)}
        #: Where a line begins → the line.
        self.lines: dict[int, _Line] = {}

    def _chances(self, context: Any) -> Iterator[_Chance]:
        yield _Chance(0, 0, 0.0, 0.0, 0.0, 0, 0, divides=False)
        at = _Place(0, 0.0, 0)
        for _, leaf in self.leaves:
            table = _widths(leaf.style, context)
            for index, token in enumerate(leaf.text.split(" ")):
                if index:
                    after = _Place(at.offset + 1, at.width + table.of(" "), at.spaces + 1)
                    if 0 < at.offset < self.end and leaf.style["white_space"] == "normal":
                        yield _chance(at, after)
                    at = after
                if token:
                    known = table.token(token)
                    for division in known.divisions:
                        yield _divided(at, division, table.of(_SIGN) * division.ours)
                    at = _Place(at.offset + len(token), at.width + known.width, at.spaces + known.spaces)
            if leaf.text.endswith("-") and self.text[at.offset - 2].isalpha() and at.offset < self.end:
                yield _chance(at, at)._replace(divides=True)
        yield _chance(at._replace(offset=self.end), at._replace(offset=len(self.text)))

    def line(self, start: int, indent: float) -> _Line | None:
        """Return the line that begins at an offset; None: it is left to the engine."""
        if start not in self.lines and start in self.begins:
            self._choose(self.begins[start], indent)
        return self.lines.get(start)

    def ends_page_after(self, count: int, indent: float) -> None:
        """Choose the lines anew where a page ends after so many and that one divides a word."""
        lines = self._in_order()
        count -= len(lines) - count == 1  # the last line doesn't go on alone
        if 0 < count < len(lines) and lines[count - 1].hyphen:
            self._choose(0, indent, foot=count)

    def undivided(self, start: int) -> _Line | None:
        """Choose the lines from an offset anew, the first without a hyphen, unless that is too loose."""
        if start and self.cap.lines:  # line 2 might stand beside it
            return self.lines[start]
        before = dict(self.lines)
        self._choose(self.begins[start], 0.0, foot=1)
        if self.lines[start].spacing > _AT_A_FOOT:
            self.lines = before
        return self.lines[start]

    def is_last_but_one(self, start: int) -> bool:
        """Tell whether one line follows the one that begins at an offset."""
        line = self.lines.get(start)
        after = self.lines.get(line.next) if line else None
        return after is not None and after.end == self.end

    def is_open(self, line: _Line) -> bool:
        """Tell whether a line is the first of two and wide open: such a paragraph is better left ragged."""
        after = self.lines.get(line.next)
        is_pair = line is self.lines.get(0) and after is not None and after.end == self.end
        return is_pair and line.spacing > _OPEN_PAIR

    def _in_order(self) -> list[_Line]:
        lines: list[_Line] = []
        while (line := self.lines.get(lines[-1].next if lines else 0)) is not None:
            lines.append(line)
        return lines

    def _choose(self, first: int, indent: float, foot: int = 0) -> None:
        """Choose all lines from a chance on, by the least sum of costs; after `foot` of them a page ends."""
        last = len(self.chances) - 1
        #: Chance → cost of the lines to it, the chance before it, hyphens in a row that end it, lines.
        best: dict[int, tuple[float, int, int, int]] = {first: (0.0, first, 0, 0)}
        for here in range(first, last):
            if here not in best:
                continue
            cost, _, run, count = best[here]
            measure = self._measure(first, count, indent)
            for there in self._ends(here, measure):
                divides = self.chances[there].divides
                added = cost + self._cost(here, there, measure, run)
                if divides and count + 1 == foot:
                    added += _FOOT
                if there == last and count == 1 and self._is_stump(here):
                    added += inf
                if there not in best or added < best[there][0]:
                    best[there] = added, here, run + 1 if divides else 0, count + 1
        there = last
        while there != first and there in best:
            here, chance = best[there][1], self.chances[there]
            spacing = self._spacing(here, there, self._measure(first, best[here][3], indent))
            self.lines[self.chances[here].next] = _Line(chance.end, chance.next, chance.hyphen > 0, spacing)
            there = here

    def _measure(self, first: int, count: int, indent: float) -> float:
        """Return how wide the line is that follows so many that were chosen from a chance on."""
        beside = self.cap.width if first == 0 and count < self.cap.lines else 0.0
        return self.width - beside - (0.0 if count else indent)

    def _ends(self, here: int, measure: float) -> Iterator[int]:
        """Yield the chances that a line from here may reach: those that fill it, else the last that fits."""
        chances, count = self.chances, len(self.chances)
        begin, spaces = chances[here].width_next, chances[here].spaces_next
        shrink = _SHRINK * self.space
        there = low = bisect_left(self.reach, begin + _FULL * measure, here + 1)
        while there < count:
            chance = chances[there]
            over = chance.width - begin - measure
            if over > 0 and over > (chance.spaces - spaces) * shrink:
                break
            if over + chance.hyphen <= (chance.spaces - spaces) * shrink:
                yield there
            there += 1
        if there == low and low - 1 > here:
            yield low - 1

    def _spacing(self, here: int, there: int, measure: float) -> float:
        """Return how wide a line's word spaces are, of the normal ones; below 1 they shrink."""
        begin, end = self.chances[here], self.chances[there]
        gap = measure - (end.width + end.hyphen - begin.width_next)
        spaces = end.spaces - begin.spaces_next
        if there == len(self.chances) - 1 and gap > 0:
            return 1.0
        return 1 + gap / (spaces * self.space) if spaces else inf

    def _is_stump(self, here: int) -> bool:
        """Tell whether what is left behind a chance is only the rest of a word."""
        begin = self.chances[here]
        return begin.divides and " " not in self.text[begin.next : self.end]

    def _cost(self, here: int, there: int, measure: float, run: int) -> float:
        end, chances = self.chances[there], self.chances
        excess = self._spacing(here, there, measure) - 1
        strain = min(excess / _STRETCH if excess > 0 else -excess / _SHRINK, 20.0)
        cost = (_LINE + 100 * strain**3) ** 2
        if there == len(chances) - 1:
            begin = chances[here]
            if begin.divides:
                cost += _STUMP if self._is_stump(here) else _FINAL
            if here and end.width - begin.width_next < _INDENT * self.style["font_size"]:
                cost += _RUNT
        elif end.divides:
            cost += _HYPHEN + (_DOUBLE if run else 0) + (_LADDER if run >= _IN_A_ROW else 0)
            cost += _BEHIND_TWO * end.short
        return cost

    def offset(self, linebox: Box, skip: Any) -> int:
        """Return where in the text a line begins, as WeasyPrint says it: indexes of children, then bytes."""
        path: tuple[int, ...] = ()
        box, inside = linebox, 0
        while skip:
            ((index, skip),) = skip.items()
            if isinstance(box, engine.boxes.TextBox):
                inside = len(box.text.encode()[:index].decode())
                break
            path, box = (*path, index), box.children[index] if index < len(box.children) else None
        leaf = next((i for i, (at, _) in enumerate(self.leaves) if at[: len(path)] >= path), len(self.leaves))
        place = self.starts[leaf] + inside
        while place < self.end and self.text[place] == " ":
            place += 1
        return place


def _leaves(box: Box, path: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Box]]:
    """Yield the texts of a line box with their paths. Raises ValueError where it holds anything else."""
    for index, child in enumerate(box.children):
        if not child.is_in_normal_flow():
            raise ValueError
        if isinstance(child, engine.boxes.TextBox):
            if child.style["white_space"] not in ("normal", "nowrap"):
                raise ValueError
            if child.text:
                yield (*path, index), child
        elif isinstance(child, engine.boxes.InlineBox) and not child.is_leader and _is_plain(child.style):
            yield from _leaves(child, (*path, index))
        else:
            raise ValueError


def _is_plain(style: Any) -> bool:
    if style["position"] != "static" or any(style[name] for name in _BORDERS):
        return False
    return not any(getattr(style[name], "value", style[name]) for name in _EDGES)


def _paragraph(linebox: Box, context: Any, cap: _Cap, width: float) -> _Paragraph | None:
    """Return a line box as a paragraph to choose lines for, kept on it; None: it is left to the engine."""
    kept = linebox.__dict__.get(_PLAN)
    if kept is not None and (not kept or (kept.width, kept.cap) == (width, cap)):
        return kept or None
    paragraph: _Paragraph | None = None
    style = linebox.style
    is_justified = style["text_align_all"] == "justify" and width - cap.width >= NARROW * style["font_size"]
    if is_justified and style["direction"] == "ltr" and style["white_space"] == "normal":
        try:
            leaves = list(_leaves(linebox))
        except ValueError:
            leaves = []
        text = "".join(leaf.text for _, leaf in leaves)
        if len(text) > _SHORT and not _OTHER.search(text):
            paragraph = _Paragraph(leaves, cap, context, width)
    linebox.__dict__[_PLAN] = paragraph or False
    return paragraph


class _Setting(NamedTuple):
    """The line that is being set."""

    linebox: Box
    paragraph: _Paragraph
    line: _Line


_setting: _Setting | None = None


def _next_line(context: Any, linebox: Box, position_y: float, bottom_space: float, *more: Any) -> Any:
    """Set the next line of a line box, to its chosen end where there is one."""
    global _setting  # noqa: PLW0603 - the engine's functions call each other by their names
    skip_stack, block, *_, first_letter, first_line = more
    outside, _setting = _setting, None
    if not (first_letter or first_line):
        cap = _cap(linebox, context, position_y, begun=bool(skip_stack))
        paragraph = None if cap is None else _paragraph(linebox, context, cap, block.width)
        if paragraph is not None:
            room = _Room(context, position_y, bottom_space, engine.strut(linebox.style)[0])
            _setting = _chosen(linebox, paragraph, skip_stack, room)
    try:
        line, resume_at = _get_next_linebox(context, linebox, position_y, bottom_space, *more)
    finally:
        _setting = outside
    if context.current_page_footnotes and resume_at and not skip_stack and line is not None:
        _leave_to_next_page(context, line, bottom_space)
    return line, resume_at


def _cap(linebox: Box, context: Any, top: float, *, begun: bool) -> _Cap | None:
    """Return what floats beside a paragraph; None: a line is left to the engine there."""
    shapes = [s for s in context.excluded_shapes if s.position_y + s.margin_height() > top]
    width = float(shapes[0].margin_width()) if shapes else 0.0
    if begun and (paragraph := linebox.__dict__.get(_PLAN)):
        return paragraph.cap if width in (0.0, paragraph.cap.width) else None
    if not shapes:
        return _NO_CAP
    if begun:  # its first line was left to the engine, for it has a style of its own
        return None
    below = shapes[0].position_y + shapes[0].margin_height() - top
    return _Cap(width, ceil(below / engine.strut(linebox.style)[0] - _NEARLY)) if len(shapes) == 1 else None


def _avoid_collisions(context: Any, box: Box, *more: Any, **named: Any) -> Any:
    """Return where a line stands beside a drop cap: there too where its spaces have yet to shrink."""
    if _setting is None or not (_setting.paragraph.cap.lines and isinstance(box, engine.boxes.LineBox)):
        return _avoid(context, box, *more, **named)
    width, box.width = box.width, 0
    try:
        return _avoid(context, box, *more, **named)
    finally:
        box.width = width


def _leave_to_next_page(context: Any, line: Box, bottom_space: float) -> None:
    """Say that a paragraph's first line has no room on a page where only its second has none.

    The engine would send the page's last note to the next page, away from its call, so that two lines have
    room. A line in the upper half is left to it: it might be the page's first, which may overflow.
    """
    room = _Room(context, line.position_y, bottom_space, line.height)
    if line.position_y > context.page_bottom / 2 and not room.holds(line.style["orphans"]):
        line.height += context.page_bottom


class _Room(NamedTuple):
    """What is free of a page below the place where a line is set, and how high a line is; pixels."""

    context: Any
    top: float
    below: float
    line: float

    def holds(self, lines: int) -> bool:
        """Tell whether there is room for so many lines."""
        return not self.context.overflows_page(self.below, self.top + lines * self.line)


def _chosen(linebox: Box, paragraph: _Paragraph, skip_stack: Any, room: _Room) -> _Setting | None:
    """Return the line to set next; no page ends in a hyphen, if that can be."""
    start = paragraph.offset(linebox, skip_stack) if skip_stack else 0
    line = paragraph.line(start, linebox.text_indent)
    if line is not None and start == 0 and not room.holds(len(paragraph.lines)):
        paragraph.ends_page_after(_count(room), linebox.text_indent)
        line = paragraph.lines[0]
    elif line is not None and line.hyphen and _ends_page(paragraph, line, room):
        line = paragraph.undivided(start)
    return None if line is None else _Setting(linebox, paragraph, line)


def _count(room: _Room) -> int:
    """Return how many lines a page has room for."""
    count = 0
    while room.holds(count + 1):
        count += 1
    return count


def _ends_page(paragraph: _Paragraph, line: _Line, room: _Room) -> bool:
    """Tell whether a line is the last of its page: no other has room, or one that the next needs."""
    if not room.holds(1) or room.holds(3):
        return False
    return not room.holds(2) or paragraph.is_last_but_one(line.next)


def _split_inline_box(context: Any, box: Box, position_x: float, max_x: float, *more: Any) -> Any:
    """Fill a line: one whose end is chosen takes what it gets."""
    if _setting is not None and box is _setting.linebox:
        max_x += _setting.paragraph.width
    return _fill(context, box, position_x, max_x, *more)


def _split_text_box(context: Any, box: Box, available: Any, skip: int, is_line_start: bool = True) -> Any:  # noqa: FBT001, FBT002 - the engine's own signature
    """Cut a text where the line ends that is being set."""
    leaf = None if _setting is None or available is None else _setting.paragraph.number.get(id(box))
    if leaf is None or _setting is None:
        return _cut(context, box, available, skip, is_line_start=is_line_start)
    start, end = _setting.paragraph.starts[leaf], _setting.line.end
    if end > start + len(box.text) or end >= _setting.paragraph.end:
        return _cut(context, box, None, skip)
    encoded = box.text.encode()
    piece = encoded[skip:].decode()[: end - start - len(encoded[:skip].decode())]
    resume = len(box.text[: _setting.line.next - start].encode())
    new_box, _, _ = _cut(context, box.copy_with_text(piece + _SIGN * _setting.line.hyphen), None, 0)
    return new_box, resume, False


def _text_align(context: Any, line: Box, available: float, last: bool) -> Any:  # noqa: FBT001 - the engine's own signature
    """Align a line; one with a chosen end may shrink its spaces, and a narrow measure is set ragged."""
    if line.style["text_align_all"] == "justify":
        if available < NARROW * line.style["font_size"] and _setting is None:
            return 0
        if _setting is not None and _setting.paragraph.is_open(_setting.line):
            return 0
        spaces = 0 if _setting is None else engine.count_expandable_spaces(line)
        if spaces and line.width > available:
            engine.add_word_spacing(context, line, (available - line.width) / spaces, 0)
            return 0
    return _align(context, line, available, last)


class _Block(NamedTuple):
    """The width between a line's beginning and the right edge of its block."""

    width: float


def _handle_leader(context: Any, line: Box, block: Box) -> None:
    """Fill a line with its leader, up to the edge where the line hangs too."""
    _lead(context, line, _Block(block.width - line.text_indent) if line.text_indent else block)


_get_next_linebox, _fill = engine.get_next_linebox, engine.split_inline_box
_avoid = engine.avoid_collisions
_cut, _align, _lead = engine.split_text_box, engine.text_align, engine.handle_leader


def break_lines_together() -> None:
    """Let WeasyPrint end the lines of paragraphs where they are chosen here."""
    engine.get_next_linebox, engine.split_inline_box = _next_line, _split_inline_box
    engine.split_text_box, engine.text_align = _split_text_box, _text_align
    engine.handle_leader, engine.avoid_collisions = _handle_leader, _avoid_collisions
