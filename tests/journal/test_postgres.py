"""A journal in PostgreSQL, Debian's: many write, it is stopped, crashes and hangs; nothing is lost or doubled."""

from __future__ import annotations

import random
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from sreconsole.config.model import Journal as Settings
from sreconsole.journal import postgres_journal
from sreconsole.journal.opening import open_journal
from sreconsole.journal.postgres_journal import PostgresStore
from sreconsole.journal.recorder import Recorder
from sreconsole.journal.spool import Spool
from tests.journal.entries import ANA, T0, Clock, entry, journal, numbers, outcome
from tests.ledger.seeds import seed
from tests.servers.postgres import PASSWORD, PostgresServer


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with PostgresServer() as running:
        yield running


def sql(server: PostgresServer, *statements: str, database: str = "postgres") -> None:
    with psycopg.connect(server.dsn(database=database), password=PASSWORD, autocommit=True) as hand:
        for statement in statements:
            hand.execute(statement.encode())


@pytest.fixture
def database(server: PostgresServer) -> Iterator[str]:
    """The name of an empty database."""
    name = f"journal_{random.randrange(10**9)}"
    sql(server, f"CREATE DATABASE {name}")
    yield name
    sql(server, f"DROP DATABASE {name} WITH (FORCE)")


class Team:
    """People on several hosts, each with a spool of their own, and one database."""

    def __init__(self, server: PostgresServer, database: str, folder: Path) -> None:
        self.server, self.database, self.folder = server, database, folder
        self.clock = Clock()
        self.made: list[Recorder] = []

    def join(self, host: str, user: str = "owner") -> Recorder:
        store = PostgresStore(self.server.dsn(user, self.database), self.server.password_file)
        (self.folder / host).mkdir(exist_ok=True)
        self.made.append(journal(self.folder / host, store, name=f"{host}:{len(self.made)}", clock=self.clock))
        return self.made[-1]


@pytest.fixture
def team(server: PostgresServer, database: str, tmp_path: Path) -> Iterator[Team]:
    made = Team(server, database, tmp_path)
    yield made
    for recorder in made.made:
        recorder.close()


def state(recorder: Recorder) -> str:
    """What it says of itself, or nothing."""
    return recorder.state or ""


def test_what_one_writes_the_other_reads(team: Team) -> None:
    ana, ben = team.join("ana"), team.join("ben")
    assert (ana.read(0), ana.verify(), state(ana)) == ([], [], "")
    _, cursor = ben.newer(None)
    note = entry(1, kind="note", text="DB is slow\x1b[31m ünïcödé \x00", since=T0 - 600, until=T0 - 60, tags=("db",))
    ana.write(note)
    ana.write(entry(2))
    ana.ended(outcome(2, "unknown", at=T0 + 9))
    rows, cursor = ben.newer(cursor)
    assert [r.entry.id[-1] for r in rows] == ["1", "2"]
    assert rows[0].entry.text == "DB is slow␛ ünïcödé ⟨U+0000⟩"
    ben.ended(outcome(2, at=T0 + 5))
    rows, cursor = ana.newer(cursor)
    assert [(r.entry, r.outcome) for r in rows] == [(entry(2), outcome(2, at=T0 + 5))]
    assert ben.newer(cursor) == ([], cursor)
    assert [r.entry.id[-1] for r in ben.read(T0 - 100, T0 - 50)] == ["1"]
    assert [r.entry.id[-1] for r in ben.read(T0 - 100, kinds=["silence.create"])] == ["2"]
    assert (ana.verify(), ben.verify()) == ([], [])
    assert list(team.folder.glob("*/*.db")) == []


def test_rows_can_only_be_added(team: Team) -> None:
    ana = team.join("ana")
    ana.write(entry(1))
    ana.write(entry(2))
    for statement in ("UPDATE sreconsole_journal SET body = ''", "DELETE FROM sreconsole_journal"):
        with pytest.raises(psycopg.errors.RaiseException, match="only ever added to"):
            sql(team.server, statement, database=team.database)
    with pytest.raises(psycopg.errors.RaiseException, match="only ever added to"):
        sql(team.server, "TRUNCATE sreconsole_journal", database=team.database)
    off = "ALTER TABLE sreconsole_journal DISABLE TRIGGER ALL"
    edit = "UPDATE sreconsole_journal SET body = replace(body, 'OPS-1', 'OPS-7') WHERE seq = 1"
    sql(team.server, off, edit, database=team.database)
    assert [said for said in ana.verify() if "was changed after it was written" in said]


