"""Moves of many points at once: along eigenvectors, by Newton's method, and the last steps."""

__all__: list[str] = []
