"""One book's works, in one style and one language, as citations and entries; the one owner of citeproc-py.

citeproc-py renders a style and no more: the year's letter (2024a), the author in the sentence, links and
the marks of XHTML are made here around it.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from html import escape, unescape
from io import BytesIO
from pathlib import Path
from typing import Any, Self

import citeproc
from citeproc.model import If, Label
from citeproc.model import Name as Names
from citeproc.source import Name
from citeproc.source.json import CiteProcJSON

from publish.book import Bibliography
from publish.words import Words

#: Private characters that mark, in a rendered text, where an item begins and ends, and an author.
_BEGIN, _END, _CLOSE, _AUTHOR = "\ue001", "\ue002", "\ue003", "\ue004"
#: What stands for < > & in the data while citeproc-py has them: it escapes some and not others.
_HIDDEN = str.maketrans({"<": "\ue005", ">": "\ue006", "&": "\ue007"})
_SHOWN = str.maketrans({"\ue005": "&lt;", "\ue006": "&gt;", "\ue007": "&amp;"})
_TO_ENTRY = 'class="citation" epub:type="biblioref" role="doc-biblioref"'
_NAME_PARTS = ("family", "given", "dropping-particle", "non-dropping-particle", "suffix", "literal")
_VARIABLES = frozenset(citeproc.VARIABLES) - frozenset(citeproc.NAMES) - frozenset(citeproc.DATES)
_NO_CASE = re.compile(r'<span class="nocase">(.*?)</span>', re.DOTALL)
_ITEM = re.compile(f"{_BEGIN}(\\d+){_CLOSE}(.*?){_END}", re.DOTALL)
_MARKED = re.compile(rf"(?:<em>|<strong>)?{_AUTHOR}(?:</em>|</strong>)?[,.]?[ \u00a0]*")
#: Stands, with a number behind it, for a title in another language.
_FOREIGN = "\ue00a"
#: A language as BCP 47 names it; and how much of a title is looked for, in characters.
_TAG, _LONG_TITLE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*"), 500
_INLINE = re.compile("\ue005(/?)(i|b|sup|sub)\ue006")
_NAMES = {"i": "em", "b": "strong", "sup": "sup", "sub": "sub"}
#: A number of a numeric style, which stands in a column of its own there.
_NUMBER = re.compile(r"^(\[\d+\]|\d+\.|\(\d+\))(?=\S)")
#: A full stop behind another, or behind ? or !, whatever element ends between.
_TWO_POINTS = re.compile(rf"((?<!\.)\.|[?!])((?:</em>|{_END})*)(\s?)\.(?!\.)")
#: BibTeX's `and others` behind the last author: « et ET AL. », “and et al.”
_OTHERS = re.compile(r",?(?: (?:and|&amp;|et|und|e|y|en|и))? et al\.", re.IGNORECASE)
#: Numbers, ranges and lists of them.
_NUMBERS = re.compile(r"[A-Za-z]?\d+[A-Za-z]?(?:\s?[-–‑,&]\s?[A-Za-z]?\d+[A-Za-z]?)*")
_ADDRESS = re.compile(r"https?://[^\s<>]*[^\s<>.,;:)\]]")
#: What an author may write before a number → the locator's name in CSL: the words of Pandoc's, and more.
_LABELS = {
    name: locator
    for locator, names in {
        "page": "p pp page pages s seite seiten",
        "chapter": "chap chaps ch chapitre chapitres chapter chapters kap",
        "section": "§ §§ sec secs sect section sections art", "figure": "fig figs figure figures",
        "volume": "vol vols volume volumes t", "note": "n nn note notes", "book": "bk bks book books",
        "column": "col cols column columns", "folio": "fol fols folio folios",
        "issue": "no nos number numbers",
        "line": "l ll line lines", "opus": "op opp opus", "paragraph": "para paras paragraph paragraphs ¶ ¶¶",
        "part": "pt pts part parts", "sub verbo": "s.v s.vv", "verse": "v vv verse verses",
    }.items()
    for name in names.split()
}  # fmt: skip
_LABEL = "|".join(re.escape(name) for name in sorted(_LABELS, key=len, reverse=True))
_LOCATOR = re.compile(
    rf"[,\s]*(?:(?P<label>{_LABEL})(?:\.|\b|(?<=[§¶]))\s*)?"
    r"(?P<place>(?:[ivxlcdm]+|\d+[a-z]?)(?:\s?[-–‑,;]\s?(?:[ivxlcdm]+|\d+[a-z]?))*)(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
#: A locator that the author marks as one, and a mark that there is none: `{ii, A, D-Z}`, `{}`.
_BRACED = re.compile(
    rf"[,\s]*\{{(?:(?P<label>{_LABEL})(?:\.|\b)\s*)?(?P<place>[^{{}}]*)\}}(?P<rest>.*)", re.DOTALL
)


_FRENCH_MONTH = "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
#: What the Imprimerie nationale asks for (Lexique, 2002) and styles made for many languages don't give.
_FRENCH = tuple(
    (re.compile(pattern), instead)
    for pattern, instead in (
        (r"(?<!&amp)(?<!&lt)(?<!&gt)[ \u00a0\u202f]?;(?= )", "\u202f;"),
        (r"(?<=[\w»>\]])[ \u00a0\u202f]?:(?= )", "\u00a0:"),
        (r"\bpp\.", "p."),
        (r"\b(p|vol|n|t|chap|fig|art)\. (?=\d)", "\\1.\u00a0"),
        (r"\b([Nn])[°ᵒ][ \u00a0]?(?=\d)", "\\1<sup>o</sup>\u00a0"),
        (r"\b1[ \u00a0](?=(?:" + _FRENCH_MONTH + "))", "1<sup>er</sup>\u00a0"),
        (r"(?<=\d)[ \u00a0](?=(?:" + _FRENCH_MONTH + ")\\b)", "\u00a0"),
        (r"(?<=Consulté)\u00a0le\u00a0", " le\u00a0"),
        (r"((?:" + _FRENCH_MONTH + "))\u00a0(?=\\d{4})", r"\1 "),
        (r"(?<=\. )(" + _FRENCH_MONTH + ")(?= \\d)", lambda match: match[1].capitalize()),
        (r"\. (?=\[en[ \u00a0]ligne\])", " "),
        (r"(?<=\d)–(?=\d)", "\u2011"),
        (r"(?<!>)\bet al\.", "<em>et al.</em>"),
    )
)  # fmt: skip


class _Element(str):
    """A text inside an element: what citeproc-py's formatters are made of."""

    __slots__ = ()
    tag, attributes = "em", ""

    def __new__(cls, text: str) -> Self:
        """Put a text into the element."""
        return super().__new__(cls, f"<{cls.tag}{cls.attributes}>{text}</{cls.tag}>")


