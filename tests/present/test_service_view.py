"""What stands around a service and under its chart: marks, the reading of the cursor, what is known now, links."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from sreconsole.domain.burn import WindowPair
from sreconsole.domain.burndown import Loss, Outlook
from sreconsole.domain.change import StatusChange
from sreconsole.domain.counts import Counts, Past
from sreconsole.domain.deploy import Deploy
from sreconsole.domain.depth import Depth
from sreconsole.domain.reading import Figure
from sreconsole.domain.snapshot import ServiceState, Snapshot, SourceState
from sreconsole.domain.status import Status
from sreconsole.present.cells import Span, plain
from sreconsole.present.chart import Picture
from sreconsole.present.chart_reading import Steps, cursor_column, pointed, reading
from sreconsole.present.happenings import happenings, mark_lines
from sreconsole.present.marks import ASCII, UNICODE, Glyphs
from sreconsole.present.service_around import dependency_lines, deploy_lines, link_lines, links, now_line, silence_lines
from sreconsole.present.service_budget import ahead_lines, loss_lines
from sreconsole.present.slo_pairs import pair_table
from tests.present.reports import NOW, checkout, texts
from tests.present.test_cells import measured
from tests.tui import scripted

BERLIN = ZoneInfo("Europe/Berlin")
KEY = checkout().key
AT = scripted.NOW
PICTURE = Picture([], 6, 60, AT - 3_600, AT)


def around() -> Snapshot:
    """A deploy that hurt, its rollback that runs, a page, a silence of an hour, and a failed change of status."""
    deploys = (
        Deploy("ci:3", "checkout", "v41", status="running", kind="rollback", started_at=AT - 120, actor="ana"),
        Deploy("ci:2", "checkout", "v42", started_at=AT - 1_900, finished_at=AT - 1_800, url="https://ci.example/42"),
        Deploy("ci:1", "search", "v9", finished_at=AT - 600),
    )
    held = scripted.silence(starts_at=AT - 600, ends_at=AT + 3_000)
    held = replace(held, matchers=(replace(held.matchers[0], value="checkout"),))
    page = scripted.alert("CheckoutBurn", "checkout", generator="http://prom:9090/graph?g0.expr=burn")
    changes = (StatusChange(KEY, Status.OK, Status.PAGE, AT - 1_500, "14.9x over 1h"),)
    return Snapshot(
        AT, alerts=(page,), silences=(held,), alert_sources=(scripted.manager(),), changes=changes, deploys=deploys,
        deploy_sources=(SourceState("ci", "file", "live", AT),),
    )  # fmt: skip


MATCH = {"service": "checkout"}


def marked(glyphs: Glyphs = UNICODE) -> list[str]:
    found = happenings(around(), KEY, MATCH, AT, BERLIN, glyphs)
    return [plain(line) for line in mark_lines(found, PICTURE, 66, 9, glyphs)]


def test_marks_stand_under_their_moments() -> None:
    deploy, status, alerts, silent = marked()
    assert deploy.startswith("deploy")
    assert deploy[PICTURE.column(AT - 1_800) or 0] == "▴"
    assert deploy.endswith("─▸"), "what runs ends now"
    assert status.index("✗") == PICTURE.column(AT - 1_500)
    assert alerts.index("✗") == PICTURE.column(AT - 720)
    assert alerts.endswith("─")
    assert silent.index("⊘") == PICTURE.column(AT - 600)
    assert all(len(line) == 66 for line in marked())
    assert "".join(marked(ASCII)).isascii()
    assert "v9" not in "".join(plain(line) for line in deploy_lines(around(), "checkout", AT, BERLIN, UNICODE))


def test_what_lies_outside_the_picture_has_no_mark() -> None:
    found = happenings(around(), KEY, MATCH, AT, BERLIN, UNICODE)
    early = Picture([], 6, 60, AT - 90_000, AT - 80_000)
    assert mark_lines(found, early, 66, 9, UNICODE) == []
    assert mark_lines(found, Picture(["a list"]), 66, 9, UNICODE) == []


def test_little_room_has_all_marks_in_one_line() -> None:
    found = happenings(around(), KEY, MATCH, AT, BERLIN, UNICODE)
    first, rest = [plain(line) for line in mark_lines(found, PICTURE, 66, 2, UNICODE)]
    assert first == marked()[0]
    assert rest.startswith("events")
    assert rest.index("✗") == PICTURE.column(AT - 1_500)
    (all_,) = [plain(line) for line in mark_lines(found, PICTURE, 66, 1, UNICODE)]
    assert all_[PICTURE.column(AT - 1_800) or 0] == "▴"
    assert mark_lines(found, PICTURE, 66, 0, UNICODE) == []


def test_the_cursor_reads_values_and_what_happened_there() -> None:
    start = int(AT // 60 - 60) * 60
    bad = [0.0] * 30 + [15.0] * 30
    past = Past.of(Counts(start, 60, bad, [1_000.0] * 29 + [None] + [1_000.0] * 30))
    found = happenings(around(), KEY, MATCH, AT, BERLIN, UNICODE)
    steps = Steps.of(start, start + 3_600, 60, 60)
    at = None
    for _ in range(30):
        at = steps.moved(at, -1)
    assert at is not None
    said = plain(reading(steps.stretch(at), past, 0.001, found, AT, BERLIN))
    assert said == "03:42 to 03:43  15.0x  15 of 1,000 bad  ▴ 03:42 v42 succeeded"
    before = steps.moved(at, -1)
    assert before is not None
    assert "no data" in plain(reading(steps.stretch(before), past, 0.001, (), AT, BERLIN))
    assert "0.0x  0 of 1,000 bad" in plain(reading(steps.stretch(start + 60), past, 0.001, (), AT, BERLIN))
    newest = steps.moved(None, -1)
    assert newest is not None
    told = plain(reading(steps.stretch(newest), past, 0.001, found, AT, BERLIN))
    assert "v41 running by ana" in told
    assert "PAGE CheckoutBurn" in told
    assert "silence of ana" in told
    assert steps.moved(newest, 1) is None, "past the newest it is gone"
    assert steps.moved(None, 1) is None


@given(st.integers(1, 800), st.integers(1, 120), st.integers(60, 7_200))
def test_every_step_of_the_cursor_is_a_column_on(count: int, cells: int, bucket: int) -> None:
    end = AT + count * bucket
    picture, steps = Picture([], 6, cells, AT, end), Steps.of(AT, end, bucket, cells)
    assert steps.count <= cells
    at: float | None = None
    columns = []
    for _ in range(steps.count + 2):
        at = steps.moved(at, -1)
        assert at is not None
        column = cursor_column(picture, steps.stretch(at))
        assert column is not None
        columns.append(column)
    assert columns == sorted(columns, reverse=True)
    assert len(set(columns)) >= steps.count - 1, "the newest may hold less than the others"
    assert columns[-1] == columns[-2], "it stops at the oldest"


def test_the_cursor_is_drawn_over_a_column() -> None:
    line = [Span("ab", "dim"), Span("⠀c", "accent")]
    assert plain(pointed(line, 2, UNICODE)) == "ab│c"
    assert pointed(line, 3, UNICODE)[-1] == Span("c", "bold mark")
    assert pointed(line, 9, UNICODE) == line


def test_what_is_known_now_in_one_line() -> None:
    line = plain(now_line(around(), "checkout", MATCH, AT, UNICODE))
    assert line == "alert fires: CheckoutBurn 12m · 1 silence · v41 running"
    assert now_line(around(), "payments", {"service": "payments"}, AT, UNICODE) == []
    (line,) = [plain(one) for one in silence_lines(around(), "checkout", MATCH, AT, BERLIN, UNICODE)]
    assert "active by ana" in line
    assert "reindexing OPS-7" in line


def test_deploys_that_are_not_known_are_said() -> None:
    down = replace(around(), deploy_sources=(SourceState("ci", "file", "down", AT, "no such file"),))
    lines = [plain(line) for line in deploy_lines(down, "payments", AT, BERLIN, UNICODE)]
    assert lines == ["  deploys: not known, not every source of deploys answers"]


def test_links_are_whole_and_stand_once() -> None:
    runbook = "https://runbooks.example/" + "long/" * 40
    service = ServiceState("checkout", Status.PAGE, (), runbook=runbook)
    twice = replace(around(), alerts=(replace(around().alerts[0], runbook=runbook),))
    found = links(twice, service, "checkout")
    assert [link.name for link in found] == ["runbook", "raised by", "deploy v42"]
    written = "".join(plain(line)[17:].rstrip() for line in link_lines(found[:1], 80, UNICODE))
    assert written == runbook


def test_dependencies_have_their_status() -> None:
    ill = replace(checkout(), key=KEY._replace(service="payments"))
    shown = Snapshot(AT, services=(ServiceState("payments", Status.PAGE, (ill,)),))
    service = ServiceState("checkout", Status.OK, (), depends_on=("payments", "unheard"))
    lines = [plain(line) for line in dependency_lines(shown, service, UNICODE)]
    assert lines[0].startswith("  ✗ PAGE payments  availability: 14.9x over 1h")
    assert lines[1] == "  ? unheard  none of the config"


LOOK = Outlook(3_600, Figure.known(0.004), Figure.known(0.0207), Figure.known(0.2933))


def test_the_budget_ahead() -> None:
    told = Depth(until=NOW, ahead=(LOOK, replace(LOOK, ahead=86_400, back=Figure.missing("not measured then"))))
    assert [plain(line).rstrip() for line in ahead_lines(checkout(), told, 80, NOW, BERLIN, UNICODE)] == [
        "  in                1h      1d",
        "  comes back      0.4%       -",
        "  goes              2%      2%",
        "  left then        29%     29%",
        "  at the burn of the last hour, 14.9x; comes back: not measured then",
    ]
    month = replace(told, ideal=0.55, span=(NOW - 86_400, NOW + 86_400))
    lines = [plain(line).rstrip() for line in ahead_lines(checkout(), month, 100, NOW, BERLIN, UNICODE)]
    assert not any("comes back" in line for line in lines)
    assert "even spending would have left 55%; the 30d ends in 24h" in lines[-1]
    assert ahead_lines(checkout(), Depth(), 80, NOW, BERLIN, UNICODE) == []


def test_what_cost_most_and_when_it_is_gone() -> None:
    day = 86_400
    dear = Loss(NOW - 9 * day, NOW - 9 * day + 3_600, 0.28)
    told = Depth(until=NOW, losses=(dear, dear, dear, replace(dear, cost=0.01), replace(dear, cost=0.02)))
    lines = [plain(line).rstrip() for line in loss_lines(checkout(), told, 90, NOW, BERLIN, UNICODE)]
    assert lines[0] == "  11-15 03:12 to 11-15 04:12  28% of the budget, back in 21d (12-15 03:12)"
    assert lines[3:] == ["  2 more, together 3%"]


def test_pairs_say_what_comes_next_at_the_present_burn() -> None:
    report = checkout()
    first, second, third, _ = (pair.pair for pair in report.pairs)
    told = Depth(newest_burn=14.9, next={first: None, second: 720.0, third: None})
    lines = [plain(line).rstrip() for line in pair_table(report, 90, UNICODE, told)]
    assert "burns on" in lines[1]
    assert "fires in 12m" in lines[2]
    assert "fires" not in lines[3]
    assert "can never fire" in lines[4]
    assert lines[5] == "  next: if 14.9x of the last 5m goes on; if errors stop 1h/5m clears in 4m"
    clearing = replace(told, next={first: 90.0}, newest_burn=0.0)
    assert "clears in 90s" in plain(pair_table(report, 90, UNICODE, clearing)[1])


@given(texts, st.integers(-1, 120), st.sampled_from((UNICODE, ASCII)))
def test_hostile_texts_keep_their_cells(text: str, cells: int, glyphs: Glyphs) -> None:
    pair = WindowPair(3_600, 300, 14.4, "page")
    told = Depth(until=NOW, ahead=(LOOK,), losses=(Loss(NOW, NOW + 60, 0.1),), next={pair: 60.0})
    report = replace(checkout(), window_label=text)
    for line in (
        *ahead_lines(report, told, cells, NOW, BERLIN, glyphs),
        *loss_lines(report, told, cells, NOW, BERLIN, glyphs),
        *pair_table(report, cells, glyphs, told),
    ):
        assert measured(plain(line)) == {max(0, cells)}
