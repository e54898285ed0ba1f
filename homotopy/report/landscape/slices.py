"""Slices of a landscape drawn: values along lines, contours on a plane with a solver's path, densities of spectra."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from homotopy.errors import ArgumentError
from homotopy.landscape.views.directions import off_plane, project
from homotopy.landscape.views.slices import Slice1D, Slice2D
from homotopy.landscape.views.spectrum import SpectralDensity
from homotopy.report.figures import styled
from homotopy.report.style import INK, PALETTE

__all__ = ["draw_slice_1d", "draw_slice_2d", "draw_spectrum"]

FLOATS = NDArray[np.float64]
LEVELS = 26
WIDE = 30.0
"""The ratio of values from which levels are spaced by their logarithm."""
PATHS = ("#B00020", "#101010", "#5B2A86", "#006B54")
"""Colors of paths, which are seen on every level."""
RAMP = LinearSegmentedColormap.from_list("valleys", ["#0B2C4A", "#1F6FA8", "#8CC0DD", "#EAF1F5", "#F6D9B8", "#D98A4E"])


@styled
def draw_slice_1d(slices: Slice1D | Mapping[str, Slice1D], *, label: str = "loss") -> Figure:
    """Return the figure of values along a line, or of several lines under their names.

    Parameters
    ----------
    slices : Slice1D or mapping of str to Slice1D
        What to draw.
    label : str
        What the values are.

    Raises
    ------
    ArgumentError
        If there is no slice.

    Notes
    -----
    The axis is logarithmic where all values are positive and differ by a factor of 30.
    """
    named = dict(slices) if isinstance(slices, Mapping) else {"": slices}
    if not named:
        raise ArgumentError("there is no slice to draw")
    figure = Figure(figsize=(6.4, 4.0), layout="constrained")
    ax = figure.subplots()
    for number, (name, one) in enumerate(named.items()):
        ax.plot(one.steps, one.values, color=PALETTE[number % len(PALETTE)], label=name or None)
    values = np.concatenate([one.values for one in named.values()])
    if _log(values):
        ax.set_yscale("log")
    ax.axvline(0.0, color=INK, linewidth=0.8, linestyle=":", alpha=0.7)
    ax.set_xlabel("step along the direction, in units of it")
    ax.set_ylabel(label)
    ax.margins(x=0)
    if any(named):
        ax.legend()
    return figure


@styled
def draw_slice_2d(
    slice_: Slice2D,
    *,
    paths: Mapping[str, ArrayLike] | None = None,
    names: Sequence[str] = ("first direction", "second direction"),
    label: str = "loss",
    mark: ArrayLike | None = None,
) -> Figure:
    """Return the figure of the values on a plane, with solvers' paths as they are seen on it.

    Parameters
    ----------
    slice_ : Slice2D
        The plane.
    paths : mapping of str to array_like of shape (r, n), or None
        Under each name the points of a path, drawn at their nearest points of the plane.
    names : pair of str
        What the axes are.
    label : str
        What the values are.
    mark : array_like of shape (n,) or None
        The point at which a cross stands; None is the center.

    Raises
    ------
    ArgumentError
        If no value is finite, or a path has points of another size.

    Notes
    -----
    Levels are spaced by the logarithm of the distance from the lowest value where that spans a factor of 30. The legend
    says how far from the plane a path starts, over its distance from the center: a path off the plane does not see the
    values on it.
    """
    figure = Figure(figsize=(6.6, 5.2), layout="constrained")
    ax = figure.subplots()
    values = np.ma.masked_invalid(slice_.values)
    levels, spread, back = _levels(values)
    height = spread(values)
    filled = ax.contourf(slice_.a, slice_.b, height, levels=levels, cmap=RAMP, extend="both")
    ax.contour(slice_.a, slice_.b, height, levels=levels[::2], colors=INK, linewidths=0.4, alpha=0.35)
    for number, (name, points) in enumerate((paths or {}).items()):
        _path(ax, slice_, name, np.asarray(points, dtype=np.float64), PATHS[number % len(PATHS)])
    cross = np.zeros((1, 2)) if mark is None else project(mark, slice_.x, slice_.directions)
    ax.plot(*cross.T, marker="x", color=INK, markersize=7, markeredgewidth=1.6, linestyle="none", zorder=5)
    ax.set_xlim(slice_.a[0], slice_.a[-1])
    ax.set_ylim(slice_.b[0], slice_.b[-1])
    ax.set_xlabel(names[0])
    ax.set_ylabel(names[1])
    ax.grid(visible=False)
    bar = figure.colorbar(filled, ax=ax, pad=0.02)
    shown = np.linspace(levels[0], levels[-1], 6)
    bar.set_ticks(shown.tolist(), labels=[f"{back(level):.3g}" for level in shown])
    bar.set_label(label)
    bar.ax.grid(visible=False)
    if paths:
        figure.legend(loc="outside lower center", ncols=2)
    return figure


def _path(ax: Axes, slice_: Slice2D, name: str, points: FLOATS, color: str) -> None:
    """Draw a path with its start and its end."""
    at = project(points, slice_.x, slice_.directions)
    off = float(off_plane(points[:1], slice_.x, slice_.directions)[0])
    text = f"{name} (starts {off:.0%} off the plane)" if off > 0.005 else name
    ax.plot(at[:, 0], at[:, 1], color="white", linewidth=3.2, alpha=0.8, solid_capstyle="round")
    marks: dict[str, Any] = {"marker": "o", "markersize": 2.6} if len(at) <= 200 else {}
    ax.plot(at[:, 0], at[:, 1], color=color, linewidth=1.5, label=text, **marks)
    ax.plot(*at[0], marker="o", color="white", markeredgecolor=color, markersize=7, markeredgewidth=1.6)
    ax.plot(*at[-1], marker="s", color=color, markeredgecolor="white", markersize=7, markeredgewidth=1.0)


def _log(values: FLOATS) -> bool:
    seen = values[np.isfinite(values)]
    return bool(seen.size and seen.min() > 0 and seen.max() > WIDE * seen.min())


def _levels(values: Any) -> tuple[FLOATS, Callable[[Any], Any], Callable[[float], float]]:
    """Return the levels, what is drawn of values, and the value at a level."""
    seen = values.compressed()
    if not seen.size:
        raise ArgumentError("no value of the slice is finite")
    low, high = float(seen.min()), float(seen.max())
    floor = 1e-3 * (high - low)  # of what is above the lowest value, where its logarithm is drawn
    middle = float(np.median(seen)) - low
    wide = high - low > WIDE * max(middle, floor) or (low >= 0 and high > WIDE * max(low, 1e-300))
    log = wide and floor > 0

    def spread(v: Any) -> Any:
        return np.log10(v - low + floor) if log else v

    def back(level: float) -> float:
        return float(10.0**level + low - floor) if log else float(level)

    top = max(float(np.percentile(seen, 98)), low)
    ends = float(spread(np.asarray(low))), float(spread(np.asarray(top)))
    if not ends[0] < ends[1]:
        ends = ends[0] - 0.5 * (abs(ends[0]) or 1.0), ends[0] + 0.5 * (abs(ends[0]) or 1.0)
    return np.linspace(*ends, LEVELS), spread, back


@styled
def draw_spectrum(
    density: SpectralDensity | Mapping[str, SpectralDensity], *, width: float | None = None, n: int = 1200
) -> Figure:
    """Return the figure of the density of eigenvalues on a logarithmic axis, with twice its standard error.

    Parameters
    ----------
    density : SpectralDensity or mapping of str to SpectralDensity
        What to draw.
    width : float or None
        Of the Gaussian that smooths it; None is a hundredth of the widest range.
    n : int
        Points of the curve.

    Raises
    ------
    ArgumentError
        If there is no density.
    """
    named = dict(density) if isinstance(density, Mapping) else {"": density}
    if not named:
        raise ArgumentError("there is no density to draw")
    low, high = min(one.lowest for one in named.values()), max(one.highest for one in named.values())
    span = (high - low) or abs(high) or 1.0
    grid = np.linspace(low - 0.05 * span, high + 0.05 * span, n)
    width = 0.01 * span if width is None else width
    figure = Figure(figsize=(6.6, 4.0), layout="constrained")
    ax = figure.subplots()
    top = 0.0
    for number, (name, one) in enumerate(named.items()):
        mean, error = one.density(grid, width=width)
        color, floor = PALETTE[number % len(PALETTE)], 1e-3 / (one.size * width)
        text = f"{one.share_below(-width)[0]:.1%} of {one.size} eigenvalues below {-width:.2g}"
        ax.plot(grid, np.maximum(mean, floor), color=color, label=f"{name}: {text}" if name else text)
        if np.isfinite(error).all():
            ax.fill_between(
                grid,
                np.maximum(mean - 2 * error, floor),
                np.maximum(mean + 2 * error, floor),
                color=color,
                alpha=0.2,
                lw=0,
            )
        top = max(top, float(mean.max()))
    ax.set_yscale("log")
    ax.set_ylim(0.05 * 0.4 / (max(one.size for one in named.values()) * width), 2.5 * top)
    ax.axvline(0.0, color=INK, linewidth=0.8, linestyle=":", alpha=0.7)
    ax.set_xlabel("eigenvalue of the Hessian")
    ax.set_ylabel("density")
    ax.margins(x=0)
    ax.legend(loc="upper right")
    return figure
