"""Files with a byte flipped or cut short anywhere, also in the log and the head. What holds, wherever that is:

1. Opening, reading and writing raise nothing but what is said of a disk; what is written afterwards is there.
2. Every row that is returned is one that was committed: of a bucket the newest, or, where the page of the newest is
   the one that was damaged, an older one. Never one that was not written so.
3. Every row that stands on a page or frame that was not touched is there.
4. When a row is missing it is said, and the damaged file and its log are beside the new one.
5. Where to go on scraping from is the newest or not known at all: an older one would count events twice.
6. The cache is never wrong about a bucket and needs no help: what is damaged is fetched again.

Which rows stand on untouched pages is found by looking for their bytes, not by the code under test.
"""

from __future__ import annotations

import random
import re
import shutil
import sqlite3
from array import array
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sreconsole.domain.change import StatusChange
from sreconsole.domain.deploy import Deploy
from sreconsole.domain.slo import SloKey
from sreconsole.domain.status import Status
from sreconsole.domain.tally import Count
from sreconsole.ledger.change_log import ChangeLog
from sreconsole.ledger.chunks import Held
from sreconsole.ledger.deploy_log import DeployLog
from sreconsole.ledger.fine import Fine, Part, add, cut
from sreconsole.ledger.fine_log import FineLog
from sreconsole.ledger.history import History, Row, Scrape
from sreconsole.ledger.lease import Lease
from sreconsole.ledger.ledger_file import LedgerFile
from sreconsole.ledger.tables import count_seal
from tests.ledger.seeds import seed

T0 = 1_763_856_000
SCOPE = b"s" * 16
PAGE, FRAME, HEAD = 4096, 4096 + 24, 32
PARTS = ("", "-wal")


@dataclass
class Past:
    """A history as two consoles left it, one of them killed: most of it in the file, the newest in the log."""

    folder: Path
    rows: dict[bytes, list[Row]] = field(default_factory=dict)
    """Versions of the one bucket of each identity, oldest first."""
    changes: list[StatusChange] = field(default_factory=list)
    scrapes: list[Scrape] = field(default_factory=list)
    dated: dict[bytes, list[tuple[int, Row]]] = field(default_factory=dict)
    """The same versions with the number of the scrape they came with."""
    deploys: dict[str, list[Deploy]] = field(default_factory=dict)
    """What was recorded of each deploy by its key, oldest first; the messages are unlike."""
    fine: dict[bytes, list[Part]] = field(default_factory=dict)
    """Versions of the one row of fine buckets of each identity, oldest first: each knows more."""

    def deploys_by(self, at: float) -> dict[str, Deploy]:
        """The newest of each deploy when that moment was over."""
        told = {
            key: [one for one in versions if (one.commit_at or 0.0) <= at] for key, versions in self.deploys.items()
        }
        return {key: versions[-1] for key, versions in told.items() if versions}

    def as_of(self, step: int) -> dict[bytes, Row]:
        """The newest bucket of each identity when that many scrapes had been saved."""
        saved = {identity: [row for at, row in rows if at < step] for identity, rows in self.dated.items()}
        return {identity: rows[-1] for identity, rows in saved.items() if rows}

    def content(self) -> dict[str, bytes]:
        return {part: (self.folder / f"history.db{part}").read_bytes() for part in PARTS}


