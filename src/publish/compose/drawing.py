"""A book's title → the cover of a book that brings none: patterned paper with a pasted label.

Colours and pattern follow from the title, so that a book keeps its cover and two books seldom share one.
Pillow and resvg are slow to load: `compose.cover` imports this module when a cover is wanted.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Any, Protocol

import resvg_py
from PIL import Image

from publish import fonts
from publish.book import Book
from publish.compose.label import Block, Label, Measure, label
from publish.compose.sandbox import Templates
from publish.fonts import FontFace
from publish.problems import BookProblems, Place, Problem
from publish.words import Words, words

#: Pixels, as shops ask for, and pixels per inch: a cover of 13.5 × 21.7 cm.
WIDTH, HEIGHT, _DENSITY = 1600, 2560, 300
#: Pixels that the label is wide.
_LABEL = 1180
_QUALITY = 88
_TEMPLATE = "cover.svg.jinja"
#: MARC relator codes of those who stand on a cover beside the authors.
_ON_COVER = frozenset(["trl", "ill", "edt", "aui", "win", "wpr", "pht"])


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a cover, as `#rrggbb`: the paper's two, the label's, and those of letters and rules.

    Ink and accent have a contrast of 7:1 and more with the label (WCAG 2.2, 1.4.6); tests/test_compose.py.
    """

    ground: str
    figure: str
    label: str
    ink: str
    accent: str


PALETTES = (
    Palette("#1f3a5f", "#31557d", "#f7f1e4", "#16253a", "#1f3a5f"),
    Palette("#6b2232", "#843c4b", "#f7f0e6", "#35101a", "#6b2232"),
    Palette("#234a3c", "#396555", "#f5f1e3", "#13291f", "#234a3c"),
    Palette("#bb8630", "#cd9d52", "#faf5e8", "#3a2708", "#6e480c"),
    Palette("#493657", "#63506f", "#f6f1ea", "#261a2f", "#493657"),
    Palette("#a34a2c", "#b5664a", "#f9f2e7", "#381508", "#7d3119"),
    Palette("#1e535d", "#376f79", "#f4f2e8", "#0e2c32", "#1e535d"),
    Palette("#33373d", "#4b5057", "#f6f3ec", "#1b1d21", "#852a1c"),
    Palette("#8a9a86", "#9dac99", "#faf7ee", "#232b21", "#3f4e3b"),
    Palette("#c6b498", "#d4c4ab", "#fbf8f1", "#33281a", "#7a2e22"),
)
#: The patterns that the template draws, each with the width and height in pixels after which it begins again.
PATTERNS = {
    "waves": (220, 128), "leaves": (172, 264), "scales": (320, 160), "stars": (228, 228),
    "lozenges": (160, 240), "reeds": (200, 200),
}  # fmt: skip


class _Part(Protocol):
    """Writes the SVG of a part of a cover, in pixels, with the paper or without."""

    def __call__(self, left: int, top: int, width: int, height: int, *, papered: bool = True) -> str: ...


@dataclass(frozen=True, slots=True)
class Cover:
    """A drawn cover, 1600 × 2560."""

    svg: str
    jpeg: bytes


def draw(book: Book) -> Cover:
    """Draw the cover of a book: the same book and versions, the same bytes.

    Raises BookProblems: bad-template where a template of the book's can't be drawn, missing-font.
    """
    templates = Templates(book.settings.templates, 0)
    blocks = _blocks(book, words(book.metadata.language))
    letters = fonts.characters(block.text for block in blocks)
    families = fonts.Families.chosen(book.settings.fonts)
    own = templates.has_own(_TEMPLATE)  # ours has the text's face alone, and nothing bold
    roles = fonts.ROLES if own else fonts.ROLES[:1]
    faces, _ = fonts.faces(letters, families, book.metadata.language, roles, bold=own)
    values = _values(book, label(blocks, Measure(faces)), faces)

    def svg(left: int, top: int, width: int, height: int, *, papered: bool = True) -> str:
        part = {"left": left, "top": top, "width": width, "height": height, "papered": papered}
        return templates.fill([_TEMPLATE], values | part)

    whole = svg(0, 0, WIDTH, HEIGHT)
    try:
        return Cover(whole, _jpeg(_picture(svg, values, faces, whole=own)))
    except ValueError as error:
        place = Place(templates.path(_TEMPLATE))
        raise BookProblems(
            [Problem("bad-template", place, f"the cover that it makes can't be drawn: {error}")]
        ) from error


