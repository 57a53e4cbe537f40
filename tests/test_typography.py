"""The tables of rules: what each says is what it does; no letter is changed; twice is as good as once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path

import hypothesis.strategies as st
import pypdfium2
import pytest
from hypothesis import example, given, settings

import publish
from publish.proof.rules import CHECKS, Check
from publish.typography import (
    BREAK,
    FIELD,
    LINE,
    House,
    Rule,
    Style,
    known_rules,
    languages,
    safe,
    style,
    visible,
)

DOCS = Path(__file__).parent.parent / "docs"
TAGS = [name for table in languages().values() for name in table["profiles"]]
#: The only signs that a rule may make, and the signs that it may make them of. This is all that a text
#: as written and as set may differ in.
SIGNS = str.maketrans(
    dict.fromkeys("\"'´«»“”„‘’‚‹›", "'") | dict.fromkeys("-–—", "-") | {"…": "...", LINE: "", FIELD: FIELD}
)
PIECES = """ " ' « » “ ” ’ ´ ; : ! ? … . , — – - ( ) [ ] 5 % € ... -- --- l' qu' mot A M. Louis XIV 10 000 km
mai p. 16 h dit XIXe siècle 1er 2e Mme no Ier et""".split()
SPACES = [" ", "\n", "\u00a0", "\u2007", "\u202f", FIELD, LINE, "«\u00a0", "\u00a0»", " — "]

always = settings(deadline=None, derandomize=True)
words = st.lists(st.sampled_from([*PIECES, *SPACES]), max_size=30).map("".join)


def rules(tag: str, house: House | None = None) -> Style:
    """Return the rules of a language that has some."""
    found = style(tag, house or House())
    assert found
    return found


def typeset(text: str, tag: str) -> str:
    """Set one paragraph."""
    return rules(tag).text(f"{BREAK}{text}{BREAK}")[1:-1]


def seen(text: str) -> str:
    """Return a text's letters, figures and signs, likes for likes: what no rule may change."""
    return re.sub(r"\.{3,}", "...", re.sub("-+", "-", "".join(text.translate(SIGNS).split())))


def shown(value: object) -> str:
    """Return how a test names a parameter."""
    return value.name if isinstance(value, Rule) else str(value)


def examples(act: str = "set") -> Iterator[tuple[str, Rule, str, str]]:
    """Iterate over the examples of all tables: language, rule, before, after."""
    for tag in languages():
        for rule in rules(tag).rules:
            if rule.act == act:
                yield from ((tag, rule, before, after) for before, after in rule.examples)
                yield from ((tag, rule, text, text) for text in rule.counterexamples)


@pytest.mark.parametrize(("tag", "rule", "before", "after"), list(examples()), ids=shown)
def test_examples_are_true(tag: str, rule: Rule, before: str, after: str) -> None:
    """What a table shows is what its rules do, with the edits that the proof-reader would tell."""
    assert typeset(before, tag) == after, rule.name
    text = f"{BREAK}{before}{BREAK}"
    for edit in reversed(rules(tag).edits(text)):
        text = text[: edit.start] + edit.instead + text[edit.end :]
    assert text == f"{BREAK}{after}{BREAK}"


SHAPES = {"century": "[{}]", "superior": "^{}^"}


@pytest.mark.parametrize(("tag", "rule", "before", "after"), list(examples("shape")), ids=shown)
def test_shapes_are_true(tag: str, rule: Rule, before: str, after: str) -> None:
    """What a table shows in brackets is shown in small capitals, between carets raised."""
    assert typeset(before, tag) == before, rule.name
    text = before
    for shape in reversed(rules(tag).shapes(before)):
        letters = SHAPES[shape.name].format(text[shape.start : shape.end])
        text = text[: shape.start] + letters + text[shape.end :]
    assert text == after


@pytest.mark.parametrize("tag", ["fr-FR"])
@always
@given(text=words)
def test_shapes_are_apart_and_hold_letters(tag: str, text: str) -> None:
    """No letter is shown in two ways, and no space or sign in any."""
    after = f"{BREAK}{typeset(text, tag)}{BREAK}"
    shapes = rules(tag).shapes(after)
    assert all(after[shape.start : shape.end].isalpha() for shape in shapes)
    assert all(one.end <= other.start for one, other in pairwise(shapes))


def test_every_rule_has_an_authority_and_examples() -> None:
    """A rule is there because somebody of the trade says so."""
    for tag in TAGS:
        for rule in rules(tag).rules:
            assert rule.authority, rule.name
            assert rule.examples, rule.name


@pytest.mark.parametrize("tag", TAGS)
@always
@given(text=words)
@example("«5%»: l'«un»...?!")
def test_no_letter_is_changed(tag: str, text: str) -> None:
    """White space moves, and signs become the signs of `SIGNS`; letters and figures stay, in their order."""
    assert seen(typeset(text, tag)) == seen(text)


@pytest.mark.parametrize("tag", TAGS)
@always
@given(text=words)
@example('mot""." \'""')
@example("»h — \u00a0»\ufffc — p.")
@example("qu' .!... 10 ...: mot …; l' \"?")
@example("—\u00a0--(")
def test_twice_is_once(tag: str, text: str) -> None:
    """A text that is set is not changed by setting it again."""
    once = typeset(text, tag)
    assert typeset(once, tag) == once


@pytest.mark.parametrize("tag", TAGS)
@always
@given(text=words)
def test_edits_tell_all_that_changes(tag: str, text: str) -> None:
    """The edits, made from the last to the first, give the text as it is set; so do places that move."""
    before = f"{BREAK}{text}{BREAK}"
    after = rules(tag).text(before)
    edited = before
    for edit in reversed(rules(tag).edits(before)):
        edited = edited[: edit.start] + edit.instead + edited[edit.end :]
    moved, places = rules(tag).moved(before, list(range(len(before) + 1)))
    assert edited == after
    assert moved == after
    assert places == sorted(places)


