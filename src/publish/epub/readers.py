"""What single readers want otherwise, as data; a plain EPUB → the EPUB for one of them.

A quirk is a row of `QUIRKS`: for whom, what is changed, why, and who says so. A reader's EPUB holds the same
text: quirks change characters that a reader draws wrong, marks that it looks for, and what stands twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from posixpath import dirname, relpath
from typing import Literal, get_args

from publish import xhtml
from publish.epub.container import Container, resolve
from publish.epub.drawings import draw_formulas
from publish.epub.kobo import wrap_sentences
from publish.epub.made import COVER, STATEMENT
from publish.epub.pictures import opaque
from publish.epub.zipped import Archive
from publish.typography import safe
from publish.xhtml import EPUB_TYPE, Element

Reader = Literal["kobo", "kindle", "apple", "safe"]
READERS: tuple[Reader, ...] = get_args(Reader)
#: What a reader's file is called after; Kobo's newer engine goes by the name.
SUFFIXES: dict[Reader, str] = {
    "kobo": "-kobo.kepub.epub", "kindle": "-kindle.epub", "apple": "-apple.epub", "safe": "-safe.epub",
}  # fmt: skip
_NCX = "{http://www.daisy.org/z3986/2005/ncx/}"
_OPF = "{http://www.idpf.org/2007/opf}"


@dataclass(frozen=True)
class Draft:
    """An EPUB on its way to a reader: its trees, to be changed in place."""

    epub: Container
    #: Full name → root.
    documents: dict[str, Element]
    opf: Element
    ncx: Element | None
    #: Names of files that are left out.
    left_out: set[str]
    #: Full name → style sheet.
    styles: dict[str, str]
    #: Full name → picture that the plain EPUB has otherwise, or not.
    pictures: dict[str, bytes]
    #: Full name → what gives its bytes, for what comes late (see `Archive.late`).
    late: dict[str, Callable[[], bytes] | None]


@dataclass(frozen=True)
class Quirk:
    """One thing that some readers want otherwise."""

    readers: frozenset[Reader]
    what: str
    why: str
    source: str
    change: Callable[[Draft], None]


def fitted(plain: Archive, reader: Reader) -> Archive:
    """Turn a plain EPUB's entries into those for one reader."""
    epub = Container(plain.entries)
    ncx = next((name for name, kind in epub.manifest.values() if kind == "application/x-dtbncx+xml"), "")
    sheets = {name: epub.files[name].decode() for name, kind in epub.manifest.values() if kind == "text/css"}
    contents = xhtml.parse_page(epub.files[ncx]) if ncx else None
    draft = Draft(epub, dict(epub.documents), epub.package, contents, set(), sheets, {}, dict(plain.late))
    for quirk in QUIRKS:
        if reader in quirk.readers:
            quirk.change(draft)
    changed = {name: xhtml.serialize_page(html) for name, html in draft.documents.items()}
    changed |= {name: css.encode() for name, css in draft.styles.items()} | draft.pictures
    changed[epub.opf] = _with_declaration(draft.opf)
    if draft.ncx is not None:
        changed[ncx] = _with_declaration(draft.ncx)
    entries = {name: data for name, data in (plain.entries | changed).items() if name not in draft.left_out}
    return replace(plain, entries=entries, late=draft.late, stored=plain.stored.union(draft.pictures))


def _with_declaration(root: Element) -> bytes:
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + xhtml.serialize_xml(root) + b"\n"


# --- the changes --------------------------------------------------------------------------------------------


def _safe_spaces(draft: Draft) -> None:
    """Set the typography's fall-back for U+202F everywhere: in text, in attributes, in the metadata."""
    trees = [*draft.documents.values(), draft.opf, *([] if draft.ncx is None else [draft.ncx])]
    for element in (element for tree in trees for element in tree.iter()):
        element.text = element.text and safe(element.text)
        element.tail = element.tail and safe(element.tail)
        for name, value in element.attrib.items():
            element.set(name, safe(value))


