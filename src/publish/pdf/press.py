"""The door to the press: what the conductor's process may import without loading WeasyPrint."""

from __future__ import annotations

import ctypes.util
import sys
import tempfile
from functools import cache
from types import ModuleType

from publish.book import Style
from publish.pdf.sheets import Press, SheetJob, SheetSet


@cache
def load() -> ModuleType:
    """Load the engine once for a process's life, which takes half a second: only workers do.

    It asks for each of its libraries by names of other systems first. On Linux Python's search for these runs
    a compiler, which takes a third of the time, and leaves its files behind where the worker is ended.
    """
    search = ctypes.util.find_library
    if sys.platform == "linux":
        ctypes.util.find_library = lambda name: None  # noqa: ARG005 - the name of what it stands for
    try:
        from publish.pdf import engine  # noqa: PLC0415 - see above
    finally:
        ctypes.util.find_library = search
    return engine


def set_up(press: Press, folder: str) -> None:
    """Set up a worker process; called once by the executor.

    Fontconfig reads fonts from files only. The engine would leave them behind, for a worker ends without
    tidying up: so they go to a folder that the conductor's process takes away.
    """
    tempfile.tempdir = folder
    load().set_up(press)


def typeset(job: SheetJob) -> SheetSet:
    """Typeset one job in a worker that was set up."""
    sheets: SheetSet = load().typeset(job)
    return sheets


def style_complaints(style: Style) -> tuple[str, ...]:
    """Return what the engine doesn't understand in a style sheet."""
    complaints: tuple[str, ...] = load().style_complaints(style)
    return complaints
