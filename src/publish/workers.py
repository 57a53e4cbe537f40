"""Functions run in processes of their own, each with a memory and a time limit.

The pool is a `concurrent.futures.Executor`; so is Dask's `Client.get_executor()`, which may stand in
for it. A job that outruns its bounds comes back as a `Failure` that says which bound it was.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from types import FrameType
from typing import Generic, Literal, TypeVar

if sys.platform != "win32":
    import resource

#: How much less an apprentice's process counts than one that somebody waits for.
_GIVES_WAY = 5
#: Seconds between two looks at whether the parent still lives.
_WATCH = 1.0

Job = TypeVar("Job")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one worker: bytes of address space, seconds of wall clock for one job."""

    memory: int = 4 * 1024**3
    seconds: int = 600


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job gave no result."""

    reason: Literal["memory", "time", "exception", "disk"]
    detail: str


#: After so many jobs a worker looks through all that it holds.
_THOROUGH = 64
_jobs_done = 0

#: Why this worker process can't do any job; None: it can.
_unready: Failure | None = None


class _OutOfTime(BaseException):
    """Raised by the alarm; not an Exception, so that an engine's own handlers let it pass."""


def cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def pool(initializer: Callable[..., None] | None = None, *arguments: object) -> ProcessPoolExecutor:
    """Make an executor with one process a core; each is forked where that is safe (Linux), else spawned."""
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    set_up = partial(initializer, *arguments) if initializer else None
    return ProcessPoolExecutor(
        cores(), mp_context=context, initializer=_begin, initargs=(os.getpid(), set_up)
    )


@contextmanager
def apprentice() -> Iterator[ProcessPoolExecutor]:
    """Give an executor with one process that gives way to all others, and is left to itself in the end.

    It gets ready for work that may come, or may not: nobody waits for it.
    """
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    executor = ProcessPoolExecutor(
        1, mp_context=context, initializer=_begin, initargs=(os.getpid(), _give_way)
    )
    try:
        yield executor
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


def end_all() -> None:
    """End all processes that this one started, whatever they do."""
    for process in multiprocessing.active_children():
        process.kill()


def _begin(parent: int, set_up: Callable[[], None] | None) -> None:
    """Set up a worker that ends with the process that started it, however that ends: kill -9 tells nobody."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # not its parent's way
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    if set_up is not None:
        _try(set_up)
    gc.freeze()  # what is there for good needs no looking through,
    gc.disable()  # and what a job makes lives until it ends: looking through it takes a tenth of the time


def _try(set_up: Callable[[], None]) -> None:
    """Set up a worker; what fails is told by each of its jobs, for an executor would only print it."""
    global _unready  # noqa: PLW0603 - a worker process is set up once for its life
    try:
        set_up()
    except OSError as error:
        _unready = Failure("disk", (error.strerror or str(error)).lower())
    except Exception as error:  # noqa: BLE001 - as in a job
        _unready = Failure("exception", f"{type(error).__name__}: {error}".rstrip(": "))


def prepare(executor: Executor, set_up: Callable[..., None], *arguments: object) -> Future[None]:
    """Set up the one process of an apprentice once more, now that it is known what for; nobody waits for it.

    What fails is told by each of its jobs.
    """
    return executor.submit(_try, partial(set_up, *arguments))


def _give_way() -> None:
    os.nice(_GIVES_WAY)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_WATCH)
    os._exit(1)


def _alarm(_signal: int, _frame: FrameType | None) -> None:
    raise _OutOfTime


def _limit_memory(size: int) -> None:
    if sys.platform != "win32":
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        bound = size if hard == resource.RLIM_INFINITY else min(size, hard)
        resource.setrlimit(resource.RLIMIT_AS, (bound, hard))


def _tidy_up() -> None:
    """Drop what a job leaves in circles; what outlives it (an engine's caches) is looked through rarely."""
    global _jobs_done  # noqa: PLW0603 - as above
    _jobs_done += 1
    gc.collect(2 if _jobs_done % _THOROUGH == 0 else 1)


def _with_room(function: Callable[[Job], Result], job: Job) -> Result:
    """Call a function on a stretch of the interpreter's stack that has room for all that it calls.

    CPython keeps frames in chunks of 16 KB (from 3.11 on), and maps and unmaps one for each call that just
    crosses a chunk's end: a loop at that depth took a quarter of the time. A large frame gets a large chunk.
    """
    return function(job)


#: In words of 8 bytes: the frame fills half of its chunk, the other half is for what is called.
_with_room.__code__ = _with_room.__code__.replace(co_stacksize=1 << 16)


@dataclass(frozen=True, slots=True)
class _Bounded(Generic[Job, Result]):
    """A function with its bounds, as it is sent to a worker."""

    function: Callable[[Job], Result]
    limits: Limits

    def __call__(self, job: Job) -> Result | Failure:
        if _unready is not None:
            return _unready
        _limit_memory(self.limits.memory)
        signal.signal(signal.SIGALRM, _alarm)
        signal.setitimer(signal.ITIMER_REAL, self.limits.seconds)
        try:
            return _with_room(self.function, job)
        except MemoryError:
            return Failure("memory", f"{self.limits.memory // 1024**2} MB")
        except _OutOfTime:
            return Failure("time", f"{self.limits.seconds} s")
        except Exception as error:  # noqa: BLE001 - an engine may raise anything; it becomes a Problem with its place
            return Failure("exception", f"{type(error).__name__}: {error}".rstrip(": "))
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            _tidy_up()


def run(
    executor: Executor, function: Callable[[Job], Result], jobs: Sequence[Job], limits: Limits
) -> Iterator[tuple[int, Result | Failure]]:
    """Give every job to the executor at once, and iterate over (index of the job, result) as they finish.

    A process that dies takes the others' jobs with it; nothing tells whose fault it was, so what is
    left comes back as `Failure("memory", …)` only for the job that dies alone in a new process.
    """
    bounded = _Bounded(function, limits)
    futures: dict[Future[Result | Failure], int] = {}
    with suppress(BrokenProcessPool):  # that is met again below
        futures.update((executor.submit(bounded, job), index) for index, job in enumerate(jobs))
    return _results(executor, bounded, jobs, futures)


def _results(
    executor: Executor,
    bounded: Callable[[Job], Result | Failure],
    jobs: Sequence[Job],
    futures: dict[Future[Result | Failure], int],
) -> Iterator[tuple[int, Result | Failure]]:
    done: set[int] = set()
    try:
        for future in as_completed(futures):
            result = _received(future)
            done.add(futures[future])
            yield futures[future], result
    except BrokenProcessPool:
        pass
    for index in sorted(set(range(len(jobs))) - done):
        yield index, _alone(executor, bounded, jobs[index])


def _received(future: Future[Result | Failure]) -> Result | Failure:
    """Return what a job gave; what nests too deep to be sent back is the job's failure."""
    try:
        return future.result()
    except (RecursionError, MemoryError) as error:
        return Failure("exception", str(error))


def _alone(executor: Executor, function: Callable[[Job], Result | Failure], job: Job) -> Result | Failure:
    """Run one job in a process of its own, set up as those of the broken pool were."""
    # An executor has no public way to tell how it sets up its processes.
    _, set_up = getattr(executor, "_initargs", ()) or (0, None)
    with pool(set_up) as single:
        try:
            return single.submit(function, job).result()
        except BrokenProcessPool:
            return Failure("memory", "the process was ended by the system")
