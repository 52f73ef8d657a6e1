"""What a bench brings home: figures with their targets, and the page that holds them."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Callable, Sequence
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
    """What the target speaks of: a ratio, bytes, requests."""
    target: float | None
    """At most this; None: reported, not promised."""
    unit: str = "x"
    counted: bool = False
    """Whether it is the same on every machine: a count, not a time."""
    spread: tuple[float, float] | None = None
    """The lowest and the highest of the runs that `value` is the median of."""

    @property
    def met(self) -> bool:
        """Whether the target holds."""
        return self.target is None or self.value <= self.target

    def line(self) -> str:
        """The row of the page."""
        said = "-" if self.target is None else f"at most {_short(self.target, self.unit)}"
        verdict = "" if self.target is None else ("met" if self.met else "**missed**")
        value = _short(self.value, self.unit)
        if self.spread is not None and self.spread[0] != self.spread[1]:
            value += f" ({_short(self.spread[0], self.unit)} to {_short(self.spread[1], self.unit)})"
        return f"| {self.name} | {self.ours} | {self.baseline} | {value} | {said} | {verdict} |"


def _short(value: float, unit: str) -> str:
    if unit == "x":
        return f"1/{1 / value:,.1f}" if 0 < value < 0.5 else f"{value:.2f}x"
    number = f"{value:,.0f}" if abs(value) >= 10 or value == int(value) else f"{value:.2f}"
    return f"{number} {unit}"


Run = Sequence[float]
"""What one run measured of one contender, round by round."""


def middle(runs: Sequence[Run]) -> float:
    """The median of the runs' medians."""
    return statistics.median(statistics.median(run) for run in runs)


def compared(
    name: str,
    ours: Sequence[Run],
    theirs: Sequence[Run],
    target: float | None,
    *,
    unit: str = "ms",
    times: float = 1.0,
) -> Figure:
    """The ratio of two contenders that ran in turns: in each run that of their medians, of the runs the median.

    `times`: the baseline is taken so many times.
    """
    ratios = [statistics.median(a) / statistics.median(b) / times for a, b in zip(ours, theirs, strict=True)]
    shown = f"{middle(ours):,.1f} {unit}", f"{f'{times:g} x ' if times != 1 else ''}{middle(theirs):,.1f} {unit}"
    return Figure(name, *shown, statistics.median(ratios), target, spread=(min(ratios), max(ratios)))


@dataclass(slots=True)
class Chapter:
    """Figures that were measured in one way."""

    title: str
    method: str
    figures: list[Figure] = field(default_factory=list)
    profile: Callable[[], str] | None = None
    """Finds out where the time of what missed its target goes; takes a while."""
    found: str = ""
    """What `profile` found, and whatever else is to be said below the table."""
    failed: bool = False
    """Whether it could not be measured."""


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
    figures = [figure for chapter in chapters for figure in chapter.figures if figure.target is not None]
    missed = [figure.name for figure in figures if not figure.met]
    parts = [
        "# Results of `make bench`",
        "Ratios of one run on one machine: what is compared runs in turns, medians are compared. Timed figures are "
        "the median of three runs, the lowest and the highest of them in brackets. Absolute numbers are those of "
        "this machine.",
        f"{when}, on {where}.",
        f"{len(figures) - len(missed)} of {len(figures)} targets are met."
        + (f" Missed: {'; '.join(missed)}." if missed else ""),
    ]
    for chapter in chapters:
        rows = "\n".join(figure.line() for figure in chapter.figures)
        head = "| figure | sreconsole | baseline | value | target | |\n|---|---|---|---|---|---|"
        parts += [f"## {chapter.title}", chapter.method, f"{head}\n{rows}"]
        parts += [chapter.found] if chapter.found else []
    return "\n\n".join(parts) + "\n"
