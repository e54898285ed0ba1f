"""Diffusion: formulas against an independent quadrature, and the consequences on small nets."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from homotopy.papers.mobahi2016 import PAPER, activations, consequences, formula_error, heat, layers, mean, unit_error
from homotopy.papers.mobahi2016.smoothing import EXACT, FORMULAS


@pytest.mark.parametrize("name", list(FORMULAS))
@pytest.mark.parametrize(("x", "s"), [(-1.3, 0.3), (0.4, 1.0), (2.0, 3.0)])
def test_the_quadrature_agrees_with_scipys(name, x, s):
    f, _ = FORMULAS[name]
    parts = [quad(lambda z: float(f(np.array(x + s * z))) * norm.pdf(z), a, b, epsabs=1e-12, epsrel=1e-12)[0]
             for a, b in ((-9, -x / s), (-x / s, 9))]  # fmt: skip
    assert mean(f, np.array([x]), s)[0] == pytest.approx(sum(parts), abs=1e-10)


@pytest.mark.parametrize("name", EXACT)
def test_exact_rows_are_exact(name):
    assert max(formula_error(name, s) for s in (0.3, 1.0, 3.0)) < 1e-12


def test_approximate_rows_have_the_errors_that_are_told():
    tanh = [formula_error("tanh", s) for s in (0.3, 1.0, 3.0)]
    logistic = [formula_error("logistic", s) for s in (0.3, 1.0, 3.0)]
    assert tanh == pytest.approx([0.0040, 0.020, 0.025], abs=6e-4)
    assert logistic == pytest.approx([0.0006, 0.0046, 0.0069], abs=6e-5)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_the_packages_units_are_the_means(activation):
    assert unit_error(activation, 1.0) < 1e-12


def test_the_heat_equation_holds():
    assert heat() < 1e-12


def test_layers_are_apart_at_first_and_not_at_the_end():
    assert layers(0.0, 1) == 0.0
    assert layers(1.0, 1) > 0.1


def test_nothing_of_the_experiment_is_said_to_be_published():
    assert any("no number of the experiment is known" in text for text in PAPER.choices)
    assert len(activations().rows) == len(FORMULAS)


def test_the_picture_names_its_axes():
    one = {"spread": 1.0, "step": 2.0}
    axes = consequences((0.1, 1.0), (one, one)).figure.axes
    assert [ax.get_ylabel() for ax in axes] == ["largest distance of two minima", "largest stable step"]