def _characters(draft: Draft, table: dict[str, str]) -> None:
    """Replace characters in all documents and in the NCX."""
    trees = [*draft.documents.values(), *([] if draft.ncx is None else [draft.ncx])]
    for element in (element for tree in trees for element in tree.iter()):
        for old, new in table.items():
            if element.text and old in element.text:
                element.text = element.text.replace(old, new)
            if element.tail and old in element.tail:
                element.tail = element.tail.replace(old, new)


def _leave_out_cover_page(draft: Draft) -> None:
    """Take the page of the cover out, with all that leads to it; the picture stays the cover."""
    name = resolve(draft.epub.opf, COVER)
    identifier = next((key for key, (path, _) in draft.epub.manifest.items() if path == name), "")
    if not identifier or identifier not in draft.epub.spine:
        return
    draft.left_out.add(name)
    draft.documents.pop(name)
    for element in list(draft.opf.iter(f"{_OPF}item", f"{_OPF}itemref", f"{_OPF}reference")):
        if identifier in (element.get("id"), element.get("idref")) or element.get("href") == COVER:
            xhtml.remove(element)
    for path, html in draft.documents.items():
        for link in list(xhtml.elements(html, "a")):
            parent = link.getparent()
            if resolve(path, link.get("href") or "") == name and parent is not None:
                xhtml.remove(parent)


def _two_levels(draft: Draft) -> None:
    """Cut the NCX below its second level."""
    if draft.ncx is None:
        return
    for point in list(draft.ncx.iter(f"{_NCX}navPoint")):
        if sum(1 for _ in point.iterancestors(f"{_NCX}navPoint")) > 1:
            xhtml.remove(point)
    for meta in draft.ncx.iter(f"{_NCX}meta"):
        if meta.get("name") == "dtb:depth":
            meta.set("content", str(min(2, int(meta.get("content") or 1))))


def _of_type(draft: Draft, kind: str) -> Iterator[Element]:
    for html in draft.documents.values():
        for element in html.iter():
            if element.get(EPUB_TYPE) == kind:
                yield element


def _endnotes_as_footnotes(draft: Draft) -> None:
    """Make a footnote in the item of each note: the role that goes with the type is none for an item."""
    for note in list(_of_type(draft, "endnote")):
        inside = note.makeelement(f"{{{xhtml.XHTML}}}div", {EPUB_TYPE: "footnote", "role": "doc-footnote"})
        inside.text, note.text = note.text, None
        inside.extend(list(note))
        note.append(inside)
        for name in (EPUB_TYPE, "role"):
            note.attrib.pop(name, None)
        if anchor := note.attrib.pop("id", None):
            inside.set("id", anchor)


def _calls_as_endnotes(draft: Draft) -> None:
    for call in _of_type(draft, "noteref"):
        call.set(EPUB_TYPE, "noteref endnote")


def _whole_words_in_notes(draft: Draft) -> None:
    """Take soft hyphens out of the notes."""
    for note in _of_type(draft, "endnote"):
        for element in note.iter():
            element.text = element.text and element.text.replace("\u00ad", "")
            element.tail = element.tail and element.tail.replace("\u00ad", "")


#: In a style sheet: at-rules that ask what an engine can do, or how large something is; declarations and
#: selectors that came after CSS 2.1 and the first e-readers. Blocks within blocks are two deep at most.
_ASKING = re.compile(r"@(?:container|supports|counter-style)\b[^{}]*\{(?:[^{}]|\{[^{}]*\})*\}\s*")
_NEW_SELECTOR = re.compile(r"(?<=[}\s])[^{}/]*:(?:has|is|where)\([^{}]*\{[^{}]*\}\s*")
_NEW_DECLARATION = re.compile(
    r"(?<=[{;\s])(?:[\w-]+\s*:[^;{}]*(?:\b(?:clamp|min|max|calc)\(|\b(?:flex|grid)\b)[^;{}]*"
    r"|(?:container|flex|grid)[\w-]*\s*:[^;{}]*)(?:;\s*|(?=\}))"
)


