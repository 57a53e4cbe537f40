"""A book's metadata → what its PDF says of itself: document information, XMP, how to open it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

from pikepdf import Dictionary, Name, Pdf, String

from publish.book import Book
from publish.pdf.standard import PDFUAID_SCHEMA, Standard, declare_colours
from publish.xhtml import escape


@dataclass(frozen=True, slots=True)
class Identity:
    """What a PDF says of itself."""

    title: str
    authors: tuple[str, ...]
    #: BCP 47.
    language: str
    description: str
    keywords: tuple[str, ...]
    producer: str
    moment: datetime
    rtl: bool
    standard: Standard

    @property
    def date(self) -> str:
        """Return the moment as a PDF date (PDF 1.7, 7.9.4)."""
        return self.moment.strftime("D:%Y%m%d%H%M%SZ")


def identity_of(book: Book, standard: Standard) -> Identity:
    """Turn a book's metadata into its PDF's identity; « now » is the book's own moment."""
    metadata = book.metadata
    return Identity(
        title=f"{metadata.title}. {metadata.subtitle}" if metadata.subtitle else metadata.title,
        authors=metadata.authors, language=metadata.language, description=metadata.description,
        keywords=metadata.keywords,
        producer=f"publish {version('publish-book')}, WeasyPrint {version('weasyprint')}",
        moment=datetime.fromtimestamp(book.modified, UTC), rtl=metadata.direction == "rtl",
        standard=standard,
    )  # fmt: skip


def identify(pdf: Pdf, identity: Identity) -> None:
    """Write an identity into a PDF: for readers of XMP and of the older dictionary."""
    root = pdf.Root
    root.Lang = String(identity.language)
    root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    if identity.rtl:
        root.ViewerPreferences.Direction = Name.R2L
    root.PageLayout = Name.TwoPageRight
    root.Metadata = pdf.make_stream(_xmp(identity).encode(), Type=Name.Metadata, Subtype=Name.XML)
    declare_colours(pdf)
    if identity.standard.is_pdf2:  # PDF/A-4 leaves the older dictionary out (ISO 19005-4, 6.1.3)
        return
    _inform(pdf.docinfo, identity)


def _inform(info: Dictionary, identity: Identity) -> None:
    """Fill the information dictionary; PDF/A asks that it say what XMP says."""
    info.Title, info.Producer, info.Creator = identity.title, identity.producer, identity.producer
    info.CreationDate = info.ModDate = identity.date
    if identity.authors:
        info.Author = ", ".join(identity.authors)
    if identity.description:
        info.Subject = identity.description
    if identity.keywords:
        info.Keywords = ", ".join(identity.keywords)


def _xmp(identity: Identity) -> str:
    """Return the XMP packet: Dublin Core, dates, and the standards declared."""
    authors = "".join(f"<rdf:li>{escape(author)}</rdf:li>" for author in identity.authors)
    creator = f"<dc:creator><rdf:Seq>{authors}</rdf:Seq></dc:creator>" if authors else ""
    text = f'<rdf:Alt><rdf:li xml:lang="x-default">{escape(identity.description)}</rdf:li></rdf:Alt>'
    description = f"<dc:description>{text}</dc:description>" if identity.description else ""
    words = escape(", ".join(identity.keywords))
    keywords = f"<pdf:Keywords>{words}</pdf:Keywords>" if words else ""
    schema = "" if identity.standard.is_pdf2 else PDFUAID_SCHEMA
    date = identity.moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"
 xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(identity.title)}</rdf:li></rdf:Alt></dc:title>
{creator}{description}<dc:language><rdf:Bag><rdf:li>{escape(identity.language)}</rdf:li></rdf:Bag></dc:language>
<pdf:Producer>{escape(identity.producer)}</pdf:Producer>{keywords}
<xmp:CreatorTool>{escape(identity.producer)}</xmp:CreatorTool>
<xmp:CreateDate>{date}</xmp:CreateDate><xmp:ModifyDate>{date}</xmp:ModifyDate>
{identity.standard.identifiers}
</rdf:Description>{schema}</rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""
