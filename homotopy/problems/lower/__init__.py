"""Lower bounds by proof: of rows that contradict each other, by convexity and duality, by exhaustion."""

__all__: list[str] = []
