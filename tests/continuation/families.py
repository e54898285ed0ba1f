"""Random members of the kinds of `germs`, embedded in n unknowns of any size, with known answers, and their judges.

With tests/ in the path, ``python tests/continuation/families.py 100 transcritical`` prints how often `track` and
`diagram` are right, by n and size; "all" is every kind, and the words plain (no units of F and t), differences, track
and diagram may follow.
"""

import sys
from collections import Counter
from dataclasses import dataclass

import numpy as np
from continuation.germs import KINDS, Germ

from homotopy.continuation import Explorer, GradientSystem, RootSystem, diagram, track
from homotopy.errors import HomotopyError

__all__ = [
    "KINDS",
    "NS",
    "SIZES",
    "Member",
    "count",
    "explored",
    "follow",
    "judge_diagram",
    "judge_track",
    "make",
    "told",
]

NS = (1, 2, 5, 20)
SIZES = (1e-6, 1e-3, 1.0, 1e3, 1e6)
OFF = 1e-2  # further than this from the curve, in units of its size, no point of a path can be called one of it


def _orthogonal(rng, n):
    return np.linalg.qr(rng.standard_normal((n, n)))[0]


class Embedding:
    """A germ of m unknowns u in n variables: x = size * Q v, with z = (u, w) = v + bend * sin(v shifted).

    The equations are G (1 + 0.3 sin w) and r + r^3 / 5 with r = w - W(u, t), mixed by a matrix; or, as a gradient
    system, the gradient of the potential of G plus 1/2 r'Dr, where z = v.
    """

    def __init__(self, germ, rng, n, size, *, gradient, factor):
        m = len(germ.base)
        self.germ, self.m, self.n, self.size, self.factor = germ, m, n, size, factor
        stretch = np.exp(rng.uniform(-0.7, 0.7, n))
        self.q = _orthogonal(rng, n) * stretch @ _orthogonal(rng, n)
        self.r = np.linalg.inv(self.q)
        self.bend = np.zeros(n - 1) if gradient else rng.uniform(-0.4, 0.4, n - 1)
        self.lean = rng.uniform(-0.8, 0.8, (n - m, m))
        self.drift = rng.uniform(-1.0, 1.0, n - m), rng.uniform(0.5, 4.0, n - m), rng.uniform(0.0, 6.0, n - m)
        self.stiff = np.exp(rng.uniform(-1.0, 1.0, n - m))
        self.mix = _orthogonal(rng, n) * np.exp(rng.uniform(-1.0, 1.0, n)) @ _orthogonal(rng, n)
        self.equations = self.gradient if gradient else self.root
        self.last = None

    def part(self, number, x, t):
        """Return F, dF/dx or dF/dt; all three are kept for the next question, which is often about the same point."""
        key = (x.tobytes(), t)
        if self.last is None or self.last[0] != key:
            self.last = key, self.equations(x, t)
        return self.last[1][number].copy()

    def slaved(self, u, t):
        """Return W, dW/du and dW/dt."""
        size, speed, phase = self.drift
        w = self.lean @ np.sin(u) + size * np.sin(speed * t + phase)
        return w, self.lean * np.cos(u), size * speed * np.cos(speed * t + phase)

    def x(self, u, t):
        """Return the point whose germ coordinates are u, the others at rest."""
        v = np.concatenate([u, self.slaved(u, t)[0]])
        for i in range(self.n - 2, -1, -1):
            v[i] -= self.bend[i] * np.sin(v[i + 1])
        return self.size * (self.q @ v)

    def z(self, x):
        """Return the coordinates (u, w) of a point, and dz/dv."""
        v = self.r @ (x / self.size)
        turn = np.eye(self.n)
        turn[range(self.n - 1), range(1, self.n)] = self.bend * np.cos(v[1:])
        return np.concatenate([v[:-1] + self.bend * np.sin(v[1:]), v[-1:]]), turn

    def root(self, x, t):
        """Return F, dF/dx and dF/dt."""
        m = self.m
        z, turn = self.z(x)
        u, w = z[:m], z[m:]
        g, g_u, g_t = self.germ.at(u, t)
        rest, rest_u, rest_t = self.slaved(u, t)
        r = w - rest
        e, e_z, e_t = np.empty(self.n), np.zeros((self.n, self.n)), np.empty(self.n)
        weight, slope = (1.0 + 0.3 * np.sin(w[0]), 0.3 * np.cos(w[0])) if w.size else (1.0, 0.0)
        e[:m], e_t[:m], e_z[:m, :m] = weight * g, weight * g_t, weight * g_u
        if w.size:
            e_z[:m, m] = slope * g
        d = 1.0 + 0.6 * r * r
        e[m:], e_t[m:] = r * (1.0 + 0.2 * r * r), -d * rest_t
        e_z[m:, :m] = -d[:, None] * rest_u
        e_z[range(m, self.n), range(m, self.n)] = d
        scaled = self.factor * self.mix
        return scaled @ e, scaled @ e_z @ turn @ self.r / self.size, scaled @ e_t

    def gradient(self, x, t):
        """Return the gradient, the Hessian and the gradient's derivative in t."""
        m, d = self.m, self.stiff
        z = self.r @ (x / self.size)
        u, w = z[:m], z[m:]
        g, g_u, g_t = self.germ.at(u, t)
        rest, rest_u, rest_t = self.slaved(u, t)
        pull = d * (w - rest)
        e, e_z = np.concatenate([g - rest_u.T @ pull, pull]), np.empty((self.n, self.n))
        e_z[m:, m:] = np.diag(d)
        e_z[m:, :m] = -d[:, None] * rest_u
        e_z[:m, m:] = e_z[m:, :m].T
        e_z[:m, :m] = g_u + rest_u.T @ (d[:, None] * rest_u) + np.diag(np.sin(u) * (self.lean.T @ pull))
        e_t = np.concatenate([g_t + rest_u.T @ (d * rest_t), -d * rest_t])
        scaled = self.factor * self.r.T
        return scaled @ e, scaled @ e_z @ self.r / self.size, scaled @ e_t


