"""Where rows stand: a file or a database. What keeps them is one thing, who writes what when another (`recorder`)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from sreconsole.journal.row import Row


class Away(Exception):
    """It cannot be used just now; `str()` says why, to follow its name."""

    def __init__(self, why: str, *, maybe: bool = False, slow: bool = False) -> None:
        super().__init__(why)
        self.maybe = maybe
        """What was to be written may stand there all the same."""
        self.slow = slow
        """To ask anything again at once may take seconds."""


class Store(Protocol):
    """Rows that are only ever added. One thread at a time. Everything may raise Away."""

    @property
    def name(self) -> str:
        """What to call it in a sentence; cleaned, without secrets."""

    @property
    def damage(self) -> str | None:
        """Why it can only be read, and that only as far as it goes; None: it is whole, as far as is known."""

    def put(self, rows: Sequence[Row]) -> None:
        """Add rows, all or none of them, durably; those that stand there already are left as they are."""

    def entries(self, since: float, until: float | None, kinds: Collection[str] | None) -> list[Row]:
        """The intents that speak of a time from `since` to before `until`."""

    def about(self, entries: Collection[str]) -> list[Row]:
        """Every row of these entries, intents and outcomes, in the order of their places."""

    def after(self, place: int, limit: int) -> list[Row]:
        """The rows behind a place, in order."""

    def end(self) -> int:
        """The newest place; 0: it is empty."""

    def reached(self) -> int:
        """The newest place there ever was, where it is known; else as `end`."""

    def close(self) -> None:
        """Let go of it; it is opened again when it is used again. Never raises."""
