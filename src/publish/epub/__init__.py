"""Pages → EPUB bytes."""

from publish.epub.package import assemble, package

__all__ = ["assemble", "package"]
