"""Benchmarks: the package's kernels against well-written peers and against the limits of the same core, at one time.

``homotopy bench [W1 ...]``, or ``python -m homotopy.bench``, runs them on one core. Nothing is imported here, because
the number of threads must be set before NumPy is.
"""

__all__: list[str] = []
