"""Named editions: one edition's table laid over the book's settings, and the names that hold in it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from publish.manuscript.choices import OUTPUTS
from publish.manuscript.keys import Keys, Node
from publish.problems import Problem, nearest

_NAME = re.compile(r"[A-Za-z0-9][\w-]*")
#: What an edition of a book doesn't take from the book: it is another publication.
_OWN = frozenset({"editions", "identifiers", "identifier"})


@dataclass(frozen=True, slots=True)
class Edition:
    """The settings of one edition, and what holds in it."""

    keys: Keys
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Editions:
    """All editions of a book by name; the book itself is the one without a name."""

    editions: dict[str, Edition]
    #: Every name that a condition may have.
    known: frozenset[str]

    @classmethod
    def of(cls, keys: Keys) -> Editions:
        """Read the table `editions`, whose entries hold any settings and a list `conditions`."""
        tables, found = keys.sub("editions"), {"": Edition(keys)}
        for name, node in tables.table.items():
            table = tables.sub(name)
            if not _NAME.fullmatch(name) or name in OUTPUTS:
                fact, hint = f"“{name}” can't be the name of an edition", "use letters, digits and hyphens"
                keys.problems.append(Problem("bad-value", node.place, fact, hint))
            names = frozenset({name, *table.texts("conditions")})
            over = {key: value for key, value in table.table.items() if key != "conditions"}
            base = {key: value for key, value in keys.table.items() if key not in _OWN}
            found[name] = Edition(Keys(_merged(base, over), keys.place, keys.problems), names)
        return cls(found, frozenset().union(*(edition.names for edition in found.values())))

    def chosen(self, name: str) -> Edition:
        """Return an edition; the book as it is, and a problem, where there is none of that name."""
        if name in self.editions:
            return self.editions[name]
        book = self.editions[""]
        others = sorted(other for other in self.editions if other)
        fallback = f"use {', '.join(f'“{other}”' for other in others)}" if others else "write [editions.NAME]"
        fact, hint = f"there is no edition “{name}”", nearest(name, others) or fallback
        book.keys.problems.append(Problem("unknown-edition", book.keys.place, fact, hint))
        return book


def _merged(base: dict[str, Node], over: dict[str, Node]) -> dict[str, Node]:
    """Lay one table over another: tables are merged, other values replaced."""
    merged = dict(base)
    for key, node in over.items():
        below = merged[key].value if key in merged else None
        if isinstance(below, dict) and isinstance(node.value, dict):
            node = Node(_merged(below, node.value), node.place)  # noqa: PLW2901 - the same value, completed
        merged[key] = node
    return merged
