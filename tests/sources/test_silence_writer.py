"""Silences written to a real Alertmanager, through a proxy that meddles: never two, never a false "done"."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from sreconsole.config.model import AlertmanagerSource, HttpConfig, TlsConfig
from sreconsole.domain.outcome import Result
from sreconsole.domain.selector import Matcher
from sreconsole.domain.silence import Silence
from sreconsole.records import replace
from sreconsole.sources.silence_writer import Expected, SilenceWriter
from tests.servers.alertmanager import AlertmanagerServer
from tests.servers.faults import Reply
from tests.servers.meddler import CHANGES, CUT, HANG, Meddler
from tests.sources.silencing import alive, draft, silences, writer_of

UNCHECKED = TlsConfig(insecure_skip_verify=True)
NOT_SENT_AGAIN = ("302", "307", "429", "408")
"""Something said no: it would say so again."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AlertmanagerServer]:
    with AlertmanagerServer(tmp_path_factory.mktemp("am")) as made:
        yield made


@pytest.fixture
def proxy(server: AlertmanagerServer) -> Iterator[Meddler]:
    with Meddler(server.url) as made:
        yield made


async def standing(writer: SilenceWriter, **more: Any) -> Silence:
    """A new silence, as it was fetched."""
    made = await writer.create(draft(**more))
    assert made.outcome == "done", made
    found = await writer.fetch(made.id or "")
    assert isinstance(found, Silence)
    return found


async def test_a_silence_is_made_as_it_was_drafted(server: AlertmanagerServer) -> None:
    matchers = (
        Matcher("service", "=", "check\"out\\\n'`{}"),
        Matcher("zone", "!=", "\u202eeu\u200b1 \U0001f600 ünï"),
        Matcher("code", "=~", "5.."),
        Matcher("job", "!~", "x" * 10_000),
    )
    asked = draft(*matchers, comment="it's “OPS-7”\n\x1b[2J$(reboot)")
    async with writer_of(server.url) as writer:
        before = time.time()
        made = await writer.create(asked)
        assert made.outcome == "done"
        assert made.error is None
        assert writer.skew == 0.0
        found = await writer.fetch(made.id or "")
    assert isinstance(found, Silence)
    assert found.matchers == matchers
    (kept,) = silences(server, asked.nonce)
    assert kept["id"] == made.id == found.id
    assert kept["comment"] == asked.signed
    assert kept["createdBy"] == "ana"
    assert kept["status"]["state"] == found.state == "active"
    assert found.ends_at == asked.ends_at
    assert before - 1 < found.starts_at < time.time() + 1, "it begins when the server got it"


@pytest.mark.parametrize("landed", [True, False], ids=["landed", "not landed"])
@pytest.mark.parametrize("name", CHANGES)
async def test_a_create_whose_answer_is_no_answer(
    name: str, landed: bool, server: AlertmanagerServer, proxy: Meddler
) -> None:
    asked = draft()
    proxy.meddle(CHANGES[name], landed=landed)
    async with writer_of(proxy.url) as writer:
        made = await writer.create(asked)
    found = silences(server, asked.nonce)
    if landed or name not in NOT_SENT_AGAIN:
        assert made.outcome == "done"
        assert [one["id"] for one in found] == [made.id]
        assert len(proxy.writes) == (1 if landed else 2)
    else:
        assert made.outcome == "refused"
        assert not found
        assert len(proxy.writes) == 1
        assert proxy.url in (made.error or "")


@pytest.mark.parametrize("name", CHANGES)
async def test_a_create_that_never_arrives_is_never_done(name: str, server: AlertmanagerServer, proxy: Meddler) -> None:
    asked = draft()
    proxy.meddle(CHANGES[name], landed=False, times=9)
    async with writer_of(proxy.url) as writer:
        made = await writer.create(asked)
        settled = await writer.settle(asked)
    assert made.outcome == ("refused" if name in NOT_SENT_AGAIN else "unknown")
    assert made.id is None
    assert settled.outcome == "unknown", "what left a moment ago may be on its way"
    assert len(proxy.writes) <= 2
    assert not silences(server, asked.nonce)


