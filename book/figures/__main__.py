"""Draws the figures: `python book/figures` writes book/images/NAME.svg from book/data and legendes.toml."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import bourse  # noqa: F401 - each module enters its figures
import cloture  # noqa: F401
import machine  # noqa: F401
import monde  # noqa: F401
import prix  # noqa: F401
import raisonner  # noqa: F401
from look import FIGURES, IMAGES, svg


def drawn(names: list[str]) -> dict[str, bytes]:
    """Return the SVG of each figure named."""
    legends = tomllib.loads(Path(__file__).with_name("legendes.toml").read_text(encoding="utf-8"))
    return {name: svg(FIGURES[name](), legends[name]["titre"]) for name in names}


if __name__ == "__main__":
    for name, data in drawn(sys.argv[1:] or list(FIGURES)).items():
        Path(IMAGES, f"{name}.svg").write_bytes(data)
