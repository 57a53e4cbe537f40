"""Lines of text are drawn as the typesetter itself draws them, byte for byte, with less done for them."""

from __future__ import annotations

import ast
import hashlib
import re
from html import escape
from importlib import import_module
from pathlib import Path
from typing import Any

import weasyprint

from publish import compose, fonts, workers
from publish.book import Book, Metadata, Settings, Style
from publish.pdf.geometry import geometry, page_rules
from publish.pdf.sheets import Press, SheetJob, SheetSet

CHAPTERS = sorted((Path(__file__).parent.parent / "book" / "chapters").glob("*.md"))
#: A line of a chapter's file that is prose without marks.
PROSE = re.compile(r"^[A-ZÀÉ][^*_`|<>$\[\]#{}\n]{150,}$", re.MULTILINE)
#: Paragraphs of it.
ENOUGH = 18
#: What isn't plain French prose, each more than a line long: class, language, direction, text.
SPECIAL = (
    ("", "fr", "ltr", "Il vit 1 793, 12 %, « ŒUVRE »\u202f: sur-mer, c’est-à-dire rien. — Quoi\u202f?! " * 4),
    ("", "fr", "ltr", "anticonstitutionnellement " * 20 + "—\u2007Oui, dit-elle. " * 9),
    ("", "fr", "ltr", "Un mot à cou\u00adper par son au\u00adteur, d’au\u00adtres non. " * 6),
    ("", "fr", "ltr", "Sans aucune espace sécable\u00a0:\u00a0« mot\u00a0mot\u00a0» et\u00a0puis " * 9),
    ("", "en", "ltr", "The office of the affluent fjord filed 55 waffles; AVATAR To Wave. " * 5),
    ("", "fr", "ltr", "De\u0301compose\u0301s : q\u0302u’il a\u0323, G\u030c et i\u0323\u0301. " * 7),
    ("", "el", "ltr", "Μῆνιν ἄειδε θεὰ Πηληϊάδεω Ἀχιλῆος οὐλομένην, ἣ μυρί’ Ἀχαιοῖς ἄλγε’ ἔθηκε " * 4),
    ("", "ru", "ltr", "Все счастливые семьи похожи друг на друга, каждая несчастливая по-своему. " * 4),
    ("", "ar", "rtl", "كان يا ما كان في قديم الزمان وسالف العصر والأوان ملك عظيم " * 6),
    ("loose", "fr", "ltr", "Des lettres espacées, des mots aussi, et des coupures où il en faut. " * 5),
    ("narrow", "fr", "ltr", "Une colonne étroite où presque chaque ligne coupe un mot immense. " * 4),
    ("broken", "fr", "ltr", "https://exemple.org/une/adresse/sans/la/moindre/espace/ni/trait " * 3),
    ("capitals", "fr", "ltr", "Le XIXe siècle en petites capitales, d’un bout à l’autre de la phrase. " * 5),
    ("under", "fr", "ltr", "Un texte souligné d’un bout à l’autre, justifié lui aussi, et coupé. " * 5),
    ("left", "fr", "ltr", "Un texte au fer à gauche, sans lignes justifiées, avec des coupures aussi. " * 5),
)  # fmt: skip
CSS = """
.loose { letter-spacing: 0.05em; word-spacing: 0.1em }
.narrow { width: 6em }
.broken { overflow-wrap: anywhere }
.capitals { font-variant-caps: all-small-caps }
.under { text-decoration: underline }
.left { text-align: left }
"""
MODULES = (
    "publish.pdf.engine", "publish.pdf.glyphs", "weasyprint.draw.text", "weasyprint.layout.inline",
    "weasyprint.text.line_break",
)  # fmt: skip
#: What of WeasyPrint ours does in another way or relies on → SHA-256 of its source. What has changed is to
#: be read, and ours to be mended.
STOOD_IN_FOR = {
    "text/line_break.py:Layout": "ba2e4044f7c7",
    "text/line_break.py:create_layout": "5d4b11726a68",
    "text/line_break.py:strut": "e0631a4e87ce",
    "draw/text.py:draw_text": "d1cfa769e258",
    "draw/text.py:draw_first_line": "df38b8753e86",
    "layout/inline.py:add_word_spacing": "9a16bf0652cc",
    "pdf/stream.py:Stream.add_font": "d4dd950c3078",
    "pdf/stream.py:Stream.set_font_size": "344b0d109f29",
    "text/fonts.py:get_font_description": "be554c07a53f",
}


