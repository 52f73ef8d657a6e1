"""Exit codes, a contract with scripts (docs/architecture.md names the commands that use each)."""

from enum import IntEnum


class Exit(IntEnum):
    """What a command's exit code says."""

    OK = 0
    """All well; for `status`: every SLO is ok."""
    WARN = 1
    """`status`: the worst is warn. Writing commands: refused."""
    PAGE = 2
    """`status`: the worst is page. Writing commands: outcome unknown."""
    UNKNOWN = 3
    """`status`: the worst is unknown or stale."""
    USAGE = 64
    """The command line is wrong."""
    UNAVAILABLE = 69
    """Nothing is known because every source is down."""
    SOFTWARE = 70
    """A defect of ours; the text says where."""
    OUTPUT = 74
    """Standard output takes no more: a full disk."""
    CONFIG = 78
    """The config is missing or wrong."""
    INTERRUPTED = 130
    """Ended by Ctrl-C."""
