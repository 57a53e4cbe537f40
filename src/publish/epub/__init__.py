"""Pages → EPUB bytes."""

from publish.epub.package import package

__all__ = ["package"]
