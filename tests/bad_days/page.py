"""`python -m tests.bad_days.page`: writes docs/reliability.md from what the cases measured (`make reliability`)."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from tests.bad_days.cases import CASES, Case, Result, kept

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reliability.md"
MODULES = ("prometheus", "alertmanager", "answers", "machine", "flapping", "ledger")
_HEAD = """# Reliability

What happens when everything around the console fails, one thing at a time. This page is written by the run of \
`tests/bad_days` (`make reliability`): the installed program on a real terminal, real Prometheus and Alertmanager \
servers, a refresh of one second. Each case also proves that

- every other source stays live: its figures go on changing while the failure lasts;
- the last good values stay on the screen, and nothing unknown is drawn as ok;
- keys are answered in the worst moment;
- memory, threads and open files stay bounded;
- nobody has to do anything: the next try comes after the longer of two refreshes and one minute at the latest, and \
what it brings shows at most one refresh later;
- the program ends in order afterwards and gives the terminal back as it was.

| what happens | what the person sees | how it ends | right again | slowest key | memory |
|---|---|---|---|---|---|
"""
_TAIL = """
*Right again*: seconds from the end of the cause until the screen shows the truth; most of it is the wait until the \
next try, which grows with the length of the failure (`r` asks at once). *Slowest key*: until the help is open, or \
closed, in the worst moment. *Memory*: growth at the worst moment.
"""


def cases() -> dict[str, Case]:
    """Every case there is."""
    for module in MODULES:
        importlib.import_module(f"tests.bad_days.test_{module}")
    return CASES


def written(results: dict[str, Result]) -> str:
    """The page. Raises KeyError for a case that has no result."""
    rows = [_row(case, results[name]) for name, case in cases().items()]
    return _HEAD + "\n".join(rows) + "\n" + _TAIL


def _row(case: Case, result: Result) -> str:
    cells = (
        case.title,
        f"`{_short(result.sees)}`" if result.sees else "",
        case.ends + (f" ({result.remark})" if result.remark else ""),
        _number(result.recovery, "s"),
        _number(result.keys, "s"),
        _number(result.memory, "MB"),
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _short(text: str) -> str:
    """On one line, runs of blanks and rules as one."""
    return " ".join(text.replace("─", " ").split())


def _number(value: float | None, unit: str) -> str:
    return "" if value is None else f"{value:g} {unit}"


def main() -> int:
    """Write the page; 1 and the names of cases that were not run."""
    results = kept()
    missing = sorted(cases().keys() - results.keys())
    if missing:
        sys.stderr.write(f"no result of {', '.join(missing)}: run `make reliability`\n")
        return 1
    PAGE.write_text(written(results), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
