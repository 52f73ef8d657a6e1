"""The plain text of `status`: a table without a single escape sequence, then sources and what is wrong with them.

Columns are as wide as their widest cell, so every line can be cut with ordinary tools; nothing is dropped for a narrow
terminal because the output is most often piped or pasted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from sreconsole.domain.report import SloReport
from sreconsole.domain.snapshot import Snapshot
from sreconsole.present import header, marks, spark, titles, words
from sreconsole.present.alert_section import alert_section
from sreconsole.present.alert_words import by_state
from sreconsole.present.cells import fit, plain, settle, width
from sreconsole.present.marks import Glyphs
from sreconsole.present.slo_columns import coverage, why
from sreconsole.present.slo_table import sort_key

_HEADINGS = ("STATUS", "SERVICE", "SLO", "OBJECTIVE", "5M", "1H", "6H", "BUDGET", "LASTS", "OVER", "TREND", "WHY")
_RIGHT = frozenset((3, 4, 5, 6, 7, 8))
_TREND_CELLS = 12


def table(snapshot: Snapshot, zone: tzinfo, glyphs: Glyphs, refresh: float = 15.0) -> list[str]:
    """The lines of `status --format text`: summary, SLOs worst first, services without SLOs, alerts, toil,
    sources, notices."""
    lines = [_summary(snapshot, zone, glyphs)]
    reports = sorted((slo for service in snapshot.services for slo in service.slos), key=sort_key)
    if reports:
        lines.extend(("", *_aligned([_HEADINGS, *(_row(report, zone, glyphs) for report in reports)], glyphs)))
    bare = [service for service in snapshot.services if not service.slos]
    for service in bare:
        why = f", {service.reason}" if service.reason else ""
        lines.append(settle(f"{marks.word(service.status)}  {service.name}: no SLOs{why}", glyphs))
    alerts = list(alert_section(snapshot, zone))
    lines.extend(settle(line, glyphs) for line in alerts)
    lines.extend(settle(line, glyphs) for line in _deploys(snapshot, zone))
    lines.extend(settle(line, glyphs) for line in _toil(snapshot))
    lines.extend(_sources(snapshot, refresh, glyphs))
    lines.extend(settle(notice, glyphs) for notice in snapshot.notices)
    lines.extend(settle(f"{path}: {reason}", glyphs) for path, reason in _missing(snapshot, said=bool(alerts)))
    return lines


def _deploys(snapshot: Snapshot, zone: tzinfo) -> Iterator[str]:
    if snapshot.deploy_sources:
        from sreconsole.present.deploy_section import deploy_section  # not every config has deploys

        yield from deploy_section(snapshot, zone)


def _toil(snapshot: Snapshot) -> Iterator[str]:
    if snapshot.toil is not None:
        from sreconsole.present.toil_section import toil_section  # few configs count toil

        yield from toil_section(snapshot.toil)


def _missing(snapshot: Snapshot, said: bool) -> Iterator[tuple[str, str]]:
    """What cannot be known and why; `said`: of alerts, and of silences for the same reason, that was said already."""
    for path, reason in sorted(snapshot.missing.items()):
        same = snapshot.alerts_past or reason == snapshot.missing.get("alerts")
        if not (said and path in ("alerts", "silences") and same):
            yield path, reason


def _summary(snapshot: Snapshot, zone: tzinfo, glyphs: Glyphs) -> str:
    """`PAGE: 1 PAGE 1 warn 40 ok at 2026-11-23 03:12 CET`."""
    tally = plain(header.counts(snapshot.counts()))
    if pages := plain(header.page_counts(by_state(snapshot.alerts, "page"))):
        tally += f", {pages}"
    return settle(f"{marks.word(snapshot.status)}: {tally} at {words.moment(snapshot.at, zone)}", glyphs)


def _row(report: SloReport, zone: tzinfo, glyphs: Glyphs) -> tuple[str, ...]:
    trend = report.trend
    line = plain(spark.sparkline_spans(trend, _TREND_CELLS, glyphs)) if trend is not None else ""
    rates = (words.burn(report.burn_rate.get(window)) for window in ("5m", "1h", "6h"))
    return (
        marks.word(report.status),
        report.key.service,
        report.key.slo,
        words.objective(report.objective),
        *rates,
        words.percent(report.remaining),
        words.lasts(report.exhausts_in, report.window_seconds),
        coverage(report),
        line,
        why(report, zone),
    )


def _aligned(rows: Sequence[Sequence[str]], glyphs: Glyphs) -> Iterator[str]:
    """The rows with every column as wide as its widest cell, columns empty in every row left out."""
    used = [index for index in range(len(_HEADINGS)) if any(row[index].strip() for row in rows[1:])]
    widths = {index: max(width(settle(row[index], glyphs)) for row in rows) for index in used}
    for row in rows:
        cells = (fit(row[index], widths[index], "right" if index in _RIGHT else "left", glyphs) for index in used)
        yield "  ".join(cells).rstrip()


def _sources(snapshot: Snapshot, refresh: float, glyphs: Glyphs) -> Iterator[str]:
    """One line a source that is not plainly live, and its warnings."""
    for source in snapshot.sources:
        said = titles.source_words(source, snapshot.at, refresh)
        if said != "live":
            failed = titles.failure(source, snapshot.at)
            error = failed.removeprefix(f"{source.name}: ") if failed else ""
            yield settle(f"source {source.name}: {said}" + (f": {error}" if error else ""), glyphs)
        for note in source.notes:
            yield settle(f"source {source.name}: {note}", glyphs)
