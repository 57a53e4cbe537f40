"""The printed book: order of pages, structure tree, furniture, links, fonts, bounds, cache."""

from __future__ import annotations

import io
import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pikepdf
import pypdfium2
import pytest
from PIL import Image

import publish
from publish import __main__ as command
from publish import cache, compose, fonts, pdf, workers
from publish.book import (
    PDF_STANDARDS,
    TRIMS,
    Book,
    Contributor,
    Design,
    Matter,
    Metadata,
    Note,
    Page,
    Print,
    Resource,
    Section,
    Settings,
    Style,
)
from publish.pdf.geometry import geometry, page_rules
from publish.pdf.impose import impose, label_ranges, roman
from publish.pdf.plan import plan, with_notes_at_end
from publish.pdf.run import PressRun
from publish.pdf.sheets import Press, SheetJob, Stretch
from publish.problems import Problem
from publish.xhtml import XHTML, letters

TEXT = "Le vent se lève et la mer monte, il faut tenter de vivre encore un peu avant la nuit. "
PRINT_CSS = (Path(__file__).parent.parent / "styles" / "print.css").read_text("utf-8")


def section(anchor: str, body: str, notes: tuple[Note, ...] = ()) -> Section:
    """Return a chapter that has a one-word title."""
    title = anchor.title()
    return Section(
        anchor=anchor, matter="body", kind="chapter", depth=1, title=title, short_title=title,
        plain_title=title, body=body, headings=(), notes=notes, images=(), letters="", source=f"{anchor}.md",
    )  # fmt: skip


def page(chapter: Section) -> Page:
    """Return a page as the templates make it."""
    xhtml = (
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="fr">'
        f"<head><title>{chapter.plain_title}</title></head><body>"
        f'<section id="{chapter.anchor}" class="{chapter.kind}"><header class="opening">'
        f'<h1 id="{chapter.anchor}-title"><span class="title">{chapter.title}</span></h1></header>'
        f"{chapter.body}</section></body></html>"
    )
    return Page(chapter.anchor, chapter.plain_title, xhtml, chapter)


Printer = Callable[..., pdf.PrintedBook]


@pytest.fixture(scope="session")
def faces() -> tuple[fonts.FontFace, ...]:
    """The default families, cut to Latin."""
    return fonts.faces(frozenset("é"), None, "fr")[0]


@pytest.fixture
def printer(tmp_path: Path, faces: tuple[fonts.FontFace, ...]) -> Iterator[Printer]:
    """Print sections; the cache lives as long as the test."""

    def build(*sections: Section, css: str = PRINT_CSS, store: cache.Store | None = None) -> pdf.PrintedBook:
        metadata = Metadata("La Mer", "fr", contributors=(Contributor("Paul V."),))
        book = Book(metadata, Settings(), sections, (), str(tmp_path), 0)
        shop = pdf.Shop((Style("print", css, "print.css"),), faces, store or kept)
        return pdf.build(book, [page(s) for s in sections], shop)

    with cache.opened(tmp_path / "cache") as kept:
        yield build


def opened(printed: pdf.PrintedBook) -> pikepdf.Pdf:
    """Return the bound PDF, open."""
    return pikepdf.Pdf.open(io.BytesIO(printed.data))


def nodes(element: pikepdf.Object, role: str) -> list[pikepdf.Object]:
    """Return the structure elements of a role below an element, in order."""
    found = [element] if element.get("/S") == f"/{role}" else []
    kids = element.get("/K")
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            found += nodes(kid, role)
    return found


def tree(bound: pikepdf.Pdf) -> pikepdf.Object:
    """Return the Document element."""
    return bound.Root.StructTreeRoot.K


def stretch(name: str, matter: Matter = "body", kind: str = "chapter", source: str = "") -> Stretch:
    """Return a stretch that opens on a recto."""
    return Stretch(SheetJob(name, ""), matter, "recto", kind, (name,), source=source)


@pytest.mark.parametrize(
    ("number", "numeral"), [(1, "i"), (4, "iv"), (9, "ix"), (14, "xiv"), (1999, "mcmxcix")]
)
def test_roman(number: int, numeral: str) -> None:
    """Front matter is numbered in lower-case roman numerals."""
    assert roman(number) == numeral


def test_chapters_open_on_rectos() -> None:
    """A chapter that ends on a recto is followed by a blank verso, which shows nothing."""
    placed = impose([stretch("a"), stretch("b")], [3, 2])

    assert [(p.stretch, p.label, p.verso) for p in placed] == [
        (0, "1", False), (0, "2", True), (0, "3", False), (None, "4", True), (1, "5", False), (1, "6", True),
    ]  # fmt: skip
    assert placed[3].furniture == "none"


def test_body_begins_at_one_on_a_recto() -> None:
    """The body's first page is 1 and a recto, however long the front matter; labels change there."""
    placed = impose([stretch("toc", matter="front", kind="contents"), stretch("a")], [3, 1])

    assert [p.label for p in placed] == ["i", "ii", "iii", "iv", "1"]
    assert list(label_ranges(placed)) == [(0, "r", 1), (4, "D", 1)]


def test_openings_show_no_head() -> None:
    """A chapter's first page has a folio at its foot, the others a running head."""
    assert [p.furniture for p in impose([stretch("a")], [2])] == ["opening", "head"]


def test_paragraph_over_two_pages_is_one_element(printer: Printer) -> None:
    """The structure tree has one P for each paragraph, whatever pages it crosses."""
    bound = opened(printer(section("mer", f"<p>{TEXT * 60}</p><p>{TEXT}</p>")))

    assert len(bound.pages) > 1
    assert len(nodes(tree(bound), "P")) == 2