async def test_a_create_that_lands_late_and_twice_stays_alone(server: AlertmanagerServer, proxy: Meddler) -> None:
    asked = draft()
    late: list[bytes] = []

    def held(_real: bytes) -> Any:
        late.append(proxy.writes[-1].body)
        return CUT(b"")

    def second(real: bytes) -> Any:
        server.ask("POST", "/api/v2/silences", json.loads(late[0]))
        return CHANGES["500"](real)

    proxy.meddle(held, landed=False)
    proxy.meddle(second, landed=True)
    async with writer_of(proxy.url) as writer:
        made = await writer.create(asked)
    assert made.outcome == "done"
    assert len(silences(server, asked.nonce)) == 2
    assert [one["id"] for one in alive(server, asked.nonce)] == [made.id]


async def test_a_server_that_falls_silent_after_a_write_leaves_it_unknown_until_it_speaks(
    server: AlertmanagerServer, proxy: Meddler
) -> None:
    for landed in (True, False):
        asked = draft()
        proxy.meddle(HANG, landed=landed)
        proxy.blind_after_write = True
        async with writer_of(proxy.url) as writer:
            made = await writer.create(asked)
            assert made.outcome == "unknown"
            assert (await writer.settle(asked)).outcome == "unknown"
            proxy.blind_after_write = False
            settled = await writer.settle(asked)
            assert settled.outcome == ("done" if landed else "unknown")
        proxy.requests.clear()
        async with writer_of(server.url) as later:
            settled = await later.settle(asked)
            assert settled.outcome == ("done" if landed else "unreached")
        assert [one["id"] for one in silences(server, asked.nonce)] == ([settled.id] if landed else [])


async def test_nothing_is_sent_where_the_server_does_not_answer_a_question(proxy: Meddler) -> None:
    for name, change in CHANGES.items():
        proxy.reads = change
        async with writer_of(proxy.url, limits=(0.2, 0.2)) as writer:
            made = await writer.create(draft())
            assert made.outcome == "unreached", name
            assert made.error
    assert not proxy.writes


@pytest.mark.parametrize("matcher", [Matcher("a", "=~", "(bad"), Matcher("bad-name", "=", "x"), Matcher("a", "=", "")])
async def test_what_the_server_refuses_is_refused_with_its_words(matcher: Matcher, server: AlertmanagerServer) -> None:
    asked = draft(matcher)
    async with writer_of(server.url) as writer:
        made = await writer.create(asked)
    assert made.outcome == "refused"
    assert "it says “" in (made.error or "")
    assert not silences(server, asked.nonce)


async def test_what_cannot_be_said_as_it_is_is_not_sent(server: AlertmanagerServer, proxy: Meddler) -> None:
    good = draft()
    bad = [
        replace(good, comment="\udc80"),
        replace(good, created_by="a\ud800"),
        replace(good, matchers=(Matcher("a", "=", "\udfff"),)),
        replace(good, ends_at=time.time() - 1),
        replace(good, ends_at=1e13),
        replace(good, ends_at=float("nan")),
    ]
    async with writer_of(proxy.url) as writer:
        for one in bad:
            assert (await writer.create(one)).outcome == "refused", one
    assert not proxy.writes
    assert not silences(server, good.nonce)


# --- another end ------------------------------------------------------------------------------------------------------
async def test_a_longer_silence_is_the_same_silence(server: AlertmanagerServer) -> None:
    matchers = (Matcher("z", "=", "1"), Matcher("a", "=~", "2|3"), Matcher("m", "!=", "\u202e"))
    asked = draft(*matchers, comment="a\x1b[31m", by="ben\u200b")
    async with writer_of(server.url) as writer:
        made = await writer.create(asked)
        before = await writer.fetch(made.id or "")
        assert isinstance(before, Silence)
        longer = await writer.extend(before, before.ends_at + 1800.25)
        after = await writer.fetch(made.id or "")
    assert longer == Result("am", "done", made.id)
    assert isinstance(after, Silence)
    assert after == replace(before, ends_at=round(before.ends_at + 1800.25, 3), updated_at=after.updated_at)
    (kept,) = silences(server, asked.nonce)
    assert kept["comment"] == asked.signed
    assert kept["createdBy"] == "ben\u200b"


