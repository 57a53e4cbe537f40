"""Formulas on pages → pictures: the typesetter knows no MathML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from html import unescape

from publish.book import Page
from publish.cache import Store, key
from publish.problems import Place, Problem

_MATH = re.compile(r"<math\b[^<>]*>.*?</math>([.,;:!?)\]»”’…]*)", re.DOTALL)
_ALTERNATIVE = re.compile(r'\salttext="([^"]*)"')
_LINE = re.compile(r'\sdata-line="(\d+)"')
#: Folder of the pictures, where the typesetter looks for them.
_FOLDER = "formulas"


def with_drawings(
    pages: Sequence[Page], store: Store
) -> tuple[tuple[Page, ...], dict[str, bytes], tuple[Problem, ...]]:
    """Replace the formulas of pages by pictures; return the pages, the pictures by path, and what failed."""
    pictures: dict[str, bytes] = {}
    problems: list[Problem] = []
    return tuple(_drawn(page, pictures, problems, store) for page in pages), pictures, tuple(problems)


def _drawn(page: Page, pictures: dict[str, bytes], problems: list[Problem], store: Store) -> Page:
    if "<math" not in page.xhtml and not any("<math" in note.body for note in page.section.notes):
        return page
    from publish import formulas  # noqa: PLC0415 - only a book with formulas loads its engines

    def image(match: re.Match[str]) -> str:
        behind = match[1]
        element = match[0].removesuffix(behind) if behind else match[0]
        found = _ALTERNATIVE.search(element)
        alternative = found[1] if found else ""
        try:
            made = _picture(element, pictures, store)
        except formulas.FormulaError as error:
            lines = _LINE.findall(page.xhtml, 0, match.start())
            place = Place(page.section.source, int(lines[-1]) if lines else page.section.line)
            fact = f"the formula “{unescape(alternative)[:60]}” is not in the PDF: {error}"
            problems.append(Problem("bad-formula", place, fact, "write it in another way"))
            return ""
        picture = f'<img class="formula" alt="{alternative}" {made}/>'
        # a full stop stays on the line of its formula
        return f'<span class="unbroken">{picture}{behind}</span>' if behind else picture

    notes = tuple(replace(note, body=_MATH.sub(image, note.body)) for note in page.section.notes)
    return replace(page, xhtml=_MATH.sub(image, page.xhtml), section=replace(page.section, notes=notes))


def _picture(element: str, pictures: dict[str, bytes], store: Store) -> str:
    """Draw a `math` element, or find its drawing, and return the attributes of its image."""
    from publish import formulas  # noqa: PLC0415 - as above

    name = f"{_FOLDER}/{sha256(element.encode()).hexdigest()[:24]}.svg"
    kept_under = key("formula", formulas.ENGINE, element)
    kept = store.get(kept_under)
    if kept is None:
        made = formulas.drawing(element)
        style = f"width: {made.width:.4f}em; vertical-align: {-made.depth:.4f}em"
        kept = f"{style}\n".encode() + made.svg
        store.put(kept_under, kept)
    style_text, _, svg = kept.partition(b"\n")
    pictures[name] = svg
    return f'src="{name}" style="{style_text.decode()}"'
