"""Functions and nets of JAX as objectives."""

from homotopy.bridges.fromjax.make import objective_from_jax

__all__ = ["objective_from_jax"]
