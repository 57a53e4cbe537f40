"""What an image of a book is once it is decoded and found good, and what may be wrong with it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from publish.book import Content, Resource
from publish.problems import BookProblems, Place, Problem

#: Bytes that one image may have.
MOST_BYTES = 64_000_000
#: Bytes from which on an image that stays as it is is left on the disk.
LARGE = 200_000

_REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:|//")


class BadImage(Exception):  # noqa: N818 - it becomes a problem
    """An image can't be used: `code`, `fact` and `hint` of the problem."""

    def __init__(self, code: str, fact: str, hint: str = "export it again") -> None:
        """Keep the problem's code, fact and hint."""
        super().__init__(fact)
        self.code, self.fact, self.hint = code, fact, hint

    def __reduce__(self) -> tuple[type[BadImage], tuple[str, str, str]]:
        """Tell how it is sent from another process."""
        return BadImage, (self.code, self.fact, self.hint)


@dataclass(frozen=True, slots=True)
class Picture:
    """An image, decoded and found good."""

    media_type: str
    suffix: str
    content: Content
    width: int
    height: int
    #: What was taken out of an SVG.
    refused: tuple[str, ...] = ()


def is_remote(address: str) -> bool:
    """Tell whether an address is on a network, or of another scheme."""
    return bool(_REMOTE.match(address))


@dataclass(frozen=True, slots=True)
class Original:
    """A photograph that stays on the disk until it is needed."""

    file: Path
    #: As the author knows it.
    shown: str

    def __call__(self) -> bytes:
        """Return its bytes. Raises BookProblems."""
        try:
            return self.file.read_bytes()
        except OSError as error:
            fact = f"can’t be read any more: {(error.strerror or str(error)).lower()}"
            problem = Problem("missing-image", Place(self.shown), fact, "build again when it is there")
            raise BookProblems([problem]) from error


def resource(path: str, shown: str, picture: Picture, taken: set[str]) -> Resource:
    """Give a picture its place in the book: an ASCII path under `images/`, not in use."""
    stem = re.sub(
        r"[^A-Za-z0-9_-]+", "-", str(PurePosixPath(path).with_suffix("")).removeprefix("images/")
    ).strip("-")
    name = f"images/{stem or 'image'}{picture.suffix}"
    if name.lower() in taken or not stem:
        from hashlib import sha256  # noqa: PLC0415 - slow to load, and a novel has no images

        name = f"images/{stem or 'image'}-{sha256(path.encode()).hexdigest()[:8]}{picture.suffix}"
    taken.add(name.lower())
    return Resource(name, picture.media_type, picture.content, picture.width, picture.height, shown)
