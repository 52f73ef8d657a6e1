"""Which proxy a source is reached through: `proxy_url`, `no_proxy`, `proxy_from_environment`.

The environment counts only when the config says so: a bastion's variables must not divert tokens. Rules for
`no_proxy` as in Go: `*`, a domain with its subdomains, `.domain` for subdomains only, an address, a network, each
with an optional port. Source: the documentation of Go's golang.org/x/net/http/httpproxy.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from sreconsole.config.model import HttpConfig
from sreconsole.errors import SourceError


def proxy_for(url: str, http: HttpConfig, environ: Mapping[str, str] = os.environ) -> str | None:
    """The URL of the proxy for `url`, or None to connect directly.

    Raises SourceError for a kind of proxy we cannot speak to.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    found: str | None = None
    if http.proxy_url:
        found = None if bypassed(host, port, http.no_proxy) else http.proxy_url
    elif http.proxy_from_environment:
        found = _from_environment(parts.scheme, host, port, environ)
    if found is None:
        return None
    if "://" not in found:
        found = f"http://{found}"
    if urlsplit(found).scheme not in ("http", "https"):
        raise SourceError(f"proxy_url: {urlsplit(found).scheme} proxies are not supported, use an http or https one")
    return found


def bypassed(host: str, port: int, rules: Sequence[str]) -> bool:
    """Whether one of the `no_proxy` rules names the host."""
    return any(_matches(host.lower().rstrip("."), port, rule.strip().lower()) for rule in rules if rule.strip())


def _from_environment(scheme: str, host: str, port: int, environ: Mapping[str, str]) -> str | None:
    """The proxy of HTTP_PROXY or HTTPS_PROXY (either case); this machine itself is never reached through one."""
    if host == "localhost" or _is_loopback(host):
        return None
    rules = environ.get("NO_PROXY") or environ.get("no_proxy") or ""
    if bypassed(host, port, rules.split(",")):
        return None
    name = f"{scheme}_proxy"
    return environ.get(name.upper()) or environ.get(name) or None


def _is_loopback(host: str) -> bool:
    address = _address(host)
    return address is not None and address.is_loopback


def _matches(host: str, port: int, rule: str) -> bool:
    if rule == "*":
        return True
    address = _address(host)
    if "/" in rule:
        return address is not None and _in_network(address, rule)
    named, wanted = _split_port(rule)
    if wanted is not None and wanted != port:
        return False
    if address is not None:
        return _address(named) == address
    if named.startswith("*."):
        named = named[1:]
    if named.startswith("."):
        return host.endswith(named)
    return host == named or host.endswith(f".{named}")


def _split_port(rule: str) -> tuple[str, int | None]:
    """Host and port of `host:port`, `[v6]:port` or a bare host."""
    if rule.startswith("["):
        host, _, rest = rule[1:].partition("]")
        return host, int(rest[1:]) if rest[1:].isdigit() else None
    host, colon, digits = rule.partition(":")
    return (host, int(digits)) if colon and digits.isdigit() else (rule, None)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return None


def _in_network(address: ipaddress.IPv4Address | ipaddress.IPv6Address, rule: str) -> bool:
    try:
        return address in ipaddress.ip_network(rule, strict=False)
    except ValueError:
        return False
