"""Patterns compiled late behave like compiled ones, and every one we define can be compiled."""

from __future__ import annotations

import importlib
import pkgutil
import re
from typing import Any

import pytest

import sreconsole
from sreconsole.patterns import _Unused, compiled_when_used, pattern

MODULES = [
    found.name
    for found in pkgutil.walk_packages(sreconsole.__path__, "sreconsole.")
    if not found.name.endswith("__main__")
]


def test_it_is_used_like_a_compiled_pattern() -> None:
    late, real = pattern(r"(a+)(b)?", re.IGNORECASE), re.compile(r"(a+)(b)?", re.IGNORECASE)
    for text in ("", "ab", "xAAb", "b"):
        assert str(late.fullmatch(text)) == str(real.fullmatch(text))
        assert late.sub("-", text) == real.sub("-", text)
        assert [found.groups() for found in late.finditer(text)] == [found.groups() for found in real.finditer(text)]
    assert (late.pattern, late.flags, late.groups) == (real.pattern, real.flags, real.groups)
    assert late.match("xab", 1) is not None


def test_it_is_compiled_once_and_late(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    real = re.compile

    def counted(text: str, flags: int = 0) -> re.Pattern[str]:
        seen.append(text)
        return real(text, flags)

    monkeypatch.setattr(re, "compile", counted)
    late = pattern("x+")
    assert seen == []
    assert late.search("axx") is not None
    assert late.search("xx") is not None
    assert seen == ["x+"]


@pytest.mark.parametrize("name", MODULES)
def test_every_pattern_compiles(name: str) -> None:
    for thing in vars(importlib.import_module(name)).values():
        if isinstance(thing, _Unused):
            re.compile(thing.pattern, thing._flags)


def test_what_is_imported_inside_compiles_late() -> None:
    real = re.compile
    late: list[Any] = []
    with compiled_when_used():
        late.append(re.compile("x+", re.IGNORECASE))
    assert re.compile is real
    assert [type(one) for one in late] == [_Unused]
    assert late[0].fullmatch("xX")
