"""Homotopies of any objective, or of any net with outputs."""

__all__: list[str] = []
