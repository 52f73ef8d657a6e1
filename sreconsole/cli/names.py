"""Names of the config that somebody types."""

from __future__ import annotations

from collections.abc import Sequence

from sreconsole.config.model import Config
from sreconsole.errors import UsageError


def nearest(name: str, names: Sequence[str], what: str) -> str:
    """That there is no such one, with the nearest there is."""
    import difflib

    near = difflib.get_close_matches(name, names, 1)
    return f"no {what} {name!r}" + (f" (did you mean {near[0]!r}?)" if near else "")


def service_named(config: Config, name: str | None) -> str | None:
    """The service of this name; of a fleet any name may be one. Raises UsageError."""
    names = [service.name for service in config.services]
    if name is None or name in names or config.fleets:
        return name
    raise UsageError(f"--service: {nearest(name, names, 'service')}")
