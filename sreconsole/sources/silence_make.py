"""Makes one silence at one member of a cluster, and finds out what became of it where the answer does not tell."""

from __future__ import annotations

from collections.abc import Sequence

from sreconsole.domain.draft import Draft
from sreconsole.domain.outcome import Result
from sreconsole.errors import Lost, ReadOnly, SourceError
from sreconsole.sources.silence_answer import Verdict, judged
from sreconsole.sources.silence_cluster import SilenceCluster
from sreconsole.sources.silence_json import Kept, posted, signed
from sreconsole.sources.silence_member import SilenceMember

SOON = 2
"""So many looks where something said no: it is not on its way any more."""


async def make(cluster: SilenceCluster, draft: Draft) -> Result:
    """Send it to the first member that answers; to the next only while nothing can have arrived."""
    try:
        body = posted(draft)
    except ValueError as error:
        return cluster.refused(str(error))
    left, error_ = list(cluster.members), SourceError(f"{cluster.name} has no member")
    while left:
        member = await cluster.answering(left)
        if isinstance(member, SourceError):
            return cluster.unreached(member)
        if draft.ends_at <= member.now():
            return cluster.refused(f"it would have ended already, by the clock of {member.client.url}")
        try:
            verdict = await post(cluster, member, body, draft.nonce)
        except ReadOnly as error:
            return cluster.refused(str(error))
        except SourceError as error:
            left.remove(member)
            error_ = error
            continue
        if verdict.kind == "done":
            return await _read_back(cluster, member, draft, verdict.id)
        if verdict.kind == "refused":
            return cluster.refused(verdict.sentence)
        return await _doubtful(cluster, member, draft, body, verdict)
    return cluster.unreached(error_)


async def settle(cluster: SilenceCluster, draft: Draft) -> Result:
    """Ask every member what became of it."""
    answers = await cluster.every(lambda member: member.made(draft, cluster.asking))
    found = [one for answer in answers if not isinstance(answer, SourceError) for one in answer]
    if found:
        return cluster.done(_ordered(found)[0].id)
    return cluster.still(draft.nonce, answers, "no silence with its mark is there")


async def post(cluster: SilenceCluster, member: SilenceMember, body: bytes, what: str) -> Verdict:
    """Send a silence once. Raises a SourceError only where nothing of it can have arrived."""
    try:
        answer = await member.post(body, cluster.writing)
    except Lost as error:
        cluster.doubted(what)
        return Verdict("doubt", sentence=str(error), again=True)
    verdict = judged(answer, cluster.name)
    if verdict.kind == "doubt":
        cluster.doubted(what)
    return verdict


async def _doubtful(
    cluster: SilenceCluster, member: SilenceMember, draft: Draft, body: bytes, verdict: Verdict
) -> Result:
    """Look for it where it was sent; send it once more only when it has proved not to be there."""
    first = verdict
    for attempt in (1, 2):
        found = await _looked(cluster, member, draft, None if verdict.again else SOON)
        if isinstance(found, SourceError):
            return await _elsewhere(cluster, member, draft, f"{verdict.sentence}; then: {found}")
        if found:
            return cluster.done(await _one_of(cluster, member, draft, found))
        if not verdict.again:
            # Something said no; where it was sent before, that one may be on its way for a while yet.
            return cluster.refused(verdict.sentence) if attempt == 1 else cluster.unknown(first.sentence)
        if attempt == 2:
            break
        try:
            verdict = await post(cluster, member, body, draft.nonce)
        except SourceError as error:
            verdict = Verdict("doubt", sentence=str(error), again=True)
        if verdict.kind == "done":
            return cluster.done(await _alone(cluster, member, draft, verdict.id))
        if verdict.kind == "refused":
            verdict = verdict._replace(again=False)
    return cluster.unknown(f"sent twice, and it is not there yet: {verdict.sentence}")


async def _looked(
    cluster: SilenceCluster, member: SilenceMember, draft: Draft, most: int | None
) -> list[Kept] | SourceError:
    """What is there of it; empty: the member answers and has nothing. An error: it did not answer the last look."""
    said: list[Kept] | SourceError = SourceError("it was not looked for")
    async for said in cluster.looks(lambda: member.made(draft, cluster.asking), most):
        if not isinstance(said, SourceError) and said:
            break
    return said


async def _elsewhere(cluster: SilenceCluster, member: SilenceMember, draft: Draft, sentence: str) -> Result:
    """The member it was sent to is silent: the others may have heard of it. It is sent to none of them."""
    for other in cluster.members:
        if other is not member:
            try:
                found = await other.made(draft, cluster.asking)
            except SourceError:
                continue
            if found:
                return cluster.done(await _one_of(cluster, other, draft, found))
    return cluster.unknown(sentence)


async def _alone(cluster: SilenceCluster, member: SilenceMember, draft: Draft, id_: str) -> str:
    """The id that stays after it was sent twice: the first one may have landed late."""
    try:
        found = await member.made(draft, cluster.asking)
    except SourceError:
        return id_
    return await _one_of(cluster, member, draft, found) if found else id_


async def _one_of(cluster: SilenceCluster, member: SilenceMember, draft: Draft, found: Sequence[Kept]) -> str:
    """The id of the oldest; others with the same nonce are ended, as one was asked for."""
    kept, *more = _ordered(found)
    for one in more:
        if signed(one, draft) and not one.over:
            try:
                await member.delete(one.id, cluster.asking)
            except SourceError:
                continue  # it ends when the other one does, and mutes nothing else
    return kept.id


def _ordered(found: Sequence[Kept]) -> list[Kept]:
    return sorted(found, key=lambda one: (one.over, one.updated, one.id))


async def _read_back(cluster: SilenceCluster, member: SilenceMember, draft: Draft, id_: str) -> Result:
    """It is made; whether the server keeps what was sent is worth knowing."""
    try:
        found = await member.one(id_, cluster.asking)
    except SourceError:
        found = None
    if found is None:  # behind a balancer the other member may not have heard of it yet
        return cluster.done(id_)
    cluster.fetched[id_] = found
    if found.key.matchers != frozenset(draft.matchers):
        return cluster.done(id_, f"{member.client.url} keeps other matchers than were sent: look at the silence")
    if found.state == "pending":
        return cluster.done(id_, f"by the clock of {member.client.url} it has not begun yet")
    return cluster.done(id_)
