"""Which SLIs a scraped series feeds. Found once for each series, by an index on metric name and equality matchers.

SLOs that measure the same share one measure. A fleet's template makes a measure for each value of its label.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import NamedTuple

from sreconsole.domain.cleaning import clean
from sreconsole.domain.sampled import Part, Role, SampledSli, bind, bound_of, expression, parts
from sreconsole.domain.selector import Selector
from sreconsole.domain.sli import HistogramSli
from sreconsole.domain.slo import Fleet, Slo, SloKey
from sreconsole.records import dataclass, field, replace

Group = frozenset[tuple[str, str]]
_REMEMBERED = 1000


class Route(NamedTuple):
    """One series feeds one measure."""

    measure: int
    """Index into `Router.measures`."""
    role: Role
    bad: float
    total: float
    group: Group | None
    """Histograms only: the labels without `le`, which tie a bucket to its count."""


@dataclass(slots=True)
class Measure:
    """One thing that is counted, and the SLOs that are judged by it."""

    sli: SampledSli
    expression: str
    slos: list[Slo] = field(default_factory=list)
    bounds: set[Decimal] = field(default_factory=set)
    """Bounds of a histogram that were seen and are not the threshold."""
    members: list[Member] = field(default_factory=list)
    """Members of fleets whose presence this measure proves."""


@dataclass(slots=True)
class Member:
    """One value of a fleet's label."""

    value: str
    """Raw, as matched."""
    service: str
    """The cleaned value: the name of the service."""
    seen: float
    """Unix seconds of the last scrape with a total series of it."""


class _Entry(NamedTuple):
    part: Part
    measure: int
    """-1 for a fleet's template."""
    fleet: int
    template: Slo | None
    sli: SampledSli


