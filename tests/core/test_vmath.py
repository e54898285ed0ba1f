"""The vector mathematics against mpmath, on every instruction set that the machine has."""

import functools
import os
import subprocess
import sys

import mpmath
import numpy as np
import pytest

from homotopy._core import mlp, vmath
from homotopy.errors import ArgumentError

ISAS = vmath.available()
DTYPES = (np.float64, np.float32)
LIMIT = {"tanh": 2.5, "exp": 2.5, "logistic": 2.5}
"""Allowed error in units of the last place; 4 for the functions that are not named."""


def _logistic(x):
    return 1 / (1 + mpmath.exp(-x))


def _softplus(x):
    return x if x > 1000 else mpmath.log1p(mpmath.exp(x))


TRUTH = {
    "tanh": mpmath.tanh, "exp": mpmath.exp, "expm1": mpmath.expm1, "logistic": _logistic, "softplus": _softplus,
    "log1p": mpmath.log1p, "erf": mpmath.erf, "sin": mpmath.sin, "cos": mpmath.cos, "acos": mpmath.acos,
}  # fmt: skip


@functools.cache
def points(function, dtype):
    """Points over the whole range: dense in the middle, log-uniform out to the largest and the smallest numbers."""
    rng = np.random.default_rng(7)
    sign = rng.choice([-1.0, 1.0], 300)
    info = np.finfo(dtype)
    tiny = sign * 2.0 ** rng.uniform(info.minexp - info.nmant + 1, 0, 300)
    if function == "log1p":
        x = np.r_[rng.random(600), np.abs(tiny)]
    elif function == "acos":
        x = np.r_[rng.uniform(-1, 1, 500), tiny, sign * (1 - 2.0 ** rng.uniform(-info.nmant, 0, 300)), -1, 1]
    elif function in ("sin", "cos"):
        multiples = rng.integers(1, 10 ** (5 if dtype == np.float64 else 3), 200) * (np.pi / 2)
        x = np.r_[rng.uniform(-10, 10, 300), tiny, multiples, sign * 2.0 ** rng.uniform(0, info.maxexp - 1, 300)]
    else:
        edge = 760 if dtype == np.float64 else 110
        large = sign * 2.0 ** rng.uniform(0, info.maxexp - 1, 300)
        x = np.r_[rng.uniform(-2, 2, 300), rng.uniform(-30, 30, 300), rng.uniform(-edge, edge, 400), tiny, large]
    return np.ascontiguousarray(x.astype(dtype))


@functools.cache
def exact(function, dtype):
    """The function at the points as (nearest number of dtype, remainder in units of the last place)."""
    out = []
    smallest = float(np.finfo(dtype).smallest_subnormal)
    largest = float(np.finfo(dtype).max)
    bits = np.finfo(dtype).nmant
    with mpmath.workprec(1400 if function in ("sin", "cos", "expm1") else 300):
        for value in points(function, dtype):
            x = mpmath.mpf(float(value))
            if abs(x) > 1e5 and function in ("tanh", "exp", "expm1", "logistic", "erf"):
                x = mpmath.sign(x) * 100000  # they have saturated long before
            y = TRUTH[function](x)
            unit = max(mpmath.mpf(2) ** (mpmath.floor(mpmath.log(abs(y), 2)) - bits) if y else 0, smallest)
            out.append((y, unit, abs(y) > largest))
    return out


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("function", TRUTH)
@pytest.mark.parametrize("isa", ISAS)
def test_the_error_is_a_few_units_of_the_last_place(isa, function, dtype):
    found = vmath.apply(function, points(function, dtype), isa)
    worst = 0.0
    for value, (y, unit, huge) in zip(found, exact(function, dtype), strict=True):
        if huge:
            assert np.isinf(value) or value == np.finfo(dtype).max
        else:
            worst = max(worst, float(abs(mpmath.mpf(float(value)) - y) / unit))
    assert worst <= LIMIT.get(function, 4)


SATURATION = {
    "tanh": (-1, 1), "exp": (0, np.inf), "expm1": (-1, np.inf), "logistic": (0, 1), "softplus": (0, np.inf),
    "erf": (-1, 1), "sin": (np.nan, np.nan), "cos": (np.nan, np.nan), "acos": (np.nan, np.nan),
}  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("isa", ISAS)
def test_edges_are_kept(isa, dtype):
    for function, (low, high) in SATURATION.items():
        found = vmath.apply(function, np.array([np.nan, -np.inf, np.inf], dtype), isa)
        assert np.isnan(found[0]), function
        np.testing.assert_array_equal(found[1:], np.array([low, high], dtype), err_msg=function)
    for function in ("tanh", "expm1", "erf", "sin"):
        zeros = vmath.apply(function, np.array([-0.0, 0.0], dtype), isa)
        assert not zeros.any()
        assert np.signbit(zeros).tolist() == [True, False], function
    for function in ("tanh", "expm1", "sin"):
        tiny = np.array([1, 3, 1000], dtype) * np.finfo(dtype).smallest_subnormal
        assert np.array_equal(vmath.apply(function, tiny, isa), tiny), function
        assert np.array_equal(vmath.apply(function, -tiny, isa), -tiny), function
    assert vmath.apply("exp", np.zeros(1, dtype), isa)[0] == 1
    assert vmath.apply("acos", np.array([1.0, 2.0, -2.0], dtype), isa)[0] == 0
    assert np.isnan(vmath.apply("acos", np.array([1.5, -1.5], dtype), isa)).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("isa", ISAS)
@pytest.mark.parametrize("function", TRUTH)
def test_a_value_does_not_depend_on_its_place(function, isa, dtype):
    x = points(function, dtype)[:67].copy()
    whole = vmath.apply(function, x, isa)
    for n in (0, 1, 2, 3, 5, 8, 15, 16, 17, 33):
        assert np.array_equal(vmath.apply(function, x[:n].copy(), isa), whole[:n])
    table = vmath.apply(function, x[:60].reshape(3, 4, 5), isa)
    assert np.array_equal(table.ravel(), whole[:60])


def test_bad_arguments_are_refused():
    with pytest.raises(ArgumentError, match="function 'cosh' is unknown; there are tanh, exp"):
        vmath.apply("cosh", np.ones(1))
    with pytest.raises(ArgumentError, match="instruction set 'v9' is not one of this machine's"):
        vmath.apply("exp", np.ones(1), "v9")
    for bad in ([1.0], np.ones(4)[::2], np.ones(3, int), np.ones(2, ">f8")):
        with pytest.raises(ArgumentError, match="x must be a C-contiguous float64 or float32 array"):
            vmath.apply("exp", bad)
    with pytest.raises(ArgumentError, match="instruction set 'v9'"):
        mlp.use_isa("v9")


@pytest.mark.parametrize("isa", ISAS)
def test_the_environment_chooses_the_instruction_set(isa):
    code = "from homotopy._core import vmath; print(vmath.isa())"
    run = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"HOMOTOPY_ISA": isa}, capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == [isa]


def test_an_unknown_instruction_set_is_one_clear_sentence():
    run = subprocess.run(
        [sys.executable, "-c", "import homotopy._core.vmath"],
        env=os.environ | {"HOMOTOPY_ISA": "sse9"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode != 0
    assert "instruction set 'sse9' is not one of this machine's: " in run.stderr.splitlines()[-1]
