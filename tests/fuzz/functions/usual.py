"""Arguments that functions are made for: makers by name, and which of them a parameter takes.

All are of one small world, so that arguments drawn apart fit each other: 12 samples of 2 inputs, a net of 13 weights.
"""

import concurrent.futures
import tempfile
from functools import cache
from pathlib import Path

import numpy as np

import homotopy as hp
from homotopy import (
    continuation,
    descent,
    experiments,
    fits,
    homotopies,
    landscape,
    linalg,
    methods,
    objectives,
    problems,
    status,
    streams,
    tables,
)
from homotopy.models import losses
from homotopy.objectives import curvature, diffused
from homotopy.report import landscape as pages

__all__ = ["MAKERS", "N"]

N = 13
X = np.random.default_rng(5).standard_normal((12, 2))
Y = np.sin(X[:, :1]) + 0.3 * X[:, 1:]
CLASSES = np.array([0, 1, 2] * 4)


def theta():
    return np.random.default_rng(1).standard_normal(N)


def quadratic(x):
    x = np.asarray(x)
    return float(x @ x), 2 * x


@cache
def net(activation="tanh"):
    return hp.MLP([2, 3, 1], activation)


def risk(activation="tanh", l2=1e-3):
    return hp.EmpiricalRisk(net(activation), "squared", X, Y, l2=l2)


def recurrent():
    rng = np.random.default_rng(2)
    return objectives.RecurrentRisk(
        hp.RNN(1, 2, 1), "squared", rng.standard_normal((4, 5, 1)), rng.standard_normal((4, 1))
    )


def proximal():
    return homotopies.Proximal(risk(), theta())


def pitchfork():
    return continuation.RootSystem(lambda x, t: np.array([x[0] - t]), 1, x0=[0.0])


@cache
def path():
    return hp.track(proximal(), max_steps=60)


def point():
    return path().points[-1]


def occurrence():
    return continuation.Occurrence("branch point", point(), 3, null_vector=theta())


def problem():
    return hp.Problem("of a test", risk(), net().init, optimum=0.0, tolerance=1e-2)


def batch(n=2, budget=20.0):
    where = problem()
    return methods.Batch(where, None, streams.Streams(streams.keys_of(range(n))), ledger(n, budget))


def ledger(n=2, budget=20.0):
    return methods.batch.Ledger(problem(), n, hp.Budget(budget))


def stage():
    found = np.full(2, hp.Status.CONVERGED, dtype=object)
    return methods.batch.Stage(np.arange(2), np.stack([theta()] * 2), np.ones(2), found)


@cache
def compared():
    return hp.compare("trap", ["gd", "lbfgs"], seeds=4, budget=50, workers=experiments.Workers(n_jobs=1))


def summary():
    return compared().summaries(compared().problems[0])[0]


@cache
def critical():
    return landscape.critical_points(risk(), 2, rng=0, max_searches=4)


def critical_point():
    return landscape.CriticalPoint(theta(), 1.0, 0.0, 0, np.ones(N))


def tree():
    return landscape.Tree((critical_point(), critical_point()), ())


def sample():
    return fits.Sample(X, Y, losses.loss("squared"))


def training():
    return fits.Training((3,), "tanh", "lbfgs", hp.Budget(20.0))


@cache
def fitted():
    return hp.fit_table(X, Y[:, 0], hidden=2, method="lbfgs", alpha=0.01, budget=10)


def frame():
    return tables.frame_of({"a": X[:, 0], "b": ["u", "v"] * 6, "c": Y[:, 0]}, what="X")


def decided():
    return tables.decided(frame())


def coding():
    return tables.TargetCoding.fit(decided().chosen(["c"]))


def krylov():
    return linalg.KrylovSolver(lambda v: 2 * v, symmetric=True, rtol=1e-8, max_iter=50)


def torch_net():
    import torch

    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1))


def axes():
    import matplotlib.figure

    ax = matplotlib.figure.Figure().add_subplot()
    ax.plot([1, 2], [1, 2], label="a")
    return ax


@cache
def folder():
    return Path(tempfile.mkdtemp(prefix="fuzz-"))


