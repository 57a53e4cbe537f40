"""Photographs in the EPUB: upright, in sRGB, bounded, without idle alpha; the manuscript's own stay."""

from __future__ import annotations

import shutil
import zipfile
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageCms

import publish
from publish import manuscript
from publish.book import Resource
from publish.epub import pictures
from publish.epub.pictures import MOST_PIXELS, fit
from publish.manuscript.drawings import decode_drawing
from publish.problems import BookProblems


def saved(image: Image.Image, kind: str = "PNG", **how: object) -> bytes:
    """Return an image as a file."""
    file = BytesIO()
    image.save(file, kind, **how)
    return file.getvalue()


def opened(data: bytes) -> Image.Image:
    """Return an image of a file that was changed."""
    assert data, "the image was kept as it is"
    return Image.open(BytesIO(data))


def noise(mode: str = "RGB", size: tuple[int, int] = (64, 48)) -> Image.Image:
    """Return an image that doesn't pack well."""
    return Image.effect_noise(size, 90).convert(mode)


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('width="300pt" height="128pt" viewBox="0 0 300 128"', (400, 171)),
        ('width="96" viewBox="0 0 300 150"', (96, 48)),
        ('width="100%" viewBox="0 0 300 150"', (300, 150)),
        ('viewBox="0 0 30 15"', (30, 15)),
        ("", (300, 150)),
    ],
)
def test_a_drawing_is_as_large_as_it_says(attributes: str, size: tuple[int, int]) -> None:
    """Its own width counts, in whatever unit; its view box where it says none."""
    picture = decode_drawing(f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}/>'.encode())

    assert (picture.width, picture.height) == size


def test_a_good_photograph_stays() -> None:
    """A JPEG that is upright, small and in sRGB is kept, byte for byte."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    assert fit(saved(noise(), "JPEG")) == b""
    assert fit(saved(noise(), "JPEG", icc_profile=srgb)) == b""


def test_a_large_picture_is_bounded() -> None:
    """More pixels than a store takes are scaled down, in proportion."""
    image = opened(fit(saved(Image.new("RGB", (4000, 2000), "navy"), "JPEG")))

    assert MOST_PIXELS * 0.99 < image.width * image.height <= MOST_PIXELS
    assert image.width / image.height == pytest.approx(2, abs=0.01)


def test_a_turned_photograph_stands_upright() -> None:
    """What a camera's orientation says is done; what else the camera wrote is gone."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Camera"
    image = opened(fit(saved(noise(), "JPEG", exif=exif)))

    assert image.size == (48, 64)
    assert not image.getexif()


def test_alpha_stays_only_where_it_is_used() -> None:
    """An alpha channel that hides nothing is dropped; one that hides something stays."""
    opaque, hiding = Image.new("RGBA", (300, 300), "red"), Image.new("RGBA", (300, 300), (255, 0, 0, 9))

    assert opened(fit(saved(opaque))).mode == "RGB"
    assert Image.open(BytesIO(fit(saved(hiding)) or saved(hiding))).mode == "RGBA"


def test_other_colours_become_srgb() -> None:
    """A picture with another profile is turned into sRGB, and the profile goes."""
    swapped = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for old, new in (
        (b"rXYZ", b"...."),
        (b"gXYZ", b"rXYZ"),
        (b"....", b"gXYZ"),
        (b"\0s\0R\0G\0B", b"\0x\0R\0G\0B"),
    ):
        swapped = swapped.replace(old, new)
    image = opened(fit(saved(Image.new("RGB", (30, 30), (250, 10, 10)), icc_profile=swapped)))

    assert "icc_profile" not in image.info
    pixel = image.getpixel((9, 9))
    assert isinstance(pixel, tuple)
    assert pixel[1] > 200 > pixel[0]


@pytest.mark.parametrize(
    ("root", "ground"),
    [
        ('<svg viewBox="-5 2, 30 40">', 'x="-5" y="2" width="30" height="40"'),
        ('<svg width="30" height="40"><title>A &lt;wave&gt;</title>\n<desc>Blue</desc>',
         'x="0" y="0" width="100%" height="100%"'),
    ],
)  # fmt: skip
def test_a_drawing_lies_on_white(root: str, ground: str) -> None:
    """Behind all that is drawn, and behind the drawing's words; nothing else changes."""
    drawn = '<path d="M0 0h1"/></svg>'
    paper = f'<rect {ground} style="fill: #ffffff; stroke: none"/>'

    assert pictures.on_paper(f"{root}{drawn}".encode()).decode() == f"{root}{paper}{drawn}"
    assert pictures.on_paper(b"<svg/>") == b"<svg/>"


