"""What the rules of typography cost: their CPU time, and its share of the whole EPUB's.

    python bench/rules.py [BOOK]

CPU seconds, the best of five, all processes counted: wall time says little on a busy machine.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import publish
from publish.manuscript import dialect, runs
from publish.typography import PLAIN, style

BOOK = Path(os.environ.get("MANUSCRIPTS") or "../shared/manuscripts") / "les-miserables-fr" / "manuscript"


def main() -> None:
    """Print both times and the share."""
    book = Path(sys.argv[1]) if len(sys.argv) > 1 else BOOK
    texts = [file.read_text("utf-8") for file in sorted(book.glob("*.md"))]
    style("fr")  # compiled once in each process
    rules = min(_rules(texts) for _ in range(5))
    with tempfile.TemporaryDirectory() as folder:
        options = publish.Options(cache=Path(folder))
        whole = min(
            _cpu(lambda: publish.build(book, {"epub": Path(folder, "b.epub")}, options)) for _ in range(5)
        )
    print(f"rules {rules:.3f} s, EPUB {whole:.3f} s of CPU: {rules / whole:.0%}")


def _rules(texts: list[str]) -> float:
    blocks = [dialect.parse(text) for text in texts]
    started = time.process_time()
    for tokens in blocks:
        runs.typeset(tokens, "fr", PLAIN)
    return time.process_time() - started


def _cpu(work: Callable[[], object]) -> float:
    """Return the CPU seconds that work takes in this process and in those that it ends."""
    before, children = time.process_time(), _children()
    work()
    return time.process_time() - before + _children() - children


def _children() -> float:
    times = os.times()
    return times.children_user + times.children_system


if __name__ == "__main__":
    main()
