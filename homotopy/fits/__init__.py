"""Nets fitted to data as a practitioner does: penalties by cross-validation, several nets, a part held back."""

from homotopy.fits.baselines import constant, linear
from homotopy.fits.ensembles import Ensemble, ensemble
from homotopy.fits.penalties import ALPHAS, PenaltyPath, penalty_path
from homotopy.fits.sample import Sample
from homotopy.fits.scaling import Scaling
from homotopy.fits.scores import accuracy, log_loss, mean, r2
from homotopy.fits.stopping import train_watched
from homotopy.fits.training import Fit, Training, train

__all__ = [
    "ALPHAS",
    "Ensemble",
    "Fit",
    "PenaltyPath",
    "Sample",
    "Scaling",
    "Training",
    "accuracy",
    "constant",
    "ensemble",
    "linear",
    "log_loss",
    "mean",
    "penalty_path",
    "r2",
    "train",
    "train_watched",
]
