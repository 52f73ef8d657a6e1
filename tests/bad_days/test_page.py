"""docs/reliability.md lists every bad day there is, and none that is not."""

from __future__ import annotations

import re
from pathlib import Path

from tests.bad_days.cases import Result
from tests.bad_days.page import MODULES, PAGE, cases, written


def titles(page: str) -> list[str]:
    """The first cells of the table's rows."""
    rows = [line for line in page.splitlines() if line.startswith("| ")][1:]
    return [row.split(" | ")[0].removeprefix("| ").replace("\\|", "|") for row in rows]


def test_the_page_lists_every_case_and_no_other() -> None:
    # In the order of the page's own run: which module of cases was imported first differs here.
    listed = titles(PAGE.read_text(encoding="utf-8"))
    assert sorted(listed) == sorted(case.title for case in cases().values()), "run `make reliability`"


def test_every_module_of_cases_is_looked_at() -> None:
    here = Path(__file__).parent
    found = {path.stem.removeprefix("test_") for path in here.glob("test_*.py") if "@bad_day(" in path.read_text()}
    assert found - {"page"} == set(MODULES)
    entered = sum(len(re.findall(r"^@bad_day\(", (here / f"test_{name}.py").read_text(), re.M)) for name in MODULES)
    assert entered == len(cases())


def test_a_row_holds_what_was_seen_and_measured() -> None:
    results = {name: Result(name, sees=f"{name}: a | b ───", recovery=2.5, keys=0.1, memory=3.0) for name in cases()}
    page = written(results)
    assert titles(page) == [case.title for case in cases().values()]
    assert "a \\| b` |" in page
    assert "| 2.5 s | 0.1 s | 3 MB |" in page
