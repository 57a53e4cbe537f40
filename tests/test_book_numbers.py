"""The default book's numbers: those of its chapters are those of its tables, where nombres.csv says so.

A line of book/data/nombres.csv has a motif, words of the text with `{}` in the number's place, and a value:
cells of the tables, `table/row;row/column`, and numbers, joined by + − × ÷ and reckoned from left to right.
Wherever the words stand in a chapter, the number must be that value, as exactly as it is written.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, reduce
from operator import add, mul, sub, truediv
from pathlib import Path

import pytest

BOOK = Path(__file__).parent.parent / "book"
OPERATIONS = {"+": add, "−": sub, "×": mul, "÷": truediv}
_NUMBER = r"(\d{1,3}(?: \d{3})+|\d+)(?:,(\d+))?"
_UNITS = (
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept "
    "dix-huit dix-neuf vingt"
).split()
_TENS = {"vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "quatre-vingt": 80}
#: Words → number: « soixante-quatre » → 64.
WORDS = {word: value for value, word in enumerate(_UNITS)} | {
    f"{tens}{' et ' if unit in {1, 11} and value < 80 else '-'}{_UNITS[unit]}": value + unit
    for tens, value in _TENS.items()
    for unit in range(1, 20)
} | _TENS  # fmt: skip
_SPELT = "|".join(sorted(map(re.escape, WORDS), key=len, reverse=True))


@dataclass(frozen=True)
class Written:
    """A number of the text: its value, how many decimals it has, where it stands."""

    value: float
    decimals: int
    place: str


def rows(name: str) -> list[dict[str, str]]:
    """Return the lines of a table of the book."""
    with Path(BOOK, "data", f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


@cache
def chapters() -> Mapping[str, str]:
    """Return the chapters' texts as words are looked for in them."""
    files = sorted(BOOK.glob("chapters/*.md"))
    return {file.name: plain(file.read_text(encoding="utf-8")) for file in files}


def plain(text: str) -> str:
    """Keep lines, but no calls of notes, no emphasis, no marks of language, and one kind of space."""
    text = re.sub(r"(?<=\S)\[\^[\w-]+\](?!:)|[*_~]|\[(?=[^\]]*\]\{)|\]\{[^}]*\}", "", text)
    return re.sub(r"[ \u00a0\u202f]+", " ", text)


def found(motif: str, text: str, name: str) -> Iterator[Written]:
    """Yield the numbers that stand in a motif's place."""
    before, after = (re.escape(plain(part)) for part in motif.split("{}"))
    edges = (r"\b" if before[-1:].isalnum() else "", r"(?![\w,]*\d)" if not after else "")
    pattern = f"{before}{edges[0]}(?:{_NUMBER}|({_SPELT}))(?<!,){edges[1]}{after}"
    for match in re.finditer(pattern, text, re.IGNORECASE):
        place = f"chapters/{name}:{text.count(chr(10), 0, match.start()) + 1}"
        if match[3]:
            yield Written(WORDS[match[3].lower()], 0, place)
        else:
            whole, part = match[1].replace(" ", ""), match[2] or ""
            yield Written(float(f"{whole}.{part}"), len(part), place)


def reckoned(formula: str) -> float:
    """Return the value of cells and numbers joined by operations, from left to right."""
    parts = re.split(r" ([+−×÷]) ", formula)
    values = [cell(part) for part in parts[::2]]
    steps = zip(parts[1::2], values[1:], strict=True)
    return reduce(lambda result, step: OPERATIONS[step[0]](result, step[1]), steps, values[0])


def cell(name: str) -> float:
    """Return a number, or the one cell that `table/row;row/column` names."""
    if re.fullmatch(r"-?[\d.]+(e\d+)?", name):
        return float(name)
    table, wanted, column = name.split("/")
    lines = [row for row in rows(table) if set(wanted.split(";")) <= set(row.values())]
    assert len(lines) == 1, f"{name}: {len(lines)} lines of {table}.csv"
    return float(lines[0][column])


def is_right(number: Written, value: float) -> bool:
    """Tell whether a number is a value, rounded to the decimals that it has."""
    return abs(number.value - value) <= 0.5000001 / 10.0**number.decimals