def test_a_commit_is_on_the_disk_also_where_the_server_would_not_wait(team: Team) -> None:
    sql(team.server, f"ALTER DATABASE {team.database} SET synchronous_commit = off")
    ana = team.join("ana")
    note = "CREATE FUNCTION say() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.body := NEW.body || "
    note += "current_setting('synchronous_commit'); RETURN NEW; END$$"
    ana.write(entry(1))
    trigger = "CREATE TRIGGER say BEFORE INSERT ON sreconsole_journal FOR EACH ROW EXECUTE FUNCTION say()"
    sql(team.server, note, trigger, database=team.database)
    ana.write(entry(2))
    with psycopg.connect(team.server.dsn(database=team.database), password=PASSWORD) as hand:
        found = hand.execute("SELECT right(body, 3), current_setting('synchronous_commit') FROM sreconsole_journal")
        assert found.fetchall()[1] == ("}on", "off")


def test_many_at_once_stand_in_a_row(team: Team) -> None:
    def write(number: int) -> None:
        recorder = team.join(f"host{number}")
        for one in range(number * 100, number * 100 + 25):
            recorder.write(entry(one))
            recorder.ended(outcome(one))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    reader = team.join("reader")
    found = reader.read(0)
    assert len(found) == 100
    assert all(recorded.outcome is not None for recorded in found)
    assert (reader.verify(), state(reader)) == ([], "")


def test_stopped_and_started_in_between_nothing_is_lost_or_doubled(team: Team) -> None:
    ana, ben = team.join("ana"), team.join("ben")
    ana.write(entry(1))
    _, cursor = ben.newer(None)
    team.server.stop()
    ana.ended(outcome(1))
    ana.write(entry(2))
    assert "postgresql://127.0.0.1:" in state(ana)
    assert "is away (" in state(ana)
    assert "2 entries wait in spool-" in state(ana)
    assert PASSWORD not in state(ana)
    assert numbers(ana) == [2], "what is kept here can be read"
    assert ben.newer(cursor)[0] == []
    team.server.start()
    ana.write(entry(3))
    assert "3 entries wait" in state(ana), "not asked again at once"
    team.clock.now += 60
    ana.newer(None)
    assert state(ana) == ""
    rows, cursor = ben.newer(cursor)
    assert [(r.entry, r.outcome) for r in rows] == [(entry(1), outcome(1)), (entry(2), None), (entry(3), None)]
    assert (ana.verify(), ben.verify()) == ([], [])
    ana.ended(outcome(3))
    assert [r.outcome for r in ben.newer(cursor)[0]] == [outcome(3)]


def test_a_connection_that_went_meanwhile_is_made_anew_without_a_word(team: Team) -> None:
    ana = team.join("ana")
    ana.write(entry(1))
    gone = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sreconsole'"
    sql(team.server, gone)
    ana.write(entry(2))
    assert (numbers(ana), state(ana)) == ([1, 2], "")
    assert list(team.folder.glob("*/*.db")) == []


def test_a_server_that_takes_connections_and_never_answers_is_not_waited_for(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_journal, "LIMIT", 0.3)
    monkeypatch.setattr(postgres_journal, "CONNECTING", 2)
    ana = team.join("ana")
    ana.write(entry(1))
    team.server.freeze()
    try:
        ana.write(entry(2))
        assert "1 entry waits" in state(ana)
        late = team.join("late")
        late.write(entry(3))
        assert "1 entry waits" in state(late)
    finally:
        team.server.thaw()
    team.clock.now += 60
    ben = team.join("ben")
    for recorder in (ana, late, ben):
        recorder.newer(None)
    assert numbers(ben) == [1, 2, 3], "once, also where the answer alone was late"
    assert [recorder.verify() for recorder in (ana, late, ben)] == [[], [], []]


