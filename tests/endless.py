"""Computations that take many seconds, one for every kind of compiled loop: what ends them early is tested on all.

Run as a program, it goes through them all: says the name of each, waits for SIGINT, and says how long that took.
"""

import signal
import sys
import threading
import time

import numpy as np

import homotopy as hp
from homotopy import interrupts
from homotopy._core import signs
from homotopy._core.bratu import Bratu
from homotopy._core.curvature import largest_curvatures
from homotopy._core.descent import CompiledRosenbrock
from homotopy._core.moves import Moves, Pool
from homotopy._core.prune import merge_cheapest
from homotopy.errors import Interrupted
from homotopy.models import RNN
from homotopy.models.activations import BY_NAME
from homotopy.objectives import RecurrentRisk
from homotopy.streams import Draws, keys_of

EVER = {"n_steps": 10**9, "gradient_tolerance": 0.0}
SLOW = {"step_size": 1e-9, **EVER}


def rng():
    return np.random.default_rng(5)


def net(sizes, n, activation="tanh"):
    """A risk on n random samples, and its size."""
    X = rng().standard_normal((n, sizes[0]))
    return hp.EmpiricalRisk(hp.MLP(sizes, activation), "squared", X, X[:, : sizes[-1]].copy())


def sequences(n, T, h, cell="lstm"):
    X = rng().standard_normal((n, T, 2))
    return RecurrentRisk(RNN(2, h, 1, cell=cell), "squared", X, X[:, :, :1].copy())


def many(objective, r):
    return 0.3 * rng().standard_normal((r, objective.size))


def descending(objective, r=None, **settings):
    x = many(objective, 1 if r is None else r)
    return lambda: hp.descend(objective, x[0] if r is None else x, **settings)


def student(k=30):
    return hp.TeacherStudent(k, k)


def moving(n=2000, width=20):
    X = rng().standard_normal((n, 8))
    facts = {"activation": BY_NAME["tanh"], "loss": net((8, 2, 8), 4).loss, "bias": True}
    return Moves(X, X, X, **facts), Draws(keys_of(list(range(20_000))), 1).state, width


def pursuing():
    moves, states, width = moving()
    return lambda: moves.pursued(states, width, dictionary=400, ridge=1e-3)


def refitting():
    moves = moving()[0]
    x = rng().standard_normal((20_000, 40 * (8 + 1 + 8) + 8))
    return lambda: moves.refit(x, 40)


def growing():
    moves, states, _ = moving(300)
    return lambda: [Pool(moves, states[:2000], 400, 1.0) for _ in range(1000)]


def searching():
    A = rng().standard_normal((1, 60 * 40))
    state = Draws(keys_of([1]), 1).state
    facts = {"n": 60, "best": 2, "restarts": 10**9, "tolerance": 0.0}
    return lambda: signs.search(A, np.ones(40), state=state, **facts)


def flipping(n=3000):
    gram = rng().standard_normal((n, n))
    gram += gram.T
    return lambda: signs.flip_descent(gram, gram[0].copy(), np.ones(n))


def tracing():
    limits = {"limit": np.inf, "max_steps": 10**5, "jump_ratio": np.inf, "fixed": 1, "max_iter": 9}
    course = {"low": -np.inf, "high": np.inf, "target": np.nan, "sense": 1.0, "x_weight": 1.0, "t_weight": 1.0}
    steps = {"initial": 1e-4, "minimum": 1e-4, "maximum": 1e-4, "grow": 1.0, "shrink": 1.0}
    aims = {"tolerance": 1e-9, "final_tolerance": 1e-9, "residual": 1.0, "iterations": 0.0, "angle": 0.0}
    family = Bratu(1000, 1.0)
    return lambda: family.trace(np.zeros(1000), 0.0, {**limits, **course, **steps, **aims})


def merging(n=4000):
    units = rng().standard_normal((n, 3))
    return lambda: merge_cheapest(units, n - 1)


def valuing(objective, r):
    X = many(objective, r)
    return lambda: objective.value_and_grad_many(X)


def evaluating(objective, what="value_and_grad"):
    """One evaluation that takes seconds."""
    x = many(objective, 1)[0]
    return lambda: getattr(objective, what)(*[x] * (1 + what.endswith("p")))


