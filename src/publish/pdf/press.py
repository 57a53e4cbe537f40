"""The door to the press: what the conductor's process may import without loading WeasyPrint."""

from __future__ import annotations

import tempfile

from publish.book import Style
from publish.pdf.sheets import Press, SheetJob, SheetSet


def set_up(press: Press, folder: str) -> None:
    """Set up a worker process; called once by the executor.

    Fontconfig reads fonts from files only. The engine would leave them behind, for a worker ends without
    tidying up: so they go to a folder that the conductor's process takes away.
    """
    tempfile.tempdir = folder
    from publish.pdf import engine  # noqa: PLC0415 - WeasyPrint takes half a second: only workers load it

    engine.set_up(press)


def typeset(job: SheetJob) -> SheetSet:
    """Typeset one job in a worker that was set up."""
    from publish.pdf import engine  # noqa: PLC0415 - as above

    return engine.typeset(job)


def style_complaints(style: Style) -> tuple[str, ...]:
    """Return what the engine doesn't understand in a style sheet."""
    from publish.pdf import engine  # noqa: PLC0415 - as above

    return engine.style_complaints(style)