def test_roles(printer: Printer) -> None:
    """Headings, quotations, lists, tables and links have the roles that a screen reader needs."""
    body = (
        "<h2>Un</h2><blockquote><p>a</p></blockquote><ul><li>b</li></ul>"
        "<table><thead><tr><th scope='col'>c</th></tr></thead><tbody><tr><td>d</td></tr></tbody></table>"
        "<p><a href='https://example.org/'>e</a> <span lang='en'>f</span></p>"
        "<hr class='scene-break'/><pre><code>g</code></pre>"
    )
    bound = opened(printer(section("mer", body)))
    document = tree(bound)

    for role in "H1 H2 BlockQuote L LI LBody Table THead TR TH TD Link Code".split():
        assert nodes(document, role), role
    assert nodes(document, "TH")[0].A.Scope == "/Column"
    assert [str(span.Lang) for span in nodes(document, "Span")] == ["en"]


def test_language_returns_inside_another(printer: Printer) -> None:
    """French words inside an English quotation of a French book say that they are French."""
    body = "<p>un <span lang='en'>two <i lang='fr'>trois</i></span> <span lang='fr'>quatre</span></p>"
    bound = opened(printer(section("mer", body)))

    assert [str(span.Lang) for span in nodes(tree(bound), "Span")] == ["en", "fr"]


def note(anchor: str, text: str) -> Note:
    """Return a note called once."""
    return Note(anchor, (f"{anchor}-call",), "1", text, 1, "")


def called(anchor: str) -> str:
    """Return a note's call."""
    return f'<a class="note-call" id="{anchor}-call" href="#{anchor}">1</a>'


def test_note_follows_its_call(printer: Printer) -> None:
    """A note is a Note, after a Reference, in the paragraph that calls it; its letters are counted."""
    printed = printer(
        section("mer", f"<p>Avant{called('n')} après.</p>", notes=(note("n", "<p>Une note.</p>"),))
    )
    bound = opened(printed)
    paragraph = nodes(tree(bound), "P")[0]

    assert [str(kid.S) for kid in paragraph.K if isinstance(kid, pikepdf.Dictionary)] == [
        "/Reference",
        "/Note",
    ]
    assert str(nodes(paragraph, "Note")[0].ID) == "n"
    assert printed.drawn["note:n"] == letters("Une note.")
    assert printed.drawn["mer"] == letters("MerAvant après.")


def test_a_figure_floats_to_the_head_of_a_page(printer: Printer) -> None:
    """The text around it goes on below; for who listens, and in the proof, it stays where it is written."""
    figure = '<figure class="at-top" id="carte"><p>Plan</p><figcaption>Carte.</figcaption></figure>'
    before, after = f"<p>{TEXT * 9}</p>" * 4, f"<p>{TEXT * 9}</p>" * 3
    printed = printer(section("mer", before + figure + after))
    bound = opened(printed)

    with pypdfium2.PdfDocument(printed.data) as read:
        pages = [page.get_textpage().get_text_range().split() for page in read]
    assert [page.index("Plan") for page in pages if "Plan" in page] == [0]
    assert printed.drawn["mer"] == letters(f"Mer{TEXT * 36}PlanCarte.{TEXT * 27}")
    assert [str(kid.S) for kid in nodes(tree(bound), "Sect")[0].K][3:7] == ["/P", "/P", "/Sect", "/P"]


def test_a_figure_stands_below_the_title_of_a_chapter(printer: Printer) -> None:
    """On the page that a chapter opens it goes to the foot."""
    figure = '<figure class="at-top"><p>Plan</p></figure>'
    printed = printer(section("mer", f"<p>Avant.</p>{figure}<p>{TEXT * 60}</p>"))
    spots = {}
    with pypdfium2.PdfDocument(printed.data) as read:
        text = read[0].get_textpage()
        for word in ("Plan", "Avant", "Mer"):
            search = text.search(word)
            spots[word] = text.get_charbox(search.get_next()[0])[1]
    assert spots["Plan"] < 100 < spots["Avant"] < spots["Mer"]


def test_figures_that_float_stand_side_by_side(printer: Printer) -> None:
    """Several in one keep their columns at the head of a page."""
    two = "<figure><p>Plan A</p></figure>\n<figure><p>Plan B</p></figure>\n<figcaption>Deux.</figcaption>"
    figure = f'<figure class="figures columns-2 at-top">\n{two}\n</figure>'
    css = (Path(__file__).parent.parent / "styles" / "text.css").read_text("utf-8") + PRINT_CSS
    printed = printer(section("mer", f"<p>{TEXT * 36}</p>{figure}<p>{TEXT * 20}</p>"), css=css)
    spots = []
    with pypdfium2.PdfDocument(printed.data) as read:
        page = next(page for page in read if page.get_textpage().search("Plan A").get_next())
        for words in ("Plan A", "Plan B"):
            found = page.get_textpage().search(words).get_next()
            assert found
            spots.append(page.get_textpage().get_charbox(found[0]))
    assert spots[0][1] == pytest.approx(spots[1][1], abs=1)
    assert spots[0][0] + 100 < spots[1][0]


def test_a_figure_with_a_note_stays_where_it_is(printer: Printer) -> None:
    """A note can't float out of what floats."""
    figure = f'<figure class="at-top"><p>Plan</p><figcaption>Carte{called("n")}.</figcaption></figure>'
    printed = printer(
        section("mer", f"<p>a</p>{figure}<p>b</p>", notes=(note("n", "<p>Une note.</p>"),)),
    )
    assert printed.drawn["mer"] == letters("MeraPlanCarte.b")


