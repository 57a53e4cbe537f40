"""Pages → EPUB bytes."""

from publish.epub.package import Kit, assemble, package

__all__ = ["Kit", "assemble", "package"]
