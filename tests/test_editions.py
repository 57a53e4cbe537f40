"""One manuscript, several editions: conditions, settings, variables, includes, page breaks."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import pypdfium2
import pytest

import publish
from publish import edit, manuscript
from publish.__main__ import main
from publish.book import Book
from publish.manuscript import Wanted
from publish.manuscript.includes import DEEPEST, MOST
from publish.problems import BookProblems, Problem, in_order
from publish.xhtml import letters, parse_fragment, words

HEAD = "---\ntitle: T\nlang: en\n---\n\n"


def write(folder: Path, **files: str) -> Path:
    """Write files into a folder, `part_md` as `part.md`, and return the book: `book.md`, or the folder."""
    for name, text in files.items():
        stem, _, suffix = name.rpartition("_")
        (folder / f"{stem}.{suffix}").write_text(text, encoding="utf-8")
    return folder / "book.md" if "book_md" in files else folder


def read(source: Path, edition: str = "", output: str = "") -> Book:
    """Read and edit a book that has no problem; its letters are those of the tokens."""
    found: tuple[Problem, ...]
    book, found = manuscript.read(source, wanted=Wanted(edition, output))
    book, more = edit.edit(book)
    assert (*found, *more) == ()
    for section in book.sections:
        assert letters(words(parse_fragment(section.title + section.body))) == section.letters
    return book


def told(source: Path, edition: str = "") -> list[str]:
    """Return what reading and editing a book tells, paths as seen from its folder."""
    found: tuple[Problem, ...]
    try:
        book, found = manuscript.read(source, wanted=Wanted(edition))
        found = in_order((*found, *edit.edit(book)[1]))
    except BookProblems as caught:
        found = caught.problems
    folder = source if source.is_dir() else source.parent
    return [str(problem).partition("\n")[0].replace(f"{folder}/", "") for problem in found]


def text(book: Book) -> list[str]:
    """Return the words of each section's body and notes."""
    fragments = [part for s in book.sections for part in (s.title, s.body, *(n.body for n in s.notes))]
    return [" ".join(words(parse_fragment(part)).split()) for part in fragments if part]


# -- conditions ----------------------------------------------------------------------------------

CONDITIONS = (
    HEAD
    + """# One

Both.

::: {.only-epub}
Screen.[^s]

## A {#a}
:::

::: {.only-pdf .wide}
Paper.^[Paper’s note.]

## A {#a}
:::

[To A](#a): [screen]{.only-epub}[*paper*]{.only-pdf .x}.

[^s]: Screen’s note.
"""
)


def test_a_condition_is_for_one_output(tmp_path: Path) -> None:
    """What is for the other output is nowhere: not in the text, the notes, the headings, the letters."""
    source = write(tmp_path, book_md=CONDITIONS)
    epub, pdf = read(source, output="epub"), read(source, output="pdf")
    assert text(epub) == ["One", "Both. Screen. A To A: screen.", "Screen’s note."]
    assert text(pdf) == ["One", "Both. Paper. A To A: paper.", "Paper’s note."]
    assert (epub.varies, pdf.varies, len(epub.sections[0].headings)) == (True, True, 1)
    assert '<div data-line="16" class="wide">' in pdf.sections[0].body
    assert '<span class="x"><em>paper</em></span>' in pdf.sections[0].body


def test_a_book_without_conditions_is_read_once_for_both(tmp_path: Path) -> None:
    """Its outputs share one reading."""
    assert not read(write(tmp_path, book_md=f"{HEAD}# One\n\nThe only text.\n")).varies


EDITIONS = """---
title: T
lang: en
editions:
  teacher:
    subtitle: With answers
    conditions: [answers]
  pupil:
    title: P
---

# One

All. [Answer.]{only=answers} [Pupils’.]{only=pupil} [Either.]{only="teacher, pupil"}

![Not there for any of them](gone.png){.only-epub only=pdf}

End.

## How {only=teacher}

All of it.

### Deeper
"""


