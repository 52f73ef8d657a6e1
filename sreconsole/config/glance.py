"""What the text of a config says at a glance, without reading it as YAML: for the skeleton that is drawn before
anything is loaded.

Only plain block style is understood, with plain or quoted scalars. Whatever looks otherwise is `None`: the skeleton
then leaves it out, and the first frame, made from the config as it was really read, shows it.
"""

# Runs before the first paint: imports nothing, not even `re`.
from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

METRICS = ("prometheus", "scrape")
_DEPLOYS = ("metrics", "kubernetes")
_TOIL = ("shifts", "pages_per_shift", "counters", "logs", "people")
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
_MOST = 200_000
"""Characters that are looked at."""


class Glance:
    """What was seen."""

    __slots__ = ("blocks", "deploys", "environment", "glyphs", "sources", "theme", "toil")

    def __init__(self) -> None:
        self.environment: str | None = ""
        self.theme: str | None = "dark"
        self.glyphs: str | None = "auto"
        self.sources: list[tuple[str, str]] | None = []
        """Names and kinds, in the order of the file."""
        self.blocks: list[list[str]] = []
        """The lines behind `services:` and `fleets:`, which say what is measured."""
        self.deploys: bool | None = False
        """Whether the block `deploys` names what tells of them."""
        self.toil: bool | None = False
        """Whether there is something to count (`Config.counts_toil`)."""

    def tells_deploys(self) -> bool | None:
        """Whether any source tells of deploys (`Config.tells_deploys`)."""
        if self.sources is None:
            return None
        return any(kind == "file" for _, kind in self.sources) or self.deploys

    def metric_sources(self) -> list[str] | None:
        """Names of the sources that SLOs are measured by: a lone one by any SLO, of several those that SLOs name."""
        if self.sources is None:
            return None
        found = [name for name, kind in self.sources if kind in METRICS]
        if len(found) == 1:
            return found if any(_has(block, "slos") for block in self.blocks) else []
        named = [_values(block, "source") for block in self.blocks]
        if None in named:
            return None
        return [name for name in found if any(name in values for values in named if values)]

    def alert_sources(self) -> list[str] | None:
        """Names of the sources that alerts come from."""
        if self.sources is None:
            return None
        found = [name for name, kind in self.sources if kind == "alertmanager"]
        return found or [name for name, kind in self.sources if kind == "prometheus"]


def glance(text: str) -> Glance:
    """Look at a config's text."""
    seen = Glance()
    lines = text[:_MOST].split("\n")
    for place, line in enumerate(lines):
        if line[:1] in ("", " ", "#"):
            continue
        key, colon, rest = line.partition(":")
        if key == "sources" and colon:
            seen.sources = _sources(lines, place + 1) if _scalar(rest) == "" else None
        elif key in ("services", "fleets") and colon:
            seen.blocks.append([rest, *lines[place + 1 :]])
        elif key in ("environment", "theme", "glyphs") and colon:
            setattr(seen, key, _scalar(rest))
        elif key == "deploys" and colon:
            seen.deploys = _names(lines, place, rest, _DEPLOYS)
        elif key in ("oncall", "toil") and colon and seen.toil is not True:
            found = _names(lines, place, rest, _TOIL)
            seen.toil = None if seen.toil is None and not found else found
        elif line[:1] in "{\"'&!%?\t" or line.startswith("---"):
            seen.environment = seen.theme = seen.glyphs = seen.sources = seen.deploys = seen.toil = None
            return seen
    return seen


def _sources(lines: list[str], place: int) -> list[tuple[str, str]] | None:
    """The children of `sources:` and their `kind`."""
    found: list[tuple[str, str]] = []
    indent = inner = 0
    for line in lines[place:]:
        bare = line.lstrip(" ")
        if not bare or bare[0] == "#":
            continue
        depth = len(line) - len(bare)
        if depth == 0:
            break
        indent = indent or depth
        key, colon, rest = bare.partition(":")
        if depth == indent:
            if not colon or _scalar(rest) != "" or not key or not set(key) <= _PLAIN:
                return None
            found.append((key, ""))
            inner = 0
        elif not inner or depth == inner:
            inner = depth
            if key == "kind":
                kind = _scalar(rest)
                if not kind:
                    return None
                found[-1] = (found[-1][0], kind)
    return found if found and all(kind for _, kind in found) else None


def _has(block: list[str], key: str) -> bool:
    """Whether a key stands anywhere in a block."""
    return any(True for _ in _behind(block, f"{key}:"))


def _values(block: list[str], key: str) -> list[str] | None:
    """What stands behind a key anywhere in a block; None: not understood."""
    values = [_scalar(rest.partition(",")[0].partition("}")[0]) for rest in _behind(block, f"{key}: ")]
    return None if None in values else [value for value in values if value]


def _behind(block: list[str], key: str) -> Iterator[str]:
    """The rest of each line of a block behind a key."""
    for place, line in enumerate(block):
        if place and line[:1] not in ("", " ", "#", "-"):
            return
        if key in line:
            before, _, rest = line.partition(key)
            if "#" not in before and before.rstrip()[-1:] in ("", "{", ",", "-"):
                yield rest


def _names(lines: list[str], place: int, rest: str, keys: tuple[str, ...]) -> bool | None:
    """Whether the block that begins on a line has one of the keys, with something behind it; None: not understood."""
    rest = rest.strip()
    if rest[:1] == "{":
        found = [rest.partition(f"{key}:")[2].lstrip() for key in keys if f"{key}:" in rest]
        return any(value[:2] != "[]" for value in found) or (False if "}" in rest else None)
    if _scalar(rest) != "":
        return None
    indent = 0
    for line in lines[place + 1 :]:
        bare = line.lstrip(" ")
        if not bare or bare[0] == "#":
            continue
        depth = len(line) - len(bare)
        if depth == 0:
            return False
        indent = indent or depth
        key, colon, value = bare.partition(":")
        if depth == indent and colon and key in keys:
            return None if value.strip()[:2] == "[]" else True
    return False


def _scalar(text: str) -> str | None:
    """A plain or quoted value without its comment; None: not understood."""
    value = text.strip()
    if value[:1] in ("'", '"'):
        inside, closing, rest = value[1:].partition(value[0])
        rest = rest.strip()
        return inside if closing and (not rest or rest[0] == "#") and set(inside) <= _PLAIN else None
    value = value.partition(" #")[0].strip()
    if value[:1] == "#":
        value = ""
    return value if set(value) <= _PLAIN and value not in ("null", "true", "false", "yes", "no", "on", "off") else None
