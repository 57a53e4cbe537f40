"""Family names → installed font files: those of the packages (`fontpkg-…`), then those that fc-list lists."""

from __future__ import annotations

import re
import subprocess
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import fontpkg
import uharfbuzz

from publish.fonts.face import Families, Posture, Role
from publish.problems import BookProblems, Problem, nearest

REGULAR = 400

#: fontconfig's weights (regular is 80) → CSS's, as FcWeightToOpenType has them.
_FC_WEIGHTS = {
    0: 100, 40: 200, 50: 300, 55: 350, 75: 380, 80: 400, 100: 500, 180: 600, 200: 700, 205: 800, 210: 900,
}  # fmt: skip
#: What fc-list is asked for, one column each.
_FC_COLUMNS = ("file", "index", "family[0]", "slant", "weight", "fontformat", "color", "charset")
_FC_FORMAT = "\t".join(f"%{{{column}}}" for column in _FC_COLUMNS) + "\n"


@dataclass(frozen=True, slots=True)
class FontFile:
    """An installed font file, before it is cut."""

    family: str
    path: str
    #: Of the font in a collection.
    index: int
    #: CSS weights that it can draw: lowest and highest.
    weights: tuple[int, int]
    style: Posture
    licence: str = ""
    #: Its characters as sorted starts and ends of ranges; empty: the file is asked.
    starts: tuple[int, ...] = field(default=(), repr=False, compare=False)
    ends: tuple[int, ...] = field(default=(), repr=False, compare=False)

    @property
    def is_regular(self) -> bool:
        """Tell whether it draws upright letters of normal weight."""
        return self.style == "normal" and self.weights[0] <= REGULAR <= self.weights[1]

    @property
    def may_be_embedded(self) -> bool:
        """Read the licensing rights in OS/2's fsType: 2 alone forbids embedding (OpenType, OS/2)."""
        table = self.opened().reference_table("OS/2").data
        return len(table) < 10 or int.from_bytes(table[8:10], "big") & 0x000F != 0x0002

    def opened(self) -> uharfbuzz.Face:
        """Return the font as HarfBuzz reads it."""
        return uharfbuzz.Face(uharfbuzz.Blob.from_file_path(self.path), self.index)

    def nearest_weight(self, weight: int) -> int:
        """Return the weight nearest to the one asked for that it can draw."""
        return min(max(weight, self.weights[0]), self.weights[1])

    def covered(self, characters: Iterable[str]) -> frozenset[str]:
        """Return those of some characters that it has."""
        if not self.starts:
            unicodes = self.opened().unicodes
            return frozenset(char for char in characters if ord(char) in unicodes)
        return frozenset(char for char in characters if self._has(ord(char)))

    def _has(self, code: int) -> bool:
        position = bisect_right(self.starts, code) - 1
        return position >= 0 and code <= self.ends[position]


class Installed:
    """The fonts at hand: the packages', then the system's, listed once and only when asked for."""

    def __init__(self) -> None:
        """Read the packages only: most books never ask for the system's fonts."""
        self._packages = dict(sorted(fontpkg.families().items()))
        self._listed: tuple[FontFile, ...] | None = None

    def chosen(self, families: Families) -> dict[Role, tuple[FontFile, ...]]:
        """Return the files of a book's three families. Raises BookProblems: missing-font."""
        names: dict[Role, str] = {"serif": families.serif, "sans": families.sans, "mono": families.mono}
        found = {role: self._family(name) for role, name in names.items()}
        absent = [name for role, name in names.items() if not found[role]]
        if absent:
            known = self._names()
            raise BookProblems(_missing_font(name, known) for name in absent)
        return found

    def others(self, chosen: Mapping[Role, tuple[FontFile, ...]]) -> tuple[FontFile, ...]:
        """Return every font but those of the chosen families, the packages' first."""
        packaged = (font for family in self._packages.values() for font in _package_fonts(family))
        used = {font.family for group in chosen.values() for font in group}
        return tuple(font for font in (*packaged, *self._system()) if font.family not in used)

    def _system(self) -> tuple[FontFile, ...]:
        if self._listed is None:
            self._listed = _system_fonts()
        return self._listed

    def _family(self, name: str) -> tuple[FontFile, ...]:
        """Return the files of a family, regular ones first; empty: it isn't installed."""
        package = self._packages.get(fontpkg.slugify(name))
        found = _package_fonts(package) if package else ()
        found = found or tuple(font for font in self._system() if font.family.lower() == name.lower())
        ranked = sorted(found, key=_distance_from_regular)
        return tuple(ranked) if ranked and ranked[0].style == "normal" else ()

    def _names(self) -> frozenset[str]:
        packaged = (family.name for family in self._packages.values())
        return frozenset((*packaged, *(font.family for font in self._system())))


def _distance_from_regular(font: FontFile) -> tuple[bool, int, str]:
    return font.style != "normal", abs(font.nearest_weight(REGULAR) - REGULAR), font.path


def _package_fonts(family: fontpkg.Family) -> tuple[FontFile, ...]:
    return tuple(
        FontFile(
            family=family.name, path=str(file.path), index=0,
            weights=(file.wght_min or file.weight or REGULAR, file.wght_max or file.weight or REGULAR),
            style="italic" if file.style == "italic" else "normal", licence=family.license,
        )
        for file in family.files
    )  # fmt: skip


def _system_fonts() -> tuple[FontFile, ...]:
    """List the system's outline fonts that draw in one colour; nothing where fontconfig is absent."""
    command = ["fc-list", "--format", _FC_FORMAT]
    try:
        listing = subprocess.run(command, capture_output=True, timeout=60, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    lines = listing.decode("utf-8", "replace").splitlines()
    fonts = (_system_font(line.split("\t")) for line in sorted(lines))
    return tuple(font for font in fonts if font)


def _system_font(columns: list[str]) -> FontFile | None:
    """Turn a line of fc-list into a font; None: it has colours, bitmaps or no characters."""
    if len(columns) != len(_FC_COLUMNS):
        return None
    path, index, family, slant, weight, outlines, in_colour, charset = columns
    if outlines not in ("TrueType", "CFF") or in_colour == "True" or not charset.split():
        return None
    if int(index) > 0xFFFF:  # a named instance of a variable font, which is listed by itself too
        return None
    weights = [_css_weight(float(number)) for number in re.findall(r"[\d.]+", weight)] or [REGULAR]
    ranges = [entry.partition("-") for entry in charset.split()]
    return FontFile(
        family=family, path=path, index=int(index), weights=(weights[0], weights[-1]),
        style="normal" if slant in ("0", "") else "italic",
        starts=tuple(int(first, 16) for first, _, _ in ranges),
        ends=tuple(int(last or first, 16) for first, _, last in ranges),
    )  # fmt: skip


def _css_weight(weight: float) -> int:
    return _FC_WEIGHTS[min(_FC_WEIGHTS, key=lambda known: abs(known - weight))]


def _missing_font(name: str, known: frozenset[str]) -> Problem:
    return Problem(
        "missing-font",
        None,
        f"the font family “{name}” is not installed",
        nearest(name, known)
        or f'install it in your system; one of Google’s comes with make font FONT="{name}"',
    )
