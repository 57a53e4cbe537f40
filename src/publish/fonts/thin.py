"""A font without the narrow no-break space (U+202F) → one that has it, made of its space.

Typographers put it before ; ! and ?, and many fonts lack it (EB Garamond is one). Pango then shows a box.
"""

from __future__ import annotations

import io
import re
from typing import Any

THIN = "\u202f"
_NAME = "uni202F"
#: Its width, in parts of the space's: a fifth of an em beside a space of a quarter.
_PART = 0.6
#: Licences that let a font be changed.
_FREE = re.compile(r"open font licen[cs]e|\bOFL\b|apache|GPL|public domain|CC0|\bMIT\b", re.IGNORECASE)


def may_be_changed(licence: str) -> bool:
    """Tell whether a licence lets a glyph be added to a font."""
    return _FREE.search(licence) is not None


def with_thin_space(data: bytes) -> bytes:
    """Add the glyph to a static font that has a space; a CID-keyed font is returned as it is."""
    from fontTools.ttLib import TTFont  # noqa: PLC0415 - a fifth of a second, for few fonts only

    font = TTFont(io.BytesIO(data), recalcTimestamp=False)
    width = round(font["hmtx"][font.getBestCmap()[0x20]][0] * _PART)
    order = [*font.getGlyphOrder(), _NAME]
    if "glyf" in font:
        from fontTools.ttLib.tables._g_l_y_f import Glyph  # noqa: PLC0415 - as above

        font["glyf"].glyphs[_NAME] = Glyph()
        font["glyf"].glyphOrder = order
    elif hasattr(font["CFF "].cff.topDictIndex[0], "ROS"):
        return data
    else:
        _add_outline(font["CFF "].cff.topDictIndex[0], width)
    font.setGlyphOrder(order)
    font["hmtx"][_NAME] = (width, 0)
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap[0x202F] = _NAME
    output = io.BytesIO()
    font.save(output, reorderTables=None)
    return output.getvalue()


def _add_outline(top: Any, width: int) -> None:
    """Add an empty outline to a CFF font; its program begins with the width, as far from the nominal one."""
    from fontTools.misc.psCharStrings import T2CharString  # noqa: PLC0415 - as above

    program = [width - top.Private.nominalWidthX, "endchar"]
    outlines = top.CharStrings
    outlines.charStringsIndex.append(
        T2CharString(program=program, private=top.Private, globalSubrs=top.GlobalSubrs)
    )
    outlines.charStrings[_NAME] = len(outlines.charStringsIndex) - 1
    if _NAME not in top.charset:
        top.charset.append(_NAME)
