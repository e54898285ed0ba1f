"""Functions averaged over normal noise on their argument: E f(x + s Z), E f(x + s Z)^2 and their derivatives."""

from homotopy.models.smoothing.named import BY_NAME, Smoothing, is_smoothed, smoothing

__all__ = ["BY_NAME", "Smoothing", "is_smoothed", "smoothing"]
