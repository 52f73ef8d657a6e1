"""The JSON Schema of the config, made from the same tables that read it."""

from __future__ import annotations

from typing import Any

from sreconsole.config.kinds import Schema
from sreconsole.config.root import ROOT_BLOCK

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """The whole config as JSON Schema (2020-12), for editors.

    It judges the file as an editor types YAML 1.2; names that must exist elsewhere, files, selectors, zones and how
    values relate are seen by `check` only.
    """
    defs: dict[str, Schema] = {}
    root = ROOT_BLOCK.schema(defs)
    return {"$schema": DIALECT, "title": "sreconsole config", **root, "$defs": defs}
