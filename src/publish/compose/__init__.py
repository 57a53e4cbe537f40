"""From a `Book` to its finished pages, style sheets and cover.

    pages, problems = compose.compose(book)
    compose.stylesheets(book, "ebook")
    compose.words("fr").kind("contents")    # « Table des matières »

The cover has a module of its own, `publish.compose.cover`: what draws it is slow to load.
"""

from __future__ import annotations

from publish.compose.language import Words, words
from publish.compose.pages import compose
from publish.compose.styles import stylesheets

__all__ = ["Words", "compose", "stylesheets", "words"]