@pytest.mark.parametrize("tag", list(languages()))
@always
@given(text=words, data=st.data())
def test_order_matters_only_where_the_table_says_so(tag: str, text: str, data: st.DataObject) -> None:
    """Two rules give the same in either order, unless one says that it follows the other."""
    named = [rule for rule in rules(tag).rules if rule.act == "set"]
    pairs = [(a, b) for a, b in combinations(named, 2) if a.name not in b.follows]
    one, other = data.draw(st.sampled_from(pairs))
    before = f"{BREAK}{text}{BREAK}"
    in_order, reversed_order = Style(tag, (one, other)).text(before), Style(tag, (other, one)).text(before)
    assert in_order == reversed_order, (one.name, other.name)


def test_profiles_differ() -> None:
    """Quebec sets no space before ; ! ?, Switzerland a thin one everywhere; Belgium follows France."""
    text = "«Quoi?»: rien"
    assert typeset(text, "fr-CA") == "«\u00a0Quoi?\u00a0»\u00a0: rien"
    assert typeset(text, "fr-CH") == "«\u202fQuoi\u202f?\u202f»\u202f: rien"
    assert typeset(text, "fr-BE") == typeset(text, "fr") == "«\u00a0Quoi\u202f?\u00a0»\u00a0: rien"
    assert typeset('"Ja"', "de-CH") == "«Ja»"
    assert style("ja") is None


def test_a_house_leaves_rules_out() -> None:
    """A rule that is off isn't applied, and spaces may be the house's own."""
    house = House(off=("apostrophe",), spaces=(("colon", "thin"),))
    assert rules("fr", house).text(f"{BREAK}l'un: l'autre{BREAK}")[1:-1] == "l'un\u202f: l'autre"


def test_safe_spaces() -> None:
    """Where no font can be trusted to have U+202F, U+00A0 stands for it."""
    assert safe(typeset("Quoi?", "fr")) == "Quoi\u00a0?"


SPEECHES = """---
lang: fr
title: T
---

# Un

— Inconstitutionnellement parlant, extraordinairement, anticonstitutionnellement, voilà.

— Je vous avais pourtant prévenu longuement, monsieur le commissaire, que cette histoire finirait mal.

— Non.
"""


@pytest.mark.slow
def test_no_line_stretches_the_space_of_a_speech(tmp_path: Path) -> None:
    """In print, the first word of a speech stands as far from its dash in a wide line as in a short one."""
    (tmp_path / "b.md").write_text(SPEECHES, "utf-8")
    publish.build(tmp_path / "b.md", {"pdf": tmp_path / "b.pdf"}, publish.Options(cache=tmp_path / "c"))
    gaps: list[float] = []
    with pypdfium2.PdfDocument(tmp_path / "b.pdf") as bound:
        for page in (sheet.get_textpage() for sheet in bound):
            text = page.get_text_range()
            dashes = [match.start() for match in re.finditer("—[\\s\u2007]+(?=[IJN])", text)]
            gaps += [page.get_charbox(at + 2)[0] - page.get_charbox(at)[2] for at in dashes]
    assert len(gaps) == 3
    assert max(gaps) - min(gaps) < 1.5, "points; the letters' own white differs"


def guide() -> str:
    """Return docs/french.md, made of the table and the checks."""
    named = [*rules("fr", House(on=tuple(sorted(known_rules())))).rules, *CHECKS]
    out = [GUIDE]
    for title, act in SECTIONS:
        out.append(f"## {title}\n")
        out += [_told(rule) for rule in named if getattr(rule, "act", "mark") == act]
    return "\n".join(out)


def _told(rule: Rule | Check) -> str:
    """Return one rule as the guide has it."""
    lines = [f"{visible(before)}  →  {visible(after)}".rstrip(" →") for before, after in rule.examples]
    lines += [f"{visible(text)}  stays" for text in getattr(rule, "counterexamples", ())]
    says = f"{rule.says[0].upper()}{rule.says[1:]}. *{rule.authority}.*"
    optional = " Only where the book asks for it: `on`." if rule.optional else ""
    return f"### `{rule.name}`\n\n{says}{optional}\n\n" + "".join(f"    {line}\n" for line in lines)


GUIDE = """# French as it is set

Made from `src/publish/typography/fr.toml`; `make golden` writes it anew. The rules stand in their order. In
the examples `~` is a no-break space (U+00A0), `|` a thin one (U+202F) and `_` one of half an em that no line
stretches (U+2007); `[XIX]` stands in small capitals and `^e^` is raised. They act on text, never on code,
mathematics, addresses or words in another language, and see across emphasis and links. The Lexique is the
*Lexique des règles typographiques en usage à l’Imprimerie nationale*; Lacroux is J.-P. Lacroux,
*Orthotypographie*.
"""
SECTIONS = [
    ("What each build sets", "set"),
    ("What each build shows otherwise than written", "shape"),
    ("What `publish proof --fix` corrects", "fix"),
    ("What `publish proof` marks", "mark"),
]


def test_the_guide_is_the_table(request: pytest.FixtureRequest) -> None:
    """docs/french.md shows each rule before and after."""
    file = DOCS / "french.md"
    if request.config.getoption("--accept"):
        file.write_text(guide(), encoding="utf-8")
    assert file.read_text(encoding="utf-8") == guide(), "run `make golden`, then read the diff"
