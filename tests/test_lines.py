"""The lines of paragraphs: how wide their word spaces are and what ends them, read off the printed page."""

from __future__ import annotations

import re
from collections import Counter
from ctypes import c_double
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import median

import pypdfium2
import pytest

import publish

CHAPTERS = Path(__file__).parent.parent / "book" / "chapters"
#: Width of an indent and of a normal space, in points.
INDENT, SPACE = 10.2, 0.233 * 10.2
#: What is taken out of the default book's paragraphs to make plain text of them; what paragraphs these are.
MARKS = re.compile(r"\[\^[^\]]*\]|\{[^}]*\}|@[\w-]+|[\[\]*`$_\\]")
PROSE = re.compile(r"^[A-ZÀÉ«][^|<>\n]{200,}$", re.MULTILINE)
#: Nearer to the upper or lower edge of a page, in points, there are only running heads and folios.
EDGE = 50
#: Size of the text, of a drop cap at least, in pixels; a line in points; letters that a heading hasn’t.
TEXT, CAP, GRID, LONG = 13.6, 30, 13.6, 30


@dataclass
class Line:
    """A line of a page."""

    text: str = ""
    left: float = 0.0
    right: float = 0.0
    #: Width of each word space, in normal ones.
    spaces: list[float] = field(default_factory=list)

    @property
    def divides(self) -> bool:
        """Tell whether a hyphen ends the line."""
        return self.text.rstrip().endswith(("\ufffe", "\u00ad", "-"))


def lines(page: pypdfium2.PdfPage) -> list[Line]:
    """Return the lines of a page's text block."""
    text, found, base, ends = page.get_textpage(), list[Line](), -1.0, 0.0
    height = page.get_height()
    for index in range(text.count_chars()):
        letter = text.get_text_range(index, 1)
        left, bottom, right, _ = text.get_charbox(index, loose=True)
        if not letter.strip():  # a wide space's own box says nothing
            if found and letter in " \u00a0":
                found[-1].text += " "
        elif EDGE < bottom < height - EDGE:
            if abs(bottom - base) > 1:
                found.append(Line(left=left))
                base, ends = bottom, 0.0
            line = found[-1]
            if line.text.endswith(" "):
                line.spaces.append((left - ends) / SPACE)
            line.text += letter
            line.right = ends = right
    return [line for line in found if line.text.strip() and line.right - line.left > 2]


@dataclass
class Text:
    """The lines of a book's full pages, and the edges of its text block, in points."""

    pages: list[list[Line]]
    left: float
    right: float

    @property
    def full(self) -> list[Line]:
        """Return the lines that reach from edge to edge."""
        return [line for page in self.pages for line in page if line.spaces and line.right > self.right - 1.5]

    @property
    def last(self) -> list[tuple[Line, Line]]:
        """Return the last two lines of each paragraph that has as many on a page."""
        threes = (
            (one, two, page[i + 2]) for page in self.pages for i, (one, two) in enumerate(pairwise(page[:-1]))
        )
        return [(one, two) for one, two, three in threes if self._begins(three) and not self._begins(two)]

    def _begins(self, line: Line) -> bool:
        return abs(line.left - self.left - INDENT) < 1


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Text:
    """Print half of the default book's paragraphs, as plain text."""
    folder = tmp_path_factory.mktemp("lines")
    texts = (MARKS.sub("", file.read_text("utf-8")) for file in sorted(CHAPTERS.glob("*.md")))
    prose = [found for chapter in texts for found in PROSE.findall(chapter)][::2]
    book = "---\ntitle: Essai\nauthor: A. B.\nlang: fr\n---\n\n# Un\n\n" + "\n\n".join(prose)
    (folder / "book.md").write_text(book, "utf-8")
    publish.build(folder / "book.md", {"pdf": folder / "book.pdf"}, publish.Options(folder / "cache", 0))
    with pypdfium2.PdfDocument(folder / "book.pdf") as bound:
        pages = [lines(page) for page in bound]
    pages = [page for page in pages if len(page) > 25]
    left = min(line.left for page in pages for line in page)
    ((right, _),) = Counter(round(line.right) for page in pages for line in page).most_common(1)
    return Text(pages, left, float(right))