def test_pages_unlike_others(printer: Printer) -> None:
    """A figure to the edges has room for the knife; around it and on a blank page stands nothing."""
    bleed = '<figure class="full-bleed"><figcaption>Ciel.</figcaption></figure>'
    printed = printer(section("mer", f'<p>a</p>{bleed}<p>b</p><div class="blank-page"></div><p>c</p>'))
    bound = opened(printed)

    boxes = [
        [[round(float(side)) for side in box] for box in (p.MediaBox, p.get("/CropBox", p.MediaBox))]
        for p in bound.pages
    ]
    assert boxes[1] == [[-9, -9, 405, 604], [0, 0, 397, 595]]
    assert boxes[2][0] == [0, 0, 397, 595]
    with pypdfium2.PdfDocument(printed.data) as read:
        texts = [sorted(page.get_textpage().get_text_range().split()) for page in read]
    assert texts == [["1", "Mer", "a"], ["Ciel."], ["3", "Mer", "b"], [], ["5", "Mer", "c"]]


def test_long_note_stands_at_the_end() -> None:
    """A note that the foot of a page can't hold is set at the chapter's end, its call a link to it."""
    chapter = section(
        "mer",
        f"<p>a{called('n')}</p>",
        notes=(replace(note("n", f"<p>{TEXT * 40}</p>"), letters="x" * 3000),),
    )
    book = Book(Metadata("t", "fr"), Settings(), (chapter,), (), "", 0)
    xhtml = plan(book, [page(chapter)])[0].job.xhtml

    assert 'class="end-note"' in xhtml
    assert 'class="footnote"' not in xhtml
    assert '<a class="note-call" id="n-call" href="#n">1</a>' in xhtml


def test_notes_that_run_over_are_moved(printer: Printer) -> None:
    """Notes that together don't fit below their line are moved too; every letter is drawn, on the page."""
    notes = tuple(note(f"n{i}", f"<p>{TEXT * 12}</p>") for i in range(12))
    printed = printer(
        section("mer", "<p>" + "".join(f"a{called(n.anchor)}" for n in notes) + "</p>", notes=notes)
    )

    assert all(printed.drawn[f"note:{n.anchor}"] == letters(TEXT * 12) for n in notes)
    text = "".join(p.get_textpage().get_text_bounded() for p in pypdfium2.PdfDocument(printed.data))
    assert letters(text).count("Levent") >= 12 * 12 - 4  # a page's end may fall between two words


@pytest.mark.parametrize("there", ["ciel", "été-là"])
def test_links_lead_across_stretches(printer: Printer, there: str) -> None:
    """A link to another chapter goes to that chapter's page, whatever letters its anchor has."""
    printed = printer(section("mer", f"<p><a href='#{there}'>là</a></p>"), section(there, f"<p>{TEXT}</p>"))
    bound = opened(printed)
    link = bound.pages[0].obj.Annots[0]

    assert link.Dest[0].objgen == bound.pages[2].obj.objgen
    assert "/A" not in link


def test_link_around_code_is_one_link(printer: Printer) -> None:
    """Every annotation belongs to a Link, whatever stands inside the link; an empty cell is a cell."""
    link = "<p><a href='https://example.org/'><code>x</code> y</a></p>"
    body = f"{link}<table><tr><td>a</td><td></td></tr><tr><td>b</td><td>c</td></tr></table>"
    bound = opened(printer(section("mer", body)))
    links = nodes(tree(bound), "Link")
    referred = [
        kid for kid in links[0].K if isinstance(kid, pikepdf.Dictionary) and kid.get("/Type") == "/OBJR"
    ]

    assert len(links) == 1
    assert len(referred) == len(bound.pages[0].obj.Annots)
    assert len(nodes(tree(bound), "TD")) == 4


def test_fonts_are_embedded_once(printer: Printer) -> None:
    """Chapters typeset apart share each font file."""
    bound = opened(printer(*(section(f"c{i}", f"<p>{TEXT}<em>{TEXT}</em></p>") for i in range(4))))
    files = {
        font.DescendantFonts[0].FontDescriptor.FontFile2.objgen
        for leaf in bound.pages if "/Font" in leaf.obj.Resources
        for font in leaf.obj.Resources.Font.values()
    }  # fmt: skip
    streams = [o for o in bound.objects if isinstance(o, pikepdf.Stream) and "/Length1" in o]

    assert len(files) == len(streams) == 2


def test_line_of_spaces_ends_as_others(printer: Printer) -> None:
    """Code whose lines hold nothing but spaces is typeset: no glyph is drawn for such a line."""
    printed = printer(section("mer", "<pre class='code'><code>a\n  \nb</code></pre>"))

    assert printed.drawn["mer"] == "Merab"


def test_small_capitals_are_read_as_written(printer: Printer) -> None:
    """Capitals and small letters of the same shape are told apart, in whatever order they come."""
    css = "h2 { font-variant-caps: all-small-caps } b { font-variant-caps: small-caps }"
    printed = printer(section("mer", "<h2>ÉTÉ Été</h2><p><b>Été</b></p>"), css=css)
    text = pypdfium2.PdfDocument(printed.data)[0].get_textpage().get_text_bounded()

    assert text.split("\r\n")[1:3] == ["ÉTÉ Été", "Été"]


