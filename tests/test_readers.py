"""EPUBs for single readers: the quirks as data, the same text, the rules of the stores."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from pathlib import Path
from typing import get_args

import pytest
import tinycss2
from PIL import Image

import publish
from publish import __main__ as command
from publish import typography, xhtml
from publish.check import epubcheck, links
from publish.check.stores import RULES, lint
from publish.epub.container import Container
from publish.epub.kobo import wrap_sentences
from publish.epub.readers import QUIRKS, READERS, SUFFIXES, Reader

BOOK = """---
title: The Sea
author: Ada Writer
lang: fr
description: Quoi\u202f?
---

# Un

« Midi\u202f! » Le vent\u2011debout\u2060[^n]. Rien.\u2003Fin.

[^n]: Une no\u00adte.

## Deux\u202f!

### Trois

Fin.
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Build a book for all readers: name of the reader, or `plain`, → file."""
    folder = tmp_path_factory.mktemp("readers")
    (folder / "sea.md").write_text(BOOK, "utf-8")
    options = publish.Options(cache=folder / "cache", readers=READERS)
    report = publish.build(folder / "sea.md", {"epub": folder / "sea.epub"}, options)
    assert report.problems == ()
    return dict(zip(("plain", *READERS), (built.path for built in report.files), strict=True))


def text(path: Path, name: str = "chapter-01") -> str:
    """Return the source of a page."""
    with zipfile.ZipFile(path) as archive:
        return archive.read(f"EPUB/text/{name}.xhtml").decode()


def test_the_table_is_whole() -> None:
    """Each quirk says for whom, what, why, and who says so; each reader has one, and a rule of its store."""
    assert {reader for quirk in QUIRKS for reader in quirk.readers} == set(READERS) == set(get_args(Reader))
    assert {store for rule in RULES for store in rule.stores} == set(READERS)
    assert all(quirk.what and quirk.why and quirk.source.startswith("https://") for quirk in QUIRKS)
    assert command._READERS == READERS


def test_files_are_named_after_the_reader(made: dict[str, Path]) -> None:
    """The files stand beside the plain one; Kobo's has the ending that wakes its newer engine."""
    names = [made[reader].name for reader in READERS]
    assert names == [f"sea{SUFFIXES[reader]}" for reader in READERS]
    assert made["kobo"].name.endswith(".kepub.epub")


def test_characters_are_those_that_a_reader_draws(made: dict[str, Path]) -> None:
    """Narrow spaces stay where they are drawn; hyphens and arrows are the reader's."""
    assert "Midi\u202f!" in text(made["plain"])
    assert "Midi\u00a0!" in text(made["safe"])
    assert "vent\u2060-\u2060debout" in re.sub("<[^>]*>", "", text(made["kobo"]))
    assert "debout<a" in text(made["kindle"])
    assert "Rien.\u00a0\u00a0Fin" in text(made["safe"])
    assert "Une note" in text(made["kindle"], "notes")
    assert "Une no\u00adte" in text(made["safe"], "notes")
    assert "\u21a9\ufe0e" in text(made["apple"], "notes")
    assert "←" in text(made["kobo"], "notes")


def test_no_narrow_space_is_left_where_none_is_safe(made: dict[str, Path]) -> None:
    """Text, contents, attributes and metadata have the typography's fall-back; no other letter changes."""
    plain, fitted = (Container.read(made[name].read_bytes()) for name in ("plain", "safe"))
    told = [name for name, data in plain.files.items() if "\u202f" in data.decode("utf-8", "ignore")]
    assert {"EPUB/nav.xhtml", "EPUB/text/chapter-01.xhtml", plain.opf} <= set(told)
    assert not any("\u202f" in fitted.files[name].decode() for name in told)
    pages = zip(plain.documents.values(), fitted.documents.values(), strict=True)
    for before, after in (map(xhtml.words, pair) for pair in pages):
        expected = typography.safe(before).replace("\u2060", "\ufeff").replace("\u2003", "\u00a0\u00a0")
        assert after.replace("\ufe0e", "") == expected


