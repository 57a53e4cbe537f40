"""Reads texts made to keep a parser busy, in ten sizes, and prints how the time grows with the length.

A text that takes eight times as long when it is eight times as long has the growth exponent 1; the bench ends
with 1 where a kind of text grows with more than `WORST`. `--quick` takes three sizes of each.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import accumulate, count, takewhile
from math import exp, log
from pathlib import Path
from statistics import linear_regression

from publish import edit, manuscript
from publish.problems import BookProblems

SMALLEST, LARGEST, SIZES = 4_000, 64_000, 10
#: Linear time measures as 0.8 to 1.2 here, the square as 1.7 and more.
WORST = 1.45
#: Below this the clock's grain and the fixed costs hide the growth, in seconds.
_TOO_QUICK = 0.02

Text = Callable[[int], str]

#: A piece that is repeated, without and with what closes it at the end.
REPEATED = (
    "Some words, *em*, **strong**.\n\n", "[", "]", "[a]", "[a](", "[a](<b", '[a](b "', "![", "[a]{.b}",
    '[a]{b="', "[a][b] ", "[^a]", "^[", "^[a] ", "^a ", "~a ", "^", "` `` ", "*a **b ", "_a __b ", "~~a ",
    "<a ", "<b>x", "<b>x</i>", "Vec<B> ", "<!-- a --> ", "<![CDATA[", "&amp;&a", '{a="', "`a`{.b #c",
    "::: {.a}\n\n", "::: {.a}\n\nx\n\n:::\n\n", ":::\n\n", "> a\n\n", "> a\nb\n", "- a\n",
    "- a\n\n1. b\n\n", "1. a\n", "---\n\n", "a\n---\n", "# A\n\n", "## A\n\ntext\n\n", "## A {#a}\n\n",
    "# A {a\n\n", "a\n: b\n\n", "| a | b |\n", "|a|\n|-|\n", "| a |\n|---|\n| c |\n\n: cap\n\n", "[a]: b\n",
    "| a |\n|---|\n| c |\n\n: cap {header-columns=1}\n\n",
    "[^a]: b\n\n", "- [ ] a\n", "```\na\n```\n\n", "\\", "a\\\n", "**A**\\\nb\\\n\n", "![a](b.png)\n\n",
    "<http://a.b> ", "[![a](b)](c) ", "<p>a\n", "<td>a\n\n", "<script>a", "<span class='number'>a",
    "<div>\n\na\n\n</div>\n\n", '<p "', "<svg>a ", "<b><i></b>", "a  \nb *c  \nd* ", "word", "word ", "\t",
    "\n", "海の\n", "&#0;&#xD800;", "`a`{=html} ", "`<b>`{=html} ", "[a]{ruby=b} ", "[a]{only=pdf} ",
    "::: {only=pdf}\n\nx\n\n:::\n\n", "# A {only=pdf}\n\n", "{{< pagebreak >}}\n\n",
    "{{< include a.md >}}\n", "% a\n",
    "$", "$a ", "$a$ ", "$$ a\n", "$$\na\n$$ {#eq-a}\n\n", "@fig-a ", "[@a; ",
    "[@fig-a] ", "*[A]: b\n\nA A\n\n", "[a]{.index} ", "[a]{.index}\n\n", "[a]{.term} ", "[](#a) ",
    "[a]{lang=fr} @sec-a ",
    "-----\n", "--- ---\n", "a   b\n--- ---\n", "+---+\n",
    "+---+\n| a |\n+---+\n\n", "| a\n\n", "(@a) b (@a)\n", "i. a\n", "> [!NOTE]\n> a\n\n",
    "::: {.note}\na\n:::\n\n", "```python\na = 1\n```\n\n", "$$a$$\n\n",
    "[@a; @b] ", '"a" ', "\\newcommand{\\a}{b}\n", "\\newcommand{\\a}{b}\n\n$\\a$\n\n", "\\def\\a{b",
    "(@) a\n\n", "[a]: b {.c}\n", "[a]: b {.c} {", "```\n{{#include a:b}}\n```\n\n",
)  # fmt: skip


def _counted(piece: Callable[[int], str], before: str = "", after: str = "") -> Text:
    """Return a text of pieces each of which has its own number."""

    def text(size: int) -> str:
        pieces = map(piece, count())
        lengths = accumulate((len(piece(number)) for number in count()), initial=0)
        return (
            before
            + "".join(part for part, _ in zip(pieces, takewhile(size.__gt__, lengths), strict=False))
            + after
        )

    return text


def _repeated(piece: str, before: str = "", after: str = "") -> Text:
    return lambda size: before + piece * (size // len(piece)) + after


#: Texts whose pieces differ, or that begin or end with something.
OTHERS: dict[str, Text] = {
    "[ … ]": _repeated("[", after="]"),
    "[ … ](": _repeated("[", after="]("),
    "[ … ]{": _repeated("[", after="]{"),
    "^[ … ]": _repeated("^[", after="]"),
    "![ … ]": _repeated("![", after="]"),
    "[…] … ]": lambda size: "[" * (size // 2) + "]" * (size // 2),
    "[ … ]{.b} …": lambda size: "[" * (size // 6) + "a" + "]{.b}" * (size // 6),
    "*a\\ …": lambda size: "*a\\\n" * (size // 5) + "*" * (size // 5),
    "# number [number]": _counted(lambda n: f"## Head {n}\n\n[head {n}] [head]\n\n"),
    "{{name}}": _repeated("{{a}} [b]({{a}}) ", before="---\nvariables:\n  a: b\n---\n"),
    "[#number]": _counted(lambda n: f"[a](#b{n})\n\n"),
    "## number [#hed-number]": _counted(lambda n: f"## Head {n}\n\n[a](#hed-{n})\n\n"),
    "## number [#head-number]": _counted(lambda n: f"## Head {n}\n\n[a](#head-{n})\n\n"),
    "$$ x …": _repeated("x\n", before="$$\n"),
    r"\def\number": _counted(lambda n: f"\\def\\a{chr(97 + n % 26) * 2}{{b}}\n\n$\\a{chr(97 + n % 26)}$\n\n"),
    "(@number) (@number)": _counted(lambda n: f"(@a{n}) See (@a{n}).\n\ntext\n\n"),
    "$ x …": _repeated("x\n", before="$a\n"),
    "*[number]": _counted(lambda n: f"*[A{n}]: b\n\nA{n} is\n\n"),
    "[number]{.index}": _counted(lambda n: f"## Head\n\n[a{n}]{{.index}} and [b]{{.index}}\n\n"),
    "[number]{.index range}": _counted(lambda n: f"[a{n}]{{.index range=start}} [b]{{.index see=c{n}}}\n\n"),
    "[number]{.term}": _counted(lambda n: f"[a{n}]{{.term}}\n\n", after="# Glossary\n\na1\n: b\n"),
    "@sec-number": _counted(lambda n: f"## Head {{#sec-{n}}}\n\n@sec-{n} [x]{{lang=fr}}\n\n"),
    "@sec-number, unknown": _counted(lambda n: f"# Head {n}\n\n@sec-x{n}\n\n"),
    "[number.md]": _counted(lambda n: f"[a](b{n}.md)\n\n"),
    "[^number]": _counted(lambda n: f"a[^x{n}]\n\n"),
    "[^number] [^number]:": _counted(lambda n: f"a[^x{n}] b[^y{n}]\n\n[^y{n}]: b\n\n"),
    "[^0] …": _repeated("a[^0] ", after="\n\n[^0]: b"),
    "[^number]: [^next]": _counted(lambda n: f"[^{n}]: x[^{n + 1}]\n\n", before="a[^0]\n\n"),
    "![number.png]": _counted(lambda n: f"![a](b{n}.png)\n\n"),
    "# number": _counted(lambda n: f"# Chapter {n}\n\ntext^[n]\n\n"),
    "[a]{#number}": _counted(lambda n: f"[a]{{#b{n}}} "),
    "<p id=number>": _counted(lambda n: f"<p id=a{n}>x</p>\n\n"),
    "<b> … <i> … </b> …": lambda size: "<b>" * (size // 10) + "<i>" * (size // 10) + "</b>" * (size // 10),
    "<div> <b> …": _repeated("<b>a\n", before="<div>\n"),
    "<div> <b><i></b> …": _repeated("<b><i></b>", before="<div>"),
    "<div> <p><b class=number>": _counted(lambda n: f"<p><b class=c{n}>", before="<div>"),
    "<div> < …": _repeated("<", before="<div>"),
    "<div> <a …": _repeated("<a ", before="<div>"),
    "<div> <script> …": _repeated("<script>\n", before="<div>\n"),
    "<div a=b …>": _repeated("a=b ", before="<div ", after=">"),
    "<table> <tr><td> …": _repeated("<tr><td>", before="<table>"),
    "|a|a …": lambda size: "|a" * (size // 4) + "|\n" + "|-" * (size // 4) + "|\n",
    "|a|b| rows": _repeated("|c|d|\n", before="|a|b|\n|-|-|\n"),
    "front matter": _counted(lambda n: f"k{n}: b\n", before="---\n", after="---\nx\n"),
}  # fmt: skip


def texts() -> dict[str, Text]:
    """Return every kind of text by its name."""
    return {**{repr(piece): _repeated(piece) for piece in REPEATED}, **OTHERS}


def seconds(text: str, folder: Path) -> float:
    """Return the processor seconds that reading and editing a book of one file takes."""
    (folder / "book.md").write_text(text, encoding="utf-8")
    started = time.process_time()
    with suppress(BookProblems):  # told as it should be
        edit.edit(manuscript.read(folder / "book.md")[0])
    return time.process_time() - started


def exponent(sizes: Sequence[int], costs: Sequence[float]) -> float:
    """Return by which power of the size the time grows, the slope of their logarithms; 0 if all is quick."""
    pairs = [(log(size), log(cost)) for size, cost in zip(sizes, costs, strict=True) if cost > _TOO_QUICK]
    if len(pairs) < 2:
        return 0.0
    return linear_regression([size for size, _ in pairs], [cost for _, cost in pairs]).slope


def sizes(number: int) -> list[int]:
    """Return a number of lengths, in characters, each the same multiple of the last."""
    step = log(LARGEST / SMALLEST) / (number - 1)
    return [round(SMALLEST * exp(step * place)) for place in range(number)]


def main() -> int:
    """Measure every kind of text, the slowest last, and return 1 where one grows too fast."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="take three sizes of each")
    lengths = sizes(3 if parser.parse_args().quick else SIZES)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name, text in texts().items():
            costs = [seconds(text(length), Path(folder)) for length in lengths]
            rows.append((exponent(lengths, costs), costs[-1], name))
    print(f"{'growth':>6}  {'s at ' + str(LARGEST):>10}  text")
    for grown, cost, name in sorted(rows):
        print(f"{grown:6.2f}  {cost:10.2f}  {name}")
    return int(max(rows)[0] > WORST)


if __name__ == "__main__":
    sys.exit(main())
