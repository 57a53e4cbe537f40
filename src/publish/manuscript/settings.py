"""book.toml, mdBook's book.toml, metadata.yaml and front matter into metadata and settings."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from publish.book import (
    CAPTION_KINDS,
    PDF_STANDARDS,
    TRIMS,
    Bibliography,
    CaptionKind,
    Contributor,
    Design,
    Hyphenation,
    Matter,
    Metadata,
    NotesPlace,
    Numbering,
    Print,
    Settings,
    Style,
    WritingMode,
)
from publish.manuscript.bibliography import pandoc_bibliography, read_bibliography
from publish.manuscript.choices import Choices, Output
from publish.manuscript.ebook import accessibility, ebook
from publish.manuscript.editions import Editions
from publish.manuscript.files import Folder
from publish.manuscript.keys import Keys, Node, web_address
from publish.manuscript.language import KINDS, direction
from publish.manuscript.sheets import check_bounds, style
from publish.manuscript.structure import Entry, moved
from publish.problems import Place, Problem, nearest
from publish.typography import PLAIN, House, known_rules, languages

#: Relators of the Library of Congress that a book may name (id.loc.gov/vocabulary/relators).
_RELATORS = frozenset(
    """abr acp act adp aft anl ann ant app aqt arc arr art asg asn ato att auc aud aui aus aut bdd bjd bkd
    bkp bnd bpd bsl ccp chr cli cll clr clt cmm cmp cmt cnd cns col com con cor cov cpc cph cre crp
    crr csl csp ctb ctg ctr cur cwt dfd dft dgg dgs dis dln dnc dnr dpc dpt drm drt dsr dst dte dto
    dub edc edm edt egr elg elt eng etr evp exp fac fld flm fmd fmk fmo fmp fnd fpy frg gis grt his
    hnr hst ill ilu ins inv isb itr ive ivr jud jug lbr lbt ldr led lee lel len let lgd lie lil lit
    lsa lse lso ltg mcp mdc med mfp mfr mod mon mrb mrk msd mte mtk mus nrt opn org orm osp oth own
    pan pat pbd pbl pdr pfr pht plt pma pmn pop ppm ppt pra prc prd pre prf prg prm prn pro prp prs
    prt prv pta pte ptf pth ptt pup rbr rcd rce rcp rdd red ren res rev rpc rps rpt rpy rse rsg rsp
    rsr rst rth rtm sad sce scl scr sds sec sgn sht sll sng spk spn spy srv std stg stl stm stn str
    tcd tch ths tld tlp trc trl tyd tyg uvp vac vdg voc wac wal wam wat wdc wde win wit wpr wst""".split()
)  # fmt: skip
#: Named sizes of a trimmed page, in millimetres.
SIZES: dict[str, tuple[float, float]] = {
    "a4": (210, 297), "a5": (148, 210), "a6": (105, 148), "b5": (176, 250), "b6": (125, 176),
    "poche": (108, 178), "pocket": (108, 178), "a-format": (111, 178), "b-format": (129, 198),
    "digest": (139.7, 215.9), "demy": (138, 216), "royal": (156, 234), "trade": (152.4, 228.6),
    "us-trade": (152.4, 228.6), "letter": (215.9, 279.4),
}  # fmt: skip
#: Keys of Pandoc that are known and mean nothing here.
_PANDOC = frozenset(
    """abstract-title alphabetic-codes author-meta background-color-title backgroundcolor
    biblatexoptions block-headings body citation-style citecolor
    citeproc classoption classes code-block-font-size colorlinks comment-font coverage cover-font
    css curve date-meta documentclass document-css epub-cover-image epub-fonts epub-metadata
    epub-title-page feedback filecolor float-placement-figure floats-first fontenc fontfamily
    fontfamilyoptions fontsize footer format geometry graphics handout header header-includes
    heading highlighting highlighting-css history hyperrefoptions ibooks include-after
    include-before indent institute institution iftex keepicc latex-dir-rtl leftmargin lineheight
    linestretch link-citations linkcolor links-as-notes linkstyle linkurlcolor listings
    lofTitle lotTitle mainfont mainfontoptions mainlang maintitle margin-bottom margin-left
    margin-right margin-top mathfont maxwidth microtypeoptions monobackgroundcolor monofont
    monofontoptions nocite-ids numbersections number-sections number-offset output
    page-progression-direction pagestyle papersize pdf-engine pdfa pdfstandard pretty
    reference-section-title references relation rightmargin romanfont runninghead sansfont
    sansfontoptions section secnumdepth series-position shift-heading-level-by source standalone
    styles svg subparagraph template thanks theme titlegraphic toc toc-own-page toc-title toccolor
    tocdepth type urlcolor variables version volume whitespace writing-mode zero-width-non-joiner""".split()
)  # fmt: skip
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_DATE = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?")
_TRIM = re.compile(r"(\d+(?:\.\d+)?)\s*(?:mm|cm|in)?\s*[x×*]\s*(\d+(?:\.\d+)?)\s*(mm|cm|in)?")
_UNITS = {"mm": 1.0, "cm": 10.0, "in": 25.4}
_UUID = re.compile(r"(?:urn:uuid:)?([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})")
_ROLES = {"author": "aut", "translator": "trl", "editor": "edt", "illustrator": "ill", "creator": "aut"}

Direction = Literal["ltr", "rtl"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which book of a manuscript's is read."""

    #: Name of an edition; empty: the book itself.
    edition: str = ""
    #: The output that it is read for; empty: both.
    output: Output = ""