@pytest.mark.parametrize("landed", [True, False], ids=["landed", "not landed"])
@pytest.mark.parametrize("name", CHANGES)
async def test_an_extension_whose_answer_is_no_answer(
    name: str, landed: bool, server: AlertmanagerServer, proxy: Meddler
) -> None:
    async with writer_of(proxy.url) as writer:
        silence = await standing(writer)
        before = len(silences(server))
        proxy.meddle(CHANGES[name], landed=landed)
        longer = await writer.extend(silence, silence.ends_at + 600)
        after = await writer.fetch(silence.id)
    assert isinstance(after, Silence)
    assert len(silences(server)) == before, "never another one"
    if landed or name not in NOT_SENT_AGAIN:
        assert (longer.outcome, longer.id) == ("done", silence.id)
        assert after.ends_at == pytest.approx(silence.ends_at + 600, abs=0.001)
    else:
        assert longer.outcome == "refused"
        assert after.ends_at == silence.ends_at


async def test_an_extension_that_never_arrives_is_unknown(proxy: Meddler) -> None:
    async with writer_of(proxy.url) as writer:
        silence = await standing(writer)
        proxy.meddle(CUT, landed=False, times=9)
        longer = await writer.extend(silence, silence.ends_at + 600)
        assert longer.outcome == "unknown"
        assert (await writer.settle(Expected(silence.id, silence.ends_at + 600))).outcome == "unknown"
    async with writer_of(proxy.url) as later:
        assert (await later.settle(Expected(silence.id, silence.ends_at + 600))).outcome == "unreached"
        assert (await later.settle(Expected(silence.id, silence.ends_at))).outcome == "done"


async def test_what_has_ended_is_not_extended(server: AlertmanagerServer) -> None:
    async with writer_of(server.url) as writer:
        silence = await standing(writer)
        server.expire(silence.id)
        longer = await writer.extend(silence, silence.ends_at + 600)
        assert longer.outcome == "refused"
        assert "has ended" in (longer.error or "")
        gone = await writer.extend(replace(silence, id="00000000-0000-0000-0000-000000000000"), silence.ends_at)
        assert gone.outcome == "refused"
        assert "no silence" in (gone.error or "")


async def test_one_that_ends_while_it_is_extended_says_that_another_stands_in_its_place(
    server: AlertmanagerServer, proxy: Meddler
) -> None:
    async with writer_of(proxy.url) as writer:
        silence = await standing(writer)

        def ended_before(_real: bytes) -> Any:
            server.expire(silence.id)
            body = json.loads(proxy.writes[-1].body)
            server.ask("POST", "/api/v2/silences", body)
            return CUT(b"")

        proxy.meddle(ended_before, landed=False)
        longer = await writer.extend(silence, silence.ends_at + 600)
    assert longer.outcome == "done"
    assert longer.id != silence.id
    assert "in its place" in (longer.error or "")


# --- its end ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("landed", [True, False], ids=["landed", "not landed"])
@pytest.mark.parametrize("name", CHANGES)
async def test_an_end_whose_answer_is_no_answer(
    name: str, landed: bool, server: AlertmanagerServer, proxy: Meddler
) -> None:
    async with writer_of(proxy.url) as writer:
        silence = await standing(writer)
        proxy.meddle(CHANGES[name], landed=landed)
        ended = await writer.expire(silence.id)
        assert (ended.outcome, ended.id) == ("done", silence.id)
        assert (await writer.expire(silence.id)).outcome == "done", "again"
        found = await writer.fetch(silence.id)
    assert isinstance(found, Silence)
    assert found.state == "expired"


@pytest.mark.parametrize("name", CHANGES)
async def test_an_end_that_never_arrives_is_never_done(name: str, proxy: Meddler) -> None:
    async with writer_of(proxy.url) as writer:
        silence = await standing(writer)
        proxy.meddle(CHANGES[name], landed=False, times=9)
        ended = await writer.expire(silence.id)
        assert ended.outcome == "unknown"
        found = await writer.fetch(silence.id)
    assert isinstance(found, Silence)
    assert found.state == "active"


async def test_the_end_of_what_is_not_there_is_refused(server: AlertmanagerServer) -> None:
    async with writer_of(server.url) as writer:
        ended = await writer.expire("00000000-0000-0000-0000-000000000000")
        assert ended.outcome == "refused"
        odd = await writer.expire("../../x?y=\x1b[2J")
        assert odd.outcome in ("refused", "unreached")
        assert "\x1b" not in (odd.error or "")


