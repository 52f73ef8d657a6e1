"""PromQL text: what is asked for one part of an SLI over one range.

Ranges are one millisecond short of their nominal length: Prometheus 2 counts a sample exactly on the left edge, 3 does
not; a millisecond less makes both the same for targets scraped on the boundary.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Literal

from sreconsole.domain.selector import Matcher, Selector, quote
from sreconsole.domain.sli import CounterSli, GaugeSli, HistogramSli, QuerySli, RatioSli, Sli
from sreconsole.patterns import pattern
from sreconsole.records import dataclass

MARK = "sreconsole"
"""The label that says which part of a request a series answers."""

BRIEF, HOUR = 300, 3600
"""Seconds of a range in which no counter is taken to have been reset and grown past its old value; and of the longest
in which what a counter brought before a reset is worked out."""

Care = Literal["exact", "near", "plain"]
"""How growth is asked for: exactly, by the ends of a range, or as a plain `increase`."""
Role = Literal["bad", "good", "total", "ratio"]
Function = Literal["increase", "count_over_time", "sum_over_time", "query"]
_CLASSIC = pattern(r"[a-zA-Z_][a-zA-Z0-9_]*")
_WINDOW = re.compile(r"\{\{\s*\.?window\s*\}\}")


@dataclass(frozen=True, slots=True)
class Part:
    """One of the numbers an SLI is made of: a selector under a function, or a query of the user's."""

    role: Role
    function: Function
    selector: Selector | None = None
    query: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """How long a range is asked for: the bucket or window, and the scrape interval by which it is widened."""

    seconds: float
    widen: float = 0.0
    before: float = 0.0
    """Seconds before the range in which a counter's value at its beginning is looked for; 0: plain `increase`."""
    back: float = 0.0
    """Seconds before the moment of asking at which the range ends."""
    ends: bool = False
    """Of an hour only the ends are read, where nothing else is needed; a little less exact."""
    mixed: bool = False
    """Counters are scraped at different intervals, so that no widening is right for all."""

    @property
    def millis(self) -> int:
        """The range's length in milliseconds."""
        return round((self.seconds + self.widen) * 1000) - 1

    def over(self, selector: Selector) -> str:
        """The selector over the range."""
        return f"{selector}[{self.millis}ms]{_offset(self.back)}"

    @property
    def factor(self) -> float:
        """What an `increase` over the widened range is multiplied with."""
        return self.seconds / (self.seconds + self.widen - 0.001) if self.widen else 1.0

    def growth(self, selector: Selector) -> str:
        """Growth of counters within the range: a plain `increase`, or exactly what the samples in it brought.

        Exactly: the last value in the range less the last one before it, or less the first where there is none before.
        A value below the one before shows a reset; in a range that is not brief a counter may have passed its old value
        since, and `resets` tells. What such a counter brought is the server's `increase`, widened by the interval and
        scaled back, which misses little. So it is for counters that have ended within a range of more than an hour, and
        where only the `ends` are read for those that have begun, too: the last value is looked for near the end. With
        mixed intervals no widening is right, and what a counter brought in an hour with a reset is worked out: what had
        grown until then is the highest value, and all of the last one came after. Values are looked up over ranges,
        since a missed scrape leaves a mark at which a plain selector finds nothing.
        """
        wide = self.over(selector)
        if not self.before:
            return f"increase({wide})"
        near = f"{selector}[{round(self.before * 1000)}ms]"
        last, first = f"last_over_time({wide})", f"last_over_time({near}{_offset(self.back + self.seconds)})"
        other = f"increase({wide}){f' * {self.factor!r}' if self.widen else ''}"
        steady = f" unless resets({wide}) > 0"
        if (self.ends or self.seconds > HOUR) and not self.mixed and self.before < self.seconds:
            last = f"last_over_time({near}{_offset(self.back)})"
            if self.ends:
                return f"{last} - {first} >= 0{steady} or {other}"
        grown = f"{last} - ({first} or min_over_time({wide})) >= 0"
        if self.seconds <= BRIEF:
            return f"{grown} or {other}"
        if self.mixed and self.seconds <= HOUR:
            fallen = f"clamp_min(max_over_time({wide}) - {first}, 0) + ({last} < {first}) unless resets({wide}) > 1"
            return f"{grown}{steady} or {fallen} or {other}"
        return f"{grown}{steady} or {other}"


def _offset(seconds: float) -> str:
    return f" offset {round(seconds * 1000)}ms" if seconds else ""


