"""Kinds of values a key can have. Each reads a node into a trusted value and says itself as JSON Schema.

One description for both uses, so that `check` and `schema` cannot drift. A schema sees what an editor sees: texts
before the environment is put in (so a text with `${` is always allowed) and numbers as YAML types them.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Generic, Protocol, TypeVar

from sreconsole.config.reader import BAD, Bad, Place, Reader, nearest, quoted
from sreconsole.config.yaml_tree import Node
from sreconsole.domain.cleaning import clean
from sreconsole.patterns import pattern as compiled

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Schema = dict[str, Any]

SCALARS = ("string", "number", "boolean")
ENV_SCHEMA: Schema = {"type": "string", "pattern": r"\$\{"}
NUMBER = r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?"
_NUMBER = compiled(NUMBER)
_OTHER_WORDS = {"yes": "true", "on": "true", "1": "true", "no": "false", "off": "false", "0": "false"}
TRUE, FALSE = ("true", "True", "TRUE"), ("false", "False", "FALSE")


class Kind(Protocol[T_co]):
    """What a value may be."""

    def read(self, node: Node, place: Place, reader: Reader) -> T_co | Bad:
        """The value, or BAD after reporting what is wrong."""
        ...

    def schema(self, defs: dict[str, Schema]) -> Schema:
        """The same as JSON Schema; shared parts are put into `defs`."""
        ...


class Parsed(Generic[T]):
    """A text that `parse` turns into a value, raising ValueError with a sentence when it is not one.

    `pattern` is checked before, in full; it is what the schema shows. `types`: how YAML may type what is written
    (a pattern tells a schema nothing of numbers).
    """

    def __init__(
        self,
        expects: str,
        parse: Callable[[str], T],
        pattern: str | None = None,
        types: tuple[str, ...] = (),
        schema: Schema | None = None,
    ) -> None:
        self.expects = expects
        self.parse = parse
        self.pattern = compiled(pattern) if pattern else None
        self.types = types or (("string",) if pattern else SCALARS)
        self.given_schema = schema

    def read(self, node: Node, place: Place, reader: Reader) -> T | Bad:
        """The parsed value."""
        text = reader.text(node, place, self.expects)
        if text is BAD:
            return BAD
        text = text.strip()
        if not text:
            reader.problem(node.line, place, f"is empty; expected {self.expects}")
            return BAD
        if self.pattern is not None and not self.pattern.fullmatch(text):
            reader.problem(node.line, place, f"{quoted(node)} is not {self.expects}")
            return BAD
        try:
            return self.parse(text)
        except ValueError as error:
            # Where the environment was put in, the parser's words could show its value.
            from_env = text != getattr(node, "text", "").strip()
            what = f"{quoted(node)} does not give {self.expects}" if from_env else str(error)
            reader.problem(node.line, place, what)
            return BAD

    def schema(self, defs: dict[str, Schema]) -> Schema:
        """A string with the pattern, or what was given."""
        if self.given_schema is not None:
            return {"anyOf": [self.given_schema, ENV_SCHEMA]}
        types: Schema = {"type": list(self.types) if len(self.types) > 1 else self.types[0]}
        if self.pattern is None:
            return {**types, "pattern": r"\S"}
        return {"anyOf": [{**types, "pattern": rf"^\s*(?:{self.pattern.pattern})\s*$"}, ENV_SCHEMA]}


class Text:
    """Any text that can be shown: no control, hidden or reordering characters."""

    def __init__(self, expects: str = "a text", *, empty: bool = False, raw: bool = False) -> None:
        self.expects = expects
        self.empty = empty
        self.raw = raw
        """Never shown as a label (PEM blocks, header values): control characters are the business of its reader."""

    def read(self, node: Node, place: Place, reader: Reader) -> str | Bad:
        """The text without line breaks at its end."""
        text = reader.text(node, place, self.expects)
        if text is BAD:
            return BAD
        text = text.rstrip("\r\n")
        if not text.strip() and not self.empty:
            reader.problem(node.line, place, f"is empty; expected {self.expects}")
            return BAD
        if not self.raw and clean(text, len(text) + 1) != text:
            reader.problem(node.line, place, f"{quoted(node)} holds characters that cannot be shown")
            return BAD
        return text

    def schema(self, defs: dict[str, Schema]) -> Schema:
        """Texts, and what YAML types as something else."""
        schema: Schema = {"type": list(SCALARS)}
        return schema if self.empty else {**schema, "pattern": r"\S"}


class Choice(Generic[T]):
    """One of a few words, each with the value it stands for."""

    def __init__(self, values: dict[str, T], schema: Schema | None = None) -> None:
        self.values = values
        self.given_schema = schema

    @property
    def expects(self) -> str:
        """The words, for messages."""
        words = list(self.values)
        return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"

    def read(self, node: Node, place: Place, reader: Reader) -> T | Bad:
        """The value of the word."""
        text = reader.text(node, place, self.expects)
        if text is BAD:
            return BAD
        text = text.strip()
        if text in self.values:
            return self.values[text]
        what = f"{quoted(node)} is not one of {self.expects}" if len(self.values) > 1 else f"{quoted(node)}"
        near = nearest(text, self.values) if len(self.values) > 1 else f" is not {self.expects}"
        reader.problem(node.line, place, what + near)
        return BAD

    def schema(self, defs: dict[str, Schema]) -> Schema:
        """An enumeration."""
        return {"anyOf": [self.given_schema or {"enum": list(self.values)}, ENV_SCHEMA]}


def words(*words: str) -> Choice[Any]:
    """A choice whose words are their own values (typed as a Literal where the model wants one)."""
    return Choice({word: word for word in words})


class Flag:
    """true or false."""

    def read(self, node: Node, place: Place, reader: Reader) -> bool | Bad:
        """The truth value."""
        text = reader.text(node, place, "true or false")
        if text is BAD:
            return BAD
        if text in TRUE or text in FALSE:
            return text in TRUE
        word = _OTHER_WORDS.get(text.lower())
        near = f" (did you mean {word})" if word else nearest(text, ("true", "false"))
        reader.problem(node.line, place, f"{quoted(node)} is not true or false{near}")
        return BAD

    def schema(self, defs: dict[str, Schema]) -> Schema:
        """A boolean, or its words in quotes."""
        return {"anyOf": [{"type": "boolean"}, {"enum": [*TRUE, *FALSE]}, ENV_SCHEMA]}


class Number(Generic[T]):
    """A number within limits, made by `make` (int, float or an exact Decimal)."""

    def __init__(
        self,
        expects: str,
        make: Callable[[Decimal], T],
        *,
        above: int | None = None,
        least: int | None = None,
        below: int | None = None,
        most: int | None = None,
        whole: bool = False,
    ) -> None:
        self.expects = expects
        self.make = make
        self.limits = {"exclusiveMinimum": above, "minimum": least, "exclusiveMaximum": below, "maximum": most}
        self.whole = whole

    def read(self, node: Node, place: Place, reader: Reader) -> T | Bad:
        """The number."""
        text = reader.text(node, place, self.expects)
        if text is BAD:
            return BAD
        number = Decimal(text.strip()) if _NUMBER.fullmatch(text.strip()) else None
        if number is None or not self._fits(number):
            reader.problem(node.line, place, f"{quoted(node)} is not {self.expects}")
            return BAD
        return self.make(number)

    def _fits(self, number: Decimal) -> bool:
        above, least, below, most = self.limits.values()
        return (
            not (self.whole and number != number.to_integral_value())
            and (above is None or number > above)
            and (least is None or number >= least)
            and (below is None or number < below)
            and (most is None or number <= most)
        )

    def schema(self, defs: dict[str, Schema]) -> Schema:
        """A number with its limits; in quotes only its spelling is seen."""
        limits = {name: limit for name, limit in self.limits.items() if limit is not None}
        kind = "integer" if self.whole else "number"
        return {"anyOf": [{"type": kind, **limits}, {"type": "string", "pattern": rf"^\s*{NUMBER}\s*$"}, ENV_SCHEMA]}


class OneOf(Generic[T]):
    """One kind for a plain text, another for a mapping."""

    def __init__(self, text: Kind[T], mapping: Kind[T]) -> None:
        self.text = text
        self.mapping = mapping

    def read(self, node: Node, place: Place, reader: Reader) -> T | Bad:
        """What the fitting kind reads."""
        from sreconsole.config.yaml_tree import Mapping

        return (self.mapping if isinstance(node, Mapping) else self.text).read(node, place, reader)

    def schema(self, defs: dict[str, Schema]) -> Schema:
        """Either."""
        return {"anyOf": [self.text.schema(defs), self.mapping.schema(defs)]}
