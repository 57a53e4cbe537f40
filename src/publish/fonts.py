"""Characters and families → font files cut to them; the one owner of uharfbuzz, fontpkg and fc-list.

The three families of a book come from packages (`fontpkg-…`) or from the system; variable fonts are
turned into static ones. A character that none of the three has is looked for in the other installed
fonts, and drawn by a face of a family named « Fallback 1 », « Fallback 2 » …
"""

from __future__ import annotations

import io
import re
import subprocess
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import astuple, dataclass, field, replace
from typing import Literal

import fontpkg
import uharfbuzz

from publish.book import Book, Section, Style
from publish.problems import BookProblems, Place, Problem, Severity, nearest

Role = Literal["serif", "sans", "mono", "fallback"]
Posture = Literal["normal", "italic"]

#: In every face that has them, whether the book uses them or not: what styles generate (bullets,
#: hyphens, folios), and what the next edit may bring, so that it changes no font and no cached sheet.
CORE = frozenset(
    map(chr, (*range(0x20, 0x7F), *range(0xA0, 0x100), *range(0x2010, 0x2016), *range(0x2018, 0x201F)))
) | frozenset("ŒœŠšŸŽž†‡•…\u202f‰′″‹›⁄€№™←↑→↓−×∞≈≠≤≥◦▪⁰¹²³⁴⁵⁶⁷⁸⁹")

#: The faces that are made of each family, as far as the family has them.
WEIGHTS: Mapping[Role, tuple[tuple[int, Posture], ...]] = {
    "serif": ((400, "normal"), (400, "italic"), (600, "normal"), (600, "italic")),
    "sans": ((400, "normal"), (400, "italic"), (600, "normal")),
    "mono": ((400, "normal"), (600, "normal")),
    "fallback": ((400, "normal"), (700, "normal")),
}

#: Layout features kept beside HarfBuzz's defaults (kern, liga, mark, locl, ccmp, frac, Arabic forms …).
_FEATURES = ("smcp", "c2sc", "onum", "lnum", "pnum", "tnum", "sups", "subs", "ordn", "case", "zero")
_REGULAR = 400
_BOLD = re.compile(r"<(?:strong|b)[ >]")
_CODE = re.compile(r"<(?:code|pre|kbd|samp|tt)[ >]")
#: Optical size of text, in points, for families that have an axis for it.
_OPTICAL_SIZE = 11.0
#: In every face: Pango draws a space with its neighbour's font, and shows a box if that has none.
_SPACES = frozenset(" \u00a0\u2002\u2003\u2009\u202f\u3000")
_GENERIC = {"serif": "serif", "sans": "sans-serif", "mono": "monospace"}
#: Names kept in a font: copyright, family, style, identifier, full name, PostScript name, licence.
_NAMES = (0, 1, 2, 3, 4, 6, 13, 14)


@dataclass(frozen=True, slots=True)
class Families:
    """The names of the families that a book is set in."""

    serif: str = "Source Serif 4"
    sans: str = "Source Sans 3"
    mono: str = "Source Code Pro"

    @classmethod
    def chosen(cls, names: tuple[str, str, str]) -> Families:
        """Turn `Settings.fonts` into families: an empty name stands for the default."""
        default = cls()
        return cls(names[0] or default.serif, names[1] or default.sans, names[2] or default.mono)


@dataclass(frozen=True, slots=True)
class FontFace:
    """A static font file, cut to the characters of a book."""

    role: Role
    #: As styles name it; the fallbacks are « Fallback 1 », « Fallback 2 » …
    family: str
    #: CSS weight: 400, 600 …
    weight: int
    style: Posture
    data: bytes
    #: ASCII, unique in a book: `source-serif-4-400-italic.ttf`.
    file_name: str
    #: `font/ttf` or `font/otf`.
    media_type: str
    #: What the font says of its licence, or an empty string.
    licence: str