def test_images_are_not_smoothed(tmp_path: Path, faces: tuple[fonts.FontFace, ...]) -> None:
    """No image asks to be interpolated, which PDF/A forbids, though the engine asks so of pixels."""
    drawn = io.BytesIO()
    Image.new("RGB", (2, 2), (200, 10, 10)).save(drawn, "PNG")
    dot = Resource("dot.png", "image/png", drawn.getvalue(), 2, 2, "dot.png")
    chapter = section("mer", "<p><img src='dot.png' alt='un point'/></p>")
    book = Book(Metadata("La Mer", "fr"), Settings(), (chapter,), (dot,), str(tmp_path), 0)
    printed = pdf.build(book, [page(chapter)], pdf.Shop((), faces, cache.Nothing()))
    bound = opened(printed)
    images = [o for o in bound.objects if isinstance(o, pikepdf.Stream) and o.get("/Subtype") == "/Image"]

    assert len(images) == 1
    assert "/Interpolate" not in images[0]


def test_words_can_be_read_back(printer: Printer) -> None:
    """Another library reads the text of the page, running head and folio included."""
    printed = printer(section("mer", f"<p>{TEXT * 60}</p>"))
    words = pypdfium2.PdfDocument(printed.data)[1].get_textpage().get_text_bounded()

    assert words.strip().endswith("2 La Mer")
    assert "tenter de vivre" in words.replace("\r\n", " ")


def test_lists_are_counted_as_the_author_says(printer: Printer) -> None:
    """From the number that they begin with, an item from its own, and in a style sheet's own way."""
    lists = (
        '<ol start="3"><li>un</li><li value="7">deux</li></ol><ol class="round" start="2"><li>trois</li></ol>'
    )
    rule = '@counter-style round { system: extends lower-alpha; prefix: "("; suffix: ") " }'
    printed = printer(section("a", lists), css=f"{rule} .round {{ list-style: round }}")
    text = pypdfium2.PdfDocument(printed.data)[0].get_textpage().get_text_bounded()
    assert [word for word in text.split() if word.endswith((".", ")"))] == ["3.", "7.", "(b)"]


def test_lines_are_full(printer: Printer) -> None:
    """A no-break space before italics doesn't make the engine break a line after its first word."""
    words = (
        "Un commentaire de Georgetown résuma l’affaire en retournant l’image : "
        "«\u00a0<i>bigger yard, higher fence</i>\u00a0»."
    )
    widths = [quarter / 4 for quarter in range(180, 280)]  # millimetres: the fault shows at some of them
    body = "".join(f'<p style="width: {width}mm">{words}</p>' for width in widths)
    css = ".opening { display: none } html { font: 10pt 'Source Serif 4', serif } p { break-inside: avoid }"
    bound = pypdfium2.PdfDocument(printer(section("mer", body), css=css).data)
    text = "\r\n".join(leaf.get_textpage().get_text_bounded() for leaf in bound)
    paragraphs = [paragraph.strip().split("\r\n") for paragraph in text.split("Un commentaire")[1:]]

    assert len(paragraphs) == len(widths)
    ends = [next(n for n, line in enumerate(lines) if "fence" in line) for lines in paragraphs]
    whole = [lines[1:end] for lines, end in zip(paragraphs, ends, strict=True)]
    assert not [lines for lines in whole if any(len(line) < 15 for line in lines)]


def table(rows: Iterable[Sequence[str]], caption: str = "") -> str:
    """Return a table whose first row is its head."""
    head, *others = ("".join(f"<td>{cell}</td>" for cell in row) for row in rows)
    body = "".join(f"<tr>{row}</tr>" for row in others)
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def test_wide_tables_stay_on_the_page(printer: Printer) -> None:
    """A word without a break, or many columns: the table is set tighter until the page holds every letter."""
    long = table([["mot", "sens"], ["x", "abcdefghij" * 14]])
    many = table([[f"col{i}" for i in range(14)], [str(1000 * i) for i in range(14)]])
    printed = printer(section("mer", f"{long}<p>{'sans-fin' * 40}</p>{many}"))
    leaf = pypdfium2.PdfDocument(printed.data)[0]
    text, width = leaf.get_textpage(), leaf.get_width()
    boxes = [text.get_charbox(i) for i in range(text.count_chars())]

    assert printed.drawn["mer"] == letters("Mermotsensx" + "abcdefghij" * 14 + "sans-fin" * 40) + "".join(
        [f"col{i}" for i in range(14)] + [str(1000 * i) for i in range(14)]
    )
    assert min(box[0] for box in boxes) > 30
    assert max(box[2] for box in boxes) < width - 30
    assert not printed.problems


def test_a_crowded_table_stands_on_a_turned_page(printer: Printer) -> None:
    """Where narrow columns would divide most words, a table has a page of its own, turned by a quarter."""
    caption = '<caption><span class="number">Tableau 1.</span> Les mots</caption>'
    words = ["gouvernement", "constitution", "administration", "observations", "capitalisation", "population"]
    body = table([[word.title() for word in words], *([words] * 6)], caption)
    printed = printer(section("mer", f"<p>Avant.</p>{body}<p>{TEXT * 3}</p>"))
    bound = opened(printed)
    rotations = [int(page.get("/Rotate", 0)) for page in bound.pages]
    turned = bound.pages[rotations.index(270)]
    plain = bound.pages[0]
    leaf = pypdfium2.PdfDocument(printed.data)[rotations.index(270)]
    said = leaf.get_textpage().get_text_bounded()

    assert rotations == [0, 270, 0]
    assert [float(side) for side in turned.MediaBox] == [float(plain.MediaBox[i]) for i in (0, 1, 3, 2)]
    assert leaf.get_size() == pypdfium2.PdfDocument(printed.data)[0].get_size()
    assert said.startswith("Tableau 1. Les mots")
    assert said.count("gouvernement") == 6
    assert "La Mer" not in said  # the running head of a verso
    assert len(nodes(tree(bound), "Table")) == 1
    assert printed.drawn["mer"] == letters(
        "MerAvant.Les mots" + "".join(word.title() for word in words) + "".join(words) * 6 + TEXT * 3
    )
    assert not printed.problems


