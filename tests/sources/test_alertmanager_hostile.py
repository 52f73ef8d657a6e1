"""Alertmanager answers that are broken, hostile or huge: never a crash, never raw text, never a stalled screen."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import gc
import json
import time
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sreconsole.config.model import Severities
from sreconsole.domain import cleaning
from sreconsole.domain.alert import Alert
from sreconsole.errors import BadAnswer, SourceError, TooLarge, Unreachable
from sreconsole.sources import alert_reading, alertmanager_alerts, alertmanager_json, alertmanager_silences, turns
from sreconsole.sources import texts as texts_module
from sreconsole.sources.alertmanager_alerts import AlertReader
from sreconsole.sources.alertmanager_silences import read_silences
from sreconsole.sources.texts import MOST, Texts, link
from tests.servers.faults import FaultServer, Reply, answer
from tests.sources import newer_alertmanager as newer
from tests.sources.alerting import alert, cluster_of, failure, group, read, serving, silence

pytestmark = pytest.mark.usefixtures("carrier")

HOSTILE = "\x1b]0;owned\x07\x1b[2J[@click=app.quit]x[/]\u202eevil\u2066\r\n\x9b31m\u200b"
MATCHER = {"name": "a", "value": "b", "isRegex": False, "isEqual": True}


def reader() -> AlertReader:
    return AlertReader("am", Severities(), Texts())


def texts(value: Any) -> Iterator[str]:
    """Every text in a value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from texts(key)
            yield from texts(inner)
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from texts(inner)


def shown(found: Alert) -> list[str]:
    """Every text of an alert but the raw labels."""
    return list(texts([getattr(found, name) for name in Alert.__slots__ if name != "raw"]))


def harmless(text: str) -> bool:
    return text.isprintable() and not set(text) & set("\x1b\x9b\u202e\u2066\u200b")


async def test_hostile_text_is_clean_everywhere_but_in_raw() -> None:
    item = alert(
        {"alertname": HOSTILE, HOSTILE: HOSTILE, "service": "checkout"},
        annotations={HOSTILE: HOSTILE, "runbook_url": "https://x/" + HOSTILE},
        fingerprint=HOSTILE,
        generatorURL="https://x/" + HOSTILE,
        receivers=[{"name": HOSTILE}],
        status={"state": "suppressed", "silencedBy": [HOSTILE], "inhibitedBy": [HOSTILE], "mutedBy": [HOSTILE]},
        startsAt=HOSTILE,
    )
    quiet = silence(HOSTILE, [{**MATCHER, "name": HOSTILE, "value": HOSTILE}], createdBy=HOSTILE, comment=HOSTILE)
    with FaultServer(serving([group(item, labels={HOSTILE: HOSTILE}, receiver=HOSTILE)], [quiet])) as server:
        found = await read(server.url)
    (one,) = found.alerts
    assert [text for text in shown(one) if not harmless(text)] == []
    assert one.raw == item["labels"]
    assert one.since is None
    assert len(one.fingerprint) == 16
    assert (one.generator, one.runbook) == (None, None)
    (muting,) = found.silences
    assert [text for text in (muting.id, muting.created_by, muting.comment) if not harmless(text)] == []
    assert (muting.matchers[0].name, muting.matchers[0].value) == (HOSTILE, HOSTILE)
    assert muting.mutes_now == 1, "ids are cleaned alike in both places"


LINKS = [
    ("https://runbooks.example/x?y=1#z", "https://runbooks.example/x?y=1#z"),
    ("HTTP://h/", "HTTP://h/"),
    ("http://ana:hunter22@h:8080/x", "http://h:8080/x"),
    ("http://ana@h/x", "http://h/x"),
    ("https://h/p?next=http://a:b@c/", "https://h/p?next=http://a:b@c/"),
    ("javascript:alert(1)", None),
    ("file:///etc/passwd", None),
    ("//h/x", None),
    ("/relative", None),
    ("http://", None),
    ("http:///x", None),
    ("http://[::1", None),
    ("http://h/a b", None),
    ("http://h/\u202egnp.exe", None),
    ("http://h/\x1b[31m", None),
    ("http://h/" + "x" * 10_000, None),
    ("", None),
]


