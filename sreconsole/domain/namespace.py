"""Which environment a deploy went to of which a source knows the namespace only (docs/words.md, "Deploys").

Namespaces are called after environments in some clusters, after teams or products in most. One that is an environment
shows it: the config calls it production, or another source names it. Several of one service are kept apart, whatever
they are called: what runs in one says nothing of the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from sreconsole.domain.deploy import Deploy
from sreconsole.records import replace


class Namespaces:
    """The namespaces that one service was seen in. `prod`: globs of production."""

    def __init__(self, deploys: Iterable[Deploy], prod: Sequence[str]) -> None:
        self._prod = prod
        named: set[str] = set()
        spaces: set[str] = set()
        for deploy in deploys:
            if deploy.environment:
                named.add(deploy.environment)
            elif deploy.namespace:
                spaces.add(deploy.namespace)
        self._names = self._called(spaces, named)

    def placed(self, deploys: Sequence[Deploy]) -> Sequence[Deploy]:
        """The same, with the environments that namespaces stand for; the same object where none does."""
        return [self._placed(deploy) for deploy in deploys] if self._names else deploys

    def _called(self, spaces: set[str], named: set[str]) -> dict[str, tuple[str, bool]]:
        """By namespace: the environment it stands for, and whether that is production."""
        called = {space: (space, self._is_prod(space)) for space in spaces & named}
        rest = spaces - named
        production = {space for space in rest if self._is_prod(space)}
        others = {name for name in named if self._is_prod(name)}
        one = len(production) == 1 and len(others) == 1 and not others & spaces
        called |= {space: (next(iter(others)) if one else space, True) for space in production}
        outside = any(is_prod for _, is_prod in called.values())
        rest -= production
        if outside or len(rest) > 1:  # where production is a namespace, what is called otherwise is none of it
            called |= {space: (space, not outside) for space in rest}
        return called

    def _placed(self, deploy: Deploy) -> Deploy:
        if deploy.environment or deploy.namespace not in self._names:
            return deploy
        environment, is_prod = self._names[deploy.namespace]
        return replace(deploy, environment=environment, is_prod=is_prod)

    def _is_prod(self, name: str) -> bool:
        return any(fnmatchcase(name, glob) for glob in self._prod)
