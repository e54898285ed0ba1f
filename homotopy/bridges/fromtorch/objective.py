"""A torch module with a loss on data as an Objective: value, gradient and second-order products by torch's autograd."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.bridges.draws import BLOCK
from homotopy.bridges.fromtorch.criteria import Criterion
from homotopy.bridges.fromtorch.flatmodule import FlatModule
from homotopy.bridges.fromtorch.outputs import TorchOutputs
from homotopy.bridges.fromtorch.threads import one_torch_thread
from homotopy.bridges.recognition import OFF, missing
from homotopy.differences import Differences
from homotopy.errors import ArgumentError
from homotopy.objectives.base import FromValueAndGrad, Vector

__all__ = ["TorchObjective"]

Array = NDArray[Any]


class TorchObjective(FromValueAndGrad):
    """The loss of a torch module on data, plus a penalty: an Objective of the module's flat parameters.

    Made by `homotopy.objective_from_torch`.

    Attributes
    ----------
    size : int
        The number n of trainable parameters.
    start : ndarray of shape (n,)
        The module's own parameters when the objective was made.
    factor : float
        1: the value is the user's own loss.
    l2 : float
        Weight of the penalty, (l2/2) |x|^2.
    unrecognized : str
        Why this package's kernels do not compute it.

    Notes
    -----
    A gradient takes one backward pass, a Hessian-vector product differentiates it once more; what depends on x alone is
    kept from product to product at one x. Where an operation of the module has no second derivative in torch, products
    are central differences of the gradient, which is looked at once, at the first product. Many points at once go
    through ``torch.vmap``, or, where the module refuses that, one by one: which is found out at the first call.
    """

    factor = 1.0
    unrecognized = OFF

    def __init__(self, torch: Any, flat: FlatModule, criterion: Criterion, X: Any, *, l2: float, remake: Any) -> None:
        self._torch, self.flat, self.criterion, self._X = torch, flat, criterion, X
        self.size, self.start, self.l2, self._remake = flat.size, flat.start, l2, remake
        self._kept, self._differences = threading.local(), Differences()
        self._maps: dict[str, Callable[..., Any] | None] = {}
        self._twice: bool | None = None  # whether torch's gradient has the right derivatives; looked at once
        if criterion.name:
            self.at_least = 0.0

    def __reduce__(self) -> tuple[Any, ...]:
        return tuple(self._remake)

    def __repr__(self) -> str:
        single = ", float32 weights computed in float64" if self.flat.single else ""
        what = f"{self.flat.kind}, {self.criterion.label}, n={self.size}, n_samples={len(self._X)}, l2={self.l2:g}"
        return f"TorchObjective({what}{single})"

    def lacks(self, facet: str) -> str | None:
        """Return why a facet is not offered, or None (`homotopy.objectives.facets`)."""
        if hasattr(self, facet):
            return None
        if facet != "outputs":
            return missing(f"the {self.flat.kind} of torch", self.unrecognized, facet)
        known = "MSELoss, BCEWithLogitsLoss and CrossEntropyLoss without weights, or 'squared', 'logistic', 'softmax'"
        return f"the outputs of {self.flat.kind} go into {self.criterion.label}; losses that are known are {known}"

    def __getattr__(self, name: str) -> Any:
        if name == "outputs" and TorchOutputs.reads(self.__dict__.get("criterion")):
            self.outputs = TorchOutputs(self._torch, self.flat, self.criterion, self._X)
            return self.outputs
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def users_value(self, x: Vector) -> float:
        """Return the user's own loss at x, penalty included: the value."""
        return self.value(x)

    def draw(self, rng: np.random.Generator) -> Vector:
        """Return random parameters, as the module's layers draw them (`FlatModule.draw`)."""
        return self.flat.draw(rng)

    def loss_of(self, theta: Any) -> Any:
        """Return the value as a tensor, for a tensor theta of shape (n,)."""
        value = self.criterion.call(self.flat(theta, self._X))
        return value + (0.5 * self.l2) * theta.dot(theta) if self.l2 else value

    @one_torch_thread
    def value(self, x: Vector) -> float:
        """Return f(x)."""
        with self._torch.no_grad():
            return float(self.loss_of(self._point(x)))

    @one_torch_thread
    def value_and_grad(self, x: Vector) -> tuple[float, Vector]:
        """Return f(x) and the gradient at x, shape (n,)."""
        with self._torch.enable_grad():
            theta = self._point(x).requires_grad_()
            value = self.loss_of(theta)
            return float(value.detach()), self._array(self._grad(value, theta))

    @one_torch_thread
    def hessp(self, x: Vector, v: Vector) -> Vector:
        """Return the Hessian at x times v, shape (n,)."""
        if self._twice is None:
            self._twice = self._differentiates_twice()
        return self._product(x, v) if self._twice else self._differences.along(self.grad, x, v)

    def _differentiates_twice(self) -> bool:
        """Return whether derivatives of torch's gradient are its derivatives: seen where its differences are not zero.

        Operations with a derivative of their own may have no second one, which torch leaves out without a word where
        other terms have one. At a kink differences mean nothing, so that one point of three where they agree is enough.
        """
        seen = False
        for seed in range(3):
            rng = np.random.default_rng(seed)
            x, v = self.draw(rng), rng.standard_normal(self.size)
            try:
                exact = self._product(x, v)
            except RuntimeError:
                return False
            there = self._differences.along(self.grad, x, v)
            scale = float(np.linalg.norm(there))
            if not 0 < scale < np.inf:
                continue
            seen = True
            if np.linalg.norm(exact - there) <= 1e-3 * scale:
                return True
        return not seen

    @one_torch_thread
    def value_and_grad_many(self, X: Array) -> tuple[Vector, Array]:
        """Return the values at the rows of X, shape (r,), and the gradients there, shape (r, n)."""
        func, X = self._torch.func, np.ascontiguousarray(X, dtype=np.float64)
        fast = self._mapped("many", lambda size: func.vmap(func.grad_and_value(self.loss_of), chunk_size=size), X)
        if fast is not None and len(X):
            grads, values = fast(self._tensor(X))
            return self._array(values), self._array(grads)
        found = [self.value_and_grad(x) for x in X]
        return np.array([f for f, _ in found]), np.reshape([g for _, g in found], X.shape)

    @one_torch_thread
    def hessp_many(self, X: Array, V: Array) -> Array:
        """Return the Hessian at each row of X times the same row of V, shape (r, n)."""
        func, X, V = self._torch.func, *(np.ascontiguousarray(one, dtype=np.float64) for one in (X, V))

        def product(x: Any, v: Any) -> Any:
            return func.vjp(func.grad(self.loss_of), x)[1](v)[0]  # a Hessian is symmetric; torch's jvp fails here

        fast = self._mapped("products", lambda size: func.vmap(product, chunk_size=size), X, V)
        if fast is not None and len(X):
            return self._array(fast(self._tensor(X), self._tensor(V)))
        return np.reshape([self.hessp(x, v) for x, v in zip(X, V, strict=True)], X.shape)

    def _mapped(self, kind: str, make: Callable[[int], Any], X: Array, V: Array | None = None) -> Any:
        """Return a function for many points, or None where it fails or differs from one by one; looked at once."""
        block = BLOCK // (self.size + int(self._X.numel()))
        if kind in self._maps or not len(X) or block < 2:  # on many samples one point is work enough
            return self._maps.get(kind)
        given = [self._tensor(one[:2]) for one in (X, V) if one is not None]
        single = self.grad(X[0]) if V is None else self.hessp(X[0], V[0])
        try:
            fast = make(block)
            found = fast(*given)
            agrees = np.allclose(
                self._array(found[0] if V is None else found)[0], single, rtol=1e-9, atol=1e-12, equal_nan=True
            )
        except Exception:  # whatever the module does that vmap cannot
            agrees = False
        self._maps[kind] = fast if agrees else None
        return self._maps[kind]

    def _product(self, x: Vector, v: Vector) -> Vector:
        """Return the product by a derivative of the gradient; its graph is kept, for the last x of each thread."""
        torch, key = self._torch, np.asarray(x).tobytes()
        with torch.enable_grad():
            if getattr(self._kept, "key", None) != key:
                theta = self._point(x).requires_grad_()
                grad = self._grad(self.loss_of(theta), theta, create_graph=True)
                self._kept.key, self._kept.theta, self._kept.grad = key, theta, grad
            theta, grad = self._kept.theta, self._kept.grad
            if not grad.requires_grad:  # linear in the parameters
                return np.zeros(self.size)
            along = self._tensor(v)
            (found,) = torch.autograd.grad(grad, theta, along, retain_graph=True, allow_unused=True)
            return np.zeros(self.size) if found is None else self._array(found)

    def _grad(self, value: Any, theta: Any, *, create_graph: bool = False) -> Any:
        """Return the gradient of a scalar tensor; zero where it does not depend on theta."""
        if not value.requires_grad:
            return self._torch.zeros_like(theta)
        (grad,) = self._torch.autograd.grad(value, theta, create_graph=create_graph, allow_unused=True)
        return self._torch.zeros_like(theta) if grad is None else grad

    def _point(self, x: Vector) -> Any:
        """Return a point as a tensor.

        Raises
        ------
        ArgumentError
            If it has another shape.
        """
        if np.shape(x) != (self.size,):
            raise ArgumentError(f"x has shape {np.shape(x)}; the objective needs ({self.size},)")
        return self._tensor(x)

    def _tensor(self, x: Array) -> Any:
        """Return a copy of an array as a tensor on the module's device."""
        return self._torch.tensor(x, dtype=self._torch.float64, device=self.flat.device)

    @staticmethod
    def _array(tensor: Any) -> Array:
        """Return a tensor as a new C-contiguous array."""
        return np.array(tensor.detach().cpu().numpy(), dtype=np.float64, order="C")