def table_file():
    where = folder() / "table.csv"
    if not where.exists():
        where.write_text("a,b,c\n" + "".join(f"{i},{i * i},{'uv'[i % 2]}\n" for i in range(12)))
    return str(where)


def model_file():
    where = folder() / "model.json"
    if not where.exists():
        fitted().model.save(where)
    return str(where)


def path_file():
    where = folder() / "path.npz"
    if not where.exists():
        path().save(where)
    return str(where)


def grid():
    return experiments.Grid.of("trap", "gd", seeds=2, budget=20.0)


def guess():
    direction = continuation.Direction(np.eye(N)[0], 0.1)
    return continuation.Guess(theta(), 0.5, direction)


def correction():
    return continuation.Correction(theta(), 0.5, 1.0, 0.0, hp.Status.CONVERGED, 3, 0.1)


@cache
def class_model():
    found = hp.fit_table(X, np.array(["u", "v"] * 6), hidden=2, method="lbfgs", alpha=0.01, budget=10)
    return found.model


def smoothing():
    from homotopy.models import smoothing as floor

    return floor.smoothing("tanh")


def chain():
    return diffused.layered(risk())


def dense(n=N):
    return np.eye(n) + 0.1


MAKERS = {
    # numbers
    "number": lambda: 0.1,
    "small number": lambda: 1e-3,
    "number 2": lambda: 2.0,
    "count": lambda: 3,
    "count 2": lambda: 2,
    "count 0": lambda: 0,
    "count 1": lambda: 1,
    "zeros and ones column": lambda: (Y > 0) * 1.0,
    "three numbers small": lambda: (0.01, 0.02, 0.5),
    "threads": lambda: "threads",
    "antithetic": lambda: "antithetic",
    "linear name": lambda: "linear",
    "value name": lambda: "value",
    "path file": path_file,
    "header": lambda: path().header(),
    "frame of inputs": lambda: tables.decided(tables.frame_of(X, what="X")),
    "path that follows": lambda: homotopies.Proximal(risk(), theta()),
    "seed": lambda: 7,
    "rng": lambda: np.random.default_rng(3),
    "yes": lambda: True,
    "no": lambda: False,
    "float type": lambda: np.float64,
    "single type": lambda: np.float32,
    # arrays
    "x": theta,
    "zeros": lambda: np.zeros(N),
    "unit": lambda: np.eye(N)[0],
    "X": lambda: X.copy(),
    "Y": lambda: Y.copy(),
    "y": lambda: Y[:, 0].copy(),
    "classes": lambda: CLASSES.copy(),
    "probabilities": lambda: np.full((12, 3), 1 / 3),
    "chances": lambda: np.full((12, 1), 0.5),
    "zeros and ones": lambda: (CLASSES > 0).astype(float),
    "weights": lambda: np.ones(12),
    "two of x": lambda: np.stack([theta(), theta() + 1]),
    "points": lambda: np.cumsum(np.random.default_rng(0).standard_normal((6, N)), axis=0),
    "plane": lambda: np.eye(N)[:2],
    "list of x": lambda: [theta(), theta() + 1],
    "dense": dense,
    "rows": lambda: np.arange(2),
    "row numbers": lambda: np.arange(12),
    "signs": lambda: np.ones((12, 3), dtype=bool),
    "teacher": lambda: np.eye(3),
    "square": lambda: np.eye(3),
    "three": lambda: np.array([0.1, 0.2, 0.3]),
    "three numbers": lambda: (1.0, 2.0, 3.0),
    "costs": lambda: np.array([10.0, 20.0, 20.0, 5.0]),
    "costs to success": lambda: np.array([10.0, np.inf, np.inf, 5.0]),
    "successes": lambda: np.array([True, False, False, True]),
    "labels": lambda: np.array(["u", "v", "u", "v"]),
    "tuning costs": lambda: (np.array([10.0, 20.0]), np.array([10.0, np.inf])),
    "records": lambda: compared().records(compared().problems[0], compared().methods[0]),
    "path rows": lambda: path().table(),
    "sequences": lambda: np.random.default_rng(0).standard_normal((12, 5, 1)),
    "values": lambda: np.array(["u", "v"] * 6, dtype=object),
    "sparse": lambda: __import__("scipy.sparse").sparse.csc_array(dense()),
    "gradient": lambda: np.empty(N),
    "weights of the rnn": lambda: np.full(hp.RNN(1, 2, 1).size, 0.1),
    "its parts": lambda: hp.RNN(1, 2, 1).unpack(np.full(hp.RNN(1, 2, 1).size, 0.1)),
    "its outputs": lambda: np.ones((12, 1)),
    "layers": lambda: net().unpack(theta()),
    "sizes": lambda: [2, 3, 1],
    "six": lambda: np.linspace(-1, 1, 6),
    "two sixes": lambda: np.ones((2, 6)),
    "one number": lambda: np.zeros(1),
    "two of one number": lambda: np.ones((2, 1)),
    "interval": lambda: (0.0, 1.0),
    "pair of counts": lambda: (0, 1),
    "counts of units": lambda: (3,),
    "0..3 numbers": lambda: range(3),
    "gates": lambda: np.ones((3, 12), dtype=bool),
    "outputs of nets": lambda: [Y, Y],
    "halves": lambda: np.array([0.5, 0.5]),
    "classes of numbers": lambda: Y * 0 + 1.0,
    "outputs of steps": lambda: np.ones((12, 5, 1)),
    "ones": lambda: np.ones(N),
    "twelve": lambda: np.ones(12),
    "tens": lambda: np.full(N, 10.0),
    "two numbers": lambda: np.array([1.0, 2.0]),
    "one seed": lambda: [0],
    "list of traces": lambda: [np.ones((4, 2)), np.ones((4, 2))],
    "squares": lambda: theta() ** 2,
    "thirteen": lambda: N,
    "number 2 less": lambda: -2.0,
    "formats": lambda: ("png",),
    "maker of problems": lambda: lambda text: problem(),
    "pool": lambda: concurrent.futures.ProcessPoolExecutor(1),
    "four numbers": lambda: [0, 0, 1, 1],
    "color": lambda: "tab:red",
    "latin": lambda: "latin-1",
    "small alphas": lambda: (0.1, 0.01),
    "hundred": lambda: 100,
    "nine": lambda: np.linspace(-1, 1, 9),
    "options": lambda: {"maxiter": 30},
    "facets": lambda: ("outputs", "units"),
    "facet": lambda: "outputs",
    "table as a dict": lambda: fitted().model.data.to_dict(),
    "rows of text": lambda: [["a", "b"], ["c", "d"]],
    "inputs": lambda: tables.Encoding.fit(decided().chosen(["a", "b"])).inputs,
    "encoding as a dict": lambda: tables.Encoding.fit(decided().chosen(["a", "b"])).to_dict(),
    "coding as a dict": lambda: coding().to_dict(),
    "frame of one": lambda: decided().chosen(["c"]),
    "frame of two": lambda: decided().chosen(["a", "b"]),
    # texts
    "name": lambda: "a name",
    "empty": lambda: "",
    "tanh": lambda: "tanh",
    "relu": lambda: "relu",
    "squared": lambda: "squared",
    "lbfgs": lambda: "lbfgs",
    "gd": lambda: "gd",
    "trap": lambda: "trap",
    "xor": lambda: "xor",
    "gd,lbfgs": lambda: "gd,lbfgs",
    "0..3": lambda: "0..3",
    "names": lambda: ("a", "b"),
    "table file": table_file,
    "model file": model_file,
    "new file": lambda: folder() / "new.csv",
    "proximal": lambda: "proximal",
    "minimum": lambda: "minimum",
    "c": lambda: "c",
    "compared problem": lambda: compared().problems[0],
    "compared method": lambda: compared().methods[0],
    # the package's objects
    "kept store": lambda: compared().store,
    "guess with tangent": guess,
    "events met": lambda: list(path().events),
    "gated risk": lambda: hp.EmpiricalRisk(net("relu"), "squared", X, Y, l2=1e-2),
    "task risk": lambda: hp.problem("temporal-xor").objective,
    "results": lambda: [hp.solve(problem(), "lbfgs", rng=0, budget=20)],
    "net": net,
    "relu net": lambda: net("relu"),
    "rnn": lambda: hp.RNN(1, 2, 1),
    "risk": risk,
    "relu risk": lambda: risk("relu"),
    "recurrent risk": recurrent,
    "teacher-student": lambda: hp.TeacherStudent(k=2, n=3),
    "function": lambda: objectives.Function(lambda x: float(x @ x), lambda x: 2 * x, size=N),
    "proximal path": proximal,
    "system": pitchfork,
    "Proximal": lambda: homotopies.Proximal,
    "loss": lambda: losses.loss("squared"),
    "activation": lambda: __import__("homotopy.models.activations").models.activations.activation("tanh"),
    "problem": problem,
    "known problem": lambda: hp.problem("trap"),
    "group": lambda: experiments.Group("a group", "trap"),
    "method": lambda: hp.method("gd"),
    "batch method": lambda: hp.method("lbfgs"),
    "batch methods": lambda: [hp.method("gd"), hp.method("lbfgs")],
    "budget": lambda: hp.Budget(30.0),
    "spent": lambda: 30.0,
    "success": lambda: hp.Status.CONVERGED,
    "success value": lambda: hp.Status.CONVERGED.value,
    "counts": status.Counts,
    "path": path,
    "paths": lambda: (path(),),
    "point": point,
    "trail": lambda: path().points[:3],
    "occurrence": occurrence,
    "direction": lambda: continuation.Direction(theta(), 1.0),
    "metric": continuation.Metric,
    "predictor": continuation.Tangent,
    "corrector": continuation.DenseNewton,
    "arclength": continuation.ArclengthNewton,
    "steps": lambda: continuation.Steps(continuation.Tangent(), continuation.DenseNewton(), continuation.Adaptive()),
    "control": continuation.Adaptive,
    "events": lambda: [continuation.Fold()],
    "spectrum": continuation.Spectrum,
    "explorer": lambda: continuation.Explorer((-1.0, 1.0), max_steps=20),
    "newton": lambda: continuation.DeflatedNewton(max_iter=10),
    "deflation": lambda: continuation.Deflation([theta()]),
    "linear": continuation.Dense,
    "krylov settings": continuation.Krylov,
    "limits": lambda: continuation.Limits(20),
    "course": continuation.Course,
    "observed": continuation.Observed,
    "start": lambda: continuation.Start(point(), continuation.Direction(theta(), 1.0)),
    "symmetries": lambda: continuation.symmetries_of(risk()),
    "schedule": lambda: descent.Cosine(0.1),
    "correction": correction,
    "guess": lambda: continuation.Guess(theta(), 0.5),
    "point of numbers": lambda: point(),
    "trail of points": lambda: continuation.Trail(path().points[:3], natural=True),
    "branch points": lambda: (occurrence(),),
    "draws": lambda: streams.Draws(streams.keys_of(range(2)), 0),
    "entries": lambda: (),
    "cells": lambda: grid().cells,
    "entries of problems": lambda: grid().problems,
    "entries of methods": lambda: grid().methods,
    "built": lambda: grid().built,
    "groups": lambda: grid().groups,
    "cell counts": lambda: {("trap", "gd"): 1},
    "key": lambda: ("trap", "gd"),
    "fits": lambda: (fits.train(sample(), training(), alpha=0.01, rng=0),),
    "table of classes": lambda: losses.loss("cross-entropy"),
    "class fits": class_model,
    "merges": lambda: (),
    "minima": lambda: (critical_point(), critical_point()),
    "arrays": lambda: critical().to_arrays(),
    "class data": lambda: class_model().data,
    "nets of a table": lambda: fitted().nets,
    "logistic risk": lambda: hp.EmpiricalRisk(hp.MLP([2, 3, 1], output="logistic"), "squared", X, (Y > 0) * 1.0),
    "relu units": lambda: hp.EmpiricalRisk(hp.MLP([2, 3, 1], "relu", bias=False), "squared", X, Y, l2=1e-2),
    "classes risk": lambda: hp.EmpiricalRisk(net(), "logistic", X, (Y > 0) * 1.0),
    "ramp": descent.Ramp,
    "plateau": homotopies.Plateau,
    "noise": lambda: descent.Noise(0.1),
    "batch": batch,
    "ledger": ledger,
    "streams": lambda: streams.Streams(streams.keys_of(range(2))),
    "ends": methods.batch.Ends,
    "recipe": lambda: __import__("homotopy.methods.batch.recipes", fromlist=["POLISH"]).POLISH,
    "statuses": lambda: stage().status,
    "store": experiments.Store,
    "comparison": compared,
    "summary": summary,
    "summaries": lambda: [summary()],
    "rate": lambda: experiments.success_rate([True, False]),
    "expected": lambda: experiments.expected_cost([1.0, 2.0], [1.0, np.inf], n_resamples=20),
    "workers": lambda: experiments.Workers(n_jobs=1),
    "grids": lambda: [grid()],
    "critical point": critical_point,
    "critical points": critical,
    "list of critical points": lambda: list(critical()),
    "connections": list,
    "tree": tree,
    "survey": lambda: pages.Survey(problem(), critical()),
    "sample": sample,
    "training": training,
    "fit": lambda: fits.train(sample(), training(), alpha=0.01, rng=0),
    "one fit": lambda: fits.train,
    "ensemble": lambda: fits.ensemble(sample(), training(), 2, alpha=0.01, rng=0),
    "model": lambda: fitted().model,
    "table data": lambda: fitted().model.data,
    "frame": frame,
    "decided": decided,
    "column": lambda: decided().columns[0],
    "columns": lambda: frame().columns,
    "encoding": lambda: tables.Encoding.fit(decided().chosen(["a", "b"])),
    "target": coding,
    "krylov": krylov,
    "factors": lambda: linalg.DenseLU(dense()),
    "bordered factors": lambda: linalg.dense_bordered(dense(), theta(), theta(), 1.0),
    "linear path": lambda: risk().linear_path(),
    "side": lambda: risk().linear_path(),
    "curvature": lambda: curvature.curvature_at(lambda v: 2 * v, N),
    "chain": chain,
    "links": lambda: chain().links,
    "layout": lambda: chain().layout,
    "readout": lambda: chain().readout,
    "smoothing": smoothing,
    "torch net": torch_net,
    "axes": axes,
    "folder": lambda: folder() / "report",
    "bound": lambda: problems.Bound(0.0, "a proof"),
    "result": lambda: hp.solve(problem(), "lbfgs", rng=0, budget=20),
    # callers' functions
    "callback": lambda: lambda *a: None,
    "loss function": lambda: lambda z: float(np.sum(np.asarray(z) ** 2)),
    "with its slope": lambda: quadratic,
    "slope": lambda: lambda x, *a: 2 * np.asarray(x),
    "of x and t": lambda: lambda x, t: float(np.sum((np.asarray(x) - t) ** 2)),
    "residual": lambda: lambda x, t: np.asarray(x) - t,
    "residual of x": lambda: lambda x: np.asarray(x) - 1.0,
    "matrix of x": lambda: lambda x, *a: np.eye(len(x)),
    "product": lambda: lambda v: 2 * np.asarray(v),
    "products": lambda: lambda x, *rest: 2 * np.asarray(rest[-1]),
    "draw": lambda: net().init,
    "of a point": lambda: lambda point: float(point.t) - 0.5,
    "pattern": lambda: lambda x: np.asarray(x) > 0,
    "two functions": lambda: (lambda t: 1 - t, lambda t: t),
    "fading": lambda: lambda t: (1 - t, -1.0),
    "jax function": lambda: __import__("jax").numpy.sum,
    "empty dict": dict,
    "dict of functions": lambda: {"norm": lambda point: float(np.linalg.norm(point.x))},
    "empty tuple": tuple,
    "notes": lambda: ("a note",),
    "nothing": lambda: None,
}
