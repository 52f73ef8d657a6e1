"""What snapshots hold besides figures and alerts: deploys and toil. Loads nothing of either where nobody wants them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sreconsole.config.model import Config
from sreconsole.domain.owners import Owners
from sreconsole.engine.group import Groups
from sreconsole.engine.polling import Poller

if TYPE_CHECKING:
    from sreconsole.domain.deploy import Deploy
    from sreconsole.domain.load import ToilPart
    from sreconsole.domain.note import Note
    from sreconsole.domain.toil import ToilReport
    from sreconsole.engine.deploy_board import DeployBoard
    from sreconsole.engine.deploys_memory import DeployMemory
    from sreconsole.engine.notebook import Notebook
    from sreconsole.engine.toil_board import ToilBoard


class Beside:
    """The boards of deploys and of toil. What they hold stays the same object until it differs."""

    def __init__(
        self,
        config: Config,
        groups: Groups,
        clock: Callable[[], float],
        memory: DeployMemory | None,
        notebook: Notebook | None = None,
        *,
        past: bool,
    ) -> None:
        self._config = config
        self._groups = groups
        self._clock = clock
        self._memory = memory
        self._notebook = notebook
        self._past = past
        self._deploys: DeployBoard | None = None
        self._toil: ToilBoard | None = None

    async def take(self, owners: Owners, now: float) -> None:
        """Look at every feed again; `owners` tell whose a deploy is."""
        if self._groups.deploys.feeds:
            if self._deploys is None:
                from sreconsole.engine.deploy_board import DeployBoard

                self._deploys = DeployBoard(self._config, self._groups.deploys.feeds, self._memory, past=self._past)
            await self._deploys.take(owners, now)
        if self._config.counts_toil or self._written is not None:
            if self._toil is None:
                from sreconsole.engine.toil_board import ToilBoard

                self._toil = ToilBoard(self._config, self._groups.toil.feeds, self._clock, lambda: self._written)
            await self._toil.take(now)

    @property
    def deploys(self) -> tuple[Deploy, ...]:
        """Those of all sources, put together."""
        return self._deploys.deploys if self._deploys is not None else ()

    @property
    def toil(self) -> ToilReport | None:
        """Toil and load."""
        return self._toil.report if self._toil is not None else None

    @property
    def notes(self) -> tuple[Note, ...]:
        """What people noted."""
        return self._notebook.notes if self._notebook is not None else ()

    @property
    def _written(self) -> ToilPart | None:
        """Minutes that stand in the journal."""
        return self._notebook.toil if self._notebook is not None else None

    def missing(self) -> dict[str, str]:
        """Why not all deploys are known, where somebody is asked for them, and not all notes."""
        pollers = self._groups.deploys.pollers
        why = "; ".join(f"{name}: {why}" for name, poller in pollers.items() if (why := _lacking(poller)))
        missing = {"deploys": why} if why else {}
        unread = "; ".join(self._notebook.notices()) if self._notebook is not None else ""
        return {**missing, "notes": unread} if unread else missing


def _lacking(poller: Poller) -> str | None:
    if poller.trouble or not poller.asked:
        return poller.trouble or "not asked yet"
    share = poller.feed.progress()
    return poller.feed.partial or (None if share is None else f"its history is {int(100 * share)} % fetched")
