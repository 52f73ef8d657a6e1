"""Which alerting rules there are: asked of every Prometheus, and not again for a while, as a form asks at each key."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from sreconsole.domain.alert_rule import AlertRule
from sreconsole.errors import SourceError
from sreconsole.records import dataclass

KEPT = 30.0
"""Seconds for which an answer is good."""
PATIENCE = 3.0
"""Seconds that a preview waits for it: what may be muted one day must not keep anybody from what pages now."""

Ask = Callable[[], Awaitable[Sequence[AlertRule]]]
"""Asks one Prometheus. Raises SourceError."""


@dataclass(frozen=True, slots=True)
class Known:
    """The rules of all sources, or why they are not known."""

    rules: tuple[AlertRule, ...] | None
    missing: str | None = None


class Rules:
    """The rules of all sources; `ask` by the name of each."""

    def __init__(self, ask: Mapping[str, Ask], patience: float = PATIENCE) -> None:
        self._ask, self._patience = ask, patience
        self._known: Known | None = None
        self._until = 0.0
        self._lock = asyncio.Lock()

    async def __call__(self) -> Known:
        """What is known. Never raises for what a server does."""
        if not self._ask:
            return Known(None, "the config names no Prometheus, which would know the rules")
        loop = asyncio.get_running_loop()
        async with self._lock:
            if self._known is None or loop.time() >= self._until:
                self._known = await self._asked()
                self._until = loop.time() + (KEPT if self._known.rules is not None else self._patience)
            return self._known

    async def _asked(self) -> Known:
        answers = await asyncio.gather(*(self._one(name, ask) for name, ask in self._ask.items()))
        missing = [answer for answer in answers if isinstance(answer, str)]
        if missing:
            return Known(None, "; ".join(missing))
        return Known(tuple(rule for answer in answers if not isinstance(answer, str) for rule in answer))

    async def _one(self, name: str, ask: Ask) -> Sequence[AlertRule] | str:
        try:
            async with asyncio.timeout(self._patience):
                return await ask()
        except TimeoutError:
            return f"{name} did not tell its rules within {self._patience:g}s"
        except SourceError as error:
            return f"{name}: {error}"