@dataclass(slots=True)
class Chosen:
    """What a book's settings say."""

    metadata: Metadata
    settings: Settings = field(default_factory=Settings)
    #: None: the settings list no files.
    entries: tuple[Entry, ...] | None = None
    #: Folder of the text below the book's (mdBook's `src`).
    text_folder: str = ""
    #: Path of the cover's image and where it is named.
    cover: tuple[str, Place] | None = None
    bibliography: Bibliography | None = None
    #: Level of the headings that make chapters; 0: to be found.
    chapter_level: int = 0
    #: How the text is set.
    house: House = PLAIN
    #: What the edition shows of the text.
    choices: Choices = field(default_factory=Choices)
    #: Name of the edition, or empty.
    edition: str = ""


def identifier(metadata: Metadata, edition: str = "") -> str:
    """Return the URN of a book that names none: the same as long as title, authors and language are."""
    parts = (metadata.title, *metadata.authors, metadata.language, metadata.edition)
    name = "\x1f".join((*parts, edition) if edition else parts)
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, 'publish:' + name)}"


def of_edition(keys: Keys, wanted: Wanted, read: Callable[[Keys], Chosen]) -> Chosen:
    """Return what the settings choose for an edition; those of the others are read for their problems."""
    editions = Editions.of(keys)
    edition = editions.chosen(wanted.edition)
    for other in editions.editions.values():
        other.keys.accept({"editions"})
        if other is not edition:
            read(other.keys)
    chosen = read(edition.keys)
    chosen.edition = wanted.edition
    table = edition.keys.sub("variables") if _is_table(edition.keys, "variables") else None
    variables = {name: table.text(name) for name in table.table} if table else {}
    chosen.choices = Choices(wanted.output, edition.names, editions.known, variables)
    return chosen


def _is_table(keys: Keys, name: str) -> bool:
    return keys.has(name) and isinstance(keys.table[name].value, dict)


