"""A font without the no-break spaces of one width (U+202F, U+2007) → one that has them, made of its space.

Typographers put the thin one before ; ! and ?, the other behind the dash of a speech; many fonts lack them
(EB Garamond is one). Pango then shows a box.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from typing import Any

#: Their widths, in parts of the space's: a seventh and half of an em beside a space of a quarter.
WIDTHS = {"\u202f": 0.6, "\u2007": 2.0}
#: Licences that let a font be changed.
_FREE = re.compile(r"open font licen[cs]e|\bOFL\b|apache|GPL|public domain|CC0|\bMIT\b", re.IGNORECASE)


def may_be_changed(licence: str) -> bool:
    """Tell whether a licence lets a glyph be added to a font."""
    return _FREE.search(licence) is not None


def with_spaces(data: bytes, spaces: Iterable[str]) -> bytes:
    """Add the glyphs of spaces to a static font that has a space; a CID-keyed font is returned as it is."""
    from fontTools.ttLib import TTFont  # noqa: PLC0415 - a fifth of a second, for few fonts only

    font = TTFont(io.BytesIO(data), recalcTimestamp=False)
    if "glyf" not in font and hasattr(font["CFF "].cff.topDictIndex[0], "ROS"):
        return data
    for space in spaces:
        _add(font, space, round(font["hmtx"][font.getBestCmap()[0x20]][0] * WIDTHS[space]))
    output = io.BytesIO()
    font.save(output, reorderTables=None)
    return output.getvalue()


def _add(font: Any, space: str, width: int) -> None:
    """Add an empty glyph of a width, in units of the font, for a character."""
    name = f"uni{ord(space):04X}"
    order = [*font.getGlyphOrder(), name]
    if "glyf" in font:
        from fontTools.ttLib.tables._g_l_y_f import Glyph  # noqa: PLC0415 - as above

        font["glyf"].glyphs[name] = Glyph()
        font["glyf"].glyphOrder = order
    else:
        _add_outline(font["CFF "].cff.topDictIndex[0], name, width)
    font.setGlyphOrder(order)
    font["hmtx"][name] = (width, 0)
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap[ord(space)] = name


def _add_outline(top: Any, name: str, width: int) -> None:
    """Add an empty outline to a CFF font; its program begins with the width, as far from the nominal one."""
    from fontTools.misc.psCharStrings import T2CharString  # noqa: PLC0415 - as above

    program = [width - top.Private.nominalWidthX, "endchar"]
    outlines = top.CharStrings
    outlines.charStringsIndex.append(
        T2CharString(program=program, private=top.Private, globalSubrs=top.GlobalSubrs)
    )
    outlines.charStrings[name] = len(outlines.charStringsIndex) - 1
    if name not in top.charset:
        top.charset.append(name)
