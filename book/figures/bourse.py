"""What the markets did: chapter 1."""

from __future__ import annotations

from look import DARK, INK, LIGHT, MIDDLE, SMALL, WIDTH, Sheet, figure, french, rows

_MONTHS = "janv. févr. mars avr. mai juin juill. août sept. oct. nov. déc.".split()


def _day(iso: str) -> str:
    year, month, day = iso.split("-")
    return f"{int(day)}\u00a0{_MONTHS[int(month) - 1]}\u00a0{year}"


def bars(sheet: Sheet, lines: list[tuple[str, str, float, str, str]], left: float, full: float) -> None:
    """Draw lying bars: name, what it is, value, the value in words, grey; `full` is the longest value."""
    room = WIDTH - left - 46
    for number, (name, gloss, value, words, grey) in enumerate(lines):
        y = 6 + number * 25
        length = room * value / full
        black = grey == INK
        sheet.write(left - 7, y + 8, name, ha="right", bold=black)
        sheet.write(left - 7, y + 17.5, gloss, ha="right", size=SMALL, color=DARK)
        sheet.ground.barh(y + 9, length, height=14, left=left, color=grey)
        sheet.write(left + length + 4, y + 12, words, bold=black)
    sheet.rule((left, left), (2, 6 + len(lines) * 25 - 4))


@figure("lundi-27-janvier")
def monday() -> Sheet:
    """Draw the falls of 27 January 2025 in New York, from the deepest."""
    elsewhere = {"SoftBank", "ASML"}  # other exchanges, perhaps another session
    data = [row for row in rows("seances") if row["valeur"] not in elsewhere]
    data.sort(key=lambda row: float(row["variation_pct"]))
    greys = {"fournit": DARK, "indice": LIGHT, "achete": MIDDLE}
    sheet = Sheet(len(data) * 25 + 6)
    lines = [
        (
            row["valeur"], row["quoi"], -float(row["variation_pct"]),
            french(float(row["variation_pct"]), 1) + "\u202f%",
            INK if row["valeur"] == "Nvidia" else greys[row["famille"]],
        )
        for row in data
    ]  # fmt: skip
    bars(sheet, lines, 112, lines[0][2])
    return sheet


@figure("pertes-en-un-jour")
def losses() -> Sheet:
    """Draw the largest losses of a company's value in one day."""
    data = sorted(rows("pertes"), key=lambda row: -float(row["milliards_dollars"]))
    sheet = Sheet(len(data) * 25 + 6)
    lines = [
        (
            row["entreprise"], _day(row["date"]), float(row["milliards_dollars"]),
            french(float(row["milliards_dollars"])), INK if row is data[0] else MIDDLE,
        )
        for row in data
    ]  # fmt: skip
    bars(sheet, lines, 80, lines[0][2])
    return sheet
