"""What the signs of the SLO table mean, for the help."""

from __future__ import annotations

from sreconsole.domain.status import Status
from sreconsole.present import words
from sreconsole.present.marks import Glyphs
from sreconsole.present.spark import STEPS, bar


def signs(glyphs: Glyphs) -> list[tuple[str, str]]:
    """Each sign and what it says, in the order of the columns."""
    scale = "".join(bar(burn, glyphs) for burn in (0.0, *STEPS))
    return [
        (glyphs.status[Status.PAGE], "behind another status: a page alert of the service fires"),
        ("burn", "1x spends the budget exactly in its window; 14.4x pages"),
        ("budget", "share left; below 0 overspent"),
        ("31%*", "only part of the window is known: enter says how much"),
        ("lasts", "until the budget is gone at the burn of the last hour"),
        (words.UNKNOWN, "not known, or in lasts: longer than the window"),
        (scale, f"trend; a step up at {', '.join(f'{step:g}' for step in STEPS[:-1])} and {STEPS[-1]:g}x"),
        ("blank in the trend", "no data, or no traffic"),
        (" ".join(glyphs.deploys.values()), "deploy: good, inferred, failed, rollback, running, restart"),
    ]
