"""XHTML fragments and pages as trees and back; the one owner of lxml.

Trees are lxml elements in the XHTML namespace. Parsing reads no entity, no file and no network.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from lxml import etree

XHTML = "http://www.w3.org/1999/xhtml"
EPUB = "http://www.idpf.org/2007/ops"
SVG = "http://www.w3.org/2000/svg"
MATHML = "http://www.w3.org/1998/Math/MathML"
XML = "http://www.w3.org/XML/1998/namespace"
EPUB_TYPE = f"{{{EPUB}}}type"
#: The element of a formula.
MATH = f"{{{MATHML}}}math"

Element = etree._Element  # noqa: SLF001 - lxml has no public name for it
XmlError = etree.XMLSyntaxError

_OPEN = f'<body xmlns="{XHTML}" xmlns:epub="{EPUB}">'
#: Classes of what the publisher itself writes into a text: numbers, note calls, back-links, « suite ».
MADE = frozenset({"number", "note-call", "note-back", "note-number", "folio", "made"})

# White space, and format characters that no reader sees, and hyphens, which a line break may add.
_UNSEEN = (
    *range(0x21), 0x7F, 0x85, 0xA0, 0x1680, *range(0x2000, 0x2010), 0x2028, 0x2029, *range(0x202A, 0x2030),
    0x205F, *range(0x2060, 0x2070), 0x3000, 0xFE0E, 0xFE0F, 0xFEFF,
    0xAD, ord("-"), 0x2010, 0x2011,
)  # fmt: skip
# Bytes go four times as fast as characters do: first those of ASCII, then what may be left.
_UNSEEN_BYTES = bytes(code for code in _UNSEEN if code < 0x80)
_UNSEEN_MARKS = re.compile(f"[{''.join(chr(code) for code in _UNSEEN if code >= 0x80)}]")


def escape(text: str) -> str:
    """Return a text as XML character data."""
    # not str.translate: that is twenty times as slow; not xml.sax.saxutils: that loads http and ssl
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def quoteattr(text: str) -> str:
    """Return a text as the value of an XML attribute, in its quotation marks."""
    return '"' + escape(text).replace('"', "&quot;") + '"'


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, remove_pis=True
    )


def letters(text: str) -> str:
    """Return the characters of a text that a reader sees, without white space and hyphens.

    The measure of completeness: what a line break, a justified space or a hyphenation may change
    is left out, everything else is kept in order.
    """
    seen = text.encode(errors="surrogatepass").translate(None, _UNSEEN_BYTES).decode(errors="surrogatepass")
    return seen if seen.isascii() else _UNSEEN_MARKS.sub("", seen)


def parse_fragment(fragment: str) -> Element:
    """Turn block or inline XHTML text into a `body` element that holds it.

    Raises XmlError where the fragment isn't well-formed.
    """
    return etree.fromstring(f"{_OPEN}{fragment}</body>".encode(), _parser())


def serialize_fragment(body: Element) -> str:
    """Turn what a `body` element holds back into XHTML text, without namespace declarations."""
    text: str = etree.tostring(body, encoding="unicode")
    start, end = text.index(">") + 1, text.rindex("<")
    return "" if text.endswith("/>") and end == 0 else text[start:end]


def parse_page(page: str | bytes) -> Element:
    """Turn a whole XHTML document into its `html` element. Raises XmlError."""
    return etree.fromstring(page.encode() if isinstance(page, str) else page, _parser())


def serialize_page(html: Element) -> bytes:
    """Turn an `html` element into a document: XML declaration, UTF-8; XML needs no doctype (HTML, 14.1)."""
    data: bytes = etree.tostring(html, xml_declaration=True, encoding="UTF-8")
    return data.replace(
        b"<?xml version='1.0' encoding='UTF-8'?>", b'<?xml version="1.0" encoding="UTF-8"?>', 1
    )


def local_name(element: Element) -> str:
    """Return an element's name without its namespace; empty for comments."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def classes(element: Element) -> frozenset[str]:
    """Return the classes of an element."""
    return frozenset((element.get("class") or "").split())


def finder(expression: str) -> Callable[[Element], list[Any]]:
    """Turn an XPath expression into a function of an element: compiled once, it takes a third of the time."""
    return etree.XPath(expression, smart_strings=False)


#: The anchors below an element's root, in document order.
anchors = finder("//@id")


def elements(root: Element, *names: str) -> Iterator[Element]:
    """Iterate over the XHTML elements of some names below `root`, in document order."""
    return root.iter(*(f"{{{XHTML}}}{name}" for name in names))


def words(root: Element, leave_out: Iterable[str] = MADE) -> str:
    """Return the text below `root`, formulas as LaTeX, without what has a class of `leave_out`."""
    return "".join(_texts(root, frozenset(leave_out)))


def _texts(element: Element, leave_out: frozenset[str]) -> Iterator[str]:
    if element.tag == MATH:
        yield element.get("alttext") or ""
    elif isinstance(element.tag, str) and not (element.get("class") and classes(element) & leave_out):
        yield element.text or ""
        for child in element:
            yield from _texts(child, leave_out)
            yield child.tail or ""


def new(parent: Element | None, name: str, text: str = "", **attributes: str) -> Element:
    """Make an XHTML element, add it to `parent`, and return it; `_` in attribute names stands for `-`."""
    values = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
    tag = f"{{{XHTML}}}{name}"
    element = etree.Element(tag, values) if parent is None else etree.SubElement(parent, tag, values)
    element.text = text or None
    return element


def like(element: Element, attributes: Mapping[str, str]) -> Element:
    """Make an empty element of the same name, in a tree of its own: in the old one `//` starts elsewhere."""
    return etree.Element(element.tag, attributes, element.nsmap)


def wrap(element: Element, name: str, **attributes: str) -> Element:
    """Put an XHTML element around another one, and return it; attributes as in `new`."""
    around, parent = new(None, name, **attributes), element.getparent()
    around.tail, element.tail = element.tail, None
    if parent is not None:
        parent.replace(element, around)
    around.append(element)
    return around


def text_before(element: Element) -> str:
    """Return the text between an element and what stands before it."""
    before, parent = element.getprevious(), element.getparent()
    return (before.tail if before is not None else parent.text if parent is not None else None) or ""


def set_text_before(element: Element, text: str) -> None:
    """Replace the text between an element and what stands before it."""
    before, parent = element.getprevious(), element.getparent()
    if before is not None:
        before.tail = text
    elif parent is not None:
        parent.text = text


def remove(element: Element) -> None:
    """Take an element out of its tree and leave the text that follows it."""
    parent = element.getparent()
    if parent is None:
        return
    before, tail = element.getprevious(), element.tail or ""
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    parent.remove(element)


def strip(root: Element, *attributes: str) -> None:
    """Take attributes away from an element and all below it."""
    etree.strip_attributes(root, *attributes)


def serialize_xml(root: Element) -> bytes:
    """Turn the root of any XML document, an SVG's for one, into UTF-8 bytes without a doctype."""
    data: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=False)
    return data