def test_tables_say_that_they_go_on(printer: Printer) -> None:
    """The caption's number stands again on each page but the first; who listens hears the table once."""
    caption = '<caption><span class="number">Tableau 1.</span> Les ans</caption>'
    body = table((("an", "fait"), *((str(1900 + i), "rien") for i in range(70))), caption)
    printed = printer(section("mer", body))
    said = [leaf.get_textpage().get_text_bounded() for leaf in pypdfium2.PdfDocument(printed.data)]
    bound = opened(printed)
    (tagged,) = nodes(tree(bound), "Table")

    assert len(said) > 2
    assert ["Tableau 1 (suite)" in text for text in said] == [False] + [True] * (len(said) - 1)
    assert len(nodes(tagged, "TR")) == 71
    assert len(nodes(tagged, "TH")) == 0


def test_standard_is_the_book_s_choice(tmp_path: Path) -> None:
    """A book of PDF/A-4f is a PDF 2.0 whose links and outline lead to elements, and that holds its text."""
    head = "---\ntitle: Mer\nlang: fr\n---\n\n"
    text = f"{head}# Un\n\nVoir [deux](#deux)[^a].\n\n[^a]: Vu.\n\n# Deux {{#deux}}\n\nFin.\n"
    (tmp_path / "mer.md").write_text(text, "utf-8")
    options = publish.Options(tmp_path / "cache", 0, standard="pdf/a-4f")
    report = publish.build(tmp_path / "mer.md", {"pdf": tmp_path / "mer.pdf"}, options)
    with pikepdf.Pdf.open(tmp_path / "mer.pdf") as bound:
        packet = bytes(bound.Root.Metadata.read_bytes())
        links = [link for leaf in bound.pages for link in leaf.obj.get("/Annots", ())]
        with bound.open_outline() as outline:
            actions = [item.action for item in outline.root]

        assert not report.problems
        assert bound.pdf_version == "2.0"
        assert b"<pdfaid:conformance>F<" in packet
        assert b"<pdfuaid:part>2<" in packet
        assert all("/Dest" not in link and "/S" in link.A.SD[0] for link in links)
        assert actions
        assert all(action is not None and "/S" in action.SD[0] for action in actions)
        assert "Vu." in bound.attachments["text.xhtml"].get_file().read_bytes().decode()
        assert len(nodes(tree(bound), "FENote")) == 1


def test_the_command_line_knows_the_standards() -> None:
    """Its words are the book's."""
    assert command._STANDARDS == PDF_STANDARDS


def test_heads_of_a_glossary_name_its_terms(printer: Printer) -> None:
    """The first and the last term that begin on a page stand above it; no term is in two heads."""
    terms = "".join(f"<dt>Terme {i}</dt><dd><p>{TEXT}</p></dd>" for i in range(60))
    printed = printer(replace(section("mots", f"<dl>{terms}</dl>"), kind="glossary"))
    said = [leaf.get_textpage().get_text_bounded() for leaf in pypdfium2.PdfDocument(printed.data)]
    heads = [re.search(r"Terme (\d+) – Terme (\d+)", text) for text in said[1:]]
    bounds = [(int(head[1]), int(head[2])) for head in heads if head]

    assert len(bounds) == len(said) - 1 > 1
    assert bounds[-1][1] == 59
    assert [first for first, _ in bounds[1:]] == [last + 1 for _, last in bounds[:-1]]


def test_outline_and_labels(printer: Printer) -> None:
    """The outline has a line for each chapter; page labels are the folios."""
    bound = opened(printer(section("mer", "<p>a</p>"), section("ciel", "<p>b</p>")))

    with bound.open_outline() as outline:
        assert [item.title for item in outline.root] == ["Mer", "Ciel"]
    assert bound.Root.PageLabels.Nums[1].S == "/D"
    assert bool(bound.Root.MarkInfo.Marked)


def test_hidden_text_is_noticed(printer: Printer) -> None:
    """A paragraph that a style hides isn't among the letters drawn."""
    printed = printer(section("mer", "<p class='x'>caché</p><p>vu</p>"), css=".x { display: none }")

    assert printed.drawn["mer"] == "Mervu"


@pytest.mark.parametrize("away", ["position: relative; top: -300mm", "margin-left: 300mm"])
def test_text_off_the_page_is_noticed(printer: Printer, away: str) -> None:
    """A paragraph that a style moves off the paper isn't among the letters drawn."""
    printed = printer(section("mer", "<p>vu</p><p class='x'>loin</p>"), css=f"p.x {{ {away} }}")

    assert printed.drawn["mer"] == "Mervu"


@pytest.mark.parametrize("kind", ["part", "copyright", "title-page"])
def test_long_text_of_a_quiet_page_runs_on(printer: Printer, kind: str) -> None:
    """A page that a style spreads over the paper's height loses nothing where its text is long."""
    chapter = replace(section("mer", f"<p>{TEXT}</p>" * 60), kind=kind)
    printed = printer(chapter)

    assert printed.drawn["mer"] == "Mer" + letters(TEXT) * 60
    assert printed.pages > 1


