"""Why a histogram SLO has no bucket at its threshold: which bounds there are, and the two nearest."""

from __future__ import annotations

from sreconsole.domain.cleaning import clean
from sreconsole.domain.selector import Matcher
from sreconsole.domain.sli import HistogramSli
from sreconsole.domain.slo import SloKey
from sreconsole.sources.promapi import PromApi
from sreconsole.sources.shapes import Group


async def explain(api: PromApi, found: Group, key: SloKey, at: float) -> str:
    """One sentence for an SLO that has events but not the bucket asked for."""
    assert isinstance(found.sli, HistogramSli)
    place = found.places[0]
    assert place.part.selector is not None
    values = next((values for values, keys in place.members.items() if key in keys), ())
    extra = [Matcher(label, "=", value) for label, value in zip(place.by, values, strict=False)]
    selector = place.part.selector
    kept = tuple(matcher for matcher in selector.matchers if matcher.name != "le")
    whole = type(selector)(selector.metric, kept).adding(*extra)
    answer = await api.query(f"count by (le) ({whole})", at)
    return nearest(found.sli, [labels.get("le", "") for labels, _ in answer.items])


def nearest(sli: HistogramSli, bounds: list[str]) -> str:
    """`no bucket le="0.3": the nearest are 0.25 and 0.5`."""
    asked = f"{sli.threshold.normalize():f}"
    numbers = []
    for text in bounds:
        try:
            numbers.append((float(text), text))
        except ValueError:
            continue
    finite = sorted((number, text) for number, text in numbers if number not in (float("inf"), float("-inf")))
    below = [text for number, text in finite if number < float(sli.threshold)][-1:]
    above = [text for number, text in finite if number > float(sli.threshold)][:1]
    near = " and ".join(clean(text, 40) for text in below + above)
    if not near:
        return f'no bucket le="{asked}" and no other bound either: is it a classic histogram?'
    return (
        f'no bucket le="{asked}": the nearest are {near}'
        if below and above
        else (f'no bucket le="{asked}": the nearest is {near}')
    )
