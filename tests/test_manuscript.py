"""Reading: what an author writes and what becomes of it."""

from __future__ import annotations

import re
import subprocess
import sys
import time
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as settings_of_hypothesis
from PIL import Image

from publish import edit, manuscript
from publish.book import Book, Section
from publish.manuscript import language, settings, structure
from publish.manuscript.code import Listing
from publish.manuscript.files import Folder
from publish.manuscript.inline import File
from publish.manuscript.names import Anchors
from publish.manuscript.sections import Job, Reading, read_file
from publish.problems import BookProblems, Problem
from publish.xhtml import elements, letters, parse_fragment, words

CASES = Path(__file__).parent / "cases"
REAL = (
    "les-miserables-fr/manuscript", "war-and-peace-en/manuscript", "hamlet-en/manuscript",
    "leaves-of-grass-en/manuscript", "rust-book-fr/flat", "rust-book-en/flat", "kusamakura-ja/manuscript",
    "regime-ar/manuscript", "pandoc-manual-en/MANUAL.txt",
)  # fmt: skip
#: What is wrong with the real books, and is theirs: links to pages of a site, images without a text.
THEIRS = {"broken-link", "image-without-text"}
_LINE = re.compile(r' data-line="\d+"')


@dataclass(frozen=True)
class Case:
    """One case of tests/cases: what an author writes, and what becomes of it."""

    place: str
    before: str
    after: str

    def __str__(self) -> str:
        return self.place


def cases() -> list[Case]:
    """Return every case of tests/cases: title, Markdown and XHTML, each ended by a line with a dot."""
    found = []
    for file in sorted(CASES.glob("*.md")):
        parts = re.split(r"(?m)^\.\n", file.read_text("utf-8"))
        line = 1
        for title, before, after in zip(parts[::3], parts[1::3], parts[2::3], strict=False):
            found.append(
                Case(f"{file.name}:{line + title.count(chr(10)) - 1} {title.strip()}", before, after)
            )
            line += sum(part.count("\n") + 1 for part in (title, before, after))
    return found


def shown(book: Book) -> str:
    """Return the sections as a case shows them: titles, bodies and notes, without line numbers."""
    out: list[str] = []
    for section in book.sections:
        out += [f"<h{section.depth}>{section.title}</h{section.depth}>"] if section.title else []
        out += [section.body, *(f"[{note.label}] {note.body}" for note in section.notes)]
    return _LINE.sub("", "\n".join(filter(None, out))) + "\n"


def spaced(case: str) -> str:
    """Return a case's XHTML: `&nbsp;` and `&nnbsp;` show there what an eye doesn't see."""
    return case.replace("&nbsp;", "\u00a0").replace("&nnbsp;", "\u202f")


def read(folder: Path, text: str, name: str = "book.md") -> tuple[Book, tuple[Problem, ...]]:
    """Read and edit a single file in a folder that holds a dot."""
    Image.new("RGB", (4, 2), "red").save(folder / "dot.png")
    (folder / name).write_text(text, encoding="utf-8")
    book, found = manuscript.read(folder / name)
    book, more = edit.edit(book)
    return book, (*found, *more)


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write files into a folder and return it."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def outline(book: Book) -> list[tuple[str, str, int, str]]:
    """Return matter, kind, depth and title of every section."""
    return [(s.matter, s.kind, s.depth, s.plain_title) for s in book.sections]


def fragments(section: Section) -> list[str]:
    """Return a section's pieces of XHTML."""
    return [section.title, section.body, *(note.body for note in section.notes)]


def assert_letters(section: Section) -> None:
    """Assert that the XHTML shows the letters that the tokens have."""
    assert letters(words(parse_fragment(section.title + section.body))) == section.letters, section.source
    for note in section.notes:
        assert letters(words(parse_fragment(note.body))) == note.letters, (section.source, note.line)


@pytest.mark.parametrize("case", cases(), ids=str)
def test_case(tmp_path: Path, case: Case) -> None:
    """What tests/cases says of a piece of Markdown is what becomes of it, and no letter is lost."""
    book, _ = read(tmp_path, case.before)
    for section in book.sections:
        assert_letters(section)
    assert shown(book) == spaced(case.after), f"tests/cases/{case.place}"


