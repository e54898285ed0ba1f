"""Rumelhart, Hinton and Williams 1986: XOR, parity and the two-bit adder by momentum, and from where it is stuck."""

from .figures import freed_picture, parity_picture, sweeps_picture
from .study import PAPER
from .tasks import Task, adder, parity, xor

__all__ = ["PAPER", "Task", "adder", "freed_picture", "parity", "parity_picture", "sweeps_picture", "xor"]
