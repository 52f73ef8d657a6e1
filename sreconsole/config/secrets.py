"""Secrets: written into the file, taken from the environment, or given by a command. Never quoted in a message."""

from __future__ import annotations

from typing import Final

from sreconsole.config.block import Block
from sreconsole.config.containers import ListOf
from sreconsole.config.env import substitute
from sreconsole.config.key import Fields, required
from sreconsole.config.kinds import Schema, Text
from sreconsole.config.model import Secret
from sreconsole.config.reader import BAD, Bad, Place, Reader
from sreconsole.config.texts import IN_THE_OPEN
from sreconsole.config.yaml_tree import Mapping, Node, Scalar

_EXPECTS = "a secret (a text, ${NAME}, or {command: [program, argument, ...]})"

_ARGUMENTS = ListOf(Text("an argument", empty=True), least=1)
_COMMAND = required("command", _ARGUMENTS, "A program that prints the secret; run without a shell")


def _command(fields: Fields) -> Secret | Bad:
    command = fields[_COMMAND]
    if not command[0].strip():
        return fields.problem(_COMMAND, "the program has no name")
    return Secret("command", command=command)


COMMAND: Final = Block("secret_command", (_COMMAND,), _command)


class SecretText:
    """A secret. Written out literally, only in a file that nobody else can read."""

    def read(self, node: Node, place: Place, reader: Reader) -> Secret | Bad:
        """The secret, wrapped so that it never shows."""
        if isinstance(node, Mapping):
            return COMMAND.read(node, place, reader)
        text = reader.text(node, place, _EXPECTS)
        if text is BAD:
            return BAD
        written = node.text if isinstance(node, Scalar) else ""
        text = text.rstrip("\r\n")
        if not text:
            reader.problem(node.line, place, "is empty")
            return BAD
        if not reader.private and not substitute(written, reader.env).from_env:
            reader.problem(node.line, place, IN_THE_OPEN)
            return BAD
        return Secret("inline", text)

    def schema(self, defs: dict[str, Schema]) -> Schema:
        """A text or a command."""
        return {"anyOf": [{"type": ["string", "number", "boolean"], "minLength": 1}, COMMAND.schema(defs)]}


SECRET: Final = SecretText()
