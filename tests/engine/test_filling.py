"""What a cold start asks for: which buckets count exactly, and that no piece is part this, part that."""

from __future__ import annotations

from itertools import pairwise

import pytest

from sreconsole.engine.filling import DAY, POINTS, pieces, wanted
from sreconsole.ledger.book import FIVE, HOUR, MINUTE

NOW = 1_790_001_000
WINDOWS = (300, 3600, 21_600, DAY, 3 * DAY, 30 * DAY)


def cost(*, trends: bool) -> dict[tuple[int, str], int]:
    """Buckets by width and care, as 200 SLOs with two series each are asked for them."""
    found: dict[tuple[int, str], int] = {}
    for want in wanted(NOW, 30 * DAY, minutes=trends, trends=trends, windows=WINDOWS):
        grid = want.grid
        for piece in pieces(grid.width, grid.end, grid.end - grid.start, 400, want.cuts):
            kind = grid.width, want.care(piece)
            found[kind] = found.get(kind, 0) + len(piece)
    return found


def test_exact_is_asked_only_where_it_shows() -> None:
    found = cost(trends=True)
    assert found[HOUR, "exact"] == 24
    assert found[HOUR, "near"] == 48
    assert found[HOUR, "plain"] == 27 * 24 + 1
    assert found[FIVE, "exact"] == 7 * 12 + 1, "the last six hours and the one in which the window of a day begins"
    assert found[FIVE, "plain"] <= 20 * 12
    assert found[MINUTE, "exact"] == 15


def test_a_one_shot_asks_for_no_buckets_to_draw() -> None:
    found = cost(trends=False)
    assert (FIVE, "plain") not in found
    assert found[FIVE, "exact"] == (7 + 2) * 12


@pytest.mark.parametrize("moment", range(NOW, NOW + HOUR, 599))
def test_a_window_of_three_days_begins_between_hours_until_it_is_looked_up_again(moment: int) -> None:
    wants = wanted(moment, 30 * DAY, minutes=True, trends=True, windows=WINDOWS)
    for later in (moment, moment + HOUR):
        start = (later - 3 * DAY) // FIVE * FIVE
        after = -(-start // HOUR) * HOUR
        covered = [want for want in wants if want.grid.width == FIVE and want.grid.start <= start]
        assert any(want.grid.end >= after for want in covered) or start == after


def test_no_piece_crosses_a_cut_and_together_they_are_whole() -> None:
    made = list(pieces(HOUR, 100 * HOUR, 90 * HOUR, 1, [95 * HOUR, 40 * HOUR, 10 * HOUR, 200 * HOUR]))
    assert [made[0].end, made[-1].start] == [100 * HOUR, 10 * HOUR]
    assert all(later.start == earlier.end for later, earlier in pairwise(made))
    assert {95 * HOUR, 40 * HOUR} <= {grid.start for grid in made}
    assert all(len(grid) <= min(24, POINTS) for grid in made)
