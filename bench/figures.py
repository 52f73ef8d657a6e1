"""What a bench brings home: figures with their targets, and the page that holds them."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured thing beside what it is compared with."""

    name: str
    ours: str
    baseline: str
    value: float
    """What the target speaks of: a ratio, or bytes."""
    target: float | None
    """At most this; None: reported, not promised."""
    unit: str = "x"

    @property
    def met(self) -> bool:
        """Whether the target holds."""
        return self.met_within(1.0)

    def met_within(self, slack: float) -> bool:
        """Whether the target, taken so many times, holds."""
        return self.target is None or self.value <= self.target * slack

    def line(self) -> str:
        """The row of the page."""
        said = "-" if self.target is None else f"at most {_short(self.target, self.unit)}"
        verdict = "" if self.target is None else ("met" if self.met else "**missed**")
        return f"| {self.name} | {self.ours} | {self.baseline} | {_short(self.value, self.unit)} | {said} | {verdict} |"


def _short(value: float, unit: str) -> str:
    if unit == "x":
        return f"1/{1 / value:.1f}" if 0 < value < 0.5 else f"{value:.2f}x"
    return f"{value:.0f} {unit}"


@dataclass(slots=True)
class Chapter:
    """Figures that were measured in one way."""

    title: str
    method: str
    figures: list[Figure] = field(default_factory=list)


def machine() -> str:
    """One line on what this was measured on."""
    names = [line.split(":", 1)[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    packages = ", ".join(f"{name} {version(name)}" for name in ("textual", "rich", "httpx", "msgspec"))
    return (
        f"{os.cpu_count()} cores ({names[0] if names else 'unknown'}), {platform.system()} {platform.release()}, "
        f"{platform.python_implementation()} {platform.python_version()}, {packages}; "
        f"load at the start {os.getloadavg()[0]:.1f}"
    )


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


def page(chapters: Sequence[Chapter], where: str, when: str) -> str:
    """The whole of results.md."""
    parts = [
        "# Results of `make bench`",
        "Ratios of one run on one machine: what is compared runs in turns, medians are compared. "
        "Absolute numbers are those of this machine.",
        f"{when}, on {where}.",
    ]
    for chapter in chapters:
        rows = "\n".join(figure.line() for figure in chapter.figures)
        head = "| figure | sreconsole | baseline | value | target | |\n|---|---|---|---|---|---|"
        parts += [f"## {chapter.title}", chapter.method, f"{head}\n{rows}"]
    return "\n\n".join(parts) + "\n"
