"""What a command that acts says in the end: text or JSON on stdout, narration on stderr, its exit code."""

from __future__ import annotations

import sys

from sreconsole.cli.output import put
from sreconsole.domain.cleaning import clean
from sreconsole.engine.actions.deed import Deed
from sreconsole.plain.action_json import action_lines, action_object, exit_code, render


def answer(deed: Deed, form: str) -> int:
    """Say what came of it; the exit code."""
    for remark in deed.remarks:
        say(remark)
    if form == "json":
        whole = action_object(
            deed.outcome,
            deed.results,
            deed.entries,
            reason=deed.reason,
            matched=deed.matched,
            of=deed.of,
            remarks=deed.remarks,
        )
        put(render(whole))
    else:
        put(action_lines(deed.results))
    if deed.reason is not None:
        say(deed.reason)
    return exit_code(deed.outcome, deed.results)


def say(text: str) -> None:
    """One line of narration."""
    sys.stderr.write(f"sreconsole: {clean(text, 2000)}\n")
