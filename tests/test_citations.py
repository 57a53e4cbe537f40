"""Citations: what an author writes, what a style makes of it, and the list of works."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from publish import edit, manuscript
from publish.book import Book
from publish.problems import BookProblems

WORKS = r"""
@book{dupont, author = {Dupont, Jean and Martin, Anne}, title = {Le livre : l'objet}, publisher = {Seuil},
  address = {Paris}, year = 2020}
@article{paper, author = {Jean Dupont}, title = {A paper on {RNA} \& co}, journal = {Nature}, volume = 3,
  number = 2, pages = {12--34}, year = 2021, month = may, doi = {10.1000/x}, langid = {english}}
@online{v3, author = {{DeepSeek-AI}}, title = {V3 <draft>}, url = {https://example.org/v3?a=1&b=2},
  date = {2024-12-27}, urldate = {2025-02-01}}
@report{r1, author = {{DeepSeek-AI}}, title = {R1}, institution = {DeepSeek}, year = 2024}
"""
JSON = """[{"id": "weil", "type": "article-newspaper", "author": [{"family": "Weil", "given": "Simone"}],
  "title": "La <i>guerre</i>", "container-title": "Le Monde", "page": "4",
  "issued": {"date-parts": [[2025, 1, 1]]}, "custom": {"x": 1}, "accessed": {"date-parts": [[]]}}]"""
#: A style with notes that says where a citation stands: first, ibid, ibid with another page, or later.
POSITIONS = """<style xmlns="http://purl.org/net/xbiblio/csl" class="note" version="1.0"><info/>
<citation><layout delimiter="; "><choose>
<if position="ibid-with-locator"><text value="ibid., "/><text variable="locator"/></if>
<else-if position="ibid"><text value="ibid."/></else-if>
<else-if position="subsequent"><names variable="author"><name form="short"/></names>
<text value=", op. cit."/></else-if>
<else><names variable="author"><name form="short"/></names></else>
</choose></layout></citation>
<bibliography><layout><text variable="title"/></layout></bibliography></style>"""


def cited(folder: Path, text: str, style: str = "", language: str = "fr", **files: str) -> Book:
    """Edit a book of one chapter that cites."""
    chosen = f'style = "{style}"\n' if style else ""
    (folder / "book.toml").write_text(
        f'title = "T"\nlanguage = "{language}"\nsections.body = ["a.md"]\n'
        f'[bibliography]\nfiles = ["w.bib", "w.json"]\nshow = "all"\n{chosen}'
    )
    for name, content in {"a.md": f"# A\n\n{text}\n", "w.bib": WORKS, "w.json": JSON, **files}.items():
        (folder / name).write_text(content, encoding="utf-8")
    book, found = edit.edit(manuscript.read(folder)[0])
    assert found == ()
    return book


def plain(fragment: str) -> str:
    """Return a fragment's words, no-break spaces as `_` and narrow ones as `~`."""
    text = unescape(re.sub(r"<[^>]*>", "", fragment)).strip()
    return text.replace("\u00a0", "_").replace("\u202f", "~").replace("\u2011", "-")


def works(book: Book) -> list[str]:
    """Return the entries of a book's list of works."""
    section = next(section for section in book.sections if section.kind == "bibliography")
    return [plain(entry) for entry in re.findall(r"<li [^>]*>(.*?)</li>", section.body, re.DOTALL)]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("[@dupont]", "(Dupont, Martin 2020)"),
        ("[@dupont, p. 12-15]", "(Dupont, Martin 2020, p._12-15)"),
        ("[@dupont, 12]", "(Dupont, Martin 2020, p._12)"),
        ("[-@dupont, p. 3]", "(2020, p._3)"),
        ("[voir @dupont, p. 3, et passim]", "(voir Dupont, Martin 2020, p._3, et passim)"),
        ("[voir @weil; @dupont; @paper, p. 9]", "(voir Dupont, Martin 2020~; Dupont 2021, p._9~; Weil 2025)"),
        ("@dupont le dit", "Dupont et Martin (2020) le dit"),
        ("@dupont [p. 12] le dit", "Dupont et Martin (2020, p._12) le dit"),
        ("[@v3; @r1]", "(DeepSeek-AI 2024a~; DeepSeek-AI 2024b)"),
    ],
)
def test_an_author_date_style_in_french(tmp_path: Path, written: str, shown: str) -> None:
    """Names, years, pages and the author's own words, with the spaces that French wants."""
    assert plain(cited(tmp_path, written).sections[0].body) == shown


