"""The pages of the print edition in the EPUB: what stands between two markers is what the page shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from tests.tagged import MARKER, Run, Tag, TaggedPdf

import publish
from publish import xhtml
from publish.book import Page, Section
from publish.epub.container import Container
from publish.epub.documents import Document
from publish.epub.pagination import PageBreak, mark
from publish.xhtml import Element, letters

ROOT = Path(__file__).parent.parent
#: A word that the paper divides is on the page that it begins on; its end is at most so long.
LONGEST_END = 20

#: What print shows otherwise than the e-book, or not on the page: formulas, locators of the index, contents.
DRAWN_OTHERWISE = "//m:math|//h:ul[contains(@class, 'index')]//h:span[@class='made']|//h:nav"


def marked(body: str, *starts: tuple[str, int]) -> str:
    """Return a section's XHTML with a sign « |12| » for each marker."""
    section = Section("one", "body", "chapter", 1, "One", "One", "One", body, (), (), (), "", "one.md")
    html = xhtml.parse_page(
        f'<html xmlns="{xhtml.XHTML}" xmlns:epub="{xhtml.EPUB}"><body>'
        f'<section id="one">{body}</section></body></html>'
    )
    document = Document(Page("chapter-01", "One", "", section), "text/chapter-01.xhtml", html)
    breaks = mark((document,), [(label, "one", offset) for label, offset in starts])
    assert breaks == tuple(PageBreak(label, f"text/chapter-01.xhtml#page-{label}") for label, _ in starts)
    text = xhtml.serialize_fragment(next(xhtml.elements(html, "section")))
    return re.sub(r'<span [^>]*id="page-(\w+)"[^>]*/>', r"|\1|", text)


@pytest.mark.parametrize(
    ("body", "offset", "expected"),
    [
        ("<p>One two three</p>", 6, "<p>One two |9|three</p>"),
        ("<p>One two three</p>", 8, "<p>One two |9|three</p>"),
        ("<p>One</p>\n<p>two</p>", 3, "<p>One</p>\n<p>|9|two</p>"),
        ("<p>One <em>two three</em> four</p>", 3, "<p>One |9|<em>two three</em> four</p>"),
        ("<p>One <em>two three</em> four</p>", 6, "<p>One <em>two |9|three</em> four</p>"),
        ("<p>One <em>two</em> four</p>", 6, "<p>One <em>two</em> |9|four</p>"),
        ("<p>un porte-clés</p>", 7, "<p>un porte-|9|clés</p>"),
        ("<p>春は曙なり</p>", 2, "<p>春は|9|曙なり</p>"),
        ("<p>春<ruby>曙<rt>あけ</rt></ruby>なり</p>", 2, "<p>春|9|<ruby>曙<rt>あけ</rt></ruby>なり</p>"),
        ('<header><h1><span class="number">1</span> <span>Two</span></h1></header>', 0,
         '<header>|9|<h1><span class="number">1</span> <span>Two</span></h1></header>'),
        ('<p>One</p><figure><img src="a.png" alt=""/><figcaption>Two</figcaption></figure>', 3,
         '<p>One</p>|9|<figure><img src="a.png" alt=""/><figcaption>Two</figcaption></figure>'),
        ('<p>One<a class="note-call" href="#n">1</a> two</p>', 3,
         '<p>One<a class="note-call" href="#n">1</a> |9|two</p>'),
        ('<p>One</p><table><caption><span class="number">Table 1.</span> Two</caption></table>', 3,
         '<p>One</p>|9|<table><caption><span class="number">Table 1.</span> Two</caption></table>'),
        ("<ul><li>One</li><li>Two</li></ul>", 3, "<ul><li>One</li><li>|9|Two</li></ul>"),
        ('<pre><code><span class="line">a b</span></code></pre>', 0,
         '|9|<pre><code><span class="line">a b</span></code></pre>'),
    ],
)  # fmt: skip
def test_a_marker_stands_before_the_first_word(body: str, offset: int, expected: str) -> None:
    """In a text before a whole word; at an element's beginning before the element, but inside its block."""
    assert marked(body, ("9", offset)) == expected


def test_a_page_without_text_comes_before_the_next() -> None:
    """A page of pictures alone is told with the start of the one before; its marker comes after that text."""
    assert marked("<p>One two</p>", ("8", 0), ("9", 0), ("10", 3)) == "<p>|8|One |9||10|two</p>"
    assert marked("<p>One two</p>", ("8", 0), ("9", 0)) == "<p>|8|One two</p>|9|"


