"""A table fitted, judged on rows held out, kept in a file, and used on new rows."""

from homotopy.fits.table.files import load_model
from homotopy.fits.table.fitting import Fitted, fit_table
from homotopy.fits.table.judging import Row
from homotopy.fits.table.model import Model

__all__ = ["Fitted", "Model", "Row", "fit_table", "load_model"]
