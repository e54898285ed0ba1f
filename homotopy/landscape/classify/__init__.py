"""What a stationary point is beyond its Hessian: higher orders, flat sets, kinks of relu nets, ways to infinity."""

__all__: list[str] = []
