"""What is read without `argparse` says the same as what `argparse` reads."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sreconsole import cli, garbage
from sreconsole.cli.arguments import parse, parser
from sreconsole.cli.words import plain_words
from sreconsole.errors import UsageError

HELP = Path(cli.__file__).parent / "help.txt"
OPTIONS = (
    *("--config", "--theme", "--log", "--format", "--service", "--at", "--timeout", "--read-only", "--serve"),
    *("--conf", "--config=a", "-h", "--help", "--version", "--", "-", "-5", "", "--no-such"),
)
WORDS = ("status", "check", "demo", "schema", "record", "json", "text", "yaml", "a b", "10s", "-x y")


@given(st.lists(st.sampled_from(OPTIONS + WORDS), max_size=7))
def test_plain_words_mean_the_same(argv: list[str]) -> None:
    plain = plain_words(argv)
    if plain is None:
        return
    assert vars(plain) == vars(parse(argv))


@pytest.mark.parametrize(
    "line",
    [
        "",
        "check",
        "check --config a.yaml",
        "--config a.yaml status --format json --service checkout --at 03:12 --timeout 3s",
        "status --theme light --read-only",
        "--at 03:12 --config a.yaml",
        "--at 03:12 status --format tsv",
        "demo --serve",
        "record --log x",
    ],
)
def test_the_usual_lines_are_plain(line: str) -> None:
    plain = plain_words(line.split())
    assert plain is not None
    assert vars(plain) == vars(parse(line.split()))


@pytest.mark.parametrize(
    "line", ["staus", "--config", "status --format xml", "check --serve", "--serve", "check check", "--at 03:12 check"]
)
def test_mistakes_are_left_to_the_grammar(line: str) -> None:
    assert plain_words(line.split()) is None
    with pytest.raises(UsageError):
        parse(line.split())


def test_the_help_is_that_of_the_grammar(monkeypatch: pytest.MonkeyPatch) -> None:
    """When this fails, what the grammar says at COLUMNS=80 belongs into sreconsole/cli/help.txt."""
    monkeypatch.setenv("COLUMNS", "80")
    assert HELP.read_text(encoding="utf-8") == parser().format_help()


@pytest.mark.parametrize("word", ["--help", "-h"])
def test_narrow_terminals_have_it_wrapped(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garbage, "nothing_while_starting", lambda: None)  # this process goes on
    monkeypatch.setattr(garbage, "nothing_at_the_end", lambda: None)
    said = {}
    for columns in ("80", "200", "50"):
        monkeypatch.setenv("COLUMNS", columns)
        out = io.StringIO()
        monkeypatch.setattr(sys, "stdout", out)
        with contextlib.suppress(SystemExit):
            assert cli.main([word]) == 0
        said[columns] = out.getvalue()
    assert said["80"] == said["200"] == HELP.read_text(encoding="utf-8")
    assert max(map(len, said["50"].splitlines())) < 60
    assert said["50"].split()[:3] == said["80"].split()[:3]


@pytest.mark.parametrize("line", [["--version"], ["--help"], ["check", "--config", "/nowhere/at/all.yaml"]])
def test_plain_lines_do_not_load_argparse(line: list[str]) -> None:
    code = f"import sys; from sreconsole.cli import main; main({line!r}); print('argparse' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"
