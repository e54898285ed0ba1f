"""Teachers, systems and waves: simulated anew by other means, and the numbers of an independent implementation."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.signal import lfilter

from homotopy.errors import ArgumentError
from homotopy.models.recurrent import RNN
from homotopy.problems import problem
from homotopy.problems.recurrent import spectral_radius

RNG = np.random.default_rng(21)
PROTOTYPE = {
    "rts:h=4,act=tanh,gain=3,teacher_seed=5000": (0.7944808884201516, 0.7891022845371567),
    "rts:h=8,act=relu,teacher_seed=5001,n_in=2": (9990.523988194926, 8326.907369768254),
    "identify:system=wh,data_seed=900": (0.273529940666125, 0.2845577851782962),
    "identify:system=duff,data_seed=900": (0.49814524346849176, 0.48710267837021404),
    "identify:system=vdp,data_seed=900": (0.5419025777033701, 0.5314200408549424),
    "identify:system=pend,data_seed=900": (0.5659674186204435, 0.708592358955809),
    "generate:wave=sine,data_seed=3000": (0.5494291215003904, None),
    "generate:wave=two,data_seed=3000": (0.7977227064141127, None),
    "generate:wave=square,data_seed=3000": (0.7896592596545585, None),
}
"""Losses at a random point, half of what the prototype's C code gives; its held-out waves are in another unit."""


@pytest.mark.parametrize("name", PROTOTYPE)
def test_losses_are_those_of_the_prototype(name):
    chosen = problem(name)
    x = 0.5 * np.random.default_rng(3).standard_normal(chosen.size)
    train, test = PROTOTYPE[name]
    assert chosen.objective.value(x) == pytest.approx(train, rel=1e-10)
    assert test is None or chosen.test.value(x) == pytest.approx(test, rel=1e-10)


@pytest.mark.parametrize(
    "words", ["", "h=2", "h=3,act=relu,n_in=2", "h=6,act=relu,gain=4,T=9,n=30", "h=5,gain=0.5,T=1"]
)
def test_a_teacher_has_the_loss_zero(words):
    """The teacher's sequences and answers drawn anew, in the order that the docstring tells."""
    seed = int(RNG.integers(10**6))
    chosen = problem(f"rts:{words}{',' if words else ''}teacher_seed={seed}")
    model, risk = chosen.objective.model, chosen.objective
    h, d, (n, T) = model.n_hidden, model.n_in, risk.X.shape[:2]
    given = dict(part.split("=") for part in chosen.name.partition(":")[2].split(","))
    rng = np.random.default_rng(seed)
    W = float(given["gain"]) * rng.standard_normal((h, h)) / np.sqrt(h)
    U, b = 1.5 * rng.standard_normal((h, d)) / np.sqrt(d), 0.5 * rng.standard_normal(h)
    C = rng.standard_normal((1, h))
    act = np.tanh
    if model.activation == "relu":
        act = lambda z: np.maximum(z, 0)  # noqa: E731
        radius = np.abs(np.linalg.eigvals(W)).max()
        W = W * min(1.0, 0.9 / radius)
        assert np.abs(np.linalg.eigvals(W)).max() <= 0.9 + 1e-12
    X = rng.standard_normal((T, d, n))
    state, out = np.zeros((h, n)), np.empty((T, n))
    for t in range(T):
        state = act(W @ state + U @ X[t] + b[:, None])
        out[t] = (C @ state)[0]
    np.testing.assert_array_equal(risk.X, X.transpose(2, 0, 1))
    mean, spread = out.mean(), out.std()
    x = model.pack({"W": W, "U": U, "b": b, "C": C / spread, "c": [-mean / spread]})
    assert risk.value(x) < 1e-25
    assert chosen.test.value(x) < 1e-25
    assert chosen.score(x) == pytest.approx(1.0)
    assert chosen.solves(x)
    assert abs(np.var(risk.y) - 1) < 1e-12


@pytest.mark.parametrize(("system", "field", "dt"), [
    ("double-well", lambda x, v, u: x - x**3 - 0.3 * v + 1.2 * u, 0.3),
    ("van-der-pol", lambda x, v, u: (1 - x * x) * v - x + 2 * u, 0.25),
    ("pendulum", lambda x, v, u: -4 * np.sin(x) - 0.4 * v + 2 * u, 0.25),
])  # fmt: skip
def test_systems_agree_with_another_integrator(system, field, dt):
    chosen = problem(f"identify:system={system},T=12,n=6,data_seed={int(RNG.integers(1000))}")
    answers = np.empty((6, 12))
    for i, u in enumerate(chosen.objective.X[:, :, 0]):
        state = np.zeros(2)
        for t in range(12):
            end = solve_ivp(lambda _, s, w=u[t]: [s[1], field(*s, w)], (0, dt), state, rtol=1e-9, atol=1e-11)
            state = end.y[:, -1]
            answers[i, t] = state[0]
    scaled = (answers - answers.mean()) / answers.std()
    np.testing.assert_allclose(chosen.objective.y[:, :, 0], scaled, atol=1e-3)


