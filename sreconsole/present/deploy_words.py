"""What is said of deploys in few words: how one went, when, how long it took, how many there are."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, tzinfo

from sreconsole.domain.deploy import Deploy
from sreconsole.domain.snapshot import Snapshot, SourceState
from sreconsole.present import titles, words
from sreconsole.present.marks import UNICODE, DeploySign, Glyphs

WEEK = 7 * 86_400
_RECENT = 6 * 3_600
"""So long ago the time of day says enough, even past midnight."""
_TOKENS: dict[DeploySign, str] = {
    "succeeded": "ok",
    "inferred": "ok",
    "failed": "page",
    "rollback": "warn",
    "running": "accent",
    "restart": "dim",
}


def sign(deploy: Deploy) -> DeploySign:
    """Which sign stands for it: what goes on or went wrong first, then what it was, then how it is known."""
    if deploy.running:
        return "running"
    if deploy.status in ("failed", "cancelled"):
        return "failed"
    if deploy.kind in ("rollback", "restart"):
        return "rollback" if deploy.kind == "rollback" else "restart"
    return "inferred" if deploy.confidence == "inferred" else "succeeded"


def token(deploy: Deploy) -> str:
    """The theme token that colours it."""
    return "dim" if deploy.status == "cancelled" else _TOKENS[sign(deploy)]


def word(deploy: Deploy) -> str:
    """`running`, `failed` and the like; of what succeeded what it was, where that is out of the ordinary."""
    plain = deploy.status != "succeeded" or deploy.kind in ("deploy", "unknown")
    return deploy.status if plain else deploy.kind


def kind(deploy: Deploy) -> str:
    """What it is where `word` says how it stands: `rollback` of one that runs; empty for an ordinary deploy."""
    return "" if deploy.kind in ("deploy", "unknown", word(deploy)) else deploy.kind


def told_exactly(deploy: Deploy) -> bool:
    """Whether its times are told and not concluded from samples."""
    return deploy.confidence != "inferred" and deploy.margin <= 0


def when(deploy: Deploy, now: float, zone: tzinfo, cells: int) -> str:
    """`03:02` today, `Fri 14:02` within a week, `11-02 14:02`, `2025-11-02`; in few cells the day alone; `~` before
    a time that is concluded from samples."""
    about = "" if told_exactly(deploy) else "~"
    if not deploy.at:
        return words.UNKNOWN
    try:
        at, today = datetime.fromtimestamp(deploy.at, zone), datetime.fromtimestamp(now, zone)
    except (OverflowError, ValueError, OSError):
        return words.UNKNOWN
    if at.date() == today.date() or abs(now - deploy.at) < _RECENT:
        ways: tuple[str, ...] = ("%H:%M",)
    elif timedelta(0) < today.date() - at.date() < timedelta(days=7):
        ways = ("%a %H:%M", "%a")
    else:
        ways = ("%m-%d %H:%M", "%m-%d") if at.year == today.year else ("%Y-%m-%d", "%Y")
    return next((said for way in ways if len(said := about + at.strftime(way)) <= cells), about + at.strftime(ways[-1]))


def took(deploy: Deploy, now: float) -> str:
    """How long it took; of one that runs how long it has run, in coarse steps; `-` where that is not known."""
    if deploy.running:
        return words.UNKNOWN if deploy.started_at is None else words.age(now - deploy.started_at)
    return words.span(deploy.seconds)


def counted(deploy: Deploy) -> bool:
    """Whether it counts as a change of what runs in production: not what failed, not the same again, no restart."""
    return deploy.is_prod and deploy.status == "succeeded" and deploy.kind not in ("redeploy", "restart")


def bad_lines(sources: Iterable[SourceState]) -> str:
    """`1 bad line` where files have some; empty where not."""
    count = sum(source.bad_lines for source in sources)
    return f"{count} bad line{'s' * (count > 1)}" if count else ""


def tally(running: int, week: int, whole: bool, dot: str = "·") -> tuple[str, str]:
    """`2 running · 14 in 7d`, and short what is more urgent of both; what is not known is said."""
    said = [f"{running} running"] if running else []
    weekly = [f"{week} in 7d"] if whole or week else []
    unknown = [] if whole else ["the rest unknown" if said or weekly else "unknown"]
    full = f" {dot} ".join([*said, *weekly, *unknown])
    return full, (said or weekly or unknown)[0]


def whole(snapshot: Snapshot) -> bool:
    """Whether the deploys are all there are: there is a source of deploys, each answered last time, and of none is
    history yet to be fetched."""
    sources = snapshot.deploy_sources
    return bool(sources) and all(source.whole and source.progress is None for source in sources)


def none_known(snapshot: Snapshot, now: float, refresh: float, cells: int, glyphs: Glyphs = UNICODE) -> str:
    """Why there is no deploy to show although that does not mean that there was none."""
    sources: Sequence[SourceState] = snapshot.deploy_sources
    if not sources:
        return f"unknown: {snapshot.missing.get('deploys') or 'nothing was asked yet'}"
    if all(source.whole for source in sources):
        filling = (source for source in sources if source.progress is not None)
        return f"none yet: {', '.join(f'{s.name} history {math.floor(100 * (s.progress or 0))}%' for s in filling)}"
    return titles.unanswered(sources, now, refresh, cells, glyphs)
