"""The workloads in JAX: jit of value and gradient, whole descents in fori_loop, and hand-scalarized arrays."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from homotopy.bench import nets
from homotopy.bench.contest import Contestant
from homotopy.bench.peers import jaxmany, jaxrnn
from homotopy.bench.peers.jaxmany import population

__all__ = ["CONTESTANTS"]

jax.config.update("jax_enable_x64", True)

ACTIVATIONS = {"tanh": jnp.tanh, "relu": jax.nn.relu, "identity": lambda z: z, "logistic": jax.nn.sigmoid}


def _wait(call: Callable[..., Any], *arguments: Any) -> Callable[[], Any]:
    """Return a call that waits for its result."""
    return lambda: jax.block_until_ready(call(*arguments))


def _outputs(n: nets.Net, theta: Any) -> Any:
    *hidden, (W, b) = nets.layers(n.sizes, theta)
    z = jnp.asarray(n.X)
    for V, c in hidden:
        z = ACTIVATIONS[n.activation](z @ V.T + c)
    return ACTIVATIONS[n.output](z @ W.T + b)


def _of_outputs(n: nets.Net, z: Any) -> Any:
    if n.loss == "softmax":
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(z), jnp.asarray(n.y)[:, None], axis=1))
    return 0.5 * jnp.mean(jnp.sum((z - jnp.asarray(n.y)) ** 2, axis=1))


def _descent(grad: Callable[[Any], Any], step: float, n: int) -> Any:
    """Return the compiled descent of n steps from a point, or from many."""
    return jax.jit(lambda x: lax.fori_loop(0, n, lambda _, x: x - step * grad(x), x))


def _loss(name: str) -> Callable[[Any], Any]:
    n = nets.net(name)
    return lambda theta: _of_outputs(n, _outputs(n, theta))


def _gradient(name: str) -> list[Contestant]:
    f = jax.jit(jax.value_and_grad(_loss(name)))
    theta = jnp.asarray(nets.net(name).theta)
    return [Contestant("jax jit", _wait(f, theta), answer=lambda: float(jnp.linalg.norm(f(theta)[1])))]


def _loop() -> list[Contestant]:
    f = _loss("xor")
    both, fori = jax.value_and_grad(f), _descent(jax.grad(f), nets.STEP, nets.LOOP_STEPS)
    theta = jnp.asarray(nets.net("xor").theta)

    @jax.jit
    def scan(x: Any) -> Any:
        def step(x: Any, _: Any) -> Any:
            value, slope = both(x)
            return x - nets.STEP * slope, value

        return lax.scan(step, x, None, length=nets.LOOP_STEPS)

    return [
        Contestant("jax fori_loop", _wait(fori, theta), nets.LOOP_STEPS, answer=lambda: float(f(fori(theta)))),
        Contestant("jax scan with loss", _wait(scan, theta), nets.LOOP_STEPS),
    ]


def _scalar_step(t: tuple[Any, ...]) -> tuple[Any, ...]:
    """One gradient step of the XOR net written out weight by weight; each of the nine has one entry a start."""
    a, b, c, d, e, f, u, v, o = t
    slopes: list[Any] = [0.0] * 9
    for x0, x1, y in ((0.0, 0.0, 0.0), (0.0, 1.0, 1.0), (1.0, 0.0, 1.0), (1.0, 1.0, 0.0)):
        h0, h1 = jnp.tanh(x0 * a + x1 * b + e), jnp.tanh(x0 * c + x1 * d + f)
        z = jax.nn.sigmoid(u * h0 + v * h1 + o)
        r = (z - y) * z * (1 - z)
        p, q = r * u * (1 - h0 * h0), r * v * (1 - h1 * h1)
        for i, s in enumerate((x0 * p, x1 * p, x0 * q, x1 * q, p, q, r * h0, r * h1, r)):
            slopes[i] = slopes[i] + s
    return tuple(w - (nets.STEP / 4) * s for w, s in zip(t, slopes, strict=True))


def _many() -> list[Contestant]:
    f = jax.vmap(_loss("xor"))
    fori = _descent(jax.vmap(jax.grad(_loss("xor"))), nets.STEP, nets.MANY_STEPS)
    starts = jnp.asarray(nets.many_starts())
    columns = tuple(jnp.asarray(np.ascontiguousarray(column)) for column in nets.many_starts().T)

    @jax.jit
    def scalar(t: Any) -> Any:
        return lax.fori_loop(0, nets.MANY_STEPS, lambda _, t: _scalar_step(t), t)

    work = nets.MANY_STARTS * nets.MANY_STEPS
    return [
        Contestant("jax vmap fori_loop", _wait(fori, starts), work, answer=lambda: float(f(fori(starts)).mean())),
        Contestant(
            "jax hand-scalarized",
            _wait(scalar, columns),
            work,
            answer=lambda: float(f(jnp.stack(scalar(columns), axis=1)).mean()),
        ),
    ]


def _products() -> list[Contestant]:
    n = nets.net("deep")
    f, theta, v = _loss("deep"), jnp.asarray(n.theta), jnp.asarray(nets.direction("deep"))

    @jax.jit
    def hessp(x: Any, v: Any) -> Any:
        return jax.jvp(jax.grad(f), (x,), (v,))[1]

    @jax.jit
    def ggnp(x: Any, v: Any) -> Any:
        z, dz = jax.jvp(lambda x: _outputs(n, x), (x,), (v,))
        curved = jax.jvp(jax.grad(lambda z: _of_outputs(n, z)), (z,), (dz,))[1]
        return jax.vjp(lambda x: _outputs(n, x), x)[1](curved)[0]

    return [
        Contestant("jax hessp", _wait(hessp, theta, v), answer=lambda: float(jnp.linalg.norm(hessp(theta, v)))),
        Contestant("jax ggnp", _wait(ggnp, theta, v), answer=lambda: float(jnp.linalg.norm(ggnp(theta, v)))),
    ]


def _hessian() -> list[Contestant]:
    f, theta = jax.jit(jax.hessian(_loss("dense"))), jnp.asarray(nets.net("dense").theta)
    return [Contestant("jax hessian", _wait(f, theta), answer=lambda: float(jnp.linalg.norm(f(theta))))]


def _population_by_hand(x: Any) -> tuple[Any, Any]:
    """Return value and gradient from the published formula instead of automatic differentiation."""
    W = x.reshape(20, 20)
    n = jnp.sqrt(jnp.sum(W * W, axis=1))
    unit = W / n[:, None]
    own, cross = jnp.clip(unit @ unit.T, -1, 1), jnp.clip(unit, -1, 1)
    s, s1 = jnp.sqrt(1 - own * own), jnp.sqrt(1 - cross * cross)
    p, p1 = jnp.pi - jnp.arccos(own), jnp.pi - jnp.arccos(cross)
    eye = jnp.eye(20, dtype=bool)
    s, p = jnp.where(eye, 0.0, s), jnp.where(eye, jnp.pi, p)
    value = 0.5 * n @ (s + p * own) @ n - n @ jnp.sum(s1 + p1 * cross, axis=1)
    slope = (s @ n - jnp.sum(s1, axis=1))[:, None] * unit + p @ W - p1
    return value / (2 * jnp.pi), (slope / (2 * jnp.pi)).ravel()


def _teacher() -> list[Contestant]:
    x = jnp.asarray(nets.teacher_start())
    made, hand = jax.jit(jax.value_and_grad(population)), jax.jit(_population_by_hand)
    return [
        Contestant("jax jit", _wait(made, x), answer=lambda: float(jnp.linalg.norm(made(x)[1]))),
        Contestant("jax jit by hand", _wait(hand, x), answer=lambda: float(jnp.linalg.norm(hand(x)[1]))),
    ]


def _teacher_loop() -> list[Contestant]:
    x = jnp.asarray(nets.teacher_start())
    made, hand = (_descent(g, 0.2, 1000) for g in (jax.grad(population), lambda x: _population_by_hand(x)[1]))
    return [
        Contestant("jax fori_loop", _wait(made, x), 1000, answer=lambda: float(population(made(x)))),
        Contestant("jax fori_loop by hand", _wait(hand, x), 1000, answer=lambda: float(population(hand(x)))),
    ]


CONTESTANTS = {
    **{workload: partial(_gradient, name) for workload, name in nets.GRADIENTS.items()},
    "W1 loop": _loop,
    "W2": _many,
    "W5": _products,
    "W5 full Hessian": _hessian,
    "W6 call": _teacher,
    "W6 loop": _teacher_loop,
    **jaxmany.CONTESTANTS,
    **jaxrnn.CONTESTANTS,
}
