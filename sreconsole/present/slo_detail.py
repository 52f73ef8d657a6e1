"""One SLO in full, as lines of spans: the sentence first, then why, the budget, the alert windows, every window."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import tzinfo
from typing import NamedTuple

from sreconsole.domain.depth import NOTHING, Depth
from sreconsole.domain.report import SloReport
from sreconsole.domain.snapshot import ServiceState, Snapshot
from sreconsole.domain.status import Status
from sreconsole.present import marks, words
from sreconsole.present.cells import Span, fit_spans, wrap
from sreconsole.present.marks import Glyphs
from sreconsole.present.recovery import recovering
from sreconsole.present.service_around import dependency_lines, deploy_lines, link_lines, links, now_line, silence_lines
from sreconsole.present.service_budget import ahead_lines, loss_lines
from sreconsole.present.slo_around import alert_lines, change_lines
from sreconsole.present.slo_figures import budget_lines, missing_lines, window_lines
from sreconsole.present.slo_pairs import pair_table


class Text(NamedTuple):
    """One SLO in full, in the order in which it is needed."""

    head: list[list[Span]]
    """Status, what burns, why, what is known around it."""
    tables: list[list[Span]]
    """Alert windows and budget."""
    rest: list[list[Span]]


class Known(NamedTuple):
    """What is known beside the report."""

    service: ServiceState | None = None
    around: Snapshot | None = None
    match: Mapping[str, str] = {}
    """What ties alerts and silences to the service."""
    depth: Depth = NOTHING


def text(
    report: SloReport, known: Known, width: int, now: float, zone: tzinfo, glyphs: Glyphs, tight: bool = False
) -> Text:
    """Everything known of one SLO, each line exactly `width` cells; `tight`: no blank line before each table."""
    width = max(0, width)
    head = [_title(report, glyphs)]
    head.extend(_wrapped(headline(report, now, zone), "bold foreground", width, glyphs))
    for reason in report.reasons:
        head.extend(_wrapped(words.local(reason, zone), "foreground", width, glyphs, bullet=f"{glyphs.dot} "))
    head.extend(_facts(report, known.service, now, width, glyphs))
    if known.around is not None:
        line = now_line(known.around, report.key.service, known.match, now, glyphs)
        head.extend([line] if line else [])
    blank: list[list[Span]] = [] if tight else [[]]
    tables = [
        *blank,
        *pair_table(report, width, glyphs, known.depth),
        *blank,
        *budget_lines(report, width, glyphs),
    ]
    rest: list[list[Span]] = []
    for title, block in _blocks(report, known, width, now, zone, glyphs):
        made = list(block)
        if made:
            rest.extend(([], [Span(title, "accent")], *made))
    return Text(*([fit_spans(line, width, glyphs) for line in part] for part in (head, tables, rest)))


def detail(report: SloReport, known: Known, width: int, now: float, zone: tzinfo, glyphs: Glyphs) -> list[list[Span]]:
    """The whole text."""
    made = text(report, known, width, now, zone, glyphs)
    return [*made.head, *made.tables, *made.rest]


def headline(report: SloReport, now: float, zone: tzinfo) -> str:
    """What burns, how fast, and when the budget is gone, as one sentence."""
    rate, left = words.number(report.burn_rate.get("1h")), words.number(report.remaining)
    if report.status in (Status.UNKNOWN, Status.STALE) and rate is None:
        return _not_known(report, now, zone)
    budget = "an unknown budget" if left is None else f"{words.percent(left)} of the {report.window_label} budget"
    if rate is None:
        reason = report.burn_rate["1h"].reason if "1h" in report.burn_rate else None
        return f"{_first_up(budget)} is left; burn of the last hour not known: {reason or 'unknown'}"
    if left is not None and left <= 0:
        over = f"overspent by {words.percent(-left)}" if left < 0 else "gone"
        return f"The {report.window_label} budget is {over}, burning {words.burn(rate)} over the last hour"
    if said := recovering(report):
        return f"{_first_up(said)}; {budget} left"
    if rate <= 0:
        return f"Not burning: no errors in the last hour, {budget} left"
    ends = words.number(report.exhausts_in)
    if ends is None or ends > report.window_seconds:
        return f"Burning {words.burn(rate)} over the last hour: {budget} left, at this rate it outlasts the window"
    gone = f"gone in {words.span(ends)} at this rate ({_when(now + ends, now, zone)})"
    return f"Burning {words.burn(rate)} over the last hour: {budget} left, {gone}"


def summary(report: SloReport, now: float, zone: tzinfo) -> str:
    """One SLO in one line to paste to others, in words that need no headings: which, how it does, why."""
    said = [headline(report, now, zone), *(words.local(reason, zone) for reason in report.reasons)]
    promise = f"{words.objective(report.objective)}% over {report.window_label}"
    return f"{marks.word(report.status)} {report.key.service} {report.key.slo} ({promise}): {'; '.join(said)}"


def _title(report: SloReport, glyphs: Glyphs) -> list[Span]:
    token = marks.token(report.status)
    return [
        Span(f"{glyphs.status[report.status]} {marks.word(report.status)}", f"bold {token}"),
        Span(f" {report.key.service} {report.key.slo}", "bold foreground"),
        Span(f"  {words.objective(report.objective)}% over {report.window_label}", "dim"),
    ]


def _not_known(report: SloReport, now: float, zone: tzinfo) -> str:
    if report.newest is None:
        return "Nothing is known of this SLO yet" if report.status is Status.UNKNOWN else "No new data"
    seen = f"{words.age(now - report.newest)} ago, at {words.moment(report.newest, zone)}"
    return f"No new data; the last came {seen}"


def _when(at: float, now: float, zone: tzinfo) -> str:
    """`18:10 CET` within a day, else date and time."""
    return words.clock_and_zone(at, zone) if at - now < 86_400 else words.moment(at, zone)


def _facts(
    report: SloReport, service: ServiceState | None, now: float, width: int, glyphs: Glyphs
) -> Iterator[list[Span]]:
    """What a person must know of the service and of the age of the newest figure before reading on."""
    if report.newest is not None and now - report.newest >= 180 and report.status is not Status.STALE:
        yield [Span(f"newest data {words.age(now - report.newest)} old", "stale")]
    if service is None:
        return
    if service.reason:
        yield from _wrapped(f"the service is {marks.word(service.status)}: {service.reason}", "warn", width, glyphs)
    if service.gone:
        yield [Span("gone: the series of this service ended within the last day", "stale")]


def _blocks(
    report: SloReport, known: Known, width: int, now: float, zone: tzinfo, glyphs: Glyphs
) -> Iterator[tuple[str, Iterable[list[Span]]]]:
    yield "Budget ahead", ahead_lines(report, known.depth, width, now, zone, glyphs)
    yield "Cost most", loss_lines(report, known.depth, width, now, zone, glyphs)
    yield "Burn by window", window_lines(report, width, glyphs, known.depth)
    around, name, match = known.around, report.key.service, known.match
    if around is not None:
        yield "Alerts", alert_lines(around, name, now, zone, glyphs)
        yield "Silences", silence_lines(around, name, match, now, zone, glyphs)
        yield "Deploys", deploy_lines(around, name, now, zone, glyphs)
        yield "Changes of status", change_lines(around.changes, report.key, now, zone)
    service = known.service
    if service is not None:
        yield "Depends on", dependency_lines(around or Snapshot(now), service, glyphs)
        yield "Links", link_lines(links(around or Snapshot(now), service, name), width, glyphs)
        yield "Service", [[Span(f"  tier {service.tier}", "dim")]] if service.tier != "standard" else []
    yield "Not known", missing_lines(report, width, glyphs)


def _wrapped(text: str, style: str, width: int, glyphs: Glyphs, bullet: str = "") -> Iterator[list[Span]]:
    room = max(1, width - len(bullet))
    for index, line in enumerate(wrap(text, room, glyphs)):
        yield [Span((bullet if not index else " " * len(bullet)) + line, style)]


def _first_up(text: str) -> str:
    return text[:1].upper() + text[1:]