def test_an_answer_that_is_lost_doubles_nothing(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    ana = team.join("ana")
    ana.write(entry(1))
    whole = psycopg.Connection.commit

    def cut(connection: psycopg.Connection[object]) -> None:
        whole(connection)
        raise psycopg.OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(psycopg.Connection, "commit", cut)
    ana.write(entry(2))
    monkeypatch.setattr(psycopg.Connection, "commit", whole)
    assert "1 entry waits" in state(ana)
    team.clock.now += 60
    assert numbers(ana) == [1, 2]
    assert (ana.verify(), state(ana)) == ([], "")
    with psycopg.connect(team.server.dsn(database=team.database), password=PASSWORD) as hand:
        assert hand.execute("SELECT count(*) FROM sreconsole_journal").fetchone() == (2,)


@pytest.mark.parametrize("user", ["reader", "writer"])
def test_a_role_with_few_rights(team: Team, user: str) -> None:
    role = f"{user}_{random.randrange(10**9)}"
    sql(team.server, f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'")
    first = team.join("first", role)
    first.write(entry(1))
    assert "takes nothing (permission denied for schema public)" in state(first), "it cannot make the table"
    team.join("owner").write(entry(2))
    rights = "SELECT" if user == "reader" else "SELECT, INSERT"
    sql(team.server, f"GRANT {rights} ON sreconsole_journal TO {role}", database=team.database)
    team.clock.now += 60
    found = numbers(first)
    assert found == [1, 2]
    if user == "reader":
        assert "permission denied for table sreconsole_journal" in state(first)
    else:
        assert (state(first), first.verify()) == ("", [])


def test_what_is_wrong_is_said_without_the_password(
    team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def said(dsn: str, password_file: Path | None) -> str:
        recorder = Recorder(PostgresStore(dsn, password_file), Spool(tmp_path, dsn), "ana", Clock())
        recorder.write(entry(1))
        recorder.close()
        assert PASSWORD not in state(recorder)
        return state(recorder)

    server = team.server
    wrong = tmp_path / "wrong"
    wrong.write_text("guess")
    assert "password authentication failed" in said(server.dsn(), wrong)
    assert "has a password file that cannot be read" in said(server.dsn(), tmp_path / "none")
    assert "does not exist" in said(server.dsn(database="nosuch"), server.password_file)
    assert "no password supplied" in said(server.dsn(), None)
    sql(server, "CREATE TABLE sreconsole_journal (bill real)", database=team.database)
    assert "has a table sreconsole_journal that is not ours" in state_of(team)
    sql(server, "COMMENT ON TABLE sreconsole_journal IS 'sreconsole journal 2'", database=team.database)
    assert "was written by a newer sreconsole" in state_of(team)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert "needs the PostgreSQL driver: pip install 'sreconsole[postgres]'" in state_of(team)


def state_of(team: Team) -> str:
    recorder = team.join("ana")
    recorder.write(entry(1))
    return state(recorder)


def test_the_config_names_it(team: Team, tmp_path: Path) -> None:
    settings = Settings(dsn=team.server.dsn(database=team.database), password_file=team.server.password_file)
    for number in (1, 2):
        made = open_journal(settings, tmp_path, ANA, T0)
        made.write(entry(number))
        assert (made.state, made.verify()) == (None, [])
        made.close()
    assert len(team.join("ben").read(0)) == 2


def crash_often(team: Team, times: int) -> None:
    """The server crashes under somebody who goes on writing, and comes back."""
    dice = random.Random(seed())
    ana, number = team.join("ana"), 0
    for _ in range(times):
        stop = threading.Timer(dice.uniform(0, 0.05), team.server.stop, [dice.choice([signal.SIGQUIT, signal.SIGINT])])
        stop.start()
        for _ in range(dice.randrange(5, 60)):
            number += 1
            ana.write(entry(number))
            ana.ended(outcome(number))
            team.clock.now += dice.choice((0, 0, 60))
            if dice.random() < 0.1:
                ana.newer(None)
        stop.join()
        team.server.start()
        if dice.random() < 0.3:
            ana.close()
            ana = team.join("ana")
    team.clock.now += 60
    ben = team.join("ben")
    ana.newer(None)
    assert numbers(ben) == list(range(1, number + 1))
    assert all(recorded.outcome is not None for recorded in ben.read(0))
    assert (ana.verify(), ben.verify(), state(ana)) == ([], [], "")


def test_crashes_of_the_server_lose_and_double_nothing(team: Team) -> None:
    crash_often(team, 4)


@pytest.mark.prove
@pytest.mark.timeout(900)
def test_100_crashes_of_the_server_lose_and_double_nothing(team: Team) -> None:
    crash_often(team, 100)
