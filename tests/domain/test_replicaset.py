"""What ReplicaSets, pods and images are called."""

from __future__ import annotations

import pytest

from sreconsole.domain.replicaset import hash_of, image_version, owner_of


@pytest.mark.parametrize(
    ("images", "version"),
    [
        ([("checkout", "reg:5000/team/checkout:v1.2")], "v1.2"),
        ([("app", "checkout:v1@sha256:0123456789abcdef")], "v1"),
        ([("app", "reg/x@sha256:0123456789abcdef")], "0123456789ab"),
        ([("app", "reg/x:latest")], None),
        ([("app", "reg:5000/x")], None),
        ([("istio-proxy", "istio/proxyv2:1.20"), ("checkout", "reg/anything:v3")], "v3"),
        ([("istio-proxy", "istio/proxyv2:1.20"), ("main", "reg/checkout:v4")], "v4"),
        ([("one", "reg/a:1"), ("other", "reg/b:2")], None),
        ([("one", "reg/a:1"), ("other", "reg/b:1")], "1"),
        ([], None),
    ],
)
def test_the_version_is_that_of_the_deployments_own_image(images: list[tuple[str, str]], version: str | None) -> None:
    assert image_version("checkout", images) == version


def test_names_are_built_up() -> None:
    assert owner_of("check-out-7d9f8b6c5-x2x4z") == "check-out-7d9f8b6c5"
    assert hash_of("check-out-7d9f8b6c5") == "7d9f8b6c5"
    assert hash_of("bare") == "bare"