@dataclass(frozen=True)
class Member:
    """A system with its answers.

    ``x0`` lies on the curve at t0; `curve` and `others` give the points of the followed branch and of all others,
    which exist where `solutions` says so; `crossings` are the (t, x) at which the curve meets others, `folds` where it
    turns back; `success` says whether the curve arrives at t1; solutions are compared at ``times``, the ends first.
    """

    kind: str
    n: int
    size: float
    germ: Germ
    embedding: Embedding
    system: RootSystem
    t0: float
    t1: float
    times: tuple

    def unit(self, t):
        """Return t measured from 0 to 1."""
        return (t - self.t0) / (self.t1 - self.t0)

    def on(self, branch, t):
        """Return the point of a branch at t."""
        s = self.unit(t)
        return self.embedding.x(self.germ.u(branch, s), s)

    def curve(self, t):
        return self.on(self.germ.branches[0], t)

    @property
    def others(self):
        return [lambda t, b=b: self.on(b, t) for b in self.germ.branches[1:]]

    x0 = property(lambda self: self.curve(self.t0))
    success = property(lambda self: self.germ.success)
    crossings = property(lambda self: self._places(self.germ.crossings))
    folds = property(lambda self: self._places(self.germ.folds))

    def _places(self, units):
        return [(t, self.curve(t)) for t in (self.t0 + s * (self.t1 - self.t0) for s in units)]

    def solutions(self, t, *, connected=True):
        """Return the solutions at t that hang together with the curve, or all, as an array of shape (k, n)."""
        s = self.unit(t)
        alive = [b for b in self.germ.branches if b.low <= s <= b.high and (b.connected or not connected)]
        return np.array([self.on(b, t) for b in alive]).reshape(-1, self.n)

    def distance(self, x, y):
        """Return how far apart points are, in units of their size."""
        return np.linalg.norm(np.asarray(x) - y, axis=-1) / self.size


def make(kind, rng, n=1, size=1.0, *, differences=False, gradient=None, plain=False):
    """Return a random member of a kind; F and t in random units unless `plain`.

    A kernel of dimension two needs n of at least 2, and gets it.
    """
    germ = KINDS[kind](rng)
    n = max(n, len(germ.base))
    gradient = germ.symmetric and rng.uniform() < 0.4 if gradient is None else gradient
    factor, t0, t1 = 1.0, 0.0, 1.0
    if not plain:
        factor = 10.0 ** rng.choice((-6, -3, 0, 0, 0, 3, 6))
        t0, t1 = ((0.0, 1.0), (0.0, 1.0), (-2.0, 3.0), (0.0, 1e-3), (10.0, -90.0))[rng.integers(5)]
    e = Embedding(germ, rng, n, size, gradient=gradient, factor=factor)
    length = t1 - t0
    exact = {
        "jacobian": lambda x, t: e.part(1, x, (t - t0) / length),
        "dt": lambda x, t: e.part(2, x, (t - t0) / length) / length,
    }
    cls = GradientSystem if gradient else RootSystem
    system = cls(lambda x, t: e.part(0, x, (t - t0) / length), n, **({} if differences else exact))
    special = [0.0, 1.0, *germ.crossings, *germ.folds]
    between = max(rng.uniform(0.05, 0.95, 20), key=lambda s: min(abs(s - c) for c in special))
    return Member(kind, n, size, germ, e, system, t0, t1, (t0, t1, t0 + between * length))


