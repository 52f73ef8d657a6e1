"""YAML text as a tree of nodes that know their lines; every scalar stays the text that was written.

The tree is built from PyYAML's parser events (the C parser where it is there), never by constructing Python objects:
YAML would turn `17:00` into 1020 and `1.10` into 1.1. Anchors, aliases and merge keys (`<<`) work; what they may
expand to is capped, as is the depth, so a hostile file ends in one line and not in the machine's memory.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from sreconsole.config.yaml_alone import yaml
from sreconsole.domain.cleaning import clean
from sreconsole.errors import ConfigError, Problem

MAX_BYTES: Final = 8 << 20
MAX_DEPTH: Final = 40
MAX_EXPANDED: Final = 200_000
"""Values that aliases may add to what is written out."""

_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_STANDARD_TAGS = ("tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq", "!")
_PARSER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class Node:
    """Something in the file; `line` is 1-based. A block's line is that of the key it belongs to."""

    __slots__ = ("line",)
    word: str = "nothing"
    """What it is, for messages."""

    def __init__(self, line: int) -> None:
        self.line = line


class Scalar(Node):
    """A text; `empty` when it is YAML's null (nothing, `~` or `null` without quotes)."""

    __slots__ = ("empty", "text")
    word = "a text"

    def __init__(self, line: int, text: str, empty: bool) -> None:
        self.line = line
        self.text = text
        self.empty = empty


class Mapping(Node):
    """Keys in the order written, each with the line it stands on and its value."""

    __slots__ = ("items",)
    word = "a mapping (keys with values)"

    def __init__(self, line: int) -> None:
        self.line = line
        self.items: dict[str, tuple[int, Node]] = {}


class Sequence(Node):
    """A list."""

    __slots__ = ("items",)
    word = "a list"

    def __init__(self, line: int) -> None:
        self.line = line
        self.items: list[Node] = []


