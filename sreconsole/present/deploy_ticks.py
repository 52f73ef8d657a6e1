"""Deploys under a burn sparkline, on its time axis: where each stands, and the line that shows them.

The line belongs to one row of the SLO table. In the cells of the trend stand the signs, each under the bar of its
moment (the groups are those of `present.spark.grouped`): at the end of a deploy, after a thin line from its beginning;
of one that runs at the newest cell. Left of them stands what the newest one was, and before it what there is room for:
nobody has to know the signs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import tzinfo

from sreconsole.domain.deploy import Deploy
from sreconsole.domain.report import Trend
from sreconsole.present import deploy_words
from sreconsole.present.cells import Span, fit_spans, width
from sreconsole.present.marks import DeploySign, Glyphs

_LATE = 300.0
"""Seconds by which a deploy may be newer than the newest bucket and still stand under it."""
_TELLING: tuple[DeploySign, ...] = ("failed", "rollback", "running", "succeeded", "inferred", "restart")
"""Which sign is drawn where several would stand in one cell."""
_TIME_CELLS = 12


def cell_of(trend: Trend, cells: int, at: float) -> int | None:
    """The cell of the sparkline in which a moment lies, -1 before the first; None after the last, or without an axis.

    The same groups as in `spark.grouped`: they begin at multiples of their size, counted from the epoch.
    """
    count, size = len(trend.burns), _group(trend, cells)
    if cells <= 0 or not count or not math.isfinite(at):
        return None
    bucket = math.floor((at - trend.start) / trend.width)
    if bucket >= count:
        late = at - (trend.start + count * trend.width)
        return cells - 1 if late <= max(_LATE, size * trend.width) else None
    lead = trend.start // trend.width % size
    groups = -(-(count + lead) // size)
    return max(-1, cells - groups + (bucket + lead) // size) if bucket >= 0 else -1


def shown(deploys: Iterable[Deploy], trend: Trend | None, cells: int) -> list[Deploy]:
    """Those that stand somewhere under the sparkline, in the order given."""
    if trend is None or cells <= 0 or not trend.burns:
        return []
    return [deploy for deploy in deploys if (_stands(deploy, trend, cells) or (0, -1))[1] >= 0]


def tick_line(
    deploys: Sequence[Deploy], trend: Trend, lead: int, cells: int, room: int, now: float, zone: tzinfo, glyphs: Glyphs
) -> list[Span]:
    """The line below a row: exactly `room` cells, `lead` of them before the `cells` of the trend.

    `deploys` are those that `shown` gave, running ones first, then the newest first.
    """
    marks = _marks(deploys, trend, cells, glyphs)
    text = [*_label(deploys, lead - 1, now, zone, glyphs), Span(" ", "")]
    taken = _cells(text)
    label = [Span(" " * (lead - taken), ""), *text] if taken <= lead else fit_spans(text, lead, glyphs)
    return fit_spans([*label, *marks], room, glyphs)


def _group(trend: Trend, cells: int) -> int:
    return max(1, math.ceil(len(trend.burns) * 0.95 / max(1, cells)))


def _stands(deploy: Deploy, trend: Trend, cells: int) -> tuple[int, int] | None:
    """The cells in which it begins and ends."""
    last = cells - 1 if deploy.running else cell_of(trend, cells, deploy.at) if deploy.at else None
    if last is None:
        return None
    first = None if deploy.started_at is None else cell_of(trend, cells, deploy.started_at)
    return min(last, max(0, last if first is None else first)), last


def _marks(deploys: Iterable[Deploy], trend: Trend, cells: int, glyphs: Glyphs) -> list[Span]:
    line = [Span(" ", "")] * cells
    stands = [(deploy, found) for deploy in deploys if (found := _stands(deploy, trend, cells)) and found[1] >= 0]
    for _, (first, last) in stands:
        line[first:last] = [Span(glyphs.rule, "dim")] * (last - first)
    ranked = sorted(stands, key=lambda one: -_TELLING.index(deploy_words.sign(one[0])))
    for deploy, (_, last) in ranked:
        line[last] = Span(glyphs.deploys[deploy_words.sign(deploy)], deploy_words.token(deploy))
    return line


def _label(deploys: Sequence[Deploy], room: int, now: float, zone: tzinfo, glyphs: Glyphs) -> list[Span]:
    """`03:09 v41 running rollback, 03:02 v42, 2 more`, each after its sign: the newest, then as many as have room."""
    newest, *others = _told(deploys)
    said = " ".join(filter(None, (deploy_words.word(newest), deploy_words.kind(newest))))
    text = [*_named(newest, now, zone, glyphs), Span(f" {said}", "dim")]
    for place, deploy in enumerate(others):
        left = len(others) - place - 1
        longer = [*text, Span(", ", "dim"), *_named(deploy, now, zone, glyphs)]
        if _cells([*longer, *_more(left)]) > room:
            return [*text, *_more(left + 1)]
        text = longer
    return text


def _told(deploys: Sequence[Deploy]) -> list[Deploy]:
    """The newest first; next to a rollback what it takes back: both are what happened."""
    newest, *others = deploys
    taken_back = [deploy for deploy in others if newest.kind == "rollback" and deploy.version == newest.prev_version]
    return [newest, *taken_back[:1], *(deploy for deploy in others if deploy not in taken_back[:1])]


def _named(deploy: Deploy, now: float, zone: tzinfo, glyphs: Glyphs) -> list[Span]:
    """`▴ 03:02 v42`."""
    return [
        Span(f"{glyphs.deploys[deploy_words.sign(deploy)]} ", deploy_words.token(deploy)),
        Span(f"{deploy_words.when(deploy, now, zone, _TIME_CELLS)} ", "dim"),
        Span(deploy.version, "foreground"),
    ]


def _more(count: int) -> list[Span]:
    return [Span(f", {count} more", "dim")] if count else []


def _cells(spans: Sequence[Span]) -> int:
    return sum(width(span.text) for span in spans)
