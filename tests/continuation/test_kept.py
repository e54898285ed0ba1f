"""What walks are: each step, event and evaluation of random members is what it was when these were kept.

Other tests say that a path is right. These say that it is got in the same way: where steps are accepted and how many
are not, which points are looked for, what it costs. A change that means to move them keeps them anew, with tests/ in
the path: ``python tests/continuation/test_kept.py``. Only members on whose walk rounding has no say are kept: those
that go the same way from a start that is off by 1e-11 of its size, and with the kernels and the BLAS of older machines
(``HOMOTOPY_ISA=base OPENBLAS_CORETYPE=Nehalem``; what fails there is taken out).
"""

import json
import sys
from functools import partial
from pathlib import Path

import curves
import numpy as np
import pytest
from continuation.families import make
from continuation.germs import KINDS

from homotopy.continuation import (
    LBFGS,
    DenseNewton,
    Explorer,
    Fixed,
    GradientDescent,
    MoorePenrose,
    NewtonKrylov,
    Polynomial,
    Secant,
    SparseNewton,
    Spectrum,
    diagram,
    track,
)
from homotopy.homotopies import Blend, Newton, Proximal, Skip
from homotopy.models import MLP
from homotopy.objectives import EmpiricalRisk
from homotopy.objectives.functions import Himmelblau, Rosenbrock

KEPT = Path(__file__).with_name("kept.json")
WAYS = {
    "arclength": {},
    "auto": {"mode": "auto"},
    "natural": {"mode": "natural"},
    "secant": {"predictor": Secant()},
    "cubic": {"predictor": Polynomial(), "corrector": MoorePenrose()},
    "fixed": {"step_control": Fixed(0.02)},
    "spectrum": {"spectrum": Spectrum(3)},
    "natural-secant": {"mode": "natural", "predictor": Secant()},
}


def drawn(kind, k):
    rng = np.random.default_rng([19, k, sum(map(ord, kind))])
    return make(kind, rng, (1, 2, 5, 3)[k % 4], (1.0, 1e3, 1.0, 1e-3)[k % 4], plain=k % 2 == 0, differences=k % 5 == 4)


def moved(x, off):
    return x * (1 + off * np.cos(np.arange(x.size)))


def risk(sizes=(2, 3, 1), activation="softplus", seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((20, sizes[0]))
    return EmpiricalRisk(MLP(sizes, activation), "squared", X, np.sin(2 * X[:, :1]), l2=0.01)


def net(path, **options):
    return lambda off: track(path, moved(path.start(3), off), **options)


def around(objective, seed=1):
    return np.random.default_rng(seed).standard_normal(objective.size)


FIXED = {
    "s curve": lambda off: track(curves.s_curve(), moved(curves.S_START, off)),
    "s curve, auto": lambda off: track(curves.s_curve(), moved(curves.S_START, off), mode="auto"),
    "s curve, natural": lambda off: track(curves.s_curve(), moved(curves.S_START, off), mode="natural"),
    "bowl": lambda off: track(curves.moving_quadratic()[0], mode="natural"),
    "valley": net(Proximal(Rosenbrock(), np.array([-1.0, 2.0]), mu=0.7)),
    "valley, descents": net(Proximal(Rosenbrock(), np.array([-1.0, 2.0]), mu=0.7), corrector=LBFGS()),
    "hills": net(Proximal(Himmelblau(), np.array([0.5, 2.0])), corrector=GradientDescent()),
    "Newton": net(Newton(risk(), around(risk()))),
    "blend": net(Blend(risk(seed=1), risk())),
    "skip": net(Skip(risk()), mode="natural"),
    "proximal net": net(Proximal(risk(), around(risk()))),
    "proximal net, Krylov": net(Proximal(risk(), around(risk())), corrector=NewtonKrylov()),
    "proximal net, sparse": net(Proximal(risk(), around(risk())), corrector=SparseNewton()),
    "proximal net, dense": net(Proximal(risk(), around(risk())), corrector=DenseNewton()),
    "tangential": lambda off: walk("tangential", 4, "arclength", off),
}


def walk(kind, k, way, off):
    member = drawn(kind, k)
    options = {"t0": member.t0, "target": member.t1, "max_steps": 120}
    return track(member.system, moved(member.x0, off), **options, **WAYS[way])


def picture(kind, k, off):
    member = drawn(kind, k)
    explorer = Explorer(bounds=(min(member.t0, member.t1), max(member.t0, member.t1)), max_steps=120)
    return diagram(member.system, moved(member.x0, off), member.t0, explorer=explorer)


def walks():
    """Return the walks by name: functions of how far the start is off, over its size."""
    out = dict(FIXED)
    for number, kind in enumerate(KINDS):
        if kind == "tangential":  # where curves touch, rounding decides
            continue
        for k in range(9):
            way = list(WAYS)[(k + number) % len(WAYS)]
            out[f"{kind} {k}, {way}"] = partial(walk, kind, k, way)
        for k in (0, 2):
            out[f"{kind} {k}, diagram"] = partial(picture, kind, k)
    return out


def told(path):
    """Return what is kept of a path, or of the paths of a diagram."""
    if not hasattr(path, "points"):
        return {"complete": path.complete, "branches": [told(branch) for branch in path.branches]}
    length = (path.target if path.target is not None else 1.0) - path.points[0].t or 1.0
    unit = [(p.t - path.points[0].t) / length for p in path.points]
    return {
        "status": path.status.name,
        "success": path.success,
        "steps": [path.counts.accepted, path.counts.rejected],
        "evaluations": [path.counts.value, path.counts.grad, path.counts.hessp],
        "iterations": [p.n_iter for p in path.points],
        "index": [p.index for p in path.points],
        "t": [round(t, 7) for t in unit],
        "s": [round(p.s, 7) for p in path.points],
        "events": [[e.name, e.step, round((e.point.t - path.points[0].t) / length, 6)] for e in path.events],
    }


def alike(a, b):
    """Whether two walks are one but for rounding."""
    if "branches" in a:
        pairs = zip(a["branches"], b["branches"], strict=False)
        return (
            a["complete"] == b["complete"]
            and len(a["branches"]) == len(b["branches"])
            and all(alike(*p) for p in pairs)
        )
    plain = [name for name in a if name not in ("t", "s", "events", "evaluations")]
    if any(a[name] != b[name] for name in plain) or len(a["events"]) != len(b["events"]):
        return False
    if not np.allclose(a["evaluations"], b["evaluations"], rtol=0.02, atol=8):  # rounding may say how a solve ends
        return False
    if [e[:2] for e in a["events"]] != [e[:2] for e in b["events"]]:
        return False
    pairs = [(a["t"], b["t"]), (a["s"], b["s"]), ([e[2] for e in a["events"]], [e[2] for e in b["events"]])]
    return all(np.allclose(x, y, rtol=2e-5, atol=2e-5) for x, y in pairs)


STORED = json.loads(KEPT.read_text()) if KEPT.exists() else {}


@pytest.mark.parametrize("name", sorted(STORED))
def test_a_walk_is_what_it_was(name):
    found = told(walks()[name](0.0))
    assert alike(found, STORED[name]), (found, STORED[name])


def keep():
    """Keep the walks anew, those in which rounding has no say."""
    kept = {}
    for name, walk in walks().items():
        first = told(walk(0.0))
        same = all(alike(first, told(walk(off))) for off in (1e-11, -1e-11, 3e-12))
        print(f"{name:40s} {'kept' if same else 'rounding decides'}", flush=True)
        if same:
            kept[name] = first
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(told)}" for name, told in kept.items())
    KEPT.write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    sys.exit(keep())
