"""Documents too large for old readers: several files, the same book."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import publish
from publish import xhtml
from publish.book import Page, Section
from publish.check import epubcheck, links
from publish.check.completeness import epub_complete
from publish.epub import division
from publish.epub.container import Container, resolve
from publish.epub.division import LIMIT, divided
from publish.epub.documents import Document
from publish.epub.pagination import mark
from publish.epub.readers import READERS

SENTENCE = "Le vent de la mer poussait vers le port un navire que nul homme n’attendait plus. "


def manuscript() -> str:
    """Write a book with a chapter of 300 KB in eight parts, and one as long without any, with many notes."""
    text, notes = (
        ["---\ntitle: Le port\nauthor: Ada Writer\nlang: fr\n---\n\n# Un {#un}\n\n[Fin](#fin).\n"],
        [],
    )
    for number in range(8):
        text.append(f"## Partie {number} {{#p{number}}}\n")
        text += [f"{SENTENCE * 6}\n"] * 70 + [f"[Ailleurs](#p{7 - number}) et [Deux](#deux).\n"]
    text.append("# Deux {#deux}\n")
    for number in range(700):
        text.append(f"{SENTENCE * 4}Ici[^{number}], {number}.\n")
        notes.append(f"[^{number}]: {SENTENCE * 4}\n")
    return "\n".join([*text, "::: {#fin}\nRetour au [début](#p0).\n:::\n", "# Trois\n", "Court.\n", *notes])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[publish.Report, dict[str, Path]]:
    """Build the book for all readers: name of the reader, or `plain`, → file."""
    folder = tmp_path_factory.mktemp("division")
    (folder / "port.md").write_text(manuscript(), "utf-8")
    options = publish.Options(cache=folder / "cache", readers=READERS)
    report = publish.build(folder / "port.md", {"epub": folder / "port.epub"}, options)
    return report, dict(zip(("plain", *READERS), (built.path for built in report.files), strict=True))


@pytest.mark.slow
def test_a_large_book_has_no_large_file(made: tuple[publish.Report, dict[str, Path]]) -> None:
    """Chapters and notes are divided, at headings where there are some; nothing is lost."""
    report, files = made
    epub = Container.read(files["plain"].read_bytes())
    names = [epub.manifest[name][0] for name in epub.spine]

    assert report.problems == ()
    assert max(len(epub.files[name]) for name in names) <= LIMIT
    assert names[4:] == [
        f"EPUB/text/{name}.xhtml"
        for name in (
            "chapter-01", "chapter-01-2", "chapter-02", "chapter-02-2", "chapter-03", "notes", "notes-2",
            "colophon",
        )
    ]  # fmt: skip
    assert [links(path.read_bytes()) for path in files.values()] == [()] * 5
    second = epub.documents["EPUB/text/chapter-01-2.xhtml"]
    assert second.xpath("string(//*[@data-continues='un']/*[1]/@id)") == "p4"
    assert second.findtext(".//{*}title") == "Un — Le port (2/2)"
    assert second.attrib == epub.documents["EPUB/text/chapter-01.xhtml"].attrib
    assert len({html.findtext(".//{*}title") for html in epub.documents.values()}) == len(epub.documents)


@pytest.mark.slow
def test_notes_are_called_and_lead_back_across_files(made: tuple[publish.Report, dict[str, Path]]) -> None:
    """Every call leads to its note and every note back; the numbers go on in the next file."""
    epub = Container.read(made[1]["plain"].read_bytes())
    homes = {anchor: path for path, html in epub.documents.items() for anchor in html.xpath("//@id")}
    pairs = [
        (path, link.get("href") or "")
        for path, html in epub.documents.items()
        for link in xhtml.elements(html, "a")
        if link.get("role") in ("doc-noteref", "doc-backlink")
    ]
    listing = next(xhtml.elements(epub.documents["EPUB/text/notes-2.xhtml"], "ol"))

    assert len(pairs) == 1400
    assert all(resolve(path, address) == homes[address.partition("#")[2]] for path, address in pairs)
    assert listing[0].get("id") == f"note-deux-{listing.get('start')}"


@pytest.mark.slow
def test_what_is_lost_behind_a_division_is_told(made: tuple[publish.Report, dict[str, Path]]) -> None:
    """The proof follows a text into its other files."""
    report, files = made
    entries = dict(Container.read(files["plain"].read_bytes()).files)
    name = "EPUB/text/chapter-02-2.xhtml"
    entries[name] = entries[name].replace(b", 699.", b".")

    assert [(problem.code, problem.fact) for problem in epub_complete(report.book, entries)] == [
        ("lost-text", "“, 699” is not in the EPUB")
    ]


@pytest.mark.judge
@pytest.mark.usefixtures("open_epubcheck")
def test_epubcheck_accepts_divided_books(made: tuple[publish.Report, dict[str, Path]]) -> None:
    """The plain EPUB, and the one that is changed most."""
    assert [epubcheck(made[1][name]) for name in ("plain", "kobo")] == [()] * 2


def document(body: str) -> Document:
    """Make a document of a section, with its title."""
    html = (
        f'<html xmlns="{xhtml.XHTML}" xmlns:epub="{xhtml.EPUB}" lang="en"><head><title>One</title></head>'
        f'<body class="body"><section id="one" class="chapter" epub:type="chapter" role="doc-chapter">{body}'
        "</section></body></html>"
    )
    section = Section("one", "body", "chapter", 1, "", "", "", "", (), (), (), "", "one.md")
    return Document(Page("one", "One", html, section), "text/one.xhtml", xhtml.parse_page(html))


def bodies(parts: tuple[Document, ...]) -> list[str]:
    """Return what the sections of documents hold; `…` stands for words without number."""
    sections = [next(xhtml.elements(part.html, "section")) for part in parts]
    return [
        xhtml.serialize_fragment(section).replace("x" * 400, "…").replace(NAMESPACE, "")
        for section in sections
    ]


NAMESPACE = f' xmlns="{xhtml.XHTML}" xmlns:epub="{xhtml.EPUB}"'
LONG = "x" * 400


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        # between headings, those of the highest level first, nearest the middle
        (f"<h1>A</h1><p>{LONG}</p><h2>B</h2><h3>C</h3><p>{LONG}</p><h3>D</h3><p>{LONG}</p>",
         ["<h1>A</h1><p>…</p>", "<h2>B</h2><h3>C</h3><p>…</p>", "<h3>D</h3><p>…</p>"]),
        # with the marker of a printed page before it
        (f"<h1>A</h1><p>{LONG}</p><span/><h2>B</h2><p>{LONG}</p><p>C</p>",
         ["<h1>A</h1><p>…</p>", "<span/><h2>B</h2><p>…</p><p>C</p>"]),
        # before a scene's break, else between paragraphs; never behind a heading
        (f"<h1>A</h1><p>{LONG}</p><hr/><p>{LONG}</p><p>B</p>",
         ["<h1>A</h1><p>…</p>", "<hr/><p>…</p><p>B</p>"]),
        (f"<h1>A</h1><p>{LONG}</p><p>{LONG}</p>", ["<h1>A</h1><p>…</p>", "<p>…</p>"]),
        # a list goes on counting; a term keeps its explanation
        (f"<ol><li>{LONG}</li><li>{LONG}</li></ol>",
         ["<ol><li>…</li></ol>", '<ol start="2"><li>…</li></ol>']),
        (f'<ol start="4"><li>{LONG}</li><li value="9">B</li><li>{LONG}</li></ol>',
         ['<ol start="4"><li>…</li><li value="9">B</li></ol>', '<ol start="10"><li>…</li></ol>']),
        (f"<dl><dt>A</dt><dd>{LONG}</dd><dt>B</dt><dd>{LONG}</dd></dl>",
         ["<dl><dt>A</dt><dd>…</dd></dl>", "<dl><dt>B</dt><dd>…</dd></dl>"]),
        # what is one thing stays whole
        (f"<table><tr><td>{LONG}</td></tr><tr><td>{LONG}</td></tr></table>",
         ["<table><tr><td>…</td></tr><tr><td>…</td></tr></table>"]),
        (f'<p><img aria-details="d"/>{LONG}</p><div id="d"><p>{LONG}</p></div><p>B</p>',
         ['<p><img aria-details="d"/>…</p><div id="d"><p>…</p></div>', "<p>B</p>"]),
    ],
)  # fmt: skip
def test_a_document_is_divided(body: str, parts: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a reader would look for a new page, and nowhere else."""
    monkeypatch.setattr(division, "LIMIT", 1000)
    monkeypatch.setattr(division, "_BOUND", 900)

    assert bodies(divided((document(body),))[0]) == parts


