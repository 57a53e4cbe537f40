"""One language's table of rules, compiled: TOML → `Style`."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any, Literal

Act = Literal["set", "shape", "fix", "mark"]

#: What a table calls the spaces, and how its examples show them.
SPACES = {"none": "", "thin": "\u202f", "no-break": "\u00a0", "fixed": "\u2007", "space": " "}
_SHOWN = {"~": "\u00a0", "|": "\u202f", "_": "\u2007"}
#: What every pattern may name besides the spaces of its profile.
_NAMES = {
    "s": r"[ \t\u00a0\u2000-\u200a\u202f\u205f]",  # a space on a line, whatever its width
    "break": r"[ \n\u00a0\u2009\u202f]",  # what stands between two words
    "start": r"[\x1e\u2028]",  # where a paragraph, or a line that the author broke, begins
    "nbsp": "\u00a0",
    "thin": "\u202f",
    "letter": r"[^\W\d_]",
    "upper": "[A-ZÀ-ÖØ-ÞŒŸ]",
    "lower": "[a-zß-öø-ÿœ]",
    "field": "\ufffc",
    "end": r"(?=[\x1e\u2028])",
}
#: The rule that a book's own lexicon makes.
LEXICON = {
    "id": "lexicon",
    "says": "the book's lexicon has another form",
    "authority": "book.toml",
    "act": "fix",
    "examples": [["une clé USB, where the lexicon has clé USB = clef USB", "clef USB"]],
}
#: A mark longer than this begins with the first word that is wrong.
_LONG = 24
_NAME = re.compile(r"\{([a-z]+)\}")
_GROUP = re.compile(r"\\\d")


@dataclass(frozen=True, slots=True)
class House:
    """How a book wants to be set: the profile of its language, and what it leaves out or adds."""

    #: Such as `fr-CA`; empty: the language's own; `none`: the text stays as it is.
    profile: str = ""
    #: Ids of rules that are not applied; of optional ones that are.
    off: tuple[str, ...] = ()
    on: tuple[str, ...] = ()
    #: Name of a space of the profile (`high`, `colon`, `inside`) → `thin`, `no-break` or `none`.
    spaces: tuple[tuple[str, str], ...] = ()
    #: The book's own lexicon: words that are wrong → right.
    words: tuple[tuple[str, str], ...] = ()


#: The language's own style.
PLAIN = House()


@dataclass(frozen=True, slots=True)
class Step:
    """One substitution: nothing is looked for without one of `needs` and the `only` pattern."""

    find: re.Pattern[str]
    #: What stands before, between and after the groups of `find`, which are kept.
    literals: tuple[str, ...]
    template: str
    #: Signs, or words.
    needs: Sequence[str] = ""
    only: re.Pattern[str] | None = None
    #: Words that the step looks for → what is right; empty: the template says it.
    lexicon: Mapping[str, str] = field(default_factory=dict)
    #: Whether the step says what would be right.
    corrects: bool = True
    #: What the groups of `find` are shown as.
    shapes: tuple[str, ...] = ()

    def has(self, text: str) -> bool:
        """Tell quickly whether there may be something to find in a text."""
        if self.needs:
            for sign in self.needs:  # asked a hundred times of each chapter: any() takes three times as long
                if sign in text:
                    break
            else:
                return False
        return not self.only or self.only.search(text) is not None

    def matches(self, text: str) -> Iterator[re.Match[str]]:
        """Iterate over the matches in a text."""
        return self.find.finditer(text) if self.has(text) else iter(())

    def instead(self, match: re.Match[str]) -> str | None:
        """Return what should stand in place of a match; None where only the author knows."""
        if self.lexicon:
            found = match[0].replace("'", "’")
            right = self.lexicon.get(found) or self.lexicon.get(found.lower(), "")
            return (
                right[:1].upper() + right[1:] if found[:1].isupper() and found not in self.lexicon else right
            )
        return match.expand(self.template) if self.corrects else None

    def gaps(self, match: re.Match[str]) -> Iterator[tuple[int, int, str]]:
        """Iterate over (start, end, instead) of what a match changes: all but its groups."""
        place = match.start()
        for number, literal in enumerate(self.literals):
            last = number == len(self.literals) - 1
            end = match.end() if last else match.start(number + 1)
            if match.string[place:end] != literal:
                yield place, end, literal
            place = end if last else match.end(number + 1)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a table."""

    name: str
    #: What it asks for, in a sentence.
    says: str
    authority: str
    act: Act
    steps: tuple[Step, ...]
    #: Text before and after.
    examples: tuple[tuple[str, str], ...]
    optional: bool = False
    #: It holds only where no markup stands inside: « beaucoup de *de* » is about a word.
    plain: bool = False
    #: The rules that must have done their work before it; otherwise their order means nothing.
    follows: tuple[str, ...] = ()
    #: Texts that look like the fault and aren't.
    counterexamples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    """A change: `text[start:end]` becomes `instead`, as the rule says."""

    start: int
    end: int
    instead: str
    rule: str


