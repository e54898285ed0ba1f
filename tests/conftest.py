"""What every test shares: a headless plotting backend."""

import matplotlib as mpl

mpl.use("Agg")
