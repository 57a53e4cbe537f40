"""The composed contents → navigation document, NCX and guide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from publish import xhtml
from publish.book import Book, Caption, CaptionKind, Page, Section
from publish.epub.documents import Document
from publish.epub.pagination import PageBreak
from publish.words import Words, words
from publish.xhtml import EPUB_TYPE, Element, escape, quoteattr

#: Landmarks that the guide of EPUB 2 has a name for; old Kindles open where `text` says.
_GUIDE = {"cover": "cover", "titlepage": "title-page", "toc": "toc", "bodymatter": "text"}
#: Kind of what has a number → the `nav` that lists it (EPUB 3.3, section 7.4.5).
_LISTS: dict[CaptionKind, str] = {"figure": "loi", "table": "lot"}
#: Kind of `nav` → role, where DPUB-ARIA has one.
_ROLES = {"page-list": "doc-pagelist"}


@dataclass(frozen=True, slots=True)
class Landmark:
    """One place that a reader can go to by its nature, such as the cover or the beginning."""

    #: A term of the EPUB structure vocabulary.
    kind: str
    title: str
    #: Relative to the package document.
    href: str


def landmarks(parsed: Iterable[Document], names: Words, cover: str) -> tuple[Landmark, ...]:
    """Return the landmarks, each kind once, in reading order; `cover` is the cover page's path or empty."""
    found = {"cover": Landmark("cover", names.kind("cover"), cover)} if cover else {}
    for document in parsed:
        kind = _landmark(document, found)
        if kind and kind not in found:
            found[kind] = Landmark(kind, _title(document.page, names), document.path)
    return tuple(found.values())


def _landmark(document: Document, found: Iterable[str]) -> str:
    if document.is_contents:
        return "toc"
    if document.page.landmark == "" and document.page.section.matter == "body" and "bodymatter" not in found:
        return "bodymatter"
    return document.page.landmark


def _title(page: Page, names: Words) -> str:
    kind = page.section.kind
    return names.kind(kind) if kind == "title-page" else page.section.plain_title or names.kind(kind)


def add_entry(contents: Element, title: str, href: str) -> None:
    """Add a last line to the contents, for a page that only the EPUB has."""
    listing = next(xhtml.elements(next(xhtml.elements(contents, "nav")), "ol"))
    xhtml.new(xhtml.new(listing, "li"), "a", title, href=href)


def lead_to_files(contents: Element, parsed: Iterable[Document]) -> None:
    """Lead the entries whose place is all that a file begins with to the file: no reader looks into it then.

    A fragment for the beginning of a file says nothing, and is half of a long book's contents.
    """
    tops = {f"{document.path}#{_first_anchor(document.html)}": document.path for document in parsed}
    for link in next(xhtml.elements(contents, "nav")).iter(f"{{{xhtml.XHTML}}}a"):
        address = link.get("href") or ""
        link.set("href", tops.get(address, address))


def _first_anchor(html: Element) -> str:
    first = next(iter(next(xhtml.elements(html, "body"))), None)
    return first.get("id") or "" if first is not None else ""


def complete_navigation(contents: Element, places: Iterable[Landmark], names: Words) -> None:
    """Turn the contents page into a navigation document: mark its list, add the hidden landmarks.

    EPUB 3.3, section 7.4: one `nav` of type `toc`, then `landmarks`, which a reader shows elsewhere.
    """
    listing = next(xhtml.elements(contents, "nav"))
    listing.set(EPUB_TYPE, "toc")
    listing.set("role", "doc-toc")
    entries = _hidden(contents, "landmarks", names.text("landmarks"))
    for place in places:
        link = xhtml.new(xhtml.new(entries, "li"), "a", place.title, href=place.href)
        link.set(EPUB_TYPE, place.kind)


def add_lists(
    contents: Element, captions: Sequence[Caption], parsed: Sequence[Document], names: Words
) -> None:
    """Add the lists of the figures and of the tables that have a number, with their captions' markup."""
    if not captions:
        return
    homes = {anchor: document.path for document in parsed for anchor in xhtml.anchors(document.html)}
    for kind, term in _LISTS.items():
        listed = [caption for caption in captions if caption.kind == kind and caption.anchor in homes]
        if listed:
            entries = _hidden(contents, term, names.kind(f"list-of-{kind}s"))
            for caption in listed:
                address = f"{homes[caption.anchor]}#{caption.anchor}"
                link = xhtml.new(
                    xhtml.new(entries, "li"), "a", names.caption(kind, caption.number), href=address
                )
                _add_title(link, caption, names.text("after-label"))


def _add_title(link: Element, caption: Caption, separator: str) -> None:
    if caption.title:
        link.text = f"{link.text}{separator}"
        language = quoteattr(caption.language)
        title = f"<span lang={language} xml:lang={language}>{caption.title}</span>"
        link.extend(list(xhtml.parse_fragment(title)))


