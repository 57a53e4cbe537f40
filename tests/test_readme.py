"""The pages for people say what is true: their commands, paths and packages exist."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = ["README.md", "CONTRIBUTING.md"]


def read(name: str) -> str:
    """Return a file of the project as text."""
    return (ROOT / name).read_text(encoding="utf-8")


def targets() -> set[str]:
    """Return the targets that the Makefile explains."""
    return set(re.findall(r"^([a-z-]+):.*## ", read("Makefile"), re.MULTILINE))


@pytest.mark.parametrize("page", PAGES)
def test_commands_of_a_page_are_targets(page: str) -> None:
    """Each `make …` that a page shows is a target with an explanation."""
    shown = re.findall(r"(?:^|`|python3\.\d+ )make ((?:[a-z-]+ ?)+)", read(page), re.MULTILINE)
    assert {name for names in shown for name in names.split()} <= targets()


@pytest.mark.parametrize("page", PAGES)
def test_links_of_a_page_lead_somewhere(page: str) -> None:
    """Each relative link and each folder of a table is there."""
    text = read(page)
    named = re.findall(r"\]\((?!https?:)([^)#]+)\)", text) + re.findall(
        r"^\| `([a-z/]+/)` \|", text, re.MULTILINE
    )
    assert not [path for path in named if not (ROOT / path).exists()]


def test_every_dependency_has_its_reason() -> None:
    """CONTRIBUTING.md says why each runtime package is needed."""
    project = tomllib.loads(read("pyproject.toml"))["project"]
    names = {re.split(r"[<>=]", line)[0] for line in project["dependencies"]}
    text = read("CONTRIBUTING.md")
    assert not [name for name in names if name not in text and not name.startswith("fontpkg-")]


def test_the_locked_versions_name_no_place() -> None:
    """requirements/ holds names, versions and hashes: no address of a registry."""
    for file in (ROOT / "requirements").glob("*.txt"):
        assert "://" not in file.read_text(encoding="utf-8")
        assert "--hash=sha256:" in file.read_text(encoding="utf-8")
    assert '"resolved"' not in (ROOT / "requirements" / "npm" / "package-lock.json").read_text(
        encoding="utf-8"
    )


def test_the_pictures_are_light_and_described() -> None:
    """Each picture of the README is there, under 200 KB, and says what it shows to who can't see it."""
    pictures = re.findall(r"!\[([^\]]*)\]\((docs/images/[^)]+)\)", read("README.md"))
    assert len(pictures) >= 3
    assert all(len(alt) > 20 and (ROOT / path).stat().st_size < 200_000 for alt, path in pictures)
