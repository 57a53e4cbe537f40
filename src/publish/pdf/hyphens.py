"""The book's own words → where print may divide them.

The typesetter divides words by the patterns of the language of each element, three letters at least before
the hyphen (two where a line would be wide else) and after it. A word that the book divides otherwise, or
never, gets an element of its own: soft hyphens in it, or a class that forbids them. A French line breaks
before the t of « passe-t-elle » only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from publish import xhtml
from publish.book import Hyphenation
from publish.xhtml import Element

_SOFT_HYPHEN = "\u00ad"
#: A name: a capital inside a sentence. Shorter words are never divided anyway.
_NAME = re.compile(
    r"(?<=[\w,;:)»”][ \u00a0\u202f])[A-ZÀ-ÖØ-ÞŒ][\w’-]{5,}|(?<=\b[dlDL]’)[A-ZÀ-ÖØ-ÞŒ][\w’-]{5,}"
)
#: The t that only sounds, with its pronoun (Lexique, « Coupures »).
_EUPHONIC = re.compile(r"(?<=-)t-(?:ils?|elles?|on)(?!\w)")
#: The elements whose own texts have one.
_SOUNDING = xhtml.finder('descendant-or-self::*[text()[contains(., "-t-")]]')
#: What isn't divided anyway, or isn't text.
_LEFT_ALONE = frozenset({"code", "pre", "kbd", "samp", "math", "svg", "script", "style"})


def divide(body: Element, hyphenation: Hyphenation) -> None:
    """Mark a page's words that the book divides itself, and those that may not part behind a hyphen."""
    all_texts = hyphenation.words or hyphenation.keep_names
    if not (elements := list(_texts(body)) if all_texts else _that_sound(body)):
        return
    divided = {word.replace("-", ""): word.replace("-", _SOFT_HYPHEN) for word in hyphenation.words}
    pattern = _pattern(divided, names=hyphenation.keep_names)
    for element in elements:
        _mark(element, pattern, divided)


def _that_sound(body: Element) -> list[Element]:
    """Return the elements of prose with a « -t- »: few, and found without a look at all others."""
    found = _SOUNDING(body)
    around = ({xhtml.local_name(one) for one in (element, *element.iterancestors())} for element in found)
    return [element for element, names in zip(found, around, strict=True) if names.isdisjoint(_LEFT_ALONE)]


def _pattern(divided: dict[str, str], *, names: bool) -> re.Pattern[str]:
    """Return what finds the words, with a capital too, and names."""
    forms = {form for word in divided for form in (word, word[:1].upper() + word[1:])}
    words = "|".join(map(re.escape, sorted(forms, reverse=True)))
    parts = [rf"(?<!\w)(?:{words})(?!\w)"] * bool(words) + [_NAME.pattern] * names + [_EUPHONIC.pattern]
    return re.compile("|".join(parts))


def _texts(element: Element) -> Iterator[Element]:
    """Iterate over the elements whose text, and whose children's tails, are prose."""
    if xhtml.local_name(element) and xhtml.local_name(element) not in _LEFT_ALONE:
        yield element
        for child in element:
            yield from _texts(child)


def _mark(element: Element, pattern: re.Pattern[str], divided: dict[str, str]) -> None:
    """Give the words of an element's own text elements of their own."""
    places = [(None, element.text or ""), *((child, child.tail or "") for child in element)]
    for child, text in reversed(places):
        end = len(text)
        for match in reversed(list(pattern.finditer(text))):
            span = _word(match[0], divided)
            span.tail, end = text[match.end() : end], match.start()
            element.insert(0 if child is None else element.index(child) + 1, span)
        if child is None:
            element.text = text[:end]
        else:
            child.tail = text[:end]


def _word(word: str, divided: dict[str, str]) -> Element:
    if word.startswith("t-"):
        return xhtml.new(None, "span", word, class_="unbroken")
    parts = divided.get(word) or divided.get(word[:1].lower() + word[1:], word)
    if _SOFT_HYPHEN not in parts:
        return xhtml.new(None, "span", word, class_="undivided")
    return xhtml.new(None, "span", word[0] + parts[1:], class_="divided")
