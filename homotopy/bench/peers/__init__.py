"""The workloads in other libraries."""

__all__: list[str] = []
