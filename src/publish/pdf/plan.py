"""Turns a book's pages into stretches to typeset: each opens a page; links, notes, folios fit for print."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import groupby

from publish import xhtml
from publish.book import Book, Note, Page, Section
from publish.pdf.floats import FLOATED
from publish.pdf.hyphens import divide
from publish.pdf.locators import LOCATORS, fill_locators
from publish.pdf.sheets import ELSEWHERE, Opening, SheetJob, Stretch
from publish.pdf.tables import let_long_words_break, number_tables
from publish.xhtml import Element, escape

#: Kinds that open on a left-hand page, behind the title page; and those that take the next page, whichever.
_OPENS_ON_VERSO = frozenset({"copyright"})
_OPENS_ANYWHERE = frozenset({"colophon"})
#: Chapters shorter than this on average (letters), and more than so many, open on the next page: rectos
#: would leave hundreds of blank pages in a novel of short chapters.
_SHORT_CHAPTER, _MANY_CHAPTERS = 12_000, 40
#: Kinds that a style may spread over the height of the page, and the most letters that such a page holds:
#: WeasyPrint drops what overflows a fixed height at a page's end, and draws an overfull column off the page.
_WHOLE_PAGES = frozenset({"half-title", "title-page", "copyright", "colophon"})
_FITS_A_PAGE = 1000
#: Names the anchor whose page number an element shows.
_FOLIO = "data-folio-of"
#: Elements that hold blocks, or list items, or rows, and no text of their own.
_CONTAINERS = ("ul", "ol", "dl", "blockquote", "div", "table", "thead", "tbody", "tfoot", "tr", "figure")
#: Where a long address or a name in code may break: behind these, between letters.
_BREAKS = re.compile(r"(?<=\w)(?:[/_.?&=]|::|-)(?=\w)")
_LONG_WORD = 12
#: A word so long, in characters, may break where it must, lest it leave the page.
_ENDLESS = re.compile("[!-,.0-~\u00a1-\u058f]{48,}")
#: Size of a ruby's reading beside its base.
_READING = 0.5
#: Notes longer than this (letters, about half a page of notes) stand at the chapter's end: WeasyPrint can't
#: divide a note between two pages (its issue 1833).
_LONG_NOTE = 1500


def plan(book: Book, pages: Sequence[Page]) -> tuple[Stretch, ...]:
    """Group pages that run on from each other and make each group a stretch, folios not yet filled in."""
    printed = [page for page in pages if page.only != "ebook"]
    openings = _chapter_opening(book)
    heads = list(_heads(book, printed))
    groups = groupby(range(len(printed)), key=lambda i: _opener(printed, i))
    return tuple(
        _stretch(book, [printed[i] for i in group], openings, heads[first]) for first, group in groups
    )


def _opener(pages: Sequence[Page], index: int) -> int:
    """Return the index of the page that opens a page's stretch: a `section` runs on from the one before."""
    while index and pages[index].section.kind == "section":
        index -= 1
    return index


def _chapter_opening(book: Book) -> Opening:
    """Return where chapters open: as the book says; else on rectos, unless they are many and short."""
    if book.settings.print.openings != "auto":
        return book.settings.print.openings
    lengths = [len(section.letters) for section in book.sections if section.kind == "chapter"]
    short = len(lengths) > _MANY_CHAPTERS and sum(lengths) / len(lengths) < _SHORT_CHAPTER
    return "page" if short else "recto"


def _heads(book: Book, pages: Sequence[Page]) -> Iterator[tuple[str, str]]:
    """Yield each page's running heads (verso, recto): book or part; chapter."""
    title = book.metadata.inline(book.metadata.short_title or book.metadata.title)
    part = ""
    for page in pages:
        section = page.section
        if section.kind == "part":
            part = section.short_title
        elif section.matter != "body" or section.depth == 1:
            part = ""
        yield part or title, section.short_title or escape(section.plain_title)


