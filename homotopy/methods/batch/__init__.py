"""Many runs side by side: the batch, its accounts, and the descents it makes."""

__all__: list[str] = []
