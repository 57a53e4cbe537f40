"""Formulas in LaTeX → MathML."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

from publish.book import Book, Section
from publish.edit.fragments import holds, place, rewritten
from publish.problems import Problem

_MARK = '<span class="made" data-tex="'
_MATH_TAG = re.compile(r"</?m[a-z]+\b[^<>]*>")
_SCRIPT = re.compile(r"<m(sup|sub)>(<m[ino]>[^<>]*</m[ino]>)<m[ino]>([^<>]*)</m[ino]></m(?:sup|sub)>")
_FORMULA = re.compile(
    r'<span class="made" data-tex="([^"]*)" data-place="([^"]*)"( data-display="")?></span>'
)


def set_formulas(book: Book) -> tuple[Book, tuple[Problem, ...]]:
    """Turn the formulas of a book into MathML; tell of those that aren't LaTeX as it is known."""
    if not any(holds(section, _MARK) for section in book.sections):
        return book, ()
    problems: list[Problem] = []
    made: dict[tuple[str, bool], str] = {}
    sections = tuple(_with_formulas(section, made, problems) for section in book.sections)
    return replace(book, sections=sections), tuple(problems)


def _with_formulas(section: Section, made: dict[tuple[str, bool], str], problems: list[Problem]) -> Section:
    if not holds(section, _MARK):
        return section
    from publish import formulas  # noqa: PLC0415 - only a book with formulas loads its engines

    def change(fragment: str) -> str:
        return _FORMULA.sub(element, fragment)

    def element(match: re.Match[str]) -> str:
        tex, display = unescape(match[1]), bool(match[3])
        try:
            if (tex, display) not in made:
                made[tex, display] = formulas.mathml(tex, display=display)
            return made[tex, display]
        except formulas.FormulaError as error:
            shown = tex if len(tex) <= 60 else f"{tex[:60]}…"
            fact, hint = f"in the formula “{shown}”, {error}", "correct it"
            problem = Problem("bad-formula", place(section, match[2]), fact, hint)
            if problem not in problems:
                problems.append(problem)
            return f"<code>{match[1]}</code>"

    def short(title: str) -> str:
        return _FORMULA.sub(lambda match: _in_line(element(match)), title)

    return rewritten(section, (_MARK,), change, short)


def _in_line(element: str) -> str:
    """Return a formula as a title in contents and running heads has it: letters, simple scripts."""
    simple = _SCRIPT.sub(r"\2<\1>\3</\1>", element)
    return _MATH_TAG.sub("", simple)
