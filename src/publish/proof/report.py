"""Marks → words: grouped for readers, a line each for editors, JSON for machines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from publish.proof.marks import Mark, Proof
from publish.proof.rules import says
from publish.typography import visible

#: So many marks of a rule are shown, unless all are asked for.
_SHOWN = 12


def grouped(proof: Proof, *, whole: bool = False) -> str:
    """Return the marks by rule, the rarest rule first, and what each build sets by itself in one line."""
    out: list[str] = []
    for rule, marks in proof.groups().items():
        out.append(f"{rule}: {says(rule)} ({len(marks)})")
        shown = marks if whole else marks[:_SHOWN]
        out += [f"  {mark.place}: {_words(mark)}" for mark in shown]
        if len(marks) > len(shown):
            out.append(f"  … and {len(marks) - len(shown)} more: --all shows them")
        out.append("")
    return "\n".join([*out, *_made(proof, whole=whole), _total(proof)])


def lines(proof: Proof, *, whole: bool = False) -> Iterator[str]:
    """Iterate over the marks in the order of the text: `file:line:column: rule: words`."""
    for mark in sorted([*proof.marks, *(proof.set if whole else ())]):
        yield line(mark)


def line(mark: Mark) -> str:
    """Return one mark as editors read it."""
    return f"{mark.place}: {mark.rule}: {_words(mark)}"


def as_json(proof: Proof, made: Sequence[Mark]) -> dict[str, object]:
    """Return the marks as they are printed for machines; places count from 1."""
    return {
        "marks": [_as_dict(mark) for mark in proof.marks],
        "counts": {rule: len(marks) for rule, marks in proof.groups().items()},
        "set": [{"rule": rule, "count": count} for rule, count in proof.counts().items()],
        "fixed": [_as_dict(mark) for mark in made],
    }


def _as_dict(mark: Mark) -> dict[str, object]:
    return {
        "rule": mark.rule, "says": says(mark.rule), "file": mark.place.file, "line": mark.place.line,
        "column": mark.place.column, "found": mark.found, "instead": mark.instead, "before": mark.before,
        "after": mark.after, "safe": bool(mark.parts),
    }  # fmt: skip


def _words(mark: Mark) -> str:
    """Return what is marked among the words around it, and what would be right."""
    found = visible(" ".join(mark.found.split(" ")).replace("\n", " "))
    instead = "" if mark.instead is None else f" → [{visible(mark.instead)}]"
    return f"{mark.before}[{found}]{mark.after}{instead}"


def _made(proof: Proof, *, whole: bool) -> Iterator[str]:
    counts = proof.counts()
    if counts:
        yield "Each build sets by itself: " + ", ".join(f"{rule} {count}" for rule, count in counts.items())
    few = proof.set if whole or len(proof.set) <= _SHOWN else ()
    yield from (f"  {mark.place}: {mark.rule}: {_words(mark)}" for mark in few)


def _total(proof: Proof) -> str:
    rules = len(proof.groups())
    if not proof.marks:
        return "Nothing is marked."
    safe = sum(bool(mark.parts) for mark in proof.marks)
    marks, ruled = (
        f"{count} {noun}{'' if count == 1 else 's'}"
        for count, noun in ((len(proof.marks), "mark"), (rules, "rule"))
    )
    return f"{marks} by {ruled}; --fix corrects {safe}, --explain RULE tells why"
