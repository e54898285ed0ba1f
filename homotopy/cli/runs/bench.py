"""``homotopy bench``: the kernels against other libraries and the core's own limits."""

from homotopy.bench.command import command

__all__ = ["command"]
