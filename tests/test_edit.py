"""Editing: anchors, links and numbers of the whole book."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from publish import edit, manuscript
from publish.book import Book
from publish.edit.numbers import roman
from publish.problems import Problem


def edited(folder: Path, files: dict[str, str], settings: str = "") -> tuple[Book, tuple[Problem, ...]]:
    """Write a book of chapters, read it and edit it."""
    paths = ", ".join(f'"{name}"' for name in files)
    files = {"book.toml": f'title = "T"\nlanguage = "en"\nsections.body = [{paths}]\n{settings}', **files}
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return edit.edit(manuscript.read(folder)[0])


def test_passes_have_names() -> None:
    """The order of the passes is data that can be read."""
    names = [name for name, _ in edit.PASSES]
    assert names.index("anchors") < names.index("captions' numbers") < names.index("references")
    assert names.index("references") < names.index("links")


def test_anchors_are_unique_in_the_book(tmp_path: Path) -> None:
    """An anchor that two files use gets the section's name in the second; links follow it."""
    text = "# {}\n\n[down](#summary) [x]{{#here}} [h](#here)\n\n## Summary\n"
    book, found = edited(tmp_path, {"a.md": text.format("A"), "b.md": text.format("B")})
    assert found == ()
    assert [section.headings[0].anchor for section in book.sections] == ["summary", "b-summary"]
    assert '<a href="#b-summary">down</a>' in book.sections[1].body
    assert '<a href="#b-here">h</a>' in book.sections[1].body


def test_examples_are_counted_through_the_book(tmp_path: Path) -> None:
    """Files may call each other's; a label that two files use is each file's own."""
    files = {
        "a.md": "# A\n\nSee (@tide) and (@wind).\n\n(@wind) Wind.\n\n(@) Rain.\n",
        "b.md": "# B\n\n(@tide) Tide.\n\nSee @wind, @nothing.^[As (@tide) says.]\n",
        "c.md": "# C\n\n(@wind) Another. See (@wind).\n",
    }
    book, found = edited(tmp_path, files)
    assert found == ()
    first, second, third = book.sections
    call = '<a href="#{}" class="made example">{}</a>'
    assert f"See ({call.format('ex-tide', 3)}) and ({call.format('ex-wind', 1)})." in first.body
    assert '<ol start="3" data-line="3" class="example parens"' in second.body
    assert f"See {call.format('ex-wind', 1)}, @nothing." in second.body
    assert call.format("ex-tide", 3) in second.notes[0].body
    assert f"See ({call.format('c-ex-wind', 4)})." in third.body


def test_titles_that_repeat_take_their_files_names(tmp_path: Path) -> None:
    """Chapters called I, II, I, II … have anchors of their own, whatever is put before them."""
    book, _ = edited(tmp_path, {"one-i.md": "# I\n\na", "two-i.md": "# I\n\nb", "two-ii.md": "# II\n\nc"})
    assert [section.anchor for section in book.sections] == ["one-i", "two-i", "ii"]


@pytest.mark.parametrize(
    ("link", "anchor"),
    [
        ("b.md", "deux"), ("./b.md", "deux"), ("b.md#note-de-l’éditeur", "note-de-l-editeur"),
        ("b.html#my-id", "my-id"),
        ("b.md#my-id", "my-id"), ("b", "deux"), ("#my-id", "my-id"), ("#Deux", "deux"), ("sub/c.md", "trois"),
    ],
)  # fmt: skip
def test_links_find_their_place(tmp_path: Path, link: str, anchor: str) -> None:
    """Links name files and headings as Pandoc, GitHub and mdBook let them."""
    two = "# Deux\n\n## Note de l’éditeur\n\ntext\n\n### Other {#my-id}\n\ntext\n"
    files = {"a.md": f"# Un\n\n[x]({link})\n", "b.md": two, "sub/c.md": "# Trois\n\n[up](../a.md)\n"}
    book, found = edited(tmp_path, files)
    assert found == ()
    assert f'<a href="#{anchor}">x</a>' in book.sections[0].body
    assert '<a href="#un">up</a>' in book.sections[2].body


def test_a_link_to_nothing_keeps_its_words(tmp_path: Path) -> None:
    """A broken link is an error with the nearest name; its words stay."""
    book, found = edited(
        tmp_path, {"a.md": "# A\n\nSee *[the end](chaptre.md)*.\n", "chapter.md": "# C\n\ntext"}
    )
    assert [str(problem).removeprefix(f"{tmp_path}/") for problem in found] == [
        "a.md:3:6: broken-link: “chaptre.md” is no file of the book\n    hint: write “chapter.md”"
    ]
    assert "<em>the end</em>" in book.sections[0].body


def test_links_of_a_book_for_another_tool_are_warnings(tmp_path: Path) -> None:
    """A folder of mdBook's may link to pages of the site it was part of."""
    (tmp_path / "SUMMARY.md").write_text("- [A](a.md)\n")
    (tmp_path / "a.md").write_text("# A\n\n[std](../std/index.html)\n")
    found = edit.edit(manuscript.read(tmp_path)[0])[1]
    assert [(problem.code, problem.severity) for problem in found] == [("broken-link", "warning")]


