"""Runs a command in a process of its own and says what it took."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

#: ru_maxrss is in kilobytes on Linux, in bytes on macOS.
_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run took: seconds on the wall, seconds of all cores, bytes of its largest process."""

    wall: float
    cpu: float
    peak: int


class Failed(Exception):  # noqa: N818 - it says what a run did
    """A run ended with an error; the message is the end of what it printed."""


def run(command: Sequence[str], folder: Path, limit: float) -> Cost:
    """Run a command to its end.

    The system's own account of an ended process holds the processes that it waited for: their time is
    added, and of their memory the largest counts. Raises Failed, also after `limit` seconds.
    """
    log = folder / "run.log"
    with log.open("wb") as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, stdout=output, stderr=subprocess.STDOUT, process_group=0
        )
        status, usage = _wait(process.pid, start + limit)
        wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise Failed(f"ended with {process.returncode}: {_last_line(log)}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _MAXRSS_UNIT)


def _wait(pid: int, deadline: float) -> tuple[int, os.struct_rusage]:  # type: ignore[name-defined]  # not in typeshed
    while True:
        ended, status, usage = os.wait4(pid, os.WNOHANG)
        if ended:
            return status, usage
        if time.perf_counter() > deadline:
            os.killpg(pid, 9)
            _, status, usage = os.wait4(pid, 0)
            return status, usage
        time.sleep(0.002)


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1][:300] if lines else "it printed nothing"


def typical(measure: Callable[[], Cost], runs: int) -> Cost:
    """Measure several times and return the median of each figure."""
    costs = [measure() for _ in range(runs)]
    return Cost(
        median(cost.wall for cost in costs),
        median(cost.cpu for cost in costs),
        int(median(cost.peak for cost in costs)),
    )
