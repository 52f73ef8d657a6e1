"""Which rows a panel shows, in which order, and where the cursor is. No drawing.

The cursor belongs to a thing, not to a line: it survives refresh, reordering and filter changes. Until a person has
touched it, it stands on the first row, the worst: Enter must open what burns. While a person moves it, rows keep their
places; what changed meanwhile falls into order once the hands rest.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterable, Mapping
from typing import Any, ClassVar, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
Rank = tuple[Any, ...]
HOLD_SECONDS = 3.0
"""How long after a move of the cursor rows keep their places."""
_FEW = 8
"""Up to one in so many rows is put into its new place by itself; of more the whole order is made anew."""


class Rows(Generic[K, V]):
    """The rows of one panel; subclasses say how their items are ranked, filtered and which of them are faults."""

    ORDERS: ClassVar[tuple[str, ...]] = ("worst",)
    """What key `o` goes through; the first is where it starts."""

    def __init__(self) -> None:
        self.items: dict[K, V] = {}
        self.order = self.ORDERS[0]
        self.faults = False
        self.needle = ""
        self.keys: list[K] = []
        """What is shown, in order."""
        self.cursor: K | None = None
        self.touched = False
        """Whether a person has moved the cursor since it was last at rest at the top."""
        self._line = 0
        """Where the cursor is in `keys`."""
        self._sorted: list[K] = []
        """Every key by its rank."""
        self._ranks: dict[K, Rank] = {}
        self._held_until = 0.0

    def rank(self, item: V) -> Rank:
        """The place of an item in the present order."""
        raise NotImplementedError

    def is_fault(self, item: V) -> bool:
        """Whether the item is one of those that key `f` leaves."""
        raise NotImplementedError

    def searched(self, item: V) -> str:
        """The lower-case text that the filter looks into."""
        raise NotImplementedError

    def replaced(self, old: V | None, new: V | None) -> None:
        """An item took the place of another, came (`old` is None) or went (`new` is None)."""

    def replace(self, items: Mapping[K, V], now: float) -> set[K]:
        """Take what there is now; returns the keys whose item is another object than before."""
        if self.items.keys() == items.keys():
            changed = {key: item for key, item in items.items() if self.items[key] is not item}
            self.update(changed, now)
            return set(changed)
        old, self.items = self.items, dict(items)
        news = {key for key, item in self.items.items() if old.get(key) is not item}
        for key in old.keys() - self.items.keys():
            del self._ranks[key]
            self.replaced(old[key], None)
        for key in news:
            self.replaced(old.get(key), self.items[key])
            self._ranks[key] = self.rank(self.items[key])
        self._sorted = [*self.items]
        self._sort()
        self._arrange(now)
        return news

    def update(self, changed: Mapping[K, V], now: float) -> None:
        """Take items in the places of those with the same keys: the work grows with what changed."""
        moved: dict[K, Rank] = {}
        for key, item in changed.items():
            self.replaced(self.items[key], item)
            self.items[key] = item
            rank = self.rank(item)
            if self._ranks[key] != rank:
                moved[key] = rank
        if len(moved) * _FEW > len(self._sorted):
            self._ranks.update(moved)
            self._sort()
        else:
            for key, rank in moved.items():
                self._move(key, rank)
        if moved or (changed and (self.faults or self.needle)):
            self._arrange(now)

    def settle(self, now: float) -> bool:
        """Put held rows into their order once the hold is over; whether anything moved."""
        before = self.keys
        self._arrange(now)
        return before != self.keys

    def held(self, now: float) -> float:
        """Seconds for which rows still keep their places; 0 when they do not."""
        return max(0.0, self._held_until - now)

    def choose(self, *, needle: str | None = None, faults: bool | None = None) -> None:
        """Change what is shown; the cursor goes to the nearest row that is left."""
        self.needle = self.needle if needle is None else needle
        self.faults = self.faults if faults is None else faults
        self._held_until = 0.0
        self._arrange(0.0)

    def next_order(self) -> str:
        """Go to the next order; returns its name."""
        self.order = self.ORDERS[(self.ORDERS.index(self.order) + 1) % len(self.ORDERS)]
        self._ranks = {key: self.rank(item) for key, item in self.items.items()}
        self._sort()
        self._held_until = 0.0
        self._arrange(0.0)
        return self.order

    @property
    def line(self) -> int:
        """The cursor's line; 0 when there is no row."""
        return self._line

    @property
    def current(self) -> V | None:
        """The item under the cursor."""
        return None if self.cursor is None else self.items.get(self.cursor)

    def move_to(self, line: int, now: float) -> None:
        """Put the cursor on a line (bounded); rows keep their places for a while."""
        if not self.keys:
            return
        line = min(max(line, 0), len(self.keys) - 1)
        self.cursor, self._line = self.keys[line], line
        self.touched = line > 0
        self._held_until = now + HOLD_SECONDS

    def seek(self, step: int, now: float) -> bool:
        """Go to the next (+1) or previous (-1) match of the filter, without one to the next fault; round the end."""
        matches = [line for line, key in enumerate(self.keys) if self.needle or self.is_fault(self.items[key])]
        if not matches:
            return False
        after = [line for line in matches if (line - self.line) * step > 0]
        pool = after or matches
        self.move_to(pool[0] if step > 0 else pool[-1], now)
        return True

    def hold(self) -> None:
        """The person has looked at the row under the cursor: the cursor is its own now, wherever the row goes."""
        self.touched = True

    def rest(self) -> None:
        """The person has let go: the cursor may return to the top when its row leaves the screen."""
        self.touched = False

    def to_top(self) -> None:
        """Put an untouched cursor back on the first row."""
        self.cursor, self._line = (self.keys[0] if self.keys else None), 0

    def _sort(self) -> None:
        """Make the order anew: of what is nearly in order that is quick."""
        self._sorted.sort(key=self._ranks.__getitem__)

    def _move(self, key: K, rank: Rank) -> None:
        """Put one row into its new place."""
        place = bisect_left(self._sorted, self._ranks[key], key=self._ranks.__getitem__)
        del self._sorted[self._sorted.index(key, place)]
        self._ranks[key] = rank
        self._sorted.insert(bisect_left(self._sorted, rank, key=self._ranks.__getitem__), key)

    def _arrange(self, now: float) -> None:
        keys = list(self._wanted())
        if now < self._held_until:
            kept = [key for key in self.keys if key in self.items]  # what no longer matches stays until the hold ends
            known = set(kept)
            keys = kept + [key for key in keys if key not in known]
        self.keys = keys
        if self._line == 0 and not self.touched:
            self.to_top()
            return
        try:
            self._line = keys.index(self.cursor)  # type: ignore[arg-type] # None is in no list of keys
        except ValueError:
            self._line = min(self._line, max(0, len(keys) - 1))
            self.cursor = keys[self._line] if keys else None

    def _wanted(self) -> Iterable[K]:
        if not self.faults and not self.needle:
            return self._sorted
        words = self.needle.lower().split()
        return (key for key in self._sorted if self._passes(self.items[key], words))

    def _passes(self, item: V, words: list[str]) -> bool:
        return not (self.faults and not self.is_fault(item)) and (not words or matches(self.searched(item), words))


def matches(text: str, words: Iterable[str]) -> bool:
    """Whether all words stand in the text (both lower case); a word after `!` must not."""
    return all((word[1:] not in text if word[1:] else True) if word[:1] == "!" else word in text for word in words)
