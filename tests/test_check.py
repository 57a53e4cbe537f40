"""The checks: outputs → problems. What is whole is silent; what is broken is told, with its place."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from publish.book import Book, Metadata, Note, Page, Resource, Section, Settings
from publish.check import ace, epubcheck, judge, links
from publish.check.completeness import Difference, epub_complete, first_difference, pdf_complete
from publish.epub.package import Kit, package
from publish.xhtml import letters

PAGE = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html>\n'
    '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" '
    'lang="fr" xml:lang="fr">'
    "<head><title>Un</title></head><body>{}</body></html>"
)
BODY = (
    '<p data-line="3">Premier alinéa, avec un <em>mot</em> penché'
    '<a class="note-call" id="call-1" href="#note-1" epub:type="noteref" role="doc-noteref">1</a>.</p>\n'
    '<p data-line="5">Deuxième alinéa\u202f: un porte-clés et un <a href="https://example.org/">lien</a>.</p>\n'
    '<p data-line="7"><img src="images/p.svg" alt="Point"/></p>\n<p data-line="9">Dernier alinéa.</p>'
)
TEXT = (
    "Un titre Premier alinéa, avec un mot penché. Deuxième alinéa : un porte-clés et un lien. Dernier alinéa."
)
HEADER = (
    '<header class="opening"><h1><span class="number">Chapitre 1</span> '
    '<span class="title">Un titre</span></h1></header>'
)
NOTE = (
    '<section id="notes" epub:type="endnotes" role="doc-endnotes" aria-label="Notes"><ol>'
    '<li id="note-1"><p>Ce que dit la note. '
    '<a class="note-back" href="#call-1" role="doc-backlink">↩</a></p></li></ol></section>'
)


@pytest.fixture
def book() -> Book:
    """Return a book of one chapter with two paragraphs, a picture, a link and a note."""
    note = Note(
        "note-1",
        ("call-1",),
        "1",
        '<p data-line="11">Ce que dit la note.</p>',
        11,
        letters("Ce que dit la note."),
    )
    section = Section(
        "one", "body", "chapter", 1, "Un titre", "Un titre", "Un titre", BODY, (), (note,), ("images/p.svg",),
        letters(TEXT), "one.md",
    )  # fmt: skip
    metadata = Metadata("Livre", "fr", identifier="urn:uuid:1b4e28ba-2fa1-11d2-883f-0016d3cca427")
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0h1"/></svg>'
    return Book(
        metadata,
        Settings(),
        (section,),
        (Resource("images/p.svg", "image/svg+xml", svg, 1, 1, "p.svg"),),
        "b",
        0,
    )


@pytest.fixture
def data(book: Book) -> bytes:
    """Return the book's EPUB."""
    chapter = PAGE.format(f'<section id="one" class="chapter">{HEADER}{BODY}</section>')
    notes = Section("notes", "back", "notes", 1, "Notes", "Notes", "Notes", "", (), (), (), "", "")
    pages = (
        Page("chapter-01", "Un", chapter, book.sections[0]),
        Page("notes", "Notes", PAGE.format(NOTE), notes),
    )
    return package(book, pages, Kit())


def changed(data: bytes, old: str, new: str) -> bytes:
    """Return an EPUB with a text replaced in all files; where it is a file's name, without the file."""
    file = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as source, zipfile.ZipFile(file, "w") as target:
        for name in source.namelist():
            if name != old:
                target.writestr(name, source.read(name).replace(old.encode(), new.encode()))
    assert file.getvalue() != data
    return file.getvalue()


def told(problems: tuple[object, ...]) -> list[str]:
    """Return problems as the author reads them, without the hints."""
    return [str(problem).partition("\n")[0] for problem in problems]


def test_a_whole_epub_is_complete(book: Book, data: bytes) -> None:
    """Nothing is said of an EPUB that holds the manuscript."""
    assert epub_complete(book, data) == ()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("<p>Dernier alinéa.</p>", "", "one.md:9: lost-text: “Dernier alinéa.” is not in the EPUB"),
        ("porte-clés et ", "", "one.md:5: lost-text: “porte-clés et” is not in the EPUB"),
        ("Premier", "Dernier", "one.md:3: lost-text: the EPUB has “Dern” in place of “Prem”"),
        ("Deux", "! Deux", "one.md:5: lost-text: the EPUB has “!”, which the manuscript hasn’t"),
        ('id="one"', 'id="uno"', "one.md:1: lost-text: “Un titre” is not in the EPUB"),
        (
            '<img src="../images/p.svg" alt="Point"/>', "",
            "one.md:7: lost-image: the image “p.svg” is not in the output",
        ),
        ("Ce que dit", "Ce que", "one.md:11: lost-note: in note 1, “dit” is not in the EPUB"),
        ('<itemref idref="notes"/>', "", "one.md:11: lost-note: note 1 or its call is not in the EPUB"),
        ('id="note-1"', "", "one.md:11: lost-note: note 1 or its call is not in the EPUB"),
        ('id="call-1"', "", "one.md:11: lost-note: note 1 or its call is not in the EPUB"),
        (
            '<a href="https://example.org/">lien</a>', "lien",
            "one.md:5: lost-link: the link to “https://example.org/” is not in the output",
        ),
    ],
)  # fmt: skip
def test_what_an_epub_lacks_is_told(book: Book, data: bytes, old: str, new: str, expected: str) -> None:
    """Lost text, images, notes and links each give one problem, with the line of the manuscript."""
    found = told(epub_complete(book, changed(data, old, new)))

    assert found == [expected]


