"""Plays, quotations and letters: paragraphs that mean more than text get a class, for the styles to set."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet

#: Longer is no speaker's name, nor the source of a quotation, in characters.
_LONGEST_NAME, _LONGEST_SOURCE = 60, 200
_NAME = rf"<strong>(?:[^<]|<br/>){{1,{_LONGEST_NAME}}}</strong>"
_SPEECH = re.compile(rf'<p((?: data-line="\d+")?)>((?:{_NAME}<br/>)*{_NAME})(?=[\s.:(])')
#: A name that stands alone above what is said in verses.
_CUE = re.compile(
    rf'<p((?: data-line="\d+")?)>({_NAME})(?:\s+<em>[^<]*</em>)?\.?</p>\n'
    r'(?=<(?:div|p)\b[^>]*\bclass="(?:long-poem |)(?:poem|verse)\b)'
)
_STAGE = re.compile(r'<p((?: data-line="\d+")?)>(?=<em>(?:(?!</p>|</em>).)*</em>[.\s]*</p>)', re.DOTALL)
_PARAGRAPH = re.compile(r"<p(?: data-line=\"\d+\")?>(.*?)</p>\n", re.DOTALL)
#: Stanzas one behind the other, none of which names who speaks it.
_STANZA = r'<p data-line="(\d+)" class="verse">(?!<span class="speaker).*?</p>\n'
_STANZAS = re.compile(rf"{_STANZA}(?:{_STANZA})*", re.DOTALL)
#: A poem of more lines than these may go over pages: it isn't set in the middle of the page.
SHORT_POEM = 40
#: A paragraph of prose has so many characters, its marks included.
_SHORTEST_PROSE = 100
_DASH = re.compile(r"[—–―](?=\s*\S)")


def played(fragment: str) -> str:
    """Mark the speeches, which begin with a name in bold, and the directions, which are all in italics."""

    def spoken(match: re.Match[str]) -> str:
        """Write the names of who speaks, of two people if need be."""
        names = match[2].replace("<strong>", '<strong class="speaker">')
        return f'<p class="speech"{match[1]}>{names}'

    def cued(match: re.Match[str]) -> str:
        """Write the name of who speaks the verses below."""
        return (
            match[0]
            .replace(f"<p{match[1]}>", f'<p class="cue speech"{match[1]}>')
            .replace("<strong>", '<strong class="speaker">')
        )

    if "verse" in fragment:
        fragment = _CUE.sub(cued, fragment)
    fragment = _SPEECH.sub(spoken, fragment)
    return _STAGE.sub(r'<p class="stage"\1>', fragment)


def inset(fragment: str, lines: AbstractSet[int]) -> str:
    """Make a poem of the stanzas that stand in prose, which is where verses are the fewer paragraphs.

    `lines` are those of the stanzas that may be such: none of a play, none of a letter's address.
    """
    prose = [found for found in _PARAGRAPH.finditer(fragment) if len(found[1]) >= _SHORTEST_PROSE]
    if len(prose) < len(lines):
        return fragment
    sides = {found.start() for found in prose} | {found.end() for found in prose}

    def poem(match: re.Match[str]) -> str:
        line = int(match[1])
        if line not in lines or sides.isdisjoint(match.span()):
            return match[0]
        names = "long-poem poem" if match[0].count('class="line') > SHORT_POEM else "poem"
        return f'<div data-line="{line}" class="{names}">\n{match[0]}</div>\n'

    return _STANZAS.sub(poem, fragment)


def attributed(fragment: str) -> str:
    """Mark the source of a quotation: its last paragraph, if that alone begins with a dash."""
    if not fragment.rstrip().endswith("</p>"):
        return fragment
    last = fragment.rindex("<p")
    match = _PARAGRAPH.fullmatch(fragment[last:])
    is_source = match and _DASH.match(match[1]) and len(match[1]) <= _LONGEST_SOURCE
    before = (_DASH.match(other[1]) for other in _PARAGRAPH.finditer(fragment[:last]))
    if not is_source or "<p" not in fragment[:last] or any(before):
        return fragment
    return f'{fragment[:last]}<p class="attribution"{fragment[last + 2 :]}'
