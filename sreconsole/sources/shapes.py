"""Which SLOs share a request: those that differ only in the values of equality matchers are one shape.

A group is one shape with its members. In the query the labels whose values differ become the grouping and are
restricted to the members' values; an answer's series finds its SLO by those values. A fleet's group has no
restriction: its members are whatever the answer holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from fnmatch import fnmatchcase

from sreconsole.domain.cleaning import clean
from sreconsole.domain.selector import Matcher, Selector
from sreconsole.domain.sli import Sli
from sreconsole.domain.slo import Fleet, Slo, SloKey
from sreconsole.records import dataclass, field
from sreconsole.sources.promql import (
    BRIEF,
    Part,
    Role,
    Span,
    marked,
    one_of,
    parts,
    re2_escape,
    render,
    render_shared,
    share,
)

Values = tuple[str, ...]
BOTH = 2
"""In the place of a part: series that count as the first one and in the total."""


@dataclass(slots=True)
class Place:
    """One part of a group: its template, the labels that tell members apart, and who has which values."""

    part: Part
    by: tuple[str, ...]
    members: dict[Values, list[SloKey]] = field(default_factory=lambda: defaultdict(list))

    def extra(self) -> list[Matcher]:
        """Matchers that restrict the query to the members."""
        return [one_of(label, (values[at] for values in self.members)) for at, label in enumerate(self.by)]


@dataclass(slots=True)
class Group:
    """SLOs of one shape and scrape interval."""

    sli: Sli
    """Of the first member: tells the kind."""
    places: list[Place]
    interval: float | None
    keys: dict[SloKey, None] = field(default_factory=dict)
    """The members, in order."""
    fleet: Fleet | None = None
    template: Slo | None = None
    open: bool = False
    """Whether new members of the fleet are admitted; else the group is restricted to the members it has."""
    outside: frozenset[str] = frozenset()
    """Label values of a fleet that other groups answer for."""
    raw: dict[SloKey, str] = field(default_factory=dict)
    """A fleet member's label value as the server spells it."""
    room: int = 0
    """Most members an open group may have."""
    refused: int = 0
    """The most values that one answer held beyond that."""
    alike: int = 0
    """The most values of one answer that look like another member's name once cleaned."""

    @property
    def series(self) -> int:
        """Series an answer is expected to have for each instant."""
        return max(1, len(self.keys)) * len(self.places)

    def expressions(self, number: int, span: Span, tag: str = "") -> list[str]:
        """The marked expressions of every part; `number` names the group in the request, `tag` what is asked."""
        matcher = self._share() if span.before or span.seconds > BRIEF else None
        if matcher is not None:  # of brief plain increases sorting out the marks would cost more than a second look
            total, marks = self.places[1], (f"{number}.{BOTH}{tag}", f"{number}.1{tag}")
            return [render_shared(total.part, matcher, total.by, self.restriction(1), span, marks)]
        out = []
        for index, place in enumerate(self.places):
            out.append(marked(render(place.part, place.by, self.restriction(index), span), f"{number}.{index}{tag}"))
        return out

    def _share(self) -> Matcher | None:
        """What tells the first part's series from the total's, where it counts some of them for the same members."""
        if len(self.places) != BOTH or self.places[0].by != self.places[1].by:
            return None
        first, total = self.places
        matcher = share(first.part, total.part)
        if matcher is None or matcher.name in total.by or first.members != total.members:
            return None
        return matcher

    def restriction(self, index: int) -> list[Matcher]:
        """Matchers that keep part `index` to the members."""
        return self._fleet_matchers() if self.open else self.places[index].extra()

    def _fleet_matchers(self) -> list[Matcher]:
        assert self.fleet is not None
        label = self.fleet.label
        excluded = [glob for glob in self.fleet.except_ if not set(glob) & set("[]")]
        return [Matcher(label, "!=", ""), *(Matcher(label, "!~", _glob(glob)) for glob in excluded)]

    def roles(self, index: int) -> tuple[Role, ...]:
        """What a series of part `index` counts as."""
        return tuple(place.part.role for place in (self.places if index == BOTH else [self.places[index]]))

    def find(self, index: int, labels: Mapping[str, str]) -> list[SloKey]:
        """The SLOs a series of part `index` belongs to."""
        place = self.places[0 if index == BOTH else index]
        return place.members.get(tuple(labels.get(label, "") for label in place.by), [])

    def admit(self, values: Iterable[str]) -> None:
        """Make the label values of an answer members, as far as the fleet wants them and has room.

        In order of their names, so that the same ones are left out every time.
        """
        assert self.fleet is not None
        assert self.template is not None
        known = self.places[0].members
        new = sorted(value for value in set(values) if value and (value,) not in known and value not in self.outside)
        refused = alike = 0
        for value in new:
            if any(fnmatchcase(value, glob) for glob in self.fleet.except_):
                continue
            key = SloKey(clean(value, 100), self.template.name)
            if key in self.keys:
                alike += 1
            elif len(self.keys) >= self.room:
                refused += 1
            else:
                self.join(key, value)
        self.refused, self.alike = max(self.refused, refused), max(self.alike, alike)

    def only(self, keys: Set[SloKey]) -> Group:
        """The same group restricted to some of its members."""
        places = []
        for place in self.places:
            mine = Place(place.part, place.by)
            for values, members in place.members.items():
                if kept := [key for key in members if key in keys]:
                    mine.members[values] = kept
            places.append(mine)
        part = Group(self.sli, places, self.interval, {k: None for k in self.keys if k in keys}, self.fleet)
        part.template, part.raw = self.template, {k: value for k, value in self.raw.items() if k in keys}
        return part

    def join(self, key: SloKey, value: str) -> None:
        """Make a fleet member with this label value part of the group."""
        self.keys[key] = None
        self.raw[key] = value
        for place in self.places:
            place.members[(value,)] = [key]


