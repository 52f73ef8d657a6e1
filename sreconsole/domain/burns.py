"""Burn rates of consecutive buckets, packed: a thousand trends of sixty floats each would be two megabytes of objects,
made anew every minute."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import overload


class Burns(Sequence[float | None]):
    """As a tuple of burn rates, None where there is none; never changes."""

    __slots__ = ("_packed",)

    def __init__(self, burns: Iterable[float | None]) -> None:
        self._packed = array("d", [math.nan if burn is None else burn for burn in burns])

    def __len__(self) -> int:
        return len(self._packed)

    def __iter__(self) -> Iterator[float | None]:
        return iter([None if burn != burn else burn for burn in self._packed])

    @overload
    def __getitem__(self, place: int) -> float | None: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[float | None, ...]: ...
    def __getitem__(self, place: int | slice) -> float | tuple[float | None, ...] | None:
        if isinstance(place, slice):
            return tuple(None if burn != burn else burn for burn in self._packed[place])
        burn = self._packed[place]
        return None if burn != burn else burn

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Burns):
            return self._packed.tobytes() == other._packed.tobytes()  # gaps are equal to gaps
        return tuple(self) == other if isinstance(other, tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"Burns({list(self)})"
