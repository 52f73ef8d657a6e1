"""The alerting rules of a Prometheus: what a silence would mute once it fires.

Source: Prometheus, HTTP API, "Rules". A rule's alerts carry its labels, `alertname`, and on their way to Alertmanager
the external labels of the server where they have none of that name; the API shows none of the last.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from sreconsole.domain.alert_rule import AlertRule
from sreconsole.sources.alertmanager_json import UNREADABLE
from sreconsole.sources.http import HttpClient
from sreconsole.sources.prometheus_rules import envelope, explain, refuse_victoria, unreadable
from sreconsole.sources.texts import Texts

MOST = 20_000
"""Rules that are read."""


class _RuleJson(msgspec.Struct, gc=False):
    name: str
    type: str = "alerting"
    state: str = ""
    labels: dict[str, str] | None = None


class _GroupJson(msgspec.Struct, gc=False):
    name: str = ""
    rules: list[_RuleJson] | None = None


class _GroupsJson(msgspec.Struct, gc=False):
    groups: list[_GroupJson] | None = None


_decode = msgspec.json.Decoder(_GroupsJson).decode


async def alert_rules(client: HttpClient, source: str, external: Mapping[str, str]) -> tuple[AlertRule, ...]:
    """Every alerting rule, in the server's order; `source` is its name, `external` the labels that the config says it
    adds.

    Raises SourceError; BadAnswer for a server that evaluates none itself, as a VictoriaMetrics without vmalert.
    """
    answer = await client.get("/api/v1/rules", {"type": "alert"}, explain=explain)
    try:
        groups = _decode(envelope(answer.body).data).groups or []
    except UNREADABLE:
        raise unreadable(answer) from None
    if not groups:
        await refuse_victoria(client)
    texts = Texts()
    found = [
        _rule(rule, texts.name(group.name), source, external, texts)
        for group in groups
        for rule in group.rules or ()
        if rule.type == "alerting"  # older servers do not know the parameter, and tell recording rules too
    ]
    return tuple(found[:MOST])


def _rule(rule: _RuleJson, group: str, source: str, external: Mapping[str, str], texts: Texts) -> AlertRule:
    own = {**(rule.labels or {}), "alertname": rule.name}
    given = {**external, **{name: value for name, value in own.items() if value}}
    templated = frozenset(name for name, value in own.items() if "{{" in value and name != "alertname")
    return AlertRule(source, group, texts.name(rule.name), given, rule.state == "firing", templated)
