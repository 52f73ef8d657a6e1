"""Who acts, and where that name comes from."""

from __future__ import annotations

from typing import Literal

from sreconsole.records import dataclass

Origin = Literal["config", "$SRECONSOLE_USER", "$SUDO_USER", "$USER", "typed", "--author"]


@dataclass(frozen=True, slots=True)
class Actor:
    """A person at a terminal. Servers believe the name; the journal keeps what this host knows besides."""

    name: str
    """Cleaned; as servers are told it."""
    origin: Origin
    account: str
    """The account of the process on this host."""
    host: str
    client: str = ""
    """The address that `$SSH_CLIENT` names, if any."""
