"""One run of the press: jobs to workers, sheet sets from the cache or from them, complaints as problems."""

from __future__ import annotations

import pickle
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from importlib.metadata import version
from operator import itemgetter
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import unquote

from publish import workers
from publish.book import Style
from publish.cache import Store, key
from publish.fonts import css as font_face_rules
from publish.pdf.press import set_up, style_complaints, typeset
from publish.pdf.sheets import Press, SheetJob, SheetSet, Stretch
from publish.problems import BookProblems, Place, Problem, errors

#: What, beside our own code, makes old sheet sets useless when it changes.
_ENGINES = ("publish-book", "weasyprint", "pydyf", "pyphen", "tinycss2", "cssselect2", "fonttools", "pillow")
#: Bounds of one worker: a section with large pictures takes some hundred megabytes.
LIMITS = workers.Limits(memory=3 * 1024**3, seconds=600)
#: What a style sheet shows; and where the engine puts the place of a mistake in a style sheet.
_ADDRESS = re.compile(r"""url\(\s*["']?([^"')]+)""")
#: What the engine says of an image that it leaves out.
_UNDRAWN = re.compile(r"^Failed to (?:render SVG image|load image at) '?https://book\.invalid/([^':]+)")
_POSITION = re.compile(r" at (\d+):(\d+)(?=[,:.]|$)")


class PressRun:
    """Typesets jobs for one build; workers start when the first job isn't in the cache."""

    def __init__(
        self,
        press: Press,
        store: Store,
        progress: Callable[[str, int, int], None],
        apprentice: Executor | None = None,
    ) -> None:
        """Prepare a run; nothing is started yet. Single jobs go to the apprentice, if there is one."""
        self._press, self._store, self._progress = press, store, progress
        self._apprentice = apprentice
        self._pool: ProcessPoolExecutor | None = None
        #: Done when the apprentice is set up.
        self._ready: Future[None] | None = None
        #: Where workers keep files while they live.
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        #: Of everything but the jobs themselves: our code, the engine, fonts, styles and what styles show.
        self.fingerprint = key(
            *(source.read_bytes() for source in sorted(Path(__file__).parent.glob("*.py"))),
            *(f"{name} {version(name)}" for name in _ENGINES), font_face_rules(press.faces, ""),
            *(face.data for face in press.faces), *(f"{style.output} {style.css}" for style in press.styles),
            *_pictures(press),
        )  # fmt: skip
        #: The name of a note that something was typeset so.
        self._worn = key("typeset", self.fingerprint)
        self._problems: list[Problem] = []
        self.typeset = self.reused = 0

    def __enter__(self) -> Self:
        """Begin; nothing is started yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the workers."""
        if self._ready is not None:
            self._ready.exception()  # a font that it still writes would keep the folder there
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        if self._folder is not None:
            self._folder.cleanup()

    def expect(self) -> None:
        """Let the apprentice get ready where this press typeset before: most often it is one section now."""
        if self._apprentice is not None and self._store.get(self._worn):
            self._ready = self._set_up_apprentice(self._apprentice)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was found so far."""
        return tuple(self._problems)

    def tell(self, problems: Iterable[Problem]) -> None:
        """Add to what was found. Raises BookProblems, with all of it, where something of it is an error."""
        self._problems += problems
        if errors(self._problems):
            raise BookProblems(self._problems)

    def check(self, styles: Sequence[Style]) -> None:
        """Find what the engine doesn't understand in the book's own style sheets, as the author wrote them.

        The publisher's own sheets are checked by a test, not in every build.
        """
        if not styles:
            return
        checked = workers.run(self._executor(), style_complaints, styles, LIMITS)
        for which, result in sorted(checked, key=itemgetter(0)):
            # A failure is left to the typesetting, which meets it again and has a section to name.
            if not isinstance(result, workers.Failure):
                self._problems += [_style_problem(styles[which], line) for line in result]

    def one(self, job: SheetJob) -> SheetSet:
        """Typeset one job that no section stands behind."""
        return self.all([job], [Stretch(job, "front", "page", "furniture", ())])[0]

    def all(
        self,
        jobs: Sequence[SheetJob],
        stretches: Sequence[Stretch],
        meanwhile: Callable[[], None] = lambda: None,
    ) -> list[SheetSet]:
        """Typeset jobs, the longest first; `stretches` say where each comes from.

        `meanwhile` is done while workers are at it, if any is. Raises BookProblems with every job that
        failed.
        """
        keys = self.keys(jobs)
        kept = [self._store.get(k) for k in keys]
        missing = sorted((i for i, data in enumerate(kept) if not data), key=lambda i: -len(jobs[i].xhtml))
        self.reused += len(jobs) - len(missing)
        self._progress("typeset", len(jobs) - len(missing), len(jobs))
        results = self._run([jobs[i] for i in missing])
        sets = [unpacked(data) for data in kept]  # while the workers are at it
        if missing:
            meanwhile()
        for done, (which, result) in enumerate(results, 1):
            index = missing[which]
            if isinstance(result, SheetSet):
                sets[index] = result
                if not result.complaints:
                    self._store.put(keys[index], pickle.dumps(result, protocol=5))
                self.typeset += 1
            else:
                self._problems.append(_failure(result, stretches[index]))
            self._progress("typeset", len(jobs) - len(missing) + done, len(jobs))
        if missing:
            self._store.put(self._worn, b"yes")
        if stopped := errors(self._problems):
            raise BookProblems(self._problems + [p for p in stopped if p not in self._problems])
        finished = [sheets for sheets in sets if sheets is not None]
        for sheets, stretch in zip(finished, stretches, strict=True):
            self._problems.extend(_complaint(line, stretch) for line in sheets.complaints)
        return finished

    def keys(self, jobs: Iterable[SheetJob]) -> list[str]:
        """Return the names that the sheet sets of jobs are kept under."""
        return [self._key(job) for job in jobs]

    def _run(self, jobs: Sequence[SheetJob]) -> Iterator[tuple[int, SheetSet | workers.Failure]]:
        """Give jobs to the workers, and iterate over (index of the job, result) as they finish."""
        if not jobs:
            return iter(())
        if len(jobs) == 1 and self._pool is None and self._apprentice is not None:
            self._ready = self._ready or self._set_up_apprentice(self._apprentice)
            return workers.run(self._apprentice, typeset, jobs, LIMITS)
        return workers.run(self._executor(), typeset, jobs, LIMITS)

    def _set_up_apprentice(self, apprentice: Executor) -> Future[None]:
        return workers.prepare(apprentice, set_up, self._press, self._files())

    def _executor(self) -> ProcessPoolExecutor:
        """Return the workers, set up when they are first needed."""
        if self._pool is None:
            self._pool = workers.pool(set_up, self._press, self._files())
        return self._pool

    def _files(self) -> str:
        """Return the folder for the workers' files, made when it is first needed."""
        if self._folder is None:
            self._folder = _temporary_folder()
        return self._folder.name

    def _key(self, job: SheetJob) -> str:
        images = [self._press.images.get(path, b"") for path in job.images]
        return key("sheets", self.fingerprint, job.xhtml, *images)


