"""Files that are no config at all end in one line each, whatever was done to them."""

from __future__ import annotations

from pathlib import Path

import pytest

from sreconsole.config.yaml_tree import MAX_BYTES, Mapping, Scalar, Sequence, parse_tree
from sreconsole.errors import ConfigError
from tests.config.files import said

UNREADABLE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "1: the file is empty; "),
    "blank": (b" \n\n", "1: the file is empty; "),
    "only comments": (b"# nothing\n", "1: the file has no keys; "),
    "a list": (b"- version: 1\n", "1: expected keys with values, as `version: 1`, not a list"),
    "a word": (b"\n\nversion\n", "3: expected keys with values, as `version: 1`, not a text"),
    "latin-1": (b"version: 1\nauthor: Ren\xe9\n", "2: not UTF-8: byte 0xe9; save the file as UTF-8"),
    "utf-16": ("version: 1".encode("utf-16"), "1: not UTF-8: byte 0xff; "),
    "nul": (b"version: 1\nauthor: a\x00b\n", "2: not YAML: "),
    "bell": (b"version: 1\nauthor: a\x07b\n", "2: not YAML: control characters are not allowed"),
    "colon": (
        b"version: 1\nauthor: a: b\n",
        "2: not YAML: mapping values are not allowed in this context at column 10",
    ),
    "tab": (b"version: 1\n\trefresh: 1s\n", "2: not YAML: "),
    "open list": (b"version: 1\na:\n  - [1, 2\n\nb: 1\n", "3: not YAML: did not find expected ',' or ']'"),
    "open mapping": (b"a: {b: 1\n", "1: not YAML: "),
    "open quote": (b"version: 1\nauthor: 'x\nenvironment: y\n", "2: not YAML: found unexpected end of stream"),
    "outdented": (b"  a: 1\nb: 2\n", "2: not YAML: "),
    "two documents": (b"version: 1\n---\nversion: 1\n", "2: a second document starts here"),
    "python tag": (b"version: !!python/object/apply:os.system [id]\n", "1: the tag tag:yaml.org,2002:python/"),
    "int tag": (b"version: !!int 1\n", "1: the tag "),
    "own tag": (b"a: 1\nversion: !secret x\n", "2: the tag !secret is not supported"),
    "key is a list": (b"? [a]\n: 1\n", "1: a key must be a plain text"),
    "key is an alias of a list": (b"a: &x [1]\n*x : 1\n", "2: a key must be a plain text; *x is a list"),
    "undefined alias": (b"a: 1\nb: *nope\n", "2: the alias *nope has no anchor &nope before it"),
    "alias to itself": (b"a: 1\nb: &x [*x]\n", "2: the alias *x stands inside what it names"),
    "merging a text": (b"a: 1\nb: {<<: x}\n", "2: << takes a mapping or a list of mappings, not a text"),
    "deep": (b"a: " + b"[" * 50_000, "1: nested more than 40 levels deep"),
    "deep by dashes": (b"a:\n  " + b"- " * 50 + b"x\n", "2: nested more than 40 levels deep"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_one_line(tmp_path: Path, name: str) -> None:
    text, expected = UNREADABLE[name]
    lines = said(tmp_path, text)
    assert len(lines) == 1
    assert lines[0].startswith(expected)


def test_a_billion_laughs_ends_in_one_line(tmp_path: Path) -> None:
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    assert said(tmp_path, "\n".join(levels)) == ["6: the aliases expand to more than 200000 values"]


def test_many_aliases_to_one_value_end_in_one_line(tmp_path: Path) -> None:
    text = b"a: &a x\nb:\n  [" + b"*a, " * 300_000 + b"x]"
    assert said(tmp_path, text) == ["3: the aliases expand to more than 200000 values"]


def test_ten_megabytes_of_nested_aliases_are_not_even_parsed(tmp_path: Path) -> None:
    text = b"a: &a [x]\n" + b"b: [" + b"*a," * (10 << 20 >> 2) + b"]"
    lines = said(tmp_path, text + b"#" * (MAX_BYTES - len(text) + 1))
    assert lines == ["1: the file has more than 8 MB; a fleet says the same in a few lines"]


def test_every_duplicate_key_is_named_with_the_first() -> None:
    _, found = parse_tree(b"a: 1\nb:\n  - x: {c: 1, d: 2,\n     c: 3}\na: 2\n", "f")
    assert [str(problem) for problem in found] == [
        "f:4: b[0].x.c: duplicate key, first on line 3",
        "f:5: a: duplicate key, first on line 1",
    ]


def test_scalars_stay_the_text_that_was_written() -> None:
    root, _ = parse_tree(b"a: 17:00\nb: 1.10\nc: 0660\nd: yes\ne: ~\nf: '~'\ng:\nh: 2026-11-23\n", "f")
    scalars = {name: node for name, (_, node) in root.items.items() if isinstance(node, Scalar)}
    assert {name: node.text for name, node in scalars.items()} == {
        "a": "17:00",
        "b": "1.10",
        "c": "0660",
        "d": "yes",
        "e": "~",
        "f": "~",
        "g": "",
        "h": "2026-11-23",
    }
    assert [name for name, node in scalars.items() if node.empty] == ["e", "g"]


def test_a_block_stands_on_the_line_of_its_key() -> None:
    root, _ = parse_tree(b"a:\n\n  b:\n    - c: 1\n    -\n      d: 2\n", "f")
    outer = root.items["a"][1]
    assert isinstance(outer, Mapping)
    line, inner = outer.items["b"]
    assert isinstance(inner, Sequence)
    assert (outer.line, line, inner.line, [item.line for item in inner.items]) == (1, 3, 3, [4, 6])


def test_merge_keys_fill_in_what_is_not_written() -> None:
    root, found = parse_tree(
        b"base: &base {b: 1, c: 1}\nmore: &more {c: 2, d: 2}\nall: {<<: [*base, *more], b: 0}\nx: {b: 3, <<: *base}\n",
        "f",
    )
    texts = {}
    for name in ("all", "x"):
        node = root.items[name][1]
        assert isinstance(node, Mapping)
        texts[name] = {key: value.text for key, (_, value) in node.items.items() if isinstance(value, Scalar)}
    assert texts == {"all": {"b": "0", "c": "1", "d": "2"}, "x": {"b": "3", "c": "1"}}
    assert found == []


def test_the_lines_of_a_broken_file_are_not_quoted() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_tree(b"a: {password: 'hunter2\n", "f")
    assert "hunter2" not in str(caught.value)
