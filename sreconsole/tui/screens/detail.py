"""One SLO and its service in depth: what burns, why, charts, pairs, budget, and everything that stands around it.

At 80x24 status, pairs and budget are there without scrolling, and the chart where they leave it room; else it follows
them. On a wide screen charts stand beside the text.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import ClassVar

from textual.binding import BindingType

from sreconsole.domain.counts import Past
from sreconsole.domain.depth import NOTHING, Depth, depth
from sreconsole.domain.period import Calendar, CalendarUnit
from sreconsole.domain.report import SloReport
from sreconsole.domain.slo import SloKey
from sreconsole.domain.snapshot import ServiceState, Snapshot
from sreconsole.present import slo_detail
from sreconsole.present.cells import Span, fit_spans, plain
from sreconsole.present.happenings import Happening, happenings
from sreconsole.present.service_around import links
from sreconsole.present.slo_detail import Known
from sreconsole.tui.keys import Place
from sreconsole.tui.screens.base import bindings
from sreconsole.tui.screens.page import PageScreen
from sreconsole.tui.screens.service_chart import LEAST, ServiceChart, Subject
from sreconsole.tui.session import Session
from sreconsole.tui.strips import Line
from sreconsole.tui.topic import Topic

_WIDE = 150
"""From this width on charts stand beside the text."""
_TEXT_CELLS = 84
_AIRY = 30
"""From so many lines on a blank one stands before each table."""
_CHART_LINES = 18
_BELOW_LINES = 10
_BOTH_LINES = 28
"""From so many lines on burn and budget stand below each other beside the text."""
_COPIED_CELLS = 100
_HOUR, _FIVE, _MINUTE = 3_600, 300, 60
_REACH = 3 * 86_400
_UNITS: Mapping[str, CalendarUnit] = {"week": "week", "month": "month", "quarter": "quarter"}
Step = Callable[[int], SloKey | None]


class DetailScreen(PageScreen, inherit_bindings=False):
    """The SLO it is turned to."""

    PLACE: Place = "detail"
    BINDINGS: ClassVar[list[BindingType]] = bindings("detail")

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._key = SloKey("", "")
        self._step: Step = lambda _: None
        self._chart = ServiceChart(session, "burn", self._later, self.take)
        self._second = ServiceChart(session, "budget", self._later, self.take)
        self._link = 0
        self._looked: tuple[SloReport | None, float, tuple[Past, Depth]] = (None, 0.0, (Past(()), NOTHING))
        self._around: tuple[Snapshot | None, object, Sequence[Happening]] = (None, None, ())

    def turn_to(self, key: SloKey, step: Step) -> None:
        """Show this SLO; `step(1)` gives the next one."""
        self._step = step
        if key != self._key:
            self._show(key)
        self.begin()

    def title_spans(self) -> Sequence[Span]:
        """Service and SLO."""
        return [Span(self._key.service, "bold foreground"), Span(f" {self._key.slo}", "foreground")]

    def title_end(self) -> str:
        """The window of the chart, and whether anything is asked for."""
        label = f"burn over {self.session.trend_window.label}"
        if self._chart.kind == "budget":
            _, report = self._find()
            label = f"budget over {report.window_label}" if report is not None else "budget"
        return f"paused, {label}" if self.session.live.paused else label

    def lines(self, width: int, height: int) -> Sequence[Line]:
        """Text and chart, below each other or, on a wide screen, side by side."""
        service, report = self._find()
        if report is None:
            return [[Span("this SLO is gone: its series are no longer there", "stale")]]
        past, told = self._look_into(report)
        subject = Subject(report, told, past, self._happened())
        wide = width >= _WIDE
        cells = _TEXT_CELLS if wide else width
        session, tight = self.session, height < _AIRY
        now, zone = session.clock(), session.zone
        text = slo_detail.text(report, self._known(service, told), cells, now, zone, session.glyphs, tight)
        if wide:
            left = [*text.head, *text.tables, *text.rest]
            right = self._beside(subject, width - cells - 2, height)
            return [_joined(left, right, place, cells) for place in range(max(len(left), len(right)))]
        free = height - len(text.head) - len(text.tables) - (not tight)
        if free < LEAST:
            drawn = self._chart.lines(subject, width, _BELOW_LINES)
            return [*text.head, *text.tables, [], *drawn, *text.rest]
        drawn = self._chart.lines(subject, width, min(_CHART_LINES, free))
        return [*text.head, *([] if tight else [[]]), *drawn, *text.tables, *text.rest]

    def copied_text(self) -> str:
        """The text without the chart; no link is broken."""
        service, report = self._find()
        if report is None:
            return ""
        session = self.session
        known = self._known(service, self._look_into(report)[1])
        addresses = links(session.snapshot, service, self._key.service)
        cells = max(_COPIED_CELLS, *(len(link.address) + _COPIED_CELLS // 2 for link in addresses), 0)
        lines = slo_detail.detail(report, known, cells, session.clock(), session.zone, session.glyphs)
        return "\n".join(plain(line).rstrip() for line in lines)

    def action_window(self) -> None:
        """Next window of all trends and charts."""
        self._chart.turn("burn")
        self.session.next_trend_window()
        self._chart.clear()
        self.take()

    def action_chart(self) -> None:
        """Budget instead of burn, and back."""
        self._chart.turn("budget" if self._chart.kind == "burn" else "burn")
        self.take()

    def action_cursor_back(self) -> None:
        """Read the chart, one step back in time."""
        self._read(-1)

    def action_cursor_on(self) -> None:
        """Read the chart, one step on."""
        self._read(1)

    async def action_link(self) -> None:
        """Open the next link, or copy it."""
        from sreconsole.tui.copying import copy
        from sreconsole.tui.opening import opened

        service, _ = self._find()
        found = links(self.session.snapshot, service, self._key.service)
        if not found:
            self.flash("no links here", "dim")
            return
        link, place = found[self._link % len(found)], self._link % len(found) + 1
        self._link += 1
        if await opened(link.address, self.session.env):
            did = "opened"
        else:
            did = await copy(link.address, self.session.env, self.app.copy_to_clipboard)
        self.flash(f"{link.name}, {place} of {len(found)}, {did}: {link.address}")

    def topic(self) -> Topic:
        """The service and SLO shown."""
        return Topic(service=self._key.service, slo=self._key.slo)

    def action_next_row(self) -> None:
        """The next SLO of the overview."""
        self._go(1)

    def action_previous_row(self) -> None:
        """The one before."""
        self._go(-1)

    def ask_again(self) -> None:
        """Ask this SLO's source now."""
        source = self.session.source_of(self._key)
        self.session.live.refresh(source)
        self.flash(f"asking {source or 'all sources'}")

    def _read(self, way: int) -> None:
        if self._chart.move(way):
            self.take()
        else:
            self.flash("no chart to read here", "dim")

    def _go(self, way: int) -> None:
        key = self._step(way)
        if key is None:
            self.flash("no other", "dim")
            return
        self._show(key)
        self.page.move_to(0)
        self.take()

    def _show(self, key: SloKey) -> None:
        self._key, self._link = key, 0
        self._chart.clear()
        self._second.clear()

    def _later(self, work: Awaitable[None]) -> None:
        self.run_worker(work, group="chart")

    def _find(self) -> tuple[ServiceState | None, SloReport | None]:
        for service in self.session.snapshot.services:
            if service.name == self._key.service:
                return service, next((slo for slo in service.slos if slo.key == self._key), None)
        return None, None

    def _known(self, service: ServiceState | None, told: Depth) -> Known:
        session = self.session
        return Known(service, session.snapshot, session.match_of(self._key.service), told)

    def _look_into(self, report: SloReport) -> tuple[Past, Depth]:
        """What the ledger says beyond the report; looked up once for each report."""
        now = self.session.clock()
        minute = now // 60
        if self._looked[0] is not report or self._looked[1] != minute:
            live, key = self.session.live, self._key
            longest = max(report.window_seconds, _REACH) + _HOUR
            levels = ((longest, _HOUR), (_REACH, _FIVE), (_REACH // 12, _MINUTE))
            past = Past.of(*(live.counts(key, seconds, width) for seconds, width in levels))
            self._looked = report, minute, (past, depth(report, past, now, self._period(report, now)))
        return self._looked[2]

    def _period(self, report: SloReport, now: float) -> tuple[float, float] | None:
        """Start and end of the calendar period that the budget is for."""
        unit = _UNITS.get(report.window_label)
        return None if unit is None else Calendar(unit, self.session.config.timezone).bounds(now)

    def _happened(self) -> Sequence[Happening]:
        """What is to be marked; told anew when what it is told from differs."""
        session, shown, last = self.session, self.session.snapshot, self._around[0]
        now = session.clock()
        mark = (self._key, now // 60, session.glyphs.name)
        if last is None or self._around[1] != mark or not _told_alike(last, shown):
            match = session.match_of(self._key.service)
            self._around = shown, mark, happenings(shown, self._key, match, now, session.zone, session.glyphs)
        return self._around[2]

    def _beside(self, subject: Subject, width: int, height: int) -> list[Line]:
        """Beside the text: burn above budget, or one of them where the screen is low."""
        if height < _BOTH_LINES or self._chart.kind == "budget":
            return self._chart.lines(subject, width, min(2 * _CHART_LINES, height))
        upper = height // 2 + 2
        return [
            *self._chart.lines(subject, width, upper),
            [],
            *self._second.lines(subject, width, height - upper - 1, f"budget over {subject.report.window_label}"),
        ]


def _told_alike(one: Snapshot, other: Snapshot) -> bool:
    """Whether two snapshots have the same things to mark."""
    return (
        one.alerts is other.alerts
        and one.silences is other.silences
        and one.deploys is other.deploys
        and one.changes is other.changes
    )


def _joined(left: Sequence[Line], right: Sequence[Line], place: int, cells: int) -> Line:
    text = left[place] if place < len(left) else ()
    chart = right[place] if place < len(right) else ()
    return [*fit_spans(text, cells), Span("  ", ""), *chart]