def test_a_whole_pdf_is_complete(book: Book) -> None:
    """Capitals made by a style are no loss; the rest is compared letter by letter."""
    drawn = {
        "one": letters(TEXT.replace("Un titre", "UN TITRE")),
        "note:note-1": letters("Ce que dit la note."),
    }

    assert pdf_complete(book, drawn, ["images/p.svg"]) == ()


def test_what_a_pdf_lacks_is_told(book: Book) -> None:
    """The end of a chapter, a note and an image that weren't drawn are three problems."""
    found = told(pdf_complete(book, {"one": letters(TEXT.partition(" Dernier")[0])}, []))

    assert found == [
        "one.md:9: lost-text: “Dernier alinéa.” is not in the PDF",
        "one.md:7: lost-image: the image “p.svg” is not in the output",
        "one.md:11: lost-note: note 1 or its call is not in the PDF",
    ]


@pytest.mark.parametrize(
    ("expected", "found", "difference"),
    [
        ("abc", "abc", None),
        ("abcdef", "abc", Difference(3, "def", "")),
        ("abc", "abcdef", Difference(3, "", "def")),
        ("abcdef", "adef", Difference(1, "bc", "")),
        ("", "a", Difference(0, "", "a")),
        ("a", "", Difference(0, "a", "")),
        ("axb", "ayb", Difference(1, "x", "y")),
    ],
)
def test_the_first_difference(expected: str, found: str, difference: Difference | None) -> None:
    """Two texts part at an offset, where one lacks something, or has something more, or both."""
    assert first_difference(expected, found) == difference


def test_good_links_are_silent(data: bytes) -> None:
    """Nothing is said of an EPUB whose addresses all lead somewhere."""
    assert links(data) == ()


@pytest.mark.parametrize(
    ("old", "new", "fact"),
    [
        ("notes.xhtml#note-1", "notes.xhtml#note-2", "leads to no place in its file"),
        ("../images/p.svg", "../images/q.svg", "“../images/q.svg” leads to no file"),
        ("EPUB/images/p.svg", "", "the manifest lists “EPUB/images/p.svg”, which is not there"),
        (
            '<itemref idref="notes"/>',
            '<itemref idref="note"/>',
            "the spine names “note”, which is not in the manifest",
        ),
    ],
)
def test_broken_links_are_told(data: bytes, old: str, new: str, fact: str) -> None:
    """An address, a file or a place that isn't there gives a problem with the file that asks for it."""
    problems = links(changed(data, old, new), "livre.epub")

    assert any(fact in problem.fact for problem in problems)
    assert all(str(problem.place).startswith("livre.epub/EPUB/") for problem in problems)


@pytest.mark.judge
@pytest.mark.usefixtures("judges")
def test_the_judge_is_content(book: Book, data: bytes, tmp_path: Path) -> None:
    """EPUBCheck finds neither errors nor warnings in the book."""
    path = tmp_path / "livre.epub"
    path.write_bytes(data)

    assert judge(book, path) == ()


@pytest.mark.judge
@pytest.mark.usefixtures("judges")
def test_the_judge_names_the_manuscript(
    book: Book, data: bytes, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """What EPUBCheck finds in a page is told with the line of the manuscript, by one that stays open too."""
    path = tmp_path / "livre.epub"
    path.write_bytes(changed(data, "<em>mot</em>", "<em><div>mot</div></em>"))

    (problem,) = epubcheck(path, book)
    assert str(problem).startswith("one.md:3: epubcheck: RSC-005: ")
    assert "livre.epub/EPUB/text/chapter-01.xhtml:" in problem.hint
    request.getfixturevalue("open_epubcheck")
    assert epubcheck(path, book) == (problem,)
    (raw,) = epubcheck(path)
    assert str(raw.place).startswith("livre.epub/EPUB/text/chapter-01.xhtml:")


@pytest.mark.judge
@pytest.mark.usefixtures("judges")
def test_what_is_no_epub_is_told(tmp_path: Path) -> None:
    """EPUBCheck's refusal of a file that isn't an EPUB is a problem."""
    path = tmp_path / "livre.epub"
    path.write_bytes(b"no zip")

    assert {problem.code for problem in epubcheck(path)} == {"epubcheck"}


def test_a_judge_that_stops_gives_no_verdict(
    data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Ace said before it stopped is told, and that nothing is known; without a word of its, too."""
    path, node = tmp_path / "livre.epub", tmp_path / "node"
    path.write_bytes(data)
    for name in ("ace-cli", "chromium", "node"):
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    for said, fact in (
        ("TimeoutError: Navigation timeout", "verdict on “livre.epub”: TimeoutError: Navigation timeout"),
        ("", "verdict on “livre.epub”: it said nothing"),
    ):
        node.write_text(f"#!/bin/sh\necho checking\necho '{said}'\n" if said else "#!/bin/sh\n")
        (problem,) = ace(path)
        assert (problem.code, problem.severity) == ("no-verdict", "error")
        assert problem.fact == f"Ace stopped before its {fact}"


def test_without_java_the_judge_is_missing(
    data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where Java isn't installed the check says so: silence would be a lie."""
    path = tmp_path / "livre.epub"
    path.write_bytes(data)
    monkeypatch.setenv("PATH", "/nowhere")

    assert [problem.code for problem in epubcheck(path)] == ["tool-missing"]
