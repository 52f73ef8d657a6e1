"""What was kept of a Prometheus around changes of status, at a moment of the past (`--at`).

Where the server has forgotten that time, and the cache was deleted, nothing else tells how often an SLO was scraped
then and who was in a fleet: both are told by what was kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, MutableMapping
from typing import NamedTuple

from sreconsole.domain.identity import measure
from sreconsole.domain.slo import Fleet, SloKey
from sreconsole.domain.vicinity import DAY
from sreconsole.ledger.book import FIVE, HOUR, MINUTE, REACH
from sreconsole.ledger.change_log import ChangeLog
from sreconsole.ledger.fine import Fine
from sreconsole.ledger.fine_log import FineLog
from sreconsole.ledger.store import Store, StoreFailed


class Recollection(NamedTuple):
    """What is known of that moment."""

    fine: Mapping[bytes, Fine]
    """By what is measured (`domain.identity.measure`)."""
    intervals: Mapping[SloKey, float | None]
    """Seconds between samples then."""
    members: Mapping[SloKey, str]
    """Label values of members of fleets."""


class FineRecall:
    """Reads `history.db`, once. `opened` opens it."""

    def __init__(self, opened: Callable[[], Store]) -> None:
        self._opened = opened

    def recall(
        self, fleets: Iterable[Fleet], scope: bytes, measures: MutableMapping[SloKey, bytes], now: float
    ) -> Recollection:
        """The SLOs of these `measures` at `now`, and members of fleets that changed near it, which are added to them.

        Blocks on the disk; what cannot be read is not known.
        """
        store = self._opened()
        try:
            return _recall(store, fleets, scope, measures, now)
        except StoreFailed:
            return Recollection({}, {}, {})
        finally:
            store.close()


def _recall(
    store: Store, fleets: Iterable[Fleet], scope: bytes, measures: MutableMapping[SloKey, bytes], now: float
) -> Recollection:
    changed = {key for _, key in ChangeLog(store).moments(now - 4 * DAY, now + DAY)}
    maybe: dict[SloKey, bytes] = {}
    for fleet in fleets:
        for template in fleet.slos:
            for key in changed:
                if key.slo == template.name and key not in measures:
                    maybe[key] = measure(scope, template.sli, fleet.label, key.service)
    since = {width: int(now) - REACH[width] - HOUR for width in (MINUTE, FIVE)}
    fine = FineLog(store).load([*measures.values(), *maybe.values()], since, now)
    members = {key: key.service for key, measured in maybe.items() if measured in fine}
    measures.update({key: maybe[key] for key in members})
    intervals = {key: fine[measured].interval or None for key, measured in measures.items() if measured in fine}
    return Recollection(fine, intervals, members)
