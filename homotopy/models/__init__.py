"""Models: sizes and layout of weights, forward passes and their derivatives; a model owns no weights."""

from homotopy.models.mlp import MLP

__all__ = ["MLP"]
