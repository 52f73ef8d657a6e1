"""The bench measures what it says: fair values, a terminal that reads like a person's, targets that can be missed."""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench import apart, refresh, start
from bench.figures import Chapter, Figure, page
from bench.rounds import ROWS, SHARE
from bench.terminal import Screen, Terminal
from bench.values import Values
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


def test_every_chapter_can_be_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "ROWS", 20)
    figures = {figure.name: figure for part in (start, refresh, apart) for figure in part.measure(1).figures}
    assert len(figures) == 10
    assert figures["no visible change, bytes"].met
    assert figures["10 % of rows changed, bytes"].met


def test_a_missed_target_is_said() -> None:
    missed, met = Figure("slow", "30 ms", "10 ms", 3.0, 1.5), Figure("lean", "1 B", "9 B", 1 / 9, 1 / 8)
    assert (missed.met, met.met) == (False, True)
    text = page([Chapter("Start", "how", [missed, met])], "a machine", "today")
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
