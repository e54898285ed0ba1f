"""What is kept of a path: files, tables, lines of progress and counts, on random records."""

from dataclasses import fields

import curves
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex

from homotopy.continuation import (
    Correction,
    Diagram,
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
from homotopy.errors import DataError
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


def test_what_is_not_told_is_unknown():
    """Neither an index nor a sign, nor a tangent, nor an angle; what is counted is zero."""
    x = np.zeros(1)
    point, path = Point(x, 0.0, 1.0, 2.0), Path((Point(x, 0.0, 1.0, 2.0),), Status.MAX_STEPS)
    known = (point.step, point.n_iter, point.s, point.tangent, point.index, point.eigenvalues)
    assert known == (0.0, 0, 0.0, None, -1, ())
    assert (point.n_linear, point.orientation, point.accuracy, np.isnan(point.log_det)) == (0, 0, 0.0, True)
    assert (path.events, path.counts, path.seconds, path.message, path.target) == ((), Counts(), 0.0, "", 1.0)
    assert not path.success
    assert (path.notes, path.jumped, path.metric, path.end, path.saddle) == ((), False, None, "", False)
    event = Occurrence("stop", point, 0)
    assert (event.null_vector, event.index_before, event.index_after) == (None, -1, -1)
    assert (event.detail, event.metric, event.tangent) == ("", None, None)
    found = Correction(x, 0.0, 1.0, 2.0, Status.CONVERGED, 3, 0.5)
    assert np.isnan([found.angle, found.log_det]).all()
    assert (found.n_linear, found.descent, found.accuracy, found.contraction, found.det) == (0, False, 0.0, 0.0, 0.0)
    turned = Correction(*range(4), Status.CONVERGED, *range(5, 14)).turned(0.25)
    assert [getattr(turned, f.name) for f in fields(turned)] == [
        0,
        1,
        2,
        3,
        Status.CONVERGED,
        5,
        6,
        0.25,
        *range(8, 14),
    ]


def test_the_branches_of_a_diagram_have_colors_of_their_own():
    paths = [
        Path((Point(np.ones(1), 0.0, k, 0.0), Point(np.ones(1), 1.0, k, 0.0)), Status.MAX_STEPS) for k in range(12)
    ]
    ax = Diagram(tuple(paths), (-1,) * 12, ()).plot()
    colors = [to_hex(line.get_color()) for line in ax.get_lines()]
    assert len(set(colors[:10])) == 10
    assert colors[10:] == colors[:2]
    assert ax.get_legend() is None
    plt.close("all")


def damaged(column):
    """One array of a file in other shapes and of other types."""
    yield column[:-1]
    yield np.concatenate([column, column[-1:]])
    yield column.astype(str)
    yield column.astype(bool)
    if column.ndim == 1:
        yield column[:, None]
    if column.dtype.kind == "i":
        yield column.astype(float)


@pytest.mark.parametrize("seed", [1, 4])
def test_a_file_whose_arrays_are_not_what_they_were_is_refused(tmp_path, seed):
    a_path(seed).save(tmp_path / "path.npz")
    with np.load(tmp_path / "path.npz") as file:
        whole = {name: file[name] for name in file.files if name != "header" or file[name].size}
    names = {name for name, column in whole.items() if column.ndim and len(column)}
    assert {"point_x", "point_tangent_x", "point_tangent_t", "point_eigenvalues", "event_t", "null_0"} <= names
    changes = [(name, changed) for name in sorted(names) for changed in damaged(whole[name])]
    x = whole["point_x"]
    changes += [("point_x", x + np.where(np.arange(x.size).reshape(x.shape), 0, one)) for one in (np.nan, np.inf)]
    changes += [("point_x", x[:, :0]), ("point_x", x.astype(np.float32)), ("point_t", whole["point_n_iter"] > 0)]
    for name, changed in changes:
        np.savez(tmp_path / "other.npz", **(whole | {name: changed}))
        with pytest.raises(DataError, match="not a path written by this package"):
            Path.load(tmp_path / "other.npz")


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
