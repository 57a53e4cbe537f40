"""The command line: words to values, values to words. It alone reads the clock and the environment."""

from __future__ import annotations

import argparse
import errno
import gc
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import publish
from publish.problems import BookProblems, Problem, errors, in_order

if TYPE_CHECKING:
    from publish import Options, Output, Report

#: Exit codes; argparse itself ends with that of wrong use.
GOOD, HAS_PROBLEMS, WRONG_USE, TOOL_MISSING = range(4)
#: What a shell calls a program that Ctrl-C ended: 128 and the signal's number.
_STOPPED = 130
#: The same of one that `kill` ended.
_ENDED = 143
#: What a full disk says, or a full share of one; all that is built is written by hands that tell of it.
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EIO)
#: 31 December 9999, the last day that a date of a document may have.
_LAST_SECOND = 253_402_300_799
#: Those of `epub.readers`, which is loaded only when one is asked for.
_READERS = ("kobo", "kindle", "apple", "safe")
#: Those of `book.PDF_STANDARDS`, for the same reason.
_STANDARDS = ("pdf/ua-1", "pdf/ua-2", "pdf/a-2a", "pdf/a-3a", "pdf/a-4f")
_OUTPUTS: dict[str, tuple[Output, ...]] = {"epub": ("epub",), "pdf": ("pdf",), "build": ("epub", "pdf")}


def run() -> NoReturn:
    """Run the command that the shell gave, and end at once.

    All is written and closed by then: taking a long book to pieces first would cost a thirtieth of its time.
    """
    code = GOOD
    signal.signal(signal.SIGTERM, _end)
    try:
        code = main()
    except SystemExit as stop:  # argparse's, or ours
        code = stop.code if isinstance(stop.code, int) else WRONG_USE
    except BaseException:
        if sys.unraisablehook is not _end_again:
            raise
        code = _ENDED  # an executor that was just beginning can't end well
    finally:
        if code == _ENDED:
            print("publish: stopped; nothing was written", file=sys.stderr)
        for stream in filter(None, (sys.stdout, sys.stderr)):  # a shell may have closed one: `>&-`
            with suppress(BrokenPipeError, ValueError):  # nobody reads any more
                try:
                    stream.flush()
                except OSError as error:
                    code = code or _unprinted(error)
    os._exit(code)


def _end(_signal: int, _frame: object) -> NoReturn:
    """End at once, as `kill` asks, and leave neither processes nor temporary folders."""
    from publish import workers  # noqa: PLC0415 - not every command has some

    workers.end_all()
    sys.unraisablehook = _end_again
    raise SystemExit(_ENDED)


def _end_again(_swallowed: object) -> None:
    """End a moment later: Python only prints what is raised in a callback that it runs in between."""
    signal.signal(signal.SIGALRM, _end)
    signal.setitimer(signal.ITIMER_REAL, 0.01)


def _unprinted(error: OSError) -> int:
    """Say that a report found no room where it was sent; what was built is there all the same."""
    with suppress(OSError, ValueError):
        print(f"publish: the report can't be printed: {error.strerror}".lower(), file=sys.stderr)
    return HAS_PROBLEMS


