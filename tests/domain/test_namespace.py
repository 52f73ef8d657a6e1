"""Namespaces are environments where they show it, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sreconsole.domain.deploy import Deploy
from sreconsole.domain.deploy_history import history
from sreconsole.domain.namespace import Namespaces

PROD = ("prod*", "live")
T0 = 1_763_856_000.0


def seen(namespace: str, version: str = "v2", at: float = 60.0, environment: str = "") -> Deploy:
    ident = f"k8s:{namespace}{version}{at}"
    return Deploy(
        ident, "checkout", version, environment, namespace, started_at=T0 + at - 60, finished_at=T0 + at,
        confidence="inferred", sources=("k8s",),
    )  # fmt: skip


def told(environment: str, version: str = "v2", at: float = 0.0) -> Deploy:
    prod = environment == "" or environment == "live" or environment.startswith("prod")
    return Deploy(f"ci:{environment}{version}", "checkout", version, environment, is_prod=prod, finished_at=T0 + at,
                  sources=("ci",), actor="ana")  # fmt: skip


def places(*deploys: Deploy) -> list[tuple[str, str, bool]]:
    """Namespace, environment, production."""
    placed = Namespaces(deploys, PROD).placed(deploys)
    return [(one.namespace, one.environment, one.is_prod) for one in placed if one.namespace]


@pytest.mark.parametrize(
    ("deploys", "expected"),
    [
        # called after a product: it names no environment
        ([seen("shop")], [("shop", "", True)]),
        ([seen("shop"), told("prod"), told("staging")], [("shop", "", True)]),
        # production by its name
        ([seen("prod")], [("prod", "prod", True)]),
        ([seen("live")], [("live", "live", True)]),
        # another source names it
        ([seen("staging"), told("staging")], [("staging", "staging", False)]),
        ([seen("staging"), seen("shop"), told("staging")], [("staging", "staging", False), ("shop", "", True)]),
        # production is one of them: others are none of it
        ([seen("prod"), seen("qa")], [("prod", "prod", True), ("qa", "qa", False)]),
        # several of which nobody says anything are kept apart, and may all be production
        ([seen("shop-eu"), seen("shop-us")], [("shop-eu", "shop-eu", True), ("shop-us", "shop-us", True)]),
        # the one production has two names
        ([seen("prod-shop"), told("production")], [("prod-shop", "production", True)]),
        (
            [seen("prod-eu"), seen("prod-us"), told("prod")],
            [("prod-eu", "prod-eu", True), ("prod-us", "prod-us", True)],
        ),
        # a label that names the environment goes before
        ([seen("shop", environment="staging")], [("shop", "staging", True)]),
    ],
)
def test_what_a_namespace_stands_for(deploys: list[Deploy], expected: list[tuple[str, str, bool]]) -> None:
    assert places(*deploys) == expected


@pytest.mark.parametrize("namespace", ["shop", "prod", "prod-shop"])
def test_ci_and_kubernetes_tell_of_one_deploy(namespace: str) -> None:
    deploys = [told("prod"), told("staging", at=-3000), seen(namespace)]
    found = history(Namespaces(deploys, PROD).placed(deploys))
    said = sorted((one.environment, one.sources) for one in found)
    assert said == [("prod", ("ci", "k8s")), ("staging", ("ci",))]


NAMES = st.sampled_from(["", "shop", "prod", "prod-eu", "staging", "qa"])


@given(st.lists(st.tuples(NAMES, NAMES), max_size=8))
def test_nothing_is_lost_and_what_names_its_environment_stays(pairs: list[tuple[str, str]]) -> None:
    deploys = [Deploy(str(place), "checkout", "v1", *pair) for place, pair in enumerate(pairs)]
    placed = Namespaces(deploys, PROD).placed(deploys)
    assert [one.id for one in placed] == [one.id for one in deploys]
    for before, after in zip(deploys, placed, strict=True):
        assert after.namespace == before.namespace
        if before.environment or not before.namespace:
            assert after is before
        assert Namespaces(deploys[::-1], PROD).placed([before])[0] == after
    apart = {one.namespace for one in placed if not one.environment and one.namespace}
    assert len(apart) <= 1, "two namespaces are never one place"
