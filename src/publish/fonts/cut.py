"""Font files + characters → faces: static fonts cut to those characters."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import uharfbuzz

from publish.fonts.face import FontFace, Posture, Role
from publish.fonts.installed import REGULAR, FontFile
from publish.fonts.thin import WIDTHS, may_be_changed, with_spaces

#: The faces that are made of each family, as far as the family has them.
WEIGHTS: Mapping[Role, tuple[tuple[int, Posture], ...]] = {
    "serif": ((400, "normal"), (400, "italic"), (600, "normal"), (600, "italic")),
    "sans": ((400, "normal"), (400, "italic"), (600, "normal")),
    "mono": ((400, "normal"), (600, "normal"), (400, "italic")),
    "fallback": ((400, "normal"), (700, "normal")),
    "math": (),
}
#: Layout features kept beside HarfBuzz's defaults (kern, liga, mark, locl, ccmp, frac, Arabic forms …).
_FEATURES = ("smcp", "c2sc", "onum", "lnum", "pnum", "tnum", "sups", "subs", "ordn", "case", "zero")
#: The features of a font of mathematics: letters of exponents, letters without their dots, flat accents.
_MATHEMATICS = ("ssty", "dtls", "flac")
#: Tables that neither a page nor an e-reader uses once a font is static and without hints.
_DROPPED = ("STAT", "gasp", "DSIG", "BASE")
#: Names kept in a font: copyright, family, style, identifier, full name, PostScript name, licence.
_NAMES = (0, 1, 2, 3, 4, 6, 13, 14)
_LICENCE = 13
#: Optical size of text, in points, for families that have an axis for it.
_OPTICAL_SIZE = 11.0


def cut_family(
    role: Role, family: str, files: tuple[FontFile, ...], wanted: frozenset[str], *, bold: bool = True
) -> Iterable[FontFace]:
    """Make the faces of one family, as far as its files can draw them; bold ones where they are wanted."""
    done: set[tuple[str, int, int]] = set()
    for weight, style in WEIGHTS[role]:
        if weight > REGULAR and not bold:
            continue
        fitting = (font for font in files if font.style == style)
        best = min(
            fitting, key=lambda font: (abs(font.nearest_weight(weight) - weight), font.path), default=None
        )
        if best is None or (best.path, best.index, best.nearest_weight(weight)) in done:
            continue
        done.add((best.path, best.index, best.nearest_weight(weight)))
        if part := best.covered(wanted):
            face = _face(role, family, best, best.nearest_weight(weight), part)
            lacks = sorted(wanted & WIDTHS.keys() - part) if role != "fallback" and " " in part else ()
            yield _spaced(face, lacks) if lacks else face


def _face(role: Role, family: str, font: FontFile, weight: int, part: frozenset[str]) -> FontFace:
    original = font.opened()
    data = _cut(original, weight, part)
    extension = "otf" if data[:4] == b"OTTO" else "ttf"
    name = f"{_file_stem(family)}-{weight}{'-italic' * (font.style == 'italic')}.{extension}"
    licence = font.licence or original.get_name(_LICENCE) or ""
    return FontFace(role, family, weight, font.style, data, name, f"font/{extension}", licence)


def _spaced(face: FontFace, spaces: Iterable[str]) -> FontFace:
    """Give a face the spaces that it lacks, if its licence allows it."""
    data = with_spaces(face.data, spaces) if may_be_changed(face.licence) else face.data
    return replace(face, data=data, has_thin_space=data is not face.data)


def _wanted(part: frozenset[str], features: Iterable[str]) -> Any:
    """Return what HarfBuzz is asked for: some characters, some features, and no hints."""
    cut = uharfbuzz.SubsetInput()
    cut.unicode_set.update(sorted(map(ord, part)))
    cut.layout_feature_tag_set.update(map(_tag, features))
    cut.name_id_set.clear()
    cut.name_id_set.update(_NAMES)
    cut.drop_table_tag_set.update(map(_tag, _DROPPED))
    cut.flags = uharfbuzz.SubsetFlags.NO_HINTING
    return cut


def _cut(original: uharfbuzz.Face, weight: int, part: frozenset[str]) -> bytes:
    """Return a static font of one weight that has only some characters."""
    cut = _wanted(part, _FEATURES)
    for axis in original.axis_infos:
        _pin(cut, original, axis, weight)
    data: bytes = cut.subset(original).blob.data
    return _with_identity_cids(data) if data[:4] == b"OTTO" else data


def cut_mathematics(data: bytes, part: frozenset[str]) -> FontFace:
    """Cut a font of mathematics to some characters and to the forms that they stretch to."""
    original = uharfbuzz.Face(data)
    cut = _wanted(part, _MATHEMATICS)
    made: bytes = cut.subset(original).blob.data
    family = original.get_name(1) or "Mathematics"
    licence = original.get_name(_LICENCE) or ""
    return FontFace("math", family, 400, "normal", made, f"{_file_stem(family)}-400.ttf", "font/ttf", licence)


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
    """Fix an axis of a variable font: at the weight, at the size of text, else where the font has it."""
    wanted = {"wght": float(weight), "opsz": _OPTICAL_SIZE}.get(axis.tag, axis.default_value)
    cut.pin_axis_location(font, axis.tag, min(max(wanted, axis.min_value), axis.max_value))


def _tag(name: str) -> int:
    """Return an OpenType tag as HarfBuzz's sets hold it."""
    return int.from_bytes(name.encode("ascii"), "big")


def _file_stem(family: str) -> str:
    plain = unicodedata.normalize("NFKD", family).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-") or "font"
