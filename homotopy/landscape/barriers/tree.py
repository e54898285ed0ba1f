"""The disconnectivity tree: at which value minima come together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import Any

from scipy.cluster.hierarchy import DisjointSet

from homotopy.arguments import integer
from homotopy.doors import door, doors
from homotopy.landscape.barriers.connecting import Connection, Connections, census, connections
from homotopy.landscape.barriers.linking import linked
from homotopy.landscape.critical.point import CriticalPoint
from homotopy.threads import one_blas_thread

__all__ = ["Merge", "Tree", "disconnectivity"]


@doors
@dataclass(frozen=True, eq=False)
class Merge:
    """Two groups of minima that come together.

    Attributes
    ----------
    level : float
        The value of the saddle: below it the two are apart, as far as saddles are known.
    saddle : CriticalPoint
        The saddle.
    left, right : int
        The groups: i < m is the minimum of that number of m, m + k the k-th merge.
    """

    level: float
    saddle: CriticalPoint
    left: int
    right: int


@doors
@dataclass(frozen=True, eq=False)
class Tree:
    """Minima and the values at which they come together.

    Attributes
    ----------
    minima : tuple of CriticalPoint
        The leaves.
    merges : tuple of Merge
        By ascending level; each joins two groups, numbered as in SciPy's linkage matrices.
    notes : tuple of str
        Sentences on what was tried in vain.
    """

    minima: tuple[CriticalPoint, ...]
    merges: tuple[Merge, ...]
    notes: tuple[str, ...] = ()

    @property
    def roots(self) -> tuple[int, ...]:
        """The groups that are part of no other, the one with the lowest minimum first."""
        inside = {node for merge in self.merges for node in (merge.left, merge.right)}
        every = range(len(self.minima) + len(self.merges))
        return tuple(sorted((node for node in every if node not in inside), key=self.lowest))

    @property
    def n_parts(self) -> int:
        """The number of parts that no known saddle connects; 1 where the tree is whole."""
        return len(self.roots)

    def leaves(self, node: int) -> list[int]:
        """Return the minima of a group, the lower side of each merge first."""
        out, stack = [], [integer("node", node, least=0, most=len(self._members) - 1)]
        while stack:
            at = stack.pop()
            if at < len(self.minima):
                out.append(at)
            else:
                merge = self.merges[at - len(self.minima)]
                sides = sorted((merge.left, merge.right), key=self.lowest)
                stack += reversed(sides)
        return out

    def lowest(self, node: int) -> float:
        """Return the value of the lowest minimum of a group."""
        members = self._members[integer("node", node, least=0, most=len(self._members) - 1)]
        return min(self.minima[leaf].value for leaf in members)

    def level(self, i: int, j: int) -> float:
        """Return the least value below which two minima are apart: infinite where no known saddle connects them."""
        i, j = self._minimum("i", i), self._minimum("j", j)
        if i == j:
            return self.minima[i].value
        for merge, inside in zip(self.merges, self._members[len(self.minima) :], strict=True):
            if i in inside and j in inside:
                return merge.level
        return inf

    def barrier(self, i: int, j: int) -> float:
        """Return how far a path between two minima must rise above the higher of them, by known saddles."""
        i, j = self._minimum("i", i), self._minimum("j", j)
        return self.level(i, j) - max(self.minima[i].value, self.minima[j].value)

    def escape(self, i: int) -> float:
        """Return how far a path from a minimum to any lower one must rise above it; infinite of the lowest one.

        A minimum of equal value, to nine digits or to rounding beside the largest value of the tree, is not lower.
        """
        i = self._minimum("i", i)
        value = self.minima[i].value
        size = max(abs(one) for one in (*(m.value for m in self.minima), *(merge.level for merge in self.merges)))
        least = value - max(1e-9 * abs(value), 1e-14 * size)
        return min((self.level(i, j) - value for j, one in enumerate(self.minima) if one.value < least), default=inf)

    def _minimum(self, name: str, i: int) -> int:
        return integer(name, i, least=0, most=len(self.minima) - 1)

    @cached_property
    def _members(self) -> list[frozenset[int]]:
        """The minima of each group."""
        groups = [frozenset([i]) for i in range(len(self.minima))]
        for merge in self.merges:
            groups.append(groups[merge.left] | groups[merge.right])
        return groups


@door
@one_blas_thread
def disconnectivity(points: Any, known: Iterable[Connection] | None = None, *, attempts: int = 20) -> Tree:
    """Return the tree of the minima by the lowest saddles between them, up to symmetry.

    Parameters
    ----------
    points : CriticalPoints
        The critical points of an objective.
    known : Connections or None
        What `connections` returned for them; None asks for it here.
    attempts : int
        Pairs of minima, of parts that no saddle connects, between which `lowest_path` is tried; 0 leaves them apart.

    Returns
    -------
    Tree
        Its levels are bounds from above: a saddle that is not known may be lower.

    Raises
    ------
    ArgumentError
        If `points` are no CriticalPoints, or `attempts` is negative.

    Notes
    -----
    Saddles of index 1 are taken by ascending value; one whose sides belong to different groups joins them. The pairs
    that are tried are the nearest ones up to symmetry, between the part of the lowest minimum and another.

    References
    ----------
    O. M. Becker and M. Karplus, J. Chem. Phys. 106 (1997) 1495; D. J. Wales, M. A. Miller and T. R. Walsh, Nature 394
    (1998) 758.
    """
    attempts = integer("attempts", attempts, least=0)
    points = census(points)
    given = connections(points) if known is None else known
    if not isinstance(given, Connections):
        given = Connections(given, points.minima)
    found = linked(points.objective, given, attempts=attempts)
    merges, sets = [], DisjointSet(range(len(found.minima)))
    node = dict(enumerate(range(len(found.minima))))  # from a set's root to its number
    for one in found:
        left, right = (sets[end] for end in one.ends)
        if left != right:
            merges.append(Merge(one.saddle.value, one.saddle, *sorted((node[left], node[right]))))
            sets.merge(left, right)
            node[sets[left]] = len(found.minima) + len(merges) - 1
    tree = Tree(found.minima, tuple(merges), found.notes)
    if tree.n_parts < 2:
        return tree
    note = f"the tree is in {tree.n_parts} parts: no saddle that connects them was found"
    return Tree(tree.minima, tree.merges, (*tree.notes, note))
