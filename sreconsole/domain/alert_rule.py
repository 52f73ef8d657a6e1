"""An alerting rule of a Prometheus, as far as a silence may concern it."""

from __future__ import annotations

from collections.abc import Mapping

from sreconsole.records import dataclass


@dataclass(frozen=True, slots=True)
class AlertRule:
    """What is known of the alerts that a rule would raise."""

    source: str
    """Name of the Prometheus."""
    group: str
    """Cleaned."""
    name: str
    """Cleaned."""
    labels: Mapping[str, str]
    """Raw: `alertname`, the labels of the rule, and the external labels of its Prometheus where it has no such itself.
    Those that the series bring are not known; nor are the values of `templated`."""
    firing: bool = False
    """Whether it fires now: its alerts are then among those of the Alertmanager."""
    templated: frozenset[str] = frozenset()
    """Names of labels whose value is a template (`{{ $labels.pod }}`); they may stand in `labels`, too."""
