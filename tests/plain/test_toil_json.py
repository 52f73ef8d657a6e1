"""Toil in JSON and in text: the contract's keys, every null with its reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from sreconsole.domain.reading import Figure
from sreconsole.domain.snapshot import Snapshot
from sreconsole.domain.toil import Counter, Incident, Minutes, Offender, Shift, ToilReport
from sreconsole.plain.status_json import document, render
from sreconsole.present.marks import UNICODE
from sreconsole.present.status_text import table
from sreconsole.records import replace

NOW = 1_795_403_564.0
SHIFT = Shift(1_795_377_600.0, 1_795_420_800.0, "20:00-08:00")
REPORT = ToilReport(
    SHIFT,
    Figure.known(3),
    2,
    (Incident(NOW - 60, None, ("Burn", "Slow"), ("checkout",), 4), Incident(NOW - 900, NOW - 600, ("Short",))),
    tuple(Minutes(NOW - place * 604_800, Figure.known(120), Figure.known(90), Figure.known(3)) for place in range(8)),
    4800.0,
    (
        Counter("tickets", Figure.known(7), "tickets", Figure.known(140), 10),
        Counter("restarts", Figure.missing("no data"), minutes=Figure.missing("no data")),
    ),
    (Offender("Burn", "checkout", 5, 150.0, flapping=True), Offender("Short", None, 3, 90.0)),
    remarks=("1 bad line in toil.jsonl, the first: line 2: no",),
)


def test_the_contract() -> None:
    made = document(Snapshot(NOW, toil=REPORT))
    toil = made["toil"]
    assert toil["pages"]["shift"] == 3
    assert toil["pages"]["budget"] == 2
    assert (toil["minutes"]["week"], toil["minutes"]["cap"]) == (210, 4800)
    assert (toil["minutes"]["measured"], toil["minutes"]["assumed"]) == (120, 90)
    assert toil["counters"][0] == {"title": "tickets", "value": 7, "unit": "tickets", "minutes": 140, "budget": 10}
    assert toil["shift"] == {"label": "20:00-08:00", "start": "2026-11-22T20:00:00Z", "end": "2026-11-23T08:00:00Z"}
    assert toil["incidents"][0]["end"] is None
    assert toil["incidents"][0]["services"] == ["checkout"]
    assert len(toil["weeks"]) == 8
    assert toil["offenders"][0] == {
        "alert": "Burn", "service": "checkout", "incidents": 5, "minutes": 150, "flapping": True,
    }  # fmt: skip
    assert json.loads(render(Snapshot(NOW, toil=REPORT)))["toil"] == toil


def nulls(value: Any, path: str) -> Iterator[str]:
    if value is None:
        yield path
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from nulls(each, f"{path}.{key}")
    elif isinstance(value, list):
        for place, each in enumerate(value):
            yield from nulls(each, f"{path}.{place}")


_figures = st.one_of(
    st.just(Figure.missing("why")),
    st.floats(allow_nan=False, min_value=-1e12, max_value=1e12).map(Figure.known),
    st.just(Figure.known(float("inf"))),
)


@given(_figures, _figures, _figures, _figures, st.booleans())
def test_every_null_has_its_reason(pages: Figure, one: Figure, two: Figure, counted: Figure, told: bool) -> None:
    report = replace(
        REPORT,
        shift=SHIFT if told else None,
        pages=pages,
        pages_budget=2 if told else None,
        cap=4800.0 if told else None,
        weeks=(Minutes(NOW, one, two, pages),) if told else (),
        counters=(Counter("tickets", counted, minutes=two),),
        incidents=(),
        offenders=(),
    )
    made = document(Snapshot(NOW, toil=report))
    assert set(nulls(made["toil"], "toil")) == {path for path in made["missing"] if path.startswith("toil.")}


def test_a_few_lines_of_text() -> None:
    lines = table(Snapshot(NOW, toil=REPORT), ZoneInfo("UTC"), UNICODE)
    said = lines[lines.index("") + 1 :]
    assert said == [
        "pages this shift, silenced ones included: 3 (budget 2); toil this week: 210 of 4800 min",
        "toil: tickets 7 (budget 10), 140 min",
        "toil: restarts unknown: no data",
        "again and again: Burn of checkout: 5 in 7d, 150 min, flapping",
        "again and again: Short: 3 in 7d, 90 min",
        "toil: 1 bad line in toil.jsonl, the first: line 2: no",
    ]


def test_a_config_that_counts_nothing_says_nothing() -> None:
    assert not any("toil" in line for line in table(Snapshot(NOW), ZoneInfo("UTC"), UNICODE))
