"""Formulas: LaTeX to MathML, MathML to drawings, and both in a book."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from fontTools.ttLib import TTFont

import publish
from publish import fonts, formulas
from publish.epub.container import Container
from publish.manuscript import dialect
from publish.xhtml import parse_fragment

TEX = (
    r"x", r"\frac{a}{b}", r"\sum_{i=1}^n x_i", r"\begin{aligned} a &= b \\ c &= d \end{aligned}",
    r"\begin{cases} 1 & \text{if $x>0$}\\ 0 \end{cases}", r"\mathcal{B} \mathbb{R} \mathbf{x}^\top",
    r"a < b \& c", r"\operatorname{argmax}_x f(x)", r"\begin{aligned} a &= b \\ c &= d \\ \end{aligned}",
    r"\begin{pmatrix} a & b \\ & \end{pmatrix}",
)  # fmt: skip


@pytest.mark.parametrize("display", [False, True])
@pytest.mark.parametrize("tex", TEX)
def test_a_formula_is_mathml_and_a_drawing(tex: str, *, display: bool) -> None:
    """The MathML is well-formed and says its LaTeX; the drawing has a size and stands on the line."""
    element = formulas.mathml(tex, display=display)
    (math,) = parse_fragment(element)
    assert math.get("alttext") == tex
    assert math.get("display") == ("block" if display else "inline")
    assert not re.search(r"<span|scriptlevel=\"0\"[^<>]*><mtr", element)
    drawn = formulas.drawing(element)
    assert b"<path" in drawn.svg
    assert 0 < drawn.depth < drawn.height < 8
    assert drawn.width > 0.3


def test_limits_stand_beside_a_sum_in_a_line() -> None:
    """In a line of text a sum is as low as its letters allow."""
    heights = [
        formulas.drawing(formulas.mathml(r"\sum_{i=1}^n x_i", display=display)).height
        for display in (False, True)
    ]
    assert heights[0] * 1.4 < heights[1]


def test_a_break_behind_the_last_row_begins_none() -> None:
    """As in LaTeX: the formula is as high as without it; one of nothing is none."""
    rows = [r"a &= b \\ c &= d", r"a &= b \\ c &= d \\"]
    made = [formulas.mathml(rf"\begin{{aligned}} {tex} \end{{aligned}}", display=True) for tex in rows]
    assert [element.count("<mtr>") for element in made] == [2, 2]
    assert len({formulas.drawing(element).height for element in made}) == 1
    with pytest.raises(formulas.FormulaError, match="nothing in it"):
        formulas.drawing(formulas.mathml("{}", display=True))


def test_every_formula_of_a_real_textbook_is_set(manuscripts: Path) -> None:
    """Three chapters on deep learning: each formula becomes MathML, and a drawing."""
    found = set()
    for file in sorted((manuscripts / "d2l-en-3-chapters").rglob("*.md")):
        for token in dialect.parse(file.read_text("utf-8")):
            display = token.type == "math_block"
            found |= {(token.content, True)} if display else set()
            found |= {(c.content, c.meta["display"]) for c in token.children or () if c.type == "math"}
    assert len(found) > 500
    for tex, display in sorted(found):
        drawn = formulas.drawing(formulas.mathml(tex, display=display))
        assert drawn.width > 0, tex
        assert 0 < drawn.height < 20, tex


def test_the_e_book_has_a_font_of_mathematics() -> None:
    """The font is cut to the formulas' signs and the forms that they stretch to; a root draws its own."""
    element = formulas.mathml(r"\int f + \sqrt{\mathbf{x}}", display=True)
    (face,) = fonts.mathematics(["<p>None.</p>", f"<p>Text é {element}</p>"])
    font = TTFont(BytesIO(face.data))
    assert {"∫", "√", "𝐱", "+"} <= set(map(chr, font.getBestCmap()))
    assert "é" not in set(map(chr, font.getBestCmap()))
    assert "MATH" in font
    assert (face.family, face.file_name) == ("STIX Two Math", "stix-two-math-400.ttf")
    assert len(face.data) < 60_000
    assert fonts.mathematics(["<p>None.</p>"]) == ()


@pytest.mark.slow
def test_a_book_with_formulas(tmp_path: Path) -> None:
    """Each formula is in both books, in notes, tables and titles too; the PDF tags it with its LaTeX."""
    (tmp_path / "b.md").write_text(
        "---\ntitle: T\nlang: en\n---\n\n# On $x^2$\n\nSo $a_1$, as @eq-a says^[With $b$.].\n\n"
        "$$\nc = d\n$$ {#eq-a}\n\n$$\nabcdefghijklm\n$$\n\n| $e$ |\n|---|\n| 1 |\n",
        "utf-8",
    )
    targets: dict[publish.Output, Path | None] = {"epub": tmp_path / "b.epub", "pdf": tmp_path / "b.pdf"}
    report = publish.build(tmp_path / "b.md", targets, publish.Options(cache=tmp_path / "cache"))
    assert report.problems == ()
    with pikepdf.open(tmp_path / "b.pdf") as bound:
        alternatives = [
            str(node.Alt) for node in bound.objects
            if isinstance(node, pikepdf.Dictionary) and node.get("/S") == pikepdf.Name.Formula
        ]  # fmt: skip
    assert sorted(alternatives) == ["a_1", "abcdefghijklm", "b", "c = d", "e", "x^2"]
    chapter = Container.read((tmp_path / "b.epub").read_bytes()).files["EPUB/text/chapter-01.xhtml"]
    assert re.findall(rb'class="formula"([^>]*)>', chapter) == [b"", b' tabindex="0"']  # it may be scrolled
