"""EPUB → problems of its links: every address inside the book leads to something that is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from publish import xhtml
from publish.epub.container import Container, resolve
from publish.problems import Place, Problem
from publish.xhtml import Element

_NCX_CONTENT = "{http://www.daisy.org/z3986/2005/ncx/}content"
_ITEM, _LINK = "{http://www.idpf.org/2007/opf}item", "{http://www.idpf.org/2007/opf}link"
_URL = re.compile(rb"""url\(\s*["']?([^"')]+)""")
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//")


def links(data: bytes, name: str = "book.epub") -> tuple[Problem, ...]:
    """Turn an EPUB into a problem for each address that leads nowhere, and each file that nothing leads to.

    `name` stands for the EPUB in the places: `book.epub/EPUB/text/chapter-01.xhtml`.
    """
    epub = Container.read(data)
    anchors = {path: frozenset(xhtml.anchors(html)) for path, html in epub.documents.items()}
    found = [*_manifest(epub), *_addresses(epub, anchors), *_unreachable(epub)]
    return tuple(
        Problem("broken-link", Place(f"{name}/{path}"), fact, "report it: the book’s own links were right")
        for path, fact in dict.fromkeys(found)
    )


def _manifest(epub: Container) -> Iterator[tuple[str, str]]:
    listed = {path for path, _ in epub.manifest.values()}
    records = {resolve(epub.opf, link.get("href", "")) for link in epub.package.iter(_LINK)}
    for path in sorted(listed - epub.files.keys()):
        yield epub.opf, f"the manifest lists “{path}”, which is not there"
    for path in sorted(epub.files.keys() - listed - records):
        if path not in ("mimetype", epub.opf) and not path.startswith("META-INF/"):
            yield epub.opf, f"“{path}” is not in the manifest"
    for identifier in epub.spine:
        if identifier not in epub.manifest:
            yield epub.opf, f"the spine names “{identifier}”, which is not in the manifest"


def _addresses(epub: Container, anchors: dict[str, frozenset[str]]) -> Iterator[tuple[str, str]]:
    for path, address in _all_addresses(epub):
        if _SCHEME.match(address):
            continue
        target, fragment = resolve(path, address), unquote(address.partition("#")[2])
        if target not in epub.files:
            yield path, f"“{address}” leads to no file"
        elif fragment and target in anchors and fragment not in anchors[target]:
            yield path, f"“{address}” leads to no place in its file"


def _all_addresses(epub: Container) -> Iterator[tuple[str, str]]:
    for path, html in epub.documents.items():
        yield from ((path, address) for address in _attributes(html))
    for path, media_type in epub.manifest.values():
        if media_type == "text/css" and path in epub.files:
            yield from ((path, match.decode()) for match in _URL.findall(epub.files[path]))
        if media_type == "application/x-dtbncx+xml" and path in epub.files:
            contents = xhtml.parse_page(epub.files[path]).iter(_NCX_CONTENT)
            yield from ((path, content.get("src", "")) for content in contents)


def _attributes(html: Element) -> Iterator[str]:
    names = " | ".join(f"//@*[name()='{name}']" for name in ("href", "src", "poster", "data", "xlink:href"))
    return (str(address) for address in html.xpath(names))


def _unreachable(epub: Container) -> Iterator[tuple[str, str]]:
    """Find documents that a reader can't come to: outside the spine, and no link leads there.

    The navigation document may be one: the reader's own menu is made of it.
    """
    read = {epub.manifest[identifier][0] for identifier in epub.spine if identifier in epub.manifest}
    linked = {resolve(path, address) for path, address in _all_addresses(epub) if not _SCHEME.match(address)}
    menus = {
        epub.manifest[item.get("id", "")][0]
        for item in epub.package.iter(_ITEM)
        if "nav" in (item.get("properties") or "").split()
    }
    for path in epub.documents:
        if path not in read and path not in linked and path not in menus:
            yield epub.opf, f"nothing leads to “{path}”"