def _stretch(book: Book, pages: list[Page], chapters: Opening, heads: tuple[str, str]) -> Stretch:
    first = pages[0].section
    html = _document(book, pages)
    tables, images = number_tables(html, pages), _images(html, pages)
    # A line that moves is no reason to typeset what follows again.
    xhtml.strip(html, "data-line")
    shown = tuple(
        element.get(_FOLIO) or element.get(LOCATORS) or "" for element in html.iter() if _shows(element)
    )
    job = SheetJob(pages[0].name, xhtml.serialize_page(html).decode(), tuple(images))
    job = with_notes_at_end(job, _long_notes(pages))
    return Stretch(
        job=job, matter=first.matter, opening=_opening(first, chapters), kind=first.kind,
        sections=tuple(page.section.anchor for page in pages), depth=first.depth, verso_head=heads[0],
        recto_head=heads[1], shown=shown, tables=tables, images=images, source=first.source, line=first.line,
    )  # fmt: skip


def _images(html: Element, pages: Sequence[Page]) -> dict[str, tuple[str, int]]:
    """Return the images of a document, in order, with the file and line that show each first."""
    images: dict[str, tuple[str, int]] = {}
    if not any("<img" in page.xhtml for page in pages):
        return images
    sections = {page.section.anchor: page.section for page in pages}
    for image in xhtml.elements(html, "img"):
        line, inside = "", image.getparent()
        while inside is not None and inside.get("id") not in sections:
            line, inside = line or inside.get("data-line", ""), inside.getparent()
        section = pages[0].section if inside is None else sections[inside.get("id", "")]
        images.setdefault(image.get("src", ""), section.where(int(line or section.line)))
    return images


def _opening(section: Section, chapters: Opening) -> Opening:
    if section.kind in _OPENS_ON_VERSO:
        return "verso"
    if section.kind in _OPENS_ANYWHERE or section.kind.startswith("list-of-"):
        return "page"
    return chapters if section.kind == "chapter" else "recto"


def _document(book: Book, pages: list[Page]) -> Element:
    """Return one XHTML document that holds the pages' sections one after the other, ready for the press."""
    at_foot = book.settings.notes == "foot"
    notes = {note.anchor: note for page in pages for note in page.section.notes} if at_foot else {}
    html = xhtml.parse_page(pages[0].xhtml)
    body = next(xhtml.elements(html, "body"))
    for page in pages[1:]:
        body.extend(next(xhtml.elements(xhtml.parse_page(page.xhtml), "body")))
    for link in list(xhtml.elements(html, "link")):
        xhtml.remove(link)
    for element in [e for e in body.iter() if e.get("data-only") == "ebook"]:
        xhtml.remove(element)
    _mark_sections(body, {page.section.anchor for page in pages})
    for element in _folio_places(body):
        _hold_folio(element)
    _float_figures(body)
    _set_notes(body, notes)
    _fit_lists_of_notes(body)
    _count_from_the_start(body)
    _part_rubies(body)
    _let_addresses_break(body)
    if _ENDLESS.search(" ".join(body.itertext())):
        let_long_words_break(body, _ENDLESS)
    divide(body, book.settings.hyphenation)
    _size_drawings(body, book)
    _send_links_elsewhere(body)
    return html


def _mark_sections(body: Element, anchors: AbstractSet[str]) -> None:
    """Mark the book's sections, by which what is drawn is told apart, and those that fill their page."""
    for section in xhtml.elements(body, "section"):
        if section.get("id") in anchors:
            section.set("data-section", "")
            if xhtml.classes(section) & _WHOLE_PAGES and _fits_a_page(section):
                section.set("class", f"{section.get('class')} whole-page")


def _fits_a_page(section: Element) -> bool:
    """Tell whether a section surely fits on one page: few words and no picture."""
    few = len(xhtml.letters(xhtml.words(section))) <= _FITS_A_PAGE
    return few and next(xhtml.elements(section, "img", "table", "pre"), None) is None


def _folio_places(root: Element) -> list[Element]:
    """Return the elements that show a page number."""
    return [element for element in root.iter() if element.get(_FOLIO)]


def _shows(element: Element) -> bool:
    """Tell whether an element shows page numbers."""
    return bool(element.get(_FOLIO) or element.get(LOCATORS))


def _hold_folio(element: Element) -> None:
    """Keep a folio on the line of the last word before it."""
    before = element.getprevious()
    if before is not None:
        before.tail = "\u00a0\u00a0\u00a0"


