"""Settings files into values that know their lines, and typed questions to them.

TOML and YAML become the same tree of `Node`s; `Keys` asks a table for typed values, collects what
is wrong with them, and in the end names the keys that nobody asked for. The one owner of tomllib
(for the book's settings) and PyYAML.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import yaml

from publish.problems import Place, Problem, Severity, nearest

Value = TypeVar("Value")
#: Settings may be so long, in characters, and nest so deep.
_LONGEST = 1_000_000
_DEEPEST = 30
#: Characters that XML has no place for: left out here, as they are of the text.
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
#: The settings at the head of a text, in YAML, between lines of `---`.
FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?\n)?(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
#: Settings at the head of a text that no line of `---` ends.
_OPEN_MATTER = re.compile(r"---[ \t]*\n[A-Za-z][\w-]*:[ \t]")
_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)")


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a settings file: text, number, truth, list of nodes, or a table of nodes."""

    value: Any
    place: Place
    #: As the author wrote it, where the value doesn't tell: `no` is a truth, and a language.
    written: str = ""

    @property
    def shown(self) -> str:
        """The value, as a problem shows it; empty for a list or a table."""
        if isinstance(self.value, bool):
            return self.written or str(self.value).lower()
        return str(self.value) if isinstance(self.value, str | int | float) else ""


@dataclass(slots=True)
class Keys:
    """A table of settings to ask for typed values; problems go to one list."""

    table: dict[str, Node]
    place: Place
    problems: list[Problem]
    asked: set[str] = field(default_factory=set)
    #: Keys that are known and mean nothing: no hint names one.
    idle: set[str] = field(default_factory=set)

    def has(self, name: str) -> bool:
        """Tell whether the table has a key; the question makes the key known."""
        self.asked.add(name)
        return name in self.table and self.table[name].value is not None

    def text(self, name: str, default: str = "") -> str:
        """Return a text; numbers and dates are taken as they are written."""
        if not self.has(name):
            return default
        node = self.table[name]
        value = node.written or node.value
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            return " ".join(str(value).split())
        self.bad(name, "is no text", "write it in quotation marks")
        return default

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts; a single text is a list of one."""
        return tuple(str(node.value) for node in self.text_nodes(name))

    def text_nodes(self, name: str) -> tuple[Node, ...]:
        """Return a list of texts with their places; a single text is a list of one."""
        if not self.has(name):
            return ()
        node = self.table[name]
        found = node.value if isinstance(node.value, list) else [node]
        if all(isinstance(item.value, str | int | float) for item in found):
            return tuple(found)
        self.bad(name, "is no list of texts", 'write it as ["…", "…"]')
        return ()

    def integer(self, name: str, default: int, least: int, most: int) -> int:
        """Return a whole number between two bounds."""
        if not self.has(name):
            return default
        value = self.table[name].value
        if isinstance(value, str) and value.strip().isdecimal():
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self.bad(name, "is no whole number that it can have", f"choose one from {least} to {most}")
        return default

    def truth(self, name: str, *, default: bool = False) -> bool:
        """Return true or false."""
        if not self.has(name):
            return default
        value = self.table[name].value
        if isinstance(value, bool):
            return value
        self.bad(name, "is neither true nor false", "write true or false")
        return default

    def choice(self, name: str, choices: Sequence[str], default: str) -> str:
        """Return one of several words."""
        value = self.text(name, default)
        if value in choices:
            return value
        hint = nearest(value, choices) or f"choose one of {', '.join(filter(None, choices))}"
        self.bad(name, "is none of the words that it can have", hint)
        return default

    def parsed(self, name: str, parse: Callable[[str], Value | None], wanted: str) -> Value | None:
        """Return a text that a function turned into a value; None from it is a problem.

        `wanted` says what it should be, with examples: “date such as 2026-11-24”.
        """
        text = self.text(name)
        if not text:
            return None
        value = parse(text)
        if value is None:
            kind, _, examples = wanted.partition(" such as ")
            self.bad(name, f"is no {kind}", f"write one such as {examples}" if examples else "correct it")
        return value

    def sub(self, name: str) -> Keys:
        """Return a table below this one; an empty one if it isn't there."""
        if not self.has(name):
            return Keys({}, self.place, self.problems)
        node = self.table[name]
        if isinstance(node.value, dict):
            return Keys(node.value, node.place, self.problems)
        self.bad(name, "is no table", f"write it as [{name}]")
        return Keys({}, node.place, self.problems)

    def items(self, name: str) -> tuple[Node, ...]:
        """Return the nodes of a list; a single value is a list of one."""
        if not self.has(name):
            return ()
        node = self.table[name]
        return tuple(node.value) if isinstance(node.value, list) else (node,)

    def accept(self, names: Iterable[str]) -> None:
        """Make keys known that are taken without being used."""
        self.asked.update(names)

    def ignore(self, names: Iterable[str]) -> None:
        """Take keys that are known elsewhere and mean nothing here."""
        self.idle.update(names)

    def bad(self, name: str, fact: str, hint: str) -> None:
        """Tell of a value that can't be used."""
        node = self.table[name]
        shown = f" “{node.shown}”" if node.shown or node.value == "" else ""
        self.problems.append(Problem("bad-value", node.place, f"“{name}”{shown} {fact}", hint))

    def at(self, name: str) -> Place:
        """Return the place of a key."""
        return self.table[name].place if name in self.table else self.place

    def unknown(self, severity: Severity = "error", also: Iterable[str] = ()) -> None:
        """Tell of the keys that nobody asked for."""
        for name, node in self.table.items():
            if name not in self.asked | self.idle:
                hint = nearest(name, {*self.asked, *also}) or "remove it, or correct its name"
                self.problems.append(
                    Problem("unknown-key", node.place, f"there is no setting “{name}”", hint, severity)
                )