def test_apple_shows_notes_over_the_page(made: dict[str, Path]) -> None:
    """Notes are footnotes by type for Apple, endnotes for all others; for Kobo their calls are, too."""
    assert 'epub:type="noteref endnote"' in text(made["kobo"])
    assert 'epub:type="noteref"' in text(made["apple"])
    assert '<li><div epub:type="footnote" role="doc-footnote" id="' in text(made["apple"], "notes")
    assert 'epub:type="endnote"' in text(made["plain"], "notes")


def test_kindle_has_one_cover_and_two_levels(made: dict[str, Path]) -> None:
    """The page of the cover is out, with all that led there; the picture stays; the NCX has two levels."""
    epub = Container.read(made["kindle"].read_bytes())

    assert "EPUB/text/cover.xhtml" not in epub.files
    assert "EPUB/images/cover.jpg" in epub.files
    assert b"cover.xhtml" not in epub.files["EPUB/nav.xhtml"] + epub.files[epub.opf]
    assert b'content="2"' in epub.files["EPUB/toc.ncx"]
    assert b"Trois" not in epub.files["EPUB/toc.ncx"]


def test_kobo_has_a_span_for_each_sentence(made: dict[str, Path]) -> None:
    """Paragraphs and sentences are counted; the contents, which Kobo shows by itself, stay as they are."""
    page = text(made["kobo"])

    assert '<span class="koboSpan" id="kobo.2.3">' in page
    assert '<div id="book-columns"><div id="book-inner">' in page
    with zipfile.ZipFile(made["kobo"]) as archive:
        assert b"koboSpan" not in archive.read("EPUB/nav.xhtml")


@pytest.mark.parametrize(
    ("body", "sentences"),
    [
        ("<p>Un. Deux ? Trois</p>", ["Un. ", "Deux ? ", "Trois"]),
        ("<p>« Un\u202f!\u00a0» Deux.</p>", ["« Un\u202f!\u00a0» ", "Deux."]),
        ("<p>Un <em>mot. Deux</em> fin.</p>", ["Un ", "mot. ", "Deux", "fin."]),
        ("<p>春は。曙<ruby>草<rt>くさ</rt></ruby></p>", ["春は。", "曙", "草"]),
        ('<p>Un<img src="a.png" alt=""/></p>', ["Un", ""]),
    ],
)  # fmt: skip
def test_sentences_end_where_they_end(body: str, sentences: list[str]) -> None:
    """With their marks and closing quotes; no letter and no space is lost."""
    html = xhtml.parse_page(f'<html xmlns="{xhtml.XHTML}"><body>{body}</body></html>')
    page = next(xhtml.elements(html, "body"))
    before = page.xpath("string()")
    wrap_sentences(page)
    spans = [span for span in xhtml.elements(page, "span") if span.get("class") == "koboSpan"]

    assert page.xpath("string()") == before
    assert [span.text or "" for span in spans] == sentences
    assert len({span.get("id") for span in spans}) == len(spans)


def test_an_old_style_sheet_says_nothing_new(made: dict[str, Path]) -> None:
    """What came after CSS 2.1 is out, the rest stays as it is, and a parser of CSS understands it."""
    plain, old = (
        re.sub(r"(?s)/\*.*?\*/", "", Container.read(made[name].read_bytes()).files[STYLE].decode())
        for name in ("plain", "safe")
    )
    rules = [rule for rule in tinycss2.parse_stylesheet(old, True, True) if rule.type != "qualified-rule"]  # noqa: FBT003

    assert re.search(r"@container|@supports|:where|clamp\(|flex|min\(", plain)
    assert not re.search(r"@container|@supports|:where|:has|clamp\(|flex|cqi|min\(|container-type", old)
    assert {getattr(rule, "at_keyword", rule.type) for rule in rules} == {"font-face"}
    for kept in ("page-break-before: always", "section.contents .number {", "max-height: 95vh"):
        assert kept in old


