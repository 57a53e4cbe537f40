"""What no pattern can find: checks that read a paragraph, or the whole book, with their authorities."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, pairwise

from publish.manuscript import Proofs
from publish.manuscript.galleys import NOWHERE, Galley, Paragraph
from publish.manuscript.plain import credit
from publish.typography import LINE, House, Rule, languages, style, visible

_PAIRS = {"«": "»", "“": "”", "(": ")", "[": "]"}
#: How many paragraphs off the other of a sign may stand: a letter that is quoted, stanzas in brackets.
_FAR = {"”": 2, ")": 12, "]": 12}
#: How examples show the spaces; and some book's lexicon.
_SPACES = ("~ is U+00A0", "| is U+202F", "_ is U+2007")
_WORDS = (("clé USB", "clef USB"),)
#: How many lone signs are looked back at.
_NEAR = 200
_SIGNS = re.compile(r"[«»“”()\[\]]")
_ENUMERATED = re.compile(r"(?<!\S)(?:[a-zA-Z]|\d{1,2}|[ivx]{1,4})\)|[:;8][-o]?[()]")
_NAME = re.compile(r"(?<![.!?…:«“\x1e\u2028—–\"'] )(?<=[\w,;'’(] |[\w]['’])[A-ZÀ-ÖØ-ÞŒ][\w’-]*\w")
_ACCENTS = str.maketrans("àâäéèêëîïôöùûüçñÀÂÄÉÈÊËÎÏÔÖÙÛÜÇÑ", "aaaeeeeiioouuucnAAAEEEEIIOOUUUCN")
_CENTURY = re.compile(r"\b([0-9]{1,2})(?:e|ème|ième|è)[ \u00a0](?=siècles?\b)")
#: Compounds that writers hesitate about, and whose words mean nothing else side by side.
_COMPOUND = re.compile(
    r"\b(?:open[- ]source|week[- ]end|start[- ]up|mots?[- ]clés?|e[- ]mail|e[- ]book|end[- ]user|real[- ]time"
    r"|long[- ]term|check[- ]list|back[- ]end|front[- ]end|machine[- ]learning|deep[- ]learning)s?\b",
    re.IGNORECASE,
)
_ACRONYM = re.compile(r"(?<![\w.&/-])[A-Z]{2,5}(?![\w.&/’-])")
_ROMAN = re.compile(r"[IVXLCDM]+")
_DEFINED = re.compile(r"^\*\[([^\]]+)\]:", re.MULTILINE)
#: An acronym that is used so often deserves its words once.
_OFTEN = 5
#: Those whose words say less to readers than they do.
_FAMILIAR = frozenset(
    """ADN AFP API BBC BMW CD CIA CNN CNRS CPU CSS CSV CV DVD EDF EPUB ESA FBI FMI GPS HTML HTTP HTTPS IBM
    ID IP ISBN JPEG JSON KGB LSD MIT MP NASA OGM OK OMC OMS ONG ONU OTAN PC PDF PDG PHP PIB PME PNG QI QR
    RAF RAM RATP RDA RER SA SARL SMS SNCF SOS SQL SSD SVG TGV TNT TV TVA UE UNESCO URL URSS USA USB UTF
    VIH WC XML ZIP""".split()
)
#: « Comme l’observe Ada Byron, …»: whose words are they, and where do they stand?
_QUOTED = re.compile(
    r"(?:[Ss]elon|[Cc]omme l[’'](?:a )?(?:observ|écri|affirm|not|soulign|expliqu|rappel|remarqu|di)[a-zé]*) "
    r"((?:[A-ZÀ-ÖØ-ÞŒ][\w’-]+ ){1,3}[A-ZÀ-ÖØ-ÞŒ][\w-]+)(?=,? )"
)
#: Marks of a note or of a citation in the source.
_SOURCED = re.compile(r"\[\^|\^\[|\[@|@\w")
_SENTENCE = re.compile(r"[^.!?…]+")
_DASHES = frozenset("—–-")
#: How far behind a paragraph's last letter its call may end.
_CALL = 12


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found in a paragraph, and what would be right (None: the author knows)."""

    galley: Galley
    paragraph: Paragraph
    start: int
    end: int
    instead: str | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole manuscript, as checks read it."""

    proofs: Proofs

    def paragraphs(self) -> Iterator[tuple[Galley, Paragraph]]:
        """Iterate over all paragraphs with their galleys."""
        return ((galley, paragraph) for galley in self.proofs.galleys for paragraph in galley.paragraphs)


@dataclass(frozen=True, slots=True)
class Check:
    """A rule that no pattern can say."""

    name: str
    says: str
    authority: str
    find: Callable[[Sheet], Iterator[Finding]]
    examples: tuple[tuple[str, str], ...]
    optional: bool = False


def unpaired(sheet: Sheet) -> Iterator[Finding]:
    """Find quotation marks and brackets without their others, paragraph by paragraph.

    A speech over several paragraphs opens each of them and closes the last; a bracket may hold stanzas.
    """
    for galley in sheet.proofs.galleys:
        whole = [paragraph for paragraph in galley.paragraphs if paragraph.kind != "field"]
        lone = [
            (number, at)
            for number, (paragraph, follower) in enumerate(pairwise([*whole, None]))
            if paragraph
            for at in sorted(_unpaired(paragraph, follower))
        ]
        for number, at in _apart(whole, lone):
            yield Finding(galley, whole[number], at, at + 1)


def _apart(whole: Sequence[Paragraph], lone: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the lone signs (paragraph, offset) but those that are a pair over few paragraphs."""
    left: list[tuple[int, int]] = []
    for number, at in lone:
        sign = whole[number].text[at]
        others = (
            place
            for place in reversed(left[-_NEAR:])
            if _PAIRS.get(whole[place[0]].text[place[1]]) == sign and 0 < number - place[0] <= _FAR[sign]
        )
        other = next(others, None) if at and sign in _FAR else None
        if other:
            left.remove(other)
        else:
            left.append((number, at))
    return left


