"""Writes the entries of actions: ids that sort by time, nonces, and what the journal is to keep of each."""

from __future__ import annotations

import os
from collections.abc import Callable

from sreconsole.domain.actor import Actor
from sreconsole.domain.cleaning import clean
from sreconsole.domain.draft import Draft
from sreconsole.domain.entry import Entry, EntryKind
from sreconsole.domain.matching import shown
from sreconsole.domain.nonce import BYTES as NONCE_BYTES
from sreconsole.domain.nonce import nonce, unsigned
from sreconsole.domain.silence import Silence
from sreconsole.domain.ulid import BYTES as ULID_BYTES
from sreconsole.domain.ulid import ulid_after


class Pen:
    """The pen of one start; `clock` gives Unix seconds, `random` so many random bytes."""

    def __init__(self, clock: Callable[[], float], random: Callable[[int], bytes] = os.urandom) -> None:
        self.clock, self._random = clock, random
        self._last = ""

    def ident(self) -> str:
        """A new id, behind all that were given."""
        self._last = ulid_after(self._last, self.clock(), self._random(ULID_BYTES))
        return self._last

    def nonce(self) -> str:
        """What all entries of one action have in common, and a new silence bears in its comment."""
        return nonce(self._random(NONCE_BYTES))

    def creation(
        self, draft: Draft, source: str, actor: Actor, matched: int | None, of: int | None, **facts: object
    ) -> Entry:
        """The intent to make a silence; `draft.ends_at` by the clock of the source."""
        told = {
            "source": source,
            "matchers": [shown(matcher) for matcher in draft.matchers],
            "ends_at": draft.ends_at,
            "matched": matched,
            "of": of,
            **facts,
        }
        return self._entry("silence.create", actor, draft.comment, draft.nonce, told)

    def change(
        self, kind: EntryKind, silence: Silence, ends_at: float, actor: Actor, nonce: str, **facts: object
    ) -> Entry:
        """The intent to extend or expire one."""
        told = {
            "source": silence.source,
            "silence_id": silence.id,
            "matchers": [shown(matcher) for matcher in silence.matchers],
            "ends_at": ends_at,
            "ended_at": silence.ends_at,
            "starts_at": silence.starts_at,
            **facts,
        }
        return self._entry(kind, actor, unsigned(silence.comment), nonce, told)

    def _entry(self, kind: EntryKind, actor: Actor, text: str, nonce: str, facts: dict[str, object]) -> Entry:
        return Entry(self.ident(), kind, self.clock(), actor, clean(text, 2000), nonce=nonce, facts=facts)
