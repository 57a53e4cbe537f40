"""Fenced and indented code into listings.

Words of code that mean the same stand in one element: `<b class="k">` a keyword, `<b class="d">` a name
where it is defined, `<i class="c">` a comment, `<i class="p">` a decorator or an attribute,
`<span class="s">` a string. Weight and slope tell them apart without colour. Each line is a
`<span class="line">`, so that styles can let a long one turn and hang.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from publish.manuscript import dialect
from publish.manuscript.inline import File, attributes
from publish.manuscript.names import quote
from publish.xhtml import escape

#: A line of more characters turns on a phone or on a small page: it gets the class `long`.
_LINE = 40
_TAB = 4
_ELEMENTS = {"k": "b", "d": "b", "c": "i", "p": "i", "s": "span"}
_LANGUAGE = re.compile(r"[\w.#+-]+")
_NUMBERS = re.compile(r"(\d+)(?:-(\d+)?)?")
#: A comment at a line's end that calls the items of the list below: `# <1>`, `// <2> <3>`, `<!-- <1> -->`.
_CALLOUTS = re.compile(r'[ \t]*(?:#|//|--|;+|%+|/\*|<!--|")[ \t]*((?:<\d+>[ \t]*)+)(?:\*/|-->)?[ \t]*$')
#: What begins and ends a named piece of a file: the words of pandoc-include-code, and mdBook's.
_BEGINS, _ENDS = r"(?:start snippet|ANCHOR:)", r"(?:end snippet|ANCHOR_END:)"
#: mdBook's way to put a file into code; code in Markdown shows how to write it.
_MDBOOK = re.compile(r"[ \t]*\{\{#(?:rustdoc_)?include[ \t]+([^:{}]+?)(?::([^{}]*))?[ \t]*\}\}[ \t]*")
_TALKS_OF_ITSELF = frozenset({"markdown", "md", "pandoc"})
_MARK = re.compile(rf"\b(?:{_BEGINS}|{_ENDS})[ \t]*[\w-]+")


def code_language(info: str) -> tuple[str, dict[str, str]]:
    """Turn a fence's info string (`rust,ignore`, `{.python #x}`) into the language and attributes."""
    head, brace, _ = info.strip().partition("{")
    found = dialect.attributes(info.strip(), len(head)) if brace else None
    attrs = dict(found[0]) if found else {}
    names = attrs.pop("class", "").split()
    match = _LANGUAGE.match(head)
    language = match[0] if match else (names.pop(0) if names else "")
    return language, attrs | ({"class": " ".join(names)} if names else {})