def xhtml() -> str:
    """Return a document of prose with all that lines are made of."""
    prose = [text for file in CHAPTERS for text in PROSE.findall(file.read_text("utf-8"))]
    plain = [f"<p>{escape(text)}</p>" for text in prose[:ENOUGH]]
    mixed = [re.sub(r"((?: \S+){9})", r"<em>\1</em>", paragraph, count=2) for paragraph in plain]
    special = [
        f'<p class="{name}" lang="{language}" dir="{direction}">{escape(text)}</p>'
        for name, language, direction, text in SPECIAL
    ]
    body = "\n".join([*plain, *mixed, *special])
    return (
        '<html xmlns="http://www.w3.org/1999/xhtml" lang="fr"><head><title>t</title></head><body>'
        f'<section id="s" data-section="">{body}</section></body></html>'
    )


def press(text: str) -> Press:
    """Return a press with the publisher's own styles, and fonts for a text."""
    settings, metadata = Settings(), Metadata("t", "fr")
    faces, _ = fonts.faces(frozenset(text), None, "fr")
    sheets = compose.stylesheets(Book(metadata, settings, (), (), "", 0), "print")
    rules = page_rules(geometry(settings.print, metadata))
    styles = (Style("print", rules, "page"), *fonts.dressed(sheets, faces), Style("print", CSS, "test"))
    return Press(styles, faces, {})


def typeset_in_all_ways(sheets: Press, job: SheetJob) -> list[tuple[SheetSet, int]]:
    """Typeset with our way to draw lines twice, words being new and known; then with the typesetter's own.

    Returns each sheet set with how many characters Pango laid out for it.
    """
    modules: list[Any] = list(map(import_module, MODULES))
    engine, glyphs, text, inline, line_break = modules
    machine, laid_out = engine.Machine(sheets), [0]
    get_first_line = glyphs.Layout.get_first_line

    def count(layout: Any) -> Any:
        laid_out[0] += len(layout.text)
        return get_first_line(layout)

    def typeset() -> tuple[SheetSet, int]:
        laid_out[0] = 0
        return machine.typeset(job), laid_out[0]

    glyphs.Layout.get_first_line = count
    found = [typeset(), typeset()]
    inline.create_layout, glyphs.Layout.reactivate = line_break.create_layout, glyphs.reactivate
    text.draw_first_line = glyphs.draw_first_line
    return [*found, typeset()]


def test_lines_are_drawn_as_the_typesetter_does() -> None:
    """Prose in many scripts and styles gives the same bytes, however little is done for it."""
    text = xhtml()
    with workers.apprentice() as executor:
        sets = executor.submit(typeset_in_all_ways, press(text), SheetJob("t", text)).result()
    (ours, first), (again, second), (theirs, most) = sets

    assert ours.complaints == ()
    assert ours.pages > 9
    assert ours.pdf == theirs.pdf
    assert ours == again == theirs
    assert second < first < most
    assert second < most * 0.8


def source_of(place: str) -> str:
    """Return the source of a function, a class or a method of WeasyPrint."""
    file, _, path = place.partition(":")
    text = (Path(weasyprint.__file__).parent / file).read_text("utf-8")
    found: ast.AST = ast.parse(text)
    for name in path.split("."):
        found = next(node for node in ast.iter_child_nodes(found) if getattr(node, "name", "") == name)
    return ast.get_source_segment(text, found) or ""


def test_ours_stands_in_for_what_it_knows() -> None:
    """What of the typesetter ours does in another way, or relies on, is what it was when ours was written."""
    digests = {place: hashlib.sha256(source_of(place).encode()).hexdigest()[:12] for place in STOOD_IN_FOR}

    assert digests == STOOD_IN_FOR
