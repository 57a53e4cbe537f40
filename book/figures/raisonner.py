"""How the machine learns to reason, and how well: chapter 6."""

from __future__ import annotations

from statistics import fmean, pstdev

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
    Sheet,
    arrow,
    beside,
    dot,
    figure,
    french,
    label_ticks,
    rows,
    write,
)  # fmt: skip
from machine import box


@figure("avantage-du-groupe")
def advantage() -> Sheet:
    """Draw eight answers to one question, and how far each stands from the group's mean, in deviations."""
    points = [float(row["points"]) for row in rows("reponses")]
    mean, deviation = fmean(points), pstdev(points)
    sheet = Sheet(128)
    left, step, zero, unit = 46.0, 31.0, 72.0, 30.0
    sheet.write(left - 8, 12, "réponse", ha="right", size=SMALL, color=DARK)
    sheet.write(left - 8, 25, "points", ha="right", size=SMALL, color=DARK)
    sheet.write(left - 8, zero + 2.8, "moyenne", ha="right", size=SMALL, color=DARK)
    for number, point in enumerate(points):
        x, value = left + (number + 0.5) * step, (point - mean) / deviation
        sheet.write(x, 12, str(number + 1), ha="center", size=SMALL, color=DARK)
        sheet.write(x, 25, french(point), ha="center", bold=bool(point))
        height = value * unit
        sheet.block((x - 9, zero - max(height, 0)), (18, abs(height)), INK if point else LIGHT)
        y = zero + abs(height) + 10.5 if value < 0 else zero - height + 10
        sheet.write(x, y, french(value, 2, sign=True), ha="center", size=SMALL, color=PAPER if point else INK)
    sheet.rule((left - 2, left + 8 * step), (zero, zero), color=INK, linewidth=0.8)
    words = "avantage : écart à la moyenne du groupe, mesuré en écarts types"
    sheet.write(left, 124, words, size=SMALL, color=DARK, italic=True)
    return sheet


@figure("fabrique-de-r1")
def making() -> Sheet:
    """Draw how R1-Zero and R1 were made from V3-Base, and the small models from R1."""
    size, step, right = (122.0, 30.0), 44.0, 177.5
    sheet = Sheet(4 * step + size[1] + 1)
    for number, words in enumerate((
        "**DeepSeek-V3-Base", "**R1-Zero\nrenforcement seul",
        "**six modèles distillés\nde 1,5 à 70 milliards",
    )):  # fmt: skip
        box(sheet, (0.5, number * step + 0.5), size, words, fill=PAPER if number else PALE)
    for number, words in enumerate((
        "quelques milliers\nd’exemples soignés", "renforcement :\nraisonnement et langue",
        "tri : 600 000 copies\net 200 000 autres", "renforcement :\ntoutes situations", "**DeepSeek-R1",
    )):  # fmt: skip
        box(sheet, (right, number * step + 0.5), size, words, fill=PALE if number == 4 else PAPER)
        if number:
            arrow(sheet.ground, (right + 61, number * step - 14), (right + 61, number * step - 1))
    arrow(sheet.ground, (61, 30), (61, step - 1))
    arrow(sheet.ground, (122, 15), (right - 1, 15))
    arrow(sheet.ground, (right, 2 * step + 15), (123, 2 * step + 15))
    sheet.write(150, 2 * step + 11, "imitation", ha="center", size=SMALL, color=DARK)
    return sheet


