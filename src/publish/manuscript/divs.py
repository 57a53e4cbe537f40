"""Fenced divs that mean something, and GitHub's alerts: which element they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from markdown_it.rules_core import StateCore
from markdown_it.token import Token

#: What an admonition is called → what it says; GitHub's, Quarto's (`callout-tip`), Pandoc's and Docutils'.
ADMONITIONS = ("note", "tip", "important", "warning", "caution", "danger")
_ALERT = re.compile(rf"\[!({'|'.join(ADMONITIONS[:5])})\][ \t]*(?:\n|$)", re.IGNORECASE)
#: Class of a div → its element and the role that it plays (EPUB 3 vocabulary, DPUB-ARIA 1.1).
_SHAPES: Mapping[str, tuple[str, dict[str, str]]] = {
    "aside": ("aside", {}),
    "pullquote": ("aside", {"role": "doc-pullquote", "epub:type": "pullquote"}),
    "pull-quote": ("aside", {"role": "doc-pullquote", "epub:type": "pullquote"}),
    "epigraph": ("blockquote", {"role": "doc-epigraph", "epub:type": "epigraph"}),
}


@dataclass(frozen=True, slots=True)
class Shape:
    """The element of a div, its attributes, and the admonition that it is (or an empty string)."""

    tag: str
    attrs: dict[str, str | int | float]
    admonition: str = ""


def shape(token: Token) -> Shape:
    """Return what a div is."""
    attrs = dict(token.attrs)
    names = str(attrs.get("class", "")).split()
    for name in names:
        kind = name.removeprefix("callout-")
        if kind in ADMONITIONS:
            # Ace wants `doc-notice` beside the type `notice`, and HTML allows no such role on an aside.
            role = {"role": "doc-tip", "epub:type": "tip"} if kind == "tip" else {"role": "note"}
            rest = [other for other in names if other != name]
            return Shape("aside", {**attrs, "class": " ".join(["admonition", kind, *rest]), **role}, kind)
        if name in _SHAPES:
            tag, role = _SHAPES[name]
            return Shape(tag, {**attrs, **role})
    if "figures" in names or str(attrs.get("id", "")).startswith("fig-"):
        attrs["class"] = " ".join(name for name in names if name != "figures")
        return Shape("figure", {key: value for key, value in attrs.items() if value})
    if "verse" in names:  # the class of a stanza, which styles know
        attrs["class"] = " ".join("poem" if name == "verse" else name for name in names)
    return Shape("div", attrs)


def alerts(state: StateCore) -> None:
    """Turn `> [!NOTE]` and what follows into the div that says the same."""
    if "[!" not in state.src:
        return
    opened: list[bool] = []
    gone: set[int] = set()
    for index, token in enumerate(state.tokens):
        if token.type == "blockquote_open":
            inline = state.tokens[index + 2] if index + 2 < len(state.tokens) else token
            match = _ALERT.match(inline.content) if inline.type == "inline" else None
            opened.append(bool(match))
            if match:
                token.type, token.tag, token.attrs["class"] = "div_open", "div", match[1].lower()
                token.meta["closed"] = True
                inline.content = inline.content[match.end() :]
                inline.map = [inline.map[0] + 1, inline.map[1]] if inline.map else None
                gone |= set() if inline.content else {index + 1, index + 2, index + 3}
        elif token.type == "blockquote_close" and opened.pop():
            token.type, token.tag = "div_close", "div"
    if gone:
        state.tokens = [token for index, token in enumerate(state.tokens) if index not in gone]
