"""Matchers of silences as people write, read and confirm them, and whether they hold for an alert.

How Alertmanager matches: regular expressions are anchored, `.` is no line break, an absent label is empty.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from hashlib import blake2b

from sreconsole.domain.alert import Alert
from sreconsole.domain.effort import bearable
from sreconsole.domain.literal import is_text, read_literal
from sreconsole.domain.lookalike import disguised, escaped
from sreconsole.domain.regex import NotRead, compile_re2
from sreconsole.domain.selector import Matcher
from sreconsole.patterns import pattern

FEW = 20
"""Different values of a label that a suggested matcher still names one by one."""
_BARE = pattern(r"[a-zA-Z_][a-zA-Z0-9_]*")
_NAME = pattern(r"[^\s=!~\"'`{}(),]+")
_OP = pattern(r"\s*(=~|!~|!=|=)\s*")
_SECOND = pattern(r",\s*[a-zA-Z_][a-zA-Z0-9_]*\s*(?:=~|!~|!=|=)")
_META = pattern(r"[\\.+*?()|\[\]{}^$]")
_ACCEPTED = 'write NAME OP VALUE with = != =~ !~, as in severity="warn"'


# --- text to matcher --------------------------------------------------------------------------------------------------
def parse_matcher(text: str) -> Matcher:
    """The matcher that one argument of a command line spells: NAME OP VALUE.

    NAME is bare or a double-quoted literal of Go. VALUE is a double-quoted literal, or bare: then it is taken as it
    stands, without blanks around it. What could be meant in two ways is refused. Raises ValueError with what is wrong
    and where (column, 1-based).
    """
    at = len(text) - len(text.lstrip())
    if not is_text(text):
        raise _wrong(text, at, "it is not UTF-8")
    name, at = _name(text, at)
    found = _OP.match(text, at)
    if found is None:
        if at == len(text):
            raise _wrong(text, at, f"a bare word is no matcher, nor an alertname: {_ACCEPTED}")
        raise _wrong(text, at, f"expected one of = != =~ !~: {_ACCEPTED}")
    op, at = found[1], found.end()
    start = at
    if text.startswith('"', at):
        value, at = _literal(text, at)
        if text[at:].strip():
            raise _wrong(text, at, "something stands behind the value; one argument is one matcher")
    else:
        value = _bare(text, at)
    matcher = Matcher(name, op, value)
    trouble = broken(matcher)
    if trouble is not None:
        raise _wrong(text, start, trouble)
    return matcher


def parse_matchers(texts: Iterable[str]) -> tuple[Matcher, ...]:
    """Several of them, in their order. A label that is to be equal to two values, or twice to one, is refused."""
    matchers = tuple(parse_matcher(text) for text in texts)
    trouble = contradiction(matchers)
    if trouble is not None:
        raise ValueError(trouble)
    return matchers


def contradiction(matchers: Iterable[Matcher]) -> str | None:
    """Why no alert could ever satisfy them, or what stands there twice: one label with `=` two times."""
    seen: dict[str, str] = {}
    for matcher in matchers:
        if matcher.op == "=" and matcher.name in seen:
            what = "stands there twice" if seen[matcher.name] == matcher.value else "is to be equal to two values"
            return f"the label {shown_name(matcher.name)} {what}; for several values write =~ and a|b"
        if matcher.op == "=":
            seen[matcher.name] = matcher.value
    return None


def broken(matcher: Matcher) -> str | None:
    """What is wrong with its regular expression for any server; None: nothing, or only the server can tell."""
    if "~" not in matcher.op:
        return None
    try:
        compile_re2(matcher.value, newline=False)
    except NotRead:
        return None
    except ValueError as error:
        return f"the regular expression does not compile ({error})"
    return None


def _name(text: str, at: int) -> tuple[str, int]:
    if text.startswith('"', at):
        name, end = _literal(text, at)
    else:
        found = _NAME.match(text, at)
        if found is None:
            raise _wrong(text, at, f"expected the name of a label: {_ACCEPTED}")
        name, end = found[0], found.end()
        if _BARE.fullmatch(name) is None:
            raise _wrong(text, at, "a name of other than letters, digits and _ stands in double quotes")
    if not name:
        raise _wrong(text, at, "the name is empty")
    return name, end


def _bare(text: str, at: int) -> str:
    value = text[at:].strip(" \t")
    if not value:
        raise _wrong(text, at, 'no value; "" in double quotes is the value of a label that is not there')
    if value[0] in "=~!'`":
        raise _wrong(text, at, f"a value that begins with {value[0]} stands in double quotes")
    second = _SECOND.search(value)
    if second is not None:
        raise _wrong(text, at + second.start(), "one argument is one matcher; such a value stands in double quotes")
    for place, char in enumerate(value):
        if char == '"':
            raise _wrong(text, at + place, 'a value with " in it stands in double quotes, with \\" for it')
        if not char.isprintable():
            raise _wrong(text, at + place, f"{escaped(char)} is written so, and the value in double quotes")
    return value


def _literal(text: str, at: int) -> tuple[str, int]:
    try:
        return read_literal(text, at, '"')
    except ValueError as error:
        raise _wrong(text, at, str(error)) from None


def _wrong(text: str, at: int, what: str) -> ValueError:
    return ValueError(f'{what} (column {at + 1} of "{abridged(escaped(text), 80)}")')


# --- matcher to text --------------------------------------------------------------------------------------------------
def shown(matcher: Matcher) -> str:
    """For people, who confirm by it: reversible, and never alike for two that differ (domain/lookalike.py)."""
    return f'{shown_name(matcher.name)}{matcher.op}"{escaped(matcher.value)}"'


def shown_name(name: str) -> str:
    """The name of a label for people, in double quotes where it is not a plain one."""
    return name if _BARE.fullmatch(name) else f'"{escaped(name)}"'


def abridged(text: str, most: int) -> str:
    """A text for people cut to `most` characters; what was cut is named by a digest, so that two stay apart."""
    if len(text) <= most:
        return text
    end = f"…{len(text)} characters, #{blake2b(text.encode('utf-8', 'surrogatepass'), digest_size=4).hexdigest()}"
    return text[: max(1, most - len(end))] + end


def looks_like_another(matchers: Iterable[Matcher]) -> tuple[Matcher, ...]:
    """Those with letters that could be taken for others: shown escaped, and worth a word."""
    return tuple(matcher for matcher in matchers if disguised(matcher.value) or disguised(matcher.name))


def filter_text(matcher: Matcher) -> str:
    """For `filter=` of any Alertmanager: what both of its parsers read alike (the classic one knows three escapes)."""
    name = matcher.name if _BARE.fullmatch(matcher.name) else _classic(matcher.name)
    return f"{name}{matcher.op}{_classic(matcher.value)}"


def _classic(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


# --- matching ---------------------------------------------------------------------------------------------------------
Test = Callable[[Mapping[str, str]], bool]


def test_of(matchers: Sequence[Matcher]) -> Test:
    """A function that tells whether labels (raw) satisfy all matchers, as Alertmanager would.

    It, or the function it gives, raises ValueError where only the server can tell.
    """
    tests = [(matcher.name, _test(matcher)) for matcher in matchers]
    return lambda labels: all(test(labels.get(name, "")) for name, test in tests)


def holds(matcher: Matcher, value: str) -> bool:
    """Whether one matcher holds for a value (empty: the label is not there). Raises ValueError as `test_of`."""
    return _test(matcher)(value)


def _test(matcher: Matcher) -> Callable[[str], bool]:
    wanted = matcher.value
    if matcher.op == "=":
        return lambda value: value == wanted
    if matcher.op == "!=":
        return lambda value: value != wanted
    try:
        compiled = compile_re2(wanted, newline=False)
    except ValueError as error:
        raise _only_the_server(matcher, str(error)) from None
    positive, length = matcher.op == "=~", _reach_of(compiled)

    def test(value: str) -> bool:
        if len(value) > length and not bearable(compiled, len(value)):
            raise _only_the_server(matcher, "it would take too long here")
        return (compiled.fullmatch(value) is not None) is positive

    return test


def _reach_of(compiled: re.Pattern[str]) -> int:
    """A length up to which every text is quick, so that it need not be asked for each."""
    return next((length for length in (2000, 500, 100, 20) if bearable(compiled, length)), -1)


def _only_the_server(matcher: Matcher, why: str) -> ValueError:
    return ValueError(f"only the server understands {abridged(shown(matcher), 120)}: {why}")


# --- suggesting -------------------------------------------------------------------------------------------------------
def suggested(alerts: Sequence[Alert], strip_labels: Collection[str]) -> tuple[Matcher, ...]:
    """What to silence some alerts by: every label that all of them have, but for `strip_labels`; the alertname first.

    One value: `=`. Up to `FEW`: an alternation of them, escaped. More, or absent in one: left out.
    """
    if not alerts:
        return ()
    common = set(alerts[0].raw).intersection(*(alert.raw for alert in alerts[1:])).difference(strip_labels)
    matchers = []
    for name in sorted(common, key=lambda name: (name != "alertname", name)):
        values = {alert.raw[name] for alert in alerts}
        if len(values) == 1:
            matchers.append(Matcher(name, "=", values.pop()))
        elif len(values) <= FEW:
            matchers.append(Matcher(name, "=~", alternation(values)))
    return tuple(matchers)


def alternation(values: Iterable[str]) -> str:
    """A regular expression for exactly these values."""
    return "|".join(_META.sub(r"\\\g<0>", value) for value in sorted(values))
