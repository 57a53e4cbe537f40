"""The fence: what may be sold to China, in October 2022, in October 2023 and after: chapter 3."""

from __future__ import annotations

import math
from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.patches import Polygon

from look import (
    DARK,
    INK,
    LIGHT,
    LINE,
    MIDDLE,
    PALE,
    PAPER,
    SMALL,
    WIDTH,
    Sheet,
    arrow,
    dot,
    figure,
    french,
    rows,
)  # fmt: skip

_X, _Y = (300.0, 1000.0), (1750.0, 26000.0)
#: Height of a pale above its rail, breadth of a pale, distance of two, in points.
_PALE, _BREADTH, _STEP = 8.0, 2.3, 4.4


def fence(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Draw a fence between two places in points: pointed pales, two rails; an upright one is turned left."""
    (x0, y0), (x1, y1) = start, end
    length = math.hypot(x1 - x0, y1 - y0)
    along = ((x1 - x0) / length, (y1 - y0) / length)
    up = (0.0, -1.0) if y0 == y1 else (-1.0, 0.0)
    number = int(length // _STEP)
    gap = (length - number * _STEP + _STEP - _BREADTH) / 2

    def place(a: float, b: float) -> tuple[float, float]:
        return (x0 + along[0] * a + up[0] * b, y0 + along[1] * a + up[1] * b)

    for rail in (0.6, 4.2):
        axes.plot(
            *zip(place(0, rail), place(length, rail), strict=True),
            color=INK,
            linewidth=0.6,
            solid_capstyle="butt",
        )
    for n in range(number):
        a = gap + n * _STEP
        b = a + _BREADTH
        outline = [
            place(a, -2),
            place(a, _PALE - 2.6),
            place((a + b) / 2, _PALE),
            place(b, _PALE - 2.6),
            place(b, -2),
        ]
        axes.add_patch(Polygon(outline, facecolor=INK, edgecolor="none"))


class _Panel:
    """One side of the figure: the axes in points, the scales of interconnection and of power."""

    def __init__(self, sheet: Sheet, left: float, top: float, width: float, height: float) -> None:
        self.sheet, self.left, self.top, self.width, self.height = sheet, left, top, width, height

    def x(self, value: float) -> float:
        return self.left + self.width * (value - _X[0]) / (_X[1] - _X[0])

    def y(self, value: float) -> float:
        low, high = map(math.log10, _Y)
        return self.top + self.height * (high - math.log10(value)) / (high - low)

    def title(self, day: str, rule: str, middle: float) -> None:
        """Write the day and the rule above, and what it means inside, around `middle` of the scale."""
        self.sheet.write(self.left, 10, day, bold=True)
        self.sheet.write(self.left, 20.5, rule, size=SMALL, color=DARK)
        for number, word in enumerate(("licence", "obligatoire")):
            y = self.y(8600) + 9 * number
            self.sheet.write(self.x(middle), y, word, ha="center", size=SMALL, color=DARK)

    def frame(self, *, named: bool) -> None:
        """Draw the axes with the values that the rules and the chips have."""
        low, right = self.top + self.height, self.left + self.width
        self.sheet.rule((self.left, self.left, right), (self.top, low, low))
        for value in (400, 600, 900):
            self.sheet.rule((self.x(value),) * 2, (low, low + 2.5))
            self.sheet.write(self.x(value), low + 11, french(value), ha="center", size=SMALL, color=DARK)
        for value in (2368, 4800, 15830):
            self.sheet.rule((self.left - 2.5, self.left), (self.y(value),) * 2)
            if named:
                self.sheet.write(
                    self.left - 4.5, self.y(value) + 2.6, french(value), ha="right", size=SMALL, color=DARK
                )

    def yard(self, x: float, y: float) -> None:
        """Tint what may not leave without a licence: right of x, above y."""
        corner = (self.x(x), self.top)
        size = (self.left + self.width - corner[0], self.y(y) - self.top)
        self.sheet.block(corner, size, PALE, zorder=0)

    def chip(self, name: str, x: float, y: float, *, held: bool, side: tuple[float, float]) -> None:
        """Draw a chip: a black point is held, a white one on sale; the name stands at `side`."""
        halo = PALE if held else PAPER
        self.sheet.ground.plot(
            [self.x(x)], [self.y(y)], "o", markerfacecolor=halo, markeredgewidth=0, markersize=10, zorder=3
        )
        dot(self.sheet.ground, self.x(x), self.y(y), full=held)
        align = "center" if not side[0] else "left" if side[0] > 0 else "right"
        self.sheet.write(self.x(x) + side[0], self.y(y) + 3 + side[1], name, ha=align, bold=True, zorder=6)

    def move(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Draw what became of a chip, as an arrow from one to the other."""
        (x0, y0), (x1, y1) = ((self.x(x), self.y(y)) for x, y in (start, end))
        arrow(self.sheet.ground, (x0, y0), (x1, y1), gap=5)


@figure("cloture-2022-2023")
def fence_of_two_years() -> Sheet:
    """Draw the rule of 2022 and that of 2023 on the same axes, and the chips that went round the fence."""
    chips = {row["puce"]: (float(row["interconnexion_go_s"]), float(row["tpp"])) for row in rows("puces")}
    first, second = rows("seuils")
    sheet = Sheet(226)
    left, right = _Panel(sheet, 34, 38, 126, 146), _Panel(sheet, 173, 38, 126, 146)
    _corner(left, float(first["interconnexion_go_s"]), float(first["tpp"]))
    _line(right, float(first["interconnexion_go_s"]), float(second["tpp"]))
    for before, after in (("H100", "H800"), ("A100", "A800")):
        left.move(chips[before], chips[after])
    right.move(chips["H100"], chips["H20"])
    for panel, held in ((left, {"A100", "H100"}), (right, {"A100", "H100", "A800", "H800"})):
        panel.frame(named=panel is left)
        for name in ("A100", "H100", "A800", "H800"):
            side = (7.0, -6.0) if name == "A100" else (0.0, -10.0)
            panel.chip(name, *chips[name], held=name in held, side=side)
    right.chip("H20", *chips["H20"], held=False, side=(-7, 0))
    sheet.write(0, 30, "puissance", size=SMALL, color=DARK, italic=True)
    axis = "interconnexion, en gigaoctets par seconde"
    sheet.write(WIDTH, 207, axis, ha="right", size=SMALL, color=DARK, italic=True)
    for x, held_too, words in ((37, True, "puce retenue"), (107, False, "puce en vente")):
        dot(sheet.ground, x, 220, full=held_too)
        sheet.write(x + 7, 223, words, size=SMALL)
    return sheet


def _corner(panel: _Panel, link: float, power: float) -> None:
    """Draw the rule of 2022: a fence on two sides, for both limits must be passed at once."""
    panel.title("7 octobre 2022", "les deux seuils à la fois", 770)
    panel.yard(link, power)
    low, edge = panel.y(power) + _PALE, panel.x(link) - 2.5
    fence(panel.sheet.ground, (edge, panel.top), (edge, low))
    fence(panel.sheet.ground, (edge - 2, low), (panel.left + panel.width, low))


def _line(panel: _Panel, link: float, power: float) -> None:
    """Draw the rule of 2023: a fence over the whole width; of its upright side only dots are left."""
    panel.title("17 octobre 2023", "la puissance seule", 750)
    panel.yard(_X[0], power)
    low = panel.y(power) + _PALE
    fence(panel.sheet.ground, (panel.left, low), (panel.left + panel.width, low))
    dots = {"color": MIDDLE, "linestyle": (0, (1, 2)), "linewidth": 0.8}
    panel.sheet.rule((panel.x(link),) * 2, (panel.top, panel.y(power) - 10), **dots)


def _time(iso: str) -> float:
    """Turn « 2022-10 » into years: the middle of the month."""
    year, month = map(int, iso.split("-")[:2])
    return year + (month - 0.5) / 12


@figure("frise-des-puces")
def chips_in_time() -> Sheet:
    """Draw when each chip could be sold to China: white bars; held since: grey."""
    data = rows("puces")
    sheet = Sheet(len(data) * 21 + 34 + 28)
    left, right, top = 40.0, 299.0, 34.0
    start, end = 2022.0, 2026.0

    def x(moment: float) -> float:
        return left + (right - left) * (moment - start) / (end - start)

    foot = top + len(data) * 21
    for year in range(2022, 2027):
        sheet.rule((x(year), x(year)), (foot, foot + 3))
    for year in range(2022, 2026):
        sheet.write(x(year + 0.5), foot + 11, str(year), ha="center", size=SMALL, color=DARK)
    sheet.rule((left, right), (foot, foot))
    for moment, words in (
        ("2022-10", "première règle"), ("2023-10", "deuxième règle"), ("2025-04", "licence pour la H20"),
    ):  # fmt: skip
        sheet.rule(
            (x(_time(moment)),) * 2, (top - 10, foot), color=MIDDLE, linestyle=(0, (1, 2)), linewidth=0.8
        )
        first, last = words.split(" ", 1)
        sheet.write(x(_time(moment)), top - 24, first, ha="center", size=SMALL, color=DARK)
        sheet.write(x(_time(moment)), top - 14.5, last, ha="center", size=SMALL, color=DARK)
    for number, row in enumerate(data):
        _life(sheet, row, top + number * 21 + 4, x)
    sheet.block((left, foot + 18), (12, 7), PAPER, edgecolor=INK, linewidth=LINE)
    sheet.write(left + 16, foot + 24.5, "en vente", size=SMALL)
    sheet.block((left + 62, foot + 18), (12, 7), LIGHT)
    sheet.write(left + 78, foot + 24.5, "retenue, ou soumise à licence", size=SMALL)
    return sheet


def _spans(text: str, start: float, end: float) -> list[tuple[float, float, bool]]:
    """Turn « 2022-11..2023-10 2025-07.. » into years from and to; true: the beginning isn't known."""
    spans = []
    for span in text.split():
        since, until = span.split("..")
        known = "?" not in since
        # Of the H20 only the order is sure: it came after the rule of October 2023.
        begin = _time(since) if since and known else start if known else _time("2023-11")
        spans.append((begin, _time(until) if until else end, known and bool(since)))
    return spans


def _life(sheet: Sheet, row: dict[str, str], y: float, x: Callable[[float], float]) -> None:
    """Draw a chip's years, 13 points high; an end that isn't known, or lies outside, stays open."""
    sheet.write(32, y + 10, row["puce"], ha="right", bold=True)
    for begin, end, _ in _spans(row["retenue"], 2022, 2026):
        sheet.block((x(begin), y), (x(end) - x(begin), 13), LIGHT)
    for begin, end, known in _spans(row["en_vente"], 2022, 2026):
        box = [(x(begin), y), (x(end), y), (x(end), y + 13), (x(begin), y + 13)]
        sheet.ground.add_patch(Polygon(box, facecolor=PAPER, edgecolor="none"))
        edge = (
            [*box, box[0]]
            if known and end < 2026
            else [box[1], box[0], box[3], box[2]]
            if known
            else [box[0], box[1], box[2], box[3]]
        )
        sheet.rule(*zip(*edge, strict=True), color=INK, linewidth=LINE)
    if row["puce"] == "H200":
        sheet.write(
            x(_time("2025-12")) - 4,
            y + 9.5,
            "vente annoncée en décembre 2025",
            ha="right",
            size=SMALL,
            color=DARK,
        )
