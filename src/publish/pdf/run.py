"""One run of the press: jobs to workers, sheet sets from the cache or from them, complaints as problems."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Self

from publish import workers
from publish.cache import Store, key
from publish.fonts import css as font_face_rules
from publish.pdf.press import set_up, style_complaints, typeset
from publish.pdf.sheets import Press, SheetJob, SheetSet, Stretch
from publish.problems import BookProblems, Place, Problem, errors

#: What, beside our own code, makes old sheet sets useless when it changes.
_ENGINES = ("publish-book", "weasyprint", "pydyf", "pyphen", "tinycss2", "cssselect2", "fonttools", "pillow")
#: Bounds of one worker: a section with large pictures takes some hundred megabytes.
LIMITS = workers.Limits(memory=3 * 1024**3, seconds=600)
_COLUMN = re.compile(r"^(?P<what>.*) at (?P<line>\d+):(?P<column>\d+), (?P<why>.*)\.$")


class PressRun:
    """Typesets jobs for one build; workers start when the first job isn't in the cache."""

    def __init__(self, press: Press, store: Store, progress: Callable[[str, int, int], None]) -> None:
        """Prepare a run; nothing is started yet."""
        self._press, self._store, self._progress = press, store, progress
        self._pool: ProcessPoolExecutor | None = None
        self._fingerprint = key(
            *(source.read_bytes() for source in sorted(Path(__file__).parent.glob("*.py"))),
            *(f"{name} {version(name)}" for name in _ENGINES), font_face_rules(press.faces, ""),
            *(face.data for face in press.faces), *(f"{style.output} {style.css}" for style in press.styles),
        )  # fmt: skip
        self._problems: list[Problem] = []
        self.typeset = self.reused = 0

    def __enter__(self) -> Self:
        """Check the book's own style sheets, if it has some."""
        if any(style.output != "text" for style in self._press.styles[3:]):
            self._check_styles()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the workers."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was found so far."""
        return tuple(self._problems)

    def one(self, job: SheetJob) -> SheetSet:
        """Typeset one job that no section stands behind."""
        return self.all([job], [Stretch(job, "front", "page", "furniture", ())])[0]

    def all(self, jobs: Sequence[SheetJob], stretches: Sequence[Stretch]) -> list[SheetSet]:
        """Typeset jobs, the longest first; `stretches` say where each comes from.

        Raises BookProblems with every job that failed.
        """
        keys = [self._key(job) for job in jobs]
        sets: list[SheetSet | None] = [self._kept(k) for k in keys]
        missing = sorted(
            (i for i, sheets in enumerate(sets) if sheets is None), key=lambda i: -len(jobs[i].xhtml)
        )
        self.reused += len(jobs) - len(missing)
        self._progress("typeset", len(jobs) - len(missing), len(jobs))
        for done, (which, result) in enumerate(self._run([jobs[i] for i in missing]), 1):
            index = missing[which]
            if isinstance(result, SheetSet):
                sets[index] = result
                if not result.complaints:
                    self._store.put(keys[index], pickle.dumps(result, protocol=5))
                self.typeset += 1
            else:
                self._problems.append(_failure(result, stretches[index]))
            self._progress("typeset", len(jobs) - len(missing) + done, len(jobs))
        if stopped := errors(self._problems):
            raise BookProblems(self._problems + [p for p in stopped if p not in self._problems])
        finished = [sheets for sheets in sets if sheets is not None]
        for sheets, stretch in zip(finished, stretches, strict=True):
            self._problems.extend(_complaint(line, stretch) for line in sheets.complaints)
        return finished

    def _run(self, jobs: Sequence[SheetJob]) -> list[tuple[int, SheetSet | workers.Failure]]:
        if not jobs:
            return []
        if self._pool is None:
            self._pool = workers.pool(set_up, (self._press,))
        return list(workers.run(self._pool, typeset, jobs, LIMITS))

    def _key(self, job: SheetJob) -> str:
        images = [self._press.images.get(path, b"") for path in job.images]
        return key("sheets", self._fingerprint, job.xhtml, *images)

    def _kept(self, cache_key: str) -> SheetSet | None:
        data = self._store.get(cache_key)
        return pickle.loads(data) if data else None  # noqa: S301 - our own cache, checked by its checksum

    def _check_styles(self) -> None:
        self._pool = workers.pool(set_up, (self._press,))
        for _, result in workers.run(self._pool, style_complaints, [None], LIMITS):
            if not isinstance(result, workers.Failure):
                self._problems += [_style_problem(source, line) for source, line in result]


def _failure(failure: workers.Failure, stretch: Stretch) -> Problem:
    place = Place(stretch.source, stretch.line) if stretch.source else None
    if failure.reason == "memory":
        return Problem(
            "worker-memory",
            place,
            f"“{stretch.job.name}” needs more memory than {failure.detail}",
            "divide the section, or use smaller images",
        )
    if failure.reason == "time":
        return Problem(
            "worker-time",
            place,
            f"“{stretch.job.name}” isn't typeset after {failure.detail}",
            "divide the section, or simplify its tables",
        )
    return Problem(
        "engine-stopped",
        place,
        f"the typesetter stopped on “{stretch.job.name}”: {failure.detail}",
        "simplify the section's last change, and report it",
    )


def _complaint(line: str, stretch: Stretch) -> Problem:
    place = Place(stretch.source, stretch.line) if stretch.source else None
    if "refused address" in line:
        return Problem("refused-address", place, line.lower(), "copy the file into the book's folder")
    return Problem("engine-warning", place, f"the typesetter says: {line}", "", "warning")


def _style_problem(source: str, line: str) -> Problem:
    if "refused address" in line:
        return Problem("refused-address", Place(source), line.lower(), "copy the file into the book's folder")
    if found := _COLUMN.match(line):
        place = Place(source, int(found["line"]), int(found["column"]))
        return Problem(
            "bad-style",
            place,
            f"{found['what'].lower()}: {found['why']}",
            "correct it, or take it out",
            "warning",
        )
    return Problem("bad-style", Place(source), line, "correct it, or take it out", "warning")