class _Refused(Exception):
    """Parsing stops here: the file cannot be read any further."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line
        self.what = what


def parse_tree(data: bytes, file: str) -> tuple[Mapping, list[Problem]]:
    """The root mapping and the duplicate keys found. Raises ConfigError when there is no tree to read."""
    text = ""
    try:
        text = _decode(data)
        tree = _Tree(file)
        root = tree.build(text)
    except _Refused as refusal:
        raise ConfigError([Problem(file, refusal.line, "", clean(refusal.what))]) from None
    except yaml.YAMLError as error:
        raise ConfigError([Problem(file, _line(error, text), "", f"not YAML: {_words(error)}")]) from None
    if not isinstance(root, Mapping):
        raise ConfigError(
            [Problem(file, root.line, "", f"expected keys with values, as `version: 1`, not {root.word}")]
        )
    return root, tree.problems


def _decode(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise _Refused(1, f"the file has more than {MAX_BYTES >> 20} MB; a fleet says the same in a few lines")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _Refused(line, f"not UTF-8: byte 0x{data[error.start]:02x}; save the file as UTF-8") from None
    if not text.strip():
        raise _Refused(1, "the file is empty; config.example.yaml shows every key")
    return text


def _line(error: yaml.YAMLError, text: str) -> int:
    """Where the mistake is: what is not closed is reported where it was opened."""
    if isinstance(error, yaml.MarkedYAMLError):
        opened = error.context_mark if re.search("flow|quoted", error.context or "") else None
        mark = opened or error.problem_mark or error.context_mark
        return mark.line + 1 if mark else 1
    return text.count("\n", 0, getattr(error, "position", None) or 0) + 1


def _words(error: yaml.YAMLError) -> str:
    """What the parser says, without the lines it quotes (they could hold a secret)."""
    if isinstance(error, yaml.MarkedYAMLError):
        column = f" at column {error.problem_mark.column + 1}" if error.problem_mark else ""
        context = f" ({error.context})" if error.context else ""
        return clean(f"{error.problem or 'it cannot be parsed'}{column}{context}", 200)
    return clean(str(getattr(error, "reason", None) or "it cannot be parsed"), 200)


class _Frame:
    """An open mapping or list: the key that waits for its value, the values it has counting what aliases add."""

    __slots__ = ("anchor", "key", "key_line", "merges", "node", "weight")

    def __init__(self, node: Mapping | Sequence, anchor: str | None) -> None:
        self.node = node
        self.anchor = anchor
        self.key: str | None = None
        self.key_line = 0
        self.weight = 1
        self.merges: list[Mapping] = []


class _Tree:
    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.stack: list[_Frame] = []
        self.anchors: dict[str, tuple[Node, int] | None] = {}
        self.added = 0
        self.root: Node | None = None

    def build(self, text: str) -> Node:
        parser = _PARSER(text)
        try:
            self.take_all(parser.get_event)
        finally:
            parser.dispose()
        if self.root is None:
            raise _Refused(1, "the file has no keys; config.example.yaml shows every key")
        return self.root

    def take_all(self, next_event: Callable[[], Any]) -> None:
        """Take every event. (`yaml.parse` gives the same ones, at twice the price of the parser in C.)"""
        takers: dict[type, Callable[[Any], None]] = {
            yaml.ScalarEvent: self.scalar,
            yaml.MappingStartEvent: lambda event: self.open(event, True),
            yaml.SequenceStartEvent: lambda event: self.open(event, False),
            yaml.MappingEndEvent: self.close,
            yaml.SequenceEndEvent: self.close,
            yaml.AliasEvent: self.alias,
            yaml.DocumentStartEvent: self.begin,
        }
        while (event := next_event()) is not None:
            taker = takers.get(type(event))
            if taker is not None:
                taker(event)

    def begin(self, event: Any) -> None:
        if self.root is not None:
            raise _Refused(event.start_mark.line + 1, "a second document starts here; a config is one document")

    def scalar(self, event: Any) -> None:
        line = event.start_mark.line + 1
        text = event.value
        if event.tag is not None and event.tag not in _STANDARD_TAGS:
            raise _Refused(line, f"the tag {event.tag} is not supported; write the value without it")
        frame = self.stack[-1] if self.stack else None
        if frame is not None and frame.key is None and type(frame.node) is Mapping:
            self.key(frame, text, line)
            return
        node = Scalar(line, text, event.implicit[0] and text in _NULLS)
        if event.anchor is not None:
            self.anchors[event.anchor] = (node, 1)
        self.put(node, 1)

    def key(self, frame: _Frame, text: str, line: int) -> None:
        frame.key, frame.key_line = text, line
        first = frame.node.items.get(text) if isinstance(frame.node, Mapping) else None
        if first is not None and text != "<<":
            what = f"duplicate key, first on line {first[0]}"
            self.problems.append(Problem(self.file, line, clean(self.path()), what))

    def open(self, event: Any, mapping: bool) -> None:
        line = event.start_mark.line + 1
        if event.tag is not None and event.tag not in _STANDARD_TAGS:
            raise _Refused(line, f"the tag {event.tag} is not supported; write the value without it")
        if len(self.stack) >= MAX_DEPTH:
            raise _Refused(line, f"nested more than {MAX_DEPTH} levels deep")
        if self.stack and type(self.stack[-1].node) is Mapping:
            if self.stack[-1].key is None:
                raise _Refused(line, "a key must be a plain text; quote a value that starts with { or [")
            line = self.stack[-1].key_line
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        self.stack.append(_Frame(Mapping(line) if mapping else Sequence(line), event.anchor))

    def close(self, event: Any) -> None:
        frame = self.stack.pop()
        if isinstance(frame.node, Mapping):
            for base in frame.merges:
                for name, item in base.items.items():
                    frame.node.items.setdefault(name, item)
        if frame.anchor is not None:
            self.anchors[frame.anchor] = (frame.node, frame.weight)
        self.put(frame.node, frame.weight)

    def alias(self, event: Any) -> None:
        line = event.start_mark.line + 1
        name = event.anchor
        if name not in self.anchors:
            raise _Refused(line, f"the alias *{name} has no anchor &{name} before it")
        found = self.anchors[name]
        if found is None:
            raise _Refused(line, f"the alias *{name} stands inside what it names")
        node, weight = found
        self.added += weight
        if self.added > MAX_EXPANDED:
            raise _Refused(line, f"the aliases expand to more than {MAX_EXPANDED} values")
        frame = self.stack[-1] if self.stack else None
        if frame is not None and frame.key is None and type(frame.node) is Mapping:
            if not isinstance(node, Scalar):
                raise _Refused(line, f"a key must be a plain text; *{name} is {node.word}")
            self.key(frame, node.text, line)
            return
        self.put(node, weight)

    def put(self, node: Node, weight: int) -> None:
        """Give a finished value to what is open around it."""
        if not self.stack:
            self.root = node
            return
        frame = self.stack[-1]
        frame.weight += weight
        if type(frame.node) is Sequence:
            frame.node.items.append(node)
        elif isinstance(frame.node, Mapping) and frame.key is not None:
            if frame.key == "<<":
                self.merge(frame, node)
            else:
                frame.node.items.setdefault(frame.key, (frame.key_line, node))
            frame.key = None

    def merge(self, frame: _Frame, node: Node) -> None:
        bases = node.items if isinstance(node, Sequence) else [node]
        for base in bases:
            if not isinstance(base, Mapping):
                raise _Refused(frame.key_line, f"<< takes a mapping or a list of mappings, not {base.word}")
            frame.merges.append(base)

    def path(self) -> str:
        """The dotted key of the innermost open key."""
        parts: list[str] = []
        for frame in self.stack:
            if isinstance(frame.node, Sequence):
                parts.append(f"[{len(frame.node.items)}]")
            elif frame.key is not None:
                parts.append(f".{frame.key}" if parts else frame.key)
        return "".join(parts)
