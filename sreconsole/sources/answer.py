"""A whole HTTP answer, read under a byte cap."""

from __future__ import annotations

import re
import zlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Literal

from sreconsole.domain.cleaning import clean
from sreconsole.errors import BadAnswer, TooLarge, Unreachable
from sreconsole.patterns import pattern
from sreconsole.records import dataclass
from sreconsole.sources.auth import NOTHING, Sent
from sreconsole.sources.carrier import Open

_DATE = pattern(r"[A-Z][a-z]{2}, (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT", re.ASCII)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

Expect = Literal["json", "text", "any"]
"""What a good answer must be: JSON by its content type, any text but HTML, or anything, also nothing."""


@dataclass(frozen=True, slots=True)
class Response:
    """Status, headers and the unpacked body."""

    url: str
    """The base URL that was asked, as people may see it."""
    status: int
    content_type: str
    """Lower case, without parameters."""
    body: bytes
    location: str = ""
    """Where a redirect points, raw."""
    retry_after: float | None = None
    """Seconds the server asked us to wait."""
    server_time: float | None = None
    """Unix seconds of the `Date` header, to the second; None: the server did not say."""
    sent: Sent = NOTHING
    """What was sent to be let in: it is taken out of the server's words."""

    def text(self, limit: int = 4000) -> str:
        """The beginning of the body as text, raw: clean it before it goes anywhere."""
        return self.body[: limit * 4].decode("utf-8", "replace")[:limit]

    def harmless(self, text: str, limit: int = 300) -> str:
        """Words of this server on one line: what was sent to it taken out, cleaned, cut."""
        return " ".join(clean(self.sent.hide(text[:4000]), limit).split())

    def __repr__(self) -> str:
        return f"Response({self.status} from {self.url}, {len(self.body)} bytes)"


async def read_answer(response: Open, shown: str, cap: int, sent: Sent) -> Response:
    """Read the body of an open answer, at most `cap` bytes unpacked.

    Raises TooLarge beyond the cap, BadAnswer for an encoding we did not ask for, Unreachable when the packed body
    ends early; Broken passes through.
    """
    headers = response.headers
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip", ""):
        raise BadAnswer(f"{shown} sent its answer in an encoding that was not asked for: a proxy before it at fault?")
    length = headers.get("content-length", "")
    if encoding in ("identity", "") and length.isdigit() and int(length) > cap:
        raise _too_large(shown, cap)
    parts = response.aiter_raw()
    body = await (_unpacked(parts, shown, cap) if "gzip" in encoding else _plain(parts, shown, cap))
    server_time = _date(headers.get("date", ""))
    return Response(
        url=shown,
        status=response.status_code,
        content_type=headers.get("content-type", "").partition(";")[0].strip().lower(),
        body=body,
        location=headers.get("location", ""),
        retry_after=_retry_after(headers.get("retry-after", ""), server_time),
        server_time=server_time,
        sent=sent,
    )


async def _plain(parts: AsyncIterator[bytes], shown: str, cap: int) -> bytes:
    body = bytearray()
    async for part in parts:
        body += part
        if len(body) > cap:
            raise _too_large(shown, cap)
    return bytes(body)


async def _unpacked(parts: AsyncIterator[bytes], shown: str, cap: int) -> bytes:
    """Unpack as it comes, never making more than the cap and a byte of it: a bomb costs no memory."""
    unpack, body = zlib.decompressobj(zlib.MAX_WBITS | 16), bytearray()
    try:
        async for part in parts:
            body += unpack.decompress(part, cap + 1 - len(body))
            if len(body) > cap:
                raise _too_large(shown, cap)
            if unpack.unused_data:
                raise zlib.error
    except zlib.error:
        raise BadAnswer(f"{shown} sent a damaged gzip answer: is a proxy before it changing answers?") from None
    if not unpack.eof:
        raise Unreachable(f"the answer of {shown} was cut off: look at the server and any proxy before it")
    return bytes(body)


def _too_large(shown: str, cap: int) -> TooLarge:
    size = f"{cap >> 20} MB" if cap >= 1 << 20 else f"{cap} bytes"
    return TooLarge(f"the answer of {shown} passes {size}: narrow the query, or raise max_answer of this source")


def _date(text: str) -> float | None:
    """Unix seconds of a date as servers write it, or as they once did."""
    if not text:
        return None
    found = _DATE.fullmatch(text)
    try:
        if found is not None and found[2] in _MONTHS:
            day, _, *others = found.groups()
            year, hour, minute, second = map(int, others)
            month = _MONTHS.index(found[2]) + 1
            return datetime(year, month, int(day), hour, minute, second, tzinfo=UTC).timestamp()
        from email.utils import parsedate_to_datetime

        # The form of C names no zone.
        return parsedate_to_datetime(f"{text} GMT" if text[-4:].isdigit() else text).timestamp()
    except (ValueError, OverflowError, IndexError, TypeError):
        return None


def _retry_after(text: str, server_time: float | None) -> float | None:
    """Seconds from `Retry-After`: a number, or a date counted from the server's own clock; at most a day."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), 86_400.0)
    until = _date(text)
    if until is None or server_time is None:
        return None
    return min(max(0.0, until - server_time), 86_400.0)
