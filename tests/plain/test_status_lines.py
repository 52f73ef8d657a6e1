"""TSV and the text exposition: the contract's columns and series, unknown never a number."""

from __future__ import annotations

from dataclasses import replace

from prometheus_client.parser import text_string_to_metric_families

from sreconsole.domain.reading import Missing
from sreconsole.domain.slo import SloKey
from sreconsole.domain.snapshot import Snapshot
from sreconsole.plain.status_lines import prom, tsv
from tests.plain.test_status_json import FIRING, snapshot

UNKNOWN = snapshot({}, Missing("no data"))


def named(found: Snapshot, service: str) -> Snapshot:
    """The same with another name."""
    (state,) = found.services
    reports = tuple(replace(report, key=SloKey(service, report.key.slo)) for report in state.slos)
    return replace(found, services=(replace(state, name=service, slos=reports),))


def test_tsv_has_the_columns_of_the_contract_and_empty_fields_for_what_is_unknown() -> None:
    header, line, end = tsv(FIRING).split("\n")
    assert header == "service\tslo\tstatus\tburn_1h\tburn_6h\tbudget_remaining\texhausts_in_seconds"
    assert line == "checkout\tavailability\tpage\t20\t20\t0.31\t40176"
    assert end == ""
    assert tsv(UNKNOWN).splitlines()[1] == "checkout\tavailability\tunknown\t\t\t\t"
    assert tsv(named(FIRING, "a\tb\nc")).splitlines()[1].split("\t")[0] == "a b c"


def test_the_exposition_parses_and_holds_no_unknown_series() -> None:
    samples = [
        (sample.name, sample.labels, sample.value)
        for family in text_string_to_metric_families(prom(named(FIRING, 'odd"\\name')))
        for sample in family.samples
    ]
    odd = {"service": 'odd"\\name', "slo": "availability"}
    assert ("sreconsole_slo_status", {**odd, "status": "page"}, 1.0) in samples
    assert ("sreconsole_slo_burn_rate", {**odd, "window": "1h"}, 20.0) in samples
    assert ("sreconsole_slo_budget_remaining", odd, 0.31) in samples
    assert len([name for name, _, _ in samples if name == "sreconsole_slo_burn_rate"]) == 8
    unknown = [s.name for family in text_string_to_metric_families(prom(UNKNOWN)) for s in family.samples]
    assert unknown == ["sreconsole_slo_status"]
