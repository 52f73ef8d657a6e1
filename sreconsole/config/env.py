"""Values from the environment inside a config's texts: `${NAME}`, `${NAME:-x}`, `$$` for a dollar.

A `$` before anything else stays as it is, so regular expressions (`5..$`) and PromQL (`$1`) need no care.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from sreconsole.patterns import pattern

_REFERENCE = pattern(r"\$(?:(\$)|\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|(\{))")


class Substituted(NamedTuple):
    """A text with its references replaced, and whether any of it came out of the environment."""

    text: str
    from_env: bool


def substitute(text: str, env: Mapping[str, str]) -> Substituted:
    """The text with every reference replaced; the default counts when NAME is unset or empty.

    Raises ValueError with a sentence when a variable is unset and has no default, or a reference is not closed. The
    sentence never holds the value of a variable.
    """
    from_env = False

    def replace(found: re.Match[str]) -> str:
        nonlocal from_env
        dollar, name, default, bad = found.groups()
        if dollar:
            return "$"
        if bad:
            raise ValueError("${ is not followed by a NAME and }; write $${ for the characters themselves")
        value = env.get(name)
        if default is not None and not value:
            return str(default)
        if value is None:
            raise ValueError(f"the environment has no {name}; set it, or write ${{{name}:-default}}")
        from_env = True
        return value

    return Substituted(_REFERENCE.sub(replace, text), from_env)
