import numpy as np
import pytest

from homotopy._core.curves import curves


def one_curve(costs, values, most):
    """Return a curve as it is said to be."""
    keep = np.isfinite(values)
    costs, values = costs[keep], np.minimum.accumulate(values[keep])
    if len(costs) > most:
        every = -(-len(costs) // (most - 1))
        keep = np.append(np.arange(0, len(costs) - 1, every), len(costs) - 1)
        costs, values = costs[keep], values[keep]
    return np.column_stack([costs, values])


@pytest.mark.parametrize("seed", range(30))
def test_curves_of_many_runs_are_those_of_each(seed):
    rng = np.random.default_rng(seed)
    n_runs, m = int(rng.integers(1, 9)), int(rng.integers(0, 400))
    most = int(rng.integers(2, 40))
    rows = np.sort(rng.integers(0, n_runs, m)) if seed % 2 else rng.integers(0, n_runs, m)
    costs, values = np.arange(m) * 0.5, rng.standard_normal(m)
    values[rng.random(m) < 0.1] = rng.choice([np.nan, np.inf, -np.inf])
    points, begins = curves([(rows, costs, values)], n_runs, most)
    assert begins[0] == 0
    assert begins[-1] == len(points)
    for run in range(n_runs):
        mine = rows == run
        np.testing.assert_array_equal(points[begins[run] : begins[run + 1]], one_curve(costs[mine], values[mine], most))


def test_a_row_of_no_run_is_refused():
    with pytest.raises(ValueError, match="none of 2 runs"):
        curves([(np.array([0, 2]), np.zeros(2), np.zeros(2))], 2, 8)
