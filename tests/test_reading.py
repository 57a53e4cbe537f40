"""The EPUB in real reading engines: MuPDF, epub.js in a browser, calibre."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from playwright.sync_api import BrowserContext, Page, Route, sync_playwright
from tests import mupdf

import publish
from publish.check import ace

pytestmark = pytest.mark.xdist_group("book")
ROOT = Path(__file__).parent.parent
#: Where the picture of a page goes on which something is wrong.
PICTURES = ROOT / "dist" / "failed"
ADDRESS = "https://reader.test/"
SHELL = (
    "<!DOCTYPE html><html lang='en'><head><title>Reader</title><link rel='icon' href='data:,'>"
    "<style>body { margin: 0 }</style></head><body><div id='viewer'></div>"
    "<script src='jszip.js'></script><script src='epub.js'></script><script src='reader.js'></script>"
    "</body></html>"
)
#: No book has more pages on a telephone's screen.
MOST_PAGES = 3000


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory, shared_cache: Path) -> Path:
    """Make the default book's EPUB."""
    folder = tmp_path_factory.mktemp("book")
    target = folder / "book.epub"
    publish.build(ROOT / "book", {"epub": target}, publish.Options(shared_cache))
    return target


@pytest.fixture(scope="module")
def chromium(readers: Any) -> Iterator[BrowserContext]:
    """Start a browser without a window, which finds epub.js at an address and nothing else anywhere."""
    scripts = {
        "jszip.js": readers.npm / "jszip" / "dist" / "jszip.min.js",
        "epub.js": readers.npm / "epubjs" / "dist" / "epub.min.js",
        "reader.js": Path(__file__).with_name("reader.js"),
    }

    def serve(route: Route) -> None:
        name = route.request.url.removeprefix(ADDRESS)
        if name in scripts:
            route.fulfill(path=scripts[name], content_type="text/javascript")
        elif name:
            route.abort()
        else:
            route.fulfill(body=SHELL, content_type="text/html")

    with sync_playwright() as player:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-frame-rate-limit"]  # epub.js waits for frames
        started = player.chromium.launch(executable_path=readers.chromium, args=flags)
        context = started.new_context()
        context.route("**/*", serve)
        yield context
        started.close()


@pytest.mark.slow
def test_mupdf_finds_the_contents(book: Path) -> None:
    """MuPDF opens the book without a warning and finds every entry of the contents on a page."""
    with pymupdf.open(book) as document:
        words = sum(len(page.get_text().split()) for page in document)

    assert mupdf.faults(book) == []
    assert words > 5000


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1024])
def test_epubjs_reads_the_book(book: Path, chromium: BrowserContext, width: int) -> None:
    """Every page turns; contents, notes and page list lead where they say.

    Nothing is too wide, in type of twice the size neither; nothing is scrolled where keys can't reach it; no
    word is faint by day or by night.
    """
    page = chromium.new_page()
    page.set_viewport_size({"width": width, "height": 844 if width < 600 else 768})
    said = listened(page)
    opened(page, book)
    try:
        turned = page.evaluate("most => reader.turnAll(most)", MOST_PAGES)
        contents = page.evaluate("reader.contents()")
        notes = page.evaluate("reader.notes()")
        pages = page.evaluate("reader.pageList()")
        large = page.evaluate("reader.withTypeOf(200)") if width < 600 else []
        faults = [*large, *turned["faults"], *notes["faults"], *followed(page, [*contents, *pages]), *said]
        assert turned["pages"] > 20
        assert len(contents) == len(mupdf.entries(book))
        assert notes["notes"] > 20
        assert len(pages) > 30
        assert not faults
    except AssertionError:
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"epubjs-{width}.png")
        raise
    finally:
        page.close()


def listened(page: Page) -> list[str]:
    """Return a list that takes what the page complains about."""
    said: list[str] = []
    page.on(
        "console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("requestfailed", lambda request: said.append(f"{request.url} failed"))
    return said


def opened(page: Page, book: Path) -> None:
    """Show a book in epub.js."""
    page.goto(ADDRESS)
    data = base64.b64encode(book.read_bytes()).decode()
    page.evaluate("data => reader.open(data)", data)


def followed(page: Page, addresses: list[Any]) -> Iterator[str]:
    """Follow addresses and yield what is wrong with them."""
    for address in addresses:
        fault = page.evaluate("href => reader.follow(href)", address)
        if fault:
            yield fault


@pytest.mark.slow
def test_calibre_makes_azw3(book: Path, tmp_path: Path, readers: Any) -> None:
    """Calibre turns the book into Kindle's format and warns of nothing."""
    target = tmp_path / "book.azw3"
    run = subprocess.run([readers.calibre, book, target], capture_output=True, text=True, check=False)
    said = run.stdout + run.stderr

    assert run.returncode == 0, said
    assert target.stat().st_size > 100_000
    assert not [
        line for line in said.splitlines() if any(word in line.lower() for word in ("warn", "error", "fail"))
    ]


@pytest.mark.usefixtures("judges")
def test_ace_finds_nothing(book: Path) -> None:
    """Ace finds no violation in the default book."""
    assert ace(book) == ()
