"""Changes a silence that stands: another end, or its end now. Both may be sent again, as they name the silence."""

from __future__ import annotations

from sreconsole.domain.outcome import Result
from sreconsole.errors import Lost, ReadOnly, SourceError
from sreconsole.records import dataclass
from sreconsole.sources.silence_answer import Verdict, own_words, refused
from sreconsole.sources.silence_cluster import SilenceCluster
from sreconsole.sources.silence_json import Kept, extended, milliseconds, prolonged
from sreconsole.sources.silence_make import SOON, post
from sreconsole.sources.silence_member import SilenceMember


@dataclass(frozen=True, slots=True)
class Expected:
    """What a silence is to be after a write to it."""

    id: str
    ends_at: float | None = None
    """Its new end in Unix seconds; None: it has ended."""


# --- another end ------------------------------------------------------------------------------------------------------
async def extend(cluster: SilenceCluster, id_: str, ends_at: float) -> Result:
    """Let it end at another time (Unix seconds by the server's clock)."""
    left = list(cluster.members)
    while True:
        held = await cluster.holding(id_, left)
        if isinstance(held, Result):
            return held
        member, found = held
        if found.over:
            return cluster.refused("it has ended meanwhile: make a new one")
        if ends_at <= member.now():
            return cluster.refused(f"that end has passed already, by the clock of {member.client.url}")
        try:
            body = extended(found, ends_at)
            verdict = await post(cluster, member, body, id_)
        except ValueError as error:
            return cluster.refused(str(error))
        except ReadOnly as error:
            return cluster.refused(str(error))
        except SourceError as error:
            left.remove(member)
            if not left:
                return cluster.unreached(error)
            continue
        if verdict.kind == "refused":
            return cluster.refused(verdict.sentence)
        if verdict.kind == "done":
            return _told(cluster, id_, verdict.id)
        return await _doubtful(cluster, member, found, ends_at, body, verdict)


async def _doubtful(
    cluster: SilenceCluster, member: SilenceMember, found: Kept, ends_at: float, body: bytes, verdict: Verdict
) -> Result:
    """Look at its end; send the same again, which names the same silence, when it has proved to be the old one."""
    first = verdict
    for attempt in (1, 2):
        now: Kept | SourceError | None = SourceError("it was not looked at")
        async for now in cluster.looks(lambda: member.one(found.id, cluster.asking), None if verdict.again else SOON):
            if isinstance(now, Kept) and (now.over or now.key.ends_ms == milliseconds(ends_at)):
                break
        if isinstance(now, SourceError):
            return cluster.unknown(f"{verdict.sentence}; then: {now}", found.id)
        if now is not None and not now.over and now.key.ends_ms == milliseconds(ends_at):
            return cluster.done(found.id)
        if now is None or now.over:
            return await _replaced(cluster, member, found, ends_at)
        if not verdict.again:
            return cluster.refused(verdict.sentence) if attempt == 1 else cluster.unknown(first.sentence, found.id)
        if attempt == 2:
            break
        try:
            verdict = await post(cluster, member, body, found.id)
        except SourceError as error:
            verdict = Verdict("doubt", sentence=str(error), again=True)
        if verdict.kind == "done":
            return _told(cluster, found.id, verdict.id)
        if verdict.kind == "refused":
            verdict = verdict._replace(again=False)
    return cluster.unknown(f"sent twice, and its end is the old one yet: {verdict.sentence}", found.id)


async def _replaced(cluster: SilenceCluster, member: SilenceMember, found: Kept, ends_at: float) -> Result:
    """It ended while it was to be extended: the server may have made another one in its place."""
    try:
        made = await member.like(prolonged(found, ends_at), cluster.asking)
    except SourceError as error:
        return cluster.unknown(str(error), found.id)
    alive = [one for one in made if not one.over]
    return _told(cluster, found.id, alive[0].id) if alive else cluster.refused("it has ended meanwhile: make a new one")


def _told(cluster: SilenceCluster, old: str, new: str) -> Result:
    return cluster.done(new, None if new == old else f"{old} had ended meanwhile: this one stands in its place")


# --- its end now ------------------------------------------------------------------------------------------------------
async def expire(cluster: SilenceCluster, id_: str) -> Result:
    """End it, however often it takes: it is done when a member says that it has ended."""
    left, sent = list(cluster.members), False
    sentence = ""
    for _attempt in range(1 + len(cluster.members)):
        held = await cluster.holding(id_, left)
        if isinstance(held, Result):
            return cluster.unknown(held.error or "", id_) if sent else held
        member, found = held
        if found.over:
            return cluster.done(id_)
        try:
            answer = await member.delete(id_, cluster.writing)
            sentence = "" if 200 <= answer.status < 300 else refused(answer, cluster.name)
            final = own_words(answer) and answer.status != 404
        except ReadOnly as error:
            return cluster.refused(str(error))
        except Lost as error:
            sentence, final = str(error), False
        except SourceError as error:
            left = [one for one in left if one is not member] or left
            sentence = str(error)
            if len(left) == 1 and left[0] is member:
                return cluster.unreached(error)
            continue
        sent = True
        cluster.doubted(id_)
        over = await _over(cluster, member, id_, final)
        if isinstance(over, SourceError):
            return cluster.unknown(f"{sentence}; then: {over}" if sentence else str(over), id_)
        if over:
            return cluster.done(id_)
        if final:
            return cluster.refused(sentence)
    return cluster.unknown(f"it has not ended yet: {sentence or 'the server said that it had'}", id_)


async def _over(cluster: SilenceCluster, member: SilenceMember, id_: str, final: bool) -> bool | SourceError:
    """Whether it has ended, by looking: at once, then a few times."""
    try:
        said: Kept | SourceError | None = await member.one(id_, cluster.asking)
    except SourceError as error:
        said = error
    if isinstance(said, SourceError) or (said is not None and not said.over and not final):
        async for said in cluster.looks(lambda: member.one(id_, cluster.asking), SOON):
            if not isinstance(said, SourceError) and (said is None or said.over):
                break
    return said if isinstance(said, SourceError) else said is None or said.over


# --- what became of it ------------------------------------------------------------------------------------------------
async def settle(cluster: SilenceCluster, what: Expected) -> Result:
    """Ask every member; nothing is sent but questions."""
    answers = await cluster.every(lambda member: member.one(what.id, cluster.asking))
    found = sorted((one for one in answers if isinstance(one, Kept)), key=lambda one: one.updated)
    if not found:
        nothing = [one for one in answers if one is None]
        if nothing and what.ends_at is None:
            return cluster.done(what.id)
        return cluster.still(what.id, answers, "there is no such silence any more")
    newest = found[-1]
    if what.ends_at is None:
        return cluster.done(what.id) if newest.over else cluster.still(what.id, answers, "it has not ended")
    if newest.key.ends_ms == milliseconds(what.ends_at) and not newest.over:
        return cluster.done(what.id)
    if newest.over:
        made = [
            one
            for answer in await cluster.every(
                lambda member: member.like(prolonged(newest, what.ends_at or 0.0), cluster.asking)
            )
            if not isinstance(answer, SourceError)
            for one in answer
            if not one.over
        ]
        if made:
            return _told(cluster, what.id, made[0].id)
    return cluster.still(what.id, answers, "it ends as it did before")