def curving():
    objective = net((2, 8, 1), 50)
    return lambda: largest_curvatures(objective.capsule(), many(objective, 2), np.ones(objective.size), 10**9)


def interpreted():
    """A function in Python, whose descent calls back."""

    class Bowl:
        size = 3

        def value_and_grad(self, x):
            return 0.5 * x @ x, x

    return descending(Bowl(), rule="gd", **SLOW)


KINDS = {
    "lanes across starts": lambda: descending(net((2, 2, 1), 4), 300, rule="gd", **SLOW),
    "wide lanes across starts": lambda: descending(net((40, 40, 1), 50), 300, rule="adam", **SLOW),
    "a tiny net": lambda: descending(net((2, 2, 1), 4), rule="momentum", **SLOW),
    "one start": lambda: descending(net((5, 8, 3), 50), rule="rprop", **SLOW),
    "one start with a callback": lambda: descending(
        net((5, 8, 3), 50), rule="gd", callback=lambda point: None, callback_every=7, **SLOW
    ),
    "one start of many samples": lambda: descending(net((20, 300, 1), 100_000), rule="gd", **SLOW),
    "threads": lambda: descending(net((5, 8, 3), 50), 6, rule="gd", n_jobs=2, **SLOW),
    "lbfgs": lambda: descending(CompiledRosenbrock(60), 60_000, rule="lbfgs", **EVER),
    "lbfgs of a net": lambda: descending(net((10, 10, 1), 2000), 2000, rule="lbfgs", **EVER),
    "lbfgs in lanes": lambda: descending(net((2, 4, 1), 100), 100_000, rule="lbfgs", **EVER),
    "lm in lanes": lambda: descending(net((2, 4, 1), 100), 100_000, rule="lm", **EVER),
    "lm": lambda: descending(net((5, 20, 1), 2000), 3000, rule="lm", **EVER),
    "students side by side": lambda: descending(student(), 100, rule="gd", **SLOW),
    "students by lbfgs": lambda: descending(student(), 5000, rule="lbfgs", memory=5, **EVER),
    "recurrent": lambda: descending(sequences(20, 10, 3), rule="gd", **SLOW),
    "a long sequence": lambda: evaluating(sequences(16, 20_000, 64)),
    "a long sequence, second order": lambda: evaluating(sequences(16, 20_000, 32, "gru"), "hessp"),
    "many sequences": lambda: evaluating(sequences(40_000, 16, 48, "elman")),
    "many samples": lambda: evaluating(net((20, 300, 1), 300_000)),
    "many samples, second order": lambda: evaluating(net((20, 300, 1), 60_000), "hessp"),
    "many samples, a matrix": lambda: evaluating(net((20, 30, 1), 200_000, "relu"), "hessian"),
    "values of many nets": lambda: valuing(net((2, 8, 1), 10_000), 40_000),
    "values of many students": lambda: valuing(student(), 20_000),
    "values of many large students": lambda: valuing(student(140), 500),
    "curvatures": curving,
    "units pursued": pursuing,
    "units refitted": refitting,
    "units grown": growing,
    "signs searched": searching,
    "signs turned": flipping,
    "units merged": merging,
    "a curve traced": tracing,
    "a function in Python": interpreted,
}


def ended(loop):
    """Return how a computation ended, and when."""
    try:
        loop()
    except (Interrupted, KeyboardInterrupt) as error:
        return type(error).__name__, time.monotonic()
    return "it ended by itself", time.monotonic()


def asked(loop):
    """Return how a computation ended after a request from another thread, and how many seconds later."""
    moments = []

    def ask():
        time.sleep(0.1)
        moments.append(time.monotonic())
        interrupts.request()

    thread = threading.Thread(target=ask)
    thread.start()
    how, when = ended(loop)
    thread.join()
    interrupts.clear()
    return how, when - moments[0]


def main(names):
    """Wait for a signal in each of these loops, then for a request."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in names:
        loop = KINDS[name]()
        print(name, flush=True)
        print(*ended(loop), flush=True)
        print(*asked(loop), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:] or list(KINDS))
