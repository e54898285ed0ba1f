"""What escapes: every method on the rows of the escape suite."""

__all__: list[str] = []
