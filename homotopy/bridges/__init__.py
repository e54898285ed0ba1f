"""Bridges: objectives made of nets and functions of torch and JAX, and weights given back to them."""

from homotopy.bridges.fromjax import objective_from_jax
from homotopy.bridges.fromtorch import objective_from_torch, to_torch

__all__ = ["objective_from_jax", "objective_from_torch", "to_torch"]
