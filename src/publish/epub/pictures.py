"""Photographs of the manuscript → what e-readers show best; the manuscript's own, and the PDF's, stay.

Upright, in sRGB, of at most 5.6 million pixels, without an alpha channel that nothing uses and without what
cameras write into files. What has to change in no such way is kept as it is; PNG is packed tighter.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from io import BytesIO

import PIL
from PIL import Image, ImageCms, ImageOps

from publish import cache
from publish.book import Resource

#: Apple Books takes no larger picture (Apple Books Asset Guide, « Images »).
MOST_PIXELS = 5_600_000
_QUALITY = 88
_ORIENTATION = 0x0112
_RASTERS = frozenset({"image/png", "image/jpeg"})


def fitted(images: Sequence[Resource], pool: Executor, store: cache.Store) -> dict[str, bytes]:
    """Return path → new bytes for the images that change; each is made once, then taken from the cache."""
    keys = {
        image.path: cache.key("picture", PIL.__version__, str(MOST_PIXELS), image.data)
        for image in images
        if image.media_type in _RASTERS
    }
    known = {path: store.get(key) for path, key in keys.items()}
    originals = {image.path: image.data for image in images}
    new = [path for path, data in known.items() if data is None]
    for path, data in zip(new, pool.map(fit, [originals[path] for path in new]), strict=True):
        known[path] = data
        store.put(keys[path], data)
    return {path: data for path, data in known.items() if data}


def fit(data: bytes) -> bytes:
    """Turn the bytes of a PNG or JPEG file into better ones; empty: they are good as they are."""
    with Image.open(BytesIO(data)) as image:
        kind = image.format
        if kind not in ("PNG", "JPEG") or getattr(image, "n_frames", 1) > 1 or image.mode.startswith("I"):
            return b""
        better = _without_idle_alpha(_bounded(_in_srgb(_upright(image))))
        if better is image and kind == "JPEG":
            return b""
        out = BytesIO()
        if kind == "PNG":
            better.save(out, "PNG", optimize=True, icc_profile=None)
        else:
            better.save(out, "JPEG", quality=_QUALITY, optimize=True, icc_profile=None)
        is_kept = better is image and out.tell() > 0.95 * len(data)
        return b"" if is_kept else out.getvalue()


def _upright(image: Image.Image) -> Image.Image:
    return ImageOps.exif_transpose(image) if image.getexif().get(_ORIENTATION, 1) != 1 else image


def _in_srgb(image: Image.Image) -> Image.Image:
    """Turn the colours of another profile into those of sRGB, which a reader without profiles shows right."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in ("RGB", "RGBA"):
        return image
    try:
        own = ImageCms.ImageCmsProfile(BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(own).lower():
            return image
        return ImageCms.profileToProfile(image, own, ImageCms.createProfile("sRGB")) or image
    except ImageCms.PyCMSError:
        return image


def _bounded(image: Image.Image) -> Image.Image:
    width, height = image.size
    if width * height <= MOST_PIXELS:
        return image
    scale = (MOST_PIXELS / (width * height)) ** 0.5
    smooth = image.convert("RGBA" if "transparency" in image.info else "RGB") if image.mode == "P" else image
    return smooth.resize((int(width * scale), int(height * scale)), Image.Resampling.LANCZOS)


def _without_idle_alpha(image: Image.Image) -> Image.Image:
    """Drop an alpha channel that hides nothing."""
    if image.mode not in ("RGBA", "LA"):
        return image
    lowest, _ = image.getchannel("A").getextrema()
    return image.convert(image.mode[:-1]) if lowest == 255 else image
