"""Whatever is verified is true: random functions whose critical points are all known, near pairs and double ones."""

import flint
import numpy as np
import pytest
from landscape.certify.forms import Separable

from homotopy.landscape import enclose


def member(rng):
    """Roots of up to three in each of one to three variables; some a small gap apart, some double."""
    n = int(rng.integers(1, 4))
    roots = []
    for _ in range(n):
        r = rng.uniform(-2, 2, int(rng.integers(1, 4)))
        if len(r) > 1 and rng.random() < 0.6:
            r[1] = r[0] + rng.choice([0.0, 10.0 ** rng.uniform(-9, -1)])
        roots.append(r)
    return Separable(rng.standard_normal((n, n)) * 10.0 ** rng.uniform(-3, 3), roots)


def distance(x, point):
    """The largest component of x - point, an exact upper and a lower bound."""
    away = [abs(flint.arb(a) - b) for a, b in zip(x.tolist(), point, strict=True)]
    return max(float(a.lower()) for a in away), max(float(a.upper()) for a in away)


@pytest.mark.parametrize("seed", range(20))
def test_what_is_verified_is_true(seed):
    rng = np.random.default_rng(seed)
    function = member(rng)
    with flint.ctx.workprec(512):
        points = function.critical()
        scale = max(float(abs(a).upper()) for point, _ in points for a in point)
        some = [points[i] for i in rng.permutation(len(points))[:4]]
        starts = [(np.array([float(a) for a in point]), index) for point, index in some]
    proven = 0
    for x, _ in starts:
        for length in (0.0, 1e-12, 1e-6, 1e-3, 0.3):
            near = x + length * scale * rng.uniform(-1, 1, x.size)
            proof = enclose(function, near)
            if not proof.verified:
                assert proof.why
                continue
            proven += length < 1e-9
            with flint.ctx.workprec(512):
                away = [distance(near, point) for point, _ in points]
                inside = [i for i, (least, _) in enumerate(away) if least <= proof.radius]
                alone = [i for i, (least, _) in enumerate(away) if least <= proof.unique_within]
                assert len(inside) == len(alone) == 1
                assert away[inside[0]][1] <= proof.radius * (1 + 1e-15)
                value = function.enclosed(points[inside[0]][0])[0]
            assert points[inside[0]][1] == proof.index
            assert value.overlaps(flint.arb(proof.value[0]).union(flint.arb(proof.value[1])))
    if all(index is not None for _, index in starts) and min(gaps(function)) > 1e-4:
        assert proven == 2 * len(starts)


def gaps(function):
    return [np.diff(r).min() if len(r) > 1 else 1.0 for r in function.roots]


def test_double_points_are_never_verified():
    rng = np.random.default_rng(0)
    for _ in range(10):
        a, b = rng.uniform(-2, 2, 2)
        function = Separable(rng.standard_normal((2, 2)), [np.array([a, a, b]), np.array([b])])
        with flint.ctx.workprec(512):
            points = [point for point, index in function.critical() if index is None]
            x = np.array([float(c) for c in points[0]])
        for length in (0.0, 1e-15, 1e-10, 1e-7, 1e-5):
            assert not enclose(function, x + length * rng.standard_normal(2)).verified
