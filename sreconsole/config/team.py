"""The blocks about people: severities, silences, on call, toil."""

from __future__ import annotations

from typing import Final

from sreconsole.config.block import Block
from sreconsole.config.containers import ListOf
from sreconsole.config.key import Fields, defaulted, optional, required
from sreconsole.config.kinds import Text
from sreconsole.config.model import Oncall, Severities, Silences, Toil, ToilCounter
from sreconsole.config.reader import BAD, Bad
from sreconsole.config.sources import PROMQL_SOURCE, missing_source
from sreconsole.config.texts import LABEL, MATCHERS, QUERY, REGEX, File
from sreconsole.config.units import SHARE, SPAN, amount, count, duration
from sreconsole.domain.burn import DAY
from sreconsole.domain.duration import format_duration

# --- severities -----------------------------------------------------------------------------------------------------
_LABEL = defaulted("label", LABEL, "The label that tells an alert's severity", Severities().label)
_PAGE = defaulted("page", ListOf(Text("a value"), least=1), "Its values that mean page", Severities().page)
_WARN = defaulted("warn", ListOf(Text("a value")), "Its values that mean warn", Severities().warn)


def _severities(fields: Fields) -> Severities | Bad:
    both = sorted(set(fields[_PAGE]) & set(fields[_WARN]))
    if both:
        return fields.problem(_WARN if _WARN in fields else _PAGE, f"{both[0]!r} is under page and under warn")
    return Severities(fields[_LABEL], fields[_PAGE], fields[_WARN])


SEVERITIES: Final = Block("severities", (_LABEL, _PAGE, _WARN), _severities)

# --- silences -------------------------------------------------------------------------------------------------------
_STRIP = defaulted("strip_labels", ListOf(LABEL), "Labels left out of a suggested silence", Silences().strip_labels)
_NEVER = defaulted(
    "never_silence", ListOf(MATCHERS), "Alerts that are never silenced, as matchers", Silences().never_silence
)
_LONGEST = defaulted("longest", duration(60, 366 * DAY), "Longest silence", Silences().longest)
_DEFAULT = defaulted("default", duration(60, 366 * DAY), "Suggested length", Silences().default)
_COMMENT = optional("comment_pattern", REGEX, "Regular expression that must be found in the comment")


def _silences(fields: Fields) -> Silences | Bad:
    longest, default = fields[_LONGEST], fields[_DEFAULT]
    if default > longest and _DEFAULT in fields:
        return fields.problem(_DEFAULT, f"{format_duration(default)} is longer than longest {format_duration(longest)}")
    return Silences(fields[_STRIP], fields[_NEVER], longest, min(default, longest), fields[_COMMENT])


SILENCES: Final = Block("silences", (_STRIP, _NEVER, _LONGEST, _DEFAULT, _COMMENT), _silences)

# --- oncall ---------------------------------------------------------------------------------------------------------
_SHIFTS = defaulted("shifts", ListOf(SPAN), "Shifts of a day, in the config's zone", ())
_PAGES = optional("pages_per_shift", count("a whole number", 0, 1000), "Pages a shift may bring")
_SLEEP = optional("sleep", SPAN, "When people sleep")
_MERGE = defaulted("merge", duration(0, DAY), "Pages this close are one interruption", Oncall().merge)


def _oncall(fields: Fields) -> Oncall:
    return Oncall(fields[_SHIFTS], fields[_PAGES], fields[_SLEEP], fields[_MERGE])


ONCALL: Final = Block("oncall", (_SHIFTS, _PAGES, _SLEEP, _MERGE), _oncall)

# --- toil -----------------------------------------------------------------------------------------------------------
_TITLE = required("title", Text("a title"), "What is counted")
_SOURCE = optional("source", PROMQL_SOURCE, "Prometheus that counts it, where there is more than one")
_QUERY = required("query", QUERY, "PromQL that gives one number")
_UNIT = defaulted("unit", Text("a unit", empty=True), "What the number is", "")
_MINUTES = optional("minutes_each", amount("a number of minutes"), "Minutes of work for each")
_BUDGET = optional("budget", amount("a number"), "How many are acceptable")


def _counter(fields: Fields) -> ToilCounter | Bad:
    source = fields[_SOURCE] or PROMQL_SOURCE.only(fields.reader)
    if source is None:
        what = missing_source(PROMQL_SOURCE, fields.reader)
        return BAD if what is None else fields.problem(_SOURCE, what)
    return ToilCounter(fields[_TITLE], source, fields[_QUERY], fields[_UNIT], fields[_MINUTES], fields[_BUDGET])


COUNTER: Final = Block("toil_counter", (_TITLE, _SOURCE, _QUERY, _UNIT, _MINUTES, _BUDGET), _counter)

_PEOPLE = optional("people", count("a whole number from 1", 1, 10_000), "People in the rotation")
_HOURS = defaulted("hours_per_week", amount("a number of hours up to 168", above=0, most=168), "Hours each works", 40.0)
_CAP = defaulted("cap", SHARE, "Share of working time that toil may take", Toil().cap)
_LOGS = defaulted("logs", ListOf(File()), "JSON lines with toil that others record", ())
_COUNTERS = defaulted("counters", ListOf(COUNTER), "What is counted by PromQL", ())


def _toil(fields: Fields) -> Toil:
    return Toil(fields[_PEOPLE], fields[_HOURS], fields[_CAP], fields[_LOGS], fields[_COUNTERS])


TOIL: Final = Block("toil", (_PEOPLE, _HOURS, _CAP, _LOGS, _COUNTERS), _toil)
