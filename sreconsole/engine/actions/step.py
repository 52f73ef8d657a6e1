"""One write at one source, and the way it goes: its intent into the journal, then the write, then what came of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from sreconsole.domain.entry import Ending, Entry, EntryOutcome
from sreconsole.domain.outcome import Outcome, Result
from sreconsole.engine.logbook import Logbook
from sreconsole.errors import SreconsoleError
from sreconsole.records import dataclass, replace

log = logging.getLogger("sreconsole.actions")

_ENDINGS: dict[Outcome, Ending] = {
    "done": "done",
    "refused": "refused",
    "unreached": "failed",
    "unknown": "unknown",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One write at one source."""

    source: str
    entry: Entry
    send: Callable[[], Awaitable[Result]]
    settle: Callable[[], Awaitable[Result]]
    """Asks what became of it, where `send` could not tell."""


async def carried_out(
    steps: Sequence[Step], logbook: Logbook, clock: Callable[[], float]
) -> tuple[list[Result], list[str]]:
    """Do every step, at all sources at once: the results in their order, and remarks.

    Raises SreconsoleError where the journal takes no intent: then nothing was sent. Who leaves now leaves intents
    without an outcome in the journal, and those are looked after later.
    """
    await logbook.intend([step.entry for step in steps])
    results = list(await asyncio.gather(*(_sent(step) for step in steps)))
    return results, await written_down(list(zip(steps, results, strict=True)), logbook, clock)


async def written_down(ended: Sequence[tuple[Step, Result]], logbook: Logbook, clock: Callable[[], float]) -> list[str]:
    """Write into the journal what came of steps; remarks where it takes nothing."""
    try:
        await logbook.ended([outcome_of(step.entry, result, clock()) for step, result in ended])
    except SreconsoleError as error:
        log.warning("an outcome is not in the journal: %s", error)
        return [f"what came of it is not in the journal: {error}"]
    return []


def outcome_of(entry: Entry, result: Result, at: float) -> EntryOutcome:
    """The second row of an entry."""
    facts: dict[str, object] = {} if result.id is None else {"silence_id": result.id}
    return EntryOutcome(entry.id, _ENDINGS[result.outcome], at, result.error or "", facts)


async def _sent(step: Step) -> Result:
    try:
        return await step.send()
    except Exception as error:
        log.exception("a defect while writing to %s", step.source)
        return Result(step.source, "unknown", error=f"a defect of sreconsole: {type(error).__name__}")


async def settled(step: Step, result: Result) -> Result:
    """What became of a step of which it was not known; still unknown where nobody can tell yet."""
    try:
        found = await step.settle()
    except Exception as error:
        log.exception("a defect while asking %s what became of it", step.source)
        return replace(result, error=f"a defect of sreconsole: {type(error).__name__}")
    return found
