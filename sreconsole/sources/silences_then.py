"""Silences at a moment of the past, from what the members of an Alertmanager cluster still remember of them.

Which alerts there were it cannot tell: it keeps none that are resolved.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sreconsole.config.model import AlertmanagerSource as Settings
from sreconsole.domain.hindsight import as_of
from sreconsole.domain.silence import Silence
from sreconsole.errors import SourceError
from sreconsole.sources import alertmanager_json as json
from sreconsole.sources.alert_reading import AlertReading
from sreconsole.sources.alertmanager import base_url
from sreconsole.sources.alertmanager_member import explain, unreadable
from sreconsole.sources.alertmanager_silences import FoundSilences, read_silences
from sreconsole.sources.http import HttpClient
from sreconsole.sources.meter import Meter
from sreconsole.sources.texts import Texts

MEMORY = 120 * 3600.0
"""Seconds for which an Alertmanager remembers a silence that has ended, unless told otherwise (`--data.retention`)."""
FORGOTTEN = "an Alertmanager forgets a silence 120h after its end: those that had ended since are not known"


class SilencesThen:
    """Asks the members of one cluster; implements `engine.alerts_feed.AlertSource`."""

    kind = "alertmanager"

    def __init__(self, settings: Settings, present: Callable[[], float], meter: Meter | None = None) -> None:
        """`present` gives the time it is now, Unix seconds: what was forgotten depends on it."""
        self.name = settings.name
        self._present = present
        self._texts = Texts()
        self._clients = [
            HttpClient(
                settings.name,
                base_url(url, settings.flavour),
                settings.http,
                settings.max_answer,
                api="Alertmanager API",
                meter=meter,
            )
            for url in settings.urls
        ]

    async def read(self, now: float) -> AlertReading:
        """The silences that were in force at `now`, and those that had ended shortly before. Raises SourceError when no
        member tells."""
        self._texts.turn()
        told = await asyncio.gather(*(self._read(client, now) for client in self._clients), return_exceptions=True)
        found: dict[str, Silence] = {}
        errors: list[SourceError] = []
        left_out = 0
        for answer in told:
            if isinstance(answer, SourceError):
                errors.append(answer)
            elif isinstance(answer, BaseException):
                raise answer
            else:
                left_out += answer.unreadable + answer.beyond
                for name, silence in answer.silences.items():
                    mine = found.get(name)
                    if mine is None or (silence.updated_at or 0.0) > (mine.updated_at or 0.0):
                        found[name] = silence
        up = len(told) - len(errors)
        if not up:
            raise errors[0]
        partial = f"{up} of {len(told)} members answer: {errors[0]}" if errors else None
        silences = as_of((found[name] for name in sorted(found)), now)
        missing = FORGOTTEN if self._present() - now > MEMORY else None
        notes = (f"{left_out} silences are left out: too many, or not to be read",) if left_out else ()
        return AlertReading((), silences, partial, (up, len(told)), notes, missing)

    async def aclose(self) -> None:
        """Close every connection."""
        for client in self._clients:
            await client.aclose()

    async def _read(self, client: HttpClient, now: float) -> FoundSilences:
        answer = await client.get("/api/v2/silences", explain=explain)
        try:
            return await read_silences(answer.body, self.name, self._texts, now)
        except json.UNREADABLE:
            raise unreadable(answer) from None