def from_toml(keys: Keys, folder: Folder) -> Chosen:
    """Turn book.toml into what it chooses; mdBook's has a table `book`."""
    if isinstance(keys.table.get("book", Node(None, keys.place)).value, dict):
        return _from_mdbook(keys)
    ids, series, licence, cover = (keys.sub(name) for name in ("identifiers", "series", "licence", "cover"))
    language = _language(keys, "language")
    metadata = Metadata(
        title=keys.text("title"), language=language, subtitle=keys.text("subtitle"),
        short_title=keys.text("short-title"), contributors=_contributors(keys),
        isbn_epub=ids.parsed("isbn-epub", isbn, "ISBN") or "",
        isbn_print=ids.parsed("isbn-print", isbn, "ISBN") or "", doi=ids.text("doi"), onix=_onix(ids),
        identifier=ids.parsed("uuid", _uuid, "UUID") or "", publisher=keys.text("publisher"),
        imprint=keys.text("imprint"), date=keys.parsed("date", _date, "date such as 2026-11-24") or "",
        edition=keys.text("edition"), series=series.text("name"), series_position=series.text("position"),
        subjects=keys.texts("subjects"), keywords=keys.texts("keywords"),
        description=keys.text("description"),
        rights=keys.text("rights"), licence=licence.text("name"),
        licence_url=licence.parsed("url", web_address, "web address") or "",
        direction=_direction(keys, "direction", language), cover_alt=cover.text("alt"),
    )  # fmt: skip
    if not metadata.title and not keys.problems:
        keys.problems.append(_missing_title(keys))
    entries = _sections(keys.sub("sections")) if keys.has("sections") else None
    image = (cover.text("image"), cover.at("image")) if cover.has("image") else None
    works = read_bibliography(keys.sub("bibliography"), folder, language)
    house = _house(keys.sub("typography"))
    chosen = Chosen(metadata, _settings(keys, folder), entries, cover=image, bibliography=works, house=house)
    for table in (ids, series, licence, cover, keys):
        table.unknown()
    return chosen


def from_pandoc(keys: Keys, folder: Folder) -> Chosen:
    """Turn YAML metadata with Pandoc's keys into what they choose."""
    title, subtitle = _pandoc_title(keys)
    language = _language(keys, "lang") or _language(keys, "language")
    ids = _pandoc_identifiers(keys)
    metadata = Metadata(
        title=title, language=language, subtitle=keys.text("subtitle") or subtitle,
        short_title=keys.text("short-title"), contributors=_pandoc_people(keys),
        isbn_epub=ids.get("isbn", ""), isbn_print=keys.parsed("isbn-print", isbn, "ISBN") or "",
        doi=ids.get("doi", ""), identifier=ids.get("uuid", ""), onix=_onix(keys),
        publisher=keys.text("publisher"), imprint=keys.text("imprint"), date=_pandoc_date(keys),
        edition=keys.text("edition"),
        series=_first_text(keys, "series", "collection", "belongs-to-collection"),
        series_position=_first_text(keys, "series-position", "group-position"),
        subjects=_pandoc_texts(keys, "subject") + _pandoc_texts(keys, "subjects"),
        keywords=_pandoc_texts(keys, "keywords"),
        description=keys.text("description") or keys.text("abstract"),
        rights=keys.text("rights") or keys.text("copyright"), direction=_direction(keys, "dir", language),
    )  # fmt: skip
    numbered = keys.has("number-sections") and keys.truth("number-sections")
    listed: Sequence[tuple[str, CaptionKind]] = (("lof", "figure"), ("lot", "table"))
    lists = tuple(kind for key, kind in listed if keys.truth(key))
    settings = Settings(
        number_chapters=numbered, toc_depth=keys.integer("toc-depth", 0, 1, 6), lists=lists,
        notes=_notes(keys), **_writing(keys), accessibility=accessibility(keys),
        hyphenation=_hyphenation(keys.sub("hyphenation")),
    )  # fmt: skip
    cover = (keys.text("cover-image"), keys.at("cover-image")) if keys.has("cover-image") else None
    level = keys.integer("chapter-level", 0, 1, 6) or keys.integer("split-level", 0, 1, 6)
    level = level or keys.integer("epub-chapter-level", 0, 1, 6)
    if not level and keys.has("top-level-division"):
        level = {"part": 2, "chapter": 1}.get(keys.text("top-level-division"), 0)
    works = pandoc_bibliography(keys, folder, language)
    house = _house(keys.sub("typography"))
    keys.ignore(_PANDOC)
    keys.unknown("warning")
    return Chosen(metadata, settings, cover=cover, bibliography=works, chapter_level=level, house=house)


