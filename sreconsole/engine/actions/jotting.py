"""What people write down without asking a server: a note, minutes of toil."""

from __future__ import annotations

from typing import Any

from sreconsole.domain.actor import Actor
from sreconsole.domain.cleaning import clean
from sreconsole.domain.entry import Entry
from sreconsole.records import dataclass

LONGEST = 1000
"""Characters of a text."""
_NAME = 200
MOST_TAGS = 20
MOST_MINUTES = 100_000.0
"""As in a log: two months of somebody's life, beyond that it is a mistake."""


@dataclass(frozen=True, slots=True)
class Jot:
    """A note that is to be made. Times are Unix seconds."""

    text: str
    service: str | None = None
    at: float | None = None
    """None: now."""
    until: float | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Work:
    """Toil that is to be written down."""

    minutes: float
    category: str
    text: str
    service: str | None = None
    at: float | None = None
    """Unix seconds; None: now."""


def jot_refusals(jot: Jot, now: float) -> list[str]:
    """Why a note cannot be made; empty: it can."""
    said = _text(jot.text, "the note")
    if jot.at is not None and jot.at > now + 1:
        said.append("the moment it speaks of lies in the future")
    if jot.until is not None and jot.until < (now if jot.at is None else jot.at):
        said.append("it ends before it begins")
    if len(jot.tags) > MOST_TAGS:
        said.append(f"more than {MOST_TAGS} tags")
    if any(not tag.strip() or len(tag) > _NAME for tag in jot.tags):
        said.append(f"a tag is empty, or longer than {_NAME} characters")
    return said


def work_refusals(work: Work, now: float) -> list[str]:
    """Why toil cannot be written down; empty: it can."""
    said = _text(work.text, "what was done")
    if not 0 < work.minutes <= MOST_MINUTES:
        said.append(f"minutes must be more than 0, and {MOST_MINUTES:.0f} at most")
    if not work.category.strip() or len(work.category) > _NAME:
        said.append(f"the category is empty, or longer than {_NAME} characters")
    if work.at is not None and work.at > now + 1:
        said.append("the moment it speaks of lies in the future")
    return said


def note_entry(jot: Jot, ident: str, nonce: str, actor: Actor, now: float) -> Entry:
    """The entry of a note; every text is cleaned."""
    tags = tuple(dict.fromkeys(clean(tag.strip(), _NAME) for tag in jot.tags))
    text, service = clean(jot.text.strip(), LONGEST), _service(jot.service)
    return Entry(ident, "note", now, actor, text, service, jot.at, jot.until, tags, nonce)


def toil_entry(work: Work, ident: str, nonce: str, actor: Actor, now: float) -> Entry:
    """The entry of a piece of toil; every text is cleaned."""
    facts: dict[str, Any] = {"minutes": work.minutes, "category": clean(work.category.strip(), _NAME)}
    text, service = clean(work.text.strip(), LONGEST), _service(work.service)
    return Entry(ident, "toil", now, actor, text, service, work.at, None, (), nonce, facts)


def _service(name: str | None) -> str | None:
    return clean(name, _NAME) if name else None


def _text(text: str, what: str) -> list[str]:
    if not text.strip():
        return [f"{what} is empty"]
    return [f"{what} is longer than {LONGEST} characters"] if len(text) > LONGEST else []