@pytest.mark.parametrize("name", REAL)
def test_real_manuscript(manuscripts: Path, name: str) -> None:
    """A book that nobody here wrote is read whole: letters, anchors, links, lines."""
    book, found = manuscript.read(manuscripts / name)
    book, more = edit.edit(book)
    unknown = [p for p in (*found, *more) if p.code not in THEIRS or p.severity == "error"]
    assert unknown == []
    for section in book.sections:
        assert_letters(section)
    bodies = [parse_fragment(part) for section in book.sections for part in fragments(section)]
    inner = [str(e.get("id")) for body in bodies for e in body.iter() if e.get("id")]
    own = [anchor for s in book.sections for anchor in (s.anchor, *(note.anchor for note in s.notes))]
    assert len({*inner, *own}) == len([*inner, *own])
    hrefs = [str(e.get("href")) for body in bodies for e in elements(body, "a") if e.get("href")]
    assert {href[1:] for href in hrefs if href.startswith("#")} <= {*inner, *own}
    assert not [href for href in hrefs if not href.startswith(("#", "http://", "https://", "mailto:"))]
    assert not [e for body in bodies for e in body.iter() if e.get("data-at")]
    blocks = ("p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "ul", "ol", "table", "blockquote")
    assert all(e.get("data-line") for body in bodies for e in elements(body, *blocks))


def test_the_real_languages_are_guessed(manuscripts: Path) -> None:
    """Without metadata the language is told by the text's words."""
    for name, expected in (("rust-book-fr/flat", "fr"), ("rust-book-en/flat", "en")):
        assert manuscript.read(manuscripts / name)[0].metadata.language == expected


def test_les_miserables_has_three_levels(manuscripts: Path) -> None:
    """A list of three levels makes parts, parts in parts, and chapters."""
    book, _ = manuscript.read(manuscripts / "les-miserables-fr/manuscript")
    assert outline(book)[:3] == [
        ("body", "part", 1, "Tome I. Fantine"),
        ("body", "part", 2, "Livre premier. Un juste"),
        ("body", "chapter", 3, "Chapitre I. Monsieur Myriel"),
    ]


def test_a_pool_reads_the_same_book(tmp_path: Path) -> None:
    """Processes change nothing of what is read."""
    text = "word " * 1_000
    folder = write(
        tmp_path, {f"{n:03}.md": f"# Chapter {n}\n\n{text * 100}[^a]\n\n[^a]: Note.\n" for n in range(4)}
    )
    with ThreadPoolExecutor(2) as pool:
        assert manuscript.read(folder, aside=manuscript.Aside(pool)) == manuscript.read(folder)


class Memory(dict[str, bytes]):
    """A cache in memory."""

    def put(self, key: str, data: bytes) -> None:
        """Keep bytes under a key."""
        self[key] = data


def test_what_did_not_change_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that changed are, and those that include others or have something to tell."""
    (tmp_path / "data.csv").write_text("a,b\n1,2\n", "utf-8")
    folder = write(
        tmp_path,
        {
            "1.md": "# One\n\nA note.[^a]\n\n[^a]: Yes.\n", "2.md": "# Two\n\n(@wind) Wind.\n",
            "3.md": "# Three\n\n![T](data.csv){.table}\n", "4.md": "# Four\n\nNo such note.[^b]\n",
        },
    )  # fmt: skip
    was_read: list[str] = []

    def counted(job: Job) -> Reading:
        was_read.append(Path(job.name).name)
        return read_file(job)

    def names(output: Literal["", "epub", "pdf"] = "") -> list[str]:
        was_read.clear()
        with ThreadPoolExecutor(1) as pool:
            aside, wanted = manuscript.Aside(pool, store=memory), manuscript.Wanted("", output)
            again = manuscript.read(folder, aside=aside, wanted=wanted)
        read_again = list(was_read)
        assert again == manuscript.read(folder, wanted=wanted)
        return read_again

    memory = Memory()
    monkeypatch.setattr(manuscript, "read_file", counted)
    assert names() == ["1.md", "2.md", "3.md", "4.md"]
    assert names() == ["3.md", "4.md"]
    (tmp_path / "data.csv").write_text("a,b\n1,3\n", "utf-8")
    (tmp_path / "1.md").write_text("# One\n\nNo note.\n", "utf-8")
    assert names() == ["1.md", "3.md", "4.md"]
    assert names("pdf") == ["1.md", "2.md", "3.md", "4.md"]


def test_readings_are_kept_under_the_same_names_by_every_process() -> None:
    """A set has another order in each process."""
    program = (
        "from publish.manuscript.kept import _name; from publish.manuscript.sections import Job;"
        "from publish.manuscript.choices import Choices; many = frozenset(map(str, range(99)));"
        "print(_name(Job('a', 'b', 'c', examples=many, choices=Choices('', many, many))))"
    )
    made = [
        subprocess.check_output([sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, text=True)
        for seed in ("1", "2")
    ]
    assert made[0] == made[1] != ""


#: Settings that are wrong as beginners write them, and the place, the fact and the hint that they are told.
TOML = {
    'title = "x\n': "1:11: bad-settings: this is no TOML: quotation marks are opened and never closed",
    'title = "x"\ntitle = "y"\n': "2:12: bad-settings: this is no TOML: this name stands twice",
    "title = The Sea\n": "1:9: bad-settings: this is no TOML: this is no value",
    'title "x"\n': "1:7: bad-settings: this is no TOML: no “=” stands behind the name",
    'image = "images\\photo.jpg"\n': "1:18: bad-settings: this is no TOML: “\\” begins a sign",
    'authors = ["a",\n': "2: bad-settings: this is no TOML: a bracket is opened and never closed",
    'title = "x"\n[print]\nopenings = true\n': "3: bad-value: “openings” “true” is no text",
    "title = " + "9" * 5000: " bad-settings: this is no TOML: a number has too many digits",
}
YAML = {
    "title: The Sea: a novel": "2:15: bad-settings: this is no YAML: a colon stands in the value",
    "title: x\n\tauthor: y": "3:1: bad-settings: this is no YAML: a tab stands where a value",
    'title: "x\nauthor: y': "2:8: bad-settings: this is no YAML: quotation marks are opened and never closed",
    "title: a\0b": "2: bad-settings: this is no YAML: U+0000 is no character that it may hold",
    "title: x\ntitle: y": "3:1: warning: bad-settings: “title” stands twice, first on line 2",
    "title: yes\nlang: no": "",
}


@pytest.mark.parametrize("text", [*TOML, *YAML], ids=range(len(TOML) + len(YAML)))
def test_settings_are_explained(tmp_path: Path, text: str) -> None:
    """What a beginner gets wrong is told in words, with the place where it begins, and a hint."""
    (tmp_path / "a.md").write_text("# A\n\nText.\n", "utf-8")
    name = "book.toml" if text in TOML else "a.md"
    content = text if text in TOML else f"---\n{text}\n---\n\n# A\n\nText.\n"
    (tmp_path / name).write_text(content, "utf-8")
    try:
        book, problems = manuscript.read(tmp_path if text in TOML else tmp_path / name)
    except BookProblems as stop:
        problems = stop.problems
    told = [str(problem).replace(f"{tmp_path}/{name}:", "") for problem in problems]
    expected = (TOML | YAML)[text]
    assert told[0].startswith(expected) if expected else told == []
    assert all("\n    hint: " in line for line in told)
    if not expected:
        assert (book.metadata.title, book.metadata.language) == ("yes", "no")


@pytest.mark.parametrize(
    ("data", "fact"),
    [
        (b"PK\3\4rest", "it is a word processor’s document, an EPUB or another ZIP, not text"),
        (b"{\\rtf1 x}", "it is RTF, not text"),
        (b"%PDF-1.7", "it is a PDF, not text"),
        ("# é".encode("utf-16"), "the byte 0xFF is not UTF-8, the file is UTF-16"),
    ],
)
def test_what_is_no_text_is_named(tmp_path: Path, data: bytes, fact: str) -> None:
    """Who gives a word processor's file is told so, and what to do."""
    (tmp_path / "book.md").write_bytes(data)
    with pytest.raises(BookProblems) as stop:
        manuscript.read(tmp_path / "book.md")
    assert [(problem.code, problem.fact) for problem in stop.value.problems] == [("not-utf8", fact)]


def test_line_signs_of_word_processors_are_spaces(tmp_path: Path) -> None:
    """No font has them, and no column moves."""
    book, problems = read(tmp_path, "line\u2028sep\u2029par\x85nel\n\n![u](#a)\n")
    assert fragments(book.sections[0])[1].startswith('<p data-line="1">line sep par nel</p>')
    assert [str(problem.place).rpartition("/")[2] for problem in problems] == ["book.md:3:1"]


#: A style sheet, and what is told of it after its name.
SHEETS = [
    (":root { --a: 1px }\np { width: calc(1px + var(--a)) } /* { */ q { content: '{' }", ""),
    ("p {\n  width: " + "calc(" * 60 + ")" * 60 + " }", ":2:259: bad-style: brackets are nested more"),
    ("p { color: red }\nh1 {\n\n@media print { p {} }\n", ":2:4: warning: bad-style: “{” is opened here"),
    ("p {}\nq { --a: var(--b); --b: var(--a) }", ":2:5: bad-style: “--a” is made of itself"),
    (
        "".join(f"p {{ --a{n}: {f'var(--a{n - 1}) ' * 10}z }}\n" for n in range(9)),
        ":4:5: bad-style: “--a3” stands for more than 100000 characters",
    ),
    ("p {} " * 200_001, ": bad-style: the style sheet has 1000005 characters, the bound is 1000000"),
]


@pytest.mark.parametrize(("css", "fact"), SHEETS, ids=range(len(SHEETS)))
def test_style_sheets_are_bounded(tmp_path: Path, css: str, fact: str) -> None:
    """What would keep the typesetter busy for hours, or stop it, is told with its place, before it starts."""
    (tmp_path / "book.toml").write_text('title = "T"\nlanguage = "en"\n[styles]\nprint = "own.css"\n')
    (tmp_path / "own.css").write_text(css, "utf-8")
    (tmp_path / "a.md").write_text("# A\n\nText.\n", "utf-8")
    try:
        problems = manuscript.read(tmp_path)[1]
    except BookProblems as stop:
        problems = stop.problems
    assert [str(problem).startswith(f"{tmp_path}/own.css{fact}") for problem in problems] == [True] * bool(
        fact
    )


@pytest.mark.parametrize(("disk", "text"), [("NFD", "NFC"), ("NFC", "NFD")])
def test_names_are_found_however_they_are_spelled(tmp_path: Path, disk: str, text: str) -> None:
    """An é is one character or two, by the system that wrote the name: it is the same file."""
    there, written = (unicodedata.normalize(form, "é") for form in (disk, text))
    (tmp_path / there).mkdir()
    Image.new("RGB", (4, 2), "red").save(tmp_path / there / f"{there}.png")
    list_of_files = f'title = "T"\nlanguage = "en"\n[sections]\nbody = ["{written}.md", "{written}/b.md"]\n'
    (tmp_path / "book.toml").write_text(list_of_files, "utf-8")
    first = f"# A\n\n[b]({there}/b.md) ![p]({written}/{there}.png) ![p]({there}/{written}.png)\n"
    (tmp_path / f"{there}.md").write_text(first, "utf-8")
    (tmp_path / there / "b.md").write_text(f"# B\n\n[a](../{written}.md) ![p]({written}.png)\n", "utf-8")
    book, problems = manuscript.read(tmp_path)
    problems += edit.edit(book)[1]
    assert problems == ()
    assert len(book.resources) == 1


def test_names_no_disk_takes_are_not_there(tmp_path: Path) -> None:
    """A name that is too long is told as any other, shortened; another case of letters is a hint."""
    (tmp_path / "images").mkdir()
    Image.new("RGB", (4, 2), "red").save(tmp_path / "images" / "photo.jpg")
    text = f"![x](images/Photo.JPG) ![y]({'p' * 300}.png) ![z]({'a/' * 4000}x.png)\n"
    first, *others = read(tmp_path, text)[1]
    assert (first.code, first.hint) == ("missing-image", "use “images/photo.jpg”")
    assert [other.code for other in others] == ["missing-image"] * 2
    assert all(other.fact.endswith("…” is not there") and len(other.fact) < 150 for other in others)


def test_controls_are_left_out_of_headings(tmp_path: Path) -> None:
    """XML has no place for them, in the contents neither."""
    book, _ = read(tmp_path, "# T\n\na\n\n# U\n\nc\n\n## O\x0bne\n\nb\n")
    assert [heading.title for section in book.sections for heading in section.headings] == ["One"]


def test_code_is_taken_from_a_file(tmp_path: Path) -> None:
    """By lines, or by the marks of a snippet, which are left out with the common indent."""
    source = (
        "import x\n\n    # ANCHOR: inner\n    a = 1  # start snippet no\n    b = 2\n    # ANCHOR_END: inner\n"
    )
    write(tmp_path, {"code/x.py": source})
    book, found = read(
        tmp_path,
        """
``` {include="code/x.py" lines="1"}
```

``` {include="code/x.py" snippet=inner}
```
""",
    )
    assert found == ()
    codes = [words(code) for code in elements(parse_fragment(book.sections[0].body), "code")]
    assert codes == ["import x", "b = 2"]
    assert_letters(book.sections[0])


def test_code_may_hold_files_as_mdbook_has_it(tmp_path: Path) -> None:
    """Lines, or a named piece; in Markdown the words are an example and stay."""
    (tmp_path / "x.rs").write_text("one\ntwo\n// ANCHOR: a\n  three\n// ANCHOR_END: a\nfour\n")
    text = "``` rust\nzero\n{{#include x.rs:1:2}}\n{{#rustdoc_include x.rs:a}}\n{{#include x.rs:6}}\n```\n\n"
    book, found = read(tmp_path, text + "``` md\n{{#include x.rs}}\n```\n")
    assert found == ()
    shown = words(parse_fragment(book.sections[0].body)).split()
    assert shown == ["zero", "one", "two", "three", "four", "{{#include", "x.rs}}"]


def test_code_taken_from_files_is_bounded(tmp_path: Path) -> None:
    """A file that asks for a large one again and again is told once."""
    (tmp_path / "big.txt").write_text("word " * 400_000)
    _, found = read(tmp_path, '``` {include="big.txt"}\n```\n\n' * 4)
    assert [(problem.code, problem.place and problem.place.line) for problem in found] == [("bad-include", 7)]


def test_code_is_not_taken_from_outside(tmp_path: Path) -> None:
    """A fence names files of the book's folder only."""
    write(tmp_path, {"secret.txt": "s", "book/x.md": "a"})
    with pytest.raises(BookProblems) as caught:
        read(tmp_path / "book", '``` {include="../secret.txt"}\n```\n')
    assert [problem.code for problem in caught.value.problems] == ["outside-book"]


def test_the_writer_s_guide_is_a_book() -> None:
    """docs/writing.md shows every construct by using it: nothing is wrong with it, and nothing is lost."""
    book, found = manuscript.read(CASES.parent.parent / "docs" / "writing.md")
    book, more = edit.edit(book)
    assert (*found, *more) == ()
    for section in book.sections:
        assert_letters(section)


def test_a_table_of_data(tmp_path: Path) -> None:
    """A CSV file is a table: plain cells, numbers on the right; its caption and attributes are an image's."""
    write(tmp_path, {"data/x.csv": 'Name;N\n"*a*; b";1,5\nc;20\n'})
    book, found = read(tmp_path, "![The *data*](data/x.csv){.table .wide #tbl-x header-columns=1}\n")
    assert found == ()
    table = parse_fragment(book.sections[0].body)
    assert words(table).split() == ["The", "data", "Name", "N", "*a*;", "b", "1,5", "c", "20"]
    assert [cell.get("class") for cell in elements(table, "td")] == ["right", "right"]
    assert [cell.get("scope") for cell in elements(table, "th")] == ["col", "col", "row", "row"]
    assert next(elements(table, "table")).get("id") == "tbl-x"
    assert_letters(book.sections[0])


@pytest.mark.parametrize(
    ("data", "fact"),
    [
        ("a,b\n1\n", "row 2 has 1 cells, the first has 2"),
        ('a,b\n"1,2\n', "this is no CSV: unexpected end of data"),
        ("\n", "the file has no rows"),
        ("a,b,c\n" * 20_000, "the table has more than 50000 cells"),
    ],
)
def test_bad_data(tmp_path: Path, data: str, fact: str) -> None:
    """A file that is no table is told at the place that asks for it."""
    write(tmp_path, {"x.csv": data})
    problem = read(tmp_path, "a\n\n![](x.csv){.table}\n")[1][0]
    assert (problem.code, problem.place and problem.place.line) == ("bad-table", 3)
    assert problem.fact == f"“x.csv”: {fact}"


@pytest.mark.parametrize(
    ("attributes", "code", "hint"),
    [
        ("placement=pgae", "bad-value", "use “page”"),
        ('description="#gone"', "broken-link", "write the description in a div: “::: {#gone}”"),
    ],
)
def test_bad_figure(tmp_path: Path, attributes: str, code: str, hint: str) -> None:
    """A place that doesn't exist, and a description that isn't there, are told."""
    problem = read(tmp_path, f"a\n\n![A dot.](dot.png){{{attributes}}}\n")[1][0]
    assert (problem.code, problem.hint, problem.place and problem.place.line) == (code, hint, 3)


@settings_of_hypothesis(max_examples=100, deadline=None)
@given(text=st.text("+-=:| \nab", max_size=400))
def test_any_drawing_of_a_table_is_read(text: str) -> None:
    """Whatever dashes and bars an author writes, there is a well-formed table, a problem, or prose."""
    with TemporaryDirectory() as folder, suppress(BookProblems):
        book, _ = read(Path(folder), f"# T\n\n{text}\n")
        for section in book.sections:
            assert_letters(section)


@pytest.mark.parametrize("language", ["python", "rust", "html", "diff", "console", "json", "nonesuch"])
@settings_of_hypothesis(max_examples=50, deadline=None)
@given(text=st.text(max_size=200))
def test_highlighting_keeps_every_letter(language: str, text: str) -> None:
    """Whatever the code is, its words are those of the listing, and the listing is well-formed."""
    content = "".join(c for c in text if c.isprintable() or c in "\n\t")
    file = File("x.md", (), {}, Anchors(), [], Folder(Path()))
    listing = Listing.read(file, 1, language, content)
    shown = parse_fragment(listing.written())
    assert words(shown) == content.removesuffix("\n")
    assert letters(words(shown)) == letters("".join(listing.letters()))


# -- single files ------------------------------------------------------------------------------


def test_front_matter_is_pandocs(tmp_path: Path) -> None:
    """Pandoc's keys make the metadata: structured titles, people with roles, identifiers."""
    book, found = read(tmp_path, """---
title:
- type: main
  text: My Book
- type: subtitle
  text: An Investigation
author: [Ann, {name: Bob, role: translator}]
creator:
- role: edt
  text: Cy
  file-as: "Y, C"
lang: pt-BR
date: 12 March 2024
identifier: [{scheme: ISBN-13, text: 978-2-07-040850-4}, "doi:10.1000/182"]
keywords: a, b
subject: [c]
rights: © 2024
toc-depth: 2
fontsize: 12pt
---
Text.
""")  # fmt: skip
    data = book.metadata
    assert (data.title, data.subtitle, data.language, data.date) == (
        "My Book",
        "An Investigation",
        "pt-BR",
        "2024",
    )
    assert [(p.name, p.role, p.sort_as) for p in data.contributors] == [
        ("Ann", "aut", ""), ("Bob", "trl", ""), ("Cy", "edt", "Y, C"),
    ]  # fmt: skip
    assert (data.isbn_epub, data.doi, data.identifier) == (
        "978-2-07-040850-4",
        "10.1000/182",
        "urn:isbn:9782070408504",
    )
    assert (data.keywords, data.subjects, book.settings.toc_depth) == (("a", "b"), ("c",), 2)
    assert found == ()


def test_a_french_title_is_set_and_shown_as_the_text_is(tmp_path: Path) -> None:
    """Its spaces are its language's, its centuries stand in small capitals."""
    (tmp_path / "b.md").write_text('---\nlang: fr\ntitle: "Au XIXe siècle: l\'or"\n---\nTexte.\n', "utf-8")
    data = manuscript.read(tmp_path / "b.md")[0].metadata
    assert data.title == "Au XIXe\u00a0siècle\u00a0: l’or"
    assert data.inline(data.title) == (
        'Au <span class="century">XIX</span><sup class="superior">e</sup>\u00a0siècle\u00a0: l’or'
    )
    assert data.inline("<") == "&lt;"


def test_chapters_are_found(tmp_path: Path) -> None:
    """Chapters are where most headings have text; shallower headings are parts, deeper ones stay inside."""
    book, _ = read(tmp_path, "# Part\n\n## A\n\na\n\n### a\n\naa\n\n## B\n\nb\n\n# Part two\n\n## C\n\nc\n")
    assert outline(book) == [
        ("body", "part", 1, "Part"), ("body", "chapter", 2, "A"), ("body", "chapter", 2, "B"),
        ("body", "part", 1, "Part two"), ("body", "chapter", 2, "C"),
    ]  # fmt: skip
    assert [heading.level for heading in book.sections[1].headings] == [3]


def test_chapters_are_set(tmp_path: Path) -> None:
    """`chapter-level` makes chapters of the headings of a level, whatever their text."""
    text = "---\ntitle: T\nchapter-level: 2\n---\n# P\n\nintro\n\n## A\n\na\n"
    assert outline(read(tmp_path, text)[0]) == [("body", "part", 1, "P"), ("body", "chapter", 2, "A")]


def test_a_lone_first_heading_is_the_books_title(tmp_path: Path) -> None:
    """One heading of level 1 above the others names the book, the text below it opens it."""
    book, _ = read(tmp_path, "# The Book\n\nOpening.\n\n## One\n\n1\n\n## Two\n\n2\n")
    assert book.metadata.title == "The Book"
    assert outline(book) == [
        ("front", "preamble", 1, ""), ("body", "chapter", 1, "One"), ("body", "chapter", 1, "Two"),
    ]  # fmt: skip


def test_a_text_without_headings_is_one_chapter(tmp_path: Path) -> None:
    """A plain text is a book of one untitled chapter, named after its file."""
    book, _ = read(tmp_path, "Only text.\n", "my-story.md")
    assert (book.metadata.title, outline(book)) == ("my story", [("body", "chapter", 1, "")])


def test_kinds_are_told_by_titles_and_classes(tmp_path: Path) -> None:
    """A preface stands in front, an annex at the back, a class says what a title doesn't."""
    text = "# Préface\n\np\n\n# Un\n\n1\n\n# Deux {.epilogue}\n\n2\n\n"
    text += "# Annexe A. Sources\n\na\n\n# Bibliographie\n\nb\n"
    book, _ = read(tmp_path, f"---\ntitle: T\nlang: fr\n---\n{text}")
    assert [(s.matter, s.kind) for s in book.sections] == [
        ("front", "preface"), ("body", "chapter"), ("body", "epilogue"), ("back", "appendix"), ("back",
        "bibliography"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("title", "code", "kind"),
    [
        ("Avant-propos", "fr", "foreword"), ("AVANT PROPOS", "fr-CA", "foreword"), ("Index des noms",
        "fr", ""),
        ("Appendix C: Tables", "en", "appendix"), ("Appendix", "fr", "appendix"),
        ("Introduction au droit", "fr", ""),
        ("Introduction – Pourquoi", "fr", "introduction"), ("Nachwort", "de", "afterword"), ("Annexe 12",
        "fr", "appendix"),
    ],
)  # fmt: skip
def test_kind_of(title: str, code: str, kind: str) -> None:
    """A title is of a kind when it is its word alone, or its word and a number or a colon."""
    assert language.kind_of(title, code) == kind


def test_languages_are_guessed() -> None:
    """Function words tell the language, the script where there are none."""
    samples = {
        "fr": "Il est dans la maison avec les enfants et le chien.",
        "en": "He is in the house with the dog, and it is old.",
        "de": "Er ist mit dem Hund in das Haus und die Tür ist auf.",
        "es": "El perro está en la casa con los niños y el gato.",
        "it": "Il cane è nella casa con gli amici e non si vede.",
        "pt": "O cão não está na casa com os meninos e uma gata.",
        "nl": "Het is een hond en hij zit niet op de mat van het huis.",
        "ja": "吾輩は猫である。名前はまだ無い。",
        "zh": "我是一只猫，还没有名字。",
        "ar": "أنا قط ليس لي اسم بعد",
        "he": "אני חתול ואין לי שם",
        "ru": "Я кот и у меня нет имени",
        "ko": "나는 고양이로소이다 이름은 아직 없다", "el": "Είμαι μια γάτα", "und": "12 34",
    }  # fmt: skip
    assert {code: language.guess([text]) for code, text in samples.items()} == {
        code: code for code in samples
    }


# -- folders -----------------------------------------------------------------------------------


def test_book_toml_says_everything(tmp_path: Path) -> None:
    """Metadata, order, nested parts, settings, styles and the cover come from book.toml."""
    Image.new("RGB", (6, 9)).save(tmp_path / "cover.jpg")
    folder = write(tmp_path, {
        "book.toml": """
title = "Titre"
language = "fr"
date = 2026-11-24
author = ["Ann"]
keywords = ["k"]
[[contributors]]
name = "Bob"
role = "trl"
sort-as = "B, Bob"
[identifiers]
isbn-print = "978-2-07-040850-4"
uuid = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
[licence]
name = "CC BY"
url = "https://creativecommons.org/licenses/by/4.0/"
[cover]
image = "cover.jpg"
alt = "A cover"
[sections]
front = [{ file = "pre.md", kind = "preface" }]
body = [
  { part = "First", file = "part.md", chapters = ["a.md", { part = "Inner", chapters = ["b.md"] }] },
  "c.md",
]
back = ["z.md"]
[numbering]
chapters = true
parts = true
[toc]
depth = 2
[print]
trim = "6x9in"
margins = "20 18 16 24"
openings = "page"
[fonts]
serif = "EB Garamond"
[styles]
print = "my.css"
[templates]
chapter = "chapter.xhtml"
""",
        "pre.md": "# Avis\n\np", "part.md": "A short text.", "a.md": "# A\n\na", "b.md": "# B\n\nb",
        "c.md": "# C\n\nc",
        "z.md": "# Glossaire\n\nz", "my.css": "p {}", "chapter.xhtml": "<p/>", "README.md": "not the book",
    })  # fmt: skip
    book, found = manuscript.read(folder)
    book, _ = edit.edit(book)
    assert found == ()
    assert outline(book) == [
        ("front", "preface", 1, "Avis"), ("body", "part", 1, "First"), ("body", "chapter", 2, "A"),
        ("body", "part", 2, "Inner"), ("body", "chapter", 3, "B"), ("body", "chapter", 1, "C"),
        ("back", "glossary", 1, "Glossaire"),
    ]  # fmt: skip
    assert [s.number for s in book.sections] == ["", "I", "1", "", "2", "3", ""]
    assert book.settings.print.trim == (152.4, 228.6)
    assert book.settings.print.margins == (20, 18, 16, 24)
    assert (book.metadata.cover, book.metadata.date, book.modified) == (
        "images/cover.jpg",
        "2026-11-24",
        1795478400,
    )
    assert book.metadata.identifier == "urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8"
    assert [(s.output, s.css) for s in book.settings.styles] == [("print", "p {}")]


def test_summary_follows_mdbook(tmp_path: Path) -> None:
    """Links before the list stand in front, those after it at the back; headings make parts; drafts go."""
    folder = write(tmp_path, {
        "SUMMARY.md": "# Summary\n\n[Preface](pre.md)\n\n# Part one\n\n- [A](a.md)\n  - [B](b.md)\n"
                      "- [Draft]()\n\n"
                      "# Part two\n\n- [C](sub/c.md)\n\n---\n\n[About](z.md)\n",
        "pre.md": "# Preface\n\np", "a.md": "# A\n\na", "b.md": "## B\n\nb", "sub/c.md": "no heading",
        "z.md": "# About\n\nz",
        "metadata.yaml": "title: T\nlang: en\n",
    })  # fmt: skip
    book, found = manuscript.read(folder)
    assert found == ()
    assert outline(book) == [
        ("front", "preface", 1, "Preface"), ("body", "part", 1, "Part one"), ("body", "chapter", 2, "A"),
        ("body", "section", 3, "B"), ("body", "part", 1, "Part two"), ("body", "chapter", 2, "C"),
        ("back", "chapter", 1, "About"),
    ]  # fmt: skip


_ITEM = st.tuples(
    st.integers(0, 9),
    st.sampled_from("---*"),
    st.one_of(
        st.sampled_from(
            ["L’a — b", "a:b", "www.a.b", "http://a.b", "(c) a", "a ...", "a--b", "1. a", "A!", " a"]
        ),
        st.sampled_from(["_a_", "b _a_ c", "a_b"]),
        st.text("aé1.,:;!?'’«»()\u00a0 -–—…_*`\\\"", min_size=1, max_size=6),
    ),
    st.sampled_from(["a.md", "./b.md", "x/y-1_2.md", "../z.md", "a b.md", "%20.md", ""]),
)


@given(st.sampled_from(["", "# Sum ary\n", "# A : b\n\n", "# A_b_\n\n\n", "\n"]), st.lists(_ITEM, min_size=1))
@settings_of_hypothesis(max_examples=200, deadline=None)
def test_a_plain_summary_is_read_as_any(heading: str, items: list[tuple[int, str, str, str]]) -> None:
    """The short cut for a summary that is one list of links gives what Markdown's rules give, or nothing."""
    text = heading + "".join(
        f"{' ' * indent}{mark} [{words}]({path})\n" for indent, mark, words, path in items
    )
    plain = structure._plain_summary(text, "SUMMARY.md")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(structure, "_plain_summary", lambda *_: None)
        assert plain in (None, structure.read_summary.__wrapped__(text, "SUMMARY.md"))


def test_a_long_plain_summary_takes_the_short_cut() -> None:
    """Titles as novels have them need no parser."""
    text = "# Sommaire\n\n- [Tome I. L’« âme » — 1815](001-a.md)\n  - [Où est-on\u202f? (suite)…](b/c_d.md)\n"
    plain = structure._plain_summary(text, "SUMMARY.md")

    assert plain is not None
    assert [(entry.path, entry.depth, entry.place.line) for entry in plain.entries] == [
        ("001-a.md", 1, 3), ("b/c_d.md", 2, 4),
    ]  # fmt: skip


def test_mdbooks_own_settings(tmp_path: Path) -> None:
    """A book.toml of mdBook names the folder of the text."""
    folder = write(tmp_path, {
        "book.toml": '[book]\ntitle = "T"\nauthors = ["A"]\nlanguage = "en"\nsrc = "text"\n'
                     '[output.html]\nx = 1\n',
        "text/SUMMARY.md": "- [One](one.md)\n- [Two](two.md)\n", "text/one.md": "# One\n\n[two](two.html)",
        "text/two.md": "# Two\n\ntext",
    })  # fmt: skip
    book, found = edit.edit(manuscript.read(folder)[0])
    assert (book.metadata.title, book.metadata.authors, found) == ("T", ("A",), ())
    assert 'href="#two"' in book.sections[0].body


def test_a_folder_without_a_list_is_read_in_order(tmp_path: Path) -> None:
    """Markdown files alone make a book, in the order of their names."""
    folder = write(tmp_path, {"02.md": "# B\n\nb", "01.md": "# A\n\na", "README.md": "# Not this"})
    assert [s.plain_title for s in manuscript.read(folder)[0].sections] == ["A", "B"]


def test_several_titles_in_a_file_are_several_sections(tmp_path: Path) -> None:
    """A file with several headings of level 1 is divided at them."""
    folder = write(tmp_path, {"files.txt": "a.md\n", "a.md": "# A\n\na\n\n# B\n\nb\n"})
    assert [s.plain_title for s in manuscript.read(folder)[0].sections] == ["A", "B"]


def test_line_ends_and_byte_order_marks_mean_nothing(tmp_path: Path) -> None:
    """A file from Windows is the same text."""
    (tmp_path / "a.md").write_bytes("\ufeff---\r\ntitle: T\r\n---\r\n# A\r\n\r\né\r\n".encode())
    book = manuscript.read(tmp_path / "a.md")[0]
    assert (book.metadata.title, book.sections[0].body) == ("T", '<p data-line="6">é</p>')


@pytest.mark.parametrize(
    ("text", "title", "authors", "date"),
    [
        ("% The Title\n% Ann; Bob\n% 2026-11-24\n\nText.\n", "The Title", ("Ann", "Bob"), "2026-11-24"),
        ("% A title\n  on two lines\n% Ann\n  Bob\n\nText.\n", "A title on two lines", ("Ann", "Bob"), ""),
        ("%\n% Ann\n\n# Title\n\n## One\n\nText.\n", "Title", ("Ann",), ""),
    ],
)
def test_a_title_block_is_metadata(
    tmp_path: Path, text: str, title: str, authors: tuple[str, ...], date: str
) -> None:
    """Pandoc's `% title` at a file's head; the lines behind it keep their numbers."""
    (tmp_path / "a.md").write_text(text)
    book = manuscript.read(tmp_path / "a.md")[0]
    assert (book.metadata.title, book.metadata.authors, book.metadata.date) == (title, authors, date)
    assert f'<p data-line="{text.count(chr(10))}">Text.</p>' in book.sections[-1].body


def test_control_characters_are_left_out(tmp_path: Path) -> None:
    """What XML can't hold doesn't reach the output."""
    book = read(tmp_path, "a\x00b\x0cc\x1bd \ufffe&#1;&#xFFFE; <b>x\x08</b>\n")[0]
    assert_letters(book.sections[0])
    parse_fragment(book.sections[0].body)


@pytest.mark.parametrize("title", [r"a\0b\x07c", r"a\uD800b\uFFFEc"])
def test_control_characters_are_left_out_of_settings(tmp_path: Path, title: str) -> None:
    """Nor does what settings write as an escape."""
    book, found = read(tmp_path, f'---\ntitle: "{title}"\nlang: en\n---\n\nText.\n')
    assert (book.metadata.title, found) == ("abc", ())


# -- settings ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("140x210mm", (140, 210)), ("14 x 21 cm", (140, 210)), ("6x9in", (152.4, 228.6)), ("A5", (148, 210)),
        ("us trade", (152.4, 228.6)), ("140×210", (140, 210)), ("big", None), ("1x1mm", None),
    ],
)  # fmt: skip
def test_trim(text: str, size: tuple[float, float] | None) -> None:
    """A page size is two lengths or a name."""
    assert settings.trim(text) == size


