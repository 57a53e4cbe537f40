"""The entries of an EPUB → the bytes of its zip file; the one owner of writing zip files.

It loads nothing else of the publisher: a process of its own packs while this one proves what is packed.
"""

from __future__ import annotations

import zipfile
import zlib
from collections import ChainMap
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import IO, Protocol

import deflate

#: libdeflate's levels. 10 takes four times as long as 9, makes long texts 3 % smaller, fonts 2 %, short
#: texts 1.5 %, pictures hardly.
_LEVEL, _THOROUGH_LEVEL = 9, 10
#: From how many bytes on a text is long: what DEFLATE remembers of it (RFC 1951, section 2).
_LONG = 32_768


class Cover(Protocol):
    """A cover that the publisher drew."""

    @property
    def jpeg(self) -> bytes:
        """The picture, 1600 × 2560 pixels."""


@dataclass(frozen=True, slots=True)
class Packed:
    """An entry's bytes, deflated."""

    data: bytes
    #: Bytes and check sum of what it was.
    size: int
    crc: int


def pack(entries: Mapping[str, bytes]) -> dict[str, Packed]:
    """Deflate entries, for `Archive.write`: other processes may do it."""
    return {
        name: Packed(bytes(deflate.deflate_compress(data, _level(name, data))), len(data), zlib.crc32(data))
        for name, data in entries.items()
    }


def _level(name: str, data: bytes) -> int:
    is_worth_it = name.endswith((".ttf", ".otf")) or (len(data) >= _LONG and name.endswith(".xhtml"))
    return _THOROUGH_LEVEL if is_worth_it else _LEVEL


def shares(entries: Mapping[str, bytes], count: int) -> tuple[dict[str, bytes], ...]:
    """Deal out entries for `pack`, in shares that take about as long."""
    names = sorted(entries, key=lambda name: (-len(entries[name]), name))
    return tuple({name: entries[name] for name in names[first::count]} for first in range(count))


@dataclass(slots=True)
class Archive:
    """The entries of an EPUB before they are compressed; EbookLib takes it for a ZipFile."""

    #: Date of all entries: year to second.
    moment: tuple[int, ...]
    #: Names of entries that are compressed already.
    stored: frozenset[str]
    #: Full name, such as `EPUB/package.opf` → bytes.
    entries: dict[str, bytes] = field(default_factory=dict)
    #: Entries that come when all others are packed: name → what gives their bytes; None: a drawn cover.
    late: dict[str, Callable[[], bytes] | None] = field(default_factory=dict)

    def writestr(self, name: str, data: bytes) -> None:
        """Take an entry. Raises ValueError where its name is taken."""
        if name in self.entries:
            raise ValueError(f"two files of the EPUB have the name {name}")
        self.entries[name] = data

    def left(self, packed: Iterable[str]) -> dict[str, bytes]:
        """Return the entries that have to be deflated yet, when some are."""
        names = self.entries.keys() - self.stored - set(packed)
        return {name: self.entries[name] for name in sorted(names)}

    def completed(self, cover: Cover | None) -> bytes:
        """Return the whole zip file: see `write`."""
        file = BytesIO()
        self.write(file, {}, cover)
        return file.getvalue()

    def write(self, file: IO[bytes], packed: Mapping[str, Packed], cover: Cover | None) -> None:
        """Write the whole zip file: `mimetype`, the entries by name, those that come late, then the cover.

        `packed`: what is deflated already. Only one of the late entries is in memory at a time.
        """
        packed = {**packed, **pack(self.left(packed))}
        with _Zip(file, "w") as out:
            out.writestr(self._entry("mimetype"), b"application/epub+zip", zipfile.ZIP_STORED)
            for name, data in sorted(self.entries.items()):
                if name in packed:
                    out.write_packed(self._entry(name), packed[name])
                else:
                    out.writestr(self._entry(name), data, zipfile.ZIP_STORED)
            for name, read in sorted(self.late.items()):
                if read is not None:
                    self._write_late(out, name, read())
            for name, read in self.late.items():
                if read is None and cover is not None:
                    # Plain paper compresses well even as a JPEG: the file is half as long.
                    out.write_packed(self._entry(name), pack({name: cover.jpeg})[name])

    def files(self) -> Mapping[str, bytes]:
        """Return all entries but a drawn cover; the late ones are read when they are asked for."""
        return ChainMap(self.entries, _Reading(self.late))  # type: ignore[arg-type]  # nobody writes there

    def _write_late(self, out: _Zip, name: str, data: bytes) -> None:
        if name in self.stored:
            out.writestr(self._entry(name), data, zipfile.ZIP_STORED)
        else:
            out.write_packed(self._entry(name), pack({name: data})[name])

    def _entry(self, name: str) -> zipfile.ZipInfo:
        entry = zipfile.ZipInfo(name, self.moment)  # type: ignore[arg-type]  # six numbers
        entry.create_system = 3
        entry.external_attr = 0o100644 << 16
        return entry


class _Zip(zipfile.ZipFile):
    """A zip file that takes entries which are deflated already; Python's own deflates with zlib alone."""

    def write_packed(self, entry: zipfile.ZipInfo, packed: Packed) -> None:
        """Write an entry of less than 4 GB."""
        file = self.fp
        if file is None:
            raise ValueError("the zip file is closed")
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.CRC, entry.file_size, entry.compress_size = packed.crc, packed.size, len(packed.data)
        entry.header_offset = file.tell()
        file.write(entry.FileHeader(zip64=False))
        file.write(packed.data)
        self.filelist.append(entry)
        self.NameToInfo[entry.filename] = entry
        self.start_dir = file.tell()
        self._didModify = True


@dataclass(frozen=True, slots=True)
class _Reading(Mapping[str, bytes]):
    """Entries by name, each read when it is asked for."""

    late: Mapping[str, Callable[[], bytes] | None]

    def __getitem__(self, name: str) -> bytes:
        read = self.late[name]
        if read is None:
            raise KeyError(name)
        return read()

    def __iter__(self) -> Iterator[str]:
        return (name for name, read in self.late.items() if read is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)
