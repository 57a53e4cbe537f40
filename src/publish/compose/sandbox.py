"""Templates filled in safely: the one owner of Jinja2.

A book may bring templates of its own. They read nothing but the values they are given, and their work is
counted: turns of loops, calls, and characters written. Whoever writes a loop without end gets a problem
with the line, not a machine that hangs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from traceback import walk_tb
from typing import Any

from jinja2 import (
    BaseLoader,
    FileSystemBytecodeCache,
    StrictUndefined,
    TemplateNotFound,
    TemplateSyntaxError,
    nodes,
)
from jinja2.bccache import Bucket
from jinja2.exceptions import SecurityError, UndefinedError
from jinja2.filters import FILTERS
from jinja2.runtime import Context, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from publish import xhtml
from publish.problems import BookProblems, Place, Problem, nearest

__all__ = ["Markup", "Templates"]

_FOLDER = Path(__file__).parent / "templates"
_SHOWN = "publish/compose/templates"
_SUFFIXES = (".xhtml.jinja", ".svg.jinja", ".xhtml", ".svg", ".jinja")

#: Turns of loops and calls that all the templates of one book may take: 20 times a long novel's.
_STEPS = 1_000_000
#: Characters that they may write beside the book's own text.
_CHARACTERS = 16_000_000
_LARGEST_RANGE = 100_000
_LARGEST_NUMBER = 10**15

# Filters whose result isn't much longer than what they are given.
_FILTERS = frozenset(
    """abs capitalize count d default dictsort e escape first float forceescape groupby int items last length
    list lower map max min reject rejectattr reverse round safe select selectattr sort striptags title trim
    truncate unique upper wordcount""".split()
)
_STRING_METHODS = frozenset(
    "capitalize endswith isalpha isdigit lower lstrip partition removeprefix removesuffix rpartition rstrip "
    "split startswith strip title upper".split()
)
_REFUSED = frozenset(
    "applet audio base button embed form frame iframe input link meta object script video".split()
)
#: A drawing is made into pixels with the author's own rights: it shows no other file.
_REFUSED_IN_DRAWINGS = frozenset(["image", "feImage", "foreignObject"])


class TooMuchError(Exception):
    """Raised when templates take more steps, or write more, than a book can need."""


class _Budget:
    """What the templates of one book may still do."""

    def __init__(self, size: int) -> None:
        self.steps = _STEPS
        self.characters = _CHARACTERS + 4 * size

    def spend(self, steps: int = 0, characters: int = 0) -> None:
        self.steps -= steps
        self.characters -= characters
        if self.steps < 0:
            raise TooMuchError(f"a loop or a macro takes more than {_STEPS} steps")
        if self.characters < 0:
            raise TooMuchError("it writes more than a book can hold")


class _Environment(ImmutableSandboxedEnvironment):
    """A sandbox without the functions and filters that can make much out of little."""

    intercepted_binops = frozenset(["+", "*", "**", "%"])

    def __init__(self, loader: BaseLoader, budget: _Budget, compiled: _Compiled | None) -> None:
        super().__init__(
            loader=loader, undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True,
            keep_trailing_newline=True, finalize=self.text, auto_reload=False, cache_size=-1,
            bytecode_cache=compiled,
        )  # fmt: skip
        self.budget = budget
        self.known_fields: dict[tuple[type, str], bool] = {}
        self.filters = {name: FILTERS[name] for name in _FILTERS} | {
            "counted turns": self.turns, "counted text": self.text,
            "join": self.join, "replace": self.replace,
        }  # fmt: skip
        self.globals = {"range": self.range, "namespace": self.globals["namespace"], "dict": dict}

    def _generate(self, source: nodes.Template, *arguments: Any, **named: Any) -> str:
        """Compile a template after making its loops and joins count what they do."""
        for loop in list(source.find_all(nodes.For)):
            size = sum(len(data.data) for data in loop.find_all(nodes.TemplateData))
            loop.iter = _filter(loop.iter, "counted turns", nodes.Const(size))
        for joined in list(source.find_all(nodes.Concat)):
            joined.nodes = [_filter(node, "counted text") for node in joined.nodes]
        return super()._generate(source, *arguments, **named)

    def is_safe_attribute(self, obj: object, attr: str, value: object) -> bool:
        """Allow fields of values, and the methods of a string that don't make it longer."""
        if isinstance(obj, (str, bytes)):
            return attr in _STRING_METHODS
        field = (type(obj), attr)  # all that Jinja2 asks about; asking once saves a tenth of a page's time
        if field not in self.known_fields:
            self.known_fields[field] = super().is_safe_attribute(obj, attr, value)
        return self.known_fields[field]

    def call(self, context: Context, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Count a call of a macro or a method, then make it."""
        self.budget.spend(steps=1)
        return super().call(context, function, *args, **kwargs)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Calculate with numbers of a book's size only; `+` also joins lists and strings."""
        if isinstance(left, (int, float)) and isinstance(right, (int, float)):
            if max(abs(left), abs(right)) > _LARGEST_NUMBER or (operator == "**" and right > 64):
                raise TooMuchError("it calculates with numbers that no book needs")
        elif operator != "+":
            raise SecurityError(f"“{operator}” works on numbers only")
        else:
            self.budget.spend(len(left) + len(right), len(left) + len(right))
        return super().call_binop(context, operator, left, right)

    def text(self, value: Any) -> Any:
        """Count what is written; refuse what isn't text or a number."""
        if isinstance(value, str):
            self.budget.spend(characters=len(value))
        elif not isinstance(value, (int, float, Undefined)):
            raise SecurityError(f"it writes a {type(value).__name__}, which is not text")
        return value

    def turns(self, values: Iterable[Any], size: int) -> Iterator[Any]:
        """Count the turns of a loop."""
        for value in values:
            self.budget.spend(1, size)
            yield value

    def join(self, values: Iterable[Any], between: str = "") -> Markup:
        """Join texts, each escaped."""
        texts = list(self.turns(values, len(between)))
        return Markup.escape(between).join(map(self.text, texts))

    def replace(self, value: str, old: str, new: str) -> str:
        """Replace a text by another."""
        self.budget.spend(characters=len(value) + value.count(old) * len(new))
        return value.replace(old, new)

    @staticmethod
    def range(*bounds: int) -> range:
        """Return a range of at most 100 000 numbers."""
        numbers = range(*bounds)
        if len(numbers) > _LARGEST_RANGE:
            raise TooMuchError(f"a range is longer than {_LARGEST_RANGE}")
        return numbers


class _Compiled(FileSystemBytecodeCache):
    """The publisher's templates compiled, kept beside them as Python keeps its modules.

    Compiling takes a third of the time that the pages of a long novel take.
    """

    def __init__(self) -> None:
        folder = _FOLDER / "__pycache__"
        with suppress(OSError):  # an installation that only its owner writes to
            folder.mkdir(exist_ok=True)
        # what compiles them, this module, is a part of the name
        super().__init__(str(folder), f"{Path(__file__).stat().st_mtime_ns:x}-%s.jinjac")

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a compiled template where that can be."""
        with suppress(OSError):
            super().dump_bytecode(bucket)


class _Loader(BaseLoader):
    """Finds the book's templates, then the publisher's; names the path of each as problems show it."""

    def __init__(self, own: Mapping[str, tuple[str, str]]) -> None:
        self.own = own

    def get_source(self, _environment: object, template: str) -> tuple[str, str, None]:
        """Return text and shown path of a template."""
        if template in self.own:
            return (*self.own[template], None)
        if template in _defaults():
            return _defaults()[template], f"{_SHOWN}/{template}", None
        raise TemplateNotFound(template, f"there is no template “{template}”")


class Templates:
    """The templates of one book: the publisher's, and the book's in their place."""

    def __init__(self, own: Iterable[tuple[str, str, str]], size: int) -> None:
        """Take the book's templates (name, text, path shown) and the number of characters of its text."""
        self._own = {_full_name(name): (text, path) for name, text, path in own}
        compiled = None if self._own else _Compiled()  # nothing of a book's is kept in the program's folder
        self._environment = _Environment(_Loader(self._own), _Budget(size), compiled)

    def strangers(self, kinds: Iterable[str]) -> tuple[Problem, ...]:
        """Return a problem for each of the book's templates that replaces none and is of no kind given."""
        known = {*_defaults(), *(f"{kind}.xhtml.jinja" for kind in kinds)}
        return tuple(
            Problem(
                "bad-template", Place(path), f"there is no template “{name}” to replace", nearest(name, known)
            )
            for name, (_, path) in self._own.items()
            if name not in known and not name.startswith("_")
        )

    def has_own(self, name: str) -> bool:
        """Tell whether the book replaces a template."""
        return name in self._own

    def path(self, name: str) -> str:
        """Return the path of a template as problems show it."""
        return self._own[name][1] if name in self._own else f"{_SHOWN}/{name}"

    def fill(self, names: Iterable[str], values: Mapping[str, Any]) -> str:
        """Fill in the first template there is of some names.

        Raises BookProblems with one `bad-template` when it fails, or makes what isn't a page.
        """
        name = next(name for name in names if name in self._own or name in _defaults())
        try:
            text = self._environment.get_template(name).render(values)
        except Exception as error:
            raise BookProblems([self._problem(error, name)]) from error
        if self._own:
            self._proof(name, text)
        return text

    def _proof(self, name: str, text: str) -> None:
        """Refuse what a book's template may make of a page: broken XML, scripts, foreign files."""
        _, path = self._own.get(name, next(iter(self._own.values())))
        fact = _fault(text)
        if fact:
            told = f"the page that it makes {fact}"
            raise BookProblems([Problem("bad-template", Place(path), told, "correct what it writes there")])

    def _problem(self, error: Exception, name: str) -> Problem:
        shown = self.path(name)
        paths = {path for _, path in self._own.values()}
        places = [
            Place(frame.f_code.co_filename, line)
            for frame, line in walk_tb(error.__traceback__)
            if frame.f_code.co_filename in paths or frame.f_code.co_filename.startswith(_SHOWN)
        ]
        place = places[-1] if places else Place(shown)
        if isinstance(error, TemplateSyntaxError):
            place = Place(error.filename or shown, error.lineno)
        return Problem("bad-template", place, *_fact_and_hint(error))


def _filter(node: nodes.Node, name: str, *arguments: nodes.Expr) -> nodes.Filter:
    return nodes.Filter(node, name, list(arguments), [], None, None, lineno=node.lineno)


def _fact_and_hint(error: Exception) -> tuple[str, str]:
    match error:
        case TooMuchError():
            told = f"the template doesn't end: {error}", "shorten the loop"
        case RecursionError():
            told = "the template doesn't end: a macro calls itself", "give the macro an end"
        case UndefinedError():
            told = (
                f"a name is not defined: {_quoted(error.message)}",
                "use a name of compose/templates/README.md",
            )
        case TemplateNotFound():
            told = f"there is no template “{error.name}”", nearest(str(error.name), _defaults())
        case SecurityError():
            told = f"the template does what it may not: {error}", "use the values it is given, as they are"
        case TemplateSyntaxError():
            told = f"the template can't be read: {error.message}", "correct the tag of that line"
        case _:
            told = f"the template fails: {error}", "correct the expression of that line"
    return told[0].rstrip("."), told[1]


def _quoted(message: str | None) -> str:
    """Return what Jinja2 says, its names in the quotation marks of problems."""
    return re.sub(r"'([^']*)'", r"“\1”", (message or "").removesuffix(" is undefined"))


def _fault(page: str) -> str:
    """Say what is wrong with a page, or nothing."""
    if "<!ENTITY" in page:
        return "declares entities"
    try:
        root = xhtml.parse_page(page)
    except xhtml.XmlError as error:
        return f"is not well-formed XML: {error.msg}"
    refused = _REFUSED | _REFUSED_IN_DRAWINGS if xhtml.local_name(root) == "svg" else _REFUSED
    for element in root.iter():
        name = xhtml.local_name(element)
        if name in refused and not (name == "meta" and "charset" in element.attrib):
            return f"holds a “{name}” element"
        for attribute, value in element.attrib.items():
            if str(attribute).startswith("on") or "script:" in str(value):
                return f"holds a script in the attribute “{attribute}”"
    return ""


def _full_name(name: str) -> str:
    """Return the whole name of a template that may be named by its first word: `title-page`."""
    stem = name
    for suffix in _SUFFIXES:
        stem = stem.removesuffix(suffix)
    return f"{stem}.svg.jinja" if stem == "cover" else f"{stem}.xhtml.jinja"


@cache
def _defaults() -> dict[str, str]:
    """Return the publisher's templates: name → text."""
    return {path.name: path.read_text("utf-8") for path in sorted(_FOLDER.glob("*.jinja"))}
