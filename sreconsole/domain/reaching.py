"""What a silence would mute, and what is dangerous about it: as shown before it is made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

from sreconsole.domain.alert import Alert, severity_of
from sreconsole.domain.alert_rule import AlertRule
from sreconsole.domain.cleaning import clean
from sreconsole.domain.draft import Draft
from sreconsole.domain.matching import Test, holds, test_of
from sreconsole.domain.reach import Danger, QuietReceiver, QuietRule, Reach
from sreconsole.domain.report import SloReport
from sreconsole.domain.selector import Matcher
from sreconsole.domain.silence import Silence

Conditions = Sequence[Matcher]
_ANY_NAMES = ("HighErrorRate", "NodeDown", "Xqz")
"""Names that no pattern for certain alerts has in common."""


class SeverityWords(Protocol):
    """Which values of which label mean page and warn (`severities` of the config)."""

    @property
    def label(self) -> str:
        """Name of the label."""

    @property
    def page(self) -> Collection[str]:
        """Its values that mean page."""

    @property
    def warn(self) -> Collection[str]:
        """Its values that mean warn."""


def reach(
    draft: Draft,
    alerts: Iterable[Alert],
    silences: Iterable[Silence],
    *,
    source: str,
    now: float,
    severities: SeverityWords,
    never: Iterable[Conditions] = (),
    rules: Iterable[AlertRule] | None = None,
    rules_missing: str | None = None,
    slos: Iterable[SloReport] = (),
    matches: Mapping[str, Mapping[str, str]] | None = None,
    matched: Collection[str] | None = None,
) -> Reach:
    """What a draft would do at one cluster.

    `alerts` and `silences` may be those of every source. `now`: Unix seconds by the cluster's clock. `never`: matchers
    of alerts that are never to be silenced. `rules`: those of the Prometheus that send there; None: not known, which
    `rules_missing` explains. `slos`: reports of all services; `matches`: the labels that make something a service's.
    `matched`: fingerprints that the cluster itself says the matchers mute; None: they are matched here, which raises
    ValueError where only the server understands them.
    """
    here = [alert for alert in alerts if alert.source == source and alert.state != "pending"]
    if matched is None:
        mutes = test_of(draft.matchers)
        muted = [alert for alert in here if mutes(alert.raw)]
    else:
        muted = [alert for alert in here if alert.fingerprint in matched]
    muted = _once(muted)
    unlisted = 0 if matched is None else len(set(matched) - {alert.fingerprint for alert in muted})
    everyone = _once(here)
    guarded = [conditions for conditions in never if conditions]
    known = [] if rules is None else list(rules)
    answers = [(rule, _by_rule(draft.matchers, rule)) for rule in known]
    certain = [rule for rule, found in answers if found == "certain" and not rule.firing]
    maybe = [rule for rule, found in answers if found in ("maybe", "named") and not rule.firing]
    unseen, unseen_slo = _unseen(draft, muted, slos, matches or {}, now)
    return Reach(
        source,
        tuple(muted),
        len(everyone) + unlisted,
        _receivers(muted, everyone),
        _listed(certain, severities),
        rules_missing if rules is None else None,
        _covering(muted, silences, source),
        _dangers(draft.matchers, muted, everyone, unlisted, answers, guarded),
        unseen,
        unseen_slo,
        _listed(maybe, severities),
        unlisted,
    )


def _once(alerts: Iterable[Alert]) -> list[Alert]:
    """Each alert once, page severity first, then by name."""
    unique = {alert.fingerprint: alert for alert in alerts}
    return sorted(unique.values(), key=lambda alert: (_SEVERITY[alert.severity], alert.name, alert.fingerprint))


_SEVERITY = {"page": 0, "warn": 1, "other": 2}


def _receivers(muted: Sequence[Alert], everyone: Sequence[Alert]) -> tuple[QuietReceiver, ...]:
    """Receivers that hear less, those that go quiet altogether first."""
    of = Counter(name for alert in everyone for name in alert.receivers)
    lost = Counter(name for alert in muted for name in alert.receivers)
    found = [QuietReceiver(name, count, of[name]) for name, count in lost.items()]
    return tuple(sorted(found, key=lambda one: (one.muted < one.of, -one.muted, one.name)))


def _covering(muted: Sequence[Alert], silences: Iterable[Silence], source: str) -> tuple[str, ...]:
    """Active silences that mute all of these already, the one that lasts longest first."""
    if not muted:
        return ()
    active = [silence for silence in silences if silence.source == source and silence.state == "active"]
    found = [silence for silence in active if _mutes_all(silence, muted)]
    return tuple(silence.id for silence in sorted(found, key=lambda silence: (-silence.ends_at, silence.id)))


def _mutes_all(silence: Silence, alerts: Sequence[Alert]) -> bool:
    rest = [alert for alert in alerts if silence.id not in alert.silenced_by]  # of the others the server says so
    if not rest:
        return True
    try:
        mutes = test_of(silence.matchers)
        return bool(silence.matchers) and all(mutes(alert.raw) for alert in rest)
    except ValueError:
        return False


# --- rules ------------------------------------------------------------------------------------------------------------
def _by_rule(matchers: Sequence[Matcher], rule: AlertRule) -> str:
    """Whether its alerts would be muted: "no", "certain", "maybe" (by labels that series bring), or "named": maybe, and
    some matcher asks for what the rule does say."""
    unsure = named = False
    for matcher in matchers:
        if matcher.name not in rule.labels or matcher.name in rule.templated:
            unsure = True
            continue
        try:
            if not holds(matcher, rule.labels[matcher.name]):
                return "no"
        except ValueError:
            unsure = True
            continue
        named = named or matcher.op in ("=", "=~")
    return ("named" if named else "maybe") if unsure else "certain"


def _listed(rules: Iterable[AlertRule], severities: SeverityWords) -> tuple[QuietRule, ...]:
    """Page severity first, then by name."""
    found = {
        QuietRule(
            rule.source,
            rule.group,
            rule.name,
            severity_of(rule.labels.get(severities.label, ""), severities.page, severities.warn),
        )
        for rule in rules
    }
    return tuple(sorted(found, key=lambda rule: (_SEVERITY[rule.severity], rule.name, rule.source, rule.group)))


# --- dangers ----------------------------------------------------------------------------------------------------------
def _dangers(
    matchers: Sequence[Matcher],
    muted: Sequence[Alert],
    everyone: Sequence[Alert],
    unlisted: int,
    rules: Sequence[tuple[AlertRule, str]],
    never: Sequence[Conditions],
) -> tuple[Danger, ...]:
    found: list[Danger] = []
    if len(muted) == len(everyone) and len(everyone) + unlisted > 1:
        found.append("everything")
    if any(alert.severity == "page" for alert in muted):
        found.append("page")
    if _hits(never, muted, [rule for rule, answer in rules if answer == "certain"]):
        found.append("never")
    if matchers and all(_negative(matcher) for matcher in matchers):
        found.append("negative")
    if any(_any_name(matcher) for matcher in matchers):
        found.append("any name")
    if not muted and not unlisted and not any(answer in ("certain", "named") for _, answer in rules):
        found.append("nothing")
    return tuple(found)


def _hits(never: Iterable[Conditions], muted: Iterable[Alert], rules: Iterable[AlertRule]) -> bool:
    """Whether one of the alerts, or of what the rules would raise, is never to be silenced. In doubt it is."""
    tests = [_doubtless(conditions) for conditions in never]
    return any(test(labels) for labels in [*(a.raw for a in muted), *(r.labels for r in rules)] for test in tests)


def _doubtless(conditions: Conditions) -> Test:
    try:
        holding = test_of(conditions)
    except ValueError:
        return lambda _: True

    def test(labels: Mapping[str, str]) -> bool:
        try:
            return holding(labels)
        except ValueError:
            return True

    return test


def _negative(matcher: Matcher) -> bool:
    """Whether an alert without the label satisfies it, or it says only what is not meant."""
    if matcher.op in ("!=", "!~"):
        return True
    try:
        return holds(matcher, "")
    except ValueError:
        return False


def _any_name(matcher: Matcher) -> bool:
    if matcher.name != "alertname" or matcher.op != "=~":
        return False
    try:
        return all(holds(matcher, name) for name in _ANY_NAMES)
    except ValueError:
        return False


# --- the price --------------------------------------------------------------------------------------------------------
def _unseen(
    draft: Draft,
    muted: Sequence[Alert],
    slos: Iterable[SloReport],
    matches: Mapping[str, Mapping[str, str]],
    now: float,
) -> tuple[float | None, str]:
    """The largest share of a budget that burns while it lasts: burn(1h) x duration / W (docs/words.md), and whose.

    Concerned are SLOs of services with alerts that are muted, and of services whose labels the draft names in full.
    """
    named = {matcher.name: matcher.value for matcher in draft.matchers if matcher.op == "="}
    services = {alert.service for alert in muted if alert.service is not None}
    services.update(service for service, match in matches.items() if match and match.items() <= named.items())
    worst, whose = None, ""
    for report in slos:
        if report.key.service not in services or "1h" not in report.burn_rate:
            continue
        burn = report.burn_rate["1h"].value
        if burn is None or report.window_seconds <= 0:
            continue
        share = burn * max(0.0, draft.ends_at - now) / report.window_seconds
        if worst is None or share > worst:
            worst, whose = share, clean(f"{report.key.service}/{report.key.slo}")
    return worst, whose
