"""Texts of one source, cleaned once each: equal ones are one object, however many alerts carry them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit, urlunsplit

from sreconsole.domain.cleaning import clean

LABEL, ANNOTATION, LINK = 500, 4_000, 8_000
"""Characters of a label or name, of an annotation, of a link. Longer ones are cut; a link is then none."""
MOST = 100
"""Labels and annotations of one alert that are shown."""

_TEXTS, _SIZE = 50_000, 8 << 20
"""Texts, and characters of them, after which a memory is full."""
_FLOOD = 1_000
"""Alerts or silences at once, after which it is worth forgetting their texts."""
_WEB = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)


class Texts:
    """A memory of cleaned texts."""

    def __init__(self) -> None:
        self._names = _Memory(lambda text: clean(text, LABEL))
        self._prose = _Memory(lambda text: clean(text, ANNOTATION))
        self._links = _Memory(lambda text: link(text) or "")
        self._most = 0
        """The most that were held at once since all was forgotten."""

    def turn(self, held: int = 0) -> None:
        """A new answer begins: what was not used for long may be forgotten, and all where `held`, the alerts or
        silences of the answer before, are fewer than half of what they were: the texts of a flood would otherwise stay
        as it goes, here and there in its memory, and keep most of that from going back to the system."""
        over = self._most >= _FLOOD and 2 * held < self._most
        self._most = held if over else max(self._most, held)
        for memory in (self._names, self._prose, self._links):
            if over:
                memory.forget()
            memory.turn()

    def name(self, text: str) -> str:
        """A label's name or value, a receiver, an author: cleaned."""
        return self._names.of(text)

    def prose(self, text: str) -> str:
        """An annotation, a comment: cleaned."""
        return self._prose.of(text)

    def link(self, *candidates: str | None) -> str | None:
        """The first of some texts that is a link (see `link`)."""
        return next((found for text in candidates if text and (found := self._links.of(text))), None)

    def labels(self, given: Mapping[str, str]) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """Labels for people (at most `MOST`) and as they are, sorted by name; one object where both are the same.

        Labels without a value are none.
        """
        raw: dict[str, str] = {}
        shown: dict[str, str] = {}
        for label in sorted(given):
            if not (value := given[label]):
                continue
            if len(shown) >= MOST:
                raw[label] = value
                continue
            name, text = self.name(label), self.name(value)
            raw[name if name == label else label] = text if text == value else value
            shown[name] = text
        return (raw, raw) if shown == raw else (shown, raw)

    def annotations(self, given: Mapping[str, str] | None) -> dict[str, str]:
        """Annotations for people, at most `MOST`, sorted by name; those without a value are none.

        One that is a link loses the login in it.
        """
        found = sorted((name, value) for name, value in (given or {}).items() if value)
        return {
            self.name(name): (self.link(value) if "://" in value else None) or self.prose(value)
            for name, value in found[:MOST]
        }


def link(text: str | None) -> str | None:
    """A web address without a login in it; None for everything else, also where cleaning would change it."""
    if not text or len(text) > LINK or not _WEB.fullmatch(text) or clean(text, LINK) != text:
        return None
    try:
        parts = urlsplit(text)
        if not parts.hostname:
            return None
    except ValueError:
        return None
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])) if "@" in parts.netloc else text


class _Memory:
    """Results by text. What was not asked for since the memory was last full is forgotten when it is full again."""

    def __init__(self, make: Callable[[str], str]) -> None:
        self._make = make
        self._now: dict[str, str] = {}
        self._before: dict[str, str] = {}
        self._size = 0

    def forget(self) -> None:
        self._now, self._before, self._size = {}, {}, 0

    def turn(self) -> None:
        if len(self._now) > _TEXTS or self._size > _SIZE:
            self._now, self._before, self._size = {}, self._now, 0

    def of(self, text: str) -> str:
        found = self._now.get(text)
        if found is None:
            found = self._before.get(text)
            if found is None:
                found = self._make(text)
            self._now[found if found == text else text] = found
            self._size += len(text)
        return found
