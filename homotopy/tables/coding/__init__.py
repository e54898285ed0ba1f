"""How columns become inputs and targets of a net, learned from some rows and applied to others."""

__all__: list[str] = []
