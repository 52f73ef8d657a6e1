"""config.example.yaml shows every key, loads, and a single mistake in it is reported on the line it was made."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from sreconsole.config.block import Block, Tagged
from sreconsole.config.containers import ListOf, MapOf
from sreconsole.config.http import HTTP_KEYS
from sreconsole.config.kinds import OneOf
from sreconsole.config.read import load
from sreconsole.config.root import ROOT_BLOCK
from sreconsole.config.secrets import SecretText
from sreconsole.config.windows import AlertWindows
from tests.config.files import EXAMPLE, problems, said
from tests.config.mutation import LINES, TEXT, VALUES, Site, misspelt, sites, spoilt, without

SITES = sites()
COMMENTED = [number for number, line in enumerate(LINES, 1) if re.match(r" +(# |  # )[a-z_]+: ", line)]
shared = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_it_loads_where_it_is_without_a_doubt() -> None:
    loaded = load(EXAMPLE, {})
    assert loaded.warnings == []
    assert {source.kind for source in loaded.config.sources.values()} == {
        *("prometheus", "scrape", "alertmanager", "file", "grafana")
    }
    assert {type(slo.sli).__name__ for slo in loaded.config.slos()} == {
        *("CounterSli", "HistogramSli", "GaugeSli", "QuerySli", "RatioSli")
    }


def keys_of(kind: object, seen: dict[str, set[str]]) -> dict[str, set[str]]:
    """Every table with its keys."""
    if isinstance(kind, Block):
        if kind.name not in seen:
            seen[kind.name] = set(kind.keys)
            for key in kind.keys.values():
                keys_of(key.kind, seen)
    elif isinstance(kind, Tagged):
        for block in kind.blocks.values():
            keys_of(block, seen)
    elif isinstance(kind, ListOf | MapOf):
        keys_of(kind.kind, seen)
    elif isinstance(kind, OneOf):
        keys_of(kind.mapping, seen)
    elif isinstance(kind, AlertWindows):
        keys_of(kind.map, seen)
    elif isinstance(kind, SecretText):
        seen["secret_command"] = {"command"}
    return seen


HTTP = {key.name for key in HTTP_KEYS} | {"max_answer"}


def test_it_shows_every_key_of_every_table() -> None:
    shown: dict[str, set[str]] = {"secret_command": {"command"}}
    for site in SITES:
        shown.setdefault(site.table.name, set()).add(site.name)
    for number in COMMENTED:
        name = re.findall(r"[a-z_]+(?=:)", LINES[number - 1])[0]
        for table in {site.table.name for site in SITES if uncommented_into(site, number)}:
            shown[table].add(name)
    of_sources = set.union(*(shown[kind] for kind in ("prometheus", "scrape", "alertmanager", "grafana")))
    for table, keys in keys_of(ROOT_BLOCK, {}).items():
        hidden = keys - shown[table]
        if table in ("prometheus", "scrape", "alertmanager", "grafana"):
            hidden -= HTTP & of_sources  # the keys of http_config are shown once, on any source
        assert not hidden, table


def uncommented_into(site: Site, number: int) -> bool:
    """Whether a commented key stands in the block of a site: same indent, no outer line between."""
    indent = len(LINES[number - 1]) - len(LINES[number - 1].lstrip())
    step = 1 if site.line < number else -1
    between = [LINES[line - 1] for line in range(site.line, number, step)]
    own = LINES[site.line - 1]
    return indent == len(own) - len(own.lstrip()) and all(
        len(line) - len(line.lstrip()) >= indent for line in between if line.strip()
    )


@pytest.mark.parametrize("number", COMMENTED)
def test_what_it_shows_in_comments_is_known(tmp_path: Path, number: int) -> None:
    lines = LINES.copy()
    lines[number - 1] = lines[number - 1].replace("# ", "", 1)
    found = said(tmp_path, "\n".join(lines))
    assert not [line for line in found if "unknown key" in line or "not YAML" in line]
    assert "\n".join(lines) != TEXT


@shared
@given(site=st.sampled_from(SITES), data=st.data())
def test_a_misspelt_key_is_reported_on_its_line(tmp_path: Path, site: Site, data: st.DataObject) -> None:
    name = data.draw(misspellings(site.name))
    assume(name not in site.table.keys)
    found = problems(tmp_path, misspelt(site, name))
    assert {problem.line for problem in found} == {site.line}
    assert [problem.key for problem in found] == [f"{site.parent}.{name}" if site.parent else name]
    assert "unknown key" in found[0].what


@st.composite
def misspellings(draw: st.DrawFn, name: str) -> str:
    """A name with one slip of the finger."""
    at = draw(st.integers(0, len(name) - 1))
    letter = draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz_"))
    slips = (
        name[:at] + name[at + 1 :],
        name[:at] + letter + name[at:],
        name[:at] + letter + name[at + 1 :],
        name[:at] + name[at + 1 : at + 2] + name[at] + name[at + 2 :],
        name[:at] + name[at].upper() + name[at + 1 :],
    )
    slip = draw(st.sampled_from(slips))
    assume(slip and slip != name)
    return slip


def test_a_slip_of_the_finger_is_told_the_key_that_was_meant(tmp_path: Path) -> None:
    for site in SITES:
        if len(site.name) > 3:
            found = problems(tmp_path, misspelt(site, site.name[:2] + site.name[1:]))
            assert len(found) == 1, site
            (problem,) = found
            assert problem.what.startswith("unknown key (did you mean "), site
            assert f"(did you mean {site.name})" in problem.what, site


@pytest.mark.parametrize("site", SITES, ids=str)
def test_a_spoilt_value_is_reported_on_its_line(tmp_path: Path, site: Site) -> None:
    """A list of mappings is right nowhere it is not written already; nothing is empty that has a key."""
    for value in ("[[{}]]", ""):
        found = problems(tmp_path, spoilt(site, value))
        assert {problem.line for problem in found} == {site.line}
        assert all(problem.key.startswith(site.path) for problem in found)


@shared
@given(site=st.sampled_from(SITES), value=st.sampled_from(VALUES))
def test_another_value_is_good_or_reported_on_its_line(tmp_path: Path, site: Site, value: str) -> None:
    assume(site.name not in ("kind", "slos", "sources", "services"))  # what is missed then is missed elsewhere
    for problem in problems(tmp_path, spoilt(site, value)):
        relates = any(
            word in problem.what for word in (site.name, f"{value} is of kind scrape", "fleets[0] has", "no source")
        )
        assert problem.line == site.line or relates


REQUIRED = [site for site in SITES if site.table.keys[site.name].required and without(site) is not None]


@pytest.mark.parametrize("site", REQUIRED, ids=str)
def test_a_removed_key_is_reported_where_it_is_missed(tmp_path: Path, site: Site) -> None:
    text = without(site)
    assert text is not None
    (problem,) = problems(tmp_path, text)
    alone = sum(other.parent == site.parent for other in SITES) == 1
    assert problem.key == (site.parent if alone else site.path)
    assert problem.what.startswith("is empty" if alone else "missing")
    below_a_dash = "- " in LINES[site.line - 1]  # the item starts at its next key then
    assert problem.line == site.parent_line + (1 if below_a_dash else 0)


NAMES = re.findall(r"^  ([a-z]+): *(?:#.*)?\n    kind:", TEXT, re.MULTILINE)


@pytest.mark.parametrize("name", NAMES)
def test_a_renamed_source_is_reported_wherever_it_is_missed(tmp_path: Path, name: str) -> None:
    text = re.sub(rf"^  {name}:", f"  {name}-new:", TEXT, count=1, flags=re.MULTILINE)
    used = [n for n, line in enumerate(text.splitlines(), 1) if re.search(rf"(source|kubernetes): {name}\b", line)]
    found = problems(tmp_path, text)
    assert [problem.line for problem in found] == used
    assert all(problem.what == f"no source is named '{name}' (did you mean {name}-new)" for problem in found)


def test_every_source_that_can_be_referred_to_is() -> None:
    assert NAMES == ["prom", "mimir", "local", "am", "ci", "graf"]
    assert all(re.search(rf"source: {name}\b", TEXT) for name in ("prom", "mimir", "local"))
