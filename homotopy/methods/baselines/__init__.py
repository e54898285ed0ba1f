"""Methods without continuation, ours and SciPy's."""

__all__: list[str] = []
