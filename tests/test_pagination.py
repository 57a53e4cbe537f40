"""The pages of the print edition in the EPUB: what stands between two markers is what the page shows."""

from __future__ import annotations

import re
from pathlib import Path

import pypdfium2
import pytest

import publish
from publish import xhtml
from publish.book import Page, Section
from publish.epub.container import Container
from publish.epub.documents import Document
from publish.epub.pagination import PageBreak, mark
from publish.xhtml import letters

ROOT = Path(__file__).parent.parent
#: A word that the paper divides is on the page that it begins on; its end is at most so long.
LONGEST_END = 20

#: Why 14 pages of the default book don't agree letter for letter.
DRAWN_OTHERWISE = (
    "formulas are drawings in print, the index names chapters in the e-book and folios in print, "
    "and pdfium reads some listings in another order"
)


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
@pytest.mark.parametrize(
    "name",
    [
        pytest.param("book", marks=pytest.mark.xfail(reason=DRAWN_OTHERWISE)),
        "hamlet-en/manuscript",
    ],
)
def test_text_between_markers_is_that_of_the_page(
    manuscripts: Path, tmp_path: Path, shared_cache: Path, name: str
) -> None:
    """Letter for letter, over whole books: what pdfium reads on a page of the PDF is between two markers."""
    source = ROOT / "book" if name == "book" else manuscripts / name
    files = {"epub": tmp_path / "book.epub", "pdf": tmp_path / "book.pdf"}
    publish.build(source, files, publish.Options(shared_cache))
    epub = Container.read(files["epub"].read_bytes())
    texts = pages_of(epub)
    printed = printed_pages(files["pdf"])

    assert len(texts) > 0.8 * len(printed)
    before = dict(zip([*printed][1:], printed.values(), strict=False))
    wrong = [label for label in texts if not is_on(texts[label], printed[label], before.get(label, ""))]
    assert wrong == []


def pages_of(epub: Container) -> dict[str, str]:
    """Return label → letters from each marker to the next one or to the document's end."""
    found: dict[str, str] = {}
    for name, _ in (epub.manifest[identifier] for identifier in epub.spine):
        body = next(xhtml.elements(epub.documents[name], "body"))
        for nav in list(xhtml.elements(body, "nav")):
            xhtml.remove(nav)
        for marker in xhtml.elements(body, "span"):
            if marker.get(xhtml.EPUB_TYPE) == "pagebreak":
                marker.text = f"\ue000{marker.get('aria-label')}\ue001"
        for piece in str(body.xpath("string()")).split("\ue000")[1:]:
            label, _, text = piece.partition("\ue001")
            found[label] = letters(text.replace("*", "")).casefold()
    return found


def printed_pages(path: Path) -> dict[str, str]:
    """Return label → letters that pdfium reads on the page, but for the asterisks of scene breaks.

    Heads, folios and notes are among them.
    """
    with pypdfium2.PdfDocument(path) as document:
        texts = (page.get_textpage().get_text_bounded().replace("*", "") for page in document)
        return {document.get_page_label(n): letters(text).casefold() for n, text in enumerate(texts)}


def is_on(text: str, page: str, before: str) -> bool:
    """Tell whether a page shows a text as a whole; a divided word's beginning is on the page before."""
    return text in page or any(
        text[:size] in before and text[size:] in page for size in range(1, LONGEST_END)
    )
