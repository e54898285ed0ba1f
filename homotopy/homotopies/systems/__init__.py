"""Homotopies from plain functions, and families with known curves."""

__all__: list[str] = []
