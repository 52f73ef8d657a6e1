"""What came of one action, for whoever asked for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sreconsole.domain.entry import Entry
from sreconsole.domain.outcome import Outcome, Result
from sreconsole.records import dataclass

if TYPE_CHECKING:
    from sreconsole.engine.actions.preview import Preview


@dataclass(frozen=True, slots=True)
class Deed:
    """One action over all its sources: never done where anything is unknown, never failed where it may have worked."""

    outcome: Outcome
    results: tuple[Result, ...] = ()
    """One for each cluster that was to be written to; of a note one for the journal."""
    entries: tuple[Entry, ...] = ()
    """Its intents in the journal, in the order of the results; empty where nothing was to be sent."""
    reason: str | None = None
    """Why it is not simply done, as one sentence."""
    matched: int | None = None
    """Alerts that it mutes or muted; None: it is not about alerts."""
    of: int | None = None
    changed: Preview | None = None
    """Nothing was sent, as what would be muted is no longer what was shown, but this: ask again with it."""
    remarks: tuple[str, ...] = ()
    """What else should be known: the outcome is not in the journal yet."""

    @property
    def sent(self) -> bool:
        """Whether anything was, or may have been, changed anywhere."""
        return any(result.outcome in ("done", "unknown") for result in self.results)


def refused(reason: str, *, matched: int | None = None, of: int | None = None) -> Deed:
    """Nothing was sent."""
    return Deed("refused", reason=reason, matched=matched, of=of)


def hindered(preview: Preview) -> Deed | None:
    """Why a preview cannot be sent at all; None: it can."""
    if preview.refusals:
        return refused("; ".join(preview.refusals), matched=preview.matched, of=preview.of)
    if preview.errors:
        results = tuple(
            Result(one.source, "unreached", error=one.error or "nothing was sent, as another cluster cannot be asked")
            for one in preview.at
        )
        return Deed("unreached", results, reason="nothing was sent: " + "; ".join(preview.errors))
    return None
