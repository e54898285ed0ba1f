"""The spirals of lang1988, its net with shortcuts and its pictures, against independent truths."""

import math
import pickle

import numpy as np
import pytest

import homotopy as hp
from homotopy.papers.lang1988 import PAPER, plane_picture, shortcut_net, two_spirals, vanilla
from homotopy.papers.lang1988.figures import GRID, grid
from homotopy.papers.lang1988.spirals import SHORTCUT, logits, parts, right


def test_points_are_those_of_the_generator():
    """The loop of Wieland's program, written once more with scalars."""
    points, classes = two_spirals()
    at = 0
    for i in range(97):
        angle = i * math.pi / 16
        radius = 6.5 * (104 - i) / 104
        x, y = radius * math.sin(angle), radius * math.cos(angle)
        assert points[at] == pytest.approx([x, y], abs=1e-12)
        assert points[at + 1] == pytest.approx([-x, -y], abs=1e-12)
        assert list(classes[at : at + 2]) == [1.0, 0.0]
        at += 2
    assert at == len(points) == len(classes) == 194


def test_points_are_those_of_the_package():
    outputs = hp.problem("spirals:hidden=20").objective.outputs
    points, classes = two_spirals()
    assert np.allclose(outputs.inputs, points * 2 / 6.5)
    assert np.array_equal(np.ravel(outputs.targets), classes)


def test_the_net_with_shortcuts_has_138_weights():
    assert SHORTCUT == (2, 5, 5, 5, 1)
    assert shortcut_net().size == 5 * (2 + 1) + 5 * (7 + 1) + 5 * (12 + 1) + (17 + 1) == 138


def test_gradient_with_shortcuts_is_that_of_differences():
    f = pickle.loads(pickle.dumps(shortcut_net())).objective
    theta = np.random.default_rng(0).normal(size=138)
    value, grad = f.value_and_grad(theta)
    near = [(f.value(theta + 1e-6 * e) - f.value(theta - 1e-6 * e)) / 2e-6 for e in np.eye(138)]
    assert np.allclose(grad, near, atol=1e-8)
    points, y = two_spirals()
    z = logits(points * 2 / 6.5, theta)
    assert value == pytest.approx(np.mean(-y * np.log(1 / (1 + np.exp(-z))) - (1 - y) * np.log(1 / (1 + np.exp(z)))))


def test_without_shortcuts_it_is_a_plain_net():
    """With zeros on every shortcut the net is the package's multilayer perceptron."""
    theta = np.random.default_rng(1).normal(size=138)
    layers = parts(theta)
    plain = []
    for i, (W, b) in enumerate(layers):
        W[:, : W.shape[1] - (2 if i == 0 else 5)] = 0.0
        plain.append((W[:, W.shape[1] - (2 if i == 0 else 5) :], b))
    model = hp.MLP(SHORTCUT, "tanh")
    points = two_spirals()[0] * (2 / 6.5)
    assert np.allclose(logits(points, theta), model.forward(model.pack(plain), points)[:, 0], atol=1e-12)


def test_the_rule_asks_for_sixty_percent():
    z = np.log([0.59 / 0.41, 0.61 / 0.39, 0.41 / 0.59, 0.39 / 0.61])
    assert right(z, np.array([1.0, 1.0, 0.0, 0.0])) == 2


def test_the_logistic_net_has_half_the_mean_square():
    risk, y = vanilla(20)
    theta = np.random.default_rng(0).uniform(-1, 1, risk.size)
    outputs = risk.model.forward(theta, two_spirals()[0] * (2 / 6.5))[:, 0]
    assert risk.value(theta) == pytest.approx(0.5 * np.mean((outputs - y) ** 2), rel=1e-12)


def test_what_could_not_be_read_is_said():
    text = " ".join(PAPER.choices)
    assert "no number of the paper's is printed" in text
    assert "150 to 200 thousand" in text


def test_plane_picture_names_its_axes():
    shown = plane_picture("2-20-1", [("one", np.linspace(0, 1, GRID**2), 100), ("two", np.ones(GRID**2), 97)])
    assert len(grid()) == GRID**2
    for ax in shown.figure.axes:
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("input 1", "input 2")
        assert "of 194 right" in ax.get_title()
