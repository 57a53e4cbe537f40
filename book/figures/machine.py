"""How the machine is built: experts, parameters, memory: chapter 5."""

from __future__ import annotations

from math import ceil

from matplotlib.patches import FancyBboxPatch, PathPatch, Polygon
from matplotlib.path import Path

from look import (
    DARK,
    HAIR,
    INK,
    LIGHT,
    MIDDLE,
    PALE,
    PAPER,
    SMALL,
    WIDTH,
    Bar,
    Sheet,
    arrow,
    bars,
    figure,
    french,
    rows,
)  # fmt: skip


def _configuration() -> dict[str, int]:
    return {row["cle"]: int(row["valeur"]) for row in rows("configuration")}


#: Groups of experts kept for a token, and the eight called in them: (group, row, column), an example.
_KEPT = (1, 2, 4, 7)
_CALLED = ((1, 2, 0), (1, 5, 3), (2, 1, 2), (4, 0, 1), (4, 3, 2), (4, 6, 0), (7, 4, 3), (7, 7, 1))


@figure("experts-256")
def experts() -> Sheet:
    """Draw one layer: a router, eight groups of 32 experts, four kept, eight experts called, one shared."""
    numbers = _configuration()
    assert (numbers["experts"], len(_CALLED)) == (256, numbers["experts_actifs"])  # noqa: S101
    sheet = Sheet(176)
    pitch, dot, top, first = 6.6, 2.15, 66.0, 44.0
    step = 4 * pitch + 5.6

    box(sheet, (first + 84, 4), (86, 18), "un jeton")
    box(sheet, (first + 84, 34), (86, 18), "aiguilleur", fill=PALE)
    arrow(sheet.ground, (first + 127, 22), (first + 127, 33))
    for group in range(8):
        left = first + group * step
        kept = group in _KEPT
        if kept:
            frame = (4 * pitch + 1.6, 8 * pitch + 4.4)
            sheet.block((left - 1.6, top - 3), frame, "none", edgecolor=MIDDLE, linewidth=HAIR)
            sheet.rule((first + 127, left + 2 * pitch), (52, top - 3), color=MIDDLE)
            sheet.rule((left + 2 * pitch, first + 127), (top + 8 * pitch + 1.4, 134), color=MIDDLE)
        for row in range(8):
            for column in range(4):
                x, y = left + column * pitch + pitch / 2 - 0.8, top + row * pitch + pitch / 2 - 0.8
                called = (group, row, column) in _CALLED
                size = dot * 2 * (1.3 if called else 1)
                sheet.ground.plot(
                    [x],
                    [y],
                    "o",
                    markersize=size,
                    markeredgewidth=0,
                    color=INK if called else MIDDLE if kept else LIGHT,
                )
    sheet.ground.plot([16], [top + 4 * pitch], "o", markersize=7, markeredgewidth=0, color=INK)
    sheet.write(16, top + 4 * pitch + 15, "expert", ha="center", size=SMALL, color=DARK)
    sheet.write(16, top + 4 * pitch + 24, "partagé", ha="center", size=SMALL, color=DARK)
    sheet.rule((first + 84, 16, 16), (13, 13, top + 4 * pitch - 4), color=MIDDLE)
    sheet.rule((16, 16, first + 84), (top + 4 * pitch + 28, 143, 143), color=MIDDLE)
    box(sheet, (first + 84, 134), (86, 18), "somme pondérée", fill=PALE)
    arrow(sheet.ground, (first + 127, 152), (first + 127, 163))
    sheet.write(first + 127, 173, "couche suivante", ha="center", size=SMALL, color=DARK)
    return sheet


def box(
    sheet: Sheet, corner: tuple[float, float], size: tuple[float, float], words: str, fill: str = PAPER
) -> None:
    """Draw a box with words in its middle (`**bold**`); its place and size in points."""
    shape = FancyBboxPatch(
        corner,
        *size,
        boxstyle="round,pad=0,rounding_size=2.5",
        facecolor=fill,
        edgecolor=MIDDLE,
        linewidth=HAIR,
    )
    sheet.ground.add_patch(shape)
    lines = words.split("\n")
    for number, line in enumerate(lines):
        y = corner[1] + size[1] / 2 + 3 + (number - (len(lines) - 1) / 2) * 10.5
        sheet.write(corner[0] + size[0] / 2, y, line.strip("*"), ha="center", bold=line.startswith("**"))


