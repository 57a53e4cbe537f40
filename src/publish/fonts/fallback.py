"""Characters that the book's families don't have → few other fonts that draw them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from publish.fonts.installed import FontFile

#: The files of a family (regular, perhaps bold), and the characters that it is to draw.
Share = tuple[tuple[FontFile, ...], frozenset[str]]

#: Language → region, as the CJK families of Noto and Source Han name it.
CJK_REGIONS = {"ja": "JP", "ko": "KR", "zh": "SC", "zh-tw": "TC", "zh-hant": "TC", "zh-hk": "HK"}
#: Patterns of families, the best first.
_SYMBOLS = (
    "Symbola", "Noto Sans Symbols ?2", "Noto Sans Math", "Noto Sans Symbols", "Noto Emoji", "DejaVu Sans",
)  # fmt: skip
_TEXT_FACES = (
    "Amiri", "Noto Naskh Arabic", "Noto Serif (?!Display|.*Slanted)", "Noto Serif", "DejaVu Serif",
    "FreeSerif", "Noto Sans (?!Display|Mono)", "DejaVu Sans",
)  # fmt: skip


def fallbacks(sought: frozenset[str], fonts: tuple[FontFile, ...], language: str) -> tuple[Share, ...]:
    """Choose few fonts for some characters, each script's in its best faces."""
    shares: dict[FontFile, frozenset[str]] = {}
    for name, group in sorted(_groups(sought).items()):
        for font, part in _cover(group, fonts, _preferences(name, language)):
            shares[font] = shares.get(font, frozenset()) | part
    return tuple((_with_bold(font, fonts), part) for font, part in shares.items())


def _cover(
    wanted: frozenset[str], fonts: tuple[FontFile, ...], preferences: tuple[str, ...]
) -> Iterable[tuple[FontFile, frozenset[str]]]:
    """Take the preferred font again and again until no font has any of the characters left."""
    parts = {font: part for font in fonts if font.is_regular and (part := font.covered(wanted))}
    ranks = {font: (_rank(font.family, preferences), place) for place, font in enumerate(fonts)}
    while parts:
        best = min(parts, key=lambda font: (ranks[font][0], -len(parts[font]), ranks[font][1]))
        part = parts.pop(best)
        if not best.may_be_embedded:
            continue
        yield best, part
        parts = {font: left for font, has in parts.items() if (left := has - part)}


def _rank(family: str, preferences: tuple[str, ...]) -> int:
    matches = (number for number, pattern in enumerate(preferences) if re.match(pattern, family))
    return next(matches, len(preferences))


def _preferences(group: str, language: str) -> tuple[str, ...]:
    """Return patterns of families, the best first: serif text faces, then sans, then anything."""
    tag = language.lower()
    region = next((CJK_REGIONS[key] for key in (tag, tag[:7], tag[:5], tag[:2]) if key in CJK_REGIONS), "")
    shapes = tuple(f"Noto {kind} CJK {region or 'JP'}" for kind in ("Serif", "Sans"))
    cjk = (*shapes, "Noto Serif CJK", "Source Han Serif", "Noto Sans CJK", "Source Han Sans")
    if group == "CJK":
        return cjk
    if group == "symbol":
        return (*(shapes if region else ()), *_SYMBOLS)
    return _TEXT_FACES


def _groups(sought: frozenset[str]) -> dict[str, frozenset[str]]:
    """Sort characters into CJK, scripts by the first word of the letters' names, and symbols.

    A digit or a sign goes with the letters that its name mentions: ARABIC COMMA with ARABIC.
    """
    groups: dict[str, set[str]] = {}
    others = [char for char in sorted(sought) if not _script(char)]
    for char in sorted(sought.difference(others)):
        groups.setdefault(_script(char), set()).add(char)
    for char in others:
        words = re.split("[ -]", unicodedata.name(char, ""))
        groups.setdefault(next((word for word in words if word in groups), "symbol"), set()).add(char)
    return {name: frozenset(group) for name, group in groups.items()}


def _script(char: str) -> str:
    code = ord(char)
    if (unicodedata.east_asian_width(char) in "WF" and code < 0x1F000) or 0x20000 <= code < 0x40000:
        return "CJK"
    is_letter = unicodedata.category(char)[0] in "LM" and code < 0x1D400
    return unicodedata.name(char, "").partition(" ")[0] if is_letter else ""


def _with_bold(regular: FontFile, fonts: tuple[FontFile, ...]) -> tuple[FontFile, ...]:
    """Add the bold file of a font's family; a variable font is its own."""
    if regular.weights[1] >= 600:
        return (regular,)
    kin = (
        font for font in fonts
        if font.family == regular.family and font.style == "normal" and font.weights[0] in (600, 700)
    )  # fmt: skip
    bold = min(kin, key=lambda font: (-font.weights[0], font.path, font.index), default=None)
    return (regular, bold) if bold else (regular,)
