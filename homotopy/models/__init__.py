"""Models: sizes and layout of weights, forward passes and their derivatives; a model owns no weights."""

from homotopy.models.mlp import MLP
from homotopy.models.recurrent import RNN
from homotopy.models.weights import class_weights

__all__ = ["MLP", "RNN", "class_weights"]
