"""What stands around a service: what is known at the moment in one line, its silences, deploys, dependencies, links."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import tzinfo
from typing import NamedTuple

from sreconsole.domain.nonce import unsigned
from sreconsole.domain.snapshot import ServiceState, Snapshot
from sreconsole.present import alert_words, deploy_words, marks, words
from sreconsole.present.cells import Span, fit, wrap
from sreconsole.present.happenings import silences_of
from sreconsole.present.marks import Glyphs

_MOST = 5
_LABEL = 12
_LATELY = 86_400
"""Seconds for which a deploy is news."""


class Link(NamedTuple):
    """An address somebody may want to open."""

    name: str
    address: str


def now_line(snapshot: Snapshot, service: str, match: Mapping[str, str], now: float, glyphs: Glyphs) -> list[Span]:
    """`2 alerts fire: CheckoutBurn 12m · 1 silence · v42 rollback 12m ago`; nothing when there is nothing to say."""
    facts: list[tuple[str, str]] = []
    alerts = [alert for alert in snapshot.alerts if alert.service == service]
    if firing := [alert for alert in alerts if alert.state == "firing"]:
        worst = f"{alert_words.name(firing[0])} {alert_words.since(firing[0], snapshot.time_at(firing[0].source, now))}"
        said = f"alert fires: {worst}" if len(firing) == 1 else f"{len(firing)} alerts fire: {worst}"
        facts.append((said, "page" if any(alert.pages for alert in firing) else "warn"))
    if quiet := sum(alert.state not in ("firing", "pending") for alert in alerts):
        facts.append((f"{quiet} muted", "foreground"))
    if silences := sum(one.state == "active" for one in silences_of(snapshot, service, match)):
        facts.append((f"{silences} silence{'s' if silences > 1 else ''}", "foreground"))
    newest = next((deploy for deploy in snapshot.deploys if deploy.service == service and deploy.owned), None)
    if newest is not None and (newest.running or 0 <= now - newest.at < _LATELY):
        ago = "" if newest.running else f" {words.age(now - newest.at)} ago"
        facts.append((f"{newest.version} {deploy_words.word(newest)}{ago}", deploy_words.token(newest)))
    line: list[Span] = []
    for text, token in facts:
        line.extend((Span(f" {glyphs.dot} " if line else "", "dim"), Span(text, token)))
    return line


def silence_lines(
    snapshot: Snapshot, service: str, match: Mapping[str, str], now: float, zone: tzinfo, glyphs: Glyphs
) -> Iterator[list[Span]]:
    """A line a silence that mutes alerts of the service or may."""
    found = silences_of(snapshot, service, match)
    for one in found[:_MOST]:
        said = f"{one.state} by {one.created_by or 'somebody'}, {alert_words.when(one, now, zone)}"
        comment = f"  {unsigned(one.comment)}" if one.comment else ""
        mutes = Span(f"  {alert_words.mutes(one)}", "dim")
        yield [Span(f"  {glyphs.mute} ", "dim"), Span(said, "foreground"), Span(comment, "foreground"), mutes]
    if len(found) > _MOST:
        yield [Span(f"  and {len(found) - _MOST} more", "dim")]


def deploy_lines(snapshot: Snapshot, service: str, now: float, zone: tzinfo, glyphs: Glyphs) -> Iterator[list[Span]]:
    """A line a deploy, the newest first; a sentence where they are not known."""
    found = [deploy for deploy in snapshot.deploys if deploy.service == service and deploy.owned]
    for deploy in found[:_MOST]:
        token = deploy_words.token(deploy)
        where = "" if deploy.is_prod else f" in {deploy.environment}"
        yield [
            Span(f"  {glyphs.deploys[deploy_words.sign(deploy)]} ", token),
            Span(f"{deploy_words.when(deploy, now, zone, 12)} ", "dim"),
            Span(deploy.version, "foreground"),
            Span(f" {deploy_words.word(deploy)}{where}", token),
            Span(f", took {words.span(deploy.seconds)}" if deploy.seconds is not None else "", "dim"),
            Span(f" by {deploy.actor}" if deploy.actor else "", "dim"),
            Span(f"  {deploy.message}" if deploy.message else "", "dim"),
        ]
    if len(found) > _MOST:
        yield [Span(f"  and {len(found) - _MOST} more in 30d", "dim")]
    if snapshot.deploy_sources and not deploy_words.whole(snapshot):
        yield [Span(f"  {'more' if found else 'deploys'}: not known, not every source of deploys answers", "unknown")]


def dependency_lines(snapshot: Snapshot, service: ServiceState, glyphs: Glyphs) -> Iterator[list[Span]]:
    """A line a service that this one depends on, with its status and its worst SLO."""
    states = {state.name: state for state in snapshot.services}
    for name in service.depends_on:
        state = states.get(name)
        if state is None:
            yield [Span(f"  ? {name}", "unknown"), Span("  none of the config", "dim")]
            continue
        token = marks.token(state.status)
        why = state.reason or next((f"{slo.key.slo}: {slo.reasons[0]}" for slo in state.slos if slo.reasons), "")
        yield [
            Span(f"  {glyphs.status[state.status]} {marks.word(state.status)}", token),
            Span(f" {name}", "foreground"),
            Span(f"  {why}" if why else "", "dim"),
        ]


def links(snapshot: Snapshot, service: ServiceState | None, name: str) -> list[Link]:
    """The runbook, then what alerts and the newest deploys of the service refer to; each address once."""
    found: dict[str, str] = {}
    if service is not None and service.runbook:
        found[service.runbook] = "runbook"
    for alert in snapshot.alerts:
        if alert.service == name:
            for kind, address in (
                ("runbook", alert.runbook),
                ("dashboard", alert.dashboard),
                ("raised by", alert.generator),
            ):
                if address:
                    found.setdefault(address, kind)
    for deploy in [one for one in snapshot.deploys if one.service == name and one.owned and one.url][:_MOST]:
        found.setdefault(deploy.url or "", f"deploy {deploy.version}")
    return [Link(kind, address) for address, kind in found.items()]


def link_lines(found: list[Link], cells: int, glyphs: Glyphs) -> Iterator[list[Span]]:
    """Each in full, wrapped and never cut."""
    for place, link in enumerate(found, 1):
        for index, line in enumerate(wrap(link.address, max(1, cells - _LABEL - 5), glyphs)):
            label = "" if index else f"{place} {link.name}"
            yield [Span(f"  {fit(label, _LABEL + 2, 'left', glyphs)} ", "dim"), Span(line, "accent")]
