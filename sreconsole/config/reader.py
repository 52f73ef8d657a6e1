"""What reading one config file has at hand: the environment, the base directory, and the list of problems so far.

Kinds of values (`kinds`, `block`) take a node and a place, and either return a value or report a problem here and
return BAD. Reading goes on after a problem, so that all of them are told at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from pathlib import Path
from typing import Final

from sreconsole.config import yaml_tree
from sreconsole.config.env import substitute
from sreconsole.config.yaml_tree import Node, Scalar
from sreconsole.domain.burn import WindowPair
from sreconsole.domain.cleaning import clean
from sreconsole.errors import Problem


class Bad(Enum):
    """The type of BAD."""

    BAD = "bad"


BAD: Final = Bad.BAD
"""Stands for a value that could not be read; its problem has been reported."""


class Place:
    """Where a value stands: a chain of names from the root, `str` gives the dotted key."""

    __slots__ = ("name", "parent")

    def __init__(self, parent: Place | None, name: str | int) -> None:
        self.parent = parent
        self.name = name

    def __truediv__(self, name: str | int) -> Place:
        return Place(self, name)

    def __str__(self) -> str:
        before = str(self.parent) if self.parent is not None else ""
        if isinstance(self.name, int):
            return f"{before}[{self.name}]"
        return f"{before}.{self.name}" if before else self.name


ROOT: Final = Place(None, "")


class Reader:
    """One reading of one file."""

    def __init__(self, path: Path, env: Mapping[str, str], private: bool) -> None:
        self.path = path
        self.file = clean(str(path))
        self.base = path.absolute().parent
        self.env = env
        self.private = private
        """Whether only the user (or root) can read the file, so that it may hold secrets."""
        self.problems: list[Problem] = []
        self.source_kinds: dict[str, str | None] = {}
        """Name to kind of every declared source, also of those with mistakes; None: the kind is one of them."""
        self.zone = "UTC"
        self.alert_windows: Mapping[str, tuple[WindowPair, ...]] = {}
        """The top-level `alert_windows`, read before the SLOs."""

    def problem(self, line: int, place: Place, what: str) -> None:
        """Report a mistake."""
        self.problems.append(Problem(self.file, line, clean(str(place)), clean(what)))

    def warning(self, line: int, place: Place, what: str) -> None:
        """Report something that works but is probably not meant."""
        self.problems.append(Problem(self.file, line, clean(str(place)), clean(what), warning=True))

    def text(self, node: Node, place: Place, expects: str) -> str | Bad:
        """The text of a scalar with the environment put in."""
        if type(node) is not Scalar:
            self.problem(node.line, place, f"expected {expects}, not {node.word}")
            return BAD
        if node.empty:
            self.problem(node.line, place, f"is empty; expected {expects}")
            return BAD
        if "$" not in node.text:
            return node.text
        try:
            return substitute(node.text, self.env).text
        except ValueError as error:
            self.problem(node.line, place, str(error))
            return BAD

    def mapping(self, node: Node, place: Place) -> yaml_tree.Mapping | Bad:
        """The node as a mapping."""
        if type(node) is yaml_tree.Mapping:
            return node
        self._wrong(node, place, yaml_tree.Mapping.word)
        return BAD

    def sequence(self, node: Node, place: Place) -> yaml_tree.Sequence | Bad:
        """The node as a list."""
        if type(node) is yaml_tree.Sequence:
            return node
        self._wrong(node, place, yaml_tree.Sequence.word)
        return BAD

    def _wrong(self, node: Node, place: Place, expects: str) -> None:
        empty = type(node) is Scalar and node.empty
        what = f"is empty; expected {expects}" if empty else f"expected {expects}, not {node.word}"
        self.problem(node.line, place, what)


def quoted(node: Node) -> str:
    """A scalar as written, for messages: never what the environment put in."""
    text = node.text if isinstance(node, Scalar) else ""
    return repr(clean(text if len(text) <= 60 else text[:59] + "…"))


def alike(word: str, known: Iterable[str]) -> list[str]:
    """The known words that a misspelt one resembles, nearest first."""
    import difflib

    lower = {name.lower(): name for name in known}
    word = word.lower()[:100]
    close = difflib.get_close_matches(word, lower, 3, 0.6)
    shortened = [each for each in lower if len(word) > 2 and each.startswith(word)]
    return [lower[each] for each in close or shortened]


def nearest(word: str, known: Iterable[str]) -> str:
    """` (did you mean …)` with the nearest known word, or nothing."""
    found = alike(word, known)
    return f" (did you mean {clean(found[0], 60)})" if found else ""
