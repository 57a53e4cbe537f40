"""What one edition, and one output, shows of a text: conditions and variables, on the tokens of a file.

They act before anything else sees the tokens: what is left out on purpose is in no text, count or list of
the book, so that completeness asks for all the rest and for nothing more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from markdown_it.token import Token

from publish.problems import nearest

Output = Literal["", "epub", "pdf"]

#: Names of conditions that every book has: its outputs.
OUTPUTS = ("epub", "pdf")
_CLASSES = {f"only-{output}": output for output in OUTPUTS}
_CONDITIONAL = frozenset({"div_open", "heading_open", "span_open", "image"})
#: `{{name}}`; in an address, Markdown has written the braces as `%7B`.
_VARIABLE = re.compile(r"(?:\{\{|%7B%7B)(?:[ \t]|%20)*([A-Za-z][\w.-]*?)(?:[ \t]|%20)*(?:\}\}|%7D%7D)")

#: Tells a problem: code, inline token or block that it is in, what to look for there, fact, hint.
Tell = Callable[[str, Token, str, tuple[str, str]], None]


@dataclass(frozen=True, slots=True)
class Choices:
    """What holds while a book is read."""

    #: Empty: what is for one output only is shown too.
    output: Output = ""
    #: The edition's name and its conditions.
    names: frozenset[str] = frozenset()
    #: Every name that a condition of the book may have.
    known: frozenset[str] = frozenset()
    #: Name → text; empty: braces mean nothing.
    variables: Mapping[str, str] = field(default_factory=dict)

    def concern(self, text: str) -> bool:
        """Tell whether a text can hold a condition or a variable: else it need not be looked through."""
        return "only=" in text or ".only-" in text or (bool(self.variables) and "{{" in text)


class Chooser:
    """Applies choices to the tokens of one file."""

    def __init__(self, choices: Choices, tell: Tell) -> None:
        """Take what holds, and whom to tell."""
        self.choices, self.tell = choices, tell
        #: A condition asked for the output.
        self.varies = False
        #: Labels of the notes that are called where the text is left out.
        self.called: set[str] = set()

    def blocks(self, tokens: Sequence[Token]) -> list[Token]:
        """Return the tokens without the divs and headings whose conditions don't hold, variables filled in.

        A div without another attribute goes and leaves what it holds: the headings in it make chapters.
        """
        kept: list[Token] = []
        unwrapped: list[int] = []
        index = 0
        while index < len(tokens):
            token = tokens[index]
            shown = self._shown(token, token)
            if shown is False:
                end = _end(tokens, index)
                self._leave_out(tokens[index:end])
                index = end
                continue
            if shown and token.type == "div_open" and not token.attrs:
                unwrapped.append(token.level)
            elif token.type == "div_close" and unwrapped[-1:] == [token.level]:
                unwrapped.pop()
            else:
                token.level -= len(unwrapped)
                self._inside(token, token)
                kept.append(token)
            index += 1
        return kept

    def _inside(self, token: Token, inline: Token) -> None:
        """Apply the choices to what a token holds; `inline` is the one whose text a problem is sought in."""
        if not token.children:
            return
        token.children = self._inlines(token.children, inline)
        for child in token.children:
            if child.type == "inline":
                self._inside(child, child)
            elif self.choices.variables:
                self._fill(child, inline)
                self._inside(child, inline)

    def _inlines(self, tokens: list[Token], inline: Token) -> list[Token]:
        if not any(token.type in _CONDITIONAL for token in tokens):
            return tokens
        kept: list[Token] = []
        index = 0
        while index < len(tokens):
            token, shown = tokens[index], self._shown(tokens[index], inline)
            end = _end(tokens, index) if shown is not None else index + 1
            if shown is False:
                self._leave_out(tokens[index:end])
            elif shown and token.type == "span_open" and not token.attrs:
                kept += self._inlines(tokens[index + 1 : end - 1], inline)
            else:
                kept.append(token)
                end = index + 1
            index = end
        return kept

    def _shown(self, token: Token, inline: Token) -> bool | None:
        """Tell whether a token's condition holds, and take the condition from it; None: it has none."""
        attrs = token.attrs
        if token.type not in _CONDITIONAL or not attrs or not _is_whole(token):
            return None
        classes = str(attrs.pop("class", "")).split()
        others = [name for name in classes if name not in _CLASSES]
        if others:
            attrs["class"] = " ".join(others)
        outputs = [_CLASSES[name] for name in classes if name in _CLASSES]
        named = [name for name in re.split(r"[\s,]+", str(attrs.pop("only", ""))) if name]
        asked = [names for names in (outputs, named) if names]
        if not asked:
            return None
        held = [self._holds(names, inline) for names in asked]  # all are asked: each may have a problem
        return all(held)

    def _holds(self, names: Sequence[str], inline: Token) -> bool:
        """Tell whether one of some names holds; one that the book doesn't know is told."""
        self.varies |= any(name in OUTPUTS for name in names)
        for name in names:
            if name not in OUTPUTS and name not in self.choices.known:
                known = {*self.choices.known, *OUTPUTS}
                hint = nearest(name, known) or "name it in the settings, under “editions”"
                fact = f"there is no edition and no condition “{name}”"
                self.tell("unknown-edition", inline, name, (fact, hint))
        holding = {*self.choices.names, *([self.choices.output] if self.choices.output else OUTPUTS)}
        return not holding.isdisjoint(names)

    def _leave_out(self, tokens: Iterable[Token]) -> None:
        """Remember what is called in what is left out: those notes aren't forgotten ones."""
        for token in tokens:
            if token.type == "note_call":
                self.called.add(token.meta["label"])
            self._leave_out(token.children or ())

    def _fill(self, token: Token, inline: Token) -> None:
        """Put the variables' texts into a token of text, or into the address of a link or an image."""

        def value(match: re.Match[str]) -> str:
            name = match[1]
            if name not in self.choices.variables:
                hint = nearest(name, self.choices.variables) or "name it in the settings, under “variables”"
                self.tell("unknown-variable", inline, name, (f"there is no variable “{name}”", hint))
            return self.choices.variables.get(name, match[0])

        if token.type in {"text", "text_special"} and "{{" in token.content:
            token.content = _VARIABLE.sub(value, token.content)
        for key in ("href", "src"):
            if "%7B%7B" in str(token.attrs.get(key, "")):
                token.attrs[key] = _VARIABLE.sub(value, str(token.attrs[key]))


def _is_whole(token: Token) -> bool:
    """Tell whether a token may have a condition: an unclosed div would take all that follows with it."""
    if token.type == "heading_open":
        return token.level == 0
    return bool(token.type != "div_open" or token.meta["closed"])


def _end(tokens: Sequence[Token], index: int) -> int:
    """Return the index behind an element, or behind a heading and all that stands under it."""
    first = tokens[index]
    if first.type == "heading_open":
        headings = (n for n in range(index + 1, len(tokens)) if tokens[n].type == "heading_open")
        return next((n for n in headings if not tokens[n].level and tokens[n].tag <= first.tag), len(tokens))
    level = 0
    for place in range(index, len(tokens)):
        level += tokens[place].nesting
        if level <= 0:
            return place + 1
    return len(tokens)
