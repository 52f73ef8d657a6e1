"""Under which name somebody acts. Servers believe any name, so it is asked for where the account says nothing.

The first that names a person: `--author`, `author` of the config, `$SRECONSOLE_USER`, `$SUDO_USER`, `$USER@host`.
Accounts that people share are no names; there it must be typed, once a start.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sreconsole.domain.actor import Actor, Origin
from sreconsole.domain.cleaning import clean
from sreconsole.records import dataclass

SHARED = frozenset(
    {"root", "ubuntu", "admin", "ec2-user", "administrator", "debian", "centos", "fedora", "user", "nobody"}
)
"""Accounts of more than one person."""
LONGEST = 100
"""Characters of a name."""


@dataclass(frozen=True, slots=True)
class Nameless:
    """Nobody is named yet: nothing is written until a name is typed."""

    account: str
    host: str
    client: str
    reason: str
    """One sentence."""

    def named(self, text: str) -> Actor:
        """Who it is, as typed. Raises ValueError with what is wrong with the name."""
        return Actor(checked(text), "typed", self.account, self.host, self.client)


def who(
    config_author: str | None, env: Mapping[str, str], account: str, host: str, flag: str | None = None
) -> Actor | Nameless:
    """Who acts. `account` is that of the process, `env` its environment, `flag` what `--author` says."""
    account, host, client = clean(account, LONGEST), clean(host, 255), _client(env)
    why = "no account is named here"
    for text, origin in _candidates(config_author, env, account, host, flag):
        try:
            name = checked(text)
        except ValueError as error:
            why = f"{origin}: {error}"
            if origin == "--author":
                break  # somebody meant this name; no other is put in its place
            continue
        return Actor(name, origin, account, host, client)
    return Nameless(account, host, client, f"{why}; give your name (author in the config, $SRECONSOLE_USER, --author)")


def checked(text: str) -> str:
    """A name as it is told to servers. Raises ValueError for what names nobody."""
    name = text.strip()
    if not name or not name.partition("@")[0]:
        raise ValueError("the name is empty")
    if len(name) > LONGEST:
        raise ValueError(f"the name has more than {LONGEST} characters")
    if clean(name, LONGEST) != name:
        raise ValueError("the name holds characters that cannot be seen")
    if is_shared(name):
        raise ValueError(f"{name} is an account that people share")
    return name


def is_shared(name: str) -> bool:
    """Whether it is, with or without a host, an account of more than one person."""
    return name.partition("@")[0].strip().lower() in SHARED


def _candidates(
    config_author: str | None, env: Mapping[str, str], account: str, host: str, flag: str | None
) -> Iterator[tuple[str, Origin]]:
    if flag is not None:
        yield flag, "--author"
    if config_author:
        yield config_author, "config"
    if env.get("SRECONSOLE_USER"):
        yield env["SRECONSOLE_USER"], "$SRECONSOLE_USER"
    if env.get("SUDO_USER"):
        yield env["SUDO_USER"], "$SUDO_USER"
    user = env.get("USER") or env.get("LOGNAME") or account
    if user:
        yield f"{user}@{host}" if host else user, "$USER"


def _client(env: Mapping[str, str]) -> str:
    """The address that somebody came from by SSH, cleaned."""
    words = (env.get("SSH_CLIENT") or env.get("SSH_CONNECTION") or "").split()
    return clean(words[0], 100) if words else ""
