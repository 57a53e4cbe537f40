"""EPUBCheck for many files: started once, for reading its rules costs it as much as ten books."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from publish.check import judges

SOURCE = Path(__file__).parent / "judges" / "EpubChecks.java"


class OpenEpubCheck:
    """Takes the place of `judges._asked`: the same Java, the same command lines, one after the other."""

    def __init__(self, compiler: str) -> None:
        """Take the path of javac; Java starts at the first question."""
        self._compiler = compiler
        self._classes = tempfile.TemporaryDirectory(prefix="epubchecks-")
        self._process: subprocess.Popen[str] | None = None
        self._start_anew = judges._asked

    def asked(
        self, command: list[str], folder: str, seconds: float, environment: dict[str, str] | None = None
    ) -> str | None:
        """Give EPUBCheck its words; start every other judge."""
        if "-jar" not in command:
            return self._start_anew(command, folder, seconds, environment)
        at = command.index("-jar")
        process = self._process = self._process or self._started(command[:at], command[at + 1])
        assert process.stdin
        assert process.stdout
        process.stdin.write("\t".join(command[at + 2 :]) + "\n")
        process.stdin.flush()
        assert process.stdout.readline() == "done\n", "EPUBCheck ended"
        return ""

    def _started(self, java: list[str], jar: str) -> subprocess.Popen[str]:
        subprocess.run([self._compiler, "-cp", jar, "-d", self._classes.name, SOURCE], check=True)
        return subprocess.Popen(
            [*java, "-cp", f"{self._classes.name}{os.pathsep}{jar}", "EpubChecks"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8",
        )  # fmt: skip

    def close(self) -> None:
        """End it."""
        if self._process:
            self._process.communicate()
        self._classes.cleanup()
