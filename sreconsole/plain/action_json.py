"""What came of an action: `sreconsole.action/1` for scripts, a line a source for people, and the exit code."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sreconsole.domain.entry import Entry
from sreconsole.domain.outcome import Outcome, Result
from sreconsole.exits import Exit

SCHEMA = "sreconsole.action/1"
_SAID: dict[Outcome, Outcome] = {"unreached": "refused"}
"""Outcomes of the whole in the words of the contract: nothing changed."""


def action_object(
    outcome: Outcome,
    results: Sequence[Result],
    entries: Sequence[Entry] = (),
    *,
    reason: str | None = None,
    matched: int | None = None,
    of: int | None = None,
    remarks: Sequence[str] = (),
) -> dict[str, Any]:
    """The document."""
    return {
        "schema": SCHEMA,
        "outcome": _SAID.get(outcome, outcome),
        "reason": reason,
        "matched": matched,
        "of": of,
        "results": [_result(result) for result in results],
        "entries": [entry.id for entry in entries],
        "remarks": list(remarks),
    }


def render(document: dict[str, Any]) -> str:
    """A document with a final line break."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def action_lines(results: Sequence[Result]) -> str:
    """A line a source, with a final line break; of a dry run the exact requests and nothing else."""
    return "".join(f"{_line(result)}\n" for result in results)


def exit_code(outcome: Outcome, results: Sequence[Result]) -> Exit:
    """0 done, 1 refused, 2 unknown at any source, 69 where nothing could be sent at all."""
    if outcome in ("done", "dry-run"):
        return Exit.OK
    if outcome == "unknown":
        return Exit.PAGE
    if outcome == "unreached" and all(result.outcome == "unreached" for result in results):
        return Exit.UNAVAILABLE
    return Exit.WARN


def _result(result: Result) -> dict[str, Any]:
    told: dict[str, Any] = {
        "source": result.source,
        "id": result.id,
        "outcome": result.outcome,
        "error": result.error,
    }
    if result.request is not None:
        told["request"] = result.request
    return told


def _line(result: Result) -> str:
    if result.request is not None:
        return result.request
    said = {"done": "done", "refused": "REFUSED", "unreached": "NOT REACHED", "unknown": "UNKNOWN"}
    words = [f"{result.source}: {said.get(result.outcome, result.outcome)}"]
    words += [result.id] if result.id is not None else []
    words += [f"({result.error})"] if result.error is not None else []
    return " ".join(words)
