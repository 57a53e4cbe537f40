"""Galleys → marks: every rule and every check on every paragraph."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from publish.manuscript import Proofs
from publish.manuscript.galleys import NOWHERE, Galley, Paragraph
from publish.problems import Place
from publish.proof.rules import CHECKS, Check, Finding, Sheet
from publish.typography import BREAK, FIELD, LINE, Style, style

#: How many signs of the text are shown on either side of what is marked.
_AROUND = 30
#: A correction, or a part of one: place, what stands there, what should.
Part = tuple[Place, str, str]
_SHOWN = str.maketrans({BREAK: "", LINE: " ", "\n": " ", FIELD: "…"})


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """One thing that a proof-reader marks."""

    place: Place
    rule: str
    #: The words, and what stands around them.
    found: str
    #: None: only the author knows.
    instead: str | None = field(compare=False)
    before: str = ""
    after: str = ""
    #: A safe correction in parts: place, what stands there, what should.
    parts: tuple[Part, ...] = ()
    #: Each build sets it right by itself.
    set: bool = False


@dataclass(frozen=True, slots=True)
class Proof:
    """What was marked, in the order of the text; what each build sets right by itself is apart."""

    marks: tuple[Mark, ...]
    set: tuple[Mark, ...]

    def groups(self) -> dict[str, list[Mark]]:
        """Return the marks by rule, the most frequent last."""
        groups = defaultdict[str, list[Mark]](list)
        for mark in self.marks:
            groups[mark.rule].append(mark)
        return dict(sorted(groups.items(), key=lambda group: (len(group[1]), group[0])))

    def without(self, made: Iterable[Mark]) -> Proof:
        """Return the proof without the marks that are corrected."""
        gone = set(made)
        return Proof(
            tuple(mark for mark in self.marks if mark not in gone),
            tuple(mark for mark in self.set if mark not in gone),
        )

    def counts(self) -> dict[str, int]:
        """Return how often each rule sets the text right by itself."""
        return dict(Counter(mark.rule for mark in self.set).most_common())


def read_proof(proofs: Proofs) -> Proof:
    """Read a manuscript's galleys and return what is to be marked."""
    rules = partial(style, house=proofs.house)
    marks: list[Mark] = []
    made: list[Mark] = []
    for galley in proofs.galleys:
        for paragraph in galley.paragraphs:
            if found := rules(paragraph.language):
                marks += _marks(galley, paragraph, found)
                made += _edits(galley, paragraph, found)
    for check in CHECKS:
        if check.name not in proofs.house.off and (not check.optional or check.name in proofs.house.on):
            marks += (_marked(finding, check) for finding in check.find(Sheet(proofs)))
    return Proof(tuple(sorted(set(marks))), tuple(made))


def _marks(galley: Galley, paragraph: Paragraph, rules: Style) -> Iterator[Mark]:
    text = f"{BREAK}{paragraph.text}{BREAK}"
    for match in rules.marks(text):
        first, last = paragraph.places[match.start - 1], paragraph.places[match.end - 2]
        if match.rule.plain and last - first != match.end - match.start - 1:
            continue
        finding = Finding(galley, paragraph, match.start - 1, match.end - 1, match.instead)
        parts = [
            (start - 1, end - 1, instead) for start, end, instead in match.parts if match.rule.act == "fix"
        ]
        yield _mark(finding, match.rule.name, parts)


def _edits(galley: Galley, paragraph: Paragraph, rules: Style) -> Iterator[Mark]:
    text = f"{BREAK}{paragraph.text}{BREAK}"
    if rules.text(text) == text:
        return
    for edit in rules.edits(text):
        finding = Finding(galley, paragraph, edit.start - 1, edit.end - 1, edit.instead)
        yield _mark(finding, edit.rule, [(edit.start - 1, edit.end - 1, edit.instead)], made=True)


def _marked(finding: Finding, check: Check) -> Mark:
    return _mark(finding, check.name)


def _mark(
    finding: Finding, rule: str, parts: Sequence[tuple[int, int, str]] = (), *, made: bool = False
) -> Mark:
    text, start, end = finding.paragraph.text, finding.start, finding.end
    where = partial(place, finding.galley, finding.paragraph.places)
    return Mark(
        where(start), rule, text[start:end], finding.instead,
        text[max(0, start - _AROUND) : start].translate(_SHOWN),
        text[end : end + _AROUND].translate(_SHOWN),
        tuple((where(begin), text[begin:stop], instead) for begin, stop, instead in parts), made,
    )  # fmt: skip


def place(galley: Galley, places: Sequence[int], index: int) -> Place:
    """Return the place of a sign of a paragraph, or of the nearest one before it that has one."""
    before: Iterable[int] = reversed(places[: index + 1])
    offset = next((offset for offset in before if offset != NOWHERE), None)
    if offset is None:
        offset = next((offset for offset in places if offset != NOWHERE), NOWHERE)
    return galley.place(offset) if offset != NOWHERE else Place(galley.name)
