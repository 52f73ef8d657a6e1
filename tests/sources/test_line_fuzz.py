"""Whatever lines a file of deploys or a log of toil holds: each is taken, or counted and said; none does harm.

What is taken is clean, its figures are those that a console can add up, and the good lines around it come through.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sreconsole.domain.deploy import Deploy
from sreconsole.sources.deploy_file import DeployFile
from sreconsole.sources.deploy_lines import told
from sreconsole.sources.toil_log import MOST_MINUTES, ToilLog
from tests.hostile.corpus import TEXTS, odd

NOW = 1_795_435_200.0
shared = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
DEEP = b"[" * 30_000

texts = st.one_of(st.sampled_from(list(TEXTS.values())), st.text(max_size=40))
numbers = st.one_of(
    st.integers(-(10**25), 10**25), st.floats(), st.sampled_from([NOW, NOW * 1000, 0, -1, 10**400, 1e308, 5e-324])
)
words = st.sampled_from(
    [
        "2026-11-23T12:00:00Z",
        "2026-13-45",
        "v1",
        "running",
        "FAILED",
        "rollback",
        "",
        " ",
        "https://x/[",
        "http://a@b/c",
    ]
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, words, texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)
DEPLOY_KEYS = (
    "ts", "service", "version", "environment", "status", "kind", "started_at", "finished_at", "actor", "url",
    "message", "sha", "id", "attempt", "commit_at", "context", "subject",
)  # fmt: skip
TOIL_KEYS = ("ts", "minutes", "category", "text", "service", "by")
EVENT: dict[str, Any] = {
    "context": {"type": "dev.cdevents.service.upgraded.0.1.0", "timestamp": "2026-11-23T12:00:00Z", "id": "7"},
    "subject": {
        "id": "checkout",
        "content": {"environment": {"id": "prod"}, "artifactId": "pkg:oci/x@sha256:0?tag=v1"},
    },
}


def encoded(value: object) -> bytes:
    """As another program might write it: numbers that are none, and halves of pairs, included."""
    return json.dumps(value).encode()


def lines(keys: tuple[str, ...], good: dict[str, object]) -> st.SearchStrategy[bytes]:
    """Lines that are nearly right, texts cut and spliced, and bytes."""
    odd_ones = st.dictionaries(st.sampled_from(keys), values, max_size=5)
    near = odd_ones.map(lambda changes: encoded({**good, **changes}))
    event = st.tuples(st.sampled_from(["context", "subject"]), values).map(
        lambda one: encoded({**EVENT, one[0]: one[1]})
    )
    cut = st.tuples(near, st.integers(0, 200), st.binary(max_size=4)).map(
        lambda one: one[0][: one[1]] + one[2] + one[0][one[1] + 1 :]
    )
    deep = st.sampled_from([DEEP, b'{"a":' * 12_000, encoded(good)[:-1] + b',"x":' + DEEP])
    return st.one_of(near, event, cut, st.binary(max_size=40), deep).map(lambda line: line.replace(b"\n", b" "))


def texts_of(value: object) -> Iterator[str]:
    """Every text in a field."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (tuple, list)):
        for inner in value:
            yield from texts_of(inner)


def sound(record: object) -> None:
    """Every text of it is clean, every number one that can be reckoned with."""
    for field in dataclasses.fields(record):  # type: ignore[arg-type]
        value = getattr(record, field.name)
        if isinstance(value, (int, float)):
            assert math.isfinite(value)
            assert abs(value) < 1e12
        for text in texts_of(value):
            assert odd(text) == [], (field.name, text)
            assert len(text) <= 8_000


@shared
@given(bad=st.lists(lines(DEPLOY_KEYS, {"ts": NOW, "service": "checkout", "version": "v1"}), max_size=6))
def test_deploys(tmp_path_factory: pytest.TempPathFactory, bad: list[bytes]) -> None:
    file = DeployFile("ci", tmp_path_factory.mktemp("deploys") / "deploys.jsonl")
    good = [encoded({"ts": NOW - 60 * n, "service": "search", "version": f"v{n}", "id": f"good-{n}"}) for n in range(2)]
    file.path.write_bytes(b"\n".join([good[0], *bad, good[1], b""]))
    found = file.read(NOW)
    assert found is not None
    assert {"ci:good-0", "ci:good-1"} <= {deploy.id for deploy in found}
    for deploy in found:
        sound(deploy)
        assert isinstance(deploy, Deploy)
        assert deploy.service.strip()
        assert deploy.attempt >= 1
        assert deploy.seconds is None or deploy.seconds >= 0
    read = [line for line in bad if line.strip()]
    assert len(found) - 2 + file.lines.bad_lines + file.others <= len(read)
    if file.lines.bad_lines:
        assert all(odd(note) == [] for note in file.notes())
    assert file.read(NOW) is None


@shared
@given(bad=st.lists(lines(TOIL_KEYS, {"ts": NOW, "minutes": 20, "category": "page", "text": "x"}), max_size=6))
def test_toil(tmp_path_factory: pytest.TempPathFactory, bad: list[bytes]) -> None:
    log = ToilLog(tmp_path_factory.mktemp("toil") / "toil.jsonl")
    good = [encoded({"ts": NOW - 60 * n, "minutes": 7, "category": "good", "text": str(n)}) for n in range(2)]
    log.path.write_bytes(b"\n".join([good[0], *bad, good[1], b""]))
    entries = log.read(0.0)
    assert sum(entry.category == "good" for entry in entries) == 2
    for entry in entries:
        sound(entry)
        assert 0 <= entry.minutes <= MOST_MINUTES
    note = log.lines.note()
    assert note is None or odd(note) == []
    assert log.read(0.0) is entries


@shared
@given(line=lines(DEPLOY_KEYS, {"ts": NOW, "service": "checkout", "version": "v1"}))
def test_a_line_says_the_same_each_time_and_its_mistake_in_one_sentence(line: bytes) -> None:
    first, again = (answered(line) for _ in range(2))
    assert first == again
    assert first != ""


def answered(line: bytes) -> object:
    """What it says, or what is wrong with it."""
    try:
        return told(line)
    except ValueError as error:
        return str(error)


def test_a_line_nested_thousands_deep_is_one_bad_line(tmp_path: Path) -> None:
    nested = b'{"ts": 1, "x": ' + DEEP
    for torn in (b"", b"\n"):
        file = DeployFile("ci", tmp_path / "deploys")
        file.path.write_bytes(encoded({"ts": NOW, "service": "a", "version": "v1"}) + b"\n" + nested + torn)
        assert len(file.read(NOW) or ()) == 1
        assert file.lines.bad_lines == len(torn)
        log = ToilLog(tmp_path / "toil")
        log.path.write_bytes(nested + torn)
        assert log.read(0.0) == ()
        assert log.lines.bad_lines == len(torn)