def test_the_list_of_works_in_french(tmp_path: Path) -> None:
    """Entries are in order, typographically right, and show no page of a citation."""
    book = cited(tmp_path, "[@weil, p. 99] [@dupont, p. 98] [@paper, p. 97]")
    assert works(book) == [
        (
            "DEEPSEEK-AI, 2024a. V3 <draft> [en_ligne]. 27_décembre 2024. Disponible à l’adresse_: "
            "https://example.org/v3?a=1&b=2 [Consulté le_1er_février 2025]."
        ),
        "DEEPSEEK-AI, 2024b. R1. DeepSeek.",
        "DUPONT, Jean et MARTIN, Anne, 2020. Le livre_: l’objet. Paris_: Seuil.",
        "DUPONT, Jean, 2021. A paper on RNA & co. Nature. Mai 2021. Vol._3, no_2, p._12-34. DOI_10.1000/x.",
        "WEIL, Simone, 2025. La guerre. Le Monde. 1er_janvier 2025. p._4.",
    ]
    section = book.sections[-1]
    assert (section.kind, section.matter, section.title) == ("bibliography", "back", "Bibliographie")
    assert '<li id="ref-weil">' in section.body
    assert "<em>Le Monde</em>" in section.body
    assert 'href="https://example.org/v3?a=1&amp;b=2"' in section.body
    link = '<a class="citation" epub:type="biblioref" role="doc-biblioref" href="#ref-weil">Weil 2025, p.'
    assert link in book.sections[0].body


@pytest.mark.parametrize(
    ("style", "language", "entry"),
    [
        ("", "fr", "WOOLF, Virginia et al., 1925. V. 1925."),
        ("apa", "en", "Woolf, V. et al. (1925). V."),
        ("", "de", "Woolf, Virginia et al. 1925. „V“."),
    ],
)
def test_and_others_are_no_author(tmp_path: Path, style: str, language: str, entry: str) -> None:
    """BibTeX's « and others » is said once, in no capitals and after no « et »."""
    work = "@misc{woolf, author = {Woolf, Virginia and others}, title = {V}, year = 1925}"
    book = cited(tmp_path, "[@woolf]", style, language, **{"w.bib": work, "w.json": "[]"})
    assert works(book) == [entry]


@pytest.mark.parametrize(
    ("style", "language", "shown", "entry"),
    [
        (
            "ieee", "en", "[1, p. 12], [2]",
            "[1] J. Dupont and A. Martin, Le livre : l’objet. Paris: Seuil, 2020.",
        ),
        (
            "apa", "en", "(Dupont, 2021; Dupont & Martin, 2020, p. 12)",
            "Dupont, J. (2021). A paper on RNA & co. Nature, 3(2), 12–34. https://doi.org/10.1000/x",
        ),
        (
            "", "en", "(Dupont 2021; Dupont and Martin 2020, 12)",
            "Weil, Simone. 2025. “La guerre.” Le Monde, January 1.",
        ),
        (
            "chicago-author-date", "de", "(Dupont 2021; Dupont und Martin 2020, 12)",
            "Dupont, Jean, und Anne Martin. 2020. Le livre : l’objet. Seuil.",
        ),
    ],
)  # fmt: skip
def test_other_styles_and_languages(
    tmp_path: Path, style: str, language: str, shown: str, entry: str
) -> None:
    """Any style of CSL, in the locale of the book's language."""
    book = cited(tmp_path, "[@dupont, p. 12; @paper]", style, language)
    assert plain(book.sections[0].body).replace("_", " ") == shown
    assert entry in [work.replace("_", " ") for work in works(book)]