def test_parts_are_the_section_but_don_t_begin_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """They have its class and its language, not its name and role; markers of pages move with their text."""
    monkeypatch.setattr(division, "LIMIT", 1200)
    monkeypatch.setattr(division, "_BOUND", 1000)
    whole = document(f'<h1>A</h1><p>{LONG}<a href="#b">B</a></p><p id="b">{LONG}<a href="#b">B</a></p>')
    breaks = mark((whole,), [("1", "one", 0), ("2", "one", 402)])
    other = replace(document("<h1>A</h1>"), path="text/one-2.xhtml")
    (first, second, _), moved = divided((whole, other))

    assert (first.path, second.path) == ("text/one.xhtml", "text/one-2-.xhtml")
    assert dict(next(xhtml.elements(second.html, "section")).attrib) == {
        "class": "chapter", "data-continues": "one",
    }  # fmt: skip
    assert [next(xhtml.elements(part.html, "a")).get("href") for part in (first, second)] == [
        "one-2-.xhtml#b", "#b",
    ]  # fmt: skip
    assert [moved[place.href] for place in breaks] == ["text/one.xhtml#page-1", "text/one-2-.xhtml#page-2"]


def test_books_without_large_documents_are_not_touched() -> None:
    """The documents come back themselves, in no time."""
    small = document("<h1>A</h1>")

    assert divided((small,)) == ((small,), {})