@figure("parametres-671")
def parameters() -> Sheet:
    """Draw 671 squares, one a milliard of parameters; black: those a token wakes, then what these are."""
    data = rows("parametres")
    total = sum(int(row["total"]) for row in data) / 1e9
    awake = sum(int(row["actifs"]) for row in data) / 1e9
    sheet = Sheet(178)
    columns, pitch, side = 61, WIDTH / 61, 3.9
    lines = round(total) // columns
    sheet.write(0, 9, f"{french(total)} milliards de paramètres", bold=True)
    squares = [(cell // lines * pitch + 0.5, 17 + cell % lines * pitch, side) for cell in range(round(total))]
    _squares(sheet, squares, LIGHT)
    _squares(
        sheet,
        [(x, y, part * min(1.0, awake - n)) for n, (x, y, part) in enumerate(squares[: ceil(awake)])],
        INK,
    )
    edge = ceil(awake / lines) * pitch
    low = 17 + lines * pitch
    _spread(sheet, edge, (low + 2, low + 26))
    sheet.write(WIDTH, low + 18, f"dont {french(awake, 1)} au travail pour un jeton", ha="right", bold=True)
    _stack(sheet, [(row["bloc"], int(row["actifs"]) / 1e9) for row in data], low + 30, awake)
    return sheet


def _squares(sheet: Sheet, squares: list[tuple[float, float, float]], grey: str) -> None:
    """Draw squares as one shape; each has its corner and its height (the last may be a part of a square)."""
    outlines = [
        Path([(x, y), (x + 3.9, y), (x + 3.9, y + high), (x, y + high), (x, y)], closed=True)
        for x, y, high in squares
    ]
    sheet.ground.add_patch(PathPatch(Path.make_compound_path(*outlines), facecolor=grey, edgecolor="none"))


def _spread(sheet: Sheet, edge: float, heights: tuple[float, float]) -> None:
    """Draw how a narrow strip becomes a wide bar."""
    low, high = heights[1] + 2, heights[0]
    sheet.ground.add_patch(
        Polygon([(0, high), (edge, high), (WIDTH, low), (0, low)], facecolor=PALE, edgecolor="none")
    )


def _stack(sheet: Sheet, parts: list[tuple[str, float]], top: float, whole: float) -> None:
    """Draw the parts of a whole in one bar, the largest named under themselves, the small ones by lines."""
    greys = dict(zip((name for name, _ in parts), (INK, MIDDLE, LIGHT, DARK, PALE, INK), strict=True))
    left = 0.0
    for number, (name, value) in enumerate(parts):
        width = WIDTH * value / whole
        sheet.block((left, top), (width - 0.8, 16), greys[name])
        words = f"{name} {french(value, 2 if value < 1 else 1)}"
        if number < 2:
            sheet.write(left, top + 27, words, size=SMALL)
        else:
            middle, y = left + max(width - 0.8, 0.5) / 2, top + 38 + (number - 2) * 10.5
            sheet.rule((middle, middle, middle - 4), (top + 17.5, y - 2.6, y - 2.6))
            sheet.write(middle - 6, y, words, ha="right", size=SMALL)
        left += width


@figure("cache-cle-valeur")
def memory() -> Sheet:
    """Draw the memory that one token of context takes, in kilobytes."""
    glosses = {"MLA": "attention latente", "GQA": "têtes groupées", "MHA": "toutes les têtes"}
    lines: list[Bar] = []
    for row in rows("cache"):
        weight = float(row["ko_par_jeton"])
        grey = MIDDLE if lines else INK
        lines.append(Bar(row["modele"], glosses[row["mecanisme"]], weight, f"{french(weight)}\u00a0ko", grey))
    return bars(lines, 96)
