"""Slices of a landscape, and spectra of large Hessians."""

__all__: list[str] = []
