"""What `publish.compose` promises: pages, words, contents, styles, cover, templates that do no harm."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops

from publish import compose, fonts, xhtml
from publish import words as language
from publish.book import Book, Caption, Contributor, Heading, Metadata, Note, Page, Section, Settings, Style
from publish.compose import drawing
from publish.compose.drawing import PALETTES, PATTERNS
from publish.problems import BookProblems

WORDS = Path(language.__file__).parent
LANGUAGES = sorted(file.stem for file in WORDS.glob("*.toml"))


def section(anchor: str, kind: str = "chapter", **values: Any) -> Section:
    """Make a section; its short and plain titles follow from the title."""
    title = values.get("title", anchor.capitalize())
    empty: dict[str, Any] = {
        "anchor": anchor, "matter": "body", "kind": kind, "depth": 1, "title": title, "short_title": title,
        "plain_title": title, "body": "<p>Text.</p>", "headings": (), "notes": (), "images": (),
        "letters": "",
        "source": f"{anchor}.md",
    }  # fmt: skip
    return Section(**(empty | values))


def book(
    *sections: Section, language: str = "fr", templates: dict[str, str] | None = None, **values: Any
) -> Book:
    """Make a book of some sections."""
    own = tuple((name, text, f"templates/{name}") for name, text in (templates or {}).items())
    settings = Settings(templates=own, toc_depth=values.pop("toc_depth", 3), styles=values.pop("styles", ()))
    metadata = Metadata(title=values.pop("title", "Le Livre"), language=language, **values)
    return Book(metadata, settings, sections or (section("un"),), (), "livre", 0)


def pages(made: Book) -> dict[str, Page]:
    """Compose a book without problems; its pages by name."""
    result, problems = compose.compose(made)
    assert not problems
    return {page.name: page for page in result}


def note(number: int, label: str | None = None, body: str = "<p>Note.</p>") -> Note:
    """Make a note with one call."""
    return Note(f"n{number}", (f"c{number}",), label or str(number), body, 1, "Note.")


def problem(templates: dict[str, str]) -> str:
    """Compose with templates that fail; return the one problem as the author reads it."""
    _, problems = compose.compose(book(templates=templates))
    (only,) = problems
    assert only.code == "bad-template"
    return str(only)


# ---- pages


def test_a_title_is_shown_as_the_text_is() -> None:
    """Letters of another form are elements on the title page and its like; other titles are plain text."""
    shown = 'Du <span class="century">XIX</span><sup class="superior">e</sup> siècle'
    made = pages(book(title="Du XIXe siècle", subtitle="R & D", shown=(("Du XIXe siècle", shown),)))
    for name in ("half-title", "title-page", "copyright"):
        assert shown in made[name].xhtml, name
    assert ">R &amp; D</p>" in made["title-page"].xhtml
    assert "Du XIXe siècle</title>" in made["title-page"].xhtml


def test_pages_come_in_the_order_of_a_book() -> None:
    """Front matter in the trade's order, whatever the manuscript's; body, back, notes, colophon."""
    made = book(
        section("preface", "preface", matter="front"),
        section("a-ma-mere", "dedication", matter="front", title=""),
        section("tome", "part"),
        section("un", depth=2, notes=(note(1),)),
        section("suite", "section", depth=3),
        section("annexe", "appendix", matter="back"),
    )
    assert [*pages(made)] == [
        "half-title", "title-page", "copyright", "dedication", "contents", "preface", "part-1", "chapter-01",
        "chapter-01-2", "appendix", "notes", "colophon",
    ]  # fmt: skip


def test_made_pages_know_their_output_and_landmark() -> None:
    """The half title is for paper, the notes' page for the screen; each landmark stands once."""
    made = pages(book(section("un", notes=(note(1),)), section("deux")))
    assert {name: page.only for name, page in made.items() if page.only} == {
        "half-title": "print",
        "notes": "ebook",
    }
    assert {name: page.landmark for name, page in made.items() if page.landmark} == {
        "title-page": "titlepage", "contents": "toc", "chapter-01": "bodymatter", "notes": "endnotes",
    }  # fmt: skip


