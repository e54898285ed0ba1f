"""Whether a step kept to its curve, and where the curve meets another."""

__all__: list[str] = []
