"""The Prometheus HTTP API: Prometheus, Thanos, Mimir, Cortex and VictoriaMetrics speak it.

Queries go as POST forms. The time limit is sent along, so that a server stops working when nobody waits any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sreconsole.domain.cleaning import clean
from sreconsole.errors import BadAnswer, QueryRejected, SourceError, Unreachable
from sreconsole.sources import promjson
from sreconsole.sources.answer import Response
from sreconsole.sources.http import HttpClient
from sreconsole.sources.promjson import Envelope, Matrix, Series, Vector

__all__ = ["Matrix", "PromApi", "Series", "Vector"]

_REJECTED = ("bad_data", "execution", "400", "422")
"""Error types of a query that will fail again, unlike those of a server in trouble."""
_GAVE_UP = ("timeout", "canceled", "cancelled")
_BUSY = ("unavailable", "too_many_requests")


class PromApi:
    """Queries to one server. Every method raises SourceError values only; a refused query is QueryRejected."""

    def __init__(self, client: HttpClient, heard: Callable[[float], None] = lambda _: None) -> None:
        """`heard` is told the server's time (Unix seconds, to the second) with each answer that says it."""
        self._client, self._heard = client, heard

    def __repr__(self) -> str:
        return f"PromApi({self._client.url})"

    @property
    def url(self) -> str:
        """The base URL as people may see it."""
        return self._client.url

    async def query(self, expr: str, at: float, timeout: float = 10.0) -> Vector:
        """Evaluate at one instant (Unix seconds); a result that is no vector and no scalar is a BadAnswer."""
        form = {"query": expr, "time": _moment(at), "timeout": _limit(timeout)}
        answer, found = await self._ask("/api/v1/query", form, timeout)
        try:
            kind, items, left_out = await promjson.vector_items(found)
        except promjson.NoNumbers as error:
            raise QueryRejected(f"the query gives a {error}, not a number for each series: change it") from None
        except promjson.UNREADABLE:
            raise _unknown_shape(answer) from None
        return Vector(kind, items, _warnings(found), _infos(found, left_out), answer.server_time)

    async def query_range(self, expr: str, start: float, end: float, step: float, timeout: float = 10.0) -> Matrix:
        """Evaluate at start, start + step, … up to end (Unix seconds); series without a value are absent."""
        form = {
            "query": expr,
            "start": _moment(start),
            "end": _moment(end),
            "step": _moment(step),
            "timeout": _limit(timeout),
        }
        answer, found = await self._ask("/api/v1/query_range", form, timeout)
        try:
            series, left_out = await promjson.matrix_series(found)
        except promjson.UNREADABLE:
            raise _unknown_shape(answer) from None
        return Matrix(series, _warnings(found), _infos(found, left_out), answer.server_time)

    async def label_values(self, label: str, match: str, start: float, end: float, timeout: float = 10.0) -> list[str]:
        """The raw values a label had on the series of the selector `match` between two moments, sorted."""
        params = {"match[]": match, "start": _moment(start), "end": _moment(end)}
        answer = await self._client.get(f"/api/v1/label/{label}/values", params, timeout, explain=_explain)
        data = (await _succeeded(answer)).data
        if isinstance(data, promjson.Data):
            raise _unknown_shape(answer)
        return sorted(data or [])

    async def label_names(self, start: float, end: float, timeout: float = 10.0) -> list[str]:
        """The names of labels that any series had between two moments: told from the index, to the block."""
        answer = await self._client.get(
            "/api/v1/labels", {"start": _moment(start), "end": _moment(end)}, timeout, explain=_explain
        )
        data = (await _succeeded(answer)).data
        if isinstance(data, promjson.Data):
            raise _unknown_shape(answer)
        return sorted(data or [])

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def _ask(self, path: str, form: dict[str, str], timeout: float) -> tuple[Response, Envelope]:
        answer = await self._client.post_form(path, form, timeout, explain=_explain)
        if answer.server_time is not None:
            self._heard(answer.server_time)
        return answer, await _succeeded(answer)


async def _succeeded(answer: Response) -> Envelope:
    """The envelope of a 2xx answer that says success."""
    try:
        found = await promjson.envelope(answer.body)
    except promjson.UNREADABLE:
        raise BadAnswer(
            f"{answer.url} sent JSON that is damaged or not the Prometheus API's: cut off on the way, or another "
            f"server at this address?"
        ) from None
    if found.status == "success":
        return found
    raise _said(found, answer) or _unknown_shape(answer)


def _explain(answer: Response) -> SourceError | None:
    """The error of an answer that is not 2xx but carries the API's envelope."""
    if answer.content_type != "application/json" or answer.status in (401, 403, 407):
        return None
    try:
        found = promjson.refused(answer.body)
    except promjson.UNREADABLE:
        return None
    return _said(found, answer) if found.status == "error" else None


def _said(found: Envelope, answer: Response) -> SourceError | None:
    """The error an envelope holds; None where the HTTP status says more than the envelope."""
    said = answer.harmless(found.error) or "no reason given"
    kind, status = found.errorType, answer.status
    if kind in _GAVE_UP:
        return Unreachable(
            f"{answer.url} gave up on a query ({said}): is it overloaded, or the query too heavy?",
            detail=said,
            retry_after=answer.retry_after,
        )
    if kind in _BUSY or status in (404, 429, 502, 503, 504):
        return None
    if kind in _REJECTED or status in (400, 422):
        return QueryRejected(f"the server refused the query: {said}", detail=said)
    return BadAnswer(
        f"{answer.url} failed inside ({status}, {clean(kind, 40)}: {said}): look at its own log", detail=said
    )


def _unknown_shape(answer: Response) -> BadAnswer:
    return BadAnswer(f"{answer.url} sent JSON that is not the Prometheus API's: is another server at this address?")


def _warnings(found: Envelope) -> tuple[str, ...]:
    partial = ("the server says that its answer is partial",) if found.isPartial else ()
    return _cleaned(found.warnings) + partial


def _infos(found: Envelope, left_out: int) -> tuple[str, ...]:
    note = (f"{left_out} native histograms were left out",) if left_out else ()
    return _cleaned(found.infos) + note


def _cleaned(texts: Iterable[str] | None) -> tuple[str, ...]:
    return tuple(clean(text, 300) for text in texts or ())


def _moment(seconds: float) -> str:
    """Seconds to the millisecond, as short as they go."""
    return f"{seconds:.3f}".rstrip("0").rstrip(".")


def _limit(timeout: float) -> str:
    return f"{max(1, round(timeout * 1000))}ms"
