"""What names a cached series: a hash of everything that decides its counts, never a name somebody gave it.

Renaming an SLO keeps its history; changing what it measures begins a new one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit, urlunsplit

from sreconsole.domain.selector import Selector
from sreconsole.domain.sli import CounterSli, GaugeSli, HistogramSli, QuerySli, Sli

FORMULA = 1
"""Version of the arithmetic from samples to counts; a change of it makes old counts foreign."""
QUERIES = 3
"""Version of the queries whose answers are kept (`sources.promql`, `sources.folding`): raise it when they change what
a bucket counts, and kept buckets are asked for anew."""
_PORTS = {"http": 80, "https": 443}


def scrape_identity(targets: Iterable[str], labels: Mapping[str, str], expression: str) -> bytes:
    """Sixteen bytes for one measurement of a scrape source (`domain.sampled.expression`)."""
    return _hash("scrape", FORMULA, _bare(targets), sorted(labels.items()), expression)


def scrape_scope(targets: Iterable[str], labels: Mapping[str, str], expressions: Iterable[str]) -> bytes:
    """Sixteen bytes for everything one scrape source is asked: who scrapes the one, scrapes the other."""
    return _hash("scope", FORMULA, _bare(targets), sorted(labels.items()), sorted(set(expressions)))


def server_scope(url: str, headers: Mapping[str, Iterable[str]], user: str = "") -> bytes:
    """Sixteen bytes for the data one server shows us: its address without a login, the headers that may choose a
    tenant (every configured one), and the user name of basic auth, which some hosters use for that. Never a password
    or token."""
    named = sorted((name.lower(), list(values)) for name, values in headers.items() if name.lower() != "authorization")
    return _hash("server", _address(url), named, user)


def measure(scope: bytes, sli: Sli, label: str = "", value: str = "") -> bytes:
    """Sixteen bytes for what an SLO measures of a server; `label` and raw `value` of a member of a fleet."""
    return _hash("measure", scope.hex(), _expressions(sli), label, value)


def query_identity(measured: bytes, dialect: str, widened: float) -> bytes:
    """Sixteen bytes for the buckets of one `measure`, as a server of this dialect gives them; `widened`: seconds by
    which their ranges overlap, the scrape interval. (Their width stands beside it wherever buckets are kept.)"""
    return _hash("query", QUERIES, measured.hex(), dialect, float(widened))


def _expressions(sli: Sli) -> list[object]:
    """What an SLI asks for, in one spelling."""
    if isinstance(sli, CounterSli):
        return ["counter", _selector(sli.total), _selector(sli.bad), _selector(sli.good)]
    if isinstance(sli, HistogramSli):
        return ["histogram", _selector(sli.histogram), format(sli.threshold.normalize(), "f")]
    if isinstance(sli, GaugeSli):
        return ["gauge", _selector(sli.gauge)]
    if isinstance(sli, QuerySli):
        return ["query", sli.bad_query, sli.total_query, sli.unit]
    return ["ratio", sli.ratio_query]


def _selector(selector: Selector | None) -> object:
    if selector is None:
        return None
    return selector.metric, sorted((matcher.name, matcher.op, matcher.value) for matcher in selector.matchers)


def _address(url: str) -> str:
    """One spelling of an address: no login, no port that goes without saying, no slash at the end."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return url
    shown = f"[{host}]" if ":" in host else host
    if port is not None and port != _PORTS.get(parts.scheme.lower()):
        shown = f"{shown}:{port}"
    return urlunsplit((parts.scheme.lower(), shown, parts.path.rstrip("/"), parts.query, ""))


def _bare(targets: Iterable[str]) -> list[str]:
    """Targets without user and password: a new password is not a new history."""
    bare = []
    for target in targets:
        try:
            parts = urlsplit(target)
            bare.append(urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])))
        except ValueError:
            bare.append(target)
    return sorted(bare)


def _hash(*parts: object) -> bytes:
    import json  # nothing is kept or looked up before the first frame
    from hashlib import sha256

    return sha256(json.dumps(parts).encode()).digest()[:16]