def group(slos: Iterable[Slo], intervals: Mapping[SloKey, float | None]) -> list[Group]:
    """The groups of hand-written SLOs, in order of their first member."""
    sorted_out: dict[object, list[tuple[Slo, tuple[Part, ...]]]] = defaultdict(list)
    for slo in slos:
        made = parts(slo.sli)
        shape = (intervals.get(slo.key), type(slo.sli), _unit(slo.sli), tuple(_blank(part) for part in made))
        sorted_out[shape].append((slo, made))
    return [_one_group(members, intervals.get(members[0][0].key)) for members in sorted_out.values()]


def fleet_groups(fleet: Fleet, intervals: Mapping[SloKey, float | None], raw: Mapping[SloKey, str]) -> list[Group]:
    """A group for each SLO of a fleet, and one more for each scrape interval that only some members have.

    `raw` names the members known so far and their label values; before the first survey it is empty.
    """
    groups: list[Group] = []
    for template in fleet.slos:
        by_interval: dict[float | None, dict[SloKey, str]] = defaultdict(dict)
        for key, value in raw.items():
            if key.slo == template.name:
                by_interval[intervals.get(key)][key] = value
        common = max(by_interval, key=lambda found: len(by_interval[found]), default=None)
        others = {interval: keys for interval, keys in by_interval.items() if interval != common}
        outside = frozenset(value for keys in others.values() for value in keys.values())
        main = Group(template.sli, _fleet_places(fleet, template), common, {}, fleet, template, True, outside)
        main.room = fleet.limit - sum(len(keys) for keys in others.values())
        for key, value in by_interval.get(common, {}).items():
            main.join(key, value)
        groups.append(main)
        for interval, keys in others.items():
            rest = Group(template.sli, _fleet_places(fleet, template), interval, {}, fleet, template)
            for key, value in keys.items():
                rest.join(key, value)
            groups.append(rest)
    return groups


def _fleet_places(fleet: Fleet, template: Slo) -> list[Place]:
    return [Place(part, (fleet.label,)) for part in parts(template.sli)]


def _one_group(members: list[tuple[Slo, tuple[Part, ...]]], interval: float | None) -> Group:
    places = []
    for index, part in enumerate(members[0][1]):
        selectors = [made[index].selector for _, made in members]
        by = _varying([selector for selector in selectors if selector is not None])
        place = Place(_without(part, by), by)
        for (slo, _), selector in zip(members, selectors, strict=True):
            place.members[_values(selector, by)].append(slo.key)
        places.append(place)
    return Group(members[0][0].sli, places, interval, dict.fromkeys(slo.key for slo, _ in members))


def _unit(sli: Sli) -> str:
    return getattr(sli, "unit", "")


def _blank(part: Part) -> object:
    """What is left of a part when equality values are blanked; a user's query is never shared."""
    if part.selector is None:
        return part
    rest = tuple(sorted((m.name, m.op, m.value if m.op != "=" or not m.value else "") for m in part.selector.matchers))
    return part.role, part.function, part.selector.metric, rest


def _varying(selectors: list[Selector]) -> tuple[str, ...]:
    seen: dict[str, set[str]] = defaultdict(set)
    for selector in selectors:
        for matcher in selector.matchers:
            if matcher.op == "=" and matcher.value:
                seen[matcher.name].add(matcher.value)
    return tuple(sorted(name for name, values in seen.items() if len(values) > 1))


def _without(part: Part, by: tuple[str, ...]) -> Part:
    if part.selector is None:
        return part
    kept = tuple(m for m in part.selector.matchers if not (m.op == "=" and m.name in by))
    return Part(part.role, part.function, Selector(part.selector.metric, kept))


def _values(selector: Selector | None, by: tuple[str, ...]) -> Values:
    if selector is None:
        return ()
    have = {matcher.name: matcher.value for matcher in selector.matchers if matcher.op == "="}
    return tuple(have.get(label, "") for label in by)


def _glob(glob: str) -> str:
    return "".join({"*": ".*", "?": "."}.get(char, re2_escape(char)) for char in glob)
