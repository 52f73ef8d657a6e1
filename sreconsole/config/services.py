"""The blocks under `services` and `fleets`."""

from __future__ import annotations

from typing import Final

from sreconsole.config.block import Block
from sreconsole.config.containers import ListOf, MapOf
from sreconsole.config.key import Fields, defaulted, optional, required
from sreconsole.config.kinds import Text, words
from sreconsole.config.model import Service
from sreconsole.config.reader import Bad
from sreconsole.config.slos import FLEET_SLOS, SLOS
from sreconsole.config.texts import LABEL, LABEL_VALUE, PAGE
from sreconsole.config.units import count
from sreconsole.domain.slo import Fleet
from sreconsole.records import replace

_TIER = defaulted("tier", words("critical", "standard"), "How much hangs on it", "standard")
_RUNBOOK = optional("runbook", PAGE, "Address of the runbook")
_DEPENDS_ON = defaulted("depends_on", ListOf(Text("the name of a service")), "Services it needs", ())
_MATCH = optional(
    "match", MapOf(LABEL_VALUE, LABEL, least=1), "Labels that tie alerts, deploys and series to it; {service: NAME}"
)
_SLOS = defaulted("slos", SLOS, "Its objectives by name", {})


def _service(fields: Fields) -> Service:
    name = fields.name
    slos = tuple(replace(slo, service=name) for slo in fields[_SLOS].values())
    match = fields[_MATCH] or {"service": name}
    return Service(name, slos, fields[_TIER], fields[_RUNBOOK], fields[_DEPENDS_ON], match)


SERVICES: Final = MapOf(
    Block("service", (_TIER, _RUNBOOK, _DEPENDS_ON, _MATCH, _SLOS), _service), Text("the name of a service"), least=1
)

_LABEL = required("label", LABEL, "A service for every value of this label")
_EXCEPT = defaulted("except", ListOf(Text("a glob such as test-*")), "Globs of values that are left out", ())
_LIMIT = defaulted("limit", count("a whole number from 1 to 100000", 1, 100_000), "Most services made", 5000)
_TEMPLATES = required("slos", FLEET_SLOS, "The objectives of every member, by name")


def _fleet(fields: Fields) -> Fleet | Bad:
    return Fleet(fields[_LABEL], tuple(fields[_TEMPLATES].values()), fields[_EXCEPT], fields[_LIMIT])


FLEET: Final = Block("fleet", (_LABEL, _EXCEPT, _LIMIT, _TEMPLATES), _fleet)
FLEETS: Final = ListOf(FLEET, least=1)