@pytest.mark.parametrize(("text", "typed"), [
    ("978-2-07-040850-4", "978-2-07-040850-4"), ("urn:isbn:0-306-40615-2", "0-306-40615-2"),
    ("ISBN-13: 978 2 07 040850 4", "978 2 07 040850 4"), ("9782070408504", "9782070408504"),
    ("978-2-07-040850-5", None), ("x", None),
])  # fmt: skip
def test_isbn(text: str, typed: str | None) -> None:
    """An ISBN whose check digit is wrong is no ISBN; its hyphens are the publisher's, and stay."""
    assert settings.isbn(text) == typed


def test_front_matter_tells_of_isbns_and_series(tmp_path: Path) -> None:
    """A single file says them by keys of their own; Pandoc's names of a series are known too."""
    book, found = read(tmp_path, """---
title: T
author: A
isbn: 978-2-07-040850-4
isbn-print: 978-0-306-40615-7
doi: 10.1000/182
onix: https://example.org/record.xml
belongs-to-collection: Voyages
group-position: 2
---

Text.
""")  # fmt: skip
    data = book.metadata

    assert found == ()
    assert (data.isbn_epub, data.isbn_print, data.doi) == (
        "978-2-07-040850-4", "978-0-306-40615-7", "10.1000/182",
    )  # fmt: skip
    assert data.identifier == "urn:isbn:9782070408504"
    assert (data.onix, data.series, data.series_position) == (
        "https://example.org/record.xml", "Voyages", "2",
    )  # fmt: skip


