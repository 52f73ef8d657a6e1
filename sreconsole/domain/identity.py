"""What names a cached series: a hash of everything that decides its counts, never a name somebody gave it.

Renaming an SLO keeps its history; changing what it measures begins a new one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from urllib.parse import urlsplit, urlunsplit

FORMULA = 1
"""Version of the arithmetic from samples to counts; a change of it makes old counts foreign."""


def scrape_identity(targets: Iterable[str], labels: Mapping[str, str], expression: str) -> bytes:
    """Sixteen bytes for one measurement of a scrape source (`domain.sampled.expression`)."""
    return _hash("scrape", FORMULA, _bare(targets), sorted(labels.items()), expression)


def scrape_scope(targets: Iterable[str], labels: Mapping[str, str], expressions: Iterable[str]) -> bytes:
    """Sixteen bytes for everything one scrape source is asked: who scrapes the one, scrapes the other."""
    return _hash("scope", FORMULA, _bare(targets), sorted(labels.items()), sorted(set(expressions)))


def _bare(targets: Iterable[str]) -> list[str]:
    """Targets without user and password: a new password is not a new history."""
    bare = []
    for target in targets:
        try:
            parts = urlsplit(target)
            bare.append(urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])))
        except ValueError:
            bare.append(target)
    return sorted(bare)


def _hash(*parts: object) -> bytes:
    return sha256(json.dumps(parts).encode()).digest()[:16]
