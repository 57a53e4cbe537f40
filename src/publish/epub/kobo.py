"""Sentences → the spans by which Kobo's newer engine finds its places (« kepub »).

Every stretch of text of a page stands in `<span class="koboSpan" id="kobo.P.S">`: P counts paragraphs,
S sentences in one; a picture is a sentence. Two wrappers let the reader set columns and margins.
"""

from __future__ import annotations

import re

from publish import xhtml
from publish.xhtml import Element

#: A sentence with the space after it: it ends at a mark, with the closing quotes and brackets behind it.
_SENTENCE = re.compile(
    r"""\S.*?(?: [.!?…]+ (?:[\x20\u00a0\u202f]?[”’»)\]] | ["'])* (?:\s+|$)
             | [。！？]+[」』”’）]*\s*
             | $)""",
    re.DOTALL | re.VERBOSE,
)
_PARAGRAPHS = frozenset(
    "p ol ul dl table blockquote pre h1 h2 h3 h4 h5 h6 li dt dd td th caption figcaption".split()
)
#: Their text isn't the page's.
_CLOSED = frozenset({"svg", "math", "script", "style", "rt", "rp"})


def wrap_sentences(body: Element) -> None:
    """Wrap the text of a page, sentence by sentence, and the page itself."""
    counter = _Counter()
    _wrap(body, counter)
    inner = xhtml.new(None, "div", id="book-inner")
    inner.text, body.text = body.text, None
    inner.extend(list(body))
    columns = xhtml.new(body, "div", id="book-columns")
    columns.append(inner)


class _Counter:
    """Numbers paragraphs and sentences."""

    def __init__(self) -> None:
        self.paragraph, self.sentence = 0, 0

    def next_paragraph(self) -> None:
        self.paragraph, self.sentence = self.paragraph + 1, 0

    def span(self) -> Element:
        if not self.paragraph:
            self.next_paragraph()
        self.sentence += 1
        return xhtml.new(None, "span", class_="koboSpan", id=f"kobo.{self.paragraph}.{self.sentence}")


def _wrap(element: Element, counter: _Counter) -> None:
    name = xhtml.local_name(element)
    if not name or name in _CLOSED:
        return
    if name in _PARAGRAPHS:
        counter.next_paragraph()
    children = list(element)
    element.text, spans = _sentences(element.text, counter)
    _insert(element, 0, spans)
    for child in children:
        tail, child.tail = child.tail, None
        placed = _wrapped_picture(child, counter) if xhtml.local_name(child) == "img" else child
        if placed is child:
            _wrap(child, counter)
        placed.tail, spans = _sentences(tail, counter)
        _insert(element, element.index(placed) + 1, spans)


def _wrapped_picture(image: Element, counter: _Counter) -> Element:
    span, parent = counter.span(), image.getparent()
    if parent is not None:
        parent.replace(image, span)
    span.append(image)
    return span


def _insert(parent: Element, place: int, spans: list[Element]) -> None:
    for number, span in enumerate(spans):
        parent.insert(place + number, span)


def _sentences(text: str | None, counter: _Counter) -> tuple[str | None, list[Element]]:
    """Return the white space before the first sentence, and the sentences as spans."""
    if not text or not text.strip():
        return text, []
    spans = []
    for sentence in _SENTENCE.findall(text):
        span = counter.span()
        span.text = sentence
        spans.append(span)
    return text[: len(text) - len(text.lstrip())] or None, spans
