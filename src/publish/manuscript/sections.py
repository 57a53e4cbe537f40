"""The text of one file into its sections: the job that worker processes do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from markdown_it.token import Token

from publish.book import Matter, Section
from publish.manuscript import dialect, plain, raw
from publish.manuscript.choices import Choices, Chooser
from publish.manuscript.files import Folder
from publish.manuscript.includes import Lines
from publish.manuscript.inline import File, texts
from publish.manuscript.keys import CONTROLS
from publish.manuscript.names import Anchors, anchor_name, plain_text, slug
from publish.manuscript.render import notes_of, section, without_notes
from publish.manuscript.runs import typeset
from publish.manuscript.structure import Cut, cuts_of_chapter, outline, top_headings
from publish.problems import Place, Problem
from publish.typography import PLAIN, House
from publish.xhtml import escape

#: One section may be so long, in characters.
LONGEST_SECTION = 5_000_000


@dataclass(frozen=True, slots=True)
class Job:
    """One file to read."""

    #: As the author knows it.
    name: str
    text: str
    #: Begins the anchors of the file's notes: unique in the book.
    prefix: str
    matter: Matter = "body"
    depth: int = 1
    kind: str = ""
    #: What the list calls the file, for a file without a heading; for a single file, the book's title.
    title: str = ""
    #: The file is the whole book: its headings make the structure; `level` makes chapters, 0: found.
    whole: bool = False
    level: int = 0
    #: The book has a bibliography: `@doe2020` is a citation.
    cites: bool = False
    #: Labels of the book's examples, which its text may call.
    examples: frozenset[str] = frozenset()
    #: No sign of the text is markup.
    plain: bool = False
    #: Language of the book, BCP 47, and how its text is set.
    language: str = ""
    house: House = PLAIN
    #: The book's folder: files that the text includes are read from there.
    root: Path = Path()
    #: What the edition shows.
    choices: Choices = field(default_factory=Choices)
    #: Where the lines come from (see `Section.lines`).
    lines: Lines = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What a job gives: sections whose links and images are still as written."""

    sections: tuple[Section, ...]
    problems: tuple[Problem, ...]
    #: For a whole book in one file: the heading that is the book's title, or an empty string.
    title: str = ""
    #: The text has parts for one output only.
    varies: bool = False
    #: Nothing went into it but the job: no other file.
    is_alone: bool = True


def read_file(job: Job) -> Reading:
    """Turn a file's text into sections."""
    found: list[Problem] = []
    if not job.whole and len(job.text) > LONGEST_SECTION:
        fact = f"the file has {_size(job.text)}"
        return Reading((), (Problem("section-too-large", Place(job.name), fact, "divide it into chapters"),))
    tokens = parsed(job)
    if deep := _too_deep(tokens):
        place = Place(job.name, deep)
        fact = f"blocks are nested more than {dialect.DEEPEST} levels deep"
        return Reading((), (Problem("too-deep", place, fact, "write it flatter"),))
    file = File(
        job.name, job.text.split("\n"), {}, Anchors(), problems=found, origins=job.lines,
        has_controls="&#" in job.text or bool(CONTROLS.search(job.text)),
        folder=Folder(job.root, found),
    )  # fmt: skip
    tokens, varies = _chosen(job, file, tokens)
    file.notes, file.anchors = _notes(file, tokens), Anchors(_anchors(file, tokens))
    for blocks, _ in file.notes.values():
        typeset(blocks, job.language, job.house)
    tokens = without_notes(tokens)
    plan = outline(tokens, job.title, job.level) if job.whole else None
    cuts = plan.cuts if plan else cuts_of_chapter(tokens)
    prefixes = _prefixes(job, tokens, cuts)
    sections = tuple(_section(job, file, tokens, named) for named in zip(prefixes, cuts, strict=True))
    _uncalled(file)
    if job.plain:
        _tell_captions(file, tokens)
    named = cuts[0].title if job.plain else plan.title if plan else -1  # a plain text's is its chapter's
    title = tokens[named + 1].children if named >= 0 else None
    return Reading(
        sections, tuple(file.problems), plain_text([child.content for child in title or ()]), varies,
        is_alone=not file.includes,
    )  # fmt: skip


def parsed(job: Job) -> list[Token]:
    """Return the blocks of a file."""
    if job.plain:
        return plain.parse(job.text)
    return dialect.parse(job.text, cites=job.cites, examples=job.examples)


def _chosen(job: Job, file: File, tokens: list[Token]) -> tuple[list[Token], bool]:
    """Return the tokens of the edition, and whether they depend on the output."""
    if not job.choices.concern(job.text):
        return tokens, False

    def tell(code: str, token: Token, sought: str, told: tuple[str, str]) -> None:
        at = max(token.content.find(sought), 0)
        line = token.map[0] if token.map else 0
        file.tell(code, dialect.position(file.lines, line, token.content or sought, at), *told)

    chooser = Chooser(job.choices, tell)
    kept = chooser.blocks(tokens)
    file.called |= chooser.called
    return kept, chooser.varies


