"""The files that pipelines and people append to: read whole by our own readers, and the same however they grew."""

from __future__ import annotations

import stat
from datetime import UTC
from pathlib import Path

from sreconsole.demo.logs import DEPLOYS_FILE, TOIL_FILE, logs
from sreconsole.demo.story import Story
from sreconsole.domain.deploy import Deploy
from sreconsole.domain.deploy_history import history
from sreconsole.sources.deploy_file import DeployFile
from sreconsole.sources.toil_log import ToilLog

ORIGIN = 1_795_444_680
DAY = 86_400


def story() -> Story:
    return Story(2, ORIGIN, UTC)


def written(directory: Path, *moments: float) -> list[str]:
    """What stands in both files when they were begun at the first moment and kept current at the others."""
    for log in logs(story(), directory):
        log.write(moments[0])
        for at in moments[1:]:
            log.catch_up(at)
    return [(directory / name).read_text() for name in (DEPLOYS_FILE, TOIL_FILE)]


def deploys(directory: Path, now: float) -> list[Deploy]:
    file = DeployFile("ci", directory / DEPLOYS_FILE)
    told = file.read(now)
    assert told is not None
    assert (file.lines.bad_lines, file.others) == (0, 0)
    assert all(not deploy.remarks for deploy in told)
    return list(told)


def test_both_are_private_and_made_anew(tmp_path: Path) -> None:
    (tmp_path / DEPLOYS_FILE).write_text("what was there before\n")
    written(tmp_path, ORIGIN)
    for name in (DEPLOYS_FILE, TOIL_FILE):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    deploys(tmp_path, ORIGIN)


def test_however_it_grew_a_reader_knows_the_same_deploys(tmp_path: Path) -> None:
    end = ORIGIN + 4 * 3600.0
    known = []
    for number, moments in enumerate(([ORIGIN, *range(ORIGIN + 1, int(end), 61), end], [ORIGIN, end], [end])):
        directory = tmp_path / str(number)
        directory.mkdir()
        written(directory, *moments)
        known.append({deploy.id: deploy for deploy in deploys(directory, end)})
    assert known[0] == known[1] == known[2]
    assert sum(deploy.running for deploy in known[0].values()) <= 2


def test_nothing_is_written_twice_or_ahead_of_its_time(tmp_path: Path) -> None:
    once, again = (written(tmp_path, *moments) for moments in ((ORIGIN, ORIGIN + 900), (ORIGIN, *[ORIGIN + 900] * 3)))
    assert once == again
    for text in written(tmp_path, *range(ORIGIN, ORIGIN + 600, 7)):
        assert len(set(text.splitlines())) == len(text.splitlines())
    before = written(tmp_path, ORIGIN)
    assert all(text.startswith(start) and len(text) > len(start) for text, start in zip(once, before, strict=True))


def test_a_reader_finds_the_rollbacks_and_redeploys_that_nobody_names(tmp_path: Path) -> None:
    text, _ = written(tmp_path, ORIGIN, ORIGIN + 300)
    assert '"rollback"' not in text
    assert '"redeploy"' not in text
    told = deploys(tmp_path, ORIGIN + 300)
    checkout = history([deploy for deploy in told if deploy.service == "checkout" and deploy.environment == "prod"])
    bad, back = checkout[-2:]
    assert (bad.version, bad.kind, back.version, back.kind) == ("v42", "deploy", "v41", "rollback")
    assert [deploy.kind for deploy in checkout].count("rollback") == 3
    assert {
        deploy.kind for name in {d.service for d in told} for deploy in history(d for d in told if d.service == name)
    } == {*("deploy", "redeploy", "rollback", "canary", "config")}


def test_the_log_of_toil_is_one_that_is_read_without_a_doubt(tmp_path: Path) -> None:
    written(tmp_path, ORIGIN, ORIGIN + 3600)
    log = ToilLog(tmp_path / TOIL_FILE)
    entries = log.read(0.0)
    assert not log.lines.bad_lines
    assert ORIGIN - 63 * DAY <= entries[0].at < ORIGIN - 60 * DAY
    assert ORIGIN < entries[-1].at <= ORIGIN + 3600
    assert {entry.category for entry in entries} >= {"tickets", "page"}
    for week in range(1, 9):
        minutes = sum(entry.minutes for entry in entries if 0 <= ORIGIN - week * 7 * DAY - entry.at < 7 * DAY)
        assert 400 < minutes < 3000
