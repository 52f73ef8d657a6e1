"""An objective is exact and leaves a budget, or it is refused where it stands."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from sreconsole.config.model import Config
from sreconsole.config.read import load
from sreconsole.errors import ConfigError


def read(tmp_path: Path, objective: str) -> Config:
    path = tmp_path / "config.yaml"
    path.write_text(
        "version: 1\n"
        "sources: {prom: {kind: prometheus, url: 'http://127.0.0.1:9090'}}\n"
        "services:\n  shop:\n    slos:\n      up:\n"
        f"        objective: {objective}\n"
        "        sli: {bad: errors_total, total: requests_total}\n"
    )
    return load(path, {}).config


@pytest.mark.parametrize(
    ("text", "budget"),
    [("99.9", "0.001"), ("99.900000000000000", "0.001"), ("99.999999999999", "0.00000000000001"), ("0.5", "0.995")],
)
def test_an_objective_is_kept_exactly(tmp_path: Path, text: str, budget: str) -> None:
    assert read(tmp_path, text).slos()[0].budget == Decimal(budget)


@pytest.mark.parametrize(
    "text",
    ["0", "100", "100.0", "-1", "101", "99." + "9" * 13, "99." + "9" * 60, "0." + "0" * 40 + "1", "1e-999999999"],
)
def test_an_objective_without_a_budget_is_refused_in_its_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    (problem,) = caught.value.problems
    assert problem.line == 7
    assert problem.key == "services.shop.slos.up.objective"