def isbn(text: str) -> str | None:
    """Return an ISBN-13 or ISBN-10, hyphens as they are typed, whose check digit is right; else None."""
    typed = re.sub(r"^(?:urn:)?isbn(?:-1[03])?:?", "", text.strip(), flags=re.IGNORECASE).strip().upper()
    digits = re.sub(r"[\s-]", "", typed)
    if re.fullmatch(r"\d{13}", digits):
        good = sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(digits)) % 10 == 0
    elif re.fullmatch(r"\d{9}[\dX]", digits):
        good = sum((10 if d == "X" else int(d)) * (10 - i) for i, d in enumerate(digits)) % 11 == 0
    else:
        good = False
    return typed if good else None


def trim(text: str) -> tuple[float, float] | None:
    """Return width and height in millimetres of `140x210mm`, `6x9in` or a named size; else None."""
    if (named := text.lower().replace(" ", "-")) in SIZES:
        return SIZES[named]
    match = _TRIM.fullmatch(text.strip().lower())
    if not match:
        return None
    width, height = (round(float(match[n]) * _UNITS[match[3] or "mm"], 3) for n in (1, 2))
    return (width, height) if 40 <= width <= 1000 and 40 <= height <= 1500 else None


def _from_mdbook(keys: Keys) -> Chosen:
    book = keys.sub("book")
    language = _language(book, "language")
    people = tuple(Contributor(name) for name in book.texts("authors") + book.texts("author"))
    metadata = Metadata(
        book.text("title"), language, contributors=people, description=book.text("description"),
        direction=_direction(book, "text-direction", language),
    )  # fmt: skip
    return Chosen(metadata, text_folder=book.text("src", "src"))


def _missing_title(keys: Keys) -> Problem:
    return Problem("bad-value", keys.place, "the book has no title", 'write title = "…"')


def _settings(keys: Keys, folder: Folder) -> Settings:
    numbering, toc, fonts = (keys.sub(name) for name in ("numbering", "toc", "fonts"))
    settings = Settings(
        number_chapters=numbering.truth("chapters"), number_parts=numbering.truth("parts"),
        number_sections=numbering.integer("sections", 0, 0, 5), numbering=_numbering(numbering),
        lists=_lists(keys.sub("lists")),
        toc_depth=toc.integer("depth", 0, 1, 6), print=_print(keys.sub("print")),
        notes=_notes(keys), **_writing(keys),
        styles=_styles(keys.sub("styles"), folder), templates=_templates(keys.sub("templates"), folder),
        fonts=(fonts.text("serif"), fonts.text("sans"), fonts.text("mono")),
        accessibility=accessibility(keys), ebook=ebook(keys.sub("ebook")),
        hyphenation=_hyphenation(keys.sub("hyphenation")),
    )  # fmt: skip
    keys.accept({"variables"})
    for table in (numbering, toc, fonts):
        table.unknown()
    return settings


def _writing(keys: Keys) -> dict[str, Any]:
    """Return the lines of the text and the order of the pages, in the words of CSS and of EPUB."""
    modes: Sequence[WritingMode] = ("horizontal-tb", "vertical-rl")
    mode = keys.choice("writing-mode", modes, "horizontal-tb")
    side = keys.choice("page-progression-direction", ("default", "ltr", "rtl"), "default")
    return {"writing_mode": mode, "page_progression": "" if side == "default" else side}


def _notes(keys: Keys) -> NotesPlace:
    """Return where notes stand, from `notes = "chapter"` or from `placement` in a table `notes`."""
    places: Sequence[NotesPlace] = ("foot", "chapter", "book")
    table = _is_table(keys, "notes")
    inner, name = (keys.sub("notes"), "placement") if table else (keys, "notes")
    named = inner.choice(name, places, "foot")
    if table:
        inner.unknown()
    return next(place for place in places if place == named)


def _numbering(keys: Keys) -> dict[CaptionKind, Numbering]:
    """Return how figures and the like are numbered, where the book says so."""
    chosen: dict[CaptionKind, Numbering] = {}
    ways: Sequence[Numbering] = ("auto", "chapter", "through", "none")
    for kind in CAPTION_KINDS:
        named = keys.choice(f"{kind}s", ways, "auto")
        chosen[kind] = next(way for way in ways if way == named)
    return chosen


