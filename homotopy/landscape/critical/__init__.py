"""Critical points: how they are found, and what they are."""

__all__: list[str] = []