@pytest.mark.slow
def test_word_spaces_are_even(text: Text) -> None:
    """Word spaces shrink to 0.8 of the normal one; filled line by line, a fifth are wider than twice it."""
    spaces = [median(line.spaces) for line in text.full]

    assert len(spaces) > 400
    assert 0.75 < min(spaces) < 0.9
    assert sum(spaces) / len(spaces) < 1.45
    assert sum(space > 2 for space in spaces) < 0.08 * len(spaces)
    assert sum(space > 2.5 for space in spaces) < 0.01 * len(spaces)
    assert max(spaces) < 3.5


@pytest.mark.slow
def test_two_letters_stand_alone_before_a_hyphen_only_where_they_help(text: Text) -> None:
    """A word is divided behind two letters where spaces would be wide else; with its article it has three."""
    divided = [re.findall(r"\S+", line.text)[-1] for line in text.full if line.text[-1] in "\ufffe\u00ad"]
    beginnings = [[letter for letter in word if letter.isalpha()] for word in divided]

    assert min(map(len, beginnings)) == 2
    assert sum(len(letters) == 2 for letters in beginnings) < 0.08 * len(text.full)
    assert any(re.fullmatch(r"[dlnsqu]+’\w\w\W", word) for word in divided)


@pytest.mark.slow
def test_lines_end_as_a_compositor_would(text: Text) -> None:
    """No last line is a word's rest or shorter than the indent, four hyphens never follow each other."""
    stumps = [(one.text, two.text) for one, two in text.last if one.divides and " " not in two.text.strip()]
    short = [two.text for _, two in text.last if two.right - two.left < INDENT]
    ends = [line.divides for page in text.pages for line in page]
    feet = [page[-1].text for page in text.pages if page[-1].divides]

    assert len(text.last) > 30
    assert (stumps, short) == ([], [])
    assert not any(all(ends[i : i + 4]) for i in range(len(ends)))
    assert len(feet) < 0.1 * len(text.pages)  # where the line would be wide open else


def test_two_lines_are_not_torn_open(tmp_path: Path) -> None:
    """The first of two lines isn't stretched wide only to keep a word whole; a narrow measure is ragged."""
    speech = "HORATIO. While one with moderate haste might tell a hundred."
    narrow = "> " * 11 + "Longer, longer. His beard was grizzled, and a beard as I have seen it in his life."
    book = f"---\ntitle: A\nlang: en\n---\n\n# One\n\n{speech}\n\n{narrow}\n"
    (tmp_path / "book.md").write_text(book, "utf-8")
    publish.build(tmp_path / "book.md", {"pdf": tmp_path / "a.pdf"}, publish.Options(tmp_path / "cache", 0))
    with pypdfium2.PdfDocument(tmp_path / "a.pdf") as bound:
        found = next(lines(page) for page in bound if page.get_textpage().search("moderate").get_next())
    texts = [line.text.strip() for line in found]

    assert texts[1:3] == ["HORATIO. While one with moderate haste might tell a", "hundred."]
    assert len(texts) > 6, texts
    assert max(space for line in found[1:] for space in line.spaces) < 1.2


@dataclass
class Opening:
    """A paragraph with a drop cap; all in points."""

    #: Baseline, left and right edge of the cap.
    cap: tuple[float, float, float]
    #: Baselines of the text, from above.
    bases: list[float]
    #: The lines of the paragraph.
    lines: list[Line]
    #: The middle of the ornament below, and its baseline.
    ornament: tuple[float, float]


@pytest.fixture(scope="module")
def openings(tmp_path_factory: pytest.TempPathFactory) -> list[Opening]:
    """Print paragraphs with drop caps, each in a chapter of its own with an ornament below."""
    folder = tmp_path_factory.mktemp("caps")
    files = (MARKS.sub("", file.read_text("utf-8")) for file in sorted(CHAPTERS.glob("*.md")))
    prose = [text for file in files for text in PROSE.findall(file) if text[0].isalpha() and len(text) < 600]
    ends = "::: ornament\n◆\n:::\n\nFin."
    texts = [f"# Un\n\n[{text[0]}]{{.dropcap}}{text[1:]}\n\n{ends}" for text in prose[:20]]
    (folder / "book.md").write_text("---\ntitle: T\nlang: fr\n---\n\n" + "\n\n".join(texts), "utf-8")
    publish.build(folder / "book.md", {"pdf": folder / "a.pdf"}, publish.Options(folder / "cache", 0))
    with pypdfium2.PdfDocument(folder / "a.pdf") as bound:
        return [opening(page) for page in bound if page.get_textpage().search("◆").get_next()]


