"""Kinds of texts: names, addresses, paths, patterns, selectors, queries, zones."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from sreconsole.config.env import substitute
from sreconsole.config.kinds import SCALARS, Parsed, Schema, Text
from sreconsole.config.reader import BAD, Bad, Place, Reader, nearest, quoted
from sreconsole.config.yaml_tree import Node
from sreconsole.domain.selector import Matcher, Selector, parse_selector
from sreconsole.patterns import pattern as compiled

LABEL: Final = Parsed("a label name", str, r"[^\x00-\x20\x7f-\xa0{}=\"'\\,!~]+", types=SCALARS)
"""A label name; since Prometheus 3 any UTF-8, so only what cannot be told apart is refused."""
METRIC: Final = Parsed(
    "a metric name such as app_build_info", str, r"[a-zA-Z_:][a-zA-Z0-9_:.]*", types=("string", "boolean")
)
HEADER: Final = Parsed("the name of an HTTP header", str, r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
THEME_NAME: Final = compiled("[A-Za-z0-9][A-Za-z0-9_-]*")
LABEL_VALUE: Final = Text("a label value", empty=True)

IN_THE_OPEN: Final = (
    "a secret in a file that others can read: chmod 600 the file (owned by you), or use ${NAME}, a *_file or command"
)
_HOST = r"(?:\[[0-9A-Fa-f:.]+\]|[^\s/?#@:\\\[\]]+)"
_SCHEME = r"[hH][tT][tT][pP][sS]?://"
_AFTER_BASE = r"(?::[0-9]{1,5})?(?:/[^\s?#]*)?"
_AFTER_PAGE = r"(?::[0-9]{1,5})?(?:[/?#]\S*)?"


class Url:
    """An http or https address.

    `page`: it may have a query. `strip`: a slash at its end means nothing. `login`: user and password may stand in it
    (as in a proxy's), under the rules of secrets; elsewhere they are refused.
    """

    def __init__(self, *, page: bool = False, strip: bool = True, login: bool = False) -> None:
        self.page = page
        self.strip = strip
        self.login = login
        host = rf"(?:[^\s/?#@]+@)?{_HOST}" if login else _HOST
        self.pattern = compiled(_SCHEME + host + (_AFTER_PAGE if page else _AFTER_BASE))

    def read(self, node: Node, place: Place, reader: Reader) -> str | Bad:
        """The address, a base without a slash at its end."""
        text = reader.text(node, place, "an address such as https://prometheus.example:9090")
        if text is BAD:
            return BAD
        text = text.strip()
        what = self._wrong(text)
        written = getattr(node, "text", "")
        if ":" in _login(text) and what is None and not reader.private and not substitute(written, reader.env).from_env:
            what = f"holds a password: {IN_THE_OPEN}"
        if what is not None:
            reader.problem(node.line, place, what)
            return BAD
        return text if self.page or not self.strip else text.rstrip("/")

    def _wrong(self, text: str) -> str | None:
        """What is wrong with the address. It is not quoted: a password may be in it."""
        scheme, found, _ = text.partition("://")
        if not found or scheme.lower() not in ("http", "https"):
            return "an address must start with http:// or https://"
        if _login(text) and not self.login:
            return "user and password do not belong into an address: use basic_auth"
        try:
            parts = urlsplit(text)
            host, port = parts.hostname, parts.port
        except ValueError:
            return "the address is not valid: check its host and port"
        if not host or port == 0:
            return "the address has no host" if not host else "the address has port 0"
        if not self.page and (parts.query or parts.fragment or "?" in text or "#" in text):
            return "an address here has no ? or # part"
        if not self.pattern.fullmatch(text) or not text.isprintable():
            return "the address holds characters that an address cannot have"
        return None

    def schema(self, defs: dict[str, Schema]) -> Schema:
        """Its pattern; also texts that take it from the environment."""
        # Not anchored by an environment alternative alone: a part of an address may come from there.
        return {"type": "string", "pattern": rf"^\s*(?:{self.pattern.pattern})\s*$|\$\{{"}


def _login(url: str) -> str:
    """What stands before the @ of an address."""
    return re.split(r"[/?#]", url.partition("://")[2], maxsplit=1)[0].rpartition("@")[0]


URL: Final = Url()
PROXY: Final = Url(login=True)
TARGET: Final = Url(strip=False)
PAGE: Final = Url(page=True)


class File:
    """A path, relative to the config file; with `must_exist` a file that can be found now."""

    def __init__(self, *, must_exist: bool = False, warn: str = "") -> None:
        self.must_exist = must_exist
        self.warn = warn
        """Said as a warning when the file is not there."""

    def read(self, node: Node, place: Place, reader: Reader) -> Path | Bad:
        """The path, made absolute by the config's directory."""
        text = Text("the path of a file").read(node, place, reader)
        if text is BAD:
            return BAD
        home = reader.env.get("HOME")
        path = reader.base / (Path(home) / text[2:] if text.startswith("~/") and home else Path(text))
        if (self.must_exist or self.warn) and not os.path.exists(path):
            if self.warn:
                reader.warning(node.line, place, f"there is no file {quoted(node)}: {self.warn}")
                return path
            reader.problem(node.line, place, f"there is no file {quoted(node)}{self._near(path)}")
            return BAD
        if os.path.isdir(path):
            reader.problem(node.line, place, f"{quoted(node)} is a directory, not a file")
            return BAD
        return path

    def _near(self, path: Path) -> str:
        try:
            return nearest(path.name, [entry.name for entry in path.parent.iterdir()])
        except OSError:
            return f" (nor a directory {str(path.parent)!r})"

    def schema(self, defs: dict[str, Schema]) -> Schema:
        """A text."""
        return Text().schema(defs)


SECRET_FILE: Final = File(must_exist=True)


def _regex(text: str) -> str:
    try:
        re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"the regular expression does not compile: {error}") from None
    return text


