"""Edits of config.example.yaml, one at a time: where its keys and values stand, and the text with one changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sreconsole.config import yaml_tree
from sreconsole.config.block import Block, Tagged
from sreconsole.config.containers import ListOf, MapOf
from sreconsole.config.kinds import OneOf
from sreconsole.config.root import ROOT_BLOCK
from sreconsole.config.windows import AlertWindows
from tests.config.files import EXAMPLE

TEXT = EXAMPLE.read_text(encoding="utf-8")
LINES = TEXT.splitlines()
VALUES = """\
""
''
~
null
x
true
TRUE
yes
off
0
1
5
-1
+3
2.5
99.9
100
1e1
.5
5.
.inf
.nan
0x1F
0o17
"5"
"99.9"
"100"
"true"
'1'
0660
"0660"
'999'
15s
1h30m
30m1h
0s
1x
30d
12h
400d
" 15s "
auto
month
50%
0%
150%
12.5 %
"08:00-20:00"
"8-20"
"24:00-08:00"
http://127.0.0.1:9
https://h/p?q
ftp://h
http://
h:1
TLS12
page
count
critical
dark
nosuch
prom
local
am
Europe/Berlin
32MB
1KB
9 GB
a_metric
'a{b="c"}'
'a{'
'a b'
'{{window}}'
'x[{{.window}}]'
"a\\tb"
"é"
/no/such
[]
[a]
[a, a]
[1]
[[a]]
[{}]
['prod*']
['http://h']
[http://h:1/m]
['08:00-09:00']
{}
{a: b}
{a: 1}
{a: }
{a: [b]}
{'a b': c}
{command: [x]}
{command: x}
{calendar: week}
{calendar: year}
{username: u}
{values: [x]}
{X-A: {values: [x]}}
{gauge: g}
{bad: b}
{a: {}}
{objective: 5, sli: {gauge: up}}
[{long: 2h, short: 1h, factor: 1, severity: warn}]
postgresql://h/d
""".splitlines()
"""What a value may be replaced with: good in some places, wrong in most."""


@dataclass(frozen=True)
class Site:
    """A key of a table in the example."""

    path: str
    line: int
    """1-based line of the key."""
    table: Block[object]
    parent: str
    parent_line: int
    value: yaml_tree.Node

    @property
    def name(self) -> str:
        return self.path.rpartition(".")[2]

    def __str__(self) -> str:
        return self.path


def sites() -> list[Site]:
    """Every key of the example that a table knows, in order of the file."""
    root, duplicates = yaml_tree.parse_tree(TEXT.encode(), "example")
    assert not duplicates
    return list(_walk(root, "", 1, ROOT_BLOCK))


def _walk(node: yaml_tree.Node, path: str, line: int, kind: object) -> Iterator[Site]:
    if isinstance(kind, AlertWindows):
        kind = kind.map
    if isinstance(kind, OneOf):
        kind = kind.mapping if isinstance(node, yaml_tree.Mapping) else kind.text
    if isinstance(kind, Tagged) and isinstance(node, yaml_tree.Mapping):
        tag = node.items[kind.tag][1]
        assert isinstance(tag, yaml_tree.Scalar)
        kind = kind.blocks[tag.text]
    if isinstance(node, yaml_tree.Sequence) and isinstance(kind, ListOf):
        for index, item in enumerate(node.items):
            yield from _walk(item, f"{path}[{index}]", item.line, kind.kind)
    if not isinstance(node, yaml_tree.Mapping):
        return
    for name, (at, item) in node.items.items():
        below = f"{path}.{name}" if path else name
        if isinstance(kind, Block):
            yield Site(below, at, kind, path, line, item)
            yield from _walk(item, below, at, kind.keys[name].kind)
        elif isinstance(kind, MapOf):
            yield from _walk(item, below, at, kind.kind)


def misspelt(site: Site, name: str) -> str:
    """The example with the key of a site written differently."""
    return _on_line(site.line, rf"(?<![\w-]){re.escape(site.name)}(?=:)", name)


def spoilt(site: Site, value: str) -> str:
    """The example with the value of a site replaced, whatever it was."""
    rest = _body(site)
    line = LINES[site.line - 1]
    found = re.search(rf"(?<![\w-]){re.escape(site.name)}:", line)
    assert found
    if isinstance(site.value, yaml_tree.Scalar):
        after = line[found.end() :].replace(site.value.text, "@", 1)
        tail = re.sub(r"^ *(?:\"@\"|'@'|@)", "", after)
    else:
        tail = re.sub(r"^ *(?:\[.*\]|\{.*\})?", "", line[found.end() :])
    return _join(site.line, f"{line[: found.end()]} {value} {tail}", rest)


def without(site: Site) -> str | None:
    """The example without a key and its value; None where it is written inside a line with others."""
    line = LINES[site.line - 1]
    found = re.match(rf"( *(?:- )?){re.escape(site.name)}:", line)
    if not found:
        return None
    return _join(site.line, found[1].rstrip() if "-" in found[1] else "", _body(site))


def _body(site: Site) -> int:
    """How many lines below a site's own belong to its value."""
    own = LINES[site.line - 1]
    indent = len(re.match(r" *(?:- )?", own)[0])  # type: ignore[index]
    count = 0
    for line in LINES[site.line :]:
        if line.strip() and len(line) - len(line.lstrip()) <= indent and not line.lstrip().startswith("#"):
            break
        count += 1
    return count


def _on_line(number: int, pattern: str, replacement: str) -> str:
    changed, count = re.subn(pattern, lambda _: replacement, LINES[number - 1], count=1)
    assert count == 1, (number, pattern)
    return _join(number, changed, 0)


def _join(number: int, line: str, dropped: int) -> str:
    return "\n".join([*LINES[: number - 1], line, *LINES[number + dropped :]]) + "\n"
