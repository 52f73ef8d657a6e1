"""Faults at random before a real Alertmanager: whatever is answered, what is said of a silence is true."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from sreconsole.domain.draft import Draft
from sreconsole.domain.outcome import Result
from sreconsole.domain.silence import Silence
from sreconsole.sources.silence_writer import Expected, SilenceWriter
from tests.servers.alertmanager import AlertmanagerServer
from tests.servers.meddler import CHANGES, Meddler
from tests.sources.silencing import alive, draft, silences, writer_of

GOES_ON = 3
"""Writes of one action that may be meddled with."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AlertmanagerServer]:
    with AlertmanagerServer(tmp_path_factory.mktemp("am")) as made:
        yield made


async def test_a_few_faults_at_random(server: AlertmanagerServer) -> None:
    await faults(server, seed=7, rounds=12)


@pytest.mark.prove
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(8))
async def test_many_faults_at_random(server: AlertmanagerServer, seed: int) -> None:
    await faults(server, seed=1000 + seed, rounds=150)


async def faults(server: AlertmanagerServer, seed: int, rounds: int) -> None:
    """Make, prolong and end silences through a proxy in a bad mood; look at the server itself after each."""
    chance = random.Random(seed)
    with Meddler(server.url) as proxy:
        async with writer_of(proxy.url, patience=(0.0, 0.01, 0.02), limits=(1.0, 0.15)) as writer:
            for _ in range(rounds):
                await one_life(chance, server, proxy, writer)


async def one_life(chance: random.Random, server: AlertmanagerServer, proxy: Meddler, writer: SilenceWriter) -> None:
    asked = draft()
    upset(chance, proxy)
    made = await writer.create(asked)
    calm(proxy)
    await true_of_a_create(server, writer, asked, made)
    if made.outcome != "done" or made.id is None:
        return
    before = await writer.fetch(made.id)
    assert isinstance(before, Silence)
    upset(chance, proxy)
    longer = await writer.extend(before, before.ends_at + 60)
    calm(proxy)
    (kept,) = silences(server, asked.nonce)
    now = await writer.fetch(made.id)
    assert isinstance(now, Silence)
    assert kept["id"] == made.id, "never another one"
    prolonged = now.ends_at == before.ends_at + 60
    assert prolonged or now.ends_at == before.ends_at
    true_of_a_change(longer, prolonged, await writer.settle(Expected(made.id, before.ends_at + 60)))
    upset(chance, proxy)
    ended = await writer.expire(made.id)
    calm(proxy)
    true_of_a_change(ended, not alive(server, asked.nonce), await writer.settle(Expected(made.id)))


async def true_of_a_create(server: AlertmanagerServer, writer: SilenceWriter, asked: Draft, made: Result) -> None:
    there = [one["id"] for one in silences(server, asked.nonce)]
    assert len(there) <= 1, "never two"
    if made.outcome == "done":
        assert there == [made.id]
    elif made.outcome in ("refused", "unreached"):
        assert there == []
    else:
        assert made.outcome == "unknown"
        settled = await writer.settle(asked)
        assert settled.outcome == ("done" if there else "unknown")


def true_of_a_change(said: Result, came: bool, settled: Result) -> None:
    if said.outcome == "done":
        assert came
    elif said.outcome in ("refused", "unreached"):
        assert not came
    else:
        assert said.outcome == "unknown"
    assert settled.outcome == "done" if came else settled.outcome != "done"


def upset(chance: random.Random, proxy: Meddler) -> None:
    """Up to three faults, each landed or not; now and then nothing can be asked once a write has come."""
    proxy.requests.clear()
    for _ in range(chance.randrange(GOES_ON + 1)):
        proxy.meddle(CHANGES[chance.choice(sorted(CHANGES))], landed=chance.random() < 0.5)
    proxy.blind_after_write = chance.random() < 0.2


def calm(proxy: Meddler) -> None:
    proxy.forget()
    proxy.blind_after_write = False
