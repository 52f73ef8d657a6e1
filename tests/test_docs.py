"""What the documentation shows is true: its configs load, its keys are the program's, its links and commands exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.keys import written
from sreconsole.config.read import load
from sreconsole.exits import Exit
from sreconsole.sources.deploy_lines import told

CHECKOUT = Path(__file__).parent.parent
PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/architecture.md", "docs/recording.md")
README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
FIRST, FLEET, SCRAPE, ALERTS, DEPLOYS, TOIL = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
SOURCES, SERVICES = FIRST.split("services:\n")
CONFIGS = {
    "first": FIRST,
    "fleet": SOURCES + FLEET,
    "scrape": f"version: 1\n{SCRAPE}services:\n{SERVICES}",
    "alerts": f"{SOURCES}{ALERTS.removeprefix('sources:')[1:]}services:\n{SERVICES}",
    "deploys": f"{SOURCES}{DEPLOYS.removeprefix('sources:')[1:]}services:\n{SERVICES}",
    "toil": f"{SOURCES}{TOIL}services:\n{SERVICES}",
}


def test_the_first_config_is_twenty_lines() -> None:
    assert len(FIRST.splitlines()) <= 20


@pytest.mark.parametrize("name", CONFIGS)
def test_configs_of_the_readme_load(tmp_path: Path, name: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(CONFIGS[name], encoding="utf-8")
    assert not load(path, {}).warnings


def test_the_deploy_of_the_readme_is_one() -> None:
    (line,) = re.findall(r"echo '(\{.*\})' >> deploys\.jsonl", README)
    deploy = told(line.encode())
    assert deploy is not None
    assert (deploy.service, deploy.version, deploy.status) == ("checkout", "v42", "succeeded")


def test_the_keys_of_the_readme_are_those_of_the_program() -> None:
    assert written(README) == README, "run `python -m docs.keys`"
    assert README.count("| `") > 20


def test_the_exit_codes_of_the_readme_are_those_of_the_program() -> None:
    section = README.partition("## Exit codes")[2].partition("##")[0]
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", section, re.MULTILINE)} == set(map(int, Exit))


@pytest.mark.parametrize("page", PAGES)
def test_links_and_named_files_exist(page: str) -> None:
    path = CHECKOUT / page
    text = path.read_text(encoding="utf-8")
    links = [link for link in re.findall(r"(?:\]\(|src=\")([^)\"#]+)", text) if "://" not in link]
    assert [link for link in links if not (path.parent / link).exists()] == []
    named = re.findall(r"`((?:sreconsole|docs|bench|tests|themes|\.ci)/[\w./-]*\w|config\.example\.yaml)`", text)
    assert [name for name in named if not (CHECKOUT / name).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_make_knows_what_it_is_told(page: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (CHECKOUT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    told = set(re.findall(r"(?:^    |`)make ([a-z-]+)", (CHECKOUT / page).read_text(encoding="utf-8"), re.MULTILINE))
    assert told <= targets
