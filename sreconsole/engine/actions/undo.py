"""Taking back the last thing that was done to silences, at every cluster it was done at (domain/undoing.py says how).

plan = await undo.plan()    # a sentence why there is nothing to take back, or what it would do and whom it pages
deed = await undo.do(plan)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sreconsole.domain.draft import Draft
from sreconsole.domain.entry import Entry, EntryKind, Recorded
from sreconsole.domain.outcome import Result, whole
from sreconsole.domain.undoing import UNDO, Undoing, undoing
from sreconsole.engine.actions.deed import Deed, refused
from sreconsole.engine.actions.step import Step
from sreconsole.errors import SourceError, SreconsoleError
from sreconsole.records import dataclass, replace

if TYPE_CHECKING:
    from sreconsole.engine.actions.actions import Actions

KINDS = ("silence.create", "silence.extend", "silence.expire")
NOTHING = "you have done nothing to a silence in the last ten minutes"


@dataclass(frozen=True, slots=True)
class Plan:
    """What taking the last action back would do."""

    entries: tuple[Entry, ...]
    """What is taken back: one entry for each cluster."""
    undoings: tuple[Undoing, ...]
    """What is done, one for each cluster where it can be."""
    reasons: tuple[str, ...] = ()
    """Why it cannot be taken back at the others."""

    @property
    def until(self) -> float:
        """Unix seconds until when it can be taken back."""
        return min(undoing.until for undoing in self.undoings)


class Undo:
    """Takes back what this person did last; also what an earlier start of the program did, as the journal tells it."""

    def __init__(self, actions: Actions) -> None:
        self._actions = actions

    async def plan(self) -> Plan | str:
        """What it would do; a sentence where there is nothing that can be taken back."""
        actions = self._actions
        if actions.silencing_off is not None:
            return actions.silencing_off
        if actions.actor is None:
            return "nobody is named yet"
        if not actions.logbook.there:
            return NOTHING
        try:
            rows = await actions.logbook.read(actions.clock() - UNDO, None, KINDS)
        except SreconsoleError as error:
            return f"the journal cannot be read: {error}"
        last = last_of(rows, actions.actor.name)
        if not last:
            return NOTHING
        readings = await actions.readings([str(row.entry.facts.get("source")) for row in last])
        found: list[Undoing] = []
        reasons = []
        for row in last:
            source = str(row.entry.facts.get("source"))
            reading = readings.get(source)
            if reading is None or isinstance(reading, SourceError):
                reasons.append(f"{source}: {reading or 'the config names it no more'}")
                continue
            cluster = actions.cluster(source)
            one = undoing(row, reading.silences, reading.alerts, cluster.writer.now())
            if isinstance(one, str):
                reasons.append(f"{source}: {one}")
            else:
                found.append(one)
        return Plan(tuple(row.entry for row in last), tuple(found), tuple(reasons)) if found else "; ".join(reasons)

    async def do(self, plan: Plan) -> Deed:
        """Take it back. What is made again is made before anything ends."""
        actions = self._actions
        barred = actions.barred([actions.cluster(one.source) for one in plan.undoings])
        if barred:
            return refused("; ".join(barred))
        if actions.clock() > plan.until:
            return refused("it was done more than ten minutes ago")
        nonce = actions.pen.nonce()
        first = await self._perform([self._again(one, nonce) for one in plan.undoings if one.again is not None])
        made = {result.source for result in first.results if result.outcome == "done"}
        left = [one for one in plan.undoings if one.again is None or one.source in made]
        second = await self._perform([step for one in left for step in self._ends(one, nonce)])
        return _both(first, second)

    async def _perform(self, steps: Sequence[Step]) -> Deed:
        return await self._actions.perform(steps, None, None) if steps else Deed("done")

    def _again(self, one: Undoing, nonce: str) -> Step:
        actions, again = self._actions, one.again
        assert again is not None, "asked only where there is one"
        writer = actions.cluster(one.source).writer
        draft = Draft(again.matchers, again.ends_at, actions.me.name, again.comment, nonce)
        entry = actions.pen.creation(draft, one.source, actions.me, None, None, undoes=one.entry)
        return Step(one.source, entry, lambda: writer.create(draft), lambda: writer.settle(draft))

    def _ends(self, one: Undoing, nonce: str) -> list[Step]:
        """What ends, or ends when it did before."""
        from sreconsole.sources.silence_writer import Expected

        actions = self._actions
        writer = actions.cluster(one.source).writer

        def entry(kind: EntryKind, ends_at: float) -> Entry:
            silence = one.expire or one.shorten
            assert silence is not None, "asked only where there is one"
            return actions.pen.change(kind, silence, ends_at, actions.me, nonce, undoes=one.entry)

        steps = []
        if (shorten := one.shorten) is not None:
            expected = Expected(shorten.id, one.ends_at)
            steps.append(
                Step(
                    one.source,
                    entry("silence.extend", one.ends_at),
                    lambda: writer.extend(shorten, one.ends_at),
                    lambda: writer.settle(expected),
                )
            )
        if (expire := one.expire) is not None:
            ended = Expected(expire.id)
            steps.append(
                Step(
                    one.source,
                    entry("silence.expire", writer.now()),
                    lambda: writer.expire(expire.id),
                    lambda: writer.settle(ended),
                )
            )
        return steps


def last_of(rows: Sequence[Recorded], name: str) -> list[Recorded]:
    """The entries of the newest action of this person that changed something and is not taken back, nor takes back."""
    mine = [row for row in rows if row.entry.actor.name == name]
    undone = {row.entry.facts.get("undoes") for row in mine if _changed(row)}
    done = [row for row in mine if "undoes" not in row.entry.facts and row.entry.id not in undone and _changed(row)]
    if not done:
        return []
    newest = max(done, key=lambda row: row.entry.id)
    return [row for row in done if row.entry.nonce == newest.entry.nonce]


def _changed(row: Recorded) -> bool:
    return row.outcome is None or row.outcome.ending in ("done", "unknown")


def _both(first: Deed, second: Deed) -> Deed:
    """Two deeds as one: of each cluster what came last."""
    last: dict[str, Result] = {result.source: result for result in (*first.results, *second.results)}
    both = (*first.results, *second.results)
    reasons = [reason for reason in (first.reason, second.reason) if reason]
    outcome = whole(both) if both else "refused" if "refused" in (first.outcome, second.outcome) else "done"
    return replace(
        second,
        outcome=outcome,
        results=tuple(last.values()),
        entries=first.entries + second.entries,
        reason="; ".join(reasons) or None,
        remarks=first.remarks + second.remarks,
    )
