"""Reading what nobody meant to write: whatever comes in, a whole book comes out, or problems."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from PIL import Image

from publish import edit, manuscript
from publish.manuscript import dialect
from publish.problems import BookProblems, errors
from publish.xhtml import letters, parse_fragment, words

ROOT = Path(__file__).parent.parent
#: Texts of the project that use most of the language, for a desk without the real manuscripts.
OWN = (
    "docs/writing.md",
    "docs/problems.md",
    *sorted(f"tests/cases/{p.name}" for p in (ROOT / "tests/cases").glob("*.md")),
)
REAL = (
    "les-miserables-fr/manuscript", "hamlet-en/manuscript", "leaves-of-grass-en/manuscript",
    "rust-book-fr/flat", "rust-book-ar/flat", "kusamakura-ja/manuscript", "regime-ar/manuscript",
    "d2l-en-3-chapters",
)  # fmt: skip
#: What Markdown, XHTML, YAML, Unicode and our own rules give a meaning to.
BITS = (
    "# ", "## ", "*", "**", "_", "`", "```", "~~~", "[", "]", "(", ")", "![", "](dot.png)", "](#a)",
    "](a.md)", "{", "}", "{#a}", "{.b lang=ar}", '{a="', "^[", "[^1]", "[^1]: a", "> ", "- ", "1. ", "|",
    "|-|", ": ", "~", "^", ":::", "::: {.y}", "***", "===", "---\n", "...", "<b>", "</b>", "<div>",
    "</div>", "<p>", "<table>", "<td>", "<a href='x.md'>", "<script>", "</script>", "<br>",
    "<img src=dot.png>", "<T>", "<ruby>x<rt>y</rt></ruby>", "<svg>", "<style>", "<h2>", "<li>", "<math>",
    "<textarea>", "<!--", "-->", "<![CDATA[", "]]>", "<?php", "&nbsp;", "&#0;", "&#xD800;", "\\", "\\\n",
    "  \n", "\n", "\n\n", "    ", "\t", "\r", "\x00", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u200f",
    "\ufeff", "\ufffe", "海", "é", "$x$", "@a", "{{a}}", "{{<", "title: a\n", "[a]\n", "a = 1\n",
    "{=html}", "{only=pdf}", "{ruby=b}", "{{< include dot.png >}}", "{{< pagebreak >}}", "% ",
    "$$", "@fig-a", "[@a; ", "{#fig-a}", "*[A]: b", "]{.index}", "]{.term}",
)  # fmt: skip
#: One folder serves all examples of a test. What is found is not made smaller: that takes minutes here.
MANY = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)

Edit = tuple[int, int, int, str]
bits = st.sampled_from(BITS)
anything = st.lists(bits | st.text(max_size=8), max_size=40).map("".join)
#: Kind, place in thousandths of the text, length, and what is put in.
edits = st.lists(
    st.tuples(
        st.integers(0, 3), st.integers(0, 1000), st.integers(0, 60), st.lists(bits, max_size=4).map("".join)
    ),
    min_size=1,
    max_size=12,
)


def mutated(text: str, changes: Sequence[Edit]) -> str:
    """Return a text with stretches taken out, said twice, or replaced, and pieces put in."""
    for kind, place, length, piece in changes:
        start = len(text) * place // 1000
        middle = text[start : start + length]
        middle = (piece, middle + middle, middle.replace(" ", "\n") + piece, piece + middle)[kind]
        text = text[:start] + middle + text[start + length :]
    return text


def assert_read(source: Path) -> None:
    """Assert that a book is read and edited into well-formed XHTML with its letters, or into problems."""
    try:
        book, _ = manuscript.read(source)
    except BookProblems:
        return
    book, found = edit.edit(book)
    if errors(found):
        return  # a formula that can't be set, for one, leaves nothing
    for section in book.sections:
        for inline in (section.short_title, *(heading.title for heading in section.headings)):
            parse_fragment(inline)
        assert letters(words(parse_fragment(section.title + section.body))) == section.letters
        for note in section.notes:
            assert letters(words(parse_fragment(note.body))) == note.letters


@cache
def chapters(folder: Path, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the texts of some files, and of the Markdown files of some folders, in stretches of a page."""
    paths = [
        path
        for name in names
        for path in ([folder / name] if (folder / name).is_file() else (folder / name).rglob("*.md"))
    ]
    texts = [path.read_text("utf-8", errors="replace") for path in sorted(paths)]
    return tuple(text[at : at + 2500] for text in texts for at in range(0, min(len(text), 100_000), 2500))


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """Give a folder that holds an image."""
    Image.new("RGB", (4, 2), "red").save(tmp_path / "dot.png")
    return tmp_path


