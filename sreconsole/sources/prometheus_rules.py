"""Whether a server evaluates alerts at all: without a rule, no alerts is no good news."""

from __future__ import annotations

import asyncio

import msgspec

from sreconsole.errors import BadAnswer, SourceError
from sreconsole.sources.alertmanager_json import UNREADABLE
from sreconsole.sources.answer import Response
from sreconsole.sources.http import HttpClient

RULES_AGAIN = 600.0
"""Seconds for which we remember whether the server has alerting rules at all."""
_VICTORIA = "1 + 1"
"""A scalar to Prometheus; VictoriaMetrics answers with a vector."""


class _GroupsJson(msgspec.Struct, gc=False):
    groups: list[msgspec.Raw] | None = None


class _KindJson(msgspec.Struct, gc=False):
    resultType: str = ""


class Envelope(msgspec.Struct, gc=False):
    """What surrounds an answer, its data untouched."""

    status: str
    data: msgspec.Raw = msgspec.Raw(b"null")


envelope = msgspec.json.Decoder(Envelope).decode
_groups = msgspec.json.Decoder(_GroupsJson).decode
_kind = msgspec.json.Decoder(_KindJson).decode


class Rules:
    """Asks one server, and not again for a while."""

    def __init__(self) -> None:
        self._known: tuple[float, bool] | None = None

    async def some(self, client: HttpClient) -> bool:
        """Whether there is a rule that could fire.

        Raises SourceError, BadAnswer for a VictoriaMetrics without vmalert too: it answers as if it had none.
        """
        clock = asyncio.get_running_loop().time()
        if self._known is None or clock - self._known[0] > RULES_AGAIN:
            answer = await client.get("/api/v1/rules", {"type": "alert"}, explain=explain)
            try:
                some = bool(_groups(envelope(answer.body).data).groups)
            except UNREADABLE:
                raise unreadable(answer) from None
            if not some:
                await refuse_victoria(client)
            self._known = (clock, some)
        return self._known[1]


async def refuse_victoria(client: HttpClient) -> None:
    """Raise BadAnswer for a VictoriaMetrics: that it tells no rules does not mean that there are none."""
    answer = await client.get("/api/v1/query", {"query": _VICTORIA}, explain=explain)
    try:
        kind = _kind(envelope(answer.body).data).resultType
    except UNREADABLE:
        raise unreadable(answer) from None
    if kind == "vector":
        raise BadAnswer(
            f"{answer.url} is a VictoriaMetrics that evaluates no alerts: add an alertmanager source, or give it "
            f"-vmalert.proxyURL"
        )


def explain(answer: Response) -> SourceError | None:
    """A server without this API: a sidecar, a store."""
    if answer.status not in (400, 404, 405, 422, 501):
        return None
    said = answer.harmless(answer.text())
    return BadAnswer(
        f"{answer.url} does not tell alerts ({answer.status}): add an alertmanager source to see them", detail=said
    )


def unreadable(answer: Response) -> BadAnswer:
    """What to say of an answer that is none of this API."""
    return BadAnswer(
        f"{answer.url} sent JSON that is damaged or not the Prometheus API's: cut off on the way, or another server at "
        f"this address?"
    )
