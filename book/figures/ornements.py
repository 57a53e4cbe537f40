"""The ornaments of the printed pages: the fence of the cover in greys, and the ball on its way over it.

`python book/figures/ornements.py` writes book/styles/*.svg, which papier.css sets as backgrounds: decoration,
that a reader by ear is not told of.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

STYLES = Path(__file__).parent.parent / "styles"
#: Ink, the grey of the pales and that of the rails behind them.
INK, PALES, RAILS = "#111111", "#c4c4c4", "#8f8f8f"
WIDTH, HEIGHT = 300, 150
#: Ground, points and shoulders of the pales, breadth of one and of a gap, in points.
SOIL, POINT, SHOULDER, BROAD, GAP = 149.5, 82, 91, 11.6, 4.0
#: Where the ball lies before the first part, flies over before the second, and falls behind before the third.
START, TOP, END = (32.0, 141.0), (152.0, 32.0), (262.0, 78.0)
RADIUS = 8.5


def fence(foot: float = SOIL) -> str:
    """Return the fence over the whole width: rails, then pales."""
    rails = "".join(f"M0 {y}H{WIDTH}V{y + 6}H0Z" for y in (103, 130))
    number = int((WIDTH + GAP) // (BROAD + GAP))
    first = (WIDTH - number * (BROAD + GAP) + GAP) / 2
    lefts = [first + n * (BROAD + GAP) for n in range(number)]
    pales = "".join(
        f"M{x:.1f} {foot}V{SHOULDER}L{x + BROAD / 2:.1f} {POINT}L{x + BROAD:.1f} {SHOULDER}V{foot}Z"
        for x in lefts
    )
    return f'<path fill="{RAILS}" d="{rails}"/><path fill="{PALES}" d="{pales}"/>'


def traces(start: tuple[float, float], end: tuple[float, float], *, rising: bool) -> Iterator[str]:
    """Yield the traces of the ball between two places: a parabola that is level at its upper end."""
    for number in range(1, 9):
        part = number / 9
        x = start[0] + (end[0] - start[0]) * part
        bend = 1 - (1 - part) ** 2 if rising else part**2
        yield f'<circle cx="{x:.1f}" cy="{start[1] + (end[1] - start[1]) * bend:.1f}" r="1.3"/>'


def ball(place: tuple[float, float]) -> str:
    """Return the ball at a place."""
    return f'<circle cx="{place[0]}" cy="{place[1]}" r="{RADIUS}"/>'


def part(number: int) -> str:
    """Return the picture at the foot of a part's page."""
    ground = f'<path d="M0 {SOIL}H{WIDTH}" stroke="{INK}" stroke-width="0.8"/>'
    if number == 1:
        return f'{fence()}<g fill="{INK}">{ball(START)}</g>{ground}'
    way = "".join(traces(START, TOP, rising=True))
    if number == 2:
        return f'{fence()}<g fill="{INK}">{way}{ball(TOP)}</g>{ground}'
    fall = "".join(traces(TOP, END, rising=False))
    return f'<g fill="{INK}">{fall}{ball(END)}</g>{fence()}<g fill="{INK}">{way}</g>{ground}'


def mark() -> str:
    """Return the mark over a chapter's number: five pales, 30 × 15 points."""
    pales = "".join(f"M{x} 15V3L{x + 2.2:.1f} 0L{x + 4.4:.1f} 3V15Z" for x in (0, 6.4, 12.8, 19.2, 25.6))
    return f'<path fill="{INK}" d="M0 5H30V6.4H0ZM0 10.6H30V12H0Z{pales}"/>'


def svg(drawing: str, width: float, height: float) -> str:
    """Return a drawing as an SVG document, its measures in points."""
    box = f'viewBox="0 0 {width:g} {height:g}" width="{width:g}pt" height="{height:g}pt"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box}>{drawing}</svg>\n'


def ornaments() -> dict[str, str]:
    """Return every ornament by its file's name."""
    parts = {f"partie-{number}.svg": svg(part(number), WIDTH, HEIGHT) for number in (1, 2, 3)}
    low = POINT - 1
    strip = svg(f'<g transform="translate(0 {-low})">{fence()}</g>', WIDTH, SOIL + 0.5 - low)
    return parts | {"cloture.svg": strip, "piquets.svg": svg(mark(), 30, 15)}


if __name__ == "__main__":
    for name, data in ornaments().items():
        Path(STYLES, name).write_text(data, encoding="utf-8")
