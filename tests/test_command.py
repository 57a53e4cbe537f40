"""The command line: exit codes, what it prints, what it leaves alone; the same bytes from the same book."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from publish.__main__ import _verdict, main
from publish.problems import Problem, Severity

BOOK = """---
title: La Mer
author: Paul V.
lang: fr
date: 1920-05-01
---

# Un

Midi le juste[^n].

[^n]: Une note.

# Deux

Le vent.
"""


@pytest.fixture
def mer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A book of two chapters, in the current folder."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "mer.md"
    file.write_text(BOOK, "utf-8")
    return file


def run(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the program as a user does."""
    command = [sys.executable, "-m", "publish", *map(str, words)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )


def test_build_makes_both(mer: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`publish build` writes both files in dist/, named after the manuscript, and says so."""
    assert main(["build", str(mer), "--cache", str(tmp_path / "cache")]) == 0
    assert {path.name for path in (tmp_path / "dist").iterdir()} == {"mer.epub", "mer.pdf"}
    assert "dist/mer.pdf" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ([], "nothing to correct; EPUBCheck and Ace were asked"),
        (
            [("epubcheck", "error"), ("ace", "warning"), ("ace", "warning")],
            "1 problem, 2 warnings; EPUBCheck and Ace were asked",
        ),
        ([("tool-missing", "warning")], "1 warning; not every judge could be asked"),
    ],
)
def test_a_check_says_what_it_came_to(found: list[tuple[str, Severity]], said: str) -> None:
    """Nothing is claimed where a judge is missing."""
    assert _verdict([Problem(code, None, "", "", severity) for code, severity in found]) == said


def test_output_is_chosen(mer: Path, tmp_path: Path) -> None:
    """`-o` names the file; its folder is made."""
    assert main(["epub", str(mer), "-o", str(tmp_path / "deep" / "x.epub"), "-q"]) == 0
    assert (tmp_path / "deep" / "x.epub").stat().st_size > 10_000


def test_last_good_book_stays(mer: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A book that got an error leaves the last good build's output as it was, and no half file beside."""
    target = tmp_path / "mer.epub"
    main(["epub", str(mer), "-o", str(target)])
    good = target.read_bytes()
    mer.write_text(BOOK + "\n![](nowhere.png)\n", "utf-8")

    assert main(["epub", str(mer), "-o", str(target)]) == 1
    assert target.read_bytes() == good
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mer.epub", "mer.md"]
    assert "mer.md:18:1: missing-image" in capsys.readouterr().err


def test_json(mer: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--json` prints one object: files, words, seconds, problems."""
    mer.write_text(BOOK + "\n[^z]\n\n![](nowhere.png)\n", "utf-8")
    assert main(["epub", str(mer), "-o", str(tmp_path / "x.epub"), "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)

    assert answer["files"] == []
    assert "missing-image" in {problem["code"] for problem in answer["problems"]}
    assert all(problem["file"].endswith("mer.md") for problem in answer["problems"])


def test_missing_book(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A path where nothing is gives a problem, not a trace."""
    assert main(["epub", str(tmp_path / "none")]) == 1
    assert "missing-book" in capsys.readouterr().err


def test_a_pipe_is_no_book(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What might never end isn't read."""
    os.mkfifo(tmp_path / "pipe.md")
    assert main(["epub", str(tmp_path / "pipe.md")]) == 1
    assert "is neither a folder nor a file" in capsys.readouterr().err


def test_the_manuscript_is_never_overwritten(mer: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An output at the path of the manuscript is refused, and nothing is lost."""
    assert main(["epub", str(mer), "-o", str(mer)]) == 1
    assert "cannot-write: is the manuscript itself" in capsys.readouterr().err


def test_a_device_stays_a_device(mer: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An output never takes the place of a pipe, nor of what a link leads to, as /dev/null may be."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    for name in ("pipe", "link"):
        assert main(["epub", str(mer), "-o", name, "--cache", str(tmp_path / "cache")]) == 1
        assert f"{name}: cannot-write: is a device or a pipe" in capsys.readouterr().err
        assert (tmp_path / name).is_fifo()
    assert mer.read_text("utf-8") == BOOK


@pytest.mark.skipif(sys.platform == "darwin", reason="the disks of macOS take no name that isn't UTF-8")
def test_a_name_may_be_no_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name in another encoding, as old disks have it, is the book's name all the same."""
    source = tmp_path / os.fsdecode(b"m\xe9r.md")
    source.write_text("# A\n\nText.\n")
    monkeypatch.chdir(tmp_path)
    assert main(["build", str(source), "-q", "--cache", str(tmp_path / "cache")]) == 0
    assert Path("dist", os.fsdecode(b"m\xe9r.pdf")).is_file()


@pytest.mark.parametrize(
    ("target", "fact"),
    [
        ("a.md", "is there already, and is neither an EPUB nor a PDF"),
        ("gone/../book.toml", "is there already, and is neither an EPUB nor a PDF"),
        ("thesis.docx", "is there already, and is neither an EPUB nor a PDF"),
        ("a.md/b.epub", "a part of the path is a file, no folder"),
        ("x" * 300 + ".epub", "the name is too long"),
    ],
)
def test_output_spares_what_is_no_book(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], target: str, fact: str
) -> None:
    """A chapter, the settings, a picture that `-o` names by mistake stay what they are."""
    (tmp_path / "book.toml").write_text('title = "T"\nlanguage = "en"\n')
    (tmp_path / "a.md").write_text("# A\n\nText.\n")
    with zipfile.ZipFile(tmp_path / "thesis.docx", "w") as document:
        document.writestr("[Content_Types].xml", "<Types/>")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert main(["epub", str(tmp_path), "-q", "-o", f"{tmp_path}/{target}"]) == 1
    assert f"cannot-write: {fact}\n    hint: choose a" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before


@pytest.mark.parametrize("epoch", ["9" * 17, "²", "-1"])
def test_any_epoch_makes_a_book(mer: Path, epoch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A date that no zip can hold becomes the last one that it can; what is no number is left alone."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    assert main(["epub", str(mer), "-q"]) == 0


def test_wrong_use() -> None:
    """An unknown command ends with code 2."""
    assert run("print").returncode == 2
    assert run().returncode == 2


def test_output_that_cannot_be_written(mer: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An output that is a folder gives a problem with its path."""
    (tmp_path / "x.epub").mkdir()
    assert main(["epub", str(mer), "-o", str(tmp_path / "x.epub")]) == 1
    assert "x.epub: cannot-write: is a folder\n    hint: name a file in it" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
@pytest.mark.parametrize("buffered", ["", "1"])
def test_a_report_without_room(mer: Path, tmp_path: Path, buffered: str) -> None:
    """Where the report finds no room the book is there, the code says that something failed, in one line."""
    command = [sys.executable, "-m", "publish", "epub", str(mer), "-o", str(tmp_path / "x.epub")]
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
            env={**os.environ, "PYTHONUNBUFFERED": buffered},
        )  # fmt: skip

    assert (ended.returncode, ended.stderr) == (
        1, "publish: the report can't be printed: no space left on device\n",
    )  # fmt: skip
    assert (tmp_path / "x.epub").exists()


def test_version_loads_no_engine() -> None:
    """`publish --version` names the engines and loads none of them."""
    code = (
        "import sys; from publish.__main__ import main\n"
        "try: main(['--version'])\n"
        "except SystemExit: pass\n"
        "engines = {'weasyprint', 'lxml', 'markdown_it', 'PIL', 'jinja2', 'pikepdf'}\n"
        "print(sorted(engines & sys.modules.keys()))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert "weasyprint 70" in answer
    assert answer.splitlines()[-1] == "[]"


def test_epub_loads_no_typesetter(mer: Path) -> None:
    """Making an EPUB never loads WeasyPrint."""
    code = (
        "import sys; from publish.__main__ import main\n"
        "main(sys.argv[1:]); print('weasyprint' in sys.modules)"
    )
    words = [sys.executable, "-c", code, "epub", str(mer), "-o", "x.epub"]
    answer = subprocess.run(words, capture_output=True, text=True, check=True).stdout

    assert answer.splitlines()[-1] == "False"


@pytest.mark.slow
def test_same_book_same_bytes(tmp_path: Path) -> None:
    """Two folders, two time zones, two hash seeds, two caches: the same bytes for both files."""
    made = []
    for name, zone, seed in (("here", "UTC", "1"), ("there/deeper", "Pacific/Auckland", "77")):
        folder = tmp_path / name
        folder.mkdir(parents=True)
        (folder / "mer.md").write_text(
            BOOK + "\n# Trois\n\n![Un point](p.svg)\n\n`code` *italique*\n", "utf-8"
        )
        (folder / "p.svg").write_text(
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle r="4" cx="4" cy="4"/></svg>'
        )
        for output in ("epub", "pdf"):
            words = (
                output,
                folder / "mer.md",
                "-o",
                folder / f"mer.{output}",
                "--cache",
                folder / "cache",
                "-q",
            )
            answer = run(*words, TZ=zone, PYTHONHASHSEED=seed, LC_ALL="C.UTF-8")
            assert answer.returncode == 0, answer.stderr
        made.append([(folder / f"mer.{output}").read_bytes() for output in ("epub", "pdf")])

    assert made[0][0] == made[1][0]
    assert made[0][1] == made[1][1]


def test_cover_is_written(mer: Path, tmp_path: Path) -> None:
    """`publish cover` writes the generated cover as SVG and as JPEG of 1600 × 2560."""
    from PIL import Image  # noqa: PLC0415 - only here

    assert main(["cover", str(mer), "-o", str(tmp_path / "covers")]) == 0
    with Image.open(tmp_path / "covers" / "mer-cover.jpg") as picture:
        assert picture.size == (1600, 2560)
    assert (tmp_path / "covers" / "mer-cover.svg").read_text("utf-8").startswith(("<svg", "<?xml"))


@pytest.mark.slow
def test_killed_build_leaves_the_last_book(mer: Path, tmp_path: Path) -> None:
    """Kill -9 in the middle of a build leaves the last book; the next build is right."""
    target, cache = tmp_path / "mer.pdf", tmp_path / "cache"
    assert run("pdf", mer, "-o", target, "--cache", cache).returncode == 0
    good = target.read_bytes()
    mer.write_text(BOOK + "\n# Trois\n\n" + "Encore un peu. " * 20_000, "utf-8")
    build = subprocess.Popen(
        [sys.executable, "-m", "publish", "pdf", str(mer), "-o", str(target), "--cache", str(cache)]
    )
    with pytest.raises(subprocess.TimeoutExpired):
        build.wait(1.5)
    build.kill()
    build.wait()

    assert target.read_bytes() == good
    assert run("pdf", mer, "-o", target, "--cache", cache).returncode == 0
    assert target.read_bytes() != good
    shutil.rmtree(cache)
