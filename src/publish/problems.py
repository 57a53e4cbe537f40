"""What can be wrong with a book, where, and what to do about it.

Every failure that a manuscript, a setting, an image, a font, a template or a style sheet can
cause is a `Problem` of one code of `CODES`. Problems are collected, never raised one by one;
`BookProblems` carries them all out of a step that can't go on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

Severity = Literal["error", "warning"]

#: The closed list: code → what it says in general. docs/problems.md and tests/broken/ follow it.
CODES: dict[str, str] = {
    # the manuscript's files
    "missing-book": "there is no book at the given path",
    "missing-file": "a file that the book lists is not there",
    "unlisted-file": "a Markdown file of the folder is in no list",
    "listed-twice": "a file is listed twice",
    "outside-book": "a path leads out of the book's folder",
    "not-utf8": "a file is not UTF-8 text",
    "empty-book": "the book has no text",
    "section-too-large": "a section is longer than the bound",
    "too-deep": "blocks are nested deeper than the bound",
    # book.toml, metadata.yaml, front matter
    "bad-settings": "a settings file can't be parsed",
    "unknown-key": "a setting that doesn't exist",
    "bad-value": "a setting has a value that can't be used",
    # the bibliography
    "bad-bibliography": "a file of works can't be read",
    "duplicate-work": "two works have one key",
    "uncited-work": "works of the bibliography that are never cited",
    # the text
    "unknown-edition": "an edition or a condition that the book doesn't have",
    "unknown-variable": "a variable that the book doesn't have",
    "bad-include": "an include leads in a circle, or too far",
    "undefined-note": "a note is called and never written",
    "uncalled-note": "a note is written and never called",
    "duplicate-note": "two notes have one name",
    "duplicate-anchor": "two places have one anchor",
    "broken-link": "a link leads to nothing in the book",
    "unknown-reference": "a reference leads to nothing in the book",
    "ambiguous-reference": "a reference may mean two places",
    "unnumbered-reference": "a reference leads to what has neither a number nor a title",
    "unknown-citation": "a citation's key is that of no work",
    "bad-formula": "a formula is no LaTeX as it is known here",
    "broken-index": "a mark of the index has no words, no end or no target",
    "unknown-term": "a glossary's term is defined nowhere",
    "unsafe-markup": "raw XHTML holds what a book may not hold; it was taken out",
    "caption-in-text": "a picture's caption stands in the running text of a plain text",
    "unclosed-div": "a fenced div is opened and never closed",
    "unclosed-comment": "a comment is opened and never closed",
    "bad-listing": "a listing asks for lines, a snippet or call-outs that aren't there",
    "bad-table": "a table whose cells don't fit together, or a file of data that can't be read",
    # images
    "missing-image": "an image is not there",
    "remote-image": "an image is somewhere on a network",
    "bad-image": "an image can't be decoded",
    "image-too-large": "an image has more pixels or bytes than the bound",
    "image-without-text": "an image has neither alternative text nor caption",
    # fonts, templates, styles
    "missing-font": "a font family is not installed",
    "missing-glyph": "no font at hand has a character of the book",
    "bad-template": "a template fails",
    "bad-style": "a style sheet holds what can't be understood",
    "refused-address": "a style sheet or a page asks for a file outside its folder or on a network",
    # the engines and the judges
    "engine-stopped": "the typesetter stopped on a section",
    "engine-warning": "the typesetter complained about a section",
    "wide-table": "a table is too wide for the printed page",
    "unset-in-print": "the typesetter can't set what the book asks for, and does the next best thing",
    "worker-memory": "a section needs more memory than a worker may take",
    "worker-time": "a section takes longer than a worker may",
    "unstable-pages": "page references don't settle",
    "lost-text": "text of the manuscript is not in the output",
    "lost-image": "an image of the manuscript is not in the output",
    "lost-note": "a note of the manuscript is not in the output",
    "lost-link": "a link of the manuscript is not in the output",
    "epubcheck": "EPUBCheck's verdict",
    "refused-claim": "the book can't claim to be accessible because of something in it",
    "store-rule": "an EPUB made for a reader breaks a rule of its store",
    "ace": "Ace's verdict on accessibility",
    "no-verdict": "a judge stopped, or took too long",
    "tool-missing": "an outside tool is not installed",
    "cannot-write": "the output can't be written",
}


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where in the manuscript: a path as the author knows it, line and column from 1 (0: unknown)."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """Return `file:line:column`, without the parts that aren't known."""
        return ":".join([self.file, *(str(n) for n in (self.line, self.column) if n)])


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    `fact` is a lower-case clause without a full stop, names in “ ”; `hint` begins with a verb,
    or is empty. An `error` stops the build, a `warning` doesn't.
    """

    code: str
    place: Place | None
    fact: str
    hint: str = ""
    severity: Severity = "error"

    def __post_init__(self) -> None:
        """Refuse a code that isn't in `CODES`: the list is closed."""
        if self.code not in CODES:
            raise ValueError(f"unknown problem code {self.code!r}")

    def __str__(self) -> str:
        """Return the lines shown to the author: `place: code: fact`, then the hint."""
        where = f"{self.place}: " if self.place else ""
        mark = "" if self.severity == "error" else f"{self.severity}: "
        hint = f"\n    hint: {self.hint}" if self.hint else ""
        return f"{where}{mark}{self.code}: {self.fact}{hint}"

    def as_dict(self) -> dict[str, str | int]:
        """Return the problem for `--json`: flat, with `file`, `line` and `column`."""
        place = self.place or Place("")
        return {
            "code": self.code, "severity": self.severity, "file": place.file,
            "line": place.line, "column": place.column, "fact": self.fact, "hint": self.hint,
        }  # fmt: skip


class BookProblems(Exception):  # noqa: N818 - it carries problems, it isn't one error
    """Raised by a step that can't go on; `problems` holds all that the step found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Keep the problems in the order of their places."""
        self.problems = in_order(problems)
        super().__init__("\n".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type[BookProblems], tuple[tuple[Problem, ...]]]:
        """Pickle by the problems, so that the exception crosses processes."""
        return type(self), (self.problems,)


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Sort problems by place, then code, each once; those without a place come last."""
    unique = dict.fromkeys(problems)
    return tuple(sorted(unique, key=lambda p: (p.place is None, p.place or Place(""), p.code, p.fact)))


def errors(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return only the problems that stop a build."""
    return tuple(problem for problem in problems if problem.severity == "error")


def nearest(name: str, names: Iterable[str], verb: str = "use") -> str:
    """Return a hint such as `use “title”`, with the nearest of the known names, or an empty string."""
    close = get_close_matches(name, sorted(names), n=1, cutoff=0.6)
    return f"{verb} “{close[0]}”" if close else ""
