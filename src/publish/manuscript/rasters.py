"""Photographs and other images made of pixels; in the manuscript the one owner of Pillow."""

from __future__ import annotations

import re
import warnings
from io import BytesIO

from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from publish.manuscript.images import BadImage, Picture

#: Pixels that one image may have.
MOST_PIXELS = 100_000_000
#: Pillow's format → what goes into the book: (media type, suffix); others are converted to PNG or JPEG.
_FORMATS = {
    "PNG": ("image/png", ".png"),
    "JPEG": ("image/jpeg", ".jpg"),
    "MPO": ("image/jpeg", ".jpg"),  # a camera's JPEG with a second picture in it
    "GIF": ("image/gif", ".gif"),
}
#: What is read. Pillow knows more; it would have Ghostscript run EPS, which is a program.
_READ = ("PNG", "JPEG", "GIF", "WEBP", "AVIF", "TIFF", "BMP", "PPM", "JPEG2000", "ICO", "TGA", "PCX")
#: Pillow's modes that e-readers and the typesetter show as they are.
_MODES = frozenset({"1", "L", "LA", "P", "RGB", "RGBA"})
#: How files begin that writers take for images, and what they are.
_OTHERS = (
    (re.compile(rb"%!PS|\xc5\xd0\xd3\xc6"), "PostScript"),
    (re.compile(rb"%PDF-"), "a PDF"),
    (re.compile(rb"8BPS"), "a Photoshop file"),
    (re.compile(rb".{4}ftyp(?:hei|hev|mif1|msf1)", re.DOTALL), "a HEIC photograph"),
    (re.compile(rb"\s*<(?:!doctype html|html)", re.IGNORECASE), "a web page, no image"),
)

Image.MAX_IMAGE_PIXELS = None  # the bound is ours, and an error instead of a warning
ImageFile.LOAD_TRUNCATED_IMAGES = False


def decode_raster(data: bytes) -> Picture:
    """Turn the bytes of an image file into a picture; PNG, JPEG and GIF stay, others become PNG or JPEG.

    Raises BadImage when the data are damaged, or larger than the bound.
    """
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(BytesIO(data), formats=_READ) as image:
            _check_size(image)
            image.load()
            return _kept(image, data)
    except BadImage:
        raise
    except UnidentifiedImageError:
        raise _unknown(data) from None
    except Exception as error:  # noqa: BLE001 - Pillow's decoders raise what they like on damaged data
        raise BadImage("bad-image", f"it is damaged: {str(error).lower() or type(error).__name__}") from None


def _check_size(image: Image.Image) -> None:
    width, height = image.size
    if width * height > MOST_PIXELS:
        fact = f"it has {width}×{height} pixels, the bound is {MOST_PIXELS // 1_000_000} million"
        raise BadImage("image-too-large", fact, "make it smaller")


def _unknown(data: bytes) -> BadImage:
    """Say what a file is that is no image that can be read."""
    if not data:
        return BadImage("bad-image", "it is empty")
    kind = next((kind for begin, kind in _OTHERS if begin.match(data)), "")
    fact = f"it is {kind}" if kind else "it is no image that can be read"
    return BadImage("bad-image", fact, "export it as PNG, JPEG or SVG")


def _kept(image: Image.Image, data: bytes) -> Picture:
    width, height = image.size
    if image.format in _FORMATS and image.mode in _MODES:
        return Picture(*_FORMATS[image.format], data, width, height)
    out = BytesIO()
    # how the camera was held (EXIF’s orientation) is lost with the format
    shown = ImageOps.exif_transpose(_in_eight_bits(image))
    if image.format in {"JPEG", "MPO"} or (
        shown.mode == "RGB" and image.format not in {"PNG", "BMP", "TIFF", "PPM"}
    ):
        shown.save(out, "JPEG", quality=92)
        return Picture(*_FORMATS["JPEG"], out.getvalue(), *shown.size)
    shown.save(out, "PNG")
    return Picture(*_FORMATS["PNG"], out.getvalue(), *shown.size)


def _in_eight_bits(image: Image.Image) -> Image.Image:
    """Return an image in a mode that everybody shows; Pillow alone would cut 16 bits off at white."""
    if image.mode.startswith("I;16"):
        return image.point(lambda value: value * (1 / 256)).convert("L")
    return image if image.mode in _MODES else image.convert("RGB")
