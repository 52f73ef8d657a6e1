"""`check` and `schema` judge alike: unknown and missing keys, types, enumerations, patterns and ranges of numbers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from sreconsole.config.schema import schema
from tests.config.core_schema import typed
from tests.config.files import EXAMPLE, HEAD, problems
from tests.config.mutation import VALUES, Site, misspelt, sites, spoilt, without
from tests.config.test_bad_inputs import SLIS, SLOS, SOURCES, TOP, WHOLE

SCHEMA = schema()
VALIDATOR = Draft202012Validator(SCHEMA)
SITES = sites()

ONLY_CHECK = {
    "names that must exist elsewhere": r"^no (source|theme|service) is named|depend on itself|no source to use",
    "which source is meant": r"there is more than one source that fits|cannot run PromQL|' is of kind ",
    "names that collide": r"has an SLO of this name|the same as another key|duplicate key|stands here twice",
    "zones": r"is not a time zone",
    "files": r"there is no file|is a directory",
    "selectors and regular expressions": r"of the selector|regular expression|histogram without|the name of its",
    "ranges of durations and sizes": r"is out of range|is not a multiple|is not a whole number of hours",
    "ranges of numbers in quotes": r"^'[-+.0-9eE]+' is not a (percentage|whole number|burn rate|number)|not above 0",
    "spellings of numbers": r"^'(\.inf|-\.inf|\.nan|0x1F|0o17)' |more than 12 digits|^'0?[0-9]{3}' is not file perm",
    "how values relate": r"is not shorter than|is longer than longest|is older than|under page and under warn|"
    r"the same label|does not belong to this kind|at another time than it starts",
    "secrets": r"a secret in a file that others can read|in clear text|user and password|password does not belong|"
    r"not yours to set|given with basic_auth",
    "addresses": r"^the address|^an address|names no host",
    "characters that cannot be shown": r"cannot be shown",
    "the environment": r"^the environment has no|followed by a NAME",
}
"""What only `check` can see, as patterns of what it says."""


def judge(directory: Path, text: str) -> None:
    """Both accept, both refuse, or `check` saw something of a kind that a schema cannot see."""
    found = problems(directory, text)
    refused = next(iter(VALIDATOR.iter_errors(typed(text))), None)
    if refused is None:
        unseen = [each for each in found if not any(re.search(kind, each.what) for kind in ONLY_CHECK.values())]
        assert not unseen, f"only check refuses: {unseen[0]}"
    else:
        assert found, f"only the schema refuses: {'.'.join(map(str, refused.path))}: {refused.message}"


def test_it_is_a_schema_and_json() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


def test_it_accepts_the_example() -> None:
    assert [error.message for error in VALIDATOR.iter_errors(typed(EXAMPLE.read_text()))] == []


def test_it_describes_every_key() -> None:
    tables = [table for table in SCHEMA["$defs"].values() if "additionalProperties" in table]
    assert len(tables) > 20
    for table in tables:
        assert table["additionalProperties"] is False
        assert all(len(key["description"]) > 3 for key in table["properties"].values())


TABLES: list[tuple[str, Callable[[str], str]]] = [
    *((text, lambda text: f"{HEAD}services: {{checkout: {{}}}}\n{text}\n") for text in TOP if "\n" not in text),
    *(
        (text, lambda text: f"{HEAD}services: {{a: {{slos: {{a: {{\n  objective: 9, sli: {text}}}}}}}}}\n")
        for text in SLIS
    ),
    *((text, lambda text: f"{HEAD}  x: {text}\nservices: {{checkout: {{}}}}\n") for text in SOURCES),
    *((text, str) for text in WHOLE if "duplicate" not in str(WHOLE[text])),
]


def slo(text: str) -> str:
    other = "" if text.startswith("objective") else "objective: 9"
    return f"{HEAD}services:\n  a:\n    slos:\n      a:\n        {text}\n        {other}\n        sli: {{gauge: g}}\n"


TABLES += [(text, slo) for text in SLOS]


@pytest.mark.parametrize(("text", "config"), TABLES, ids=[text for text, _ in TABLES])
def test_they_agree_on_every_known_mistake(tmp_path: Path, text: str, config: Callable[[str], str]) -> None:
    judge(tmp_path, config(text))


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(site=st.sampled_from(SITES), value=st.sampled_from(VALUES))
def test_they_agree_on_any_value_anywhere(tmp_path: Path, site: Site, value: str) -> None:
    judge(tmp_path, spoilt(site, value))


@pytest.mark.prove
@pytest.mark.parametrize("site", SITES, ids=str)
def test_they_agree_on_every_value_everywhere(tmp_path: Path, site: Site) -> None:
    for value in VALUES:
        judge(tmp_path, spoilt(site, value))


@pytest.mark.parametrize("site", SITES, ids=str)
def test_they_agree_on_unknown_and_missing_keys(tmp_path: Path, site: Site) -> None:
    text = misspelt(site, f"{site.name}x")
    assert not VALIDATOR.is_valid(typed(text))
    assert problems(tmp_path, text)
    gone = without(site)
    if gone is not None:
        judge(tmp_path, gone)


def reached(value: Any) -> set[str]:
    """The definitions a schema refers to."""
    return set(re.findall(r"#/\$defs/(\w+)", json.dumps(value)))


def test_every_definition_is_used() -> None:
    assert reached(SCHEMA) == set(SCHEMA["$defs"])
