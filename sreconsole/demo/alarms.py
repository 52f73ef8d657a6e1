"""The alerts of the estate at any moment: burn-rate alerts computed from the story, and a few of other kinds.

As Prometheus would send them: evaluated on a grid of moments, active since the first of them in a row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import quote

from sreconsole.demo.chance import chance
from sreconsole.demo.scenery import BURNS, FLAP, SCENES, WATCHDOG, Burn, Scene
from sreconsole.demo.story import Story, Track
from sreconsole.domain.duration import format_duration
from sreconsole.records import dataclass
from sreconsole.sources.fingerprint import fingerprint

LASTING = 8 * 86_400
"""Seconds to which the beginning of a burn is looked for."""
CLUSTER = "eu1"
_STREAM = 950


@dataclass(frozen=True, slots=True)
class Alarm:
    """One active alert."""

    labels: Mapping[str, str]
    """Sorted by name."""
    annotations: Mapping[str, str]
    since: float
    """Unix seconds."""
    evaluated: float
    """Unix seconds of the evaluation that it comes from."""

    @property
    def fingerprint(self) -> str:
        """As Prometheus and Alertmanager compute it."""
        return fingerprint(self.labels)

    @property
    def expression(self) -> str:
        """Link to the rule that raised it."""
        return f"https://prometheus.example/graph?g0.expr={quote('ALERTS' + _selector(self.labels))}&g0.tab=1"


class Alarms:
    """The alerts of one story."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self.burning = [
            Burning(burn, name, track) for (name, _), track in story.tracks.items() for burn in BURNS if _real(track)
        ]

    def at(self, now: float) -> list[Alarm]:
        """Those that are active at a moment (Unix seconds), by fingerprint."""
        found = [*self._burns(now), *self._scenes(now), *self._flap(now), self._watchdog(now)]
        return sorted(found, key=lambda alarm: alarm.fingerprint)

    def _burns(self, now: float) -> Iterator[Alarm]:
        for burning in self.burning:
            since = burning.since(now)
            if since is not None:
                yield _alarm(burning.labels, burning.annotations(now), since, now)

    def _scenes(self, now: float) -> Iterator[Alarm]:
        for scene in SCENES:
            begun = scene.begun((now - self._story.origin) / 60)
            if begun is not None:
                yield _alarm(scene.labels, _annotations(scene), self._story.origin + begun * 60, now)

    def _flap(self, now: float) -> Iterator[Alarm]:
        """On for about a minute, off for about a minute."""
        turn, seconds = divmod(now - self._story.origin, 120.0)
        begins = 25 * chance(self._story.seed, _STREAM, int(turn))
        ends = begins + 45 + 30 * chance(self._story.seed, _STREAM + 1, int(turn))
        if begins <= seconds < ends:
            yield _alarm(FLAP.labels, _annotations(FLAP), now - seconds + begins, now)

    def _watchdog(self, now: float) -> Alarm:
        return _alarm(WATCHDOG.labels, _annotations(WATCHDOG), self._story.origin + WATCHDOG.begins * 60, now)


class Burning:
    """One burn-rate alert of one SLO."""

    def __init__(self, burn: Burn, service: str, track: Track) -> None:
        self._burn = burn
        self._service = service
        self._track = track
        self._known: tuple[float, float | None] = (0.0, None)
        """The moment of the last evaluation, and since when it fired."""
        slo = "" if track.promise.name == "availability" else track.promise.name.title()
        self.outages = tuple((flare.begins, flare.minutes) for flare in track.promise.flares)
        """First minute, relative to the origin, and length of what may have fired it before the story."""
        self.troubled = bool(track.promise.incident or self.outages)
        """Whether the story has anything that may fire it."""
        self.labels = {
            "alertname": f"{service.title().replace('-', '')}{slo}Burn",
            "service": service,
            "severity": burn.severity,
            "slo": track.promise.name,
            "team": "shop",
        }

    def since(self, now: float) -> float | None:
        """Since when it fires; None: it does not."""
        step = self._burn.every
        moment = now // step * step
        if self._known[0] != moment:
            self._known = (moment, self._begin(moment, step) if self.fires(moment) else None)
        return self._known[1]

    def _begin(self, moment: float, step: int) -> float:
        """The first evaluation of those in a row that end with one that fires."""
        start = moment
        while start > moment - LASTING and self.fires(start - step):
            start -= step
            if self._known[0] == start and self._known[1] is not None:
                return self._known[1]
        return start

    def annotations(self, now: float) -> dict[str, str]:
        """What its rule says about it now."""
        moment = now // self._burn.every * self._burn.every
        for long, short, factor in self._burn.pairs:
            burns = self._rate(long, moment), self._rate(short, moment)
            if min(burns) > factor:
                break
        spans = format_duration(long), format_duration(short)
        figures = f"{burns[0]:.1f}x over {spans[0]} and {burns[1]:.1f}x over {spans[1]}, limit {factor:g}x"
        return {
            "summary": f"{self._service} {self._track.promise.name} spends its error budget too fast",
            "description": f"Burn rate {figures}. At 1x the budget lasts exactly {self._track.promise.window}.",
            **_links(self._service),
        }

    def fires(self, at: float) -> bool:
        """Whether its condition holds at a moment (Unix seconds)."""
        return any(self._rate(long, at) > factor < self._rate(short, at) for long, short, factor in self._burn.pairs)

    def _rate(self, width: int, at: float) -> float:
        bad, total = self._track.counters(at)
        bad_before, before = self._track.counters(at - width)
        return (bad - bad_before) / (total - before) / self._track.promise.budget if total > before else 0.0


def _real(track: Track) -> bool:
    """Whether the burn-rate rules know the SLO: enough requests for its short windows to say anything."""
    return track.service.per_hour >= 1000


def whole(labels: Mapping[str, str]) -> dict[str, str]:
    """With the label that is added to every alert, sorted by name."""
    return dict(sorted({**labels, "cluster": CLUSTER}.items()))


def _alarm(labels: Mapping[str, str], annotations: Mapping[str, str], since: float, now: float) -> Alarm:
    return Alarm(whole(labels), annotations, since, max(since, now // 15 * 15))


def _annotations(scene: Scene) -> dict[str, str]:
    return {
        "summary": scene.summary,
        **({"description": scene.description} if scene.description else {}),
        **(_links(scene.book) if scene.book else {}),
    }


def _links(book: str) -> dict[str, str]:
    return {
        "dashboard_url": f"https://grafana.example/d/slo/{book}?from=now-6h",
        "runbook_url": f"https://runbooks.example/{book}",
    }


def _selector(labels: Mapping[str, str]) -> str:
    return "{" + ",".join(f'{name}="{value}"' for name, value in labels.items()) + "}"
