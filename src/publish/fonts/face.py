"""The nouns of fonts: the families that a book asks for, and the faces that are made for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["serif", "sans", "mono", "fallback", "math"]
#: The roles of a book\'s three families.
ROLES: tuple[Role, ...] = ("serif", "sans", "mono")
Posture = Literal["normal", "italic"]


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
    #: It draws U+202F, by itself or because its glyph was made.
    has_thin_space: bool = True