def _unpaired(paragraph: Paragraph, follower: Paragraph | None) -> Iterator[int]:
    numbered = {match.end() - 1 for match in _ENUMERATED.finditer(paragraph.text)}
    opened: list[int] = []
    text = paragraph.text
    for match in _SIGNS.finditer(text):
        sign, at = match[0], match.start()
        if sign in _PAIRS:
            # inside a quotation, the same mark at the head of a line is repeated, as old books have it
            repeated = (
                opened and text[opened[-1]] == sign and text[:at].rstrip(" \u00a0\u2003")[-1:] in {"\n", LINE}
            )
            opened += [] if repeated else [at]
        elif opened and _PAIRS[text[opened[-1]]] == sign:
            opened.pop()
        elif any(_PAIRS[text[place]] == sign for place in opened):
            while _PAIRS[text[opened[-1]]] != sign:
                yield opened.pop()
            opened.pop()
        elif at not in numbered and not (sign == "»" and text[:1] in _DASHES):  # a dash's » ends the dialogue
            yield at
    after = follower.text[:1] if follower else ""
    for at in opened:
        # a speech goes on in the next paragraph, which opens with the mark again or with a dash
        if not after or (after != text[at] and not (text[at] == "«" and after in _DASHES)):
            yield at


def centuries(sheet: Sheet) -> Iterator[Finding]:
    """Find centuries in Arabic figures, in French."""
    for galley, paragraph in sheet.paragraphs():
        if paragraph.language.startswith("fr") and "siècle" in paragraph.text:
            for match in _CENTURY.finditer(paragraph.text):
                yield Finding(galley, paragraph, *match.span(1), _roman(int(match[1])))


def _roman(number: int) -> str:
    tens, units = divmod(number, 10)
    return "X" * tens + ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")[units]


