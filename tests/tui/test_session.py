"""Whose console it is, for the header."""

from __future__ import annotations

import os
import pwd
import socket
from dataclasses import replace

import pytest

from sreconsole.tui.session import make_session
from tests.tui import scripted

HOST = socket.gethostname().partition(".")[0]


def user(env: dict[str, str]) -> str:
    shown = scripted.estate()
    live = scripted.ScriptedLive(scripted.snapshot(shown))
    config = replace(scripted.config(shown), author=None)
    return make_session(config, live, theme="dark", clock=lambda: scripted.NOW, env=env).user


def test_who_it_is() -> None:
    assert user({"USER": "root", "SUDO_USER": "ana"}) == f"ana@{HOST}"
    assert user({"USER": "root", "SUDO_USER": "ana", "SRECONSOLE_USER": "bo@desk"}) == "bo@desk"


def test_without_a_user_in_the_environment_it_is_the_account() -> None:
    assert user({}) == f"{pwd.getpwuid(os.getuid()).pw_name}@{HOST}"


def test_an_account_without_a_name_is_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(number: int) -> pwd.struct_passwd:
        raise KeyError(number)

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    assert user({}) == ""
