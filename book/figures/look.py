"""The common look of the figures: the text block's width, the book's sans, four greys, two line weights.

Letters become outlines: an e-reader that shows an SVG gives it none of the book's fonts, and another face
would run over its neighbours. What a figure says in words is in its alternative text and long description.
The ground is white, not empty, so that a figure can be read on a page that is black by night.
"""

from __future__ import annotations

import csv
import re
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

import matplotlib as mpl
from fontTools.ttLib import TTFont
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle

from publish import fonts

BOOK = Path(__file__).parent.parent
IMAGES = BOOK / "images"

#: Points in a millimetre.
MM = 72 / 25.4
#: Width of the text block of a page of 140 × 210 mm, in points (105,8 mm; `pdf/geometry.py`).
WIDTH = 300.0
#: Sizes of letters in points: what is said, and what is said beside it. Captions have 8.7.
SIZE, SMALL = 8.6, 7.8
#: Weights of lines in points: axes and hair lines, curves and frames.
HAIR, LINE = 0.5, 1.1
#: Ink, from black to the palest that a press holds.
INK, DARK, MIDDLE, LIGHT, PALE = "#111111", "#4d4d4d", "#7a7a7a", "#b8b8b8", "#e4e4e4"
PAPER = "#ffffff"

_LETTERS = frozenset(map(chr, (*range(0x20, 0x7F), *range(0xA0, 0x180)))) | frozenset(
    "’«»–—−×→←↑↓≈≥≤·…\u202f⁰¹²³⁴⁵⁶⁷⁸⁹εγβ"
)


def rows(name: str) -> list[dict[str, str]]:
    """Return the lines of book/data/NAME.csv."""
    with Path(BOOK, "data", f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def french(number: float, digits: int = 0, *, sign: bool = False) -> str:
    """Write a number as French prints it: decimal comma, thin spaces between thousands, a true minus."""
    text = f"{number:{'+' if sign else ''},.{digits}f}"
    return text.replace(",", "\u202f").replace(".", ",").replace("-", "−")


@cache
def _faces() -> tuple[tempfile.TemporaryDirectory[str], dict[tuple[int, str], str]]:
    """Return the files of Source Sans 3, static, for Matplotlib knows no axes; and their folder."""
    folder = tempfile.TemporaryDirectory(prefix="figures-")
    files: dict[tuple[int, str], str] = {}
    for face in fonts.faces(_LETTERS)[0]:
        if face.role == "sans":
            file = Path(folder.name, face.file_name)
            file.write_bytes(_named(face.data, f"SourceSans3-{face.weight}-{face.style}"))
            files[face.weight, face.style] = str(file)
    return folder, files


def _named(data: bytes, name: str) -> bytes:
    """Give a font a PostScript name of its own: Matplotlib makes the names of outlines of it."""
    font = TTFont(BytesIO(data))
    font["name"].setName(name, 6, 3, 1, 0x409)
    out = BytesIO()
    font.save(out)
    return out.getvalue()


def letters(size: float = SIZE, *, bold: bool = False, italic: bool = False) -> FontProperties:
    """Return the book's sans in a size, in points."""
    _, files = _faces()
    return FontProperties(fname=files[600 if bold else 400, "italic" if italic else "normal"], size=size)


class Sheet:
    """A figure as wide as the text block; places are points from its upper left corner."""

    def __init__(self, height: float) -> None:
        """Begin a white sheet, `height` points high."""
        mpl.rcParams.update({"svg.fonttype": "path", "svg.hashsalt": "figure", "path.simplify": False})
        self.height = height
        self.figure = Figure(figsize=(WIDTH / 72, height / 72), facecolor=PAPER)
        #: The whole sheet, for words and lines outside the axes.
        self.ground = self.figure.add_axes((0, 0, 1, 1))
        self.ground.set(xlim=(0, WIDTH), ylim=(height, 0))
        self.ground.axis("off")

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Return axes at a place of the sheet: hair lines below and at the left, no frame."""
        box = (left / WIDTH, 1 - (top + height) / self.height, width / WIDTH, height / self.height)
        axes = self.figure.add_axes(box, facecolor="none")
        for side, spine in axes.spines.items():
            spine.set(visible=side in {"left", "bottom"}, color=MIDDLE, linewidth=HAIR)
        axes.tick_params(length=2.5, width=HAIR, color=MIDDLE, pad=2.5)
        return axes

    def write(self, x: float, y: float, words: str, **look: Any) -> None:
        """Write words on the sheet, their baseline at `y`."""
        write(self.ground, x, y, words, **look)

    def note(self, words: str, right: float = WIDTH) -> None:
        """Say at the foot, on the right, what an axis measures."""
        self.write(right, self.height - 4, words, ha="right", size=SMALL, color=DARK, italic=True)

    def block(self, corner: tuple[float, float], size: tuple[float, float], fill: str, **look: Any) -> None:
        """Fill a rectangle of the sheet, without an edge unless `look` gives one."""
        style: dict[str, Any] = {"facecolor": fill, "edgecolor": "none"} | look
        self.ground.add_patch(Rectangle(corner, *size, **style))

    def rule(self, x: Sequence[float], y: Sequence[float], **look: Any) -> None:
        """Draw a line on the sheet."""
        style: dict[str, Any] = {"color": MIDDLE, "linewidth": HAIR, "solid_capstyle": "butt"} | look
        self.ground.plot(x, y, **style)


def write(axes: Axes, x: float, y: float, words: str, **look: Any) -> None:
    """Write words in axes: `size`, `bold`, `italic`, and what Matplotlib's text takes."""
    face = letters(
        look.pop("size", SIZE),
        bold=look.pop("bold", False),
        italic=look.pop("italic", False),
    )
    style: dict[str, Any] = {"color": INK, "va": "baseline", "linespacing": 0.98} | look
    axes.text(x, y, words, fontproperties=face, **style)


def dot(axes: Axes, x: float, y: float, *, full: bool, size: float = 6.2) -> None:
    """Draw a point, black or white with a black rim."""
    fill = INK if full else PAPER
    axes.plot([x], [y], "o", color=fill, markeredgecolor=INK, markeredgewidth=LINE, markersize=size, zorder=5)


def beside(
    axes: Axes, place: tuple[float, float], words: str, shift: tuple[float, float], **look: Any
) -> None:
    """Write small words beside a place of the axes, `shift` points away, on that side."""
    align = "left" if shift[0] > 0 else "right" if shift[0] < 0 else "center"
    face = letters(SMALL, italic=look.pop("italic", False))
    style = {"color": INK, "va": "baseline" if shift[1] else "center", "annotation_clip": False} | look
    axes.annotate(words, place, shift, textcoords="offset points", ha=align, fontproperties=face, **style)


def arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], gap: float = 0) -> None:
    """Draw an arrow between two places, `gap` points away from each."""
    style = {
        "arrowstyle": "-|>,head_length=3.6,head_width=1.7", "mutation_scale": 1, "color": DARK,
        "linewidth": 0.8, "shrinkA": gap, "shrinkB": gap,
    }  # fmt: skip
    axes.annotate("", end, start, arrowprops=style, zorder=4)


