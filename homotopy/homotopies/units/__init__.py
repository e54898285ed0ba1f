"""Homotopies that add, fade or turn hidden units."""

__all__: list[str] = []
