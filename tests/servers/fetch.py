"""`python -m tests.servers.fetch`: fetch the servers the tests need, before the tests run."""

from __future__ import annotations

import sys

from tests.servers.debian import ServerMissing, fetch_all


def main() -> int:
    """Fetch and print the paths; 1 and a sentence when one cannot be had."""
    try:
        programs = fetch_all()
    except ServerMissing as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write("".join(f"{program}\n" for program in programs))
    return 0


if __name__ == "__main__":
    sys.exit(main())
