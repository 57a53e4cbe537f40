"""The images that sections show, each once, as resources; their addresses in the text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import suppress
from dataclasses import dataclass, field, replace
from html import unescape
from pathlib import Path
from urllib.parse import unquote

from publish.book import Note, Resource, Section
from publish.manuscript.drawings import decode_drawing, looks_like_drawing
from publish.manuscript.files import Folder, beside
from publish.manuscript.images import LARGE, MOST_BYTES, BadImage, Original, Picture, is_remote, resource
from publish.problems import Place

_IMAGE = re.compile(r"<img\b([^<>]*?)\s*/?>")
_ATTRIBUTE = re.compile(r'\s([\w:-]+)="([^"]*)"')
_SOURCE = re.compile(r'<img\b[^<>]*?\ssrc="([^"]+)"')
#: So many large images are decoded in other processes; fewer are there as soon in this one.
_MANY = 8


@dataclass(slots=True)
class Gallery:
    """Finds images, decodes each once, and collects their problems in the folder."""

    folder: Folder
    #: Path in the folder → resource; None: it can't be used, and that is told.
    found: dict[str, Resource | None] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    #: File of a large image → what another process finds in it.
    ahead: dict[Path, Future[Picture | BadImage]] = field(default_factory=dict)

    def look_ahead(self, sections: Iterable[Section], pool: Executor) -> None:
        """Have the large images of sections decoded by other processes, where there are many."""
        paths = (
            _path(self.folder, section.noted("")[0], unescape(address))
            for section in sections
            for part in (section.body, *(note.body for note in section.notes))
            if "<img" in part
            for address in _SOURCE.findall(part)
        )
        files = {path: file for path in dict.fromkeys(paths) if (file := self.folder.held(path))}
        large = {path: file for path, file in files.items() if file.stat().st_size > LARGE}
        if len(large) >= _MANY:
            self.ahead = {
                file: pool.submit(_examined, file, self.folder.shown(path)) for path, file in large.items()
            }

    @property
    def resources(self) -> tuple[Resource, ...]:
        """The images in the order of their first use."""
        return tuple(image for image in self.found.values() if image)

    def placed(self, section: Section) -> Section:
        """Return a section whose images are resources of the book."""
        if not section.marked or not any(
            "<img" in part for part in (section.title, section.body, *(note.body for note in section.notes))
        ):
            return section
        images: list[str] = []
        title, body = (
            self._placed(section.title, section, images),
            self._placed(section.body, section, images),
        )
        notes = tuple(self._placed_note(note, section) for note in section.notes)
        return replace(section, title=title, body=body, notes=notes, images=tuple(images))

    def cover(self, path: str, place: Place) -> Resource | None:
        """Return the cover's image; None after a problem."""
        return self._resource(path, place, path)

    def _placed_note(self, note: Note, section: Section) -> Note:
        return replace(note, body=self._placed(note.body, section, []))

    def _placed(self, fragment: str, section: Section, images: list[str]) -> str:
        def replaced(match: re.Match[str]) -> str:
            values = dict(_ATTRIBUTE.findall(match[1]))
            image = self._image(
                unescape(values.get("src", "")), Place(*section.noted(values.pop("data-at", "")))
            )
            if image:
                images.append(image.path)
                values["src"] = image.path
            values.setdefault("alt", "")
            return "<img" + "".join(f' {key}="{value}"' for key, value in values.items()) + "/>"

        return _IMAGE.sub(replaced, fragment) if "<img" in fragment else fragment

    def _image(self, address: str, place: Place) -> Resource | None:
        if not address.partition("#")[0]:
            self.folder.problem("missing-image", place, "the image names no file", "write its path")
            return None
        if is_remote(address):
            hint = "copy it into the book's folder and name it by its path"
            self.folder.problem("remote-image", place, f"“{address[:80]}” is not in the book's folder", hint)
            return None
        return self._resource(_path(self.folder, place.file, address), place, unquote(address))

    def _resource(self, path: str, place: Place, shown: str) -> Resource | None:
        if path not in self.found:
            target = self.folder.find(path, place, "missing-image")
            self.found[path] = self._decoded(path, target, place, shown) if target else None
        return self.found[path]

    def _decoded(self, path: str, target: Path, place: Place, shown: str) -> Resource | None:
        picture = self._examined(target, self.folder.shown(path))
        if isinstance(picture, BadImage):
            fact = f"“{shown}” can't be used: {picture.fact}"
            self.folder.problem(picture.code, place, fact, picture.hint)
            return None
        for fact in picture.refused:
            file = Place(self.folder.shown(path))
            self.folder.problem(
                "unsafe-markup", file, f"{fact} was taken out", "export it without", "warning"
            )
        return resource(path, self.folder.shown(path), picture, self.taken)

    def _examined(self, file: Path, shown: str) -> Picture | BadImage:
        if ahead := self.ahead.pop(file, None):
            with suppress(BrokenExecutor):
                return ahead.result()
        return _examined(file, shown)


def _path(folder: Folder, source: str, address: str) -> str:
    """Return the path in the folder that an address in a file, as the author knows it, means."""
    if address.startswith("/"):
        return unquote(address)
    return beside(folder.within(source), address)


def _examined(file: Path, shown: str) -> Picture | BadImage:
    """Decode a file; of a large image that stays as it is the bytes stay on the disk."""
    data = file.read_bytes()
    try:
        picture = decode(data)
    except BadImage as error:
        return error
    if picture.content is data and len(data) > LARGE:
        return replace(picture, content=Original(file.resolve(), shown))
    return picture


def decode(data: bytes) -> Picture:
    """Turn the bytes of an image file into a picture; PNG, JPEG, GIF and SVG stay.

    As far as e-readers show their colours, that is; others become PNG or JPEG.

    Raises BadImage when the data are damaged, or larger than the bounds.
    """
    if len(data) > MOST_BYTES:
        raise BadImage(
            "image-too-large",
            f"it has {len(data) // 1_000_000} MB, the bound is {MOST_BYTES // 1_000_000}",
            "make it smaller",
        )
    if looks_like_drawing(data):
        return decode_drawing(data)
    from publish.manuscript.rasters import decode_raster  # noqa: PLC0415 - Pillow is slow to load

    return decode_raster(data)
