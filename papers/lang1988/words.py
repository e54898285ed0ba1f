"""What is claimed of the two spirals, by which accounts we know it, and what we had to choose."""

from __future__ import annotations

__all__ = ["CHOICES", "CITATION", "CLAIM"]

CITATION = (
    "K. J. Lang and M. J. Witbrock, in Proceedings of the 1988 Connectionist Models Summer School, Morgan Kaufmann "
    "(abstract and an excerpt read); the task is A. Wieland's, as the CMU benchmark collection keeps it:"
)
CLAIM = (
    "Two spirals of 97 points each, three turns around the origin and around one another, are hard for a net because "
    "they are so far from linear. Wieland's mail of August 1988 says that vanilla back-propagation never converged and "
    "that variants took 15 to 20 million presentations. Lang and Witbrock connect every layer to every later one and "
    "let step and momentum grow."
)
CHOICES = (
    "Of the paper only its abstract and an excerpt on the shortcuts could be read: layers of 2-5-5-5-1 and 20,000 "
    "gradients are our choice, and no number of the paper's is printed. The mail says 150 to 200 thousand epochs for "
    "its presentations; by arithmetic these are half as many, unless a point and its negative were one presentation.",
    "Solved is what the package asks, a mean logistic loss of at most log(2)/194, which puts every point on its right "
    "side; the 40-20-40 rule of the benchmark (an output of at least 0.6 or at most 0.4) is told beside it and decides "
    "for the logistic nets. Inputs are scaled to [-2, 2].",
    "Vanilla back-propagation is gradient descent on all points at once, logistic units, half the mean square, start "
    "U(-1, 1), step 10: of 3, 10 and 20 the step with most points right after 60,000 epochs on seeds that are not "
    "shown. In 1988 patterns probably came one by one.",
    "Plain nets are the package's: tanh units, logistic loss, no shortcuts, 81, 161 and 151 weights. All methods run "
    "with their defaults on the same starts; nothing was tuned. auto here grows a net of random "
    "units and prunes it; it does not use the start, and omp takes its units from random ones, too.",
    "The net with shortcuts is written in Python, so that its seconds are not to be compared with those of compiled "
    "nets; tanh units, logistic loss and starts are those of the plain nets. The package's continuations need a plain "
    "net and do not run on it.",
)