REGEX: Final = Parsed("a regular expression", _regex)


def _selector(text: str) -> Selector:
    return parse_selector(text)


SELECTOR: Final = Parsed('a selector such as http_requests_total{code=~"5.."}', _selector)


def _histogram(text: str) -> Selector:
    selector = parse_selector(text)
    if not selector.metric:
        raise ValueError("a histogram needs the name of its metric")
    for ending in ("_bucket", "_count", "_sum"):
        if selector.metric.endswith(ending):
            raise ValueError(f"name the histogram without {ending}: {selector.metric.removesuffix(ending)}")
    return selector


HISTOGRAM: Final = Parsed("a selector such as http_request_duration_seconds", _histogram)


def _matchers(text: str) -> tuple[Matcher, ...]:
    selector = parse_selector(text if text.startswith("{") else "{" + text + "}")
    if selector.metric:
        raise ValueError(f'{text!r} has no matchers; write for example alertname="Watchdog"')
    return selector.matchers


MATCHERS: Final = Parsed('matchers such as alertname="Watchdog"', _matchers)

_WINDOW = r"\{\{\.?window\}\}"


def _windowed(text: str) -> str:
    if not re.search(_WINDOW, text):
        raise ValueError(
            "the query has no {{window}} (or {{.window}}): write it where the range goes, as in [{{window}}]"
        )
    return text


WINDOWED_QUERY: Final = Parsed("PromQL with {{window}} in it", _windowed, schema={"type": "string", "pattern": _WINDOW})
QUERY: Final = Parsed("PromQL", str)


class Zone:
    """A time zone of the IANA database; kept by the reader for calendar windows."""

    def read(self, node: Node, place: Place, reader: Reader) -> str | Bad:
        """The zone's name."""
        from zoneinfo import ZoneInfo, available_timezones

        name = reader.text(node, place, "a time zone such as Europe/Berlin")
        if name is BAD:
            return BAD
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            # KeyError is zoneinfo's "not found"; the others are names that are no file of the database.
            known = available_timezones()
            near = nearest(name, known) or ", for example Europe/Berlin"
            what = f"{quoted(node)} is not a time zone{near}" if known else "no time zones here: install tzdata"
            reader.problem(node.line, place, what)
            return BAD
        reader.zone = name
        return name

    def schema(self, defs: dict[str, Schema]) -> Schema:
        """A text; which zones there are only the machine knows."""
        return {"type": "string", "minLength": 1}
