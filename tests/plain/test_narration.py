"""What `record` tells on stderr: changes of status, and never one that was none."""

from __future__ import annotations

from dataclasses import replace

from sreconsole.domain.status import Status
from sreconsole.engine.live import Change
from sreconsole.plain.narration import Narrator
from tests.tui import scripted


def told(*moments: tuple[Status, float | None]) -> list[str]:
    """The lines about an SLO that has these statuses one after the other, with so much of its history there."""
    lines: list[str] = []
    narrator = Narrator(lines.append)
    for status, progress in moments:
        source = replace(scripted.live("prom"), progress=progress)
        report = replace(scripted.report("checkout"), status=status, reasons=("why",))
        shown = scripted.snapshot([report], sources=[source])
        narrator.take(Change(shown, frozenset(), frozenset()))
    return [line.split(" ", 1)[1] for line in lines if "checkout" in line]


def test_a_change_names_the_status_before() -> None:
    assert told((Status.OK, None), (Status.PAGE, None), (Status.OK, None)) == [
        "checkout availability: page (was ok): why",
        "checkout availability: ok (was page): why",
    ]


def test_what_is_found_at_a_start_was_nothing_before() -> None:
    assert told((Status.UNKNOWN, None), (Status.OK, None)) == []
    assert told((Status.PAGE, None)) == ["checkout availability: page: why"]


def test_an_ok_while_history_is_missing_is_none_to_come_from() -> None:
    assert told((Status.OK, 0.1), (Status.PAGE, 0.4), (Status.WARN, 0.8)) == [
        "checkout availability: page: why",
        "checkout availability: warn (was page): why",
    ]
