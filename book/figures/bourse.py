"""What the markets did: chapter 1."""

from __future__ import annotations

from look import DARK, INK, LIGHT, MIDDLE, Bar, Sheet, bars, figure, french, rows

_MONTHS = "janv. févr. mars avr. mai juin juill. août sept. oct. nov. déc.".split()


def _day(iso: str) -> str:
    year, month, day = iso.split("-")
    return f"{int(day)}\u00a0{_MONTHS[int(month) - 1]}\u00a0{year}"


@figure("lundi-27-janvier")
def monday() -> Sheet:
    """Draw the falls of 27 January 2025 in New York, from the deepest."""
    elsewhere = {"SoftBank", "ASML"}  # other exchanges, perhaps another session
    greys = {"fournit": DARK, "indice": LIGHT, "achete": MIDDLE}
    lines = []
    for row in rows("seances"):
        if (name := row["valeur"]) not in elsewhere:
            change, grey = float(row["variation_pct"]), INK if name == "Nvidia" else greys[row["famille"]]
            lines.append(Bar(name, row["quoi"], -change, french(change, 1) + "\u202f%", grey))
    return bars(sorted(lines, key=lambda line: -line.value), 112)


@figure("pertes-en-un-jour")
def losses() -> Sheet:
    """Draw the largest losses of a company's value in one day."""
    data = sorted(rows("pertes"), key=lambda row: -float(row["milliards_dollars"]))
    lines = []
    for row in data:
        value = float(row["milliards_dollars"])
        grey = INK if row is data[0] else MIDDLE
        lines.append(Bar(row["entreprise"], _day(row["date"]), value, french(value), grey))
    return bars(lines, 80)