def _values(book: Book, label: Label, faces: Iterable[FontFace]) -> dict[str, Any]:
    seed = sha256(book.metadata.title.encode()).digest()
    own = words(book.metadata.language)
    return {
        "label": label, "label_left": (WIDTH - _LABEL) // 2, "label_width": _LABEL,
        "label_top": max(150, round(0.44 * HEIGHT - label.height / 2)),
        "palette": PALETTES[seed[0] % len(PALETTES)], "pattern": sorted(PATTERNS)[seed[1] % len(PATTERNS)],
        "family": next(face.family for face in faces if face.role == "serif"),
        "metadata": book.metadata, "words": own, "direction": own.direction,
    }  # fmt: skip


def _blocks(book: Book, own: Words) -> tuple[Block, ...]:
    """Return what the label says, from top to bottom."""
    data = book.metadata
    names = _unbroken(person.name for person in data.contributors)
    people = [replace(person, name=name) for person, name in zip(data.contributors, names, strict=True)]
    small = [
        *(Block(credit, 48, 40, 2, 30) for credit in own.credits(people, _ON_COVER)),
        Block(data.imprint or data.publisher, 46, 36, 1, 44, spacing=0.06),
    ]
    large = [
        Block(own.listing(_unbroken(data.authors)) if data.authors else "", 74, 48, 2, 0),
        Block(data.title, 270, 68, 2, 96, spacing=-0.012, leading=1.1),
        Block(data.subtitle, 68, 46, 3, 76, italic=True),
    ]
    return (*(block for block in large if block.text), *_ruled([block for block in small if block.text]))


def _unbroken(names: Iterable[str]) -> list[str]:
    """Keep each of several names on one line, when it isn't too long for one."""
    names = list(names)
    if len(names) == 1:
        return names
    return [name.replace(" ", "\u00a0") if len(name) < 40 else name for name in names]


def _ruled(blocks: list[Block]) -> Iterable[Block]:
    """Part the small lines from the title by a short rule."""
    return [replace(blocks[0], ruled=True, above=0), *blocks[1:]] if blocks else []


def _picture(
    svg: _Part,
    values: Mapping[str, Any],
    faces: Iterable[FontFace],
    *,
    whole: bool,
) -> Image.Image:
    """Turn the drawing into pixels. Raises ValueError.

    A tile of the paper is drawn and repeated, the label laid upon it: a third of the time of drawing it all.
    """
    if whole:
        return _pixels(svg(0, 0, WIDTH, HEIGHT), faces)
    image = Image.new("RGB", (WIDTH, HEIGHT), None)  # all of it is painted over
    across, down = PATTERNS[values["pattern"]]
    tile = _pixels(svg(0, 0, across, down), ())
    for x, y in product(range(0, WIDTH, across), range(0, HEIGHT, down)):
        image.paste(tile, (x, y))
    left, top = values["label_left"], values["label_top"]
    image.paste(_pixels(svg(left, top, _LABEL, values["label"].height, papered=False), faces), (left, top))
    return image


def _pixels(svg: str, faces: Iterable[FontFace]) -> Image.Image:
    """Draw an SVG with the fonts given and none of the system's. Raises ValueError."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, f"{number:02}-{face.file_name}") for number, face in enumerate(faces)]
        for file, face in zip(files, faces, strict=True):
            file.write_bytes(face.data)
        png = resvg_py.svg_to_bytes(
            svg_string=svg,
            skip_system_fonts=True,
            font_files=[str(file) for file in files],
            resources_dir=folder,
        )
    with Image.open(BytesIO(bytes(png))) as image:
        return image.convert("RGB")


def raster(svg: bytes, width: int) -> bytes:
    """Turn a drawing without letters into a PNG in sixteen greys on white, `width` pixels wide."""
    drawn = resvg_py.svg_to_bytes(
        svg_string=svg.decode(), width=width, background="white", skip_system_fonts=True
    )
    data = BytesIO()
    with Image.open(BytesIO(bytes(drawn))) as image:
        grey = image.convert("L").point(lambda value: min(255, (value + 8) // 17 * 17))
        grey.quantize(16).save(data, "PNG", optimize=True)
    return data.getvalue()


def _jpeg(image: Image.Image) -> bytes:
    data = BytesIO()
    image.save(data, "JPEG", quality=_QUALITY, optimize=True, dpi=(_DENSITY, _DENSITY))
    return data.getvalue()
