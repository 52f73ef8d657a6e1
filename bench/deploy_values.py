"""Deploys that benches are fed with: many over 30 days, of 200 services in turns, as lines of a file and as values."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

from bench.values import START
from sreconsole.domain.deploy import Deploy

DEPLOYS_OF = "BENCH_DEPLOYS"
"""Environment variable with the number of deploys."""
SERVICES, MONTH = 200, 29 * 86_400


def count() -> int:
    """How many deploys this program shows."""
    return int(os.environ.get(DEPLOYS_OF, "0"))


def lines(many: int, now: float) -> str:
    """A file of them as a CI writes it, the oldest first."""
    return "".join(json.dumps(line) + "\n" for line in _told(many, now))


def deploys(many: int) -> list[Deploy]:
    """The newest first, as of `START`."""
    made = [
        Deploy(
            f"ci:{line['id']}",
            line["service"],
            line["version"],
            line["environment"],
            status=line["status"],
            started_at=line["started_at"],
            finished_at=line["ts"],
            actor=line["actor"],
            url=line["url"],
            message=line["message"],
            sources=("ci",),
        )
        for line in _told(many, START)
    ]
    return made[::-1]


def _told(many: int, now: float) -> Iterator[Mapping[str, Any]]:
    for number in range(many):
        at = now - 600 - MONTH * (many - 1 - number) / many
        service = f"service-{number % SERVICES:04d}"
        yield {
            "ts": at,
            "started_at": at - 60 - number % 300,
            "service": service,
            "version": f"v{number}",
            "environment": "prod",
            "status": "failed" if number % 20 == 9 else "succeeded",
            "actor": f"person-{number % 30}",
            "url": f"https://ci.example/{service}/{number}",
            "message": f"{service} v{number}: change {number} of the month",
            "id": str(number),
        }
