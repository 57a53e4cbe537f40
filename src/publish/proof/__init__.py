"""A manuscript → what a proof-reader would mark in it, and the safe corrections made in its files.

galleys ──rules of each language, checks──► marks ──► a report, or the files corrected
"""

from __future__ import annotations

from publish.proof import report
from publish.proof.fix import fixed
from publish.proof.marks import Mark, Proof, read_proof
from publish.proof.rules import explained

__all__ = ["Mark", "Proof", "explained", "fixed", "read_proof", "report"]
