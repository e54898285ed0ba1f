"""A descent allocates before its first step, not at every step."""

import resource
import tracemalloc

import numpy as np
import pytest

from homotopy.descent import descend
from homotopy.models import MLP
from homotopy.objectives import EmpiricalRisk


def peaks(objective, start, n_steps):
    """Peak of Python's memory during a descent, and the growth of the process's peak (KiB)."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tracemalloc.start()
    descend(objective, start, rule="momentum", step_size=1e-3, n_steps=n_steps)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before


@pytest.mark.parametrize(("sizes", "n", "steps"), [((784, 128, 10), 256, 80), ((2, 2, 1), 4, 50_000)])
def test_no_memory_a_step(sizes, n, steps):
    rng = np.random.default_rng(0)
    model = MLP(sizes, "relu")
    f = EmpiricalRisk(model, "squared", rng.standard_normal((n, sizes[0])), rng.standard_normal((n, sizes[-1])))
    start = model.init(rng)
    peaks(f, start, 2)
    few, _ = peaks(f, start, 2)
    many, growth = peaks(f, start, steps)
    assert abs(many - few) < 10_000
    assert growth < 8192  # KiB; the kernel counts pages processor by processor, to a few MiB
