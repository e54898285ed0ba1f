"""Weights of samples and of classes as users give them: what is made of them, what is refused, and losses with them."""

import numpy as np
import pytest
from weights.members import LOSSES, check_close, data

from homotopy.errors import ArgumentError
from homotopy.models import MLP, class_weights
from homotopy.models.losses import loss
from homotopy.models.samples import nearest
from homotopy.models.weights import weighted
from homotopy.objectives import EmpiricalRisk
from homotopy.objectives.outputs import Subset


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1, 2], "weights has shape \\(2,\\); one number for each of 3 samples is needed"),
        ([[1], [2], [3]], "weights has shape \\(3, 1\\); one number for each of 3 samples"),
        (1.0, "weights has shape \\(\\); one number for each"),
        ([1, -2, 1], "weights has -2 for sample 1; 0 or a positive number is needed"),
        ([1, np.nan, 1], "weights has nan for sample 1"),
        ([np.inf, 0, 1], "weights has inf for sample 0"),
        ([0, 0, 0], "weights are all 0; one sample at least must count"),
        ("abc", "weights must be an array of real numbers, not 'abc'"),
        ([1, 2j, 3], "weights must be an array of real numbers"),
        ([1, None, 3], "weights must be an array of real numbers"),
        ([[1, 2], [3]], "weights must be an array of real numbers"),
    ],
)
def test_bad_weights_are_refused_in_one_sentence(weights, message):
    X, y = np.zeros((3, 2)), np.zeros(3)
    with pytest.raises(ArgumentError, match=message):
        EmpiricalRisk(MLP((2, 1)), "squared", X, y, weights=weights)


def test_weights_may_be_whole_numbers_or_a_mask_and_are_not_kept_by_reference():
    X, y = np.arange(8.0).reshape(4, 2), np.arange(4.0)
    mask = np.array([True, False, True, True])
    risk = EmpiricalRisk(MLP((2, 1)), "squared", X, y, weights=mask)
    x = np.ones(3)
    assert risk.value(x) == EmpiricalRisk(MLP((2, 1)), "squared", X[mask], y[mask]).value(x)
    given = np.array([1.0, 2.0, 3.0, 4.0])
    risk = EmpiricalRisk(MLP((2, 1)), "squared", X, y, weights=given)
    given[:] = 0
    np.testing.assert_allclose(risk.weights, [0.4, 0.8, 1.2, 1.6])
    np.testing.assert_allclose(risk.changed(l2=0.1).weights, risk.weights)
    with pytest.raises(ArgumentError, match="weights has shape \\(4,\\); one number for each of 2"):
        risk.changed(X=X[:2], y=y[:2])
    with pytest.raises(ArgumentError, match="loss has weights of samples; a risk takes the plain loss"):
        risk.changed(loss=risk.outputs.loss)


def test_sizes_of_deformations_are_checked():
    X, y = np.arange(8.0).reshape(4, 2), np.arange(4.0)
    risk = EmpiricalRisk(MLP((2, 1)), "squared", X, y, weights=[0, 1, 2, 1])
    whole = risk.deformed(targets=np.array([9.0, 1, 2, 3]))
    part = risk.deformed(targets=np.array([1.0, 2, 3]))
    assert whole.value(np.ones(3), 0.3) == part.value(np.ones(3), 0.3)
    with pytest.raises(ArgumentError, match="targets has 2 rows; the risk has 4 samples"):
        risk.deformed(targets=np.zeros(2))
    with pytest.raises(ArgumentError, match="basis has columns that are not orthogonal"):
        risk.deformed(basis=np.ones((4, 2)))


@pytest.mark.parametrize("name", LOSSES)
def test_weighted_losses_are_means_of_as_many_rows(name):
    rng = np.random.default_rng(1)
    X, y = data(rng, 9, 2, 3, name)
    y = loss(name).targets(y, 3)
    Z, U, counts = rng.standard_normal((9, 3)), rng.standard_normal((9, 3)), np.array([0, 1, 2, 3, 1, 1, 2, 1, 4])
    rows = np.repeat(np.arange(9), counts)
    ours, plain = weighted(loss(name), 0.1 * counts), loss(name)
    assert ours.value(Z, y) == pytest.approx(plain.value(Z[rows], y[rows]), rel=1e-14)
    assert plain.each(Z, y).mean() == pytest.approx(plain.value(Z, y), rel=1e-14)
    np.testing.assert_allclose(plain.each(Z, y), [plain.value(Z[i : i + 1], y[i : i + 1]) for i in range(9)])
    np.testing.assert_allclose(ours.constant(y), plain.constant(y[rows]))
    for method, more in (("grad", ()), ("hessp", (U,))):
        found = getattr(ours, method)(Z, y, *more)[counts > 0]
        expected = getattr(plain, method)(Z[rows], y[rows], *(u[rows] for u in more))
        first = np.cumsum(counts[counts > 0]) - counts[counts > 0]
        check_close(found, expected[first] * counts[counts > 0][:, None], 1e-13)
    with pytest.raises(ArgumentError, match="the loss has weights of 9 samples, not of 4"):
        ours.value(Z[:4], y[:4])
    assert weighted(plain, None) is plain
    assert weighted(ours, np.ones(9)).value(Z, y) == pytest.approx(plain.value(Z, y), rel=1e-14)
    del X


