"""An EPUB → what a shop would see of it: its metadata, its sizes, what is said of its accessibility."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from publish import xhtml
from publish.epub.accessibility import statements
from publish.epub.container import Container
from publish.words import words
from publish.xhtml import EPUB_TYPE, XmlError

_DC = "{http://purl.org/dc/elements/1.1/}"
_SPAN = f"{{{xhtml.XHTML}}}span"
_OPF = "{http://www.idpf.org/2007/opf}"
_SHOWN = "title creator contributor language identifier publisher date subject rights".split()
#: What can go wrong in a file that is no EPUB.
NO_EPUB = (zipfile.BadZipFile, KeyError, StopIteration, XmlError)


@dataclass(frozen=True, slots=True)
class ShopView:
    """What a shop would see of an EPUB."""

    #: Name of a metadata element, such as `creator` → values, in order.
    metadata: Mapping[str, tuple[str, ...]]
    #: What is counted, such as `words`, `font bytes` or `pages` (of the print edition) → how much.
    sizes: Mapping[str, int]
    #: Headings of the display guide, each with its sentences, in the book's language.
    accessibility: tuple[tuple[str, tuple[str, ...]], ...]


def shop_view(data: bytes) -> ShopView:
    """Read an EPUB as a shop does. Raises one of `NO_EPUB`."""
    epub = Container.read(data)
    metadata = {name: tuple(_values(epub, f"{_DC}{name}")) for name in _SHOWN}
    properties: dict[str, list[str]] = {}
    for meta in epub.package.iter(f"{_OPF}meta"):
        properties.setdefault(meta.get("property") or "", []).append(_text(meta))
    language = next(iter(metadata["language"]), "en")
    return ShopView(
        {name: values for name, values in metadata.items() if values},
        _sizes(epub, len(data)),
        tuple(statements(properties, words(language))),
    )


def _values(epub: Container, tag: str) -> Iterator[str]:
    return (_text(element) for element in epub.package.iter(tag))


def _text(element: xhtml.Element) -> str:
    return " ".join((element.text or "").split())


def _sizes(epub: Container, size: int) -> dict[str, int]:
    kinds = {path: kind for path, kind in epub.manifest.values() if path in epub.files}
    weight = {
        name: sum(len(epub.files[path]) for path, kind in kinds.items() if kind.startswith(start))
        for name, start in (("image bytes", "image/"), ("font bytes", "font/"))
    }
    pages = [epub.documents[path] for path, _ in map(epub.manifest.__getitem__, epub.spine)]
    bodies = [next(xhtml.elements(page, "body")) for page in pages]
    return {
        "bytes": size, "documents": len(pages),
        "words": sum(len(str(body.xpath("string()")).split()) for body in bodies),
        "images": sum(kind.startswith("image/") for kind in kinds.values()), **weight,
        "pages": sum(span.get(EPUB_TYPE) == "pagebreak" for body in bodies for span in body.iter(_SPAN)),
    }  # fmt: skip
