"""One alert, one silence in full: nothing is cut, everything is said."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from sreconsole.domain.alert import Alert
from sreconsole.domain.change import StatusChange
from sreconsole.domain.selector import Matcher
from sreconsole.domain.silence import Silence
from sreconsole.domain.slo import SloKey
from sreconsole.domain.snapshot import ServiceState, Snapshot, SourceState
from sreconsole.domain.status import Status
from sreconsole.present.alert_detail import alert_detail, silence_detail, silence_summary, summary
from sreconsole.present.alert_words import References
from sreconsole.present.cells import plain
from sreconsole.present.marks import ASCII, UNICODE, Glyphs
from sreconsole.present.slo_around import alert_lines, change_lines
from sreconsole.present.slo_detail import Known, detail
from tests.present.reports import NOW, gallery, texts
from tests.present.test_alert_table import BURN, HELD, KNOWN, SLOW

BERLIN = ZoneInfo("Europe/Berlin")
LONG = "https://runbooks.example/" + "/".join(f"chapter-{number}" for number in range(40))


def said(alert: Alert, cells: int = 80, glyphs: Glyphs = UNICODE) -> str:
    lines = alert_detail(alert, KNOWN, cells, NOW, BERLIN, glyphs)
    return "\n".join(plain(line).rstrip() for line in lines)


def test_a_silenced_alert_says_all_of_its_silence() -> None:
    text = said(SLOW)
    assert text.splitlines()[:3] == [
        "⊘ mute SearchSlow  search",
        "page, silenced, active for 2h, since 2025-11-24 01:12 CET",
        "p99 is 4 s",
    ]
    for fact in (
        "by ana, until 05:00 (1h)",
        "why        reindexing",
        "from       2025-11-24 03:11 CET",
        "until      2025-11-24 05:00 CET",
        'matches    service="search"',
        "mutes now  1",
        "id         5e1f-1",
    ):
        assert fact in text


def test_a_silence_that_is_not_known_is_named() -> None:
    assert "silence other, of which nothing is known here" in said(replace(SLOW, silenced_by=("other",)))


def test_inhibitors_and_intervals_are_named() -> None:
    text = said(replace(SLOW, state="inhibited", silenced_by=(), inhibited_by=("f2",), muted_by=("nights",)))
    assert "Inhibited by\n  CheckoutBurn" in text
    assert "Muted by time interval\n  nights" in text
    assert "Silenced" not in text


@pytest.mark.parametrize("cells", [40, 60, 80, 200])
def test_links_are_wrapped_and_never_cut(cells: int) -> None:
    text = said(replace(BURN, runbook=LONG, dashboard=LONG + "d", generator=LONG + "g"), cells)
    joined = "".join(line.strip() for line in text.splitlines())
    for name, link in (("runbook", LONG), ("dashboard", LONG + "d"), ("raised by", LONG + "g")):
        assert f"{name}{link}" in joined.replace(f"{name} ", name).replace(" ", "").replace("raisedby", "raised by")
    assert "…" not in text


def test_a_link_stands_once() -> None:
    notes = {"runbook_url": "https://r.example/x", "runbook": "https://other.example", "summary": "s"}
    text = said(replace(BURN, runbook="https://r.example/x", annotations=notes))
    assert text.count("https://r.example/x") == 1
    assert "runbook    https://r.example/x" in text
    assert "https://other.example" in text
    assert "runbook_url" not in text


def test_labels_annotations_groups_and_receivers() -> None:
    text = said(
        replace(
            BURN,
            labels={"alertname": "CheckoutBurn", "a-label-with-quite-a-long-name": "x"},
            groups=({"alertname": "CheckoutBurn", "dc": "eu1"}, {}),
            receivers=("pager", "chat"),
        )
    )
    assert "  alertname                CheckoutBurn" in text
    assert "  a-label-with-quite-a-long-name\n" in text
    assert 'group      alertname="CheckoutBurn", dc="eu1"' in text
    assert "group      all alerts of the route" in text
    assert "receivers  pager, chat" in text
    assert "source     am\n  id         f1" in text


def test_short_names_of_labels_leave_room_for_values() -> None:
    assert "  alertname  SearchSlow" in said(SLOW)


def test_an_alert_without_name_service_or_start() -> None:
    text = said(replace(BURN, name="", service=None, since=None, annotations={}))
    assert text.splitlines()[:2] == [
        "✗ PAGE (no name)  of no service here",
        "page, firing, it is not said since when",
    ]


def test_a_silence_names_what_it_mutes() -> None:
    lines = silence_detail(HELD, [SLOW], 80, NOW, BERLIN, UNICODE)
    text = "\n".join(plain(line).rstrip() for line in lines)
    assert text.startswith("⊘ silence of ana  active, until 05:00 (1h)")
    assert "Mutes now\n  ⊘ mute SearchSlow 2h" in text
    idle = silence_detail(replace(HELD, mutes_now=0), [], 80, NOW, BERLIN, UNICODE)
    assert "It mutes nothing now." in "".join(plain(line) for line in idle)
    many = silence_detail(HELD, [SLOW] * 70, 80, NOW, BERLIN, UNICODE)
    assert plain(many[-1]).strip() == "and 20 more"


def test_one_line_to_paste() -> None:
    assert summary(replace(SLOW, runbook="https://r"), KNOWN, NOW, BERLIN) == (
        "mute SearchSlow (search): silenced, active for 2h, since 2025-11-24 01:12 CET; ana until 05:00: reindexing; "
        "p99 is 4 s; runbook https://r"
    )
    assert silence_summary(HELD, NOW, BERLIN) == (
        'silence 5e1f-1 of ana on am: until 05:00 (1h); mutes 1; reindexing; service="search"'
    )


AM = SourceState("am", "alertmanager", "live", NOW)


def around(**changes: object) -> Snapshot:
    base = Snapshot(NOW, alerts=(BURN, SLOW), silences=(HELD,), alert_sources=(AM,))
    from dataclasses import replace as change

    return change(base, **changes)  # type: ignore[arg-type]


def test_the_alerts_of_a_service_stand_beside_its_slos() -> None:
    lines = [plain(line) for line in alert_lines(around(), "search", NOW, BERLIN, UNICODE)]
    assert lines == ["⊘ mute alert SearchSlow 2h  ana until 05:00: reindexing"]
    assert alert_lines(around(), "payments", NOW, BERLIN, UNICODE) == []
    failed = around(alert_sources=(replace(AM, state="down", error="connection refused"),))
    (line,) = alert_lines(failed, "payments", NOW, BERLIN, UNICODE)
    assert plain(line) == "alerts: not known, am: connection refused"


def test_many_alerts_of_a_service_are_counted() -> None:
    many = around(alerts=tuple(replace(BURN, fingerprint=str(number)) for number in range(9)))
    lines = [plain(line) for line in alert_lines(many, "checkout", NOW, BERLIN, UNICODE)]
    assert len(lines) == 6
    assert lines[-1] == "and 4 more alerts of checkout"


def test_changes_of_status_stand_in_the_detail() -> None:
    report = gallery()[0]
    key = report.key
    changes = (
        StatusChange(key, Status.OK, Status.PAGE, NOW - 600, "14.9x over 1h"),
        StatusChange(SloKey("other", "slo"), Status.OK, Status.WARN, NOW - 700, ""),
        StatusChange(key, None, Status.OK, NOW - 90_000, ""),
    )
    lines = [plain(line) for line in change_lines(changes, key, NOW, BERLIN)]
    assert lines == ["  03:02 ok -> PAGE  14.9x over 1h", "  11-23 02:12 new -> ok"]
    service = ServiceState(key.service, Status.PAGE, (report,), reason="alert CheckoutBurn fires")
    known = Known(service, around(changes=changes))
    text = [plain(line).strip() for line in detail(report, known, 80, NOW, BERLIN, UNICODE)]
    assert "Changes of status" in text
    assert "the service is PAGE: alert CheckoutBurn fires" in text


@given(texts, st.integers(0, 200), st.sampled_from((UNICODE, ASCII)))
def test_any_text_fills_exactly_the_width(text: str, cells: int, glyphs: Glyphs) -> None:
    labels = {text: text, "b": text}
    bad = Alert(
        text, "silenced", "page", text, text, labels, labels, labels, NOW, text, (text,), (text,), (text,), (text,),
        (labels,), text, text, text,
    )  # fmt: skip
    held = Silence(text, text, "active", (Matcher(text, "!~", text),), text, text, NOW, NOW + 9, None)
    known = References((bad,), (held,))
    lines = alert_detail(bad, known, cells, NOW, BERLIN, glyphs)
    lines += silence_detail(held, [bad], cells, NOW, BERLIN, glyphs)
    assert {cell_len(plain(line)) for line in lines} == {cells}
