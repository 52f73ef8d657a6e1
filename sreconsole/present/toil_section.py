"""Toil and load in the plain text of `status`: the story in one line, then counters and who pages again and again."""

from __future__ import annotations

from collections.abc import Iterator

from sreconsole.domain.toil import Counter, ToilReport
from sreconsole.present.toil_lines import summary

_MOST = 3


def toil_section(report: ToilReport) -> Iterator[str]:
    """A few lines."""
    yield ""
    yield summary(report)
    for counter in report.counters:
        yield f"toil: {_counter(counter)}"
    for offender in report.offenders[:_MOST]:
        of = f" of {offender.service}" if offender.service is not None else ""
        flaps = ", flapping" if offender.flapping else ""
        yield f"again and again: {offender.alert}{of}: {offender.count} in 7d, {offender.minutes:.0f} min{flaps}"
    for remark in report.remarks:
        yield f"toil: {remark}"


def _counter(counter: Counter) -> str:
    value = counter.value.value
    if value is None:
        return f"{counter.title} unknown: {counter.value.reason}"
    budget = "" if counter.budget is None else f" (budget {counter.budget:g})"
    unit = f" {counter.unit}" if counter.unit and counter.unit.casefold() not in counter.title.casefold() else ""
    cost = "" if counter.minutes.value is None else f", {counter.minutes.value:.0f} min"
    return f"{counter.title} {value:g}{unit}{budget}{cost}"
