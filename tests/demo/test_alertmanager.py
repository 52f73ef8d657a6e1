"""The estate's alerting system against a real Alertmanager: the same requests, answers of the same shape."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from sreconsole.config.model import AlertmanagerSource, Severities
from sreconsole.config.read import load
from sreconsole.demo.alertmanager import ROUTES
from sreconsole.demo.process import start_estate
from sreconsole.sources.alertmanager import Alertmanager
from tests.servers.alertmanager import AlertmanagerServer
from tests.servers.debian import binary

API = "/api/v2"
NOBODY = "11111111-1111-4111-a111-111111111111"
NEWER = {"mutedBy"}
"""Keys that newer servers have and Debian's has not."""


@pytest.fixture(scope="module")
def ours() -> Iterator[str]:
    with start_estate() as estate:
        yield load(estate.config, {}).config.sources["am"].urls[0]  # type: ignore[union-attr]


@pytest.fixture(scope="module")
def real(ours: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real one with the routes that the estate names, and with its alerts and a silence."""
    with AlertmanagerServer(tmp_path_factory.mktemp("am"), config=yaml.safe_load(ROUTES)) as server:
        alerts = [
            {key: alert[key] for key in ("labels", "annotations", "startsAt", "generatorURL")}
            for alert in ask(ours, f"{API}/alerts")[1]
        ]
        server.ask("POST", f"{API}/alerts", alerts)
        for silence in ask(ours, f"{API}/silences")[1]:
            if silence["status"]["state"] != "expired":
                server.ask("POST", f"{API}/silences", without(silence, "id", "status", "updatedAt"))
        yield server.url


def ask(url: str, path: str, method: str = "GET", body: object = None, kind: str = "application/json") -> Any:
    """Status and document (the text where it is none) of an answer."""
    data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(url + path, data, {"Content-Type": kind}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            status, text = answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            status, text = error.code, error.read().decode()
    try:
        return status, json.loads(text)
    except ValueError:
        return status, text


def without(document: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key not in keys}


def shape(document: object) -> object:
    """Keys and types; of a list the distinct shapes of its elements. Free text, labels and annotations are values."""
    if isinstance(document, dict):
        free = {"labels", "annotations"}
        return {key: "map" if key in free else shape(value) for key, value in document.items() if key not in NEWER}
    if isinstance(document, list):
        return sorted({json.dumps(shape(one), sort_keys=True) for one in document})
    return type(document).__name__


def steady(labels: dict[str, str]) -> bool:
    return labels.get("alertname") != "CacheMissesHigh"


def body(**changed: object) -> dict[str, object]:
    now = datetime.now(UTC)
    whole = {
        "matchers": [{"name": "service", "value": "nobody", "isRegex": False}],
        "startsAt": now.isoformat(),
        "endsAt": (now + timedelta(hours=1)).isoformat(),
        "createdBy": "ana",
        "comment": "OPS-7",
    }
    return {key: value for key, value in {**whole, **changed}.items() if value != "absent"}


def matcher(name: str, value: str, *, regex: bool = False, equal: bool = True) -> list[dict[str, object]]:
    return [{"name": name, "value": value, "isRegex": regex, "isEqual": equal}]


@pytest.mark.parametrize(
    "path",
    [
        "/-/healthy",
        "/-/ready",
        f"{API}/status",
        f"{API}/receivers",
        f"{API}/alerts",
        f"{API}/alerts/groups",
        f"{API}/silences",
        f"{API}/alerts?filter=foo",
        f"{API}/alerts?receiver=(",
        f"{API}/silences?filter=a%7B",
        f"{API}/silence/x",
        f"{API}/silence/{NOBODY}",
        f"{API}/nosuch",
        "/nosuch",
    ],
)
def test_what_is_read_has_the_same_shape(ours: str, real: str, path: str) -> None:
    (status, document), (real_status, real_document) = ask(ours, path), ask(real, path)
    assert status == real_status
    assert shape(document) == shape(real_document)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "active=false",
        "silenced=false",
        "inhibited=false&silenced=false",
        "active=maybe",
        "receiver=pager",
        "receiver=page",
        "receiver=p.*|tickets",
        "filter=alertname%3DWatchdog",
        'filter=alertname%3D"Watchdog"',
        "filter=service%3D",
        "filter=service!%3D%22%22&filter=severity%3D~%22pa.e%22",
        "filter=service!~%22check.*|search%22&inhibited=false",
        "filter=%20severity%20%3D%20page%20",
    ],
)
def test_filters_find_the_same_alerts_in_the_same_groups(ours: str, real: str, query: str) -> None:
    """The one that flaps is left aside."""

    def found(url: str) -> tuple[list[object], list[object]]:
        alerts = ask(url, f"{API}/alerts?{query}")[1]
        groups = ask(url, f"{API}/alerts/groups?{query}")[1]
        return (
            [(alert["fingerprint"], alert["status"]["state"]) for alert in alerts if steady(alert["labels"])],
            [
                (group["labels"], group["receiver"]["name"], [alert["fingerprint"] for alert in group["alerts"]])
                for group in groups
                if steady(group["labels"])
            ],
        )

    assert found(ours) == found(real)
    if query in ("", "active=false", "receiver=pager"):
        assert found(ours)[0]


REFUSED: dict[str, object] = {
    "nothing": b"",
    "no JSON": b"x",
    "a list": [],
    "an empty object": {},
    "no comment": body(comment="absent"),
    "null author": body(createdBy=None),
    "a number as comment": body(comment=5),
    "no matchers": body(matchers=[]),
    "matchers that are text": body(matchers="x"),
    "half a matcher": body(matchers=[{"name": "a"}]),
    "a name that is a number": body(matchers=[{"name": 5, "value": "x", "isRegex": False}]),
    "no name": body(matchers=matcher("", "x")),
    "everything": body(matchers=matcher("a", "")),
    "everything, as a pattern": body(matchers=matcher("a", ".*", regex=True)),
    "a broken pattern": body(matchers=matcher("a", "(", regex=True)),
    "a date alone": body(endsAt="2099-01-01"),
    "the past": body(startsAt="2001-01-01T00:00:00Z", endsAt="2001-01-02T00:00:00Z"),
    "an end before the beginning": body(startsAt="2099-01-01T00:00:00Z"),
    "an unknown id": body(id=NOBODY),
    "an id that is none": body(id="x"),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_is_refused_is_refused_alike(ours: str, real: str, reason: str) -> None:
    (status, document), (real_status, real_document) = (
        ask(url, f"{API}/silences", "POST", REFUSED[reason]) for url in (ours, real)
    )
    assert (status, shape(document)) == (real_status, shape(real_document))
    assert status >= 400
    assert (document["code"] if isinstance(document, dict) else 0) == (
        real_document["code"] if isinstance(real_document, dict) else 0
    )


@pytest.mark.parametrize(
    "taken",
    [
        body(matchers=matcher("service", "nobody", regex=True)),
        body(matchers=matcher("alertname", "nobody") + matcher("a", "", equal=False)),
        body(matchers=matcher("alertname", "nobody") + matcher("a", ".*", regex=True)),
        body(createdBy="", comment=""),
        body(unknown={"field": 1}),
        body(startsAt="0001-01-01T00:00:00Z", endsAt="9998-12-31T23:59:59.999Z"),
        body(startsAt="2001-01-01T00:00:00"),
        body(startsAt="2098-01-01T00:00:00.123456789+01:00", endsAt="2099-01-01T00:00:00Z"),
        body(endsAt="2099-01-01T00:00:00.703999Z"),
    ],
    ids=["pattern", "not empty", "any", "nobody says nothing", "unknown field", "far", "no zone", "nanoseconds", "cut"],
)
def test_what_is_taken_is_taken_and_shown_alike(ours: str, real: str, taken: dict[str, object]) -> None:
    shown = []
    for url in (ours, real):
        status, document = ask(url, f"{API}/silences", "POST", taken)
        assert status == 200
        id_ = document["silenceID"]
        status, silence = ask(url, f"{API}/silence/{id_}")
        assert (status, silence["id"]) == (200, id_)
        assert id_ in [one["id"] for one in ask(url, f"{API}/silences")[1]]
        shown.append({**without(silence, "id", "updatedAt", "startsAt"), "future": silence["startsAt"] > "2097"})
        assert ask(url, f"{API}/silence/{id_}", "DELETE") == (200, "")
        assert ask(url, f"{API}/silence/{id_}", "DELETE") == (200, "")
        assert ask(url, f"{API}/silence/{id_}")[1]["status"] == {"state": "expired"}
    assert shown[0] == shown[1]


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("PUT", f"{API}/silences", "application/json"),
        ("POST", f"{API}/silence/{NOBODY}", "application/json"),
        ("DELETE", f"{API}/status", "application/json"),
        ("POST", "/-/healthy", "application/json"),
        ("POST", f"{API}/silences", "text/plain"),
    ],
)
def test_other_methods_and_kinds(ours: str, real: str, method: str, path: str, kind: str) -> None:
    (status, document), (real_status, real_document) = (ask(url, path, method, {}, kind) for url in (ours, real))
    assert (status, shape(document)) == (real_status, shape(real_document))
    assert status in (405, 415)


def test_silences_are_filtered_by_the_text_of_a_matcher(ours: str, real: str) -> None:
    for url in (ours, real):
        for text, number in (('queue="email"', 1), ("queue=email", 1), ('queue=~"email"', 0), ('queue="mail"', 0)):
            found = ask(url, f"{API}/silences?filter={urllib.parse.quote(text)}")[1]
            assert len(found) == number, (url, text)


async def test_our_own_source_reads_every_state_and_sees_a_silence_at_once(ours: str) -> None:
    source = Alertmanager(AlertmanagerSource("am", (ours,)), Severities())
    try:
        before = await source.read(time.time())
        states = {alert.name: (alert.severity, alert.state) for alert in before.alerts if steady(dict(alert.labels))}
        assert states == {
            "BackupTooOld": ("warn", "firing"),
            "CheckoutBurn": ("page", "firing"),
            "DiskFillsIn4Hours": ("warn", "firing"),
            "NotificationsLagHigh": ("warn", "inhibited"),
            "NotificationsQueueStuck": ("page", "silenced"),
            "SearchLatencyBurn": ("warn", "firing"),
            "Watchdog": ("other", "firing"),
        }
        active = [silence for silence in before.silences if silence.state == "active"]
        assert [(silence.created_by, silence.mutes_now) for silence in active] == [("bea", 1)]
        id_ = ask(ours, f"{API}/silences", "POST", body(matchers=matcher("service", "checkout")))[1]["silenceID"]
        after = {alert.name: alert for alert in (await source.read(time.time())).alerts}
        ask(ours, f"{API}/silence/{id_}", "DELETE")
        assert (after["CheckoutBurn"].state, after["CheckoutBurn"].silenced_by) == ("silenced", (id_,))
        assert after["CheckoutBurn"].runbook == "https://runbooks.example/checkout"
    finally:
        await source.aclose()


def test_amtool_reads_silences_extends_and_expires(ours: str, tmp_path: Path) -> None:
    def amtool(*arguments: str) -> str:
        command = [str(binary("amtool")), f"--alertmanager.url={ours}", *arguments]
        env = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30, env=env).stdout

    def muted() -> set[str]:
        return {alert["labels"]["alertname"] for alert in json.loads(amtool("-o", "json", "alert", "query", "-s"))}

    assert "CheckoutBurn" in amtool("alert", "query", "service=checkout")
    assert muted() == {"NotificationsQueueStuck"}
    assert "OPS-1187" in amtool("silence", "query")
    assert 'severity="page"' in amtool("config", "routes", "show")
    id_ = amtool("silence", "add", "service=checkout", "-c", "OPS-7", "-d", "1h", "-a", "ana").strip()
    assert "CheckoutBurn" in muted()
    assert amtool("silence", "update", "-d", "2h", "-c", "OPS-8", id_).split()[-1] == "OPS-8"
    (shown,) = (one for one in json.loads(amtool("-o", "json", "silence", "query")) if one["id"] == id_)
    assert shown["comment"] == "OPS-8"
    amtool("silence", "expire", id_)
    assert muted() == {"NotificationsQueueStuck"}
