"""What the documents hold → accessibility metadata; only what is true of this book.

EPUB Accessibility 1.1, sections 2.2 (conformance) and 2.3 (discovery); the terms are schema.org's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from publish.book import Accessibility, Book
from publish.epub.documents import Facts
from publish.words import Words, words

#: The only claim that is ever made; case and spaces are the standard's (EPUB Accessibility 1.1, 2.2).
CLAIM = "EPUB Accessibility 1.1 - WCAG 2.2 Level AA"
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})


def properties(book: Book, facts: Facts, *, refused: bool) -> Iterator[tuple[str, str]]:
    """Return pairs of property and value, in the order of the package document.

    `refused`: something in the book stands against the claim of conformance (see `claim`).
    """
    worded: set[str] = {picture.words for picture in facts.pictures}
    content = worded - {"decoration"}
    complete = "bare" not in worded
    yield "schema:accessMode", "textual"
    if content:
        yield "schema:accessMode", "visual"
        yield "schema:accessModeSufficient", "textual,visual"
    if complete:
        yield "schema:accessModeSufficient", "textual"
    for feature in _features(facts, described=bool(content) and complete):
        yield "schema:accessibilityFeature", feature
    yield "schema:accessibilityHazard", "none"
    yield "schema:accessibilitySummary", _summary(book, content, complete=complete)
    if facts.has_pages:
        yield "pageBreakSource", _page_source(book)
    yield from _claim(book.settings.accessibility, refused=refused)
    for exemption in book.settings.accessibility.exemptions:
        yield "a11y:exemption", exemption


def _page_source(book: Book) -> str:
    """Name the edition whose pages are marked: by its ISBN, else in words (EPUB Accessibility 1.1, 3.4)."""
    metadata, (width, height) = book.metadata, book.settings.print.trim
    if metadata.isbn_print:
        return metadata.isbn_urn(metadata.isbn_print)
    parts = (metadata.title, metadata.publisher, metadata.date, f"PDF, {width:g} × {height:g} mm")
    return ", ".join(part for part in parts if part)


def _claim(said: Accessibility, *, refused: bool) -> Iterator[tuple[str, str]]:
    """Claim what the certifier answers for; where that is refused, say that nothing is conformed to."""
    if said.certifier and not refused:
        yield "dcterms:conformsTo", CLAIM
        yield "a11y:certifiedBy", said.certifier
    elif refused:
        yield "dcterms:conformsTo", "none"


def _features(facts: Facts, *, described: bool) -> Iterator[str]:
    yield from ("tableOfContents", "readingOrder", "displayTransformability")
    if facts.elements & _HEADINGS:
        yield "structuralNavigation"
    if described:
        yield "alternativeText"
    if "math" in facts.elements:
        yield "MathML"
    if "ruby" in facts.elements:
        yield "rubyAnnotations"
    if facts.has_index:
        yield "index"
    if facts.has_pages:
        yield from ("pageNavigation", "pageBreakMarkers")


def _summary(book: Book, content: set[str], *, complete: bool) -> str:
    said = words(book.metadata.language).accessibility
    sentences = [said["text"]]
    if content:
        sentences.append(said["described" if complete else "bare"])
    if any(section.notes for section in book.sections):
        sentences.append(said["notes"])
    if book.settings.accessibility.summary:
        sentences.append(book.settings.accessibility.summary)
    return " ".join(sentences)


def statements(values: Mapping[str, Sequence[str]], own: Words) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Turn properties of a package document into what a shop shows: headings, each with its sentences.

    After the Accessibility Metadata Display Guide for Digital Publications 2.0 of the W3C.
    """
    said = own.accessibility
    features = frozenset(values.get("schema:accessibilityFeature", ()))
    for heading, sentences in (
        ("ways", _ways(values, features)),
        ("conformance", _conformance(values, own)),
        ("navigation", _known(features, _NAVIGATION)),
        ("rich", _known(features, _RICH)),
        ("hazards", _hazards(values.get("schema:accessibilityHazard", ()))),
        ("summary", values.get("schema:accessibilitySummary", ())),
        ("legal", ["exempt"] if values.get("a11y:exemption") else []),
    ):
        if sentences:
            yield said[heading], tuple(said.get(sentence, sentence) for sentence in sentences)


#: Feature → name of its sentence, in the guide's order.
_NAVIGATION = {
    "tableOfContents": "contents", "index": "index", "structuralNavigation": "structure",
    "pageNavigation": "pages",
}  # fmt: skip
_NO_HAZARDS = frozenset({"noFlashingHazard", "noMotionSimulationHazard", "noSoundHazard"})
_RICH = {"MathML": "math", "latex": "latex", "rubyAnnotations": "rubies"}


def _known(features: frozenset[str], names: Mapping[str, str]) -> list[str]:
    return [name for feature, name in names.items() if feature in features]


def _hazards(found: Sequence[str]) -> Sequence[str]:
    """Name the hazards that there are by their terms; none where all are denied."""
    named = [hazard for hazard in found if hazard not in ("none", *_NO_HAZARDS)]
    return named or (["no-hazards"] if "none" in found or set(found) >= _NO_HAZARDS else [])


def _ways(values: Mapping[str, Sequence[str]], features: frozenset[str]) -> list[str]:
    readable = "nonvisual" if "textual" in values.get("schema:accessModeSufficient", ()) else "not-nonvisual"
    says = any(name.startswith("schema:accessMode") for name in values)
    return [
        *(["appearance"] if "displayTransformability" in features else []),
        readable if says else "unknown",
        *(["alternatives"] if "alternativeText" in features else []),
    ]


def _conformance(values: Mapping[str, Sequence[str]], own: Words) -> list[str]:
    claims = [claim for claim in values.get("dcterms:conformsTo", ()) if claim != "none"]
    if not claims:
        return ["unknown"]
    names = values.get("a11y:certifiedBy", ())
    certified = [own.accessibility["certified"].format(name=name) for name in names]
    return ["meets", *certified, *(own.accessibility["standard"].format(claim=claim) for claim in claims)]
