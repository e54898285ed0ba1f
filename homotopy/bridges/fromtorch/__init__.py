"""Modules of torch as objectives, and weights given back to them."""

from homotopy.bridges.fromtorch.back import to_torch
from homotopy.bridges.fromtorch.make import objective_from_torch

__all__ = ["objective_from_torch", "to_torch"]
