"""The short cuts for prose say what the rules say that they spare."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.rules_core import inline

from publish.manuscript import dialect

CASES = [
    "Un mot.\n\nDeux mots\nsur deux lignes.\n",
    "Terme\n\n: sa définition\n\nAutre terme\n: définie tout de suite\n\nEt\n\n\n~ plus loin\n",
    "- Une puce\n\n  et sa suite\n\n> Une citation\n>\n> en deux temps\nparesseuse\n",
    "a. une liste\n\nii) une autre\n\n« Parole », dit-il.\n\n— Réplique &amp; *fin*\n",
    "Titre\n=====\n\nTexte  \n\nMot mot\n\n    du code\n\nDernier mot",
    "Un mot| deux\n\n::: note\n\nDedans, un mot.\n\n:::\n\nTable: légende\n",
]
PIECES = st.sampled_from([
    "Un mot de plus.", "Terme ", ": défini", "~ défini", "> ", "- ", "1. ", "a. un", "    ", "\n", "\n\n",
    "\t", " ", "===", "---", "```", "*fin*", "[^1]", "[^1]: Une note.", "«\u00a0Parole\u00a0»", "— Non.",
    "| a | b |", ":::", "&amp;", "\\",
])  # fmt: skip


def long_way() -> MarkdownIt:
    """Make the dialect's parser without the short cuts."""
    dialect._parser.cache_clear()
    parser = dialect._parser()
    dialect._parser.cache_clear()
    parser.block.ruler.disable("prose")
    parser.core.ruler.at("inline", inline)
    return parser


LONG_WAY = long_way()


def told(tokens: list[Any]) -> list[dict[str, Any]]:
    """Return all that tokens hold."""
    return [token.as_dict() for token in tokens]


@pytest.mark.parametrize("text", CASES)
def test_cases(text: str) -> None:
    """Whole paragraphs of one line beside all that could be taken for one."""
    assert told(dialect.parse(text)) == told(LONG_WAY.parse(text, {}))


@given(st.lists(PIECES, max_size=12).map("".join))
def test_any_mixture_of_lines(text: str) -> None:
    """The same for texts that nobody thought of."""
    assert told(dialect.parse(text)) == told(LONG_WAY.parse(text, {}))