def test_chapters_and_parts_are_numbered_where_asked(tmp_path: Path) -> None:
    """Chapters are numbered through the book, parts in roman; `{-}` and front matter stay without."""
    files = {"a.md": "# A\n\na", "b.md": "# B {-}\n\nb", "c.md": "# C\n\nc", "d.md": "# Conclusion\n\nd"}
    book, _ = edited(tmp_path, files, "[numbering]\nchapters = true\n")
    assert [section.number for section in book.sections] == ["1", "", "2", ""]
    assert [section.number for section in edited(tmp_path, files)[0].sections] == [""] * 4


def test_headings_and_appendices_are_numbered_where_asked(tmp_path: Path) -> None:
    """Headings below a numbered chapter get 1.1, 1.1.1; appendices letters; `{-}` takes no number."""
    files = {
        "a.md": "# A\n\n## B\n\n### C\n\n#### D\n\n## E {-}\n\n## F\n",
        "b.md": "# Tables {.appendix}\n\n## G\n",
        "c.md": "# Appendix X: More\n\n## H\n",
    }
    book, _ = edited(tmp_path, files, "[numbering]\nchapters = true\nsections = 2\n")
    assert [[heading.number for heading in section.headings] for section in book.sections] == [
        ["1.1", "1.1.1", "", "", "1.2"], ["A.1"], [""],
    ]  # fmt: skip
    assert [section.number for section in book.sections] == ["1", "A", ""]
    assert '<h2 data-line="3" id="b"><span class="number">1.1</span> B</h2>' in book.sections[0].body


@pytest.mark.parametrize(
    ("settings", "numbers"),
    [
        ("", ["1", "2"]),
        ("chapters = true", ["1.1", "2.1"]),
        ('chapters = true\nfigures = "through"', ["1", "2", "3"]),
        ('chapters = true\nfigures = "chapter"', ["1.1", "2.1", "2.2"]),
        ('figures = "none"', []),
    ],
)
def test_captions_are_numbered_by_chapter_or_through(
    tmp_path: Path, settings: str, numbers: list[str]
) -> None:
    """Where the book doesn't say, what has a name for references is numbered."""
    (tmp_path / "dot.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>')
    figures = "![One](dot.svg){#fig-b}\n\n![Two *that*^[Note.]](dot.svg){.wide}\n"
    files = {"a.md": "# A\n\n![Nought](dot.svg){#fig-a}\n", "b.md": f"# B\n\n{figures}"}
    book, found = edited(tmp_path, files, f"[numbering]\n{settings}\n")
    assert found == ()
    assert [caption.number for caption in book.captions] == numbers
    assert all(
        f'id="{caption.anchor}"' in book.sections[0].body + book.sections[1].body for caption in book.captions
    )
    if len(numbers) == 3:
        assert book.captions[2].title == "Two <em>that</em>"


def test_a_bold_beginning_is_a_captions_title(tmp_path: Path) -> None:
    """A list of figures shows the title of a caption that has one."""
    (tmp_path / "dot.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>')
    text = "# A\n\n![**The *dot*.** As small as can be.](dot.svg){#fig-a}\n\n![A **dot**.](dot.svg){#fig-b}\n"
    book, _ = edited(tmp_path, {"a.md": text})
    assert [caption.title for caption in book.captions] == ["The <em>dot</em>", "A <strong>dot</strong>."]
    assert "</strong> As small as can be." in book.sections[0].body


def test_a_reference_in_a_title_is_words_in_the_contents(tmp_path: Path) -> None:
    """Links in contents don't nest."""
    (tmp_path / "dot.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>')
    text = "# On @fig-a\n\n## More on @fig-a\n\n![A](dot.svg){#fig-a}\n\n![As @fig-a](dot.svg){#fig-b}\n"
    book, _ = edited(tmp_path, {"a.md": text})
    assert book.sections[0].short_title == "On Figure\u00a01"
    assert book.sections[0].headings[0].title == "More on Figure\u00a01"
    assert 'href="#fig-a">Figure\u00a01</a>' in book.sections[0].title
    assert book.captions[1].title == "As Figure\u00a01"


def test_notes_go_on_in_the_sections_of_a_chapter(tmp_path: Path) -> None:
    """A chapter in several files numbers its notes through."""
    (tmp_path / "SUMMARY.md").write_text("- [A](a.md)\n  - [B](b.md)\n- [C](c.md)\n")
    for name in "abc":
        (tmp_path / f"{name}.md").write_text(f"# {name.upper()}\n\nx^[one] y^[two]\n")
    book, _ = edit.edit(manuscript.read(tmp_path)[0])
    assert [[note.label for note in section.notes] for section in book.sections] == [
        ["1", "2"],
        ["3", "4"],
        ["1", "2"],
    ]
    assert ">3</a>" in book.sections[1].body


@pytest.mark.parametrize(
    ("number", "numeral"), [(1, "I"), (4, "IV"), (9, "IX"), (48, "XLVIII"), (1994, "MCMXCIV")]
)
def test_roman(number: int, numeral: str) -> None:
    """Roman numerals subtract."""
    assert roman(number) == numeral


def test_a_plain_book_loads_no_scholars_tools(tmp_path: Path) -> None:
    """Citations, formulas and the index bring their libraries only to a book that has them."""
    (tmp_path / "b.md").write_text("# One\n\nText^[Note.], @ada and $5.\n", encoding="utf-8")
    program = (
        "import sys; from pathlib import Path; from publish import edit, manuscript;"
        "edit.edit(manuscript.read(Path(sys.argv[1]))[0]); print(*sorted(sys.modules))"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "b.md")]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert not {"citeproc", "bibtexparser", "math_core", "ziamath", "pyuca"} & set(loaded)
