"""Photographs in the EPUB: upright, in sRGB, bounded, without idle alpha; the manuscript's own stay."""

from __future__ import annotations

import base64
import pickle
import shutil
import zipfile
from concurrent.futures import Executor, ThreadPoolExecutor
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
from publish.manuscript.images import BadImage
from publish.manuscript.rasters import decode_raster
from publish.problems import BookProblems, Problem


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


def test_many_photographs_are_decoded_elsewhere(tmp_path: Path) -> None:
    """Other processes decode them; what they find is what this one finds alone, damaged ones too."""
    (tmp_path / "pictures").mkdir()
    data = saved(noise(size=(700, 600)), "JPEG", quality=95)
    for number in range(9):
        (tmp_path / "pictures" / f"{number}.jpg").write_bytes(data if number else data[:-90_000])
    outside = tmp_path.parent / f"{tmp_path.name}.jpg"
    outside.write_bytes(data)
    shown = [f"![Picture {number}](pictures/{number}.jpg)" for number in range(9)]
    shown += [f"![Outside](../{outside.name})", "![Far](https://example.org/a.jpg)"]
    (tmp_path / "sea.md").write_text("---\ntitle: Sea\nlang: en\n---\n\n# One\n\n" + "\n\n".join(shown))
    asked: list[Path] = []

    class Pool(ThreadPoolExecutor):
        def submit(self, function, /, *arguments, **more):  # noqa: ANN001, ANN002, ANN003, ANN202
            asked.extend(argument for argument in arguments if isinstance(argument, Path))
            function, *arguments = pickle.loads(pickle.dumps((function, *arguments)))  # noqa: S301 - made here
            return super().submit(function, *arguments, **more)

    def wrong(pool: Executor | None) -> tuple[Problem, ...]:
        with pytest.raises(BookProblems) as told:
            manuscript.read(tmp_path / "sea.md", aside=manuscript.Aside(pool) if pool else None)
        return told.value.problems

    with Pool(1) as pool:
        told = wrong(pool)
        assert asked == [tmp_path / "pictures" / f"{number}.jpg" for number in range(9)]
        assert told == wrong(None)
        assert [problem.code for problem in told] == ["bad-image", "outside-book", "remote-image"]
        (tmp_path / "pictures" / "0.jpg").write_bytes(data)
        (tmp_path / "sea.md").write_text(
            "---\ntitle: Sea\nlang: en\n---\n\n# One\n\n" + "\n\n".join(shown[:9])
        )
        aided = manuscript.read(tmp_path / "sea.md", aside=manuscript.Aside(pool))

    assert aided == manuscript.read(tmp_path / "sea.md")
    assert [image.data for image in aided[0].resources] == [data] * 9


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


@pytest.mark.parametrize("kind", ["MPO", "WEBP", "TIFF", "AVIF"])
def test_what_is_converted_stands_upright(kind: str) -> None:
    """A photograph whose format a book doesn't have doesn't lose where its top is with it."""
    exif = Image.Exif()
    exif[0x0112] = 6
    more = {"save_all": True, "append_images": [noise()]} if kind == "MPO" else {}
    picture = decode_raster(saved(noise(), kind, exif=exif, **more))
    assert isinstance(picture.content, bytes)
    image = opened(picture.content)
    upright = image.getexif().get(0x0112, 1) == 1
    assert image.format in ("JPEG", "PNG", "MPO")
    assert image.size == ((48, 64) if upright else (64, 48))
    assert upright == (kind != "MPO")  # a camera's JPEG stays as it is, and says it still


def test_sixteen_bits_of_grey_become_eight() -> None:
    """A scan of 65 536 greys keeps them: the typesetter would draw it black, Pillow cut it off at white."""
    scan = Image.new("I;16", (256, 1))
    scan.putdata([256 * step for step in range(256)])
    picture = decode_raster(saved(scan))
    assert isinstance(picture.content, bytes)
    image = opened(picture.content)
    assert image.mode == "L"
    assert list(image.tobytes()) == list(range(256))


FOREIGN = {
    b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n": "it is PostScript",
    b"%PDF-1.7": "it is a PDF",
    b"\0\0\0\x18ftypheic\0\0\0\0": "it is a HEIC photograph",
    b"8BPS\0\1": "it is a Photoshop file",
    b"<!DOCTYPE html><html>": "it is a web page, no image",
    b"hello": "it is no image that can be read",
    b"": "it is empty",
}


@pytest.mark.parametrize("data", FOREIGN)
def test_foreign_files_are_named(data: bytes) -> None:
    """What is no image is called what it is; none is a program that another program runs."""
    with pytest.raises(BadImage, match=FOREIGN[data]) as caught:
        decode_raster(data)
    assert caught.value.hint.startswith("export it ")


def drawing(data: bytes) -> bytes:
    """Return a drawing that holds a photograph, as drawing programs write it, with words behind it."""
    held = f"data:image/png;base64,{base64.b64encode(data).decode()}"
    href = "http://www.w3.org/1999/xlink"
    text = f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="{href}"><image xlink:href="{held}"/>'
    return f'{text}<g><image href="file:///etc/hostname"/> behind </g></svg>'.encode()


def test_a_circle_by_either_address_of_an_element() -> None:
    """Of `href` and `xlink:href` engines take one or the other first: both are followed."""
    both = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink">'
        '<g id="a"><use href="#z" x:href="#a"/></g><use href="#a" x:href="#z"/></svg>'
    )
    with pytest.raises(BadImage, match="without end"):
        decode_drawing(both.encode())


def test_photograph_in_a_drawing() -> None:
    """It is decoded with the drawing; an image that leads outside is taken out whole, not what is behind."""
    picture = decode_drawing(drawing(saved(noise())))
    assert picture.refused == ("the address “file:///etc/hostname”",)
    assert isinstance(picture.content, bytes)
    assert picture.content.count(b"<image") == 1
    assert b"<g> behind </g>" in picture.content
    with pytest.raises(BadImage, match="an image in it can't be used"):
        decode_drawing(drawing(b"%!PS-Adobe"))
