"""Pictures of the manuscript → what e-readers show best; the manuscript's own, and the PDF's, stay.

Drawings lie on white. Photographs stand upright, in sRGB, with at most 5.6 million pixels, without an alpha
channel that nothing uses and without what cameras write into files. What has to change in no such way is kept
as it is; PNG is packed tighter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import PIL
from PIL import Image, ImageCms, ImageOps

from publish import cache
from publish.book import Content, Resource

#: Apple Books takes no larger picture (Apple Books Asset Guide, « Images »).
MOST_PIXELS = 5_600_000
_QUALITY = 88
#: Bytes from which on a picture isn't held in memory.
_LARGE = 200_000
_ORIENTATION = 0x0112
#: The beginning of a drawing with its words, and where its corner is and how large it is.
_DRAWING = re.compile(rb"<svg\b[^>]*(?<!/)>(?:\s*<(title|desc)\b[^<]*</\1>)*")
_VIEW = re.compile(rb"\bviewBox\s*=\s*[\"']([^\"'<>]*)[\"']")
_RASTERS = frozenset({"image/png", "image/jpeg"})


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture that waits in the cache until it is packed: those of a book may be more than memory holds."""

    folder: Path | None
    key: str
    image: Resource

    def __call__(self) -> bytes:
        """Return its bytes; what the cache lost is made again."""
        with cache.opened(self.folder) as store:
            data = store.get(self.key)
        return fit(self.image.data) if data is None else data


def fitted(images: Sequence[Resource], pool: Executor, folder: Path | None) -> dict[str, Content]:
    """Return path → new content for the images that change; each is made once, then taken from the cache.

    `folder`: of the cache; None: the user's.
    """
    rasters = {image.path: image for image in images if image.media_type in _RASTERS}
    keys = {
        path: cache.key("picture", PIL.__version__, str(MOST_PIXELS), image.data)
        for path, image in rasters.items()
    }
    better: dict[str, Content] = {}
    with cache.opened(folder) as store:

        def take(path: str, data: bytes) -> None:
            if data:
                better[path] = Kept(folder, keys[path], rasters[path]) if len(data) > _LARGE else data

        new = []
        for path, key in keys.items():
            data = store.get(key)
            if data is None:
                new.append(path)
            else:
                take(path, data)
        for path, data in zip(new, pool.map(_fit, [rasters[path] for path in new]), strict=True):
            store.put(keys[path], data)
            take(path, data)
    return better


def _fit(image: Resource) -> bytes:
    return fit(image.data)


def sizes(images: Iterable[Resource], better: Mapping[str, Content]) -> dict[str, tuple[int, int]]:
    """Return path → width and height, in pixels, that images have in the e-book; `better`: from `fitted`."""
    return {
        image.path: _within(image.width, image.height)
        if image.path in better
        else (image.width, image.height)
        for image in images
    }


def _within(width: int, height: int) -> tuple[int, int]:
    """Return a size with at most `MOST_PIXELS`, in proportion."""
    scale = min(1.0, (MOST_PIXELS / (width * height)) ** 0.5)
    return int(width * scale), int(height * scale)


def on_paper(svg: bytes) -> bytes:
    """Lay a drawing on white: lines that are black on nothing can't be seen on a reader's black page."""
    begin = _DRAWING.search(svg)
    if begin is None:
        return svg
    view = _VIEW.search(begin[0])
    found = view[1].replace(b",", b" ").split() if view else []
    x, y, width, height = found if len(found) == len("xywh") else (b"0", b"0", b"100%", b"100%")
    paper = b'<rect x="%b" y="%b" width="%b" height="%b" style="fill: #ffffff; stroke: none"/>'
    return svg[: begin.end()] + paper % (x, y, width, height) + svg[begin.end() :]


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
    size = _within(*image.size)
    if size == image.size:
        return image
    smooth = image.convert("RGBA" if "transparency" in image.info else "RGB") if image.mode == "P" else image
    return smooth.resize(size, Image.Resampling.LANCZOS)


def _without_idle_alpha(image: Image.Image) -> Image.Image:
    """Drop an alpha channel that hides nothing."""
    if image.mode not in ("RGBA", "LA"):
        return image
    lowest, _ = image.getchannel("A").getextrema()
    return image.convert(image.mode[:-1]) if lowest == 255 else image


def opaque(data: bytes) -> bytes:
    """Lay the bytes of a PNG that is transparent somewhere on white; empty: it hides nothing."""
    with Image.open(BytesIO(data)) as image:
        if not image.has_transparency_data:
            return b""
        drawn = image.convert("RGBA")
    paper = Image.new("RGBA", drawn.size, "white")
    paper.alpha_composite(drawn)
    out = BytesIO()
    paper.convert("RGB").save(out, "PNG", optimize=True)
    return out.getvalue()
