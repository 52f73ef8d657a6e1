"""The fingerprint of a label set, as Prometheus and Alertmanager compute it: FNV-1a, 64 bits, over sorted pairs.

Source: `LabelSet.Fingerprint` of prometheus/common (name, 0xff, value, 0xff for each label in order of the names).
"""

from __future__ import annotations

from collections.abc import Mapping

_START, _PRIME, _MASK = 0xCBF29CE484222325, 0x100000001B3, 0xFFFFFFFFFFFFFFFF


def fingerprint(labels: Mapping[str, str]) -> str:
    """16 hex digits; `labels` raw."""
    found = _START
    for name in sorted(labels):
        for byte in b"%b\xff%b\xff" % (_bytes(name), _bytes(labels[name])):
            found = (found ^ byte) * _PRIME & _MASK
    return f"{found:016x}"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