class Router:
    """The measures of a source and the way from a series to them."""

    def __init__(self, slos: Sequence[Slo], fleets: Sequence[Fleet] = ()) -> None:
        self.measures: list[Measure] = []
        self.fleets = tuple(fleets)
        self.members: list[dict[str, Member]] = [{} for _ in fleets]
        self.left_out: list[set[str]] = [set() for _ in fleets]
        """By fleet: label values that are no members because the limit is reached (the first of them)."""
        self._by_expression: dict[str, int] = {}
        self._keys: set[SloKey] = set()
        self._services: list[set[str]] = [set() for _ in fleets]
        self._bound: dict[tuple[int, str, str], int] = {}
        """Measures of members by fleet, name of the SLO and label value."""
        self._plain: dict[str, list[_Entry]] = {}
        self._indexed: dict[str, dict[tuple[str, str], list[_Entry]]] = {}
        self._labels: dict[str, tuple[str, ...]] = {}
        for slo in slos:
            self._add(slo)
        for number, fleet in enumerate(fleets):
            for template in fleet.slos:
                if isinstance(template.sli, SampledSli):
                    for part in parts(template.sli):
                        self._enter(_Entry(part, -1, number, template, template.sli))

    @property
    def metrics(self) -> frozenset[str]:
        """Names of all metrics that may matter; contains the empty string when a selector names none."""
        return frozenset(self._plain) | frozenset(self._indexed)

    def slos(self) -> list[Slo]:
        """Every SLO with a measure, those of members included."""
        return [slo for measure in self.measures for slo in measure.slos]

    def route(self, name: str, labels: Mapping[str, str], at: float) -> tuple[Route, ...]:
        """The measures a series feeds; new members of fleets are made here. `at`: when it was seen, Unix seconds."""
        routes: dict[tuple[int, Role], Route] = {}  # a fleet and an SLO written by hand may share a measure
        for entry in self._candidates(name, labels):
            if _matches(entry.part.selector, name, labels):
                route = self._route(entry, labels, at)
                if route is not None:
                    routes[route.measure, route.role] = route
        return tuple(routes.values())

    def admit(self, number: int, value: str, at: float) -> Member | None:
        """The member of a fleet for a label value, made if it is new; None: excluded, empty or beyond the limit."""
        fleet, members = self.fleets[number], self.members[number]
        member = members.get(value)
        if member is not None:
            return member
        if not value or any(fnmatchcase(value, glob) for glob in fleet.except_):
            return None
        service = clean(value, 200)
        if len(members) >= fleet.limit or service in self._services[number]:
            if len(self.left_out[number]) < _REMEMBERED:
                self.left_out[number].add(value)
            return None
        member = members[value] = Member(value, service, at)
        self._services[number].add(service)
        for template in fleet.slos:
            slo = replace(template, service=service, sli=bind(template.sli, fleet.label, value))
            if slo.key not in self._keys:  # one written by hand under services goes before the fleet's
                measure = self._add(slo, index=False)
                if measure is not None:
                    self._bound[number, template.name, value] = measure
                    self.measures[measure].members.append(member)
        return member

    def retire(self, before: float) -> None:
        """Forget members not seen since a moment (Unix seconds). Their counts stay and are found when they return."""
        for number, members in enumerate(self.members):
            for member in [m for m in members.values() if m.seen < before]:
                del members[member.value]
                self._services[number].discard(member.service)
                for template in self.fleets[number].slos:
                    measure = self._bound.pop((number, template.name, member.value), None)
                    if measure is not None:
                        self._part(self.measures[measure], member, SloKey(member.service, template.name))

    def _part(self, measure: Measure, member: Member, key: SloKey) -> None:
        self._keys.discard(key)
        measure.members.remove(member)
        measure.slos = [slo for slo in measure.slos if slo.key != key]

    def __contains__(self, key: tuple[str, str]) -> bool:
        """Whether an SLO is known here."""
        return key in self._keys

    def _add(self, slo: Slo, index: bool = True) -> int | None:
        if not isinstance(slo.sli, SampledSli):
            return None
        self._keys.add(slo.key)
        text = expression(slo.sli)
        number = self._by_expression.get(text)
        if number is None:
            number = self._by_expression[text] = len(self.measures)
            self.measures.append(Measure(slo.sli, text))
            if index:
                for part in parts(slo.sli):
                    self._enter(_Entry(part, number, -1, None, slo.sli))
        self.measures[number].slos.append(slo)
        return number

    def _enter(self, entry: _Entry) -> None:
        metric = entry.part.selector.metric
        equal = next((m for m in entry.part.selector.matchers if m.op == "=" and m.value), None)
        if equal is None or not metric:
            self._plain.setdefault(metric, []).append(entry)
            return
        index = self._indexed.setdefault(metric, {})
        index.setdefault((equal.name, equal.value), []).append(entry)
        self._labels[metric] = tuple(sorted({name for name, _ in index}))

    def _candidates(self, name: str, labels: Mapping[str, str]) -> Iterable[_Entry]:
        yield from self._plain.get(name, ())
        yield from self._plain.get("", ())
        index = self._indexed.get(name)
        if index:
            for label in self._labels[name]:
                yield from index.get((label, labels.get(label, "")), ())

    def _route(self, entry: _Entry, labels: Mapping[str, str], at: float) -> Route | None:
        measure = entry.measure
        if entry.template is not None:
            value = labels.get(self.fleets[entry.fleet].label, "")
            self.admit(entry.fleet, value, at)
            measure = self._bound.get((entry.fleet, entry.template.name, value), -1)
            if measure < 0:
                return None
        part = entry.part
        group: Group | None = None
        if isinstance(entry.sli, HistogramSli):
            if part.role == "bucket":
                bound = bound_of(labels)
                if bound != entry.sli.threshold:
                    if bound is not None:
                        self.measures[measure].bounds.add(bound)
                    return None
            group = frozenset(item for item in labels.items() if item[0] != "le")
        return Route(measure, part.role, part.bad, part.total, group)


def _matches(selector: Selector, name: str, labels: Mapping[str, str]) -> bool:
    if selector.metric:
        return all(matcher.matches(labels.get(matcher.name, "")) for matcher in selector.matchers)
    return all(
        matcher.matches(name if matcher.name == "__name__" else labels.get(matcher.name, ""))
        for matcher in selector.matchers
    )
