"""An EPUB → what a shop would see of it: its metadata, its sizes, what is said of its accessibility."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

from publish import xhtml
from publish.epub.accessibility import statements
from publish.epub.container import Container
from publish.words import words
from publish.xhtml import EPUB_TYPE, XmlError

_DC = "{http://purl.org/dc/elements/1.1/}"
_SPAN = f"{{{xhtml.XHTML}}}span"
_OPF = "{http://www.idpf.org/2007/opf}"
_SHOWN = "title creator contributor language identifier publisher date subject description rights".split()
_PEOPLE = (f"{_DC}creator", f"{_DC}contributor")
#: Property or relation → what it is called here; what refines it follows in brackets.
_FURTHER = {
    "belongs-to-collection": "series", "schema:bookEdition": "edition", "record": "record",
    "a11y:certifiedBy": "certifier", "a11y:exemption": "exemption", "dcterms:license": "licence",
    "dcterms:modified": "modified",
}  # fmt: skip
_DETAILS = ("group-position", "dcterms:date", "a11y:certifierCredential", "a11y:certifierReport")
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
    refined = _refinements(epub)
    metadata = {
        name: tuple(_refined(element, refined) for element in epub.package.iter(f"{_DC}{name}"))
        for name in _SHOWN
    }
    properties: dict[str, list[str]] = {}
    for meta in epub.package.iter(f"{_OPF}meta"):
        properties.setdefault(meta.get("property") or "", []).append(_text(meta))
    language = next(iter(metadata["language"]), "en")
    return ShopView(
        {name: values for name, values in {**metadata, **_further(epub, refined)}.items() if values},
        _sizes(epub, len(data)),
        tuple(statements(properties, words(language))),
    )


def _refinements(epub: Container) -> dict[str, dict[str, str]]:
    """Return identifier of an element → what refines it: property → value; of links: relation → address."""
    found: dict[str, dict[str, str]] = {}
    for element in epub.package.iter(f"{_OPF}meta", f"{_OPF}link"):
        if target := (element.get("refines") or "").removeprefix("#"):
            name = element.get("property") or element.get("rel") or ""
            found.setdefault(target, {}).setdefault(name, element.get("href") or _text(element))
    return found


def _refined(element: xhtml.Element, refined: Mapping[str, Mapping[str, str]]) -> str:
    """Return a value with what a shop files it under: a role other than the author's, a scheme's code."""
    about, text = refined.get(element.get("id") or "", {}), _text(element)
    role = about.get("role") or element.get(f"{_OPF}role") or "aut"
    if element.tag in _PEOPLE and role != "aut":
        return f"{text} ({role})"
    scheme = " ".join(filter(None, (about.get("authority"), about.get("term"))))
    return f"{scheme}: {text}" if scheme else text


def _further(epub: Container, refined: Mapping[str, Mapping[str, str]]) -> dict[str, tuple[str, ...]]:
    """Return what has no element of its own: series, edition, record, certifier, exemptions, last change."""
    found: dict[str, list[str]] = {name: [] for name in _FURTHER.values()}
    for element in epub.package.iter(f"{_OPF}meta", f"{_OPF}link"):
        names = (element.get("property") or element.get("rel") or "").split()
        for name in (_FURTHER[name] for name in names if name in _FURTHER):
            about = refined.get(element.get("id") or "", {})
            more = [about[key] for key in _DETAILS if key in about]
            text = element.get("href") or _text(element)
            found[name].append(f"{text} ({', '.join(more)})" if more else text)
    return {name: tuple(values) for name, values in found.items()}


def _text(element: xhtml.Element) -> str:
    return " ".join((element.text or "").split())


def _sizes(epub: Container, size: int) -> dict[str, int]:
    kinds = {
        path: kind.replace("vnd.ms-opentype", "font-sfnt")  # as EPUB 3.0 called it
        for path, kind in epub.manifest.values()
        if path in epub.files
    }
    weight = {
        name: sum(len(epub.files[path]) for path, kind in kinds.items() if mark in kind)
        for name, mark in (("image bytes", "image/"), ("font bytes", "font"))
    }
    pages = [epub.documents[path] for path, _ in map(epub.manifest.__getitem__, epub.spine)]
    bodies = [next(xhtml.elements(page, "body")) for page in pages]
    return {
        "bytes": size, "documents": len(pages),
        "words": sum(len(str(body.xpath("string()")).split()) for body in bodies),
        "images": sum(kind.startswith("image/") for kind in kinds.values()), **weight,
        "pages": sum(span.get(EPUB_TYPE) == "pagebreak" for body in bodies for span in body.iter(_SPAN)),
    }  # fmt: skip
