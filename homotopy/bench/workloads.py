"""The workloads, who takes part in each, and the ratios that the package must reach."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy

from homotopy._core import vmath
from homotopy.bench import nets, runs, sequences
from homotopy.bench.contest import Contestant, Heat, race

__all__ = ["PEERS", "WORKLOADS", "Floor", "Outcome", "Rate", "Workload", "contestants_of", "missing", "rates_of", "run"]

PEERS = {
    "numpy": "numpy",
    "scipy": "scipy",
    "jax": "jax",
    "optax": "optax",
    "numba": "numba",
    "scikit-learn": "sklearn",
    "torch": "torch",
}
"""Peers, and the modules that they need."""


@dataclass(frozen=True)
class Floor:
    """A ratio to reach: the peer's best time over ours."""

    peer: str  # a contestant, or several with / between: the fastest of them counts
    least: float  # what must be reached
    aim: float
    ours: str = "homotopy"  # which of the package's contestants
    v3: float | None = None  # what must be reached with the instruction set v3, if less
    base: float | None = None  # and with the baseline


@dataclass(frozen=True)
class Workload:
    """A task for a race; its title says what one evaluation is."""

    title: str
    floors: tuple[Floor, ...]
    rounds: int = 1000  # at most so many turns, where one takes seconds


def _multiples(row: runs.Row) -> Workload:
    """Return the workload of methods' runs against the gradients that they are charged for."""
    floors = (Floor("homotopy gradient", 1 / row.most, 1.0, ours=f"homotopy {name}") for name in row.methods)
    return Workload(f"a gradient-equivalent of a run on {row.problem}", tuple(floors), rounds=5)


def _recurrent(row: sequences.Row) -> Workload:
    """Return the workload of a recurrent net: the gradient and the product against JAX, the gradient against torch."""
    floors = (
        Floor("jax scan", row.least, row.aim),
        Floor("jax hessp", row.least, row.aim, ours="homotopy hessp"),
        Floor("torch rnn/torch loop", row.eager, 3.0),
    )
    return Workload(row.title, floors)


