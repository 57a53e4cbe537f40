"""What an EPUB says of accessibility: read off the book, claimed only where nothing stands against it."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import pytest

import publish
from publish.book import Accessibility, Book, Metadata, Section, Settings, Style
from publish.epub.accessibility import CLAIM, statements
from publish.epub.claim import refusals
from publish.words import words

SPOKEN = '<math xmlns="http://www.w3.org/1998/Math/MathML" alttext="x"><mi>x</mi></math>'
MUTE = SPOKEN.replace(' alttext="x"', "")
GOOD = """---
title: The Sea
author: Ada Writer
lang: {lang}
accessibility:
  certifier: Harbour Press
  date: 2026-11-24
  credential: https://example.org/credential
  report: https://example.org/report
  summary: Maps are described.
  exemptions: eaa-microenterprise
---

# One

Text.{more}
"""


def book(body: str, css: str = "") -> Book:
    """Make a book of one chapter with a style sheet of its own."""
    section = Section(
        "one", "body", "chapter", 1, "One", "One", "One", body, (), (), (), "", "one.md", line=1
    )
    styles = (Style("ebook", css, "own.css"), Style("print", "p { color: #999 }", "print.css"))
    return Book(Metadata("T", "en"), Settings(styles=styles), (section,), (), "b", 0)


def told(body: str, css: str = "") -> list[str]:
    """Return what stands against the claim, without the hints."""
    lines = [str(problem).partition("\n")[0] for problem in refusals(book(body, css))]
    return [line.replace(": warning: refused-claim: ", " ") for line in lines]


@pytest.mark.parametrize(
    "body",
    [
        "<p>Text.</p>", '<h2 data-line="3">Two</h2><h3>Three</h3><h2>Two</h2>',
        '<p><img src="a.png" alt="A"/><img src="b.png" alt=""/></p>',
        '<figure><img src="a.png" alt="" role="presentation"/></figure>', f"<p>{SPOKEN}</p>",
        '<table><tbody><tr><th scope="row">A</th><td>1</td></tr></tbody></table>',
        '<p><a id="here"></a><a href="#x"><img src="a.png" alt="A"/></a><a href="#y" aria-label="Y"></a></p>',
    ],
)  # fmt: skip
def test_nothing_stands_against_a_good_text(body: str) -> None:
    """Levels in order, images with words or for ornament, header cells, spoken formulas."""
    assert told(body, "p { color: #333 } a { color: inherit } q { background: #000; color: #eee }") == []


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<h3 data-line="4">Deep</h3>', "one.md:4 the heading “Deep” skips a level: h3 after h1"),
        ('<figure data-line="5"><img src="a.png" alt=""/></figure>',
         "one.md:5 an image has no alternative text"),
        ('<p data-line="6"><svg xmlns="http://www.w3.org/2000/svg"/></p>', "one.md:6 a drawing has no words"),
        (f'<p data-line="7">{MUTE}</p>', "one.md:7 a formula has no words"),
        ('<table data-line="8"><tbody><tr><td>1</td></tr></tbody></table>',
         "one.md:8 a table has no header cells"),
        ('<p data-line="9"><a href="#x"> </a></p>', "one.md:9 a link has no words"),
        ("<h2></h2>", "one.md:1 a heading has no words"),
    ],
)  # fmt: skip
def test_what_stands_against_the_claim_is_told(body: str, expected: str) -> None:
    """Each gate names the line of the block."""
    assert told(body) == [expected]


@pytest.mark.parametrize("rule", ["color: #999", "color: silver; background: #fff", "background: #555"])
def test_faint_text_is_told(rule: str) -> None:
    """A colour of text near its ground's, or a ground near the text's, is told with its line."""
    (problem,) = told("<p>Text.</p>", f"q {{ margin: 0 }}\np.note {{ {rule} }}")

    assert problem == "own.css:2 “p.note” sets text in a colour that is near its ground’s"


def test_the_publisher_s_styles_are_not_faint() -> None:
    """The default styles for the e-book set no text in a colour near its ground's."""
    styles = Path(__file__).parent.parent / "styles"
    sheets = ((styles / name).read_text("utf-8") for name in ("text.css", "ebook.css"))

    assert [fault for css in sheets for fault in told("<p>Text.</p>", css)] == []


