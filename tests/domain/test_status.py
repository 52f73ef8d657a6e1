"""The order of the status words and the roll-up."""

from __future__ import annotations

from itertools import combinations_with_replacement

from sreconsole.domain.snapshot import ServiceState, Snapshot
from sreconsole.domain.status import Status, worst

ORDER = ["page", "warn", "unknown", "stale", "ok"]


def service(name: str, status: Status) -> ServiceState:
    return ServiceState(name, status, ())


def test_worst_first() -> None:
    assert [status.value for status in sorted(Status, key=lambda status: status.rank)] == ORDER


def test_the_roll_up_is_the_worst_never_a_mean() -> None:
    for mix in combinations_with_replacement(Status, 3):
        expected = next(word for word in ORDER if any(status.value == word for status in mix))
        assert worst(mix).value == expected
        assert worst(reversed(mix)).value == expected


def test_nothing_known_is_never_ok() -> None:
    assert worst([]) is Status.UNKNOWN
    assert Snapshot(at=0).status is Status.UNKNOWN


def test_one_paging_service_among_many_makes_the_whole_page() -> None:
    services = (*(service(f"s{n}", Status.OK) for n in range(50)), service("bad", Status.PAGE))
    assert Snapshot(at=0, services=services).status is Status.PAGE


def test_counts_name_every_status_and_count_slos_not_services() -> None:
    counts = Snapshot(at=0, services=(service("empty", Status.PAGE),)).counts()
    assert counts == dict.fromkeys(Status, 0)