@pytest.mark.parametrize(
    ("edition", "title", "subtitle", "body"),
    [
        ("", "T", "", "All. End."),
        ("pupil", "P", "", "All. Pupils’. Either. End."),
        ("teacher", "T", "With answers", "All. Answer. Either. End. How All of it. Deeper"),
    ],
)
def test_a_condition_is_for_an_edition(
    tmp_path: Path, edition: str, title: str, subtitle: str, body: str
) -> None:
    """`only` names editions or conditions: on divs, words, images, and headings with what is under them."""
    book = read(write(tmp_path, book_md=EDITIONS), edition, "epub")
    assert (book.metadata.title, book.metadata.subtitle, text(book)[1]) == (title, subtitle, body)


def test_a_div_with_nothing_but_its_condition_leaves_its_headings_to_the_book(tmp_path: Path) -> None:
    """They make chapters, as they would without it."""
    source = write(
        tmp_path, book_md=f"{HEAD}# One\n\na\n\n::: {{only=epub}}\n# Two\n\nb\n:::\n\n# Three\n\nc\n"
    )
    assert [s.plain_title for s in read(source, output="epub").sections] == ["One", "Two", "Three"]
    assert [s.plain_title for s in read(source, output="pdf").sections] == ["One", "Three"]


def test_an_unclosed_condition_takes_nothing_with_it(tmp_path: Path) -> None:
    """It is told as an unclosed div: else all that follows would be gone."""
    source = write(tmp_path, book_md=f"{HEAD}::: {{.only-pdf}}\nText.\n")
    assert told(source) == ["book.md:6:1: unclosed-div: the div that begins here is never closed"]


def test_editions_of_a_folder_lay_settings_over_the_book_s(tmp_path: Path) -> None:
    """Tables are merged, lists of files replaced; the identifiers of the book don't count for an edition."""
    source = write(
        tmp_path,
        book_toml='title = "T"\nlanguage = "en"\n[identifiers]\nisbn-epub = "978-2-07-040850-4"\n'
        '[print]\ntrim = "a5"\nopenings = "page"\n[sections]\nbody = ["one.md", "two.md"]\n'
        '[editions.short.print]\ntrim = "a6"\n[editions.short.sections]\nbody = ["one.md"]\n'
        "[editions.long]\n",
        one_md="# One\n\na\n",
        two_md="# Two\n\nb\n",
    )
    book, short = manuscript.read(source)[0], manuscript.read(source, wanted=Wanted("short"))[0]
    assert [s.plain_title for s in short.sections] == ["One"]
    assert (short.settings.print.trim, short.settings.print.openings) == ((105, 148), "page")
    assert book.metadata.identifier == "urn:isbn:9782070408504"
    identifiers = {
        manuscript.read(source, wanted=Wanted(name))[0].metadata.identifier for name in ("short", "long")
    }
    assert len(identifiers) == 2
    assert all(name.startswith("urn:uuid:") for name in identifiers)


def test_the_settings_of_every_edition_are_read(tmp_path: Path) -> None:
    """A mistake in one is told whichever is made, with its line, and once."""
    source = write(
        tmp_path,
        book_toml='title = "T"\nlanguage = "en"\n[editions.a]\ntitel = "x"\n'
        '[editions.b.print]\ntrim = "big"\n[editions.pdf]\n',
        one_md="One.\n",
    )
    assert told(source) == told(source, "a") == [
        "book.toml:4: unknown-key: there is no setting “titel”",
        "book.toml:6: bad-value: “trim” “big” is no page size",
        "book.toml:7: bad-value: “pdf” can't be the name of an edition",
    ]  # fmt: skip


