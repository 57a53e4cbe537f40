"""What a book's settings say of the e-book alone: who answers for its accessibility, how it is made."""

from __future__ import annotations

import re
from dataclasses import replace

from publish.book import Accessibility, Ebook
from publish.manuscript.keys import Keys, web_address
from publish.problems import Problem, nearest

#: Exemptions of the European Accessibility Act (W3C note « EPUB Accessibility exemption property »).
_EXEMPTIONS = frozenset(("eaa-microenterprise", "eaa-disproportionate-burden", "eaa-fundamental-alteration"))


def accessibility(keys: Keys) -> Accessibility:
    """Read the table `accessibility`: who answers for the claim, what is added to the summary, exemptions."""
    table = keys.sub("accessibility")
    named = table.texts("exemptions")
    found = Accessibility(
        certifier=table.text("certifier"),
        certified=table.parsed("date", _date, "date such as 2026-11-24") or "",
        credential=table.parsed("credential", web_address, "web address") or "",
        report=table.parsed("report", web_address, "web address") or "", summary=table.text("summary"),
        exemptions=tuple(name for name in named if name in _EXEMPTIONS),
    )  # fmt: skip
    for name in (name for name in named if name not in _EXEMPTIONS):
        hint = nearest(name, _EXEMPTIONS) or f"use one of {', '.join(sorted(_EXEMPTIONS))}"
        table.bad("exemptions", f"“{name}” is no exemption", hint)
    table.unknown()
    if found.certifier and not (keys.has("language") or keys.has("lang")):
        fact, hint = "the book doesn’t say its language", 'write language = "fr"'
        keys.problems.append(Problem("refused-claim", table.at("certifier"), fact, hint, "warning"))
        return replace(found, certifier="")
    return found


def ebook(keys: Keys) -> Ebook:
    """Read the table `ebook`."""
    found = Ebook(keys.truth("page-list"), keys.truth("old-readers", default=True))
    keys.unknown()
    return found


def _date(text: str) -> str | None:
    return text if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", text) else None
