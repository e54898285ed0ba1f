"""The contract of units: every tracker, corrector and step control gives the same path in other units of x, t and F."""

import numpy as np
import pytest
from continuation.units.scaled import EXACT, FAMILIES, GENERAL, drawn, same

from homotopy.continuation import (
    LBFGS,
    Adaptive,
    ArclengthNewton,
    BranchPoint,
    Constant,
    Dense,
    DenseNewton,
    Fixed,
    GradientDescent,
    IndexChange,
    Jump,
    Krylov,
    MoorePenrose,
    NewtonKrylov,
    Polynomial,
    Secant,
    Sparse,
    SparseNewton,
)

WAYS = {
    "arclength": {},
    "natural": {"mode": "natural"},
    "auto": {"mode": "auto"},
    "secant": {"predictor": Secant()},
    "polynomial": {"predictor": Polynomial(3)},
    "natural constant": {"mode": "natural", "predictor": Constant()},
    "natural secant": {"mode": "natural", "predictor": Secant()},
    "natural polynomial": {"mode": "natural", "predictor": Polynomial(2)},
    "dense": {"corrector": DenseNewton()},
    "sparse": {"corrector": SparseNewton()},
    "krylov": {"corrector": NewtonKrylov()},
    "arclength dense": {"corrector": ArclengthNewton(linear=Dense())},
    "arclength sparse": {"corrector": ArclengthNewton(linear=Sparse())},
    "arclength krylov": {"corrector": ArclengthNewton(linear=Krylov())},
    "moore-penrose": {"corrector": MoorePenrose()},
    "fixed": {"step_control": Fixed(0.037), "events": [Jump(ratio=10.0)]},
    "natural fixed": {"mode": "natural", "step_control": Fixed(0.047)},
    "distance": {"step_control": Adaptive(distance=1e-3, angle=None, iterations=None)},
    "branch points": {"events": [BranchPoint()]},
}

OF_GRADIENTS = {
    "index": {"events": [IndexChange()]},
    "index krylov": {"corrector": ArclengthNewton(linear=Krylov()), "events": [IndexChange()]},
    "lbfgs": {"corrector": LBFGS()},
    "lbfgs constant": {"corrector": LBFGS(), "predictor": Constant()},
    "descent": {"corrector": GradientDescent()},
    "descent constant": {"corrector": GradientDescent(), "predictor": Constant()},
}

ALL = [(name, way) for name in FAMILIES for way in WAYS]
ALL += [(name, way) for name, family in FAMILIES.items() if family.gradient for way in OF_GRADIENTS]
# Close to a fold the iterations of a descent hang on rounding: powers of two only.
ROUGH = {("s4", "descent"), ("s4", "descent constant")}


def check(name, way, exact, general):
    family, options = FAMILIES[name], (WAYS | OF_GRADIENTS)[way]
    path = family.follow(**options)
    for units in exact:
        same(path, family.follow(units, **options), units, tolerance=1e-12, slack=0)
    for units in general if (name, way) not in ROUGH else []:
        same(path, family.follow(units, **options), units)


QUICK = [(name, way) for name, way in ALL if name not in ("s4", "transcritical", "still")]


@pytest.mark.parametrize(("name", "way"), QUICK)
def test_a_path_is_the_same_in_other_units(name, way):
    check(name, way, EXACT[-1:], GENERAL[-1:])


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize(("name", "way"), ALL)
def test_a_path_is_the_same_in_any_units(name, way):
    check(name, way, EXACT, [*GENERAL, *(drawn(np.random.default_rng(seed)) for seed in range(4))])


@pytest.mark.parametrize("name", ["s", "s4", "one", "proximal"])
@pytest.mark.parametrize("way", ["arclength", "natural", "auto", "arclength krylov"])
def test_a_path_by_differences_is_the_same_in_other_units(name, way):
    family, options = FAMILIES[name], WAYS[way]
    path = family.follow(differences=True, **options)
    for units in (EXACT[-2], GENERAL[-2]):
        same(path, family.follow(units, differences=True, **options), units)
