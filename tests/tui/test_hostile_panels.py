"""Text of deploys and toil reaches panels, ticks, full views and the clipboard harmlessly, and shifts no column."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest
from rich.cells import cell_len

from sreconsole.domain.deploy import Deploy, DeployKind, DeployStatus
from sreconsole.domain.reading import Figure
from sreconsole.domain.snapshot import Snapshot, SourceState
from sreconsole.domain.toil import Counter, Incident, Minutes, Offender, Shift, ToilReport
from sreconsole.records import replace
from tests.hostile.corpus import TEXTS
from tests.tui import busy, scripted
from tests.tui.driving import driven
from tests.tui.scripted import NOW
from tests.tui.test_hostile import harmless

WALK: tuple[tuple[str, ...], ...] = (
    (), ("3",), ("3",), ("enter",), ("G", "y"), ("n",), ("q",), ("slash", "x", "enter"), ("escape", "escape"),
    ("4",), ("4",), ("G",), ("enter",), ("G", "y"), ("q",), ("escape", "escape", "1"), ("enter",), ("G",), ("q", "S"),
    ("G",), ("q",), ("3", "e"), ("q",),
)  # fmt: skip


def deploys(text: str) -> tuple[Deploy, ...]:
    """Of every status, every field of each the same text; the last one is harmless."""
    made = Deploy(
        text, text, text, environment=text, raw_status=text, started_at=NOW - 800, finished_at=NOW - 700, sha=text,
        prev_sha=text, prev_version=text, actor=text, url=text, message=text, commit_at=NOW - 900, sources=(text, text),
        remarks=(text, text),
    )  # fmt: skip
    kinds: tuple[tuple[DeployStatus, DeployKind], ...] = (
        ("succeeded", "deploy"), ("failed", "rollback"), ("unknown", "canary"), ("running", "config"),
    )  # fmt: skip
    return (
        *(replace(made, id=f"{n}{text}", status=status, kind=kind) for n, (status, kind) in enumerate(kinds)),
        replace(made, id="plain", service="plain", version="v1"),
    )


def toil(text: str) -> ToilReport:
    """Every text of it the same, what is not known included."""
    return ToilReport(
        Shift(NOW - 9_000, NOW + 9_000, text),
        Figure(3.0, text),
        2,
        (Incident(NOW - 720, None, (text, text), (text, text), 2), Incident(NOW - 9_000, NOW - 8_000, (text,))),
        tuple(Minutes(NOW - n * 604_800, Figure(9.0), Figure.missing(text), Figure.missing(text)) for n in range(8)),
        4_800.0,
        (Counter(text, Figure(7.0), text, Figure(140.0), 10.0), Counter(text, Figure.missing(text), text)),
        (Offender(text, text, 5, 150.0, True), Offender(text, None, 3, 90.0)),
        remarks=(text, text),
    )


def estate(text: str) -> Snapshot:
    """A snapshot of it; the deploys are those of the service on the first row."""
    return mixed([text], text)


def mixed(texts: Sequence[str], first: str = "plain") -> Snapshot:
    """A snapshot of several texts, a handful of deploys and lines of toil each; `first` is on every row of its own."""
    report = scripted.report(first, "availability", 20.0)
    state = SourceState(first, "file", "partial", NOW - 5, first, f"{first}\n{first}", notes=(first,), where=first)
    ours = replace(state, state="live", last_error=first, last_error_at=NOW - 60)
    told = [toil(text) for text in texts]
    whole = replace(
        told[0],
        incidents=tuple(each for one in told for each in one.incidents),
        counters=tuple(each for one in told for each in one.counters),
        offenders=tuple(each for one in told for each in one.offenders),
        remarks=tuple(texts),
    )
    return busy.snapshot(
        [report], deploys=tuple(each for text in texts for each in deploys(text)), deploy_sources=(state, ours),
        toil=whole, toil_sources=(ours, state), missing={"toil": first, "deploys": first},
    )  # fmt: skip


async def walk(shown: Snapshot, size: tuple[int, int], steps: Iterable[tuple[str, ...]] = WALK) -> None:
    """Every view of panels 3 and 4, the screen whole at each step."""
    config = busy.config([slo for service in shown.services for slo in service.slos])
    async with driven(live=scripted.ScriptedLive(shown), config=config, size=size) as on:
        for keys in steps:
            await on.press(*keys)
            harmless(on, size[0])
        assert on.app.is_running


@pytest.mark.parametrize("size", [(80, 24), (132, 40)])
@pytest.mark.prove
@pytest.mark.parametrize("kind", TEXTS)
async def test_in_every_field_of_deploys_and_toil(kind: str, size: tuple[int, int]) -> None:
    """As it is on the wire: the edge cleans, but the screen must not depend on it."""
    await walk(estate(TEXTS[kind]), size)


async def test_every_text_on_one_screen() -> None:
    """Every view, then every deploy of the list in full, one after the other."""
    texts = list(TEXTS.values())
    await walk(mixed(texts), (132, 40), (*WALK, ("1", "3", "g", "enter"), *[("n",)] * len(texts) * 3, ("y",)))


async def test_columns_of_deploys_stay_where_they_are() -> None:
    texts = list(TEXTS.values())
    size = (132, 5 * len(texts) + 4)
    async with driven(live=scripted.ScriptedLive(mixed(texts)), config=busy.config(), size=size) as on:
        await on.press("3", "3")
        rows = [strip.text for strip in on.app.screen._compositor.render_strips()]
        words = [(row, word) for row in rows for word in ("succeeded", "failed") if f" {word} " in row]
        assert len(words) >= 2 * len(texts), on.text
        assert len({cell_len(row.partition(f" {word} ")[0]) for row, word in words}) == 1, on.text


async def test_the_screen_goes_on_from_one_to_the_next() -> None:
    async with driven(live=scripted.ScriptedLive(estate("plain")), config=busy.config()) as on:
        for text in TEXTS.values():
            await on.push(replace(estate(text), at=NOW + 1))
            harmless(on, 80)
