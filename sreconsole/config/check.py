"""What only the whole file shows: names that must exist elsewhere, and definitions that collide."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path

from sreconsole.config.paths import theme_dirs
from sreconsole.config.reader import ROOT, Place, Reader, nearest, quoted
from sreconsole.config.services import FLEET
from sreconsole.config.texts import THEME_NAME
from sreconsole.config.yaml_tree import Mapping, Node, Scalar, Sequence

Item = tuple[int, Node]


def check(root: Mapping, reader: Reader) -> None:
    """Report every broken cross reference. Works on the tree, so a mistake elsewhere hides none."""
    services = _mapping(root.items.get("services"))
    fleets = _list(root.items.get("fleets"))
    _dependencies(services, bool(fleets), reader)
    _repeated(services, fleets, reader)
    _fleets(fleets, reader)
    _matches(services, reader)
    _theme(root, reader)


def _mapping(item: Item | None) -> dict[str, Item]:
    return item[1].items if item is not None and isinstance(item[1], Mapping) else {}


def _list(item: Item | None) -> list[Node]:
    return item[1].items if item is not None and isinstance(item[1], Sequence) else []


def _texts(item: Item | None) -> list[str]:
    return [node.text for node in _list(item) if isinstance(node, Scalar)]


def _fleet(fleet: Node) -> dict[str, Item]:
    """The keys of a fleet; none while it has an unknown one or its exceptions cannot be read: it could be anything."""
    keys = fleet.items if isinstance(fleet, Mapping) else {}
    item = keys.get("except")
    left_out = item[1].items if item is not None and isinstance(item[1], Sequence) else []
    known = not set(keys) - set(FLEET.keys) and (item is None or isinstance(item[1], Sequence))
    return keys if known and all(isinstance(node, Scalar) for node in left_out) else {}


def _dependencies(services: dict[str, Item], has_fleets: bool, reader: Reader) -> None:
    for name, service in services.items():
        place = ROOT / "services" / name / "depends_on"
        for index, node in enumerate(_list(_mapping(service).get("depends_on"))):
            if not isinstance(node, Scalar) or (node.text in services and node.text != name):
                continue
            if node.text == name:
                reader.problem(node.line, place / index, "a service cannot depend on itself")
            elif not has_fleets:  # with fleets it may be a member, which only the running program knows
                near = nearest(node.text, services)
                reader.problem(node.line, place / index, f"no service is named {quoted(node)}{near}")


def _repeated(services: dict[str, Item], fleets: list[Node], reader: Reader) -> None:
    """A service that may be a member of a fleet must not repeat the name of one of the fleet's SLOs."""
    for index, fleet in enumerate(fleets):
        keys = _fleet(fleet)
        templates, left_out = _mapping(keys.get("slos")), _texts(keys.get("except"))
        for name, service in services.items():
            if any(fnmatchcase(name, glob) for glob in left_out):
                continue
            for slo, (line, _) in _mapping(_mapping(service).get("slos")).items():
                if slo in templates:
                    what = f"fleets[{index}] has an SLO of this name too: add {name} to its except, or rename one"
                    reader.problem(line, ROOT / "services" / name / "slos" / slo, what)


def _fleets(fleets: list[Node], reader: Reader) -> None:
    """Two fleets over one label must not give a member two SLOs of one name."""
    seen: dict[tuple[str, str], int] = {}
    for index, fleet in enumerate(fleets):
        keys = _fleet(fleet)
        label = keys.get("label")
        if label is None or not isinstance(label[1], Scalar) or _texts(keys.get("except")):
            continue
        for slo, (line, _) in _mapping(keys.get("slos")).items():
            first = seen.setdefault((label[1].text, slo), index)
            if first != index:
                what = f"fleets[{first}] has an SLO of this name for the same label: rename one"
                reader.problem(line, ROOT / "fleets" / index / "slos" / slo, what)


def _matches(services: dict[str, Item], reader: Reader) -> None:
    """Alerts go to the first of two services with the same match: say so."""
    seen: dict[frozenset[tuple[str, str]], str] = {}
    for name, service in services.items():
        item = _mapping(service).get("match")
        labels = frozenset(
            (label, node.text) for label, (_, node) in _mapping(item).items() if isinstance(node, Scalar)
        ) or frozenset({("service", name)})
        first = seen.setdefault(labels, name)
        if first != name:
            line = item[0] if item is not None else service[0]
            what = f"the same labels as services.{first}: alerts and deploys go to that one"
            reader.warning(line, ROOT / "services" / name / "match", what)


def _theme(root: Mapping, reader: Reader) -> None:
    item = root.items.get("theme")
    if item is None or not isinstance(item[1], Scalar) or not THEME_NAME.fullmatch(item[1].text):
        return
    names = {path.stem for directory in theme_dirs(Path(reader.path)) for path in directory.glob("*.yaml")}
    if names and item[1].text not in names:
        near = nearest(item[1].text, names) or f"; there are {', '.join(sorted(names))}"
        reader.problem(item[0], Place(None, "theme"), f"no theme is named {quoted(item[1])}{near}")