def test_a_style_with_notes_says_ibid(tmp_path: Path) -> None:
    """Each citation is a note in the order of the text; the author's own notes keep their places."""
    text = "A [@dupont, p. 1]. B [@dupont, p. 1]^[Own, @weil too.]. C [@dupont, p. 2]. @paper. D [@dupont]."
    book = cited(tmp_path, text, "own.csl", **{"own.csl": POSITIONS})
    notes = book.sections[0].notes
    assert [plain(note.body) for note in notes] == [
        "Dupont, Martin.", "Ibid.", "Own, Weil too.", "Dupont, Martin, op. cit.", "Dupont.",
        "Dupont, Martin, op. cit.",
    ]  # fmt: skip
    assert [note.label for note in notes] == ["1", "2", "3", "4", "5", "6"]
    assert plain(book.sections[0].body) == "A1. B23. C4. Dupont5. D6."


def test_ibid_leads_to_the_note_before(tmp_path: Path) -> None:
    """It looks across the author's own notes, not across several works in one, nor out of the chapter."""
    one = "A[^n] B [@dupont, p. 2]. C [@dupont, chap. 3]. D [@dupont; @paper]. E [@paper].\n\n"
    one += "[^n]: See [@dupont, p. 2]."
    (tmp_path / "b.md").write_text("# B\n\nF [@paper, p. 12]. G [@paper, p. 12-14].\n")
    style = "chicago-notes-bibliography-subsequent-ibid"
    first = cited(tmp_path, one, style)
    (tmp_path / "book.toml").write_text(
        (tmp_path / "book.toml").read_text().replace('["a.md"]', '["a.md", "b.md"]')
    )
    second = edit.edit(manuscript.read(tmp_path)[0])[0]
    assert [plain(note.body) for note in first.sections[0].notes] == [
        "See Jean Dupont et Anne Martin, Le livre_: l’objet (Seuil, 2020), 2.", "Ibid.", "Ibid., chap._3.",
        ("Jean Dupont, «_A Paper on RNA & Co_», Nature 3, no_2 (2021): 12-34, https://doi.org/10.1000/x~; "
        "Dupont et Martin, Le livre_: l’objet."),
        "Dupont, «_A Paper on RNA & Co_».",
    ]  # fmt: skip
    assert [plain(note.body) for note in second.sections[1].notes] == [
        "Dupont, «_A Paper on RNA & Co_», 12.", "Ibid., 12-14.",
    ]  # fmt: skip


def test_a_title_in_another_language_keeps_its_ways(tmp_path: Path) -> None:
    """It has its language for screen readers, and none of French's spaces; a question has no full stop."""
    one = "@book{sea, author = {Doe, Jane}, title = {The Sea: Why?}, year = 2020, langid = {british}}"
    two = "@book{mer, author = {Doe, Jane}, title = {La mer: pourquoi}, year = 2021, langid = {french}}"
    book = cited(tmp_path, "[@sea]", "iso690-note-fr", **{"w.bib": f"{one}\n{two}"})
    title = '<span lang="en-GB" xml:lang="en-GB">The Sea: Why?</span>'
    assert f"<em>{title}</em> [S." in book.sections[0].notes[0].body
    section = next(section for section in book.sections if section.kind == "bibliography")
    assert title in section.body
    assert "<em>La mer\u00a0: pourquoi</em>" in section.body


