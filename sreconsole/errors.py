"""Our errors, as one tree. Every one carries a sentence for a person and an exit code.

SreconsoleError
├── UsageError            the command line is wrong                          64
├── ConfigError           the config is missing or wrong: list of problems   78
├── OutputFailed          standard output takes no more                      74
├── NothingKnown          every source is down and nothing is cached         69
└── SourceError           one source failed; becomes a value in the snapshot
    ├── Unreachable       refused, DNS, timeout, hanging, cut off            state down
    ├── Denied            401, 403, login page, missing tenant               state auth
    ├── BadAnswer         it answered, but not what the API promises         state down
    ├── TooLarge          the answer passes the byte cap                     state down
    ├── QueryRejected     the server refused this query (400, 422)           the row says it, not the source
    ├── ReadOnly          a write where only reading is allowed              nothing was sent
    └── Lost              a write that may have arrived; its answer did not  look before sending again
"""

from __future__ import annotations

from sreconsole.exits import Exit
from sreconsole.records import dataclass


class SreconsoleError(Exception):
    """Base of all errors we raise on purpose; `str()` is one sentence for a person."""

    exit_code = Exit.SOFTWARE


class UsageError(SreconsoleError):
    """The command line cannot be understood."""

    exit_code = Exit.USAGE


class OutputFailed(SreconsoleError):
    """What was to be said could not be written."""

    exit_code = Exit.OUTPUT


class NothingKnown(SreconsoleError):
    """Every source is down and nothing is cached."""

    exit_code = Exit.UNAVAILABLE


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a config file: where it is and what to do."""

    file: str
    line: int
    """1-based; 0 when the file as a whole is meant."""
    key: str
    """Dotted from the root, as `services.checkout.slos.availability.objective`; empty for the file as a whole."""
    what: str
    warning: bool = False

    def __str__(self) -> str:
        """`FILE:LINE: KEY: what is wrong (did you mean …)`."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        key = f" {self.key}:" if self.key else ""
        kind = " warning:" if self.warning else ""
        return f"{place}:{kind}{key} {self.what}"


class ConfigError(SreconsoleError):
    """The config is missing or wrong; all mistakes at once."""

    exit_code = Exit.CONFIG

    def __init__(self, problems: list[Problem], text: str = "") -> None:
        self.problems = problems
        super().__init__(text or "\n".join(str(problem) for problem in problems))


class SourceError(SreconsoleError):
    """A source did not answer as it should; `str()` is one cleaned sentence that says what to do."""

    state = "down"
    """The source state this failure leads to (design: live, stale, down, auth, partial)."""

    def __init__(self, sentence: str, *, detail: str = "", retry_after: float | None = None) -> None:
        super().__init__(sentence)
        self.detail = detail
        """The server's own words, cleaned and cut, for the error view."""
        self.retry_after = retry_after
        """Seconds the server asked us to wait, if it did."""


class Unreachable(SourceError):
    """No usable connection: refused, DNS, timeout, hanging, cut off."""


class Denied(SourceError):
    """The server wants other credentials or a tenant."""

    state = "auth"


class BadAnswer(SourceError):
    """Something answered, but it is not the API we expected."""


class TooLarge(SourceError):
    """The answer passes the byte cap and was not read further."""


class QueryRejected(SourceError):
    """The server refused this query; its neighbours are not affected."""

    state = "partial"


class ReadOnly(SourceError):
    """A request that could change something, on a connection that may only read: nothing was sent."""


class Lost(SourceError):
    """A write left, wholly or in part, and no whole answer came: it may have been done.

    Whatever else a write raises, nothing of it can have arrived.
    """