@dataclass(frozen=True, slots=True)
class _Source:
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

    def covered(self, characters: Iterable[str]) -> frozenset[str]:
        """Return those of some characters that the font has."""
        if not self.starts:
            unicodes = _open(self).unicodes
            return frozenset(char for char in characters if ord(char) in unicodes)
        return frozenset(char for char in characters if self._has(ord(char)))

    def _has(self, code: int) -> bool:
        position = bisect_right(self.starts, code) - 1
        return position >= 0 and code <= self.ends[position]


def characters(texts: Iterable[str]) -> frozenset[str]:
    """Return the characters of some texts (fragments or pages), without line ends and tabs."""
    return frozenset().union(*map(frozenset, texts)) - frozenset("\t\n\r")


def faces(
    wanted: frozenset[str], families: Families | None = None, language: str = ""
) -> tuple[tuple[FontFace, ...], frozenset[str]]:
    """Turn characters into faces that draw them, and the characters that no installed font has.

    `language` (BCP 47) decides between the Japanese, Chinese and Korean shapes of a character.
    Raises BookProblems (missing-font) where a family isn't installed.
    """
    system = _Installed()
    chosen = _chosen_families(families or Families(), system)
    wide = frozenset(char for char in wanted if _drawn_wide(char, language))
    own = frozenset().union(*(group[0].covered(wanted - wide) for group in chosen.values()))
    joiners = frozenset(filter(_invisible, wanted))
    sought = wanted - own - joiners
    fallbacks = _fallbacks(sought, system.others(chosen), language) if sought else ()
    found = own.union(*(part for _, part in fallbacks))
    rest = (wanted | CORE | _other_case(wanted)) - (found - own)
    made = [
        face for role, group in chosen.items() for face in _cut_family(role, group[0].family, group, rest)
    ]
    for number, (group, part) in enumerate(fallbacks, 1):
        made += _cut_family("fallback", f"Fallback {number}", group, part | joiners | _SPACES)
    drawn = found.union(*(group[0].covered(wide - found) for group in chosen.values()))
    return tuple(made), frozenset(char for char in sought - drawn if not char.isspace())


def _other_case(wanted: Iterable[str]) -> frozenset[str]:
    """Return what a style may make of some letters: capitals, small letters."""
    return frozenset("".join(char.upper() + char.lower() for char in wanted))


def css(made: Iterable[FontFace], prefix: str) -> str:
    """Return one `@font-face` rule for each face; the file's address is `prefix` and its name."""
    return "".join(
        f'@font-face {{ font-family: "{face.family}"; font-weight: {face.weight}; '
        f"font-style: {face.style}; src: url({prefix}{face.file_name}) }}\n"
        for face in made
    )


def font_stacks(made: Iterable[FontFace]) -> dict[str, str]:
    """Return the values of `font-family` for serif, sans and mono.

    Each names all the families of the book, so that every character is found without a search in
    the system's fonts, which costs WeasyPrint a minute (WeasyPrint issue 2811).
    """
    families: dict[Role, list[str]] = {"serif": [], "sans": [], "mono": [], "fallback": []}
    for face in made:
        if face.family not in families[face.role]:
            families[face.role].append(face.family)
    orders: dict[str, tuple[Role, ...]] = {
        "serif": ("serif", "fallback", "sans", "mono"),
        "sans": ("sans", "fallback", "serif", "mono"),
        "mono": ("mono", "fallback", "sans", "serif"),
    }
    return {
        name: ", ".join([*(f'"{family}"' for role in order for family in families[role]), _GENERIC[name]])
        for name, order in orders.items()
    }


def dressed(styles: Iterable[Style], made: Iterable[FontFace]) -> tuple[Style, ...]:
    """Return style sheets whose `font-family` lists name the book's families.

    A list that ends in serif, sans-serif or monospace ends in the book's stack of that kind; families of
    the designer's own stay before it, the default ones give way to those that the book asks for.
    """
    stacks = {_GENERIC[kind]: stack for kind, stack in font_stacks(made).items()}
    return tuple(replace(style, css=_dress(style.css, stacks)) for style in styles)