@pytest.mark.parametrize("css", ["body { position: fixed }", "* { display: none }"])
def test_a_style_that_takes_the_furniture_s_pages_is_told_of(printer: Printer, css: str) -> None:
    """A style sheet that moves or hides everything costs running heads and folios, and no stack trace."""
    printed = printer(section("c", f"<p>{TEXT}</p>"), css=f"{PRINT_CSS}{css}")
    assert [problem.code for problem in printed.problems] == ["unset-in-print"]


def test_a_link_to_what_a_style_hides_leads_nowhere(printer: Printer) -> None:
    """Completeness tells of the text that isn't there; the binder goes on without it."""
    text = '<p><a href="#gone">There.</a></p><p id="gone">Gone.</p>'
    with opened(printer(section("c", text), css=f"{PRINT_CSS} #gone {{ display: none }}")) as bound:
        assert not [a for p in bound.pages for a in p.get("/Annots", []) if "/Dest" in a]


def test_only_what_changed_is_typeset_again(printer: Printer) -> None:
    """A second build reuses everything; a changed chapter is typeset alone."""
    first = [section(f"c{i}", f"<p>{TEXT}</p>") for i in range(3)]
    assert printer(*first).typeset == 4  # three chapters and the furniture
    assert printer(*first).typeset == 0
    again = printer(first[0], replace(first[1], body="<p>Autre.</p>"), first[2])

    assert (again.typeset, again.reused) == (1, 3)


@pytest.mark.parametrize(
    ("change", "fits"),
    [
        ("<p id='p'>Un mot de plus. {}</p>", True),
        ("<p id='p' lang='en'>{}</p>", True),
        ("<p id='p'>{}</p><p>Encore un.</p>", False),
        ("<p id='p' style='margin-top: 30pt'>{}</p>", False),
        ("<p id='p'>{} <a href='#c2'>Là.</a></p>", False),
        ("<p id='p'>{} <code>x</code></p>", False),
        ("<p id='p'>{0} {0}</p>" * 40, False),
    ],
)
def test_what_changed_is_bound_into_the_last_book(
    printer: Printer, rebindings: list[bytes | None], change: str, *, fits: bool
) -> None:
    """The bytes are those of a book bound from nothing; where more than words changed, it is."""
    text = "<p>" + f"{TEXT}<a href='#p'>Ici.</a></p><p lang='la'>".join([TEXT * 9] * 3) + "</p>"
    first = [section(f"c{i}", text) for i in range(3)]
    first[1] = replace(first[1], body=f"{text}<p id='p'>{TEXT}</p><p>Fin.</p>")
    printer(*first)
    printer(first[0], replace(first[1], body=f"{text}{change.format(TEXT)}<p>Fin.</p>"), first[2])

    assert any(rebindings) == fits


def test_lines_that_move_are_no_reason(printer: Printer) -> None:
    """Of a book in one file, what stands below an added line is not typeset again: its text is the same."""
    assert printer(section("c", '<p data-line="3">a</p>')).typeset == 2
    assert printer(section("c", '<p data-line="4">a</p>')).typeset == 0


def test_what_a_style_shows_is_typeset_again(tmp_path: Path, faces: tuple[fonts.FontFace, ...]) -> None:
    """A picture that a style sheet names is part of what is typeset: another picture, another page."""
    css = Style("print", "p { background: url('dot.svg') }", "own.css")
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="{}"/></svg>'
    chapter = section("mer", "<p>a</p>")
    book = Book(Metadata("La Mer", "fr"), Settings(), (chapter,), (), str(tmp_path), 0)
    with cache.opened(tmp_path / "cache") as store:
        made = []
        for height in (3, 6, 6):
            (tmp_path / "dot.svg").write_text(drawing.format(height))
            made.append(pdf.build(book, [page(chapter)], pdf.Shop((css,), faces, store)))

    assert [printed.typeset > 0 for printed in made] == [True, True, False]
    assert made[0].data != made[1].data == made[2].data


def test_damaged_cache_is_rebuilt(printer: Printer, tmp_path: Path) -> None:
    """Sheet sets whose bytes don't match their checksum are typeset again."""
    with cache.opened(tmp_path / "damaged") as store:
        assert isinstance(store, cache.Disk)
        assert printer(section("mer", "<p>a</p>"), store=store).typeset == 2
        for key in list(store._cache):
            store._cache.set(key, store._cache.get(key)[:-1])
        assert printer(section("mer", "<p>a</p>"), store=store).typeset == 2
        assert printer(section("mer", "<p>a</p>"), store=store).typeset == 0


def test_disk_cache_refuses_damaged_bytes(tmp_path: Path) -> None:
    """What was changed on the disk isn't returned."""
    with cache.opened(tmp_path) as store:
        store.put("k", b"book")
        assert store.get("k") == b"book"
        assert isinstance(store, cache.Disk)
        store._cache.set("k", b"x" * 40)
        assert store.get("k") is None


def complaints(styles: Iterable[Style], faces: tuple[fonts.FontFace, ...]) -> tuple[Problem, ...]:
    """Return what the engine says of style sheets."""
    with PressRun(Press((), faces, {}), cache.Nothing(), lambda *_: None) as run:
        run.check(tuple(styles))
    return run.problems


@pytest.mark.parametrize("design", TRIMS)
def test_default_styles_give_no_complaint(design: Design, faces: tuple[fonts.FontFace, ...]) -> None:
    """The engine understands all of the publisher's own sheets, each design's and its page rules included."""
    settings = Settings(print=Print(design, TRIMS[design]))
    book = Book(Metadata("t", "fr"), settings, (), (), "", 0)
    rules = Style("print", page_rules(geometry(settings.print, book.metadata)), "page geometry")
    sheets = compose.stylesheets(book, "print")

    assert [sheet.source for sheet in sheets][1:] == ["styles/print.css", f"styles/{design}.css"]
    assert complaints((rules, *sheets), faces) == ()


