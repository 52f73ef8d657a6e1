"""Toil and load in `status --format json` (docs/words.md). What is not known is null, with its reason in `missing`."""

from __future__ import annotations

import math
from typing import Any

from sreconsole.domain.reading import Figure
from sreconsole.domain.snapshot import Snapshot
from sreconsole.domain.toil import Counter, Incident, Minutes, Offender, Shift, ToilReport
from sreconsole.plain.alerts_json import moment

NOTHING = "the config names nothing to count"
NO_PEOPLE = "the number of people is not configured (toil.people)"
NO_BUDGET = "no budget is configured (oncall.pages_per_shift)"


def toil_object(snapshot: Snapshot) -> tuple[dict[str, Any], dict[str, str]]:
    """The object `toil`, and the reasons for what is null in it, by dotted path from the root."""
    report = snapshot.toil
    if report is None:
        why = snapshot.missing.get("toil", NOTHING)
        empty = {"pages": {"shift": None, "budget": None}, "minutes": {"week": None, "cap": None}, "counters": []}
        return empty, {"toil.pages": why, "toil.minutes": why, "toil.counters": why}
    return _Report(report).told()


class _Report:
    """A report on its way into JSON."""

    def __init__(self, report: ToilReport) -> None:
        self.report = report
        self.missing: dict[str, str] = {}

    def told(self) -> tuple[dict[str, Any], dict[str, str]]:
        """The object and its reasons."""
        report = self.report
        week = report.weeks[0] if report.weeks else None
        unknown = Figure.missing("no week is known")
        if report.shift is None:
            self.missing["toil.shift"] = report.pages.reason or "nobody is on call now"
        told = {
            "shift": _shift(report.shift),
            "pages": {
                "shift": self._number("pages.shift", report.pages),
                "budget": self._limit("pages.budget", report.pages_budget, NO_BUDGET),
                "silenced_included": report.silenced_included,
            },
            "incidents": [_incident(incident) for incident in report.incidents],
            "minutes": {
                "week": self._number("minutes.week", week.total if week else unknown),
                "cap": self._limit("minutes.cap", report.cap, NO_PEOPLE),
                "measured": self._number("minutes.measured", week.measured if week else unknown),
                "assumed": self._number("minutes.assumed", week.assumed if week else unknown),
            },
            "counters": [self._counter(place, counter) for place, counter in enumerate(report.counters)],
            "weeks": [self._week(place, each) for place, each in enumerate(report.weeks)],
            "offenders": [_offender(offender) for offender in report.offenders],
            "remarks": list(report.remarks),
        }
        return told, self.missing

    def _counter(self, place: int, counter: Counter) -> dict[str, Any]:
        return {
            "title": counter.title,
            "value": self._number(f"counters.{place}.value", counter.value),
            "unit": counter.unit,
            "minutes": self._number(f"counters.{place}.minutes", counter.minutes),
            "budget": self._limit(f"counters.{place}.budget", counter.budget, "no budget is configured"),
        }

    def _week(self, place: int, week: Minutes) -> dict[str, Any]:
        return {
            "start": moment(week.start),
            "measured": self._number(f"weeks.{place}.measured", week.measured),
            "assumed": self._number(f"weeks.{place}.assumed", week.assumed),
            "pages": self._number(f"weeks.{place}.pages", week.pages),
        }

    def _number(self, path: str, figure: Figure) -> float | int | None:
        if figure.value is None or not math.isfinite(figure.value):
            self.missing[f"toil.{path}"] = figure.reason or "unknown"
            return None
        return _plain(figure.value)

    def _limit(self, path: str, value: float | None, why: str) -> float | int | None:
        return self._number(path, Figure.missing(why) if value is None else Figure.known(value))


def _shift(shift: Shift | None) -> dict[str, Any] | None:
    if shift is None:
        return None
    return {"label": shift.label, "start": moment(shift.start), "end": moment(shift.end)}


def _incident(incident: Incident) -> dict[str, Any]:
    return {
        "start": moment(incident.start),
        "end": moment(incident.end),
        "alerts": list(incident.alerts),
        "services": list(incident.services),
        "pages": incident.pages,
    }


def _offender(offender: Offender) -> dict[str, Any]:
    return {
        "alert": offender.alert,
        "service": offender.service,
        "incidents": offender.count,
        "minutes": _plain(offender.minutes),
        "flapping": offender.flapping,
    }


def _plain(value: float) -> float | int:
    """Twelve significant digits; whole numbers as such."""
    rounded = float(f"{value:.12g}")
    return int(rounded) if rounded == int(rounded) else rounded
