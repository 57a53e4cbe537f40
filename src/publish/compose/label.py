"""The words of a cover → lines set on its label, by the widths of the letters. Measures in pixels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import groupby, pairwise
from math import inf

from PIL import ImageFont

from publish.fonts import FontFace

#: What text may take of the label's width, and the space between the label's edge and text.
_MEASURE, _INSIDE = 970, 130
#: Above the short rule (and a fifth of the line above it, for its descenders), and below.
_BESIDE_RULE = 58
_LEAST_HEIGHT, _MOST_HEIGHT = 900, 2260
#: Height of capitals in ems: what stands between a line's top and its baseline.
_CAPITALS = 0.7
#: Depth of descenders in ems.
_DESCENDERS = 0.22
#: Letters are measured at this size; widths grow in proportion.
_UNIT = 200
#: How good the end of a line is after these signs, where the sense makes a pause: less is better.
_ENDINGS = dict.fromkeys(",、，", -0.08) | dict.fromkeys(";:.!?…—–。：；！？", -0.3)
#: A longer text ends in « … », and a longer word may break anywhere, in letters: no title has them.
_LONGEST_TEXT, _LONGEST_WORD = 400, 90
#: What may not begin a line in Japanese and Chinese (JIS X 4051, the signs that titles use).
_NO_START = frozenset("、。，．・：；？！）」』】〉》〕々ー…ぁぃぅぇぉっゃゅょァィゥェォッャュョ")


@dataclass(frozen=True, slots=True)
class Block:
    """A text of the label, and how it may be set."""

    text: str
    largest: int
    smallest: int
    #: How many lines it may take at the largest size; a smaller one may take more.
    lines: int
    #: Space above.
    above: float
    italic: bool = False
    #: Letter-spacing in ems.
    spacing: float = 0.0
    #: Distance of baselines in ems.
    leading: float = 1.3
    #: A short rule parts it from what stands above.
    ruled: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line on the label; `y` is its baseline."""

    text: str
    y: float
    size: float
    italic: bool
    #: Letter-spacing.
    spacing: float


@dataclass(frozen=True, slots=True)
class Label:
    """What stands on the label, from its top; `rules` are the heights of its short rules."""

    height: float
    lines: tuple[Line, ...]
    rules: tuple[float, ...]


class Measure:
    """Advance widths of a text in the faces that it will be drawn in."""

    def __init__(self, faces: Iterable[FontFace]) -> None:
        """Open the upright and the italic face of the text, and the first of the fallbacks."""
        known = [face for face in faces if face.weight == 400 and face.role in ("serif", "fallback")]
        self._fonts = {
            (face.role, face.style): ImageFont.truetype(BytesIO(face.data), _UNIT) for face in reversed(known)
        }

    def ems(self, text: str, block: Block) -> float:
        """Return the width in ems of a text set as a block is."""
        upright = self._fonts["serif", "normal"]
        own = self._fonts.get(("serif", "italic"), upright) if block.italic else upright
        other = self._fonts.get(("fallback", "normal"), own)
        runs = ((other if foreign else own, "".join(run)) for foreign, run in groupby(text, _is_foreign))
        return sum(font.getlength(run) for font, run in runs) / _UNIT + _spacing(text, block) * len(text)


def _spacing(text: str, block: Block) -> float:
    """Return the letter-spacing of a text in ems: none where letters join, or stand in squares."""
    return 0.0 if any(map(_is_foreign, text)) else block.spacing


