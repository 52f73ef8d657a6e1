"""The silence that somebody means by an id, or by the first characters of one."""

from __future__ import annotations

from collections.abc import Collection

from sreconsole.domain.silence import Silence
from sreconsole.engine.actions.actions import Actions
from sreconsole.errors import NothingKnown, SourceError, UsageError

SHORTEST = 8
"""Characters that must be said."""
_WHOLE = 36
"""Characters of a UUID."""


async def meant(actions: Actions, ident: str, sources: Collection[str] | None) -> Silence:
    """The one silence with this id or prefix, looked for at every cluster, or the named ones.

    Raises UsageError where there is none, or more than one; NothingKnown where a cluster that may have it is silent.
    """
    ident = ident.strip().lower()
    if len(ident) < SHORTEST:
        raise UsageError(f"{ident!r} is too short for an id: say eight characters of it at least")
    found, silent = await (_whole if len(ident) >= _WHOLE else _shortened)(actions, ident, sources)
    ids = sorted({silence.id for silence in found})
    if len(ids) > 1:
        raise UsageError(f"{ident} may be {', '.join(ids)}: say more of it")
    if len(found) > 1:
        places = ", ".join(silence.source for silence in found)
        raise UsageError(f"{ids[0]} is at {places}: say which with --source")
    if found:
        return found[0]
    if silent:
        raise NothingKnown(f"no silence {ident} is known, and not all could be asked: {'; '.join(silent)}")
    raise UsageError(f"there is no silence {ident}")


async def _whole(actions: Actions, ident: str, sources: Collection[str] | None) -> tuple[list[Silence], list[str]]:
    answers = await actions.fetch(ident, sources)
    found = [answer for answer in answers.values() if isinstance(answer, Silence)]
    silent = [
        f"{name}: {answer.error}"
        for name, answer in answers.items()
        if not isinstance(answer, Silence) and answer.outcome != "refused"
    ]
    return found, silent


async def _shortened(actions: Actions, ident: str, sources: Collection[str] | None) -> tuple[list[Silence], list[str]]:
    """Where a prefix means several, one that has not ended is meant rather than those that have."""
    answers = await actions.readings(sources)
    silent = [f"{name}: {answer}" for name, answer in answers.items() if isinstance(answer, SourceError)]
    readings = [answer for answer in answers.values() if not isinstance(answer, SourceError)]
    silent += [reading.silences_missing for reading in readings if reading.silences_missing]
    found = [one for reading in readings for one in reading.silences if one.id.lower().startswith(ident)]
    return [one for one in found if one.state != "expired"] or found, silent
