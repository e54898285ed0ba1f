"""Sums of functions of few variables each, in some linear coordinates: each is searched alone."""

__all__: list[str] = []
