"""YAML as an editor types it: the core schema of YAML 1.2, for judging a config by its JSON Schema."""

from __future__ import annotations

import math
import re
from typing import Any

import yaml

_INT = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


def typed(text: str) -> Any:
    """The value of the one document in a text."""
    return _value(yaml.compose(text, Loader=yaml.CBaseLoader))


def _value(node: Any) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {key.value: _value(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_value(item) for item in node.value]
    return _scalar(node.value) if not node.style else node.value


def _scalar(text: str) -> Any:
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text.lower() in ("true", "false") and text in (text.lower(), text.upper(), text.title()):
        return text.lower() == "true"
    if _INT.fullmatch(text):
        return int(text)
    if re.fullmatch("0x[0-9a-fA-F]+|0o[0-7]+", text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text)
    if re.fullmatch(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", text):
        return math.nan if text.lower()[1] == "n" else math.copysign(math.inf, -1 if text[0] == "-" else 1)
    return text
