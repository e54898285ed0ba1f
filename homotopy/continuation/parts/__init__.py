"""The exchangeable parts of a tracker: predictors, correctors, step controls, linear solvers, events."""

__all__: list[str] = []