@pytest.mark.parametrize(("text", "wanted"), LINKS)
def test_what_is_a_link(text: str, wanted: str | None) -> None:
    assert link(text) == wanted


async def test_one_broken_item_is_left_out_and_counted() -> None:
    good = alert({"alertname": "Good"})
    broken: list[Any] = [
        {},
        7,
        {**good, "labels": ["a"]},
        {**good, "labels": {"a": None}},
        {**good, "status": "active"},
    ]
    silences = [silence("s", [MATCHER]), silence("t", []), {**silence("u", [MATCHER]), "endsAt": 5}, None]
    with FaultServer(serving([group(good, *broken), "no group"], silences)) as server:
        found = await read(server.url)
    assert [one.name for one in found.alerts] == ["Good"]
    assert found.partial == f"6 alerts or groups of {server.url} cannot be read"
    assert found.parts is None, "nobody may say that these are all alerts"
    assert [one.id for one in found.silences] == ["s"]
    assert found.notes == (f"3 silences of {server.url} cannot be read",)


async def test_a_body_cut_at_any_length_is_an_error_or_the_whole() -> None:
    body = json.dumps(newer.GROUPS).encode()
    whole = (await reader().read(body)).alerts
    assert len(whole) == 5
    for length in range(0, len(body), 7):
        with pytest.raises(alertmanager_json.UNREADABLE):
            await reader().read(body[:length])
    body = json.dumps(newer.SILENCES).encode()
    for length in range(0, len(body), 7):
        with pytest.raises(alertmanager_json.UNREADABLE):
            await read_silences(body[:length], "am", Texts(), time.time())


async def test_an_answer_cut_on_the_way_is_said() -> None:
    sent = answer(200, json.dumps(newer.GROUPS))
    for length in (len(sent) - 1, len(sent) // 2):
        with FaultServer(lambda _request, length=length: Reply(sent[:length], "close")) as server:  # type: ignore[misc]
            error = await failure(server.url)
        assert type(error) is Unreachable
        assert "was cut off" in str(error)


def _swapped(value: Any, path: list[int], junk: Any) -> Any:
    """A copy of a JSON value with the part at `path` (steps by position) replaced."""
    if not path or not isinstance(value, dict | list) or not value:
        return junk
    made = copy.copy(value)
    keys = list(made) if isinstance(made, dict) else range(len(made))
    key = keys[path[0] % len(keys)]
    made[key] = _swapped(made[key], path[1:], junk)
    return made


JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=5),
    st.lists(st.none(), max_size=2), st.dictionaries(st.text(max_size=3), st.none(), max_size=2),
)  # fmt: skip


@given(path=st.lists(st.integers(0, 20), max_size=8), junk=JUNK)
@settings(max_examples=300)
async def test_any_part_may_have_the_wrong_type(path: list[int], junk: Any) -> None:
    try:
        found = await reader().read(json.dumps(_swapped(newer.GROUPS, path, junk)).encode())
    except alertmanager_json.UNREADABLE:
        pass
    else:
        assert all(harmless(text) for one in found.alerts.values() for text in shown(one))
    with contextlib.suppress(*alertmanager_json.UNREADABLE):
        await read_silences(json.dumps(_swapped(newer.SILENCES, path, junk)).encode(), "am", Texts(), time.time())


@given(body=st.binary(max_size=60))
async def test_any_bytes_are_refused_or_read(body: bytes) -> None:
    for question in (reader().read(body), read_silences(body, "am", Texts(), 1e9)):
        with contextlib.suppress(*alertmanager_json.UNREADABLE):
            await question


@pytest.mark.parametrize("body", ["[" * 100_000, '[{"alerts":[' * 50_000, '{"a":' * 100_000])
async def test_depth_is_no_crash(body: str) -> None:
    with FaultServer(serving(body, body)) as server:
        assert type(await failure(server.url)) is BadAnswer


