"""Templates of the HTML pages, which extend one base; the package has a name so that a wheel takes them along."""

__all__: list[str] = []
