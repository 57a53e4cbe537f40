"""Composed pages → the XHTML documents of the EPUB; the only place where file names are known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from posixpath import relpath
from typing import Literal

from publish import xhtml
from publish.book import Page
from publish.epub.tables import measure_tables, signs_of
from publish.xhtml import MATH, SVG, XHTML, Element, parse_page

NAVIGATION = "nav.xhtml"
STYLES = "styles/book.css"

LINKS = tuple(f"{{{XHTML}}}{name}" for name in ("a", "area"))
_IMAGES = (f"{{{XHTML}}}img", f"{{{SVG}}}image")
#: Signs of a formula that a narrow screen shows whole, at twice the usual size of the text.
_LONG_FORMULA = 12
#: The same of any screen at any size: what is longer is scrolled on all (a dollar that was none begins some).
_ENDLESS_FORMULA = 36
#: Signs that don't end a line before a formula, and those that don't begin one behind it.
_OPENING, _CLOSING = re.compile(r"[(\[«“‘][\u00a0\u202f]?$"), re.compile(r"[\u00a0\u202f]?[.,;:!?)\]»”’…]+")
#: An address in the text, and where it may be divided: behind signs, before letters and numbers.
_ADDRESS, _BREAKS, _LONG_ADDRESS = re.compile(r"https?://\S+"), re.compile(r"(?<=[/?&=._-])(?=\w)"), 24
_XLINK = "{http://www.w3.org/1999/xlink}href"
_for_the_press = xhtml.finder('//*[@data-folio-of or @data-only="print"]')
_right_to_left = xhtml.finder("//@dir[.='rtl']")
_named_by = xhtml.finder(
    "//*[contains(' h1 h2 h3 h4 h5 h6 th a ', concat(' ', local-name(), ' '))]"
    "[not(.//text()[normalize-space() and not(ancestor::*[local-name()='math'])])]//*[local-name()='math']"
)


@dataclass(frozen=True, slots=True)
class Document:
    """One page on its way into the EPUB."""

    page: Page
    #: Relative to the package document: `text/chapter-03.xhtml`.
    path: str
    html: Element

    @property
    def name(self) -> str:
        """Return the file's stem: the page's name, with a number where the page is divided."""
        return self.path.rpartition("/")[2].removesuffix(".xhtml")

    @property
    def is_contents(self) -> bool:
        """Tell whether the page is the book's contents, and so the EPUB's navigation document."""
        return self.path == NAVIGATION


@dataclass(frozen=True, slots=True)
class Picture:
    """One use of an image in the text."""

    #: `Resource.path`, or empty: a drawing inside the page.
    path: str
    #: `described`, `decoration`, or `bare`: it means something and has no words.
    words: Literal["described", "decoration", "bare"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What the documents hold, as far as the manifest and the accessibility metadata tell it."""

    properties: Mapping[str, tuple[str, ...]]
    pictures: tuple[Picture, ...]
    #: Names of the elements in use: `ruby`, `math`, `h1` …
    elements: frozenset[str]
    has_index: bool = False
    #: The pages of the print edition are marked.
    has_pages: bool = False


def documents(pages: Iterable[Page]) -> tuple[Document, ...]:
    """Turn the pages that the EPUB shows into documents whose links lead to files.

    Raises XmlError where a page isn't well-formed.
    """
    shown = [page for page in pages if page.only != "print"]
    contents = next((page for page in shown if page.section.kind == "contents"), None)
    parsed = tuple(
        Document(page, NAVIGATION if page is contents else f"text/{page.name}.xhtml", parse_page(page.xhtml))
        for page in shown
    )
    homes = {
        anchor: document.path for document in reversed(parsed) for anchor in xhtml.anchors(document.html)
    }
    for document in parsed:
        _finish(document, homes)
    return parsed


def _finish(document: Document, homes: Mapping[str, str]) -> None:
    """Take out what is for the press or for the workshop; lead links, images and styles to files."""
    html, text = document.html, document.page.xhtml  # what isn't in the text needn't be sought in the tree
    if "data-folio-of" in text or "data-only" in text:
        for element in _for_the_press(html):
            xhtml.remove(element)
    xhtml.strip(html, "data-line", "data-only")
    for link in html.iter(*LINKS):
        _lead(link, document.path, homes)
        if link.text and len(link.text) > _LONG_ADDRESS and _ADDRESS.fullmatch(link.text):
            _let_break(link)
    for image in html.iter(*_IMAGES):
        name = "src" if "src" in image.attrib else _XLINK if _XLINK in image.attrib else "href"
        image.set(name, relative(image.get(name) or "", document.path))
    if "rtl" in text and _right_to_left(html):
        _turn_code(html)
    if "<math" in text:
        _open_formulas_to_keys(html)
        _name_formulas(html)
    if "<table" in text:
        measure_tables(html)
    _link_styles(html, document.path)


