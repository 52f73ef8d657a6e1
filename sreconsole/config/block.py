"""Blocks of a config: tables of keys, and maps and lists of blocks.

A `Block` is one table: its keys with their kinds, which of them exclude or need each other, and `build`, which makes
the value. The table reads the file, names the nearest key for an unknown one, and is the schema.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar, cast

from sreconsole.config.kinds import ENV_SCHEMA, Kind, Schema
from sreconsole.config.reader import BAD, Bad, Place, Reader, alike, nearest
from sreconsole.config.yaml_tree import Node
from sreconsole.domain.cleaning import clean

Missing = tuple[str, tuple[str, ...], str]
"""The key whose line tells it (or none), the names of which one would do, and why."""

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

    __slots__ = ("_lines", "_values", "line", "place", "reader")

    def __init__(self, line: int, place: Place, reader: Reader, values: dict[str, Any], lines: dict[str, int]) -> None:
        self.line = line
        """Where the block stands."""
        self.place = place
        self.reader = reader
        self._values = values
        self._lines = lines

    def __getitem__(self, key: Key[T]) -> T:
        return cast(T, self._values.get(key.name, key.default))

    def __contains__(self, key: Key[Any]) -> bool:
        """Whether the key is there and its value is good."""
        return key.name in self._values

    def written(self, key: Key[Any]) -> bool:
        """Whether the key is there, good or not."""
        return key.name in self._lines

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


class Block(Generic[T]):
    """A mapping with known keys.

    `one_of`: exactly one of each group. `at_most`: at most one of each group. `any_of`: at least one of each group.
    `needs`: a key and those of which one must be there with it. `relate` looks at how the values fit together and
    reports; it is called also when some keys are missing or bad.
    """

    def __init__(
        self,
        name: str,
        keys: tuple[Key[Any], ...],
        build: Callable[[Fields], T | Bad],
        *,
        one_of: tuple[tuple[str, ...], ...] = (),
        at_most: tuple[tuple[str, ...], ...] = (),
        any_of: tuple[tuple[str, ...], ...] = (),
        needs: Mapping[str, tuple[str, ...]] | None = None,
        relate: Callable[[Fields], None] | None = None,
    ) -> None:
        self.name = name
        self.keys = {key.name: key for key in keys}
        self.build = build
        self.at_least_one = one_of + any_of
        self.at_most_one = one_of + at_most
        self.needs = dict(needs or {})
        self.relate = relate

    def read(self, node: Node, place: Place, reader: Reader) -> T | Bad:
        """The built value; BAD when any key has a problem."""
        mapping = reader.mapping(node, place)
        if mapping is BAD:
            return BAD
        values: dict[str, Any] = {}
        lines: dict[str, int] = {}
        good = True
        items = mapping.items
        for name, key in self.keys.items():
            item = items.get(name)
            if item is None:
                continue
            lines[name] = item[0]
            value = key.kind.read(item[1], Place(place, name), reader)
            if value is BAD:
                good = False
            else:
                values[name] = value
        unknown = [name for name in items if name not in self.keys] if len(lines) < len(items) else []
        for name in unknown:
            reader.problem(items[name][0], place / name, f"unknown key{self._instead(name)}")
        complete = self._complete(lines, unknown, node.line, place, reader)
        fields = Fields(node.line, place, reader, values, lines)
        if self.relate is not None:
            before = len(reader.problems)
            self.relate(fields)
            good = good and not any(not problem.warning for problem in reader.problems[before:])
        return self.build(fields) if complete and good and not unknown else BAD

    def _instead(self, name: str) -> str:
        near = nearest(name, self.keys)
        return near or f"; known here: {', '.join(self.keys)}"

    def _complete(self, lines: dict[str, int], unknown: list[str], line: int, place: Place, reader: Reader) -> bool:
        """Report keys that exclude each other, and missing ones that no unknown key was meant to be."""
        good = True
        for group in self.at_most_one:
            there = sorted((name for name in group if name in lines), key=lines.__getitem__)
            if len(there) > 1:
                good = False
                what = f"give one of {' and '.join(there)}, not both" if len(there) == 2 else "give only one of these"
                reader.problem(lines[there[-1]], place / there[-1], what)
        missing = self._missing(lines)
        for at, names, why in self._unmeant(missing, unknown):
            what = f"missing{why}" if len(names) == 1 else f"missing: one of {', '.join(names)}{why}"
            reader.problem(lines.get(at, line), place / names[0], what)
        return good and not missing

    def _unmeant(self, missing: list[Missing], unknown: list[str]) -> list[Missing]:
        """What stays missing when every unknown key is read as the one it resembles, or as any one if it is garbled."""
        meant = [alike(name, self.keys) for name in unknown] if missing else []
        resembled = {name for names in meant for name in names}
        rest = [each for each in missing if not resembled.intersection(each[1])]
        return rest[sum(not names for names in meant) :]

    def _missing(self, lines: dict[str, int]) -> list[Missing]:
        """What is not there."""
        out: list[Missing] = []
        for name, key in self.keys.items():
            if key.required and name not in lines:
                out.append(("", (name,), ""))
        for name, others in self.needs.items():
            if name in lines and not any(other in lines for other in others):
                out.append((name, others, f": {name} needs {'it' if len(others) == 1 else 'one'}"))
        for group in self.at_least_one:
            if not out and not any(name in lines for name in group):
                out.append(("", group, ""))
        return out

    def schema(self, defs: dict[str, Schema]) -> Schema:
        """A reference to the block among the definitions."""
        if self.name not in defs:
            defs[self.name] = {}
            defs[self.name] = self._schema(defs)
        return {"$ref": f"#/$defs/{self.name}"}

    def _schema(self, defs: dict[str, Schema]) -> Schema:
        schema: Schema = {"type": "object", "additionalProperties": False}
        schema["properties"] = {
            name: {**key.kind.schema(defs), "description": key.about} for name, key in self.keys.items()
        }
        needed = [name for name, key in self.keys.items() if key.required]
        if needed:
            schema["required"] = needed
        rules: list[Schema] = [{"anyOf": [{"required": [name]} for name in group]} for group in self.at_least_one]
        for group in self.at_most_one:
            pairs = [(one, other) for index, one in enumerate(group) for other in group[index + 1 :]]
            rules += [{"not": {"required": [one, other]}} for one, other in pairs]
        if rules:
            schema["allOf"] = rules
        if self.needs:
            schema["dependentSchemas"] = {
                name: {"anyOf": [{"required": [other]} for other in others]} for name, others in self.needs.items()
            }
        return schema


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
            name = self.name.read(name_node(line, written), at, reader)
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


class Tagged(Generic[T]):
    """A block whose `tag` key chooses its table."""

    def __init__(self, tag: str, blocks: Mapping[str, Block[Any]], about: str) -> None:
        self.tag = tag
        self.blocks = blocks
        self.about = about

    def read(self, node: Node, place: Place, reader: Reader) -> T | Bad:
        """What the table of the tag reads."""
        mapping = reader.mapping(node, place)
        if mapping is BAD:
            return BAD
        item = mapping.items.get(self.tag)
        if item is None:
            self._untagged(mapping.items, node.line, place, reader)
            return BAD
        chosen = reader.text(item[1], place / self.tag, f"one of {', '.join(self.blocks)}")
        if chosen is BAD:
            return BAD
        block = self.blocks.get(chosen)
        if block is None:
            near = nearest(chosen, self.blocks) or f"; known: {', '.join(self.blocks)}"
            reader.problem(item[0], place / self.tag, f"unknown {self.tag} {clean(chosen, 60)!r}{near}")
            return BAD
        return cast("T | Bad", block.read(node, place, reader))

    def _untagged(self, items: Mapping[str, tuple[int, Node]], line: int, place: Place, reader: Reader) -> None:
        misspelt = next((name for name in items if nearest(name, (self.tag,))), None)
        if misspelt is not None:
            reader.problem(items[misspelt][0], place / misspelt, f"unknown key (did you mean {self.tag})")
        else:
            reader.problem(line, place / self.tag, f"missing: one of {', '.join(self.blocks)}")

    def schema(self, defs: dict[str, Schema]) -> Schema:
        """The tag's enumeration, and for each of its words the table that holds then."""
        cases = [
            {
                "if": {"properties": {self.tag: {"const": word}}, "required": [self.tag]},
                "then": block.schema(defs),
            }
            for word, block in self.blocks.items()
        ]
        tag: Schema = {"enum": list(self.blocks), "description": self.about}
        return {"type": "object", "required": [self.tag], "properties": {self.tag: tag}, "allOf": cases}


def name_node(line: int, text: str) -> Node:
    """A key as the scalar it is, for the kind that checks names. Keys take nothing from the environment."""
    from sreconsole.config.yaml_tree import Scalar

    return Scalar(line, text.replace("$", "$$"), False)
