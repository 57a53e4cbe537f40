"""An EPUB made for a reader → warnings where it breaks a rule of that reader's store."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from publish import xhtml
from publish.epub.container import Container
from publish.epub.readers import Reader
from publish.problems import Place, Problem

_KOBO = "https://github.com/kobolabs/epub-spec"
_KINDLE = "https://kindlegen.s3.amazonaws.com/AmazonKindlePublishingGuidelines.pdf"
_KINDLE_COVER = "https://kdp.amazon.com/en_US/help/topic/G6GTK3T3NUHKLEFX"
_KINDLE_CONTENTS = "https://kdp.amazon.com/help?topicId=GY3AD8C6C6GAG42N"
_KINDLE_STYLES = "https://github.com/quarto-dev/quarto-cli/issues/11948"
_APPLE_COVER = "https://help.apple.com/itc/booksassetguide/en.lproj/itc1bda991ba.html"
_APPLE_PICTURES = "https://help.apple.com/itc/booksassetguide/en.lproj/itca71ad3c33.html"
_ADOBE = "https://manual.calibre-ebook.com/generated/en/ebook-convert.html"
_ADOBE_STYLES = "https://github.com/jgm/pandoc/issues/8379"
_GUIDE = {"toc", "text"}
_OPF = "{http://www.idpf.org/2007/opf}"

#: File of the EPUB → width and height in pixels.
Sizes = Mapping[str, tuple[int, int]]
#: Yields (file, what is wrong there).
Rule = Callable[[Container, Sizes], Iterator[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class StoreRule:
    """One rule of some stores."""

    stores: frozenset[Reader]
    find: Rule
    hint: str
    source: str


def lint(reader: Reader, files: Mapping[str, bytes], sizes: Sizes, name: str) -> tuple[Problem, ...]:
    """Hold the files of an EPUB to the rules of a reader's store; `name` stands for it in the places."""
    epub = Container(files)
    return tuple(
        Problem("store-rule", Place(f"{name}/{path}"), fact, f"{rule.hint} ({rule.source})", "warning")
        for rule in RULES
        if reader in rule.stores
        for path, fact in rule.find(epub, sizes)
    )


def _large_documents(limit: int) -> Rule:
    def find(epub: Container, _sizes: Sizes) -> Iterator[tuple[str, str]]:
        for path in epub.documents:
            if len(epub.files[path]) > limit:
                yield path, f"the page has {len(epub.files[path]) // 1000} KB, more than {limit // 1000}"

    return find


def _wide_tables(epub: Container, _sizes: Sizes) -> Iterator[tuple[str, str]]:
    for path, html in epub.documents.items():
        for row in xhtml.elements(html, "tr"):
            cells = sum(int(cell.get("colspan") or 1) for cell in xhtml.elements(row, "td", "th"))
            if cells > 4:
                yield path, f"a table has {cells} columns, more than 4"
                break


def _web_fonts(epub: Container, _sizes: Sizes) -> Iterator[tuple[str, str]]:
    for path, kind in epub.manifest.values():
        if kind in ("font/woff2", "application/font-woff2"):
            yield path, "the font is WOFF2"


def _foreign_names(epub: Container, _sizes: Sizes) -> Iterator[tuple[str, str]]:
    for path, _ in epub.manifest.values():
        if not path.isascii():
            yield path, "the file’s name has letters beyond ASCII"


def _in_styles(
    epub: Container, _sizes: Sizes, *, says: re.Pattern[bytes], fact: str
) -> Iterator[tuple[str, str]]:
    """Yield the style sheets in which a pattern is found."""
    for path, kind in epub.manifest.values():
        if kind == "text/css" and says.search(epub.files.get(path, b"")):
            yield path, fact


_css_variables = partial(
    _in_styles, says=re.compile(rb"(?<![\w-])--[a-zA-Z]|var\("), fact="the style sheet uses custom properties"
)
_flexible_boxes = partial(
    _in_styles,
    says=re.compile(rb"display\s*:\s*(?:inline-)?flex"),
    fact="the style sheet asks for a flexible box",
)
_sizes_in_percent = partial(
    _in_styles,
    says=re.compile(rb"font-size\s*:[^;{}]*%"),
    fact="the style sheet gives a size of type in percent",
)


def _no_guide(epub: Container, _sizes: Sizes) -> Iterator[tuple[str, str]]:
    missing = _GUIDE - {one.get("type") for one in epub.package.iter(f"{_OPF}reference")}
    if missing:
        yield epub.opf, f"the guide doesn’t name {' and '.join(sorted(missing))}"


def _large_pictures(pixels: int) -> Rule:
    def find(_epub: Container, sizes: Sizes) -> Iterator[tuple[str, str]]:
        for path, (width, height) in sizes.items():
            if width * height > pixels and not path.endswith(".svg"):
                yield (
                    path,
                    f"the picture has {width * height / 1e6:.1f} million pixels, more than {pixels / 1e6}",
                )

    return find


def _heavy_pictures(epub: Container, _sizes: Sizes) -> Iterator[tuple[str, str]]:
    for path, kind in epub.manifest.values():
        if kind.startswith("image/") and len(epub.files.get(path, b"")) > 5_000_000:
            yield path, f"the picture has {len(epub.files[path]) / 1e6:.1f} MB, more than 5"


def _small_cover(shortest: int, longest: int) -> Rule:
    def find(epub: Container, sizes: Sizes) -> Iterator[tuple[str, str]]:
        for item in epub.package.iter(f"{_OPF}item"):
            path, _ = epub.manifest.get(item.get("id") or "", ("", ""))
            if "cover-image" not in (item.get("properties") or "").split() or path not in sizes:
                continue
            width, height = sizes[path]
            if min(width, height) < shortest or max(width, height) < longest:
                yield path, f"the cover has {width} × {height} pixels, less than {shortest} × {longest}"

    return find


RULES: tuple[StoreRule, ...] = (
    StoreRule(frozenset({"kobo"}), _wide_tables, "divide the table, or give it as a figure", _KOBO),
    StoreRule(frozenset({"kobo", "safe"}), _web_fonts, "use TTF, OTF or WOFF", _KOBO),
    StoreRule(frozenset({"kobo"}), _foreign_names, "name the file in ASCII", _KOBO),
    StoreRule(frozenset({"kobo"}), _large_documents(10_000_000), "divide the section", _KOBO),
    StoreRule(frozenset({"kobo"}), _heavy_pictures, "make the picture smaller", _KOBO),
    StoreRule(frozenset({"kobo"}), _sizes_in_percent, "give the size in em", _KOBO),
    StoreRule(frozenset({"safe"}), _large_documents(260_000), "divide the section at a heading", _ADOBE),
    StoreRule(frozenset({"safe"}), _flexible_boxes, "set it as a table, or as a block", _ADOBE_STYLES),
    StoreRule(frozenset({"kindle"}), _css_variables, "write the values themselves", _KINDLE_STYLES),
    StoreRule(frozenset({"kindle"}), _heavy_pictures, "make the picture smaller", _KINDLE),
    StoreRule(frozenset({"kindle"}), _small_cover(625, 1000), "give a larger cover", _KINDLE_COVER),
    StoreRule(frozenset({"kindle"}), _no_guide, "take old-readers = false out", _KINDLE_CONTENTS),
    StoreRule(frozenset({"apple"}), _large_pictures(5_600_000), "make the picture smaller", _APPLE_PICTURES),
    StoreRule(frozenset({"apple"}), _small_cover(1400, 1400), "give a larger cover", _APPLE_COVER),
)
