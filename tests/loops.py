"""Starts by the compiled loop of a chosen instruction set."""

import numpy as np

from homotopy._core.descent import Block, Loop
from homotopy.descent.rules import rule as rule_by_name
from homotopy.descent.settings import Aim, Ends, Settings, Starts
from homotopy.status import Budget


def prepared(objective, X, *, rule="gd", schedule=None, noise=None, factor=None, step_size=0.02, **settings):
    """What a loop is made of, for starts of shape (r, p)."""
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
    r = len(X)
    limits = np.array(np.broadcast_to(limit, r), dtype=np.int64)
    starts = Starts(X.copy(), np.full(r, 7, np.uint64), np.full(r, step_size), np.full(r, target), limits)
    return aim.capsule, chosen, starts, Ends(r), np.zeros(1, np.int32)


def run(objective, x, isa, **settings):
    """One start by the loop of an instruction set, or by that of the objective for "plain"."""
    parts = prepared(objective, x[None], **settings)
    loop = Loop(*parts, isa)
    loop.run(0, 1)
    return parts[2].x[0], parts[3], loop.is_tiny


def run_block(objective, X, isa, **settings):
    """Starts of shape (r, p) by L-BFGS side by side: the final points and how they ended."""
    parts = prepared(objective, X, rule=settings.pop("rule", "lbfgs"), **settings)
    Block(*parts, isa).run(0, len(X))
    return parts[2].x, parts[3]
