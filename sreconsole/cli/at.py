"""`--at TIME`: a clock that stands still at a moment of the past."""

from __future__ import annotations

import sys
from collections.abc import Callable

from sreconsole.cli.wiring import clock
from sreconsole.config.model import Config
from sreconsole.domain.moment import parse_moment
from sreconsole.errors import UsageError


def clock_at(text: str | None, config: Config) -> Callable[[], float]:
    """The wall clock, or one that stands still at what `--at` says. Raises UsageError."""
    if text is None:
        return clock
    try:
        moment = parse_moment(text, clock(), config.timezone)
    except ValueError as error:
        raise UsageError(f"--at: {error}") from None
    if moment.at > clock() + 1:
        raise UsageError("--at: that moment lies in the future")
    if moment.remark:
        sys.stderr.write(f"sreconsole: --at: {moment.remark}\n")
    return lambda: moment.at
