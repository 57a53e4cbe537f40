"""Makes the pictures of README.md from the built default book: `make pictures`.

The cover, the two pages that show the fence, and two screens of a phone: a chapter's opening by day, the
fence by night. Each is under 200 KB.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import zipfile
from pathlib import Path

import pypdfium2
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs" / "images"
DIST = ROOT / "dist" / "par-dessus-la-cloture"
#: What the pictures look for: the caption of the fence on paper, its file in the e-book.
CAPTION, DRAWING = "Les flèches montrent par où l’on est sorti", "cloture-2022-2023.svg"
#: A telephone's screen in CSS pixels, and how many of the picture's pixels each has.
PHONE, SCALE = (390, 844), 1.5
MOST_BYTES = 200_000
DAY, NIGHT = ("#ffffff", "#111111"), ("#121212", "#d8d8d8")


def cover() -> Image.Image:
    """Return the cover, 400 pixels wide."""
    with Image.open(ROOT / "book" / "images" / "couverture.jpg") as image:
        return image.convert("RGB").resize((400, 640), Image.Resampling.LANCZOS)


def spread() -> Image.Image:
    """Return the two facing pages of the PDF, one of which shows the fence."""
    document = pypdfium2.PdfDocument(DIST.with_suffix(".pdf"))
    pages = (number for number, page in enumerate(document) if CAPTION in _words(page))
    # Lists come before the chapter: the last page that has the caption shows the figure.
    shown = list(pages)[-1]
    left = shown - 1 if shown % 2 == 0 else shown
    halves = [document[number].render(scale=2).to_pil().convert("RGB") for number in (left, left + 1)]
    width, height = halves[0].size
    both = Image.new("RGB", (2 * width + 2, height + 2), "#c8c8c8")
    for side, half in enumerate(halves):
        both.paste(half.crop((0, 0, width - 1, height)), (1 + side * width, 1))
    return both


def _words(page: pypdfium2.PdfPage) -> str:
    return " ".join(page.get_textpage().get_text_bounded().split())


def phones() -> Image.Image:
    """Return two screens of a telephone, side by side."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as player:
        zipfile.ZipFile(DIST.with_suffix(".epub")).extractall(folder)
        texts = sorted(Path(folder).glob("EPUB/text/chapter-*.xhtml"))
        chapter = next(file for file in texts if DRAWING in file.read_text(encoding="utf-8"))
        browser = player.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"), args=["--no-sandbox"]
        )
        screens = [
            _screen(browser, chapter, DAY, ""),
            _screen(browser, chapter, NIGHT, f"img[src*='{DRAWING}']"),
        ]
        browser.close()
    width, height = screens[0].size
    both = Image.new("RGB", (2 * width + 100, height + 40), "#ffffff")
    for side, screen in enumerate(screens):
        _framed(both, screen, (20 + side * (width + 60), 20))
    return both


def _screen(browser: Browser, chapter: Path, colours: tuple[str, str], target: str) -> Image.Image:
    """Return what a telephone shows of a chapter, from its beginning, or with `target` in its middle."""
    page = browser.new_page(viewport={"width": PHONE[0], "height": PHONE[1]}, device_scale_factor=SCALE)
    page.goto(chapter.as_uri())
    ground, ink = colours
    page.add_style_tag(content=f"html {{ background: {ground}; color: {ink} }} body {{ padding: 24px 16px }}")
    if target:
        page.locator(target).evaluate("image => image.scrollIntoView({block: 'center'})")
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        page.screenshot(path=file.name)
        return Image.open(file.name).convert("RGB")


def _framed(picture: Image.Image, screen: Image.Image, place: tuple[int, int]) -> None:
    """Paste a screen with round corners and a rim."""
    mask = Image.new("L", screen.size, 0)
    box = (0, 0, screen.width - 1, screen.height - 1)
    ImageDraw.Draw(mask).rounded_rectangle(box, 48, fill=255)
    picture.paste(screen, place, mask)
    rim = (place[0] - 6, place[1] - 6, place[0] + screen.width + 5, place[1] + screen.height + 5)
    ImageDraw.Draw(picture).rounded_rectangle(rim, 54, outline="#333333", width=6)


def save(image: Image.Image, name: str) -> None:
    """Write a picture: the cover as JPEG, pages and screens as PNG in few greys; stop if it is too large."""
    file = IMAGES / name
    if file.suffix == ".png":
        image.quantize(32).save(file, optimize=True)
    else:
        image.save(file, quality=90, optimize=True)
    if file.stat().st_size > MOST_BYTES:
        sys.exit(f"{file.name} has {file.stat().st_size} bytes, more than {MOST_BYTES}")


if __name__ == "__main__":
    save(cover(), "cover.jpg")
    save(spread(), "spread.png")
    save(phones(), "phone.png")
