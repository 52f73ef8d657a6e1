"""The deploys in the plain text of `status`: those that run and the newest, with what they were."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from itertools import takewhile

from sreconsole.domain.snapshot import Snapshot
from sreconsole.present import deploy_words
from sreconsole.present.cells import fit, width

_MOST = 5
_NAME_CELLS = 40
_WHEN_CELLS = 12


def deploy_section(snapshot: Snapshot, zone: tzinfo) -> Iterator[str]:
    """`deploys: 1 running, 4 in 7d`, then a line each of the running and the newest; nothing where nobody is asked."""
    if not snapshot.deploy_sources:
        return
    deploys, now = snapshot.deploys, snapshot.at
    running = sum(1 for _ in takewhile(lambda deploy: deploy.running, deploys))
    week = sum(deploy_words.counted(deploy) and now - deploy.at <= deploy_words.WEEK for deploy in deploys)
    yield ""
    told = deploy_words.tally(running, week, deploy_words.whole(snapshot), ",")[0].replace(" , ", ", ")
    yield ", ".join(filter(None, (f"deploys: {told}", deploy_words.bad_lines(snapshot.deploy_sources))))
    shown = deploys[: max(_MOST, min(running, 2 * _MOST))]
    rows = [
        (
            deploy_words.when(deploy, now, zone, _WHEN_CELLS),
            deploy.service,
            deploy.version,
            deploy.environment,
            " ".join(filter(None, (deploy_words.word(deploy), deploy_words.kind(deploy)))),
            deploy_words.took(deploy, now),
            deploy.actor or "",
        )
        for deploy in shown
    ]
    widths = [min(_NAME_CELLS, max(map(width, column))) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(fit(cell, cells) for cell, cells in zip(row, widths, strict=True)).rstrip()
    if len(deploys) > len(shown):
        yield f"and {len(deploys) - len(shown)} more in 30d"