def test_wiener_and_hammerstein_agree_with_filters():
    chosen = problem(f"identify:T=30,n=20,data_seed={int(RNG.integers(1000))}")
    first = lfilter([1.0], [1.0, -1.2, 0.6], chosen.objective.X[:, :, 0])
    s = lfilter([1.0, -0.3], [1.0], first)
    y = lfilter([1.0, 0.5], [1.0, -1.0, 0.5], np.where(s > 0, np.tanh(s), 0.3 * s))
    np.testing.assert_allclose(chosen.objective.y[:, :, 0], (y - y.mean()) / y.std(), atol=1e-12)


def test_inputs_of_systems_are_correlated_in_time():
    u = problem("identify:T=200,n=400").objective.X[:, 100:, 0]
    assert abs(u.var() - 1) < 0.03
    assert abs((u[:, 1:] * u[:, :-1]).mean() - 0.7) < 0.03


@pytest.mark.parametrize("wave", ["sine", "two", "square"])
def test_waves_are_autonomous_and_periodic(wave):
    chosen = problem(f"generate:wave={wave},T=40,n=9,data_seed={int(RNG.integers(1000))}")
    assert chosen.objective.autonomous
    for risk in (chosen.objective, chosen.test):
        np.testing.assert_allclose((risk.X[:, 0] ** 2).sum(axis=1), 1.0)
        assert not risk.X[:, 1:].any()
        phase = np.arctan2(risk.X[:, 0, 1], risk.X[:, 0, 0])[:, None] + 0.5 * np.arange(40)
        shape = {"sine": np.sin(phase), "square": np.tanh(4 * np.sin(phase))}
        wanted = shape.get(wave, np.sin(phase) + 0.6 * np.sin(2 * phase + 0.7))
        np.testing.assert_allclose(np.corrcoef(wanted.ravel(), risk.y.ravel())[0, 1], 1.0)
    assert abs(np.std(chosen.objective.y) - 1) < 1e-12


@pytest.mark.parametrize("name", [
    "rts:h=3,n_in=2,T=4,n=9,start=orthogonal",
    "rts:hidden=3,activation=relu",
    "identify:system=duffing,T=9,n=7,cell=lstm,h=2",
    "identify:system=pend,start=normal",
    "generate:wave=square,h=4,T=9,n=3,act=relu",
    "generate",
])  # fmt: skip
def test_names_build_the_same_again(name):
    chosen, again = problem(name), problem(problem(name).name)
    assert again.name == chosen.name
    np.testing.assert_array_equal(again.objective.X, chosen.objective.X)
    np.testing.assert_array_equal(again.objective.y, chosen.objective.y)
    np.testing.assert_array_equal(again.test.y, chosen.test.y)
    np.testing.assert_array_equal(again.start(np.random.default_rng(1)), chosen.start(np.random.default_rng(1)))


@pytest.mark.parametrize("name", [
    "rts:h=0",
    "rts:act=sin",
    "rts:gain=-1",
    "rts:teacher_seed=-1",
    "rts:n_in=0",
    "identify:system=rocket",
    "identify:T=0",
    "generate:wave=triangle",
    "generate:n=0",
    "generate:start=anywhere",
])  # fmt: skip
def test_bad_parameters(name):
    with pytest.raises(ArgumentError) as told:
        problem(name)
    assert len(str(told.value).splitlines()) == 1


@pytest.mark.parametrize("cell", ["elman", "gru", "lstm"])
def test_the_spectral_radius_is_that_of_the_block_of_new_states(cell):
    model = RNN(2, 5, 1, cell=cell)
    theta = RNG.standard_normal(model.size)
    W = model.unpack(theta)["W"]
    block = W if cell == "elman" else W[10:15]
    assert spectral_radius(model, theta) == pytest.approx(np.abs(np.linalg.eigvals(block)).max())
    theta[:] = np.nan
    assert spectral_radius(model, theta) == np.inf