def test_a_section_of_the_manuscript_replaces_the_made_page() -> None:
    """An author's own colophon is the book's only colophon, and keeps its words."""
    own = section("fin", "colophon", matter="back", body="<p>Achevé d’imprimer.</p>")
    made = pages(book(section("un"), own))
    assert "Achevé d’imprimer." in made["colophon"].xhtml
    assert "WeasyPrint" not in "".join(page.xhtml for page in made.values())


def test_every_page_is_well_formed_and_says_its_language_twice() -> None:
    """`lang` and `xml:lang` on the document, and an unlike title for each."""
    made = pages(book(section("un", number="1"), section("deux", title="", plain_title="", short_title="")))
    for page in made.values():
        html = xhtml.parse_page(page.xhtml)
        assert html.get("lang") == html.get(f"{{{xhtml.XML}}}lang") == "fr"
        assert html.findtext(f".//{{{xhtml.XHTML}}}title") == page.title
    assert len({page.title for page in made.values()}) == len(made)
    assert made["chapter-01"].title == "Chapitre 1. Un — Le Livre"


def test_chapters_of_one_name_are_told_apart_by_what_stands_above() -> None:
    """A title that occurs twice gets the part's name in its `<title>`."""
    parts = [
        part
        for n in ("i", "ii")
        for part in (section(f"tome-{n}", "part"), section(f"un-{n}", depth=2, title="Un"))
    ]
    titles = [page.title for page in pages(book(*parts)).values() if page.section.kind == "chapter"]
    assert titles == ["Un — Tome-i — Le Livre", "Un — Tome-ii — Le Livre"]


def test_a_section_has_its_type_and_the_matching_role() -> None:
    """`epub:type` and DPUB-ARIA on the section, named by its heading, at the section's depth."""
    made = pages(book(section("un", depth=2, number="3", title="Un <em>mot</em>")))["chapter-01"].xhtml
    assert 'class="chapter" epub:type="chapter" role="doc-chapter" aria-labelledby="un-title"' in made
    assert (
        '<h2 id="un-title" data-line="1"><span class="number">Chapitre 3</span> '
        '<span class="title">Un <em>mot</em></span></h2>'
    ) in made


def test_a_section_without_a_title_is_named_in_words() -> None:
    """A dedication has no heading, but assistive technology can name it."""
    made = pages(book(section("d", "dedication", matter="front", title=""), section("un")))[
        "dedication"
    ].xhtml
    assert 'aria-label="Dédicace"' in made
    assert "<h1" not in made


def test_text_of_the_metadata_is_escaped() -> None:
    """A title with `<` and `&` stays text."""
    made = pages(book(title="A < B & C", rights="<script>x</script>"))
    assert '<h1 id="title-page-title" class="title">A &lt; B &amp; C</h1>' in made["title-page"].xhtml
    assert "<script" not in made["copyright"].xhtml


def test_made_anchors_avoid_those_of_the_manuscript() -> None:
    """A heading called “Notes” keeps its anchor; the notes' page takes another."""
    body = '<h2 id="notes">Notes</h2><p>…</p>'
    made = pages(book(section("un", notes=(note(1),), body=body)))
    assert made["notes"].section.anchor == "notes-page"


def test_a_foreign_section_has_its_language_and_direction() -> None:
    """An Arabic chapter of a French book reads from right to left; its number stays French."""
    made = pages(book(section("un", language="ar", number="1")))["chapter-01"].xhtml
    assert 'lang="ar" xml:lang="ar" dir="rtl"' in made
    assert '<span class="number" lang="fr" xml:lang="fr">Chapitre 1</span>' in made


def test_credits_stand_on_the_title_page_and_rights() -> None:
    """Translators are joined in one line; who drew the cover is small print."""
    people = (Contributor("A"), Contributor("B", "trl"), Contributor("C", "trl"), Contributor("D", "cov"))
    made = pages(book(contributors=people, date="1862-04-01", publisher="Maison"))
    assert "Traduit par B et C" in made["title-page"].xhtml
    assert "Couverture de D" not in made["title-page"].xhtml
    assert "Couverture de D" in made["copyright"].xhtml
    assert 'Maison, 1<sup class="superior">er</sup> avril 1862' in made["copyright"].xhtml


# ---- contents and notes


