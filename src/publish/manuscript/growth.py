"""Names that use each other → how large what each stands for is in all, before an engine finds out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import inf

#: What a name stands for: the size of its own, and the names that it uses. A name may stand for several.
Parts = Callable[[str], Iterable[tuple[int, Iterable[str]]]]


def sizes(parts: Parts) -> Callable[[str], float]:
    """Return a function of a name: the largest that it stands for, infinite where it uses itself.

    A name that stands for nothing has no size; what is used deeper than Python calls is infinite too.
    """
    known: dict[str, float] = {}

    def size(name: str) -> float:
        if name not in known:
            known[name] = inf  # until it is known: who asks meanwhile stands in a circle
            known[name] = max((own + sum(map(size, uses)) for own, uses in parts(name)), default=0)
        return known[name]

    def bounded(name: str) -> float:
        try:
            return size(name)
        except RecursionError:
            return inf

    return bounded
