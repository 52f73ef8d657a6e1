"""The bench measures what it says: fair values, a terminal that reads like a person's, targets that can be missed."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench import apart, data, deploys, keys, month, oneshot, peers, refresh, soak, start, watch
from bench.clock import clock as bench_clock
from bench.clock import faster
from bench.figures import Chapter, Figure, compared, page
from bench.floor import cells, floor
from bench.month import Month
from bench.rounds import ROWS, SHARE
from bench.stub import Answers
from bench.terminal import Screen, Terminal
from bench.values import Values
from bench.world import World, written
from docs.drawing import svg
from sreconsole.present.marks import UNICODE
from sreconsole.present.slo_table import layout, row, sort_key

BENCH = Path(__file__).parent.parent / "bench"
HELLO = (
    b"\x1b[?2026$p\x1b[>1u\x1bP>|x\x1b\\\x1b]2;title\x07\x1b[2J\x1b[2;3H\x1b[1;38;2;255;0;0mPAGE\x1b[0m "
    b"\xe2\x96\x87\xe2\x96\x81 \x1b[48;5;24m<&>\x1b[0m"
)


@pytest.mark.parametrize("name", ["minimal_app.py", "datatable_app.py"])
def test_a_baseline_is_at_most_forty_lines(name: str) -> None:
    assert len((BENCH / name).read_text(encoding="utf-8").splitlines()) <= 40


def test_a_step_changes_what_is_read_of_its_share_and_reorders_nothing() -> None:
    values = Values(ROWS)
    assert sorted(values.reports, key=sort_key) == values.reports
    plan = layout(120, values.reports)
    for _ in range(3):
        before = [row(report, plan, UNICODE) for report in values.reports]
        changed = {report.key for report in values.step(SHARE)}
        differing = {r.key for r, old in zip(values.reports, before, strict=True) if row(r, plan, UNICODE) != old}
        assert differing == changed
        assert len(changed) == ROWS * SHARE
        assert sorted(values.reports, key=sort_key) == values.reports


def test_both_sides_are_fed_the_same() -> None:
    one, other = Values(50), Values(50)
    for _ in range(5):
        assert one.step(SHARE) == other.step(SHARE)


def test_a_repeat_is_other_values_that_read_the_same() -> None:
    values = Values(50)
    plan, before = layout(120, values.reports), values.reports
    values.repeat()
    for old, new in zip(before, values.reports, strict=True):
        assert old != new
        assert row(old, plan, UNICODE) == row(new, plan, UNICODE)


def test_the_screen_is_the_same_however_the_bytes_arrive() -> None:
    for cut in range(len(HELLO) + 1):
        screen = Screen(20, 4)
        screen.feed(HELLO[:cut])
        screen.feed(HELLO[cut:])
        assert screen.text.splitlines()[1] == "  PAGE ▇▁ <&>", cut


def test_a_terminal_sees_what_a_program_writes_and_answers_it() -> None:
    asks = (
        "import sys, tty; tty.setraw(0); print('\\x1b[6n', end='', flush=True); print('got', repr(sys.stdin.read(6)))"
    )
    with Terminal([sys.executable, "-c", asks], columns=60, rows=5) as terminal:
        assert terminal.wait_for("got '\\x1b[1;1R'", 20)
        assert terminal.first("got") is not None
        assert terminal.first("nothing of the kind") is None
        terminal.read(20, until=lambda _: False)
        assert terminal.ended


def test_a_refresh_keeps_to_its_bytes() -> None:
    counted = refresh.counts(refresh.taken(("ours", "theirs"), [1]))
    assert len(counted) == 3
    assert all(figure.counted for figure in counted)
    assert all(figure.met for figure in counted), [figure.line() for figure in counted]


@pytest.mark.prove
def test_refreshes_are_measured_beside_each_other() -> None:
    figures = refresh.measure(1, 1).figures
    assert len(figures) == 7
    assert all(figure.met for figure in figures if figure.counted), [figure.line() for figure in figures]


def test_deploys_keep_to_their_bytes() -> None:
    assert asyncio.run(deploys.read(1, 400)).again == 0
    costs = deploys.refreshes(1, 1_000)
    more, few = costs["many", "deploy"][0], costs["few", "deploy"][0]
    assert costs["many", "same"][0].written == 0
    assert 0 < more.written <= 4 * more.least
    assert more.written <= 1.2 * few.written


def test_what_comes_before_the_screen_can_be_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "ROWS", 20)
    assert len(apart.measure(1).figures) == 4


def test_starts_and_one_shots_can_be_measured() -> None:
    assert [figure.value > 0 for figure in start.measure(1, 1, members=20).figures] == [True] * 8
    assert [figure.value > 0 for figure in oneshot.measure(1, 1).figures] == [True] * 6


def test_a_server_is_asked_little(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(month, "CACHE", tmp_path)
    monkeypatch.setattr(data, "REFRESHED", 2100.0)  # an hour closes in it
    figures = data.measure(1, Month(4, 1, 40)).figures
    counted = [figure for figure in figures if figure.counted and figure.target is not None]
    assert len(counted) >= 5
    assert all(figure.met for figure in counted), [figure.line() for figure in counted]


def test_keys_are_typed_and_their_answers_found(tmp_path: Path) -> None:
    with World(tmp_path, 40, "--every", "1", "--restless") as world:
        world.write(written(40, world.url, refresh="1s"))
        with Terminal(world.console(), env=world.env) as terminal:
            keyboard = keys.settled(terminal, 1.2)
            waits = keyboard.moves(20)
            assert len(waits) == 20
            assert all(wait > 0 for wait in waits)
            assert keyboard.press(b"?", lambda screen: "this list" in screen.text, 2.0) > 0
            with pytest.raises(RuntimeError, match="not answered"):
                keyboard.press(b"?", lambda screen: "nothing of the kind" in screen.text, 0.1)


def test_the_stub_gives_every_console_the_same_and_is_restless_when_asked() -> None:
    minutes = {
        "query": 'label_replace(sum by (service) (x), "sreconsole", "0.0", "", "")',
        "start": "600",
        "end": "720",
        "step": "60",
    }
    calm, restless = Answers(20, 60.0, restless=False), Answers(20, 60.0, restless=True)
    assert calm.to("/api/v1/query_range", minutes) == calm.to("/api/v1/query_range", minutes)
    one, other = (json.loads(restless.to("/api/v1/query_range", minutes))["data"]["result"] for _ in range(2))
    assert sum(a != b for a, b in zip(one, other, strict=True)) == 2
    assert len(one) == 20
    assert len(one[0]["values"]) == 3


def test_a_faster_clock_is_the_same_in_every_process() -> None:
    env = faster(3600.0)
    clock, again = bench_clock(env), bench_clock(env)
    assert again() - clock() < 3600
    assert bench_clock({}) is time.time


@pytest.mark.parametrize(
    ("before", "after", "least"),
    [
        (b"", b"", 0),
        (b"", b"\x1b[2;3Habc", len("\x1b[2;3Habc")),
        (b"\x1b[1mab", b"\x1b[1;1H\x1b[1maX", len("\x1b[1;2H\x1b[1mX")),
        (b"abcdef", b"\x1b[1;1HXbcdeY", len("\x1b[1;1HX\x1b[4CY")),
        (b"abcdef", b"\x1b[1;1HXbY", len("\x1b[1;1HXbY")),
        (b"", b"\x1b[38;2;255;0;0mx\x1b[38;2;0;255;0my", len("\x1b[1;1H\x1b[38;2;255;0;0mx\x1b[38;2;0;255;0my")),
    ],
)
def test_the_floor_is_what_changed_cells_need(before: bytes, after: bytes, least: int) -> None:
    screen = Screen(20, 4)
    screen.feed(before)
    was = cells(screen.cells)
    screen.feed(after)
    assert floor(was, cells(screen.cells)) == least


def test_a_soak_says_what_grows() -> None:
    steady = [(1.0, 60.0, 20.0, 100.0, 10.0)] * 20
    assert soak.report("calm", steady)[1] == []
    leak = [(1.0, 60.0 + number, 20.0 + number, 100.0, 10.0) for number in range(20)]
    text, grown = soak.report("leak", leak)
    assert [each.split(" from ")[0] for each in grown] == ["leak: memory", "leak: open files"]
    assert text.count("**grows**") == 2


def test_a_peer_that_cannot_be_had_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(peers, "_DEBIAN", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(peers.Unavailable):
        peers.Peer("none", "nothing", ("none",), packages=("none",)).fetched(tmp_path)
    with pytest.raises(peers.Unavailable, match="it ended"):
        watch.watch((sys.executable, "-c", "print('bye')"), dict(os.environ), 1.0)


def test_a_ratio_is_the_median_of_the_runs_and_says_how_far_they_were_apart() -> None:
    figure = compared("slow", [[1.0, 3.0, 2.0], [8.0], [3.0]], [[1.0], [2.0], [1.0]], 2.5)
    assert (figure.value, figure.spread, figure.met) == (3.0, (2.0, 4.0), False)
    assert "3.00x (2.00x to 4.00x)" in figure.line()


def test_a_missed_target_is_said() -> None:
    missed, met = Figure("slow", "30 ms", "10 ms", 3.0, 1.5), Figure("lean", "1 B", "9 B", 1 / 9, 1 / 8)
    assert (missed.met, met.met) == (False, True)
    text = page([Chapter("Start", "how", [missed, met])], "a machine", "today")
    assert "1 of 2 targets are met. Missed: slow." in text
    assert "| slow | 30 ms | 10 ms | 3.00x | at most 1.50x | **missed** |" in text
    assert "| lean | 1 B | 9 B | 1/9.0 | at most 1/8.0 | met |" in text


def test_a_picture_shows_the_screen_and_embeds_nothing() -> None:
    screen = Screen(20, 4)
    screen.feed(HELLO)
    picture = svg(screen)
    words = {
        node.text: node.attrib for node in ElementTree.fromstring(picture).iter() if node.text and node.text.strip()
    }
    assert words["PAGE"]["fill"] == "#ff0000"
    assert words["PAGE"]["font-weight"] == "bold"
    assert "<&>" in words
    assert "@font-face" not in picture
    assert "url(" not in picture
