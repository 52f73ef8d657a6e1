"""Writes silences to one Alertmanager cluster, of Mimir and Grafana too. Never twice, never a false "done".

A silence that is posted twice is two silences, and a request whose answer was lost may have landed. So: a member is
asked first whether it answers at all; it alone is written to; where the answer leaves a doubt, that member's list is
searched for the nonce in the comment, and only when it proves not to be there it is sent once more. Another member is
written to only while nothing can have reached the first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sreconsole.config.model import AlertmanagerSource
from sreconsole.domain.draft import Draft
from sreconsole.domain.outcome import Result
from sreconsole.domain.selector import Matcher
from sreconsole.domain.silence import Silence
from sreconsole.errors import SourceError
from sreconsole.sources import silence_change, silence_make
from sreconsole.sources.alertmanager import base_url
from sreconsole.sources.curl import curl
from sreconsole.sources.http import HttpClient
from sreconsole.sources.meter import Meter
from sreconsole.sources.silence_change import Expected
from sreconsole.sources.silence_cluster import ASKING, PATIENCE, WRITING, SilenceCluster
from sreconsole.sources.silence_json import extended, posted
from sreconsole.sources.silence_member import SILENCES, SilenceMember, one_path

__all__ = ["Expected", "SilenceWriter"]


class SilenceWriter:
    """The members of one cluster. Never raises for what a server or the network does: results tell."""

    def __init__(
        self,
        settings: AlertmanagerSource,
        clock: Callable[[], float],
        meter: Meter | None = None,
        *,
        read_only: str | None = None,
        patience: Sequence[float] = PATIENCE,
        limits: tuple[float, float] = (ASKING, WRITING),
    ) -> None:
        """`read_only` is why this start may not write at all (`--read-only`); `clock` is ours, Unix seconds.

        `patience`: seconds before each look for what was lost; `limits`: seconds for an answer to a question and to a
        write.
        """
        self.name = settings.name
        self.read_only = read_only or _read_only(settings)
        """Why nothing can be written; None: it can."""
        self.trouble: str | None = None
        """Why the cluster did not answer the last question of `matching`."""
        self._settings, self._clock = settings, clock
        members = [
            SilenceMember(
                HttpClient(
                    settings.name,
                    base_url(url, settings.flavour),
                    settings.http,
                    settings.max_answer,
                    api="Alertmanager API",
                    meter=meter,
                    writes=self.read_only is None,
                ),
                settings.name,
                clock,
            )
            for url in settings.urls
        ]
        self._cluster = SilenceCluster(settings.name, members, patience, limits)

    @property
    def skew(self) -> float | None:
        """Seconds by which the cluster's clock is ahead of ours: 0 where they are near, None before it was asked."""
        return next((member.skew for member in self._cluster.members if member.skew is not None), None)

    def now(self) -> float:
        """The time at the cluster, Unix seconds; ours where it has not told its own."""
        return self._clock() + (self.skew or 0.0)

    async def aclose(self) -> None:
        """Close every connection."""
        for member in self._cluster.members:
            await member.client.aclose()

    # --- asking -------------------------------------------------------------------------------------------------------
    async def fetch(self, id_: str) -> Silence | Result:
        """The silence with an id (a whole one); else refused (there is none) or unreached (nobody tells)."""
        found = await self._cluster.holding(id_)
        return found if isinstance(found, Result) else found[0].silence(found[1])

    async def matching(self, matchers: Sequence[Matcher]) -> frozenset[str] | None:
        """Fingerprints of the alerts that these matchers mean, by the server's own filter; None: see `trouble`.

        Of every member that answers, as alerts are not gossiped.
        """
        answers = await self._cluster.every(lambda member: member.muted(matchers, self._cluster.asking))
        errors = [answer for answer in answers if isinstance(answer, SourceError)]
        found = [answer for answer in answers if not isinstance(answer, SourceError)]
        self.trouble = str(errors[0]) if errors else None
        return frozenset[str]().union(*found) if found else None

    # --- writing ------------------------------------------------------------------------------------------------------
    async def create(self, draft: Draft) -> Result:
        """Make a silence, at one member."""
        return self._off() or await silence_make.make(self._cluster, draft)

    async def extend(self, silence: Silence, ends_at: float) -> Result:
        """Let a silence end at another time, Unix seconds by the cluster's clock; nothing else of it changes.

        The id of the result is another one where it had ended meanwhile and the server made a new one.
        """
        return self._off() or await silence_change.extend(self._cluster, silence.id, ends_at)

    async def expire(self, id_: str) -> Result:
        """End a silence now. One that has ended already is done."""
        return self._off() or await silence_change.expire(self._cluster, id_)

    async def edit(self, silence: Silence, draft: Draft) -> Result:
        """Put a new silence in the place of one: made and read back first, then the old one ends.

        Never in place: servers end the old one before they look whether the new one is good. Where the new one is
        refused, also for a limit that counts ended ones, the old one stands.
        """
        made = await self.create(draft)
        if made.outcome != "done" or made.id is None:
            return made
        found = await self._cluster.holding(made.id)
        if isinstance(found, Result) or found[1].over or found[1].key.matchers != frozenset(draft.matchers):
            return self._cluster.done(made.id, f"it could not be read back as it was sent: {silence.id} still stands")
        ended = await self.expire(silence.id)
        if ended.outcome == "done":
            return made
        sentence = f"it is made; {silence.id}, which it replaces, has not ended: {ended.error}"
        unknown = ended.outcome == "unknown"
        return self._cluster.unknown(sentence, made.id) if unknown else self._cluster.done(made.id, sentence)

    async def settle(self, what: Draft | Expected) -> Result:
        """Ask again what became of a write that was unknown; nothing is sent but questions.

        Unknown still, until it is found, or every member answers and it cannot be on its way any more (unreached).
        """
        if isinstance(what, Draft):
            return await silence_make.settle(self._cluster, what)
        return await silence_change.settle(self._cluster, what)

    def dry(self, what: Draft | Expected) -> str:
        """The exact request as a line for a shell, secrets as `$NAME`, to the first member.

        A silence that is to be extended must have been fetched before; else the line fetches it. Raises ValueError
        for what cannot be sent.
        """
        if isinstance(what, Draft):
            return self._line("POST", SILENCES, posted(what))
        if what.ends_at is None:
            return self._line("DELETE", one_path(what.id))
        found = self._cluster.fetched.get(what.id)
        if found is None:
            return self._line("GET", one_path(what.id))
        return self._line("POST", SILENCES, extended(found, what.ends_at))

    def _line(self, method: str, path: str, body: bytes | None = None) -> str:
        base = base_url(self._settings.urls[0], self._settings.flavour)
        return curl(self.name, base, self._settings.http, method, path, body)

    def _off(self) -> Result | None:
        return self._cluster.refused(self.read_only) if self.read_only is not None else None


def _read_only(settings: AlertmanagerSource) -> str | None:
    """Why the config lets nobody write there."""
    if settings.read_only:
        return f"source {settings.name} is read-only (read_only in the config)"
    if settings.http.tls.insecure_skip_verify and any(url.lower().startswith("https:") for url in settings.urls):
        return (
            f"source {settings.name} does not check the server's certificate (insecure_skip_verify): it is read, never "
            f"written to; give it a ca_file"
        )
    return None