@dataclass(slots=True)
class Listing:
    """One block of code: what its fence asks for, and its lines."""

    file: File
    #: Line of its fence in the file, from 1.
    line: int
    language: str
    #: What the fence says beside, without what is understood here.
    attrs: dict[str, str]
    #: Markdown of the caption, name of the file that it shows.
    caption: str = ""
    title: str = ""
    #: Number of the first line; 0: lines aren't numbered.
    first: int = 0
    #: Lines that are marked, from 1.
    marked: frozenset[int] = frozenset()
    lines: list[str] = field(default_factory=list)
    #: Line, from 0 → numbers of the items that explain it.
    callouts: dict[int, list[str]] = field(default_factory=dict)
    #: The lines are another file's.
    included: bool = False

    @classmethod
    def read(cls, file: File, line: int, info: str, content: str) -> Listing:
        """Read a fence's info string and its content, or the file that it includes."""
        language, attrs = code_language(info)
        names = attrs.pop("class", "").split()
        numbered = {"numberLines", "number-lines", "numberlines"} & set(names)
        attrs["class"] = " ".join(["code", *(name for name in names if name not in numbered)])
        listing = cls(file, line, language, attrs)
        listing.title = attrs.pop("title", "") or attrs.pop("filename", "")
        listing.caption = attrs.pop("caption", "") or attrs.pop("lst-cap", "")
        text = listing._included() if "include" in attrs else listing._spliced(content.removesuffix("\n"))
        listing.lines = text.split("\n")
        first = attrs.pop("startFrom", attrs.pop("start-from", ""))
        listing.first = (int(first) if first.isdecimal() else 1) if numbered else 0
        listing.marked = listing._chosen(attrs.pop("highlight", attrs.pop("hl_lines", "")), "highlight")
        return listing

    def call_out(self, items: int) -> bool:
        """Take the call-outs from the lines' ends, for a list of so many items; tell if there are any."""
        found: dict[int, list[str]] = {}
        for number, line in enumerate(self.lines):
            if match := _CALLOUTS.search(line) if ">" in line else None:
                found[number] = re.findall(r"\d+", match[1])
                self.lines[number] = line[: match.start()]
        for number, called in found.items():
            for item in called:
                if not 0 < int(item) <= items:
                    fact = f"the call-out <{item}> has no item: the list below has {items}"
                    place = 0 if self.included else self.line + number + 1
                    self._tell(fact, "add the item, or correct the number", place)
        self.callouts = found
        return bool(found)

    def written(self) -> str:
        """Return the listing as XHTML, without its caption."""
        pieces = _by_line(self._stretches("\n".join(self.lines)))
        mark = f' data-language="{quote(self.language)}"' if self.language else ""
        lines = "".join(self._line(number, piece) for number, piece in enumerate(pieces))
        if self.first:
            self.attrs["class"] += " numbered"
        line = 0 if self.title or self.caption else self.line
        return f"<pre{attributes(self.attrs, line)}{mark}><code>{lines}</code></pre>"

    def _stretches(self, content: str) -> list[tuple[str, str]]:
        if not self.language:
            return [("", content)]
        from publish.manuscript.highlight import highlighted  # noqa: PLC0415 - see that module

        return highlighted(content, self.language)

    def letters(self) -> Iterator[str]:
        """Iterate over the texts that it shows, in order."""
        for number, line in enumerate(self.lines):
            yield f"{line}{''.join(self.callouts.get(number, ()))}\n"

    def _line(self, number: int, piece: str) -> str:
        names = "line long" if len(self.lines[number].expandtabs(_TAB)) > _LINE else "line"
        count = f' data-nr="{self.first + number}"' if self.first else ""
        calls = "".join(f' <span class="callout">{call}</span>' for call in self.callouts.get(number, ()))
        end = "\n" if number + 1 < len(self.lines) else ""
        marked = " marked" if number + 1 in self.marked else ""
        return f'<span class="{names}{marked}"{count}>{piece}{calls}{end}</span>'

    def _included(self) -> str:
        """Return the lines of a file that the fence asks for; what isn't there is told."""
        path, self.included = self.attrs.pop("include"), True
        text = self.file.included(path, (self.line, 1))
        lines = self._wanted(path, text.rstrip("\n").split("\n")) if text is not None else []
        return textwrap.dedent("\n".join(line for line in lines if not _MARK.search(line)))

    def _spliced(self, content: str) -> str:
        """Return code with the files that its lines ask for as mdBook has it: `{{#include x.rs:2:10}}`."""
        if "{{#" not in content or self.language in _TALKS_OF_ITSELF:
            return content
        out: list[str] = []
        for line in content.split("\n"):
            if match := _MDBOOK.fullmatch(line):
                self.attrs |= {"include": match[1].strip(), **_mdbook_part(match[2] or "")}
                out.append(self._included())
            else:
                out.append(line)
        return "\n".join(out)

    def _wanted(self, path: str, lines: list[str]) -> list[str]:
        start, end = self.attrs.pop("startLine", ""), self.attrs.pop("endLine", "")
        wanted = self.attrs.pop("lines", f"{start or 1}-{end}" if start or end else "")
        if snippet := self.attrs.pop("snippet", ""):
            return self._snippet(path, snippet, lines)
        self.lines = lines
        chosen = self._chosen(wanted, "lines")
        return [line for number, line in enumerate(lines, start=1) if number in chosen] if wanted else lines

    def _snippet(self, path: str, name: str, lines: list[str]) -> list[str]:
        begin = _first(lines, rf"\b{_BEGINS}[ \t]*{re.escape(name)}(?![\w-])")
        end = _first(lines, rf"\b{_ENDS}[ \t]*{re.escape(name)}(?![\w-])")
        if not 0 <= begin < end:
            hint = f"write “start snippet {name}” and “end snippet {name}” in comments of the file"
            self._tell(f"“{path}” has no snippet “{name}”", hint)
            return []
        return lines[begin + 1 : end]

    def _chosen(self, written: str, key: str) -> frozenset[int]:
        """Turn `2-4, 7` into line numbers of this listing; `3-` goes to its end."""
        chosen: set[int] = set()
        for part in written.replace(",", " ").split():
            match = _NUMBERS.fullmatch(part)
            begin, end = (int(match[1]), self._end(match)) if match else (0, 0)
            if not 0 < begin <= end <= len(self.lines):
                self._tell(
                    f"{key}=“{written}” asks for “{part}”, the listing has {len(self.lines)} lines",
                    "write numbers of lines, such as 2-4,7",
                )
                return frozenset()
            chosen.update(range(begin, end + 1))
        return frozenset(chosen)

    def _end(self, match: re.Match[str]) -> int:
        return int(match[2]) if match[2] else len(self.lines) if "-" in match[0] else int(match[1])

    def _tell(self, fact: str, hint: str, line: int = 0) -> None:
        self.file.tell("bad-listing", (line or self.line, 1), fact, hint)


def _mdbook_part(part: str) -> dict[str, str]:
    """Return what mdBook's `2:10`, `2:`, `:10`, `2` or `name` asks of a file, as attributes."""
    start, colon, end = part.partition(":")
    if not part or (start and not start.isdecimal()):
        return {"snippet": part} if part else {}
    return {"lines": f"{start or 1}-{end}" if colon else start}


def _first(lines: list[str], pattern: str) -> int:
    return next((number for number, line in enumerate(lines) if re.search(pattern, line)), -1)


def _by_line(stretches: Iterable[tuple[str, str]]) -> list[str]:
    """Write stretches as XHTML, line by line: no element goes over a line's end."""
    lines = [""]
    for kind, text in stretches:
        for number, part in enumerate(text.split("\n")):
            if number:
                lines.append("")
            if part:
                lines[-1] += _element(kind, part)
    return lines


def _element(kind: str, text: str) -> str:
    name = _ELEMENTS.get(kind)
    return f'<{name} class="{kind}">{escape(text)}</{name}>' if name else escape(text)
