"""Fonts: characters and families → faces cut to them."""

from __future__ import annotations

import shutil
import unicodedata
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
import uharfbuzz
from fontTools.fontBuilder import FontBuilder
from fontTools.misc.psCharStrings import T2CharString

import publish
from publish import fonts
from publish.book import Book, Metadata, Section, Settings, Style
from publish.fonts import Families, cut
from publish.fonts.cut import cut_family
from publish.fonts.installed import Installed
from publish.fonts.thin import WIDTHS, may_be_changed, with_spaces
from publish.problems import BookProblems

SCRIPTS = {
    "ja": "日本語の文章「草枕」、…—",
    "ar": "العربية، فصل؟",
    "he": "שלום",
    "hi": "हिन्दी।",
    "ko": "안녕하세요",
    "zh": "你好国體",
    "en": "😻👍🚨 ├── └─ ∈ ≥ → ℤ λ З ไทย বাংলা ⸺",
}


def unicodes(face: fonts.FontFace) -> set[str]:
    """Return the characters that a face draws."""
    return {chr(code) for code in uharfbuzz.Face(face.data).unicodes}


def test_the_default_families_draw_french() -> None:
    """Source Serif 4 comes in four faces, and has the narrow no-break space, the digits and the hyphen."""
    made, missing = fonts.faces(fonts.characters(["Voilà l’œuvre\u202f!"]))

    serif = [face for face in made if face.role == "serif"]
    assert [(face.weight, face.style) for face in serif] == [
        (400, "normal"), (400, "italic"), (600, "normal"), (600, "italic"),
    ]  # fmt: skip
    assert all(set("à’œ\u202f\u00a0 -‐0123456789ivxlcdm") <= unicodes(face) for face in serif)
    assert not missing
    assert not [face for face in made if face.role == "fallback"]


def test_the_faces_of_a_french_book_are_small() -> None:
    """All the faces of a French book have fewer than 600 000 bytes."""
    made, _ = fonts.faces(fonts.characters(["Voilà l’œuvre\u202f! ½ — « n° 1 »"]))

    assert sum(len(face.data) for face in made) < 600_000


def test_faces_are_static_and_keep_small_capitals() -> None:
    """A variable font becomes a static one that still has real small capitals and old-style figures."""
    made, _ = fonts.faces(frozenset("a"))
    font = uharfbuzz.Face(made[0].data)

    assert not font.has_var_data
    assert {"smcp", "onum", "kern", "sups"} <= set(font.get_language_feature_tags("GSUB", 0)) | {"kern"}


def test_the_same_characters_give_the_same_bytes() -> None:
    """Faces are made twice alike."""
    wanted = fonts.characters(SCRIPTS.values())

    assert fonts.faces(wanted) == fonts.faces(wanted)


def test_a_new_accent_leaves_the_faces_alone() -> None:
    """A letter of Western Europe that the book hadn't yet changes no face, so no cached sheet."""
    assert fonts.faces(frozenset("ab")) == fonts.faces(frozenset("abÿ—"))


@pytest.mark.parametrize("language", SCRIPTS)
def test_other_scripts_are_drawn_by_fallbacks(language: str) -> None:
    """Every character of a text in another script is in one of the faces."""
    assert shutil.which("fc-list"), "the test needs fontconfig and the Noto fonts"
    made, missing = fonts.faces(frozenset(SCRIPTS[language]), language=language)

    drawn = set().union(*(unicodes(face) for face in made))
    assert not missing
    assert set(SCRIPTS[language]) <= drawn


def test_japanese_signs_come_from_the_japanese_font() -> None:
    """In a Japanese text the dash and the ellipsis are a full em wide: the Latin faces leave them."""
    made, _ = fonts.faces(frozenset(SCRIPTS["ja"]), language="ja")

    drawing = {face.family for face in made if "—" in unicodes(face)}
    assert drawing == {"Fallback 1"}


def test_a_comma_stays_with_its_letters() -> None:
    """The Arabic comma comes from the font of the Arabic letters."""
    made, _ = fonts.faces(frozenset("فصل،؟"), language="ar")

    assert {face.family for face in made if face.role == "fallback"} == {"Fallback 1"}


def test_every_stack_names_every_family() -> None:
    """Serif, sans and mono each name all the families, so that no character is sought in the system."""
    made, _ = fonts.faces(frozenset("a日"))
    stacks = fonts.font_stacks(made)

    assert stacks["serif"] == '"Source Serif 4", "Fallback 1", "Source Sans 3", "Source Code Pro", serif'
    assert stacks["mono"].endswith(", monospace")


def test_the_rules_name_the_files() -> None:
    """There is one rule a face, with the face's file under the prefix."""
    made, _ = fonts.faces(frozenset("a"))
    rules = fonts.css(made, "../fonts/")

    assert rules.count("@font-face") == len(made)
    assert "url(../fonts/source-serif-4-400-italic.ttf)" in rules


def test_styles_are_dressed_in_the_book_s_fonts() -> None:
    """A list of families ends in the book's stack of its kind; a designer's own family stays before it."""
    made, _ = fonts.faces(frozenset("a"))
    css = (
        "p { font-family: 'Own', \"Source Serif 4\", serif } q { font-family: inherit } "
        "pre { font-family: monospace }"
    )
    (style,) = fonts.dressed([Style("text", css, "text.css")], made)

    assert (
        'p { font-family: "Own", "Source Serif 4", "Source Sans 3", "Source Code Pro", serif }' in style.css
    )
    assert "q { font-family: inherit }" in style.css
    assert 'pre { font-family: "Source Code Pro", "Source Sans 3", "Source Serif 4", monospace }' in style.css


