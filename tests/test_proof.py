"""The proof-reader: what it marks, where, what it leaves alone, and what its corrections touch."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from publish import manuscript, proofread
from publish.__main__ import main
from publish.manuscript.galleys import NOWHERE, galley
from publish.manuscript.sections import Job
from publish.proof import Mark, Proof, explained, fixed, read_proof, report
from publish.proof.rules import CHECKS
from publish.typography import BREAK, House, Rule, known_rules, languages, style

#: One fault of each kind, as a machine's translation makes them; the rule that marks it is in front.
FAULTS = {
    "names": "Le modèle de Deepseek a surpris.",
    "phrases": "Une politique isolationnaire n’y change rien.",
    "lost-capital": "Le monde a salué cette réussite. a parlé une fois de révolution.",
    "gerund": "Il avançait tout en regardait derrière lui.",
    "agreement": "Ils bâtirent des murs hautes.",
    "determiner": "Il pleut. Rapport a montré le contraire.",
    "lost-verb": "Il a plu. Partage des savoirs, enrichi les esprits.",
    "lost-preposition": "Tels sont les bienfaits de la science toute l’humanité.",
    "date-article": "Elle parle à Lyon, France, 3 mai 2020.",
    "acronyms": "L’INRA en rit. L’INRA en vit. L’INRA y va. L’INRA y fut. L’INRA y sera.",
    "sources": "Comme l’observe Ada Byron, la machine n’invente rien.",
    "gender": "On constate la rétrécissement de son avance.",
    "doubled-word": "Il marchait dans le le jardin.",
    "doubled-space": "Il  marchait.",
    "stray-hyphen": "Les Mega -caps ont baissé.",
    "spaced-hyphen": "La cour - petite - et la clôture.",
    "captions": "Un écran de la Bourse de New York, le 27 janvier 2025. / Afp",
    "unpaired": "Il dit « oui et sortit.",
    "foreign-quotes": "Il dit “oui” et sortit.",
    "capitals": "L’Etat y veille.",
    "capital-a": "A cette heure, tout dort.",
    "ligatures": "Un coeur simple.",
    "centuries": "Au 19e siècle, tout change.",
    "ordinals": "La 2ème fois.",
    "abbreviations": "On vit Mr. Dupont.",
    "hours": "Il vint à 16h15.",
    "decimal-comma": "Une hausse de 15.6 % en un an.",
    "units-unspaced": "Le port est à 12km.",
    "thousands-signs": "Cela coûte 1,234,567 francs.",
    "months": "Le 25 Décembre, il neigea.",
    "etc": "De l’or, de l’argent, etc...",
    "dashes-unpaired": "Ils comptaient sur l’isolement – imposant des règles.",
    "variants": "Un modèle open-source, des principes open source, une licence open source.",
}
CLEAN = """---
title: Un livre
author: Une autrice
date: 2026-01-01
lang: fr
---

"""


def proof(folder: Path, text: str, head: str = CLEAN) -> Proof:
    """Proof-read one file."""
    (folder / "book.md").write_text(head + text, encoding="utf-8")
    return proofread(folder / "book.md")


def shown(value: object) -> str:
    """Return how a test names a parameter."""
    return value.name if isinstance(value, Rule) else str(value)


def examples() -> Iterator[tuple[str, Rule, str, str | None]]:
    """Iterate over the examples of what is marked: language, rule, text, what is right (None: no mark)."""
    everything = House(on=tuple(sorted(known_rules())))
    for tag in languages():
        rules = style(tag, everything)
        for rule in rules.rules if rules else ():
            if rule.act in {"fix", "mark"}:
                yield from ((tag, rule, before, after) for before, after in rule.examples)
                yield from ((tag, rule, text, None) for text in rule.counterexamples)


@pytest.mark.parametrize(("tag", "rule", "text", "right"), list(examples()), ids=shown)
def test_examples_are_true(tag: str, rule: Rule, text: str, right: str | None) -> None:
    """What a table shows is what its rules mark, and the correction is what it shows."""
    rules = style(tag, House(on=(rule.name,)))
    found = [m for m in (rules.marks(f"{BREAK}{text}{BREAK}") if rules else ()) if m.rule.name == rule.name]
    assert bool(found) == (right is not None)
    corrected = f"{BREAK}{text}{BREAK}"
    for match in reversed(found):
        corrected = f"{corrected[: match.start]}{match.instead or ''}{corrected[match.end :]}"
    if right:
        assert corrected[1:-1] == right


@pytest.mark.parametrize("rule", FAULTS)
def test_each_fault_is_marked(tmp_path: Path, rule: str) -> None:
    """A sentence with a fault has that mark, at the fault, and no other."""
    found = proof(tmp_path, FAULTS[rule])
    assert {mark.rule for mark in found.marks} == {rule}
    lines = (tmp_path / "book.md").read_text("utf-8").split("\n")
    for mark in found.marks:
        start = mark.place.column - 1
        assert lines[mark.place.line - 1][start : start + len(mark.found)] == mark.found


def test_good_prose_has_no_mark(tmp_path: Path) -> None:
    """Dialogue, titles, code, addresses, other languages, lists and verse are as they should be."""
    found = proof(tmp_path, GOOD)
    assert [(mark.rule, mark.found) for mark in found.marks] == []


GOOD = """# À l’heure dite