def _lists(keys: Keys) -> tuple[CaptionKind, ...]:
    """Return the kinds that have a list after the contents."""
    kinds: Sequence[CaptionKind] = ("figure", "table", "listing")
    found = tuple(kind for kind in kinds if keys.truth(f"{kind}s"))
    keys.unknown()
    return found


def _hyphenation(keys: Keys) -> Hyphenation:
    """Turn the table `hyphenation` into where words may be divided."""
    found = Hyphenation(keys.texts("words"), keep_names=keys.has("names") and not keys.truth("names"))
    keys.unknown()
    return found


def _house(keys: Keys) -> House:
    """Turn the table `typography` into a house style."""
    tables = languages() if keys.has("profile") else {}  # most houses say nothing: read what is asked for
    profiles = [name for table in tables.values() for name in table["profiles"]]
    house = House(
        keys.choice("profile", ("", "none", *profiles), ""),
        off=_known_rules(keys, "off"), on=_known_rules(keys, "on"), spaces=_spaces(keys.sub("spaces")),
        words=tuple((wrong, keys.sub("words").text(wrong)) for wrong in keys.sub("words").table),
    )  # fmt: skip
    keys.unknown()
    return house


def _known_rules(keys: Keys, name: str) -> tuple[str, ...]:
    known = known_rules() if keys.has(name) else frozenset[str]()
    for rule in keys.texts(name):
        if rule not in known:
            keys.bad(name, f"names no rule: “{rule}”", nearest(rule, known) or "look at docs/french.md")
    return tuple(rule for rule in keys.texts(name) if rule in known)


def _spaces(keys: Keys) -> tuple[tuple[str, str], ...]:
    """Return a house's spaces: before ; ! ? (`high`) and the colon, inside « », behind a speech's dash."""
    names = [name for name in ("high", "colon", "inside", "speech") if keys.has(name)]
    keys.unknown()
    return tuple((name, keys.choice(name, ("none", "thin", "no-break", "fixed"), "thin")) for name in names)


def _print(keys: Keys) -> Print:
    chosen = keys.choice("design", tuple(TRIMS), "essay")
    design: Design = next(name for name in TRIMS if name == chosen)
    size = keys.parsed("trim", trim, "page size such as 140x210mm, A5 or 6x9in")
    margins = keys.parsed("margins", _margins, "four lengths in millimetres: inner top outer bottom")
    places: Sequence[Literal["auto", "recto", "page"]] = ("auto", "recto", "page")
    where = keys.choice("openings", places, "auto")
    openings = next(place for place in places if place == where)
    asked = keys.choice("standard", PDF_STANDARDS, "pdf/ua-1")
    standard = next(name for name in PDF_STANDARDS if name == asked)
    keys.unknown()
    page = size or TRIMS[design]
    if margins and (margins[0] + margins[2] >= page[0] - 20 or margins[1] + margins[3] >= page[1] - 20):
        keys.bad("margins", "leaves no room for the text", "make it smaller")
        margins = None
    return Print(design, page, margins, openings, standard)


def _margins(text: str) -> tuple[float, float, float, float] | None:
    numbers = [float(number) for number in re.findall(r"\d+(?:\.\d+)?", text)]
    rest = re.sub(r"\d+(?:\.\d+)?|mm|[\s,]", "", text)
    return (numbers[0], numbers[1], numbers[2], numbers[3]) if len(numbers) == 4 and not rest else None


def _styles(keys: Keys, folder: Folder) -> tuple[Style, ...]:
    found: list[Style] = []
    sheets: list[tuple[str, str]] = []
    outputs: Sequence[Literal["text", "ebook", "print"]] = ("text", "ebook", "print")
    for output in outputs:
        for node in keys.text_nodes(output):
            css = folder.text(str(node.value), node.place)
            if css is not None:
                found.append(style(output, css, str(node.value), folder))
                sheets.append((found[-1].source, css))
    check_bounds(sheets, folder)
    keys.unknown()
    return tuple(found)


