"""Who was silenced at a moment of the past."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sreconsole.domain.alert import Alert, AlertState
from sreconsole.domain.hindsight import as_of, silenced
from sreconsole.domain.selector import Matcher
from sreconsole.domain.silence import Silence

VALUES = st.sampled_from(["a", "b", ""])
LABELS = st.dictionaries(st.sampled_from(["x", "y"]), VALUES)
MATCHERS = st.builds(
    Matcher, st.sampled_from(["x", "y"]), st.sampled_from(["=", "!=", "=~", "!~"]), st.sampled_from(["a", "b", "a|b"])
)


@st.composite
def silences(draw: st.DrawFn) -> Silence:
    starts = draw(st.integers(0, 20))
    return Silence(
        id=draw(st.uuids()).hex,
        source=draw(st.sampled_from(["am", "am2"])),
        state=draw(st.sampled_from(["active", "pending", "expired"])),
        matchers=tuple(draw(st.lists(MATCHERS, min_size=1, max_size=2))),
        created_by="",
        comment="",
        starts_at=starts,
        ends_at=starts + draw(st.integers(0, 20)),
        updated_at=draw(st.none() | st.integers(0, 40).map(float)),
    )


@st.composite
def alerts(draw: st.DrawFn) -> Alert:
    labels = draw(LABELS)
    state: AlertState = draw(st.sampled_from(["firing", "pending"]))
    name = draw(st.uuids()).hex[:16]
    return Alert("A", state, "page", "prom", name, labels, {key: value for key, value in labels.items() if value})


@given(st.lists(silences(), max_size=5), st.integers(0, 40))
def test_a_silence_is_in_force_from_its_start_until_its_end_whatever_it_is_now(told: list[Silence], at: int) -> None:
    then = {silence.id: silence.state for silence in as_of(told, at)}
    for silence in told:
        if silence.starts_at <= at:
            assert (then[silence.id] == "active") == (at < silence.ends_at)
        else:
            known = silence.updated_at is not None and silence.updated_at <= at
            assert then.get(silence.id) == ("pending" if known else None)


@given(st.lists(alerts(), max_size=5), st.lists(silences(), max_size=5), st.integers(0, 40))
def test_who_was_silenced_is_whom_a_silence_in_force_matches(fired: list[Alert], told: list[Silence], at: int) -> None:
    then = as_of(told, at)
    judged, counted = silenced(fired, then)
    muted = dict.fromkeys([silence.id for silence in then if silence.state == "active"], 0)
    for before, after in zip(fired, judged, strict=True):
        matching = [
            silence
            for silence in then
            if silence.state == "active"
            and all(matcher.matches(before.raw.get(matcher.name, "")) for matcher in silence.matchers)
        ]
        if before.state == "pending":
            assert after == before
            continue
        for silence in matching:
            muted[silence.id] += 1
        assert (after.state == "silenced") == bool(matching)
        assert set(after.silenced_by) == {silence.id for silence in matching if silence.source == after.source}
    assert {silence.id: silence.mutes_now for silence in counted if silence.state == "active"} == muted


def test_what_cannot_be_matched_hides_nothing() -> None:
    silence = Silence("s", "am", "active", (Matcher("x", "=~", "("),), "", "", 0, 10)
    alert = Alert("A", "firing", "page", "prom", "0" * 16, {"x": "("}, {"x": "("})
    assert silenced([alert], [silence])[0] == (alert,)