« Entrez », dit-il. Nous nous levâmes ; vous vous taisiez. Le XIXe siècle (et le 1er mai) : 50 % de 10 000 €.

« Premier alinéa d’un long discours.

« Deuxième alinéa, qui le ferme. »

— Oui ? dit-elle. a) non ; b) si.

(Ni pour toi, ni pour un seul,

ô mort, je te couvre de roses.)

`Deepseek  -x "a" (` <https://github.com/Deepseek> [the the yard]{lang=nl} $a - b$

1. un
2. deux

| Etat |
|------|
| non  |
""".replace("| Etat |", "| État |").replace("$a - b$", "")


def test_metadata_and_dialogues(tmp_path: Path) -> None:
    """A book without author is told so; so is the one dialogue that opens otherwise than all others."""
    talk = "Il entra.\n\n— Oui.\n\n— Non.\n\n" * 12
    found = proof(tmp_path, f"{talk}Il sortit.\n\n« Adieu.\n\n— Adieu.\n", "---\nlang: fr\ntitle: T\n---\n")
    assert [(mark.rule, mark.place.line) for mark in found.marks] == [("metadata", 5), ("dialogues", 79)]


def test_names_are_spelt_one_way(tmp_path: Path) -> None:
    """The form that a name mostly has is the right one."""
    found = proof(tmp_path, "On vit Élodie. " * 6 + "Puis on vit Elodie et Élodie.")
    assert [(mark.rule, mark.found, mark.instead) for mark in found.marks] == [
        ("spellings", "Elodie", "Élodie")
    ]


def test_a_house_has_its_lexicon_and_its_rules(tmp_path: Path) -> None:
    """`words` marks what the house writes otherwise, `off` and `on` choose rules."""
    house = "typography: {words: {clé USB: clef USB}, off: [ligatures], on: [anglicisms]}\n"
    head = CLEAN.replace("lang: fr\n", f"lang: fr\n{house}")
    found = proof(tmp_path, "Une clé USB, un coeur, un challenge.", head)
    assert [(mark.rule, mark.instead) for mark in found.marks] == [
        ("lexicon", "clef USB"), ("anglicisms", "défi"),
    ]  # fmt: skip


def test_what_the_build_sets_is_counted_apart(tmp_path: Path) -> None:
    """Raw spacing doesn't drown the marks, and a text that needs nothing else is clean."""
    found = proof(tmp_path, 'L\'un dit: "Quoi?" ' * 50)
    assert found.marks == ()
    assert found.counts() == {"apostrophe": 50, "quotes": 100, "high-marks": 50, "colon": 50}


def test_fix_touches_no_other_byte(tmp_path: Path) -> None:
    """Safe corrections are made, all other bytes stay: metadata, line ends, order mark, code, addresses."""
    before = (
        "\ufeff---\r\nlang: fr\r\ntitle: Etat\r\nauthor: A\r\ndate: 2026\r\n---\r\n# L'Etat {#Etat}\r\n\r\n"
        'Un *coeur*  de `coeur` [“le *coeur*”](coeur.md "coeur") &amp; L\\\'Etat\\-Etat :  \r\n'
        "Mr. X, etc...\r\n"
    )
    after = (
        before.replace("L'Etat {", "L'État {").replace("*coeur*", "*cœur*").replace("*  de", "* de")
        .replace("“le", "« le").replace("*”", "* »").replace("L\\'Etat\\-Etat", "L\\'État\\-État")
        .replace("Mr. X", "M. X").replace("etc...", "etc.")
    )  # fmt: skip
    file = tmp_path / "book.md"
    file.write_bytes(before.encode())
    made = fixed(proofread(file).marks)
    assert file.read_bytes() == after.encode()
    assert {mark.rule for mark in made} == {
        "capitals", "ligatures", "doubled-space", "foreign-quotes", "abbreviations", "etc",
    }  # fmt: skip
    assert fixed(proofread(file).marks) == ()