def test_front_matter_without_end_is_told(tmp_path: Path) -> None:
    """It is a warning, for a text may begin with a line and a word with a colon; in a chapter too."""
    _, found = read(tmp_path, "---\ntitle: T\nauthor: A\n\n# One\n\nText.\n")
    folder = write(tmp_path, {"b/1.md": "---\ntitle: T\n\nText.\n", "b/2.md": "---\n\nNo: text.\n"})
    _, more = manuscript.read(folder / "b")

    assert [(p.code, p.place.line if p.place else 0, p.severity) for p in found] == [
        ("bad-settings", 1, "warning")
    ]
    assert [problem.code for problem in more] == ["bad-settings"]


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    """One run tells what is wrong in the settings, the list, the text and the images."""
    folder = write(tmp_path, {
        "book.toml": 'titel = "T"\ntitle = "T"\n[sections]\nbody = ["a.md", "b.md"]\n',
        "a.md": "# A\n\n[^x] ![p](p.png)\n", "c.md": "c",
    })  # fmt: skip
    with pytest.raises(BookProblems) as caught:
        manuscript.read(folder)
    assert sorted(p.code for p in caught.value.problems) == [
        "missing-file", "missing-image", "undefined-note", "unknown-key", "unlisted-file",
    ]  # fmt: skip