def opening(page: pypdfium2.PdfPage) -> Opening:
    """Read the drop cap of a page, the lines beside and below it, and the ornament."""
    text = page.get_textpage()
    cap, mark, bases = (0.0, 0.0, 0.0), (0.0, 0.0), list[float]()
    for index in range(text.count_chars()):
        letter, size = text.get_text_range(index, 1), pypdfium2.raw.FPDFText_GetFontSize(text, index)
        x, base = c_double(), c_double()
        pypdfium2.raw.FPDFText_GetCharOrigin(text, index, x, base)
        left, _, right, _ = text.get_charbox(index)
        if size > CAP:
            cap = base.value, left, right
        elif letter == "◆":
            mark = (left + right) / 2, base.value
        elif size == pytest.approx(TEXT, abs=0.1) and base.value not in bases:
            bases.append(base.value)
    beside = [line for line in lines(page) if len(line.text) > LONG]
    return Opening(cap, bases, beside, mark)


@pytest.mark.slow
def test_drop_caps_stand_on_the_second_line(openings: list[Opening]) -> None:
    """A drop cap is two lines high; the lines beside it begin at one place and are chosen with the others."""
    assert len(openings) > 10
    left, right = openings[0].lines[2].left, openings[0].lines[0].right
    for found in openings:
        base, cap_left, cap_right = found.cap
        one, two, three = found.lines[:3]
        assert base == pytest.approx(found.bases[1], abs=0.2)
        assert cap_left == pytest.approx(left, abs=3)
        assert one.left == pytest.approx(two.left, abs=1.5)
        assert 1 < one.left - cap_right < 6
        assert three.left == pytest.approx(left, abs=1.5)
        assert [line.right for line in (one, two, three)] == pytest.approx([right] * 3, abs=1.5)
    spaces = [median(line.spaces) for found in openings for line in found.lines[:2]]
    assert min(spaces) < 0.95  # what only lines have that are chosen together
    assert sum(spaces) / len(spaces) < 1.45


@pytest.mark.slow
def test_ornaments_stand_in_the_middle_and_on_the_grid(openings: list[Opening]) -> None:
    """An ornament of its own line is in the middle of the measure, a whole number of lines below the text."""
    for found in openings:
        middle = (found.lines[2].left + found.lines[0].right) / 2
        assert found.ornament[0] == pytest.approx(middle, abs=1)
        below = (found.bases[0] - found.ornament[1]) / GRID
        assert below == pytest.approx(round(below), abs=0.05)


def test_a_first_line_in_small_capitals_leaves_room_below_it(tmp_path: Path) -> None:
    """Where the first line beside a drop cap has a style of its own, the second isn't squeezed beside it."""
    text = (
        "[C]{.dropcap}[all me]{.smallcaps} Ishmael. Some years ago, never mind how long precisely, having "
        "little or no money in my purse, and nothing particular to interest me on shore, I thought I would "
        "sail about."
    )
    (tmp_path / "a.md").write_text(f"# One\n\n{text}")
    settings = 'title = "T"\nlanguage = "en"\n[print]\ndesign = "novel"\n[sections]\nbody = ["a.md"]\n'
    (tmp_path / "book.toml").write_text(settings)
    publish.build(tmp_path, {"pdf": tmp_path / "a.pdf"}, publish.Options(tmp_path / "cache", 0))
    with pypdfium2.PdfDocument(tmp_path / "a.pdf") as bound:
        found = next(lines(page) for page in bound if page.get_textpage().search("having").get_next())

    assert min(space for line in found for space in line.spaces) > 0.7
