"""Deploys, toil and a config that has something for both, for consoles on a scripted engine."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sreconsole.config.model import Config, FileSource, Oncall, PrometheusSource, Toil, ToilCounter
from sreconsole.domain.deploy import Deploy
from sreconsole.domain.reading import Figure
from sreconsole.domain.report import SloReport
from sreconsole.domain.snapshot import Snapshot, SourceState
from sreconsole.domain.toil import Counter, Incident, Minutes, Offender, Shift, ToilReport
from sreconsole.records import replace
from tests.tui import scripted
from tests.tui.scripted import NOW

CI = SourceState("ci", "file", "live", NOW - 5)
PROM = SourceState("prom", "prometheus", "live", NOW - 5)


def config(reports: Iterable[SloReport] = (), **changes: object) -> Config:
    """One with a file of deploys, shifts and counters."""
    fields: dict[str, object] = {
        "sources": {
            "prom": PrometheusSource("prom", "http://127.0.0.1:9090"),
            "ci": FileSource("ci", Path("/nonexistent/deploys.jsonl")),
        },
        "oncall": Oncall(shifts=((480, 1200), (1200, 480)), pages_per_shift=2),
        "toil": Toil(people=4, counters=(ToilCounter("tickets", "prom", "sum(tickets)"),)),
    }
    return scripted.config(reports, **{**fields, **changes})  # type: ignore[arg-type]


def snapshot(reports: Iterable[SloReport] | None = None, **changes: object) -> Snapshot:
    """An estate with deploys and toil."""
    fields: dict[str, object] = {
        "deploys": deploys(),
        "deploy_sources": (CI,),
        "toil": toil(),
        "toil_sources": (PROM,),
    }
    alerts, silences = scripted.night()
    shown = scripted.estate() if reports is None else reports
    given = {"alerts": alerts, "silences": silences, **fields, **changes}
    return scripted.snapshot(shown, **given)  # type: ignore[arg-type]


def deploy(ident: str, service: str = "checkout", version: str = "v42", ago: float = 600, **changes: object) -> Deploy:
    """One that succeeded some seconds ago after four minutes; `changes` are fields to replace."""
    made = Deploy(
        f"ci:{ident}",
        service,
        version,
        environment="prod",
        started_at=NOW - ago - 240,
        finished_at=NOW - ago,
        actor="ana",
        sources=("ci",),
        message=f"{service} {version}: smaller images",
        url=f"https://ci.example/{ident}",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def deploys(count: int = 40) -> tuple[Deploy, ...]:
    """One that runs, one that was rolled back, and others of 30 days."""
    made = [
        deploy("1", "search", "v7", status="running", finished_at=None, started_at=NOW - 180),
        deploy("2", "checkout", "v41", 660, kind="rollback", prev_version="v42"),
        deploy("3", "checkout", "v42", 1_560, sha="0123456789abcdef", attempt=2),
        deploy("4", "payments", "v3.1.0", 2_400, confidence="inferred", started_at=None, actor=None, margin=30.0),
        deploy("5", "login", "2026.11.22-1", 20_000, status="failed", actor="deploybot", actor_is_bot=True),
        deploy("6", "cart", "v9", 100_000, environment="staging", is_prod=False),
        deploy("7", "cart", "v9", 200_000, kind="redeploy"),
        deploy("8", "images", "v1", 300_000, kind="restart", confidence="inferred"),
    ]
    names = scripted.NAMES
    made += [
        deploy(str(10 + n), names[n % len(names)], f"v{n}", 400_000 + n * 50_000) for n in range(count - len(made))
    ]
    return tuple(made)


def toil(**changes: object) -> ToilReport:
    """Three pages of two, 210 minutes of 4800."""
    monday = 1_795_388_400.0
    weeks = tuple(
        Minutes(monday - n * 604_800, Figure(120.0 + n * 300), Figure(90.0), Figure(float(3 + n))) for n in range(8)
    )
    made = ToilReport(
        Shift(NOW - 25_000, NOW + 17_236, "20:00-08:00"),
        Figure(3.0),
        2,
        (
            Incident(NOW - 720, None, ("CheckoutBurn",), ("checkout",)),
            Incident(NOW - 9_000, NOW - 8_000, ("SearchSlow", "SearchErrors"), ("search",), 3),
            Incident(NOW - 20_000, NOW - 19_700, ("DiskFull",)),
        ),
        weeks,
        4_800.0,
        (
            Counter("tickets", Figure(7.0), "tickets", Figure(140.0), 10.0),
            Counter("manual restarts", Figure.missing("no data")),
        ),
        (
            Offender("CheckoutBurn", "checkout", 5, 150.0, True),
            Offender("DiskFull", None, 3, 90.0),
        ),
    )
    return replace(made, **changes)  # type: ignore[arg-type]