def label_ticks(axes: Axes, size: float = SMALL) -> None:
    """Set the words along the axes in the book's sans."""
    for words in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        words.set_fontproperties(letters(size))
        words.set_color(DARK)


class Bar(NamedTuple):
    """A lying bar: its name, what it is, its value, the value in words, its grey."""

    name: str
    gloss: str
    value: float
    words: str
    grey: str


def bars(lines: Sequence[Bar], left: float) -> Sheet:
    """Return a sheet of lying bars that begin at `left`; the longest takes the room there is."""
    sheet = Sheet(len(lines) * 25 + 6)
    room, full = WIDTH - left - 46, max(line.value for line in lines)
    for number, line in enumerate(lines):
        y, length, black = 6 + number * 25, room * line.value / full, line.grey == INK
        sheet.write(left - 7, y + 8, line.name, ha="right", bold=black)
        sheet.write(left - 7, y + 17.5, line.gloss, ha="right", size=SMALL, color=DARK)
        sheet.ground.barh(y + 9, length, height=14, left=left, color=line.grey)
        sheet.write(left + length + 4, y + 12, line.words, bold=black)
    sheet.rule((left, left), (2, 6 + len(lines) * 25 - 4))
    return sheet


#: Name → what draws it, in the order of the book.
FIGURES: dict[str, Callable[[], Sheet]] = {}


def figure(name: str) -> Callable[[Callable[[], Sheet]], Callable[[], Sheet]]:
    """Enter a drawing under its name: it becomes book/images/NAME.svg."""

    def entered(draw: Callable[[], Sheet]) -> Callable[[], Sheet]:
        FIGURES[name] = draw
        return draw

    return entered


def svg(drawn: Sheet, title: str) -> bytes:
    """Return the sheet as SVG: the same data and versions, the same bytes; no date, no name of a program."""
    for axes in drawn.figure.axes:
        for artist in axes.get_children():
            artist.set_clip_on(False)
    buffer = BytesIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    drawn.figure.savefig(buffer, format="svg", metadata=nothing)
    text = buffer.getvalue().decode()
    text = re.sub(
        r"<\?xml.*?>\s*|<!DOCTYPE.*?>\s*|<!--.*?-->\s*|<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL
    )
    text = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>\s*", "", text, flags=re.DOTALL)
    text = re.sub(r'<g id="[^"]*"/>', "", re.sub(r'<g id="[^"]*">', "<g>", text))
    text = re.sub(r"-?\d+\.\d{3,}", _short, text)
    text = re.sub(
        r'(<svg\b[^>]*) version="1.1">', rf'\1 role="img">\n <title>{escape(title)}</title>', text, count=1
    )
    return re.sub(r"\n\s*", "\n", text).encode()


def _short(number: re.Match[str]) -> str:
    """Keep five digits, a hundredth of a point: a press has no finer eye, and machines agree so far."""
    short = f"{float(number[0]):.5g}"
    return "0" if "e" in short or short == "-0" else short