def test_a_hint_names_no_key_that_means_nothing_here(tmp_path: Path) -> None:
    """Pandoc's idle keys are taken in silence; for a wrong name, one that does something is proposed."""
    _, found = read(
        tmp_path, "---\ntitle: T\nlang: en\nfontsize: 12pt\ncover: a.png\ncolour: red\n---\nText.\n"
    )
    assert [(problem.code, problem.hint) for problem in found] == [
        ("unknown-key", "use “cover-image”"),  # not Pandoc's `coverage`
        ("unknown-key", "remove it, or correct its name"),  # not `urlcolor`
    ]


def test_errors_that_leave_the_text_whole_let_other_steps_speak(tmp_path: Path) -> None:
    """A wrong setting and a missing image don't hide the link that the next step finds broken."""
    text = "---\ntitle: T\nlang: '?'\n---\n\n# A\n\n![p](p.png) [b](#nowhere)\n"
    (tmp_path / "a.md").write_text(text)
    made, found = manuscript.read(tmp_path / "a.md")
    assert [problem.code for problem in found] == ["bad-value", "missing-image"]
    assert [problem.code for problem in edit.edit(made)[1]] == ["broken-link"]


# -- strangers ---------------------------------------------------------------------------------


def codes(source: Path) -> list[str]:
    """Return the codes of what stops a book from being read."""
    with pytest.raises(BookProblems) as caught:
        manuscript.read(source)
    return [problem.code for problem in caught.value.problems]


