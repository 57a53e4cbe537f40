"""The default book's numbers: those of its chapters are those of its tables, by way of nombres.csv.

A line of book/data/nombres.csv has a motif, words of the text with `{}` in the number's place, and a value:
cells of the tables, `table/row;row/column`, and numbers, joined by + − × ÷ and reckoned from left to right.
Wherever the words stand in a chapter, the number must be that value, as exactly as it is written.

Every number in figures, and every number in words that has a unit and a source in its paragraph, needs such
a line, or is a cell of a table of results, or is one of the few things in EXEMPT.
"""

from __future__ import annotations

import csv
import random
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
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize".split()
)
#: Word → number: the words that French makes its numbers of.
WORDS = {word: value for value, word in enumerate(_UNITS)} | {
    "une": 1, "vingt": 20, "vingts": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60,
    "cent": 100, "cents": 100, "mille": 1000,
}  # fmt: skip
_WORD = "|".join(sorted(WORDS, key=len, reverse=True))
_SPELT = rf"(?:{_WORD})(?:(?:-| et | )(?:{_WORD})\b)*"


def spelt(words: str) -> int:
    """Turn « deux cent quatre-vingt-dix-huit » into 298."""
    total = group = 0
    for value in (WORDS[word] for word in re.split(r"[ -]", words.lower()) if word != "et"):
        if value == WORDS["mille"]:
            total, group = total + max(group, 1) * value, 0
        elif value == WORDS["cent"]:
            group = max(group, 1) * value
        elif value == WORDS["vingt"] and group % 100 == 4:  # quatre-vingt: four twenties
            group += 4 * value - 4
        else:
            group += value
    return total + group


@dataclass(frozen=True)
class Written:
    """A number of the text: its value, where it stands (file, from, to), and how exact it is.

    `decimals` counts those written; « dix mille » has minus three, for it is as exact as thousands are.
    """

    value: float
    decimals: int
    file: str
    span: tuple[int, int]

    @property
    def place(self) -> str:
        """Where an author looks for it."""
        text = chapters().get(self.file, "")
        return f"chapters/{self.file}:{text.count(chr(10), 0, self.span[0]) + 1}"


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
        yield written(match, name)


def written(match: re.Match[str], name: str) -> Written:
    """Turn what a pattern of digits or words found into a number."""
    if match[3]:
        value = spelt(match[3])
        return Written(value, -3 if value and value % 1000 == 0 else 0, name, match.span(3))
    whole, part = match[1].replace(" ", ""), match[2] or ""
    return Written(float(f"{whole}.{part}"), len(part), name, (match.start(1), match.end(2 if part else 1)))


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


_DAY = r"\b(?:1er|\d{1,2})(?:[–-]\d{1,2})?"
_MONTH = "(?:janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre|October)"
_REFERENCE = (
    r"(?:tableaux?|§|articles?|épisode|chap\.|chapitre|version|OLMo|n°|numéro|ONU,|Résolutions?|arXiv|VI,|I,)"
)
#: Numbers that are no measures: why they need no table → what they look like.
EXEMPT = {
    "a date": rf"{_DAY}(?:,? (?:et|au) {_DAY})? {_MONTH}\b(?: \d{{4}})?",
    "a year": r"\b(?:1[5-9]|20)\d\d\b(?! (?:%|milli|dollars|puces|octets|jetons))",
    "a day of the month that the text is in": (
        rf"(?:\b[Ll]e|\blundi|\bdimanche) \d{{1,2}}(?=[,.:\]]| en fin de journée| \d*{_MONTH})"
    ),
    "an hour of the day": r"\b\d{1,2} h(?: \d\d)?\b|\w+ heures (?:et demie|du matin)",
    "a span of the calendar": rf"\b{_SPELT} (?:ans|mois)\b|\bvingt-quatre heures",
    "a place in a book": rf"{_REFERENCE} ?\d[\d./-]*(?:(?:,| et) \d[\d./]*)*",
    "an address": r"https?://\S+",
    "a program, or a name of a file": r"`[^`]*`|^```.*?^```$",
    "a formula": r"\$[^$]+\$|^\$\$.*?^\$\$",
    "a figure: test_default_book.py compares its words with its data": r"^(?:!|Ce qu’on y voit\.).*?$",
    "the example's points: test_default_book.py": r"valent 1, 0, 0, 1, 0, 1, 0, 0 ;",
    "a measure's name": r"[Pp]ass@1",
    "a quotation in English": r"10,000-chip",
    "an ordinal": rf"\b{_SPELT}(?:-| et | )\w+ième\b",
    "a scale": r"pour cent\b|sur cent\b|\bmille (?=milliards)|\bmille fois",
    "an article": r"(?<!et )\b[Uu]ne?\b",
}
_HARD = "%|pour cent|milliards?|millions?|dollars|octets|gigaoctets|puces|jetons|heures|points"
#: Words say so much of so little that small numbers count only before a unit.
_MEASURE = rf"()()\b({_SPELT})(?= (?:{_HARD})\b| %)"
_LARGE = rf"()()(?<![\w-])({_SPELT})\b(?![\w-])"
_SMALL = 12
_DIGITS = rf"(?<![\w.,/#-]){_NUMBER}()(?![\w/]|[.-]\w|,\d)"


