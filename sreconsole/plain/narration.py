"""What happens, told line by line on stderr: sources that come and go, statuses that change, notices."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from sreconsole.domain.slo import SloKey
from sreconsole.domain.snapshot import Snapshot, SourceState
from sreconsole.domain.status import Status
from sreconsole.engine.live import Change

_QUIET = (Status.UNKNOWN, Status.OK)
"""What an SLO may be found in first without a line about it: at a start there are thousands."""


class Narrator:
    """Tells what is different from what it told before; each refresh in which nothing happens stays untold."""

    def __init__(self, say: Callable[[str], None]) -> None:
        """`say` takes one line."""
        self._say = say
        self._sources: dict[str, tuple[str, str | None]] = {}
        self._filled: set[str] = set()
        self._slos: dict[SloKey, Status] = {}
        self._told: set[SloKey] = set()
        self._settled = False
        """Whether every history was there when the statuses were last looked at: before, an `ok` is not yet one."""
        self._notices: tuple[str, ...] = ()

    def take(self, change: Change) -> None:
        """Tell of a change."""
        snapshot = change.snapshot
        if change.reloaded is not None:
            self._tell(snapshot, "the changed config is in use")
        for notice in snapshot.notices:
            if notice not in self._notices:
                self._tell(snapshot, notice)
        self._notices = snapshot.notices
        for source in snapshot.sources:
            self._source(snapshot, source)
        self._statuses(snapshot)

    def _source(self, snapshot: Snapshot, source: SourceState) -> None:
        now = (source.state, source.error)
        if source.state != "waiting" and self._sources.get(source.name) != now:
            self._sources[source.name] = now
            self._tell(snapshot, f"{source.name}: {source.state}" + (f": {source.error}" if source.error else ""))
        filled = source.state == "live" and source.kind == "prometheus" and source.progress is None
        if filled and source.name not in self._filled:
            self._filled.add(source.name)
            self._tell(snapshot, f"{source.name}: the history is complete")

    def _statuses(self, snapshot: Snapshot) -> None:
        found: dict[SloKey, Status] = {}
        for service in snapshot.services:
            for report in service.slos:
                key, status = report.key, report.status
                before = self._slos.get(key)
                found[key] = status
                fresh = key not in self._told and before in (None, Status.UNKNOWN)
                if before is status or (fresh and status in _QUIET):
                    continue
                known = before if self._settled or key in self._told else None
                self._told.add(key)
                was = f" (was {known.value})" if known is not None else ""
                why = f": {report.reasons[0]}" if report.reasons else ""
                self._tell(snapshot, f"{key.service} {key.slo}: {status.value}{was}{why}")
        self._slos = found
        self._told &= found.keys()
        self._settled = all(source.progress is None for source in snapshot.sources)

    def _tell(self, snapshot: Snapshot, words: str) -> None:
        self._say(f"{datetime.fromtimestamp(snapshot.at, UTC):%Y-%m-%dT%H:%M:%SZ} {words}")