def test_anchors_of_the_book_stay_unique() -> None:
    """A heading called « Page 9 » keeps its anchor."""
    section = Section("one", "body", "chapter", 1, "", "", "", "", (), (), (), "", "one.md")
    html = xhtml.parse_page(
        f'<html xmlns="{xhtml.XHTML}"><body><section id="one"><p id="page-9">One</p></section></body></html>'
    )
    document = Document(Page("one", "One", "", section), "text/one.xhtml", html)

    assert mark((document,), [("9", "one", 0)]) == (PageBreak("9", "text/one.xhtml#page-9-"),)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["book", "hamlet-en/manuscript"])
def test_text_between_markers_is_that_of_the_page(
    manuscripts: Path, tmp_path: Path, shared_cache: Path, name: str
) -> None:
    """Letter for letter, over whole books: what the tags of a page of the PDF hold is between two markers.

    Three things are compared by themselves, for the two books show them otherwise: formulas, drawn in print,
    by their LaTeX; the locators of the index, folios in print, not at all; notes, at the feet of pages in
    print, by `test_tags`.
    """
    source = ROOT / "book" if name == "book" else manuscripts / name
    files = {"epub": tmp_path / "book.epub", "pdf": tmp_path / "book.pdf"}
    publish.build(source, files, publish.Options(shared_cache))
    epub = Container.read(files["epub"].read_bytes())
    document = TaggedPdf(files["pdf"]).document
    formulas = formulas_of(epub)
    texts, printed = pages_of(epub), printed_pages(document, files["pdf"])

    assert len(texts) > 0.8 * len(printed)
    before = dict(zip([*printed][1:], printed.values(), strict=False))
    wrong = [label for label in texts if not is_on(texts[label], printed[label], before.get(label, ""))]
    assert wrong == []
    assert sorted(tag.more["Alt"] for tag in document.tags("Formula")) == sorted(formulas)


def bodies(epub: Container) -> Iterator[Element]:
    """Yield the bodies of the documents in reading order."""
    for name, _ in (epub.manifest[identifier] for identifier in epub.spine):
        yield next(xhtml.elements(epub.documents[name], "body"))


def formulas_of(epub: Container) -> list[str]:
    """Return the LaTeX of all formulas, in order."""
    return [
        str(math.get("alttext")) for body in bodies(epub) for math in body.iter(f"{{{xhtml.MATHML}}}math")
    ]


def pages_of(epub: Container) -> dict[str, str]:
    """Return label → letters from each marker to the next one or to the document's end; take out the rest."""
    found: dict[str, str] = {}
    for body in bodies(epub):
        for other in body.xpath(DRAWN_OTHERWISE, namespaces={"h": xhtml.XHTML, "m": xhtml.MATHML}):
            xhtml.remove(other)
        for marker in xhtml.elements(body, "span"):
            if marker.get(xhtml.EPUB_TYPE) == "pagebreak":
                marker.text = f"\ue000{marker.get('aria-label')}\ue001"
        for piece in str(body.xpath("string()")).split("\ue000")[1:]:
            label, _, text = piece.partition("\ue001")
            found[label] = plain(text)
    return found


def printed_pages(document: Tag, path: Path) -> dict[str, str]:
    """Return label → letters that the tags of the page hold, in the order of the tree."""
    with pypdfium2.PdfDocument(path) as pdf:
        labels = [pdf.get_page_label(number) for number in range(len(pdf))]
    found = dict.fromkeys(labels, "")
    for run in runs(document, frozenset(labels)):
        found[labels[run.page]] += plain(run)
    return found


def runs(tag: Tag, labels: frozenset[str]) -> Iterator[Run]:
    """Yield the words of an element, page by page, without what is compared by itself or only in print."""
    is_locator = tag.role == "Link" and letters(tag.words()) in labels
    if tag.role in {"Note", "Formula", "TOC"} or is_locator or is_marker(tag):
        return
    for kid in tag.kids:
        if isinstance(kid, Run):
            yield kid
        else:
            yield from runs(kid, frozenset() if tag.role == "Reference" else labels)


def is_marker(tag: Tag) -> bool:
    """Tell whether an element is what stands before the items of a list."""
    return tag.role == "Lbl" and bool(MARKER.fullmatch(tag.words().strip()))


def plain(text: str) -> str:
    """Return the letters of a text, small, without asterisks of scene breaks and commas of locators."""
    return letters(text.replace("*", "").replace("\x02", "").replace(",", "")).casefold()


def is_on(text: str, page: str, before: str) -> bool:
    """Tell whether a page holds a text and nothing else, but for a word that the paper divides.

    The word's beginning is on the page before; and this page may end with the beginning of another.
    """
    for size in range(LONGEST_END):
        if before.endswith(text[:size]) and page.startswith(text[size:]):
            return len(page) - len(text[size:]) < LONGEST_END
    return False
