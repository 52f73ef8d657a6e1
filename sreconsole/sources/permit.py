"""What may leave on a wire: by default nothing that could change anything at a server.

The rule stands where requests leave (`sources.wire`), so it holds whatever calls it. A wire that may write is made by
those alone who write, and only where the config and the command line allow it.
"""

from __future__ import annotations

from typing import Literal

from sreconsole.errors import ReadOnly

Permit = Literal["ask", "token", "write"]
"""ask: GET, and POST forms that only ask. token: forms to the very address of the wire, too (OAuth2). write: all."""

_ASKING = ("/api/v1/query", "/api/v1/query_range")
"""What answers a POST form as it answers GET: forms may be longer than a URL."""


def check(permit: Permit, method: str, url: str, base: str, form: bool) -> None:
    """Raise ReadOnly unless a request may leave. `base` is the address of the wire; `form`: its body is a form."""
    if permit == "write" or method == "GET":
        return
    path = url.partition("?")[0].partition("#")[0]
    asks = path.endswith(_ASKING) or (permit == "token" and url == base)
    if method != "POST" or not form or not asks:
        raise ReadOnly("this connection is read-only: nothing was sent")
