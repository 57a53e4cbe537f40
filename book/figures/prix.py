"""What a model costs, to make and to use: chapter 7."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes

from look import (
    DARK,
    HAIR,
    INK,
    LIGHT,
    LINE,
    MIDDLE,
    PALE,
    PAPER,
    SMALL,
    WIDTH,
    Bar,
    Sheet,
    bars,
    beside,
    dot,
    figure,
    french,
    label_ticks,
    rows,
)  # fmt: skip


@figure("heures-de-calcul")
def hours() -> Sheet:
    """Draw the hours of processors of each training, in millions."""
    lines = []
    for row in rows("heures"):
        millions, chip = float(row["heures_millions"]), row["puce"]
        words, grey = french(millions, 3 if millions < 1 else 2), INK if chip == "H800" else MIDDLE
        lines.append(Bar(row["modele"], f"{row['architecture']}, {chip}", millions, words, grey))
    return bars(lines, 116)


@figure("calcul-d-entrainement")
def operations() -> Sheet:
    """Draw the operations of great trainings on a logarithmic scale; the estimated ones hollow."""
    data = sorted(rows("calcul"), key=lambda row: -float(row["flop"]))
    sheet = Sheet(len(data) * 17 + 36)
    axes = _scale(sheet, (92, 4, WIDTH - 104, len(data) * 17), (2e24, 1e26), {1e25: "10²⁵", 1e26: "10²⁶"})
    axes.set_ylim(len(data) - 0.5, -0.5)
    axes.tick_params(which="minor", length=1.5, width=HAIR, color=MIDDLE, labelbottom=False)
    for number, row in enumerate(data):
        value = float(row["flop"])
        axes.plot((2e24, 1e26), (number, number), color=PALE, linewidth=0.7, zorder=0)
        dot(axes, value, number, full=row["nature"] != "estimation")
        ours = row["modele"] == "DeepSeek-V3"
        sheet.write(84, 4 + (number + 0.5) * 17 + 3, row["modele"], ha="right", bold=ours)
        unit, power = (1e25, "²⁵") if value >= 1e25 else (1e24, "²⁴")
        beside(axes, (value, number), f"{french(value / unit, 1)}\u00a0×\u00a010{power}", (7, 0))
    sheet.note("opérations pour l’entraînement (échelle logarithmique)")
    return sheet


def _scale(
    sheet: Sheet, place: tuple[float, float, float, float], ends: tuple[float, float], ticks: dict[float, str]
) -> Axes:
    """Return axes with a logarithmic scale along the foot, and nothing at the left."""
    axes = sheet.axes(*place)
    axes.set(xscale="log", xlim=ends, yticks=[])
    axes.spines["left"].set_visible(False)
    axes.set_xticks(list(ticks), list(ticks.values()))
    label_ticks(axes)
    return axes


@figure("prix-des-jetons")
def tokens() -> Sheet:
    """Draw the price of a million tokens, read and written, on a logarithmic scale."""
    data = rows("tarifs")
    sheet = Sheet(len(data) * 28 + 44)
    ticks = {0.5: "0,50", 1: "1", 5: "5", 10: "10", 50: "50", 100: "100\u00a0$"}
    axes = _scale(sheet, (66, 12, WIDTH - 78, len(data) * 28), (0.11, 110), ticks)
    axes.set_xticks([], minor=True)
    axes.set_ylim(len(data) - 0.5, -0.5)
    for number, row in enumerate(data):
        read, written = float(row["lu"]), float(row["ecrit"])
        axes.plot((read, written), (number, number), color=MIDDLE, linewidth=LINE)
        for value, shift in ((read, -6), (written, 6)):
            dot(axes, value, number, full=value == written)
            beside(axes, (value, number), french(value, 2 if value < 10 else 0), (shift, 0))
        name = row["modele"]
        sheet.write(60, 12 + (number + 0.5) * 28 + 3, name, ha="right", bold=name.startswith("DeepSeek"))
    beside(axes, (float(data[0]["lu"]), 0), "lu", (0, 8), italic=True, color=DARK)
    beside(axes, (float(data[0]["ecrit"]), 0), "écrit", (0, 8), italic=True, color=DARK)
    sheet.note("dollars par million de jetons (échelle logarithmique)")
    return sheet


@figure("rebond")
def rebound() -> Sheet:
    """Draw what is used in all when a machine needs e times less: e to the power ε − 1, for three ε."""
    sheet = Sheet(178)
    axes = sheet.axes(16, 18, WIDTH - 96, 132)
    sheet.write(0, 8, "ressource consommée", size=SMALL, color=DARK, italic=True)
    steps = [1 + 7 * n / 60 for n in range(61)]
    axes.set(xlim=(1, 8), ylim=(0, 3))
    axes.set_xticks([1, 2, 4, 6, 8], ["1", "2", "4", "6", "8 fois"])
    axes.set_yticks([0, 1, 2, 3], ["0", "1", "2", "3"])
    label_ticks(axes)
    for appetite, words, grey, dashes in (
        (1.5, "davantage (ε = 1,5)", INK, "solid"),
        (1.0, "autant (ε = 1)", MIDDLE, "solid"),
        (0.5, "moins (ε = 0,5)", INK, (0, (3, 2))),
    ):
        used = [e ** (appetite - 1) for e in steps]
        axes.plot(steps, used, color=grey, linewidth=LINE, linestyle=dashes)
        beside(axes, (8, used[-1]), words, (5, 0))
    sheet.note("sobriété de la machine", WIDTH - 80)
    return sheet


@figure("journee-de-service")
def day() -> Sheet:
    """Draw a day of the service: tokens read and written; what it cost and what it could have brought."""
    data = {row["quoi"]: float(row["valeur"]) for row in rows("journee")}
    sheet = Sheet(124)
    read, kept, written = data["jetons lus"], data["dont déjà en cache"], data["jetons écrits"]
    cost, theory = data["dépense"], data["recette théorique"]
    tokens_room, dollars_room = (WIDTH - _LEFT - 30) / read, (WIDTH - _LEFT - 42) / theory
    sheet.write(0, 9, "Jetons, en milliards", bold=True)
    _bar(sheet, 17, read * tokens_room, ("lus", french(read)), {"fill": MIDDLE})
    _bar(sheet, 17, kept * tokens_room, ("", ""), {"fill": LIGHT})
    sheet.write(_LEFT + 4, 27.5, f"dont déjà en cache {french(kept)}", size=SMALL)
    _bar(sheet, 36, written * tokens_room, ("écrits", french(written)), {"fill": INK})
    sheet.write(0, 75, "Dollars, pour la même journée", bold=True)
    _bar(sheet, 83, cost * dollars_room, ("dépense", french(cost)), {"fill": INK})
    dashed = {"fill": PAPER, "edgecolor": INK, "linewidth": 0.8, "linestyle": (0, (3, 2))}
    _bar(sheet, 102, theory * dollars_room, ("recette", french(theory)), dashed)
    sheet.write(_LEFT + 4, 112.5, "théorique : tout vendu au tarif de R1", size=SMALL)
    for top in (15, 81):
        sheet.rule((_LEFT, _LEFT), (top, top + 37))
    return sheet


#: Where the bars of a day begin.
_LEFT = 58.0


def _bar(sheet: Sheet, top: float, length: float, words: tuple[str, str], look: dict[str, Any]) -> None:
    """Draw a bar 14 points high, its name before it and its value after it."""
    sheet.block((_LEFT, top), (length, 14), **look)
    sheet.write(_LEFT - 6, top + 10, words[0], ha="right")
    sheet.write(_LEFT + length + 4, top + 10, words[1])
