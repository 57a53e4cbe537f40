"""The nouns: what a book is made of, from the manuscript to the finished pages.

Frozen values, no behaviour beyond small properties. XHTML fragments are well-formed text without
namespace declarations (elements are XHTML, `epub:type` may be used, MathML and SVG declare their own).
Every block element of a fragment carries `data-line`, its line in the source file, until the output
is written. Anchors are unique in the whole book; links are `#anchor`; only the EPUB knows file names.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Literal, get_args

#: Bytes, or what gives them: the same ones each time.
Content = bytes | Callable[[], bytes]
Matter = Literal["front", "body", "back"]
WritingMode = Literal["horizontal-tb", "vertical-rl"]
NotesPlace = Literal["foot", "chapter", "book"]
CaptionKind = Literal["figure", "table", "listing", "equation"]
CAPTION_KINDS: tuple[CaptionKind, ...] = ("figure", "table", "listing", "equation")
#: How a kind is numbered; `auto`: what has a name for references, by chapter where chapters are numbered.
Numbering = Literal["auto", "chapter", "through", "none"]


@dataclass(frozen=True, slots=True)
class Contributor:
    """A person or an organisation that made the book."""

    name: str
    #: MARC relator code: aut, trl, ill, edt, …
    role: str = "aut"
    #: The name as an alphabetical list has it (« Hugo, Victor »); empty: derived.
    sort_as: str = ""
    #: The name in another script (« 雨果 »), and the BCP 47 tag of its language.
    alternate: str = ""
    alternate_language: str = ""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a library or a shop knows of the book."""

    title: str
    #: BCP 47, such as `fr-FR`.
    language: str
    subtitle: str = ""
    #: For running heads; empty: the title.
    short_title: str = ""
    #: Titles with letters that are shown otherwise than written (« XIXe siècle ») → inline XHTML.
    shown: tuple[tuple[str, str], ...] = ()
    contributors: tuple[Contributor, ...] = ()
    #: A URN (`urn:isbn:…`, `urn:uuid:…`); stable: derived from the book when none is given.
    identifier: str = ""
    #: ISBNs as they are typed, with their hyphens.
    isbn_epub: str = ""
    isbn_print: str = ""
    doi: str = ""
    #: Web address of the book's ONIX record.
    onix: str = ""
    publisher: str = ""
    imprint: str = ""
    #: ISO 8601 date, or year, of publication; may be empty.
    date: str = ""
    edition: str = ""
    series: str = ""
    series_position: str = ""
    #: Words, or a code of a scheme and its term: `Thema FBA: Modern fiction`.
    subjects: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    description: str = ""
    rights: str = ""
    licence: str = ""
    licence_url: str = ""
    #: `ltr` or `rtl`: base direction of the text.
    direction: Literal["ltr", "rtl"] = "ltr"
    #: Path of the cover image in the book, or empty: one is generated.
    cover: str = ""
    cover_alt: str = ""

    def inline(self, title: str) -> str:
        """Return a title as inline XHTML."""
        return dict(self.shown).get(title) or escape(title, quote=False)

    @staticmethod
    def isbn_urn(isbn: str) -> str:
        """Return an ISBN as a URN: without hyphens and spaces (RFC 3187)."""
        return f"urn:isbn:{''.join(isbn.replace('-', '').split())}"

    @property
    def authors(self) -> tuple[str, ...]:
        """Names of the contributors whose role is author."""
        return tuple(person.name for person in self.contributors if person.role == "aut")


Design = Literal["essay", "novel", "manual"]
#: Design → width and height of the page that it is drawn for, in millimetres.
TRIMS: Mapping[Design, tuple[float, float]] = {
    "essay": (140.0, 210.0), "novel": (125.0, 190.0), "manual": (170.0, 240.0),
}  # fmt: skip


#: What a PDF may declare itself to be; each is declared with its companion (see `pdf.standard`).
PdfStandard = Literal["pdf/ua-1", "pdf/ua-2", "pdf/a-2a", "pdf/a-3a", "pdf/a-4f"]
PDF_STANDARDS: tuple[PdfStandard, ...] = get_args(PdfStandard)


@dataclass(frozen=True, slots=True)
class Print:
    """How the book is printed. Measures in millimetres."""

    #: Which of the publisher's designs its pages begin from: a style sheet of that name.
    design: Design = "essay"
    #: Width and height of the trimmed page.
    trim: tuple[float, float] = TRIMS["essay"]
    #: inner, top, outer, bottom; None: from the style's proportions for the trim size.
    margins: tuple[float, float, float, float] | None = None
    #: Where chapters open: `recto`, `page` (either side), or `auto`: recto unless chapters are short.
    openings: Literal["auto", "recto", "page"] = "auto"
    standard: PdfStandard = "pdf/ua-1"


