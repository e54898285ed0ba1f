"""Nets that train: an escape from spurious minima, and a recurrent net that remembers."""

from __future__ import annotations

from homotopy.methods import solve
from homotopy.selftest.found import hold

__all__ = ["escape", "memory"]

SEEDS = 4  # gradient descent ends in spurious minima from the starts of the first four, and so do 95 % of all


def escape() -> str:
    """Run gradient descent and the skip homotopy on 20 relu units from the same starts: caught, and free.

    Returns
    -------
    str
        The losses.

    Raises
    ------
    CheckError
        If gradient descent is not caught as published, or the homotopy does not reach the global minimum.
    """
    caught = [solve("teacher:k=20", "gd", rng=seed) for seed in range(SEEDS)]
    free = [solve("teacher:k=20", "skip", rng=seed) for seed in range(SEEDS)]
    solved = sum(result.success for result in caught)
    hold(solved <= 1, f"gradient descent escaped from {solved} of {SEEDS} starts, where it is known to be caught")
    lost = [f"{result.value:.4f}" for result in free if not result.success]
    hold(not lost, f"the skip homotopy ended at {', '.join(lost)} instead of the global minimum")
    lowest, highest = min(result.value for result in caught), max(result.value for result in free)
    return f"gd at {lowest:.3f} or more, skip at {highest:.4f} or less"


def memory() -> str:
    """Train recurrent nets to add two marked numbers of 20 steps, by the homotopy in the length.

    Returns
    -------
    str
        How many of the runs learned it.

    Raises
    ------
    CheckError
        If none of three runs does.
    """
    results = [solve("adding:T=20", "length", rng=seed) for seed in range(3)]
    solved = sum(result.success for result in results)
    hold(solved, f"no recurrent net learned to add: losses {', '.join(f'{result.value:.3g}' for result in results)}")
    return f"{solved} of {len(results)} nets learned to add"
