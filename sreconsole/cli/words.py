"""The command line as it is nearly always written, read without `argparse`, which takes longer to load than to ask.

Only whole option names, each followed by its value, are understood here: `arguments.parser` has the grammar, and
whatever is not plain (abbreviations, `--config=FILE`, help, mistakes) is left to it. A test holds both together.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

FORMATS = ("text", "json", "tsv", "prom")


class Arguments:
    """What a command line says. Options that any command takes are there only where they were given."""

    command: str | None
    config: str
    theme: str
    read_only: bool
    log: str
    serve: bool
    format: str
    service: str | None
    at: str | None = None
    timeout: str
    action: str | None = None
    """Of a command that acts: `add`, `list`."""
    matchers: list[str]
    duration: str | None
    comment: str | None
    source: str | None
    author: str | None
    yes: bool
    force_count: int | None
    dry_run: bool
    ident: str
    by: str
    text: str
    until: str | None
    since: str
    tags: list[str]
    minutes: str
    category: str | None


_ANYWHERE = ("--config", "--theme", "--log")
_OWN: dict[str | None, tuple[str, ...]] = {
    None: ("--at",),
    "status": ("--format", "--service", "--at", "--timeout"),
}
STANDING = (None, "status")
"""Commands that may be of a moment of the past."""
TIMED = ((None, None), ("status", None), ("note", "add"), ("toil", "add"))
"""Commands, with what they are to do, that take a moment."""
_UNSAID: dict[str | None, dict[str, object]] = {
    None: {},
    "demo": {"serve": False},
    "status": {"format": "text", "service": None, "timeout": "10s"},
    "record": {},
    "check": {},
    "schema": {},
}
"""Commands, with what they say when nothing is said."""


def plain_words(argv: Sequence[str]) -> Arguments | None:
    """What a plain command line says; None for any other."""
    command: str | None = None
    said: dict[str, object] = {}
    words = iter(argv)
    for word in words:
        if word in _ANYWHERE or word in _OWN.get(command, ()):
            value = next(words, "-")
            if value[:1] == "-" or (word == "--format" and value not in FORMATS):
                return None
            said[word[2:]] = value
        elif word == "--read-only":
            said["read_only"] = True
        elif word == "--serve" and command == "demo":
            said["serve"] = True
        elif command is None and word in _UNSAID:
            command = word
        else:
            return None
    if "at" in said and command not in STANDING:
        return None
    arguments = Arguments()
    arguments.__dict__.update({"command": command, **_UNSAID[command], **said})
    return arguments
