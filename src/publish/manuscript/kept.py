"""What the files of a manuscript gave, kept between builds: a file that didn't change isn't read again.

A book's readings are one entry of the cache: hundreds of small ones take longer than reading the files.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from publish.cache import Store, key
from publish.manuscript.sections import Job, Reading

#: The libraries, beside our own code, that have a part in what a text becomes.
_LIBRARIES = ("publish-book", "markdown-it-py", "mdit-py-plugins", "lxml", "nh3", "pygments")


class KeptReadings:
    """The readings of one manuscript, as its last build left them."""

    def __init__(self, store: Store, source: Path) -> None:
        """Take those of the manuscript at a path."""
        self._store, self._name = store, key("readings", *_code(), str(source.resolve()))
        kept = store.get(self._name)
        self._readings: dict[str, Reading] = pickle.loads(kept) if kept else {}  # noqa: S301 - our own cache

    def completed(
        self, jobs: Sequence[Job], read: Callable[[Sequence[Job]], Iterable[Reading]]
    ) -> list[Reading]:
        """Return the readings of all jobs; `read` makes those that aren't there.

        Kept are those that nothing but the job went into, and that had no problem: those are told again.
        """
        names = [_name(job) for job in jobs]
        missing = [index for index, name in enumerate(names) if name not in self._readings]
        new = dict(zip(missing, read([jobs[index] for index in missing]) if missing else (), strict=True))
        readings = [new[index] if index in new else self._readings[name] for index, name in enumerate(names)]
        if any(_is_lasting(reading) for reading in new.values()):
            lasting = {name: one for name, one in zip(names, readings, strict=True) if _is_lasting(one)}
            self._store.put(self._name, pickle.dumps(lasting, protocol=5))
        return readings


def _is_lasting(reading: Reading) -> bool:
    return reading.is_alone and not reading.problems


def _name(job: Job) -> str:
    """Return the name of a job; sets have no order of their own."""
    choices = replace(job.choices, names=frozenset(), known=frozenset())
    rest = replace(job, text="", examples=frozenset(), choices=choices)
    sets = (job.examples, job.choices.names, job.choices.known)
    return key(job.text, repr(rest), *(repr(sorted(one)) for one in sets))


def _code() -> list[str | bytes]:
    """Return the code that makes readings: all but what comes after it."""
    package = Path(__file__).parent.parent
    files = (file for kind in ("*.py", "*/*.py", "*/*.toml") for file in sorted(package.glob(kind)))
    later = ("pdf", "epub", "check", "compose")
    sources = (file.read_bytes() for file in files if file.parent.name not in later)
    return [*sources, *(f"{name} {version(name)}" for name in _LIBRARIES)]
