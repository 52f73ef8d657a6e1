"""What became of an action, at each source and as a whole. Unknown is a result of its own: never failed, never done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from sreconsole.records import dataclass

Outcome = Literal["done", "refused", "unreached", "unknown", "dry-run"]
"""done: the server said so, or it was found there. refused: a guard or the server said no; nothing changed.
unreached: nothing was sent or nothing can have arrived; nothing changed. unknown: sent, and not settled yet.
dry-run: shown only."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of it at one source."""

    source: str
    outcome: Outcome
    id: str | None = None
    """The id in the server's answer (never one we sent)."""
    error: str | None = None
    """One cleaned sentence."""
    request: str | None = None
    """With `dry-run`: the exact request, secrets as `$NAME`."""


def whole(results: Sequence[Result]) -> Outcome:
    """The outcome over all sources: unknown before refused before unreached before done."""
    for outcome in ("unknown", "refused", "unreached", "dry-run"):
        if any(result.outcome == outcome for result in results):
            return outcome
    return "done"