def test_the_list_stands_where_the_author_wants_it(tmp_path: Path) -> None:
    """A div with the name `refs` holds it, as in Pandoc; no section is added then."""
    book = cited(tmp_path, "[@weil]\n\n## Sources\n\n::: {#refs}\n:::\n\nEnd.")
    assert len(book.sections) == 1
    assert re.search(
        r'id="refs"[^>]*><ul class="made bibliography">.*</ul></div>\s*<p [^>]*>End',
        book.sections[0].body,
        re.DOTALL,
    )


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("[@dupont, para. 3]", "(Dupont, Martin 2020, paragr._3)"),
        ("[@dupont, bk. 2]", "(Dupont, Martin 2020, livre._2)"),
        ("[@dupont{ii, A, D-Z}, with more]", "(Dupont, Martin 2020, p._ii, A, D–Z, with more)"),
        ("[@dupont{}, 99 years later]", "(Dupont, Martin 2020, 99 years later)"),
    ],
)  # fmt: skip
def test_locators_as_pandoc_has_them(tmp_path: Path, written: str, shown: str) -> None:
    """All of its words, and braces where the program shall not guess."""
    assert plain(cited(tmp_path, written).sections[0].body) == shown


def test_works_are_listed_without_a_citation(tmp_path: Path) -> None:
    """Pandoc's `nocite` names them."""
    (tmp_path / "w.bib").write_text(WORKS)
    text = "---\nbibliography: w.bib\nnocite: |\n  @v3, @nobody\n---\n\n# A\n\n[@r1]\n"
    (tmp_path / "b.md").write_text(text)
    book, found = manuscript.read(tmp_path / "b.md")
    assert [(problem.code, "“nobody”" in problem.fact) for problem in found] == [("bad-value", True)]
    assert len(works(edit.edit(book)[0])) == 2


def test_a_single_file_names_its_bibliography_as_pandoc_has_it(tmp_path: Path) -> None:
    """`bibliography` and `csl` in the front matter; only what is cited is listed, the rest is told."""
    (tmp_path / "w.bib").write_text(WORKS, "utf-8")
    (tmp_path / "own.csl").write_text(POSITIONS, "utf-8")
    head = "---\ntitle: T\nlang: en\nbibliography: w.bib\ncsl: own.csl\n---\n"
    (tmp_path / "b.md").write_text(f"{head}\n# One\n\nSee [@r1].\n\n# References\n\nThese:\n", "utf-8")
    book, found = edit.edit(manuscript.read(tmp_path / "b.md")[0])
    assert [(problem.code, problem.severity) for problem in found] == [("uncited-work", "warning")]
    assert works(book) == ["R1"]
    assert [section.kind for section in book.sections] == ["chapter", "bibliography"]


@pytest.mark.parametrize(
    ("name", "text", "fact"),
    [
        ("w.json", "{", "this is no JSON"), ("w.json", '{"id": "x"}', "this is no list of works"),
        ("w.json", '[{"title": "x"}]', "a work has no “id”"), ("own.csl", "<html/>", "is no CSL style"),
        ("own.csl", '<!DOCTYPE style [<!ENTITY x "y">]><style/>', "is no CSL style"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told(tmp_path: Path, name: str, text: str, fact: str) -> None:
    """A broken file of works or style is a problem with its place."""
    toml = '[bibliography]\nfiles = ["w.json"]\n' + ('style = "own.csl"\n' if name == "own.csl" else "")
    files = {"w.json": JSON, name: text, "a.md": "# A\n\nText.\n", "book.toml": f'title = "T"\n{toml}'}
    for file, content in files.items():
        (tmp_path / file).write_text(content, encoding="utf-8")
    try:
        found = manuscript.read(tmp_path)[1]
    except BookProblems as stop:
        found = stop.problems
    assert [fact in str(problem) for problem in found] == [True]


def test_a_style_that_fails_is_a_problem(tmp_path: Path) -> None:
    """A style that asks for a macro that isn't there stops nothing but the book."""
    broken = POSITIONS.replace('<text variable="title"/>', '<text macro="none"/>')
    with pytest.raises(AssertionError, match="bad-bibliography"):
        cited(tmp_path, "[@weil]", "own.csl", **{"own.csl": broken})
