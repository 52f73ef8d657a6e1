"""Silences of an Alertmanager: `GET /api/v2/silences` as domain values.

The server lists silences that ended up to five days ago (its retention); those that ended long ago are left out here.
"""

from __future__ import annotations

import msgspec

from sreconsole.domain.selector import Matcher
from sreconsole.domain.silence import Silence, SilenceState
from sreconsole.records import dataclass, field
from sreconsole.sources import alertmanager_json as json
from sreconsole.sources import turns
from sreconsole.sources.alert_reading import MOST_SILENCES
from sreconsole.sources.texts import Texts
from sreconsole.turns import give_way

ENDED = 3_600.0
"""Seconds after its end for which a silence is still of interest."""


@dataclass(slots=True)
class FoundSilences:
    """What one answer held."""

    silences: dict[str, Silence] = field(default_factory=dict)
    """By id; `mutes_now` is not known yet."""
    unreadable: int = 0
    beyond: int = 0
    """Silences left out because there are too many."""


async def read_silences(body: bytes, source: str, texts: Texts, now: float) -> FoundSilences:
    """The silences of an answer that came at `now` (Unix seconds, the server's clock).

    Raises one of `alertmanager_json.UNREADABLE` when the body is none of this API.
    """
    await give_way()
    with turns.uncollected():
        raws = json.pieces(body)
    found = FoundSilences()

    def one(raw: msgspec.Raw) -> bool:
        try:
            if _long_over(json.brief(raw), now):
                return True
            if len(found.silences) >= MOST_SILENCES:
                found.beyond += 1
                return True
            silence = silence_of(json.silence(raw), source, texts, now)
        except json.UNREADABLE:
            return False
        found.silences[silence.id] = silence
        return True

    found.unreadable = await turns.each(raws, one)
    if raws and found.unreadable == len(raws):
        raise ValueError("no silence")
    return found


def _long_over(item: json.BriefJson, now: float) -> bool:
    ended = json.moment(item.endsAt)
    return ended is not None and ended < now - ENDED


def silence_of(item: json.SilenceJson, source: str, texts: Texts, now: float) -> Silence:
    """As the rest of the program knows it, at `now` (Unix seconds, the server's clock). Raises ValueError."""
    starts, ends = json.moment(item.startsAt), json.moment(item.endsAt)
    if not item.id or not item.matchers or starts is None or ends is None:
        raise ValueError("a silence without id, matchers or times")
    return Silence(
        id=texts.name(item.id),
        source=source,
        state=_state(item.status.state if item.status is not None else "", starts, ends, now),
        matchers=tuple(matcher_of(matcher) for matcher in item.matchers),
        created_by=texts.name(item.createdBy or ""),
        comment=texts.prose(item.comment or ""),
        starts_at=starts,
        ends_at=ends,
        updated_at=json.moment(item.updatedAt),
    )


def _state(said: str, starts: float, ends: float, now: float) -> SilenceState:
    if said in ("active", "pending", "expired"):
        return said  # type: ignore[return-value]  # narrowed by the line above
    return "expired" if ends <= now else "pending" if starts > now else "active"


def matcher_of(item: json.MatcherJson) -> Matcher:
    """The matcher of a silence, raw."""
    equal = item.isEqual is not False
    return Matcher(item.name, ("=~" if equal else "!~") if item.isRegex else ("=" if equal else "!="), item.value)
