"""A book → up to 200 marks of the proof-reader, drawn at random, to be judged by a reader.

    python bench/proofing.py BOOK [--seed N]

Rules that mark seldom are drawn whole, so that each can be judged; the rest is drawn evenly. The figures
of docs/proofing.md come from it.
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from publish import proofread
from publish.proof import Mark, report

#: How many are drawn of a book.
SAMPLE = 200


def drawn(marks: Iterable[Mark], seed: int) -> Iterator[Mark]:
    """Draw marks: a turn for each rule, as long as it has some, up to the sample's size."""
    chance = random.Random(seed)  # noqa: S311 - a sample that others can draw again
    by_rule = defaultdict[str, list[Mark]](list)
    for mark in sorted(marks):
        by_rule[mark.rule].append(mark)
    for group in by_rule.values():
        chance.shuffle(group)
    left = SAMPLE
    while left and by_rule:
        for rule in sorted(by_rule)[:left]:
            yield by_rule[rule].pop()
            left -= 1
            if not by_rule[rule]:
                del by_rule[rule]


def main() -> None:
    """Print the sample, rule by rule."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("book", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    found = proofread(arguments.book)
    counts = {rule: len(marks) for rule, marks in found.groups().items()} | found.counts()
    by_rule = defaultdict[str, list[Mark]](list)
    for mark in drawn([*found.marks, *found.set], arguments.seed):
        by_rule[mark.rule].append(mark)
    for rule, marks in sorted(by_rule.items()):
        print(f"{rule}: {len(marks)} of {counts[rule]}")
        for mark in sorted(marks):
            print(f"  {report.line(mark)}")


if __name__ == "__main__":
    main()
