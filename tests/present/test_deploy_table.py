"""What is said of deploys: words, times, columns, one in full; always exactly as wide as asked, whatever comes in."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sreconsole.domain.deploy import Deploy
from sreconsole.present import deploy_table, deploy_words
from sreconsole.present.cells import plain, width
from sreconsole.present.deploy_detail import deploy_detail, summary
from sreconsole.present.deploy_table import Needs, layout, row
from sreconsole.present.marks import ASCII, UNICODE, Glyphs
from tests.present.reports import HOSTILE

UTC = ZoneInfo("UTC")
NOW = 1_795_403_564.0  # Monday 2026-11-23 03:12:44 UTC
texts = st.one_of(st.text(max_size=60), st.sampled_from(HOSTILE))
moments = st.one_of(st.none(), st.floats(allow_nan=False), st.floats(NOW - 10**7, NOW + 10**4))
deploys = st.builds(
    Deploy,
    id=texts,
    service=texts,
    version=texts,
    environment=texts,
    is_prod=st.booleans(),
    owned=st.booleans(),
    status=st.sampled_from(("queued", "running", "succeeded", "failed", "cancelled", "unknown")),
    kind=st.sampled_from(("deploy", "redeploy", "rollback", "canary", "config", "restart", "unknown")),
    created_at=moments,
    started_at=moments,
    finished_at=moments,
    actor=st.one_of(st.none(), texts),
    url=st.one_of(st.none(), texts),
    message=texts,
    attempt=st.integers(1, 99),
    confidence=st.sampled_from(("exact", "inferred", "manual")),
    margin=st.floats(0, 100),
    sources=st.lists(texts, max_size=2).map(tuple),
    remarks=st.lists(texts, max_size=2).map(tuple),
)


def deploy(**changes: object) -> Deploy:
    made = Deploy("ci:1", "checkout", "v42", started_at=NOW - 900, finished_at=NOW - 660, actor="ana", sources=("ci",))
    return replace(made, **changes)  # type: ignore[arg-type]


def drawn(*shown: Deploy, cells: int = 39, ascii: bool = False) -> list[str]:
    needs = Needs()
    needs.add(shown)
    chosen = layout(cells, needs)
    glyphs = ASCII if ascii else UNICODE
    return [plain(row(one, NOW, UTC, chosen, glyphs)).rstrip() for one in shown]


def test_39_cells_say_when_what_and_how_it_goes() -> None:
    running = deploy(status="running", started_at=NOW - 190, finished_at=None)
    assert drawn(running, deploy(kind="rollback", version="v41")) == [
        "▸ 03:09 checkout v42 running     3m ana",
        "▾ 03:01 checkout v41 rollback    4m ana",
    ]
    assert drawn(deploy(status="failed"), ascii=True) == ["X 03:01 checkout v42 failed      4m ana"]


def test_room_is_spent_on_who_then_on_what_it_was_for() -> None:
    one = deploy(message="smaller images", attempt=2, kind="redeploy", remarks=("finished before it started",))
    (line,) = drawn(one, cells=120)
    said = "▴ 03:01 checkout v42 redeploy 4m ana finished before it started; attempt 2; smaller images"
    assert " ".join(line.split()) == said


def test_names_are_not_cut_for_versions_that_need_no_more_room() -> None:
    """One long version somewhere in the list must not take what the names of services need."""
    long = deploy(service="recommendations", version="2026.11.20-rc1+build.7")
    (_, line, other) = drawn(long, deploy(service="recommendations", started_at=None), deploy(), cells=59)
    assert "recommendations v42  " in line
    assert line.endswith("- ana")
    assert other.startswith("▴ 03:01")
    (_, staging) = drawn(long, deploy(service="recommendations", environment="staging", is_prod=False), cells=59)
    assert "recommendations" in staging


def test_what_is_not_production_says_where() -> None:
    (prod, other) = drawn(deploy(environment="prod"), deploy(environment="staging", is_prod=False), cells=60)
    assert "prod" not in prod
    assert "staging" in other


@pytest.mark.parametrize(
    ("ago", "cells", "said"),
    [
        (660, 5, "03:01"),
        (3.5 * 3_600, 5, "23:42"),  # past midnight, but fresh
        (20 * 3_600, 5, "Sun"),
        (20 * 3_600, 9, "Sun 07:12"),
        (8 * 86_400, 5, "11-15"),
        (8 * 86_400, 11, "11-15 03:12"),
        (400 * 86_400, 11, "2025-10-19"),
        (400 * 86_400, 5, "2025"),
    ],
)
def test_when_is_as_short_as_it_is_clear(ago: float, cells: int, said: str) -> None:
    assert deploy_words.when(deploy(finished_at=NOW - ago), NOW, UTC, cells) == said
    assert deploy_words.when(deploy(finished_at=NOW - ago, margin=30.0), NOW, UTC, cells + 1) == f"~{said}"


def test_what_is_not_known_is_no_zero() -> None:
    nothing = deploy(started_at=None, finished_at=None)
    assert deploy_words.when(nothing, NOW, UTC, 5) == "-"
    assert deploy_words.took(nothing, NOW) == "-"
    assert "not known" in "\n".join(map(plain, deploy_detail(nothing, 60, NOW, UTC, UNICODE)))


@pytest.mark.parametrize(
    ("changes", "sign", "word"),
    [
        ({}, "succeeded", "succeeded"),
        ({"confidence": "inferred"}, "inferred", "succeeded"),
        ({"kind": "rollback"}, "rollback", "rollback"),
        ({"kind": "rollback", "status": "running"}, "running", "running"),
        ({"kind": "rollback", "status": "failed"}, "failed", "failed"),
        ({"status": "cancelled"}, "failed", "cancelled"),
        ({"status": "queued"}, "running", "queued"),
        ({"kind": "restart", "confidence": "inferred"}, "restart", "restart"),
        ({"kind": "canary"}, "succeeded", "canary"),
        ({"status": "unknown"}, "succeeded", "unknown"),
    ],
)
def test_signs_and_words(changes: dict[str, object], sign: str, word: str) -> None:
    assert deploy_words.sign(deploy(**changes)) == sign
    assert deploy_words.word(deploy(**changes)) == word


def test_only_changes_of_production_count() -> None:
    assert deploy_words.counted(deploy())
    assert deploy_words.counted(deploy(kind="rollback"))
    for changes in ({"status": "failed"}, {"kind": "redeploy"}, {"kind": "restart"}, {"is_prod": False}):
        assert not deploy_words.counted(deploy(**changes)), changes


def test_the_tally_says_what_is_not_known() -> None:
    assert deploy_words.tally(2, 14, True) == ("2 running · 14 in 7d", "2 running")
    assert deploy_words.tally(0, 0, True) == ("0 in 7d", "0 in 7d")
    assert deploy_words.tally(0, 0, False) == ("unknown", "unknown")
    assert deploy_words.tally(0, 3, False) == ("3 in 7d · the rest unknown", "3 in 7d")


def test_in_full_the_link_is_never_cut() -> None:
    link = "https://ci.example/" + "long-" * 30 + "end"
    text = "".join(plain(line).strip() for line in deploy_detail(deploy(url=link), 50, NOW, UTC, UNICODE))
    assert link in text.replace("link", "", 1)
    assert summary(deploy(url=link, environment="prod"), NOW, UTC) == (
        f"deploy of checkout v42 (prod) by ana: succeeded 11m ago, 2026-11-23 03:01 UTC, took 4m; {link}"
    )


@given(st.lists(deploys, min_size=1, max_size=4), st.integers(0, 200), st.booleans(), st.sampled_from((UNICODE, ASCII)))
def test_every_row_is_exactly_as_wide_as_asked(shown: list[Deploy], cells: int, stale: bool, glyphs: Glyphs) -> None:
    needs = Needs()
    needs.add(shown)
    chosen = layout(cells, needs, 2)
    for one in shown:
        spans = row(one, NOW, UTC, chosen, glyphs, stale)
        assert width(plain(spans)) == cells
        for line in deploy_detail(one, cells, NOW, UTC, glyphs):
            assert width(plain(line)) == cells
        summary(one, NOW, UTC)


@given(st.lists(deploys, min_size=1, max_size=4), st.integers(30, 200))
def test_status_and_eight_cells_of_the_service_are_never_cut(shown: list[Deploy], cells: int) -> None:
    needs = Needs()
    needs.add(shown)
    chosen = layout(cells, needs)
    assert chosen.cells("word") == 9
    assert chosen.cells("service") >= min(8, needs.caps["service"])
    assert deploy_table.ORDERS[0] == "newest"
