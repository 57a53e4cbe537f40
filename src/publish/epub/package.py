"""Pages, cover, fonts and style sheets → the bytes of an EPUB 3.3."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from publish import fonts, xhtml
from publish.book import Accessibility, Book, Content, Page, Style
from publish.epub import navigation
from publish.epub.accessibility import properties
from publish.epub.archive import File, archive, entry_name
from publish.epub.division import divided
from publish.epub.documents import STYLES, Document, Facts, documents, facts
from publish.epub.made import COVER, STATEMENT, cover_page, statement_page
from publish.epub.metadata import metadata_element
from publish.epub.pagination import PageBreak, PageStart, mark
from publish.epub.zipped import Archive, Cover
from publish.fonts import FontFace
from publish.words import words
from publish.xhtml import quoteattr

XHTML = "application/xhtml+xml"
_COVER_IMAGE = "cover-image"
_COVER_STYLE = """
.cover { margin: 0; padding: 0; text-align: center }
.cover img { max-width: 100%; max-height: 100vh; height: auto }
"""


@dataclass(frozen=True, slots=True)
class Kit:
    """What the text of an EPUB needs besides the book and its pages."""

    #: A cover is drawn for a book that brings none (`Metadata.cover`); it may come later.
    drawn_cover: bool = False
    #: Something in the book stands against the claim of accessibility that it asks for.
    claim_refused: bool = False
    #: Path of an image → content that e-readers show better.
    pictures: Mapping[str, Content] = field(default_factory=dict)
    #: Where the pages of the print edition begin; none: they aren't marked.
    page_starts: Sequence[PageStart] = ()


#: EPUB leaves these to the attribute `dir` and refuses them in style sheets (EPUB 3.3, section 6.3.1.2).
_BIDI = re.compile(r"(?<![-\w])(?:direction|unicode-bidi)\s*:[^;{}]*;?")
#: Comments of style sheets, with what stands behind them; strings and addresses may hold what looks like one.
#: What was read is never read again, so that a sheet takes time that grows with its length alone.
_COMMENT = re.compile(
    r"""(\\.|"(?:[^"\\]|\\.)*+"|'(?:[^'\\]|\\.)*+'|url\([^()"']*+\))"""
    r"""|(?<!\s)\s*+/\*.*?(?:\*/|\Z)(?=(\S?))""",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Text:
    """The finished documents of an EPUB, and what the package document tells of them."""

    files: tuple[File, ...]
    #: Identifiers of files.
    spine: tuple[str, ...]
    landmarks: tuple[navigation.Landmark, ...]
    facts: Facts
    #: Pairs of property and value of the package document.
    accessibility: tuple[tuple[str, str], ...]
    #: The cover and the images that the documents show.
    images: tuple[File, ...]

    @property
    def entries(self) -> dict[str, bytes]:
        """Return the documents as the archive has them."""
        return {entry_name(file.path): file.data for file in self.files if isinstance(file.data, bytes)}


def package(
    book: Book,
    pages: Sequence[Page],
    kit: Kit,
    dress: tuple[tuple[FontFace, ...], tuple[Style, ...]] = ((), ()),
    cover: Cover | None = None,
) -> bytes:
    """Turn composed pages into the bytes of an EPUB, in its dress: faces and style sheets; see `bound`."""
    text = make_text(book, pages, replace(kit, drawn_cover=cover is not None))
    return bound(book, text, *dress).completed(cover)


def bound(book: Book, text: Text, faces: tuple[FontFace, ...], sheets: tuple[Style, ...]) -> Archive:
    """Turn a finished text into an EPUB's entries, not yet compressed; the same input gives the same bytes.

    The style sheets become one, in their order, after the rules of the fonts.
    """
    style = File("styles", STYLES, "text/css", _stylesheet(faces, sheets).encode())
    files = (*text.files, style, *text.images, *_font_files(faces))
    return archive(files, _opf(book, files, text), book.modified)


def make_text(book: Book, pages: Sequence[Page], kit: Kit) -> Text:
    """Turn composed pages into documents, with the cover's page and what leads through them.

    Raises XmlError where a page isn't well-formed.
    """
    cover = _cover(book, kit)
    language = words(book.metadata.language)
    if all(page.section.kind != "contents" for page in pages):
        pages = (*pages, navigation.contents_page(book, pages))
    own_cover = cover.path if cover and all(page.landmark != "cover" for page in pages) else ""
    parsed = documents(pages)
    breaks = mark(parsed, kit.page_starts) if kit.page_starts else ()
    parsed, moved = divided(parsed)
    breaks = tuple(PageBreak(place.label, moved.get(place.href, place.href)) for place in breaks)
    known = replace(facts(parsed), has_pages=bool(breaks))
    accessibility = tuple(properties(book, known, refused=kit.claim_refused))
    places = navigation.landmarks(parsed, language, COVER if own_cover else "")
    contents = _complete_contents(book, parsed, places, breaks)
    reading = [_page_file(document, known) for document in parsed]
    if own_cover:
        reading.insert(0, File("cover", COVER, XHTML, cover_page(book, own_cover, language)))
    if _states(book):
        told = statement_page(book, accessibility, language)
        reading.append(File("accessibility", STATEMENT, XHTML, told))
    spine = tuple(file.identifier for file in reading)
    if book.settings.ebook.for_old_readers:
        ncx = navigation.ncx(contents, book, breaks).encode()
        reading.append(File("ncx", "toc.ncx", "application/x-dtbncx+xml", ncx))
    images = tuple(_images(book, cover, known, kit.pictures))
    return Text(tuple(reading), spine, places, known, accessibility, images)


