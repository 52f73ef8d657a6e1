"""Ten thousand deploys of 200 services: reading their file, refreshing with them, starting with their history kept."""

from __future__ import annotations

import asyncio
import gc
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from bench.deploy_values import DEPLOYS_OF, SERVICES, lines
from bench.figures import Chapter, Figure, Run, compared, middle
from bench.refresh import COLUMNS, LINES, Cost, Subject
from bench.start import Contender, Taken, turns
from bench.world import World, written
from sreconsole.config.model import Config, FileSource, Service
from sreconsole.domain.deploy import Deploy
from sreconsole.domain.owners import Owners
from sreconsole.engine.deploy_board import DeployBoard
from sreconsole.engine.deploys_feed import FileDeploys
from sreconsole.sources.deploy_file import DeployFile

MANY = 10_000
_ORDERS = ("idle", "same", "deploy")


@dataclass(slots=True)
class Read:
    """Milliseconds of CPU, round by round."""

    plain: list[float] = field(default_factory=list)
    """`json.loads` of each line."""
    first: list[float] = field(default_factory=list)
    """Read, tied to services and put together."""
    same: list[float] = field(default_factory=list)
    one: list[float] = field(default_factory=list)
    again: int = 0
    """Rounds without a new line after which the list was another object."""


def measure(runs: int, rounds: int, many: int = MANY) -> Chapter:
    """The chapter on deploys."""
    found = asyncio.run(read(rounds, many))
    costs = refreshes(rounds, many)
    with tempfile.TemporaryDirectory() as folder:
        taken = _starts(Path(folder), runs, rounds, many)
    return _chapter(found, costs, taken, runs, rounds, many)


async def read(rounds: int, many: int) -> Read:
    """What a file of them costs in process: known to nobody, unchanged, one line longer."""
    found, now = Read(), time.time()
    text = lines(many, now)
    names = [f"service-{number:04d}" for number in range(SERVICES)]
    services = tuple(Service(name, match={"service": name}) for name in names)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds + 1):
            path = Path(folder) / f"{number}.jsonl"
            path.write_text(text, encoding="utf-8")
            config = Config(path, sources={"ci": FileSource("ci", path)}, services=services)
            feed = FileDeploys(DeployFile("ci", path), time.time)
            board, owners = DeployBoard(config, {"ci": feed}), Owners((one.name, one.match) for one in services)
            gc.collect()
            before = time.process_time()
            for line in text.splitlines():
                json.loads(line)
            found.plain.append(_since(before))
            found.first.append(await _refresh(feed, board, owners, now))
            told: Sequence[Deploy] = board.deploys
            assert len(told) == many, len(told)
            found.same.append(await _refresh(feed, board, owners, now))
            found.again += board.deploys is not told
            with path.open("a", encoding="utf-8") as file:
                file.write(lines(1, now).replace('"v0"', '"new"').replace('"id": "0"', '"id": "new"'))
            found.one.append(await _refresh(feed, board, owners, now))
            assert len(board.deploys) == many + 1
            await feed.aclose()
    for each in (found.plain, found.first, found.same, found.one):
        del each[0]
    return found


async def _refresh(feed: FileDeploys, board: DeployBoard, owners: Owners, now: float) -> float:
    before = time.process_time()
    await feed.step()
    await board.take(owners, now)
    return _since(before)


def _since(before: float) -> float:
    return (time.process_time() - before) * 1e3