def _set_notes(body: Element, notes: Mapping[str, Note]) -> None:
    """Put each note at its first call, from where it floats to the page's foot.

    One that is first called in another note goes to the end: no note floats out of a floating note.
    """
    first_calls = {note.calls[0]: note for note in notes.values() if note.calls}
    inside: list[Element] = []
    for call in _calls(body):
        if note := first_calls.get(call.get("id", "")):
            inside += _calls(_set_note(call, note))
    for call in inside:  # which grows: a note in a note may call another
        if note := first_calls.get(call.get("id", "")):
            footnote = _set_note(call, note)
            inside += _calls(footnote)
            _move_to_end(footnote, _end_notes(body))


def _calls(root: Element) -> list[Element]:
    """Return the note calls in an element."""
    return [a for a in xhtml.elements(root, "a") if "note-call" in xhtml.classes(a)]


def _set_note(call: Element, note: Note) -> Element:
    """Put a note into its call, a link to it whose number the engine makes; the note's own leads back."""
    footnote = xhtml.new(None, "span", class_="footnote", id=note.anchor, data_label=note.label)
    content = xhtml.parse_fragment(note.body)
    for block in [content, *xhtml.elements(content, *_CONTAINERS)]:
        _drop_space_between(block)
    footnote.text = content.text
    footnote.extend(content)
    number = xhtml.new(None, "a", f"{note.label}.", class_="note-number", href=f"#{call.get('id', '')}")
    first = next(xhtml.elements(footnote, "p"), footnote)
    number.tail, first.text = f" {first.text or ''}", None
    first.insert(0, number)
    call.set("class", "call")
    call.text = None
    call[:] = [footnote]
    return footnote


def _float_figures(body: Element) -> None:
    """Let figures float to the head of a page; one in a list or a box, or with notes, stays where it is."""
    for figure in [figure for figure in xhtml.elements(body, "figure") if "at-top" in xhtml.classes(figure)]:
        holder = figure.getparent()
        has_notes = any("note-call" in xhtml.classes(link) for link in xhtml.elements(figure, "a"))
        if holder is None or holder.get("data-section") is None or has_notes:
            continue
        place = xhtml.new(None, "div", class_="float-place")
        place.tail, figure.tail = figure.tail, None
        holder.replace(figure, place)
        figure.set("class", f"{figure.get('class')} {FLOATED}")
        _drop_space_between(figure)
        place.append(figure)


def _fit_lists_of_notes(body: Element) -> None:
    """Mark listed notes as such, and take their arrows back to the calls out: paper has nothing to press."""
    for item in [li for li in xhtml.elements(body, "li") if li.get(xhtml.EPUB_TYPE) == "endnote"]:
        item.set("class", f"end-note {item.get('class', '')}".strip())
    for link in [a for a in xhtml.elements(body, "a") if "note-back" in xhtml.classes(a)]:
        paragraph = link.getparent()
        xhtml.remove(link)
        if paragraph is not None and not len(paragraph) and not (paragraph.text or "").strip():
            xhtml.remove(paragraph)
        elif paragraph is not None:
            _strip_end(paragraph)


def _strip_end(paragraph: Element) -> None:
    """Take the white space at a paragraph's end away."""
    if len(paragraph):
        paragraph[-1].tail = (paragraph[-1].tail or "").rstrip()
    else:
        paragraph.text = (paragraph.text or "").rstrip()


def _drop_space_between(container: Element) -> None:
    """Take out the white space around blocks: inside a floating note WeasyPrint makes lines of it."""
    if not (container.text or "").strip():
        container.text = None
    for block in container:
        if not (block.tail or "").strip():
            block.tail = None


def _size_drawings(body: Element, book: Book) -> None:
    """Give SVG pictures the width that they want: in right-to-left text WeasyPrint stops without one."""
    widths = {
        picture.path: picture.width for picture in book.resources if picture.media_type == "image/svg+xml"
    }
    for image in xhtml.elements(body, "img"):
        width, style = widths.get(image.get("src", "")), image.get("style", "")
        if width and "width" not in style:
            image.set("style", f"width: {width}px; {style}")


