"""The printed book as who listens to it has it: the structure tree, read back by other libraries.

MuPDF reads the tree's objects, PDFium the words of each run of marked content.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pymupdf
import pypdfium2
import pytest
from pypdfium2 import raw

import publish
from publish.xhtml import letters

_KID = re.compile(r"(\d+) 0 R|<<(.*?)>>|(\d+)", re.DOTALL)

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
#: What the publisher itself writes before a list's items.
MARKER = re.compile(r"[•◦▪]|\w{1,6}\.")


@dataclass
class Tag:
    """One structure element: what it is, in which language, its words and the elements in it."""

    role: str
    language: str = ""
    #: Other attributes that matter: alternative text, identifier, scope and spans of cells.
    more: dict[str, str] = field(default_factory=dict)
    kids: list[Tag | str] = field(default_factory=list)

    def tags(self, *roles: str) -> Iterator[Tag]:
        """Yield the elements of some roles at and below this one, in reading order."""
        if self.role in roles:
            yield self
        for kid in self.kids:
            if isinstance(kid, Tag):
                yield from kid.tags(*roles)

    def words(self, *without: str) -> str:
        """Return the words at and below this element, except those of elements of some roles."""
        texts = (kid if isinstance(kid, str) else kid.words(*without) for kid in self.kids)
        return "" if self.role in without else "".join(texts)

    def outline(self, depth: int = 0) -> Iterator[str]:
        """Yield a line for each element, with the words that are its own."""
        said = "".join(kid if isinstance(kid, str) else "…" for kid in self.kids).strip()
        marks = [f"[{self.language}]"] if self.language else []
        marks += [f"{name}={value}" for name, value in self.more.items()]
        yield "  " * depth + " ".join([self.role, *marks, said if said.strip("… ") else ""]).rstrip()
        for kid in self.kids:
            if isinstance(kid, Tag):
                yield from kid.outline(depth + 1)


class TaggedPdf:
    """The structure tree of a file."""

    def __init__(self, path: Path) -> None:
        """Open a file in both libraries."""
        self._objects, self._pages = pymupdf.open(path), pypdfium2.PdfDocument(path)
        self._numbers = {self._objects.page_xref(i): i for i in range(len(self._objects))}
        self._words: dict[int, dict[int, str]] = {}

    @cached_property
    def document(self) -> Tag:
        """Return the tree's Document element."""
        root = self._reference(self._objects.pdf_catalog(), "StructTreeRoot")
        return self._tag(self._reference(root, "K"))

    def _tag(self, number: int) -> Tag:
        page = self._reference(number, "Pg")
        role, language = self._value(number, "S").lstrip("/"), self._value(number, "Lang")
        made = Tag(role, language, self._attributes(number))
        for reference, inline, mcid in _KID.findall(self._value(number, "K")):
            if reference:
                made.kids.append(self._tag(int(reference)))
            elif mcid:
                made.kids.append(self._text(page, int(mcid)))
            elif found := re.search(r"/MCID (\d+)", inline):
                own = re.search(r"/Pg (\d+) 0 R", inline)
                made.kids.append(self._text(int(own[1]) if own else page, int(found[1])))
        if "Alt" in made.more:  # it stands for what is drawn, words in a picture too
            made.kids = [kid for kid in made.kids if isinstance(kid, Tag)]
        return made

    def _attributes(self, number: int) -> dict[str, str]:
        named = {name: self._value(number, name) for name in ("Alt", "ID")}
        for name in ("Scope", "ColSpan", "RowSpan"):
            named[name] = self._value(number, f"A/{name}").lstrip("/")
        return {name: value for name, value in named.items() if value}

    def _value(self, number: int, name: str) -> str:
        kind, value = self._objects.xref_get_key(number, name)
        return "" if kind == "null" else str(value)

    def _reference(self, number: int, name: str) -> int:
        value = self._value(number, name).split()
        return int(value[0]) if len(value) == 3 else 0

    def _text(self, page: int, mcid: int) -> str:
        index = self._numbers[page]
        if index not in self._words:
            self._words[index] = dict(self._runs(index))
        return self._words[index].get(mcid, "")

    def _runs(self, index: int) -> Iterator[tuple[int, str]]:
        """Yield each marked content of a page with its words."""
        page = self._pages[index]
        reader = page.get_textpage()
        words: dict[int, str] = {}
        for drawn in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT], max_depth=1):
            mcid = raw.FPDFPageObj_GetMarkedContentID(drawn.raw)
            words[mcid] = words.get(mcid, "") + _drawn_text(drawn, reader)
        yield from words.items()


def _drawn_text(drawn: pypdfium2.PdfObject, reader: pypdfium2.PdfTextPage) -> str:
    size = raw.FPDFTextObj_GetText(drawn.raw, reader.raw, None, 0)
    room = ctypes.create_string_buffer(size)
    raw.FPDFTextObj_GetText(drawn.raw, reader.raw, ctypes.cast(room, ctypes.POINTER(ctypes.c_ushort)), size)
    return room.raw.decode("utf-16-le").rstrip("\0")


def running_text(tag: Tag) -> str:
    """Return an element's words without notes, their calls, and the markers of lists."""
    if tag.role in {"Note", "Reference"} or (tag.role == "Lbl" and MARKER.fullmatch(tag.words().strip())):
        return ""
    return "".join(kid if isinstance(kid, str) else running_text(kid) for kid in tag.kids)


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