@MANY
@given(text=anything | st.text())
def test_any_text_is_parsed(text: str) -> None:
    """The dialect makes tokens of any text, on lines that it has."""
    text = text.replace("\r", "")
    lines = text.count("\n") + 1
    for token in dialect.parse(text):
        assert token.map is None or 0 <= token.map[0] <= token.map[1] <= lines


@MANY
@given(text=anything | st.text())
def test_any_text_is_a_book_or_problems(desk: Path, text: str) -> None:
    """A file of any text is read."""
    (desk / "book.md").write_text(text, encoding="utf-8", errors="replace", newline="")
    assert_read(desk / "book.md")


@MANY
@given(data=st.binary(max_size=200))
def test_any_bytes_are_a_book_or_problems(desk: Path, data: bytes) -> None:
    """A file of any bytes is read."""
    (desk / "book.md").write_bytes(data)
    assert_read(desk / "book.md")


@MANY
@given(data=st.data(), changes=edits)
def test_a_changed_text_is_a_book_or_problems(desk: Path, data: st.DataObject, changes: list[Edit]) -> None:
    """Texts of the project, changed at random, are read."""
    text = data.draw(st.sampled_from(chapters(ROOT, OWN)))
    (desk / "book.md").write_text(mutated(text, changes), encoding="utf-8", errors="replace", newline="")
    assert_read(desk / "book.md")


@settings(MANY, max_examples=1_000)
@given(data=st.data(), changes=edits)
def test_a_changed_chapter_is_a_book_or_problems(
    manuscripts: Path, desk: Path, data: st.DataObject, changes: list[Edit]
) -> None:
    """Chapters of real books, changed at random, are read."""
    text = data.draw(st.sampled_from(chapters(manuscripts, REAL)))
    (desk / "book.md").write_text(mutated(text, changes), encoding="utf-8", errors="replace", newline="")
    assert_read(desk / "book.md")


SETTINGS = {
    "book.toml": 'title = "T"\nlanguage = "fr"\n[sections]\nbody = ["one.md", { part = "P", chapters = [] }]'
    '\n[print]\ntrim = "a5"\n[cover]\nimage = "dot.png"\n',
    "SUMMARY.md": "# Summary\n\n[One](one.md)\n\n# Part\n\n- [Two](two.md)\n  - [Three](../three.md)\n",
    "metadata.yaml": "title: T\nauthor:\n  - name: A\n    role: trl\nlang: fr\ncover-image: dot.png\n",
    "files.txt": "one.md\ntwo.md\n",
}  # fmt: skip


@pytest.mark.parametrize("name", SETTINGS)
@MANY
@given(changes=edits)
def test_a_changed_folder_is_a_book_or_problems(desk: Path, name: str, changes: list[Edit]) -> None:
    """Settings and lists of files, changed at random, are read."""
    for file, text in {
        "one.md": "# One\n\n[two](two.md#a)\n",
        "two.md": "# Two {#a}\n\n![](dot.png)\n",
    }.items():
        (desk / file).write_text(text)
    text = mutated(SETTINGS[name], changes)
    (desk / name).write_text(text, encoding="utf-8", errors="replace", newline="")
    assert_read(desk)