def masked(text: str) -> str:
    """Hide what EXEMPT names, and the tables that are compared cell by cell, behind as many dots.

    Heads and names of rows stay: nothing compares them.
    """
    for identifier in TABLES:
        lines = rf"(?:(?<=\|\n)^\|[^\n]*\n)+(?=\n: [^\n]*\{{#{identifier}\}})"
        text = re.sub(
            lines, lambda table: re.sub(r"(?<=[^\n])\|[^\n]*", _dots, table[0]), text, flags=re.MULTILINE
        )
    for pattern in EXEMPT.values():
        text = re.sub(pattern, _dots, text, flags=re.MULTILINE | re.DOTALL)
    return text


def _dots(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", "·", found[0])


def stated(name: str, source: str) -> Iterator[Written]:
    """Yield the numbers of a chapter that must have a line in nombres.csv."""
    text = masked(plain(source))
    sourced = [bool(re.search(r"\[\^|@\w", line)) for line in source.split("\n")]
    seen = set()
    for pattern in (_DIGITS, _MEASURE, _LARGE):
        for match in re.finditer(pattern, text, re.IGNORECASE):
            number = written(match, name)
            in_words = pattern is not _DIGITS
            unsourced = in_words and not sourced[text.count("\n", 0, number.span[0])]
            small = pattern is _LARGE and number.value <= _SMALL
            if not unsourced and not small and number.span not in seen:
                seen.add(number.span)
                yield number


@cache
def holders() -> Mapping[tuple[str, tuple[int, int]], list[dict[str, str]]]:
    """Return the lines of nombres.csv that hold each number: file and place → lines."""
    held: dict[tuple[str, tuple[int, int]], list[dict[str, str]]] = {}
    for row in rows("nombres"):
        for name, text in chapters().items():
            for number in found(row["motif"], text, name):
                held.setdefault((name, number.span), []).append(row)
    return held


@cache
def all_stated() -> tuple[Written, ...]:
    """Return every number of the book that needs a line."""
    files = {file.name: file.read_text(encoding="utf-8") for file in sorted(BOOK.glob("chapters/*.md"))}
    return tuple(number for name, source in files.items() for number in stated(name, source))


def test_the_shares_are_those_of_the_whole() -> None:
    """The last column of the table of weights is what each is of the whole, in hundredths."""
    whole = sum(float(row["total"]) for row in rows("parametres"))
    shares = [f"{100 * float(row['total']) / whole:.2f} %".replace(".", ",") for row in rows("parametres")]
    assert [line[2] for line in printed("tbl-budget")] == shares


def french(number: str) -> str:
    """Write a number of the data as the text does: thin spaces (here plain ones) and a comma."""
    whole, _, part = number.partition(".")
    return f"{int(whole):,}".replace(",", " ") + (f",{part}" if part else "")


@pytest.mark.parametrize("row", rows("nombres"), ids=lambda row: row["motif"])
def test_the_number_is_that_of_the_tables(row: dict[str, str]) -> None:
    """A number that differs from its table fails with its place; so does a motif that the text has lost."""
    assert not wrong(row["motif"], row["valeur"], chapters())


def test_every_number_has_its_line() -> None:
    """A number that neither a table nor an exemption holds fails with its place and its words."""
    lost = [number for number in all_stated() if (number.file, number.span) not in holders()]
    words = [chapters()[one.file][max(0, one.span[0] - 40) : one.span[1] + 20] for one in lost]
    told = [f"{one.place}: « {text} »" for one, text in zip(lost, words, strict=True)]
    assert not told, "give each a line in book/data/nombres.csv"


def test_a_number_without_a_table_has_a_reason() -> None:
    """A line that names no cell says why."""
    assert not [row["motif"] for row in rows("nombres") if "/" not in row["valeur"] and not row["raison"]]


def test_a_number_changed_at_random_is_told() -> None:
    """Whatever number of the text is mistaken, its line tells."""
    chance = random.Random(7)  # noqa: S311 - the same numbers each time
    numbers = chance.sample(all_stated(), 150)
    told = 0
    for number in numbers:
        start, end = number.span
        text = chapters()[number.file]
        other = str(int(number.value) + chance.randint(1, 9)) + ",5" * (number.decimals > 0)
        changed = {**chapters(), number.file: text[:start] + other + text[end:]}
        told += any(
            wrong(row["motif"], row["valeur"], changed) for row in holders()[number.file, number.span]
        )
    assert told == len(numbers)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Elle perdit 589 milliards.", [589]),
        ("Elle perdit cinq cents milliards[^x].", [500]),
        ("Elle perdit cinq cents milliards.", []),
        ("Il y a trois raisons[^x] et quarante puces.", [40]),
        ("Le 27 janvier 2025, à 20 h 19, au tableau 3, en 2024[^x].", []),
        ("Le trente et unième rang, `2048`, $x + 12$, V3, o1 et la H800[^x].", []),
    ],
)
def test_what_counts_as_a_number(source: str, expected: list[int]) -> None:
    """Figures always, words before a unit or beyond twelve where there is a source; dates and names never."""
    assert [number.value for number in stated("", source)] == expected


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
    [
        ("onze", 11),
        ("vingt et un", 21),
        ("soixante-quatre", 64),
        ("quatre-vingt-dix-huit", 98),
        ("cent quarante", 140),
        ("deux cent quatre-vingt-seize", 296),
        ("vingt-quatre mille", 24_000),
    ],
)
def test_numbers_in_words_are_read(words: str, value: int) -> None:
    """French writes small numbers out."""
    assert [number.value for number in found("{} fois", f"{words} fois", "")] == [value]
