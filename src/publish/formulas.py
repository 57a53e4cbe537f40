"""Formulas in LaTeX as MathML, and MathML as drawings; the one owner of math-core and ziamath.

Loaded only by a book that has formulas. The drawing is made from the same MathML that the e-book shows,
with the letters of STIX Two Math, which ziamath brings.
"""

from __future__ import annotations

import re
import warnings
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from functools import cache
from html import escape, unescape
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import math_core

#: What a drawing depends on besides its formula.
ENGINE = f"ziamath {metadata.version('ziamath')}, 3"
#: Pixels that a drawing's em has.
_EM = 24.0
#: Text with mathematics in it, which math-core doesn't take: « \text{for any $C$} ».
_TEXT = re.compile(r"\\(text(?:rm|sf|tt|bf|it|normal)?)\{([^{}$]*)\$([^{}$]*)\$([^{}]*)\}")
_SPAN = re.compile(r"</?span\b[^<>]*>")
_TABLE = re.compile(r'(<mtable\b[^<>]*) scriptlevel="\d+"')
#: A table, and the cells that tell aligned equations: one on the right, one on the left.
_TABLE_START = re.compile(r"<mtable([^<>]*)>((?:<mtr>(?:(?!</mtr>|<mtable).)*)?)", re.DOTALL)
_IS_ALIGNED = re.compile(r'<mtr><mtd columnalign="right"(?:(?!<mtd).)*<mtd columnalign="left"', re.DOTALL)
#: The sign of relation that begins a column brings its own space.
_ALIGNED = ' columnspacing="0em 1.5em" rowspacing="0.45em"'
_MATRIX = ' columnspacing="0.8em" rowspacing="0.35em"'
_CELL = re.compile(r'(<mtd) (style="text-align: (left|right|center);)')
#: What LaTeX makes of a `\\` behind the last row: nothing. A row of empty cells has no height in ziamath.
_LAST_BREAK = re.compile(r"</mtr><mtr><mtd[^<>]*></mtd></mtr></mtable>")
_EMPTY_ROW = re.compile(r"<mtr>(<mtd[^<>/]*)(?:/>|></mtd>)(?=(?:<mtd[^<>/]*(?:/>|></mtd>))*</mtr>)")
_STRUT = "<mphantom><mi>x</mi></mphantom>"
#: HTML's names of signs, which XML doesn't know.
_ENTITY = re.compile(r"&(?!amp;|lt;|gt;|quot;)[A-Za-z]+;")
_LIMITS = re.compile("[∑∏∐⋃⋂⋁⋀⨁⨂⨀⨆]")
_MOVING = frozenset("∑∏∐⋃⋂⋁⋀⨁⨂⨀⨆")
_SCRIPTS = {"munder": "msub", "mover": "msup", "munderover": "msubsup"}
#: Signs that only tell a reading engine how to show the one before, or that nobody sees.
_UNDRAWN = re.compile("[\ufe00\ufe01\u2061-\u2064]")
_OFFSET = re.compile(r"^\d+: ")
_VIEW = re.compile(r'viewBox="(\S+) (\S+) (\S+) (\S+)"')


class FormulaError(ValueError):
    """A formula that can't be set; the message is a clause for the author."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A formula as a picture. Measures in ems."""

    svg: bytes
    width: float
    height: float
    #: How far it reaches below the line that text stands on.
    depth: float


def mathml(tex: str, *, display: bool, macros: str = "") -> str:
    r"""Turn LaTeX into a `math` element with the LaTeX as its alternative text. Raises FormulaError.

    `macros` are definitions that it uses, `\def\R{\mathbb{R}}`; how often they are put in has a bound.
    """
    try:
        made: str = _converter().convert_with_local_state(macros + _divided(tex), displaystyle=display)
    except math_core.LatexError as error:
        raise FormulaError(_clause(str(error))) from error
    alone = f'alttext="{escape(" ".join(tex.split()))}"'
    made = _CELL.sub(r'\1 columnalign="\3" \2', _SPAN.sub("", made))
    made = _LAST_BREAK.sub("</mtr></mtable>", made)
    made = _TABLE.sub(r"\1", made)  # EPUB's MathML is 3, which has it on other elements only
    made = _ENTITY.sub(lambda match: unescape(match[0]), made)
    inline = "" if display else ' display="inline"'
    return made.replace("<math ", f"<math{inline} {alone} ", 1)


def wrong_definition(macro: str) -> str:
    """Return what is wrong with a definition, or nothing."""
    try:
        _converter().convert_with_local_state(macro, displaystyle=False)
    except math_core.LatexError as error:
        return f"is no LaTeX: {_clause(str(error))}"
    return ""


def drawing(element: str) -> Drawing:
    """Turn a `math` element into a picture. Raises FormulaError."""
    try:
        filled = _EMPTY_ROW.sub(rf"<mtr>\1>{_STRUT}</mtd>", _UNDRAWN.sub("", element))
        svg = _engine()(_spaced(_beside(filled)), size=_EM).svg()
    except Exception as error:
        raise FormulaError("it can't be drawn") from error
    view = _VIEW.search(svg)
    if view is None:
        raise FormulaError("it can't be drawn")
    _, top, width, height = (float(number) for number in view.groups())
    if height <= 0:
        raise FormulaError("there is nothing in it")
    return Drawing(svg.encode(), width / _EM, height / _EM, (top + height) / _EM)


def _beside(element: str) -> str:
    """Put the limits of sums beside them in a line of text, as MathML has it and ziamath doesn't."""
    if 'display="inline"' not in element or not _LIMITS.search(element):
        return element
    root = ET.fromstring(element)  # noqa: S314 - made here
    for node in root.iter():
        name = node.tag.rpartition("}")[2]
        if name in _SCRIPTS and len(node) and (node[0].text or "") in _MOVING:
            node.tag = node.tag.replace(name, _SCRIPTS[name])
    ET.register_namespace("", "http://www.w3.org/1998/Math/MathML")
    return ET.tostring(root, encoding="unicode")


def _spaced(element: str) -> str:
    """Give the columns of matrices air, and take it from those of aligned equations, as TeX has it."""
    return _TABLE_START.sub(
        lambda table: f"<mtable{_ALIGNED if _IS_ALIGNED.match(table[2]) else _MATRIX}{table[1]}>{table[2]}",
        element,
    )


def font() -> bytes:
    """Return the font that formulas are drawn in: STIX Two Math (SIL Open Font License), whole."""
    package = find_spec("ziamath")
    if package is None or package.origin is None:
        raise FileNotFoundError("ziamath")
    return (Path(package.origin).parent / "fonts" / "STIXTwoMath-Regular.ttf").read_bytes()


@cache
def _engine() -> Any:
    """Load ziamath: only drawings need it, and it uses what Python 3.11 calls deprecated."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        from ziamath.zmath import Math  # noqa: PLC0415 - see above
    return Math


@cache
def _converter() -> math_core.LatexToMathML:
    return math_core.LatexToMathML(xml_namespace=True, fancy_error=False, allow_unreliable_rendering=True)


def _divided(tex: str) -> str:
    r"""Take mathematics out of texts: « \text{for any $C$} » is « \text{for any }C »."""
    while (divided := _TEXT.sub(r"\\\1{\2}{\3}\\\1{\4}", tex)) != tex:
        tex = divided
    return tex


def _clause(message: str) -> str:
    r"""Turn an error of math-core into a clause: « unknown command “\foo” »."""
    text = _OFFSET.sub("", message).strip().rstrip(".")
    return re.sub(r'"([^"]*)"', r"“\1”", text[:1].lower() + text[1:])