@dataclass(frozen=True, slots=True, order=True)
class Shape:
    """Letters that are shown otherwise than written: `text[start:end]` as `century` or `superior`."""

    start: int
    end: int
    name: str


@dataclass(frozen=True, slots=True)
class Match:
    """What a rule marks: `text[start:end]`, and what would be right (None: the author knows)."""

    start: int
    end: int
    instead: str | None
    rule: Rule
    #: The correction in parts (start, end, instead): what stays between them isn't touched.
    parts: tuple[tuple[int, int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Stage:
    """What one step made of a text: its gaps (start, end, instead) in the text before it, and what came."""

    rule: Rule
    gaps: list[tuple[int, int, str]]
    text: str
    #: Where the places asked for have gone.
    places: list[int]


class Style:
    """The rules of one language as a house wants them, in their order."""

    def __init__(
        self, language: str, rules: tuple[Rule, ...], marking: Callable[[], tuple[Rule, ...]] = tuple
    ) -> None:
        """Keep the rules; those that set the text are put in one line, those that mark it made on demand."""
        self.language, self._setting, self._marking = language, rules, marking
        self.steps = [(rule, step) for rule in rules if rule.act == "set" for step in rule.steps]
        self.shaping = [step for rule in rules if rule.act == "shape" for step in rule.steps]

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """All rules: no build needs those of the proof-reader."""
        return (*self._setting, *self._marking())

    def text(self, text: str) -> str:
        """Return a text, its paragraphs parted by `BREAK`, as it should be set."""
        for _, step in self.steps:
            if step.has(text):
                text = step.find.sub(step.template, text)
        return text

    def shapes(self, text: str) -> list[Shape]:
        """Return which letters of a text that is set are shown otherwise, in the order of the text."""
        found = {
            Shape(*match.span(group), name)
            for step in self.shaping
            if step.has(text)
            for match in step.find.finditer(text)
            for group, name in enumerate(step.shapes, start=1)
            if match[group]
        }
        return sorted(found)

    def moved(self, text: str, places: Sequence[int]) -> tuple[str, list[int]]:
        """Return a text as it should be set, and where sorted offsets of it have gone.

        A place before which something is inserted stays before it.
        """
        after, now = text, list(places)
        for stage in self._stages(text, now):
            after, now = stage.text, stage.places
        return after, now

    def edits(self, text: str) -> tuple[Edit, ...]:
        """Return what would change in a text: edits that touch each other are one, under the first's name."""
        after, places = text, list(range(len(text) + 1))
        spans: list[tuple[int, int, str]] = []
        for stage in self._stages(text, places):
            for start, end, _ in stage.gaps:
                first = bisect_right(places, start) - 1
                spans.append((first, first if start == end else bisect_left(places, end), stage.rule.name))
            after, places = stage.text, stage.places
        found: list[Edit] = []
        for start, end, name in _joined(sorted(spans, key=lambda span: span[:2])):
            # what is inserted at a place ends before the character that follows it there
            instead = after[places[start] : places[end] if end > start else places[start + 1] - 1]
            if instead != text[start:end]:
                found.append(Edit(start, end, instead, name))
        return tuple(found)

    def _stages(self, text: str, places: list[int]) -> Iterator[_Stage]:
        """Iterate over what the steps make of a text one after the other."""
        for rule, step in self.steps:
            if not step.has(text):
                continue
            if gaps := [gap for match in step.find.finditer(text) for gap in step.gaps(match)]:
                text, places = _moved(text, gaps, places)
                yield _Stage(rule, gaps, text, places)

    def marks(self, text: str) -> Iterator[Match]:
        """Iterate over what the rules mark that don't set the text themselves."""
        for rule in self.rules:
            for step in rule.steps if rule.act in {"fix", "mark"} else ():
                for match in step.matches(text):
                    instead = step.instead(match)
                    if instead != match[0]:
                        parts = step.gaps(match) if step.corrects and not step.lexicon else ()
                        whole = () if instead is None else ((*match.span(), instead),)
                        shown = (*match.span(), instead) if step.lexicon else _narrowed(match, instead)
                        yield Match(*shown, rule, tuple(parts) or whole)


def _narrowed(match: re.Match[str], instead: str | None) -> tuple[int, int, str | None]:
    """Return a mark without the words at its beginning that are right, if it is a long one."""
    (start, end), found = match.span(), match[0]
    if instead is None or len(found) <= _LONG:
        return start, end, instead
    pairs = enumerate(zip(found, instead, strict=False))
    same = next((place for place, (one, other) in pairs if one != other), 0)
    word = found.rfind(" ", 0, same) + 1
    return start + word, end, instead[word:]


def _moved(text: str, gaps: Iterable[tuple[int, int, str]], places: list[int]) -> tuple[str, list[int]]:
    """Put what is wanted into the gaps of a text; return it and where sorted places have gone."""
    pieces: list[str] = []
    now: list[int] = []
    done = shift = 0
    for start, end, instead in gaps:
        reached = bisect_right(places, start)
        now += [place + shift for place in places[len(now) : reached]]
        pieces += [text[done:start], instead]
        shift += len(instead) - (end - start)
        inside = bisect_left(places, end)
        now += [end + shift] * (inside - len(now))
        done = end
    pieces.append(text[done:])
    now += [place + shift for place in places[len(now) :]]
    return "".join(pieces), now


def _joined(spans: Iterable[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Make one of spans that overlap or begin at one place."""
    found: list[tuple[int, int, str]] = []
    for start, end, name in spans:
        if found and (start < found[-1][1] or start == found[-1][0]):
            found[-1] = (found[-1][0], max(end, found[-1][1]), found[-1][2])
        else:
            found.append((start, end, name))
    return found


@cache
def languages() -> Mapping[str, dict[str, Any]]:
    """Return the tables by language (`fr`), as the files have them."""
    return {name: _table(name) for name in sorted(_names())}


@cache
def _names() -> frozenset[str]:
    return frozenset(table.stem for table in Path(__file__).parent.glob("??.toml"))


@cache
def _table(language: str) -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name(f"{language}.toml").read_text("utf-8"))


@cache
def _common() -> list[dict[str, Any]]:
    """Return the rules of `common.toml`, which every language has after its own."""
    table = tomllib.loads(Path(__file__).with_name("common.toml").read_text("utf-8"))
    rules: list[dict[str, Any]] = table["rules"]
    return rules


@cache
def style(language: str, house: House = PLAIN) -> Style | None:
    """Return the rules for a language (BCP 47) in a house's style; None where there is no table for it.

    A region that has no profile takes the first one of its language.
    """
    primary = language.lower().partition("-")[0]
    if primary not in _names() or house.profile == "none":
        return None
    table = _table(primary)
    profiles = {name.lower(): spaces for name, spaces in table["profiles"].items()}
    wanted = house.profile.lower() if house.profile.lower().startswith(primary) else language.lower()
    chosen = profiles.get(wanted) or next(iter(profiles.values()))
    names = _NAMES | {name: SPACES.get(value, value) for name, value in chosen.items()}
    names |= {name: SPACES[value] for name, value in house.spaces if name in chosen}
    lexicon = (
        [{**LEXICON, "steps": [{"words": "\n".join(map(" = ".join, house.words))}]}] if house.words else []
    )
    for name, words in table.get("lists", {}).items():
        parts = "|".join(words.split())
        names[name] = f"(?:{_NAME.sub(lambda match: names.get(match[1], match[0]), parts)})"
    entries = [entry for entry in [*table["rules"], *_common(), *lexicon] if _applies(entry, house)]
    setting = [entry for entry in entries if entry.get("act", "set") in {"set", "shape"}]
    marking = [entry for entry in entries if entry.get("act", "set") in {"fix", "mark"}]
    return Style(primary, _rules(setting, names), partial(_rules, marking, names))


def known_rules() -> frozenset[str]:
    """Return the names of all rules of all languages."""
    tables = [table["rules"] for table in languages().values()]
    return frozenset(rule["id"] for rules in (*tables, _common()) for rule in rules)


def _applies(entry: Mapping[str, Any], house: House) -> bool:
    return entry["id"] not in house.off and (not entry.get("optional") or entry["id"] in house.on)


def _rules(entries: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> tuple[Rule, ...]:
    return tuple(_rule(entry, names) for entry in entries)


def _rule(entry: Mapping[str, Any], names: Mapping[str, str]) -> Rule:
    return Rule(
        name=entry["id"], says=entry["says"], authority=entry["authority"], act=entry.get("act", "set"),
        steps=tuple(_step(step, names, sign) for step in entry["steps"] for sign in step.get("each", [""])),
        examples=tuple((shown(before), shown(after)) for before, after in entry.get("examples", ())),
        optional=entry.get("optional", False), plain=entry.get("plain", False),
        follows=tuple(entry.get("follows", ())),
        counterexamples=tuple(map(shown, entry.get("right", ()))),
    )  # fmt: skip


def _step(step: Mapping[str, Any], names: Mapping[str, str], sign: str) -> Step:
    """Compile one step; `{name}` stands for a space of the profile, a class of characters, or the sign."""

    def filled(key: str, sign: str = re.escape(sign)) -> str:
        known = {**names, "sign": sign}
        return _NAME.sub(lambda match: known.get(match[1], match[0]), step[key])

    if "words" in step:
        lexicon = dict(pair.strip().split(" = ") for pair in re.split("[;\n]", step["words"].strip()))
        return Step(
            _any_of(lexicon, filled("find") if "find" in step else "{words}"), ("",), "", lexicon=lexicon
        )
    pattern = filled("find")
    if "after" in step:  # looked at from behind the sign: what a search begins with
        pattern += f"(?<={filled('after')}.)"
    if "before" in step:
        pattern += f"(?={filled('before')})"
    template = filled("set", sign) if "set" in step else ""
    only = re.compile(filled("only"), re.DOTALL) if "only" in step else None
    return Step(
        re.compile(pattern, re.DOTALL), tuple(_GROUP.split(template)), template, step.get("if", sign), only,
        corrects="set" in step, shapes=tuple(step.get("shapes", ())),
    )  # fmt: skip


def _any_of(lexicon: Mapping[str, str], frame: str) -> re.Pattern[str]:
    """Compile a pattern that finds the words of a lexicon, with either apostrophe, capital or not."""
    forms = {form for word in lexicon for form in (word, word[:1].upper() + word[1:])}
    words = "|".join(re.escape(form).replace("’", "['’]") for form in sorted(forms, reverse=True))
    return re.compile(frame.replace("{words}", rf"(?<!\w)(?:{words})(?!\w)"))


def shown(example: str) -> str:
    """Return an example's text: `~` stands for U+00A0 and `|` for U+202F."""
    for sign, space in _SHOWN.items():
        example = example.replace(sign, space)
    return example


def visible(text: str) -> str:
    """Return a text with the sign of each no-break space in its place."""
    for sign, space in _SHOWN.items():
        text = text.replace(space, sign)
    return text
