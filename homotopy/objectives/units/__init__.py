"""Hidden units of an objective's net: added, taken away, drawn from dictionaries, turned beside a linear path."""

__all__: list[str] = []
