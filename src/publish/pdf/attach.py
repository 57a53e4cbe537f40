"""A book's text as a file in its PDF: PDF/A-4f has to hold one.

It is the same text once more, as one page of XHTML that flows on any screen (the relationship « Alternative »
of ISO 32000-2, 7.11.3), without pictures.
"""

from __future__ import annotations

from collections.abc import Sequence

from pikepdf import Array, AttachedFileSpec, Name, Pdf

from publish import xhtml
from publish.book import Book, Page
from publish.xhtml import escape

_NAME = "text.xhtml"


def text_to_attach(book: Book, pages: Sequence[Page]) -> bytes:
    """Return the text of all printed pages, and their notes, as one XHTML document."""
    language = book.metadata.language
    head = f"<head><title>{escape(book.metadata.title)}</title></head>"
    root = f'<html xmlns="{xhtml.XHTML}" xmlns:epub="http://www.idpf.org/2007/ops" lang="{language}">'
    html = xhtml.parse_page(f"{root}{head}<body/></html>")
    body = next(xhtml.elements(html, "body"))
    for page in (page for page in pages if page.only != "ebook"):
        body.extend(next(xhtml.elements(xhtml.parse_page(page.xhtml), "body")))
        for note in page.section.notes:
            place = xhtml.new(body, "aside", id=note.anchor)
            place.extend(xhtml.parse_fragment(note.body))
    for image in list(xhtml.elements(html, "img")):
        xhtml.remove(image)
    xhtml.strip(html, "data-line", "data-only", "data-folio-of", "data-folios-of")
    return xhtml.serialize_page(html)


def attach(pdf: Pdf, text: bytes, moment: str) -> None:
    """Embed a book's text into its PDF; the moment is a PDF date."""
    spec = AttachedFileSpec(
        pdf, text, filename=_NAME, description="The text of the book", mime_type="application/xhtml+xml",
        creation_date=moment, mod_date=moment, relationship=Name.Alternative,
    )  # fmt: skip
    pdf.attachments[_NAME] = spec
    pdf.Root.AF = Array([pdf.attachments[_NAME].obj])
