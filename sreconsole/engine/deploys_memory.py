"""Deploys that outlive the memory of their sources: written to `history.db` when told, read from it at a start."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from sreconsole.config.model import Config, FileSource, PrometheusSource, Source
from sreconsole.domain.identity import server_scope
from sreconsole.engine.feed import DeployFeed
from sreconsole.errors import SreconsoleError
from sreconsole.records import replace

if TYPE_CHECKING:
    from sreconsole.domain.deploy import Deploy
    from sreconsole.ledger.store import Store

SPAN = 30 * 86_400.0
"""Seconds of which all is read; of what was before only what ran."""
FORGOTTEN = 86_400.0
"""Seconds after which a deploy that ran when it was last heard of is not believed to run still."""
GATHER = 1.0
"""Seconds during which deploys are gathered into one write."""
AGAIN = 60.0
"""Seconds until what the disk refused is tried once more."""


class DeployMemory:
    """The memory of one console. `opened` opens the file (blocking); `writes`: whether anything is added to it."""

    def __init__(self, opened: Callable[[], Store], clock: Callable[[], float], *, writes: bool = True) -> None:
        self.recalled: Mapping[str, tuple[Deploy, ...]] = {}
        """By source: what it told of the last 30 days. The same object until it differs."""
        self.ran: tuple[Deploy, ...] = ()
        """Successful deploys from before that."""
        self.changed: Callable[[], None] = lambda: None
        """Called when more is recalled."""
        self.trouble: str | None = None
        """Why the last call of the disk did not do its work; None when it did."""
        self._opened, self._clock, self._writes = opened, clock, writes
        self._store: Store | None = None
        self._config: Config | None = None
        self._read: Config | None = None
        """The config whose sources were recalled."""
        self._scopes: dict[str, bytes] = {}
        self._told: dict[str, Sequence[Deploy]] = {}
        self._known: dict[str, Deploy] = {}
        self._waiting: dict[tuple[bytes, str], Deploy] = {}
        self._wake = asyncio.Event()
        self._lock = asyncio.Lock()

    def take(self, config: Config, feeds: Mapping[str, DeployFeed]) -> None:
        """Note what is told and was not before; nothing waits for the disk here."""
        if config is not self._config:
            self._config = config
            self._scopes = {name: deploy_scope(config.sources[name]) for name in feeds}
            self._wake.set()
        for name, feed in feeds.items():
            told = feed.deploys()
            if told is self._told.get(name):
                continue
            self._told[name] = told
            if not self._writes:
                continue
            scope = self._scopes[name]
            for deploy in told:
                if self._known.get(deploy.id) is not deploy:
                    self._known[deploy.id] = deploy
                    self._waiting[scope, deploy.id.removeprefix(f"{name}:")] = deploy
            if self._waiting:
                self._wake.set()

    async def run(self) -> None:
        """Write and read until cancelled."""
        while True:
            await self._wake.wait()
            await self.flush()
            await asyncio.sleep(GATHER if self.trouble is None else AGAIN)

    async def flush(self) -> None:
        """Write what is noted, as one, and read what is recorded, once for each config."""
        self._wake.clear()
        config = self._config
        if config is None:
            return
        async with self._lock:
            waiting, self._waiting = self._waiting, {}
            try:
                recalled = await asyncio.to_thread(self._exchange, waiting, self._read is not config)
            except SreconsoleError as error:
                self.trouble = str(error)
                self._waiting = {**waiting, **self._waiting}
                self._wake.set()
                return
            self.trouble = None
            if recalled is not None:
                self._read = config
                self.recalled, self.ran = recalled
                self.changed()

    def notices(self) -> Sequence[str]:
        """What people should know of the file."""
        own = (self._store.notice if self._store is not None else None, self.trouble)
        return [notice for notice in own if notice]

    async def aclose(self) -> None:
        """Write what is left and close the file."""
        if self._waiting:
            await self.flush()
        store, self._store = self._store, None
        if store is not None:
            await asyncio.to_thread(_close, store)

    def _exchange(
        self, waiting: Mapping[tuple[bytes, str], Deploy], read: bool
    ) -> tuple[dict[str, tuple[Deploy, ...]], tuple[Deploy, ...]] | None:
        """In a thread: write, and read when nothing was read yet."""
        from sreconsole.ledger.deploy_log import DeployLog  # with SQLite, which the first frame can do without

        if self._store is None:
            self._store = self._opened()
        log, now, scopes = DeployLog(self._store), self._clock(), dict(self._scopes)
        if waiting:
            log.record([(scope, key, deploy) for (scope, key), deploy in waiting.items()], now)
        if not read:
            return None
        names: dict[bytes, list[str]] = {}
        for name, scope in scopes.items():
            names.setdefault(scope, []).append(name)
        since = now - SPAN
        recalled: dict[str, list[Deploy]] = {name: [] for name in scopes}
        for scope, key, deploy in log.deploys(names, since):
            for name in names[scope]:
                recalled[name].append(_aged(replace(deploy, id=f"{name}:{key}", sources=(name,)), now))
        ran = tuple(deploy for _, deploy in log.ran(names, since))
        return {name: tuple(deploys) for name, deploys in recalled.items()}, ran


def deploy_scope(source: Source) -> bytes:
    """Where deploys come from: a renamed source keeps its history, another one of the same name does not get it."""
    if isinstance(source, PrometheusSource):
        headers = source.http.headers.items()
        return server_scope(source.url, {name: [v for v in values if isinstance(v, str)] for name, values in headers})
    from hashlib import sha256

    path = str(source.path.absolute()) if isinstance(source, FileSource) else source.name
    return sha256(f"{source.kind}\0{path}".encode("utf-8", "surrogateescape")).digest()[:16]


def _aged(deploy: Deploy, now: float) -> Deploy:
    if deploy.running and now - deploy.at > FORGOTTEN:
        return replace(deploy, status="unknown")
    return deploy


def _close(store: Store) -> None:
    from contextlib import suppress

    with suppress(SreconsoleError):  # what could be written is written
        store.close()