def _tell_captions(file: File, tokens: Sequence[Token]) -> None:
    for line, credit in plain.captions(tokens):
        fact = f"the paragraph ends with a credit, “{credit}”: it seems to be the caption of a picture"
        file.warn("caption-in-text", (line, 1), fact, "put it under its picture: ![caption](picture.jpg)")


def _section(job: Job, file: File, tokens: Sequence[Token], named: tuple[str, Cut]) -> Section:
    prefix, cut = named
    begin = tokens[cut.start : cut.end]
    title = job.title if cut.title < 0 and not job.whole else ""
    frame = Section(
        anchor=prefix, matter="front" if cut.kind == "preamble" else job.matter,
        kind=cut.kind or job.kind, depth=cut.depth if job.whole else job.depth, title=escape(title),
        short_title=escape(title), plain_title=title, body="", headings=(), notes=(), images=(), letters="",
        source=job.name, lines=job.lines, line=next((token.map[0] + 1 for token in begin if token.map), 1),
    )  # fmt: skip
    language = str(tokens[cut.title].attrs.get("lang") or job.language) if cut.title >= 0 else job.language
    typeset(begin, language, job.house)
    made = section(file, begin, cut.title - cut.start if cut.title >= 0 else -1, frame)
    if len(made.body) > LONGEST_SECTION:
        fact = f"the section has {_size(made.body)}"
        file.tell("section-too-large", (made.line, 0), fact, "divide it into chapters")
    return made


def _size(text: str) -> str:
    return f"{len(text)} characters, the bound is {LONGEST_SECTION}"


def _prefixes(job: Job, tokens: Sequence[Token], cuts: Sequence[Cut]) -> list[str]:
    """Return what begins the anchors of each section's notes: stable when other chapters change."""
    if not job.whole:
        return [f"{job.prefix}-{number}" if number > 1 else job.prefix for number in range(1, len(cuts) + 1)]
    names, seen = {-1: "text"}, Counter[str]()
    for index, _ in top_headings(tokens):
        own = _own_name(tokens, index)
        names[index] = f"{own}-{seen[own]}" if seen[own] else own
        seen[own] += 1
    return [names[cut.title] for cut in cuts]


def _own_name(tokens: Sequence[Token], title: int) -> str:
    return (
        str(tokens[title].attrs.get("id", ""))
        or slug(plain_text(texts(tokens[title + 1].children or ())))
        or "text"
    )


def _notes(file: File, tokens: Sequence[Token]) -> dict[str, tuple[Sequence[Token], int]]:
    """Return the notes that a file writes, by label."""
    notes: dict[str, tuple[Sequence[Token], int]] = {}
    for label, line, blocks in notes_of(tokens):
        if label in notes:
            fact = f"the note “{label}” is written twice, first on line {file.place(notes[label][1]).line}"
            file.tell("duplicate-note", (line, 1), fact, "rename one, or remove it")
        else:
            notes[label] = (blocks, line)
    return notes


def _uncalled(file: File) -> None:
    for label, (_, line) in file.notes.items():
        if label not in file.called:
            fact = f"the note “{label}” is never called"
            file.tell("uncalled-note", (line, 1), fact, f"write “[^{label}]” where it belongs, or remove it")


def _anchors(file: File, tokens: Sequence[Token]) -> set[str]:
    """Return the anchors that the author wrote; no other may be made like them."""
    lines: dict[str, int] = {}
    for line, anchor in _written(tokens):
        if anchor in lines:
            fact = f"the anchor “{anchor}” is used twice, first on line {file.place(lines[anchor]).line}"
            file.tell("duplicate-anchor", (line, 0), fact, "rename one of them")
        lines.setdefault(anchor, line)
    return set(lines)


def _written(tokens: Sequence[Token]) -> Iterator[tuple[int, str]]:
    line = 0
    for token in tokens:
        line = token.map[0] + 1 if token.map else line
        for inner in (token, *(token.children or ())):
            if "id" in inner.attrs:
                yield line, anchor_name(str(inner.attrs["id"]))
            elif inner.type in {"html_block", "html_inline"} and "<!--" not in inner.content:
                yield from ((line, anchor) for anchor in raw.identifiers(inner.content))


def _too_deep(tokens: Sequence[Token]) -> int:
    """Return the line of the first block or inline element nested too deep, or 0."""
    line = 0
    for token in tokens:
        line = token.map[0] + 1 if token.map else line
        if token.level > dialect.DEEPEST:
            return line
        children = token.children or ()
        if len(children) > 1 and max(child.level for child in children) > dialect.DEEPEST:
            return line
    return 0
