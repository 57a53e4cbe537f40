"""What a text's words tell: its language, its direction, and what a title says of its section."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Literal

#: Kinds that a section may have, besides those of `kinds.toml`.
_PLAIN_KINDS = ("chapter", "part", "section", "preamble")
#: Languages written from right to left.
_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "syr", "ug", "ur", "yi"})
#: Words that hardly a sentence of a language does without, and that other languages lack.
_FUNCTION_WORDS = {
    "fr": "le les des et une est dans que qui pour avec pas sur du au ce il elle nous vous sont plus cette",
    "en": "the of and to that is was with for it his her this are not you be have which from they",
    "de": "der die das und ist nicht mit ein eine den dem von zu sich auf auch wird für wie wir",
    "es": "el los las y que en una por con para del se su lo como más pero está fue sus",
    "it": "il gli che di è per una con del della non sono nel alla si lo più anche questo come",
    "pt": "o os as e que em uma não para com do da se no na por mais como foi ao",
    "nl": "de het een en van is dat niet op te met zijn voor in die aan er maar ook naar",
}
#: Scripts that tell the language: characters from … to …, language. Kana before Han: Japanese has both.
_SCRIPTS = (
    ("\u3041", "\u30ff", "ja"), ("\uac00", "\ud7a3", "ko"), ("\u4e00", "\u9fff", "zh"),
    ("\u0600", "\u06ff", "ar"), ("\u0590", "\u05ff", "he"), ("\u0400", "\u04ff", "ru"),
    ("\u0370", "\u03ff", "el"),
)  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+")
_NOT_LETTERS = re.compile(r"[\W_]+")
#: What may follow the word of a kind in a title: a number or a letter by itself, or punctuation.
_FOLLOWS = re.compile(r"(?:[ \u00a0]+(?:[A-Z]|[IVXLC]+|\d+))?(?:\s*[:.—–-].*)?$", re.DOTALL)
_SAMPLE = 20_000

MatterOfKind = Literal["front", "body", "back", "either"]


@cache
def _kinds() -> dict[str, dict[str, list[str] | str]]:
    return tomllib.loads(files("publish.manuscript").joinpath("kinds.toml").read_text("utf-8"))


#: Every kind that a manuscript may name.
KINDS = frozenset(_kinds()) | set(_PLAIN_KINDS)


def direction(language: str) -> Literal["ltr", "rtl"]:
    """Return the direction in which a language (BCP 47) is written."""
    return (
        "rtl"
        if language.lower().partition("-")[0] in _RIGHT_TO_LEFT or "-arab" in language.lower()
        else "ltr"
    )


def guess(texts: Iterable[str]) -> str:
    """Return the language of texts by their script and their function words; `und` if nothing tells."""
    sample = " ".join(text[:_SAMPLE] for text in texts)[: 10 * _SAMPLE]
    counts = [(sum(first <= c <= last for c in sample), language) for first, last, language in _SCRIPTS]
    total = sum(map(str.isalpha, sample))
    found = [
        language for count, language in counts if total and count > total * (0.1 if language == "ja" else 0.4)
    ]
    if found:
        return found[0]
    seen = Counter(_WORD.findall(sample.lower()))
    scores = {
        language: sum(seen[word] for word in known.split()) for language, known in _FUNCTION_WORDS.items()
    }
    best = max(scores, key=lambda language: scores[language])
    return best if scores[best] else "und"


def kind_of(title: str, language: str) -> str:
    """Return the kind that a title's words tell in a language (or in English), or an empty string."""
    plain = _plain(title)
    for code in dict.fromkeys((language.lower().partition("-")[0], "en")):
        for words, kind in _titles(code):
            if plain.startswith(words) and _is(title, plain, words):
                return kind
    return ""


def matter_of(kind: str) -> MatterOfKind:
    """Return where a kind stands by its nature; `body` for chapters and parts."""
    found = str(_kinds().get(kind, {}).get("matter", "body"))
    return (
        "front"
        if found == "front"
        else "back"
        if found == "back"
        else "either"
        if found == "either"
        else "body"
    )


@cache
def _titles(language: str) -> tuple[tuple[str, str], ...]:
    """Return (words, kind) of a language, longest words first."""
    found = [(_plain(words), kind) for kind, entry in _kinds().items() for words in entry.get(language, ())]
    return tuple(sorted(found, key=lambda entry: -len(entry[0])))


def _is(title: str, plain: str, words: str) -> bool:
    if plain == words:
        return True
    if not plain.startswith(words + " "):
        return False
    match = re.match(rf"(?:\W*\w+){{{len(words.split())}}}", title)
    return bool(match and _FOLLOWS.match(title, match.end()))


def _plain(text: str) -> str:
    """Return a text's words without accents, case and punctuation."""
    base = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return _NOT_LETTERS.sub(" ", base).strip().casefold()
