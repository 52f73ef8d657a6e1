"""References to the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from sreconsole.config.env import substitute
from tests.config.files import SMALL, loaded, said

ENV = {"NAME": "value", "EMPTY": "", "TRICKY": "${NAME} $$ \\1"}


@pytest.mark.parametrize(
    ("text", "expected", "from_env"),
    [
        ("plain", "plain", False),
        ("${NAME}", "value", True),
        ("a-${NAME}-b-${NAME}", "a-value-b-value", True),
        ("${NAME:-other}", "value", True),
        ("${EMPTY}", "", True),
        ("${EMPTY:-other}", "other", False),
        ("${UNSET:-}", "", False),
        ("${UNSET:-a:-b}", "a:-b", False),
        ("$$", "$", False),
        ("$${NAME}", "${NAME}", False),
        ("$$$${NAME}", "$${NAME}", False),
        ("$$${NAME}", "$value", True),
        ("5..$", "5..$", False),
        ("$1 $x $(y)", "$1 $x $(y)", False),
        ("${TRICKY}", "${NAME} $$ \\1", True),
    ],
)
def test_references(text: str, expected: str, from_env: bool) -> None:
    assert substitute(text, ENV) == (expected, from_env)


@pytest.mark.parametrize(
    "text", ["${UNSET}", "${NAME}${UNSET}", "${", "${}", "${1}", "${NAME", "${NAME:+x}", "${ NAME }"]
)
def test_broken_references(text: str) -> None:
    with pytest.raises(ValueError, match=r"UNSET|write \$\$\{"):
        substitute(text, ENV)


def test_an_unset_variable_is_an_error_with_its_line(tmp_path: Path) -> None:
    assert said(tmp_path, SMALL + "author: ${WHO}\nenvironment: ${WHERE:-here}\n") == [
        "10: author: the environment has no WHO; set it, or write ${WHO:-default}"
    ]


def test_values_reach_every_kind_of_key(tmp_path: Path) -> None:
    text = SMALL.replace("99.9", "${GOAL}").replace("bad_total", "'${NAME}_total'")
    text += "read_only: ${RO}\nmouse: ${MOUSE}\n"
    config = loaded(tmp_path, text, {**ENV, "GOAL": "99.5", "RO": "true", "MOUSE": "off"}).config
    assert config.read_only
    assert config.mouse == "off"
    assert str(config.slos()[0].objective) == "0.995"
    assert "value_total" in str(config.slos()[0].sli)


def test_messages_show_the_reference_and_not_its_value(tmp_path: Path) -> None:
    env = {"VALUE": "hunter2"}
    text = SMALL.replace("99.9", "${VALUE}").replace("bad_total", "'x{y=${VALUE}'")
    text += "refresh: ${VALUE}\nread_only: ${VALUE}\nmouse: ${VALUE}\ntimezone: ${VALUE}\n"
    lines = said(tmp_path, text, env)
    assert len(lines) == 6
    assert not any("hunter2" in line for line in lines)
    assert all("${VALUE}" in line for line in lines)


def test_comments_and_keys_take_nothing_from_the_environment(tmp_path: Path) -> None:
    text = SMALL.replace("services:", "# ${UNSET}\nservices:").replace("checkout:", '"${UNSET}":')
    assert [service.name for service in loaded(tmp_path, text).config.services] == ["${UNSET}"]
