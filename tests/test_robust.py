"""What goes wrong around a build: it is killed, the disk is full, the cache damaged, another at work.

Each leaves the last good book as it was, and the next build is right.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import publish
from publish.problems import BookProblems

TEXT = "---\ntitle: La Mer\nlang: fr\n---\n\n# Un\n\nMidi le juste.\n\n# Deux\n\nLe vent.\n"
#: Builds; at a step, or before the written file gets its name, the disk is full or the process is killed.
DISTURBED = """
import os, pathlib, resource, signal, sys, publish, publish.problems
def disturb(*_):
    if step.startswith("full"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    else:
        os.kill(os.getpid(), signal.SIGKILL)
book, target, cache, step, done = sys.argv[1:]
if step == "write":
    pathlib.Path.replace = disturb
def told(said, number, _all):
    if said == step.removeprefix("full-") and number == int(done):
        disturb()
try:
    options = publish.Options(pathlib.Path(cache), 0, progress=told)
    publish.build(pathlib.Path(book), {"pdf": pathlib.Path(target)}, options)
except publish.problems.BookProblems as stopped:
    sys.exit(str(stopped))
"""
MOMENTS = (("read", 0), ("typeset", 1), ("bind", 0), ("bind", 1), ("write", 0))


class Shelf(NamedTuple):
    """A manuscript that was changed since its last good book was made."""

    book: Path
    target: Path
    cache: Path
    #: The last good book, and the one that the next build has to make.
    last: bytes
    next: bytes

    def build(self) -> bytes:
        """Build, and return the book."""
        publish.build(self.book, {"pdf": self.target}, publish.Options(self.cache, 0))
        return self.target.read_bytes()

    def command(self, *words: object) -> list[str]:
        """Return the command of a user's build."""
        options = ["-o", str(self.target), "--cache", str(self.cache), "-q", *map(str, words)]
        return [sys.executable, "-m", "publish", "pdf", str(self.book), *options]

    def disturbed(self, step: str, done: int) -> subprocess.CompletedProcess[str]:
        """Build in a process of its own that is disturbed at a step."""
        words = [str(self.book), str(self.target), str(self.cache), step, str(done)]
        command = [sys.executable, "-c", DISTURBED, *words]
        return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    """The book before and after the change, each made in peace."""
    folder = tmp_path_factory.mktemp("peace")
    books = []
    for text in (TEXT, f"{TEXT}\nEncore.\n"):
        (folder / "mer.md").write_text(text, "utf-8")
        options = publish.Options(folder / "cache", 0)
        publish.build(folder / "mer.md", {"pdf": folder / "mer.pdf"}, options)
        books.append((folder / "mer.pdf").read_bytes())
    return books[0], books[1]


@pytest.fixture
def shelf(tmp_path: Path, made: tuple[bytes, bytes], monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """A folder with the changed manuscript and the last good book."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    (tmp_path / "out").mkdir()
    book, target = tmp_path / "mer.md", tmp_path / "out" / "mer.pdf"
    book.write_text(f"{TEXT}\nEncore.\n", "utf-8")
    target.write_bytes(made[0])
    return Shelf(book, target, tmp_path / "cache", *made)


@pytest.mark.slow
def test_ended_politely(shelf: Shelf, tmp_path: Path) -> None:
    """`kill` leaves neither a process nor a temporary folder of ours, and the last book as it was."""
    room = tmp_path / "room"
    room.mkdir()
    environment = {**os.environ, "TMPDIR": str(room)}
    process = subprocess.Popen(shelf.command(), env=environment, stderr=subprocess.PIPE, text=True)
    while process.poll() is None and not list(room.glob("publish-*")):
        time.sleep(0.01)
    process.terminate()
    _, said = process.communicate(timeout=60)  # workers hold the pipe, so none is left when it ends

    assert (process.returncode, said) == (143, "publish: stopped; nothing was written\n")
    assert list(room.glob("publish-*")) == []
    assert shelf.target.read_bytes() == shelf.last


@pytest.mark.slow
def test_killed_at_any_moment(shelf: Shelf) -> None:
    """Kill -9 while reading, typesetting, binding, writing: the last book stays whole; then all is right."""
    for step, done in MOMENTS:
        assert shelf.disturbed(step, done).returncode == -9, step
        assert shelf.target.read_bytes() == shelf.last, step

    assert shelf.build() == shelf.next


@pytest.mark.slow
@pytest.mark.parametrize(("step", "done", "place"), [("read", 0, "the engine's"), ("bind", 1, "the book's")])
def test_full_disk(shelf: Shelf, step: str, done: int, place: str) -> None:
    """A disk without room for the engine's files or the book is told with its place; nothing is left."""
    ended = shelf.disturbed(f"full-{step}", done)
    where = shelf.target if place == "the book's" else tempfile.gettempdir()

    assert ended.returncode == 1
    assert ended.stderr.startswith(f"{where}: cannot-write: file too large\n    hint: free the disk")
    assert len(ended.stderr.splitlines()) == 2
    assert [path.name for path in shelf.target.parent.iterdir()] == ["mer.pdf"]
    assert shelf.target.read_bytes() == shelf.last
    assert shelf.build() == shelf.next


@pytest.fixture
def sealed(tmp_path: Path) -> Iterator[Path]:
    """A folder that nobody can write to: for root, only the system has one."""
    folder = tmp_path / "sealed"
    folder.mkdir()
    folder.chmod(0o500)
    yield Path("/sys") if os.geteuid() == 0 else folder
    folder.chmod(0o700)


@pytest.mark.slow
def test_read_only_folders(shelf: Shelf, sealed: Path) -> None:
    """A sealed folder for the book is told with its path; one for the cache costs time and nothing else."""
    with pytest.raises(BookProblems) as stopped:
        publish.build(shelf.book, {"pdf": sealed / "mer.pdf"}, publish.Options(shelf.cache, 0))
    (problem,) = stopped.value.problems

    assert str(problem).startswith(f"{sealed}/mer.pdf: cannot-write: ")
    assert shelf._replace(cache=sealed / "cache").build() == shelf.next


@pytest.mark.slow
def test_nothing_is_left_in_the_temporary_folder(shelf: Shelf, tmp_path: Path) -> None:
    """A build, a good one or one that fails, takes away what it kept outside its cache and its output."""
    (tmp_path / "temporary").mkdir()
    environment = {**os.environ, "TMPDIR": str(tmp_path / "temporary")}
    for words, code in ((), 0), (("-o", "/dev/null/mer.pdf"), 1):
        assert subprocess.run(shelf.command(*words), env=environment, check=False).returncode == code

    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere Python finds libraries without a compiler")
def test_engine_is_loaded_without_a_compiler(tmp_path: Path) -> None:
    """No compiler runs while the engine is loaded: it would leave files behind where a worker is ended."""
    for tool in "gcc", "cc", "ld":
        (tmp_path / tool).write_text(f"#!/bin/sh\ntouch {tmp_path}/called\nexit 1\n", encoding="utf-8")
        (tmp_path / tool).chmod(0o700)
    environment = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    for load, called in ("publish.pdf.press as press; press.load()", False), ("weasyprint", True):
        subprocess.run([sys.executable, "-c", f"import {load}"], env=environment, check=True)
        assert (tmp_path / "called").exists() == called


@pytest.mark.slow
def test_two_builds_at_once(shelf: Shelf) -> None:
    """Two builds of one book share cache and output, and both end well."""
    builds = [subprocess.Popen(shelf.command()) for _ in range(2)]

    assert [build.wait(300) for build in builds] == [0, 0]
    assert shelf.target.read_bytes() == shelf.next


@pytest.mark.slow
def test_damaged_cache_is_begun_anew(shelf: Shelf) -> None:
    """A cache whose index is garbage is thrown away: the build is right, and the next one is quick again."""
    shelf.cache.mkdir()
    (shelf.cache / "cache.db").write_bytes(b"garbage, not a database" * 1000)
    assert shelf.build() == shelf.next
    report = publish.build(shelf.book, {"pdf": shelf.target}, publish.Options(shelf.cache, 0))

    assert report.files[0].typeset == 0
    assert shelf.target.read_bytes() == shelf.next
