"""Writes of earlier starts of which the journal does not say what became of them: whoever made them ended meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from sreconsole.domain.draft import Draft
from sreconsole.domain.entry import Entry, Recorded
from sreconsole.domain.matching import parse_matcher
from sreconsole.domain.outcome import Result
from sreconsole.engine.actions.step import Step

if TYPE_CHECKING:
    from sreconsole.engine.actions.cluster import Cluster
    from sreconsole.sources.silence_writer import Expected

SPAN = 86_400.0
"""Seconds for which it is still asked what became of one."""
REST = 120.0
"""Seconds for which one is left to who made it."""


def leftovers(
    rows: Iterable[Recorded], name: str, now: float, cluster: Callable[[str], Cluster | None]
) -> list[tuple[Step, Result]]:
    """Those of the person `name` as steps that can be settled; `cluster` gives the one of a name, if it is there."""
    found = []
    for row in rows:
        entry, ending = row.entry, row.outcome.ending if row.outcome is not None else None
        open_ = ending in (None, "unknown") and entry.kind.startswith("silence.")
        if not open_ or entry.actor.name != name or not REST <= now - entry.written_at <= SPAN:
            continue
        where = cluster(str(entry.facts.get("source")))
        sought = _sought(entry)
        if where is not None and sought is not None:
            said = row.outcome.answer if row.outcome is not None else "it ended before it was known"
            found.append((_step(entry, where, sought), Result(where.name, "unknown", error=said)))
    return found


def _step(entry: Entry, cluster: Cluster, sought: Draft | Expected) -> Step:
    async def settle() -> Result:
        return await cluster.writer.settle(sought)

    return Step(cluster.name, entry, settle, settle)


def _sought(entry: Entry) -> Draft | Expected | None:
    """What is looked for at the server; None: the entry does not say enough."""
    from sreconsole.sources.silence_writer import Expected

    ident, ends_at = entry.facts.get("silence_id"), entry.facts.get("ends_at")
    if not isinstance(ends_at, int | float) or isinstance(ends_at, bool):
        return None
    if entry.kind == "silence.create":
        texts = entry.facts.get("matchers")
        if not isinstance(texts, Sequence) or isinstance(texts, str):
            return None
        try:
            matchers = tuple(parse_matcher(str(text)) for text in texts)
        except ValueError:
            return None
        return Draft(matchers, float(ends_at), entry.actor.name, entry.text, entry.nonce)
    if not isinstance(ident, str) or not ident:
        return None
    return Expected(ident, float(ends_at) if entry.kind == "silence.extend" else None)
