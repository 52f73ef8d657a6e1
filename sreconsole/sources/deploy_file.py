"""A file of deploys that any CI can append a line to. Only what was added is read; bad lines are counted and said."""

from __future__ import annotations

from pathlib import Path

from sreconsole.domain.cleaning import clean
from sreconsole.domain.deploy import Deploy
from sreconsole.errors import Unreachable
from sreconsole.records import replace
from sreconsole.sources.deploy_lines import Told, told
from sreconsole.sources.json_lines import JsonLines

MOST = 50_000
"""Deploys that are held; of more the oldest are left out, which is said."""
BACKWARDS = "finished before it started"
AHEAD = "its time lies in the future"
_SKEW = 300.0
"""Seconds by which another clock may be ahead without that being said."""


class DeployFile:
    """One file."""

    def __init__(self, name: str, path: Path) -> None:
        """`name` is the source's."""
        self.name, self.path = name, path
        self.lines = JsonLines(path)
        self.others = 0
        """Events that are not about deploys."""
        self.truncated = False
        self._deploys: dict[str, Deploy] = {}
        self._open: dict[tuple[str, str, str], str] = {}
        """By service, environment and version: key of one that runs and that no line named."""

    def read(self, now: float) -> tuple[Deploy, ...] | None:
        """Every deploy when there is anything new, else None. Blocks.

        Raises SourceError: where there is no file, it cannot be read, or is none. What was known stays.
        """
        new = False
        for number, text in self.lines.read():
            try:
                line = told(text)
            except ValueError as error:
                self.lines.bad(number, str(error))
                continue
            if line is None:
                self.others += 1
                continue
            self._take(line, now)
            new = True
        if not self.lines.there:
            raise Unreachable(f"{clean(str(self.path), 200)} is not there")
        if not new:
            return None
        if len(self._deploys) > MOST:
            self._forget()
        return tuple(self._deploys.values())

    def notes(self) -> tuple[str, ...]:
        """What people should know of the file."""
        found = [self.lines.note()]
        if self.others:
            found.append(f"{self.others} other events in it are not about deploys")
        if self.truncated:
            found.append(f"it tells of more than {MOST} deploys: the oldest are left out")
        return tuple(note for note in found if note)

    def _take(self, line: Told, now: float) -> None:
        """A new deploy, or what a later line says of one."""
        place = (line.service, line.environment, line.version)
        key = line.key
        if not line.named and line.status not in ("queued", "running"):
            key = self._open.pop(place, key)
        before = self._deploys.get(key)
        deploy = _begun(f"{self.name}:{key}", self.name, line) if before is None else _updated(before, line)
        if deploy.running and not line.named:
            self._open[place] = key
        self._deploys[key] = _sound(deploy, now)

    def _forget(self) -> None:
        self.truncated = True
        kept = sorted(self._deploys.items(), key=lambda item: item[1].at)[-MOST:]
        self._deploys = dict(kept)


def _begun(ident: str, source: str, line: Told) -> Deploy:
    started, finished = _times(line)
    return Deploy(
        ident,
        line.service,
        line.version,
        environment=line.environment,
        status=line.status,
        raw_status=line.raw_status,
        kind=line.kind or "deploy",
        started_at=started,
        finished_at=finished,
        created_at=line.at if line.status == "queued" else None,
        sha=line.sha,
        actor=line.actor,
        actor_is_bot=_bot(line.actor),
        url=line.url,
        message=line.message or "",
        commit_at=line.commit_at,
        attempt=line.attempt or 1,
        sources=(source,),
    )


def _updated(before: Deploy, line: Told) -> Deploy:
    """What a later line does not say stays as it was; one that begins again after an end is another attempt."""
    started, finished = _times(line)
    again = line.status in ("queued", "running") and not before.running
    return replace(
        before,
        service=line.service,
        version=line.version,
        environment=line.environment or before.environment,
        status=line.status,
        raw_status=line.raw_status,
        kind=line.kind or before.kind,
        started_at=started if again else (started or before.started_at),
        finished_at=finished,
        created_at=before.created_at if line.status != "queued" or before.created_at else line.at,
        sha=line.sha or before.sha,
        actor=line.actor or before.actor,
        actor_is_bot=_bot(line.actor) if line.actor else before.actor_is_bot,
        url=line.url or before.url,
        message=line.message or before.message,
        commit_at=line.commit_at or before.commit_at,
        attempt=line.attempt or before.attempt + again,
    )


def _times(line: Told) -> tuple[float | None, float | None]:
    """When it started and when it finished: `ts` is the moment that the line is about."""
    if line.status == "queued":
        return line.started_at, None
    if line.status == "running":
        return line.started_at if line.started_at is not None else line.at, None
    return line.started_at, line.finished_at if line.finished_at is not None else line.at


def _sound(deploy: Deploy, now: float) -> Deploy:
    """With what does not fit said."""
    remarks = []
    started, finished = deploy.started_at, deploy.finished_at
    if started is not None and finished is not None and finished < started:
        remarks.append(BACKWARDS)
        finished = None
    if max(started or 0.0, finished or 0.0) > now + _SKEW:
        remarks.append(AHEAD)
    if finished == deploy.finished_at and tuple(remarks) == deploy.remarks:
        return deploy
    return replace(deploy, finished_at=finished, remarks=tuple(remarks))


def _bot(actor: str | None) -> bool:
    return actor is not None and actor.endswith("[bot]")