def _complete_contents(
    book: Book,
    parsed: Sequence[Document],
    places: Sequence[navigation.Landmark],
    breaks: Sequence[PageBreak],
) -> xhtml.Element:
    """Turn the page of contents into the navigation document, and return it."""
    language = words(book.metadata.language)
    contents = next(document.html for document in parsed if document.is_contents)
    if _states(book):
        navigation.add_entry(contents, language.accessibility["title"], STATEMENT)
    navigation.lead_to_files(contents, parsed)
    navigation.complete_navigation(contents, places, language)
    navigation.add_lists(contents, book.captions, parsed, language)
    navigation.add_page_list(contents, breaks, language)
    return contents


def _states(book: Book) -> bool:
    """Tell whether the publisher says anything of the book's accessibility: that has a page then."""
    return book.settings.accessibility != Accessibility()


def _cover(book: Book, kit: Kit) -> File | None:
    """Return the image of the cover: the book's own, or the drawn one, whose bytes come later."""
    own = next((image for image in book.resources if image.path == book.metadata.cover), None)
    if own:
        data = kit.pictures.get(own.path, own.content)
        return File(_COVER_IMAGE, own.path, own.media_type, data, ("cover-image",))
    if kit.drawn_cover:
        return File(_COVER_IMAGE, "images/cover.jpg", "image/jpeg", None, ("cover-image",))
    return None


def _page_file(document: Document, known: Facts) -> File:
    identifier = "nav" if document.is_contents else _identifier(document.name)
    own = ("nav",) if document.is_contents else ()
    data = xhtml.serialize_page(document.html)
    return File(identifier, document.path, XHTML, data, (*own, *known.properties[document.path]))


def _identifier(name: str) -> str:
    """Turn a file name into an XML name: stable, so that readers keep their place in a new edition."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "-", name)
    return plain if plain[:1].isalpha() else f"x-{plain}"


def _stylesheet(faces: tuple[FontFace, ...], stylesheets: Iterable[Style]) -> str:
    wanted = (style.css for style in stylesheets if style.output in ("text", "ebook"))
    texts = (_COMMENT.sub(_uncommented, _BIDI.sub("", css)) for css in wanted)
    return fonts.css(faces, "../fonts/") + "\n".join((_COVER_STYLE, *texts))


def _uncommented(match: re.Match[str]) -> str:
    """Keep what is no comment, and of one that parts two words its signs alone."""
    return match[1] or ("/**/" if match[2] else "")


def _images(book: Book, cover: File | None, known: Facts, pictures: Mapping[str, Content]) -> Iterable[File]:
    """Return the cover image and the images that the pages show; the others stay out."""
    used = {picture.path for picture in known.pictures}
    if cover is not None:
        yield cover
    for image in book.resources:
        if image.path in used and (cover is None or image.path != cover.path):
            data = pictures.get(image.path, image.content)
            if image.media_type == "image/svg+xml" and isinstance(data, bytes):
                from publish.epub.pictures import on_paper  # noqa: PLC0415 - Pillow is slow to load

                data = on_paper(data)
            yield File(_identifier(f"image-{image.path}"), image.path, image.media_type, data)


def _font_files(faces: Iterable[FontFace]) -> Iterable[File]:
    for face in faces:
        yield File(_identifier(face.file_name), f"fonts/{face.file_name}", face.media_type, face.data)


def _opf(book: Book, files: Sequence[File], text: Text) -> str:
    """Write the package document (EPUB 3.3, section 5), with the guide and the NCX for old readers."""
    metadata, is_old = book.metadata, book.settings.ebook.for_old_readers
    has_cover = any(file.identifier == _COVER_IMAGE for file in files)
    head = metadata_element(book, text.accessibility, _COVER_IMAGE if has_cover and is_old else "")
    toc = 'toc="ncx" ' if is_old else ""
    items = "".join(f"    {_item(file)}\n" for file in files)
    spine = "".join(f'    <itemref idref="{identifier}"/>\n' for identifier in text.spine)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="pub-id" '
        f'xml:lang={quoteattr(metadata.language)} dir="{metadata.direction}">\n'
        f"{head}  <manifest>\n{items}  </manifest>\n"
        f'  <spine {toc}page-progression-direction="{_progression(book)}">\n{spine}  </spine>\n'
        f"{navigation.guide(text.landmarks) if is_old else ''}</package>\n"
    )


def _progression(book: Book) -> str:
    """Return where the next page lies: vertical lines follow each other to the left."""
    vertical = book.settings.writing_mode == "vertical-rl"
    return book.settings.page_progression or ("rtl" if vertical else book.metadata.direction)


def _item(file: File) -> str:
    marks = f' properties="{" ".join(file.properties)}"' if file.properties else ""
    return f'<item id="{file.identifier}" href="{file.path}" media-type="{file.media_type}"{marks}/>'
