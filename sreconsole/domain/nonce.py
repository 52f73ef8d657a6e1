"""What a silence is found again by when the answer to its creation is lost: eight characters at the comment's end."""

from __future__ import annotations

from base64 import b32encode

from sreconsole.patterns import pattern

BYTES = 5
"""Random bytes of a nonce."""
_SIGNED = pattern(r"(?s)(.*?)\s?\[sc:([a-z2-7]{8})\]\s*")


def nonce(random: bytes) -> str:
    """Eight characters of `a`-`z` and `2`-`7` from five random bytes."""
    if len(random) != BYTES:
        raise ValueError(f"a nonce is made of {BYTES} bytes")
    return b32encode(random).decode().lower()


def nonce_of(comment: str) -> str | None:
    """The nonce at the end of a comment; None: it was not made by us."""
    found = _SIGNED.fullmatch(comment)
    return found[2] if found else None


def unsigned(comment: str) -> str:
    """The comment as it was typed, without the nonce at its end."""
    found = _SIGNED.fullmatch(comment)
    return found[1] if found else comment
