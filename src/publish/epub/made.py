"""Pages that only the EPUB has: the cover, what is said of its accessibility."""

from __future__ import annotations

from collections.abc import Iterable

from publish import xhtml
from publish.book import Book
from publish.epub.accessibility import statements
from publish.epub.documents import STYLES
from publish.words import Words
from publish.xhtml import escape, quoteattr

#: Relative to the package document.
COVER = "text/cover.xhtml"
STATEMENT = "text/accessibility.xhtml"


def cover_page(book: Book, cover: str, language: Words) -> bytes:
    """Return the page that shows the cover, an image's path, with words for who can't see it."""
    words_of_cover = book.metadata.cover_alt or language.text("cover-of", title=book.metadata.title)
    body = (
        f'<section class="cover" epub:type="cover"><img role="doc-cover" src="../{cover}"'
        f" alt={quoteattr(words_of_cover)}/></section>"
    )
    return _page(book, language.kind("cover"), body)


def statement_page(book: Book, said: Iterable[tuple[str, str]], language: Words) -> bytes:
    """Tell in the book's language what the package document says of accessibility, property by property."""
    values: dict[str, list[str]] = {}
    for name, value in said:
        values.setdefault(name, []).append(value)
    title = language.accessibility["title"]
    told = "".join(
        f"<h2>{escape(heading)}</h2>\n<ul>{''.join(f'<li>{escape(one)}</li>' for one in sentences)}</ul>\n"
        for heading, sentences in statements(values, language)
    )
    opening = f'<h1 id="accessibility-title"><span class="title">{escape(title)}</span></h1>'
    body = (
        '<section id="accessibility" class="accessibility" aria-labelledby="accessibility-title">'
        f'<header class="opening">{opening}</header>\n{told}</section>'
    )
    return _page(book, title, body)


def _page(book: Book, title: str, body: str) -> bytes:
    tag = quoteattr(book.metadata.language)
    turned = ' dir="rtl"' if book.metadata.direction == "rtl" else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<html xmlns="{xhtml.XHTML}" xmlns:epub="{xhtml.EPUB}" lang={tag} xml:lang={tag}{turned}>'
        f"\n<head><title>{escape(title)}</title>"
        f'<link rel="stylesheet" type="text/css" href="../{STYLES}"/></head>\n<body>{body}</body>\n</html>\n'
    ).encode()