@pytest.mark.parametrize(
    "text", ["> " * 10_000 + "x", "- " * 5_000 + "x", "*a **b " * 5_000 + "c** d*" * 5_000]
)
def test_deep_nesting_is_a_problem(tmp_path: Path, text: str) -> None:
    """What is nested without end is told of, and brings nothing down."""
    (tmp_path / "a.md").write_text(text)
    assert codes(tmp_path / "a.md") == ["too-deep"]


@pytest.mark.parametrize(
    "text", ["<div>" * 10_000, "[" * 50_000, "<a " * 50_000, '<p "' * 50_000 + ">", "`" * 50_000]
)
def test_hostile_text_is_read_in_time(tmp_path: Path, text: str) -> None:
    """Text made to keep a parser busy is read, or told of, in seconds."""
    (tmp_path / "a.md").write_text(f"{text}\n\nend\n")
    start = time.process_time()
    with suppress(BookProblems):
        manuscript.read(tmp_path / "a.md")
    assert time.process_time() - start < 10


def test_nothing_outside_the_folder_is_read(tmp_path: Path) -> None:
    """No `..`, no path from the root, no link leads out of the book's folder."""
    (tmp_path / "secret.md").write_text("secret")
    folder = tmp_path / "book"
    folder.mkdir()
    (folder / "link.md").symlink_to(tmp_path / "secret.md")
    (folder / "files.txt").write_text(f"link.md\n../secret.md\n{tmp_path}/secret.md\n")
    assert codes(folder) == ["outside-book"] * 3


