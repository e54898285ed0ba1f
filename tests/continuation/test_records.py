"""What is kept of a path: files, tables, lines of progress and counts, on random records."""

from dataclasses import fields

import curves
import numpy as np
import pytest

from homotopy.continuation import (
    Direction,
    Metric,
    Occurrence,
    Path,
    Point,
    Progress,
    Secant,
    Spectrum,
    table,
    track,
    write_csv,
)
from homotopy.continuation.counting import CountedHomotopy, Tally
from homotopy.status import Counts, Status

SEEDS = pytest.mark.parametrize("seed", range(6))


def a_point(rng, n, *, tangent, width):
    numbers = dict(
        zip(("t", "value", "grad_norm", "step", "s", "log_det", "accuracy"), rng.uniform(0, 9, 7).tolist(), strict=True)
    )
    counts = dict(zip(("n_iter", "index", "n_linear"), rng.integers(-1, 9, 3).tolist(), strict=True))
    along = Direction(rng.standard_normal(n), float(rng.standard_normal())) if tangent else None
    values = tuple(np.sort(rng.standard_normal(width)).tolist())
    sign = int(rng.integers(-1, 2))
    numbers["log_det"] = numbers["log_det"] if sign else np.nan
    return Point(rng.standard_normal(n), tangent=along, eigenvalues=values, orientation=sign, **counts, **numbers)


def a_path(seed):
    """A record of all that may stand in one: tangents and spectra at some points, events with and without vectors."""
    rng = np.random.default_rng(seed)
    n, count = int(rng.integers(1, 5)), int(rng.integers(2, 7))
    tangents = rng.integers(0, 2, count) * (seed % 3 > 0)  # none at all in every third
    points = [a_point(rng, n, tangent=bool(one), width=int(rng.integers(0, 4))) for one in tangents]
    events = [
        Occurrence(
            name,
            a_point(rng, n, tangent=name == "LP", width=0),
            int(rng.integers(0, count)),
            rng.standard_normal(n) if name != "stop" else None,
            int(rng.integers(-1, 4)),
            int(rng.integers(-1, 4)),
            f"seen {name}",
            Metric(rng.uniform(1, 2, n) if name == "BP" else 0.25, 2.0, 3.0) if name != "index" else None,
        )
        for name in ("LP", "BP", "stop", "index")[: seed % 5]
    ]
    counts = Counts(*rng.integers(0, 99, 5).tolist(), 0.5)
    known = {
        "target": None if seed % 2 else 0.75,
        "notes": ("one", "two"),
        "jumped": bool(seed % 2),
        "saddle": seed > 3,
    }
    metric = Metric(0.5, 0.25, 7.0) if seed % 2 else None
    status = Status.REACHED_TARGET if seed % 2 else Status.NOT_CONVERGED
    return Path(tuple(points), status, tuple(events), counts, 2.5, "words", metric=metric, end="a minimum", **known)


def same(a, b):
    """Whether two records are one, arrays and NaN included."""
    assert type(a) is type(b)
    if isinstance(a, np.ndarray):
        np.testing.assert_array_equal(a, b)
    elif isinstance(a, (tuple, list)):
        assert len(a) == len(b)
        for one, other in zip(a, b, strict=True):
            same(one, other)
    elif hasattr(a, "__dataclass_fields__"):
        for field in fields(a):
            same(getattr(a, field.name), getattr(b, field.name))
    else:
        assert a == b or (a != a and b != b)


@SEEDS
def test_all_of_a_path_stands_in_its_file(tmp_path, seed):
    path = a_path(seed)
    path.save(tmp_path / "path.npz")
    again = Path.load(tmp_path / "path.npz")
    same(again, path)
    assert not again.points[0].x.flags.writeable


@SEEDS
def test_a_path_that_is_shifted_goes_on_from_another(seed):
    path = a_path(seed)
    moved = path.shifted(1.5, 4)
    assert [p.s for p in moved.points] == [p.s + 1.5 for p in path.points]
    assert [(e.step, e.point.s) for e in moved.events] == [(e.step + 4, e.point.s + 1.5) for e in path.events]
    assert [p.x for p in moved.points] == [p.x for p in path.points]


@SEEDS
def test_what_is_read_off_a_path_is_of_its_points(seed):
    path = a_path(seed)
    last = path.points[-1]
    assert (path.x is last.x, path.t, path.value) == (True, last.t, last.value)
    assert path.success == (path.status is Status.REACHED_TARGET and not path.jumped and not path.saddle)
    assert path.n_folds == sum(e.name == "LP" for e in path.events)
    for name in ("t", "s", "value", "n_iter", "log_det"):
        np.testing.assert_array_equal(path.column(name), [getattr(p, name) for p in path.points])
    assert Path((last,), Status.MAX_STEPS).seconds == 0.0