async def test_a_hundred_megabytes_are_refused_and_not_kept() -> None:
    huge = Reply(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[" + b" " * (100 << 20), "close")
    with FaultServer(lambda _request: huge) as server:
        tracemalloc.start()
        try:
            error: SourceError = await failure(server.url, cap=4 << 20)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert type(error) is TooLarge
    assert "passes 4 MB" in str(error)
    assert peak < 30 << 20


async def test_more_than_the_most_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alertmanager_alerts, "MOST_ALERTS", 3)
    monkeypatch.setattr(alertmanager_silences, "MOST_SILENCES", 2)
    alerts = [alert({"alertname": f"A{number}"}) for number in range(5)]
    silences = [silence(str(number), [MATCHER]) for number in range(5)]
    silences += [silence(f"old{number}", [MATCHER], endsAt="2020-01-01T00:00:00Z") for number in range(5)]
    with FaultServer(serving([group(*alerts)], silences)) as server:
        found = await read(server.url)
    assert [one.name for one in sorted(found.alerts, key=lambda one: one.name)] == ["A0", "A1", "A2"]
    assert "2 are left out" in (found.partial or "")
    assert found.parts is None
    assert len(found.silences) == 2
    assert [note for note in found.notes if "silences: 3 are left out" in note] != []


async def test_an_alert_with_endless_labels_keeps_them_for_matching_and_shows_some() -> None:
    labels = {f"l{number:05}": f"v{number}" for number in range(5_000)}
    with FaultServer(serving([group(alert(labels))])) as server:
        (found,) = (await read(server.url)).alerts
    assert found.raw == labels
    assert len(found.labels) == MOST


def trouble(clusters: int) -> list[dict[str, Any]]:
    """As alerts come from a fleet in trouble: fifty for each cluster, with ten labels and three annotations."""
    groups = []
    for cluster in range(clusters):
        alerts = []
        for pod in range(50):
            labels = {
                "alertname": f"PodCrashLooping{pod % 7}",
                "cluster": f"cluster-{cluster}",
                "container": "app",
                "instance": f"10.{cluster}.{pod}.17:8080",
                "job": "kube-state-metrics",
                "namespace": f"team-{cluster % 40}",
                "pod": f"checkout-{cluster:05}-{pod:05}",
                "prometheus": "monitoring/k8s",
                "service": f"service-{cluster}",
                "severity": "page" if pod % 5 == 0 else "warn",
            }
            notes = {
                "description": f"Pod {labels['pod']} is restarting all the time. " * 4,
                "runbook_url": f"https://runbooks.example/PodCrashLooping{pod % 7}",
                "summary": f"{labels['pod']} crash loops",
            }
            link = f"https://prom.example/graph?g0.expr=rate%28x%5B5m%5D%29+%3E+{pod % 7}&g0.tab=1"
            alerts.append(alert(labels, annotations=notes, generatorURL=link))
        groups.append(group(*alerts, labels={"cluster": f"cluster-{cluster}"}))
    return groups


@pytest.mark.parametrize("clusters", [20, pytest.param(200, marks=pytest.mark.prove)])
async def test_of_thousands_of_alerts_only_what_differs_is_new(clusters: int) -> None:
    body = json.dumps(trouble(clusters)).encode()
    with FaultServer(serving(body)) as server:
        async with cluster_of(server.url) as asked:
            first = await asked.read(time.time())
            assert len(first.alerts) == 50 * clusters
            server.respond = serving(body.replace(b"03:01:00", b"03:02:00"))  # all sent anew
            again = await asked.read(time.time())
            assert again.alerts is first.alerts
            changed = body.replace(b"checkout-00007-00007 crash", b"checkout-00007-00007 burns")
            assert changed != body
            server.respond = serving(changed)
            later = await asked.read(time.time())
    before = {one.fingerprint: one for one in first.alerts}
    assert sum(before[one.fingerprint] is not one for one in later.alerts) == 1


async def test_only_what_is_told_anew_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[str] = []

    def counted(raw: Any) -> alertmanager_json.AlertJson:
        made = decode(raw)
        decoded.append(made.labels["alertname"])
        return made

    decode = alertmanager_json.alert
    monkeypatch.setattr(alertmanager_json, "alert", counted)
    alerts = [alert({"alertname": name}) for name in "ABC"]
    with FaultServer(serving([group(*alerts)])) as server:
        async with cluster_of(server.url) as asked:
            await asked.read(time.time())
            assert decoded == ["A", "B", "C"]
            await asked.read(time.time())
            assert decoded == ["A", "B", "C"]
            alerts[1]["updatedAt"] = "2026-11-23T03:09:00.000Z"
            server.respond = serving([group(*alerts)])
            await asked.read(time.time())
            assert decoded == ["A", "B", "C", "B"]
            server.respond = serving([group(*alerts, receiver="other")])  # the same alerts, for somebody else
            assert {one.receivers for one in (await asked.read(time.time())).alerts} == {("other", "pager")}


async def test_nothing_but_broken_items_is_no_answer() -> None:
    with FaultServer(serving([group({}, {"labels": 7})])) as server:
        assert type(await failure(server.url)) is BadAnswer
    with FaultServer(serving([], [7, {"id": "s"}])) as server:
        found = await read(server.url)
    assert "not the Alertmanager API's" in (found.silences_missing or "")


async def test_an_alert_costs_less_than_six_kilobytes() -> None:
    body = json.dumps(trouble(20)).encode()
    with FaultServer(serving(body)) as server:
        async with cluster_of(server.url) as asked:
            gc.collect()
            tracemalloc.start()
            try:
                first = await asked.read(time.time())
                server.respond = serving(body.replace(b"03:01:00", b"03:02:00"))
                await asked.read(time.time())
                gc.collect()
                kept = tracemalloc.get_traced_memory()[0]
            finally:
                tracemalloc.stop()
    assert len(first.alerts) == 1_000
    assert kept < 1_000 * 6 << 10


async def test_the_screen_gets_its_turn_while_alerts_are_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "SLICE", 0.0)  # every alert ends a slice
    given = 0

    async def screen() -> None:
        nonlocal given
        while True:
            given += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(screen())
    found = await reader().read(json.dumps([group(*(alert({"a": f"{n}"}) for n in range(300)))]).encode())
    quiet = json.dumps([silence(f"{number}", [MATCHER]) for number in range(300)]).encode()
    decoded = given
    silences = await read_silences(quiet, "am", Texts(), time.time())
    task.cancel()
    assert (len(found.alerts), len(silences.silences)) == (300, 300)
    assert decoded >= 300
    assert given - decoded >= 300


def test_what_was_not_used_for_long_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def counted(text: str, limit: int) -> str:
        made.append(text)
        return cleaning.clean(text, limit)

    monkeypatch.setattr(texts_module, "_TEXTS", 10)
    monkeypatch.setattr(texts_module, "clean", counted)
    memory = Texts()
    for number in range(100):
        memory.turn()
        assert memory.name("always") == "always"
        assert memory.name(f"once {number}") == f"once {number}"
    assert made.count("always") == 1
    memory.name("once 0")
    assert made.count("once 0") == 2


def test_texts_of_a_flood_go_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not with half of it, and not while there was none."""
    made: list[str] = []

    def counted(text: str, limit: int) -> str:
        made.append(text)
        return cleaning.clean(text, limit)

    monkeypatch.setattr(texts_module, "clean", counted)
    memory = Texts()
    for held, times in ((999, 1), (0, 1), (5_000, 1), (2_500, 1), (2_499, 2), (2_000, 2), (900, 3), (0, 3)):
        memory.turn(held)
        memory.name("pod-1")
        assert made.count("pod-1") == times, held


def test_the_caps_are_those_of_the_design() -> None:
    assert (alert_reading.MOST_ALERTS, alert_reading.MOST_SILENCES) == (20_000, 5_000)
