"""One deploy in full, as lines of spans. Its link is written out, never cut and never opened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo

from sreconsole.domain.deploy import Deploy
from sreconsole.present import deploy_words, words
from sreconsole.present.alert_detail import wrapped
from sreconsole.present.cells import Span, fit, fit_spans, width, wrap
from sreconsole.present.marks import Glyphs

_FACT_CELLS = 12
_KNOWN = {
    "exact": "told as a deploy by its source",
    "inferred": "concluded from metrics",
    "manual": "written down by a person",
}


def deploy_detail(deploy: Deploy, cells: int, now: float, zone: tzinfo, glyphs: Glyphs) -> list[list[Span]]:
    """Everything known of one deploy, each line exactly `cells` wide."""
    cells = max(0, cells)
    token = deploy_words.token(deploy)
    lines: list[list[Span]] = [
        [
            Span(f"{glyphs.deploys[deploy_words.sign(deploy)]} {deploy_words.word(deploy)}", f"bold {token}"),
            Span(f" {deploy.service} {deploy.version}", "bold foreground"),
            Span(f"  {where(deploy)}", "dim"),
        ]
    ]
    lines.extend(wrapped(standing(deploy, now, zone), "foreground", cells, glyphs))
    for remark in deploy.remarks:
        lines.extend(wrapped(remark, "warn", cells, glyphs))
    if deploy.message:
        lines.extend(([], *wrapped(deploy.message, "bold foreground", cells, glyphs)))
    for title, facts in (
        ("When", _times(deploy, zone)),
        ("What", _what(deploy)),
        ("Known", _known(deploy)),
    ):
        made = [line for name, value in facts for line in _fact(name, value, cells, glyphs)]
        if made:
            lines.extend(([], [Span(title, "accent")], *made))
    return [fit_spans(line, cells, glyphs) for line in lines]


def summary(deploy: Deploy, now: float, zone: tzinfo) -> str:
    """One deploy in one line to paste to others."""
    by = f" by {deploy.actor}" if deploy.actor else ""
    head = f"deploy of {deploy.service} {deploy.version} ({where(deploy)}){by}: {standing(deploy, now, zone)}"
    return "; ".join(part for part in (head, deploy.message, deploy.url) if part)


def where(deploy: Deploy) -> str:
    """`prod`, `staging, not production`."""
    named = deploy.environment or ("production" if deploy.is_prod else "")
    return named if deploy.is_prod else ", ".join(part for part in (named, "not production") if part)


def standing(deploy: Deploy, now: float, zone: tzinfo) -> str:
    """`rollback succeeded 10m ago, took 4m`, `running for 3m, since 2026-11-23 03:09 CET`."""
    named = (
        f"{deploy_words.kind(deploy) or deploy_words.word(deploy)} " if deploy.kind not in ("deploy", "unknown") else ""
    )
    about = "" if deploy_words.told_exactly(deploy) else "about "
    if not deploy.at:
        return f"{named}{deploy.status}, it is not said when"
    if deploy.running:
        begun = deploy.started_at if deploy.started_at is not None else deploy.at
        return f"{named}{deploy.status} for {words.age(now - begun)}, since {about}{words.moment(begun, zone)}"
    lasted = f", took {deploy_words.took(deploy, now)}" if deploy.seconds is not None else ""
    return f"{named}{deploy.status} {about}{words.age(now - deploy.at)} ago, {words.moment(deploy.at, zone)}{lasted}"


def _times(deploy: Deploy, zone: tzinfo) -> Iterator[tuple[str, str]]:
    about = "" if deploy_words.told_exactly(deploy) else "about "
    for name, at in (("created", deploy.created_at), ("started", deploy.started_at), ("finished", deploy.finished_at)):
        unknown = "not yet" if name == "finished" and deploy.running else "not known"
        yield name, unknown if at is None else about + words.moment(at, zone)
    if deploy.margin > 0:
        yield "exact to", f"{words.span(deploy.margin)}: times come from samples"
    if deploy.commit_at is not None:
        yield "commit", words.moment(deploy.commit_at, zone)
    if deploy.oldest_commit_at is not None and deploy.oldest_commit_at != deploy.commit_at:
        yield "oldest commit", words.moment(deploy.oldest_commit_at, zone)


def _what(deploy: Deploy) -> Iterator[tuple[str, str]]:
    yield "service", deploy.service if deploy.owned else f"{deploy.service}, none of the config"
    if deploy.namespace:
        yield "namespace", deploy.namespace
    yield "version", deploy.version
    yield "before", deploy.prev_version or "not known"
    if deploy.sha:
        yield "sha", deploy.sha
    if deploy.prev_sha:
        yield "sha before", deploy.prev_sha
    yield "kind", deploy.kind
    raw = f", in its source's words {deploy.raw_status}" if deploy.raw_status not in ("", deploy.status) else ""
    yield "status", deploy.status + raw
    if deploy.attempt > 1:
        yield "attempt", str(deploy.attempt)
    yield "actor", (deploy.actor or "not known") + (", a bot" if deploy.actor_is_bot else "")
    if deploy.url:
        yield "link", deploy.url


def _known(deploy: Deploy) -> Iterator[tuple[str, str]]:
    yield "how", _KNOWN[deploy.confidence]
    yield "from", ", ".join(deploy.sources) or "not known"
    yield "id", deploy.id


def _fact(name: str, value: str, cells: int, glyphs: Glyphs) -> Iterator[list[Span]]:
    """A name and what stands for it, wrapped, never cut."""
    room = min(_FACT_CELLS, max(4, cells // 3))
    if width(name) > room:
        yield from wrapped(name, "dim", cells, glyphs, "  ")
        name = ""
    style = "accent" if name == "link" else "foreground"
    for place, line in enumerate(wrap(value, max(1, cells - room - 3), glyphs)):
        yield [Span("  " + fit("" if place else name, room, "left", glyphs) + " ", "dim"), Span(line, style)]
