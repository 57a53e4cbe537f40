"""Formulas in LaTeX, with the commands that the text defines, → MathML."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape

from publish.book import Book, Section
from publish.edit.fragments import holds, place, rewritten
from publish.problems import Place, Problem

_MARKS = ('<span class="made" data-tex="', '<span class="made" data-macros="')
_MATH_TAG = re.compile(r"</?m[a-z]+\b[^<>]*>")
_SCRIPT = re.compile(r"<m(sup|sub)>(<m[ino]>[^<>]*</m[ino]>)<m[ino]>([^<>]*)</m[ino]></m(?:sup|sub)>")
#: The definitions of commands, or a formula.
_FORMULA = re.compile(
    r'<span class="made" data-macros="([^"]*)" data-place="([^"]*)"></span>\n?'
    r'|<span class="made" data-tex="([^"]*)" data-place="([^"]*)"( data-display="")?></span>'
)
_COMMAND = re.compile(r"\\([A-Za-z]+)")
#: How much of a formula a problem shows, in characters.
_SHOWN = 60


def set_formulas(book: Book) -> tuple[Book, tuple[Problem, ...]]:
    """Turn the formulas of a book into MathML; tell of those that aren't LaTeX as it is known.

    A command that the text defines holds from there to the end of the book, as Pandoc has it.
    """
    if not any(holds(section, mark) for section in book.sections for mark in _MARKS):
        return book, ()
    desk = _Desk()
    sections = tuple(
        desk.with_formulas(section) if any(holds(section, mark) for mark in _MARKS) else section
        for section in book.sections
    )
    return replace(book, sections=sections), tuple(desk.problems)


class _Desk:
    """Turns the formulas of one book, and remembers what its text defines for them."""

    def __init__(self) -> None:
        #: Each once: a formula in a title is written several times.
        self.problems: dict[Problem, None] = {}
        #: (definitions, LaTeX, on lines of its own) → MathML.
        self.made: dict[tuple[str, str, bool], str] = {}
        #: Name → definition, and the names that it uses.
        self.macros: dict[str, tuple[str, tuple[str, ...]]] = {}

    def with_formulas(self, section: Section) -> Section:
        """Return a section whose formulas are MathML."""

        def change(fragment: str) -> str:
            return _FORMULA.sub(lambda match: self._element(section, match), fragment)

        def short(title: str) -> str:
            return _FORMULA.sub(lambda match: _in_line(self._element(section, match)), title)

        return rewritten(section, _MARKS, change, short)

    def _element(self, section: Section, match: re.Match[str]) -> str:
        from publish import formulas  # noqa: PLC0415 - only a book with formulas loads its engines

        if match[1]:
            self._define(section, json.loads(unescape(match[1])), match[2])
            return ""
        tex, display = unescape(match[3]), bool(match[5])
        known = self._definitions(tex) if self.macros else ""
        try:
            if (known, tex, display) not in self.made:
                self.made[known, tex, display] = formulas.mathml(tex, display=display, macros=known)
            return self.made[known, tex, display]
        except formulas.FormulaError as error:
            shown = tex if len(tex) <= _SHOWN else f"{tex[:_SHOWN]}…"
            self._tell(place(section, match[4]), f"in the formula “{shown}”, {error}")
            return f"<code>{match[3]}</code>"

    def _define(self, section: Section, found: list[dict[str, str]], at: str) -> None:
        from publish import formulas  # noqa: PLC0415 - as above

        for macro in found:
            name, body = macro["name"], macro["body"]
            where = place(section, f"{int(at.partition(':')[0]) + int(macro['line'])}:1")
            arguments = "".join(f"#{number + 1}" for number in range(int(macro["arguments"])))
            text = rf"\def\{name}{arguments}{{{body}}}"
            wrong = macro["wrong"] or formulas.wrong_definition(text)
            if wrong:
                self._tell(where, f"the definition of “\\{name}” {wrong}")
            elif name not in self.macros or not macro["keep"]:
                self.macros[name] = text, tuple(_COMMAND.findall(body))

    def _definitions(self, tex: str) -> str:
        """Return the definitions that a formula needs, with those that they need."""
        needed: dict[str, str] = {}
        names = _COMMAND.findall(tex)
        while names:
            name = names.pop()
            if name in self.macros and name not in needed:
                needed[name], uses = self.macros[name]
                names += uses
        return "".join(needed.values())

    def _tell(self, where: Place, fact: str) -> None:
        self.problems[Problem("bad-formula", where, fact, "correct it")] = None


def _in_line(element: str) -> str:
    """Return a formula as a title in contents and running heads has it: letters, simple scripts."""
    simple = _SCRIPT.sub(r"\2<\1>\3</\1>", element)
    return _MATH_TAG.sub("", simple)
