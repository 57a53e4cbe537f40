"""Texts as XHTML, as one line, and as anchors."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from publish.xhtml import MADE, escape

_NO_NAME = re.compile(r"[^a-z0-9_.\s-]")
_APOSTROPHES = re.compile(r"['’/]")
_GAPS = re.compile(r"[\s-]+")
_NOT_NAME = re.compile(r"[^\w.-]")
_BEFORE_LETTERS = re.compile(r"^[^a-z]+")
#: Attributes by which the publisher says what is whose, and for which output; an author has none of these.
RESERVED = ("data-only", "data-folio", "data-section", "data-table")


def quote(text: str) -> str:
    """Return a text as the value of an XHTML attribute."""
    return escape(text).replace('"', "&quot;")


def plain_text(texts: Iterable[str]) -> str:
    """Return texts in one line, white space collapsed."""
    return " ".join("".join(texts).split())


def slug(text: str) -> str:
    """Return the ASCII anchor that a text makes: Pandoc's automatic identifier, without its accents.

    A text of digits alone, which Pandoc leaves without a name, makes `n-12`.
    """
    parted = unicodedata.normalize("NFKD", _APOSTROPHES.sub(" ", text))
    words = _GAPS.sub("-", _NO_NAME.sub("", parted.encode("ascii", "ignore").decode().lower()))
    named = _BEFORE_LETTERS.sub("", words).strip("-.")
    return named or (f"n-{words}".rstrip("-.") if any(map(str.isdigit, words)) else "")


def anchor_name(written: str) -> str:
    """Return an author's anchor as an XML name without colons, as EPUBCheck asks: `fig:a` is `fig-a`."""
    name = _NOT_NAME.sub("-", written)
    return name if name[:1].isalpha() or name[:1] == "_" else f"_{name}"


def own_classes(names: str) -> str:
    """Return an author's classes; those that mean the publisher's own words (`xhtml.MADE`) are renamed."""
    return " ".join(f"x-{name}" if name in MADE else name for name in names.split())


class Anchors:
    """The anchors in use; gives each once."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        """Begin with those that an author wrote."""
        self.taken = set(taken)
        #: Anchor → the last number that was put behind it: a thousand equal titles take no longer each.
        self.numbers: dict[str, int] = {}

    def give(self, anchor: str) -> str:
        """Return the anchor, or Pandoc's `anchor-1`, `anchor-2` … where it is in use, and take it."""
        found, number = anchor, self.numbers.get(anchor, 0)
        while found in self.taken:
            number += 1
            found = f"{anchor}-{number}"
        self.taken.add(found)
        self.numbers[anchor] = number
        return found