def _element(tag_name: str, attributes_text: str = "") -> type[_Element]:
    return type(tag_name, (_Element,), {"tag": tag_name, "attributes": attributes_text, "__slots__": ()})


class _Xhtml:
    """The formatter: what a style calls italic and the like, as XHTML."""

    Italic = Oblique = _element("em")
    Bold = _element("strong")
    Light = _element("span")
    Underline = _element("span", ' class="underline"')
    Superscript = _element("sup")
    Subscript = _element("sub")
    SmallCaps = _element("span", ' class="smallcaps"')

    @staticmethod
    def preformat(text: object) -> str:
        """Return a text of the data as XHTML."""
        return escape(str(text), quote=False)


class _Year(int):
    """A year with a letter behind it: 2024a."""

    letter = ""

    def __abs__(self) -> _Year:
        return self

    def __str__(self) -> str:
        return f"{int(self)}{self.letter}"


_label_of = Label.process


def _label(self: Any, item: Any, variable: str | None = None, *rest: Any, **values: Any) -> Any:
    """Leave out the label of what a work hasn’t: citeproc-py 0.11 ends an article with « Edition »."""
    own = self.get("variable")
    if variable is None and own not in {None, "locator"} and own.replace("-", "_") not in item.reference:
        return None
    return _label_of(self, item, variable, *rest, **values)