def warn_of_open(text: str, name: str, problems: list[Problem]) -> None:
    """Tell of a text without front matter that begins as if it had some."""
    if _OPEN_MATTER.match(text):
        fact, hint = "the front matter is opened and never closed", "write --- on a line of its own below it"
        problems.append(Problem("bad-settings", Place(name, 1), fact, hint, "warning"))


def without(header: re.Match[str], text: str) -> str:
    """Return a text whose front matter is empty lines: the other lines keep their numbers."""
    return "\n" * header[0].count("\n") + text[header.end() :]


def web_address(text: str) -> str | None:
    """Return a text that is an address of the web, or nothing: see `Keys.parsed`."""
    return text if re.match(r"https?://\S+$", text) else None


def read_toml(text: str, name: str, problems: list[Problem]) -> Keys | None:
    """Turn TOML into keys with the lines where they stand; None after a problem."""
    if len(text) > _LONGEST:
        problems.append(
            Problem("bad-settings", Place(name), "the file is too long", "keep the text out of it")
        )
        return None
    try:
        data = tomllib.loads(text)
        return Keys(_Lines(text, name).node(data, (), (1, 0)).value, Place(name), problems)
    except RecursionError:
        problems.append(
            Problem("bad-settings", Place(name), "values are nested too deep", "write it flatter")
        )
    except ValueError as error:
        problems.append(_no_toml(str(error), text, name))
    return None


#: How the parsers begin what they say → what an author is told, and the hint.
_TOML_SAYS = {
    r"Illegal character '\n'": ("quotation marks are opened and never closed", "close them"),
    "Unterminated": ("quotation marks are opened and never closed", "close them"),
    "Cannot overwrite": ("this name stands twice", "remove one of the two"),
    "Cannot declare": ("this table is opened twice", "write all its settings under one of the two"),
    "Expected '='": ("no “=” stands behind the name", 'write name = "value"'),
    "Invalid value": ("this is no value", 'put a text in quotation marks: "…"'),
    "Expected newline": ("more stands behind the value", 'put a text in quotation marks: "…"'),
    "Unescaped": ("“\\” begins a sign that TOML doesn’t know", "write / in paths, else “\\\\”"),
    "Exceeds": ("a number has too many digits", "write a smaller one"),
    "Unclosed": ("a bracket is opened and never closed", "close it"),
}
_YAML_SAYS = {
    "mapping values are not": ("a colon stands in the value", "put the value between quotes"),
    r"found character '\t'": ("a tab stands where a value or a name begins", "indent with spaces"),
    "found unexpected end of stream": ("quotation marks are opened and never closed", "close them"),
    "found undefined alias": ("“*” begins the value", "put the value between quotes"),
    "found character": ("this sign can’t begin a value", "put the value between quotes"),
}