def unpacked(data: bytes | None) -> SheetSet | None:
    """Return a sheet set as the cache has it; None where it hasn't."""
    return pickle.loads(data) if data else None  # noqa: S301 - our own cache, checked by its checksum


def _pictures(press: Press) -> list[bytes]:
    """Return the files in the book's folder that its style sheets show."""
    if not press.folder:
        return []
    folder = Path(press.folder).resolve()
    names = (unquote(name) for style in press.styles for name in _ADDRESS.findall(style.css))
    paths = ((folder / name).resolve() for name in names)
    return [path.read_bytes() for path in paths if path.is_relative_to(folder) and path.is_file()]


#: Reason of a failure → code, fact, hint.
_FAILURES: dict[str, tuple[str, str, str]] = {
    "memory": (
        "worker-memory",
        "“{name}” needs more memory than {detail}",
        "divide the section, or use smaller images",
    ),
    "time": (
        "worker-time",
        "“{name}” isn't typeset after {detail}",
        "divide the section, or simplify its tables",
    ),
    "exception": (
        "engine-stopped",
        "the typesetter stopped on “{name}”",
        "simplify the section's last change, and report it with these words: {detail}",
    ),
}


def _failure(failure: workers.Failure, stretch: Stretch) -> Problem:
    if failure.reason == "disk":
        return _no_room(failure.detail)
    code, fact, hint = _FAILURES[failure.reason]
    fact, hint = (text.format(name=stretch.job.name, detail=failure.detail) for text in (fact, hint))
    return Problem(code, _place(stretch), fact, hint)


def _temporary_folder() -> tempfile.TemporaryDirectory[str]:
    """Make the folder that workers keep fonts in. Raises BookProblems."""
    try:
        return tempfile.TemporaryDirectory(prefix="publish-", ignore_cleanup_errors=True)
    except OSError as error:
        raise BookProblems([_no_room((error.strerror or str(error)).lower())]) from error


def _no_room(fact: str) -> Problem:
    hint = "free the disk, or name another folder in the variable TMPDIR"
    return Problem("cannot-write", Place(tempfile.gettempdir()), fact, hint)


def _complaint(line: str, stretch: Stretch) -> Problem:
    if "refused address" in line:
        return _refused(line, _place(stretch))
    if found := _UNDRAWN.search(line):
        place = Place(*stretch.images[found[1]]) if found[1] in stretch.images else _place(stretch)
        fact = f"“{Path(found[1]).name}” can't be drawn on paper: some of it is no SVG that is valid"
        return Problem("bad-image", place, fact, "export it as plain SVG, or as PNG")
    return Problem("engine-warning", _place(stretch), f"the typesetter says: {line}", "", "warning")


def _style_problem(style: Style, line: str) -> Problem:
    if "refused address" in line:
        return _refused(line, Place(style.source))
    fact = line[:1].lower() + line[1:]
    if found := _POSITION.search(fact):
        place = Place(style.source, int(found[1]), int(found[2]))
        fact = ": ".join(filter(None, (fact[: found.start()], fact[found.end() :].strip(",: ."))))
    else:
        place = _place_of_quoted(style, line)
    if "EOF reached before {} block" in fact:
        fact = "the style sheet ends in the middle of a rule"
    return Problem("bad-style", place, fact, "correct it, or take it out", "warning")


def _place_of_quoted(style: Style, line: str) -> Place:
    """Return where what a complaint quotes stands in a sheet: of a selector the engine tells no place."""
    quoted = re.search(r"'(.+)'", line)
    parts = style.css.split(quoted[1]) if quoted else []
    if len(parts) != 2:
        return Place(style.source)
    before = parts[0].split("\n")
    return Place(style.source, len(before), len(before[-1]) + 1)


def _refused(line: str, place: Place | None) -> Problem:
    return Problem("refused-address", place, line.lower(), "copy the file into the book's folder")


def _place(stretch: Stretch) -> Place | None:
    """Return where a stretch comes from; None: the publisher made it."""
    return Place(stretch.source, stretch.line) if stretch.source else None