@pytest.mark.parametrize(
    ("date", "kept"),
    [("2026-02-28", "2026-02-28"), ("2026-02-30", "2026"), ("2026-99-99", "2026"), ("0000-01-01", "")],
)
def test_dates_that_no_calendar_has(tmp_path: Path, date: str, kept: str) -> None:
    """Front matter is Pandoc's, where a date may be any text: the year is taken; book.toml is held to ISO."""
    book, found = read(tmp_path, f"---\ntitle: T\nlang: en\ndate: {date}\n---\n\nText.\n")
    assert (book.metadata.date, found) == (kept, ())
    assert settings._date(date) == (date if date == kept else None)


def test_the_name_of_a_setting_is_text(tmp_path: Path) -> None:
    """A list as a key of YAML is refused, with its place."""
    (tmp_path / "book.md").write_text("---\ntitle: T\n? [a]\n: b\n---\n\nText.\n")
    with pytest.raises(BookProblems) as caught:
        manuscript.read(tmp_path / "book.md")
    (problem,) = caught.value.problems
    assert (problem.code, str(problem.place).rpartition("/")[2]) == ("bad-settings", "book.md:3:3")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """What is there and no file is said to be none, without the hint to name it once more."""
    folder = Folder(tmp_path)
    (tmp_path / "one.md").mkdir()
    assert folder.find("one.md", None) is None
    assert folder.problems[0].fact == "“one.md” is no file"
    assert "one.md" not in folder.problems[0].hint


