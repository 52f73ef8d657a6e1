"""A silence that is to be made."""

from __future__ import annotations

from sreconsole.domain.selector import Matcher
from sreconsole.records import dataclass


@dataclass(frozen=True, slots=True)
class Draft:
    """What is asked for; the same draft may go to several clusters."""

    matchers: tuple[Matcher, ...]
    """Raw values; at least one."""
    ends_at: float
    """Unix seconds of the server's clock, to the millisecond."""
    created_by: str
    comment: str
    """Without the nonce."""
    nonce: str
    """Eight base32 characters (`a`-`z`, `2`-`7`), new for each draft: how it is found again when an answer is lost."""

    @property
    def signed(self) -> str:
        """The comment as it is sent: with the nonce at its end."""
        return f"{self.comment} [sc:{self.nonce}]"
