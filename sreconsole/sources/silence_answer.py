"""What the answer to a write of a silence means: done, refused, or in doubt.

Only two kinds of answers settle it: 2xx with the id of the silence, and a refusal in the API's own words. Everything
else may come from something that stands before the server and had passed the request on: a gateway's 502, a page with
200, a redirect, a limit. Then only the server's list of silences can tell. Never the wording of a refusal: it changes
between releases. Sources: Alertmanager's `api/v2/api.go`; Grafana, "Alerting HTTP API" (creating answers 202).
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec

from sreconsole.errors import BadAnswer, SourceError
from sreconsole.sources import alertmanager_json as json
from sreconsole.sources.answer import Response
from sreconsole.sources.sentences import check_good, refusal, words

_HELD_BACK = (408, 425, 429, 499)
"""Of a limit or a time-out, by whoever: the request may have been passed on before."""
_LONGEST_ID = 200


class Verdict(NamedTuple):
    """What is known after an answer."""

    kind: Literal["done", "refused", "doubt"]
    id: str = ""
    """With `done`."""
    sentence: str = ""
    """With the others: what was said."""
    again: bool = False
    """With `doubt`: whether sending it once more may help, where it has proved not to have arrived."""


class _MadeJson(msgspec.Struct, gc=False):
    silenceID: str


_made = msgspec.json.Decoder(_MadeJson).decode


def judged(answer: Response, source: str) -> Verdict:
    """What the answer to a POST of a silence means."""
    if 200 <= answer.status < 300:
        made = _id(answer)
        return Verdict("done", made) if made else Verdict("doubt", sentence=_odd(answer, source), again=True)
    if own_words(answer):
        return Verdict("refused", sentence=refused(answer, source))
    return Verdict("doubt", sentence=refused(answer, source), again=answer.status >= 500)


def own_words(answer: Response) -> bool:
    """Whether an answer is a refusal by the server itself, which then has done nothing."""
    if not 400 <= answer.status < 500 or answer.status in _HELD_BACK:
        return False
    return not_set_up(answer) or json.error_text(answer.body) is not None


def refused(answer: Response, source: str) -> str:
    """The sentence for an answer that is not 2xx."""
    if not_set_up(answer):
        return f"{answer.url} is not set up for this tenant (404): give it a configuration first"
    said = json.error_text(answer.body)
    said = answer.harmless(said) if said else words(answer)
    quoted = f", it says “{said}”" if said else ""
    if answer.status == 403:
        return f"{answer.url} forbids it (403): the credentials of source {source} may not change silences{quoted}"
    if answer.status in (400, 404, 409, 413, 422):
        return f"{answer.url} refused it ({answer.status}){quoted}"
    return str(refusal(answer, source, "Alertmanager API"))


def not_set_up(answer: Response) -> bool:
    """Mimir, of a tenant without an Alertmanager."""
    return answer.status == 404 and "Alertmanager is not configured" in answer.text()


def _id(answer: Response) -> str:
    try:
        made = _made(answer.body).silenceID
    except json.UNREADABLE:
        return ""
    return made if len(made) <= _LONGEST_ID and made.isascii() and made.isprintable() else ""


def _odd(answer: Response, source: str) -> str:
    """2xx without an id."""
    try:
        check_good(answer, "json", source, "Alertmanager API")
    except SourceError as error:
        return str(error)
    return str(BadAnswer(f"{answer.url} answered {answer.status} without the id of a silence: is it an Alertmanager?"))
