"""Which service an alert (a deploy, a series) belongs to: `match` of a service is a subset of its labels.

Several services: the one with most labels, then config order. None: nobody's. Source: docs/words.md, "Alerts".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Named = tuple[str, Mapping[str, str]]
"""A service and its `match`."""


class Owners:
    """An index over the `match` of every service: one look-up for each set of label names, not for each service."""

    def __init__(self, services: Iterable[Named]) -> None:
        """`services` in config order; a later service with the same `match` never owns anything."""
        services = list(services)
        places: dict[tuple[str, ...], dict[tuple[str, ...], tuple[int, str]]] = {}
        for place, (service, match) in enumerate(services):
            if match:
                names = tuple(sorted(match))
                places.setdefault(names, {}).setdefault(tuple(match[name] for name in names), (place, service))
        self._names = {service for service, _ in services}
        self._places = sorted(places.items(), key=lambda item: -len(item[0]))

    def called(self, name: str) -> str | None:
        """The service of this name, or the first whose `match` is one label of this value; None: nobody's.

        What tells of deploys often knows a name and no labels.
        """
        if name in self._names:
            return name
        hits = [hit for names, values in self._places if len(names) == 1 and (hit := values.get((name,)))]
        return min(hits)[1] if hits else None

    def of(self, labels: Mapping[str, str]) -> str | None:
        """The service that owns what has these (raw) labels, or None."""
        found: tuple[int, str] | None = None
        size = 0
        for names, values in self._places:
            if found is not None and len(names) < size:
                break
            hit = values.get(tuple(labels.get(name, "") for name in names))
            if hit is not None and (found is None or hit < found):
                found, size = hit, len(names)
        return found[1] if found else None
