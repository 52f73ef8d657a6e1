"""From a /metrics answer to the screen: the real source, ledger and engine under the real screen, on a moved clock."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sreconsole.cli.wiring import wire
from sreconsole.config.read import load
from sreconsole.tui.app import ConsoleApp
from sreconsole.tui.session import make_session
from tests.servers.metrics import MetricsTarget
from tests.tui.driving import ENV

CONFIG = """\
version: 1
refresh: 1s
sources:
  local: {{kind: scrape, targets: ["{url}"], interval: 15s}}
services:
  shop:
    slos:
      availability:
        objective: 99
        sli: {{bad: 'requests_total{{code="500"}}', total: requests_total}}
"""
NOON = 1_790_000_040.0  # a minute's edge


def page(good: int, bad: int) -> str:
    return f'requests_total{{code="200"}} {good}\nrequests_total{{code="500"}} {bad}\n'


async def test_a_changed_metrics_answer_changes_the_screen(tmp_path: Path) -> None:
    now = [NOON]
    with MetricsTarget(page(0, 0)) as target:
        path = tmp_path / "config.yaml"
        path.write_text(CONFIG.format(url=target.url))
        config = load(path, {}).config
        env = {**ENV, "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}
        console = wire(config, lambda: now[0], env, trends=True)
        app = ConsoleApp(make_session(config, console, theme="dark", clock=lambda: now[0], env=env), guard=False)

        async def scraped(answer: str) -> None:
            """Let a quarter of a minute pass and the target be asked with this answer."""
            target.page = answer
            now[0] += 15
            before = target.asked
            async with asyncio.timeout(20):
                while target.asked == before:
                    console.refresh()
                    await asyncio.sleep(0.02)

        def row() -> str:
            lines = [strip.text for strip in app.screen._compositor.render_strips()]
            return next((line for line in lines if "availability" in line), "")

        async def shows(words: str) -> None:
            async with asyncio.timeout(20):
                while words not in row():  # noqa: ASYNC110 - what is drawn has no event
                    await asyncio.sleep(0.02)

        async with app.run_test(size=(80, 24)):
            await shows("unknown")
            for step in range(1, 14):
                await scraped(page(100 * step, 0))
            await shows("0.0x")
            assert "ok" in row()
            for step in range(1, 14):
                await scraped(page(1300 + 50 * step, 50 * step))
            await shows("PAGE")
