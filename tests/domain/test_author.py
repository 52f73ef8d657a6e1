"""Under which name somebody acts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sreconsole.domain.actor import Actor
from sreconsole.domain.author import LONGEST, Nameless, checked, is_shared, who

ALL = {"SRECONSOLE_USER": "eve", "SUDO_USER": "dan", "USER": "cyd"}


@pytest.mark.parametrize(
    ("flag", "config", "drop", "name", "origin"),
    [
        ("flo", "ana", "", "flo", "--author"),
        (None, "ana", "", "ana", "config"),
        (None, None, "", "eve", "$SRECONSOLE_USER"),
        (None, None, "SRECONSOLE_USER", "dan", "$SUDO_USER"),
        (None, None, "SRECONSOLE_USER SUDO_USER", "cyd@bastion-2", "$USER"),
        (None, "", "SRECONSOLE_USER SUDO_USER USER", "bob@bastion-2", "$USER"),
    ],
)
def test_the_first_that_names_a_person(flag: str | None, config: str | None, drop: str, name: str, origin: str) -> None:
    env = {key: value for key, value in ALL.items() if key not in drop.split()}
    actor = who(config, env, "bob", "bastion-2", flag)
    assert isinstance(actor, Actor)
    assert (actor.name, actor.origin, actor.account, actor.host) == (name, origin, "bob", "bastion-2")


@pytest.mark.parametrize("shared", ["root", "ubuntu", "admin", "ec2-user", "Root", "ubuntu@web-1"])
def test_shared_accounts_name_nobody(shared: str) -> None:
    assert is_shared(shared)
    for env in ({"USER": shared}, {"SUDO_USER": shared, "USER": "root"}, {"SRECONSOLE_USER": shared, "USER": "root"}):
        found = who(None, env, "root", "bastion")
        assert isinstance(found, Nameless)
        assert "people share" in found.reason


def test_a_person_behind_sudo_is_named() -> None:
    found = who(None, {"SUDO_USER": "ana", "USER": "root", "SSH_CLIENT": "10.0.0.7 4711 22"}, "root", "bastion")
    assert found == Actor("ana", "$SUDO_USER", "root", "bastion", "10.0.0.7")


def test_a_shared_name_in_one_place_leaves_the_next() -> None:
    found = who("admin", {"SUDO_USER": "root", "USER": "ana"}, "ana", "b")
    assert found == Actor("ana@b", "$USER", "ana", "b")


def test_a_name_that_was_asked_for_is_not_replaced() -> None:
    assert isinstance(who("ana", ALL, "ana", "b", flag="root"), Nameless)
    assert isinstance(who("ana", ALL, "ana", "b", flag=""), Nameless)


def test_nobody_at_all() -> None:
    found = who(None, {}, "", "bastion")
    assert isinstance(found, Nameless)
    assert isinstance(who(None, {"USER": ""}, "", ""), Nameless)
    assert found.named(" ana ") == Actor("ana", "typed", "", "bastion")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("@host", "empty"),
        ("root", "share"),
        ("a\x1b[2Jb", "cannot be seen"),
        ("a\u202eb", "cannot be seen"),
        ("x" * 101, "more than 100"),
    ],
)
def test_what_is_typed_must_name_somebody(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Nameless("root", "b", "", "").named(text)


TEXTS = st.text(max_size=8)


@given(
    st.none() | TEXTS, st.dictionaries(st.sampled_from([*ALL, "SSH_CLIENT"]), TEXTS), TEXTS, TEXTS, st.none() | TEXTS
)
def test_whoever_acts_has_a_name_that_can_be_shown(
    config: str | None, env: dict[str, str], account: str, host: str, flag: str | None
) -> None:
    found = who(config, env, account, host, flag)
    if isinstance(found, Actor):
        assert checked(found.name) == found.name
        assert len(found.name) <= LONGEST
    else:
        assert found.reason.isprintable()
