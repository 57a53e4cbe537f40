"""`Book` into `Book`: an ordered tuple of passes, each of which does one thing to the whole book."""

from __future__ import annotations

from collections.abc import Callable

from publish.book import Book
from publish.edit.abbreviations import expand_abbreviations
from publish.edit.admonitions import name_admonitions
from publish.edit.anchors import unique_anchors
from publish.edit.captions import number_captions
from publish.edit.citations import resolve_citations
from publish.edit.contents import choose_depth
from publish.edit.examples import number_examples
from publish.edit.formulas import set_formulas
from publish.edit.glossary import link_terms
from publish.edit.index import make_index
from publish.edit.links import resolve_links
from publish.edit.numbers import number_headings, number_notes, number_sections
from publish.edit.references import resolve_references
from publish.problems import Problem

Pass = Callable[[Book], tuple[Book, tuple[Problem, ...]]]

#: In the order of their work: links need the final anchors, references the numbers and then the links.
PASSES: tuple[tuple[str, Pass], ...] = (
    ("anchors", unique_anchors),
    ("formulas", set_formulas),
    ("admonitions' names", name_admonitions),
    ("sections' numbers", number_sections),
    ("headings' numbers", number_headings),
    ("captions' numbers", number_captions),
    ("examples' numbers", number_examples),
    ("references", resolve_references),
    ("citations", resolve_citations),
    ("glossary", link_terms),
    ("abbreviations", expand_abbreviations),
    ("index", make_index),
    ("links", resolve_links),
    ("notes' numbers", number_notes),
    ("the contents' depth", choose_depth),
)


def edit(book: Book) -> tuple[Book, tuple[Problem, ...]]:
    """Turn a book as it was read into a book that is fit to compose, and tell what is wrong with it."""
    problems: list[Problem] = []
    for _, edited in PASSES:
        book, found = edited(book)
        problems += found
    return book, tuple(problems)
