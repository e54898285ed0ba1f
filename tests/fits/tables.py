"""Random tables whose targets follow a known rule."""

import csv

import numpy as np

JOBS = ("clerk", "nurse", "farmer", "smith")


def people(seed, n=160, noise=0.05):
    """Numbers, a boolean and a category; a number in large units, two classes, four classes."""
    rng = np.random.default_rng([seed, 7])
    age, hours = rng.integers(18, 80, n), rng.uniform(5, 60, n).round(1)
    job, owner = rng.choice(JOBS, n), rng.choice(["yes", "no"], n)
    pay = 5e6 + 4000 * (hours - 30) * (1 + (job == "nurse")) + 900 * (age - 45) + 20000 * (owner == "yes")
    pay += noise * 50000 * rng.standard_normal(n)
    rich = np.where(pay > np.median(pay), "high, very", "low")
    grade = np.searchsorted(np.quantile(pay, [0.25, 0.5, 0.75]), pay) + 3
    return {"age": age, "hours": hours, "job": job, "owner": owner, "pay": pay.round(2), "rich": rich, "grade": grade}


def write(path, table, names=None, delimiter=","):
    """Write columns of a table as a file; None is an empty cell."""
    names = list(table) if names is None else names
    with open(path, "w", newline="") as file:
        made = csv.writer(file, delimiter=delimiter)
        made.writerow(names)
        made.writerows(zip(*(table[name] for name in names), strict=True))


def holes(table, columns, seed=0, share=0.05):
    """Return the table with a share of the cells of some columns empty."""
    rng = np.random.default_rng([seed, 8])
    out = dict(table)
    for name in columns:
        gone = rng.random(len(table[name])) < share
        gone[0] = True
        out[name] = [None if missing else cell for missing, cell in zip(gone, table[name], strict=True)]
    return out
