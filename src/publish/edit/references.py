"""References in the text: `@fig-sea`, `[](#noon){.page}` → « figure 3 », « chapitre 2, page 42 », linked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape, unescape

from publish.book import Book, Caption, Section
from publish.edit.fragments import Languages, holds, place, rewritten
from publish.edit.links import Places, nearest_anchor, places, target
from publish.problems import Problem
from publish.words import Words, words

_PREFIX = re.compile(r"(?:fig|tbl|eq|sec|lst)-", re.IGNORECASE)
#: What the reader of the manuscript wrote for `@fig-sea` and the like.
_CITED = re.compile(r'<span class="made" data-cite="([^"]*)" data-place="([^"]*)"( data-page="")?></span>')
#: A link with a place; the words of one with the class `page`, and of one without words, are looked at.
_LINK = re.compile(r'<a data-at="([^"]*)" href="([^"]*)"([^<>]*)>(.*?)</a>', re.DOTALL)
_TAGS_OF_LINKS = re.compile(r"</?a\b[^<>]*>")
_MARKS = ('<span class="made" data-cite="', "></a>", 'class="page', 'page"')


@dataclass(frozen=True, slots=True)
class _Named:
    """A place that the text can call by its kind and number, or by its title."""

    kind: str
    number: str
    #: Inline XHTML; empty: it has none.
    title: str


@dataclass(slots=True)
class _Desk:
    """What the references of one book are made from."""

    book: Book
    places: Places
    named: dict[str, _Named]
    problems: list[Problem]


def resolve_references(book: Book) -> tuple[Book, tuple[Problem, ...]]:
    """Write what references show: name and number, in the language of the text around them, and a link."""
    if not any(_refers(section) for section in book.sections):
        return book, ()
    desk = _Desk(book, places(book), dict(_named(book)), [])
    sections = tuple(_resolved(section, desk) if _refers(section) else section for section in book.sections)
    captions = tuple(_with_words(caption, desk) for caption in book.captions)
    return replace(book, sections=sections, captions=captions), tuple(desk.problems)


def _refers(section: Section) -> bool:
    return any(holds(section, mark) for mark in _MARKS)


def _named(book: Book) -> Iterator[tuple[str, _Named]]:
    for section in book.sections:
        kind = section.kind if section.kind in {"part", "appendix", "section"} else "chapter"
        title = section.short_title or words(section.language or book.metadata.language).kind(section.kind)
        yield section.anchor, _Named(kind, section.number, title)
        for heading in section.headings:
            yield heading.anchor, _Named("section", heading.number, heading.title)
    for caption in book.captions:
        yield caption.anchor, _Named(caption.kind, caption.number, "")


def _resolved(section: Section, desk: _Desk) -> Section:
    around = section.language or desk.book.metadata.language

    def change(fragment: str) -> str:
        languages = Languages(fragment, around)
        fragment = _CITED.sub(
            lambda match: _reference(section, desk, words(languages.at(match.start())), match), fragment
        )
        languages = Languages(fragment, around)
        return _LINK.sub(
            lambda match: _link(section, desk, words(languages.at(match.start())), match), fragment
        )

    def short(title: str) -> str:
        return _in_words(title, section, desk, around)

    return rewritten(section, _MARKS, change, short)


def _with_words(caption: Caption, desk: _Desk) -> Caption:
    """Return a caption whose title, as lists show it, has its references in words."""
    if _MARKS[0] not in caption.title:
        return caption
    return replace(caption, title=_in_words(caption.title, desk.book.sections[0], desk, caption.language))


def _in_words(title: str, section: Section, desk: _Desk, language: str) -> str:
    """Return a title for contents and lists: its references without links; what is wrong was told before."""
    quiet, own = _Desk(desk.book, desk.places, desk.named, []), words(language)
    return _TAGS_OF_LINKS.sub("", _CITED.sub(lambda match: _reference(section, quiet, own, match), title))


def _reference(section: Section, desk: _Desk, own: Words, match: re.Match[str]) -> str:
    """Turn the mark of `@fig-a` or `[see @fig-a; @fig-b]` into links; a citation stays for its own pass."""
    items = json.loads(unescape(match[1]))
    if not all(_PREFIX.match(item["key"]) for item in items):
        return match[0]
    shown = [
        text + (_page(own, anchor) if match[3] else "")
        for text, anchor in (_item(section, desk, own, (item, match[2])) for item in items)
        if text
    ]
    return f'<span class="made">{own.listing(shown)}</span>' if len(shown) > 1 else "".join(shown)


def _item(section: Section, desk: _Desk, own: Words, cited: tuple[dict[str, str], str]) -> tuple[str, str]:
    """Return what one reference shows, and its anchor; nothing after a problem."""
    item, at = cited
    key = item["key"]
    name = key[0].lower() + key[1:]
    anchor = _found(section, desk, name, at)
    if not anchor:
        return "", ""
    label = _label(desk, own, anchor, short=item["mode"] == "short" or bool(item["before"]))
    if not label:
        _unnumbered(section, desk, name, at)
        return "", ""
    if key[0].isupper():
        label = label[:1].upper() + label[1:]
    before, after = (f"{item['before']}\u00a0" if item["before"] else ""), item["after"]
    after = after if not after or after[0] in ",.:;)" else f" {after}"
    return f'<a class="made reference" href="#{anchor}">{before}{label}{after}</a>', anchor


def _found(section: Section, desk: _Desk, name: str, at: str) -> str:
    """Return the anchor that a name means; nothing after a problem: it is unknown, or two places have it."""
    homes = [other for other in desk.book.sections if name in desk.places.names[other.anchor]]
    if len(homes) > 1:
        shown = " and ".join(dict.fromkeys(f"“{home.source}”" for home in homes))
        fact = f"two places have the name “{name}”: in {shown}"
        desk.problems.append(Problem("ambiguous-reference", place(section, at), fact, "rename one of them"))
        return ""
    anchor = desk.places.find(section, name)
    if not anchor:
        fact = f"nothing in the book has the name “{name}”"
        hint = nearest_anchor(name, desk.places) or f"write “{{#{name}}}” behind what it leads to"
        desk.problems.append(Problem("unknown-reference", place(section, at), fact, hint))
    return anchor


def _unnumbered(section: Section, desk: _Desk, name: str, at: str) -> None:
    fact = f"“{name}” has neither a number nor a title to be called by"
    hint = f"write the words yourself: “[the picture](#{name})”"
    if not desk.book.is_one_file:
        hint += ", or number it in book.toml, [numbering]"
    desk.problems.append(Problem("unnumbered-reference", place(section, at), fact, hint))


def _label(desk: _Desk, own: Words, anchor: str, *, short: bool = False) -> str:
    """Return how the text calls a place: by its number, else by its title; nothing: it has neither."""
    named = desk.named.get(anchor)
    if named is None:
        return ""
    if named.number:
        shown = f"({named.number})" if named.kind == "equation" else named.number
        return shown if short else own.reference(named.kind, shown)
    return own.text("quoted", title=named.title) if named.title else ""


def _page(own: Words, anchor: str) -> str:
    """Return the page of a place, for print alone: « , page 42 »; the typesetter fills in the number."""
    folio = f'<span class="folio" data-folio-of="{anchor}"></span>'
    return f'<span class="made" data-only="print">{own.text("page-reference", n=folio)}</span>'


def _link(section: Section, desk: _Desk, own: Words, match: re.Match[str]) -> str:
    """Fill a link without words with the name of its place, and add the page where its class asks for it."""
    at, address, rest, text = match.groups()
    with_page = bool(re.search(r'\sclass="(?:[^"]*\s)?page[\s"]', rest))
    if "#" not in address or (text and not with_page):
        return match[0]
    found = target(section, unescape(address), desk.places)
    if not found.anchor:
        return match[0]  # the links' own pass tells of it
    page = _page(own, found.anchor) if with_page else ""
    if text:
        return match[0] + page
    label = _label(desk, own, found.anchor)
    if not label:
        _unnumbered(section, desk, unescape(address).partition("#")[2], at)
    return f'<a class="made reference" href="#{escape(found.anchor)}">{label}</a>{page}'