def add_page_list(contents: Element, breaks: Sequence[PageBreak], names: Words) -> None:
    """Add the list of the print edition's pages, flat, as numbers alone (EPUB 3.3, section 7.4.3)."""
    if breaks:
        entries = _hidden(contents, "page-list", names.text("page-list"))
        for place in breaks:
            xhtml.new(xhtml.new(entries, "li"), "a", place.label, href=place.href)


def _hidden(contents: Element, kind: str, title: str) -> Element:
    """Add a `nav` that a reader shows elsewhere, and return its empty list."""
    nav = xhtml.new(next(xhtml.elements(contents, "body")), "nav", id=kind, hidden="hidden")
    nav.set(EPUB_TYPE, kind)
    nav.set("aria-labelledby", f"{kind}-title")
    if role := _ROLES.get(kind):
        nav.set("role", role)
    xhtml.new(nav, "h2", title, id=f"{kind}-title")
    return xhtml.new(nav, "ol")


def contents_page(book: Book, pages: Iterable[Page]) -> Page:
    """Make the contents of a book whose pages have none: one line a page."""
    language, title = book.metadata.language, words(book.metadata.language).kind("contents")
    lines = "".join(
        f'<li><a href="#{page.section.anchor}">{escape(page.section.plain_title or page.title)}</a></li>'
        for page in pages
        if page.only != "print"
    )
    text = (
        f'<html xmlns="{xhtml.XHTML}" xmlns:epub="{xhtml.EPUB}" lang="{language}" xml:lang="{language}">'
        f"<head><title>{escape(title)}</title></head>"
        '<body><nav id="contents" aria-labelledby="contents-title">'
        f'<h1 id="contents-title">{escape(title)}</h1><ol>{lines}</ol></nav></body></html>'
    )
    section = Section("contents", "back", "contents", 1, title, title, title, "", (), (), (), "", book.source)
    return Page("contents", title, text, section, "toc")


def ncx(contents: Element, book: Book, breaks: Sequence[PageBreak] = ()) -> str:
    """Turn the navigation document into the NCX of EPUB 2, for readers that know nothing else."""
    points, depth = _points(next(xhtml.elements(contents, "nav")), count(1))
    metadata = book.metadata
    author = metadata.authors[0] if metadata.authors else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/" version="2005-1" '
        f"xml:lang={quoteattr(metadata.language)}>"
        f'<head><meta name="dtb:uid" content={quoteattr(metadata.identifier)}/>'
        f'<meta name="dtb:depth" content="{max(depth, 1)}"/>'
        f'<meta name="dtb:totalPageCount" content="{len(breaks)}"/>'
        f'<meta name="dtb:maxPageNumber" content="{max(map(_number, breaks), default=0)}"/></head>'
        f"<docTitle><text>{escape(metadata.title)}</text></docTitle>"
        + (f"<docAuthor><text>{escape(author)}</text></docAuthor>" if author else "")
        + f"<navMap>{points}</navMap>{_page_targets(breaks)}</ncx>\n"
    )


def _number(place: PageBreak) -> int:
    return int(place.label) if place.label.isdecimal() else 0


def _page_targets(breaks: Sequence[PageBreak]) -> str:
    targets = "".join(
        f'<pageTarget id="target-{place.label}" type="{"normal" if _number(place) else "front"}"'
        + (f' value="{place.label}"' if _number(place) else "")
        + f"><navLabel><text>{place.label}</text></navLabel>"
        + f"<content src={quoteattr(place.href)}/></pageTarget>"
        for place in breaks
    )
    return f"<pageList>{targets}</pageList>" if breaks else ""


def _points(parent: Element, numbers: Iterator[int]) -> tuple[str, int]:
    """Return the points below a `nav` or an `li`, and how many levels they have."""
    points, depth = [], 0
    for entry in parent.iterfind(f"{{{xhtml.XHTML}}}ol/{{{xhtml.XHTML}}}li"):
        number = next(numbers)
        below, levels = _points(entry, numbers)
        link = next(xhtml.elements(entry, "a"))
        points.append(
            f'<navPoint id="point-{number}"><navLabel><text>{escape(_label(entry))}</text></navLabel>'
            f"<content src={quoteattr(link.get('href') or '')}/>{below}</navPoint>"
        )
        depth = max(depth, levels + 1)
    return "".join(points), depth


def _label(entry: Element) -> str:
    """Return an entry's words, without those of the entries below it and without readings of rubies."""
    first = next(child for child in entry if xhtml.local_name(child) in ("a", "span"))
    return " ".join("".join(_spoken(first)).split()) or "—"


def _spoken(element: Element) -> Iterable[str]:
    if xhtml.local_name(element) not in ("rt", "rp", ""):
        yield element.text or ""
        for child in element:
            yield from _spoken(child)
            yield child.tail or ""


def guide(places: Iterable[Landmark]) -> str:
    """Return the `guide` of EPUB 2 for the landmarks that it knows."""
    references = "".join(
        f'    <reference type="{_GUIDE[place.kind]}" '
        f"title={quoteattr(place.title)} href={quoteattr(place.href)}/>\n"
        for place in places
        if place.kind in _GUIDE
    )
    return f"  <guide>\n{references}  </guide>\n" if references else ""
