"""Gradients that are clipped by their norm: every loop against the few lines of NumPy that say what it means."""

import numpy as np
import pytest
from loops import prepared, run

from homotopy._core.descent import CompiledRosenbrock
from homotopy._core.many import Lanes
from homotopy._core.vmath import available
from homotopy.descent import Noise, Ramp, descend
from homotopy.errors import ArgumentError
from homotopy.homotopies import Targets, Width
from homotopy.methods import method
from homotopy.models import MLP
from homotopy.objectives import EmpiricalRisk, TeacherStudent
from homotopy.objectives.functions import Rosenbrock
from homotopy.problems import problem

RULES = ("gd", "momentum", "nesterov", "adam")


def net(sizes=(2, 3, 1), n=4, loss="squared", l2=0.0, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.integers(sizes[-1], size=n) if loss == "softmax" else 3.0 * rng.standard_normal((n, sizes[-1]))
    return EmpiricalRisk(MLP(sizes, "tanh"), loss, rng.standard_normal((n, sizes[0])), y, l2=l2)


FUNCTIONS = {
    "compiled": lambda: CompiledRosenbrock(4),
    "interpreted": Rosenbrock,
    "tiny net": net,
    "shallow net": lambda: net((2, 4, 1), 50, l2=0.1),
    "deep net": lambda: net((3, 4, 3, 2), 9),
    "softmax": lambda: net((3, 3, 3), 7, "softmax"),
    "teacher": lambda: TeacherStudent(4, 5),
    "path": lambda: Targets(net((2, 3, 1), 6), "mean"),
    "fading": lambda: Width(net((2, 2, 1), 6, l2=0.1), 2),
}
STEPS = {"compiled": 3e-4, "interpreted": 3e-4}


def plainly(function, x, rule, *, step, clip, n_steps):
    """The descent in NumPy; how many gradients were clipped is returned with its end."""
    family = hasattr(function, "dt_grad")
    x, u, v, clipped = x.copy(), np.zeros_like(x), np.zeros_like(x), 0
    for k in range(n_steps):
        g = function.value_and_grad(x, min(1.0, k / (0.5 * n_steps)))[1] if family else function.value_and_grad(x)[1]
        norm = np.linalg.norm(g)
        if norm > clip:
            g, clipped = g * (clip / norm), clipped + 1
        if rule == "adam":
            u, v = 0.9 * u + 0.1 * g, 0.999 * v + 0.001 * g**2
            x = x - step * u / (1 - 0.9 ** (k + 1)) / (np.sqrt(v / (1 - 0.999 ** (k + 1))) + 1e-8)
        else:
            u = g + (0.0 if rule == "gd" else 0.9) * u
            x = x - step * (g + 0.9 * u if rule == "nesterov" else u)
    return x, clipped


@pytest.mark.parametrize("kind", sorted(FUNCTIONS))
@pytest.mark.parametrize("rule", RULES)
def test_one_start_and_many_are_clipped_as_numpy_says(kind, rule):
    function = FUNCTIONS[kind]()
    rng = np.random.default_rng(3)
    X, step = rng.standard_normal((11, function.size)), STEPS.get(kind, 0.02)
    norms = [np.linalg.norm(function.at(0.5).grad(x) if hasattr(function, "at") else function.value_and_grad(x)[1])
             for x in X]  # fmt: skip
    settings = {"clip": 0.6 * float(np.median(norms)), "n_steps": 21}
    more = {"schedule": Ramp(share=0.5)} if hasattr(function, "dt_grad") else {}
    ends, counts = zip(*(plainly(function, x, rule, step=step, **settings) for x in X), strict=True)
    assert 0 < sum(counts) < 21 * len(X)  # some are, some are not
    many = descend(function, X, rule=rule, step_size=step, **settings, **more)
    one = [descend(function, x, rule=rule, step_size=step, **settings, **more) for x in X]
    np.testing.assert_allclose(many.x, ends, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose([end.x for end in one], ends, rtol=1e-7, atol=1e-9)
    unclipped = descend(function, X, rule=rule, step_size=step, n_steps=21, **more)
    assert np.abs(unclipped.x - many.x).max() > 1e-3 * step
    loose = descend(function, X, rule=rule, step_size=step, n_steps=21, clip=1e250, **more)
    np.testing.assert_allclose(loose.x, unclipped.x, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("isa", [isa for isa in available() if isa != "plain"])
@pytest.mark.parametrize("rule", RULES)
def test_every_instruction_set_clips(isa, rule):
    function = net((2, 3, 1), 4)
    X = np.random.default_rng(5).standard_normal((9, function.size))
    capsule, settings, starts, ends, stop = prepared(function, X, rule=rule, clip=0.1, n_steps=30)
    Lanes(capsule, settings, starts, ends, None, stop, isa).run(0, len(X))
    alone = [run(function, x, isa, rule=rule, clip=0.1, n_steps=30)[0] for x in X]
    right = [plainly(function, x, rule, step=0.02, clip=0.1, n_steps=30)[0] for x in X]
    np.testing.assert_allclose(starts.x, right, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(alone, right, rtol=1e-8, atol=1e-10)


def test_the_norm_that_is_told_is_the_whole_one_and_the_noise_is_not_clipped():
    function, x = Rosenbrock(), np.array([-1.2, 2.0])
    norm = np.linalg.norm(function.grad(x))
    end = descend(function, x, step_size=1e-3, n_steps=0, clip=1.0)
    assert end.grad_norm == pytest.approx(norm)
    moved = descend(function, x, step_size=1e-9, n_steps=9, clip=1e-3, noise=Noise(0.5, period=1), rng=1).x - x
    assert np.linalg.norm(moved) > 1e-3
    flat = descend(function, x, step_size=0.5, n_steps=200, clip=1e-6, gradient_tolerance=1e-3)
    assert flat.status.name == "MAX_STEPS"  # a clipped gradient is short, and x is not stationary for that


def test_in_other_units_the_descent_is_the_same():
    X = np.random.default_rng(2).standard_normal((4, 4))
    function, scale = CompiledRosenbrock(4), 1e6

    class Scaled:
        size = 4

        def value_and_grad(self, x):
            value, grad = function.value_and_grad(x)
            return scale * value, scale * grad

    a = descend(function, X, step_size=0.01, clip=2.0, n_steps=40).x
    b = descend(Scaled(), X, step_size=0.01 / scale, clip=2.0 * scale, n_steps=40).x
    np.testing.assert_allclose(a, b, rtol=1e-6)


def test_clipping_keeps_a_descent_that_would_overflow():
    function, x = CompiledRosenbrock(4), np.full(4, 5.0)
    assert descend(function, x, step_size=0.01, n_steps=50).status.name == "NON_FINITE"
    kept = descend(function, x, step_size=0.01, n_steps=4000, clip=1.0)
    assert kept.value < 1e-2 * function.value_and_grad(x)[0]


@pytest.mark.parametrize("rule", ["lbfgs", "lm", "newton", "rprop"])
def test_rules_whose_steps_do_not_grow_with_the_gradient_refuse(rule):
    with pytest.raises(ArgumentError, match="clip goes with gradient descent, momentum and Adam, not with"):
        descend(net(), np.zeros(net().size), rule=rule, clip=1.0)


@pytest.mark.parametrize("clip", [0.0, -1.0, np.nan, np.inf, "1", True])
def test_what_is_no_positive_number_is_refused(clip):
    with pytest.raises(ArgumentError, match="clip must be a positive number or None"):
        descend(net(), np.zeros(net().size), rule="gd", clip=clip)


@pytest.mark.parametrize("name", ["gd", "gd-decay", "gd-noise", "momentum", "adam"])
def test_methods_take_it_in_their_names(name):
    target = problem("xor:hidden=3")
    clipped, whole = (method(text).solve_many(target, range(4), budget=200) for text in (f"{name}:clip=0.01", name))
    assert method(f"{name}:clip=0.01").name.endswith("clip=0.01")
    assert method(name).name == name
    assert (np.abs(clipped.x - whole.x).max(axis=1) > 1e-6).all()


@pytest.mark.parametrize("rule", RULES)
def test_a_gradient_whose_square_overflows_is_clipped_too(rule):
    class Steep:
        """A slope of 1e200 towards zero."""

        size = 2

        def value_and_grad(self, x):
            return 1e200 * float(np.abs(x).sum()), 1e200 * np.sign(x)

    end = descend(Steep(), np.ones(2), rule=rule, step_size=1e-3, clip=np.sqrt(2.0), n_steps=9)
    assert end.status.name == "MAX_STEPS"
    assert end.grad_norm == pytest.approx(np.sqrt(2.0) * 1e200)
    assert (end.x < 1.0 - 8e-3).all()