def _said(words: str, known: dict[str, tuple[str, str]]) -> tuple[str, str]:
    """Return the fact and the hint for what a parser says."""
    for begin, told in known.items():
        if words.startswith(begin):
            return told
    return f"{words[:1].lower()}{words[1:]}", "correct it"


def _no_toml(words: str, text: str, name: str) -> Problem:
    """Return the problem that TOML's parser found."""
    match = _AT.search(words)
    place = Place(name, *(int(number or 0) for number in match.groups())) if match else Place(name)
    if match and not match[1]:
        place = Place(name, text.count("\n") + 1)
    is_open = words.startswith("Invalid value") and match is not None and not match[1]
    is_open = is_open and not text.rstrip().endswith("=")
    fact, hint = _said("Unclosed" if is_open else _AT.sub("", words), _TOML_SAYS)
    return Problem("bad-settings", place, f"this is no TOML: {fact}", hint)


def read_yaml(text: str, name: str, problems: list[Problem], first: int = 1) -> Keys | None:
    """Turn a YAML mapping into keys; `first` is the line of the file where the text begins."""
    try:
        return Keys(_yaml_table(text, _Yaml(name, first, problems)), Place(name, first), problems)
    except RecursionError:
        problems.append(
            Problem("bad-settings", Place(name, first), "values are nested too deep", "write it flatter")
        )
    except _Refused as error:
        problems.append(
            Problem("bad-settings", _marked(name, first, error.mark), str(error), "write “title: …”")
        )
    except yaml.MarkedYAMLError as error:
        fact, hint = _said(error.problem or error.context or "it ends too early", _YAML_SAYS)
        is_open = (error.problem or "").startswith("found unexpected end")  # told where it begins
        mark = error.context_mark if is_open else error.problem_mark or error.context_mark
        problems.append(Problem("bad-settings", _marked(name, first, mark), f"this is no YAML: {fact}", hint))
    except yaml.reader.ReaderError as error:
        place = Place(name, first + text.count("\n", 0, error.position))
        fact = f"U+{error.character:04X} is no character that it may hold"
        problems.append(Problem("bad-settings", place, f"this is no YAML: {fact}", "take it out"))
    return None


@dataclass(frozen=True, slots=True)
class _Yaml:
    """A YAML text that is read."""

    name: str
    #: The line of the file where it begins.
    first: int
    problems: list[Problem]
    #: The nodes that were met.
    seen: set[int] = field(default_factory=set)

    def at(self, node: yaml.Node) -> Place:
        """Return where a node begins."""
        return Place(self.name, node.start_mark.line + self.first, node.start_mark.column + 1)


def _yaml_table(text: str, source: _Yaml) -> dict[str, Node]:
    """Return the mapping that a YAML text is; an empty one for an empty text."""
    if len(text) > _LONGEST:
        raise _Refused(None, "the metadata are too long")
    tree = yaml.compose(text, Loader=yaml.SafeLoader)
    if tree is None:
        return {}
    if not isinstance(tree, yaml.MappingNode):
        raise _Refused(tree.start_mark, "the metadata are no list of “key: value”")
    table: dict[str, Node] = _yaml_node(tree, source).value
    return table


class _Refused(ValueError):  # noqa: N818 - it becomes a problem
    """A mapping that is good YAML and no metadata; `mark` is its place."""

    def __init__(self, mark: Any, fact: str) -> None:
        super().__init__(fact)
        self.mark = mark


def _marked(name: str, first: int, mark: Any) -> Place:
    return Place(name, mark.line + first, mark.column + 1) if mark else Place(name, first)


