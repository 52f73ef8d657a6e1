"""A resolver that hangs stops neither other lookups nor the end of the program."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import Any

import pytest

from sreconsole.sources.resolving import resolve_aside
from tests.servers.faults import FaultServer, answer
from tests.sources.asking import GOOD, failure, value

pytestmark = pytest.mark.usefixtures("carrier")


class Hanging:
    """Stands in the place of the host's resolver: some names never come back."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.end = threading.Event()
        self.asked: list[str] = []
        self._real = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self.getaddrinfo)

    def getaddrinfo(self, host: Any, *more: Any) -> Any:
        """Hang for names with `hanging` in them."""
        name = host.decode() if isinstance(host, bytes) else str(host)
        self.asked.append(name)
        if "hanging" in name:
            self.end.wait(60)
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return self._real(host, *more)


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Hanging:
    return Hanging(monkeypatch)


def test_the_program_ends_and_others_are_found_while_lookups_hang(hanging: Hanging) -> None:
    async def ask() -> float:
        with FaultServer(lambda _request: answer(200, GOOD)) as server:
            lost = [asyncio.create_task(failure(f"http://hanging-{n}.invalid", timeout=0.3)) for n in range(40)]
            found = await value(f"http://localhost:{server.port}")
            said = {str(error) for error in await asyncio.gather(*lost)}
            assert len(said) == 40
            assert all("hanging-" in sentence for sentence in said)
            return found

    ended = threading.Event()
    found: list[float] = []

    def program() -> None:
        found.append(asyncio.run(ask()))
        ended.set()

    thread = threading.Thread(target=program, daemon=True)
    thread.start()
    assert ended.wait(20), "the loop waits for lookups that hang"
    hanging.end.set()
    assert found == [1.5]


async def test_a_name_is_looked_up_once_at_a_time(hanging: Hanging) -> None:
    resolve_aside()
    resolve_aside()
    loop = asyncio.get_running_loop()
    waiting = [asyncio.create_task(loop.getaddrinfo("hanging.invalid", 80)) for _ in range(20)]
    await asyncio.sleep(0)
    for task in waiting[:5]:
        task.cancel()
    await asyncio.wait(waiting[:5])
    assert hanging.asked == ["hanging.invalid"]
    hanging.end.set()
    for task in waiting[5:]:
        with pytest.raises(socket.gaierror):
            await task
    with pytest.raises(socket.gaierror):
        await loop.getaddrinfo("hanging.invalid", 80)
    assert hanging.asked == ["hanging.invalid"] * 2, "the next lookup asks again"
