"""One member of an Alertmanager cluster: two requests a refresh, decoded only when the answer differs from the last."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from sreconsole.domain.alert import Alert
from sreconsole.domain.silence import Silence
from sreconsole.errors import BadAnswer, SourceError, Unreachable
from sreconsole.records import dataclass
from sreconsole.sources import alertmanager_json as json
from sreconsole.sources.alert_reading import MOST_ALERTS, MOST_SILENCES
from sreconsole.sources.alertmanager_alerts import AlertReader
from sreconsole.sources.alertmanager_silences import read_silences
from sreconsole.sources.answer import Response
from sreconsole.sources.http import HttpClient
from sreconsole.sources.texts import Texts

T = TypeVar("T")

_BUSY_WAIT = 30.0
"""Seconds to wait where the server says that it is asked too much, but not for how long."""
_OFF_LOOP = 1 << 18
"""Bytes from which a body is hashed outside the event loop."""


@dataclass(frozen=True, slots=True)
class MemberAnswer:
    """What one member said. Its mappings stay the same objects until the member's answer differs."""

    alerts: Mapping[str, Alert] | None = None
    """By fingerprint; None: it did not tell, see `error`."""
    silences: Mapping[str, Silence] | None = None
    """By id; None: it did not tell."""
    error: SourceError | None = None
    lacking: str | None = None
    """Why alerts are missing from its answer."""
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Kept(Generic[T]):
    """The newest answer of one kind, decoded."""

    mark: bytes
    found: Mapping[str, T]
    lacking: str | None = None
    notes: tuple[str, ...] = ()


class Member:
    """One server. Never raises because it fails."""

    def __init__(
        self,
        client: HttpClient,
        reader: AlertReader,
        texts: Texts,
        source: str,
        heard: Callable[[float], None] = lambda _: None,
    ) -> None:
        self.client, self._heard = client, heard
        self.spared_until = 0.0
        """Time of the event loop until which it is left alone."""
        self.trouble: SourceError | None = None
        """Why it did not answer when it was last asked."""
        self._reader, self._texts, self._source = reader, texts, source
        self._alerts: _Kept[Alert] | None = None
        self._marks: Mapping[bytes, Alert] = {}
        self._silences: _Kept[Silence] | None = None

    async def read(self, now: float) -> MemberAnswer:
        """Alerts and silences at `now` (Unix seconds, for a server that does not say its own time)."""
        try:
            alerts, silences = await asyncio.gather(
                self._ask("/api/v2/alerts/groups"), self._ask("/api/v2/silences"), return_exceptions=True
            )
            kept = await self._take_alerts(_answer(alerts))
        except _NotSetUp:
            return MemberAnswer({}, {}, notes=(f"{self.client.url} is not set up for this tenant: it has no alerts",))
        except SourceError as error:
            return MemberAnswer(error=error)
        try:
            quiet = await self._take_silences(_answer(silences), now)
        except SourceError as error:
            return MemberAnswer(kept.found, None, error, kept.lacking, kept.notes)
        return MemberAnswer(kept.found, quiet.found, None, kept.lacking, kept.notes + quiet.notes)

    async def _ask(self, path: str) -> Response:
        answer = await self.client.get(path, explain=explain)
        if answer.server_time is not None:
            self._heard(answer.server_time)
        return answer

    async def _take_alerts(self, answer: Response) -> _Kept[Alert]:
        mark = await _mark(answer.body)
        if self._alerts is None or self._alerts.mark != mark:
            try:
                found = await self._reader.read(answer.body, self._marks)
            except json.UNREADABLE:
                raise unreadable(answer) from None
            lacking = [
                f"{found.unreadable} alerts or groups of {answer.url} cannot be read" if found.unreadable else "",
                f"{answer.url} has more than {MOST_ALERTS} alerts: {found.beyond} are left out" if found.beyond else "",
            ]
            self._marks = found.marks
            self._alerts = _Kept(mark, found.alerts, "; ".join(filter(None, lacking)) or None)
        return self._alerts

    async def _take_silences(self, answer: Response, now: float) -> _Kept[Silence]:
        mark = await _mark(answer.body)
        if self._silences is None or self._silences.mark != mark:
            now = answer.server_time or now
            try:
                found = await read_silences(answer.body, self._source, self._texts, now)
            except json.UNREADABLE:
                raise unreadable(answer) from None
            notes = [
                f"{found.unreadable} silences of {answer.url} cannot be read" if found.unreadable else "",
                f"{answer.url} has more than {MOST_SILENCES} silences: {found.beyond} are left out"
                if found.beyond
                else "",
            ]
            self._silences = _Kept(mark, found.silences, None, tuple(filter(None, notes)))
        return self._silences


class _NotSetUp(SourceError):
    """Mimir has no Alertmanager for this tenant: nothing fires there, and nothing is wrong with the server."""


def _answer(got: Response | BaseException) -> Response:
    if isinstance(got, BaseException):
        raise got
    return got


async def _mark(body: bytes) -> bytes:
    """Tells bodies apart."""

    def mark() -> bytes:
        return hashlib.blake2b(body, digest_size=16).digest()

    return await asyncio.to_thread(mark) if len(body) > _OFF_LOOP else mark()


def explain(answer: Response) -> SourceError | None:
    """The error of an answer that is not 2xx, where the API says more than HTTP does."""
    text = answer.text()
    if answer.status == 404 and "Alertmanager is not configured" in text:
        return _NotSetUp("not set up for this tenant")
    if answer.status == 503 and "Limit of concurrent GET requests" in text:
        return Unreachable(
            f"{answer.url} is asked by too many at once (503): we ask less often",
            detail=answer.harmless(text),
            retry_after=answer.retry_after or _BUSY_WAIT,
        )
    if answer.status in (401, 403, 407, 429, 502, 503, 504) or answer.status < 400:
        return None
    said = json.error_text(answer.body)
    if said is None:
        return None
    said = answer.harmless(said)
    if "multiple matcher sets" in said:
        return BadAnswer(
            f"{answer.url} holds a silence with several matcher sets, and then lists none of them: see its own page",
            detail=said,
        )
    return BadAnswer(f"{answer.url} refused the request ({answer.status}), it says “{said}”", detail=said)


def unreadable(answer: Response) -> BadAnswer:
    """What to say of an answer that is none of this API."""
    return BadAnswer(
        f"{answer.url} sent JSON that is damaged or not the Alertmanager API's: cut off on the way, or another server "
        f"at this address?"
    )
