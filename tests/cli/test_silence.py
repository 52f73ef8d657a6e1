"""`sreconsole silence`, the installed script, against real Alertmanagers: guards, exit codes, what is left behind."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.engine.test_reloading import MEASURED, PROMETHEUS, requests
from tests.plain.commands import SCRIPT, Done, run
from tests.servers.alertmanager import AlertmanagerServer
from tests.servers.history import openmetrics
from tests.servers.meddler import CHANGES, Meddler
from tests.servers.prometheus import PrometheusServer, backfill, free_port
from tests.terminal.pseudo import Pseudo

CHECKOUT = {"alertname": "CheckoutBurn", "service": "checkout", "severity": "page"}
SLOW = {"alertname": "SearchSlow", "service": "search", "severity": "warn"}
FULL = {"alertname": "DiskFull", "service": "search", "severity": "warn"}
SEARCH = 'service="search"'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AlertmanagerServer]:
    with AlertmanagerServer(tmp_path_factory.mktemp("am")) as running:
        yield running


@pytest.fixture(autouse=True)
def three(server: AlertmanagerServer) -> None:
    """Three alerts fire and nothing is silenced when a test begins."""
    for silence in live(server):
        server.expire(silence["id"])
    server.fire(CHECKOUT, SLOW, FULL)


def live(server: AlertmanagerServer) -> list[dict[str, Any]]:
    return [one for one in server.ask("GET", "/api/v2/silences") if one["status"]["state"] != "expired"]


def sre(home: Path, url: str | dict[str, str], *arguments: str, more: str = "author: ana\n", **env: str) -> Done:
    urls = {"am": url} if isinstance(url, str) else url
    sources = "".join(f"  {name}: {{kind: alertmanager, urls: [{one}]}}\n" for name, one in urls.items())
    path = home / "config.yaml"
    path.write_text(f"version: 1\n{more}sources:\n{sources}services:\n  checkout: {{}}\n  search: {{}}\n")
    return run(home, "--config", path, *arguments, env=env)


def document(done: Done) -> dict[str, Any]:
    assert done.out, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


def ends(silence: dict[str, Any]) -> float:
    return datetime.fromisoformat(silence["endsAt"]).timestamp()


def test_add_extend_and_expire(server: AlertmanagerServer, tmp_path: Path) -> None:
    add = ("silence", "add", SEARCH, "--duration", "2h", "--comment", "reindexing OPS-7", "--yes", "--format", "json")
    done = sre(tmp_path, server.url, *add)
    assert done.code == 0, done.err
    made = document(done)
    [silence] = live(server)
    assert made["schema"] == "sreconsole.action/1"
    assert {key: made[key] for key in ("outcome", "reason", "matched", "of")} == {
        "outcome": "done", "reason": None, "matched": 2, "of": 3,
    }  # fmt: skip
    assert made["results"] == [{"source": "am", "id": silence["id"], "outcome": "done", "error": None}]
    assert silence["createdBy"] == "ana"
    assert silence["comment"].startswith("reindexing OPS-7 [sc:")
    assert abs(ends(silence) - time.time() - 7200) < 30
    assert "mutes now 2 of 3 alerts" in done.err
    assert "DiskFull" in done.err
    listed = document(sre(tmp_path, server.url, "silence", "list", "--format", "json"))
    assert [(one["id"], one["mutes_now"]) for one in listed["silences"]] == [(silence["id"], 2)]
    assert f"{silence['id']}  am  active" in sre(tmp_path, server.url, "silence", "list").out
    extended = sre(tmp_path, server.url, "silence", "extend", silence["id"][:8], "--by", "1h", "--yes")
    assert extended.code == 0, extended.err
    [after] = live(server)
    assert after["id"] == silence["id"]
    assert ends(after) - ends(silence) == 3600
    expired = sre(tmp_path, server.url, "silence", "expire", silence["id"], "--yes", "--format", "json")
    assert expired.code == 0, expired.err
    assert document(expired)["outcome"] == "done"
    assert live(server) == []
    again = sre(tmp_path, server.url, "silence", "expire", silence["id"], "--yes")
    assert (again.code, "had ended already" in again.err) == (0, True)
    over = sre(tmp_path, server.url, "silence", "extend", silence["id"], "--by", "1h", "--yes")
    assert (over.code, live(server)) == (1, [])


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((SEARCH, "--comment", "x"), 1, "say --yes"),
        ((SEARCH, "--yes"), 64, "--comment"),
        ((SEARCH, "--comment", " ", "--yes"), 64, "--comment"),
        (("search", "--comment", "x", "--yes"), 64, "bare word"),
        (('service=~"(search"', "--comment", "x", "--yes"), 64, "service"),
        ((SEARCH, "--comment", "x", "--yes", "--duration", "90"), 64, "--duration"),
        ((SEARCH, "--comment", "x", "--yes", "--duration", "25h"), 1, "silences.longest"),
        ((SEARCH, "--comment", "x", "--yes", "--source", "amm"), 64, "did you mean 'am'"),
        (('service="checkout"', "--comment", "x", "--yes"), 1, "--force-count"),
        (('service="checkout"', "--comment", "x", "--force-count", "2"), 1, "not the number"),
        ((SEARCH, "--comment", "x", "--force-count", "3"), 1, "it mutes 2"),
        (('alertname=~".+"', "--comment", "x", "--yes"), 1, "--force-count"),
        (('service="nosuch"', "--comment", "x", "--yes"), 1, "--force-count"),
        (('service=""', 'severity=~".*"', "--comment", "x", "--force-count", "0"), 1, "empty string"),
        ((SEARCH, "--comment", "x", "--yes", "--read-only"), 1, "read_only"),
        ((SEARCH, "--comment", "x", "--yes", "--author", "root"), 1, "root is an account that people share"),
    ],
)
def test_what_is_refused_leaves_nothing_behind(
    arguments: tuple[str, ...], code: int, said: str, server: AlertmanagerServer, tmp_path: Path
) -> None:
    done = sre(tmp_path, server.url, "silence", "add", *arguments)
    assert (done.code, said in done.err) == (code, True), done.err
    assert live(server) == []
    assert not list(tmp_path.rglob("journal.db"))


def test_the_count_stands_for_yes_where_it_is_right(server: AlertmanagerServer, tmp_path: Path) -> None:
    add = ("silence", "add", 'service="checkout"', "--comment", "x", "--force-count", "1")
    done = sre(tmp_path, server.url, *add)
    assert done.code == 0, done.err
    assert "mutes 1 alert of page severity" in done.err
    assert len(live(server)) == 1


def test_the_pattern_of_comments_is_searched_for(server: AlertmanagerServer, tmp_path: Path) -> None:
    more = 'author: ana\nsilences: {comment_pattern: "OPS-[0-9]+"}\n'
    add = ("silence", "add", SEARCH, "--yes", "--comment")
    assert sre(tmp_path, server.url, *add, "no ticket", more=more).code == 1
    assert sre(tmp_path, server.url, *add, "see OPS-7, please", more=more).code == 0


def test_a_shared_account_must_say_who_it_is(server: AlertmanagerServer, tmp_path: Path) -> None:
    add = ("silence", "add", SEARCH, "--comment", "x", "--yes")
    done = sre(tmp_path, server.url, *add, more="", USER="ubuntu")
    assert done.code == 1
    assert "$SRECONSOLE_USER, --author" in done.err
    assert sre(tmp_path, server.url, *add, more="", USER="ubuntu", SRECONSOLE_USER="bo").code == 0
    assert [one["createdBy"] for one in live(server)] == ["bo"]


def test_a_dry_run_prints_the_exact_request_and_sends_nothing(server: AlertmanagerServer, tmp_path: Path) -> None:
    add = ("silence", "add", SEARCH, "--comment", "x", "--dry-run")
    done = sre(tmp_path, server.url, *add)
    assert done.code == 0, done.err
    assert done.out.startswith("curl ")
    assert f"{server.url}/api/v2/silences" in done.out
    told = document(sre(tmp_path, server.url, *add, "--format", "json"))
    assert told["outcome"] == "dry-run"
    assert told["results"][0]["request"].startswith("curl ")
    assert live(server) == []
    assert not list(tmp_path.rglob("journal.db"))


def test_two_clusters_get_one_each_and_an_id_in_one_of_them_is_found(
    server: AlertmanagerServer, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with AlertmanagerServer(tmp_path_factory.mktemp("other")) as other:
        other.fire(SLOW)
        urls = {"am": server.url, "eu": other.url}
        done = sre(tmp_path, urls, "silence", "add", SEARCH, "--comment", "x", "--yes", "--format", "json")
        assert done.code == 0, done.err
        told = document(done)
        assert (told["matched"], told["of"]) == (3, 4)
        assert [result["source"] for result in told["results"]] == ["am", "eu"]
        [one], [two] = live(server), live(other)
        assert one["comment"] == two["comment"]
        assert sre(tmp_path, urls, "silence", "expire", two["id"], "--yes").code == 0
        assert (len(live(server)), live(other)) == (1, [])
        # the same member under two names: the id is in two sources
        both = {"am": server.url, "same": server.url}
        twice = sre(tmp_path, both, "silence", "expire", one["id"][:8], "--yes")
        assert (twice.code, "am, same" in twice.err) == (64, True)
        assert sre(tmp_path, both, "silence", "expire", one["id"][:8], "--yes", "--source", "same").code == 0
        for ident in ("abcd", "00000000", "00000000-0000-4000-8000-000000000000"):
            assert sre(tmp_path, urls, "silence", "extend", ident, "--by", "1h", "--yes").code == 64, ident
    gone = sre(tmp_path, urls, "silence", "add", SEARCH, "--comment", "x", "--yes", "--format", "json")
    assert (gone.code, document(gone)["outcome"]) == (69, "refused")
    assert live(server) == []
    part = sre(tmp_path, urls, "silence", "list", "--format", "json")
    assert (part.code, set(document(part)["missing"])) == (0, {"eu"})


def test_nobody_there_is_69(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    for command in (
        ("add", SEARCH, "--comment", "x", "--yes"),
        ("list",),
        ("expire", "00000000-0000-4000-8000-000000000000", "--yes"),
        ("extend", "00000000", "--by", "1h", "--yes"),
    ):
        done = sre(tmp_path, url, "silence", *command)
        assert done.code == 69, (command, done.err)
        assert "done" not in done.out


def test_rules_that_do_not_fire_yet_are_part_of_the_preview(server: AlertmanagerServer, tmp_path: Path) -> None:
    rule = {"alert": "SearchDown", "expr": "vector(0) > 1", "labels": {"service": "search", "severity": "page"}}
    rules = tmp_path / "rules.yml"
    rules.write_text(json.dumps({"groups": [{"name": "search", "rules": [rule]}]}))
    with PrometheusServer(tmp_path / "prom", more={"rule_files": [str(rules)]}) as prom:
        config = tmp_path / "config.yaml"
        sources = f"  am: {{kind: alertmanager, urls: [{server.url}]}}\n  prom: {{kind: prometheus, url: {prom.url}}}\n"
        config.write_text(f"version: 1\nauthor: ana\nsources:\n{sources}services:\n  search: {{}}\n")
        done = run(tmp_path, "--config", config, "silence", "add", SEARCH, "--comment", "x", "--dry-run")
    assert done.code == 0, done.err
    assert "when they fire, also: SearchDown (page)" in done.err


def test_what_burns_unseen_is_part_of_the_preview(server: AlertmanagerServer, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    backfill(tmp_path / "data", openmetrics(requests("search", time.time() // 60 * 60)))
    with PrometheusServer(tmp_path / "data") as prom:
        config = tmp_path / "config.yaml"
        managed = PROMETHEUS.replace(
            "services:\n", f"  am: {{{{kind: alertmanager, urls: [{server.url}]}}}}\nservices:\n"
        )
        config.write_text("author: ana\n" + managed.format(url=prom.url) + MEASURED.format(name="search"))
        add = ("silence", "add", SEARCH, "--comment", "x", "--duration", "24h", "--dry-run")
        done = run(tmp_path, "--config", config, *add)
    assert done.code == 0, done.err
    # half of what the objective allows, for a day of thirty
    assert "1d at this rate: 2% of the budget of search/availability, unseen" in done.err


class Asked:
    """The command on a terminal of its own."""

    def __init__(self, home: Path, server: AlertmanagerServer, *arguments: str) -> None:
        sre(home, server.url, "check")  # writes the config
        env = {"HOME": str(home), "LANG": "C.UTF-8"}
        command = (SCRIPT, "--config", home / "config.yaml", "silence", *arguments)
        self.terminal = Pseudo([str(word) for word in command], env=env)

    def answer(self, question: str, text: str) -> int:
        """Wait for the question and type; the exit code."""
        with self.terminal as terminal:
            terminal.wait_for(question)
            terminal.send(text.encode())
            return terminal.wait_end()


@pytest.mark.parametrize(("typed", "code"), [("y\r", 0), ("\r", 1), ("no\r", 1), ("\x03", 130)])
def test_a_person_is_asked(typed: str, code: int, server: AlertmanagerServer, tmp_path: Path) -> None:
    asked = Asked(tmp_path, server, "add", SEARCH, "--comment", "x")
    assert asked.answer("make it? [y/N]", typed) == code
    assert len(live(server)) == (code == 0)


@pytest.mark.parametrize(("typed", "code"), [("1\r", 0), ("\r", 1), ("y\r", 1), ("2\r", 1)])
def test_a_person_types_the_count_of_what_is_dangerous(
    typed: str, code: int, server: AlertmanagerServer, tmp_path: Path
) -> None:
    asked = Asked(tmp_path, server, "add", 'service="checkout"', "--comment", "x")
    assert asked.answer("type the number of alerts it mutes", typed) == code
    assert len(live(server)) == (code == 0)


@pytest.mark.parametrize("change", ["cut", "502", "page"])
def test_an_answer_that_was_lost_is_looked_up(change: str, server: AlertmanagerServer, tmp_path: Path) -> None:
    with Meddler(server.url) as proxy:
        proxy.meddle(CHANGES[change], landed=True)
        done = sre(tmp_path, proxy.url, "silence", "add", SEARCH, "--comment", "x", "--yes", "--format", "json")
    assert done.code == 0, done.err
    [made] = live(server)
    assert document(done)["results"][0]["id"] == made["id"]


@pytest.mark.prove
@pytest.mark.parametrize("landed", [True, False])
def test_what_cannot_be_found_out_is_2(landed: bool, server: AlertmanagerServer, tmp_path: Path) -> None:
    with Meddler(server.url) as proxy:
        proxy.blind_after_write = True
        proxy.meddle(CHANGES["cut"], landed=landed)
        done = sre(tmp_path, proxy.url, "silence", "add", SEARCH, "--comment", "x", "--yes", "--format", "json")
    assert done.code == 2, done.err
    assert document(done)["outcome"] == "unknown"
    assert len(live(server)) == landed


def test_ending_one_tells_whom_it_pages(server: AlertmanagerServer, tmp_path: Path) -> None:
    ident = server.silence([("service", "=", "late")])
    late = {"alertname": "Late", "service": "late", "severity": "page"}
    server.fire(late)
    done = sre(tmp_path, server.url, "silence", "expire", ident, "--yes")
    server.resolve(late)
    assert done.code == 0, done.err
    assert "first seen under it, so 1 notify at once, 1 of them page" in done.err