def refreshes(rounds: int, many: int) -> dict[tuple[str, str], list[Cost]]:
    """By contender and order: rounds of a console with so many deploys and of one with a few, in turns."""
    with ExitStack() as stack:
        subjects = {
            name: stack.enter_context(Subject("bench.console_app", SERVICES, {DEPLOYS_OF: str(number)}))
            for name, number in (("many", many), ("few", many // 50))
        }
        costs: dict[tuple[str, str], list[Cost]] = {}
        for number in range(rounds + 1):
            for name, subject in subjects.items():
                for order in _ORDERS:
                    cost = subject.round(order)
                    if number:
                        costs.setdefault((name, order), []).append(cost)
    return costs


def _starts(home: Path, runs: int, rounds: int, many: int) -> Taken:
    """Starts with warm ledgers, with deploys and without."""
    with World(home / "with", SERVICES) as deploying, World(home / "without", SERVICES) as plain:
        plain.write(written(SERVICES, plain.url)).warm()
        source = "sources:\n  ci: {kind: file, path: deploys.jsonl}\n"
        (deploying.home / "deploys.jsonl").write_text(lines(many, time.time()), encoding="utf-8")
        deploying.write(written(SERVICES, deploying.url).replace("sources:\n", source)).warm()
        newest = f"v{many - 1}".encode()
        contenders = [
            Contender("without", plain.console(), b"service-", plain.env),
            Contender("with", deploying.console(), b"service-", deploying.env),
            Contender("told", deploying.console(), newest, deploying.env),
        ]
        return turns(contenders, runs, rounds)


def _chapter(
    told: Read, costs: dict[tuple[str, str], list[Cost]], taken: Taken, runs: int, rounds: int, many: int
) -> Chapter:
    def cpu(name: str, order: str) -> Run:
        idle = statistics.median(cost.cpu_ms for cost in costs[name, "idle"])
        return [max(0.01, cost.cpu_ms - idle) for cost in costs[name, order]]

    def starts(name: str, which: int) -> list[Run]:
        return [[start[which] * 1e3 for start in run] for run in taken[name]]

    same = max(cost.written for cost in costs["many", "same"])
    new = costs["many", "deploy"]
    ours, least = statistics.median(c.written for c in new), max(1.0, statistics.median(c.least for c in new))
    some = statistics.median(cost.written for cost in costs["few", "deploy"])
    figures = [
        compared("first read of the file, against `json.loads` of its lines", [told.first], [told.plain], 14.0),
        compared("nothing changed in it, against its first read", [told.same], [told.first], 1 / 50),
        compared("one line more, against its first read", [told.one], [told.first], 1 / 10),
        Figure("nothing changed: lists that are another object", f"{told.again}", "-", told.again, 0, "", True),
        Figure("nothing changed, bytes to the terminal", f"{same} B", "-", same, 0, "B", counted=True),
        Figure(
            "one deploy more, bytes, against the changed cells",
            f"{ours:,.0f} B",
            f"{least:,.0f} B",
            ours / least,
            4.0,
            counted=True,
        ),
        Figure(
            f"one deploy more, bytes: {many:,} deploys against {many // 50}",
            f"{ours:,.0f} B",
            f"{some:,.0f} B",
            ours / max(1.0, some),
            1.2,
            counted=True,
        ),
        compared(
            f"one deploy more, CPU: {many:,} deploys against {many // 50}",
            [cpu("many", "deploy")],
            [cpu("few", "deploy")],
            None,
        ),
        compared("first frame, with deploys against without", starts("with", 0), starts("without", 0), 1.1),
        compared("first frame, with deploys against without, CPU", starts("with", 1), starts("without", 1), 1.1),
        Figure(
            "until the newest deploy is on the screen",
            f"{middle(starts('told', 0)):,.0f} ms",
            f"{middle(starts('without', 0)):,.0f} ms",
            middle(starts("told", 0)) / middle(starts("without", 0)),
            None,
        ),
    ]
    return Chapter(
        f"{many:,} deploys",
        f"A file of {many:,} lines over 30 days, of {SERVICES} services in turns. In process: the file is read, its "
        f"deploys are tied to services, told apart and put in order; then the same with nothing new, and with one line "
        f"more; CPU, {rounds} rounds. On terminals of {COLUMNS}x{LINES}: `bench/console_app.py` with {SERVICES} rows "
        f"and that many deploys beside one with {many // 50}, {rounds} rounds in turns; bytes without visible change "
        f"are the largest. Starts with a warm ledger of {SERVICES} services, through the installed script, with that "
        f"file and its history kept and without either, {runs} runs of {rounds} in turns.",
        figures,
    )
