"""The images of a book: found in its folder, decoded, found good; the one owner of Pillow."""

from __future__ import annotations

import hashlib
import re
import warnings
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath

from PIL import Image, ImageFile, UnidentifiedImageError

from publish.book import Resource
from publish.xhtml import SVG, Element, XmlError, local_name, parse_page, serialize_xml

#: Bounds of one image.
MOST_PIXELS = 100_000_000
MOST_BYTES = 64_000_000

#: Pillow's format → what goes into the book: (media type, suffix); others are converted to PNG.
_FORMATS = {"PNG": ("image/png", ".png"), "JPEG": ("image/jpeg", ".jpg"), "GIF": ("image/gif", ".gif")}
_REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:|//")
_UNSAFE_NAMES = frozenset(
    {
        "script",
        "foreignObject",
        "iframe",
        "object",
        "embed",
        "audio",
        "video",
        "handler",
        "listener",
        "set",
        "animate",
    }
)
_LENGTH = re.compile(r"\s*(\d*\.?\d+(?:[eE][+-]?\d+)?)\s*(px|pt|pc|mm|cm|in|em|ex|%)?\s*")
_UNITS = {
    "px": 1.0,
    "pt": 4 / 3,
    "pc": 16.0,
    "mm": 96 / 25.4,
    "cm": 96 / 2.54,
    "in": 96.0,
    "em": 16.0,
    "ex": 8.0,
}
_STYLE_ADDRESS = re.compile(r"""url\s*\(\s*["']?(?!\s*#)[^)]*\)|@import[^;]*;?""", re.IGNORECASE)
_HREF = ("href", "{http://www.w3.org/1999/xlink}href")

Image.MAX_IMAGE_PIXELS = None  # the bound is ours, and an error instead of a warning
ImageFile.LOAD_TRUNCATED_IMAGES = False


class BadImage(Exception):  # noqa: N818 - it becomes a problem
    """An image can't be used: `code` and `fact` of the problem."""

    def __init__(self, code: str, fact: str) -> None:
        """Keep the problem's code and fact."""
        super().__init__(fact)
        self.code, self.fact = code, fact


@dataclass(frozen=True, slots=True)
class Picture:
    """An image, decoded and found good."""

    media_type: str
    suffix: str
    data: bytes
    width: int
    height: int
    #: What was taken out of an SVG.
    refused: tuple[str, ...] = ()


def is_remote(address: str) -> bool:
    """Tell whether an address is on a network, or of another scheme."""
    return bool(_REMOTE.match(address))


def decode(data: bytes) -> Picture:
    """Turn the bytes of an image file into a picture; PNG, JPEG, GIF and SVG stay, others become PNG.

    Raises BadImage when the data are damaged, or larger than the bounds.
    """
    if len(data) > MOST_BYTES:
        raise BadImage(
            "image-too-large", f"it has {len(data) // 1_000_000} MB, the bound is {MOST_BYTES // 1_000_000}"
        )
    return _svg(data) if _looks_like_svg(data) else _raster(data)


def resource(path: str, shown: str, picture: Picture, taken: set[str]) -> Resource:
    """Give a picture its place in the book: an ASCII path under `images/`, not in use."""
    stem = re.sub(
        r"[^A-Za-z0-9_-]+", "-", str(PurePosixPath(path).with_suffix("")).removeprefix("images/")
    ).strip("-")
    name = f"images/{stem or 'image'}{picture.suffix}"
    if name.lower() in taken or not stem:
        name = f"images/{stem or 'image'}-{hashlib.sha256(path.encode()).hexdigest()[:8]}{picture.suffix}"
    taken.add(name.lower())
    return Resource(name, picture.media_type, picture.data, picture.width, picture.height, shown)


def _looks_like_svg(data: bytes) -> bool:
    head = data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")
    return head.startswith((b"<?xml", b"<svg", b"<!--", b"<!DOCTYPE svg")) or b"<svg" in head


def _raster(data: bytes) -> Picture:
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


def _svg(data: bytes) -> Picture:
    if re.search(rb"<!ENTITY", data[:100_000]):
        raise BadImage("bad-image", "it declares entities")
    try:
        root = parse_page(re.sub(rb"<!DOCTYPE[^>\[]*(?:\[[^\]]*\])?\s*>", b"", data, count=1))
    except XmlError as error:
        raise BadImage("bad-image", f"it is not well-formed: {str(error).lower()}") from None
    if root.tag != f"{{{SVG}}}svg":
        raise BadImage("bad-image", "it has no “svg” element of the SVG namespace")
    width, height = _svg_size(root)
    refused = tuple(dict.fromkeys(_cleaned(root)))
    return Picture("image/svg+xml", ".svg", serialize_xml(root) if refused else data, width, height, refused)


def _svg_size(root: Element) -> tuple[int, int]:
    box = [float(n) for n in re.findall(r"-?\d*\.?\d+(?:[eE][+-]?\d+)?", root.get("viewBox") or "")]
    if len(box) == 4 and box[2] > 0 and box[3] > 0:
        return max(1, round(box[2])), max(1, round(box[3]))
    sizes = [_pixels(root.get(side) or "") for side in ("width", "height")]
    return max(1, round(sizes[0] or 300)), max(1, round(sizes[1] or 150))


def _pixels(length: str) -> float:
    match = _LENGTH.fullmatch(length)
    return float(match[1]) * _UNITS.get(match[2] or "px", 0.0) if match else 0.0


def _cleaned(root: Element) -> list[str]:
    """Take out of an SVG what runs or reaches outside; return what that was."""
    refused: list[str] = []
    for element in list(root.iter()):
        name = local_name(element)
        if name in _UNSAFE_NAMES:
            refused.append(f"the element “{name}”")
            parent = element.getparent()
            if parent is not None:
                parent.remove(element)
        elif name == "style" and _STYLE_ADDRESS.search(element.text or ""):
            refused.append("an address in its style")
            element.text = _STYLE_ADDRESS.sub("", element.text or "")
        for key, value in list(element.attrib.items()) if name else ():
            if fact := _bad_attribute(str(key), str(value)):
                refused.append(fact)
                del element.attrib[key]
    return refused


def _bad_attribute(key: str, value: str) -> str:
    plain = key.rpartition("}")[2]
    if plain.lower().startswith("on"):
        return f"the event handler “{plain}”"
    if (
        key in _HREF
        and not value.startswith("#")
        and not re.match(r"data:image/(?:png|jpeg|gif);base64,", value)
    ):
        return f"the address “{value[:60]}”"
    return f"an address in “{plain}”" if _STYLE_ADDRESS.search(value) else ""
