"""What makes two deploys deploys of the same thing: the commit where both name one, else the version."""

from __future__ import annotations

import re

from sreconsole.domain.deploy import Deploy
from sreconsole.patterns import pattern

SHORTEST = 7
"""Digits of a commit that must be the same."""
_SHA = pattern(r"[0-9a-f]{7,40}", re.IGNORECASE)


def commit(deploy: Deploy) -> str | None:
    """The commit that is deployed, in small letters: said so, or its version looks like one."""
    if deploy.sha:
        return deploy.sha.lower()
    version = deploy.version
    return version.lower() if _SHA.fullmatch(version) and not version.isdecimal() else None


def same_release(one: Deploy, other: Deploy) -> bool:
    """Whether both deploy the same thing. `latest` of two commits is not the same."""
    mine, theirs = commit(one), commit(other)
    if mine is None or theirs is None:
        return one.version == other.version
    return _prefix(mine, theirs)


def other_commit(one: Deploy, other: Deploy) -> bool:
    """Whether they name different commits: then nothing else makes them the same."""
    mine, theirs = commit(one), commit(other)
    return mine is not None and theirs is not None and not _prefix(mine, theirs)


def _prefix(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


class Releases:
    """What ran, to be asked whether something is among it: one look-up, however much there was."""

    def __init__(self) -> None:
        self._versions: set[str] = set()
        self._bare: set[str] = set()
        """Versions of which no commit is known."""
        self._commits: dict[str, set[str]] = {}

    def add(self, deploy: Deploy) -> None:
        """It ran."""
        found = commit(deploy)
        self._versions.add(deploy.version)
        if found is None:
            self._bare.add(deploy.version)
        else:
            self._commits.setdefault(found[:SHORTEST], set()).add(found)

    def __contains__(self, deploy: Deploy) -> bool:
        """Whether the same ran."""
        found = commit(deploy)
        if found is None:
            return deploy.version in self._versions
        near = self._commits.get(found[:SHORTEST], ())
        return deploy.version in self._bare or any(_prefix(found, other) for other in near)
