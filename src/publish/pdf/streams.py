"""Bytes → streams of a PDF, compressed here and not by the writer: so they are written again as they were.

qpdf puts the entries of a stream that it compresses itself in another order than those of one that it copies.
"""

from __future__ import annotations

import zlib

from pikepdf import Name, Object, Pdf


def packed_stream(pdf: Pdf, data: bytes, **entries: Object | int) -> Object:
    """Return a new stream of a PDF, deflated (PDF 1.7, 7.4.4); `entries` are more of its dictionary."""
    return pdf.make_stream(zlib.compress(data), Filter=Name.FlateDecode, **entries)
