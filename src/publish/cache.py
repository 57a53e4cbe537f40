"""What was made once and need not be made again: bytes kept between builds; the one owner of diskcache.

Keys are hashes of everything that the bytes depend on, so nothing is ever out of date. The cache is
bounded, shared by builds that run at once, and survives a killed build; a damaged entry counts as absent.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Protocol

import diskcache
from platformdirs import user_cache_path

#: Bytes that the cache may take on disk before the least recently used entries go.
SIZE_LIMIT = 2 * 1024**3
_DIGEST = hashlib.sha256().digest_size


class Store(Protocol):
    """Where bytes are kept under a key."""

    def get(self, key: str) -> bytes | None:
        """Return the bytes of a key, or None."""
        ...

    def put(self, key: str, data: bytes) -> None:
        """Keep bytes under a key."""
        ...


class Nothing:
    """A store that keeps nothing."""

    def get(self, key: str) -> bytes | None:  # noqa: ARG002 - the protocol's signature
        """Return None: there is never anything."""
        return None

    def put(self, key: str, data: bytes) -> None:
        """Forget."""


class BytesDisk(diskcache.Disk):  # type: ignore[misc]  # diskcache has no types
    """A disk that holds bytes and nothing else: a pickled entry could run code when read (CVE-2025-69872)."""

    def fetch(self, mode: int, filename: str | None, value: object, read: bool) -> object:  # noqa: FBT001 - diskcache's signature
        """Return an entry; raise ValueError for one that isn't bytes."""
        if mode == diskcache.core.MODE_PICKLE:
            raise ValueError("a cache entry isn't bytes")
        return super().fetch(mode, filename, value, read)


class Disk:
    """A store in a folder. Failures of the disk are misses: a cache must never stop a build."""

    def __init__(self, cache: diskcache.Cache) -> None:
        """Wrap an open diskcache."""
        self._cache = cache

    def get(self, key: str) -> bytes | None:
        """Return the bytes of a key, or None where there is none or it is damaged."""
        try:
            value = self._cache.get(key)
        except (OSError, sqlite3.Error, ValueError, diskcache.Timeout):
            return None
        if not isinstance(value, bytes) or hashlib.sha256(value[_DIGEST:]).digest() != value[:_DIGEST]:
            return None
        return value[_DIGEST:]

    def put(self, key: str, data: bytes) -> None:
        """Keep bytes with their checksum; do nothing where the disk refuses."""
        try:
            self._cache.set(key, hashlib.sha256(data).digest() + data)
        except (OSError, sqlite3.Error, diskcache.Timeout):
            return


def key(*parts: str | bytes) -> str:
    """Turn everything that a result depends on into a key: SHA-256, each part with its length."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part
        digest.update(f"{len(data)}:".encode())
        digest.update(data)
    return digest.hexdigest()


def _opened(folder: Path) -> diskcache.Cache:
    """Open a cache; one whose index is no database any more is begun anew."""
    begin = partial(
        diskcache.Cache, str(folder), disk=BytesDisk, size_limit=SIZE_LIMIT,
        eviction_policy="least-recently-used",
    )  # fmt: skip
    try:
        return begin()
    except sqlite3.OperationalError:  # it is locked, or can't be written: not damaged
        raise
    except sqlite3.DatabaseError:
        for file in folder.glob(f"{diskcache.core.DBNAME}*"):
            file.unlink(missing_ok=True)
        return begin()


@contextmanager
def opened(folder: Path | None) -> Iterator[Store]:
    """Open the cache in `folder` (None: the user's cache folder); nothing is kept where that fails."""
    try:
        cache = _opened(folder or user_cache_path("publish"))
    except (OSError, sqlite3.Error, diskcache.Timeout):
        yield Nothing()
        return
    try:
        yield Disk(cache)
    finally:
        cache.close()
