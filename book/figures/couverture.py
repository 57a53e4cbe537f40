"""The cover: a ball has gone over a white fence; 1600 × 2560 pixels, as bookshops ask for.

`python book/figures/couverture.py` writes book/images/couverture.svg and .jpg. Author, title, subtitle
and publisher are those of book.toml; letters become outlines, the large ones of Source Serif 4 for display.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape

import fontpkg
import resvg_py
import uharfbuzz
from PIL import Image

BOOK = Path(__file__).parent.parent
WIDTH, HEIGHT, MARGIN = 1600, 2560, 128
#: The colours: dusk, white paint, its shade on what stands behind, the ball, the ground.
SKY, PAINT, SHADE, BALL, GROUND = "#17313a", "#f3ebda", "#b9b19c", "#ea5a33", "#0e2229"
#: The fence: breadth of a pale, gap of two, height of the points, of their shoulders and of the ground.
BROAD, GAP, POINT, SHOULDER, SOIL = 118, 40, 1560, 1652, 2420
#: Upper edges of the rails, and their breadth.
RAILS, RAIL = (1772, 2188), 66
#: Where the ball was and where it is now, the number of its traces between, its radius.
THROWN, NOW, TRACES, RADIUS = (70, 2330), (1190, 1300), 11, 122


@dataclass(frozen=True)
class Hand:
    """How a line is written: family, weight, size for which the letters are cut, slope, tracking in ems."""

    family: str
    weight: int
    optical: int = 0
    style: str = "normal"
    tracking: float = 0


TITLE = Hand("Source Serif 4", 500, 60, tracking=-0.012)
SUBTITLE = Hand("Source Serif 4", 400, 32, "italic")
SMALL = Hand("Source Sans 3", 600, tracking=0.09)


@cache
def _font(hand: Hand) -> uharfbuzz.Font:
    file = fontpkg.path(hand.family, weight=hand.weight, style=hand.style)
    font = uharfbuzz.Font(uharfbuzz.Face(file.read_bytes()))
    font.set_variations({"wght": hand.weight, "opsz": hand.optical})
    return font


def written(words: str, hand: Hand, size: float, x: float, y: float) -> str:
    """Turn a line of words into an SVG path that begins at `x`, on the baseline `y`, in pixels."""
    font, buffer = _font(hand), uharfbuzz.Buffer()
    buffer.add_str(words)
    buffer.guess_segment_properties()
    uharfbuzz.shape(font, buffer)
    unit = size / font.face.upem
    path: list[str] = []
    for glyph, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        pen = Pen(path, x + position.x_offset * unit, y, unit)
        font.draw_glyph_with_pen(glyph.codepoint, pen)
        x += position.x_advance * unit + hand.tracking * size
    return f'<path d="{"".join(path)}"/>'


@dataclass
class Pen:
    """Writes a glyph's outline into an SVG path, at a place and a scale (fontTools' segment pen protocol)."""

    path: list[str]
    x: float
    y: float
    unit: float

    def _add(self, letter: str, *points: tuple[float, float]) -> None:
        places = (f"{self.x + a * self.unit:.1f} {self.y - b * self.unit:.1f}" for a, b in points)
        self.path.append(letter + " ".join(places))

    def moveTo(self, point: tuple[float, float]) -> None:  # noqa: N802 - the protocol's names
        """Begin an outline."""
        self._add("M", point)

    def lineTo(self, point: tuple[float, float]) -> None:  # noqa: N802
        """Draw a straight line."""
        self._add("L", point)

    def qCurveTo(self, *points: tuple[float, float]) -> None:  # noqa: N802
        """Draw a quadratic curve."""
        self._add("Q", *points)

    def curveTo(self, *points: tuple[float, float]) -> None:  # noqa: N802
        """Draw a cubic curve."""
        self._add("C", *points)

    def closePath(self) -> None:  # noqa: N802
        """End an outline."""
        self.path.append("Z")


def fence() -> Iterator[str]:
    """Yield the fence, wider than the cover: rails, pales before them, their nails, the ground."""
    rails = "".join(f"M0 {top}H{WIDTH}V{top + RAIL}H0Z" for top in RAILS)
    yield f'<path fill="{SHADE}" d="{rails}"/>'
    number = WIDTH // (BROAD + GAP) + 2
    first = (WIDTH - number * (BROAD + GAP) + GAP) // 2
    lefts = range(first, WIDTH, BROAD + GAP)
    pales = "".join(
        f"M{x} {SOIL}V{SHOULDER}L{x + BROAD // 2} {POINT}L{x + BROAD} {SHOULDER}V{SOIL}Z" for x in lefts
    )
    yield f'<path fill="{PAINT}" d="{pales}"/>'
    yield f'<g fill="{SHADE}">'
    for x in lefts:
        for top in RAILS:
            yield f'<circle cx="{x + BROAD // 2}" cy="{top + RAIL // 2}" r="6"/>'
    yield f'</g><rect y="{SOIL}" width="{WIDTH}" height="{HEIGHT - SOIL}" fill="{GROUND}"/>'


def ball() -> Iterator[str]:
    """Yield the ball's traces, on a parabola that ends level, and the ball."""
    yield f'<g fill="{BALL}">'
    for number in range(TRACES):
        part = number / (TRACES + 1)
        x = THROWN[0] + (NOW[0] - THROWN[0]) * part
        y = THROWN[1] + (NOW[1] - THROWN[1]) * (1 - (1 - part) ** 2)
        yield f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{9 + 9 * part:.0f}"/>'
    yield f'<circle cx="{NOW[0]}" cy="{NOW[1]}" r="{RADIUS}"/></g>'


def letters(book: dict[str, str]) -> Iterator[str]:
    """Yield the words: author, title and subtitle, above the fence."""
    yield f'<g fill="{PAINT}">'
    yield written(book["author"].upper(), SMALL, 46, MARGIN, 200)
    for number, words in enumerate(book["title"].split(" ", 1)):
        yield written(words, TITLE, 304, MARGIN - 12, 560 + 290 * number)
    for number, words in enumerate(book["subtitle"].replace(" et ", "\net ").split("\n")):
        yield written(words, SUBTITLE, 78, MARGIN, 1000 + 100 * number)
    yield "</g>"


def cover() -> str:
    """Return the cover as SVG."""
    toml = tomllib.loads(Path(BOOK, "book.toml").read_text(encoding="utf-8"))
    book = toml | {"author": next(one["name"] for one in toml["contributors"] if one["role"] == "aut")}
    head = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {head}>',
        f"<title>{escape(book['title'])}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{SKY}"/>',
        *letters(book), *fence(), *ball(),
        f'<g fill="{PAINT}">{written(book["publisher"].upper(), SMALL, 38, MARGIN, 2506)}</g>', "</svg>",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def jpeg(svg: str) -> bytes:
    """Return the cover as JPEG, 300 pixels an inch."""
    out = BytesIO()
    with Image.open(BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg)))) as image:
        image.convert("RGB").save(out, "JPEG", quality=90, optimize=True, dpi=(300, 300))
    return out.getvalue()


if __name__ == "__main__":
    drawn = cover()
    Path(BOOK, "images", "couverture.svg").write_text(drawn, encoding="utf-8")
    Path(BOOK, "images", "couverture.jpg").write_bytes(jpeg(drawn))