# --- other matchers ---------------------------------------------------------------------------------------------------
async def test_other_matchers_make_a_new_silence_and_end_the_old_one(server: AlertmanagerServer) -> None:
    async with writer_of(server.url) as writer:
        silence = await standing(writer)
        asked = draft()
        made = await writer.edit(silence, asked)
        assert made.outcome == "done"
        assert made.error is None
        old = await writer.fetch(silence.id)
    assert isinstance(old, Silence)
    assert old.state == "expired"
    assert [one["id"] for one in alive(server, asked.nonce)] == [made.id]


async def test_a_refused_edit_leaves_the_old_one_alive(server: AlertmanagerServer, proxy: Meddler) -> None:
    async with writer_of(proxy.url) as writer:
        silence = await standing(writer)
        for asked in (draft(Matcher("a", "=~", "(bad")), draft(Matcher("a", "=", ""))):
            assert (await writer.edit(silence, asked)).outcome == "refused"
        for name in CHANGES:  # it never arrives
            proxy.meddle(CHANGES[name], landed=False, times=2)
            assert (await writer.edit(silence, draft())).outcome in ("refused", "unknown")
            proxy.forget()
        old = await writer.fetch(silence.id)
    assert isinstance(old, Silence)
    assert old.state == "active"


async def test_an_edit_whose_old_one_cannot_be_ended_says_so(server: AlertmanagerServer, proxy: Meddler) -> None:
    async with writer_of(proxy.url) as writer:
        silence = await standing(writer)
        proxy.meddle(lambda real: Reply(real), landed=True)
        proxy.meddle(CUT, landed=False, times=9)
        made = await writer.edit(silence, draft())
    assert made.outcome == "unknown"
    assert silence.id in (made.error or "")
    assert made.id


# --- who may ----------------------------------------------------------------------------------------------------------
async def test_read_only_sends_nothing_whatever_is_called(server: AlertmanagerServer, proxy: Meddler) -> None:
    async with writer_of(proxy.url) as writer:
        silence = await standing(writer)
    proxy.requests.clear()
    async with writer_of(proxy.url, read_only="this start is read-only (--read-only)") as writer:
        asked = draft()
        results = [
            await writer.create(asked),
            await writer.extend(silence, silence.ends_at + 60),
            await writer.expire(silence.id),
            await writer.edit(silence, asked),
        ]
        assert [(one.outcome, one.error) for one in results] == [("refused", writer.read_only)] * 4
        writer.read_only = None  # whoever forgets to ask
        results = [
            await writer.create(asked),
            await writer.extend(silence, silence.ends_at + 60),
            await writer.expire(silence.id),
            await writer.edit(silence, asked),
        ]
        assert [one.outcome for one in results] == ["refused"] * 4
        assert isinstance(await writer.fetch(silence.id), Silence), "questions are answered all the same"
        assert await writer.matching(silence.matchers) == frozenset()
    assert not proxy.writes
    assert len(alive(server)) >= 1


async def test_what_the_server_itself_understands_by_matchers(server: AlertmanagerServer) -> None:
    server.fire({"alertname": "Match", "service": "m", "http": 'a"b\\\n'}, {"alertname": "Match", "service": "n"})
    async with writer_of(server.url) as writer:
        one = await writer.matching([Matcher("alertname", "=", "Match"), Matcher("http", "=", 'a"b\\\n')])
        both = await writer.matching([Matcher("alertname", "=~", "Mat.*"), Matcher("nosuch", "!=", "x")])
        none = await writer.matching([Matcher("alertname", "=~", "(bad")])
        assert none is None
        assert writer.trouble
    assert one is not None
    assert both is not None
    assert len(one) == 1
    assert len(both) == 2
    assert one < both


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (AlertmanagerSource("am", ("http://h",), read_only=True), "read_only in the config"),
        (AlertmanagerSource("am", ("https://h",), http=HttpConfig(tls=UNCHECKED)), "insecure_skip_verify"),
        (AlertmanagerSource("am", ("http://h", "https://i"), http=HttpConfig(tls=UNCHECKED)), "insecure_skip_verify"),
    ],
)
async def test_what_the_config_lets_nobody_write_to(settings: AlertmanagerSource, words: str) -> None:
    writer = SilenceWriter(settings, time.time)
    made = await writer.create(draft())
    assert made.outcome == "refused"
    assert words in (made.error or "")
    assert writer.read_only == made.error


async def test_an_unchecked_certificate_matters_where_there_is_one() -> None:
    assert (
        SilenceWriter(AlertmanagerSource("am", ("http://h",), http=HttpConfig(tls=UNCHECKED)), time.time).read_only
        is None
    )