def test_contents_nest_sections_and_headings() -> None:
    """Parts, chapters and headings down to the depth; made pages and dedications are not listed."""
    made = book(
        section("d", "dedication", matter="front"),
        section("tome", "part", number="1", title="Fantine"),
        section(
            "un",
            depth=2,
            number="1",
            headings=(Heading(3, "h", "<em>Ici</em>", 1), Heading(4, "h4", "Trop", 1)),
        ),
    )
    html = xhtml.parse_page(pages(made)["contents"].xhtml)
    lines = [xhtml.words(link, ()) for link in xhtml.elements(html, "a")]
    assert lines == ["Première partie Fantine", "1. Un", "Ici"]
    depths = [
        len([a for a in link.iterancestors() if xhtml.local_name(a) == "ol"])
        for link in xhtml.elements(html, "a")
    ]
    assert depths == [1, 2, 3]


def test_the_navigation_holds_a_list_and_nothing_else() -> None:
    """EPUB 3.3, 7.3: the page serves as navigation document; folios are placeholders in the list."""
    html = xhtml.parse_page(pages(book(section("un", notes=(note(1),))))["contents"].xhtml)
    (nav,) = xhtml.elements(html, "nav")
    assert (nav.get(xhtml.EPUB_TYPE), nav.get("role")) == ("toc", "doc-toc")
    assert [xhtml.local_name(child) for child in nav] == ["ol"]
    assert [item.get("data-only") for item in xhtml.elements(nav, "li")] == [None, "ebook"]
    assert [
        span.get("data-folio-of") for span in xhtml.elements(nav, "span") if span.get("data-folio-of")
    ] == ["un", "notes"]


def test_notes_are_grouped_by_chapter_and_lead_back() -> None:
    """A section's notes stand with those of the chapter that it continues; each ends with the way back."""
    made = book(
        section("un", notes=(note(1),)),
        section("suite", "section", depth=2, notes=(note(2),)),
        section("deux", notes=(note(3, "1", "<p>A</p><ul><li>B</li></ul>"),)),
    )
    page = pages(made)["notes"].xhtml
    assert re.findall(r'<h2><a href="#(\w+)">(\w+)</a></h2>', page) == [("un", "Un"), ("deux", "Deux")]
    back = (
        '<a class="note-back" role="doc-backlink" epub:type="backlink" href="#c1" '
        'aria-label="Retour à l’appel de note 1">↩\ufe0e</a>'
    )
    assert f'<li id="n1" epub:type="endnote"><p>Note.\u00a0{back}</p></li>' in page
    assert '</ul>\n<p><a class="note-back"' in page


def test_a_note_shows_the_number_of_its_call() -> None:
    """The list counts by itself while it can; otherwise the item says its value, or its sign."""
    page = pages(book(section("un", notes=(note(1), note(2, "5"), note(3, "6"), note(4, "*")))))[
        "notes"
    ].xhtml
    items = re.findall(
        r'<li id="n\d" epub:type="endnote"([^>]*)>(<span class="note-number">\*</span>)?', page
    )
    assert items == [
        ("", ""),
        (' value="5"', ""),
        ("", ""),
        (' class="lettered"', '<span class="note-number">*</span>'),
    ]


def test_lists_of_figures_stand_after_the_contents() -> None:
    """A list is made of the numbered captions of its kind, where the settings ask for it."""
    captions = (
        Caption("figure", "fig-a", "1", "La <em>mer</em>", "fr"),
        Caption("table", "tbl-a", "1", "Ports", "fr"),
        Caption("figure", "fig-b", "2", "", "en"),
    )
    asked = replace(book(section("un")), captions=captions)
    asked = replace(asked, settings=replace(asked.settings, lists=("figure", "listing")))
    made = pages(asked)
    assert [name for name in made if name.startswith("list")] == ["list-of-figures"]
    assert [*made].index("list-of-figures") == [*made].index("contents") + 1
    text = made["list-of-figures"].xhtml
    assert '<span class="number">Figure\u00a01</span>. <span class="title">La <em>mer</em></span></a>' in text
    assert 'href="#fig-b" lang="en" xml:lang="en"><span class="number">Figure\u00a02</span></a>' in text
    assert 'data-folio-of="fig-b"' in text
    assert made["list-of-figures"].landmark == "loi"