def test_black_lines_are_seen_at_night(tmp_path: Path) -> None:
    """The e-book's drawing has a ground, the manuscript's own stays as it is."""
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9"/></svg>'
    (tmp_path / "wave.svg").write_text(drawing)
    (tmp_path / "sea.md").write_text("---\ntitle: T\nlang: en\n---\n\n# One\n\n![A wave](wave.svg)\n")
    options = publish.Options(cache=tmp_path / "cache")
    publish.build(tmp_path / "sea.md", {"epub": tmp_path / "sea.epub"}, options)

    with zipfile.ZipFile(tmp_path / "sea.epub") as archive:
        kept = archive.read("EPUB/images/wave.svg")
    assert b'viewBox="0 0 9 9"><rect x="0" y="0" width="9" height="9" style="fill: #ffffff' in kept
    assert (tmp_path / "wave.svg").read_text() == drawing


def test_each_is_made_once(tmp_path: Path) -> None:
    """The second time the cache has it, and nothing is made; the same input gives the same bytes."""
    image = Resource("a.png", "image/png", saved(Image.new("RGBA", (99, 99), "red")), 99, 99, "a.png")
    drawing = Resource("a.svg", "image/svg+xml", b"<svg/>", 1, 1, "a.svg")
    with ThreadPoolExecutor(1) as pool:
        first = pictures.fitted((image, drawing), pool, tmp_path)

    assert first.keys() == {"a.png"}
    assert pictures.fitted((image, drawing), pool, tmp_path) == first, "a pool that is shut makes nothing"


def test_photographs_stay_on_the_disk(tmp_path: Path) -> None:
    """A large one is read when it is needed; so is what is made of it, anew where the cache lost it."""
    data = saved(noise(size=(3000, 2000)), "JPEG")
    (tmp_path / "a.jpg").write_bytes(data)
    (tmp_path / "sea.md").write_text(
        "---\ntitle: Sea\nlang: en\n---\n\n# One\n\n![The sea](a.jpg)\n", "utf-8"
    )
    (image,) = manuscript.read(tmp_path / "sea.md")[0].resources
    with ThreadPoolExecutor(1) as pool:
        better = pictures.fitted((image,), pool, tmp_path / "cache")["images/a.jpg"]
    assert not isinstance(better, bytes)
    made = better()
    shutil.rmtree(tmp_path / "cache")

    assert image.data == data
    assert better() == made == fit(data)
    (tmp_path / "a.jpg").unlink()
    with pytest.raises(BookProblems, match="missing-image: can’t be read any more"):
        _ = image.data


def test_the_original_is_untouched(tmp_path: Path) -> None:
    """The EPUB has the smaller picture, the manuscript its own."""
    data = saved(Image.new("RGB", (4000, 2000), "navy"), "JPEG")
    (tmp_path / "a.jpg").write_bytes(data)
    (tmp_path / "sea.md").write_text(
        "---\ntitle: Sea\nlang: en\n---\n\n# One\n\n![The sea](a.jpg)\n", "utf-8"
    )
    target = tmp_path / "sea.epub"
    options = publish.Options(cache=tmp_path / "cache", readers=("apple",))
    report = publish.build(tmp_path / "sea.md", {"epub": target}, options)
    with zipfile.ZipFile(target) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("a.jpg"))
        packed = archive.read(name)

    assert report.problems == (), "Apple's bound is held"
    assert Image.open(BytesIO(packed)).width < 4000
    assert (tmp_path / "a.jpg").read_bytes() == data


def test_a_drawing_that_paper_cannot_show_is_told(tmp_path: Path) -> None:
    """The typesetter leaves it out and only says so in its log: nothing is written, its line is named."""
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect transform="rotate(x)"/></svg>'
    )
    (tmp_path / "wave.svg").write_text(drawing)
    (tmp_path / "book.md").write_text(
        "---\ntitle: T\nlang: en\n---\n\n# One\n\nText.\n\n![A wave](wave.svg)\n"
    )
    with pytest.raises(BookProblems) as told:
        publish.build(
            tmp_path / "book.md", {"pdf": tmp_path / "a.pdf"}, publish.Options(tmp_path / "cache", 0)
        )

    assert [(p.code, p.place and p.place.line) for p in told.value.problems] == [("bad-image", 10)]
    assert "wave.svg" in told.value.problems[0].fact
