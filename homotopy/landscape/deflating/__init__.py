"""Known solutions divided out, so that Newton's method finds others."""

__all__: list[str] = []