# ---- words


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_language_has_all_the_words(tag: str) -> None:
    """Each file names every kind, role and text that English has, but for what all share."""
    english, own = (tomllib.loads((WORDS / f"{name}.toml").read_text("utf-8")) for name in ("en", tag))
    shared = {"aut", "doi", "comma", "after-label"}
    for table in ("kinds", "roles", "texts", "dates", "captions", "references", "accessibility"):
        assert own[table].keys() | shared >= english[table].keys()
        assert own[table].keys() <= english[table].keys()
    assert len(own["dates"]["months"]) == 12


@pytest.mark.parametrize("tag", LANGUAGES)
def test_formats_use_the_values_of_the_english_ones(tag: str) -> None:
    """A translated format that names an unknown value would fail in the middle of a book."""
    english, own = language.words("en"), language.words(tag)
    fields = re.compile(r"\{(\w+)\}")
    for ours, theirs in ((own.texts, english.texts), (own.accessibility, english.accessibility)):
        for name, text in ours.items():
            assert set(fields.findall(text)) == set(fields.findall(theirs[name])), name
    for number in ("1", "XII", "37", "A"):
        assert "{" not in own.label("chapter", number) + own.label("part", number) + own.short_label(
            "chapter", number
        )


@pytest.mark.parametrize(
    ("tag", "expected"),
    [("fr", "Annexe A."), ("en", "Appendix A."), ("de", "Anhang A."), ("ja", "付録A"), ("zh", "附录A")],
)
def test_the_contents_part_an_appendix_from_its_title(tag: str, expected: str) -> None:
    """« Annexe A. Chronologie », as « 1. Title »; Japanese and Chinese need no stop."""
    assert language.words(tag).short_label("appendix", "A") == expected


def test_labels_follow_the_language() -> None:
    """Ordinals where the language likes them, figures beyond them, kanji in Japanese."""
    label = {tag: language.words(tag).label for tag in ("fr-CA", "en", "ja", "eo")}
    assert label["fr-CA"]("part", "I") == "Première partie"
    assert label["fr-CA"]("part", "40") == "Partie 40"
    assert label["en"]("part", "2") == "Part Two"
    assert label["ja"]("chapter", "21") == "第二十一章"
    assert label["eo"]("chapter", "3") == "Chapter 3"
    assert label["fr-CA"]("chapter", "") == ""


def test_dates_are_said_in_words() -> None:
    """A day, a month, a year; what is no date stays as it is."""
    say = language.words("fr").date
    assert [say(d) for d in ("2026-11-24", "2026-11", "2026", "vers 1900")] == [
        "24 novembre 2026", "novembre 2026", "2026", "vers 1900",
    ]  # fmt: skip


def test_directions_follow_the_script() -> None:
    """Arabic reads from right to left unless it is in Latin letters."""
    assert [language.direction(tag) for tag in ("ar", "he-IL", "fr", "ar-Latn", "az-Arab")] == [
        "rtl", "rtl", "ltr", "ltr", "rtl",
    ]  # fmt: skip


# ---- styles


def test_style_sheets_come_in_the_order_of_the_cascade() -> None:
    """The shared one, the output's, on paper the design's, then the book's own for that output."""
    own = (Style("print", "p{}", "a.css"), Style("text", "i{}", "b.css"), Style("ebook", "b{}", "c.css"))
    made = book(styles=own)
    assert [style.source for style in compose.stylesheets(made, "ebook")] == [
        "styles/text.css",
        "styles/ebook.css",
        "b.css",
        "c.css",
    ]
    assert [style.source for style in compose.stylesheets(made, "print")] == [
        "styles/text.css",
        "styles/print.css",
        "styles/essay.css",
        "a.css",
        "b.css",
    ]


def test_what_few_books_need_is_loaded_for_them_alone() -> None:
    """Tables on a screen have a sheet of their own, and vertical lines."""
    table = replace(section("one"), body="<table><tr><td>1</td></tr></table>")
    made = replace(book(table), settings=Settings(writing_mode="vertical-rl"))
    sheets = ["styles/text.css", "styles/ebook.css", "styles/tables.css", "styles/vertical.css"]
    assert [style.source for style in compose.stylesheets(made, "ebook")] == sheets