def test_aliases_of_yaml_are_refused(tmp_path: Path) -> None:
    """A few lines of YAML that stand for billions are a problem at their line."""
    lines = ["a: &a [x, x]", *(f"{c}: &{c} [*{b}, *{b}]" for b, c in zip("abcdef", "bcdefg", strict=False))]
    (tmp_path / "a.md").write_text("---\n" + "\n".join(lines) + "\n---\nText.\n")
    assert codes(tmp_path / "a.md") == ["bad-settings"]


@pytest.mark.parametrize("text", ["x = " + "[" * 5_000, "a = 1\na = 2\n", "title = \n", "\x00"])
def test_broken_toml_is_a_problem(tmp_path: Path, text: str) -> None:
    """What is no TOML is told with its line."""
    (tmp_path / "book.toml").write_text(text)
    (tmp_path / "a.md").write_text("Text.")
    assert codes(tmp_path) == ["bad-settings"]


def test_a_section_that_is_too_large_is_a_problem(tmp_path: Path) -> None:
    """A file of more than five million characters is told of before it is read."""
    (tmp_path / "a.md").write_text("word " * 1_100_000)
    assert codes(tmp_path) == ["section-too-large"]


def test_no_book_is_a_problem(tmp_path: Path) -> None:
    """A path that leads nowhere gets the nearest name."""
    (tmp_path / "novel.md").write_text("x")
    with pytest.raises(BookProblems, match="novel"):
        manuscript.read(tmp_path / "novle.md")


@pytest.mark.parametrize(("suffix", "media_type"), [
    (".bmp", "image/png"), (".tiff", "image/png"), (".webp", "image/jpeg"), (".gif", "image/gif"),
    (".jpg", "image/jpeg"),
])  # fmt: skip
def test_images_that_readers_lack_are_converted(tmp_path: Path, suffix: str, media_type: str) -> None:
    """Readers show PNG, JPEG, GIF and SVG; other images become one of them."""
    Image.new("RGB", (4, 2)).save(tmp_path / f"été 1{suffix}")
    (tmp_path / "a.md").write_text(f"![Été](<été 1{suffix}>)\n", encoding="utf-8")
    book = manuscript.read(tmp_path / "a.md")[0]
    image = book.resources[0]
    assert (image.media_type, image.width, image.height) == (media_type, 4, 2)
    assert image.path.isascii()
    assert book.sections[0].images == (image.path,)


BITS = (
    "a b # ## * ** _ ` ``` [ ] ( ) ![ ](dot.png) ](#a) { } {#a} {.b} ^[ [^1] > - 1. | |-| <b> "
    "</b> <div> </div> <p>"
    " <table> <td> <a\xa0href='x.md'> <script> </script> <br> <img\xa0src=dot.png> <T> Vec<B> "
    "&nbsp; \\ ~ ::: :::\xa0{.y}"
    " *** é 数 <ruby>x<rt>y</rt></ruby> <svg> <style> <h2> <li> <option> $x$ <textarea> <math> "
    "<xmp> <dt> ]]> <?php"
).split(" ")


@settings_of_hypothesis(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.sampled_from([*BITS, "\n", "\n\n", "  ", "    ", "\\\n", "| a |\n|---|\n"]),
        min_size=2,
        max_size=30,
    )
)
def test_whatever_is_written_is_read(tmp_path: Path, bits: list[str]) -> None:
    """Any text becomes well-formed XHTML that shows its letters, or problems; never anything else."""
    try:
        book, _ = read(tmp_path, "".join(bits).replace("\xa0", " "))
    except BookProblems:
        return
    for section in book.sections:
        assert_letters(section)


TEXT = """Une *petite* cour

Le mur est haut. # Rien n'est
  un titre ici: [ni](lien), ni `code` <b>.

1. Une photographie de la cour, à Paris, le 4 mai. / Afp

- Fin.
"""


@pytest.mark.parametrize("name", ["text.txt", "only/text.txt"])
def test_a_plain_text_is_a_small_book(tmp_path: Path, name: str) -> None:
    """Title and paragraphs as they are, set by the rules of the language; the caption is told apart."""
    file = write(tmp_path, {name: TEXT}) / name
    book, found = manuscript.read(file if file.parent == tmp_path else file.parent)
    assert book.metadata.title == "Une *petite* cour"
    assert outline(book) == [("body", "chapter", 1, "Une *petite* cour")]
    assert _LINE.sub("", book.sections[0].body) == (
        "<p>Le mur est haut. # Rien n’est\nun titre ici\u00a0: [ni](lien), ni `code` &lt;b&gt;.</p>\n"
        '<p class="caption">1. Une photographie de la cour, à Paris, le 4\u00a0mai. / Afp</p>\n'
        "<p>- Fin.</p>"
    )
    assert [(problem.code, problem.severity) for problem in found] == [("caption-in-text", "warning")]
    assert_letters(book.sections[0])
