"""One silence for a cluster, whichever members answer; and the APIs of Mimir and Grafana."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from email.utils import formatdate

import pytest

from sreconsole.config.model import HttpConfig
from sreconsole.domain.outcome import Result
from sreconsole.domain.selector import Matcher
from sreconsole.domain.silence import Silence
from sreconsole.errors import Unreachable
from sreconsole.records import replace
from sreconsole.sources.answer import Response
from sreconsole.sources.silence_member import SilenceMember
from sreconsole.sources.silence_writer import Expected
from tests.servers.alertmanager import AlertmanagerServer, cluster
from tests.servers.faults import FaultServer, Reply, Request, answer
from tests.servers.meddler import CUT, Meddler
from tests.servers.prometheus import free_port
from tests.sources.asking import inline
from tests.sources.silencing import draft, silences, writer_of

pytestmark = pytest.mark.timeout(60)


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[AlertmanagerServer]]:
    with cluster(tmp_path_factory.mktemp("cluster")) as made:
        yield made


def eventually(what: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while not what():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def nowhere() -> str:
    return f"http://127.0.0.1:{free_port()}"


async def test_a_cluster_gets_exactly_one(members: list[AlertmanagerServer]) -> None:
    asked = draft()
    async with writer_of(*(member.url for member in members)) as writer:
        made = await writer.create(asked)
    assert made.outcome == "done"
    for member in members:
        assert eventually(lambda member=member: len(silences(member, asked.nonce)) == 1)  # type: ignore[misc]
        assert silences(member, asked.nonce)[0]["id"] == made.id


async def test_a_member_that_is_away_is_passed_over(members: list[AlertmanagerServer]) -> None:
    asked = draft()
    async with writer_of(nowhere(), members[1].url) as writer:
        made = await writer.create(asked)
        assert made.outcome == "done"
        found = await writer.fetch(made.id or "")
        assert isinstance(found, Silence)
        assert (await writer.extend(found, found.ends_at + 60)).id == made.id
        assert (await writer.expire(made.id or "")).outcome == "done"
    assert len(silences(members[1], asked.nonce)) == 1


async def test_a_member_that_takes_no_connection_for_the_write_has_got_nothing(
    members: list[AlertmanagerServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, real, tried = draft(), SilenceMember.post, []

    async def post(member: SilenceMember, body: bytes, timeout: float) -> Response:
        tried.append(member)
        if len(tried) == 1:  # it answered a question a moment ago
            raise Unreachable("nothing listens there")
        return await real(member, body, timeout)

    monkeypatch.setattr(SilenceMember, "post", post)
    async with writer_of(*(member.url for member in members)) as writer:
        made = await writer.create(asked)
    assert made.outcome == "done"
    assert len(set(tried)) == 2
    assert len(silences(members[0], asked.nonce)) + len(silences(members[1], asked.nonce)) >= 1
    assert eventually(lambda: [len(silences(member, asked.nonce)) for member in members] == [1, 1])


@pytest.mark.parametrize("landed", [True, False], ids=["landed", "not landed"])
async def test_a_member_that_dies_with_the_write_is_asked_after_at_the_others_and_none_is_written_to(
    landed: bool, members: list[AlertmanagerServer]
) -> None:
    asked = draft()
    with Meddler(members[0].url) as dying, Meddler(members[1].url) as other:
        other.reads = CUT  # at first, so that the other one is written to
        dying.meddle(CUT, landed=landed)
        dying.blind_after_write = True
        async with writer_of(dying.url, other.url, patience=(0.3, 0.3)) as writer:

            def revived(_real: bytes) -> Reply:
                other.reads = None
                return CUT(b"")

            dying.forget()
            dying.meddle(revived, landed=landed)
            made = await writer.create(asked)
            assert made.outcome == ("done" if landed else "unknown")
            settled = await writer.settle(asked)
            assert settled.outcome == ("done" if landed else "unknown")
        assert len(dying.writes) == 1
        assert not other.writes
    for member in members:
        assert eventually(lambda member=member: len(silences(member, asked.nonce)) == landed)  # type: ignore[misc]


async def test_no_member_at_all() -> None:
    async with writer_of(nowhere(), nowhere()) as writer:
        silence = Silence("x", "am", "active", (Matcher("a", "=", "b"),), "ana", "c", 1.0, time.time() + 60)
        for result in (
            await writer.create(draft()),
            await writer.extend(silence, time.time() + 600),
            await writer.expire("x"),
            await writer.fetch("x"),
        ):
            assert isinstance(result, Result)
            assert result.outcome == "unreached"
            assert "nothing listens" in (result.error or "")
        assert await writer.matching(silence.matchers) is None
        assert "nothing listens" in (writer.trouble or "")
        assert (await writer.settle(Expected("x"))).outcome == "unknown"
        assert writer.skew is None


# --- clocks -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("ahead", [-7200, 0, 7200])
async def test_the_clock_of_the_server_counts(ahead: int, members: list[AlertmanagerServer]) -> None:
    def dated(real: bytes) -> bytes:
        head, _, body = real.partition(b"\r\n\r\n")
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"date:")]
        lines.append(f"Date: {formatdate(time.time() + ahead, usegmt=True)}".encode())
        return b"\r\n".join(lines) + b"\r\n\r\n" + body

    with Meddler(members[0].url) as proxy:
        proxy.headers = dated
        async with writer_of(proxy.url) as writer:
            assert writer.skew is None
            await writer.matching([Matcher("a", "=", "b")])
            assert writer.skew == pytest.approx(ahead, abs=2)
            assert writer.now() == pytest.approx(time.time() + ahead, abs=3)
            made = await writer.create(draft(seconds=ahead + 600))
            past = await writer.create(draft(seconds=ahead - 5))
        assert past.outcome == "refused"
        assert "by the clock of" in (past.error or "")
        (sent,) = proxy.writes
    assert json.loads(sent.body)["startsAt"] < "2001", "the server puts its own time there"
    assert made.outcome == ("refused" if ahead < 0 else "done"), "the real server's clock is ours"


# --- Mimir and Grafana ------------------------------------------------------------------------------------------------
ID = "b5f1a6a6-1d7c-4e0b-9d62-0d6a3a1f7f11"


class Pretended:
    """An Alertmanager API under another path, with other manners."""

    def __init__(self, prefix: str, status: int = 200, refuse: bytes | None = None) -> None:
        self.prefix, self.status, self.refuse = prefix, status, refuse
        self.kept: dict[str, dict[str, object]] = {}

    def __call__(self, request: Request) -> bytes:
        path = request.target.partition("?")[0]
        if not path.startswith(f"{self.prefix}/api/v2/"):
            return answer(404, "404 page not found", "text/plain")
        if request.method == "GET" and path.endswith("/silences"):
            return answer(200, json.dumps([] if "?" in request.target else list(self.kept.values())))
        if request.method == "GET":
            one = self.kept.get(path.rpartition("/")[2])
            return answer(200, json.dumps(one)) if one else answer(404, '{"message":"silence not found"}')
        if self.refuse is not None:
            return self.refuse
        if request.method == "DELETE":
            self.kept[path.rpartition("/")[2]]["status"] = {"state": "expired"}
            return answer(200, '{"message":"silence deleted"}')
        body = json.loads(request.body)
        body |= {"id": body.get("id", ID), "status": {"state": "active"}, "updatedAt": body["startsAt"]}
        self.kept[body["id"]] = body | {"accessControl": {"silences:write": True}}
        return answer(self.status, json.dumps({"silenceID": body["id"]}))


GRAFANA = "/api/alertmanager/grafana"


@pytest.mark.parametrize(
    ("flavour", "prefix", "status"),
    [("grafana", GRAFANA, 202), ("grafana", GRAFANA, 201), ("mimir", "/alertmanager", 200)],
)
async def test_other_flavours_are_written_to_alike(flavour: str, prefix: str, status: int) -> None:
    api = Pretended(prefix, status)
    with FaultServer(api) as server:
        http = HttpConfig(headers={"X-Scope-OrgID": ("team-a",)}, authorization=("Bearer", inline("s3cret-token")))
        async with writer_of(server.url, flavour=flavour, http=http) as writer:  # type: ignore[arg-type]
            asked = draft()
            made = await writer.create(asked)
            assert made == Result("am", "done", ID)
            found = await writer.fetch(ID)
            assert isinstance(found, Silence)
            longer = await writer.extend(found, found.ends_at + 600)
            assert longer == Result("am", "done", ID)
            assert "accessControl" not in json.loads(server.requests[-1].body)
            assert (await writer.expire(ID)).outcome == "done"
        writes = [request for request in server.requests if request.method != "GET"]
        assert [request.method for request in writes] == ["POST", "POST", "DELETE"]
        for request in writes:
            assert request.header("x-scope-orgid") == "team-a"
            assert request.header("authorization") == "Bearer s3cret-token"


REFUSALS: dict[str, tuple[str, bytes, str]] = {
    "Grafana, RBAC": (
        "grafana",
        answer(403, '{"accessErrorId":"ACE1","message":"You\'ll need additional permissions","title":"Access denied"}'),
        "may not change silences",
    ),
    "Grafana, not ready": ("grafana", answer(409, '{"message":"Alertmanager wasn\'t ready","traceID":"00"}'), "ready"),
    "Grafana, limit": ("grafana", answer(400, '{"message":"exceeded maximum number of silences: 10"}'), "maximum"),
    "Mimir, limit": ("mimir", answer(400, '"silence exceeded maximum size"\n'), "maximum size"),
    "Mimir, not set up": ("mimir", answer(404, "the Alertmanager is not configured\n", "text/plain"), "not set up"),
    "Alertmanager, request layer": ("prometheus", answer(422, '{"code":602,"message":"comment in body"}'), "comment"),
    "Alertmanager, text with a secret": ("prometheus", answer(400, '"bad \\u001b[2J s3cret-token"\n'), "bad"),
    "a gateway's login": ("prometheus", answer(401, "Unauthorized", "text/plain"), "401"),
    "a gateway's size": ("prometheus", answer(413, "<html><title>Too Large</title>", "text/html"), "413"),
}


@pytest.mark.parametrize("name", REFUSALS)
async def test_what_other_flavours_refuse(name: str) -> None:
    flavour, reply, words = REFUSALS[name]
    prefix = {"grafana": GRAFANA, "mimir": "/alertmanager", "prometheus": ""}[flavour]
    with FaultServer(Pretended(prefix, refuse=reply)) as server:
        http = HttpConfig(authorization=("Bearer", inline("s3cret-token")))
        async with writer_of(server.url, flavour=flavour, http=http) as writer:  # type: ignore[arg-type]
            made = await writer.create(draft())
        assert made.outcome == "refused"
        assert words in (made.error or "")
        assert "s3cret" not in (made.error or "")
        assert "\x1b" not in (made.error or "")
        assert [request.method for request in server.requests].count("POST") == 1


async def test_a_tenant_without_an_alertmanager_gets_nothing() -> None:
    with FaultServer(lambda _: answer(404, "the Alertmanager is not configured\n", "text/plain")) as server:
        async with writer_of(server.url, flavour="mimir") as writer:
            made = await writer.create(draft())
        assert made.outcome == "unreached"
        assert "not set up for this tenant" in (made.error or "")
        assert {request.method for request in server.requests} == {"GET"}


async def test_a_limit_that_counts_ended_silences_leaves_the_old_one_alone() -> None:
    api = Pretended("")
    with FaultServer(api) as server:
        async with writer_of(server.url) as writer:
            await writer.create(draft())
            found = await writer.fetch(ID)
            assert isinstance(found, Silence)
            api.refuse = answer(400, '"exceeded maximum number of silences: 2 (limit: 2)"\n')
            made = await writer.edit(found, draft())
        assert made.outcome == "refused"
        assert api.kept[ID]["status"] == {"state": "active"}
        assert "DELETE" not in {request.method for request in server.requests}


async def test_a_silence_that_cannot_be_read_does_not_hide_ours_and_one_of_ours_that_cannot_leaves_a_doubt() -> None:
    asked = draft()
    odd: dict[str, object] = {"id": "odd", "matchers": "?", "comment": "theirs"}
    api = Pretended("", refuse=answer(500, "oh", "text/plain"))
    with FaultServer(api) as server:
        async with writer_of(server.url) as writer:
            api.kept["odd"] = odd
            assert "sent twice" in ((await writer.create(asked)).error or "")
            odd["comment"] = asked.signed
            other = replace(asked, comment="another")
            made = await writer.create(other)
        assert made.outcome == "unknown"
        assert [request.method for request in server.requests].count("POST") == 3, "it may be there: not sent again"


@pytest.mark.parametrize("field", ["id", "matchers", "startsAt", "endsAt", "comment"])
@pytest.mark.parametrize("value", [None, 7, "", "\x1b[2J", []])
async def test_a_silence_that_is_none_raises_nothing(field: str, value: object) -> None:
    api = Pretended("")
    with FaultServer(api) as server:
        async with writer_of(server.url, patience=(0.0,)) as writer:
            await writer.create(draft())
            good = await writer.fetch(ID)
            assert isinstance(good, Silence)
            api.kept[ID][field] = value
            for result in (
                await writer.fetch(ID),
                await writer.extend(good, good.ends_at + 60),
                await writer.edit(good, draft()),
                await writer.settle(Expected(ID, good.ends_at)),
                await writer.expire(ID),
            ):
                assert isinstance(result, Result | Silence)
                assert "\x1b" not in (getattr(result, "error", None) or "")