def save(past: Past, history: History, lease: Lease, dice: random.Random, step: int, rows: list[Row]) -> None:
    scrape = Scrape(float(T0 + step), dice.randbytes(dice.choice((20, 900, 9000))), "[]")
    history.save(lease, scrape, rows)
    for row in rows:
        past.rows.setdefault(row.identity, []).append(row)
        past.dated.setdefault(row.identity, []).append((len(past.scrapes), row))
    past.scrapes.append(scrape)
    key = SloKey("checkout", f"slo {dice.randrange(20)}")
    before = next((change.after for change in reversed(past.changes) if change.key == key), None)
    change = StatusChange(key, before, dice.choice(list(Status)), float(T0 + step), f"reason number {step:06d} of many")
    if ChangeLog(history.store).record_change(SCOPE, change):
        past.changes.append(change)
    name = f"{dice.randrange(2 * step + 2)}"
    deploy = Deploy(
        "", "checkout", f"v{name}", environment="prod", status=dice.choice(("running", "failed", "succeeded")),
        finished_at=float(T0), message=f"message number {step:06d} of many", commit_at=float(T0 + step),
    )  # fmt: skip
    assert DeployLog(history.store).record([(SCOPE, name, deploy)], T0 + step) == 1
    past.deploys.setdefault(name, []).append(deploy)
    ident = b"fine %011d" % (step // 3)
    total = [dice.random() for _ in range(15 * (step % 3 + 1))]
    held = Held(ident, 60, T0 // 7200 * 7200, array("d", [0.0] * len(total)), array("d", total), 0.0)
    (part,) = cut(Fine(ident, 15.0, [held]), ((0, 1 << 40),), 1 << 40)
    assert FineLog(history.store).keep([part], T0) == 1
    past.fine.setdefault(ident, []).append(part)


def make_past(folder: Path, dice: random.Random, steps: int) -> Past:
    """With `steps` scrapes in the log and some more in the file."""
    past = Past(folder / "made")
    live = folder / "live" / "history.db"
    identities = [dice.randbytes(16) for _ in range(40 * steps)]
    for phase, more in (("file", steps // 2), ("log", 0)):
        history = History.open(live)
        lease = Lease(history.store, SCOPE, 1e6)
        assert lease.acquire(T0)
        with history.store.reading() as connection:
            connection.execute("PRAGMA wal_autocheckpoint = 0")
        for step in range(steps + more):
            step += 1000 * (phase == "log")
            rows = [
                Row(identity, Count(60, T0 + 60, dice.choice((0.0, 0.25, 7.0)), float(step), 60.0))
                for identity in dice.sample(identities, 30)
            ]
            save(past, history, lease, dice, step, rows)
        if phase == "log":
            past.folder.mkdir()
            for part in PARTS:
                shutil.copy(live.with_name(f"history.db{part}"), past.folder)
        lease.release()
        history.close()
    return past


@dataclass
class Blow:
    """What happens to a file."""

    part: str
    at: int
    value: int | None
    """None: it ends there."""

    def fall(self, content: dict[str, bytes]) -> dict[str, bytes]:
        data = content[self.part]
        after = data[: self.at] if self.value is None else data[: self.at] + bytes([self.value]) + data[self.at + 1 :]
        return {**content, self.part: after}

    def touched(self, part: str, start: int, end: int) -> bool:
        """Whether the piece [start, end) of a file is not as it was."""
        return part == self.part and (end > self.at if self.value is None else start <= self.at < end)


def any_blow(content: dict[str, bytes], dice: random.Random) -> Blow:
    part = dice.choice(PARTS)
    data = content[part]
    at = dice.randrange(100) if dice.random() < 0.15 else dice.randrange(len(data))
    if dice.random() < 0.2:
        return Blow(part, at, None)
    return Blow(part, at, data[at] ^ dice.randrange(1, 256))


def pieces(content: dict[str, bytes]) -> list[tuple[str, int, int]]:
    """Pages of the file and frames of the log, in the order of their age."""
    main = [("", start, start + PAGE) for start in range(0, len(content[""]), PAGE)]
    return main + [("-wal", start, start + FRAME) for start in range(HEAD, len(content["-wal"]), FRAME)]


def intact(content: dict[str, bytes], blow: Blow, needle: re.Pattern[bytes]) -> bool:
    """Whether the bytes of a row stand on a piece that the blow left alone."""
    return any(
        needle.search(content[part], start, end) and not blow.touched(part, start, end)
        for part, start, end in pieces(content)
    )


def row_bytes(row: Row) -> re.Pattern[bytes]:
    """What a bucket looks like in the file: its identity, and near it its checksum."""
    check = count_seal(row.identity, *row.bucket)
    size = 4 if check < 1 << 31 else 6
    return re.compile(re.escape(row.identity) + b".{2,50}" + re.escape(check.to_bytes(size, "big")), re.DOTALL)


def fine_bytes(versions: list[Part]) -> re.Pattern[bytes]:
    """What the newest row of fine buckets looks like: its identity, and behind its buckets its checksum."""
    row = None
    for part in versions:
        row = add(row, [part])
    assert row is not None
    size = 4 if row.checksum < 1 << 31 else 6
    return re.compile(re.escape(row.identity) + b".{2,1100}" + re.escape(row.checksum.to_bytes(size, "big")), re.DOTALL)


def same(part: Part, total: list[float]) -> bool:
    return [value for value in part.total if value == value] == [value for value in total if value == value]


def strike(past: Past, folder: Path, blow: Blow) -> str:
    """One trial; returns what came of it."""
    folder.mkdir()
    content = past.content()
    struck = blow.fall(content)
    for part, data in struck.items():
        (folder / f"history.db{part}").write_bytes(data)
    (folder / "history.db-lock").write_bytes(b"2\n")
    history = History.open(folder / "history.db")
    log = ChangeLog(history.store)
    rows = {row.identity: row for row in history.rows(list(past.rows), 60, 0, 1e12)}
    changes, scrape = log.changes(0), history.scrape(SCOPE)
    notice = history.notice or ""

    for identity, row in rows.items():
        assert row in past.rows[identity]
    assert set(changes) <= set(past.changes)
    deploys = {key: deploy for _, key, deploy in DeployLog(history.store).deploys([SCOPE], 0.0)}
    assert all(deploy in past.deploys[key] for key, deploy in deploys.items())
    found = FineLog(history.store).load(list(past.fine), {60: 0}, 1e12)
    fine = {name: list(one.helds[0].total) for name, one in found.items()}
    assert all(any(same(part, total) for part in past.fine[name]) for name, total in fine.items())
    if blow.part == "-wal" and blow.value is None and not notice:
        # A log that is cut short looks like one whose writer was killed: the past, whole, as it was a moment before.
        assert scrape is not None
        step = past.scrapes.index(scrape) + 1
        assert rows == past.as_of(step)
        earlier = {change for change in past.changes if change.at < scrape.at}
        assert earlier <= set(changes) <= earlier | {change for change in past.changes if change.at == scrape.at}
        assert deploys in (past.deploys_by(scrape.at - 1), past.deploys_by(scrape.at))
        history.close()
        return "earlier"
    assert scrape in (None, past.scrapes[-1])
    if "newer sreconsole" in notice:  # the blow fell on the version; nothing is lost, and nothing touched
        assert {part: (folder / f"history.db{part}").read_bytes() for part in PARTS} == struck
        history.close()
        return "newer"
    lost = 0
    for identity, versions in past.rows.items():
        if rows.get(identity) != versions[-1]:
            lost += 1
            assert not intact(content, blow, row_bytes(versions[-1])), versions[-1]
    for change in set(past.changes) - set(changes):
        lost += 1
        assert not intact(content, blow, re.compile(re.escape(change.reason.encode()))), change
    for key, told in past.deploys.items():
        if deploys.get(key) != told[-1]:
            lost += 1
            assert not intact(content, blow, re.compile(re.escape(told[-1].message.encode()))), told[-1]
    for name, parts in past.fine.items():
        if name not in fine or not same(parts[-1], fine[name]):
            lost += 1
            assert not intact(content, blow, fine_bytes(parts)), name
    lost += scrape is None
    aside = sorted(folder.glob("history.db.damaged-*Z"))
    if lost:
        assert "was damaged" in notice or "was emptied" in notice
    if aside:
        assert "was damaged" in notice
        assert aside[0].name in notice
        log_aside = aside[0].with_name(aside[0].name + "-wal")
        assert (log_aside.read_bytes() if log_aside.exists() else b"") == struck["-wal"]

    lease = Lease(history.store, SCOPE, 45.0)
    assert lease.acquire(T0 + 10**7)
    news = Row(b"n" * 16, Count(60, T0 + 10**7, 1.0, 2.0, 60.0))
    history.save(lease, Scrape(T0 + 10**7), [news])
    assert history.rows([news.identity], 60, 0, 1e12) == [news]
    history.close()
    with sqlite3.connect(folder / "history.db") as plain:
        assert plain.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    plain.close()
    return "lost" if lost else "moved" if aside else "whole"


def history_blows(folder: Path, times: int, steps: int) -> None:
    dice = random.Random(seed())
    past = make_past(folder, dice, steps)
    untouched = strike(past, folder / "none", Blow("", 0, past.content()[""][0]))
    assert untouched == "whole"
    seen = []
    for number in range(times):
        blow = any_blow(past.content(), dice)
        print(number, blow)  # noqa: T201 - shown with a test that fails
        seen.append(strike(past, folder / str(number), blow))
        shutil.rmtree(folder / str(number))
    assert {"lost", "moved"} & set(seen)


def test_a_few_blows_to_the_history(tmp_path: Path) -> None:
    history_blows(tmp_path, 12, 10)


@pytest.mark.prove
@pytest.mark.timeout(900)
def test_100_blows_to_the_history(tmp_path: Path) -> None:
    history_blows(tmp_path, 100, 40)


@pytest.mark.parametrize(
    "blow",
    [
        *(Blow("", at, None) for at in (0, 1, 16, 99, 100, 4095, 4096, 4097, 20 * PAGE)),
        *(Blow("-wal", at, None) for at in (0, 1, 31, 32, 40, HEAD + FRAME, HEAD + 5 * FRAME + 7)),
        *(
            Blow("", at, 0xFF)
            for at in (0, 15, 16, 18, 19, 20, 21, 24, 28, 32, 36, 44, 47, 52, 56, 60, 64, 68, 100, 105)
        ),
        *(Blow("", at, 0) for at in (16, 17, 18, 28, 31, 44, 47, 56, 59, 63, 68, 71, 100, 103, 104)),
        *(Blow("-wal", at, 0xFF) for at in (0, 3, 8, 11, 16, 20, 24, 31, HEAD + 3, HEAD + 7, HEAD + 9, HEAD + 20)),
    ],
    ids=lambda blow: f"history.db{blow.part} at {blow.at} {'ends' if blow.value is None else blow.value}",
)
def test_blows_to_the_heads(made: Past, tmp_path: Path, blow: Blow) -> None:
    strike(made, tmp_path / "struck", blow)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Past:
    return make_past(tmp_path_factory.mktemp("past"), random.Random(seed()), 6)


def make_cache(path: Path, dice: random.Random) -> dict[tuple[bytes, int, int], set[tuple[float, float]]]:
    """A cache and every value each of its buckets had."""
    known: dict[tuple[bytes, int, int], set[tuple[float, float]]] = {}
    identities = [dice.randbytes(16) for _ in range(60)]
    ledger = LedgerFile.open(path / "live" / "ledger.db")
    with ledger.store.reading() as connection:
        connection.execute("PRAGMA wal_autocheckpoint = 100")
    for _ in range(40):
        helds = []
        for identity in dice.sample(identities, 20):
            width = dice.choice((60, 300, 3600))
            start, count = T0 + width * dice.randrange(100), dice.randrange(1, 40)
            total = array("d", [dice.uniform(0, 1e6) for _ in range(count)])
            helds.append(Held(identity, width, start, array("d", [1.5]) * count, total, 0.0))
            for index, value in enumerate(total):
                known.setdefault((identity, width, start + width * index), set()).add((1.5, value))
        ledger.save(helds)
        ledger.put_facts({dice.choice(identities): b"fact"}, T0)
    for part in PARTS:
        shutil.copy(path / "live" / f"ledger.db{part}", path)
    ledger.close()
    return known


def cache_blows(folder: Path, times: int) -> None:
    dice = random.Random(seed())
    known = make_cache(folder, dice)
    content = {part: (folder / f"ledger.db{part}").read_bytes() for part in PARTS}
    identities = sorted({identity for identity, _, _ in known})
    for number in range(times):
        blow = any_blow(content, dice)
        print(number, blow)  # noqa: T201 - shown with a test that fails
        path = folder / str(number) / "ledger.db"
        path.parent.mkdir()
        for part, data in blow.fall(content).items():
            path.with_name(f"ledger.db{part}").write_bytes(data)
        if dice.random() < 0.5:
            path.with_name("ledger.db-lock").write_bytes(b"1\n")
        ledger = LedgerFile.open(path)
        for run in ledger.load(identities, {60: 0, 300: 0, 3600: 0}):
            for index, (bad, total) in enumerate(zip(run.bad, run.total, strict=True)):
                place = (run.identity, run.width, run.start + run.width * index)
                assert total != total or (bad, total) in known[place]
        assert {ledger.fact(identity) for identity in identities} <= {None, b"fact"}
        news = [Held(identity, 60, T0, array("d", [1.0]), array("d", [2.0]), 0.0) for identity in identities]
        for _ in range(2):  # what is saved may bring the damage to light, and is fetched again then
            ledger.save(news)
            ledger.put_facts({identities[0]: b"new"}, T0)
            ledger.load(identities, {60: T0})
        assert {run.total[0] for run in ledger.load(identities, {60: T0}) if run.start == T0} == {2.0}
        assert ledger.fact(identities[0]) == b"new"
        ledger.prune(T0)
        ledger.close()
        nameless = blow.touched("", 68, 72)  # it no longer says that it is ours, so it is not ours to delete
        assert nameless or not list(path.parent.glob("*.damaged-*"))
        shutil.rmtree(path.parent)


def test_a_few_blows_to_the_cache(tmp_path: Path) -> None:
    cache_blows(tmp_path, 15)


@pytest.mark.prove
@pytest.mark.timeout(600)
def test_100_blows_to_the_cache(tmp_path: Path) -> None:
    cache_blows(tmp_path, 100)
