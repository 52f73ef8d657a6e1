"""An answer that is no good, as one of our errors: one sentence that says what happened and what to do.

Sentences name the URL without user, password and query, and the config keys to look at. Everything a server said is
cleaned, and every secret that was sent is taken out of it.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from sreconsole.domain.cleaning import clean
from sreconsole.errors import BadAnswer, Denied, SourceError, Unreachable
from sreconsole.sources.answer import Expect, Response

_TITLE = re.compile(r"<title[^>]*>(.{0,200}?)</title", re.IGNORECASE | re.DOTALL)
_UNSEEN = re.compile(r"<(script|style|head)\b.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^<>]{0,1000}>")
_LOGIN = re.compile(r"log-?\s?in|sign-?\s?in|password|saml|oauth|openid|/sso|/auth", re.IGNORECASE)
_TENANT = re.compile(r"no org ?id|x-scope-orgid|no tenant|missing tenant|tenant.{0,20}(?:required|missing)", re.I)
_JSON = re.compile(r"application/(?:[\w.-]+\+)?json")


def shown_url(url: str) -> str:
    """A URL as people may see it: cleaned, without user, password, query and fragment."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return clean(url.rpartition("@")[2].partition("?")[0], 200)
    return clean(f"{parts.scheme}://{host}{parts.path}".rstrip("/") if parts.scheme else url.partition("?")[0], 200)


def words(answer: Response, limit: int = 160) -> str:
    """What the server said, on one harmless line; of a web page its title."""
    text = answer.text()
    if _is_page(answer):
        import html

        text = answer.sent.hide(text)
        title = _TITLE.search(text)
        text = html.unescape(title[1] if title else _TAG.sub(" ", _UNSEEN.sub(" ", text)))
    return answer.harmless(text, limit)


def check_good(answer: Response, expect: Expect, source: str, api: str) -> None:
    """Raise unless a 2xx answer is what was asked for."""
    url = answer.url
    if expect == "any":
        return
    if not answer.body.strip():
        raise BadAnswer(f"{url} sent an empty answer: is this the {api}, and is a proxy before it working?")
    if _is_page(answer):
        said = words(answer)
        if _LOGIN.search(answer.text()):
            raise Denied(
                f"{url} shows a login page, not the {api}: give source {source} credentials that pass it, or an "
                f"address behind it",
                detail=said,
            )
        raise BadAnswer(f"{url} answers with a web page, not the {api}: is a path prefix missing in url?", detail=said)
    if expect == "json" and not _JSON.fullmatch(answer.content_type):
        kind = clean(answer.content_type, 60) or "no content type"
        raise BadAnswer(
            f"{url} answers with {kind}, not JSON: is this the {api}?",
            detail=words(answer),
        )


def refusal(answer: Response, source: str, api: str) -> SourceError:
    """The error for an answer that is not 2xx."""
    said = words(answer)
    if 300 <= answer.status < 400:
        return _redirect(answer, source)
    if answer.status == 407:
        return Denied("the proxy wants a login (407): put user and password into proxy_url", detail=said)
    if answer.status == 401:
        return _unknown_user(answer, source, said)
    if answer.status == 403:
        return Denied(
            f"{answer.url} forbids this (403): the credentials of source {source} may not read it{_quote(said)}",
            detail=said,
        )
    if answer.status == 404:
        return BadAnswer(f"no {api} at {answer.url} (404): is a path prefix missing or wrong in url?", detail=said)
    if answer.status in (429, 502, 503, 504):
        return _busy(answer, said)
    if "HTTP request to an HTTPS server" in said or "plain HTTP request was sent to HTTPS port" in said:
        return BadAnswer(f"{answer.url} speaks TLS: write https:// in url", detail=said)
    if answer.status >= 500:
        return BadAnswer(
            f"{answer.url} failed inside ({answer.status}){_quote(said)}: look at its own log",
            detail=said,
            retry_after=answer.retry_after,
        )
    tenant = _tenant(answer, source, said)
    return tenant or BadAnswer(
        f"{answer.url} refused the request ({answer.status}){_quote(said)}: is this the {api}?", detail=said
    )


def _tenant(answer: Response, source: str, said: str) -> Denied | None:
    """Mimir, Cortex and Loki refuse a request without a tenant: 401, in some gateways 400."""
    if not _TENANT.search(said):
        return None
    return Denied(
        f"{answer.url} wants a tenant ({answer.status}): the X-Scope-OrgID header is missing, set it in http_headers "
        f"of source {source}",
        detail=said,
    )


def _unknown_user(answer: Response, source: str, said: str) -> SourceError:
    return _tenant(answer, source, said) or Denied(
        f"{answer.url} wants other credentials (401): check basic_auth, authorization or oauth2 of source "
        f"{source}{_quote(said)}",
        detail=said,
    )


def _redirect(answer: Response, source: str) -> SourceError:
    target = shown_url(answer.sent.hide(answer.location)) or "nowhere"
    if _LOGIN.search(answer.location):
        return Denied(
            f"{answer.url} redirects to a login at {target} ({answer.status}): give source {source} credentials that "
            f"pass it, or an address behind it"
        )
    return BadAnswer(
        f"{answer.url} redirects to {target} ({answer.status}): redirects are not followed, put the final address "
        f"into url"
    )


def _busy(answer: Response, said: str) -> SourceError:
    wait = f", it asks to wait {answer.retry_after:.0f}s" if answer.retry_after is not None else ""
    what = {
        429: "limits our requests (429)",
        502: "is a gateway without a working server behind it (502)",
        503: "is not ready or overloaded (503)",
        504: "is a gateway that got no answer in time (504)",
    }[answer.status]
    do = "raise refresh or its limits" if answer.status == 429 else "look at the server, we ask again"
    return Unreachable(f"{answer.url} {what}{wait}{_quote(said)}: {do}", detail=said, retry_after=answer.retry_after)


def _is_page(answer: Response) -> bool:
    if _JSON.fullmatch(answer.content_type):
        return False
    start = answer.body[:200].lstrip().lower()
    return answer.content_type in ("text/html", "application/xhtml+xml") or start.startswith(
        (b"<!doctype html", b"<html")
    )


def _quote(said: str) -> str:
    return f", it says “{said}”" if said else ""
