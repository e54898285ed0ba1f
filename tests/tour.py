"""Every kind of compiled kernel once, at small and odd sizes, for what watches memory and threads.

Run as a program with a number, descents from many starts take so many threads, and as many threads share objectives.
"""

import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np

import homotopy as hp
from homotopy._core import draws, mlp, rnn, signs, teacher, vmath
from homotopy._core.bratu import Bratu, Moving
from homotopy._core.curvature import largest_curvatures
from homotopy._core.curves import curves, thinned
from homotopy._core.descent import CompiledRosenbrock
from homotopy._core.moves import Moves, Pool
from homotopy._core.prune import merge_cheapest, merge_parallel
from homotopy.models import MLP, RNN
from homotopy.models.activations import BY_NAME
from homotopy.objectives import EmpiricalRisk, RecurrentRisk
from homotopy.streams import Draws, keys_of

RULES = ("gd", "momentum", "nesterov", "adam", "rprop", "lbfgs")
NETS = [  # sizes, activation, loss, samples, dtype
    ((2, 2, 1), "tanh", "squared", 4, np.float64),
    ((3, 5, 2), "relu", "squared", 13, np.float64),
    ((2, 7, 1), "gelu", "logistic", 67, np.float64),
    ((5, 9, 3), "softplus", "softmax", 131, np.float64),
    ((4, 3, 5, 2), "erf", "logistic", 70, np.float64),
    ((17, 33, 21, 3), "logistic", "softmax", 203, np.float64),
    ((6, 40, 2), "sin", "squared", 111, np.float32),
]


def risk(sizes, activation, loss, n, dtype, seed=0):
    """A risk on random samples, every second one with its own weight."""
    rng = np.random.default_rng([seed, n])
    X = rng.standard_normal((n, sizes[0])).astype(dtype)
    y = {
        "squared": rng.standard_normal((n, sizes[-1])).astype(dtype),
        "logistic": rng.integers(0, 2, (n, sizes[-1])).astype(dtype),
        "softmax": rng.integers(0, sizes[-1], n),
    }[loss]
    return EmpiricalRisk(MLP(sizes, activation, dtype=dtype), loss, X, y, l2=0.1)


def visit_net(objective, paths=True):
    """All that a risk can do."""
    rng = np.random.default_rng(1)
    x, v = 0.3 * rng.standard_normal((2, objective.size)).astype(objective.model.dtype)
    objective.value_and_grad(x), objective.hessp(x, v), objective.ggnp(x, v), objective.hessian(x)
    objective.model.forward(x, objective.X), objective.model.jvp(x, objective.X, v)
    objective.value_and_grad_many(np.array([x, v, x]))
    if paths and objective.model.dtype == np.float64:
        easy = np.full(objective.y.shape, 1 / objective.y.shape[1])
        for path in (objective.deformed(targets=easy, l2=0.7), objective.deformed(mix=True)):
            path.value_and_grad(x, 0.3), path.hessp(x, 0.3, v), path.dt(x, 0.3), path.dt_grad(x, 0.3)


def visit_sequences(cell, n, T, h, loss="squared"):
    rng = np.random.default_rng(2)
    X = rng.standard_normal((n, T, 3))
    y = rng.integers(0, 2, (n, T, 2)).astype(float)
    objective = RecurrentRisk(RNN(3, h, 2, cell=cell, state="learned"), loss, X, y, l2=0.1)
    x, v = 0.3 * rng.standard_normal((2, objective.size))
    objective.value_and_grad(x), objective.hessp(x, v), objective.ggnp(x, v)
    if objective.size < 1000:  # the matrix takes the same loops at every width, and under valgrind five minutes at 5000
        objective.ggn(x)


def visit_teacher(n, k, d):
    rng = np.random.default_rng(3)
    X = rng.standard_normal((11, n * d))
    X[0, d : 2 * d] = X[0, :d]
    rows = rng.standard_normal((k, d))
    for given in (rows, np.eye(k, d)):
        one = teacher.Risk(given, n)
        one.value_and_grad(X[0]), one.hessp(X[0], X[1]), one.hessian(X[0]), one.value_and_grad_many(X)
        for kind in ("hermite", "smoothed"):
            path = teacher.RiskPath(given, n, kind, 0.4)
            path.value_and_grad(X[0], 0.3), path.hessp(X[0], 0.3, X[1]), path.hessian(X[0], 0.3)
            path.dt(X[0], 0.3), path.dt_grad(X[0], 0.3), path.value_and_grad_many(X, 0.3)


