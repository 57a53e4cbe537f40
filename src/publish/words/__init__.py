"""The words that the publisher itself writes, in the language of the book.

One TOML file per language; a word that a file lacks is taken from `en.toml`.

    words("fr").kind("contents")    # « Table des matières »
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any, Literal

from publish.book import Contributor

_FOLDER = Path(__file__).parent
#: Primary subtags whose usual script is written from right to left.
_RIGHT_TO_LEFT = frozenset("ar arc ckb dv fa he ks ku nqo ps sd syr ug ur yi".split())
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_ISO_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-[0-3]\d)?)?")
_KANJI = "〇一二三四五六七八九"

Direction = Literal["ltr", "rtl"]


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language: names of kinds, labels with numbers, credits, short texts."""

    #: BCP 47, as asked for.
    language: str
    direction: Direction
    #: Kind of section → its name; title of the pages that the publisher makes.
    kinds: Mapping[str, str]
    #: Kind → formats of its label on its own page (`{n}`, `{ordinal}`, `{kanji}`), the best first.
    labels: Mapping[str, Sequence[str]]
    #: The same for the contents, where it differs.
    short_labels: Mapping[str, Sequence[str]]
    ordinals: Sequence[str]
    #: MARC relator code → format of the credit (`{names}`).
    roles: Mapping[str, str]
    texts: Mapping[str, str]
    #: Kind of a figure, table, equation or listing → format of what stands before its caption.
    captions: Mapping[str, str]
    #: The same, and kinds of sections → format of a reference to one in the text.
    references: Mapping[str, str]
    #: Sentences on accessibility, after the Accessibility Metadata Display Guide 2.0 of the W3C.
    accessibility: Mapping[str, str]
    #: Names of the twelve `months`, and the formats of a `day` and of a `month`.
    dates: Mapping[str, Any]

    def kind(self, kind: str) -> str:
        """Return the name of a kind of section; of an unknown kind, that of a section."""
        return self.kinds.get(kind, self.kinds["section"])

    def text(self, name: str, **values: object) -> str:
        """Return the short text of that name, filled in; KeyError when there is none."""
        return self.texts[name].format(**values)

    def label(self, kind: str, number: str) -> str:
        """Turn a kind and a number into what stands above the title: « Chapitre 1 »; no number, no label."""
        return _first_filled(self.labels.get(kind, ("{n}",)), self._numbers(number)) if number else ""

    def short_label(self, kind: str, number: str) -> str:
        """Turn a kind and a number into what stands before the title in the contents: « 1. »."""
        formats = self.short_labels.get(kind)
        return (
            _first_filled(formats, self._numbers(number)) if formats and number else self.label(kind, number)
        )

    def labelled(self, kind: str, number: str, title: str) -> str:
        """Join label and title in plain text: « Chapitre 1. Le titre »."""
        parts = filter(None, (self.label(kind, number), title))
        return self.texts["after-label"].join(parts)

    def caption(self, kind: str, number: str) -> str:
        """Turn a kind and a number into what stands before a caption: « Figure 3 »."""
        return self.captions[kind].format(n=number)

    def reference(self, kind: str, number: str) -> str:
        """Turn a kind and a number into how the text calls it: « figure 3 », « chapitre 2 »."""
        return self.references.get(kind, self.references["section"]).format(n=number)

    def listing(self, names: Sequence[str]) -> str:
        """Join names as the language does: « A, B et C »."""
        *others, last = names
        return self.texts["comma"].join(others) + self.texts["and"] + last if others else last

    def credit(self, role: str, names: Sequence[str]) -> str:
        """Turn a MARC relator code and names into a line of the title page: « Traduit par A et B »."""
        return self.roles.get(role, "{names}").format(names=self.listing(names))

    def credits(self, people: Iterable[Contributor], roles: Container[str]) -> list[str]:
        """Turn contributors into lines of the title page, one for each of some roles, in their order."""
        people = [person for person in people if person.role in roles]
        by_role = {
            role: [person.name for person in people if person.role == role]
            for role in (p.role for p in people)
        }
        return [self.credit(role, names) for role, names in by_role.items()]

    def date(self, iso: str) -> str:
        """Turn an ISO 8601 date or month into words: « 24 novembre 2026 »; anything else stays."""
        if not _ISO_DATE.fullmatch(iso):
            return iso
        year, month, day = (*iso.split("-"), "", "")[:3]
        if not month:
            return year
        name = self.dates["months"][int(month) - 1]
        first = "1er" if day == "01" and self.language.startswith("fr") else day.lstrip("0")
        form: str = self.dates["day" if day else "month"]
        return form.format(year=year, month=name, day=first)

    def _numbers(self, number: str) -> dict[str, str]:
        value = _value(number)
        known = {"n": number}
        if 0 < value <= len(self.ordinals):
            known["ordinal"] = self.ordinals[value - 1]
        if 0 < value < 1000:
            known["kanji"] = _kanji(value)
        return known


@cache
def words(language: str) -> Words:
    """Turn a BCP 47 tag into its words: those of the tag, else of its first subtag, else English."""
    tables = [_table(name) for name in ("en", _primary(language), language.lower())]
    merged: dict[str, dict[str, Any]] = {}
    for table in tables:
        for name, values in table.items():
            merged[name] = {**merged.get(name, {}), **values}
    return Words(
        language=language,
        direction=direction(language),
        kinds=merged["kinds"],
        labels=merged["labels"],
        short_labels=merged["short-labels"],
        ordinals=merged["ordinals"]["list"],
        roles=merged["roles"],
        texts=merged["texts"],
        captions=merged["captions"],
        references=merged["references"],
        accessibility=merged["accessibility"],
        dates=merged["dates"],
    )


def direction(language: str) -> Direction:
    """Return the direction that a language is written in, by its script subtag or its usual script."""
    subtags = language.lower().split("-")
    if {"arab", "hebr", "syrc", "thaa", "nkoo"} & set(subtags):
        return "rtl"
    return "rtl" if subtags[0] in _RIGHT_TO_LEFT and "latn" not in subtags else "ltr"


@cache
def _table(name: str) -> dict[str, dict[str, Any]]:
    path = _FOLDER / f"{name}.toml"
    known = name in {file.stem for file in _FOLDER.glob("*.toml")}
    return tomllib.loads(path.read_text("utf-8")) if known else {}


def _primary(language: str) -> str:
    return language.lower().partition("-")[0]


def _first_filled(formats: Sequence[str], values: Mapping[str, str]) -> str:
    for text in formats:
        if {name for _, name, _, _ in Formatter().parse(text) if name} <= values.keys():
            return text.format(**values)
    return values["n"]


def _value(number: str) -> int:
    """Return the value of `12` or `XII`; 0 when the number is neither."""
    if number.isascii() and number.isdigit():
        return int(number)
    if not number or set(number) - _ROMAN.keys():
        return 0
    values = [_ROMAN[letter] for letter in number]
    return sum(v if v >= after else -v for v, after in zip(values, [*values[1:], 0], strict=True))


def _kanji(value: int) -> str:
    hundreds, tens, ones = value // 100, value // 10 % 10, value % 10
    digits = ((hundreds, "百"), (tens, "十"))
    return "".join((_KANJI[n] if n > 1 else "") + unit for n, unit in digits if n) + (
        _KANJI[ones] if ones else ""
    )