def spellings(sheet: Sheet) -> Iterator[Finding]:
    """Find names that are mostly written otherwise in the book: other capitals, or a capital's accent."""
    seen = defaultdict[str, Counter[str]](Counter)
    places = defaultdict[str, list[Finding]](list)
    for galley, paragraph in sheet.paragraphs():
        for match in _NAME.finditer(paragraph.text):
            name = match[0].replace("'", "’")
            if not name.isupper():
                key = f"{name[0].translate(_ACCENTS)}{name[1:]}".casefold()
                seen[key][name] += 1
                places[name].append(Finding(galley, paragraph, *match.span()))
    for forms in seen.values():
        (right, often), *others = forms.most_common()
        for wrong, count in others:
            if often >= 3 * count and len(wrong) > 3:
                yield from (_instead(finding, right) for finding in places[wrong])


def _instead(finding: Finding, right: str) -> Finding:
    return Finding(finding.galley, finding.paragraph, finding.start, finding.end, right)


def dialogues(sheet: Sheet) -> Iterator[Finding]:
    """Find the dialogues that open otherwise than nearly all others in the book.

    The first speech stands behind « and the replies behind —, or all of them behind —.
    """
    found = defaultdict[str, list[Finding]](list)
    for galley in sheet.proofs.galleys:
        for before, paragraph in pairwise(galley.paragraphs):
            sign, last = paragraph.text[:1], before.text[:1]
            if sign in _DASHES and paragraph.kind == "paragraph" and last not in _DASHES:
                opening = before if last == "«" and "»" not in before.text else paragraph
                found[opening.text[:1]].append(Finding(galley, opening, 0, 1))
    usual = max(found, key=lambda opener: len(found[opener]), default="")
    others = list(chain.from_iterable(found[opener] for opener in found if opener != usual))
    if others and len(found[usual]) >= 10 * len(others):
        yield from others


def captions(sheet: Sheet) -> Iterator[Finding]:
    """Find paragraphs that end with a credit: captions that stand in the running text."""
    for galley, paragraph in sheet.paragraphs():
        if paragraph.kind == "paragraph" and (found := credit(paragraph.text)):
            start, end, agency = found
            shown = agency.upper() if len(agency) < 5 else agency
            yield Finding(galley, paragraph, start, end, f"Photo : {shown}" if agency else None)


def variants(sheet: Sheet) -> Iterator[Finding]:
    """Find compounds that the book writes with a hyphen here and without it there: the rarer form."""
    joined, parted = defaultdict[str, list[Finding]](list), defaultdict[str, list[Finding]](list)
    for galley, paragraph in sheet.paragraphs():
        for match in _COMPOUND.finditer(paragraph.text):
            forms = joined if "-" in match[0] else parted
            forms[match[0].casefold().replace(" ", "-")].append(Finding(galley, paragraph, *match.span()))
    for word in joined.keys() & parted.keys():
        one, other = joined[word], parted[word]
        rarer, right = (one, word.replace("-", " ")) if len(one) < len(other) else (other, word)
        yield from (_instead(finding, right) for finding in rarer)


def metadata(sheet: Sheet) -> Iterator[Finding]:
    """Find a book without an author or a date: at its first paragraph."""
    known = sheet.proofs.metadata
    lacking = [name for name, value in (("author", known.contributors), ("date", known.date)) if not value]
    first = next(sheet.paragraphs(), None)
    if lacking and first:
        yield Finding(*first, 0, 0)


def dashes(sheet: Sheet) -> Iterator[Finding]:
    """Find a dash between spaces that has no other in its sentence, in French."""
    for galley, paragraph in sheet.paragraphs():
        if paragraph.language.startswith("fr") and "–" in paragraph.text:
            for match in _SENTENCE.finditer(paragraph.text):
                if match[0].count(" –") + match[0].count("\u00a0–") == 1 and match[0].find("–") > 1:
                    at = match.start() + match[0].index("–")
                    yield Finding(galley, paragraph, at, at + 1)


