"""Division of words: by the language of each element, and as the book itself wants it."""

from __future__ import annotations

import re
from pathlib import Path

import pypdfium2
import pyphen
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import publish
from publish import manuscript, xhtml
from publish.book import Hyphenation
from publish.pdf.hyphens import divide


def divided(fragment: str, *words: str, keep_names: bool = False) -> str:
    """Return a fragment whose words are marked, soft hyphens shown as ·."""
    body = xhtml.parse_fragment(fragment)
    divide(body, Hyphenation(words, keep_names=keep_names))
    return xhtml.serialize_fragment(body).replace("\u00ad", "·")


def test_the_books_own_words() -> None:
    """Hyphens say where a word may be divided; without any it never is; code is left alone."""
    assert divided(
        "<p>Le micropuce, <em>Micropuce</em> et <code>micropuce</code> de DeepSeek.</p>",
        "micro-puce",
        "DeepSeek",
    ) == (
        '<p>Le <span class="divided">micro·puce</span>, <em><span class="divided">Micro·puce</span></em> et '
        '<code>micropuce</code> de <span class="undivided">DeepSeek</span>.</p>'
    )


def test_a_line_breaks_before_the_t_that_only_sounds() -> None:
    """The t of « passe-t-elle » stands with its pronoun; other hyphens are left alone."""
    assert divided("<p>Par où passe-t-<em>elle</em> et va-t-il ? A-t-on dit le t-shirt ?</p>") == (
        '<p>Par où passe-t-<em>elle</em> et va-<span class="unbroken">t-il</span> ? '
        'A-<span class="unbroken">t-on</span> dit le t-shirt ?</p>'
    )


def test_names_are_kept_on_request() -> None:
    """A capital inside a sentence makes a name; one at its head doesn't."""
    assert divided("<p>Importance de Chateaubriand. Personne.</p>", keep_names=True) == (
        '<p>Importance de <span class="undivided">Chateaubriand</span>. Personne.</p>'
    )
    assert divided("<p>Importance de Chateaubriand.</p>") == "<p>Importance de Chateaubriand.</p>"


@settings(deadline=None, derandomize=True)
@given(st.text(alphabet="ab MP’<&-\u00a0", max_size=40), st.text(alphabet="ab MP’-", max_size=40))
def test_no_letter_is_lost(one: str, other: str) -> None:
    """Whatever is marked, the text stays."""
    body = xhtml.parse_fragment("<p>x<em>y</em>z<b/></p>")
    paragraph, emphasis, bold = body[0], body[0][0], body[0][1]
    paragraph.text, emphasis.text, emphasis.tail, bold.tail = one, other, one, other
    divide(body, Hyphenation(("a-b", "ba", "Ma-b"), keep_names=True))
    assert xhtml.words(body).replace("\u00ad", "") == one + other + one + other


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "fr",
            "aujourd’hui l’importance jusqu’alors n’entendre presqu’île puisqu’elle grand’mère entr’ouvrir",
        ),
        (
            "it",
            "dell’acqua un’anima l’intelligenza quest’altra sull’altipiano nell’universo d’accordo",
        ),
    ],
)
def test_no_pattern_divides_after_an_apostrophe(language: str, words: str) -> None:
    """The patterns of French and of Italian know elision."""
    patterns = pyphen.Pyphen(lang=language)
    for word in words.split():
        assert not any(word[place - 1] == "’" for place in patterns.positions(word)), word


def test_the_settings(tmp_path: Path) -> None:
    """book.toml and front matter say the same."""
    (tmp_path / "a.md").write_text("---\ntitle: T\nhyphenation: {words: [ab-cd], names: false}\n---\nA.\n")
    (tmp_path / "book.toml").write_text(
        'title = "T"\n[hyphenation]\nwords = ["ab-cd"]\nnames = false\n[sections]\nbody = ["a.md"]\n'
    )
    for source in (tmp_path, tmp_path / "a.md"):
        book, _ = manuscript.read(source)
        assert book.settings.hyphenation == Hyphenation(("ab-cd",), keep_names=True)


@pytest.mark.slow
def test_each_language_divides_its_own_words(tmp_path: Path) -> None:
    """An English passage of a French book is divided as English is; two letters stay before, three after."""
    words = "internationalization " * 40
    (tmp_path / "b.md").write_text(
        f"---\nlang: fr\ntitle: T\n---\n# Un\n\n{words}\n\n# Deux\n\n[{words.strip()}]{{lang=en}}\n", "utf-8"
    )
    publish.build(tmp_path / "b.md", {"pdf": tmp_path / "b.pdf"}, publish.Options(cache=tmp_path / "cache"))
    with pypdfium2.PdfDocument(tmp_path / "b.pdf") as bound:
        pages = [page.get_textpage().get_text_bounded() for page in bound]
    french, english = ({*re.findall(r"\b(\w+)(?:\x02|[\u2010\ufffe-]\s*\n)", page)} for page in _prose(pages))
    assert french <= _parts("fr")
    assert english <= _parts("en")
    assert english - french


def _prose(pages: list[str]) -> list[str]:
    return [page for page in pages if page.count("internat") > 9]


def _parts(language: str) -> set[str]:
    """Return what may stand before a hyphen: two letters at least, in lines wide open; three after it."""
    word = "internationalization"
    return {word[:end] for end in pyphen.Pyphen(lang=language).positions(word) if 2 <= end <= len(word) - 3}
