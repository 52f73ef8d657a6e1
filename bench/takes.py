"""What it would take where a target is missed: said in the results beside the profile, by the name of the figure."""

from __future__ import annotations

_EXACT = (
    "half of it is one pass over the month, plain `increase` of each hour, which no query undercuts; a quarter is what "
    "exact hours of the last three days and five-minute buckets of the last six hours cost beyond that. Plain ones "
    "would save that, at the price of figures further from the truth (docs/truth.md)."
)
_CHECK = (
    "a bare parse makes plain values; ours keeps the line of every value and judges each key, at about a bare parse "
    "once more. Of the rest the larger part is loading: the interpreter and the installed script, the modules of the "
    "config and its values, the YAML library (its patterns are left out). A parser and reader in C would be left."
)
TAKES: dict[str, str] = {
    "`check`, 100 services": _CHECK,
    "`check`, 1,000 services": _CHECK,
    "`status`, warm ledger": "about 75 ms are the modules it needs (asyncio with TLS, h11, msgspec, the config and the "
    "engine), 80 ms reading and checking the rows of the ledger and adding them up in rings, 60 ms judging and writing "
    "100 SLOs, the rest interpreter and config. Reading only the five-minute buckets at the edges of windows (two in "
    "five rows) and adding up hours when a window asks for them would save some 50 ms; the minimal program's own time "
    "is not reachable without a ledger that keeps its sums on disk.",
    "first frame, 1,000 written by hand": "reading the config takes 45 ms: parsing it, keeping lines, judging 21,000 "
    "keys; then a report for each of the thousand. Names alone from the first screenful of the file, with the whole of "
    "it read after the frame, would show names of a config that may be wrong.",
    "CPU of the server for the first start, against one naive refresh": _EXACT,
    "samples touched by the first start, against one naive refresh": _EXACT,
    "detail view, plotext loaded": "a key that moves the cursor draws two lines; the detail view is another screen and "
    "the whole terminal is drawn. A Textual screen of one Static that was shown before takes 1.4 to 1.6 times such a "
    "key to come to the front, so that is the floor. Ours is kept mounted, filled and its chart drawn where the cursor "
    "rests; what is left is its text, written anew with the ages of now, and 36 lines through Textual's renderer.",
    "after 1,000 refreshes": "no leak: between refresh 300 and 1,300 the bytes in Python's blocks (34.4 MB), those in "
    "the C library's (39.2 MB) and the objects by type stay the same; cyclic garbage is a few hundred objects. What "
    "grows is room between blocks (five arenas of 1 MB, which Python gives back only when nothing is left in them), as "
    "reports that stay are made among what a refresh needs for a moment. Runs gave 1.01x to 1.05x. Judging into "
    "buffers that are used again, or `PYTHONMALLOC=malloc`, whose room goes back by the page (not measured, and "
    "slower), would end it.",
}