_FAMILIES = re.compile(
    r"(font-family\s*:\s*)([^;{}]*?)\b(serif|sans-serif|monospace)(?=\s*(?:!important\s*)?[;}])"
)


def _dress(css: str, stacks: Mapping[str, str]) -> str:
    def stack(match: re.Match[str]) -> str:
        chosen = stacks[match[3]]
        taken = {name.lower() for name in (*chosen.split(", "), *astuple(Families()))}
        named = (name.strip().replace("'", '"') for name in match[2].split(","))
        own = [name for name in named if name and not {name.lower(), name.lower().strip('"')} & taken]
        return match[1] + ", ".join([*own, chosen])

    return _FAMILIES.sub(stack, css)


def embedded(made: Iterable[FontFace], texts: Iterable[str], styles: Iterable[Style]) -> tuple[FontFace, ...]:
    """Return the faces that an e-book needs to carry: those that its text or its styles can call for.

    `texts` are XHTML pages. Upright, italic and bold of the text face always go; its bold italic, and the face
    of code, where there is bold, or code; the sans where a style names it.
    """
    joined, css = "\n".join(texts), "\n".join(style.css for style in styles)
    bold, code = bool(_BOLD.search(joined)), bool(_CODE.search(joined))
    wanted: dict[Role, Callable[[FontFace], bool]] = {
        "serif": lambda face: bold or face.style == "normal" or face.weight == _REGULAR,
        "sans": lambda face: f'"{face.family}"' in _stripped_of_stacks(css),
        "mono": lambda face: code and (bold or face.weight == _REGULAR),
        "fallback": lambda face: bold or face.weight == _REGULAR,
    }
    return tuple(face for face in made if wanted[face.role](face))


def _stripped_of_stacks(css: str) -> str:
    """Return a style sheet without what follows the first family of each `font-family`: those are fall-backs."""
    return re.sub(r"(font-family\s*:\s*[^,;}]*),[^;}]*", r"\1", css)


def missing_glyphs(book: Book, missing: Iterable[str], severity: Severity = "error") -> tuple[Problem, ...]:
    """Turn characters that no font has into problems, each where the book first uses it."""
    return tuple(
        Problem(
            "missing-glyph",
            _first_place(book, char),
            f"no installed font has “{char}” (U+{ord(char):04X}, {unicodedata.name(char, '?').lower()})",
            "install a font that has it, such as one of the Noto fonts, or write the text without it",
            severity,
        )
        for char in sorted(missing)
    )


def _first_place(book: Book, char: str) -> Place:
    for section in book.sections:
        for text, line in _texts(section):
            if char in text:
                lines = re.findall(r'data-line="(\d+)"', text[: text.index(char)])
                return Place(section.source, int(lines[-1]) if lines else line)
    return Place(book.source)


def _texts(section: Section) -> Iterable[tuple[str, int]]:
    yield section.title, section.line
    yield section.body, section.line
    for note in section.notes:
        yield note.body, note.line


# --- the installed fonts ---------------------------------------------------------------------------------

#: fontconfig's weights (regular is 80) → CSS's, as FcWeightToOpenType has them.
_FC_WEIGHTS = {
    0: 100,
    40: 200,
    50: 300,
    55: 350,
    75: 380,
    80: 400,
    100: 500,
    180: 600,
    200: 700,
    205: 800,
    210: 900,
}
_FC_FORMAT = (
    "%{file}\t%{index}\t%{family[0]}\t%{slant}\t%{weight}\t%{fontformat}\t%{color}\t%{variable}\t%{charset}\n"
)