def made(tmp_path: Path, text: str) -> tuple[str, dict[str, str], publish.Report]:
    """Build an EPUB and return its package document, its pages and the report."""
    (tmp_path / "sea.md").write_text(text, "utf-8")
    target = tmp_path / "sea.epub"
    options = publish.Options(cache=tmp_path / "cache")
    report = publish.build(tmp_path / "sea.md", {"epub": target}, options)
    with zipfile.ZipFile(BytesIO(target.read_bytes())) as archive:
        pages = {name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".xhtml")}
        return archive.read("EPUB/package.opf").decode(), pages, report


def test_the_claim_is_certified(tmp_path: Path) -> None:
    """A book that nothing stands against claims conformance, with who answers for it and when."""
    opf, pages, report = made(tmp_path, GOOD.format(lang="en", more=""))

    assert report.problems == ()
    for line in (
        f'<meta property="dcterms:conformsTo" id="conformance">{CLAIM}</meta>',
        '<meta property="a11y:certifiedBy" refines="#conformance" id="certifier">Harbour Press</meta>',
        '<meta property="dcterms:date" refines="#certifier">2026-11-24</meta>',
        '<meta property="a11y:certifierCredential" refines="#certifier">https://example.org/credential</meta>',
        '<link rel="a11y:certifierReport" refines="#certifier" href="https://example.org/report"/>',
        '<meta property="a11y:exemption">eaa-microenterprise</meta>',
    ):
        assert line in opf
    assert "Maps are described." in opf
    assert "The publication was certified by Harbour Press" in pages["EPUB/text/accessibility.xhtml"]
    assert '<a href="text/accessibility.xhtml">Accessibility</a>' in pages["EPUB/nav.xhtml"]


def test_a_refused_claim_is_not_made(tmp_path: Path) -> None:
    """An image that an author left without words takes the claim away; the metadata say so."""
    (tmp_path / "a.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>')
    opf, pages, report = made(tmp_path, GOOD.format(lang="fr", more="\n\n![](a.svg)"))

    assert [problem.code for problem in report.problems] == ["image-without-text"]
    assert '<meta property="dcterms:conformsTo">none</meta>' in opf
    assert "certifiedBy" not in opf
    assert "Aucune information disponible" in pages["EPUB/text/accessibility.xhtml"]


def test_a_certified_book_says_its_language(tmp_path: Path) -> None:
    """A language that was only guessed stands against the claim."""
    opf, _, report = made(tmp_path, GOOD.replace("lang: {lang}\n", "").format(more=""))

    (problem,) = report.problems
    assert (
        str(problem)
        .partition("\n")[0]
        .endswith("sea.md:5:3: warning: refused-claim: the book doesn’t say its language")
    )
    assert "certifiedBy" not in opf


def test_a_book_that_says_nothing_has_no_page() -> None:
    """Without a table `accessibility` there is no claim and no page."""
    assert Settings().accessibility == Accessibility()


@pytest.mark.parametrize("language", ["fr", "de", "ja", "ar"])
def test_properties_are_said_in_words(language: str) -> None:
    """What a shop shows is made of the language's sentences, in the order of the W3C's guide."""
    own = words(language)
    values = {
        "schema:accessModeSufficient": ["textual"], "schema:accessibilityHazard": ["none"],
        "schema:accessibilityFeature": ["displayTransformability", "MathML", "pageNavigation", "index"],
        "dcterms:conformsTo": [CLAIM], "a11y:certifiedBy": ["X"],
    }  # fmt: skip
    said = dict(statements(values, own))
    names = own.accessibility

    assert [*said] == [names[key] for key in ("ways", "conformance", "navigation", "rich", "hazards")]
    assert said[names["navigation"]] == (names["index"], names["pages"])
    assert said[names["conformance"]][0] == names["meets"]
    assert not [sentence for sentences in said.values() for sentence in sentences if "{" in sentence]
