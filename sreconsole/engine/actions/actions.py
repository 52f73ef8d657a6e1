"""The actions of one start: plan -> confirm -> do -> journal, the same for keys and for the command line.

    preview = await actions.preview(actions.draft(matchers, 3600, "reindexing OPS-7"))
    # show preview.reaches; refuse on preview.errors and preview.refusals; ask for preview.count where it is not None
    deed = await actions.silence(preview, typed)
    # deed.changed: something else would be muted by now; show that and ask again with it

Nothing here asks a person or writes to a screen. What is confirmed is a value that was shown; before anything is sent
the cluster is asked once more, and if what would be muted differs nothing is. Every intent is in the journal before it
is sent; an action whose intent can be written nowhere is refused. Results that are not known are settled by `watch`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from sreconsole.config.model import Config
from sreconsole.domain.actor import Actor
from sreconsole.domain.author import Nameless
from sreconsole.domain.draft import Draft
from sreconsole.domain.entry import Entry
from sreconsole.domain.outcome import Result, whole
from sreconsole.domain.selector import Matcher
from sreconsole.domain.silence import Silence
from sreconsole.engine.actions import amending, jotting
from sreconsole.engine.actions.cluster import READ_ONLY, Cluster, connected, managers, writable
from sreconsole.engine.actions.deed import Deed, hindered, refused
from sreconsole.engine.actions.pen import Pen
from sreconsole.engine.actions.preview import Amendment, Preview, drifted
from sreconsole.engine.actions.previewing import for_cluster, previewed
from sreconsole.engine.actions.rules import Ask, Rules
from sreconsole.engine.actions.step import Step, carried_out
from sreconsole.engine.actions.surroundings import Surroundings
from sreconsole.engine.actions.unsettled import Unsettled
from sreconsole.engine.logbook import Logbook
from sreconsole.errors import SourceError, SreconsoleError

if TYPE_CHECKING:
    from sreconsole.config.model import AlertmanagerSource
    from sreconsole.domain.snapshot import Snapshot
    from sreconsole.sources.alert_reading import AlertReading
    from sreconsole.sources.silence_writer import Expected

CHANGED = "what it mutes has changed since it was shown: look again"


class Actions:
    """What can be done. Every method that writes returns a Deed and never raises for what a server does."""

    def __init__(
        self,
        config: Config,
        logbook: Logbook,
        actor: Actor | Nameless,
        clock: Callable[[], float],
        *,
        rules: Callable[[Config], Mapping[str, Ask]] = lambda _: {},
        snapshot: Callable[[], Snapshot | None] = lambda: None,
        written: Callable[[str | None], None] = lambda _: None,
        connect: Callable[[AlertmanagerSource, Config, Callable[[], float]], Cluster] = connected,
        pen: Pen | None = None,
    ) -> None:
        """`rules` gives what asks each Prometheus of a config for its alerting rules; `snapshot` gives the newest one;
        `written` is told of each source that was written to (None: the journal), to look at it at once."""
        self.who = actor
        """Who acts, or why nobody is named yet."""
        self.logbook, self.clock = logbook, clock
        self._written, self._snapshot, self._connect = written, snapshot, connect
        self.pen = pen or Pen(clock)
        self._clusters: dict[str, Cluster] = {}
        self._unsettled = Unsettled(logbook, clock, self._known)
        self.settled: Callable[[Entry, Result], None] = lambda *_: None
        """Told when it is known what became of a write that was unknown."""
        self.config = config
        self._rules = rules
        self._around = Surroundings(config, snapshot, Rules(rules(config)))

    # --- who and whether ----------------------------------------------------------------------------------------------
    @property
    def actor(self) -> Actor | None:
        """Who acts; None: a name must be given first, `who.reason` says why."""
        return None if isinstance(self.who, Nameless) else self.who

    def named(self, text: str) -> str:
        """Take the name that somebody typed, once a start; what is wrong with it, or nothing."""
        try:
            self.who = Nameless(self.who.account, self.who.host, self.who.client, "").named(text)
        except ValueError as error:
            return str(error)
        return ""

    @property
    def off(self) -> str | None:
        """Why nothing can be written anywhere, notes included; None: it can."""
        return READ_ONLY if self.config.read_only else None

    @property
    def silencing_off(self) -> str | None:
        """Why no silence can be made, extended or ended; None: it can, somewhere."""
        if self.off is not None:
            return self.off
        if not managers(self.config):
            return "the config names no Alertmanager"
        return None if writable(self.config) else "every Alertmanager of the config is read_only"

    @property
    def unknown(self) -> tuple[tuple[Entry, Result], ...]:
        """Writes of which it is not known what became of them."""
        return tuple((step.entry, result) for step, result in self._unsettled.open)

    # --- a new silence ------------------------------------------------------------------------------------------------
    def draft(self, matchers: Sequence[Matcher], ends_at: float, comment: str) -> Draft:
        """A silence that is to be made; `ends_at` in Unix seconds by the clock here."""
        return Draft(
            tuple(matchers), round(ends_at, 3), self.actor.name if self.actor else "", comment, self.pen.nonce()
        )

    async def preview(self, draft: Draft, sources: Collection[str] | None = None) -> Preview:
        """What a draft would do at the named clusters, by default at all that can be written to."""
        targets = writable(self.config) if sources is None else managers(self.config, sources)
        clusters = [self._cluster(target) for target in targets]
        return await previewed(draft, clusters, self._around, self.clock, self.barred(clusters))

    async def silence(self, preview: Preview, typed: int | None = None) -> Deed:
        """Make a silence that was previewed. `typed`: the number that somebody typed, where `preview.count` is one."""
        now = await self._confirmed(preview, typed)
        if isinstance(now, Deed):
            return now
        return await self.perform([self._creation(now, one.source) for one in now.at], now.matched, now.of)

    async def replaced(self, silence: Silence, preview: Preview, typed: int | None = None) -> Deed:
        """Put a new silence, previewed at the cluster of the old one, in its place: made and read back, then the old
        one ends. Where the new one is refused the old one stands."""
        now = await self._confirmed(preview, typed)
        if isinstance(now, Deed):
            return now
        cluster = self.cluster(silence.source)
        draft = for_cluster(now.draft, cluster)
        old = {"replaces": silence.id, "replaced_until": silence.ends_at}
        entry = self.pen.creation(draft, silence.source, self.me, now.matched, now.of, **old)
        step = Step(
            silence.source, entry, lambda: cluster.writer.edit(silence, draft), lambda: cluster.writer.settle(draft)
        )
        return await self.perform([step], now.matched, now.of)

    def dry(self, preview: Preview) -> Deed:
        """The exact requests that a preview would send, instead of sending them."""
        if (no := hindered(preview)) is not None:
            return no
        results = []
        for one in preview.at:
            cluster = self._clusters[one.source]
            try:
                request = cluster.writer.dry(for_cluster(preview.draft, cluster))
            except ValueError as error:
                return refused(f"{one.source}: {error}", matched=preview.matched, of=preview.of)
            results.append(Result(one.source, "dry-run", request=request))
        return Deed("dry-run", tuple(results), matched=preview.matched, of=preview.of)

    async def readings(self, sources: Collection[str] | None = None) -> dict[str, AlertReading | SourceError]:
        """What the named clusters know now, by default all: alerts and silences, or why they do not tell."""
        clusters = [self._cluster(source) for source in managers(self.config, sources)]

        async def one(cluster: Cluster) -> AlertReading | SourceError:
            try:
                return await cluster.reader.read(self.clock())
            except SourceError as error:
                return error

        answers = await asyncio.gather(*(one(cluster) for cluster in clusters))
        return {cluster.name: answer for cluster, answer in zip(clusters, answers, strict=True)}

    async def fetch(self, ident: str, sources: Collection[str] | None = None) -> dict[str, Silence | Result]:
        """The silence with this (whole) id at each of the named clusters, by default all; or why there is none."""
        clusters = [self._cluster(source) for source in managers(self.config, sources)]
        answers = await asyncio.gather(*(cluster.writer.fetch(ident) for cluster in clusters))
        return {cluster.name: answer for cluster, answer in zip(clusters, answers, strict=True)}

    # --- one that is there --------------------------------------------------------------------------------------------
    async def extension(self, silence: Silence, by: float) -> Amendment | Deed:
        """What it means to let a silence end `by` seconds later; a Deed says why that cannot be told."""
        cluster = self.cluster(silence.source)
        barred = self.barred([cluster])
        return _told(await amending.extension(cluster, silence, by, self.config.silences.longest, barred))

    async def expiry(self, silence: Silence) -> Amendment | Deed:
        """What it means to end a silence now, whom that pages among it; a Deed says why that cannot be told."""
        cluster = self.cluster(silence.source)
        return _told(await amending.expiry(cluster, silence, self.barred([cluster])))

    async def amend(self, amendment: Amendment) -> Deed:
        """Extend or end a silence, as it was shown."""
        matched, of = amendment.matched, amendment.of
        if amendment.refusals:
            return refused("; ".join(amendment.refusals), matched=matched, of=of)
        silence = amendment.silence
        if amendment.over:
            return Deed("done", (Result(silence.source, "done", silence.id),), (), "it had ended already", matched, of)
        return await self.perform([self._amendment(amendment)], matched, of)

    def dry_amendment(self, amendment: Amendment) -> Deed:
        """The exact request that an amendment would send, instead of sending it."""
        if amendment.refusals:
            return refused("; ".join(amendment.refusals), matched=amendment.matched, of=amendment.of)
        silence = amendment.silence
        request = self._clusters[silence.source].writer.dry(_expected(amendment))
        result = Result(silence.source, "dry-run", silence.id, request=request)
        return Deed("dry-run", (result,), matched=amendment.matched, of=amendment.of)

    # --- what is written down -----------------------------------------------------------------------------------------
    async def note(self, jot: jotting.Jot) -> Deed:
        """Note an event."""
        return await self._jotted(
            jotting.jot_refusals(jot, self.clock()),
            lambda me: jotting.note_entry(jot, self.pen.ident(), self.pen.nonce(), me, self.clock()),
        )

    async def toil(self, work: jotting.Work) -> Deed:
        """Write down minutes of toil."""
        return await self._jotted(
            jotting.work_refusals(work, self.clock()),
            lambda me: jotting.toil_entry(work, self.pen.ident(), self.pen.nonce(), me, self.clock()),
        )

    # --- beside -------------------------------------------------------------------------------------------------------
    async def watch(self) -> None:
        """Settle what is unknown, until cancelled, first of all what earlier starts of this person left open."""
        if self.silencing_off is None and self.actor is not None and self.logbook.there:
            there = {source.name for source in writable(self.config)}
            name, now = self.actor.name, self.clock()
            await self._unsettled.take_up(name, now, lambda one: self.cluster(one) if one in there else None)
        await self._unsettled.watch()

    async def settle(self) -> None:
        """Ask once what became of each write that is unknown."""
        await self._unsettled.settle()

    async def follow(self, config: Config) -> None:
        """Take up a changed config; clusters of which nothing changed keep their connections."""
        before, self.config = self.config, config
        self._around = Surroundings(config, self._snapshot, Rules(self._rules(config)))
        same = before.read_only == config.read_only and before.severities == config.severities
        gone = [name for name in self._clusters if not same or before.sources[name] != config.sources.get(name)]
        for name in gone:
            await self._clusters.pop(name).aclose()

    async def aclose(self) -> None:
        """Close every connection. The journal belongs to whoever opened it."""
        for cluster in self._clusters.values():
            with contextlib.suppress(SreconsoleError):
                await cluster.aclose()

    # --- inside -------------------------------------------------------------------------------------------------------
    @property
    def me(self) -> Actor:
        """Who acts, where `barred` has nothing against it."""
        assert self.actor is not None, "the nameless are barred"
        return self.actor

    def barred(self, clusters: Sequence[Cluster]) -> list[str]:
        """Why nothing can be written to these clusters, whatever it is."""
        said = [self.off] if self.off is not None else []
        if not clusters and not said:
            said.append(self.silencing_off or "no cluster is named")
        said += [f"{cluster.name}: {why}" for cluster in clusters if not said and (why := cluster.writer.read_only)]
        if isinstance(self.who, Nameless):
            said.append(self.who.reason)
        return said

    def _cluster(self, source: AlertmanagerSource) -> Cluster:
        if source.name not in self._clusters:
            self._clusters[source.name] = self._connect(source, self.config, self.clock)
        return self._clusters[source.name]

    def cluster(self, name: str) -> Cluster:
        """The cluster that a silence is at."""
        return self._cluster(managers(self.config, [name])[0])

    async def _confirmed(self, shown: Preview, typed: int | None) -> Preview | Deed:
        """The preview as it is now, where it is what was shown and nothing speaks against it."""
        now = await self.preview(shown.draft, [one.source for one in shown.at])
        if (no := hindered(now)) is not None:
            return no
        if drifted(shown, now):
            return Deed("refused", reason=CHANGED, matched=now.matched, of=now.of, changed=now)
        if now.count is not None and typed != now.count:
            said = "nobody typed it" if typed is None else f"{typed} was typed"
            why = f"this is dangerous: the number of alerts it mutes must be typed, {now.count}; {said}"
            return refused(why, matched=now.matched, of=now.of)
        return now

    def _creation(self, preview: Preview, source: str) -> Step:
        cluster = self._clusters[source]
        draft = for_cluster(preview.draft, cluster)
        at = next(one.reach for one in preview.at if one.source == source)
        matched, of = (at.count, at.of) if at is not None else (0, 0)
        entry = self.pen.creation(draft, source, self.me, matched, of)
        return Step(source, entry, lambda: cluster.writer.create(draft), lambda: cluster.writer.settle(draft))

    def _amendment(self, amendment: Amendment, **facts: object) -> Step:
        silence, ends_at = amendment.silence, amendment.ends_at
        writer, expected = self._clusters[silence.source].writer, _expected(amendment)
        counted = {"matched": amendment.matched, "of": amendment.of, **facts}
        if amendment.kind == "extend":
            entry = self.pen.change("silence.extend", silence, ends_at, self.me, self.pen.nonce(), **counted)
            return Step(silence.source, entry, lambda: writer.extend(silence, ends_at), lambda: writer.settle(expected))
        entry = self.pen.change("silence.expire", silence, ends_at, self.me, self.pen.nonce(), **counted)
        return Step(silence.source, entry, lambda: writer.expire(silence.id), lambda: writer.settle(expected))

    async def perform(self, steps: Sequence[Step], matched: int | None, of: int | None) -> Deed:
        """Journal, send, journal; sources are looked at at once, unknown results later again."""
        try:
            results, remarks = await carried_out(steps, self.logbook, self.clock)
        except SreconsoleError as error:
            return refused(f"nothing was sent, as it could not be written down: {error}", matched=matched, of=of)
        for step, result in zip(steps, results, strict=True):
            if result.outcome == "unknown":
                self._unsettled.add(step, result)
            self._written(step.source)
        self._written(None)
        entries = tuple(step.entry for step in steps)
        return Deed(whole(results), tuple(results), entries, _reason(results), matched, of, remarks=tuple(remarks))

    def _known(self, step: Step, result: Result) -> None:
        """It is known now what became of a write that was unknown."""
        self._written(step.source)
        self.settled(step.entry, result)

    async def _jotted(self, refusals: Sequence[str], entry: Callable[[Actor], Entry]) -> Deed:
        barred = [self.off] if self.off is not None else []
        if isinstance(self.who, Nameless):
            barred.append(self.who.reason)
        if barred or refusals:
            return refused("; ".join([*barred, *refusals]))
        made = entry(self.me)

        async def here() -> Result:
            return Result("journal", "done", made.id)

        try:
            results, remarks = await carried_out([Step("journal", made, here, here)], self.logbook, self.clock)
        except SreconsoleError as error:
            return refused(f"it could not be written down: {error}")
        self._written(None)
        return Deed("done", tuple(results), (made,), remarks=tuple(remarks))


def _told(found: Amendment | Result) -> Amendment | Deed:
    if isinstance(found, Amendment):
        return found
    return Deed(found.outcome, (found,), reason=f"{found.source}: {found.error}" if found.error else None)


def _expected(amendment: Amendment) -> Expected:
    from sreconsole.sources.silence_writer import Expected

    return Expected(amendment.silence.id, amendment.ends_at if amendment.kind == "extend" else None)


def _reason(results: Sequence[Result]) -> str | None:
    """What is to be said of those that are not simply done."""
    said = [f"{result.source}: {result.outcome}: {result.error}" for result in results if result.outcome != "done"]
    said += [f"{result.source}: {result.error}" for result in results if result.outcome == "done" and result.error]
    return "; ".join(said) or None
