"""A source that fails is seen in title and text; last good values stay, dimmed; nothing is ever blank."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.style import Style

from sreconsole.domain.snapshot import SourceState
from tests.tui import scripted
from tests.tui.driving import Driven, driven


def style_of(on: Driven, words: str) -> Style:
    """The style of the first piece of the screen with these words in it."""
    for strip in on.app.screen._compositor.render_strips():
        for segment in strip:
            if words in segment.text:
                assert segment.style is not None
                return segment.style
    raise AssertionError(f"{words} is not on the screen")


@pytest.mark.parametrize(
    ("source", "title", "line"),
    [
        (scripted.down(), "prom down 4m", "prom: connection refused by 127.0.0.1:9090, retry in 20s"),
        (
            SourceState("prom", "prometheus", "auth", None, "401: the password is wrong"),
            "prom auth",
            "prom: 401: the password is wrong",
        ),
        (SourceState("prom", "prometheus", "stale", scripted.NOW - 700), "prom stale 11m", ""),
        (
            SourceState("prom", "prometheus", "partial", scripted.NOW, "2 of 5 failed", parts=(3, 5)),
            "prom partial 3/5",
            "2 of 5 failed",
        ),
        (SourceState("prom", "prometheus", "waiting"), "prom waiting", "waiting for prom"),
        (SourceState("prom", "prometheus", "live", scripted.NOW, progress=0.12), "prom live, ledger 12%", ""),
    ],
)
async def test_title_and_text(source: SourceState, title: str, line: str) -> None:
    async with driven(sources=[source]) as on:
        shown = on.text.splitlines()
        assert title in shown[1]
        assert line in shown[2]
        assert "checkout" in on.text


async def test_values_stay_dimmed_and_come_back() -> None:
    async with driven() as on:
        bright = style_of(on, "catalogue").color
        text = await on.push(scripted.snapshot(scripted.estate(), sources=[scripted.down()]))
        assert "14.9x" not in text.splitlines()[2]
        assert "11.3x" in text
        assert style_of(on, "catalogue").color != bright
        await on.push(scripted.snapshot(scripted.estate()))
        assert style_of(on, "catalogue").color == bright
        assert "refused" not in on.text


async def test_only_rows_of_the_failing_source_are_dimmed() -> None:
    reports = [scripted.report("alpha"), scripted.report("beta")]
    config = scripted.config(reports)
    slos = [
        replace(service.slos[0], source=name) for service, name in zip(config.services, ("prom", "two"), strict=True)
    ]
    config = replace(
        config,
        services=tuple(replace(service, slos=(slo,)) for service, slo in zip(config.services, slos, strict=True)),
    )
    live = scripted.ScriptedLive(scripted.snapshot(reports, sources=[scripted.live(), scripted.down("two")]))
    async with driven(config=config, live=live) as on:
        assert style_of(on, "alpha").color != style_of(on, "beta").color


async def test_many_failures_leave_room_for_the_table() -> None:
    sources = [scripted.down(f"prom{number}") for number in range(9)]
    async with driven(sources=sources) as on:
        shown = on.text.splitlines()
        assert [line[:5] for line in shown[2:5]] == ["prom0", "prom1", "prom2"]
        assert shown[5] == "and 6 more: press e"
        assert "PAGE" in shown[7]
        text = await on.press("e", "G")
        assert "sources" in text


async def test_before_the_first_answer_there_are_rows() -> None:
    reports = [scripted.report(made.key.service, made.key.slo, None) for made in scripted.estate()]
    async with driven(reports, sources=[SourceState("prom", "prometheus", "waiting")]) as on:
        assert "42 unknown" in on.text
        assert on.text.count("unknown") > 15
        assert "waiting for prom" in on.text.splitlines()[2]
        assert await on.press("enter")
        assert "Nothing is known of this SLO yet" in on.text


async def test_a_bad_config_edit_is_a_banner() -> None:
    shown = replace(scripted.snapshot(scripted.estate()), notices=("config.yaml:3: refresh: not a duration",))
    async with driven(live=scripted.ScriptedLive(shown)) as on:
        assert on.text.splitlines()[2] == "config.yaml:3: refresh: not a duration"


async def test_a_banner_that_is_too_long_stands_in_full_among_the_errors() -> None:
    notice = "old config in use: config.yaml:3: services.checkout.slos.availability.objektive: unknown key (objective?)"
    shown = replace(scripted.snapshot(scripted.estate()), notices=(notice,))
    async with driven(live=scripted.ScriptedLive(shown)) as on:
        assert on.text.splitlines()[2].startswith("old config in use")
        assert notice in " ".join((await on.press("e")).split())


class Broken(scripted.ScriptedLive):
    """An engine with a defect."""

    async def run(self) -> None:
        raise ValueError("the engine has a defect")


async def test_an_engine_that_ends_leaves_the_screen_and_says_so() -> None:
    live = Broken(scripted.snapshot(scripted.estate()))
    async with driven(live=live) as on:
        await on.settle()
        assert "asking has stopped by a defect" in on.text
        assert "checkout" in on.text
        assert on.app.failure is not None
        assert "the engine has a defect" in on.app.failure
        assert "start sreconsole again" in " ".join((await on.press("e")).split())


async def test_the_engine_is_ended_with_the_screen() -> None:
    async with driven() as on:
        assert on.live.running
    assert not on.live.running


async def test_a_defect_in_drawing_ends_with_a_traceback_without_values(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "hunter" + str(2)

    def broken(*_: object) -> None:
        held = secret
        raise KeyError("a defect in drawing", len(held))

    consoles = []

    async def run() -> None:
        async with driven() as on:
            consoles.append(on)
            monkeypatch.setattr("sreconsole.present.slo_table.row", broken)
            await on.push(scripted.snapshot([scripted.report("other")]))

    with pytest.raises(KeyError):
        await run()
    on = consoles[0]
    assert on.app.failure is not None
    assert "a defect in drawing" in on.app.failure
    assert secret not in on.app.failure
    assert on.app.return_code == 70
