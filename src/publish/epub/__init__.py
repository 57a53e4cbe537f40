"""Pages → EPUB bytes."""

from publish.epub.claim import refusals
from publish.epub.package import Kit, assemble, package

__all__ = ["Kit", "assemble", "package", "refusals"]
