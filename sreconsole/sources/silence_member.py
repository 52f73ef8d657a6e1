"""One member of an Alertmanager cluster, as who writes silences sees it: sends once, and finds again what was sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import quote

from sreconsole.domain.draft import Draft
from sreconsole.domain.matching import filter_text
from sreconsole.domain.selector import Matcher
from sreconsole.domain.silence import Silence
from sreconsole.errors import BadAnswer, SourceError, TooLarge
from sreconsole.sources import alertmanager_json as json
from sreconsole.sources.alertmanager_member import explain, unreadable
from sreconsole.sources.alertmanager_silences import silence_of
from sreconsole.sources.answer import Response
from sreconsole.sources.http import HttpClient
from sreconsole.sources.silence_answer import not_set_up, refused
from sreconsole.sources.silence_json import Kept, Key, kept, key_of, signed
from sreconsole.sources.texts import Texts

SILENCES = "/api/v2/silences"
ALERTS = "/api/v2/alerts"
_LONGEST_QUERY = 4_000
"""Characters of filters in an address; servers and proxies refuse addresses somewhat longer than that."""
NEAR = 2.0
"""Seconds by which clocks differ unsaid: a `Date` is cut to the second, and answers are on the way for a while."""

_NOBODY = 'sreconsole="nobody"'
"""A filter that no silence passes: the answer is small however many there are."""

Filter = tuple[str, str]


class SilenceMember:
    """Asks and writes. Raises SourceError, and Lost where a write may have arrived."""

    def __init__(self, client: HttpClient, source: str, clock: Callable[[], float]) -> None:
        """`clock` is ours, Unix seconds."""
        self.client, self._source, self._clock = client, source, clock
        self._texts = Texts()
        self.skew: float | None = None
        """Seconds by which its clock is ahead of ours; 0 where they are near, None before it told the time."""

    def __repr__(self) -> str:
        return f"SilenceMember({self.client.url})"

    def now(self) -> float:
        """Its time, Unix seconds; ours where it has not told it."""
        return self._clock() + (self.skew or 0.0)

    async def ready(self, timeout: float) -> SilenceMember:
        """Itself, if it answers: it lets us in, is an Alertmanager, and its time is known."""
        answer = await self._get(SILENCES, [("filter", _NOBODY)], timeout)
        try:
            json.pieces(answer.body)
        except json.UNREADABLE:
            raise unreadable(answer) from None
        return self

    async def post(self, body: bytes, timeout: float) -> Response:
        """Send a silence, once; the answer, whatever its status."""
        return await self.client.post_json(SILENCES, body, timeout)

    async def delete(self, id_: str, timeout: float) -> Response:
        """Ask for the end of a silence, once."""
        return await self.client.delete(one_path(id_), timeout)

    async def one(self, id_: str, timeout: float) -> Kept | None:
        """The silence with an id; None: there is none."""
        try:
            answer = await self._get(one_path(id_), (), timeout)
        except _Missing:
            return None
        try:
            return kept(answer.body)
        except json.UNREADABLE:
            raise unreadable(answer) from None

    async def made(self, draft: Draft, timeout: float) -> list[Kept]:
        """What was made of a draft, by its nonce, or else by all that the server keeps of it."""
        wanted = key_of(draft)
        found = await self._all(draft.matchers, timeout, draft.nonce)
        own = [one for one in found if signed(one, draft)]
        return own or [one for one in found if _same(one.key, wanted, draft)]

    async def like(self, key: Key, timeout: float) -> list[Kept]:
        """Silences that are in all things as `key` says."""
        return [one for one in await self._all(tuple(key.matchers), timeout) if one.key == key]

    async def muted(self, matchers: Sequence[Matcher], timeout: float) -> frozenset[str]:
        """Fingerprints of the alerts that these matchers mean, as the server understands them."""
        answer = await self._get(ALERTS, [("filter", filter_text(matcher)) for matcher in matchers], timeout)
        try:
            return frozenset(json.alert(raw).fingerprint or "" for raw in json.pieces(answer.body))
        except json.UNREADABLE:
            raise unreadable(answer) from None

    def silence(self, found: Kept) -> Silence:
        """As the rest of the program knows it."""
        return silence_of(json.silence(found.raw), self._source, self._texts, self.now())

    async def _all(self, matchers: Sequence[Matcher], timeout: float, nonce: str = "") -> list[Kept]:
        """Every silence. One that cannot be read is left out, unless it holds the nonce that is looked for.

        All are asked for, as a filter that a server reads otherwise than we do would hide what is there, and it would
        be sent again; with a filter only where they are too many to be read.
        """
        try:
            answer = await self._get(SILENCES, (), timeout)
        except TooLarge:
            answer = await self._get(SILENCES, filters(matchers), timeout)
        found = []
        try:
            for raw in map(bytes, json.pieces(answer.body)):
                try:
                    found.append(kept(raw))
                except json.UNREADABLE:
                    if nonce and nonce.encode() in raw:
                        raise
        except json.UNREADABLE:
            raise unreadable(answer) from None
        return found

    async def _get(self, path: str, params: Sequence[Filter], timeout: float) -> Response:
        before = self._clock()
        answer = await self.client.get(path, params, timeout, explain=_explained)
        if answer.server_time is not None:
            ahead = answer.server_time + 0.5 - (before + self._clock()) / 2
            self.skew = 0.0 if abs(ahead) <= NEAR else round(ahead, 1)
        return answer


def filters(matchers: Sequence[Matcher]) -> tuple[Filter, ...]:
    """Parameters that leave only silences with these matchers; none where they would make the address too long."""
    found = tuple(("filter", filter_text(matcher)) for matcher in matchers)
    return found if sum(len(quote(text)) for _, text in found) <= _LONGEST_QUERY else ()


def _same(key: Key, wanted: Key, draft: Draft) -> bool:
    """Whether a silence whose nonce did not come back is that of a draft all the same."""
    mine = "[sc:" not in key.comment and key.comment.startswith(draft.comment)
    return mine and key._replace(comment="") == wanted._replace(comment="")


def one_path(id_: str) -> str:
    """Where the silence with an id stands."""
    return f"/api/v2/silence/{quote(id_, safe='')}"


class _Missing(SourceError):
    """There is no silence with this id."""


def _explained(answer: Response) -> SourceError | None:
    if not_set_up(answer):
        return BadAnswer(refused(answer, ""))
    if answer.status == 404 and (not answer.body.strip() or json.error_text(answer.body) is not None):
        return _Missing("no such silence")
    return explain(answer)