PIECES = """coeur|Etat|l'Etat|2ème| |  |*|**|_|`coeur`|[|](coeur.md)|]{.x}|“|”|etc...|\\|&amp;|^[|]|<b>|</b>
|![coeur](coeur.png)|<!-- coeur -->|# |> |- |(|)|Mr. X""".split("|")
TABLE = "| coeur | Etat |\n|---|---|\n"
prose = st.lists(st.sampled_from([*PIECES, TABLE, "\n", "\n\n"]), max_size=30).map("".join)


@settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=prose)
def test_places_are_true(tmp_path: Path, text: str) -> None:
    """Every sign of a galley that has a place stands there in the file, whatever markup is around it."""
    read = galley(Job("book.md", text, "", language="fr"))
    for paragraph in read.paragraphs:
        assert len(paragraph.places) == len(paragraph.text)
        for sign, place in zip(paragraph.text, paragraph.places, strict=True):
            assert place == NOWHERE or text[place] == sign or sign in "\u2028\ufffc"
    found = proof(tmp_path, text)
    file = tmp_path / "book.md"
    before = file.read_text("utf-8")
    made = fixed(found.marks)
    after = file.read_text("utf-8")
    assert bool(made) == (before != after)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit codes, a line a mark, JSON, `--fix`, `--explain`."""
    file = tmp_path / "book.md"
    file.write_text(CLEAN + "Un coeur dans le le jardin.\n", "utf-8")
    assert main(["proof", str(file)]) == 1
    assert capsys.readouterr().out == (
        f"{file}:8:4: ligatures: Un [coeur] dans le le jardin. → [cœur]\n"
        f"{file}:8:15: doubled-word: Un coeur dans [le le] jardin. → [le]\n"
    )
    assert main(["proof", "--json", str(file)]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["counts"] == {"doubled-word": 1, "ligatures": 1}
    assert told["marks"][0]["column"] == 4
    assert main(["proof", "--fix", str(file)]) == 1
    assert file.read_text("utf-8").endswith("Un cœur dans le le jardin.\n")
    file.write_text(CLEAN + "Un cœur.\n", "utf-8")
    capsys.readouterr()
    assert main(["proof", str(file)]) == 0
    assert capsys.readouterr().out == ""
    assert main(["proof", "--explain", "ligatures"]) == 0
    assert "œ and æ are one sign" in capsys.readouterr().out
    assert main(["proof", "--explain", "none"]) == 2


def test_the_report_is_grouped(tmp_path: Path) -> None:
    """Readers get the marks by rule, the rarest first, and one line for what the build sets."""
    text = report.grouped(proof(tmp_path, "L'Etat du coeur, " + "un coeur, " * 20))
    assert text.index("capitals: ") < text.index("ligatures: œ and æ are one sign (21)")
    assert "… and 9 more" in text
    assert "Each build sets by itself: apostrophe 1" in text
    assert text.endswith("22 marks by 2 rules; --fix corrects 22, --explain RULE tells why")


def test_every_rule_is_explained() -> None:
    """A rule has its say, its authority and an example."""
    for name in ("lexicon", *known_rules(), *(check.name for check in CHECKS)):
        assert re.fullmatch(rf"{name}: .+\n\(.+\)(\n    .+)+", explained(name)), name


def test_marks_are_in_the_order_of_the_text(tmp_path: Path) -> None:
    """Files in the order of their names, lines and columns in the order of the page."""
    found: tuple[Mark, ...] = proof(tmp_path, "Un coeur,  un Etat.\n\nUn coeur.").marks
    assert [mark.place.column for mark in found] == [4, 10, 15, 4]


#: What a linter finds in a newspaper's article that a machine has translated: line, rule, words.
#: The names of one notion (the last three) are the book's own lexicon.
MACHINE_TRANSLATED = [
    (1, "metadata", ""), (1, "names", "Deepseek"), (9, "names", "Deepseek"),
    (9, "names", "Nasdaq Marchetsite"), (1, "guillemets", "«"),
    (1, "guillemets", "»"), (7, "guillemets", "«"), (13, "guillemets", "»"),
    (9, "apostrophe", "'"), (11, "phrases", "l’AI"), (3, "acronyms", "IA"), (3, "phrases", "startup"),
    (3, "phrases", "ondes de choc"), (3, "phrases", "En dépassant les tableaux"),
    (3, "phrases", "isolationnaires"), (7, "phrases", "isolationnaires"), (5, "lost-capital", "a"),
    (5, "gerund", "tout en soulignait"), (5, "determiner", "Document"),
    (5, "phrases", "réalisations significatives"), (5, "phrases", "ces rapports affirment"),
    (5, "variants", "open-source"), (7, "agreement", "murs hautes"), (7, "phrases", "soi-disant stratégie"),
    (7, "dashes-unpaired", "–"), (7, "phrases", "remet directement "), (7, "phrases", "du leadership"),
    (7, "phrases", "à travers des tactiques"), (9, "captions", "/ Cfp"),
    (9, "date-article", "27 janvier 2025"), (9, "phrases", "forte vente dans"),
    (9, "phrases", "montraient des alarmes"),
    (9, "doubled-word", "Mega sur Mega"), (9, "stray-hyphen", " -"),
    (11, "lost-verb", "Partage de données transfrontalières, enrichi"),
    (11, "phrases", "données de formation"), (11, "phrases", "pour les avantages collectifs"),
    (13, "gender", "la"), (13, "sources", "Alvin Wang Graylin"), (15, "agreement", "essentiels"),
    (15, "lost-preposition", "de l’IA toute l’"), (15, "phrases", "sert de rappel"),
    (1, "lexicon", "hauts murs"), (5, "lexicon", "jardin clos"), (7, "lexicon", "murs hautes"),
]  # fmt: skip


def test_a_machine_s_faults_are_found(manuscripts: Path) -> None:
    """Every fault of a real article that a linter can find is marked, at its line."""
    words = (
        ("hauts murs", "haute clôture"),
        ("jardin clos", "petite cour"),
        ("murs hautes", "haute clôture"),
    )
    read = manuscript.proofs(manuscripts / "editorial-fr")
    found = read_proof(replace(read, house=House(words=words)))
    marked = {(mark.place.line, mark.rule, mark.found) for mark in (*found.marks, *found.set)}
    assert [fault for fault in MACHINE_TRANSLATED if fault not in marked] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["les-miserables-fr/manuscript", "rust-book-fr/flat"])
def test_fixing_all_writes_what_the_builds_set(manuscripts: Path, tmp_path: Path, name: str) -> None:
    """A real book with all of its corrections written down makes the very pages that it made before."""
    copy = tmp_path / "copy"
    for file in (file for file in (manuscripts / name).rglob("*") if file.is_file()):
        target = copy / file.relative_to(manuscripts / name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes())
    found = proofread(copy)
    assert fixed(found.set) == found.set
    assert proofread(copy).set == ()
    before, after = pages(manuscripts / name), pages(copy)
    assert before == after


def pages(folder: Path) -> list[str]:
    """Return a book's sections as XHTML, without the places that they come from."""
    book, _ = manuscript.read(folder)
    return [
        re.sub(r' data-(?:line|at)="[^"]*"', "", section.title + section.body) for section in book.sections
    ]


def test_a_mark_stands_in_the_file_that_is_included(tmp_path: Path) -> None:
    """What a chapter includes is marked, and corrected, in its own file."""
    (tmp_path / "_part.md").write_text("Un mot.\n\nUn coeur.\n", encoding="utf-8")
    found = proof(tmp_path, "Un Etat.\n\n{{< include _part.md >}}\n\nUne soeur.\n")
    places = [(Path(mark.place.file).name, mark.place.line, mark.place.column) for mark in found.marks]
    assert places == [("_part.md", 3, 4), ("book.md", 8, 4), ("book.md", 12, 5)]
    assert len(fixed(found.marks)) == 3
    assert (tmp_path / "_part.md").read_text("utf-8") == "Un mot.\n\nUn cœur.\n"
