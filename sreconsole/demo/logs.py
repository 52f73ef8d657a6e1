"""The files that the estate's pipelines and people append to: deploys and toil, as JSON lines."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from sreconsole.demo.chores import Chores
from sreconsole.demo.releases import Release, Releases
from sreconsole.demo.story import Story

DEPLOYS_FILE, TOIL_FILE = "deploys.jsonl", "toil.jsonl"
"""Beside the config."""
Line = tuple[float, str]
"""When it is written, and what."""


class Log:
    """One file. `lines` gives what is written in `(since, until]`, in the order of writing."""

    def __init__(self, path: Path, lines: Callable[[float, float], Iterator[Line]]) -> None:
        self.path = path
        self._lines = lines
        self._until = 0.0

    def write(self, at: float) -> None:
        """Make the file, as known at a moment; one that is there is made anew."""
        self.path.unlink(missing_ok=True)
        self._append(float("-inf"), at, os.O_CREAT | os.O_EXCL)

    def catch_up(self, at: float) -> None:
        """Append what was written since the last call, in one write of whole lines."""
        self._append(self._until, at)

    def _append(self, since: float, until: float, flags: int = 0) -> None:
        text = "".join(f"{line}\n" for _, line in sorted(self._lines(since, until)))
        if text or flags:
            with open(os.open(self.path, os.O_WRONLY | os.O_APPEND | flags, 0o600), "ab", buffering=0) as file:
                file.write(text.encode())
        self._until = until


def logs(story: Story, directory: Path) -> tuple[Log, ...]:
    """Those of a story."""
    releases, chores = story.releases, Chores(story)
    return (
        Log(directory / DEPLOYS_FILE, lambda since, until: _deploys(releases, since, until)),
        Log(directory / TOIL_FILE, lambda since, until: _toil(chores, since, until)),
    )


def _deploys(releases: Releases, since: float, until: float) -> Iterator[Line]:
    """A line when a release begins and one when it has ended; of what had ended before the file was made, the last."""
    for release in releases.until(until):
        if release.started > since and release.finished > until:
            yield release.started, _line(release, ended=False)
        elif release.started > since and since > float("-inf"):
            yield release.started, _line(release, ended=False)
            yield release.finished, _line(release, ended=True)
        elif since < release.finished <= until:
            yield release.finished, _line(release, ended=True)


def _line(release: Release, *, ended: bool) -> str:
    told = {
        "ts": _time(release.finished if ended else release.started),
        "id": f"{release.service}-{release.run}",
        "service": release.service,
        "version": release.version,
        "environment": release.environment,
        "status": release.outcome if ended else "running",
        "started_at": _time(release.started),
        "actor": release.actor,
        "message": release.message,
        "sha": sha256(f"{release.service} {release.version}".encode()).hexdigest()[:12],
        "url": f"https://ci.example/{release.service}/{release.run}",
    }
    return json.dumps(told | ({"kind": release.kind} if release.kind else {}))


def _toil(chores: Chores, since: float, until: float) -> Iterator[Line]:
    for chore in chores.between(since, until):
        told = {"ts": _time(chore.at), "minutes": chore.minutes, "category": chore.category, "text": chore.text}
        yield chore.at, json.dumps(told | ({"service": chore.service} if chore.service else {}) | {"by": chore.by})


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
