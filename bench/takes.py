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
    "detail view, plotext loaded": "a key that moves the cursor draws two lines; the detail view is another screen and "
    "the whole terminal is drawn. A Textual screen of one Static that was shown before takes 1.4 to 1.6 times such a "
    "key to come to the front, so that is the floor. Ours is kept mounted, filled and its chart drawn where the cursor "
    "rests; what is left is its text, written anew with the ages of now, and 36 lines through Textual's renderer.",
}
