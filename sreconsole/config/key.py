"""Keys of a block: what they are called, hold and default to; and the values of a block while it is built."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from sreconsole.config.kinds import Kind
from sreconsole.config.reader import BAD, Bad, Place, Reader

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Key(Generic[T_co]):
    """One key of a block: its name, what it may hold, what it is for, and what holds when it is absent."""

    __slots__ = ("about", "default", "kind", "name", "required")

    def __init__(self, name: str, kind: Kind[Any], about: str, default: T_co | None, required: bool) -> None:
        self.name = name
        self.kind = kind
        self.about = about
        self.default = default
        self.required = required


def required(name: str, kind: Kind[T], about: str) -> Key[T]:
    """A key that must be there."""
    return Key(name, kind, about, None, True)


def optional(name: str, kind: Kind[T], about: str) -> Key[T | None]:
    """A key that may be absent: None then."""
    return Key(name, kind, about, None, False)


def defaulted(name: str, kind: Kind[T], about: str, default: T) -> Key[T]:
    """A key with a default."""
    return Key(name, kind, about, default, False)


class Fields:
    """The values of one block as it is built: `fields[KEY]` is typed as the key is."""

    __slots__ = ("_lines", "_meant", "_values", "line", "place", "reader")

    def __init__(
        self,
        line: int,
        place: Place,
        reader: Reader,
        values: dict[str, Any],
        lines: dict[str, int],
        meant: Sequence[Sequence[str]] = (),
    ) -> None:
        self.line = line
        """Where the block stands."""
        self.place = place
        self.reader = reader
        self._values = values
        self._lines = lines
        self._meant = meant

    def __getitem__(self, key: Key[T]) -> T:
        found: Any = self._values.get(key.name, key.default)
        value: T = found
        return value

    def __contains__(self, key: Key[Any]) -> bool:
        """Whether the key is there and its value is good."""
        return key.name in self._values

    def written(self, key: Key[Any]) -> bool:
        """Whether the key is there, good or not, or an unknown key may be meant to be it."""
        return key.name in self._lines or any(not names or key.name in names for names in self._meant)

    @property
    def name(self) -> str:
        """The name the block has in the map around it."""
        return str(self.place.name)

    def problem(self, key: Key[Any], what: str) -> Bad:
        """Report a mistake at a key (or at the block, when the key is absent)."""
        self.reader.problem(self._lines.get(key.name, self.line), self.place / key.name, what)
        return BAD

    def warning(self, key: Key[Any], what: str) -> None:
        """Report something that is probably not meant."""
        self.reader.warning(self._lines.get(key.name, self.line), self.place / key.name, what)