def _count_from_the_start(body: Element) -> None:
    """Let a list begin at its number, and an item have its own, by styles: the attributes are only hints."""
    for ordered in xhtml.elements(body, "ol"):
        start = ordered.get("start", "")
        if start.lstrip("-").isdecimal():
            ordered.set("style", f"counter-reset: list-item {int(start) - 1}; {ordered.get('style', '')}")
    for item in xhtml.elements(body, "li"):
        if (value := item.get("value", "")).lstrip("-").isdecimal():
            item.set(
                "style",
                f"counter-increment: none; counter-set: list-item {int(value)}; {item.get('style', '')}",
            )


def _part_rubies(body: Element) -> None:
    """Give a word with a long reading room at both sides; a reading may hang over what is beside."""
    for ruby in xhtml.elements(body, "ruby"):
        readings = [len("".join(rt.itertext())) for rt in xhtml.elements(ruby, "rt")]
        base = sum(len(text) for text in (ruby.text, *(child.tail for child in ruby)) if text)
        room = (max(readings, default=0) * _READING - base - _READING) / 2
        if len(readings) == 1 and room > 0:
            ruby.set("style", f"padding: 0 {room:.2f}em")


def _let_addresses_break(body: Element) -> None:
    """Let addresses and names in code break after a slash or a full stop: no hyphen may stand in them."""
    for element in xhtml.elements(body, "a", "code"):
        parent = element.getparent()
        in_code_block = parent is not None and xhtml.local_name(parent) == "pre"
        if element.text and not in_code_block and len(element.text) > _LONG_WORD:
            element.text = _BREAKS.sub("\\g<0>\u200b", element.text)


def _send_links_elsewhere(body: Element) -> None:
    """Mark links whose target is in another stretch; the binder makes them internal again."""
    here = {element.get("id") for element in body.iter() if element.get("id")}
    for link in xhtml.elements(body, "a"):
        target = link.get("href", "")
        if target.startswith("#") and target[1:] not in here:
            link.set("href", f"{ELSEWHERE}{target[1:]}")


def _long_notes(pages: Sequence[Page]) -> frozenset[str]:
    notes = (note for page in pages for note in page.section.notes)
    return frozenset(note.anchor for note in notes if len(note.letters) > _LONG_NOTE)


def with_notes_at_end(job: SheetJob, anchors: frozenset[str]) -> SheetJob:
    """Move some notes from the foot of the page to the last section's end, where they may cross pages."""
    if not anchors:
        return job
    html = xhtml.parse_page(job.xhtml)
    footnotes = [span for span in xhtml.elements(html, "span") if "footnote" in xhtml.classes(span)]
    notes = [footnote for footnote in footnotes if footnote.get("id") in anchors]
    if not notes:
        return job
    place = _end_notes(html)
    for note in notes:
        _move_to_end(note, place)
    return SheetJob(job.name, xhtml.serialize_page(html).decode(), job.images)


def _end_notes(root: Element) -> Element:
    """Return the place for notes at the last section's end, made when it is first asked for."""
    *_, last = (s for s in xhtml.elements(root, "section") if s.get("data-section") is not None)
    if len(last) and "end-notes" in xhtml.classes(last[-1]):
        return last[-1]
    return xhtml.new(last, "div", class_="end-notes")


def _move_to_end(note: Element, place: Element) -> None:
    call = note.getparent()
    if call is not None:
        call.set("class", "note-call")
        call.text, call[:] = note.get("data-label", ""), []
    note.tag = place.tag
    note.set("class", "end-note")
    place.append(note)


def with_folios(stretch: Stretch, folios: Mapping[str, str]) -> SheetJob:
    """Return a stretch's job with the page numbers that it shows filled in; unknown ones are « 000 »."""
    if not stretch.shown:
        return stretch.job
    html = xhtml.parse_page(stretch.job.xhtml)
    for element in _folio_places(html):
        element.text = folios.get(element.get(_FOLIO, ""), "000")
    for element in [element for element in html.iter() if element.get(LOCATORS)]:
        fill_locators(element, folios)
    return SheetJob(stretch.job.name, xhtml.serialize_page(html).decode(), stretch.job.images)
