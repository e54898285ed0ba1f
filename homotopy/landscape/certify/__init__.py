"""Proofs by interval arithmetic that a critical point is there."""

__all__: list[str] = []
