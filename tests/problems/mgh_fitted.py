"""Functions 1 to 19 of Moré, Garbow and Hillstrom: residuals of a fixed number of variables.

Each function returns the residuals at x, real or complex, so that a complex step differentiates it.
"""

import numpy as np

E = np.exp


def rosenbrock(x):
    return [10 * (x[1] - x[0] ** 2), 1 - x[0]]


def freudenstein_roth(x):
    return [-13 + x[0] + ((5 - x[1]) * x[1] - 2) * x[1], -29 + x[0] + ((x[1] + 1) * x[1] - 14) * x[1]]


def powell_badly_scaled(x):
    return [1e4 * x[0] * x[1] - 1, E(-x[0]) + E(-x[1]) - 1.0001]


def brown_badly_scaled(x):
    return [x[0] - 1e6, x[1] - 2e-6, x[0] * x[1] - 2]


def beale(x):
    return [y - x[0] * (1 - x[1] ** i) for i, y in ((1, 1.5), (2, 2.25), (3, 2.625))]


def jennrich_sampson(x):
    i = np.arange(1, 11)
    return 2 + 2 * i - (E(i * x[0]) + E(i * x[1]))


def helical_valley(x):
    theta = np.arctan(x[1] / x[0]) / (2 * np.pi) + (0.0 if x[0].real > 0 else 0.5)
    return [10 * (x[2] - 10 * theta), 10 * (np.sqrt(x[0] ** 2 + x[1] ** 2) - 1), x[2]]


BARD = np.array([0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39])


def bard(x):
    u = np.arange(1, 16)
    v = 16 - u
    return BARD - (x[0] + u / (v * x[1] + np.minimum(u, v) * x[2]))


GAUSS = np.array([0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521, 0.3989])


def gaussian(x):
    t = (8 - np.arange(1, 16)) / 2
    return x[0] * E(-x[1] * (t - x[2]) ** 2 / 2) - np.concatenate([GAUSS, GAUSS[-2::-1]])


MEYER = np.array(
    [34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147, 4427, 3820, 3307, 2872]
)


def meyer(x):
    return x[0] * E(x[1] / (45 + 5 * np.arange(1, 17) + x[2])) - MEYER


def gulf(x):
    """The product of m, i and x2 in the printed formula is a misprint for minus x2."""
    t = np.arange(1, 100) / 100
    y = 25 + (-50 * np.log(t)) ** (2 / 3)
    return E(-(((y - x[1]) ** 2) ** (x[2] / 2)) / x[0]) - t


def box(x):
    t = 0.1 * np.arange(1, 11)
    return E(-t * x[0]) - E(-t * x[1]) - x[2] * (E(-t) - E(-10 * t))


def powell_singular(x):
    return [x[0] + 10 * x[1], 5**0.5 * (x[2] - x[3]), (x[1] - 2 * x[2]) ** 2, 10**0.5 * (x[0] - x[3]) ** 2]


def wood(x):
    first = [10 * (x[1] - x[0] ** 2), 1 - x[0], 90**0.5 * (x[3] - x[2] ** 2), 1 - x[2]]
    return [*first, 10**0.5 * (x[1] + x[3] - 2), 10**-0.5 * (x[1] - x[3])]


KOWALIK = np.array([0.1957, 0.1947, 0.1735, 0.1600, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246])
KOWALIK_U = np.array([4.0, 2.0, 1.0, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625])


def kowalik_osborne(x):
    u = KOWALIK_U
    return KOWALIK - x[0] * (u**2 + u * x[1]) / (u**2 + u * x[2] + x[3])


def brown_dennis(x):
    t = np.arange(1, 21) / 5
    return (x[0] + t * x[1] - E(t)) ** 2 + (x[2] + x[3] * np.sin(t) - np.cos(t)) ** 2


OSBORNE_1 = (
    np.concatenate(
        [
            [844, 908, 932, 936, 925, 908, 881, 850, 818, 784, 751, 718, 685, 658, 628, 603, 580, 558, 538, 522],
            [506, 490, 478, 467, 457, 448, 438, 431, 424, 420, 414, 411, 406],
        ]
    )
    / 1000
)


def osborne_1(x):
    t = 10 * np.arange(33)
    return OSBORNE_1 - (x[0] + x[1] * E(-t * x[3]) + x[2] * E(-t * x[4]))


def biggs(x):
    t = 0.1 * np.arange(1, 14)
    return x[2] * E(-t * x[0]) - x[3] * E(-t * x[1]) + x[5] * E(-t * x[4]) - (E(-t) - 5 * E(-10 * t) + 3 * E(-4 * t))


OSBORNE_2 = (
    np.concatenate(
        [
            [1366, 1191, 1112, 1013, 991, 885, 831, 847, 786, 725, 746, 679, 608, 655, 616, 606, 602, 626, 651, 724],
            [649, 649, 694, 644, 624, 661, 612, 558, 533, 495, 500, 423, 395, 375, 372, 391, 396, 405, 428, 429],
            [523, 562, 607, 653, 672, 708, 633, 668, 645, 632, 591, 559, 597, 625, 739, 710, 729, 720, 636, 581],
            [428, 292, 162, 98, 54],
        ]
    )
    / 1000
)


def osborne_2(x):
    t = np.arange(65) / 10
    bumps = sum(x[k] * E(-((t - x[k + 7]) ** 2) * x[k + 4]) for k in (1, 2, 3))
    return OSBORNE_2 - (x[0] * E(-t * x[4]) + bumps)
