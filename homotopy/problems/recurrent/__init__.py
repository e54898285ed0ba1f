"""Recurrent problems: memory, teachers, systems, waves."""

from homotopy.problems.recurrent.generation import generate
from homotopy.problems.recurrent.identification import identify
from homotopy.problems.recurrent.memory import adding, latch, multiplication, order, temporal_xor
from homotopy.problems.recurrent.teachers import rts
from homotopy.problems.recurrent.telling import spectral_radius

__all__ = [
    "adding",
    "generate",
    "identify",
    "latch",
    "multiplication",
    "order",
    "rts",
    "spectral_radius",
    "temporal_xor",
]
