"""Names that sort by time: 26 characters of 48 bits of milliseconds and 80 random bits (github.com/ulid/spec)."""

from __future__ import annotations

BYTES = 10
"""Random bytes of one."""
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES = {digit: value for value, digit in enumerate(_DIGITS)}
_LENGTH = 26


def ulid(at: float, random: bytes) -> str:
    """The name of what happened at a moment (Unix seconds), from ten random bytes."""
    if len(random) != BYTES:
        raise ValueError(f"a ULID is made of {BYTES} random bytes")
    millis = round(at * 1000)
    if not 0 <= millis < 1 << 48:
        raise ValueError("a ULID is of a moment after 1970")
    number = millis << 80 | int.from_bytes(random, "big")
    return "".join(_DIGITS[number >> shift & 31] for shift in range(5 * (_LENGTH - 1), -1, -5))


def ulid_after(previous: str, at: float, random: bytes) -> str:
    """Like `ulid`, but sorted behind the one before by the same writer, also when the clock has not gone on since."""
    fresh = ulid(at, random)
    if fresh > previous:
        return fresh
    number = _number(previous) + 1
    return "".join(_DIGITS[number >> shift & 31] for shift in range(5 * (_LENGTH - 1), -1, -5))


def moment_of(name: str) -> float:
    """Unix seconds of a ULID, to the millisecond. Raises ValueError where it is none."""
    return (_number(name) >> 80) / 1000


def _number(name: str) -> int:
    if len(name) != _LENGTH or name[0] > "7" or not set(name) <= _VALUES.keys():
        raise ValueError(f"{name[:40]!r} is no ULID")
    number = 0
    for digit in name:
        number = number << 5 | _VALUES[digit]
    return number
