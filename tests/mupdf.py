"""An EPUB as MuPDF reads it: what it warns of, and what of the contents it doesn't find."""

from __future__ import annotations

from pathlib import Path

import pymupdf

from publish import xhtml
from publish.epub.container import Container

#: What MuPDF says of any EPUB 3, of languages that it can't hyphenate, and of a formula and its number, which
#: stand in no row of their own (CSS 2.1, 17.2.1, allows it); and that it says a line again.
SAYS = (
    "unknown epub version: 3.0", "no hyphenation table for lang=", "table-cell not inside table-row",
    "... repeated ",
)  # fmt: skip


def entries(path: Path) -> list[str]:
    """Return the words of the contents' entries, without spaces."""
    epub = Container.read(path.read_bytes())
    nav = next(html for name, html in epub.documents.items() if name.endswith("nav.xhtml"))
    contents = next(xhtml.elements(nav, "nav"))
    return ["".join(str(link.xpath("string()")).split()) for link in xhtml.elements(contents, "a")]


def faults(path: Path) -> list[str]:
    """Open an EPUB in MuPDF and return its warnings, and the entries of the contents that lead to no page."""
    pymupdf.TOOLS.reset_mupdf_warnings()
    with pymupdf.open(path) as document:
        found = document.get_toc()
        pages = document.page_count
    said = [line for line in pymupdf.TOOLS.mupdf_warnings().splitlines() if not line.startswith(SAYS)]
    lost = [title for _, title, page in found if not 0 < page <= pages]
    other = [] if ["".join(title.split()) for _, title, _ in found] == entries(path) else ["other contents"]
    return [*said, *lost, *other]