def acronyms(sheet: Sheet) -> Iterator[Finding]:
    """Find acronyms that a book often uses and never explains, at their first use, in French."""
    galleys = sheet.proofs.galleys
    known = {name for galley in galleys for name in _DEFINED.findall(galley.text)} | _FAMILIAR
    uses = defaultdict[str, list[Finding]](list)
    for galley, paragraph in sheet.paragraphs():
        if paragraph.language.startswith("fr") and not paragraph.text.isupper():
            for match in _ACRONYM.finditer(paragraph.text):
                uses[match[0]].append(Finding(galley, paragraph, *match.span()))
    often = {
        name: found
        for name, found in uses.items()
        if len(found) >= _OFTEN and name not in known and not _ROMAN.fullmatch(name)
    }
    for name, found in often.items():
        explained = re.compile(
            rf"^{name}$|\({name}[),;]|\b{name} ?\((?=\w{{3}})|\b{name}, (?:pour|c’est|ou|soit) "
        )
        if not any(explained.search(paragraph.text) for _, paragraph in sheet.paragraphs()):
            yield found[0]


def sources(sheet: Sheet) -> Iterator[Finding]:
    """Find persons who are quoted as authorities, at their first mention, without note and citation."""
    met: set[str] = set()
    for galley, paragraph in sheet.paragraphs():
        for match in _QUOTED.finditer(paragraph.text) if paragraph.language.startswith("fr") else ():
            name = match[1]
            placed = [place for place in paragraph.places if place != NOWHERE] or [0]
            source = galley.text[placed[0] : placed[-1] + _CALL]
            if name not in met and not _SOURCED.search(source):
                yield Finding(galley, paragraph, *match.span(1))
            met.add(name)


CHECKS = (
    Check("unpaired", "a quotation mark or a bracket lacks its other", "Lexique, « Guillemets »; CMOS 13.30",
          unpaired, (("il dit « oui et sortit", ""),)),
    Check("centuries", "a century is written in Roman figures", "Lexique, « Siècles »",
          centuries, (("le 19e siècle", "le XIXe siècle"),)),
    Check("spellings", "a name is mostly spelt otherwise in this book", "the trade",
          spellings, (("Eponine, Éponine, Éponine, Éponine", "Éponine"),)),
    Check("dialogues", "nearly all speeches of this book open otherwise", "Lacroux, « Dialogues »",
          dialogues, (("« Oui. », where all others begin with —", "— Oui."),)),
    Check("variants", "a compound has a hyphen here and none there", "the trade",
          variants, (("open-source, open source, open source", "open source"),)),
    Check("dashes-unpaired", "a dash that opens an aside lacks its other", "Lexique, « Tiret »",
          dashes, (("l’isolement – imposant des restrictions.", ""),)),
    Check("acronyms", "an acronym is explained where it is first used", "Lexique, « Sigles »",
          acronyms, (("le réseau de l’IA, used five times and never explained", ""),)),
    Check("sources", "a person who is quoted as an authority has a note or a citation", "the trade",
          sources, (("Comme l’observe Ada Byron, la machine n’invente rien.", ""),)),
    Check("metadata", "the book names no author, or no date", "the trade",
          metadata, (("no `author` in the metadata", ""),)),
    Check("captions", "a caption and its credit stand in the running text", "the trade",
          captions, (("La Bourse de New York, le 27 janvier 2025. / Cfp", "Photo : CFP"),)),
)  # fmt: skip


def explained(name: str) -> str:
    """Return what a rule says, on whose authority, and its examples; nothing for a name that no rule has."""
    for found in _named(name):
        shown = [
            f"    {visible(before)}  →  {visible(after)}" if after else f"    {visible(before)}"
            for before, after in found.examples
        ]
        kept = [f"    {visible(text)}  stays" for text in getattr(found, "counterexamples", ())]
        signs = [sign for sign in _SPACES if any(sign[0] in line for line in (*shown, *kept))]
        legend = [f"    ({', '.join(signs)})"] if signs else []
        return "\n".join([f"{name}: {found.says}", f"({found.authority})", *shown, *kept, *legend])
    return ""


@cache
def says(name: str) -> str:
    """Return what a rule says, in a sentence."""
    return next((found.says for found in _named(name)), "")


def _named(name: str) -> Iterator[Rule | Check]:
    yield from (check for check in CHECKS if check.name == name)
    for tag in ("fr", *languages()):
        if rules := style(tag, House(on=(name,), words=_WORDS)):
            yield from (rule for rule in rules.rules if rule.name == name)