def label(blocks: Iterable[Block], measure: Measure) -> Label:
    """Set blocks under each other, centred in the label's height when they leave some of it free.

    What would need a label higher than the cover is set smaller.
    """
    blocks = tuple(blocks)
    made, bottom = _set(blocks, measure)
    while made.height > _MOST_HEIGHT:
        blocks = tuple(
            replace(block, largest=block.largest * 4 // 5, smallest=block.smallest * 4 // 5)
            for block in blocks
        )
        made, bottom = _set(blocks, measure)
    return _centred(made, bottom)


def _set(blocks: Iterable[Block], measure: Measure) -> tuple[Label, float]:
    """Set blocks from the top; return the label and where its last line stands."""
    lines: list[Line] = []
    rules: list[float] = []
    bottom = float(_INSIDE)
    for block in blocks:
        if block.ruled:
            rules.append(bottom + _BESIDE_RULE + _DESCENDERS * lines[-1].size if lines else bottom)
            bottom = rules[-1] + _BESIDE_RULE
        size, texts = _fitted(block, measure)
        top = bottom + (block.above if lines else 0)
        for number, text in enumerate(texts):
            y = top + (_CAPITALS + number * block.leading) * size
            lines.append(Line(text, y, size, block.italic, round(_spacing(text, block) * size, 2)))
        bottom = lines[-1].y
    return Label(max(bottom + _INSIDE, _LEAST_HEIGHT), tuple(lines), tuple(rules)), bottom


def _centred(made: Label, bottom: float) -> Label:
    down = (made.height - _INSIDE - bottom) / 2
    lines = tuple(replace(line, y=round(line.y + down)) for line in made.lines)
    return Label(round(made.height), lines, tuple(round(rule + down) for rule in made.rules))


def _fitted(block: Block, measure: Measure) -> tuple[int, list[str]]:
    """Return the largest size at which a text fits, and its lines; a word that never fits sets the size."""
    pieces = [
        (piece, measure.ems(piece, block), measure.ems(piece.rstrip(), block))
        for piece in _pieces(block.text)
    ]
    for size in range(block.largest, block.smallest, -4):
        lines = _lines(pieces, _MEASURE / size)
        if len(lines) <= block.lines + (block.largest - size) // 36 and _widest(lines) <= _MEASURE / size:
            return size, _texts(_balanced(pieces, len(lines), _MEASURE / size))
    size = min(block.smallest, int(_MEASURE / max(ems for _, _, ems in pieces)))
    return size, _texts(_lines(pieces, _MEASURE / size))


_Piece = tuple[str, float, float]


def _lines(pieces: Sequence[_Piece], width: float) -> list[list[_Piece]]:
    """Fill lines of a width in ems; a piece that is wider stands alone."""
    lines: list[list[_Piece]] = [[]]
    for piece in pieces:
        if lines[-1] and sum(ems for _, ems, _ in lines[-1]) + piece[2] > width:
            lines.append([])
        lines[-1].append(piece)
    return lines


def _balanced(pieces: Sequence[_Piece], count: int, width: float) -> list[list[_Piece]]:
    """Break a text into a number of lines so that they are of like width, and end where the sense does."""
    best: dict[tuple[int, int], tuple[float, list[list[_Piece]]]] = {(0, 0): (0.0, [])}
    for line in range(1, count + 1):
        for end in range(line, len(pieces) + 1):
            tried = [
                (
                    cost + _cost(pieces[start:end], width, last=end == len(pieces)),
                    [*lines, list(pieces[start:end])],
                )
                for start in range(end)
                for cost, lines in [best.get((line - 1, start), (inf, []))]
            ]
            best[line, end] = min(tried, key=lambda pair: pair[0])
    return best[count, len(pieces)][1]


def _cost(line: Sequence[_Piece], width: float, *, last: bool) -> float:
    """Return how bad a line is: the square of what it leaves free, in shares of the width."""
    free = 1 - _widest([line]) / width
    word = line[-1][0].strip()
    ending = 0.0 if last else _ENDINGS.get(word[-1:], 0.08 if len(word) < 4 and word.isalpha() else 0.0)
    return free * free + ending if free >= -0.001 else inf


def _widest(lines: Iterable[Sequence[_Piece]]) -> float:
    return max(sum(ems for _, ems, _ in line[:-1]) + line[-1][2] for line in lines)


def _texts(lines: Iterable[Iterable[_Piece]]) -> list[str]:
    return ["".join(text for text, _, _ in line).strip() for line in lines]


def _pieces(text: str) -> Iterator[str]:
    """Yield what no line break may part: words with the space after them; in Japanese, each sign.

    What is too long for any cover is cut: it is whole on the title page.
    """
    start = 0
    text = f"{_shortened(text.strip())} "
    for at, (before, after) in enumerate(pairwise(text), 1):
        between_signs = _is_wide(before) and _is_wide(after) and after not in _NO_START
        if before in " \t\n" or between_signs or at - start >= _LONGEST_WORD:
            yield text[start:at]
            start = at
    yield text[start:]


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 1].rstrip()}…"


def _is_foreign(letter: str) -> bool:
    """Tell whether the default faces lack a letter: they have Latin, Greek and Cyrillic."""
    return "\u0590" <= letter < "\u1e00" or letter >= "\u2c00"


def _is_wide(letter: str) -> bool:
    return "\u3000" <= letter < "\uac00" or "\uf900" <= letter < "\ufb00" or "\uff00" <= letter < "\uff61"
