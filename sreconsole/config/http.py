"""Prometheus' `http_config`: every key of it, in its spelling, to be pasted into a source."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from sreconsole.config.block import Block
from sreconsole.config.containers import ListOf, MapOf
from sreconsole.config.key import Fields, Key, defaulted, optional, required
from sreconsole.config.kinds import Flag, Text, words
from sreconsole.config.model import HttpConfig, OAuth2Config, Secret, TlsConfig
from sreconsole.config.reader import BAD, Bad
from sreconsole.config.secrets import SECRET
from sreconsole.config.texts import HEADER, PROXY, SECRET_FILE, URL
from sreconsole.patterns import pattern

Values = tuple[str | Secret, ...]

# --- tls_config ---------------------------------------------------------------------------------------------------
_VERSIONS = ("TLS10", "TLS11", "TLS12", "TLS13")
_CA = optional("ca", Text("a PEM block", raw=True), "CA certificates as PEM text")
_CA_FILE = optional("ca_file", SECRET_FILE, "CA certificates as a PEM file; default: those of the system")
_CERT = optional("cert", Text("a PEM block", raw=True), "Client certificate as PEM text")
_CERT_FILE = optional("cert_file", SECRET_FILE, "Client certificate as a PEM file")
_KEY = optional("key", SECRET, "Client key as PEM text")
_KEY_FILE = optional("key_file", SECRET_FILE, "Client key as a PEM file")
_SERVER_NAME = optional("server_name", Text("a host name"), "Name the server's certificate must have")
_INSECURE = defaulted("insecure_skip_verify", Flag(), "Do not check the server's certificate", False)
_MIN = optional("min_version", words(*_VERSIONS), "Oldest TLS version accepted")
_MAX = optional("max_version", words(*_VERSIONS), "Newest TLS version offered")


def _tls(fields: Fields) -> TlsConfig | Bad:
    low, high = fields[_MIN], fields[_MAX]
    if low and high and low > high:
        return fields.problem(_MAX, f"{high} is older than min_version {low}")
    return TlsConfig(
        fields[_CA_FILE],
        fields[_CA],
        fields[_CERT_FILE],
        fields[_CERT],
        fields[_KEY_FILE],
        fields[_KEY],
        fields[_SERVER_NAME],
        fields[_INSECURE],
        low,
        high,
    )


TLS: Final = Block(
    "tls_config",
    (_CA, _CA_FILE, _CERT, _CERT_FILE, _KEY, _KEY_FILE, _SERVER_NAME, _INSECURE, _MIN, _MAX),
    _tls,
    at_most=(("ca", "ca_file"), ("cert", "cert_file"), ("key", "key_file")),
    needs={
        "cert": ("key", "key_file"),
        "cert_file": ("key_file", "key"),
        "key": ("cert", "cert_file"),
        "key_file": ("cert_file", "cert"),
    },
)

# --- who we are ---------------------------------------------------------------------------------------------------
_USERNAME = optional("username", Text("a user name"), "User name")
_USERNAME_FILE = optional("username_file", SECRET_FILE, "File with the user name")
_PASSWORD = optional("password", SECRET, "Password")
_PASSWORD_FILE = optional("password_file", SECRET_FILE, "File with the password, read at each use")


def _from_file(fields: Fields, key: Key[Any]) -> Secret | None:
    return Secret("file", path=fields[key]) if key in fields else None


def _basic(fields: Fields) -> tuple[Secret | str, Secret | None]:
    user = fields[_USERNAME] or _from_file(fields, _USERNAME_FILE) or ""
    return user, fields[_PASSWORD] or _from_file(fields, _PASSWORD_FILE)


BASIC: Final = Block(
    "basic_auth",
    (_USERNAME, _USERNAME_FILE, _PASSWORD, _PASSWORD_FILE),
    _basic,
    one_of=(("username", "username_file"),),
    at_most=(("password", "password_file"),),
)

_TYPE = defaulted("type", Text("a type such as Bearer"), "First word of the Authorization header", "Bearer")
_CREDENTIALS = optional("credentials", SECRET, "The rest of the Authorization header")
_CREDENTIALS_FILE = optional("credentials_file", SECRET_FILE, "File with the credentials, read at each use")


def _authorization(fields: Fields) -> tuple[str, Secret] | Bad:
    if fields[_TYPE].lower() == "basic":
        return fields.problem(_TYPE, "user and password are given with basic_auth")
    secret = fields[_CREDENTIALS] or _from_file(fields, _CREDENTIALS_FILE)
    return BAD if secret is None else (fields[_TYPE], secret)


AUTHORIZATION: Final = Block(
    "authorization",
    (_TYPE, _CREDENTIALS, _CREDENTIALS_FILE),
    _authorization,
    one_of=(("credentials", "credentials_file"),),
)

# --- headers ------------------------------------------------------------------------------------------------------
_RESERVED = pattern(
    "authorization|host|content-(?:encoding|length|type)|user-agent|connection|keep-alive|proxy-authenticate"
    "|proxy-authorization|www-authenticate|accept|accept-encoding|transfer-encoding|te|upgrade|trailer"
)
_SENSITIVE = ("cookie", "token", "secret", "password", "api-key", "apikey", "credential", "signature")

_VALUES = defaulted("values", ListOf(Text("a header value", empty=True)), "Values", ())
_SECRETS = defaulted("secrets", ListOf(SECRET), "Secret values", ())
_FILES = defaulted("files", ListOf(SECRET_FILE), "Files with values, read at each use", ())


def _header(fields: Fields) -> Values | Bad:
    name = fields.name.lower()
    if _RESERVED.fullmatch(name):
        instead = ": use authorization or basic_auth" if name == "authorization" else ""
        fields.reader.problem(fields.line, fields.place, f"this header is not yours to set{instead}")
        return BAD
    values: Values = fields[_VALUES]
    if values and any(word in name for word in _SENSITIVE):
        values = tuple(Secret("inline", str(value)) for value in fields[_VALUES])
        if not fields.reader.private:
            fields.warning(_VALUES, "looks like a secret in a file that others can read: use secrets or files")
    files = tuple(Secret("file", path=path) for path in fields[_FILES])
    return (*values, *fields[_SECRETS], *files)


HTTP_HEADER: Final = Block(
    "http_header", (_VALUES, _SECRETS, _FILES), _header, any_of=(("values", "secrets", "files"),)
)

# --- proxy --------------------------------------------------------------------------------------------------------
_PROXY_URL = optional("proxy_url", PROXY, "Proxy to go through")
_NO_PROXY = optional("no_proxy", Text("hosts, separated by commas"), "Hosts reached without the proxy")
_PROXY_ENV = defaulted("proxy_from_environment", Flag(), "Take the proxy from HTTP_PROXY, HTTPS_PROXY, NO_PROXY", False)
_PROXY_HEADERS = defaulted(
    "proxy_connect_header", MapOf(ListOf(SECRET, least=1), HEADER), "Headers sent to the proxy", {}
)
_PROXY: tuple[Key[Any], ...] = (_PROXY_URL, _NO_PROXY, _PROXY_ENV, _PROXY_HEADERS)
_PROXY_NEEDS = {"no_proxy": ("proxy_url",), "proxy_connect_header": ("proxy_url", "proxy_from_environment")}

# --- oauth2 -------------------------------------------------------------------------------------------------------
_CLIENT_ID = required("client_id", Text("a client id"), "Client id")
_CLIENT_SECRET = optional("client_secret", SECRET, "Client secret")
_CLIENT_SECRET_FILE = optional("client_secret_file", SECRET_FILE, "File with the client secret, read at each use")
_SCOPES = defaulted("scopes", ListOf(Text("a scope")), "Scopes to ask for", ())
_TOKEN_URL = required("token_url", URL, "Where the token is fetched")
_ENDPOINT_PARAMS = defaulted("endpoint_params", MapOf(Text(), Text()), "More form values of the token request", {})
_OAUTH_TLS = defaulted("tls_config", TLS, "TLS of the token request", TlsConfig())


def _oauth2(fields: Fields) -> OAuth2Config | Bad:
    secret = fields[_CLIENT_SECRET] or _from_file(fields, _CLIENT_SECRET_FILE)
    if secret is None:
        return BAD
    if not encrypted(fields[_TOKEN_URL]):
        return fields.problem(_TOKEN_URL, CLEAR_TEXT)
    for key in (_NO_PROXY, _PROXY_ENV, _PROXY_HEADERS):
        if key in fields:
            fields.warning(key, "has no effect here; only proxy_url is used for the token request")
    return OAuth2Config(
        fields[_CLIENT_ID],
        secret,
        fields[_TOKEN_URL],
        fields[_SCOPES],
        fields[_ENDPOINT_PARAMS],
        fields[_OAUTH_TLS],
        fields[_PROXY_URL],
    )


OAUTH2: Final = Block(
    "oauth2",
    (_CLIENT_ID, _CLIENT_SECRET, _CLIENT_SECRET_FILE, _SCOPES, _TOKEN_URL, _ENDPOINT_PARAMS, _OAUTH_TLS, *_PROXY),
    _oauth2,
    one_of=(("client_secret", "client_secret_file"),),
    at_most=(("proxy_url", "proxy_from_environment"),),
    needs=_PROXY_NEEDS,
)

# --- http_config, as it stands among the keys of a source -----------------------------------------------------------
_BASIC_AUTH = optional("basic_auth", BASIC, "User and password")
_AUTHORIZATION = optional("authorization", AUTHORIZATION, "A token or another Authorization header")
_BEARER = optional("bearer_token", SECRET, "A bearer token (the older spelling)")
_BEARER_FILE = optional("bearer_token_file", SECRET_FILE, "File with a bearer token (the older spelling)")
_OAUTH2 = optional("oauth2", OAUTH2, "OAuth 2 with client credentials")
_TLS_CONFIG = defaulted("tls_config", TLS, "How TLS is checked", TlsConfig())
_HTTP_HEADERS = defaulted("http_headers", MapOf(HTTP_HEADER, HEADER), "More headers, for example X-Scope-OrgID", {})
_REDIRECTS = defaulted("follow_redirects", Flag(), "Accepted; redirects are never followed", False)
_HTTP2 = defaulted("enable_http2", Flag(), "Accepted; HTTP/1.1 is used", False)

HTTP_KEYS: Final[tuple[Key[Any], ...]] = (
    _BASIC_AUTH,
    _AUTHORIZATION,
    _BEARER,
    _BEARER_FILE,
    _OAUTH2,
    _TLS_CONFIG,
    _HTTP_HEADERS,
    *_PROXY,
    _REDIRECTS,
    _HTTP2,
)
HTTP_AT_MOST: Final = (
    ("basic_auth", "authorization", "bearer_token", "bearer_token_file", "oauth2"),
    ("proxy_url", "proxy_from_environment"),
)
HTTP_NEEDS: Final = _PROXY_NEEDS
_LOOPBACK = pattern(r"127(?:\.[0-9]{1,3}){3}")
CLEAR_TEXT: Final = "would send secrets in clear text to another machine: use https"


def http_config(fields: Fields, at: Key[Any], urls: tuple[str, ...]) -> HttpConfig | Bad:
    """The http_config among a source's keys; `at` is the key with its addresses `urls`."""
    bearer = fields[_BEARER] or _from_file(fields, _BEARER_FILE)
    authorization = fields[_AUTHORIZATION] or (("Bearer", bearer) if bearer else None)
    headers = fields[_HTTP_HEADERS]
    if fields[_REDIRECTS]:
        fields.warning(_REDIRECTS, "redirects are never followed, so that credentials stay where you send them")
    config = HttpConfig(
        fields[_BASIC_AUTH],
        authorization,
        fields[_OAUTH2],
        fields[_TLS_CONFIG],
        headers,
        fields[_PROXY_URL],
        tuple(host.strip() for host in (fields[_NO_PROXY] or "").split(",") if host.strip()),
        fields[_PROXY_ENV],
        fields[_PROXY_HEADERS],
        fields[_REDIRECTS],
        fields[_HTTP2],
    )
    if _sends_secrets(config) and not all(encrypted(url) for url in urls):
        return fields.problem(at, CLEAR_TEXT)
    return config


def _sends_secrets(http: HttpConfig) -> bool:
    secret_header = any(isinstance(value, Secret) for values in http.headers.values() for value in values)
    return bool(http.basic_auth or http.authorization or http.oauth2 or secret_header)


def encrypted(url: str) -> bool:
    """Whether what is sent to the address cannot be read on the way: https, or this machine."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".").lower()
    local = host in ("localhost", "::1") or host.endswith(".localhost") or _LOOPBACK.fullmatch(host) is not None
    return parts.scheme.lower() == "https" or local