def test_the_screen_s_style_leaves_the_reader_free() -> None:
    """No size in points or pixels, no colour of text or ground, no custom property."""
    css = re.sub(
        r"/\*.*?\*/",
        "",
        "".join(style.css for style in compose.stylesheets(book(), "ebook")),
        flags=re.DOTALL,
    )
    assert not re.search(r"\d(?:px|pt)\b|--\w|var\(|background|!important", css)
    assert not re.findall(r"([^{}]+)\{[^{}]*(?<![\w-])color\s*:(?!\s*inherit)[^{}]+\}", css)


def test_the_colours_of_code_stand_out_from_paper() -> None:
    """By 4.5 to 1 at least (WCAG 2.2, 1.4.3), as relative luminance is defined there."""
    css = "".join(style.css for style in compose.stylesheets(book(), "print"))
    colours = re.findall(r"pre [^{}]*\{[^{}]*(?<![\w-])color\s*:\s*#([0-9a-f]{6})", css)
    assert len(colours) > 2
    for colour in colours:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (0, 2, 4)]
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        assert 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) >= 4.5, colour


# ---- templates of a book


def test_a_book_s_template_replaces_ours() -> None:
    """By its name, with the same values; a template for one kind of section too."""
    block = '{% block text %}<p>{{ words.kind("preface") }}: {{ title }}</p>{% endblock %}'
    text = '{% extends "page.xhtml.jinja" %}' + block
    made = pages(book(section("avant", "preface", matter="front"), templates={"preface.xhtml.jinja": text}))
    assert "<p>Préface: Avant</p>" in made["preface"].xhtml


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\n{{ nobody }}", ":2: bad-template: a name is not defined: “nobody”"),
        ("\n\n{% if %}", ":3: bad-template: the template can't be read: Expected an expression"),
        ('{% include "x" %}', ":1: bad-template: there is no template “x”"),
        ("{{ 1 / 0 }}", ":1: bad-template: the template fails: division by zero"),
        ("<p>", ": bad-template: the page that it makes is not well-formed XML"),
        ("<p><script>1</script></p>", ": bad-template: the page that it makes holds a “script” element"),
        ('<p onclick="x"/>', ": bad-template: the page that it makes holds a script"),
        ("{{ ''.__class__.__mro__ }}", ":1: bad-template: "),
        ("{{ metadata.__init__.__globals__ }}", ":1: bad-template: "),
    ],
)  # fmt: skip
def test_a_template_s_failure_is_told_with_its_line(text: str, expected: str) -> None:
    """Place, fact and hint; never a stack trace."""
    assert problem({"colophon": text}).startswith(f"templates/colophon{expected}")


#: A text that doubles sixty times, by one means or another.
GROWING = "{% set s = namespace(v='ab') %}{% for i in range(60) %}...{% endfor %}"


@pytest.mark.parametrize(
    "text",
    [
        "{% for i in range(10**9) %}{% endfor %}",
        "{% for i in range(90000) %}{% for j in range(90000) %}{% endfor %}{% endfor %}",
        "{% for i in range(90000) %}" + "x" * 1000 + "{% endfor %}",
        "{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}",
        pytest.param(
            "{% macro a(n) %}{% if n %}{{ a(n - 1) }}{{ a(n - 1) }}{% endif %}{% endmacro %}{{ a(60) }}",
            marks=pytest.mark.slow,
        ),
        GROWING.replace("...", "{% set s.v = s.v ~ s.v %}"),
        GROWING.replace("...", "{% set s.v = s.v + s.v %}"),
        GROWING.replace("...", "{% set s.v %}{{ s.v }}{{ s.v }}{% endset %}"),
        GROWING.replace("...", "{% set s.v = s.v|replace('a', s.v) %}"),
        GROWING.replace("...", "{% set s.v = [s.v, s.v]|join %}"),
        GROWING.replace("'ab'", "[1]").replace("...", "{% set s.v = s.v + s.v %}"),
        "{{ 'x' * 10**9 }}",
        "{{ 10**10**10 }}",
        "{{ '%999999999d' % 1 }}",
        "{{ 'x'.ljust(10**9) }}",
        "{{ 'x'|center(10**9) }}",
        "{{ lipsum(10**6) }}",
    ],
)
@pytest.mark.timeout(20)
def test_a_template_can_t_take_the_machine_down(text: str) -> None:
    """Endless loops, growing texts and huge numbers end as a problem of that template."""
    assert problem({"colophon": text}).startswith("templates/colophon")


