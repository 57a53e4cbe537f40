"""Fonts of sheet sets → fonts of the bound book: each file embedded once, whichever sheet sets use it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pikepdf import Array, Name, Object, Pdf

from publish.fonts import FontFace
from publish.pdf.sheets import FontUse, digest
from publish.pdf.streams import packed_stream


class EmbeddedFonts:
    """The fonts of all sheet sets, with the widths and characters of all their uses."""

    def __init__(self, pdf: Pdf, faces: Iterable[FontFace]) -> None:
        """Embed into a PDF; `faces` are the book's own fonts, which sheet sets only name by their digests."""
        self._pdf = pdf
        self._data = {digest(face.data): face.data for face in faces}
        #: (name in the content streams, digest of the file) → the font in the bound book, and its uses.
        self._fonts: dict[tuple[str, str], Object] = {}
        self._uses: dict[tuple[str, str], FontUse] = {}
        self._files: dict[str, Object] = {}

    def take(self, source: Pdf, uses: Mapping[str, FontUse]) -> None:
        """Copy a sheet set's fonts that aren't there yet, and take all out of it: none comes twice."""
        if not len(source.pages):
            return
        self.use(uses)
        dictionary = source.pages[0].obj.Resources.Font
        for name, use in uses.items():
            if (name, use.digest) not in self._fonts:
                self._fonts[name, use.digest] = self._copy(dictionary[f"/{name}"], use.digest)
        without_fonts(source)

    def use(self, uses: Mapping[str, FontUse]) -> None:
        """Note which glyphs of fonts are used."""
        for name, use in uses.items():
            known = self._uses.setdefault((name, use.digest), FontUse(use.digest, {}, {}))
            known.widths.update(use.widths)
            known.unicode.update(use.unicode)

    def know(self, resources: Object, uses: Mapping[str, FontUse]) -> None:
        """Take the fonts of a page that is bound already."""
        for name, use in uses.items():
            self._fonts.setdefault((name, use.digest), resources.Font[f"/{name}"])

    def knows(self, uses: Mapping[str, FontUse]) -> bool:
        """Tell whether all fonts of a sheet set are in the book."""
        return all((name, use.digest) in self._fonts for name, use in uses.items())

    def give(self, resources: Object, uses: Mapping[str, FontUse]) -> None:
        """Fill the font dictionary of a sheet set's bound pages, which they share."""
        for name, use in uses.items():
            resources.Font[f"/{name}"] = self._fonts[name, use.digest]

    def finish(self) -> None:
        """Write the widths and characters of all uses, once they are all known."""
        for key, use in self._uses.items():
            font = self._fonts[key]
            font.DescendantFonts[0].W = _widths(use.widths)
            font.ToUnicode = packed_stream(self._pdf, _to_unicode(use.unicode))

    def _copy(self, font: Object, file_digest: str) -> Object:
        copied = self._pdf.copy_foreign(font)
        descriptor = copied.DescendantFonts[0].FontDescriptor
        for key in (Name.FontFile2, Name.FontFile3):
            if key in descriptor:
                descriptor[key] = self._file(file_digest, descriptor[key])
        return copied

    def _file(self, file_digest: str, embedded: Object) -> Object:
        """Return the one stream of a font file: the book's own, else the one that the sheet set embeds."""
        if file_digest not in self._files and file_digest in self._data:
            data = self._data[file_digest]
            embedded = packed_stream(self._pdf, data)
            if data[:4] == b"OTTO":
                embedded.Subtype = Name.OpenType
            else:
                embedded.Length1 = len(data)
        return self._files.setdefault(file_digest, embedded)


def without_fonts(source: Pdf) -> None:
    """Empty the font dictionary of a sheet set, which its pages share."""
    dictionary = source.pages[0].obj.Resources.Font
    for name in list(dictionary.keys()):
        del dictionary[name]


def _widths(widths: Mapping[int, float]) -> Array:
    """Return a `W` array (PDF 1.7, 9.7.4.3): for each run of following glyphs, its first and its widths."""
    runs: dict[int, list[float]] = {}
    first = last = -2
    for glyph in sorted(widths):
        if glyph != last + 1:
            first = glyph
        runs.setdefault(first, []).append(round(widths[glyph], 3))
        last = glyph
    return Array([value for first, run in runs.items() for value in (first, Array(run))])


def _to_unicode(unicode: Mapping[int, str]) -> bytes:
    """Return a ToUnicode CMap (PDF 1.7, 9.10.3); a block of one may have 100 rows."""
    rows = [f"<{glyph:04x}> <{text.encode('utf-16-be').hex()}>" for glyph, text in sorted(unicode.items())]
    blocks = (rows[i : i + 100] for i in range(0, len(rows), 100))
    mapped = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        f"1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n{mapped}\n"
        "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"
    ).encode()
