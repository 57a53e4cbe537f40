"""Text → text set as a language's typographers set it: spaces, quotation marks, dashes, apostrophes.

A language is one file, `fr.toml`: an ordered table of small rules, each with its authority and its
examples. The rules that the engine applies move white space and change signs; they never change a
letter or a figure, and applying them twice is applying them once. Others say which letters are shown in
another form (`act = "shape"`). What a proof-reader would mark
besides stands in the same tables (`act = "fix"`, `act = "mark"`).
"""

from __future__ import annotations

from publish.typography.rules import (
    PLAIN,
    Edit,
    House,
    Match,
    Rule,
    Shape,
    Style,
    known_rules,
    languages,
    style,
    visible,
)

__all__ = [
    "BREAK", "FIELD", "LINE", "PLAIN", "Edit", "House", "Match", "Rule", "Shape", "Style",
    "count_words", "known_rules", "languages", "safe", "style", "visible",
]  # fmt: skip

#: Stands between two paragraphs of a text, and at its ends.
BREAK = "\x1e"
#: Stands for what no rule may see: code, mathematics, an address, words in another language.
FIELD = "\ufffc"
#: Stands for a line that the author broke.
LINE = "\u2028"


#: Each byte of a text → a space, or a letter in place of all that isn't one.
_PARTED = bytes(ord(" ") if chr(code).isspace() else ord("x") for code in range(0x80)) + b"x" * 0x80


def count_words(text: str) -> int:
    """Count the words of a text that is set: a no-break space parts none from its sign or its number."""
    # counted as bytes: str.split makes half a million strings of a long novel
    marks = text.encode(errors="surrogatepass").translate(_PARTED)
    return marks.count(b"x ") + marks.endswith(b"x")


def safe(text: str) -> str:
    """Return a text for readers whose fonts lack U+202F and U+2007 and draw a box: they get U+00A0."""
    return text.replace("\u202f", "\u00a0").replace("\u2007", "\u00a0")
