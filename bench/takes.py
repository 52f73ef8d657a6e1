"""What it would take where a target is missed: said in the results beside the profile, by the name of the figure."""

from __future__ import annotations

_EXACT = (
    "growth of five-minute buckets and of the hours of the last three days is asked for exactly (last values, lowest "
    "values and a plain `increase`, beside a look for resets), which costs the server several times a plain "
    "`increase`. Summing hours and five minutes from finer buckets where these are fetched anyway, or plain increases "
    "for what only long windows hold, would bring it down, at the price of figures further from the truth "
    "(docs/truth.md)."
)
TAKES: dict[str, str] = {
    "CPU of the server for the first start, against one naive refresh": _EXACT,
    "samples touched by the first start, against one naive refresh": _EXACT,
    "detail view, plotext loaded": "a key that moves the cursor draws two lines; the detail view is another screen, "
    "and the whole terminal is drawn: styles and layout of its widgets first, and the chart with its next frame. "
    "Keeping one detail screen mounted and drawing it by line, as the tables are, would leave the chart itself.",
}
