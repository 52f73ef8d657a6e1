"""What a command that acts is made of: the journal, who acts, the actions."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from sreconsole.config.model import Config, PrometheusSource
from sreconsole.config.paths import home, state_dir
from sreconsole.engine.logbook import Logbook

if TYPE_CHECKING:
    from sreconsole.domain.actor import Actor
    from sreconsole.domain.author import Nameless
    from sreconsole.domain.snapshot import Snapshot
    from sreconsole.engine.actions.actions import Actions
    from sreconsole.engine.actions.rules import Ask
    from sreconsole.journal.journal import Journal
    from sreconsole.sources.http import HttpClient


def logbook(config: Config, env: Mapping[str, str], now: Callable[[], float]) -> Logbook:
    """The journal of a config; opened when somebody writes, or reads and it is there."""
    state = state_dir(env, home(env))
    settings = config.journal
    path = settings.path or (None if state is None else state / "journal.db")

    def there() -> bool:
        kept = settings.dsn is not None or (path is not None and os.path.exists(path))
        return kept or (state is not None and any(state.glob("spool-*.db")))

    def opened() -> Journal:
        from sreconsole.domain.actor import Actor
        from sreconsole.journal.opening import open_journal

        actor = acting(config, env)
        named = actor if isinstance(actor, Actor) else Actor("", "$USER", actor.account, actor.host, actor.client)
        return open_journal(settings, state, named, now())

    return Logbook(opened, there)


def acting(config: Config, env: Mapping[str, str], flag: str | None = None) -> Actor | Nameless:
    """Who acts; `flag` is what `--author` says."""
    import getpass
    import socket

    from sreconsole.domain.author import who

    try:
        account = getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in containers
        account = f"uid {os.getuid()}"
    return who(config.author, env, account, socket.gethostname().partition(".")[0], flag)


def actions(
    config: Config,
    env: Mapping[str, str],
    book: Logbook,
    client: Callable[[PrometheusSource], HttpClient],
    *,
    author: str | None = None,
    snapshot: Callable[[], Snapshot | None] = lambda: None,
    written: Callable[[str | None], None] = lambda _: None,
) -> Actions:
    """The actions of one start; `client` gives the connection to a Prometheus, for its rules."""
    from sreconsole.cli.wiring import clock
    from sreconsole.engine.actions.actions import Actions

    return Actions(
        config,
        book,
        acting(config, env, author),
        clock,
        rules=lambda current: asking_rules(current, client),
        snapshot=snapshot,
        written=written,
    )


def asking_rules(config: Config, client: Callable[[PrometheusSource], HttpClient]) -> dict[str, Ask]:
    """What asks each Prometheus for its alerting rules."""
    from sreconsole.sources.alert_rules import alert_rules

    def asking(source: PrometheusSource) -> Ask:
        return lambda: alert_rules(client(source), source.name, source.external_labels)

    return {name: asking(source) for name, source in config.sources.items() if isinstance(source, PrometheusSource)}


@asynccontextmanager
async def one_shot(
    config: Config, author: str | None, snapshot: Callable[[], Snapshot | None] = lambda: None
) -> AsyncIterator[Actions]:
    """The actions of a single command, closed with it."""
    from sreconsole.cli.wiring import clock
    from sreconsole.sources.http import HttpClient

    clients: dict[str, HttpClient] = {}

    def client(source: PrometheusSource) -> HttpClient:
        if source.name not in clients:
            clients[source.name] = HttpClient(source.name, source.url, source.http, source.max_answer)
        return clients[source.name]

    book = logbook(config, os.environ, clock)
    made = actions(config, os.environ, book, client, author=author, snapshot=snapshot)
    try:
        yield made
    finally:
        await made.aclose()
        for each in clients.values():
            await each.aclose()
        await book.aclose()