def parts(sli: Sli) -> tuple[Part, ...]:
    """The parts of an SLI, total last."""
    if isinstance(sli, CounterSli):
        first = Part("bad", "increase", sli.bad) if sli.bad is not None else Part("good", "increase", sli.good)
        return first, Part("total", "increase", sli.total)
    if isinstance(sli, HistogramSli):
        bound = Matcher("le", "=~", "|".join(re.escape(text) for text in spellings(sli.threshold)))
        bucket = sli.histogram.renamed(f"{sli.histogram.metric}_bucket").adding(bound)
        return (
            Part("good", "increase", bucket),
            Part("total", "increase", sli.histogram.renamed(f"{sli.histogram.metric}_count")),
        )
    if isinstance(sli, GaugeSli):
        return Part("good", "sum_over_time", sli.gauge), Part("total", "count_over_time", sli.gauge)
    if isinstance(sli, QuerySli):
        return Part("bad", "query", query=sli.bad_query), Part("total", "query", query=sli.total_query)
    return (Part("ratio", "query", query=sli.ratio_query),)


def spellings(bound: Decimal) -> tuple[str, ...]:
    """The ways exporters and servers write a bucket bound: Go, Python, Prometheus 3, with or without an exponent."""
    number = float(bound)
    plain = format(bound.normalize(), "f")
    dotted = plain if "." in plain else f"{plain}.0"
    found = [plain, dotted, f"{dotted}0", f"{plain}." if "." not in plain else plain, repr(number), f"{number:g}"]
    found += [f"{number:g}".replace("e+0", "e+").replace("e-0", "e-"), f"{number:e}"]
    return tuple(dict.fromkeys(found))


def render(part: Part, by: Iterable[str], extra: Iterable[Matcher], span: Span) -> str:
    """The expression of one part, grouped by the labels in `by`; a user's query has its window filled in."""
    if part.selector is None:
        return f"({_WINDOW.sub(f'{span.millis + 1}ms', part.query)}\n)"
    selector = part.selector.adding(*extra)
    labels = ", ".join(label_name(name) for name in by)
    grouping = f" by ({labels})" if labels else ""
    if part.function == "increase":
        return f"sum{grouping} ({span.growth(selector)})"
    return f"sum{grouping} ({part.function}({span.over(selector)}))"


def marked(expression: str, mark: str) -> str:
    """The expression with the mark label set."""
    return f'label_replace({expression}, "{MARK}", "{mark}", "", "")'


def share(first: Part, total: Part) -> Matcher | None:
    """The one matcher that tells which of the total's series are the first part's, too; None where it takes more."""
    if first.selector is None or total.selector is None or first.function != "increase":
        return None
    own, its = Counter(first.selector.matchers), Counter(total.selector.matchers)
    more = list((own - its).elements())
    if first.selector.metric != total.selector.metric or its - own or len(more) != 1:
        return None
    return more[0] if _CLASSIC.fullmatch(more[0].name) else None


def render_shared(
    total: Part, matcher: Matcher, by: Iterable[str], extra: Iterable[Matcher], span: Span, marks: tuple[str, str]
) -> str:
    """The growth of all the total's series in one look at each, those that the matcher tells apart by their mark.

    `marks`: of the series it takes, of the others. Summed by its label first, as labels are replaced one by one.
    """
    assert total.selector is not None
    labels = [label_name(name) for name in by]
    growth = span.growth(total.selector.adding(*extra))
    named, others = marks if matcher.op in ("=", "=~") else marks[::-1]
    value = matcher.value if matcher.op.endswith("~") else re2_escape(matcher.value)
    # Every series has a mark before some are given the other one: where nothing matches, VictoriaMetrics can fill a
    # label that was not there with what it held before.
    summed = marked(f"sum by ({', '.join([*labels, matcher.name])}) ({growth})", others)
    told = f'label_replace({summed}, "{MARK}", "{named}", "{matcher.name}", {quote(value)})'
    return f"sum by ({', '.join([*labels, MARK])}) ({told})"


def label_name(name: str) -> str:
    """A label name, quoted when it is not a classic one (UTF-8 names of Prometheus 3)."""
    return name if _CLASSIC.fullmatch(name) else quote(name)


def one_of(label: str, values: Iterable[str]) -> Matcher:
    """A matcher for exactly these values."""
    distinct = sorted(set(values))
    if len(distinct) == 1:
        return Matcher(label, "=", distinct[0])
    return Matcher(label, "=~", "|".join(re2_escape(value) for value in distinct))


_SPECIAL = re.compile(r"[\\.+*?()|\[\]{}^$]")


def re2_escape(text: str) -> str:
    """A text as a regular expression of Prometheus' dialect (RE2 knows fewer escapes than Python)."""
    return _SPECIAL.sub(lambda found: "\\" + found[0], text)


__all__ = [
    "MARK", "Care", "Part", "RatioSli", "Span", "label_name", "marked", "one_of", "parts", "re2_escape", "render",
    "render_shared", "share", "spellings",
]  # fmt: skip
