"""The printed book as who listens to it has it: the structure tree, read back by other libraries."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pymupdf
import pypdfium2
import pytest
from tests.tagged import Tag, TaggedPdf, running_text

import publish
from publish.xhtml import letters

MANUSCRIPT = """\
---
title: Essai
lang: fr
---

# Partie {.part}

## La cour {#cour}

Un *[short story]{lang=en}* et une note[^a]. Voyez [l’autre](#atelier). C’est un arc-en-ciel.

> Une citation.

- un
- [two]{lang=en} deux

| pays | part |
|------|-----:|
| [France]{lang=en} | 1 |
|  | 2 |

: Les parts

``` python
print("oui")
```

Terme

:   Sa définition.

***

[^a]: Une note, avec un mot [in English]{lang=en}.

## L’atelier {#atelier}

"""
LONG = "Le développement considérable des investissements représente incontestablement un progrès. " * 40


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tag:
    """The tree of a small book whose second chapter has a paragraph over several pages."""
    folder = tmp_path_factory.mktemp("tags")
    (folder / "book.md").write_text(f"{MANUSCRIPT}{LONG}\n\nFin.\n", "utf-8")
    publish.build(folder / "book.md", {"pdf": folder / "b.pdf"}, publish.Options(folder / "cache", 0))
    return TaggedPdf(folder / "b.pdf").document


def test_tree_is_the_source_s_outline(tree: Tag, golden: Callable[[str, str], None]) -> None:
    """Each element of the source is one tag, in order, with its role, its language and its words."""
    golden("tags.txt", "".join(f"{line[:90]}\n" for line in tree.outline()))


def test_paragraph_over_pages_is_one_tag_with_whole_words(tree: Tag) -> None:
    """Lines end with a space or a soft hyphen: the words of a long paragraph are the source's, each once."""
    long = next(tag for tag in tree.tags("P") if "développement" in tag.words())
    words = long.words().replace("\u00ad", "").replace("\x02", "")

    assert " ".join(words.split()) == LONG.strip()


def test_a_part_holds_its_chapters(tree: Tag) -> None:
    """Chapters are inside their part, as the contents show them."""
    (part,) = tree.tags("Part")

    assert [tag.words() for tag in part.tags("H1", "H2")] == ["Partie", "La cour", "L’atelier"]


def test_note_is_tied_to_its_call(tree: Tag) -> None:
    """The call is a link that stands before its note; the note's number is a link back."""
    paragraph = next(tag for tag in tree.tags("P") if "short story" in tag.words())
    roles = [kid.role for kid in paragraph.kids if isinstance(kid, Tag)]
    (note,) = tree.tags("Note")

    assert roles.index("Note") == roles.index("Reference") + 1
    assert note.more["ID"]
    assert [link.words().strip() for link in note.tags("Link")] == ["1."]


def test_long_note_stands_behind_its_call_too(tmp_path: Path) -> None:
    """In the tree a note that is drawn at the chapter's end comes before one that is called later."""
    source = f"# Un\n\nAvant[^a] et après[^b].\n\n[^a]: {LONG}\n\n[^b]: Brève.\n"
    (tmp_path / "book.md").write_text(source, "utf-8")
    publish.build(tmp_path / "book.md", {"pdf": tmp_path / "b.pdf"}, publish.Options(tmp_path / "cache", 0))
    (paragraph,) = (p for p in TaggedPdf(tmp_path / "b.pdf").document.tags("P") if "Avant" in p.words())
    roles = [kid.role for kid in paragraph.kids if isinstance(kid, Tag)]

    assert roles == ["Reference", "Note", "Reference", "Note"]
    assert [note.words().split()[:2] for note in paragraph.tags("Note")] == [["1.", "Le"], ["2.", "Brève."]]


def test_arabic_letters_are_read_as_written(tmp_path: Path) -> None:
    """A glyph that is drawn with a mark first, and alone later, stands for its letter there."""
    line = "كلّ هذه الأعضاء التي تتألّف منها، لن يضطلع إلا"
    (tmp_path / "book.md").write_text(f"---\nlang: ar\n---\n\n# بحر\n\n{line}\n", "utf-8")
    publish.build(tmp_path / "book.md", {"pdf": tmp_path / "b.pdf"}, publish.Options(tmp_path / "cache", 0))
    with pypdfium2.PdfDocument(tmp_path / "b.pdf") as printed:
        read = "".join(page.get_textpage().get_text_bounded() for page in printed)

    assert "التي" in read
    assert "لن يضطلع" in read


#: Books whose letters PDFium gives in the order in which they are written: of a line with Arabic or Hebrew in
#: it every reader makes its own order: the Arabic books and the Rust books' greetings aren't here.
READ_IN_ORDER = (
    "hamlet-en/manuscript", "leaves-of-grass-en/manuscript", "pandoc-manual-en/MANUAL.txt",
    "kusamakura-ja/manuscript", "war-and-peace-en/manuscript", "les-miserables-fr/manuscript",
)  # fmt: skip


@pytest.mark.parametrize("name", READ_IN_ORDER)
def test_tree_has_every_word_once_in_order(
    manuscripts: Path, tmp_path: Path, shared_cache: Path, name: str
) -> None:
    """The tags of a whole book hold its sections' letters, one after the other, with nothing between lost."""
    target = tmp_path / "book.pdf"
    report = publish.build(manuscripts / name, {"pdf": target}, publish.Options(shared_cache))
    document = TaggedPdf(target).document
    text, place = letters(running_text(document)), 0
    for section in report.book.sections:
        found = text.find(section.letters, place)
        assert found >= 0, section.plain_title
        place = found + len(section.letters)
    notes = [letters(note.words("Reference")) for note in document.tags("Note")]

    assert notes == [note.letters for section in report.book.sections for note in section.notes]


def test_leaders_lead_to_the_folios_and_are_not_heard(tmp_path: Path) -> None:
    """In the manual’s contents dots lead to folios at the edge, where a line hangs too; tags omit them."""
    (tmp_path / "book.toml").write_text(
        'title = "A"\nlanguage = "en"\n[print]\ndesign = "manual"\ntrim = "170x240mm"\n'
        '[sections]\nbody = ["a.md", "b.md"]\n'
    )
    for name, title in (
        ("a", "One"),
        ("b", "A title that is long, and longer still, so that its line must turn " * 2),
    ):
        (tmp_path / f"{name}.md").write_text(f"# {title}\n\nText.\n")
    publish.build(tmp_path, {"pdf": tmp_path / "book.pdf"}, publish.Options(tmp_path / "cache", 0))
    toc = next(TaggedPdf(tmp_path / "book.pdf").document.tags("TOC"))
    with pymupdf.open(tmp_path / "book.pdf") as bound:
        contents = next(page for page in bound if "Contents" in page.get_text())
        words = contents.get_text("words")
    folios = [word[2] for word in words if word[4] in ("1", "3")]

    assert " ".join(toc.words().split()).startswith("One 1A title that is long,")
    assert " . " not in toc.words()
    assert sum(word[4] == "." for word in words) > 20
    assert len(folios) == 2
    assert max(folios) - min(folios) < 1