Label.process = _label


class _Locator(citeproc.Locator):  # type: ignore[misc]  # citeproc-py has no types
    """A place in a work that equals another of the same words: « ibid. » without a page."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Locator) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((self.label, self.identifier))


@dataclass(frozen=True, slots=True)
class _Pause:
    """What stands among the citations where none is the same as the one before."""

    key: str = ""
    citation: None = None


_numeric = If._is_numeric  # noqa: SLF001 - citeproc-py has no public way


def _is_numeric(self: Any, item: Any) -> list[bool]:
    """Tell of locators too whether they are numbers, « chap. 2 »: citeproc-py 0.11 looks at works only."""
    if "locator" not in self.get("is-numeric").split():
        return list(_numeric(self, item))
    return [item.has_locator and bool(_NUMBERS.fullmatch(str(item.locator.identifier)))]


If._is_numeric = _is_numeric  # noqa: SLF001 - as above
_option_of = Names.get_option


def _option(self: Any, name: str, *rest: Any, **values: Any) -> Any:
    """Keep first names where a style says so: citeproc-py 0.11 doesn't know `initialize="false"`."""
    if name == "initialize-with" and self.get("initialize", self.get_root().get("initialize")) == "false":
        return None
    return _option_of(self, name, *rest, **values)


Names.get_option = _option


@dataclass(frozen=True, slots=True)
class Item:
    """One work as a citation names it."""

    key: str
    #: `all`, `short` (without the author) or `text` (the author in the sentence).
    mode: str
    before: str
    after: str


