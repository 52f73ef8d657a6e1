"""The cursor of a chart: which stretch it stands on, what was counted there, what happened there, and how it looks."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import tzinfo

from sreconsole.domain.counts import Past
from sreconsole.present import words
from sreconsole.present.cells import Span
from sreconsole.present.chart import Picture
from sreconsole.present.happenings import Happening, said_within
from sreconsole.present.marks import Glyphs
from sreconsole.present.slo_columns import burn_token
from sreconsole.records import dataclass


@dataclass(frozen=True, slots=True)
class Steps:
    """The stretches of a time axis that a cursor stops at: each at least a column wide."""

    start: float
    size: float
    count: int

    @classmethod
    def of(cls, start: float, end: float, bucket: float, cells: int) -> Steps:
        """For buckets drawn in so many columns."""
        count = max(1, round((end - start) / bucket))
        group = max(1, -(-count // max(1, cells)))
        return cls(start, bucket * group, -(-count // group))

    def moved(self, at: float | None, way: int) -> float | None:
        """Where the cursor is after a key: from nowhere on the newest; past the newest it is gone."""
        if at is None:
            return self._edge(self.count - 1) if way < 0 else None
        place = self.place(at) + way
        return None if place >= self.count else self._edge(max(0, place))

    def place(self, at: float) -> int:
        """The number of the stretch a moment lies in."""
        edges = [self._edge(place) for place in range(self.count)]
        return max(0, bisect_right(edges, at) - 1)

    def stretch(self, at: float) -> tuple[float, float]:
        """Its begin and end."""
        place = self.place(at)
        return self._edge(place), self._edge(place + 1)

    def _edge(self, place: int) -> float:
        return self.start + place * self.size


def reading(
    stretch: tuple[float, float],
    past: Past,
    budget: float,
    found: Sequence[Happening],
    now: float,
    zone: tzinfo,
    events: bool = True,
) -> list[Span]:
    """`02:47 to 02:52  11.3x  1,234 of 45,678 bad  v42 succeeded`; no counts without `events` (only ratios known)."""
    start, end = stretch
    bad, total, known = past.within(start, end)
    span = f"{words.near(start, now, zone)} to {words.near(end, now, zone)}"
    if known <= 0:
        said = [Span("no data", "unknown")]
    elif total <= 0:
        said = [Span("no traffic", "dim")]
    else:
        rate = bad / total / budget
        counted = f"  {words.count(bad)} of {words.count(total)} bad" if events else ""
        said = [Span(words.burn(rate), burn_token(rate)), Span(counted, "foreground")]
    return [Span(f"{span}  ", "bold foreground"), *said, *said_within(found, start, end, zone)]


def pointed(line: Sequence[Span], column: int, glyphs: Glyphs) -> list[Span]:
    """A line of the chart with the cursor in one of its columns. Each of its characters takes one cell."""
    out: list[Span] = []
    place = 0
    for span in line:
        cut = column - place
        if 0 <= cut < len(span.text):
            under = span.text[cut]
            sign = glyphs.wall if under in (" ", "\u2800") else under
            out.extend((Span(span.text[:cut], span.style), Span(sign, "bold mark")))
            out.append(Span(span.text[cut + 1 :], span.style))
        else:
            out.append(span)
        place += len(span.text)
    return [span for span in out if span.text]


def cursor_column(picture: Picture, stretch: tuple[float, float]) -> int | None:
    """The column the cursor stands in."""
    middle = (stretch[0] + stretch[1]) / 2
    return picture.column(min(max(middle, picture.start), picture.end))
