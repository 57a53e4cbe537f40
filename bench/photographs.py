"""Measures the EPUB of a made book of photographs: its memory, its time, its size.

python bench/photographs.py [--count 1000] → a line for docs/performance.md, and what is promised and what
came of it. The photographs have 12 million pixels, and no two files the same bytes.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from PIL import Image

from measure import Cost, run

#: Pixels of a usual camera, and how many photographs differ by more than what a camera writes beside them.
SIZE, DISTINCT = (4000, 3000), 4
#: What is promised: bytes of the largest process.
MOST = 500 * 1024 * 1024
PUBLISH = str(Path(sys.executable).parent / "publish")


def photograph(number: int) -> bytes:
    """Return a JPEG with slopes of light and grain, as heavy as a camera's."""
    width, height = SIZE
    light = Image.linear_gradient("L").rotate(90 * number).resize(SIZE)
    grain = Image.effect_noise((width // 2, height // 2), 24).resize(SIZE)
    bands = (Image.blend(light, grain, share) for share in (0.3, 0.4, 0.5))
    file = BytesIO()
    Image.merge("RGB", tuple(bands)).save(file, "JPEG", quality=90)
    return file.getvalue()


def with_comment(jpeg: bytes, number: int) -> bytes:
    """Return a JPEG with a comment behind its first two bytes: another file, the same picture."""
    words = f"photograph {number}".encode()
    return jpeg[:2] + b"\xff\xfe" + (len(words) + 2).to_bytes(2, "big") + words + jpeg[2:]


def manuscript(folder: Path, count: int) -> int:
    """Write a book of `count` photographs in chapters of twenty, and return their bytes."""
    made = [photograph(number) for number in range(DISTINCT)]
    size = 0
    for number in range(count):
        data = with_comment(made[number % DISTINCT], number)
        size += len(data)
        (folder / f"{number:04}.jpg").write_bytes(data)
    text = "\n\n".join(_paragraphs(count))
    (folder / "book.md").write_text(f"---\ntitle: Photographs\nauthor: A\nlang: en\n---\n\n{text}\n", "utf-8")
    return size


def _paragraphs(count: int) -> Iterator[str]:
    for number in range(count):
        if number % 20 == 0:
            yield f"# Chapter {number // 20 + 1}"
        yield f"![Photograph {number}]({number:04}.jpg)"


def told(count: int, size: int, made: int, cost: Cost) -> str:
    """Say what came of it, and whether the promise is kept."""
    peak = cost.peak / 1024**2
    kept = "kept" if cost.peak < MOST else "NOT KEPT"
    return (
        f"{count} photographs of {SIZE[0]} × {SIZE[1]} pixels, {size / 1e9:.2f} GB: an EPUB of "
        f"{made / 1e9:.2f} GB in {cost.wall:.0f} s ({cost.cpu:.0f} s of CPU).\n\n"
        f"- a book of 1 000 photographs under {MOST // 1024**2} MB: {peak:.0f} MB ({kept})"
    )


def main() -> None:
    """Make the book, build it, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000, help="how many photographs")
    count = parser.parse_args().count
    with tempfile.TemporaryDirectory(prefix="publish-bench-") as name:
        folder = Path(name)
        size = manuscript(folder, count)
        command = [PUBLISH, "epub", "book.md", "-o", "book.epub", "--cache", str(folder / "cache")]
        cost = run(command, folder, 3600)
        print(told(count, size, (folder / "book.epub").stat().st_size, cost))


if __name__ == "__main__":
    main()