class Scholar:
    """Cites the works of a book, in the order of the text, and lists them."""

    def __init__(self, bibliography: Bibliography, cited: Sequence[str], language: str, own: Words) -> None:
        """Take the works cited, in the order of their first citations."""
        self._own, self._language = own, language
        self._works = {work.key: work for work in bibliography.works}
        shown = [*dict.fromkeys(cited)]
        shown += [key for key in self._works if bibliography.show_all and key not in set(shown)]
        self._ids = {key: f"w{number}" for number, key in enumerate(shown)}
        style = citeproc.CitationStylesStyle(
            BytesIO(bibliography.style.encode()), locale=_locale(language), validate=False
        )
        self._style = style
        #: American English puts a full stop inside the quotation marks.
        self._quotes_last = _locale(language) == "en-US"
        data = [self._item_data(key) for key in shown]
        self._shelf = citeproc.CitationStylesBibliography(style, CiteProcJSON(data), _Xhtml)
        # Entries are listed by items of their own: citeproc-py would show their first citation's page.
        self._shelf.register(citeproc.Citation([citeproc.CitationItem(self._ids[key]) for key in shown]))
        if style.has_bibliography():
            self._shelf.sort()
        self._keys = {name: key for key, name in self._ids.items()}
        self._cites: list[Any] = []
        self._letter_years()

    @cached_property
    def has_notes(self) -> bool:
        """Tell whether the style cites in notes."""
        return bool(self._style.root.get("class") == "note")

    def _item_data(self, key: str) -> dict[str, Any]:
        """Return a work's CSL-JSON; titles that aren't English keep their capitals in every style."""
        item: dict[str, Any] = json.loads(self._works[key].csl) | {"id": self._ids[key]}
        item = {name: _hidden(value) for name, value in _known(item)}
        if _primary(str(item.get("language", self._language))) != "en":
            for name in ("title", "container-title", "collection-title"):
                if name in item and "nocase" not in str(item[name]):
                    item[name] = f'<span class="nocase">{item[name]}</span>'
        return item

    def _letter_years(self) -> None:
        """Tell works of the same authors and year apart: 2024a, 2024b, in the order of the list."""
        root = self._style.root
        citation = root.find("{http://purl.org/net/xbiblio/csl}citation")
        if citation is None or citation.get("disambiguate-add-year-suffix") != "true":
            return
        alike: dict[str, list[str]] = defaultdict(list)
        for name in self._shelf.keys:
            alike[self._rendered([(Item(self._keys[name], "all", "", ""), "")], [])].append(name)
        for names in alike.values():
            for number, name in enumerate(names if len(names) > 1 else ()):
                issued = self._shelf.source[name].get("issued")
                if issued is not None and "year" in issued:
                    year = _Year(issued["year"])
                    year.letter = chr(ord("a") + number)
                    issued["year"] = year

    def begin_chapter(self) -> None:
        """Let the next citation be no « ibid. »: that leads to the note before it, of its own chapter."""
        if self.has_notes and self._cites:
            self._cites.append(_Pause())

    # --- citations ---------------------------------------------------------------------------------------

    def cite(self, items: Iterable[Item], anchors: Mapping[str, str]) -> str:
        """Turn a citation into XHTML, each of its works a link to its entry."""
        items = list(items)
        first = items[0]
        if first.mode == "text" and not self.has_notes:
            return self._in_sentence(first, anchors)
        text = self._rendered([(item, self._marked(item)) for item in items], self._cites)
        names = [self._ids[item.key] for item in items] if self.has_notes else []
        return self._linked(self._own_ways(text, names), anchors)

    def author(self, item: Item) -> str:
        """Return the authors of a work as a sentence names them: « Dupont et Martin »."""
        data = json.loads(self._works[item.key].csl)
        people = data.get("author") or data.get("editor") or []
        names = [
            " ".join(filter(None, (person.get("non-dropping-particle", ""), person.get("family", ""))))
            or person.get("literal", "")
            for person in people
        ]
        if not names:
            return escape(str(data.get("title", item.key)))
        if len(names) > 3 or "et al." in names:
            return f"{escape(names[0])} et al."
        return escape(self._own.listing(names))

    def _in_sentence(self, item: Item, anchors: Mapping[str, str]) -> str:
        """Return « Dupont et Martin (2020, p. 12) »."""
        short = Item(item.key, "short", "", item.after)
        rest = self._linked(
            self._own_ways(self._rendered([(short, self._marked(short))], self._cites)), anchors
        )
        return f"{self.author(item)} {rest}"

    def _marked(self, item: Item) -> str:
        return f"{_BEGIN}{self._ids[item.key][1:]}{_CLOSE}"

    def _rendered(self, items: Sequence[tuple[Item, str]], cites: list[Any]) -> str:
        """Let citeproc-py render items, with a mark before each that has one; without the author if asked."""
        made, hidden = list[Any](), list[str]()
        outer = {"before": "", "after": ""}
        for item, mark in items:
            values, after = _located(item.after)
            before = f"{item.before} " if item.before else ""
            after = after if not after or after[0] in ",.;:)" else f" {after}"
            # What the author wrote before the first and behind the last stays there if the style sorts.
            outer["before"] += before if item is items[0][0] else ""
            outer["after"] += after if item is items[-1][0] else ""
            values["prefix"] = ("" if item is items[0][0] else before.translate(_HIDDEN)) + mark
            values["suffix"] = _END * bool(mark) + ("" if item is items[-1][0] else after.translate(_HIDDEN))
            values = {name: value for name, value in values.items() if value}
            made.append(citeproc.CitationItem(self._ids[item.key], **values))
            hidden += [self._ids[item.key]] if item.mode == "short" else []
        citation = citeproc.Citation(made)
        citation.bibliography = self._shelf
        with _Anonymous(self._shelf.source, hidden):
            found = self._style.render_citation(citation, cites, lambda _item: "")
        text = found if isinstance(found, str) else "".join(map(str, found))
        before, begin, rest = _MARKED.sub("", text).partition(_BEGIN)
        inside, end, behind = rest.rpartition(_END)
        if not begin or not end:
            return before + begin + rest
        first, last = (outer[name].translate(_HIDDEN) for name in ("before", "after"))
        return f"{before}{first}{begin}{inside}{end}{last}{behind}"

    def _linked(self, text: str, anchors: Mapping[str, str]) -> str:
        def link(match: re.Match[str]) -> str:
            anchor = anchors[self._keys[f"w{match[1]}"]]
            return match[2] if "<a " in match[2] else f'<a {_TO_ENTRY} href="#{anchor}">{match[2]}</a>'

        return re.sub(f"[{_BEGIN}{_END}]|\\d+{_CLOSE}", "", _ITEM.sub(link, text))

    # --- the list ----------------------------------------------------------------------------------------

    def entries(self) -> list[tuple[str, str]]:
        """Return (key, XHTML) of the works of the list, in the order of the style."""
        if not self._style.has_bibliography():
            return []
        texts = [str(text) for text in self._shelf.bibliography()]
        return [
            (
                self._keys[name],
                _one_letter(_NUMBER.sub(r"\1 ", self._own_ways(text, [name])), self._shelf.source[name]),
            )
            for name, text in zip(self._shelf.keys, texts, strict=True)
        ]

    def _own_ways(self, text: str, names: Iterable[str] = ()) -> str:
        """Mend what styles leave: doubled points, straight apostrophes; in French, spaces before ; and :.

        Titles of `names`, the works shown, that are in another language get it, and none of the book's ways.
        """
        text = _INLINE.sub(lambda match: f"<{match[1]}{_NAMES[match[2]]}>", text).translate(_SHOWN)
        text = _TWO_POINTS.sub(r"\1\2", text.strip())
        text = re.sub(r"(?<=\w)'(?=\w)", "’", text).replace("  ", " ")
        text, foreign = self._without_foreign(_OTHERS.sub(" et al.", text), names)
        if self._language.lower().startswith("fr"):
            for pattern, instead in _FRENCH:
                text = pattern.sub(instead, text)
        if self._quotes_last:
            text = re.sub(r"([”’])([.,])", r"\2\1", text)
        for number, title in enumerate(foreign):
            text = text.replace(f"{_FOREIGN}{number}{_CLOSE}", title)
        return text

    def _without_foreign(self, text: str, names: Iterable[str]) -> tuple[str, list[str]]:
        """Put marks in place of titles in other languages than the book's; return those too, as XHTML."""
        foreign: list[str] = []

        def marked(match: re.Match[str], language: str) -> str:
            attributes = f'lang="{language}" xml:lang="{language}"'
            foreign.append(f"<span {attributes}>{match[0]}</span>")
            return f"{_FOREIGN}{len(foreign) - 1}{_CLOSE}"

        for name in dict.fromkeys(names):
            data = json.loads(self._works[self._keys[name]].csl)
            language = str(data.get("language", ""))
            if not _TAG.fullmatch(language) or _primary(language) == _primary(self._language):
                continue
            for variable in ("title", "container-title", "collection-title"):
                if title := str(data.get(variable, "")):
                    text = _as_shown(title).sub(partial(marked, language=language), text, count=1)
        return text, foreign