def _old_styles(draft: Draft) -> None:
    """Leave out of the style sheets what only new engines know."""
    for name, css in draft.styles.items():
        for part in (_ASKING, _NEW_SELECTOR, _NEW_DECLARATION):
            css = part.sub("", css)  # noqa: PLW2901 - one sheet, in steps
        draft.styles[name] = css


def _drawn_formulas(draft: Draft) -> None:
    """Put pictures in the place of formulas, and tell so in the package document and to readers."""
    folder = resolve(draft.epub.opf, "images")
    found = {
        name: html for name, html in draft.documents.items() if next(html.iter(xhtml.MATH), None) is not None
    }
    if not found:
        return
    made = draw_formulas(found, folder)
    draft.pictures.update(made)
    left = {name for name, html in found.items() if next(html.iter(xhtml.MATH), None) is not None}
    _take_property(draft, "mathml", set(found) - left)
    _list_pictures(draft, made)
    if left:
        return
    for meta in draft.opf.iter(f"{_OPF}meta"):
        if meta.get("property") == "schema:accessibilityFeature" and meta.text == "MathML":
            meta.text = "latex"
    page = draft.documents.get(resolve(draft.epub.opf, STATEMENT))
    for element in page.iter() if page is not None else ():
        element.text = element.text and element.text.replace("MathML", "LaTeX")


def _take_property(draft: Draft, word: str, documents: set[str]) -> None:
    """Take a manifest property from documents, by their full names."""
    for item in draft.opf.iter(f"{_OPF}item"):
        if resolve(draft.epub.opf, item.get("href") or "") in documents:
            rest = [other for other in (item.get("properties") or "").split() if other != word]
            item.attrib.pop("properties", None)
            if rest:
                item.set("properties", " ".join(rest))


def _list_pictures(draft: Draft, made: Iterable[str]) -> None:
    """Enter pictures in the manifest."""
    manifest = next(draft.opf.iter(f"{_OPF}manifest"))
    for name in sorted(made):
        href = relpath(name, dirname(draft.epub.opf))
        identifier = href.replace("/", "-").removesuffix(".png")
        values = {"id": identifier, "href": href, "media-type": "image/png"}
        manifest.append(manifest.makeelement(f"{_OPF}item", values))


def _opaque_pictures(draft: Draft) -> None:
    """Lay PNG pictures that are transparent on white."""
    for name, kind in draft.epub.manifest.values():
        if kind != "image/png":
            continue
        if (read := draft.late.get(name)) is not None:
            draft.late[name] = partial(_read_opaque, read)
        elif name in draft.epub.files and (better := opaque(draft.epub.files[name])):
            draft.pictures[name] = better


def _read_opaque(read: Callable[[], bytes]) -> bytes:
    data = read()
    return opaque(data) or data


def _kobo_spans(draft: Draft) -> None:
    nav = {
        resolve(draft.epub.opf, item.get("href") or "")
        for item in draft.opf.iter(f"{_OPF}item")
        if "nav" in (item.get("properties") or "").split()
    }
    for name, html in draft.documents.items():
        if name not in nav:
            wrap_sentences(next(xhtml.elements(html, "body")))


