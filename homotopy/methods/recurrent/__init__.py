"""Methods for recurrent nets."""

__all__: list[str] = []