@dataclass(frozen=True, slots=True)
class Accessibility:
    """What the publisher says of the e-book's accessibility; the rest is read off the book."""

    #: The organisation that answers for the claim of conformance; empty: nothing is claimed.
    certifier: str = ""
    #: ISO 8601 date of its check; addresses of its credential and of its report; each may be empty.
    certified: str = ""
    credential: str = ""
    report: str = ""
    #: Sentences that follow those of the summary that the publisher makes.
    summary: str = ""
    #: Exemptions of the European Accessibility Act that the publisher uses: `eaa-microenterprise`, …
    exemptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ebook:
    """How the e-book is made."""

    #: The EPUB has the pages of the print edition, though it alone is made: the PDF is typeset for that.
    page_list: bool = False
    #: What readers of EPUB 2 need: NCX and guide.
    for_old_readers: bool = True


@dataclass(frozen=True, slots=True)
class Hyphenation:
    """Where the book's own words may be divided in print, beyond what the patterns of its languages say."""

    #: Each word with hyphens where it may be divided; one without any is never divided.
    words: tuple[str, ...] = ()
    #: Proper names are not divided.
    keep_names: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """Choices of the book that aren't metadata."""

    number_chapters: bool = False
    number_parts: bool = False
    #: How many levels of headings below the chapters are numbered: 1.1, 1.1.1.
    number_sections: int = 0
    numbering: Mapping[CaptionKind, Numbering] = field(default_factory=dict)
    #: Kinds that have a list after the contents.
    lists: tuple[CaptionKind, ...] = ()
    #: How many levels of the book the contents show; 0: not yet chosen (see `edit.contents`).
    toc_depth: int = 0
    #: Where notes stand: at the foot of the page (an e-book, which has none, shows them at its end), at the
    #: end of their chapter, or at the book's.
    notes: NotesPlace = "foot"
    #: Lines of the e-book's text; on paper they are horizontal.
    writing_mode: WritingMode = "horizontal-tb"
    #: Where the next page lies: empty, as language and writing mode have it.
    page_progression: Literal["", "ltr", "rtl"] = ""
    print: Print = field(default_factory=Print)
    ebook: Ebook = field(default_factory=Ebook)
    accessibility: Accessibility = field(default_factory=Accessibility)
    hyphenation: Hyphenation = field(default_factory=Hyphenation)
    #: Style sheets of the book's own, added after the defaults: name → CSS text, by output.
    styles: tuple[Style, ...] = ()
    #: Templates of the book's own that replace a default one: (template name, Jinja2 text, path shown).
    templates: tuple[tuple[str, str, str], ...] = ()
    #: Families asked for in place of the defaults: (serif, sans, mono); empty: default.
    fonts: tuple[str, str, str] = ("", "", "")