def _templates(keys: Keys, folder: Folder) -> tuple[tuple[str, str, str], ...]:
    found: list[tuple[str, str, str]] = []
    for name in sorted(keys.table):
        path = keys.text(name)
        text = folder.text(path, keys.at(name)) if path else None
        if text is not None:
            found.append((name, text, folder.shown(path)))
    return tuple(found)


def _contributors(keys: Keys) -> tuple[Contributor, ...]:
    people: list[Contributor] = []
    for key, role in (
        ("author", "aut"),
        ("authors", "aut"),
        ("translator", "trl"),
        ("editor", "edt"),
        ("illustrator", "ill"),
    ):
        people += [Contributor(name, role) for name in keys.texts(key)]
    for node in keys.items("contributors"):
        if not isinstance(node.value, dict):
            keys.bad("contributors", "is no table", "write [[contributors]]")
            continue
        person = Keys(node.value, node.place, keys.problems)
        alternate, language = person.text("alternate"), _language(person, "alternate-language")
        people.append(
            Contributor(person.text("name"), _role(person), person.text("sort-as"), alternate, language)
        )
        if not person.text("name"):
            keys.problems.append(
                Problem("bad-value", node.place, "a contributor has no name", 'write name = "…"')
            )
        person.unknown()
    return tuple(people)


def _role(person: Keys) -> str:
    role = person.text("role", "aut")
    role = _ROLES.get(role, role)
    if role in _RELATORS:
        return role
    hint = nearest(role, _ROLES) or "use a MARC relator code: aut, trl, edt, ill …"
    person.bad("role", "is no MARC relator code", hint)
    return "aut"


def _sections(keys: Keys) -> tuple[Entry, ...]:
    entries: list[Entry] = []
    matters: Sequence[Matter] = ("front", "body", "back")
    for matter in matters:
        for node in keys.items(matter):
            entries += _entry(node, matter, keys, 1)
    keys.unknown()
    return tuple(entries)


def _entry(node: Node, matter: Matter, keys: Keys, depth: int) -> tuple[Entry, ...]:
    """Turn a path, {file, kind} or {part, file, chapters} into entries."""
    if isinstance(node.value, str):
        return (Entry(node.value, "", node.place, matter, depth=depth),)
    if not isinstance(node.value, dict) or depth > 5:
        keys.problems.append(
            Problem(
                "bad-value", node.place, "an entry is neither a path nor a table", "write “chapters/one.md”"
            )
        )
        return ()
    table = Keys(node.value, node.place, keys.problems)
    kind = table.text("kind")
    if kind and kind not in KINDS:
        table.bad("kind", "is no kind of section", nearest(kind, KINDS) or "look at docs/writing.md")
        kind = ""
    title, path = table.text("part"), table.text("file")
    inner = [entry for item in table.items("chapters") for entry in _entry(item, matter, keys, depth + 1)]
    table.unknown()
    if not title and not path:
        keys.problems.append(
            Problem("bad-value", node.place, "an entry has neither “file” nor “part”", 'write file = "…"')
        )
        return tuple(moved(inner, -1))
    kind = kind or ("part" if title else "")
    return (Entry(path, title, node.place, matter, kind, depth), *inner)


def _language(keys: Keys, name: str) -> str:
    return (keys.parsed(name, _tag, "language tag such as fr or pt-BR") or "").replace("_", "-")


def _tag(text: str) -> str | None:
    return text if _LANGUAGE.fullmatch(text) else None


def _direction(keys: Keys, name: str, language: str) -> Direction:
    natural = direction(language)
    return "rtl" if keys.choice(name, ("ltr", "rtl"), natural) == "rtl" else "ltr"


def _date(text: str) -> str | None:
    """Return an ISO date, or a year, or a year and month, that a calendar has."""
    if not _DATE.fullmatch(text):
        return None
    try:
        date.fromisoformat(text + "2000-01-01"[len(text) :])
    except ValueError:
        return None
    return text


def _uuid(text: str) -> str | None:
    match = _UUID.fullmatch(text)
    return f"urn:uuid:{match[1].lower()}" if match else None


