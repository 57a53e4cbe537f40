"""Who leads, by three measures: chapter 10."""

from __future__ import annotations

from look import DARK, INK, LINE, MIDDLE, SMALL, Sheet, figure, french, rows


@figure("trois-mesures")
def measures() -> Sheet:
    """Draw the gap of the best models, the notable models and the private investment, side by side."""
    sheet = Sheet(150)
    gap = [row for row in rows("ecart") if row["date"] < "2026"]
    nations = rows("nations")
    _gap(sheet, gap)
    models = [(row["pays"], float(row["modeles_notables"]), 0) for row in nations if row["modeles_notables"]]
    _columns(sheet, 108, ("Modèles notables", "en 2024"), models)
    money = [
        (row["pays"], float(row["investissement_milliards_dollars"]), 1)
        for row in nations
        if row["investissement_milliards_dollars"]
    ]
    _columns(sheet, 210, ("Investissement privé", "milliards de $, 2024"), money)
    return sheet


def _gap(sheet: Sheet, data: list[dict[str, str]]) -> None:
    """Draw two gaps of the best American over the best Chinese model, and the line between."""
    _head(sheet, 0, ("Avance américaine", "au classement LMArena"))
    foot, unit = 126.0, 8.6
    places = [
        (20.0, foot - unit * float(data[0]["ecart_pct"])),
        (66.0, foot - unit * float(data[1]["ecart_pct"])),
    ]
    sheet.rule((0, 90), (foot, foot))
    sheet.rule(*zip(*places, strict=True), color=MIDDLE, linewidth=LINE)
    for (x, y), row, words in zip(places, data, ("janv. 2024", "févr. 2025"), strict=True):
        sheet.ground.plot([x], [y], "o", markerfacecolor=INK, markeredgewidth=0, markersize=6)
        sheet.write(x + 6, y - 3, french(float(row["ecart_pct"]), 2) + "\u202f%", bold=True)
        sheet.write(x, foot + 11, words, ha="center", size=SMALL, color=DARK)


def _head(sheet: Sheet, left: float, words: tuple[str, str]) -> None:
    sheet.write(left, 9, words[0], bold=True)
    sheet.write(left, 19, words[1], size=SMALL, color=DARK)


def _columns(sheet: Sheet, left: float, head: tuple[str, str], data: list[tuple[str, float, int]]) -> None:
    """Draw standing bars over the names of countries."""
    _head(sheet, left, head)
    foot, most = 126.0, max(value for _, value, _ in data)
    sheet.rule((left, left + 90), (foot, foot))
    for number, (country, value, digits) in enumerate(data):
        x, height = left + number * 31, 82 * value / most
        sheet.ground.bar(x + 12, -height, width=22, bottom=foot, color=(INK, DARK, MIDDLE)[number])
        sheet.write(x + 12, foot - height - 3, french(value, digits), ha="center")
        words = {"États-Unis": "É.-U.", "Royaume-Uni": "R.-U."}.get(country, country)
        sheet.write(x + 12, foot + 11, words, ha="center", size=SMALL, color=DARK)
