"""What the documents hold → accessibility metadata; only what is true of this book.

EPUB Accessibility 1.1, section 2.3 (discovery); the terms are schema.org's.
"""

from __future__ import annotations

from collections.abc import Iterator

from publish.book import Book
from publish.epub.documents import Facts

_SUMMARY = {
    "en": {
        "text": "The whole text can be read aloud, enlarged and set in other fonts and colours. "
        "A table of contents leads to its parts.",
        "described": "All images that mean something have alternative text.",
        "bare": "Some images have no alternative text.",
        "notes": "Links lead from the notes’ calls to the notes and back.",
    },
    "fr": {
        "text": "Tout le texte peut être lu par une voix de synthèse, agrandi, et affiché dans d’autres "
        "polices et d’autres couleurs. Une table des matières mène à ses parties.",
        "described": "Toutes les images porteuses de sens ont un texte de remplacement.",
        "bare": "Des images n’ont pas de texte de remplacement.",
        "notes": "Des liens mènent des appels de notes aux notes, et retour.",
    },
}


def properties(book: Book, facts: Facts) -> Iterator[tuple[str, str]]:
    """Return pairs of property and value, in the order of the package document."""
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


def _features(facts: Facts, *, described: bool) -> Iterator[str]:
    yield from ("tableOfContents", "readingOrder", "displayTransformability")
    if facts.elements & {"h1", "h2", "h3", "h4", "h5", "h6"}:
        yield "structuralNavigation"
    if described:
        yield "alternativeText"
    if "math" in facts.elements:
        yield "MathML"
    if "ruby" in facts.elements:
        yield "rubyAnnotations"


def _summary(book: Book, content: set[str], *, complete: bool) -> str:
    language = book.metadata.language.partition("-")[0].lower()
    words = _SUMMARY.get(language, _SUMMARY["en"])
    sentences = [words["text"]]
    if content:
        sentences.append(words["described" if complete else "bare"])
    if any(section.notes for section in book.sections):
        sentences.append(words["notes"])
    return " ".join(sentences)
