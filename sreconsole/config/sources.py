"""The blocks under `sources`: one table for each kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from sreconsole.config.block import Block, Tagged
from sreconsole.config.containers import ListOf, MapOf
from sreconsole.config.http import HTTP_AT_MOST, HTTP_KEYS, HTTP_NEEDS, http_config
from sreconsole.config.key import Fields, Key, defaulted, optional, required
from sreconsole.config.kinds import Flag, Schema, Text, words
from sreconsole.config.model import (
    METRIC_KINDS,
    AlertmanagerSource,
    FileSource,
    GrafanaSource,
    PrometheusSource,
    ScrapeSource,
    Source,
)
from sreconsole.config.reader import BAD, Bad, Place, Reader, nearest, quoted
from sreconsole.config.texts import LABEL, LABEL_VALUE, TARGET, URL, File
from sreconsole.config.units import SIZE, auto_duration, duration
from sreconsole.config.yaml_tree import Mapping, Node

_MAX_ANSWER = defaulted("max_answer", SIZE, "Longest answer read, as 32MB", 32 << 20)
_URL = required("url", URL, "Base address, with its path prefix")


def _kind(word: str) -> Key[str]:
    return required("kind", words(word), "What this is")


def _source(name: str, *keys: Key[Any], build: Any, http: bool = True) -> Block[Source]:
    if not http:
        return Block(name, (_kind(name), *keys), build)
    every = (_kind(name), *keys, _MAX_ANSWER, *HTTP_KEYS)
    return Block(name, every, build, at_most=HTTP_AT_MOST, needs=HTTP_NEEDS)


_SCRAPE_INTERVAL = optional("scrape_interval", auto_duration(), "auto, or how often this Prometheus scrapes")
_DIALECT = defaulted("dialect", words("auto", "prometheus", "victoriametrics"), "How increase() counts", "auto")
_EXTERNAL_LABELS = defaulted(
    "external_labels", MapOf(LABEL_VALUE, LABEL), "Labels its alerts carry but its queries do not show", {}
)


def _prometheus(fields: Fields) -> PrometheusSource | Bad:
    url = fields[_URL]
    http = http_config(fields, _URL, (url,))
    if http is BAD:
        return BAD
    return PrometheusSource(
        fields.name,
        url,
        http,
        fields[_SCRAPE_INTERVAL],
        fields[_DIALECT],
        fields[_EXTERNAL_LABELS],
        fields[_MAX_ANSWER],
    )


def _twice(urls: Sequence[str]) -> str | None:
    """An address that stands there before already, however it is spelt; None when there is none."""
    seen = set()
    for url in urls:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
        address = (parts.scheme, parts.hostname, port, parts.path or "/", parts.query)
        if address in seen:
            return url
        seen.add(address)
    return None


_TARGETS = required("targets", ListOf(TARGET, least=1), "Addresses of /metrics pages")
_INTERVAL = defaulted("interval", duration(1, 3600), "How often they are read", 15.0)
_LABELS = defaulted("labels", MapOf(LABEL_VALUE, LABEL), "Added to every series read", {})
_HISTORY = optional(
    "history",
    File(warn="the history starts empty"),
    "JSON lines with buckets to start from, kept up by another program",
)


def _scrape(fields: Fields) -> ScrapeSource | Bad:
    targets = fields[_TARGETS]
    http = http_config(fields, _TARGETS, targets)
    if http is BAD:
        return BAD
    if (twice := _twice(targets)) is not None:
        return fields.problem(_TARGETS, f"{twice} stands here twice")
    return ScrapeSource(
        fields.name, targets, fields[_INTERVAL], fields[_LABELS], fields[_HISTORY], http, fields[_MAX_ANSWER]
    )


_URLS = required("urls", ListOf(URL, least=1), "Addresses of the members of one cluster")
_FLAVOUR = defaulted("flavour", words("prometheus", "mimir", "grafana"), "Whose API it is", "prometheus")
_READ_ONLY = defaulted("read_only", Flag(), "Never write to it", False)


def _alertmanager(fields: Fields) -> AlertmanagerSource | Bad:
    urls = fields[_URLS]
    http = http_config(fields, _URLS, urls)
    if http is BAD:
        return BAD
    if (twice := _twice(urls)) is not None:
        return fields.problem(_URLS, f"{twice} stands here twice: name each member of the cluster once")
    return AlertmanagerSource(fields.name, urls, fields[_FLAVOUR], fields[_READ_ONLY], http, fields[_MAX_ANSWER])


_PATH = required("path", File(), "JSON lines, one deploy each; need not be there yet")


def _file(fields: Fields) -> FileSource:
    return FileSource(fields.name, fields[_PATH])


def _grafana(fields: Fields) -> GrafanaSource | Bad:
    http = http_config(fields, _URL, (fields[_URL],))
    return BAD if http is BAD else GrafanaSource(fields.name, fields[_URL], http, fields[_MAX_ANSWER])


SOURCE_NAME: Final = Text("a name")
SOURCES: Final[MapOf[Source]] = MapOf(
    Tagged(
        "kind",
        {
            "prometheus": _source("prometheus", _URL, _SCRAPE_INTERVAL, _DIALECT, _EXTERNAL_LABELS, build=_prometheus),
            "scrape": _source("scrape", _TARGETS, _INTERVAL, _LABELS, _HISTORY, build=_scrape),
            "alertmanager": _source("alertmanager", _URLS, _FLAVOUR, _READ_ONLY, build=_alertmanager),
            "file": _source("file", _PATH, build=_file, http=False),
            "grafana": _source("grafana", _URL, build=_grafana),
        },
        "What kind of source this is",
    ),
    SOURCE_NAME,
    least=1,
)
KINDS: Final = ("prometheus", "scrape", "alertmanager", "file", "grafana")


def declared_kinds(root: Mapping, reader: Reader) -> dict[str, str | None]:
    """Every source that is named, with its kind (None when that is wrong): references are checked against these.

    Problems found on the way are not reported here; reading the sources does that.
    """
    item = root.items.get("sources")
    if item is None or not isinstance(item[1], Mapping):
        return {}
    quiet = Reader.__new__(Reader)
    quiet.__dict__.update(reader.__dict__, problems=[])
    kinds: dict[str, str | None] = {}
    for name, (_, node) in item[1].items.items():
        kind = node.items.get("kind") if isinstance(node, Mapping) else None
        word = quiet.text(kind[1], Place(None, "kind"), "a kind") if kind is not None else BAD
        kinds[name] = word if word is not BAD and word in KINDS else None
    return kinds


class SourceName:
    """The name of a source of one of some kinds."""

    def __init__(self, kinds: tuple[str, ...], what: str) -> None:
        self.kinds = kinds
        self.what = what

    def read(self, node: Node, place: Place, reader: Reader) -> str | Bad:
        """The name, when such a source is declared."""
        name = reader.text(node, place, "the name of a source")
        if name is BAD:
            return BAD
        declared = reader.source_kinds
        if name not in declared:
            if declared:
                fitting = [each for each, kind in declared.items() if kind in (*self.kinds, None)]
                near = nearest(name, fitting) or f"; there are {', '.join(fitting) or 'none that fit'}"
                reader.problem(node.line, place, f"no source is named {quoted(node)}{near}")
            return BAD
        kind = declared[name]
        if kind is not None and kind not in self.kinds:
            reader.problem(node.line, place, f"{quoted(node)} is of kind {kind}; {self.what}")
            return BAD
        return name

    def schema(self, defs: dict[str, Schema]) -> Schema:
        """A text: a schema cannot follow names."""
        return Text().schema(defs)

    def only(self, reader: Reader) -> str | None:
        """The one source that fits, when exactly one does and no kind is in doubt."""
        fitting = [name for name, kind in reader.source_kinds.items() if kind in (*self.kinds, None)]
        return fitting[0] if len(fitting) == 1 else None


METRIC_SOURCE: Final = SourceName(METRIC_KINDS, "SLOs need prometheus or scrape")
PROMQL_SOURCE: Final = SourceName(("prometheus",), "PromQL needs a source of kind prometheus")


def missing_source(kind: SourceName, reader: Reader) -> str | None:
    """What to say where a source is not named and cannot be guessed; None when nothing should be said."""
    fitting = [name for name, each in reader.source_kinds.items() if each in kind.kinds]
    if None in reader.source_kinds.values() or not reader.source_kinds:
        return None
    if not fitting:
        return f"there is no source to use: {kind.what}"
    return f"missing: there is more than one source that fits ({', '.join(fitting)})"
