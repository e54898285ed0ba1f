"""One start by the compiled loop of a chosen instruction set."""

import numpy as np

from homotopy._core.descent import Loop
from homotopy.descent.rules import rule as rule_by_name
from homotopy.descent.settings import Aim, Ends, Settings, Starts
from homotopy.status import Budget


def run(objective, x, isa, *, rule="gd", schedule=None, noise=None, factor=None, **settings):
    """One start by the loop of an instruction set, or by that of the objective for "plain"."""
    aim = Aim(objective)
    common = {
        "n_steps": 50,
        "gradient_tolerance": 0.0,
        "plateau": None,
        "record_every": 0,
        "pause_every": 0,
        "budget": Budget(),
    } | settings
    target, limit = common.pop("target", -np.inf), common.pop("limit", 10**9)
    chosen = Settings(rule_by_name(rule), aim, schedule=schedule, noise=noise, factor=factor, **common)
    starts = Starts(
        x[None].copy(), np.full(1, 7, np.uint64), np.full(1, 0.02), np.full(1, target), np.full(1, limit, np.int64)
    )
    ends = Ends(1)
    loop = Loop(aim.capsule, chosen, starts, ends, np.zeros(1, np.int32), isa)
    loop.run(0, 1)
    return starts.x[0], ends, loop.is_tiny