_TINY = (
    Floor("optax lbfgs", 50, 200, v3=25, base=12.5),
    Floor("scipy with our gradient/scipy with numpy gradient", 100, 500, v3=50, base=25),
)
WORKLOADS: dict[str, Workload] = {
    "W1 call": Workload(
        "loss and gradient of XOR 2-2-1 from Python",
        (
            Floor("jax jit", 60, 100, ours="homotopy in place"),
            Floor("numpy", 100, 150, ours="homotopy in place"),
            Floor("torch eager", 1000, 1500, ours="homotopy in place"),
        ),
    ),
    "W1 loop": Workload(
        "a step of gradient descent on XOR 2-2-1",
        (
            Floor("jax fori_loop", 3, 4),
            Floor("numba", 3, 4),
            Floor("jax scan with loss", 8, 8, ours="homotopy recording"),
        ),
    ),
    "W2": Workload(
        "a step of one of 1,000 descents on XOR 2-2-1",
        (
            Floor("jax vmap fori_loop", 7, 9),
            Floor("jax hand-scalarized", 1.9, 2.4, v3=1.5),
            Floor("torch.compile", 4.5, 5.6),
        ),
    ),
    "W3": Workload(
        "loss and gradient of 10-50-50-1, 1,000 samples",
        (Floor("jax jit", 1.3, 1.55), Floor("scikit-learn", 1.8, 2.1), Floor("torch eager", 2.9, 3.5)),
    ),
    "W4": Workload(
        "loss and gradient of 784-128-10, batch 256",
        (Floor("numpy/jax jit", 0.97, 1.05), Floor("torch eager", 1.4, 1.5), Floor("gemm limit", 0.85, 0.9)),
    ),
    "W4 float32": Workload(
        "the same in single precision",
        (Floor("numpy/jax jit", 0.97, 1.05), Floor("torch eager", 1.3, 1.4), Floor("gemm limit", 0.85, 0.9)),
    ),
    "W5": Workload(
        "second-order product on 10-50-50-1, 1,000 samples",
        (
            Floor("jax hessp", 1.15, 1.3, ours="homotopy hessp"),
            Floor("jax hessp", 1.5, 1.8, ours="homotopy hessp, same point"),
            Floor("jax ggnp", 1.15, 1.3, ours="homotopy ggnp"),
            Floor("jax ggnp", 1.5, 1.8, ours="homotopy ggnp, same point"),
        ),
    ),
    "W5 full Hessian": Workload("Hessian of 10-20-1, 500 samples", (Floor("jax hessian", 45, 80),)),
    "W6 call": Workload(
        "teacher-student risk and gradient, k = n = d = 20, from Python", (Floor("jax jit/jax jit by hand", 9, 15),)
    ),
    "W6 loop": Workload(
        "a step of gradient descent on that risk", (Floor("jax fori_loop/jax fori_loop by hand", 3.5, 6),)
    ),
    "W7": Workload(
        "69 arclength steps on Bratu's problem, 200 points, round its fold",
        (
            Floor("numpy", 15, 25),
            Floor("numpy", 1 / 1.3, 1.0, ours="homotopy callbacks"),
        ),
    ),
    **{name: _recurrent(row) for name, row in sequences.ROWS.items()},
    "W9 xor relu": Workload("a success of many-start L-BFGS on XOR 2-2-1, relu", _TINY, rounds=5),
    "W9 xor tanh": Workload("a success of many-start L-BFGS on XOR 2-2-1, tanh", _TINY, rounds=5),
    "W9 ts 8-8": Workload(
        "a success of many-start L-BFGS on ts 8-8, relu, 500 samples", (Floor("optax lbfgs", 5, 10),), rounds=2
    ),
    "W9 teacher k=20": Workload("a success of many-start L-BFGS on the teacher-student risk, k = 20", (), rounds=2),
    "W10 xor relu": Workload(
        "a success of many-start LM on XOR 2-2-1, relu", (Floor("jax lm", 50, 200, v3=25, base=12.5),), rounds=5
    ),
    "W10 xor tanh": Workload(
        "a success of many-start LM on XOR 2-2-1, tanh", (Floor("jax lm", 50, 200, v3=25, base=12.5),), rounds=5
    ),
    "W10 sine": Workload("a success of many-start LM on sine, 1-4-1", (Floor("jax lm", 10, 50),), rounds=2),
    **{name: _multiples(row) for name, row in runs.ROWS.items()},
    "W12": Workload(
        "a run of compare on XOR, store and statistics included",
        (Floor("homotopy descents", 1 / 1.2, 1.0, ours="homotopy compare"),),
        rounds=3,
    ),
}
"""Every workload, in order."""


@dataclass(frozen=True)
class Outcome:
    """What one workload showed."""

    name: str
    heats: tuple[Heat, ...]  # the package's contestants first
    verdicts: tuple[tuple[Floor, float, bool], ...]  # floors whose peers took part, the ratio, whether it was reached
    disagreements: tuple[str, ...] = ()  # contestants whose answer is not the package's, or who succeed more often
    rates: tuple[Rate, ...] = ()  # where the task is to succeed


@dataclass(frozen=True)
class Rate:
    """How often a contestant succeeds with as many iterations as all others, and whether that is as often as ours."""

    name: str
    successes: int
    trials: int
    p: float  # of Fisher's exact test against the package's first contestant, two-sided

    @property
    def share(self) -> float:
        """Successes by trials."""
        return self.successes / self.trials


LEAST_P = 1e-3
"""A peer that succeeds more often than the package with a p below this has another answer."""


def missing(peers: Sequence[str] = tuple(PEERS)) -> list[str]:
    """Return the peers of this list that are not installed."""
    return [name for name in peers if importlib.util.find_spec(PEERS[name]) is None]


def run(
    name: str, *, peers: Sequence[str] = tuple(PEERS), rounds: int = 25, busy: bool = False, isa: str = ""
) -> Outcome:
    """Race one workload with the peers that are installed; floors may depend on the instruction set in use."""
    contestants = contestants_of(name, peers)
    wrong = _disagreements(contestants, 2e-3 if "float32" in name else 1e-6)
    heats = race(contestants, rounds=min(rounds, WORKLOADS[name].rounds), busy=busy)
    rates = rates_of(contestants)
    wrong += tuple(r.name for r in rates if r.p < LEAST_P and r.share > rates[0].share)
    return Outcome(name, tuple(heats), tuple(_verdicts(WORKLOADS[name], heats, isa)), wrong, rates)