def _known(item: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Iterate over what citeproc-py knows of an item; it stops on dates without a year and strange names."""
    yield "id", item["id"]
    yield "type", str(item.get("type") or "document")
    for name, value in item.items():
        variable = "title_short" if name == "shortTitle" else name.replace("-", "_")
        if variable in citeproc.NAMES:
            people = [_person(person) for person in value if isinstance(person, dict)]
            if any(people):
                yield name, [person for person in people if person]
        elif variable in citeproc.DATES:
            if isinstance(value, dict) and (date := _date(value)):
                yield name, date
        elif variable in _VARIABLES and isinstance(value, str | int | float) and not isinstance(value, bool):
            yield name, str(value)


def _person(person: dict[str, Any]) -> dict[str, str]:
    return {part: str(person[part]) for part in _NAME_PARTS if person.get(part)}


def _date(value: dict[str, Any]) -> dict[str, Any] | None:
    """Return a date with a year at least, or its words; None: it has neither."""
    parts = [
        [int(part) for part in list(date)[:3] if str(part).strip().lstrip("-").isdecimal()]
        for date in value.get("date-parts") or ()
        if isinstance(date, list)
    ]
    if any(parts):
        return {"date-parts": [date for date in parts if date][:2], "circa": 1 if value.get("circa") else 0}
    words = str(value.get("literal") or value.get("raw") or "")
    return {"literal": words} if words else None


def _hidden(value: Any) -> Any:
    """Return a value of CSL-JSON whose texts hold no < > &, but for the spans that keep capitals."""
    if isinstance(value, str):
        text = _NO_CASE.sub("\ue008\\1\ue009", value).translate(_HIDDEN)
        return text.replace("\ue008", '<span class="nocase">').replace("\ue009", "</span>")
    if isinstance(value, list):
        return [_hidden(item) for item in value]
    if isinstance(value, dict):
        return {name: _hidden(item) for name, item in value.items()}
    return value


class _Anonymous:
    """Works whose authors are a mark for a while."""

    def __init__(self, source: Mapping[str, Any], names: Iterable[str]) -> None:
        self._works = [source[name] for name in names]
        self._kept: list[dict[str, Any]] = []

    def __enter__(self) -> None:
        for work in self._works:
            role = next((role for role in ("author", "editor") if role in work), "author")
            self._kept.append({role: work[role]} if role in work else {})
            work[role] = [Name(literal=_AUTHOR)]

    def __exit__(self, *_: object) -> None:
        for work, kept in zip(self._works, self._kept, strict=True):
            work.pop("author", None)
            work.update(kept)


def _located(after: str) -> tuple[dict[str, Any], str]:
    """Divide the words behind a key into a locator and the rest: « p. 12 et passim »."""
    if match := _BRACED.fullmatch(after):
        if not match["place"]:
            return {}, match["rest"]
    else:
        match = _LOCATOR.fullmatch(after)
        if not match or (not match["label"] and not after.lstrip(", ")[:1].isdigit()):
            return {}, after
    label = _LABELS.get((match["label"] or "p").lower(), "page")
    return {"locator": _Locator(label, match["place"])}, match["rest"].strip()


def _primary(language: str) -> str:
    return language.partition("-")[0].lower()


def _as_shown(title: str) -> re.Pattern[str]:
    """Return what finds a title in a rendered text, whatever elements and apostrophes a style put into it."""
    between = r"(?:<(?:sup|sub|em|strong)>|</(?:sup|sub|em|strong)>)*"
    plain = re.sub(r"<[^<>]*>", "", title).strip()
    letters = (re.escape(escape(c, quote=False)) if c not in "'’" else "['’]" for c in plain[:_LONG_TITLE])
    return re.compile(between.join(letters), re.IGNORECASE)


def _one_letter(text: str, work: Any) -> str:
    """Show the year's letter once: « 2024a. … 27 décembre 2024 »; and make addresses links."""
    issued = work.get("issued")
    year = issued.get("year") if issued is not None else None
    if isinstance(year, _Year) and year.letter:
        first = text.find(str(year)) + len(str(year))
        text = text[:first] + text[first:].replace(str(year), str(int(year)))
    return _ADDRESS.sub(lambda match: f'<a href="{escape(unescape(match[0]))}">{match[0]}</a>', text)


def _locale(language: str) -> str:
    """Return the locale of citeproc-py for a language: its own, or the first of its dialects."""
    folder = Path(citeproc.LOCALES_PATH)
    names = {path.stem.removeprefix("locales-") for path in folder.glob("locales-*.xml")}
    primary = language.partition("-")[0].lower()
    usual = {"en": "en-US", "pt": "pt-PT", "zh": "zh-CN"}.get(primary, f"{primary}-{primary.upper()}")
    own = [name for name in sorted(names) if name.partition("-")[0] == primary]
    return next((name for name in (language, usual, *own) if name in names), "en-US")
