"""What `*_build_info` and the like tell: which versions of a service have series, by environment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sreconsole.config.model import DeployMetric
from sreconsole.domain.presence import Place
from sreconsole.domain.selector import Selector, parse_selector
from sreconsole.sources.promql import label_name, one_of

ENVIRONMENTS = ("environment", "env", "deployment_environment")
"""Labels that name an environment, the first with a value counts."""
PLACES = (*ENVIRONMENTS, "namespace")


class BuildInfo:
    """One configured metric."""

    key: str

    def __init__(self, metric: DeployMetric) -> None:
        self.metric = metric
        self.key = metric.build_info
        self._selector = parse_selector(metric.build_info)

    @property
    def sampled(self) -> Selector:
        """Series whose samples tell the scrape interval."""
        return self._selector

    def present(self, seconds: int, services: Iterable[str] = ()) -> str:
        """Which versions had a sample in the last `seconds`; `services`: of these only."""
        selector = self._selector
        if names := tuple(services):
            selector = selector.adding(one_of(self.metric.service_label, names))
        labels = dict.fromkeys((self.metric.service_label, self.metric.version_label, *PLACES))
        return f"count by ({', '.join(map(label_name, labels))}) (count_over_time({ranged(selector, seconds)}))"

    def seen(self, labels: Mapping[str, str]) -> tuple[Place, str] | None:
        """What a series of the answer stands for; None: it names no service or no version."""
        service, version = labels.get(self.metric.service_label, ""), labels.get(self.metric.version_label, "")
        if not service or not version:
            return None
        return Place(service, environment(labels), labels.get("namespace", "")), version


def environment(labels: Mapping[str, str]) -> str:
    """The environment that labels name, or nothing."""
    return next((value for name in ENVIRONMENTS if (value := labels.get(name, ""))), "")


def ranged(selector: Selector, seconds: int) -> str:
    """A selector over a range; a millisecond short, as Prometheus 2 counts a sample on the left edge and 3 does not."""
    return f"{selector}[{seconds * 1000 - 1}ms]"