@figure("r1-contre-o1")
def against() -> Sheet:
    """Draw the scores of R1 and of o1 on the tests that both passed, one line each."""
    data = rows("epreuves")
    data.sort(key=lambda row: float(row["o1"]) - float(row["r1"]))
    ahead = sum(float(row["r1"]) > float(row["o1"]) for row in data)
    step, left, top = 19.0, 124.0, 26.0
    sheet = Sheet(top + len(data) * step + 12 + 22)

    def x(score: float) -> float:
        return left + 4 + (WIDTH - left - 14) * (score - 20) / 80

    foot = top + len(data) * step + 12
    for value in (20, 40, 60, 80, 100):
        sheet.rule((x(value), x(value)), (top - 6, foot), color=PALE, linewidth=0.7)
        sheet.write(
            x(value),
            foot + 10,
            f"{value}" + ("\u202f%" if value == 100 else ""),
            ha="center",
            size=SMALL,
            color=DARK,
        )
    for number, row in enumerate(data):
        y = top + number * step + 6 + (12 if number >= ahead else 0)
        old, new = float(row["o1"]), float(row["r1"])
        sheet.rule((x(old), x(new)), (y, y), color=MIDDLE, linewidth=LINE)
        sheet.ground.plot(
            [x(old)], [y], "o", markerfacecolor=PAPER, markeredgecolor=INK, markeredgewidth=LINE, markersize=8
        )
        sheet.ground.plot([x(new)], [y], "o", markerfacecolor=INK, markeredgewidth=0, markersize=4.6)
        sheet.write(left - 8, y + 1, row["epreuve"], ha="right", bold=False)
        sheet.write(left - 8, y + 9, row["quoi"], ha="right", size=7.2, color=DARK)
        if not number:
            sheet.write(x(new) + 7, y - 9, "R1", ha="center", bold=True)
            sheet.write(x(old) - 7, y - 9, "o1", ha="center")
    sheet.rule((0, WIDTH), (top + ahead * step + 4,) * 2, linestyle=(0, (1, 2)))
    sheet.write(0, 10, "R1 devant", bold=True, size=SMALL)
    sheet.write(0, top + ahead * step + 15, "o1 devant", bold=True, size=SMALL)
    return sheet


@figure("modeles-distilles")
def distilled() -> Sheet:
    """Draw the distilled models' sizes and scores, beside o1-mini and a model that only practised."""
    data = {row["modele"]: row for row in rows("distillation")}
    sheet = Sheet(176)
    axes = sheet.axes(26, 8, WIDTH - 32, 140)
    axes.set(xscale="log", xlim=(1.2, 110), ylim=(20, 80))
    axes.set_xticks([1.5, 7, 14, 32, 70], ["1,5", "7", "14", "32", "70"])
    axes.set_xticks([], minor=True)
    axes.set_yticks([20, 30, 40, 50, 60, 70, 80], ["20", "", "40", "", "60", "", "80\u202f%"])
    label_ticks(axes)
    reference = float(data["o1-mini"]["aime"])
    axes.plot((1.2, 110), (reference,) * 2, color=MIDDLE, linewidth=HAIR, linestyle=(0, (4, 2)))
    write(axes, 1.3, reference + 1.2, f"o1-mini {french(reference, 1)}", size=SMALL, color=DARK)
    places = {
        "Qwen-1.5B": (5, -3),
        "Qwen-7B": (-5, 4),
        "Llama-8B": (5, -8),
        "Qwen-14B": (-6, 4),
        "Qwen-32B": (0, 8),
        "Llama-70B": (0, 8),
    }
    for name, (dx, dy) in places.items():
        size, score = float(data[name]["parametres_milliards"]), float(data[name]["aime"])
        dot(axes, size, score, full=name.startswith("Qwen"))
        words = f"{name.rsplit('-', 1)[0]} {french(score, 1)}"
        beside(axes, (size, score), words, (dx, dy))
    alone, taught = data["Qwen-32B, renforcement seul"], data["Qwen-32B"]
    size, score = float(alone["parametres_milliards"]), float(alone["aime"])
    axes.plot(size, score, "x", color=INK, markersize=6, markeredgewidth=1.3)
    beside(axes, (size, score), f"renforcement\nseul : {french(score, 1)}", (8, -5))
    arrow(axes, (size, score), (size, float(taught["aime"])), gap=6)
    sheet.note("milliards de paramètres (échelle logarithmique)")
    return sheet