def test_characters_that_have_no_shape_are_never_missing() -> None:
    """Joiners, marks of direction, variation selectors and soft hyphens need no glyph."""
    _, missing = fonts.faces(frozenset("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\ufe0e\ufe0f\u00ad\u3000"))

    assert not missing


def test_without_fontconfig_characters_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where fc-list isn't installed, what the packages don't draw is missing, and nothing fails."""
    monkeypatch.setenv("PATH", "/nowhere")

    _, missing = fonts.faces(frozenset("a日"))
    assert missing == {"日"}


def test_a_family_that_is_not_installed_is_a_problem() -> None:
    """A family that nobody has is told with its name and, if there is one, the nearest installed name."""
    with pytest.raises(BookProblems) as caught:
        fonts.faces(frozenset("a"), fonts.Families.chosen(("", "Sauce Sans 3", "No Such Mono")))

    assert [problem.code for problem in caught.value.problems] == ["missing-font", "missing-font"]
    assert "use “Source Sans 3”" in str(caught.value)


def test_a_missing_glyph_has_its_place() -> None:
    """A character that no font has is told with the line of the paragraph that uses it."""
    body = '<p data-line="3">a</p><p data-line="7">b\U00013000</p>'
    section = Section("s", "body", "chapter", 1, "T", "T", "T", body, (), (), (), "", "one.md")
    book = Book(Metadata("T", "en"), Settings(), (section,), (), "book", 0)
    (problem,) = fonts.missing_glyphs(book, frozenset("\U00013000"))

    assert str(problem.place) == "one.md:7"
    assert unicodedata.name("\U00013000").lower() in problem.fact


def _cff(characters: str) -> bytes:
    """Return a small CFF font, as OpenType files with PostScript outlines have it."""
    builder = FontBuilder(1000, isTTF=False)
    names = [".notdef", *(f"g{number}" for number in range(len(characters)))]
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(char): f"g{number}" for number, char in enumerate(characters)})
    outlines = {name: T2CharString(program=[250, "endchar"]) for name in names}
    builder.setupCFF("Small", {"FullName": "Small"}, outlines, {"nominalWidthX": 0, "defaultWidthX": 0})
    builder.setupHorizontalMetrics(dict.fromkeys(names, (250, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupOS2()
    builder.setupPost()
    output = BytesIO()
    builder.save(output)
    return output.getvalue()


def _without_spaces() -> bytes:
    """Return a cut of the text face that lacks U+202F and U+2007, as many fonts do."""
    files = Installed().chosen(Families())["serif"]
    return next(iter(cut_family("serif", "Source Serif 4", files, frozenset("ab ")))).data


@pytest.mark.parametrize("data", [_without_spaces(), _cff("ab ")], ids=["glyf", "CFF"])
def test_a_font_is_given_the_spaces_that_it_lacks(data: bytes) -> None:
    """HarfBuzz draws them, one narrower than the space and one wider; the other glyphs stay."""
    before, after = uharfbuzz.Face(data), uharfbuzz.Face(with_spaces(data, WIDTHS))
    assert WIDTHS.keys().isdisjoint(map(chr, before.unicodes))
    assert set(after.unicodes) == {*before.unicodes, 0x202F, 0x2007}
    font, buffer = uharfbuzz.Font(after), uharfbuzz.Buffer()
    buffer.add_str("a \u202f\u2007b")
    buffer.guess_segment_properties()
    uharfbuzz.shape(font, buffer)
    a, space, thin, fixed, b = (position.x_advance for position in buffer.glyph_positions)
    assert 0.5 < thin / space < 0.7
    assert 1.9 < fixed / space < 2.1
    assert min(a, b) > 0


@pytest.mark.parametrize(
    ("licence", "free"),
    [
        ("This Font Software is licensed under the SIL Open Font License, Version 1.1.", True),
        ("Licensed under the Apache License, Version 2.0", True),
        ("All rights reserved.", False),
        ("", False),
    ],
)
def test_only_free_fonts_are_changed(licence: str, free: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Where the licence doesn't say so, the font stays, and U+00A0 stands in the text."""
    assert may_be_changed(licence) is free


def test_without_the_glyph_the_pages_have_another_space(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A family without U+202F whose licence is unknown is set with U+00A0 in both outputs."""
    monkeypatch.setattr(cut, "WIDTHS", {"\uf8ff": 0.6})  # a character that no face has stands for U+202F
    monkeypatch.setattr(fonts, "CORE", fonts.CORE | {"\uf8ff"})
    monkeypatch.setattr(cut, "may_be_changed", lambda _licence: False)
    (tmp_path / "b.md").write_text("---\nlang: fr\ntitle: T\n---\n# Un\n\nQuoi? dit-il.\n", encoding="utf-8")
    publish.build(tmp_path / "b.md", {"epub": tmp_path / "b.epub"}, publish.Options(cache=tmp_path / "c"))
    with ZipFile(tmp_path / "b.epub") as book:
        text = "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xhtml"))
    assert "Quoi\u00a0? dit-il." in text
    assert "\u202f" not in text
