"""What runs a block: daemon threads, processes of their own, a Dask cluster."""

__all__: list[str] = []
