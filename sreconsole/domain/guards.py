"""What is refused before anything is sent, what must be confirmed by more than Enter, and what moved meanwhile."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

from sreconsole.domain.alert import Alert
from sreconsole.domain.draft import Draft
from sreconsole.domain.duration import format_duration
from sreconsole.domain.literal import is_text
from sreconsole.domain.lookalike import escaped
from sreconsole.domain.matching import abridged, broken, contradiction, holds, shown, shown_name
from sreconsole.domain.reach import Danger, Reach
from sreconsole.domain.selector import Matcher
from sreconsole.patterns import pattern
from sreconsole.records import dataclass

LONGEST_COMMENT = 1024
"""Bytes of UTF-8: one comment of 20 MB makes every list of silences 20 MB for five days."""
LONGEST_MATCHERS = 64 * 1024
"""Bytes of UTF-8 of all names and values."""
_HIDDEN = pattern(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff]")


class SilenceRules(Protocol):
    """The rules of a config."""

    @property
    def longest(self) -> float:
        """Seconds."""

    @property
    def comment_pattern(self) -> str | None:
        """Must be found in the comment."""


def refusals(draft: Draft, reach: Reach | None, rules: SilenceRules, now: float) -> list[str]:
    """Why this draft must not be sent, a sentence each; empty: nothing speaks against it.

    `now` is the server's time. What it mutes is never refused, but asked for (`needs_count`); where a reach is known,
    its matchers were understood by somebody.
    """
    strange = [] if reach is not None else _unread(draft.matchers)
    return [*_matchers(draft.matchers), *strange, *_length(draft.ends_at, rules, now), *_words(draft, rules)]


def needs_count(reach: Reach) -> int | None:
    """How many alerts must be typed to go on; None: Enter will do.

    Alerts that are not listed here may be of any severity.
    """
    return reach.count if reach.dangers or reach.unlisted else None


@dataclass(frozen=True, slots=True)
class Drift:
    """What became different between a preview and its confirmation."""

    added: tuple[Alert, ...]
    """Muted now, and not when it was shown."""
    gone: tuple[Alert, ...]
    """Shown as muted, and not muted any more: resolved most likely."""
    dangers: tuple[Danger, ...]
    """That were not shown."""


def changed(before: Reach, after: Reach) -> Drift | None:
    """What is to be shown and asked again; None: the same alerts would be muted, and nothing is more dangerous."""
    added = tuple(alert for alert in after.muted if alert.fingerprint not in before.fingerprints)
    gone = tuple(alert for alert in before.muted if alert.fingerprint not in after.fingerprints)
    dangers = tuple(danger for danger in after.dangers if danger not in before.dangers)
    if added or gone or dangers or before.unlisted != after.unlisted:
        return Drift(added, gone, dangers)
    return None


def _matchers(matchers: tuple[Matcher, ...]) -> Iterator[str]:
    if not matchers:
        yield "no matchers: a silence needs one at least"
        return
    if not all(is_text(matcher.name) and is_text(matcher.value) for matcher in matchers):
        yield "a matcher is not UTF-8"
        return
    if any(not matcher.name for matcher in matchers):
        yield "a matcher names no label"
    if sum(len(matcher.name.encode()) + len(matcher.value.encode()) for matcher in matchers) > LONGEST_MATCHERS:
        yield f"the matchers are longer than {LONGEST_MATCHERS // 1024} kB"
    trouble = contradiction(matchers)
    if trouble is not None:
        yield trouble
    bad = [(matcher, why) for matcher in matchers if (why := broken(matcher))]
    for matcher, why in bad:
        yield f"{shown_name(matcher.name)}: {why}"
    if not bad and all(_takes_nothing(matcher) for matcher in matchers):
        which = abridged(", ".join(shown(matcher) for matcher in matchers), 200)
        yield f"every matcher matches the empty string ({which}): servers refuse that, as it would mute everything"


def _unread(matchers: tuple[Matcher, ...]) -> list[str]:
    """Those that nobody has evaluated: neither we nor, as there is no reach, the server."""
    found = []
    for matcher in matchers:
        try:
            holds(matcher, "")
        except ValueError as error:
            if broken(matcher) is None:
                found.append(f"what it mutes is not known: {error}")
    return found


def _takes_nothing(matcher: Matcher) -> bool:
    """Whether a server says of it that it matches the empty string; it never says so of `!=` and `!~`."""
    if matcher.op not in ("=", "=~"):
        return False
    try:
        return holds(matcher, "")
    except ValueError:
        return False


def _length(ends_at: float, rules: SilenceRules, now: float) -> Iterator[str]:
    length = ends_at - now
    if length <= 0:
        yield "it would end before it begins"
    elif length > rules.longest + 1:
        yield (
            f"{format_duration(round(length))} is longer than the longest silence, {format_duration(rules.longest)}; "
            "silences.longest in the config changes that"
        )


def _words(draft: Draft, rules: SilenceRules) -> Iterator[str]:
    if not draft.created_by.strip():
        yield "nobody is named as its author"
    comment = draft.comment
    if not comment.strip():
        yield "a comment is required: why is it silenced?"
        return
    if not is_text(comment):
        yield "the comment is not UTF-8"
        return
    size = len(comment.encode())
    if size > LONGEST_COMMENT:
        yield f"the comment has {size} bytes, {LONGEST_COMMENT} are allowed"
    hidden = _HIDDEN.search(comment)
    if hidden is not None:
        yield f"the comment holds {escaped(hidden[0])}, which cannot be seen or moves the cursor of who reads it"
    if rules.comment_pattern is not None and re.search(rules.comment_pattern, comment) is None:
        wanted = abridged(escaped(rules.comment_pattern), 80)
        yield f"the comment does not contain what silences.comment_pattern asks for: {wanted}"