def test_a_template_that_replaces_nothing_is_told() -> None:
    """A slip in the name doesn't pass in silence; the nearest name is the hint."""
    told = problem({"title-pages.xhtml.jinja": "x"})
    assert "there is no template “title-pages.xhtml.jinja” to replace" in told
    assert "use “title-page.xhtml.jinja”" in told


# ---- the cover


def test_composing_loads_no_drawing() -> None:
    """Pillow and resvg wait until a cover is wanted."""
    program = "import sys, publish.compose; print(*{'PIL', 'resvg_py', 'weasyprint'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_a_cover_is_1600_by_2560_and_always_the_same() -> None:
    """Two drawings of one book have the same bytes; another title, other bytes."""
    made = book(contributors=(Contributor("Victor Hugo"),))
    first, second, other = compose.cover(made), compose.cover(made), compose.cover(book(title="Autre"))
    assert first == second
    assert first.jpeg != other.jpeg
    with Image.open(BytesIO(first.jpeg)) as image:
        assert (image.format, image.size, image.info["dpi"]) == ("JPEG", (1600, 2560), (300, 300))
    assert "Victor Hugo" in first.svg


@pytest.mark.parametrize("pattern", sorted(PATTERNS))
def test_the_repeated_paper_is_the_drawn_one(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the JPEG shows, drawn as a tile of paper and a label, is the whole SVG."""
    monkeypatch.setattr(drawing, "PATTERNS", {pattern: PATTERNS[pattern]})
    made = compose.cover(book())
    faces, _ = fonts.faces(frozenset("Le Livre"), language="fr")
    whole = drawing._pixels(made.svg, faces)
    with Image.open(BytesIO(made.jpeg)) as image:
        difference = ImageChops.difference(whole, image.convert("RGB"))
    assert max(difference.convert("L").tobytes()) < 70  # what the JPEG alone changes


@pytest.mark.parametrize(
    ("title", "tag"),
    [
        (
            "Une très longue histoire de la clôture : des jardins, des haies et de ceux qui les franchissent",
            "fr",
        ),
        ("吾輩は猫である：名前はまだ無い、どこで生れたか頓と見当がつかぬ", "ja"),
        ("الحمية الحقيقية ضد السرطان", "ar"),
        ("Antidisestablishmentarianism", "en"),
        ("Les aventures " * 80, "fr"),
        ("x" * 100_000, "en"),
        ("Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft", "de"),
    ],
)
def test_titles_stay_on_the_label(title: str, tag: str) -> None:
    """Long, unbreakable, right-to-left and Japanese titles leave the label's margin free of ink."""
    made = compose.cover(book(title=title, language=tag))
    with Image.open(BytesIO(made.jpeg)) as image:
        label = next(
            line.strip() for line in made.svg.splitlines() if line.startswith('<g transform="translate(')
        )
        left, top = map(float, re.findall(r"[\d.]+", label)[:2])
        edge = image.crop((int(left) + 46, int(top) + 60, int(left) + 60, int(top) + 800)).convert("L")
        assert min(edge.tobytes()) > 200


def test_words_on_a_cover_can_be_read() -> None:
    """Ink and accent have at least 7:1 with the label in every palette (WCAG 2.2, 1.4.6)."""
    for palette in PALETTES:
        for colour in (palette.ink, palette.accent):
            assert contrast(colour, palette.label) >= 7


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours (WCAG 2.2, relative luminance)."""
    high, low = sorted(map(luminance, (one, other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    """Return the relative luminance of `#rrggbb`."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_a_cover_s_template_may_not_show_files() -> None:
    """An SVG of the book's own that asks for an image is refused: resvg would read it."""
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><image href="/etc/passwd"/></svg>'
    with pytest.raises(BookProblems, match="bad-template"):
        compose.cover(book(templates={"cover.svg.jinja": svg}))
