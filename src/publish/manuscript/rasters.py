"""Photographs and other images made of pixels; in the manuscript the one owner of Pillow."""

from __future__ import annotations

import warnings
from io import BytesIO

from PIL import Image, ImageFile, UnidentifiedImageError

from publish.manuscript.images import BadImage, Picture

#: Pixels that one image may have.
MOST_PIXELS = 100_000_000
#: Pillow's format → what goes into the book: (media type, suffix); others are converted to PNG.
_FORMATS = {"PNG": ("image/png", ".png"), "JPEG": ("image/jpeg", ".jpg"), "GIF": ("image/gif", ".gif")}

Image.MAX_IMAGE_PIXELS = None  # the bound is ours, and an error instead of a warning
ImageFile.LOAD_TRUNCATED_IMAGES = False


def decode_raster(data: bytes) -> Picture:
    """Turn the bytes of an image file into a picture; PNG, JPEG and GIF stay, others become PNG or JPEG.

    Raises BadImage when the data are damaged, or larger than the bound.
    """
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(BytesIO(data)) as image:
            _check_size(image)
            image.load()
            return _kept(image, data)
    except BadImage:
        raise
    except UnidentifiedImageError:
        raise BadImage("bad-image", "it is no image that can be read") from None
    except Exception as error:  # noqa: BLE001 - Pillow's decoders raise what they like on damaged data
        raise BadImage("bad-image", f"it is damaged: {str(error).lower() or type(error).__name__}") from None


def _check_size(image: Image.Image) -> None:
    width, height = image.size
    if width * height > MOST_PIXELS:
        fact = f"it has {width}×{height} pixels, the bound is {MOST_PIXELS // 1_000_000} million"
        raise BadImage("image-too-large", fact)


def _kept(image: Image.Image, data: bytes) -> Picture:
    width, height = image.size
    if image.format in _FORMATS and image.mode != "CMYK":
        return Picture(*_FORMATS[image.format], data, width, height)
    out = BytesIO()
    if image.mode not in {"1", "L", "LA", "P", "RGB", "RGBA"}:
        image = image.convert("RGB")
    if image.format == "JPEG" or (image.mode == "RGB" and image.format not in {"BMP", "TIFF", "PPM"}):
        image.save(out, "JPEG", quality=92)
        return Picture(*_FORMATS["JPEG"], out.getvalue(), width, height)
    image.save(out, "PNG")
    return Picture(*_FORMATS["PNG"], out.getvalue(), width, height)
