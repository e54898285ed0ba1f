"""Methods that add, take away or turn hidden units."""

__all__: list[str] = []
