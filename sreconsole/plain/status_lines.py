"""`status --format tsv` and `--format prom`: one line a figure, for scripts and for a textfile collector.

Unknown is an empty field in TSV and an absent series in the exposition; never 0, never NaN.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from sreconsole.domain.reading import Figure
from sreconsole.domain.report import SloReport
from sreconsole.domain.snapshot import Snapshot

HEADER = ("service", "slo", "status", "burn_1h", "burn_6h", "budget_remaining", "exhausts_in_seconds")


def tsv(snapshot: Snapshot) -> str:
    """A header and one line an SLO, separated by tabs."""
    lines = ["\t".join(HEADER)]
    for report in _reports(snapshot):
        figures = (report.burn_rate["1h"], report.burn_rate["6h"], report.remaining, report.exhausts_in)
        cells = [_field(report.key.service), _field(report.key.slo), report.status.value]
        lines.append("\t".join([*cells, *(_number(figure) or "" for figure in figures)]))
    return "\n".join(lines) + "\n"


def prom(snapshot: Snapshot) -> str:
    """Prometheus' text exposition format."""
    status, burn, left = [], [], []
    for report in _reports(snapshot):
        names = f'service="{_label(report.key.service)}",slo="{_label(report.key.slo)}"'
        status.append(f'sreconsole_slo_status{{{names},status="{report.status.value}"}} 1')
        for window, figure in report.burn_rate.items():
            if (number := _number(figure)) is not None:
                burn.append(f'sreconsole_slo_burn_rate{{{names},window="{window}"}} {number}')
        if (number := _number(report.remaining)) is not None:
            left.append(f"sreconsole_slo_budget_remaining{{{names}}} {number}")
    lines = [
        "# HELP sreconsole_slo_status The status of the SLO; the label says which.",
        "# TYPE sreconsole_slo_status gauge",
        *status,
        "# HELP sreconsole_slo_burn_rate Error ratio over the window, divided by the error budget.",
        "# TYPE sreconsole_slo_burn_rate gauge",
        *burn,
        "# HELP sreconsole_slo_budget_remaining Share of the error budget that is left; negative when overspent.",
        "# TYPE sreconsole_slo_budget_remaining gauge",
        *left,
    ]
    return "\n".join(lines) + "\n"


def _reports(snapshot: Snapshot) -> Iterator[SloReport]:
    for service in snapshot.services:
        yield from service.slos


def _number(figure: Figure) -> str | None:
    if figure.value is None or not math.isfinite(figure.value):
        return None
    return f"{figure.value:.12g}"


def _field(text: str) -> str:
    """Names are cleaned where they come in and hold no tab; a config written by hand might."""
    return text.replace("\t", " ").replace("\n", " ")


def _label(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
