"""Drawings: SVG images, cleaned of what runs or reaches outside."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator

from publish.manuscript.growth import sizes
from publish.manuscript.images import BadImage, Picture
from publish.xhtml import SVG, Element, XmlError, local_name, parse_page, remove, serialize_xml

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
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_BOX = re.compile(rf"\s*{_NUMBER}(?:(?:\s*,\s*|\s+){_NUMBER}){{3}}\s*")
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
#: Elements that a drawing may have, those counted again that `use` draws again.
_MOST_DRAWN = 200_000
_USE = f"{{{SVG}}}use"
_IMAGE = f"{{{SVG}}}image"
_HREF = ("href", "{http://www.w3.org/1999/xlink}href")
#: A photograph that a drawing holds, as drawing programs write it.
_HELD = re.compile(r"data:image/(?:png|jpeg|gif);base64,")


def looks_like_drawing(data: bytes) -> bool:
    """Tell whether the bytes of an image are an SVG's."""
    head = data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")
    return head.startswith((b"<?xml", b"<svg", b"<!--", b"<!DOCTYPE svg")) or b"<svg" in head


def decode_drawing(data: bytes) -> Picture:
    """Turn the bytes of an SVG into a picture, without what runs or reaches outside. Raises BadImage."""
    if re.search(rb"<!ENTITY", data[:100_000]):
        raise BadImage("bad-image", "it declares entities")
    try:
        root = parse_page(re.sub(rb"<!DOCTYPE[^>\[]*(?:\[[^\]]*\])?\s*>", b"", data, count=1))
    except XmlError as error:
        raise BadImage("bad-image", f"it is not well-formed: {str(error).lower()}") from None
    if root.tag != f"{{{SVG}}}svg":
        raise BadImage("bad-image", "it has no “svg” element of the SVG namespace")
    if not _BOX.fullmatch(root.get("viewBox", "0 0 1 1")):
        raise BadImage("bad-image", f"its view box, “{root.get('viewBox', '')[:40]}”, isn't four numbers")
    if not _is_bounded(root):
        raise BadImage("bad-image", "it draws parts of itself again without end")
    width, height = _svg_size(root)
    refused = tuple(dict.fromkeys(_cleaned(root)))
    _check_held(root)
    return Picture("image/svg+xml", ".svg", serialize_xml(root) if refused else data, width, height, refused)


def _is_bounded(root: Element) -> bool:
    """Tell whether what a drawing uses again ends, and is no more than an engine can draw."""
    if next(root.iter(_USE), None) is None:
        return True
    named = {element.get("id"): element for element in root.iter() if element.get("id")}

    def drawn(name: str) -> Iterator[tuple[int, list[str]]]:
        element = named.get(name) if name else root
        if element is not None:
            uses = [address[1:] for use in element.iter(_USE) for address in _addresses(use)]
            yield sum(1 for _ in element.iter()), list(filter(None, uses))

    return sizes(drawn)("") <= _MOST_DRAWN


def _check_held(root: Element) -> None:
    """Decode the photographs that a drawing holds. Raises BadImage."""
    for element in root.iter(_IMAGE):
        from publish.manuscript.rasters import decode_raster  # noqa: PLC0415 - Pillow is slow to load

        for address in _addresses(element):
            try:
                decode_raster(b64decode(address.partition(",")[2]))
            except BadImage as error:
                raise BadImage(
                    error.code, f"an image in it can't be used: {error.fact}", error.hint
                ) from None
            except ValueError:
                raise BadImage("bad-image", "an image in it is damaged") from None


def _addresses(element: Element) -> list[str]:
    """Return what an element draws; of two ways to say it, engines take one or the other first."""
    return [address for name in _HREF if (address := element.get(name))]


def _svg_size(root: Element) -> tuple[int, int]:
    """Return how large a drawing wants to be, in pixels: by its own words, else by its view box."""
    width, height = (_pixels(root.get(side) or "") for side in ("width", "height"))
    box = [float(n) for n in re.findall(r"-?\d*\.?\d+(?:[eE][+-]?\d+)?", root.get("viewBox") or "")]
    if len(box) == 4 and box[2] > 0 and box[3] > 0:
        width = width or (height * box[2] / box[3] if height else box[2])
        height = height or width * box[3] / box[2]
    return max(1, round(width or 300)), max(1, round(height or 150))


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
            remove(element)
        elif name == "style" and _STYLE_ADDRESS.search(element.text or ""):
            refused.append("an address in its style")
            element.text = _STYLE_ADDRESS.sub("", element.text or "")
        for key, value in list(element.attrib.items()) if name else ():
            if fact := _bad_attribute(str(key), str(value)):
                refused.append(fact)
                del element.attrib[key]
        addresses = _addresses(element) if element.tag == _IMAGE else []
        if element.tag == _IMAGE and not (addresses and all(map(_HELD.match, addresses))):
            remove(element)
    return refused


def _bad_attribute(key: str, value: str) -> str:
    plain = key.rpartition("}")[2]
    if plain.lower().startswith("on"):
        return f"the event handler “{plain}”"
    if key in _HREF and not value.startswith("#") and not _HELD.match(value):
        return f"the address “{value[:60]}”"
    return f"an address in “{plain}”" if _STYLE_ADDRESS.search(value) else ""