@pytest.mark.parametrize("design", TRIMS)
def test_pages_of_a_design_hold_whole_lines(design: Design) -> None:
    """The text block is a whole number of the lines of the design's style sheet, and 25 at least."""
    sheet = (Path(__file__).parent.parent / "styles" / f"{design}.css").read_text("utf-8")
    line = re.search(r"^html \{[^}]* line-height: ([\d.]+)pt", sheet, re.MULTILINE)
    book_page = geometry(Print(design, TRIMS[design]), Metadata("t", "fr"))
    lines = (book_page.height - book_page.top - book_page.bottom) / float(line[1] if line else "nan")

    assert lines == pytest.approx(round(lines))
    assert lines > 25


def test_text_begins_where_its_script_begins() -> None:
    """No style of print holds a text to the left edge but code and the columns that an author wants there."""
    folder = Path(__file__).parent.parent / "styles"
    sheets = (
        re.sub(r"/\*.*?\*/", "", (folder / name).read_text("utf-8"), flags=re.DOTALL)
        for name in ("print.css", *(f"{design}.css" for design in TRIMS))
    )
    rules = [rule for sheet in sheets for rule in re.findall(r"([^{}]+)\{([^{}]*)\}", sheet)]
    left = [selector.strip() for selector, values in rules if "text-align: left" in values]

    assert left == [".left", "pre"]


@pytest.mark.slow
def test_a_word_without_end_is_set_in_time(printer: Printer) -> None:
    """What has no space is not shaped whole for each of its lines; all of it is there."""
    word = "abcdefghij" * 4_000
    before = os.times().children_user
    printed = printer(section("mer", f"<p>{word}</p>"))

    assert printed.drawn["mer"] == letters("Mer" + word)
    assert os.times().children_user - before < 15


@pytest.mark.parametrize("part", ["first-line", "first-letter"])
def test_words_that_a_style_dresses_are_counted(printer: Printer, part: str) -> None:
    """A drop cap, or a first line in small capitals, is the author's text: it is drawn, and in order."""
    css = f".opening + p::{part} {{ font-variant-caps: small-caps; font-size: 1.2em }}"
    printed = printer(section("mer", f"<p>{TEXT * 3}</p>"), css=css)

    assert printed.drawn["mer"] == letters("Mer" + TEXT * 3)


def test_a_mistake_in_a_style_is_told_with_its_place(faces: tuple[fonts.FontFace, ...]) -> None:
    """What the engine doesn't understand in the book's sheets is told with file, line and column."""
    css = "p { font-family: serif; colr: red; }\n\np:: { color: red }\n"
    found = complaints((Style("text", css, "own.css"),), faces)

    assert [problem.code for problem in found] == ["bad-style", "bad-style"]
    assert str(found[0]).startswith("own.css:1:25: warning: bad-style: ignored `colr: red`: ")
    assert str(found[1].place).startswith("own.css:3:1")
    (ended,) = complaints((Style("text", "p { color: red } colr", "own.css"),), faces)
    assert (str(ended.place), ended.fact) == ("own.css:1:18", "the style sheet ends in the middle of a rule")


def test_the_book_s_own_styles_are_checked(faces: tuple[fonts.FontFace, ...]) -> None:
    """A build tells the mistakes of the sheets for text and print, not those for the e-book."""
    outputs: tuple[Literal["text", "print", "ebook"], ...] = ("text", "print", "ebook")
    own = tuple(Style(output, "p { colr: red }", f"{output}.css") for output in outputs)
    chapter = section("mer", "<p>a</p>")
    book = Book(Metadata("La Mer", "fr"), Settings(styles=own), (chapter,), (), "", 0)
    printed = pdf.build(book, [page(chapter)], pdf.Shop(own[:2], faces, cache.Nothing()))

    assert [str(problem.place) for problem in printed.problems] == ["text.css:1:5", "print.css:1:5"]


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:9/a.png",
        "file:///etc/hostname",
        "../secret.png",
        "/etc/hostname",
        "out.png",
        "data:image/png;base64,AA",
        "data:image/png;base64,JSFQUy1BZG9iZQ==",
        "program.eps",
    ],
)
def test_nothing_outside_the_book_is_read(
    address: str, tmp_path: Path, faces: tuple[fonts.FontFace, ...]
) -> None:
    """A style sheet reaches no network, no file outside the book's folder, no link out of it."""
    folder = tmp_path / "book"
    folder.mkdir()
    (tmp_path / "secret.png").write_bytes(b"x")
    (folder / "program.eps").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0")
    (folder / "out.png").symlink_to(tmp_path / "secret.png")
    style = Style("print", f"p {{ background: url('{address}') }}", "mine.css")
    job = SheetJob("t", f'<html xmlns="{XHTML}" lang="fr"><body><p>a</p></body></html>')
    with PressRun(Press((style,), faces, {}, str(folder)), cache.Nothing(), lambda *_: None) as run:
        run.all([job], [stretch("t", source="t.md")])

    assert "refused-address" in {problem.code for problem in run.problems}