def wrong(motif: str, formula: str, texts: Mapping[str, str]) -> list[str]:
    """Return what is wrong with the numbers of a motif: none of them, or one with another value."""
    numbers = [number for name, text in texts.items() for number in found(motif, text, name)]
    if not numbers:
        return [f"no chapter says « {motif} »: follow the text in nombres.csv"]
    value = reckoned(formula)
    return [
        f"{number.place}: « {motif} » says {number.value:g}, the tables say {value:g} ({formula})"
        for number in numbers
        if not is_right(number, value)
    ]


#: Tables of the text: identifier → table of data, columns of its numbers.
TABLES = {
    "tbl-epreuves": ("notes", "claude gpt_4o v3 o1_mini o1 r1"),
    "tbl-distilles": ("distillation", "aime vote_64 math_500 gpqa livecodebench codeforces"),
    "tbl-puces": ("puces", "interconnexion_go_s tflops_16_bits tpp"),
    "tbl-budget": ("parametres", "total"),
    "tbl-additions": ("cout", "heures dollars"),
}


def printed(identifier: str) -> list[list[str]]:
    """Return the rows of a table of the text, without its head, each cell plain."""
    text = next(text for text in chapters().values() if f"{{#{identifier}}}" in text)
    before = text[: text.index(f"{{#{identifier}}}")].rpartition("\n: ")[0].rstrip().split("\n")
    lines = before[-next(n for n, line in enumerate([*reversed(before), ""]) if not line.startswith("|")) :]
    return [[part.strip() for part in line.strip("|").split("|")] for line in lines[2:]]


def in_order(lines: list[list[str]], data: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return the lines of data in the text's order: by name where they are the same, else as they are."""
    by_name = {next(iter(row.values())): row for row in data}
    names = [line[0] for line in lines]
    return [by_name[name] for name in names] if set(names) == set(by_name) else data[: len(lines)]


@pytest.mark.parametrize("identifier", sorted(TABLES))
def test_the_table_is_that_of_the_data(identifier: str) -> None:
    """Each cell of a table of results is the cell of the data; a dash stands for none."""
    name, columns = TABLES[identifier]
    lines = printed(identifier)
    assert len(lines) >= 6
    for line, row in zip(lines, in_order(lines, rows(name)), strict=True):
        numbers = [cell for cell in line[1:] if re.fullmatch(rf"{_NUMBER}|–", cell)]
        for shown, column in zip(numbers, columns.split(), strict=False):
            expected = row[column] and french(row[column])
            assert shown == (expected or "–"), (line[0], column)
        assert len(numbers) >= len(columns.split()), line


def french(number: str) -> str:
    """Write a number of the data as the text does: thin spaces (here plain ones) and a comma."""
    whole, _, part = number.partition(".")
    return f"{int(whole):,}".replace(",", " ") + (f",{part}" if part else "")


@pytest.mark.parametrize("row", rows("nombres"), ids=lambda row: row["motif"])
def test_the_number_is_that_of_the_tables(row: dict[str, str]) -> None:
    """A number that differs from its table fails with its place; so does a motif that the text has lost."""
    assert not wrong(row["motif"], row["valeur"], chapters())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Elle perdit 589\u00a0milliards.", 0),
        ("Elle perdit 598\u00a0milliards.", 1),
        ("Elle perdit 589\u00a0milliards, puis perdit 590\u00a0milliards.", 1),
        ("Elle perdit **589**[^x] milliards.", 0),
        ("Elle gagna 589 milliards.", 1),
        ("Elle perdit 1\u202f589 milliards.", 1),
        ("Elle perdit 589,4 milliards.", 1),
    ],
)
def test_a_wrong_number_is_told(text: str, expected: int) -> None:
    """What passes and what doesn't: another number, another decimal, another sentence."""
    formula = "pertes/Nvidia;2025-01-27/milliards_dollars"
    assert len(wrong("perdit {} milliards", formula, {"essai.md": plain(text)})) == expected


@pytest.mark.parametrize(
    ("words", "value"),
    [("onze", 11), ("vingt et un", 21), ("soixante-quatre", 64), ("quatre-vingt-dix-huit", 98)],
)
def test_numbers_in_words_are_read(words: str, value: int) -> None:
    """French writes small numbers out."""
    assert [number.value for number in found("{} fois", f"{words} fois", "")] == [value]