COVER, PAGE, STYLE = "EPUB/images/cover.jpg", "EPUB/text/chapter-01.xhtml", "EPUB/styles/book.css"
PACKAGE, ITEM = "EPUB/package.opf", '<item id="w" href="{}" media-type="{}"/></manifest>'
#: What breaks a rule → the file of the EPUB, what is replaced in it, and by what.
CHANGES = {
    "wide table": (PAGE, "</body>", f'<table><tr>{"<td/>" * 3}<td colspan="2"/></tr></table></body>'),
    "large page": (PAGE, "</body>", f"<p>{'word ' * 60_000}</p></body>"),
    "huge page": (PAGE, "</body>", f"<p>{'word ' * 2_100_000}</p></body>"),
    "web font": (PACKAGE, "</manifest>", ITEM.format("w.woff2", "font/woff2")),
    "foreign name": (PACKAGE, "</manifest>", ITEM.format("é.png", "image/png")),
    "heavy picture": (PACKAGE, "</manifest>", ITEM.format("w.png", "image/png")),
    "percent": (STYLE, r"\Z", "p { font-size: 90% }"),
    "flex": (STYLE, r"\Z", "p { display: flex }"),
    "variable": (STYLE, r"\Z", "p { --ink: red }"),
    "no guide": (PACKAGE, "(?s)<guide>.*</guide>", ""),
}
#: For whom a rule is; what breaks it; the sizes of pictures, in pixels; what is said.
RULES_BROKEN: tuple[tuple[str, str, dict[str, tuple[int, int]], str], ...] = (
    ("kobo", "wide table", {}, "a table has 5 columns, more than 4"),
    ("kobo", "huge page", {}, r"the page has 105\d\d KB, more than 10000"),
    ("kobo safe", "web font", {}, "the font is WOFF2"),
    ("kobo", "foreign name", {}, "the file’s name has letters beyond ASCII"),
    ("kobo kindle", "heavy picture", {}, "the picture has 5.0 MB, more than 5"),
    ("kobo", "percent", {}, "the style sheet gives a size of type in percent"),
    ("safe", "large page", {}, r"the page has 30\d KB, more than 260"),
    ("safe", "flex", {}, "the style sheet asks for a flexible box"),
    ("kindle", "variable", {}, "the style sheet uses custom properties"),
    ("kindle", "no guide", {}, "the guide doesn’t name text and toc"),
    ("kindle", "", {COVER: (600, 900)}, "the cover has 600 × 900 pixels, less than 625 × 1000"),
    ("apple", "", {COVER: (600, 900)}, "the cover has 600 × 900 pixels, less than 1400 × 1400"),
    ("apple", "", {"EPUB/l.png": (3000, 2000)}, "the picture has 6.0 million pixels, more than 5.6"),
)


@pytest.mark.parametrize(("stores", "change", "sizes", "said"), RULES_BROKEN)
def test_a_broken_rule_is_told(
    made: dict[str, Path], stores: str, change: str, sizes: dict[str, tuple[int, int]], said: str
) -> None:
    """Each rule finds the book that breaks it, for its stores alone, and says where it is written."""
    for reader in READERS:
        files = dict(Container.read(made[reader].read_bytes()).files)
        assert lint(reader, files, {}, "sea.epub") == ()
        if change:
            name, old, new = CHANGES[change]
            files[name] = re.sub(old, new, files[name].decode(), count=1).encode()
            files["EPUB/w.png"] = bytes(5_000_001)
        told = lint(reader, files, sizes, "sea.epub")

        found = [problem for problem in told if re.fullmatch(said, problem.fact)]
        assert len(found) == (reader in stores.split())
        assert all("(https://" in problem.hint for problem in told)


