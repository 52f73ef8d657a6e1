"""The last samples of all series of a source, packed so that the next start can go on from them.

24 bytes a series: a hash of target, name and labels, the time and the value; a checksum at the end. What cannot be
read is simply no baseline.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from zlib import crc32

Marks = Mapping[bytes, tuple[float, float]]
"""By digest of the series: Unix seconds and value of its last sample."""
_RECORD = struct.Struct("<8sdd")


def series_digest(target: str, name: str, labels: Iterable[tuple[str, str]]) -> bytes:
    """Eight bytes that name a series of a target."""
    text = "\x00".join((target, name, *(part for pair in sorted(labels) for part in pair)))
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def pack(marks: Marks) -> bytes:
    """The bytes to keep."""
    body = b"".join(_RECORD.pack(digest, at, value) for digest, (at, value) in marks.items())
    return body + struct.pack("<I", crc32(body))


def unpack(data: bytes) -> dict[bytes, tuple[float, float]]:
    """What was packed; nothing when the bytes are damaged."""
    body, check = data[:-4], data[-4:]
    if len(check) < 4 or len(body) % _RECORD.size or struct.unpack("<I", check)[0] != crc32(body):
        return {}
    return {digest: (at, value) for digest, at, value in _RECORD.iter_unpack(body)}
