"""Bad days of the network and of what comes over it, beside a source that stays well."""

from __future__ import annotations

import socket
import threading
import time

from tests.bad_days.cases import bad_day
from tests.bad_days.conftest import Day
from tests.bad_days.flipping import forward
from tests.bad_days.person import Person
from tests.servers.faults import FaultServer, Reply, Request, answer

SLOW_RESOLVER = """
import socket, time
_ask = socket.getaddrinfo
def getaddrinfo(host, *more, **others):
    if b"hanging" in (host if isinstance(host, bytes) else str(host).encode()):
        time.sleep(60)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    return _ask(host, *more, **others)
socket.getaddrinfo = getaddrinfo
"""
"""Stands between the console and the resolver, as a name server that drops every packet would."""


def beside(day: Day, url: str, **more: object) -> Person:
    """A console on a source that will not do and on one that does."""
    person = day.person(day.estate.config({"victim": url, "calm": day.calm.url}), **more)
    person.sees("calm live")
    person.sees_figures_move("calm")
    person.forget_peak()
    return person


def others_live(day: Day, person: Person) -> None:
    """The other source goes on, the keys answer, the row of the victim is there."""
    person.keys_answer()
    assert "unknown" in person.row("victim"), person.text
    person.sees_figures_move("calm")
    person.no_longer_sees("calm down")


@bad_day("The name of a source cannot be resolved", "it stays so")
def test_unknown_name(day: Day) -> None:
    # Remedy: what the resolver says becomes a sentence (sources/faults.py).
    person = beside(day, "http://no-such-host.invalid:9090")
    day.result.sees = person.failure("victim")
    assert "cannot be resolved" in day.result.sees
    others_live(day, person)
    day.ends_well(person)


@bad_day("The resolver hangs", "it stays so; the program can be left at once")
def test_hanging_resolver(day: Day) -> None:
    # Remedy: names are looked up in threads nobody waits for (sources/resolving.py); without it `q` waits for them all.
    spy = day.folder / "resolver"
    spy.mkdir()
    (spy / "sitecustomize.py").write_text(SLOW_RESOLVER)
    names = {f"v{number}": f"http://hanging-{number}.invalid:9090" for number in range(8)}
    config = day.estate.config({**names, "calm": day.calm.url})
    person = day.person(config, paths=(spy,), size=(200, 36))
    person.sees("calm live")
    person.sees_figures_move("calm")
    person.forget_peak()
    threads = person.threads
    day.result.sees = person.failure("v0")
    person.press(b"RRR")
    person.sees_figures_move("calm")
    person.keys_answer()
    assert person.threads <= threads + 40
    began = time.monotonic()
    day.ends_well(person)
    day.result.recovery = round(time.monotonic() - began, 1)
    day.result.remark = "recovery: seconds until the program had ended"


@bad_day("A port takes connections and never answers", "it stays so")
def test_silent_port(day: Day) -> None:
    # Remedy: the time limits of every exchange (sources/wire.py).
    with socket.create_server(("127.0.0.1", 0), backlog=64) as silent:
        person = beside(day, f"http://127.0.0.1:{silent.getsockname()[1]}")
        day.result.sees = person.failure("victim")
        assert "sends nothing for" in day.result.sees or "no whole answer" in day.result.sees
        files = person.open_files
        others_live(day, person)
        assert person.open_files <= files + 6
        day.ends_well(person)


@bad_day("Answers are cut at every length, one after the other", "they are whole again")
def test_cut_answers(day: Day) -> None:
    # At every single length of every form: tests/sources. Here a sample of them, all the way to the screen.
    victim = day.estate.prometheus("victim")
    cut = [0.0]
    lock = threading.Lock()

    def respond(request: Request) -> Reply:
        status, kind, body = forward(f"127.0.0.1:{victim.port}", request)
        whole = answer(status, body, kind)
        with lock:
            share = cut[0]
        return Reply(whole[: int(len(whole) * share)], "close") if share < 1 else Reply(whole)

    with FaultServer(respond) as proxy:
        person = beside(day, proxy.url)
        for number in range(12):
            asked = len(proxy.requests)
            cut[0] = number / 12
            person.press(b"R")
            person.until(lambda asked=asked: len(proxy.requests) > asked, "asked again")  # type: ignore[misc]
            assert not person.figures("victim"), person.text
        person.until(lambda: "cut off" in person.text or "closed the connection" in person.text, "what went wrong")
        day.result.sees = person.failure("victim")
        others_live(day, person)
        cut[0] = 1.0
        day.recovers(person, "victim live", time.monotonic())
        person.sees_figures_move("victim")
        day.ends_well(person)


@bad_day("An answer of 100 MB", "answers are as usual")
def test_huge_answer(day: Day) -> None:
    # Remedy: the byte cap while reading (sources/answer.py); without it memory grows by several hundred MB.
    victim = day.estate.prometheus("victim")
    series = b'{"metric":{"sreconsole":"0.0"},"value":[1,"' + b"9" * 1000 + b'"]},'
    huge = [True]
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    opening = b'{"status":"success","data":{"resultType":"vector","result":['
    chunk = series * 64
    chunk = b"%x\r\n%s\r\n" % (len(chunk), chunk)
    body = head + b"%x\r\n%s\r\n" % (len(opening), opening) + chunk * (100_000_000 // len(chunk)) + b"0\r\n\r\n"

    def respond(request: Request) -> Reply:
        if huge[0]:
            return Reply(body, "close")
        status, kind, data = forward(f"127.0.0.1:{victim.port}", request)
        return Reply(answer(status, data, kind))

    day.memory_limit = 120.0
    with FaultServer(respond) as server:
        person = beside(day, server.url)
        day.result.sees = person.failure("victim")
        assert "passes" in day.result.sees
        assert "max_answer" in day.result.sees
        person.press(b"R")
        others_live(day, person)
        huge[0] = False
        day.recovers(person, "victim live", time.monotonic())
        day.ends_well(person)
