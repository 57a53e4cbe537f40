"""Writes a book as one document for plain WeasyPrint: our pages, our print styles, our fonts.

python bench/plain_document.py BOOK FOLDER → FOLDER/book.html, FOLDER/book.css, FOLDER/fonts/
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from publish import compose, edit, fonts, manuscript, workers
from publish.book import Book, Page
from publish.pdf.geometry import geometry, page_rules
from publish.xhtml import elements, parse_page, serialize_fragment


def write(source: Path, folder: Path) -> None:
    """Turn a manuscript into one HTML document with its style sheet, images and fonts."""
    with workers.pool() as pool:
        book, _ = manuscript.read(source, modified=0, aside=manuscript.Aside(pool))
    book, _ = edit.edit(book)
    pages, _ = compose.compose(book)
    bodies = "\n".join(_bodies(page for page in pages if page.only != "ebook"))
    head = (
        f'<meta charset="utf-8"><title>{book.metadata.title}</title><link rel="stylesheet" href="book.css">'
    )
    language = f'lang="{book.metadata.language}" dir="{book.metadata.direction}"'
    (folder / "book.html").write_text(
        f"<!DOCTYPE html><html {language}><head>{head}</head><body>{bodies}</body></html>"
    )
    (folder / "book.css").write_text(_styles(book, pages, folder))
    for resource in book.resources:
        (folder / resource.path).parent.mkdir(parents=True, exist_ok=True)
        (folder / resource.path).write_bytes(resource.data)


def _bodies(pages: Iterable[Page]) -> Iterable[str]:
    for page in pages:
        yield from (serialize_fragment(body) for body in elements(parse_page(page.xhtml), "body"))


def _styles(book: Book, pages: Iterable[Page], folder: Path) -> str:
    wanted = fonts.characters(page.xhtml for page in pages)
    faces, _ = fonts.faces(wanted, fonts.Families.chosen(book.settings.fonts), book.metadata.language)
    (folder / "fonts").mkdir()
    for face in faces:
        (folder / "fonts" / face.file_name).write_bytes(face.data)
    sheets = fonts.dressed(compose.stylesheets(book, "print"), faces)
    rules = page_rules(geometry(book.settings.print, book.metadata))
    return "\n".join([fonts.css(faces, "fonts/"), rules, *(sheet.css for sheet in sheets)])


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]))
