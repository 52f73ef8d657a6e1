"""The blocks about what happened: deploys and the journal."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from sreconsole.config.block import Block
from sreconsole.config.containers import ListOf
from sreconsole.config.key import Fields, defaulted, optional, required
from sreconsole.config.kinds import Parsed, Text
from sreconsole.config.model import DeployMetric, Deploys, Journal
from sreconsole.config.reader import BAD, Bad
from sreconsole.config.sources import METRIC_SOURCE, PROMQL_SOURCE, missing_source
from sreconsole.config.texts import LABEL, METRIC, SECRET_FILE, File
from sreconsole.config.units import MODE

_GLOBS = ListOf(Text("a glob such as prod*"))

_SOURCE = optional("source", METRIC_SOURCE, "Metrics source, where there is more than one")
_BUILD_INFO = required("build_info", METRIC, "Metric whose labels name the running version")
_SERVICE_LABEL = defaulted("service_label", LABEL, "Its label with the service", "service")
_VERSION_LABEL = defaulted("version_label", LABEL, "Its label with the version", "version")


def _metric(fields: Fields) -> DeployMetric | Bad:
    source = fields[_SOURCE] or METRIC_SOURCE.only(fields.reader)
    if source is None:
        what = missing_source(METRIC_SOURCE, fields.reader)
        return BAD if what is None else fields.problem(_SOURCE, what)
    if fields[_SERVICE_LABEL] == fields[_VERSION_LABEL]:
        return fields.problem(_VERSION_LABEL, "service and version cannot be the same label")
    return DeployMetric(source, fields[_BUILD_INFO], fields[_SERVICE_LABEL], fields[_VERSION_LABEL])


METRIC_DEPLOYS: Final = Block("deploy_metric", (_SOURCE, _BUILD_INFO, _SERVICE_LABEL, _VERSION_LABEL), _metric)

_PROD = defaulted("prod", _GLOBS, "Globs of environments that count as production", Deploys().prod)
_IGNORE = defaulted("ignore", _GLOBS, "Globs of environments that are not shown", ())
_METRICS = defaulted("metrics", ListOf(METRIC_DEPLOYS), "Deploys seen as new label sets of a build_info metric", ())
_KUBERNETES = optional("kubernetes", PROMQL_SOURCE, "Prometheus with kube-state-metrics, to see rollouts")


def _deploys(fields: Fields) -> Deploys:
    return Deploys(fields[_PROD], fields[_IGNORE], fields[_METRICS], fields[_KUBERNETES])


DEPLOYS: Final = Block("deploys", (_PROD, _IGNORE, _METRICS, _KUBERNETES), _deploys)


def _dsn(text: str) -> str:
    try:
        parts = urlsplit(text)
        password, host = parts.password, parts.hostname
    except ValueError:
        raise ValueError("the address of the database is not valid") from None
    if password is not None:
        raise ValueError("a password does not belong into the address: use password_file")
    if not host or not parts.path.strip("/"):
        raise ValueError("the address of the database names no host or no database, as postgresql://host/db")
    return text


_PATH = optional("path", File(), "SQLite file; absent: journal.db in the state directory, mode 0600")
_MODE = optional("mode", MODE, 'Permissions of the file, as "0660" for a shared one')
_DSN_KIND = Parsed("an address such as postgresql://host/db", _dsn, r"postgres(?:ql)?://\S+")
_DSN = optional("dsn", _DSN_KIND, "Database instead of a file")
_PASSWORD_FILE = optional("password_file", SECRET_FILE, "File with the database's password")


def _journal(fields: Fields) -> Journal:
    return Journal(fields[_PATH], fields[_MODE], fields[_DSN], fields[_PASSWORD_FILE])


JOURNAL: Final = Block(
    "journal",
    (_PATH, _MODE, _DSN, _PASSWORD_FILE),
    _journal,
    at_most=(("path", "dsn"), ("mode", "dsn")),
    needs={"password_file": ("dsn",)},
)