def test_every_rule_is_broken_once() -> None:
    """The books above break each rule of each store."""
    assert sum(len(stores.split()) for stores, *_ in RULES_BROKEN) == sum(len(rule.stores) for rule in RULES)


DRAWN = """---
title: Signs
lang: en
accessibility: {certifier: The Press}
---

# One

Since $x^2 > 0$[^n], see @eq-a and the ball.

$$
\\begin{aligned} a &= b \\\\ c &= d \\end{aligned}
$$ {#eq-a}

![A ball](ball.png)

[^n]: For $x > 0$.
"""


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Build a book of formulas, with a transparent picture: name of the reader, or `plain`, → file."""
    folder = tmp_path_factory.mktemp("drawn")
    (folder / "signs.md").write_text(DRAWN, "utf-8")
    ball = Image.new("RGBA", (40, 40))
    ball.paste("black", (10, 10, 30, 30))
    ball.save(folder / "ball.png")
    options = publish.Options(cache=folder / "cache", readers=READERS)
    report = publish.build(folder / "signs.md", {"epub": folder / "signs.epub"}, options)
    assert report.problems == ()
    return dict(zip(("plain", *READERS), (built.path for built in report.files), strict=True))


@pytest.mark.parametrize("reader", ["kindle", "safe"])
def test_formulas_are_pictures_where_mathml_is_unknown(drawn: dict[str, Path], reader: str) -> None:
    """In sixteen greys on white, as large as the text, with their LaTeX; the package tells what there is."""
    plain, epub = (Container.read(drawn[name].read_bytes()) for name in ("plain", reader))
    opf = epub.files[epub.opf].decode()
    pages = {name: epub.files[name].decode() for name in epub.documents}
    images = re.findall(
        r'<img src="\.\./(images/formula-\w+\.png)" alt="([^"]*)" style="([^"]*)"', "".join(pages.values())
    )

    assert b"<math" in plain.files[PAGE]
    assert not any("<math" in page for page in pages.values())
    assert [alt for _, alt, _ in images[:2]] == [
        "x^2 &gt; 0",
        r"\begin{aligned} a &amp;= b \\ c &amp;= d \end{aligned}",
    ]
    assert all(re.fullmatch(r"width: [\d.]+em; vertical-align: -[\d.]+em", style) for _, _, style in images)
    assert "mathml" not in opf
    assert "MathML" not in opf + pages["EPUB/text/accessibility.xhtml"]
    assert "in accessible format (LaTeX)" in pages["EPUB/text/accessibility.xhtml"]
    assert ">latex</meta>" in opf
    for href, _, _ in images:
        with Image.open(BytesIO(epub.files[f"EPUB/{href}"])) as image:
            assert not image.has_transparency_data
            assert image.convert("L").getextrema() == (0, 255)
        assert f'href="{href}" media-type="image/png"' in opf


@pytest.mark.parametrize("reader", READERS)
def test_pictures_are_opaque_where_readers_ask_for_it(drawn: dict[str, Path], reader: str) -> None:
    """On Kindle and Kobo a transparent picture lies on white; elsewhere it stays as it is."""
    with Image.open(
        BytesIO(Container.read(drawn[reader].read_bytes()).files["EPUB/images/ball.png"])
    ) as image:
        assert image.has_transparency_data == (reader not in ("kindle", "kobo"))
        assert image.convert("RGBA").getpixel((20, 20)) == (0, 0, 0, 255)
        if reader in ("kindle", "kobo"):
            assert image.getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.usefixtures("open_epubcheck")
@pytest.mark.parametrize("reader", READERS)
def test_readers_epubs_pass_epubcheck(made: dict[str, Path], drawn: dict[str, Path], reader: Reader) -> None:
    """Each is an EPUB that EPUBCheck accepts, and whose links lead somewhere; Kindle’s has most changes."""
    for file in [made[reader], drawn[reader]] if reader == "kindle" else [made[reader]]:
        assert epubcheck(file) == ()
        assert links(file.read_bytes()) == ()
