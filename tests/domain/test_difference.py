"""What differs from one snapshot to the next."""

from __future__ import annotations

from dataclasses import replace

from sreconsole.domain.difference import changed_in_place, changed_slos, changed_sources
from sreconsole.domain.slo import SloKey
from sreconsole.domain.snapshot import ServiceState, Snapshot, SourceState
from sreconsole.domain.status import Status
from tests.present.reports import report


def snapshot(*names: str) -> Snapshot:
    services = [ServiceState(name, Status.OK, (report(service=name), report(service=name, slo="b"))) for name in names]
    return Snapshot(0.0, tuple(services))


def with_other(before: Snapshot, name: str) -> Snapshot:
    """The same but for the second SLO of one service."""
    services = [
        replace(service, slos=(service.slos[0], replace(service.slos[1], reasons=("other",))))
        if service.name == name
        else service
        for service in before.services
    ]
    return replace(before, services=tuple(services))


def test_only_what_is_another_object_has_changed() -> None:
    before = snapshot("x", "y", "z")
    after = with_other(before, "y")
    found = changed_in_place(before.services, after.services)
    assert found is not None
    assert [each.reasons for each in found] == [("other",)]
    assert changed_slos(before, after) == {SloKey("y", "b")}
    assert changed_slos(before, replace(before, at=1.0)) == set()


def test_a_service_that_is_another_object_about_the_same_slos_changes_nothing() -> None:
    before = snapshot("x")
    rolled = replace(before, services=(replace(before.services[0], status=Status.PAGE, reason="alert A fires"),))
    assert changed_in_place(before.services, rolled.services) == []


def test_what_came_and_went_has_changed() -> None:
    before = snapshot("x", "y")
    came = replace(before, services=(*before.services, *snapshot("z").services))
    assert changed_in_place(before.services, came.services) is None
    assert (
        changed_slos(before, came)
        == changed_slos(came, before)
        == {("z", before.services[0].slos[0].key.slo), ("z", "b")}
    )


def test_the_same_slos_in_another_order_are_no_changes_in_place() -> None:
    before = snapshot("x", "y")
    turned = replace(before, services=before.services[::-1])
    assert changed_in_place(before.services, turned.services) is None
    assert changed_slos(before, turned) == set()


def test_sources_change_by_what_they_say() -> None:
    before = replace(
        snapshot(), sources=(SourceState("a", "prometheus", "live"), SourceState("b", "prometheus", "live"))
    )
    after = replace(before, sources=(SourceState("a", "prometheus", "live"), SourceState("b", "prometheus", "down")))
    assert changed_sources(before, after) == {"b"}
