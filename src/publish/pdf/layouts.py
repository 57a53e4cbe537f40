"""Makes once for each style what WeasyPrint makes for each run of text; what comes of it is the same.

WeasyPrint tries several layouts for a line and makes one more to draw it. For each it makes a Pango context,
a font description and the list of features anew, and looks a style's line up under a text of all its
properties: together a sixth of the time of a page of prose.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import weasyprint.css.computed_values
import weasyprint.css.units
import weasyprint.draw
import weasyprint.layout.inline
from weasyprint.text import line_break
from weasyprint.text.constants import LST_TO_ISO, PANGO_DIRECTION
from weasyprint.text.ffi import ffi, gobject, pango, unicode_to_char_p
from weasyprint.text.fonts import font_features, get_font_description

_NO = 0  # as Pango's functions take it
_setup, _strut = line_break.Layout.setup, line_break.strut
#: Names that styles keep what was made for them under.
_PREPARED, _STRUT = "publish_prepared", "publish_strut"
_FEATURES = (
    "font_kerning", "font_variant_ligatures", "font_variant_position", "font_variant_caps",
    "font_variant_numeric", "font_variant_alternates", "font_variant_east_asian", "font_feature_settings",
)  # fmt: skip


class _Prepared(NamedTuple):
    """What all layouts of a style share."""

    context: Any
    language: Any
    description: Any
    #: OpenType features as one attribute of Pango's; None: none.
    features: Any


def _prepare(style: Any) -> _Prepared:
    context = ffi.gc(pango.pango_font_map_create_context(style.font_config.font_map), gobject.g_object_unref)
    pango.pango_context_set_round_glyph_positions(context, _NO)
    pango.pango_context_set_base_dir(context, PANGO_DIRECTION[style["direction"]])
    override = style["font_language_override"]
    named = style["lang"] if override == "normal" else LST_TO_ISO.get(override.lower(), override)
    if named:
        pointer, _bytes = unicode_to_char_p(named)
        language = pango.pango_language_from_string(pointer)
        pango.pango_context_set_language(context, language)
    else:
        language = pango.pango_language_get_default()
    features = font_features(*(style[name] for name in _FEATURES))
    attribute = None
    if features:
        text = ",".join(f"{key} {value}" for key, value in features.items()).encode()
        kept = style.font_config.font_features
        attribute = kept.setdefault(text, kept.get(text) or pango.pango_attr_font_features_new(text))
    return _Prepared(context, language, get_font_description(style), attribute)


def _set_up(layout: Any, style: Any) -> None:
    """Set a layout up as WeasyPrint does."""
    if style["text_decoration_line"] != "none":
        _setup(layout, style)
        return
    prepared: _Prepared | None = style.__dict__.get(_PREPARED)
    if prepared is None:
        prepared = style.__dict__[_PREPARED] = _prepare(style)
    layout.style, layout.first_line_direction, layout.language = style, 0, prepared.language
    layout.layout = ffi.gc(pango.pango_layout_new(prepared.context), gobject.g_object_unref)
    pango.pango_layout_set_auto_dir(layout.layout, _NO)
    pango.pango_layout_set_font_description(layout.layout, prepared.description)
    layout.ascent = layout.underline_position = layout.strikethrough_position = None
    if prepared.features is not None:
        attributes = pango.pango_attr_list_new()
        pango.pango_attr_list_insert(attributes, prepared.features)
        pango.pango_layout_set_attributes(layout.layout, attributes)


def _strut_of(style: Any) -> Any:
    """Return a style's height of line and its baseline."""
    kept = style.__dict__
    if _STRUT not in kept:
        kept[_STRUT] = _strut(style)
    return kept[_STRUT]


line_break.Layout.setup = _set_up
for _module in (weasyprint.layout.inline, weasyprint.css.units, weasyprint.css.computed_values):
    _module.strut = _strut_of


def leave_outlines_out() -> None:
    """Draw no outlines, for styles that have none: WeasyPrint looks for them at each box of each page."""
    weasyprint.draw.draw_outline = lambda *_: None
