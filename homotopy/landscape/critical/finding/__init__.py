"""Where searches begin: at random starts, beside known points, between them."""

__all__: list[str] = []
