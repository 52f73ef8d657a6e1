"""Hostile text of every source, person and environment on every screen of the console, on a real terminal.

The harmless twin of the world is walked through by the same keys: what the console sent then is all it may send.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.bad_days.person import Person
from tests.hostile.corpus import SENDABLE, bare, colours, kinds, odd
from tests.hostile.world import World
from tests.terminal.pseudo import CHECKOUT

pytestmark = pytest.mark.prove

SIZE = (132, 40)
STEPS: tuple[tuple[bytes, str], ...] = (
    (b"G", "? keys"),
    (b"\r", "Error budget"),
    (b"G", ""),
    (b"q", "? keys"),
    (b"e", ""),
    (b"G", ""),
    (b"q", "? keys"),
    (b"S", "requests"),
    (b"G", ""),
    (b"q", "? keys"),
    (b"2", "? keys"),
    (b"\r", ""),
    (b"G", ""),
    (b"n", ""),
    (b"q", "? keys"),
    (b"G", ""),
    (b"\r", ""),
    (b"G", ""),
    (b"q", "? keys"),
    (b"2", "? keys"),
    (b"G", ""),
    (b"2", "? keys"),
    (b"1", "? keys"),
    (b"3", "? keys"),
    (b"3", "Deploys"),
    (b"G", ""),
    (b"\r", ""),
    (b"G", ""),
    (b"n", ""),
    (b"y", ""),
    (b"q", "? keys"),
    (b"4", "? keys"),
    (b"\r", "Paged again and again"),
    (b"G", ""),
    (b"y", ""),
    (b"q", "? keys"),
    (b"4", "? keys"),
    (b"1", "? keys"),
    (b"?", "this list"),
    (b"q", "? keys"),
    (b":", "run an action"),
    (b"\x1b", "? keys"),
    (b"f", "faults"),
    (b"o", ""),
    (b"oo", ""),
    (b"T", "theme"),
    (b"y", "clipboard"),
)
"""Keys, and words that are on the screen then (empty: whatever comes)."""


def walked(where: World, env: dict[str, str] | None = None) -> tuple[str, list[str]]:
    """Everything the console sent on the way, and the screens."""
    screens = []
    with Person(where.config, home=where.home / "console", size=SIZE, env=env) as person:
        person.sees("prom partial" if "\u202e" in "".join(where.names.values()) else "prom live")
        person.sees("am live")
        person.until(lambda: "PAGE" in person.text and "100x" in person.text, "figures")
        for keys, words in STEPS:
            person.press(keys)
            person.sees(words)
            person.rests()
            screens.append(person.text)
            columns_of(person)
        person.press(b"\x1b")
        person.rests()
        assert person.title == ""
        person.leaves()
        return bytes(person.sent).decode("utf-8", "replace"), screens


def columns_of(person: Person) -> None:
    """Every row of a table has its columns where the other rows have them, and nothing odd is in any cell."""
    lines = person.cells()
    for line in lines:
        assert odd("".join(line)) == [], "".join(line)
    for sign, words in (("✗", "availability"), ("⊘", "am ")):
        found = [set(_begins(line, words)) for line in lines if line[0] == sign and _begins(line, words)]
        assert not found or set.intersection(*found), f"{words} is not in one column\n{person.text}"


def _begins(line: list[str], words: str) -> list[int]:
    """The columns in which words begin."""
    return [column for column in range(len(line)) if "".join(line[column : column + len(words)]) == words]


def test_nothing_hostile_reaches_the_terminal(hostile: World, twin: World) -> None:
    allowed, _ = walked(twin)
    sent, screens = walked(hostile)
    assert kinds(sent) - kinds(allowed) == set()
    assert {"31", "31;1", "0;31"} & colours(sent) == set()
    assert odd(re.sub(r"[\r\n\x0e\x0f]", "", bare(sent))) == []
    everything = "\n".join(screens)
    assert "[red" in everything, "markup is shown as it is"
    assert "⟨U+202E⟩" in everything
    assert "␛" in everything
    assert "touch owned" in everything
    assert not list(Path(hostile.home).rglob("owned*"))


@pytest.mark.parametrize("kind", ["title", "colour sequence", "clipboard", "bidi", "click", "wide", "lines", "C1"])
def test_who_runs_it_is_not_believed(twin: World, kind: str) -> None:
    text = SENDABLE[kind]
    env = {"USER": text, "SUDO_USER": text, "SSH_CONNECTION": text, "TMUX": text, "STY": text, "HOSTNAME": text}
    with Person(twin.config, home=twin.home / "console", size=(132, 40), env=env) as person:
        person.sees("am live")
        person.rests()
        for line in person.cells():
            assert odd("".join(line)) == []
        assert person.title == ""
        assert "\x1b]0;" not in bytes(person.sent).decode("utf-8", "replace")
        person.leaves()


def test_themes_by_any_name(twin: World, tmp_path: Path) -> None:
    (tmp_path / "themes").mkdir()
    (tmp_path / "config.yaml").write_text(twin.config.read_text())
    good = (CHECKOUT / "themes" / "dark.yaml").read_text()
    kinds_of = ("title", "click", "bidi", "lines", "wide", "C1", "colour sequence", "combining first")
    for kind in kinds_of:
        name = SENDABLE[kind].replace("/", "_")
        (tmp_path / "themes" / f"{name}.yaml").write_text(good.replace("name: dark", f"name: {json.dumps(name)}"))
    (tmp_path / "themes" / "broken.yaml").write_text("name: [\x1b]0;owned\n")
    with Person(tmp_path / "config.yaml", home=twin.home / "console", size=SIZE) as person:
        person.sees("am live")
        said = []
        for _ in range(len(kinds_of) + 3):
            person.press(b"T")
            person.rests()
            said.append(person.line(" theme "))
            for line in person.cells():
                assert odd("".join(line)) == []
            assert person.title == ""
        assert any("`--theme broken` says what is wrong" in line for line in said), said
        person.leaves()


@pytest.mark.parametrize("kind", ["title", "click", "bidi", "lines", "C1"])
@pytest.mark.parametrize("name", ["theme", "TERM", "LANG", "TZ", "COLORTERM"])
def test_what_keeps_the_screen_from_opening(twin: World, tmp_path: Path, name: str, kind: str) -> None:
    text = SENDABLE[kind]
    config = tmp_path / "config.yaml"
    config.write_text(twin.config.read_text())
    arguments = ("--theme", text) if name == "theme" else ()
    env = {} if name == "theme" else {name: text}
    with Person(config, home=twin.home / "console", size=SIZE, env=env, arguments=arguments) as person:
        person.until_shown_or_ended()
        assert "owned" not in person.title
        sent = bytes(person.sent).decode("utf-8", "replace")
        assert "\x1b]0;" not in sent
        assert odd(re.sub(r"[\r\n\x0e\x0f]", "", bare(sent))) == []
        assert "Traceback" not in sent
