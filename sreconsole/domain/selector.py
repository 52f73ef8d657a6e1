"""PromQL instant selectors: `http_requests_total{service="checkout",code=~"5.."}` as a value.

Only selectors, not PromQL: no functions, ranges, offsets or `@`. Strings may be in double, single or back quotes with
Go escapes, as Prometheus reads them.
"""

from __future__ import annotations

from sreconsole.domain.regex import compile_re2
from sreconsole.patterns import pattern
from sreconsole.records import dataclass

_NAME = pattern(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = pattern(r"[a-zA-Z_][a-zA-Z0-9_]*")
_PLAIN = pattern(
    r"([a-zA-Z_:][a-zA-Z0-9_:]*)"
    r"(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*(?:=~|!~|!=|=)\"[^\"\\\n]*\"(?:,|(?=\})))*)\})?"
)
_PLAIN_MATCHER = pattern(r"([a-zA-Z0-9_]+)(=~|!~|!=|=)\"([^\"]*)\"")
_OPS = ("=~", "!~", "!=", "=")


@dataclass(frozen=True, slots=True, order=True)
class Matcher:
    """One label matcher: `name op "value"` with op one of `=`, `!=`, `=~`, `!~`."""

    name: str
    op: str
    value: str

    def __str__(self) -> str:
        return f"{_label(self.name)}{self.op}{quote(self.value)}"

    def matches(self, value: str) -> bool:
        """Whether a label value (empty for an absent label) is matched; regular expressions are anchored."""
        if self.op == "=":
            return value == self.value
        if self.op == "!=":
            return value != self.value
        hit = compile_re2(self.value).fullmatch(value) is not None
        return hit if self.op == "=~" else not hit


@dataclass(frozen=True, slots=True)
class Selector:
    """A metric name (may be empty) and its matchers, in the order written."""

    metric: str
    matchers: tuple[Matcher, ...] = ()

    def __str__(self) -> str:
        if not self.matchers and _NAME.fullmatch(self.metric):
            return self.metric
        if self.metric and not _NAME.fullmatch(self.metric):
            inside = [quote(self.metric), *(str(matcher) for matcher in self.matchers)]
            return "{" + ",".join(inside) + "}"
        return self.metric + "{" + ",".join(str(matcher) for matcher in self.matchers) + "}"

    def matches(self, labels: dict[str, str]) -> bool:
        """Whether a series' labels (without its name) satisfy every matcher."""
        return all(matcher.matches(labels.get(matcher.name, "")) for matcher in self.matchers)

    def adding(self, *matchers: Matcher) -> Selector:
        """The selector with more matchers."""
        return Selector(self.metric, self.matchers + matchers)

    def renamed(self, metric: str) -> Selector:
        """The same matchers on another metric."""
        return Selector(metric, self.matchers)


def quote(text: str) -> str:
    """A PromQL string literal in double quotes."""
    out = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    if not out.isprintable():
        out = "".join(c if c.isprintable() or ord(c) > 0x9F else f"\\u{ord(c):04x}" for c in out)
    return f'"{out}"'


def _label(name: str) -> str:
    return name if _LABEL.fullmatch(name) else quote(name)


def parse_selector(text: str) -> Selector:
    """The selector a text spells. Raises ValueError with what is wrong and where (column, 1-based)."""
    return _plain(text) or _Parser(text).selector()


def _plain(text: str) -> Selector | None:
    """The selector of a text as nearly all are: names, double quotes, nothing escaped. None: the parser must look.

    Ten times as quick as the parser, and a config may have thousands.
    """
    found = _PLAIN.fullmatch(text) if text.isascii() and "__name__" not in text else None
    if found is None:
        return None
    matchers = tuple(Matcher(*parts) for parts in _PLAIN_MATCHER.findall(found[2] or ""))
    try:
        for matcher in matchers:
            if matcher.op in ("=~", "!~"):
                compile_re2(matcher.value)
    except ValueError:
        return None
    return Selector(found[1], matchers)


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def fail(self, what: str) -> ValueError:
        return ValueError(f"{what} at column {self.at + 1} of the selector {self.text[:80]!r}")

    def space(self) -> None:
        while self.at < len(self.text) and self.text[self.at] in " \t\r\n":
            self.at += 1

    def selector(self) -> Selector:
        self.space()
        metric = ""
        found = _NAME.match(self.text, self.at)
        if found:
            metric = found[0]
            self.at = found.end()
        self.space()
        matchers: list[Matcher] = []
        if self.at < len(self.text) and self.text[self.at] == "{":
            self.at += 1
            metric, matchers = self.braces(metric)
        self.space()
        if self.at < len(self.text):
            rest = self.text[self.at]
            hint = {
                "[": "; leave out the range, it is added",
                "(": "; a selector cannot call functions (use bad_query)",
            }
            raise self.fail(f"unexpected {rest!r}{hint.get(rest, '')}")
        if not metric and not matchers:
            raise self.fail("expected a metric name")
        selector = Selector(metric, tuple(matchers))
        if not metric and all(m.matches("") for m in matchers):
            raise self.fail("at least one matcher must not match the empty string")
        return selector

    def braces(self, metric: str) -> tuple[str, list[Matcher]]:
        matchers: list[Matcher] = []
        while True:
            self.space()
            if self.at >= len(self.text):
                raise self.fail("missing }")
            if self.text[self.at] == "}":
                self.at += 1
                break
            if self.text[self.at] in "\"'`":
                name = self.string()
                self.space()
                if self.at < len(self.text) and self.text[self.at] in ",}":
                    if metric:
                        raise self.fail("the metric is named twice")
                    metric = name
                    self.comma()
                    continue
            else:
                found = _LABEL.match(self.text, self.at)
                if not found:
                    raise self.fail("expected a label name")
                name = found[0]
                self.at = found.end()
            self.space()
            matchers.append(self.matcher(name))
            self.comma()
        names = [m for m in matchers if m.name == "__name__" and m.op == "="]
        if (metric and any(m.name == "__name__" for m in matchers)) or len(names) > 1:
            raise self.fail("the metric is named twice")
        if len(names) == 1 == sum(m.name == "__name__" for m in matchers):
            metric = names[0].value
            matchers = [m for m in matchers if m is not names[0]]
        return metric, matchers

    def comma(self) -> None:
        self.space()
        if self.at < len(self.text) and self.text[self.at] == ",":
            self.at += 1
        elif self.at < len(self.text) and self.text[self.at] != "}":
            raise self.fail("expected , or }")

    def matcher(self, name: str) -> Matcher:
        op = next((op for op in _OPS if self.text.startswith(op, self.at)), None)
        if op is None:
            raise self.fail("expected one of = != =~ !~")
        self.at += len(op)
        self.space()
        start = self.at
        value = self.string()
        if op in ("=~", "!~"):
            try:
                compile_re2(value)
            except ValueError as error:
                self.at = start
                raise self.fail(f"the regular expression does not compile ({error})") from None
        return Matcher(name, op, value)

    def string(self) -> str:
        from sreconsole.domain.literal import read_literal  # selectors that need a parser are rare

        try:
            value, self.at = read_literal(self.text, self.at)
        except ValueError as error:
            raise self.fail(str(error)) from None
        return value