def test_a_drawing_may_hold_a_photograph(faces: tuple[fonts.FontFace, ...]) -> None:
    """Drawing programs write photographs into their files; these are drawn."""
    dot = (
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAA"
        "ggCBd81ytgAAAABJRU5ErkJggg=="
    )
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="{dot}"/></svg>'
    job = SheetJob("t", f'<html xmlns="{XHTML}" lang="fr"><body><img src="a.svg" alt="a"/></body></html>')
    press = Press((), faces, {"a.svg": drawing.encode()})
    with PressRun(press, cache.Nothing(), lambda *_: None) as run:
        (sheets,) = run.all([job], [stretch("t", source="t.md")])

    assert run.problems == ()
    assert b"/Image" in sheets.pdf


#: Calls of a loop.
_CALLS = 200


def _most_faults(depth: int) -> int:
    """Return at how many of a loop's calls memory was mapped anew, at the unluckiest depth of calls."""
    return max(_faults(below) for below in range(depth))


def _faults(below: int) -> int:
    if below:
        return _faults(below - 1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(_CALLS):
        _large_frame()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def _large_frame() -> None:
    pass


#: In words: a frame larger than those around it crosses the end of a chunk at some depth.
_large_frame.__code__ = _large_frame.__code__.replace(co_stacksize=30)


def _sleep(seconds: float) -> float:
    import time  # noqa: PLC0415 - in the worker

    time.sleep(seconds)
    return seconds


def _fill(size: int) -> int:
    return len(bytearray(size))


def _die(_job: int) -> int:
    import os  # noqa: PLC0415 - in the worker

    os._exit(9)


@pytest.mark.slow
def test_a_description_begins_on_the_page_of_its_figure(tmp_path: Path) -> None:
    """A figure goes to the next page where only the words that describe it would have no room with it."""
    (tmp_path / "a.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="80mm" height="60mm"><path d="M0 0h9v9"/></svg>'
    )
    said = "Described{0}x. " + "It has a corner, and that is black. " * 3
    figure = (
        "![Shown{0}x.](a.svg){{alt=A description=#d{0}}}\n\n::: {{.description #d{0}}}\n" + said + "\n:::"
    )
    texts = ["# C\n\n" + "One line.\n\n" * n + figure.format(n) for n in range(2, 24)]
    (tmp_path / "b.md").write_text("---\ntitle: T\nlang: en\n---\n\n" + "\n\n".join(texts))
    publish.build(tmp_path / "b.md", {"pdf": tmp_path / "b.pdf"}, publish.Options(tmp_path / "cache", 0))
    with pypdfium2.PdfDocument(tmp_path / "b.pdf") as bound:
        pages = [page.get_textpage().get_text_bounded() for page in bound]

    for n in range(2, 24):
        (shown,) = (i for i, text in enumerate(pages) if f"Shown{n}x" in text)
        assert f"Described{n}x" in pages[shown], n


def test_a_worker_has_room_for_the_calls_of_a_job() -> None:
    """The interpreter maps no memory anew for each call of a loop, at whatever depth of calls it runs."""
    with workers.pool() as executor:
        (_, in_a_worker), *_ = workers.run(executor, _most_faults, [300], workers.Limits())

    assert _most_faults(300) >= _CALLS  # without room, at the depth where a chunk of frames ends
    assert isinstance(in_a_worker, int)
    assert in_a_worker < _CALLS / 2


def test_time_and_memory_are_bounded() -> None:
    """A job that takes too long, or too much, or its process with it, is a failure; others go on."""
    with workers.pool() as executor:
        slow = dict(workers.run(executor, _sleep, [5, 0], workers.Limits(seconds=1)))
    with workers.pool() as executor:
        # more than this process has, which the forked ones begin with
        large = dict(workers.run(executor, _fill, [8 * 1024**3, 10], workers.Limits(memory=4 * 1024**3)))
    with workers.pool() as executor:
        dead = dict(workers.run(executor, _die, [1], workers.Limits()))

    assert isinstance(slow[0], workers.Failure)
    assert slow[0].reason == "time"
    assert slow[1] == 0
    assert isinstance(large[0], workers.Failure)
    assert large[0].reason == "memory"
    assert large[1] == 10
    assert isinstance(dead[0], workers.Failure)


def test_a_result_that_nests_too_deep_is_a_failure() -> None:
    """What can't be sent back by a worker, such as 600 notes in notes, is its job's failure alone."""
    with workers.pool() as executor:
        made = dict(workers.run(executor, _nest, [100_000, 1], workers.Limits()))
    assert isinstance(made[0], workers.Failure)
    assert made[0].reason == "exception"
    assert made[1] == [[]]


def test_workers_end_with_their_parent() -> None:
    """Workers of a build that was killed don't stay behind."""
    code = (
        "import os, sys, time; from publish import workers\n"
        "pool = workers.pool(); print(pool.submit(os.getpid).result(), flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        parent.kill()
    deadline = time.monotonic() + 20
    while _is_alive(worker) and time.monotonic() < deadline:
        time.sleep(0.2)

    assert not _is_alive(worker)


def _nest(depth: int) -> list[object]:
    nested: list[object] = []
    for _ in range(depth):
        nested = [nested]
    return nested


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{process}/stat")
    return not (state.is_file() and state.read_text().rpartition(")")[2].split()[0] == "Z")


def test_end_notes_leave_others_alone() -> None:
    """Only the notes named are moved."""
    footnote = '<span class="footnote" id="n" data-label="1"><p>x</p></span>'
    body = f'<body><section data-section=""><p>a{footnote}b</p></section></body>'
    job = SheetJob("t", f'<html xmlns="{XHTML}">{body}</html>')

    assert with_notes_at_end(job, frozenset({"m"})) is job
    assert 'class="end-note"' in with_notes_at_end(job, frozenset({"n"})).xhtml
