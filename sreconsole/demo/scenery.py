"""Which alerts the estate has and what its people silenced. Times are minutes relative to its start."""

from __future__ import annotations

from collections.abc import Mapping

from sreconsole.domain.selector import Matcher
from sreconsole.records import dataclass

HOUR, DAY = 3600, 86_400


@dataclass(frozen=True, slots=True)
class Burn:
    """A burn-rate alert that every SLO with enough traffic has."""

    severity: str
    pairs: tuple[tuple[int, int, float], ...]
    """Long window, short window (seconds) and factor; one that is exceeded over both fires it."""
    every: int
    """Seconds from one evaluation to the next."""


@dataclass(frozen=True, slots=True)
class Scene:
    """An alert that fires from `begins` for `lasts`, again after `every` (0: only once)."""

    labels: Mapping[str, str]
    summary: str
    begins: float
    lasts: float = 0.0
    every: float = 0.0
    description: str = ""
    book: str = ""
    """Name of its runbook and dashboard; empty: it has none."""

    def begun(self, minute: float) -> float | None:
        """The minute since which it fires; None: it does not."""
        begins = self.begins
        if self.every and minute > begins:
            begins += (minute - begins) // self.every * self.every
        return begins if begins <= minute < begins + self.lasts else None


@dataclass(frozen=True, slots=True)
class Quiet:
    """A silence by a colleague, from `begins` for `lasts`, again after `every` (0: only once)."""

    matchers: tuple[Matcher, ...]
    created_by: str
    comment: str
    begins: float
    lasts: float
    every: float = 0.0
    ahead: float = 0.0
    """How long before it begins it is made."""


@dataclass(frozen=True, slots=True)
class Former:
    """A page alert of the weeks before the story."""

    labels: Mapping[str, str]
    weekly: float
    """How often in a week."""
    minutes: int
    """How long it fires."""
    times: int = 1
    """How often in a row: more than once, it flaps."""
    lately: tuple[int, ...] = ()
    """Minutes, relative to the start, at which it fired on its last day."""


BURNS = (
    Burn("page", ((HOUR, 300, 14.4), (6 * HOUR, 1800, 6.0)), 15),
    Burn("ticket", ((DAY, 2 * HOUR, 3.0), (3 * DAY, 6 * HOUR, 1.0)), 600),
)

SCENES = (
    Scene(
        {"alertname": "NotificationsQueueStuck", "service": "notifications", "severity": "page", "queue": "email"},
        "Mails leave the queue more slowly than they enter it",
        begins=-25,
        lasts=100,
        every=240,
        description="The oldest mail has waited for more than 10 minutes. Mails are late, none are lost.",
        book="notifications",
    ),
    Scene(
        {"alertname": "NotificationsLagHigh", "service": "notifications", "severity": "ticket", "queue": "email"},
        "Mails wait for more than 5 minutes",
        begins=-31,
        lasts=106,
        every=240,
        book="notifications",
    ),
    Scene(
        {"alertname": "BackupTooOld", "job": "backup", "severity": "ticket", "database": "orders"},
        "The newest backup of orders is older than 26 hours",
        begins=-437,
        lasts=900,
        every=1440,
        book="backups",
    ),
    Scene(
        {"alertname": "DiskFillsIn4Hours", "instance": "bastion-1:9100", "severity": "warning", "mountpoint": "/var"},
        "/var on bastion-1 is full in 4 hours at the rate of the last hour",
        begins=-41,
        lasts=220,
        every=480,
    ),
)
FLAP = Scene(
    {"alertname": "CacheMissesHigh", "service": "recommendations", "severity": "warning"},
    "More than 40 % of look-ups miss the cache",
    begins=0,
    book="recommendations",
)
WATCHDOG = Scene(
    {"alertname": "Watchdog", "severity": "none"},
    "Always fires: when it does not arrive, the way of the alerts is broken",
    begins=-12 * 1440 - 217,
)

FORMER = (
    Former(
        {"alertname": "NotificationsQueueStuck", "service": "notifications", "severity": "page", "queue": "email"},
        2.6,
        30,
    ),
    Former(
        {"alertname": "SearchReplicaLag", "service": "search", "severity": "page", "team": "shop"},
        2.4,
        3,
        times=4,
        lately=(-203,),
    ),
    Former(
        {"alertname": "PaymentsAcquirerDown", "service": "payments", "severity": "page", "acquirer": "nl-2"}, 0.8, 12
    ),
    Former({"alertname": "BillingExportLate", "service": "billing", "severity": "page"}, 0.5, 55),
)

QUIETS = (
    Quiet(
        (Matcher("alertname", "=", "NotificationsQueueStuck"), Matcher("queue", "=", "email")),
        "bea",
        "OPS-1187: the mail provider is moving, queue drains afterwards",
        begins=-12,
        lasts=72,
        every=240,
    ),
    Quiet(
        (Matcher("service", "=", "payments"), Matcher("severity", "=~", "page|ticket")),
        "carl",
        "OPS-1201: database upgrade of payments",
        begins=125,
        lasts=45,
        every=1440,
        ahead=140,
    ),
    Quiet(
        (Matcher("alertname", "=", "CacheMissesHigh"),),
        "dora",
        "OPS-1193: flaps since the cache was halved",
        begins=-95,
        lasts=70,
    ),
)
