"""A book's metadata → the `metadata` element of the package document (EPUB 3.3, section 5.5)."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator

from publish.book import Accessibility, Book, Contributor, Metadata
from publish.xhtml import escape, quoteattr

#: ONIX code list 5, kinds of product identifiers.
_ISBN13, _DOI, _URN = "15", "06", "22"
#: Schemes of subjects that EPUB has a name for (EPUB 3.3, `authority`).
_SCHEMES = {name.lower(): name for name in "BIC BISAC CLC CLIL DDC EuroVoc LCSH NDC Thema UDC".split()}
_CODED = re.compile(rf"({'|'.join(_SCHEMES)})\s+([^\s:]+)(?::\s*(.+))?", re.IGNORECASE)


def metadata_element(book: Book, accessibility: Iterable[tuple[str, str]], cover: str) -> str:
    """Turn metadata into XML lines.

    `accessibility`: pairs of property and value; `cover`: the manifest's identifier of the image, or empty.
    """
    lines = [
        *_identifiers(book.metadata),
        *_titles(book.metadata),
        _dc("language", book.metadata.language),
        *_people(book.metadata.contributors),
        *_publication(book),
        *_series(book.metadata),
        *_record(book.metadata),
        *_accessibility(book.settings.accessibility, accessibility),
    ]
    if cover:
        # Nook reads the attributes in this order only (Standard Ebooks, tools issue 577).
        lines.append(f'<meta name="cover" content={quoteattr(cover)}/>')
    body = "".join(f"    {line}\n" for line in lines)
    return f'  <metadata xmlns:dc="http://purl.org/dc/elements/1.1/">\n{body}  </metadata>\n'


def _dc(name: str, value: str, identifier: str = "") -> str:
    mark = f' id="{identifier}"' if identifier else ""
    return f"<dc:{name}{mark}>{escape(value)}</dc:{name}>"


def _meta(name: str, value: str, refines: str = "", scheme: str = "", identifier: str = "") -> str:
    marks = [f'property="{name}"']
    marks += [f'refines="#{refines}"'] if refines else []
    marks += [f'scheme="{scheme}"'] if scheme else []
    marks += [f'id="{identifier}"'] if identifier else []
    return f"<meta {' '.join(marks)}>{escape(value)}</meta>"


def _identifiers(metadata: Metadata) -> Iterator[str]:
    isbn = metadata.isbn_urn(metadata.isbn_epub)
    values = {"pub-id": metadata.identifier}
    if metadata.isbn_epub and isbn != metadata.identifier:
        values["isbn"] = isbn
    if metadata.doi and metadata.doi not in metadata.identifier:
        values["doi"] = f"https://doi.org/{metadata.doi.removeprefix('https://doi.org/')}"
    for name, value in values.items():
        yield _dc("identifier", value, name)
        kind = _ISBN13 if value.startswith("urn:isbn:") else _DOI if "doi.org/" in value else _URN
        if kind != _URN:
            yield _meta("identifier-type", kind, name, "onix:codelist5")


def _titles(metadata: Metadata) -> Iterator[str]:
    titles = (("title", "main", metadata.title), ("subtitle", "subtitle", metadata.subtitle))
    for position, (name, kind, title) in enumerate(titles, 1):
        if title:
            yield _dc("title", title, name)
            yield _meta("title-type", kind, name)
            yield _meta("display-seq", str(position), name)
    if metadata.short_title and metadata.short_title != metadata.title:
        yield _dc("title", metadata.short_title, "short-title")
        yield _meta("title-type", "short", "short-title")
        yield _meta("display-seq", "3", "short-title")


def _people(people: Iterable[Contributor]) -> Iterator[str]:
    for number, person in enumerate(people, 1):
        element = "creator" if person.role == "aut" else "contributor"
        name = f"{element}-{number}"
        yield _dc(element, person.name, name)
        yield _meta("role", person.role, name, "marc:relators")
        yield _meta("file-as", person.sort_as or _sorted_name(person.name), name)
        if person.alternate:
            tag = f" xml:lang={quoteattr(person.alternate_language)}" if person.alternate_language else ""
            text = escape(person.alternate)
            yield f'<meta property="alternate-script" refines="#{name}"{tag}>{text}</meta>'


def _sorted_name(name: str) -> str:
    """Return « Hugo, Victor » for « Victor Hugo »; a name of one word, or with a comma, stays."""
    first, _, last = name.rpartition(" ")
    return f"{last}, {first}" if first and "," not in name else name


def _publication(book: Book) -> Iterator[str]:
    metadata = book.metadata
    for name, value in (
        ("publisher", metadata.publisher or metadata.imprint),
        ("date", metadata.date),
        ("description", metadata.description),
        ("rights", metadata.rights or metadata.licence),
    ):
        if value:
            yield _dc(name, value)
    for number, subject in enumerate(dict.fromkeys((*metadata.subjects, *metadata.keywords)), 1):
        yield from _subject(subject, f"subject-{number}")
    yield _meta("dcterms:modified", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(book.modified)))
    if metadata.edition:
        yield _meta("schema:bookEdition", metadata.edition)
    if metadata.licence_url:
        yield _meta("dcterms:license", metadata.licence_url)


def _subject(subject: str, name: str) -> Iterator[str]:
    """Write a subject; « Thema FBA: Modern fiction » is a code with its term."""
    coded = _CODED.fullmatch(subject)
    if coded is None:
        yield _dc("subject", subject)
        return
    scheme, code, term = coded.groups()
    yield _dc("subject", term or code, name)
    yield _meta("authority", _SCHEMES[scheme.lower()], name)
    yield _meta("term", code, name)


def _accessibility(said: Accessibility, pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Write the pairs; what refines the claim follows it (EPUB Accessibility 1.1, sections 2.2 and 2.4)."""
    for name, value in pairs:
        if name == "dcterms:conformsTo" and value != "none":
            yield _meta(name, value, identifier="conformance")
        elif name == "a11y:certifiedBy":
            yield _meta(name, value, "conformance", identifier="certifier")
            if said.certified:
                yield _meta("dcterms:date", said.certified, "certifier")
            if said.credential:
                yield _meta("a11y:certifierCredential", said.credential, "certifier")
            if said.report:
                href = quoteattr(said.report)
                yield f'<link rel="a11y:certifierReport" refines="#certifier" href={href}/>'
        else:
            yield _meta(name, value)


def _record(metadata: Metadata) -> Iterator[str]:
    """Link what the trade knows of the book (EPUB 3.3, section D.4.1.9, `record`, and D.4.2, `onix`)."""
    if metadata.onix:
        href = quoteattr(metadata.onix)
        yield f'<link rel="record" href={href} media-type="application/xml" properties="onix"/>'


def _series(metadata: Metadata) -> Iterator[str]:
    if not metadata.series:
        return
    yield _meta("belongs-to-collection", metadata.series, identifier="series")
    yield _meta("collection-type", "series", "series")
    # Calibre and the readers that follow it know only this older form.
    yield f'<meta name="calibre:series" content={quoteattr(metadata.series)}/>'
    if re.fullmatch(r"\d+(\.\d+)*", metadata.series_position):
        yield _meta("group-position", metadata.series_position, "series")
        yield f'<meta name="calibre:series_index" content={quoteattr(metadata.series_position)}/>'
