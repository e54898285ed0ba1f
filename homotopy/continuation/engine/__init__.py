"""The tracker: one state, and the steps that read and return it."""

__all__: list[str] = []
