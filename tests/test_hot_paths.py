"""What the paths that people wait for load: a new import on one of them is a decision, not an accident."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).parent.parent
EXAMPLE = CHECKOUT / "config.example.yaml"
LATER = {"httpx", "httpcore", "anyio", "h11", "sqlite3", "msgspec", "plotext", "prometheus_client", "email", "argparse"}
"""What may come after the first frame only."""


def _loaded(code: str) -> set[str]:
    """Modules that are there afterwards and that a bare interpreter does not have."""
    told = "print(*sys.modules, sep='\\n', file=sys.__stderr__)"
    done, bare = (
        subprocess.run(
            [sys.executable, "-c", f"import sys\n{text}\n{told}"], cwd=CHECKOUT, capture_output=True, text=True
        )
        for text in (code, "")
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.split()) - set(bare.stderr.split())


def test_version_loads_nothing() -> None:
    ours = {name for name in _loaded("from sreconsole.cli import main; main(['--version'])") if "sreconsole" in name}
    assert ours == {"sreconsole", "sreconsole.cli"}


def test_check_loads_the_config_and_nothing_else() -> None:
    loaded = _loaded(f"from sreconsole.cli import main; main(['check', '--config', {str(EXAMPLE)!r}])")
    layers = {".".join(name.split(".")[:2]) for name in loaded if name.startswith("sreconsole.")}
    named = {"cli", "config", "domain", "errors", "exits", "garbage", "patterns", "plain", "records", "tui"}
    assert layers == {f"sreconsole.{name}" for name in named}
    assert {name for name in loaded if name.startswith("sreconsole.tui.")} <= {
        "sreconsole.tui.skeleton",
        "sreconsole.tui.depth",
    }
    others = {name.partition(".")[0] for name in loaded} - set(sys.stdlib_module_names) - {"sreconsole"}
    extension = ("cython_runtime", "_cython_", "_sysconfigdata")  # what the C parser and the build of Python bring
    assert {name for name in others if not name.startswith(extension)} <= {"yaml", "_yaml"}
    assert not loaded & {
        "json",
        "logging",
        "hashlib",
        "socket",
        "asyncio",
        "threading",
        "random",
        "dataclasses",
    }


def test_the_first_frame_waits_for_no_source() -> None:
    loaded = _loaded("import sreconsole.cli.run, sreconsole.cli.wiring, sreconsole.config.read, sreconsole.tui.app")
    assert not {name.partition(".")[0] for name in loaded} & LATER
    sources = {name for name in loaded if name.startswith(("sreconsole.sources.", "sreconsole.ledger."))}
    assert sources <= {"sreconsole.sources.meter", "sreconsole.ledger.book", "sreconsole.ledger.ring"}
