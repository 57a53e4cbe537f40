"""The images that sections show, each once, as resources; their addresses in the text."""

from __future__ import annotations

import re
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


@dataclass(slots=True)
class Gallery:
    """Finds images, decodes each once, and collects their problems in the folder."""

    folder: Folder
    #: Path in the folder → resource; None: it can't be used, and that is told.
    found: dict[str, Resource | None] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

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
        if not address:
            self.folder.problem("missing-image", place, "the image names no file", "write its path")
            return None
        if is_remote(address):
            hint = "copy it into the book's folder and name it by its path"
            self.folder.problem("remote-image", place, f"“{address[:80]}” is not in the book's folder", hint)
            return None
        if address.startswith("/"):
            path = unquote(address)
        else:
            path = beside(str(Path(place.file).relative_to(self.folder.root).as_posix()), address)
        return self._resource(path, place, unquote(address))

    def _resource(self, path: str, place: Place, shown: str) -> Resource | None:
        if path not in self.found:
            target = self.folder.find(path, place, "missing-image")
            self.found[path] = self._decoded(path, target, place, shown) if target else None
        return self.found[path]

    def _decoded(self, path: str, target: Path, place: Place, shown: str) -> Resource | None:
        data = target.read_bytes()
        try:
            picture = decode(data)
        except BadImage as error:
            self.folder.problem(error.code, place, f"“{shown}” can't be used: {error.fact}", error.hint)
            return None
        for fact in picture.refused:
            file = Place(self.folder.shown(path))
            self.folder.problem(
                "unsafe-markup", file, f"{fact} was taken out", "export it without", "warning"
            )
        if picture.content is data and len(data) > LARGE:
            picture = replace(picture, content=Original(target.resolve(), self.folder.shown(path)))
        return resource(path, self.folder.shown(path), picture, self.taken)


def decode(data: bytes) -> Picture:
    """Turn the bytes of an image file into a picture; PNG, JPEG, GIF and SVG stay, others become PNG.

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