class _Installed:
    """The fonts at hand: the packages', then the system's, listed once and only when asked for."""

    def __init__(self) -> None:
        self._system: tuple[_Source, ...] | None = None

    @property
    def system(self) -> tuple[_Source, ...]:
        if self._system is None:
            self._system = _system_fonts()
        return self._system

    def others(self, chosen: Mapping[Role, tuple[_Source, ...]]) -> tuple[_Source, ...]:
        """Return every font but those of the chosen families, the packages' first."""
        packages = (source for family in _packages().values() for source in _package_sources(family))
        used = {source.family for group in chosen.values() for source in group}
        return tuple(source for source in (*packages, *self.system) if source.family not in used)

    def family(self, name: str) -> tuple[_Source, ...]:
        """Return the files of a family, regular ones first; empty: it isn't installed."""
        package = _packages().get(fontpkg.slugify(name))
        found = _package_sources(package) if package else ()
        found = found or tuple(font for font in self.system if font.family.lower() == name.lower())
        regular = sorted(
            found, key=lambda font: (font.style != "normal", abs(_nearest(font, 400) - 400), font.path)
        )
        return tuple(regular) if regular and regular[0].style == "normal" else ()

    def names(self) -> frozenset[str]:
        families = [family.name for family in _packages().values()]
        return frozenset(families) | {font.family for font in self.system}


def _packages() -> dict[str, fontpkg.Family]:
    return dict(sorted(fontpkg.families().items()))


def _package_sources(family: fontpkg.Family) -> tuple[_Source, ...]:
    return tuple(
        _Source(
            family.name,
            str(file.path),
            0,
            (file.wght_min or file.weight or 400, file.wght_max or file.weight or 400),
            "italic" if file.style == "italic" else "normal",
            family.license,
        )
        for file in family.files
    )