def rates_of(contestants: Sequence[Contestant]) -> tuple[Rate, ...]:
    """Return the success rates of those whose task is to succeed, each tested against that of the first."""
    found: list[Rate] = []
    for c in contestants:
        if c.rate is not None:
            k, n = c.rate()
            k0, n0 = (found[0].successes, found[0].trials) if found else (k, n)
            p = scipy.stats.fisher_exact([[k, n - k], [k0, n0 - k0]]).pvalue
            found.append(Rate(c.name, k, n, float(p)))
    return tuple(found)


def contestants_of(name: str, peers: Sequence[str]) -> list[Contestant]:
    """Return who takes part in a workload: the package, the core's limits, and the peers that are installed."""
    found, absent = [*nets.ours(name), *_limits(name)], missing(peers)
    for peer in (peer for peer in peers if peer not in absent):
        theirs = importlib.import_module(f"homotopy.bench.peers.{PEERS[peer]}").CONTESTANTS
        found += theirs[name]() if name in theirs else []
    return found


def _disagreements(contestants: Sequence[Contestant], tolerance: float) -> tuple[str, ...]:
    """Return who gives another answer than the package's contestant of the same kind."""
    found: dict[str, float] = {}
    wrong = []
    for c in contestants:
        if c.answer is None:
            continue
        kind, value = c.name.rpartition(" ")[2] if c.name.endswith(("hessp", "ggnp")) else "", c.answer()
        if abs(value - found.setdefault(kind, value)) > tolerance * abs(found[kind]):
            wrong.append(c.name)
    return tuple(wrong)


def _verdicts(workload: Workload, heats: Sequence[Heat], isa: str) -> list[tuple[Floor, float, bool]]:
    """Return the floors whose peers took part, with the ratios reached."""
    best = {heat.name: heat.seconds for heat in heats}
    verdicts = []
    for floor in workload.floors:
        times = [best[peer] for peer in floor.peer.split("/") if peer in best]
        if times:
            ratio = float(np.min(times) / best[floor.ours])
            least = {"v3": floor.v3, "base": floor.base}.get(isa)
            if least is not None:
                floor = replace(floor, least=least)
            verdicts.append((floor, ratio, ratio >= floor.least))
    return verdicts


def _limits(workload: str) -> list[Contestant]:
    """Return the limits of a workload: the time that its products, or its tanh alone, take at this core's best rate."""
    if workload in ("W1 loop", "W2"):
        return [_tanh(12)]
    if workload in ("W3", "W5"):
        products = 1000 * (10 * 50 * 2 + 50 * 50 * 3 + 50 * 3)
        return [_gemm(2 * products * (1 if workload == "W3" else 2), np.float64)]
    if workload.startswith("W4"):
        products = 256 * (784 * 128 * 2 + 128 * 10 * 3)
        return [_gemm(2 * products, np.float32 if "float32" in workload else np.float64)]
    if row := sequences.ROWS.get(workload):
        steps, d, h = row.steps * row.batch, row.n_in, row.hidden
        return [_tanh(steps * h), _gemm(2 * steps * h * (3 * h + 2 * d), np.float64)]
    return []


def _gemm(operations: int, dtype: Any) -> Contestant:
    """Return a product of square matrices, in units of this many floating-point operations."""
    A, B = np.random.default_rng(0).standard_normal((2, 512, 512)).astype(dtype)
    C = np.empty_like(A)
    return Contestant("gemm limit", lambda: np.matmul(A, B, out=C), 2 * 512**3 / operations)


def _tanh(number: int) -> Contestant:
    """Return tanh over a vector in the first cache, in units of this many values."""
    x = np.linspace(-3, 3, 2048)
    return Contestant("tanh limit", lambda: vmath.apply("tanh", x), 2048 / number)