def _pandoc_title(keys: Keys) -> tuple[str, str]:
    """Return title and subtitle of Pandoc's `title`: text, or a list of {type, text}."""
    if not keys.has("title") or not isinstance(keys.table["title"].value, list):
        return keys.text("title"), ""
    titles = {"main": "", "subtitle": ""}
    for node in keys.items("title"):
        table = Keys(
            node.value if isinstance(node.value, dict) else {"text": node}, node.place, keys.problems
        )
        kind = table.text("type", "main")
        titles[kind] = titles.get(kind) or table.text("text")
    return titles["main"] or next(iter(titles.values())), titles["subtitle"]


def _pandoc_people(keys: Keys) -> tuple[Contributor, ...]:
    people: list[Contributor] = []
    for key, role in (
        ("author", "aut"),
        ("creator", "aut"),
        ("contributor", "ctb"),
        ("translator", "trl"),
        ("editor", "edt"),
        ("illustrator", "ill"),
    ):
        for node in keys.items(key):
            if isinstance(node.value, dict):
                people.append(_pandoc_person(Keys(node.value, node.place, keys.problems), role))
            elif node.value:
                people.append(Contributor(" ".join(str(node.value).split()), role))
    return tuple(person for person in people if person.name)


def _pandoc_person(person: Keys, role: str) -> Contributor:
    name = (
        person.text("name")
        or person.text("text")
        or " ".join(filter(None, (person.text("given"), person.text("family"))))
    )
    given = _ROLES.get(person.text("role", role), person.text("role", role))
    if given not in _RELATORS:
        person.bad("role", "is no MARC relator code", "use aut, trl, edt, ill …")
        given = role
    return Contributor(name, given, person.text("file-as") or person.text("sort-as"))


def _pandoc_identifiers(keys: Keys) -> dict[str, str]:
    found: dict[str, str] = {}
    readers: tuple[tuple[str, Callable[[str], str | None]], ...] = (
        ("isbn", isbn),
        ("uuid", _uuid),
        ("doi", _doi),
    )
    for name, read in (("isbn-epub", isbn), ("isbn", isbn), ("doi", _doi)):
        if value := keys.parsed(name, read, name.partition("-")[0].upper()):
            found.setdefault(name.partition("-")[0], value)
    for node in keys.items("identifier"):
        text = (
            str(node.value["text"].value)
            if isinstance(node.value, dict) and "text" in node.value
            else str(node.value)
        )
        for name, reader in readers:
            if value := reader(text):
                found.setdefault(name, value)
    return found


def _first_text(keys: Keys, *names: str) -> str:
    """Return the first of some settings that says something; all are known."""
    return next(filter(None, [keys.text(name) for name in names]), "")


def _onix(keys: Keys) -> str:
    return keys.parsed("onix", web_address, "web address") or ""


def _doi(text: str) -> str | None:
    match = re.search(r"10\.\d{4,9}/\S+", text)
    return match[0] if match else None


def _pandoc_texts(keys: Keys, name: str) -> tuple[str, ...]:
    """Return a list of texts; a single text is divided at its commas."""
    if keys.has(name) and isinstance(keys.table[name].value, str):
        return tuple(part.strip() for part in keys.text(name).split(",") if part.strip())
    nodes = keys.items(name)
    texts = (
        node.value["text"].value if isinstance(node.value, dict) and "text" in node.value else node.value
        for node in nodes
    )
    return tuple(str(text) for text in texts if text)


def _pandoc_date(keys: Keys) -> str:
    """Return an ISO date, or the year in a date written out in words."""
    if keys.has("date") and isinstance(keys.table["date"].value, list | dict):
        nodes = keys.items("date")
        text = next(
            (str(n.value["text"].value) for n in nodes if isinstance(n.value, dict) and "text" in n.value), ""
        )
    else:
        text = keys.text("date")
    match = re.search(r"\d{4}(?:-\d\d(?:-\d\d)?)?", text)
    return (match and (_date(match[0]) or _date(match[0][:4]))) or ""
