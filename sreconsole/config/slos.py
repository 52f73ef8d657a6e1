"""The blocks of an SLO: its SLI and what it promises."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from sreconsole.config.block import Block
from sreconsole.config.containers import MapOf
from sreconsole.config.key import Fields, Key, defaulted, optional, required
from sreconsole.config.kinds import NUMBER, Number, Parsed, Schema, Text, words
from sreconsole.config.reader import BAD, Bad, Place, Reader, quoted
from sreconsole.config.sources import METRIC_SOURCE, missing_source
from sreconsole.config.texts import HISTOGRAM, SELECTOR, WINDOWED_QUERY
from sreconsole.config.units import DURATION, bounded_duration
from sreconsole.config.windows import PAIRS, WINDOW
from sreconsole.config.yaml_tree import Node
from sreconsole.domain.burn import DAY, WindowPair, can_fire
from sreconsole.domain.period import Period, Rolling
from sreconsole.domain.sli import CounterSli, GaugeSli, HistogramSli, QuerySli, RatioSli, Sli
from sreconsole.domain.slo import Slo

DECIMALS: Final = 12


def _threshold(text: str) -> Decimal:
    if text[-1:].isalpha():
        return Decimal(repr(bounded_duration(text, 0.001, 30 * DAY))).normalize()
    number = Decimal(text)
    if number <= 0:
        raise ValueError(f"{text} is not above 0")
    return number


_THRESHOLD_KIND: Parsed[Decimal] = Parsed(
    "a duration such as 300ms, or a number in the metric's unit",
    _threshold,
    rf"{DURATION}|{NUMBER}",
    schema={
        "anyOf": [
            {"type": "number", "exclusiveMinimum": 0},
            {"type": "string", "pattern": rf"^\s*(?:{DURATION}|{NUMBER})\s*$"},
        ]
    },
)

_BAD = optional("bad", SELECTOR, "Counter of bad events (with total)")
_GOOD = optional("good", SELECTOR, "Counter of good events (with total)")
_TOTAL = optional("total", SELECTOR, "Counter of all events")
_HISTOGRAM = optional("histogram", HISTOGRAM, "Classic histogram, named without _bucket (with threshold)")
_THRESHOLD = optional("threshold", _THRESHOLD_KIND, "Up to here an event is good: a bucket bound of the histogram")
_GAUGE = optional("gauge", SELECTOR, "Gauge that is 1 when good and 0 when bad")
_BAD_QUERY = optional("bad_query", WINDOWED_QUERY, "PromQL for bad events (with total_query)")
_TOTAL_QUERY = optional("total_query", WINDOWED_QUERY, "PromQL for all events")
_QUERY_UNIT = defaulted("query_unit", words("rate", "count"), "What the queries give: per second, or increases", "rate")
_RATIO_QUERY = optional("ratio_query", WINDOWED_QUERY, "PromQL for the error ratio")


def _sli(fields: Fields) -> Sli | Bad:
    total, histogram, threshold = fields[_TOTAL], fields[_HISTOGRAM], fields[_THRESHOLD]
    bad_query, total_query = fields[_BAD_QUERY], fields[_TOTAL_QUERY]
    ratio, gauge = fields[_RATIO_QUERY], fields[_GAUGE]
    mixed = [key for key in (_TOTAL, _THRESHOLD, _TOTAL_QUERY) if key in fields]
    if len(mixed) > 1 or (mixed and (gauge is not None or ratio is not None)):
        return fields.problem(mixed[-1], "does not belong to this kind of SLI")
    if total is not None:
        return CounterSli(total, fields[_BAD], fields[_GOOD])
    if histogram is not None and threshold is not None:
        return HistogramSli(histogram, threshold)
    if bad_query is not None and total_query is not None:
        return QuerySli(bad_query, total_query, fields[_QUERY_UNIT])
    if ratio is not None:
        return RatioSli(ratio)
    return GaugeSli(gauge) if gauge is not None else BAD


SLI: Final[Block[Sli]] = Block(
    "sli",
    (
        _BAD,
        _GOOD,
        _TOTAL,
        _HISTOGRAM,
        _THRESHOLD,
        _GAUGE,
        _BAD_QUERY,
        _TOTAL_QUERY,
        _QUERY_UNIT,
        _RATIO_QUERY,
    ),
    _sli,
    one_of=(("bad", "good", "histogram", "gauge", "bad_query", "ratio_query"),),
    needs={
        "bad": ("total",),
        "good": ("total",),
        "total": ("bad", "good"),
        "histogram": ("threshold",),
        "threshold": ("histogram",),
        "bad_query": ("total_query",),
        "total_query": ("bad_query",),
        "query_unit": ("bad_query",),
    },
)


class Objective:
    """A promise in percent, above 0 and below 100; exact."""

    number: Final = Number("a percentage above 0 and below 100, as 99.9", lambda n: n, above=0, below=100)

    def read(self, node: Node, place: Place, reader: Reader) -> Decimal | Bad:
        """The promise as a fraction."""
        percent = self.number.read(node, place, reader)
        if percent is BAD:
            return BAD
        if _places(percent) > DECIMALS:
            reader.problem(node.line, place, f"{quoted(node)} has more than {DECIMALS} digits after the point")
            return BAD
        return percent.scaleb(-2)

    def schema(self, defs: dict[str, Schema]) -> Schema:
        """A number with both limits."""
        return self.number.schema(defs)


def _places(number: Decimal) -> int:
    """Digits after the point that are not trailing zeros; unlike `normalize` this never rounds to 28 digits."""
    _, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)  # the limits let no NaN and no infinity through
    zeros = next((count for count, digit in enumerate(reversed(digits)) if digit), len(digits))
    return max(0, -exponent - zeros)


_OBJECTIVE = required("objective", Objective(), "Percentage of good events promised, as 99.9")
_WINDOW: Key[Period] = defaulted(
    "window", WINDOW, "30d (rolling, at least 1d), or {calendar: week|month|quarter}", Rolling(30 * DAY)
)
_SOURCE = optional("source", METRIC_SOURCE, "Metrics source, where there is more than one")
_ALERT_WINDOWS = optional("alert_windows", PAIRS, "Alert window pairs instead of the default ones")
_SLI: Key[Sli] = required("sli", SLI, "How good and bad are counted")


def _source(fields: Fields) -> str | None:
    return fields[_SOURCE] or (None if fields.written(_SOURCE) else METRIC_SOURCE.only(fields.reader))


def _relate(fields: Fields) -> None:
    source, sli = _source(fields), fields[_SLI]
    if source is None and not fields.written(_SOURCE):
        what = missing_source(METRIC_SOURCE, fields.reader)
        if what is not None:
            fields.problem(_SOURCE, what)
    if source is not None and fields.reader.source_kinds[source] == "scrape" and isinstance(sli, QuerySli | RatioSli):
        fields.problem(_SLI, f"{source} is of kind scrape and cannot run PromQL: use bad and total, or a histogram")


def _slo(fields: Fields) -> Slo | Bad:
    source = _source(fields)
    if source is None:
        return BAD
    window, mine = fields[_WINDOW], fields[_ALERT_WINDOWS]
    _doubts(fields, window, mine or ())
    pairs = mine or fields.reader.alert_windows.get(str(window))
    return Slo("", fields.name, fields[_OBJECTIVE], window, fields[_SLI], source, pairs)


def _doubts(fields: Fields, window: Period, pairs: tuple[WindowPair, ...]) -> None:
    """Warn of pairs that can never fire or never be known."""
    for index, pair in enumerate(pairs):
        if not can_fire(pair, float(1 - fields[_OBJECTIVE])):
            limit = float(100 / (100 - fields[_OBJECTIVE] * 100))
            fields.warning(_ALERT_WINDOWS, f"pair {index + 1} can never fire: the burn rate is at most {limit:g} here")
        if isinstance(window, Rolling) and pair.long > window.seconds:
            fields.warning(_ALERT_WINDOWS, f"pair {index + 1} is never known: its long window passes the SLO's window")


SLO: Final[Block[Slo]] = Block("slo", (_OBJECTIVE, _WINDOW, _SOURCE, _ALERT_WINDOWS, _SLI), _slo, relate=_relate)
SLOS: Final = MapOf(SLO, Text("a name"))
FLEET_SLOS: Final = MapOf(SLO, Text("a name"), least=1)
