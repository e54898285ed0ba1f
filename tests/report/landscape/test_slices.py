"""Pictures of slices: what is drawn is what was computed."""

import numpy as np
import pytest

import homotopy as hp
from homotopy.errors import ArgumentError
from homotopy.landscape import path_directions, project, slice_1d, slice_2d, spectral_density
from homotopy.objectives.functions import Rosenbrock
from homotopy.report.landscape.slices import draw_slice_1d, draw_slice_2d, draw_spectrum


def test_lines():
    one = slice_1d(Rosenbrock(), [1.0, 1.5], [1.0, 0.0])
    figure = draw_slice_1d({"along x": one})
    (ax,) = figure.axes
    assert ax.get_yscale() == "log"
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), one.values)
    assert ax.get_legend().get_texts()[0].get_text() == "along x"
    assert draw_slice_1d(slice_1d(Rosenbrock(), [1.0, 1.0], [1.0, 0.0])).axes[0].get_yscale() == "linear"
    with pytest.raises(ArgumentError, match="no slice"):
        draw_slice_1d({})


def test_planes_with_paths():
    rng = np.random.default_rng(0)
    risk = hp.EmpiricalRisk(hp.MLP((2, 2, 1)), "squared", rng.standard_normal((9, 2)), rng.standard_normal(9))
    x, points = rng.standard_normal(9), []
    for _ in range(40):
        points.append(x)
        x = x - 0.3 * risk.grad(x)
    found = path_directions(points)
    plane = slice_2d(risk, found.center, found.directions, n=15, span=4.0)
    figure = draw_slice_2d(plane, paths={"descent": points})
    ax = figure.axes[0]
    at = project(points, found.center, found.directions)
    assert any(np.array_equal(line.get_xdata(), at[:, 0]) for line in ax.lines)
    assert figure.legends[0].get_texts()[0].get_text().startswith("descent")
    figure.canvas.draw()
    flat = slice_2d(risk, np.zeros(9), np.eye(9)[:2], n=5)  # units of no outgoing weights: all values are the same
    draw_slice_2d(flat).canvas.draw()


def test_spectra():
    rng = np.random.default_rng(0)
    risk = hp.EmpiricalRisk(hp.MLP((3, 6, 1)), "squared", rng.standard_normal((9, 3)), rng.standard_normal(9))
    found = spectral_density(risk, risk.draw(rng), n_vectors=4, rng=0)
    figure = draw_spectrum({"start": found})
    (ax,) = figure.axes
    assert ax.get_yscale() == "log"
    assert ax.lines[0].get_ydata().max() == pytest.approx(found.density(ax.lines[0].get_xdata())[0].max(), rel=0.1)
    figure.canvas.draw()
    with pytest.raises(ArgumentError, match="no density"):
        draw_spectrum({})
