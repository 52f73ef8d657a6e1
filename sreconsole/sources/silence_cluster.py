"""The members of one Alertmanager cluster, for who writes silences: who answers, who has a silence, what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TypeVar

from sreconsole.domain.outcome import Result
from sreconsole.errors import SourceError
from sreconsole.sources.silence_json import Kept
from sreconsole.sources.silence_member import SilenceMember

T = TypeVar("T")

PATIENCE = (1.0, 2.0, 4.0, 8.0)
"""Seconds before each look for a write whose answer was lost."""
LIMIT = 30.0
"""Seconds for all of them."""
ASKING, WRITING = 5.0, 10.0
"""Seconds for one answer."""
LANDED = 60.0
"""Seconds after which nothing that was sent is still held by something on the way."""


class SilenceCluster:
    """One cluster, whose silences its members tell each other within a second."""

    def __init__(
        self,
        name: str,
        members: Sequence[SilenceMember],
        patience: Sequence[float] = PATIENCE,
        limits: tuple[float, float] = (ASKING, WRITING),
    ) -> None:
        """`limits`: seconds for the answer to a question and to a write."""
        self.name, self.members = name, tuple(members)
        self.asking, self.writing = limits
        self.patience = tuple(patience)
        self.fetched: dict[str, Kept] = {}
        """By id: silences as they were last told."""
        self._doubts: dict[str, float] = {}

    # --- who answers --------------------------------------------------------------------------------------------------
    async def answering(self, among: Sequence[SilenceMember]) -> SilenceMember | SourceError:
        """The first of some members that answers; else why the first of them does not."""
        found = await self._first(among, lambda member: member.ready(self.asking))
        return found[0] if isinstance(found, tuple) else found

    async def holding(
        self, id_: str, among: Sequence[SilenceMember] | None = None
    ) -> tuple[SilenceMember, Kept] | Result:
        """The first member that knows a silence, and the silence; else `refused` where all that answer know none."""

        async def one(member: SilenceMember) -> Kept:
            kept = await member.one(id_, self.asking)
            if kept is None:
                raise _Unknown(f"{self.name} has no silence {id_}")
            return kept

        found = await self._first(self.members if among is None else among, one)
        if isinstance(found, _Unknown):
            return self.refused(str(found))
        if isinstance(found, SourceError):
            return self.unreached(found)
        self.fetched[id_] = found[1]
        return found

    async def every(self, ask: Callable[[SilenceMember], Awaitable[T]]) -> list[T | SourceError]:
        """What each member says, or why it says nothing."""

        async def one(member: SilenceMember) -> T | SourceError:
            try:
                return await ask(member)
            except SourceError as error:
                return error

        return list(await asyncio.gather(*(one(member) for member in self.members)))

    async def looks(self, ask: Callable[[], Awaitable[T]], most: int | None = None) -> AsyncIterator[T | SourceError]:
        """Ask again and again, ever more rarely, for a while: what was said each time, or why nothing was."""
        clock = asyncio.get_running_loop().time
        end = clock() + LIMIT
        for wait in self.patience[:most]:
            await asyncio.sleep(wait)
            try:
                yield await ask()
            except SourceError as error:
                yield error
            if clock() >= end:
                return

    async def _first(
        self, among: Sequence[SilenceMember], ask: Callable[[SilenceMember], Awaitable[T]]
    ) -> tuple[SilenceMember, T] | SourceError:
        """All are asked at once, so that one that hangs costs no time; the first good answer counts."""

        async def one(member: SilenceMember) -> tuple[SilenceMember, T]:
            return member, await ask(member)

        tasks = [asyncio.ensure_future(one(member)) for member in among]
        try:
            errors: list[SourceError] = []
            for next_one in asyncio.as_completed(tasks):
                try:
                    return await next_one
                except SourceError as error:
                    errors.append(error)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        known = [error for error in errors if isinstance(error, _Unknown)]
        others = [error for error in errors if not isinstance(error, _Unknown)]
        return (others or known or [SourceError(f"{self.name} has no member left to ask")])[0]

    # --- what came of it ----------------------------------------------------------------------------------------------
    def doubted(self, what: str) -> None:
        """A write about `what` (a nonce, an id) left just now, and may be on its way for a while."""
        self._doubts[what] = asyncio.get_running_loop().time()

    def still(self, what: str, answers: Sequence[object], sentence: str) -> Result:
        """Of a write that is not found: unknown, until every member answers and none can still receive it."""
        errors = [answer for answer in answers if isinstance(answer, SourceError)]
        if errors:
            return self.unknown(str(errors[0]))
        left = self._doubts.get(what)
        if left is not None and asyncio.get_running_loop().time() - left < LANDED:
            return self.unknown(f"{sentence}, and it may still be on its way")
        return Result(self.name, "unreached", error=f"{sentence}: it never arrived")

    def done(self, id_: str, remark: str | None = None) -> Result:
        """It is so."""
        return Result(self.name, "done", id_, remark)

    def refused(self, sentence: str) -> Result:
        """Nothing changed, and will not."""
        return Result(self.name, "refused", error=sentence)

    def unreached(self, error: SourceError) -> Result:
        """Nothing can have arrived."""
        return Result(self.name, "unreached", error=str(error))

    def unknown(self, sentence: str, id_: str | None = None) -> Result:
        """It may have been done."""
        return Result(self.name, "unknown", id_, sentence)


class _Unknown(SourceError):
    """A member answers and knows no such silence."""