def _open_formulas_to_keys(html: Element) -> None:
    """Let keys reach formulas that may be wider than a screen, and so scrolled (WCAG 2.2, 2.1.1)."""
    for formula in list(html.iter(MATH)):
        around = formula.getparent()
        signs = signs_of(formula)
        is_long = signs > _LONG_FORMULA
        if around is None or around.get("class") != "formula":
            name = "long-formula endless" if signs > _ENDLESS_FORMULA else "long-formula"
            around = _hold_signs(formula, name if is_long else "unbroken")
        if is_long and around is not None:
            around.set("tabindex", "0")


def _hold_signs(formula: Element, name: str) -> Element | None:
    """Keep the signs beside a formula on its line, in an element of a class; a long one gets it anyway."""
    opening, closing = _OPENING.search(xhtml.text_before(formula)), _CLOSING.match(formula.tail or "")
    if name == "unbroken" and opening is None and closing is None:
        return None
    around = xhtml.wrap(formula, "span", class_=name)
    if closing is not None:
        formula.tail, around.tail = closing[0], (around.tail or "")[closing.end() :]
    if opening is not None:
        around.text = opening[0]
        xhtml.set_text_before(around, xhtml.text_before(around)[: opening.start()])
    return around


def _name_formulas(html: Element) -> None:
    """Give a formula that is all of a heading, a link or a table's head a title: Ace reads no MathML."""
    for formula in _named_by(html):
        xhtml.wrap(formula, "span", title=formula.get("alttext") or "")


def _turn_code(html: Element) -> None:
    """Write code from left to right: in an EPUB only an attribute may (EPUB 3.3, section 6.3.1.2)."""
    for element in xhtml.elements(html, "pre", "code", "kbd", "samp"):
        if "dir" not in element.attrib:
            element.set("dir", "ltr")


def _lead(link: Element, path: str, homes: Mapping[str, str]) -> None:
    address = link.get("href") or ""
    home = homes.get(address[1:]) if address.startswith("#") else None
    if home is not None and home != path:
        link.set("href", f"{relative(home, path)}{address}")


def _let_break(link: Element) -> None:
    """Let a line end inside an address that the text shows, where none of it is lost by that."""
    if len(link):
        return
    link.text, *rest = _BREAKS.split(link.text or "")
    for piece in rest:
        xhtml.new(link, "wbr").tail = piece


def relative(target: str, path: str) -> str:
    """Return an address inside the package as a page at `path` writes it."""
    return _seen_from(path.rpartition("/")[0] or ".", target)


@lru_cache(maxsize=1024)  # every page asks for the style sheet
def _seen_from(folder: str, target: str) -> str:
    return relpath(target, folder)


def _link_styles(html: Element, path: str) -> None:
    head = next(xhtml.elements(html, "head"))
    for link in list(xhtml.elements(head, "link")):
        xhtml.remove(link)
    xhtml.new(head, "link", rel="stylesheet", type="text/css", href=relative(STYLES, path))


def facts(parsed: Iterable[Document]) -> Facts:
    """Read the finished documents for what the package has to say about them."""
    names = {document.path: _element_names(document.html) for document in parsed}
    pictures = tuple(
        picture for document in parsed for picture in _pictures(document.html, document.path, names)
    )
    return Facts(
        properties={path: _properties(found) for path, found in names.items()},
        pictures=pictures,
        elements=frozenset(name.rpartition("}")[2] for found in names.values() for name in found),
        has_index=any(document.page.landmark == "index" for document in parsed),
    )


def _element_names(html: Element) -> frozenset[str]:
    return frozenset(element.tag for element in html.iter() if isinstance(element.tag, str))


def _properties(names: frozenset[str]) -> tuple[str, ...]:
    """Return the manifest properties of a document (EPUB 3.3, section D.3)."""
    return tuple(word for word, name in (("mathml", MATH), ("svg", f"{{{SVG}}}svg")) if name in names)


def _pictures(html: Element, path: str, names: Mapping[str, frozenset[str]]) -> Iterable[Picture]:
    if not names[path].intersection((*_IMAGES, f"{{{SVG}}}svg")):
        return
    folder = path.rpartition("/")[0]
    for image in html.iter(*_IMAGES, f"{{{SVG}}}svg"):
        address = image.get("src") or image.get(_XLINK) or image.get("href") or ""
        inner = image.tag == f"{{{SVG}}}image"
        yield Picture(_resource(address, folder), "decoration" if inner else _worded(image))


def _resource(address: str, folder: str) -> str:
    from_text = address.removeprefix("../") if folder else address
    return from_text if address else ""


def _worded(image: Element) -> Literal["described", "decoration", "bare"]:
    """Tell whether a picture has words; an empty `alt` in a captioned figure doesn't count as decoration."""
    if (image.get("alt") or image.get("aria-label") or image.get("aria-labelledby") or "").strip():
        return "described"
    if image.get("aria-hidden") == "true" or image.get("role") == "presentation":
        return "decoration"
    if image.tag == f"{{{SVG}}}svg":
        return "described" if image.find(f"{{{SVG}}}title") is not None else "bare"
    in_figure = any(xhtml.local_name(parent) == "figure" for parent in image.iterancestors())
    return "decoration" if image.get("alt") == "" and not in_figure else "bare"
