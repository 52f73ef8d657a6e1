"""Lists, and maps whose names the user chooses."""

from __future__ import annotations

from typing import Generic, TypeVar

from sreconsole.config.kinds import ENV_SCHEMA, Kind, Schema
from sreconsole.config.reader import BAD, Bad, Place, Reader
from sreconsole.config.yaml_tree import Node, Scalar

T = TypeVar("T")


class ListOf(Generic[T]):
    """A list of one kind."""

    def __init__(self, kind: Kind[T], *, least: int = 0) -> None:
        self.kind = kind
        self.least = least

    def read(self, node: Node, place: Place, reader: Reader) -> tuple[T, ...] | Bad:
        """The values in order."""
        sequence = reader.sequence(node, place)
        if sequence is BAD:
            return BAD
        if len(sequence.items) < self.least:
            reader.problem(node.line, place, f"needs at least {self.least}")
            return BAD
        values: list[T] = []
        for index, item in enumerate(sequence.items):
            value = self.kind.read(item, place / index, reader)
            if value is not BAD:
                values.append(value)
        return tuple(values) if len(values) == len(sequence.items) else BAD

    def schema(self, defs: dict[str, Schema]) -> Schema:
        """An array."""
        schema: Schema = {"type": "array", "items": self.kind.schema(defs)}
        return {**schema, "minItems": self.least} if self.least else schema


class MapOf(Generic[T]):
    """A mapping from names that the user chooses to values of one kind."""

    def __init__(self, kind: Kind[T], name: Kind[str], *, least: int = 0) -> None:
        self.kind = kind
        self.name = name
        self.least = least

    def read(self, node: Node, place: Place, reader: Reader) -> dict[str, T] | Bad:
        """The values by name, in the order written."""
        mapping = reader.mapping(node, place)
        if mapping is BAD:
            return BAD
        if len(mapping.items) < self.least:
            reader.problem(node.line, place, f"needs at least {self.least}")
            return BAD
        values: dict[str, T] = {}
        for written, (line, item) in mapping.items.items():
            at = Place(place, written)
            name = self.name.read(_name(line, written), at, reader)
            value = self.kind.read(item, at, reader)
            if name is not BAD and name in values:
                reader.problem(line, at, "the same as another key here, spelt differently")
            elif name is not BAD and value is not BAD:
                values[name] = value
        return values if len(values) == len(mapping.items) else BAD

    def schema(self, defs: dict[str, Schema]) -> Schema:
        """An object whose names have the pattern of the name."""
        names = self.name.schema(defs)
        if ENV_SCHEMA in names.get("anyOf", ()):  # keys take nothing from the environment
            names = {"anyOf": [each for each in names["anyOf"] if each != ENV_SCHEMA]}
        schema: Schema = {"type": "object", "additionalProperties": self.kind.schema(defs), "propertyNames": names}
        return {**schema, "minProperties": self.least} if self.least else schema


def _name(line: int, text: str) -> Node:
    """A key as the scalar it is, for the kind that checks names. Keys take nothing from the environment."""
    return Scalar(line, text.replace("$", "$$"), False)