def test_an_edition_has_files_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--edition` names the files; a name that the book lacks is told with the nearest."""
    source = write(tmp_path, book_md=EDITIONS)
    monkeypatch.chdir(tmp_path)
    assert main(["epub", str(source), "--edition", "teacher", "-q", "--cache", str(tmp_path / "cache")]) == 0
    assert [path.name for path in (tmp_path / "dist").iterdir()] == ["book-teacher.epub"]
    assert told(source, "teecher")[0] == "book.md:2: unknown-edition: there is no edition “teecher”"


@pytest.mark.slow
def test_both_outputs_are_whole_where_they_differ(tmp_path: Path) -> None:
    """The build proves each against its own reading; nothing of the other is in it."""
    source = write(tmp_path, book_md=CONDITIONS)
    targets: dict[publish.Output, Path | None] = {"epub": tmp_path / "t.epub", "pdf": tmp_path / "t.pdf"}
    report = publish.build(source, targets, publish.Options(cache=tmp_path / "cache"))
    assert report.problems == ()
    with ZipFile(tmp_path / "t.epub") as epub:
        pages = "".join(epub.read(name).decode() for name in epub.namelist() if name.endswith(".xhtml"))
    with pypdfium2.PdfDocument(tmp_path / "t.pdf") as bound:
        printed = "".join(page.get_textpage().get_text_range() for page in bound)
    assert ("Screen" in pages, "Paper" in pages) == (True, False)
    assert ("Screen" in printed, "Paper" in printed) == (False, True)


# -- variables -----------------------------------------------------------------------------------

VARIABLES = (
    "---\ntitle: T\nlang: en\nvariables:\n  press: Harbour & *Sons*\n  site: https://example.org\n---\n\n"
)


def test_variables_stand_for_text(tmp_path: Path) -> None:
    """In text, titles, captions, notes and addresses; not in code; their own marks mean nothing."""
    written = "# {{press}}\n\n**{{ press }}**, [site]({{site}}/a)^[{{press}}.], `{{press}}`\n\n"
    table = "| a |\n|---|\n| b |\n\n: {{press}}\n"
    book = read(write(tmp_path, book_md=VARIABLES + written + table))
    assert text(book)[0] == "Harbour & *Sons*"
    assert text(book)[2] == "Harbour & *Sons*."
    assert "<strong>Harbour &amp; *Sons*</strong>" in book.sections[0].body
    assert 'href="https://example.org/a"' in book.sections[0].body
    assert "<code>{{press}}</code>" in book.sections[0].body
    assert "<caption>Harbour &amp; *Sons*</caption>" in book.sections[0].body


def test_braces_mean_nothing_without_variables(tmp_path: Path) -> None:
    """A book that has none keeps its braces."""
    assert text(read(write(tmp_path, book_md=f"{HEAD}{{{{press}}}}\n"))) == ["{{press}}"]


# -- includes ------------------------------------------------------------------------------------


def test_a_file_is_put_in_its_place(tmp_path: Path) -> None:
    """Its front matter goes, its notes are the chapter's, an include in code is code."""
    source = write(
        tmp_path,
        book_md=HEAD + "# One\n\nBefore.[^n]\n{{< include part.md >}}\nAfter.\n\n"
        "```\n{{< include part.md >}}\n```\n",
        part_md="---\ntitle: x\n---\n\nPart.\n\n[^n]: Note.\n\n{{< include 'inner part.md' >}}\n",
    )
    (tmp_path / "inner part.md").write_text("Inner.\n")
    book = read(source)
    assert text(book) == ["One", "Before. Part. Inner. After. {{< include part.md >}}", "Note."]


def test_a_part_is_no_chapter(tmp_path: Path) -> None:
    """A file that is included is in no need of a list; without a list, `_part.md` is no chapter."""
    write(tmp_path, a_md="# A\n\n{{< include _part.md >}}\n", _part_md="Part.\n")
    assert text(read(tmp_path)) == ["A", "Part."]
    write(tmp_path, files_txt="a.md\n", a_md="# A\n\n{{< include part.md >}}\n", part_md="Part.\n")
    assert text(read(tmp_path)) == ["A", "Part."]


def test_problems_of_a_part_are_told_with_its_lines(tmp_path: Path) -> None:
    """Whatever finds them: reading, images, links; and the lines behind it are the chapter's again."""
    source = write(
        tmp_path,
        book_md=f"{HEAD}# One\n\n{{{{< include part.md >}}}}\n\n[gone](#after)\n",
        part_md="Part.\n\n[^x] and ![a](b.png)\n",
    )
    assert told(source) == [
        "book.md:10:1: broken-link: nothing in the book has the anchor “after”",
        "part.md:3:1: undefined-note: the note “x” is not written",
        "part.md:3:10: missing-image: “b.png” is not there",
    ]
    (tmp_path / "part.md").write_text("Part.\n\n[gone](#part)\n")
    assert told(source) == [
        "book.md:10:1: broken-link: nothing in the book has the anchor “after”",
        "part.md:3:1: broken-link: nothing in the book has the anchor “part”",
    ]


def test_mdbook_s_includes_are_included(tmp_path: Path) -> None:
    """The form of mdBook does the same; lines of a file are told to be what only code can take."""
    part = "```\n{{#include part.md}}\n```\n"
    source = write(tmp_path, book_md=f"{HEAD}# One\n\n{{{{#include part.md }}}}\n\n{part}", part_md="Part.\n")
    book, found = manuscript.read(source)
    assert text(book) == ["One", "Part. Part."]
    assert found == ()
    source = write(
        tmp_path, book_md=f"{HEAD}# One\n\n{{{{#include part.md:1:2}}}}\n\n{{{{< include a.md}}}}\n"
    )
    fact = "“part.md:1:2” asks for some lines of a file, which only a block of code can"
    assert told(source) == [f"book.md:8:12: bad-include: {fact}"]


def test_includes_stay_in_the_folder(tmp_path: Path) -> None:
    """No `..`, no path from the root, no link leads out; what isn't there is told with the nearest name."""
    (tmp_path / "secret.md").write_text("secret")
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "link.md").symlink_to(tmp_path / "secret.md")
    names = ("link.md", "../secret.md", str(tmp_path / "secret.md"), "gone.md")
    asked = "".join(f"{{{{< include {name} >}}}}\n\n" for name in names)
    source = write(tmp_path / "book", book_md=HEAD + asked)
    assert [line.split(": ")[1] for line in told(source)] == ["outside-book"] * 3 + ["missing-file"]


def test_includes_are_bounded(tmp_path: Path) -> None:
    """A circle, a deep chain, a great number and a great size are told, and nothing is read for ever."""
    source = write(tmp_path, book_md=HEAD + "{{< include part.md >}}\n" * (MOST + 5), part_md="x\n")
    assert told(source) == [f"book.md:{6 + MOST}:13: bad-include: more than {MOST} files are included"]
    for number in range(DEEPEST + 2):
        (tmp_path / f"deep{number}.md").write_text(f"{{{{< include deep{number + 1}.md >}}}}\n")
    source = write(tmp_path, book_md=HEAD + "{{< include deep0.md >}}\n")
    assert told(source) == [
        f"deep{DEEPEST - 1}.md:1:13: bad-include: more than {DEEPEST} levels are included"
    ]
    source = write(tmp_path, book_md=HEAD + "{{< include big.md >}}\n" * 3, big_md="word " * 400_000)
    assert told(source) == ["book.md:8:13: bad-include: more than 5000000 characters are included"]


# -- pages ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["{{< pagebreak >}}", "\\newpage", "\\pagebreak"])
def test_a_page_is_broken(tmp_path: Path, written: str) -> None:
    """Quarto's way and Pandoc's; no letter of it is text."""
    book = read(write(tmp_path, book_md=f"{HEAD}a\n\n{written}\n\nb\n"))
    assert text(book) == ["a b"]
    assert 'class="page-break"' in book.sections[0].body


@pytest.mark.slow
def test_pages_are_broken_and_left_blank_in_print(tmp_path: Path) -> None:
    """A break begins a page; a blank page holds no word of the text."""
    text = "# One\n\nFirst.\n\n\\newpage\n\nSecond.\n\n::: {.blank-page}\n:::\n\nFourth.\n"
    source = write(tmp_path, book_md=HEAD + text)
    publish.build(source, {"pdf": tmp_path / "t.pdf"}, publish.Options(cache=tmp_path / "cache"))
    with pypdfium2.PdfDocument(tmp_path / "t.pdf") as bound:
        pages = [page.get_textpage().get_text_range() for page in bound]
    first = next(number for number, page in enumerate(pages) if "First." in page)
    assert "Second." in pages[first + 1]
    assert "Fourth." in pages[first + 3]
