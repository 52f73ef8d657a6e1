"""What is said of an SLO whose page has just cleared: the hour still shows the burn, the last minutes do not."""

from __future__ import annotations

from sreconsole.domain.duration import format_duration
from sreconsole.domain.report import SloReport
from sreconsole.present import words


def recovering(report: SloReport) -> str | None:
    """`recovering: 24.0x over 1h, 0.1x over 5m` when a page pair is above its limit only in its long window.

    None while another page pair fires, and when nothing recovers. Without these words an `ok` beside a burn of 24x
    over the hour reads as a mistake.
    """
    pages = [pair for pair in report.pairs if pair.pair.severity == "page"]
    if any(pair.state == "firing" for pair in pages):
        return None
    for pair in pages:
        if pair.state == "recovering":
            long, short = (f"{words.burn(burn)} over" for burn in (pair.long_burn, pair.short_burn))
            return f"recovering: {long} {format_duration(pair.pair.long)}, {short} {format_duration(pair.pair.short)}"
    return None
