"""How many runs dear methods get on the rows of the escape suite: what a run of each was measured to take allows."""

from __future__ import annotations

__all__ = ["FEWER"]

FEWER = {
    "teacher k=6": "basin-hopping=350 dual-annealing=30 hope=450 lbfgsb=400 proximal=30 saddle-free=250 track=5",
    "teacher k=8": "basin-hopping=40 dual-annealing=40 hope=750 lbfgsb=100 proximal=30 saddle-free=70 track=20",
    "teacher k=10": (
        "basin-hopping=30 dual-annealing=40 hope=200 lbfgsb=100 perturbed-gd=750 proximal=30 saddle-free=20 track=20"
    ),
    "teacher k=20": (
        "adam=300 basin-hopping=40 dual-annealing=20 gd=600 gd-decay=250 gd-noise=500 hope=100 lbfgsb=20 "
        "perturbed-gd=100 proximal=20 saddle-free=20 track=20"
    ),
    "teacher k=30": (
        "adam=100 basin-hopping=20 dual-annealing=5 escape=600 gd=100 gd-decay=100 gd-noise=100 hope=20 lbfgsb=20 "
        "momentum=650 perturbed-gd=30 proximal=20 saddle-free=5 track=20"
    ),
    "teacher k=50": (
        "adam=30 basin-hopping=3 dual-annealing=5 escape=150 gd=40 gd-decay=40 gd-noise=40 hope=20 lbfgsb=20 "
        "perturbed-gd=20 proximal=20 saddle-free=3 track=20"
    ),
    "teacher k=100": (
        "adam=20 basin-hopping=3 dual-annealing=3 escape=20 gd=20 gd-decay=20 gd-noise=20 hope=5 lbfgs=100 "
        "lbfgsb=3 momentum=20 perturbed-gd=20 proximal=3 saddle-free=0 track=20 width=19"
    ),
    "Gaussian k=20": (
        "adam=350 basin-hopping=40 dual-annealing=40 gd=400 gd-decay=200 gd-noise=250 hope=100 lbfgsb=40 "
        "momentum=650 perturbed-gd=100 proximal=20 saddle-free=20 track=20"
    ),
    "Gaussian k=40": (
        "adam=29 basin-hopping=20 dual-annealing=5 escape=200 gd=35 gd-decay=35 gd-noise=35 hope=20 lbfgsb=20 "
        "momentum=200 perturbed-gd=20 proximal=20 saddle-free=10 track=20 width=250"
    ),
    "Gaussian k=100": (
        "adam=9 basin-hopping=5 dual-annealing=3 escape=20 gd=11 gd-decay=11 gd-noise=11 hope=5 lbfgs=50 lbfgsb=3 "
        "momentum=13 perturbed-gd=5 proximal=10 saddle-free=0 track=10 width=14"
    ),
    "Gaussian k=20, d=10": (
        "adam=250 basin-hopping=40 dual-annealing=40 gd=250 gd-decay=250 gd-noise=250 hope=100 lbfgsb=40 "
        "momentum=800 perturbed-gd=100 proximal=20 saddle-free=20 track=20"
    ),
    "Gaussian k=40, d=20": (
        "adam=47 basin-hopping=3 dual-annealing=3 escape=300 gd=50 gd-decay=50 gd-noise=50 hope=20 lbfgsb=20 "
        "momentum=150 perturbed-gd=26 proximal=20 saddle-free=3 track=20 width=200"
    ),
    "ts relu 8-8": (
        "adam=160 basin-hopping=40 decay=1600 dual-annealing=20 era=420 escape=60 gd=180 gd-decay=19 gd-noise=180 "
        "graduated=460 greedy=780 hope=20 lbfgs=1380 lbfgsb=20 linearized=20 momentum=160 omp=860 perturbed-gd=20 "
        "proximal=20 saddle-free=20 track=20 tv-width=1580 width=400"
    ),
    "ts relu 8-8, mixture": (
        "adam=160 basin-hopping=40 decay=520 dual-annealing=40 era=80 escape=40 gd=140 gd-decay=19 gd-noise=160 "
        "graduated=160 greedy=640 hope=20 lbfgs=240 lbfgsb=40 linearized=20 momentum=160 omp=920 perturbed-gd=20 "
        "proximal=20 saddle-free=20 track=20 tv-width=660 width=380"
    ),
    "ts relu 8-8, uniform": (
        "adam=160 basin-hopping=40 dual-annealing=40 era=80 escape=140 gd=140 gd-decay=19 gd-noise=160 hope=20 "
        "lbfgsb=40 linearized=20 momentum=160 perturbed-gd=20 proximal=20 saddle-free=20 track=20"
    ),
    "ts relu 8-8, classes": (
        "adam=160 basin-hopping=40 dual-annealing=40 era=80 gd=140 gd-decay=19 gd-noise=160 hope=20 lbfgsb=40 "
        "linearized=20 momentum=160 perturbed-gd=20 proximal=20 saddle-free=20 track=20"
    ),
    "ts relu 8-8, logits": (
        "adam=160 basin-hopping=40 dual-annealing=40 era=80 escape=20 gd=140 gd-decay=19 gd-noise=160 hope=20 "
        "lbfgsb=40 linearized=20 momentum=160 perturbed-gd=20 proximal=20 saddle-free=20 track=20"
    ),
    "ts relu 16-16": (
        "adam=14 basin-hopping=20 dual-annealing=3 era=20 escape=20 gd=14 gd-decay=7 gd-noise=14 graduated=20 "
        "greedy=100 hope=20 lbfgs=140 lbfgsb=20 linearized=5 lm=80 momentum=13 omp=80 perturbed-gd=5 proximal=20 "
        "saddle-free=20 track=20 tv-width=100 width=120"
    ),
    "ts relu 8-8-8": (
        "adam=5 basin-hopping=20 dual-annealing=5 era=60 escape=10 gd=5 gd-decay=5 gd-noise=5 graduated=40 hope=20 "
        "lbfgsb=5 linearized=5 momentum=20 perturbed-gd=10 proximal=20 saddle-free=5 track=20 width-deep=60"
    ),
    "ts leaky relu 8-8": (
        "adam=160 basin-hopping=20 dual-annealing=40 era=80 escape=20 gd=140 gd-decay=19 gd-noise=160 hope=20 "
        "lbfgsb=40 linearized=20 momentum=160 perturbed-gd=20 proximal=20 saddle-free=20 track=20"
    ),
    "ts gelu 8-8": (
        "adam=20 basin-hopping=40 decay=160 dual-annealing=40 escape=20 gd=20 gd-decay=19 gd-noise=20 graduated=40 "
        "hope=20 lbfgs=120 lbfgsb=40 linearized=20 momentum=19 perturbed-gd=20 proximal=20 saddle-free=20 track=20"
    ),
    "ts softplus 8-8": (
        "adam=20 basin-hopping=3 decay=100 dual-annealing=20 escape=20 gd=20 gd-decay=19 gd-noise=20 graduated=20 "
        "hope=20 lbfgs=100 lbfgsb=40 linearized=20 momentum=19 omp=180 perturbed-gd=20 proximal=20 saddle-free=20 "
        "track=20 width=140"
    ),
    "ts tanh 8-8": (
        "adam=20 basin-hopping=40 dual-annealing=40 era=280 escape=780 gd=20 gd-decay=19 gd-noise=20 graduated=220 "
        "greedy=460 hope=20 lbfgs=620 lbfgsb=40 linearized=20 momentum=19 perturbed-gd=20 proximal=20 "
        "saddle-free=20 track=20"
    ),
    "ts tanh 8-8, classes": (
        "adam=20 basin-hopping=20 dual-annealing=20 escape=160 gd=20 gd-decay=19 gd-noise=20 hope=20 lbfgsb=20 "
        "linearized=20 momentum=19 perturbed-gd=20 proximal=20 saddle-free=20 track=20"
    ),
    "ts tanh 8-8-8": (
        "adam=10 basin-hopping=20 dual-annealing=20 era=30 escape=5 gd=10 gd-decay=10 gd-noise=10 graduated=20 "
        "greedy-deep=40 hope=20 lbfgs=40 lbfgsb=20 linearized=5 momentum=10 perturbed-gd=10 proximal=20 "
        "saddle-free=5 track=20 width-deep=80"
    ),
    "xor tanh": "basin-hopping=9 dual-annealing=10 hope=60 lbfgsb=30 linearized=30 proximal=50 saddle-free=450 track=5",
    "xor relu": "basin-hopping=9 dual-annealing=6 escape=650 hope=100 lbfgsb=200 linearized=30 proximal=100 track=5",
    "xor logistic loss": (
        "basin-hopping=5 dual-annealing=5 escape=750 hope=100 lbfgsb=5 linearized=20 proximal=60 saddle-free=200 "
        "track=5"
    ),
    "xor sigmoid": (
        "basin-hopping=3 dual-annealing=5 hope=50 lbfgsb=5 linearized=30 proximal=50 saddle-free=500 track=5"
    ),
    "xor sigmoid-sigmoid": (
        "basin-hopping=5 dual-annealing=14 hope=100 lbfgsb=19 linearized=20 proximal=30 saddle-free=150 track=5"
    ),
    "jellyfish tanh 4": (
        "basin-hopping=5 dual-annealing=7 hope=60 lbfgsb=40 linearized=30 proximal=30 saddle-free=150 track=5"
    ),
    "jellyfish relu 4": (
        "basin-hopping=5 dual-annealing=7 hope=60 lbfgsb=40 linearized=30 proximal=30 saddle-free=150 track=5"
    ),
    "jellyfish relu 2": (
        "basin-hopping=3 dual-annealing=5 escape=700 hope=150 lbfgsb=11 linearized=30 proximal=70 saddle-free=150 "
        "track=5"
    ),
    "sine h=4": (
        "basin-hopping=3 dual-annealing=5 gd-decay=200 hope=20 lbfgsb=5 linearized=20 perturbed-gd=250 proximal=20 "
        "saddle-free=20 track=5"
    ),
    "sine h=8": (
        "basin-hopping=5 dual-annealing=3 gd=550 gd-decay=50 gd-noise=350 hope=20 lbfgsb=40 linearized=30 "
        "momentum=900 perturbed-gd=200 proximal=30 saddle-free=40 track=5"
    ),
    "dying relu": (
        "adam=150 basin-hopping=40 dual-annealing=20 escape=100 gd=200 gd-decay=20 gd-noise=200 hope=20 lbfgsb=20 "
        "linearized=20 momentum=250 perturbed-gd=50 proximal=20 saddle-free=20 track=20"
    ),
    "auer d=6": (
        "basin-hopping=5 dual-annealing=7 gd-decay=800 hope=70 lbfgsb=20 linearized=40 proximal=60 saddle-free=200 "
        "track=5"
    ),
    "auer d=6, hard": (
        "basin-hopping=12 dual-annealing=5 gd=800 gd-decay=100 gd-noise=750 hope=30 lbfgsb=60 linearized=20 "
        "perturbed-gd=300 proximal=30 saddle-free=250 track=5"
    ),
    "swirszcz d1": "basin-hopping=6 dual-annealing=20 hope=100 lbfgsb=100 linearized=60 proximal=80 track=5",
    "swirszcz d2": "basin-hopping=3 dual-annealing=5 escape=800 hope=70 lbfgsb=6 linearized=40 proximal=100 track=5",
    "yun": "basin-hopping=5 dual-annealing=19 hope=60 lbfgsb=250 linearized=70 proximal=350 track=5",
    "spirals 2-30-1": (
        "adam=19 basin-hopping=3 decay=250 dual-annealing=20 era=30 escape=30 gd=19 gd-decay=17 gd-noise=20 "
        "graduated=30 hope=20 lbfgs=150 lbfgsb=20 linearized=20 lm=250 momentum=19 perturbed-gd=20 proximal=20 "
        "saddle-free=20 track=20 tv-width=60 width=100"
    ),
    "spirals 2-20-1": (
        "adam=19 basin-hopping=3 dual-annealing=3 era=90 escape=20 gd=19 gd-decay=14 gd-noise=19 hope=20 lbfgs=70 "
        "lbfgsb=3 linearized=20 momentum=19 perturbed-gd=8 proximal=20 saddle-free=20 track=20"
    ),
    "spirals 2-10-10-1": (
        "adam=19 basin-hopping=3 decay=150 dual-annealing=3 era=30 escape=15 gd=19 gd-decay=10 gd-noise=19 "
        "graduated=30 greedy-deep=50 hope=20 lbfgs=60 lbfgsb=3 linearized=20 lm=100 momentum=19 perturbed-gd=6 "
        "proximal=20 saddle-free=20 track=20 width-deep=20"
    ),
}
"""Row to methods and their runs, as ``gd=100 adam=50``; a method that is not named gets all runs of its row."""
