"""Makes once for each style what WeasyPrint makes for each run of text; what comes of it is the same.

WeasyPrint tries several layouts for a line and makes one more to draw it. For each it makes a Pango context,
a font description and the list of features anew, and looks a style's line up under a text of all its
properties: together a sixth of the time of a page of prose.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import weasyprint.css.computed_values
import weasyprint.css.units
import weasyprint.draw
import weasyprint.layout.inline
from weasyprint.text import line_break
from weasyprint.text.constants import LST_TO_ISO, PANGO_DIRECTION
from weasyprint.text.ffi import ffi, gobject, pango, unicode_to_char_p
from weasyprint.text.fonts import font_features, get_font_description

#: Numbers that Pango has of a glyph: its own, its width, how far it is moved to the right and down, flags.
GLYPH_NUMBERS = ffi.sizeof("PangoGlyphInfo") // ffi.sizeof("int")
_NO = 0  # as Pango's functions take it
_setup, _strut = line_break.Layout.setup, line_break.strut
#: Names that styles keep what was made for them under.
_PREPARED, _STRUT = "publish_prepared", "publish_strut"
_FEATURES = (
    "font_kerning", "font_variant_ligatures", "font_variant_position", "font_variant_caps",
    "font_variant_numeric", "font_variant_alternates", "font_variant_east_asian", "font_feature_settings",
)  # fmt: skip
#: Properties, and their values that set nothing between letters or words.
_PLAIN: dict[str, tuple[Any, ...]] = {
    "letter_spacing": ("normal", 0), "word_spacing": (0,), "overflow_wrap": ("normal",),
}  # fmt: skip
#: All properties that decide on how text is shaped.
_SHAPING = (
    "font_family", "font_size", "font_style", "font_stretch", "font_weight", "font_variation_settings",
    "lang", "font_language_override", "direction", *_FEATURES, *_PLAIN,
)  # fmt: skip


@dataclass(slots=True)
class Prepared:
    """What all layouts of equal styles share."""

    context: Any
    language: Any
    description: Any
    #: OpenType features as one attribute of Pango's; None: none.
    features: Any
    #: Whether text runs from left to right with nothing between its letters but what its font has.
    is_plain: bool
    #: What `glyphs` knows of drawn words; None: nothing.
    ink: Any = None


def prepared(style: Any) -> Prepared:
    """Return what the layouts of a style share."""
    kept: Prepared | None = style.__dict__.get(_PREPARED)
    if kept is None:
        known = style.font_config.__dict__.setdefault(_PREPARED, {})
        name = repr([style[name] for name in _SHAPING])
        kept = style.__dict__[_PREPARED] = known.get(name) or known.setdefault(name, _prepare(style))
    return kept


def _prepare(style: Any) -> Prepared:
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
    plain = style["direction"] == "ltr" and all(style[name] in values for name, values in _PLAIN.items())
    return Prepared(context, language, get_font_description(style), attribute, plain)


def _set_up(layout: Any, style: Any) -> None:
    """Set a layout up as WeasyPrint does."""
    if style["text_decoration_line"] != "none":
        _setup(layout, style)
        return
    shared = prepared(style)
    layout.style, layout.first_line_direction, layout.language = style, 0, shared.language
    layout.layout = ffi.gc(pango.pango_layout_new(shared.context), gobject.g_object_unref)
    pango.pango_layout_set_auto_dir(layout.layout, _NO)
    pango.pango_layout_set_font_description(layout.layout, shared.description)
    layout.ascent = layout.underline_position = layout.strikethrough_position = None
    if shared.features is not None:
        attributes = pango.pango_attr_list_new()
        pango.pango_attr_list_insert(attributes, shared.features)
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
