"""The matchers of a silence while they are chosen: tick boxes, operators, and what is typed."""

from __future__ import annotations

from collections.abc import Sequence

from sreconsole.domain.matching import broken, parse_matcher
from sreconsole.domain.selector import Matcher
from sreconsole.records import dataclass, field, replace

OPERATORS = ("=", "!=", "=~", "!~")
_SPECIAL = frozenset(r"\.+*?()|[]{}^$")


@dataclass(frozen=True, slots=True)
class Choice:
    """One matcher and whether it is part of the silence."""

    matcher: Matcher
    ticked: bool = True
    literal: str | None = None
    """The label's value, while the matcher still means exactly this; None: the pattern was typed."""

    @property
    def trouble(self) -> str:
        """What is wrong with it, if it is part of the silence."""
        return (broken(self.matcher) or "") if self.ticked else ""


@dataclass(slots=True)
class Choices:
    """All of them, in the order shown."""

    items: list[Choice] = field(default_factory=list)

    @property
    def ticked(self) -> tuple[Matcher, ...]:
        """Those of the silence."""
        return tuple(choice.matcher for choice in self.items if choice.ticked)

    def toggle(self, place: int) -> None:
        """Tick, or take the tick away."""
        self.items[place] = replace(self.items[place], ticked=not self.items[place].ticked)

    def turn(self, place: int) -> None:
        """The next operator. A value that was a label's is escaped for a regular expression, so that it means the
        same; one that was typed stays as it is."""
        choice = self.items[place]
        old = choice.matcher
        op = OPERATORS[(OPERATORS.index(old.op) + 1) % len(OPERATORS)]
        value = old.value
        if choice.literal is not None:
            value = escaped(choice.literal) if op in ("=~", "!~") else choice.literal
        self.items[place] = replace(choice, matcher=Matcher(old.name, op, value), ticked=True)

    def put(self, place: int, text: str) -> None:
        """Replace one by what was typed; at the end: one more. Raises ValueError for what is no matcher."""
        choice = made(parse_matcher(text))
        if place < len(self.items):
            if self.items[place].matcher != choice.matcher:
                self.items[place] = choice
        else:
            self.items.append(choice)


def made(matcher: Matcher, ticked: bool = True) -> Choice:
    """A choice of a matcher as it comes."""
    return Choice(matcher, ticked, matcher.value if matcher.op in ("=", "!=") else None)


def choices(suggested: Sequence[Matcher], everything: Sequence[Matcher]) -> Choices:
    """The suggested ones ticked, the rest of what the alerts say unticked below them."""
    names = {matcher.name for matcher in suggested}
    rest = [made(matcher, ticked=False) for matcher in everything if matcher.name not in names]
    return Choices([*(made(matcher) for matcher in suggested), *rest])


def escaped(value: str) -> str:
    """A regular expression (RE2) that matches exactly this value."""
    return "".join(f"\\{char}" if char in _SPECIAL else char for char in value)