_SE = "https://github.com/standardebooks/tools/blob/master/se/se_epub_build.py"
_KINDLE_COVER = "https://kdp.amazon.com/en_US/help/topic/G6GTK3T3NUHKLEFX"
_KINDLE_CONTENTS = "https://kdp.amazon.com/help?topicId=GY3AD8C6C6GAG42N"
_KINDLE_PICTURES = "https://kdp.amazon.com/en_US/help/topic/G75V4YX5X8GRGXWV"
_KOBO = "https://github.com/kobolabs/epub-spec"
#: In the order of their doing.
QUIRKS: tuple[Quirk, ...] = (
    Quirk(
        frozenset({"kindle", "safe"}), "formulas become pictures, with their LaTeX as words",
        "old engines run the signs of MathML together, and Kindle’s guidelines know none", _SE,
        _drawn_formulas,
    ),
    Quirk(
        frozenset({"kindle"}), "transparent pictures are laid on white",
        "Kindle shows no transparency", _KINDLE_PICTURES, _opaque_pictures,
    ),
    Quirk(
        frozenset({"kobo"}), "transparent pictures are laid on white",
        "Kobo puts a colour or a pattern of its own behind them", _KOBO, _opaque_pictures,
    ),
    Quirk(
        frozenset({"safe"}), "narrow no-break spaces become no-break spaces",
        "old engines and fonts draw a box or a wide gap for U+202F",
        "https://docs.rs/crowbook-text-processing/latest/crowbook_text_processing/escape/fn.nb_spaces_html.html",
        _safe_spaces,
    ),
    Quirk(
        frozenset({"safe"}), "word joiners become zero-width no-break spaces",
        "old engines draw a box for U+2060", _SE, partial(_characters, table={"\u2060": "\ufeff"}),
    ),
    Quirk(
        frozenset({"safe"}), "an em space becomes two no-break spaces",
        "old engines draw a box for U+2003", _SE, partial(_characters, table={"\u2003": "\u00a0\u00a0"}),
    ),
    Quirk(
        frozenset({"safe"}), "the style sheet says nothing that came after the first e-readers",
        "some open no book whose styles ask for a flexible box",
        "https://github.com/jgm/pandoc/issues/8379", _old_styles,
    ),
    Quirk(
        frozenset({"kindle"}), "word joiners and zero-width no-break spaces are left out",
        "Kindle’s newer format draws them as spaces", _SE,
        partial(_characters, table={"\u2060": "", "\ufeff": ""}),
    ),
    Quirk(
        frozenset({"kindle"}), "notes have no soft hyphens",
        "Kindle divides words there, in the note over the page, and draws no hyphen", _SE,
        _whole_words_in_notes,
    ),
    Quirk(
        frozenset({"kobo"}), "non-breaking hyphens become hyphens between word joiners",
        "Kobo’s renderer draws U+2011 above the line", _SE,
        partial(_characters, table={"\u2011": "\u2060-\u2060"}),
    ),
    Quirk(
        frozenset({"kobo"}), "calls of notes are called endnotes too",
        "Kobo shows a note over the page where a link has that type, and knows no noteref", _SE,
        _calls_as_endnotes,
    ),
    Quirk(
        frozenset({"kobo"}), "the arrow back from a note becomes a plain arrow",
        "Kobo’s fonts have no U+21A9", _SE, partial(_characters, table={"\u21a9\ufe0e": "←", "\u21a9": "←"}),
    ),
    Quirk(
        frozenset({"apple", "kindle", "safe"}), "the arrow back from a note is asked for as text",
        "telephones draw U+21A9 as a coloured picture",
        "https://www.unicode.org/reports/tr51/#Emoji_Variation_Sequences",
        partial(_characters, table={"\u21a9\ufe0e": "\u21a9", "\u21a9": "\u21a9\ufe0e"}),
    ),
    Quirk(
        frozenset({"apple"}), "notes are called footnotes",
        "Apple Books shows a note over the page only where its type is footnote",
        "https://help.apple.com/itc/booksassetguide/en.lproj/static.html", _endnotes_as_footnotes,
    ),
    Quirk(
        frozenset({"kindle"}), "the page of the cover is left out",
        "Kindle shows the cover picture by itself, and would show it twice",
        _KINDLE_COVER, _leave_out_cover_page,
    ),
    Quirk(
        frozenset({"kindle"}), "the old contents have two levels",
        "Kindle’s menu shows no more than two", _KINDLE_CONTENTS, _two_levels,
    ),
    Quirk(
        frozenset({"kobo"}), "each sentence is an element of its own",
        "Kobo’s newer engine finds places, marks and progress by such spans",
        _KOBO, _kobo_spans,
    ),
)  # fmt: skip