def main(words: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (see GOOD and those after it)."""
    gc.set_threshold(100_000, 50, 100)  # what a book is made of stays until the end
    arguments = _parser().parse_args(words)
    command: Callable[[argparse.Namespace], int] = arguments.command
    try:
        return command(arguments)
    except BookProblems as stop:
        return _tell(arguments, stop.problems, None, time.monotonic())
    except BrokenPipeError:
        return GOOD
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        return _unprinted(error)
    except KeyboardInterrupt:
        print("publish: stopped; nothing was written", file=sys.stderr)
        return _STOPPED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="publish", description=publish.__doc__.splitlines()[0] if publish.__doc__ else ""
    )
    parser.add_argument(
        "--version", action=_Version, nargs=0, help="print the versions of the program and its engines"
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, words in (("epub", "make the EPUB"), ("pdf", "make the PDF"), ("build", "make both")):
        command = _command(commands, name, words, _build)
        command.set_defaults(outputs=_OUTPUTS[name])
        if name != "build":
            command.add_argument("-o", "--output", type=Path, metavar="FILE", help="where to write it")
        if name != "epub":
            command.add_argument(
                "--standard", choices=_STANDARDS, metavar="NAME",
                help=f"what the PDF declares: {', '.join(_STANDARDS)}; default: as the book says",
            )  # fmt: skip
        if name != "pdf":
            command.add_argument(
                "--for", dest="readers", action="append", choices=_READERS, metavar="READER", default=[],
                help=f"make an EPUB for one reader as well: {', '.join(_READERS)}; may be given again",
            )  # fmt: skip
    _command(commands, "check", "build the book in a temporary folder and ask the outside judges", _check)
    proof = _command(commands, "proof", "print what a proof-reader would mark", _proof)
    proof.add_argument("--fix", action="store_true", help="make the safe corrections in the files")
    proof.add_argument(
        "--all", action="store_true", help="tell, and fix, also what each build sets by itself"
    )
    proof.add_argument("--lines", action="store_true", help="print one line for each mark, for editors")
    proof.add_argument("--explain", metavar="RULE", help="print a rule, its authority and its examples")
    cover = _command(commands, "cover", "write the generated cover as SVG and JPEG", _cover)
    cover.add_argument(
        "-o", "--output", type=Path, metavar="FOLDER", default=Path("dist"), help="where to write them"
    )
    info = commands.add_parser("info", help="tell what a shop would see of an EPUB")
    info.add_argument("file", type=Path, metavar="FILE", help="an EPUB")
    info.add_argument("--json", action="store_true", help="print one JSON object for machines")
    info.set_defaults(command=_info, quiet=False)
    return parser


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    words: str,
    run: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=words, description=f"{words}.".capitalize())
    command.add_argument(
        "book",
        type=Path,
        nargs="?",
        default=Path("book"),
        metavar="BOOK",
        help="folder or .md file; default: book/",
    )
    command.add_argument(
        "--edition", default="", metavar="NAME", help="a named edition of the book's settings"
    )
    command.add_argument("--cache", type=Path, metavar="DIR", help="keep results between builds there")
    command.add_argument("--json", action="store_true", help="print one JSON object for machines")
    command.add_argument("-q", "--quiet", action="store_true", help="print problems only")
    command.set_defaults(command=run)
    return command


class _Version(argparse.Action):
    """Prints the versions without loading anything."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version  # noqa: PLC0415 - it loads the email package

        engines = ", ".join(
            f"{name} {version(name)}" for name in ("weasyprint", "ebooklib", "pikepdf", "markdown-it-py")
        )
        print(f"publish {version('publish-book')} ({engines})")
        parser.exit()


def _build(arguments: argparse.Namespace) -> int:
    started = time.monotonic()
    output = getattr(arguments, "output", None)
    with _progress(arguments) as progress:
        report = publish.build(
            arguments.book, dict.fromkeys(arguments.outputs, output), _options(arguments, progress)
        )
    return _tell(arguments, report.problems, report, started)


def _check(arguments: argparse.Namespace) -> int:
    started = time.monotonic()
    with _progress(arguments) as progress:
        report = publish.examine(arguments.book, _options(arguments, progress))
    code = _tell(arguments, report.problems, report, started)
    if not arguments.json and not arguments.quiet:
        print(_verdict(report.problems))
    return code


def _cover(arguments: argparse.Namespace) -> int:
    for path in publish.cover(arguments.book, arguments.output, _options(arguments, lambda *_: None)):
        print(path)
    return GOOD


def _info(arguments: argparse.Namespace) -> int:
    view, problems = publish.look(arguments.file)
    if arguments.json:
        told = {**asdict(view), "problems": [problem.as_dict() for problem in problems]}
        print(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        rows = [(name, "; ".join(values)) for name, values in view.metadata.items()]
        rows += [(name, f"{number:,}".replace(",", " ")) for name, number in view.sizes.items()]
        for name, value in rows:
            print(f"{name:>12}  {value}")
        for heading, sentences in view.accessibility:
            print(f"\n{heading}", *(f"  {sentence}" for sentence in sentences), sep="\n")
        for problem in problems:
            print(problem, file=sys.stderr)
    return HAS_PROBLEMS if errors(problems) else GOOD


def _proof(arguments: argparse.Namespace) -> int:
    from publish.proof import explained, fixed, report  # noqa: PLC0415 - a build doesn't proof-read

    if arguments.explain:
        print(explained(arguments.explain) or f"publish: there is no rule “{arguments.explain}”")
        return GOOD if explained(arguments.explain) else WRONG_USE
    found = publish.proofread(arguments.book)
    made = fixed([*found.marks, *(found.set if arguments.all else ())]) if arguments.fix else ()
    left = found.without(made)
    if arguments.json:
        print(json.dumps(report.as_json(left, made), ensure_ascii=False, indent=1))
    elif arguments.lines or not sys.stdout.isatty():
        for line in report.lines(left, whole=arguments.all):
            print(line)
    else:
        print(report.grouped(left, whole=arguments.all))
    if made and not arguments.json:
        print(f"{_count(len(made), 'correction')} made", file=sys.stderr)
    return HAS_PROBLEMS if left.marks else GOOD


def _options(arguments: argparse.Namespace, progress: publish.Progress) -> Options:
    """Turn arguments and environment into options; SOURCE_DATE_EPOCH is of reproducible-builds.org."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    modified = min(int(epoch), _LAST_SECOND) if re.fullmatch("[0-9]{1,20}", epoch) else None
    committed = _last_commit(arguments.book) if modified is None else None
    readers = tuple(getattr(arguments, "readers", ()))
    standard = getattr(arguments, "standard", None)
    return publish.Options(
        arguments.cache, modified, committed, progress, readers, arguments.edition, standard
    )  # fmt: skip


def _last_commit(book: Path) -> int | None:
    """Return when the book was last committed, in seconds; None where git knows nothing of it."""
    if shutil.which("git") is None or not book.exists():
        return None
    folder = str(book if book.is_dir() else book.parent)
    command = ["git", "-C", folder, "log", "-1", "--format=%ct", "--", "."]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    return int(answer.stdout) if answer.stdout.strip().isdigit() else None


@contextmanager
def _progress(arguments: argparse.Namespace) -> Iterator[publish.Progress]:
    """Show a bar on a terminal; nothing elsewhere."""
    if arguments.quiet or arguments.json or not sys.stderr.isatty():
        yield lambda _step, _done, _all: None
        return
    from rich.console import Console  # noqa: PLC0415 - rich is loaded only where a terminal shows it
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description:>9}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("read", total=None)
        yield lambda step, done, total: bar.update(
            task, description=step, completed=done, total=total or None
        )


def _tell(
    arguments: argparse.Namespace, problems: Sequence[Problem], report: Report | None, started: float
) -> int:
    """Print what was made and what was found; return the exit code."""
    seconds = time.monotonic() - started
    shown = in_order(problems)
    if arguments.json:
        print(json.dumps(_as_json(shown, report, seconds), ensure_ascii=False, indent=1))
    else:
        for problem in shown:
            print(problem, file=sys.stderr)
        if report and not arguments.quiet:
            _tell_files(report, seconds)
        elif errors(shown) and report is None:
            print(f"publish: {_count(len(errors(shown)), 'problem')}; nothing was written", file=sys.stderr)
    if any(problem.code == "tool-missing" for problem in errors(shown)):
        return TOOL_MISSING
    return HAS_PROBLEMS if errors(shown) else GOOD


def _verdict(problems: Sequence[Problem]) -> str:
    """Say in a line what a check came to."""
    if any(problem.code in ("tool-missing", "no-verdict") for problem in problems):
        asked = "not every judge could be asked"
    else:
        asked = "EPUBCheck and Ace were asked"
    wrong = len(errors(problems))
    counts = [(wrong, "problem"), (len(problems) - wrong, "warning")]
    found = ", ".join(_count(number, noun) for number, noun in counts if number) or "nothing to correct"
    return f"{found}; {asked}"


def _tell_files(report: Report, seconds: float) -> None:
    for built in report.files:
        parts = [f"{built.size / 1e6:.2f} MB"]
        if built.pages:
            parts.append(_count(built.pages, "page"))
            parts.append(f"{built.typeset} sections typeset, {built.reused} reused")
        print(f"{built.path}: {', '.join(parts)}")
    print(f"{report.words} words, {seconds:.1f} s")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _as_json(problems: Sequence[Problem], report: Report | None, seconds: float) -> dict[str, object]:
    files = [
        {"path": str(b.path), "bytes": b.size, "pages": b.pages, "typeset": b.typeset, "reused": b.reused}
        for b in (report.files if report else ())
    ]
    return {
        "files": files, "words": report.words if report else 0, "seconds": round(seconds, 2),
        "problems": [problem.as_dict() for problem in problems],
    }  # fmt: skip


if __name__ == "__main__":
    run()
