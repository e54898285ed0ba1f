"""Homotopies of recurrent nets."""

__all__: list[str] = []
