"""The tasks: each problem with what runs on it, how often and for how long."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from homotopy.papers.recurrent.study import Side, Size, Task

__all__ = ["FIRST_ORDER", "FULL", "KEYS", "SMALL", "first_order", "tuned"]

FIRST_ORDER = {"Adam, clipped": "adam", "GD, clipped": "gd"}
"""The first-order methods as the page calls them, and their rules."""
KEYS = {
    "A": "h=2,act=tanh,gain=3",
    "B": "h=4,act=tanh,gain=3",
    "C": "h=8,act=tanh,gain=2",
    "D": "h=4,act=tanh,gain=1.5",
    "E": "h=4,act=relu",
    "F": "h=8,act=relu,n_in=2",
    "G": "h=8,act=tanh,gain=3",
    "I": "h=8,act=relu",
}
"""Teachers: hidden units, activation, the factor of their recurrent weights."""
STARTS = "normal", "orthogonal", "small"
DECAY = "graduated:along=weight-decay+l2=0.005,schedule=geometric,stages=3,evaluations=100"
"""Penalties of 0.01, 0.001 and 0.0001 beside the mean square error, which is twice the loss, at the true length."""


def tuned() -> Mapping[str, Mapping[str, float]]:
    """Return the step sizes of first-order methods by family, chosen on tuning seeds by `tuning`."""
    text = (Path(__file__).parent / "tuned.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def first_order(rule: str, step_size: float) -> str:
    """Return the name of a first-order method with gradients clipped at norm 1."""
    return f"{rule}:step_size={step_size:g},clip=1"


def _length(budget: float = 4000.0, sets: int = 0) -> Side:
    return Side("length", "length", budget, sets=sets)


def _lm(budget: float = 1000.0, sets: int = 0) -> Side:
    return Side("LM", "lm", budget, sets=sets)


def _same(sets: int = 0) -> Side:
    """Return the control that has the lengths and no Levenberg-Marquardt steps."""
    return Side("length, L-BFGS", "length:corrector=lbfgs", 4000.0, sets=sets)


def _plain(*starts: str, budget: float = 1000.0, sets: int = 0) -> tuple[Side, ...]:
    """Return L-BFGS from several kinds of start."""
    return tuple(Side(f"L-BFGS, {start}", "lbfgs", budget, start, sets) for start in starts)


def _steepest(family: str, budget: float, sets: int = 0) -> tuple[Side, ...]:
    """Return the first-order methods at their tuned step sizes, from the problem's own starts."""
    steps = tuned()[family]
    return tuple(Side(name, first_order(rule, steps[rule]), budget, sets=sets) for name, rule in FIRST_ORDER.items())


def _hops(budget: float, sets: int = 0) -> Side:
    """Return the package's best method without a homotopy: short L-BFGS runs raced, the best one kicked."""
    return Side("race and hop", "race-hop", budget, sets=sets)


def _adding(steps: int, act: str, ours: int, sides: tuple[Side, ...] = ()) -> Task:
    problem = f"adding:T={steps},act={act},data_seed={{}}"
    return Task(f"adding {act} {steps}", problem, (_length(), *sides), 0.004, ours, gradient=0.01 * steps)


def _adding_all() -> list[Task]:
    found = []
    for act in ("tanh", "relu"):
        for steps in (10, 30, 50):
            others = _plain("orthogonal", "identity", sets=20)
            found.append(_adding(steps, act, 40, (*_plain("zero"), _lm(), _same(20), *others)))
        others = (*_plain("orthogonal", "identity", sets=10), _hops(2000.0, 6), *_steepest(f"adding {act}", 2000.0, 6))
        found.append(_adding(100, act, 200, (*_plain("zero", sets=40), _lm(sets=40), _same(40), *others)))
        found.append(_adding(200, act, 20, (*_plain("zero", sets=10), _lm(sets=10), _same(10))))
        found.append(_adding(400, act, 50, (*_plain("zero", sets=6), _lm(sets=10), _same(6))))
        found.append(_adding(1000, act, 10, (_lm(500.0, 5),)))
    return found


def _memory(name: str, steps: int, hidden: int, ours: int, theirs: int) -> Task:
    sides = (*_plain("orthogonal", sets=theirs), _lm(sets=theirs), _same(20), *_plain("identity", sets=theirs))
    if theirs >= 20:
        sides += (_hops(2000.0, 8), *_steepest(name, 2000.0, 8))
    problem = f"{name}:T={steps},data_seed={{}}"
    gradient = 0.0007 * steps * hidden
    return Task(f"{name} {steps}", problem, (_length(), *sides), 0.01, ours, gradient=gradient)


def _teacher(key: str, steps: int, sets: int, starts: int) -> Task:
    problem = f"rts:{KEYS[key]},T={steps},teacher_seed={{}}"
    alone = Side("length alone", "length:decay=0,extra=0,gate=0", 4000.0)
    first, *others = _plain(*STARTS)
    sides = (_length(8000.0), first, _lm(2000.0), _same(), *others, alone, Side("decay alone", DECAY, 2000.0))
    sides += (_hops(4000.0, sets if steps == 20 else 10),)
    if steps == 20:
        sides += _steepest("rts", 4000.0)
    gradient = 0.0012 * steps * (2 if "h=8" in problem else 1)
    return Task(f"rts {key} {steps}", problem, sides, 1e-4, sets, starts, gradient)


def _identify(system: str, target: float) -> Task:
    first, *others = _plain("small", "normal", "orthogonal")
    sides = (_length(), first, _lm(2000.0), _same(), *others, _hops(4000.0), *_steepest("identify", 4000.0))
    return Task(f"identify {system}", f"identify:system={system},data_seed={{}}", sides, target, 20, 3, 0.09)


def _generate(wave: str) -> Task:
    first, other = _plain("orthogonal", "normal")
    sides = (_length(), first, _lm(), _same(), other, _hops(4000.0, 25), *_steepest("generate", 4000.0, 25))
    return Task(f"generate {wave}", f"generate:wave={wave},data_seed={{}}", sides, 0.01, 50, 1, 0.1)


def _full() -> Size:
    tasks = _adding_all()
    tasks += [_memory("latch", 100, 4, 100, 40), _memory("latch", 300, 4, 100, 10)]
    tasks += [_memory("temporal-xor", 50, 6, 50, 24), _memory("temporal-xor", 100, 6, 50, 10)]
    tasks += [_memory("order", 60, 6, 50, 24)]
    tasks += [_teacher(key, 20, 20, 3) for key in "ABCDEFGI"]
    tasks += [_teacher(key, 100, 20, 2) for key in "ADB"]
    tasks += [_identify("wh", 1e-3), _identify("duff", 1e-2)]
    tasks += [_generate(wave) for wave in ("sine", "two", "square")]
    return Size(tuple(tasks), ("rts B 20", "rts E 20", "rts C 20"), 16, 4, (1, 2, 3, 4, 6, 8, 12, 20, 40, 80))


FULL = _full()
"""All of it."""
SMALL = Size(
    (
        Task(
            "rts A 20",
            f"rts:{KEYS['A']},T=20,teacher_seed={{}}",
            (_length(), *_plain("normal")),
            1e-4,
            3,
            2,
        ),
        Task("adding relu 30", "adding:T=30,act=relu,data_seed={}", (_length(), *_plain("zero")), 0.004, 2),
    ),
    ("rts A 20",),
    2,
    2,
    (2, 8),
)
"""Seconds of it, for a test."""
