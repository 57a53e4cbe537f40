"""Notes: where they stand, and where their calls may."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from PIL import Image

import publish
from publish import compose, edit, manuscript
from publish.book import Book, NotesPlace, Page
from publish.xhtml import EPUB_TYPE, classes, elements, parse_page, words

#: Notes wherever one can stand, and with whatever one can hold.
TEXT = """---
title: Of Notes
lang: en
notes: {place}
---

# One^[In a heading.]

Once[^once] and twice.[^twice] And twice.[^twice]

Term^[In a term.]
:   Definition^[In a definition.]

| Head^[In a head.] | b |
|----------|---|
| Cell^[In a cell.] | c |

: Caption.^[In a caption.]

![Picture.^[In a figure.]](dot.png)

## Inside^[In a heading inside.]

[^once]: First.

    Le vent se lève !\\
    il faut tenter\\
    de vivre !

    - item

    | a | b |
    |---|---|
    | 1 | 2 |

[^twice]: Twice.

# Two

{calls}

Last.[^outer]

[^outer]: Outer.[^inner]

[^inner]: Inner.^[Innermost.] And again.[^inner]

[^many]: Forty times.
"""


def written(folder: Path, place: str) -> Path:
    """Write the manuscript of notes into a folder."""
    Image.new("RGB", (4, 2), "red").save(folder / "dot.png")
    calls = " ".join(f"Word{number}[^many]" for number in range(40))
    (folder / "book.md").write_text(TEXT.format(place=place, calls=calls), encoding="utf-8")
    return folder / "book.md"


def composed(folder: Path, place: str) -> tuple[Book, dict[str, Page]]:
    """Read, edit and compose the manuscript of notes."""
    book, found = manuscript.read(written(folder, place))
    book, more = edit.edit(book)
    pages, problems = compose.compose(book)
    assert (found, more, problems) == ((), (), ())
    return book, {page.name: page for page in pages}


def test_notes_at_the_foot_have_a_page_in_the_e_book(tmp_path: Path) -> None:
    """The e-book has no foot of a page: it shows them at its end."""
    _, pages = composed(tmp_path, "foot")
    assert pages["notes"].only == "ebook"
    assert 'epub:type="endnotes"' not in pages["chapter-01"].xhtml


def test_notes_at_the_book_s_end_have_a_page_in_both(tmp_path: Path) -> None:
    """The page of notes is for paper too, and so is its line in the contents."""
    _, pages = composed(tmp_path, "book")
    assert pages["notes"].only == ""
    assert 'data-only="ebook"' not in pages["contents"].xhtml


def test_notes_at_the_chapter_s_end_stand_behind_its_text(tmp_path: Path) -> None:
    """Each chapter has its notes in a section of their own, in the order of the calls."""
    book, pages = composed(tmp_path, "chapter")
    assert "notes" not in pages
    for section, name in zip(book.sections, ("chapter-01", "chapter-02"), strict=True):
        body = next(elements(parse_page(pages[name].xhtml), "body"))
        text, notes = list(body)
        assert (text.get("id"), "notes" in classes(notes)) == (section.anchor, True)
        anchors = [item.get("id") for item in elements(notes, "li") if item.get(EPUB_TYPE) == "endnote"]
        assert anchors == [note.anchor for note in section.notes]


def test_the_notes_of_a_chapter_in_several_files_stand_behind_the_last(tmp_path: Path) -> None:
    """What continues a chapter keeps its notes back too."""
    for name, text in {
        "book.toml": 'title = "T"\nlanguage = "en"\nnotes = "chapter"\n'
        '[sections]\nbody = ["a.md", { file = "b.md", kind = "section" }]\n',
        "a.md": "# A\n\na^[One.]\n",
        "b.md": "# B\n\nb^[Two.]\n",
    }.items():
        (tmp_path / name).write_text(text)
    book, _ = edit.edit(manuscript.read(tmp_path)[0])
    pages = {page.name: page for page in compose.compose(book)[0]}
    assert "One." not in pages["chapter-01"].xhtml
    assert words(parse_page(pages["chapter-01-2"].xhtml)).split()[-3:] == ["Notes", "One.", "Two."]


def test_forty_calls_lead_to_one_note(tmp_path: Path) -> None:
    """Each call has an anchor of its own and the same number."""
    book, pages = composed(tmp_path, "foot")
    note = book.sections[1].notes[0]
    links = elements(parse_page(pages["chapter-02"].xhtml), "a")
    calls = [a for a in links if "note-call" in classes(a) and a.get("href") == f"#{note.anchor}"]
    assert [call.get("id") for call in calls] == list(note.calls)
    assert len(set(note.calls)) == 40
    assert {(call.get("href"), call.text) for call in calls} == {(f"#{note.anchor}", "1")}


@pytest.mark.slow
@pytest.mark.parametrize("place", ["foot", "chapter", "book"])
def test_notes_are_whole_in_both_outputs(tmp_path: Path, place: NotesPlace) -> None:
    """Both outputs have every note (the build proves it); on paper each is a Note, once."""
    target = tmp_path / "book.pdf"
    options = publish.Options(cache=tmp_path / "cache")
    report = publish.build(written(tmp_path, place), {"epub": tmp_path / "book.epub", "pdf": target}, options)
    assert report.problems == ()
    anchors = [note.anchor for section in report.book.sections for note in section.notes]
    with pikepdf.open(target) as bound:
        tagged = [str(element.get("/ID")) for element in bound.objects if is_note(element)]
    assert len(tagged) == len(set(tagged)) == len(anchors)
    with pypdfium2.PdfDocument(target) as bound:
        pages = [page.get_textpage().get_text_range() for page in bound]
    notes, text = (max(n for n, page in enumerate(pages) if end in page) for end in ("Forty times", "Word39"))
    assert (notes > text) == (place == "book")


def is_note(element: pikepdf.Object) -> bool:
    """Tell whether an object of a PDF is the structure element of a note."""
    return isinstance(element, pikepdf.Dictionary) and element.get("/S") == "/Note"


@pytest.mark.slow
def test_each_note_stands_on_the_page_of_its_call(tmp_path: Path) -> None:
    """Wherever a page ends: the engine sends notes to the next page, or to the last (its issue 1564)."""
    before, after = "The wind rises and the sea is high. ", " It went on for long."
    paragraphs = [f"{before * (n % 7)}Here is call{n}x[^{n}].{after * (n % 5)}" for n in range(160)]
    notes = [f"[^{n}]: This is note{n}x. {'It says some more. ' * (n % 11)}" for n in range(160)]
    (tmp_path / "book.md").write_text(
        "---\ntitle: T\nlang: en\n---\n\n# One\n\n" + "\n\n".join(paragraphs + notes)
    )
    publish.build(tmp_path / "book.md", {"pdf": tmp_path / "a.pdf"}, publish.Options(tmp_path / "cache", 0))
    with pypdfium2.PdfDocument(tmp_path / "a.pdf") as bound:
        texts = [page.get_textpage().get_text_bounded() for page in bound]

    assert len(texts) > 25
    assert set(pages_between(texts, 160)) == {0}


def test_how_notes_on_other_pages_are_found() -> None:
    """The measure of the test above sees a note a page before its call, and one a page after."""
    assert pages_between(["call0x note1x", "call1x call2x note0x", "note2x"], 3) == [1, -1, 1]


def pages_between(texts: list[str], count: int) -> list[int]:
    """Return how many pages each note stands behind its call."""
    call, note = (
        [next(i for i, text in enumerate(texts) if f"{kind}{n}x" in text) for n in range(count)]
        for kind in ("call", "note")
    )
    return [after - before for before, after in zip(call, note, strict=True)]