def visit_moves(activation, weighted):
    rng = np.random.default_rng(4)
    X, targets = rng.standard_normal((21, 3)), rng.standard_normal((21, 2))
    weights = rng.random(21) + 0.5 if weighted else None
    weights = weights / weights.mean() if weighted else None
    shares = np.arange(1, 22) * 3 if weighted else None
    facts = {"activation": BY_NAME[activation], "loss": risk(*NETS[0]).loss, "bias": True}
    moves = Moves(X, targets, targets, **facts, weights=weights, shares=shares)
    state = Draws(keys_of([1, 2, 3]), 1).state
    moves.draw(state, 7)
    x = moves.pursued(state, 5, dictionary=17, ridge=1e-3)
    for beside in (False, True):
        moves.take_away(x, 5, 2, beside_path=beside), moves.refit(x, 5, beside_path=beside)
    Pool(moves, state, 19, 1.0).add(x, 5, 3)


def visit_others():
    rng = np.random.default_rng(5)
    state = Draws(keys_of([1, 2, 3]), 1).state
    draws.normals(state, 7), draws.doubles(state, 5), draws.integers(state, 10, 3), draws.words(state)
    for n in (2, 9, 13):
        A = rng.standard_normal((3, n * 4))
        signs.search(A, np.ones(4), n=n, best=3, restarts=4, tolerance=0.0, state=Draws(keys_of([1, 2, 3]), 1).state)
    units = rng.standard_normal((3, 11, 5))
    merge_cheapest(units, 6), merge_parallel(units, 6), teacher.merge_costs(units[0])
    rows, costs, values = np.arange(3), np.ones(3), np.ones(3)
    points, begins = curves([(rows, costs, values), (rows, 2 * costs, values)], 3, 2)
    thinned(points, begins, 4.0)
    thinned(np.column_stack([np.expm1(np.arange(27) / 9), np.arange(27)]), np.array([0, 1, 9, 27]), 4.0)
    largest_curvatures(risk(*NETS[0]).capsule(), rng.standard_normal((3, 9)), np.ones(9), 5)
    for family in (Bratu(7, 1.0), Moving(np.ones(3), np.ones(3), np.ones(3))):
        hp.descend(family_of(family), np.zeros((2, family.size)), n_steps=5)
    for name in vmath.functions():
        for dtype in (np.float64, np.float32):
            for n in (1, 7, 19):
                vmath.apply(name, rng.random(n).astype(dtype))


def family_of(core):
    class Path:
        size, capsule = core.size, core.capsule

        def value_and_grad(self, x, t):
            return core.value_and_grad(x, t)

    return Path()


def descents(n_jobs):
    """Descents of every kind of loop from many starts."""
    rng = np.random.default_rng(6)
    for objective in (risk(*NETS[0]), risk(*NETS[1]), risk(*NETS[4]), hp.TeacherStudent(4, 4), CompiledRosenbrock(3)):
        X = 0.3 * rng.standard_normal((67, objective.size))
        for rule in (*RULES, "lm") if hasattr(objective, "model") else RULES:
            hp.descend(objective, X, rule=rule, n_steps=12, n_jobs=n_jobs, record_every=5, plateau=None)
            hp.descend(objective, X[0], rule=rule, n_steps=12)
    path = hp.homotopies.WeightDecay(risk(*NETS[1]))
    hp.descend(path, 0.3 * rng.standard_normal((67, path.size)), rule="adam", n_steps=12, n_jobs=n_jobs)
    skip = hp.homotopies.Skip(risk((3, 5, 1), "relu", "squared", 13, np.float64))
    hp.descend(skip, 0.3 * rng.standard_normal((67, skip.size)), rule="lbfgs", n_steps=12, n_jobs=n_jobs)


def crowd(n_jobs):
    """Threads that ask the same objectives."""
    shared = [risk(*net) for net in NETS]

    def ask(_):
        for objective in shared:
            visit_net(objective, paths=False)

    with ThreadPoolExecutor(n_jobs) as pool:
        list(pool.map(ask, range(3 * n_jobs)))


def tour(n_jobs=1):
    for isa in [name for name in vmath.available() if name in (vmath.isa(), "plain")]:
        mlp.use_isa(isa), rnn.use_isa(isa), teacher.use_isa(isa)
        for net in NETS:
            visit_net(risk(*net))
        for cell, n, T, h in (("elman", 9, 5, 3), ("gru", 17, 11, 5), ("lstm", 5, 9, 4), ("elman", 33, 3, 70)):
            visit_sequences(cell, n, T, h), visit_sequences(cell, n, T, h, "logistic")
        visit_teacher(5, 3, 4), visit_teacher(9, 9, 11)
    mlp.use_isa(vmath.isa()), rnn.use_isa(vmath.isa()), teacher.use_isa(vmath.isa())
    for activation in ("relu", "tanh"):
        visit_moves(activation, False), visit_moves(activation, True)
    visit_others()
    descents(n_jobs)
    if n_jobs > 1:
        crowd(n_jobs)


if __name__ == "__main__":
    tour(*map(int, sys.argv[1:]))
    print("the tour is over")
