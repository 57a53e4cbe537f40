"""The standards that a PDF declares, and what they ask of the binder.

Accessibility (PDF/UA, ISO 14289) and archiving (PDF/A, ISO 19005) are declared by one and the same file, so
that who orders either gets both.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from pikepdf import Array, Dictionary, Name, Pdf, String


@dataclass(frozen=True, slots=True)
class Standard:
    """What a file declares itself to be."""

    #: Part of PDF/UA.
    accessible: int
    #: Part and level of PDF/A, such as 2 and A.
    archive: int
    level: str

    @property
    def identifiers(self) -> str:
        """Return the XMP properties that declare it (ISO 14289-1, 5; ISO 19005-2, 6.6.4)."""
        named = {
            "pdfuaid:part": self.accessible,
            "pdfaid:part": self.archive,
            "pdfaid:conformance": self.level,
        }
        return "".join(f"<{name}>{value}</{name}>" for name, value in named.items())


#: PDF/UA-1 and PDF/A-2a: what every book declares.
DEFAULT = Standard(1, 2, "A")

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
    profile = pdf.make_stream(_srgb(), N=3)
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
