"""The standards that a PDF declares, and what they ask of the binder.

Accessibility (PDF/UA, ISO 14289) and archiving (PDF/A, ISO 19005) are declared by one and the same file, so
that who orders either gets both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from pikepdf import Array, Dictionary, Name, Pdf, String

from publish.book import PdfStandard
from publish.pdf.streams import packed_stream


@dataclass(frozen=True, slots=True)
class Standard:
    """What a file declares itself to be."""

    #: Part of PDF/UA.
    accessible: int
    #: Part and level of PDF/A, such as 2 and A; part 4 has a level only for what it adds.
    archive: int
    level: str

    @property
    def is_pdf2(self) -> bool:
        """Tell whether the file is a PDF 2.0 (ISO 32000-2), which PDF/UA-2 and PDF/A-4 build on."""
        return self.archive == 4

    @property
    def holds_a_file(self) -> bool:
        """Tell whether a file has to be embedded (ISO 19005-4, annex A)."""
        return self.is_pdf2 and self.level == "F"

    @property
    def identifiers(self) -> str:
        """Return the XMP properties that declare it (ISO 14289-1, 5; 14289-2, 5; 19005-2 and 4, 6.6.4)."""
        named: dict[str, object] = {"pdfuaid:part": self.accessible, "pdfaid:part": self.archive}
        if self.level:
            named["pdfaid:conformance"] = self.level
        if self.is_pdf2:
            named |= {"pdfuaid:rev": 2024, "pdfaid:rev": 2020}
        return "".join(f"<{name}>{value}</{name}>" for name, value in named.items())


#: What a book asks for → what its file declares: PDF/UA-1 and PDF/A-2a, if nothing else.
STANDARDS: Mapping[PdfStandard, Standard] = {
    "pdf/ua-1": Standard(1, 2, "A"), "pdf/a-2a": Standard(1, 2, "A"), "pdf/a-3a": Standard(1, 3, "A"),
    "pdf/ua-2": Standard(2, 4, ""), "pdf/a-4f": Standard(2, 4, "F"),
}  # fmt: skip

#: PDF/A-2 and 3 know no pdfuaid: a schema that describes it has to come with it (ISO 19005-2, 6.6.2.3.3).
PDFUAID_SCHEMA = """<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 that the file complies with</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"""


def declare_colours(pdf: Pdf) -> None:
    """Say what the colours of a PDF mean, as PDF/A asks: red, green and blue are those of sRGB."""
    profile = packed_stream(pdf, _srgb(), N=3)
    name = String("sRGB IEC61966-2.1")
    intent = Dictionary(
        Type=Name.OutputIntent, S=Name.GTS_PDFA1, OutputConditionIdentifier=name, Info=name,
        RegistryName=String("http://www.color.org"), DestOutputProfile=pdf.make_indirect(profile),
    )  # fmt: skip
    pdf.Root.OutputIntents = Array([pdf.make_indirect(intent)])


def _srgb() -> bytes:
    """Return the profile of the International Color Consortium, which WeasyPrint brings along."""
    package = find_spec("weasyprint")
    if package is None or package.origin is None:
        raise RuntimeError("WeasyPrint isn't installed")
    return Path(package.origin).with_name("pdf").joinpath("sRGB2014.icc").read_bytes()