@SEEDS
def test_a_table_has_a_row_for_each_point(tmp_path, seed):
    paths = [a_path(seed), a_path(seed + 1)]
    rows = table(paths, {"first": lambda p: p.x[0], "twice": lambda p: 2 * p.t})
    assert len(rows) == sum(len(path.points) for path in paths)
    at = 0
    for branch, path in enumerate(paths):
        for step, p in enumerate(path.points):
            row = rows[at]
            found = (row.step, row.branch, row.t, row.s, row.ds, row.value, row.grad_norm)
            assert found == (step, branch, p.t, p.s, p.step, p.value, p.grad_norm)
            assert (row.newton, row.linear, row.index) == (p.n_iter, p.n_linear, p.index)
            assert row.lowest == p.eigenvalues[0] if p.eigenvalues else np.isnan(row.lowest)
            assert row.event == " ".join(e.name for e in path.events if e.step == step)[:16]
            assert (row["first"], row["twice"]) == (p.x[0], 2 * p.t)
            at += 1
    write_csv(rows, tmp_path / "rows.csv")
    head, *lines = (tmp_path / "rows.csv").read_text().splitlines()
    assert head.split(",") == list(rows.dtype.names)
    for line, row in zip(lines, rows, strict=True):
        cells = line.split(",")
        assert [float(c) for c in cells[:11]] == pytest.approx([*row.item()][:11], rel=0, abs=0, nan_ok=True)
        assert cells[11] == row.event


@SEEDS
def test_progress_tells_what_lies_between_two_points(seed):
    rng = np.random.default_rng(seed)
    lines, points = [], []
    watch, folds, newton, event = Progress(every=0, log=lines.append), 0, 0, ""
    assert watch.line() == "no points"
    for _ in range(60):
        points.append(a_point(rng, 2, tangent=rng.uniform() < 0.8, width=0))
        watch(points[-1])
        newton += points[-1].n_iter
        if len(points) > 1:
            a, b = points[-2:]
            place = f"near t = {b.t:.6g}"
            if a.tangent and b.tangent and np.sign(a.tangent.t) != np.sign(b.tangent.t):
                folds, event = folds + 1, f"LP {place}"
            elif {a.orientation, b.orientation} == {-1, 1}:
                event = f"BP {place}"
            elif min(a.index, b.index) >= 0 and a.index != b.index:
                event = f"index {b.index} {place}"
        b = points[-1]
        told = [f"{len(points)} points", f"t = {b.t:.6g}", f"step {b.step:.3g}", f"{folds} folds"]
        told += [event] * bool(event) + [f"{newton} Newton steps"]
        assert lines[-1].split(", ")[:-1] == told
    assert len(lines) == 60


class Spied:
    """A family that counts by itself what it is asked for."""

    def __init__(self, inner):
        self.inner, self.size, self.symmetric = inner, inner.size, inner.symmetric
        self.grads = self.products = 0

    def value_and_grad(self, x, t):
        self.grads += 1
        return self.inner.value_and_grad(x, t)

    def grad(self, x, t):
        return self.value_and_grad(x, t)[1]

    def dt_grad(self, x, t):
        self.grads += 1
        return self.inner.dt_grad(x, t)

    def hessp(self, x, t, v):
        self.products += 1
        return self.inner.hessp(x, t, v)

    def hessian(self, x, t):
        self.products += self.size
        return self.inner.hessian(x, t)

    def dt(self, x, t):
        return self.inner.dt(x, t)


@pytest.mark.parametrize(
    "options",
    [{}, {"mode": "natural", "target": 0.4}, {"predictor": Secant()}, {"spectrum": Spectrum()}, {"milestones": [0.5]}],
    ids=["arclength", "natural", "secant", "spectrum", "milestone"],
)
@pytest.mark.parametrize("name", ["s_curve", "moving_quadratic", "circle"])
def test_each_evaluation_of_a_path_is_counted(name, options):
    made = getattr(curves, name)()
    family = Spied(made[0] if isinstance(made, tuple) else made)
    if not hasattr(family.inner, "hessian"):
        family.inner.hessian = lambda x, t: np.array([family.inner.hessp(x, t, e) for e in np.eye(family.size)])
    start = curves.S_START if name == "s_curve" else family.inner.start() if name == "moving_quadratic" else [1.0, 0.0]
    path = track(family, np.array(start), **options)
    assert path.success
    assert (path.counts.grad, path.counts.hessp) == (family.grads, family.products)
    assert path.counts.accepted == len(path.points) - 1


def test_a_factorization_counts_as_the_matrix():
    class Own:
        size = 5

        def factorize(self, x, t):
            return "factors"

    tally = Tally()
    counted = CountedHomotopy(Own(), tally)
    assert counted.factorize(np.zeros(5), 0.0) == "factors"
    assert (tally.grad, tally.hessp) == (0, 5)
    assert not hasattr(counted, "hessian")