def _apart(points, member, limit):
    """Return the least distance between points, at most `limit`."""
    gaps = [member.distance(points[:i], p).min() for i, p in enumerate(points) if i]
    return min([limit, *gaps])


def follow(member, **options):
    """Return the path of the member from its start to its end."""
    return track(member.system, member.x0, t0=member.t0, target=member.t1, **options)


def judge_track(member, path):
    """Return "right", "wrong curve with success" or "honest failure" (right, too, where no success can be)."""
    if not path.success:
        return "honest failure" if member.success else "right"
    if not member.success:
        return "wrong curve with success"
    # A path that crosses over twice ends where it should, too.
    if max(member.distance(p.x, member.curve(p.t)) for p in path.points) > OFF:
        return "wrong curve with success"
    near = 0.1 * _apart(member.solutions(member.t1, connected=False), member, 1e-3)
    return "right" if member.distance(path.x, member.curve(member.t1)) < near else "wrong curve with success"


def told(member, path, name="BP"):
    """Whether every crossing (or, for "LP", every fold) of the curve is among the events of the path."""
    places = member.crossings if name == "BP" else member.folds
    times = [member.unit(event.point.t) for event in path.events if event.name == name]
    return all(any(abs(t - member.unit(place)) < 1e-3 for t in times) for place, _ in places)


def judge_diagram(member, found):
    """Return "complete and right", "incomplete and says so" or "complete claimed but wrong"."""
    right = True
    for t in member.times:
        truth, given = member.solutions(t), [p.x for p in found.at(t)]
        near = 0.3 * _apart(member.solutions(t, connected=False), member, 0.1)
        if t not in (member.t0, member.t1):  # what is interpolated may be off by more than the distance of neighbors
            near = max(near, 5e-3)
        right &= all(given and member.distance(given, x).min() < near for x in truth)
        right &= all(truth.size and member.distance(truth, x).min() < near for x in given)
    if not found.complete:
        return "incomplete and says so"
    return "complete and right" if right else "complete claimed but wrong"


def explored(member, **options):
    """Return the diagram of the member."""
    bounds = (min(member.t0, member.t1), max(member.t0, member.t1))
    return diagram(member.system, member.x0, member.t0, explorer=Explorer(bounds=bounds, **options))


ACTIONS = {"track": (follow, judge_track), "diagram": (explored, judge_diagram)}


def count(kind, number, what="track", *, seed=0, **options):
    """Return the verdicts over random members of a kind, and what they were of: {(verdict, n, size): number}."""
    action, judge = ACTIONS[what]
    verdicts = Counter()
    for k in range(number):
        rng = np.random.default_rng([seed, k, sum(map(ord, kind))])
        member = make(kind, rng, NS[k % 4], SIZES[(k // 4) % 5], **options)
        try:
            found = action(member)
            verdict = judge(member, found)
            if what == "track" and verdict == "right" and not told(member, found, "BP" if member.success else "LP"):
                verdict = "right, events untold"
        except (HomotopyError, ArithmeticError, np.linalg.LinAlgError) as error:
            verdict = f"raised {type(error).__name__}"
        verdicts[verdict, member.n, member.size] += 1
    return verdicts


def main(arguments):
    """Print a table for a kind, or for all."""
    number, kinds = int(arguments[0]), list(KINDS) if arguments[1] == "all" else arguments[1:2]
    options = {name: name in arguments[2:] for name in ("plain", "differences")}
    for kind in kinds:
        print(f"\n{kind:48s} {'all':>5s}" + "".join(f"{f'n={n}':>6s}" for n in NS) + "".join(f"{s:>8g}" for s in SIZES))
        for what in [name for name in ACTIONS if name in arguments[2:]] or ACTIONS:
            verdicts = count(kind, number, what, **options)
            for verdict in sorted({v for v, _, _ in verdicts}):
                of = {(n, size): c for (v, n, size), c in verdicts.items() if v == verdict}
                by_n = "".join(f"{sum(c for (m, _), c in of.items() if m == n):6d}" for n in NS)
                by_size = "".join(f"{sum(c for (_, z), c in of.items() if z == size):8d}" for size in SIZES)
                print(f"{what + ': ' + verdict:48s} {sum(of.values()):5d}{by_n}{by_size}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
