"""The JSON of the Prometheus HTTP API, decoded series by series so that a large answer never stalls the screen.

Labels stay raw, as they are matched; clean them before they are shown. Source: prometheus.io/docs, HTTP API;
`isPartial` is VictoriaMetrics' word for a partial answer.
"""

from __future__ import annotations

from array import array

import msgspec

from sreconsole.records import dataclass
from sreconsole.sources import turns
from sreconsole.turns import give_way

Item = tuple[dict[str, str], float]


@dataclass(frozen=True, slots=True)
class Series:
    """One series of a range answer."""

    labels: dict[str, str]
    """Raw."""
    times: array[float]
    """Unix seconds, ascending; steps without a value are absent."""
    values: array[float]
    """As many as times; NaN and infinities as the server sent them."""


@dataclass(frozen=True, slots=True)
class Vector:
    """The answer of an instant query."""

    kind: str
    """`vector` or `scalar`; a scalar is one item without labels."""
    items: list[Item]
    warnings: tuple[str, ...] = ()
    """Cleaned; not empty: the answer may be partial."""
    infos: tuple[str, ...] = ()
    server_time: float | None = None
    """Unix seconds by the server's clock when it answered; None: not said."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """The answer of a range query."""

    series: list[Series]
    warnings: tuple[str, ...] = ()
    infos: tuple[str, ...] = ()
    server_time: float | None = None


class Data(msgspec.Struct, gc=False):
    """`data` of a query: the type of the result and its elements, not yet looked into.

    A scalar and a string have two elements, the time and the value.
    """

    resultType: str
    result: list[msgspec.Raw]


class Envelope(msgspec.Struct, gc=False):
    """What surrounds every answer; decoded in one pass, as a pass over a large body is a stall."""

    status: str
    data: Data | list[str] | None = None
    errorType: str = ""
    error: str = ""
    warnings: list[str] | None = None
    infos: list[str] | None = None
    isPartial: bool = False

    def __repr__(self) -> str:
        return f"Envelope({self.status})"


class _Point(msgspec.Struct, gc=False):
    metric: dict[str, str]
    value: tuple[float, str] | None = None


class _Numbers(msgspec.Struct, gc=False):
    metric: dict[str, str]
    values: list[tuple[float, float]] = []


class _Words(msgspec.Struct, gc=False):
    metric: dict[str, str]
    values: list[tuple[float, str]] = []


_text = msgspec.json.Decoder(str)
_point = msgspec.json.Decoder(_Point)
# Not strict: text that is a number is read as one in C, twice as fast; it knows NaN and -Inf, but not +Inf.
_numbers = msgspec.json.Decoder(_Numbers, strict=False)
_words = msgspec.json.Decoder(_Words)
_envelope = msgspec.json.Decoder(Envelope)

UNREADABLE = (msgspec.MsgspecError, ValueError, RecursionError)
"""What decoding raises when the text is not the promised JSON."""


class NoNumbers(Exception):
    """A well-formed answer whose type is not the one a count can come from."""


async def envelope(body: bytes) -> Envelope:
    """The envelope of an answer, its data untouched. Raises one of UNREADABLE."""
    await give_way()
    with turns.uncollected():
        found = _envelope.decode(body)
    await give_way()
    return found


def refused(body: bytes) -> Envelope:
    """The envelope of an answer that is not 2xx, at once. Raises one of UNREADABLE."""
    return _envelope.decode(body)


async def vector_items(found: Envelope) -> tuple[str, list[Item], int]:
    """Kind and items of an instant answer, and how many native histograms were left out.

    Raises NoNumbers for a range or a string, one of UNREADABLE for what is no answer of this API.
    """
    data = _data(found)
    if data.resultType == "scalar" and len(data.result) == 2:
        return "scalar", [({}, number(_text.decode(data.result[1])))], 0
    if data.resultType in ("matrix", "string"):
        raise NoNumbers("range of samples" if data.resultType == "matrix" else "string")
    if data.resultType != "vector":
        raise ValueError("neither vector nor scalar")
    items: list[Item] = []

    def one(raw: msgspec.Raw) -> bool:
        point = _point.decode(raw)
        if point.value is not None:
            items.append((point.metric, number(point.value[1])))
        return point.value is not None

    return "vector", items, await turns.each(data.result, one)


async def matrix_series(found: Envelope) -> tuple[list[Series], int]:
    """Series of a range answer, and how many native histograms were left out. Raises one of UNREADABLE."""
    data = _data(found)
    if data.resultType != "matrix":
        raise ValueError("no matrix")
    series: list[Series] = []

    def one(raw: msgspec.Raw) -> bool:
        read = _series(raw)
        if read.times:
            series.append(read)
        return bool(read.times)

    return series, await turns.each(data.result, one)


def _data(found: Envelope) -> Data:
    if not isinstance(found.data, Data):
        raise ValueError("no data")
    return found.data


def _series(raw: msgspec.Raw) -> Series:
    try:
        numbers = _numbers.decode(raw)
    except msgspec.ValidationError:
        words = _words.decode(raw)
        times = array("d", [at for at, _ in words.values])
        return Series(words.metric, times, array("d", [number(text) for _, text in words.values]))
    times = array("d", [at for at, _ in numbers.values])
    return Series(numbers.metric, times, array("d", [value for _, value in numbers.values]))


def number(text: str) -> float:
    """A sample's value as the API writes it. Raises ValueError for anything else Python would take."""
    if "_" in text or text != text.strip():
        raise ValueError("not a number")
    return float(text)
