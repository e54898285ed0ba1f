"""A fit on one screen: what was done, the scores beside the baselines, a sentence about them."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

from homotopy.cli.console import width
from homotopy.cli.tables.wording import as_options

if TYPE_CHECKING:
    from homotopy.fits import Fitted
    from homotopy.fits.table import Row

__all__ = ["summary"]

WIDTH, LINES = 79, 24


def summary(fitted: Fitted, file: str, written: str) -> str:
    """Return the summary of a fit, at most 24 lines of 79 characters where names are not longer."""
    said = [as_options(phrase, file) for phrase in fitted.model.data.said]
    behind = ["", *_table(fitted), "", *_wrapped(_judged(fitted)), *_written(fitted, written)]
    net = [line for phrase in (_net(fitted), _penalty(fitted)) for line in _wrapped(phrase)]
    data = [line for phrase in said for line in _wrapped(phrase)]
    room = LINES * WIDTH // width(WIDTH) - 1 - len(net) - len(behind)
    if len(data) > room:
        data = [*data[: room - 1], f"  ... and {len(data) - room + 1} lines more, which --json has"]
    return "\n".join([*data, *net, *behind])


def _wrapped(text: str) -> list[str]:
    """Return lines, in which an option and its value stand together."""
    bound = re.sub(r"(--[\w-]+) (?=\w)", "\\1\xa0", text)
    lines = textwrap.wrap(bound, width(WIDTH), subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    return [line.replace("\xa0", " ") for line in lines]


def _net(fitted: Fitted) -> str:
    """Return the line about the net, the method and what it cost."""
    net, about = fitted.model.data.model, fitted.model.about
    many = len(fitted.nets.fits)
    what = f"net {'-'.join(map(str, net.sizes))} {net.activation}" if len(net.sizes) > 2 else "linear model"
    times = f"{many} x " if many > 1 else ""
    return (
        f"{times}{what} by {about['method']}: objective {about['objective']:.4g} ({_ended(fitted)}); "
        f"{_count(about['net_cost'])} gradients for the net{'s' if many > 1 else ''}, "
        f"{_count(fitted.cost)} and {fitted.seconds:.2g} s in all"
    )


def _ended(fitted: Fitted) -> str:
    """Return how the best net's training ended."""
    return fitted.nets.best.status.name.lower().replace("_", " ")


def _count(cost: float) -> str:
    return f"{cost:,.0f}"


def _penalty(fitted: Fitted) -> str:
    """Return the line about the penalty."""
    about, path = fitted.model.about, fitted.path
    if path is None:
        return f"penalty alpha={about['alpha']:g}, as given"
    if about["alpha"] != path.best:
        return f"penalty alpha={about['alpha']:g} by {about['alpha_by']}"
    low, high = float(path.alphas.min()), float(path.alphas.max())
    edge = "" if low < path.best < high else f", the {'largest' if path.best == high else 'smallest'} of them"
    tried = f"{len(path.alphas)} tried, {high:g} to {low:g}" if high > low else f"only {high:g} was tried in the time"
    return f"penalty alpha={path.best:g}{edge}, by {about['alpha_by']} ({tried})"


def _table(fitted: Fitted) -> list[str]:
    """Return the scores of the baselines and of the model, on rows learned from and rows held out."""
    target = fitted.model.data.target
    name, error = target.score_name, "RMSE" if target.loss == "squared" else "log loss"
    several = target.loss == "squared" and len(target.names) > 1
    errors = [] if several else [error]
    wide = max(len(row.name) for row in fitted.rows)
    heads = f"   {name:<17}" + "".join(f"   {head}" for head in errors)
    columns = f"   {'train':>8} {'test':>8}" + "".join(f"   {'train':>9} {'test':>9}" for _ in errors)
    columns += f"   {'alpha':>7}"
    out = [f"{'':<{wide}}{heads}".rstrip(), f"{'':<{wide}}{columns}"]
    for row in fitted.rows:
        cells = f"   {_score(row.train):>8} {_score(row.test):>8}"
        cells += "" if several else f"   {_figures(row.train_error):>9} {_figures(row.test_error):>9}"
        out.append(f"{row.name:<{wide}}{cells}   {_alpha(row):>7}".rstrip())
    if len(out[1]) <= width(WIDTH):
        return out
    split = wide + 20  # behind the scores: what remains stands below, with the names again
    return [*(line[:split].rstrip() for line in out), "", *(f"{line[:wide]}{line[split:]}".rstrip() for line in out)]


def _score(value: float) -> str:
    if value != value:
        return "–"
    return f"{value:.3f}" if abs(value) < 1000 else f"{value:.1e}"


def _figures(value: float) -> str:
    if value != value:
        return "–"
    if 1000 <= value < 1e7:
        return f"{value:,.0f}"
    return f"{value:.4g}" if 0.1 <= value < 1000 else f"{value:.3g}" if value < 0.1 else f"{value:.2e}"


def _alpha(row: Row) -> str:
    return "" if row.alpha != row.alpha else f"{row.alpha:g}"


def _judged(fitted: Fitted) -> str:
    """Return the verdict with what is likely to help."""
    if fitted.path is None:
        more = " The penalty often matters more than the minimum: --alpha cv chooses it."
    elif len(fitted.nets.fits) == 1 and len(fitted.model.data.model.sizes) > 2:
        more = " --ensemble 5 averages five nets, which often gains as much as a long search."
    else:
        more = ""
    return as_options(fitted.verdict) + more


def _written(fitted: Fitted, written: str) -> list[str]:
    """Return where the model is and which rows it was fitted on."""
    rows = fitted.model.about["rows"]
    which = (
        f"the {rows['train']:,} rows not held out (--test 0 takes all)"
        if "test" in rows
        else f"all {rows['train']:,} rows"
    )
    return _wrapped(f"{written} was fitted on {which}; next: homotopy predict {written} FILE")
