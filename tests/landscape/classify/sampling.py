"""The lowest value near a point by brute force."""

import numpy as np


def lowest_near(f, x, radius, seed=0):
    """Return the least f - f(x) over random points of a ball and random walks down from the best ones."""
    rng, base = np.random.default_rng(seed), f.value(x)

    def rises(points):
        return np.array([f.value(np.ascontiguousarray(p)) for p in points]) - base

    steps = rng.standard_normal((600, x.size))
    steps *= (radius * rng.choice([1.0, 0.1, 0.01], 600) / np.linalg.norm(steps, axis=1))[:, None]
    values = rises(x + steps)
    best = float(values.min())
    for step in steps[np.argsort(values)[:3]]:
        size, here = 0.3 * radius, float(rises([x + step])[0])
        for _ in range(40):
            near = step + size * rng.standard_normal((8, x.size))
            near *= np.minimum(1.0, radius / np.linalg.norm(near, axis=1))[:, None]
            values = rises(x + near)
            if values.min() < here:
                here, step = float(values.min()), near[values.argmin()]
            else:
                size *= 0.7
        best = min(best, here)
    return best
