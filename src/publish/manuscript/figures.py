"""Figures: where they stand, what describes them at length, and several in one."""

from __future__ import annotations

import re
from collections.abc import Mapping

from markdown_it.token import Token

from publish.manuscript.inline import File
from publish.manuscript.names import anchor_name
from publish.problems import nearest

#: Where print sets a figure → its class: where it is written, at the head of that page or of the next, alone
#: on a page, or alone to the edges of the sheet.
_PLACEMENTS = {"here": "", "top": "at-top", "page": "on-page", "bleed": "full-bleed"}
_OPENING = re.compile(r"<figure\b([^<>]*)>")
_CLASS = re.compile(r'\sclass="([^"]*)"')
_COLUMNS = re.compile(r'\sdata-layout-ncol="(\d)"')
_LAST = re.compile(r'<p(?: data-line="\d+")?>((?:(?!<p\b|<img).)*)</p>\s*\Z', re.DOTALL)
#: More figures than these stand in two columns.
_ROW = 3


def placed(
    file: File, attrs: Mapping[str, str | int | float], image: Token, line: int
) -> dict[str, str | int | float]:
    """Return a figure's attributes with its placement; the image gets its long description, if it has one.

    `description="#name"` names the place that says at length what it shows.
    """
    names = str(attrs.get("class", "")).split()
    names += placement(file, str(image.attrs.pop("placement", "here")), line)
    if target := str(image.attrs.pop("description", "")):
        anchor = anchor_name(target.removeprefix("#"))
        if anchor not in file.anchors.taken:
            fact = f"nothing in the file has the anchor “{anchor}”, which describes the figure"
            file.tell("broken-link", (line, 1), fact, f"write the description in a div: “::: {{#{anchor}}}”")
        image.attrs["aria-details"] = anchor
    return {**attrs, **({"class": " ".join(names)} if names else {})}


def placement(file: File, asked: str, line: int) -> list[str]:
    """Return the class that says where print sets a figure, if it isn't where it is written."""
    if asked not in _PLACEMENTS:
        hint = nearest(asked, _PLACEMENTS) or f"use one of: {', '.join(_PLACEMENTS)}"
        file.tell("bad-value", (line, 1), f"placement=“{asked}” is no place for a figure", hint)
    return [name] if (name := _PLACEMENTS.get(asked)) else []


def gathered(fragment: str) -> str:
    """Turn a div of figures, without its end tag, into one; its last paragraph is its caption."""
    opening = _OPENING.match(fragment)
    if not opening:
        return fragment
    inside = _LAST.sub(r"<figcaption>\1</figcaption>\n", fragment[opening.end() :])
    count = inside.count("<figure")
    asked = _COLUMNS.search(opening[1])
    columns = int(asked[1]) if asked else count if count <= _ROW else 2
    names = f"figures columns-{max(1, columns)}"
    attrs = _COLUMNS.sub("", opening[1])
    if _CLASS.search(attrs):
        attrs = _CLASS.sub(rf' class="{names} \1"', attrs)
    else:
        attrs += f' class="{names}"'
    return f"<figure{attrs}>{inside}"
