"""Runs the console on this terminal with a scripted engine: `python -m tests.terminal.scripted_console [OPTION...]`.

--rows N      SLOs (42)
--change S    share of the rows that is different at each refresh (0)
--every S     seconds between refreshes (1)
--theme NAME  theme to start with (dark)
--themes DIR  where themes are looked for
--still       the clock stands still, so that nothing but data can change the screen
--down        the source does not answer
--night       alerts of every state, and silences
--crossing    the clock goes on, and the first SLO has changed its status a moment ago, always
--busy        the same, with deploys and toil
--hostile     more rows (with --night also alerts and silences), with names that try to break the screen
--tally FILE  at the end, the number of refreshes is written there
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from sreconsole.domain.alert import Alert
from sreconsole.domain.change import StatusChange
from sreconsole.domain.report import SloReport
from sreconsole.domain.silence import Silence
from sreconsole.domain.snapshot import Snapshot, SourceState
from sreconsole.domain.status import Status
from sreconsole.exits import Exit
from sreconsole.tui.terminal import refusal
from tests.tui import busy, scripted

HOSTILE = (
    "[@click=app.quit]x[/]",
    "[/]",
    "[red",
    "\x1b[31mred\x1b]0;title\x07",
    "\u202eright to left",
    "全角サービス名",
)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=42)
    parser.add_argument("--change", type=float, default=0.0)
    parser.add_argument("--every", type=float, default=1.0)
    parser.add_argument("--theme", default="dark")
    parser.add_argument("--themes")
    parser.add_argument("--tally", type=Path)
    for flag in ("--still", "--down", "--hostile", "--night", "--busy", "--crossing"):
        parser.add_argument(flag, action="store_true")
    args = parser.parse_args()
    why = refusal(os.environ, sys.stdin.isatty(), sys.stderr.isatty())
    if why:
        sys.stderr.write(why + "\n")
        return Exit.USAGE
    from sreconsole.tui.app import run_console

    reports = scripted.estate(args.rows)
    if args.hostile:
        reports = [scripted.report(name, name, 15.0 + place) for place, name in enumerate(HOSTILE)] + reports
    sources = (scripted.down(),) if args.down else None
    start = time.time()

    def clock() -> float:
        return scripted.NOW if args.still and not args.crossing else scripted.NOW + time.time() - start

    feed = Feed(reports, args.change, args.down, clock, alerts(args.hostile) if args.night or args.busy else ([], []))
    feed.busy, feed.crossing = args.busy, args.crossing
    live = scripted.ScriptedLive(feed.shown(sources), feed=feed, every=args.every)
    themes = [Path(args.themes)] if args.themes else None
    config = busy.config(reports) if args.busy else scripted.config(reports)
    code = run_console(config, live, theme=args.theme, clock=clock, env=os.environ, themes=themes)
    if args.tally:
        args.tally.write_text(str(feed.turn), encoding="utf-8")
    return code


def alerts(hostile: bool) -> tuple[list[Alert], list[Silence]]:
    """Those of a night; `hostile`: also some whose every word tries to break the screen."""
    found, silences = scripted.night()
    for name in HOSTILE if hostile else ():
        said = {"summary": name, name: name}
        found.append(scripted.alert(name, name, fingerprint=name, annotations=said, receivers=(name,), runbook=name))
        silences.append(scripted.silence(name, created_by=name, comment=name))
    return found, silences


class Feed:
    """Changes a share of the rows at each call; the others stay the same objects."""

    def __init__(
        self,
        reports: list[SloReport],
        share: float,
        down: bool,
        clock: Callable[[], float],
        alerts: tuple[list[Alert], list[Silence]],
    ) -> None:
        self.reports, self.share, self.down, self.clock, self.turn = reports, share, down, clock, 0
        self.alerts = alerts
        self.busy = self.crossing = False
        self.deploys, self.toil = busy.deploys(), busy.toil()

    def shown(self, sources: Iterable[SourceState] | None) -> Snapshot:
        """What there is now."""
        alerts, silences = self.alerts
        at = self.clock()
        made = scripted.snapshot(self.reports, sources=sources, at=at, alerts=alerts, silences=silences)
        if self.crossing:
            made = replace(made, changes=(StatusChange(self.reports[0].key, Status.OK, Status.PAGE, at, "burns"),))
        if not self.busy:
            return made
        states = (replace(busy.CI, last_good=at - 5),), (replace(busy.PROM, last_good=at - 5),)
        told = {"deploys": self.deploys, "deploy_sources": states[0], "toil": self.toil, "toil_sources": states[1]}
        return replace(made, **told)  # type: ignore[arg-type]

    def __call__(self) -> Snapshot:
        self.turn += 1
        step = round(1 / self.share) if self.share else 0
        for place in range(len(self.reports)):
            if step and place % step == 0 and place != 9:
                old = self.reports[place]
                base = 14.5 if place == 0 else 3.3 if place == 2 else 0.1
                self.reports[place] = scripted.report(*old.key, burn=base + (self.turn * 7 + place) % 9 / 30)
        now = self.clock()
        sources = (scripted.down(),) if self.down else (scripted.live(at=now - 1),)
        return self.shown(sources)


if __name__ == "__main__":
    raise SystemExit(main())