def test_a_part_of_the_samples_keeps_their_weights():
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((2, 10))
    weights = rng.random(10)
    risk = EmpiricalRisk(MLP((1, 2, 1)), "squared", X[:, None], y, weights=weights)
    keep, x = np.array([1, 4, 7]), rng.standard_normal(7)
    part = Subset(risk, keep)
    expected = EmpiricalRisk(risk.model, "squared", X[keep, None], y[keep], weights=weights[keep])
    assert part.value(x) == pytest.approx(expected.value(x), rel=1e-13)
    check_close(part.grad(x), expected.grad(x), 1e-12)


def test_the_nearest_samples_make_up_their_share():
    far = np.array([3.0, 1.0, 2.0, 5.0])
    np.testing.assert_array_equal(nearest(far, 0.5, None)[0], [1, 2])
    keep, counts = nearest(far, 0.5, np.array([2.0, 2.0, 4.0, 4.0]))  # six copies of which three
    np.testing.assert_array_equal(keep, [1, 2])
    np.testing.assert_allclose(counts / counts.sum(), [1 / 3, 2 / 3])
    keep, counts = nearest(far, 0.5, np.array([0.7, 0.0, 0.4, 1.1]))
    np.testing.assert_array_equal(keep, [0, 2])
    np.testing.assert_allclose(counts / counts.sum(), [0.7 / 1.1, 0.4 / 1.1])


def test_class_weights_are_n_over_k_times_the_count():
    rng = np.random.default_rng(0)
    for y in (rng.integers(0, 4, 50), np.array(["a", "bb", "a", "c"]), rng.integers(0, 2, 9) > 0, [2.0, 2.0, -1.0]):
        y = list(y)
        expected = [len(y) / (len(set(y)) * y.count(one)) for one in y]
        np.testing.assert_allclose(class_weights(y), expected, rtol=1e-15)
    y = np.array(["no", "yes", "no", "other"], dtype=object)
    np.testing.assert_array_equal(class_weights(y, {"no": 2, "yes": 0.5}), [2, 0.5, 2, 1])
    np.testing.assert_array_equal(class_weights(y, {"no": 1, "yes": 2, "other": 0, "never": 7}), [1, 2, 1, 0])


@pytest.mark.parametrize(
    ("y", "weights", "message"),
    [
        ([[0, 1], [1, 0]], "balanced", "y has shape \\(2, 2\\); class weights need one class for each sample"),
        ([], "balanced", "y has shape \\(0,\\)"),
        ([0.0, np.nan], "balanced", "y has classes that are not finite"),
        ([0, 1], "balance", "weights is 'balance'; it must be 'balanced' or a dict"),
        ([0, 1], [1, 2], "weights is \\[1, 2\\]; it must be 'balanced' or a dict"),
        (["a", "b"], {"c": 2}, "weights names the class 'c', which y does not have; it has 'a', 'b'"),
        (["a", "b"], {"a": -2}, "weights has -2 for the class 'a'; 0 or a positive number is needed"),
        (["a", "b"], {"a": "x"}, "weights has 'x' for the class 'a'"),
        (np.array(["a", None], dtype=object), "balanced", "y has classes of kinds that cannot be sorted"),
    ],
)
def test_bad_class_weights_are_refused_in_one_sentence(y, weights, message):
    with pytest.raises(ArgumentError, match=message):
        class_weights(y, weights)


def test_balanced_classes_count_equally():
    y = np.array([0] * 9 + [1] * 3)
    X = np.random.default_rng(0).standard_normal((12, 1))
    risk = EmpiricalRisk(MLP((1, 1)), "logistic", X, y, weights=class_weights(y))
    outputs = risk.outputs
    assert outputs.loss.constant(outputs.targets)[0] == pytest.approx(0.0, abs=1e-12)  # a probability of one half
