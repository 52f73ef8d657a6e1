"""Rows of alerts and silences: what they say, at which width, and that they are always exactly as wide as asked."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from sreconsole.domain.alert import Alert
from sreconsole.domain.selector import Matcher
from sreconsole.domain.silence import Silence
from sreconsole.present import alert_words
from sreconsole.present.alert_table import alert_row, layout, silence_row
from sreconsole.present.alert_words import References
from sreconsole.present.cells import plain
from sreconsole.present.marks import ASCII, UNICODE, Glyphs, alert_word
from tests.present.reports import NOW, texts

BERLIN = ZoneInfo("Europe/Berlin")
HELD = Silence(
    "5e1f-1", "am", "active", (Matcher("service", "=", "search"),), "ana", "reindexing", NOW - 60, NOW + 6_436, 1
)
SLOW = Alert(
    "SearchSlow",
    "silenced",
    "page",
    "am",
    "f1",
    {"alertname": "SearchSlow"},
    {"alertname": "SearchSlow"},
    {"summary": "p99 is 4 s"},
    NOW - 7_200,
    "search",
    ("5e1f-1",),
)
BURN = replace(SLOW, name="CheckoutBurn", state="firing", service="checkout", since=NOW - 720, receivers=("pager",))
KNOWN = References((SLOW, replace(BURN, fingerprint="f2")), (HELD,))


def drawn(alert: Alert, cells: int, sources: int = 1, glyphs: Glyphs = UNICODE) -> str:
    note = alert_words.note(alert, KNOWN, NOW, BERLIN)
    made = layout(cells, (SLOW, BURN), sources)
    return plain(alert_row(alert, note, alert_words.since(alert, NOW), made, glyphs))


def test_a_row_says_status_name_service_age_and_whom_it_notifies() -> None:
    assert drawn(BURN, 80).rstrip() == "✗ PAGE    CheckoutBurn checkout  12m pager  p99 is 4 s"


def test_alerts_of_one_name_that_say_nothing_are_told_apart_by_their_labels() -> None:
    labels = {"alertname": "CheckoutBurn", "instance": "node-1", "service": "checkout", "severity": "page"}
    assert drawn(replace(BURN, annotations={}, labels=labels), 80).rstrip().endswith("12m pager  instance=node-1")


def test_a_silenced_one_says_who_until_when_and_why() -> None:
    assert drawn(SLOW, 80).rstrip() == "⊘ mute    SearchSlow   search     2h ana until 05:00: reindexing  p99 is 4 s"


def test_narrow_screens_keep_status_name_and_age() -> None:
    assert drawn(SLOW, 40) == "⊘ mute    SearchSlow   search     2h    "[:40]
    assert drawn(SLOW, 26) == "mute    SearchSlow     2h "


def test_the_source_is_named_only_where_there_are_several() -> None:
    assert " am " not in drawn(SLOW, 80)
    assert " am " in drawn(SLOW, 80, sources=2)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"state": "firing"}, "PAGE"),
        ({"state": "firing", "severity": "warn"}, "warn"),
        ({"state": "firing", "severity": "other"}, "info"),
        ({"state": "silenced"}, "mute"),
        ({"state": "inhibited"}, "mute"),
        ({"state": "muted"}, "mute"),
        ({"state": "pending"}, "pend"),
    ],
)
def test_the_word_of_each_state(changes: dict[str, object], word: str) -> None:
    assert alert_word(replace(SLOW, **changes)) == word  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "ana until 05:00: reindexing"),
        ({"silenced_by": ("5e1f-1", "other")}, "ana until 05:00: reindexing (+1 more)"),
        ({"silenced_by": ("0123456789ab",)}, "by silence 01234567"),
        ({"silenced_by": ()}, "by a silence"),
        ({"state": "inhibited", "inhibited_by": ("f2",)}, "by CheckoutBurn"),
        ({"state": "inhibited", "inhibited_by": ("gone",)}, "by another alert"),
        ({"state": "inhibited", "inhibited_by": ("f2",), "source": "other"}, "by another alert"),
        ({"state": "muted", "muted_by": ("nights", "weekends")}, "by interval nights, weekends"),
        ({"state": "muted"}, "by a time interval"),
        ({"state": "pending"}, "not for long enough yet"),
        ({"state": "firing"}, ""),
    ],
)
def test_why_it_is_quiet(changes: dict[str, object], said: str) -> None:
    assert alert_words.why_quiet(replace(SLOW, **changes), KNOWN, NOW, BERLIN) == said  # type: ignore[arg-type]


def test_the_silence_that_ends_last_is_the_one_that_counts() -> None:
    late = replace(HELD, id="5e1f-2", created_by="ben", ends_at=NOW + 90_000)
    known = References((), (HELD, late))
    both = replace(SLOW, silenced_by=("5e1f-1", "5e1f-2"))
    assert alert_words.why_quiet(both, known, NOW, BERLIN).startswith("ben until 11-25 04:12: ")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, '⊘ silence ana          until 05:00 (1h)   mutes 1 reindexing  service="search"'),
        ({"mutes_now": None}, '⊘ silence ana          until 05:00 (1h)   mutes ? reindexing  service="search"'),
        (
            {"state": "pending", "starts_at": NOW + 3_600, "mutes_now": 0},
            '◦ silence ana          from 04:12 (in 1h) reindexing  service="search"',
        ),
        (
            {"state": "expired", "ends_at": NOW - 600},
            '⊘ silence ana          ended 10m ago      reindexing  service="search"',
        ),
    ],
)
def test_a_silence_says_who_until_when_how_many_and_why(changes: dict[str, object], said: str) -> None:
    silence = replace(HELD, **changes)  # type: ignore[arg-type]
    row = silence_row(silence, alert_words.when(silence, NOW, BERLIN), layout(90, (SLOW, BURN)), UNICODE)
    assert plain(row).rstrip() == said


def test_a_silence_that_mutes_nothing_is_marked() -> None:
    made = layout(90, ())
    for number, style in ((0, "warn"), (1, "dim"), (None, "dim")):
        idle = replace(HELD, mutes_now=number)
        row = silence_row(idle, "until 05:00 (1h)", made, UNICODE)
        assert next(span.style for span in row if "mutes" in span.text) == style


def test_old_rows_are_faint_but_a_page_stays_bold() -> None:
    row = alert_row(BURN, "pager", "12m", layout(80, (BURN,)), UNICODE, stale=True)
    styles = {span.text.strip(): span.style for span in row}
    assert styles["✗"] == "dim page"
    assert styles["PAGE"] == "bold page"


@pytest.mark.parametrize(
    ("states", "whole", "full", "short"),
    [
        ({"firing": 3, "silenced": 1}, True, "3 firing · 1 silenced", "3 firing · 1 mute"),
        ({"silenced": 1, "muted": 2, "pending": 1}, True, "1 silenced · 2 muted · 1 pending", "3 mute · 1 pending"),
        ({}, True, "no alerts", "no alerts"),
        ({}, False, "unknown", "unknown"),
        ({"firing": 3}, False, "3 firing · the rest unknown", "3 firing · the rest unknown"),
    ],
)
def test_no_alerts_is_said_only_when_it_is_known(states: dict[str, int], whole: bool, full: str, short: str) -> None:
    assert alert_words.tally(states, whole) == full  # type: ignore[arg-type]
    assert alert_words.tally(states, whole, short=True) == short  # type: ignore[arg-type]


@given(texts, st.integers(-1, 220), st.sampled_from((UNICODE, ASCII)), st.integers(1, 3), st.booleans())
def test_any_row_is_exactly_as_wide_as_the_layout(
    text: str, cells: int, glyphs: Glyphs, sources: int, stale: bool
) -> None:
    labels = {text: text}
    bad = Alert(
        text, "inhibited", "page", text, text, labels, labels, labels | {"summary": text}, NOW, text, (), (text,)
    )
    made = layout(cells, (bad, SLOW), sources)
    note = alert_words.note(bad, References((bad,)), NOW, BERLIN)
    rows = [alert_row(bad, note, alert_words.since(bad, NOW), made, glyphs, stale)]
    held = Silence(text, text, "active", (Matcher(text, "=~", text),), text, text, NOW, NOW + 1e9, 10**9)
    rows.append(silence_row(held, alert_words.when(held, NOW, BERLIN), made, glyphs, stale))
    assert {cell_len(plain(row)) for row in rows} == {max(0, cells)}


@given(texts, st.integers(1, 120))
def test_columns_do_not_depend_on_states_and_ages(text: str, cells: int) -> None:
    other = replace(SLOW, state="firing", since=None, silenced_by=(), annotations={"summary": text}, receivers=(text,))
    assert layout(cells, (SLOW,)) == layout(cells, (other,))


def test_the_mark_that_we_find_a_silence_by_is_not_read_to_people() -> None:
    row = plain(silence_row(replace(HELD, comment="reindexing [sc:6rr2qunv]"), "until 05:00", layout(100, ()), UNICODE))
    assert "reindexing " in row
    assert "sc:" not in row


def test_a_marked_alert_is_seen() -> None:
    assert plain(alert_row(BURN, "", "12m", layout(80, [BURN]), UNICODE, marked=True)).startswith("* ")