def _yaml_node(node: yaml.Node, source: _Yaml) -> Node:
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node, source.at(node))
    if id(node) in source.seen or len(source.seen) > 100_000:
        raise _Refused(node.start_mark, "aliases (“*name”) can't be used here")
    source.seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        return Node([_yaml_node(item, source) for item in node.value], source.at(node))
    table: dict[str, Node] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _Refused(key.start_mark, "the name of a setting is no text")
        name, place, found = CONTROLS.sub("", key.value), source.at(key), _yaml_node(value, source)
        if name in table:
            fact = f"“{name}” stands twice, first on line {table[name].place.line}; this one counts"
            source.problems.append(Problem("bad-settings", place, fact, "remove one of the two", "warning"))
        table[name] = Node(found.value, place, found.written)  # the place of a setting is its key's
    return Node(table, source.at(node))


def _scalar(node: yaml.ScalarNode, place: Place) -> Node:
    kind = node.tag.rpartition(":")[2]
    if kind == "null":
        return Node(None, place)
    text = CONTROLS.sub("", node.value)
    if kind == "bool":
        return Node(text.lower() in {"true", "yes", "on"}, place, text)
    return Node(text, place)


class _Lines:
    """Where the keys of a TOML text stand; tomllib doesn't tell."""

    def __init__(self, text: str, name: str) -> None:
        self.name, self.lines = name, text.split("\n")
        self.known: dict[tuple[str | int, ...], int] = {}
        counts: dict[tuple[str | int, ...], int] = {}
        table: tuple[str | int, ...] = ()
        for number, line in enumerate(self.lines, start=1):
            if header := _HEADER.match(line):
                table = self._table(_dotted(header[2]), counts, repeated=header[1] == "[[")
                self.known.setdefault(table, number)
            elif key := _KEY.match(line):
                self.known.setdefault((*table, *_dotted(key[1])), number)

    def _table(
        self, path: tuple[str, ...], counts: dict[tuple[str | int, ...], int], *, repeated: bool
    ) -> tuple[str | int, ...]:
        found: tuple[str | int, ...] = ()
        for number, name in enumerate(path):
            found = (*found, name)
            if repeated and number == len(path) - 1:
                counts[found] = counts.get(found, -1) + 1
            if found in counts:
                found = (*found, counts[found])
        return found

    def node(self, value: Any, path: tuple[str | int, ...], place: tuple[int, int]) -> Node:
        """Turn a value of tomllib into a node; `place` is line and column where its table or list is."""
        if len(path) > _DEEPEST:
            raise RecursionError
        line, column = (self.known[path], 0) if path in self.known else self._search(value, *place)
        at = Place(self.name, line, column)
        if isinstance(value, dict):
            return Node(
                {key: self.node(item, (*path, key), (line, column)) for key, item in value.items()}, at
            )
        if isinstance(value, list):
            return Node(self._items(value, path, (line, column)), at)
        return Node(value if isinstance(value, int | float) else CONTROLS.sub("", str(value)), at)

    def _items(self, values: list[Any], path: tuple[str | int, ...], place: tuple[int, int]) -> list[Node]:
        items: list[Node] = []
        for number, value in enumerate(values):
            items.append(self.node(value, (*path, number), place))
            found = items[-1].place
            place = (found.line, found.column + 1) if found.column else place
        return items

    def _search(self, value: Any, line: int, column: int) -> tuple[int, int]:
        """Return the place of an item of a list: that of its first text, after the last item's."""
        text = next(_texts(value), "")
        start = max(column - 1, 0)
        for number in range(line - 1, len(self.lines)) if text else ():
            for form in (f'"{text}"', f"'{text}'"):
                if (found := self.lines[number].find(form, start)) >= 0:
                    return number + 1, found + 1
            start = 0
        return line, column


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)


def _dotted(key: str) -> tuple[str, ...]:
    return tuple(
        part.strip().strip("\"'") for part in re.findall(r"""[^."']+|"[^"]*"|'[^']*'""", key) if part.strip()
    )
