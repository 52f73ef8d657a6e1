"""Pages merged into incidents, held against the definition; repeat offenders."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from sreconsole.domain.incident import begun, groups, incidents
from sreconsole.domain.offender import flapping, offenders
from sreconsole.domain.spell import Edge, Spell, spans

HOUR, DAY = 3600.0, 86_400.0


def page(start: float, end: float | None, alert: str = "Burn", key: str = "", service: str | None = "shop") -> Spell:
    return Spell(key or alert, alert, start, end, service=service)


def together(one: Spell, other: Spell, merge: float) -> bool:
    """The definition, for two pages."""
    first, second = (one, other) if one.start <= other.start else (other, one)
    if second.start - first.start <= merge:
        return True
    return first.key == second.key and (first.end is None or second.start - first.end <= merge)


_pages = st.lists(
    st.builds(
        lambda start, length, key: page(start, None if length is None else start + length, f"A{key}"),
        st.integers(0, 60).map(float),
        st.one_of(st.none(), st.integers(0, 20).map(float), st.integers(0, 3).map(float)),
        st.integers(0, 3),
    ),
    max_size=14,
)


@settings(max_examples=300, deadline=None)
@given(_pages, st.integers(0, 6).map(float), st.randoms())
def test_incidents_are_what_hangs_together(pages: list[Spell], merge: float, chance: object) -> None:
    left, expected = list(enumerate(pages)), []
    while left:
        group = [left.pop()]
        for _, member in group:  # grows while it is walked through
            near = [item for item in left if together(item[1], member, merge)]
            left = [item for item in left if item not in near]
            group += near
        expected.append(sorted(number for number, _ in group))
    numbers = {id(spell): number for number, spell in enumerate(pages)}
    found = groups(pages, merge)
    assert sorted(sorted(numbers[id(spell)] for spell in group) for group in found) == sorted(expected)
    assert found == groups(list(reversed(pages)), merge) or len({(s.start, s.key) for s in pages}) < len(pages)


def test_a_storm_is_one_interruption_and_another_page_hours_later_is_a_second() -> None:
    storm = [page(1000.0 + 100 * n, 9000.0, f"A{n}", service=f"s{n % 2}") for n in range(5)]
    later = page(7000.0, None, "Other", service=None)
    newest, oldest = incidents([*storm, later], 300.0)
    assert (newest.start, newest.end, newest.alerts, newest.services, newest.pages) == (7000.0, None, ("Other",), (), 1)
    assert (oldest.start, oldest.end, oldest.pages) == (1000.0, 9000.0, 5)
    assert oldest.alerts == ("A0", "A1", "A2", "A3", "A4")
    assert oldest.services == ("s0", "s1")


def test_one_that_flaps_is_one_interruption_until_it_is_quiet_for_longer() -> None:
    flaps = [page(at, at + 60) for at in (0.0, 350.0, 700.0, 1061.0)]
    assert [len(group) for group in groups(flaps, 300.0)] == [3, 1]
    assert [len(group) for group in groups(flaps, 0.0)] == [1, 1, 1, 1]


def test_another_instance_is_another_interruption_while_the_first_still_fires() -> None:
    pages = [page(0.0, None, key="node 1"), page(3 * DAY, None, key="node 2")]
    assert len(groups(pages, 300.0)) == 2


def test_a_shift_has_the_pages_that_began_in_it() -> None:
    pages = [page(10.0, 500.0), page(100.0, None), page(200.0, 300.0)]
    assert begun(pages, 100.0, 200.0) == [pages[1]]


def test_three_incidents_in_a_week_offend_and_cost_as_many_times() -> None:
    often = [page(at * HOUR, at * HOUR + 900) for at in (0, 30, 60)]
    rare = [page(at * HOUR, at * HOUR + 900, "Rare") for at in (5, 50)]
    beside = [page(60 * HOUR + 10, 61 * HOUR, "Beside")]
    found = offenders(groups([*often, *rare, *beside], 300.0), 30.0)
    assert [(each.alert, each.service, each.count, each.minutes, each.flapping) for each in found] == [
        ("Burn", "shop", 3, 90.0, False)
    ]


def test_flapping_is_four_in_a_day_or_half_of_them_short() -> None:
    long = [page(at * HOUR, at * HOUR + 900) for at in (0, 8, 16, 24)]
    assert flapping(long)
    assert not flapping([*long[:3], page(24 * HOUR + 1, 25 * HOUR)])
    assert not flapping([page(at, at + 900, key=f"node {at}") for at in (0.0, 1.0, 2.0, 3.0)])
    assert flapping([page(0.0, 60.0), page(5 * DAY, 5 * DAY + 200), page(6 * DAY, 7 * DAY)])
    assert not flapping([page(0.0, None)])


def test_the_same_since_is_the_same_spell_whatever_gaps_lie_in_it() -> None:
    edges = [
        Edge("a", 100.0, 180.0, begins=True),
        Edge("a", 100.0, 360.0, begins=False),
        Edge("a", 100.0, 600.0, begins=True),
        Edge("a", 100.0, 900.0, begins=False),
        Edge("a", 1000.0, 1020.0, begins=True),
        Edge("b", 50.0, 240.0, begins=False),
    ]
    assert spans(reversed(edges), 60.0) == {
        ("a", 100.0): (120.0, 840.0),
        ("a", 1000.0): (1000.0, None),
        ("b", 50.0): (50.0, 180.0),
    }


def test_a_spell_of_one_minute_ends_when_the_next_one_begins_in_it() -> None:
    edges = [
        Edge("a", 130.0, 180.0, begins=True),
        Edge("a", 130.0, 240.0, begins=False),
        Edge("a", 200.0, 240.0, begins=True),
    ]
    assert spans(edges, 60.0) == {("a", 130.0): (130.0, 180.0), ("a", 200.0): (200.0, None)}