def _system_fonts() -> tuple[_Source, ...]:
    """List the system's outline fonts that draw in one colour; nothing where fontconfig is absent."""
    command = ["fc-list", "--format", _FC_FORMAT]
    try:
        listing = subprocess.run(command, capture_output=True, timeout=60, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    lines = listing.decode("utf-8", "replace").splitlines()
    sources = (_system_source(line.split("\t")) for line in sorted(lines))
    return tuple(source for source in sources if source)


def _system_source(columns: list[str]) -> _Source | None:
    if len(columns) != 9 or columns[5] not in ("TrueType", "CFF") or columns[6] == "True":
        return None
    path, index, family, slant, weight = columns[:5]
    if int(index) > 0xFFFF:  # a named instance of a variable font, which is listed by itself too
        return None
    bounds = [_css_weight(float(number)) for number in re.findall(r"[\d.]+", weight)] or [400]
    ranges = [entry.partition("-") for entry in columns[8].split()]
    starts = tuple(int(first, 16) for first, _, _ in ranges)
    ends = tuple(int(last or first, 16) for first, _, last in ranges)
    style: Posture = "normal" if slant in ("0", "") else "italic"
    return (
        _Source(family, path, int(index), (bounds[0], bounds[-1]), style, "", starts, ends)
        if starts
        else None
    )


def _css_weight(weight: float) -> int:
    return _FC_WEIGHTS[min(_FC_WEIGHTS, key=lambda known: abs(known - weight))]


def _nearest(source: _Source, weight: int) -> int:
    """Return the weight nearest to the one asked for that a file can draw."""
    return min(max(weight, source.weights[0]), source.weights[1])


def _chosen_families(families: Families, system: _Installed) -> dict[Role, tuple[_Source, ...]]:
    names: dict[Role, str] = {"serif": families.serif, "sans": families.sans, "mono": families.mono}
    found = {role: system.family(name) for role, name in names.items()}
    absent = [name for role, name in names.items() if not found[role]]
    if absent:
        known = system.names()
        raise BookProblems(_missing_font(name, known) for name in absent)
    return found


def _missing_font(name: str, known: frozenset[str]) -> Problem:
    package = f"fontpkg-{fontpkg.slugify(name)}"
    return Problem(
        "missing-font",
        None,
        f"the font family “{name}” is not installed",
        nearest(name, known) or f"install it, for example with the Python package {package}",
    )


# --- characters that the book's families don't have -----------------------------------------------------

_CJK = {"ja": "JP", "ko": "KR", "zh": "SC", "zh-tw": "TC", "zh-hant": "TC", "zh-hk": "HK"}
_SYMBOLS = (
    "Symbola",
    "Noto Sans Symbols ?2",
    "Noto Sans Math",
    "Noto Sans Symbols",
    "Noto Emoji",
    "DejaVu Sans",
)
_TEXT_FACES = (
    "Amiri", "Noto Naskh Arabic", "Noto Serif (?!Display|.*Slanted)", "Noto Serif", "DejaVu Serif",
    "FreeSerif", "Noto Sans (?!Display|Mono)", "DejaVu Sans",
)  # fmt: skip


def _fallbacks(
    sought: frozenset[str], fonts: tuple[_Source, ...], language: str
) -> tuple[tuple[tuple[_Source, ...], frozenset[str]], ...]:
    """Choose few fonts for some characters: the files of each family, and the characters it is to draw."""
    shares: dict[_Source, frozenset[str]] = {}
    for name, group in sorted(_groups(sought).items()):
        for source, part in _cover(group, fonts, _preferences(name, language)):
            shares[source] = shares.get(source, frozenset()) | part
    return tuple((_with_bold(source, fonts), part) for source, part in shares.items())


def _cover(
    wanted: frozenset[str], fonts: tuple[_Source, ...], preferences: tuple[str, ...]
) -> Iterable[tuple[_Source, frozenset[str]]]:
    """Take the preferred font again and again until no font has any of the characters left."""
    parts = {font: part for font in fonts if _regular(font) and (part := font.covered(wanted))}
    ranks = {font: (_rank(font.family, preferences), place) for place, font in enumerate(fonts)}
    while parts:
        best = min(parts, key=lambda font: (ranks[font][0], -len(parts[font]), ranks[font][1]))
        part = parts.pop(best)
        if not _may_be_embedded(best):
            continue
        yield best, part
        parts = {font: left for font, has in parts.items() if (left := has - part)}


def _regular(source: _Source) -> bool:
    return source.style == "normal" and source.weights[0] <= 400 <= source.weights[1]


def _rank(family: str, preferences: tuple[str, ...]) -> int:
    matches = (number for number, pattern in enumerate(preferences) if re.match(pattern, family))
    return next(matches, len(preferences))


def _preferences(group: str, language: str) -> tuple[str, ...]:
    """Return patterns of families, the best first: serif text faces, then sans, then anything."""
    tag = language.lower()
    region = next((_CJK[key] for key in (tag, tag[:7], tag[:5], tag[:2]) if key in _CJK), "")
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


def _with_bold(source: _Source, fonts: tuple[_Source, ...]) -> tuple[_Source, ...]:
    if source.weights[1] >= 600:
        return (source,)
    kin = (
        font for font in fonts
        if font.family == source.family and font.style == "normal" and font.weights[0] in (600, 700)
    )  # fmt: skip
    bold = min(kin, key=lambda font: (-font.weights[0], font.path, font.index), default=None)
    return (source, bold) if bold else (source,)


def _drawn_wide(char: str, language: str) -> bool:
    """Tell whether a sign that Latin has too (… — “ ”) is drawn an em wide in a language."""
    if language[:2].lower() not in _CJK or (char in CORE and char < "\u2010"):
        return False
    return unicodedata.east_asian_width(char) == "A" and unicodedata.category(char)[0] in "PS"


def _invisible(char: str) -> bool:
    """Tell whether a character needs no glyph: controls, joiners, marks of direction, variation selectors."""
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") or 0xFE00 <= ord(char) <= 0xFE0F


# --- cutting ---------------------------------------------------------------------------------------------


def _cut_family(
    role: Role, family: str, sources: tuple[_Source, ...], wanted: frozenset[str]
) -> Iterable[FontFace]:
    """Make the faces of one family, as far as its files can draw them."""
    done: set[tuple[str, int, int]] = set()
    for weight, style in WEIGHTS[role]:
        fitting = [source for source in sources if source.style == style]
        best = min(fitting, key=lambda font: (abs(_nearest(font, weight) - weight), font.path), default=None)
        if best is None or (best.path, best.index, _nearest(best, weight)) in done:
            continue
        done.add((best.path, best.index, _nearest(best, weight)))
        part = best.covered(wanted)
        if part:
            yield _cut(role, family, best, _nearest(best, weight), part)


def _cut(role: Role, family: str, source: _Source, weight: int, part: frozenset[str]) -> FontFace:
    original = _open(source)
    cut = uharfbuzz.SubsetInput()
    cut.unicode_set.update(sorted(map(ord, part)))
    cut.layout_feature_tag_set.update(map(_tag, _FEATURES))
    cut.name_id_set.clear()
    cut.name_id_set.update(_NAMES)
    cut.drop_table_tag_set.update(map(_tag, ("STAT", "gasp", "DSIG", "BASE")))
    cut.flags = uharfbuzz.SubsetFlags.NO_HINTING
    for axis in original.axis_infos:
        _pin(cut, original, axis, weight)
    data = cut.subset(original).blob.data
    if data[:4] == b"OTTO":
        data = _with_identity_cids(data)
    extension = "otf" if data[:4] == b"OTTO" else "ttf"
    name = f"{_file_stem(family)}-{weight}{'-italic' * (source.style == 'italic')}.{extension}"
    licence = source.licence or original.get_name(13) or ""
    return FontFace(role, family, weight, source.style, data, name, f"font/{extension}", licence)


def _with_identity_cids(data: bytes) -> bytes:
    """Number the glyphs of a CID-keyed CFF font by their order in the file.

    A cut font keeps the numbers of the whole one; in a PDF a character's code is then taken for that number
    (ISO 32000-1, 9.7.4.2, Table 117), though WeasyPrint writes the glyph's place in the cut font.
    """
    from fontTools.ttLib import TTFont  # noqa: PLC0415 - a fifth of a second, for CJK fonts only

    font = TTFont(io.BytesIO(data), lazy=False, recalcTimestamp=False, recalcBBoxes=False)
    top = font["CFF "].cff.topDictIndex[0]
    if not hasattr(top, "ROS"):
        return data
    outlines = top.CharStrings
    names = [".notdef", *(f"cid{number:05d}" for number in range(1, len(top.charset)))]
    outlines.charStrings = {names[place]: outlines.charStrings[old] for place, old in enumerate(top.charset)}
    top.charset = names
    font.setGlyphOrder(names)
    output = io.BytesIO()
    font.save(output, reorderTables=None)
    return output.getvalue()


def _pin(
    cut: uharfbuzz.SubsetInput, font: uharfbuzz.Face, axis: uharfbuzz.OTVarAxisInfo, weight: int
) -> None:
    wanted = {"wght": float(weight), "opsz": _OPTICAL_SIZE}.get(axis.tag, axis.default_value)
    cut.pin_axis_location(font, axis.tag, min(max(wanted, axis.min_value), axis.max_value))


def _tag(name: str) -> int:
    """Return an OpenType tag as HarfBuzz's sets hold it."""
    return int.from_bytes(name.encode("ascii"), "big")


def _file_stem(family: str) -> str:
    plain = unicodedata.normalize("NFKD", family).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-") or "font"


def _open(source: _Source) -> uharfbuzz.Face:
    return uharfbuzz.Face(uharfbuzz.Blob.from_file_path(source.path), source.index)


def _may_be_embedded(source: _Source) -> bool:
    """Read the licensing rights in OS/2's fsType: 2 alone forbids embedding (OpenType, OS/2)."""
    table = _open(source).reference_table("OS/2").data
    return len(table) < 10 or int.from_bytes(table[8:10], "big") & 0x000F != 0x0002