@dataclass(frozen=True, slots=True)
class Style:
    """One style sheet: for which output, its text, and the path to name in problems."""

    output: Literal["text", "ebook", "print"]
    css: str
    source: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside a section's text (not the section's own title)."""

    #: Depth in the whole book, 1 to 6: the element is `h{level}`.
    level: int
    anchor: str
    #: Inline XHTML, without notes, links or anchors: fit for contents and navigation.
    title: str
    line: int
    #: Number shown before the title (1.1); empty: none.
    number: str = ""


@dataclass(frozen=True, slots=True)
class Caption:
    """A figure, table, listing or equation that has a number."""

    kind: CaptionKind
    #: Empty: nothing can refer to it.
    anchor: str
    #: 3, or 2.3 by chapter.
    number: str
    #: Inline XHTML without notes, links or anchors, fit for a list; may be empty.
    title: str
    #: BCP 47.
    language: str


@dataclass(frozen=True, slots=True)
class Note:
    """A note: called once or more in a section's text, shown at the foot, or in the EPUB's notes."""

    anchor: str
    #: Anchors of its calls, in order; the first is where the note's back-link leads.
    calls: tuple[str, ...]
    #: What the reader sees at the call: 1, 2, …; numbered by chapter.
    label: str
    #: Block XHTML.
    body: str
    line: int
    #: The note's text as `letters` of the source tokens (see `Section.letters`).
    letters: str


@dataclass(frozen=True, slots=True)
class Section:
    """One stretch of the book that has its own page in the EPUB: a part, a chapter, a preface.

    Sections are in reading order; `depth` nests them. Kinds that the publisher makes (title-page,
    copyright, contents, notes, colophon) have no body: a template makes them.
    """

    anchor: str
    matter: Matter
    #: `part` (a title alone, or with a short text), `chapter`, `section` (a chapter's continuation in a
    #: file of its own), or a name of the trade: preface, foreword, introduction, dedication, …
    kind: str
    #: 1 for what stands directly in the book, 2 for a chapter in a part, …; the title is `h{depth}`.
    depth: int
    #: Inline XHTML, notes' calls included; empty: the section has no title.
    title: str
    #: The title for contents and running heads: inline XHTML without notes, links and anchors.
    short_title: str
    #: The title's words.
    plain_title: str
    #: Block XHTML, without the title.
    body: str
    headings: tuple[Heading, ...]
    notes: tuple[Note, ...]
    #: Resource paths that the body shows, in order, each use once.
    images: tuple[str, ...]
    #: Every character of the manuscript's text that isn't white space, in order: title, then body
    #: without notes; from the Markdown tokens, so that it can prove the XHTML.
    letters: str
    #: The file, as the author knows it, and the line of the title.
    source: str
    line: int = 1
    #: How many words its text has, title and notes included.
    words: int = 0
    #: False: its text is words and emphasis alone, with nothing that editing has to look for.
    marked: bool = True
    #: Number shown before the title (1, 2 … or I, II …); empty: none.
    number: str = ""
    #: BCP 47, when the section isn't in the book's language.
    language: str = ""
    #: Where the lines of a file that includes others come from, in order: first line, file, line there.
    lines: tuple[tuple[int, str, int], ...] = ()

    def where(self, line: int) -> tuple[str, int]:
        """Return file and line, as the author knows them, of a line that `data-line` or the like has."""
        return origin(self.source, self.lines, line)

    def noted(self, at: str) -> tuple[str, int, int]:
        """Return file, line and column of what a tag notes in `data-at`: `line:column`, maybe with `?`."""
        line, _, column = at.removesuffix("?").partition(":")
        where = self.where(int(line) if line.isdecimal() else self.line)
        return (*where, int(column) if column.isdecimal() else 0)


def origin(source: str, lines: Sequence[tuple[int, str, int]], line: int) -> tuple[str, int]:
    """Return file and line of a line of a text that is made of several files (see `Section.lines`)."""
    number = bisect_right(lines, line, key=lambda stretch: stretch[0]) - 1
    if number < 0 or not line:
        return source, line
    first, file, there = lines[number]
    return file, there + line - first


@dataclass(frozen=True, slots=True)
class Resource:
    """An image of the book, decoded and found good."""

    #: Path in the book and in the EPUB: ASCII, unique, such as `images/h800.svg`.
    path: str
    media_type: str
    #: What the file holds, or how to read it: a thousand photographs at once would fill the memory.
    content: Content
    #: Pixels (SVG: user units of the view box).
    width: int
    height: int
    #: The file as the author knows it.
    source: str

    @property
    def data(self) -> bytes:
        """The image's bytes."""
        return self.content if isinstance(self.content, bytes) else self.content()


@dataclass(frozen=True, slots=True)
class Work:
    """A book, an article or the like that this book may cite."""

    key: str
    #: One item of CSL-JSON.
    csl: str
    #: The file, as the author knows it, and the line of the entry; 0: unknown.
    source: str
    line: int


@dataclass(frozen=True, slots=True)
class Bibliography:
    """What a book may cite, and how."""

    #: The text of a style in CSL; empty: it couldn't be found.
    style: str
    works: tuple[Work, ...]
    #: The list has all works; else those cited.
    show_all: bool = False
    #: Keys of works that the list has though the text doesn't cite them.
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Book:
    """A whole book in memory."""

    metadata: Metadata
    settings: Settings
    sections: tuple[Section, ...]
    resources: tuple[Resource, ...]
    #: Folder or file that the book was read from, as given.
    source: str
    #: Seconds since 1970 that stand for « now » in the outputs: SOURCE_DATE_EPOCH, the book's date, or
    #: its last commit.
    modified: int
    #: The text has parts for one output only: the other output needs a reading of its own.
    varies: bool = False
    #: What has a number besides sections, in order.
    captions: tuple[Caption, ...] = ()
    #: None: the book cites nothing.
    bibliography: Bibliography | None = None

    @property
    def is_one_file(self) -> bool:
        """Tell whether the book is a single file, with its settings at its head."""
        return any(section.source == self.source for section in self.sections)


@dataclass(frozen=True, slots=True)
class Page:
    """A finished XHTML page: one file of the EPUB, one stretch of the PDF."""

    #: File stem: ASCII, unique, stable, such as `chapter-03`.
    name: str
    #: The page's `<title>`, plain text.
    title: str
    #: A whole XHTML 5 document (text, UTF-8 when written), `data-line` still in it.
    xhtml: str
    #: The section that it shows.
    section: Section
    #: What the navigation's landmarks call it: `cover`, `titlepage`, `toc`, `bodymatter`, …; or empty.
    landmark: str = ""
    #: `ebook`: only in the EPUB (the notes' page); `print`: only on paper (the half title).
    only: Literal["", "ebook", "print"] = ""
