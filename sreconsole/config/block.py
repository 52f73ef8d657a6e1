"""Blocks of a config: a `Block` is one table, with which of its keys exclude or need each other.

The table reads the file, names the nearest key for an unknown one, and is the schema.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar, cast

from sreconsole.config.key import Fields, Key
from sreconsole.config.kinds import Schema
from sreconsole.config.reader import BAD, Bad, Place, Reader, alike, nearest
from sreconsole.config.yaml_tree import Node
from sreconsole.domain.cleaning import clean

Missing = tuple[str, tuple[str, ...], str]
"""The key whose line tells it (or none), the names of which one would do, and why."""

T = TypeVar("T")


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
        self._fine: dict[tuple[str, ...], tuple[Key[Any], ...]] = {}
        """Keys written together that go together, as they were written, and in the order they are read: a block of
        the same shape as one before need not be looked at again."""

    def read(self, node: Node, place: Place, reader: Reader) -> T | Bad:
        """The built value; BAD when any key has a problem."""
        mapping = reader.mapping(node, place)
        if mapping is BAD:
            return BAD
        values: dict[str, Any] = {}
        lines: dict[str, int] = {}
        good = True
        items = mapping.items
        written = tuple(items)
        fine = self._fine.get(written)
        there = fine or tuple(key for key in self.keys.values() if key.name in items)
        for key in there:
            name = key.name
            lines[name], below = items[name]
            value = key.kind.read(below, Place(place, name), reader)
            if value is BAD:
                good = False
            else:
                values[name] = value
        unknown = [name for name in items if name not in self.keys] if len(lines) < len(items) else []
        for name in unknown:
            reader.problem(items[name][0], place / name, f"unknown key{self._instead(name)}")
        meant = [alike(name, self.keys) for name in unknown]
        complete = fine is not None or self._complete(lines, meant, node.line, place, reader)
        if complete and not unknown:
            self._fine[written] = there
        fields = Fields(node.line, place, reader, values, lines, meant)
        if self.relate is not None:
            before = len(reader.problems)
            self.relate(fields)
            good = good and not any(not problem.warning for problem in reader.problems[before:])
        return self.build(fields) if complete and good and not unknown else BAD

    def _instead(self, name: str) -> str:
        near = nearest(name, self.keys)
        return near or f"; known here: {', '.join(self.keys)}"

    def _complete(self, lines: dict[str, int], meant: list[list[str]], line: int, place: Place, reader: Reader) -> bool:
        """Report keys that exclude each other, and missing ones that no unknown key was meant to be."""
        good = True
        for group in self.at_most_one:
            there = sorted((name for name in group if name in lines), key=lines.__getitem__)
            if len(there) > 1:
                good = False
                what = f"give one of {' and '.join(there)}, not both" if len(there) == 2 else "give only one of these"
                reader.problem(lines[there[-1]], place / there[-1], what)
        missing = self._missing(lines)
        for at, names, why in self._unmeant(missing, meant):
            what = f"missing{why}" if len(names) == 1 else f"missing: one of {', '.join(names)}{why}"
            reader.problem(lines.get(at, line), place / names[0], what)
        return good and not missing

    def _unmeant(self, missing: list[Missing], meant: list[list[str]]) -> list[Missing]:
        """What stays missing when every unknown key is read as the one it resembles, or as any one if it is garbled."""
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
        related = any(at for at, _, _ in out)
        for group in self.at_least_one:
            if not related and not any(name in lines for name in group):
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
