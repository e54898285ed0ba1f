"""The fixed words of the page on what escapes: how to read it, and what is known."""

from __future__ import annotations

__all__ = ["HEAD", "PRIOR", "READING"]

HEAD = """# Which methods escape

Written by `{command}` from its own runs: {cells:,} cells, {runs:,} runs on fresh seeds, {minutes:,.1f} minutes of
processor time. Every method is charged in gradient-equivalents: wider nets by their flops, merges, projections, sign
searches, matrices, dictionaries. A gradient of the problem's own objective costs 1.

![Four panels: the loss of spurious minima grows by the same amount with every anti-aligned unit; the cost of the skip
homotopy grows like a power of k; expected costs of the best homotopy, the best other method and auto on every row;
success of single runs](escape.png)
"""

READING = """## How to read it

- *Success a run* is the share of single runs that reach the problem's target within the row's budget, with its Wilson
  95 % interval. Runs are taken as independent; where a row has many teachers, runs on one teacher are alike, and the
  interval is then too narrow.
- *Runs* differ: methods that are interpreted, or whose steps are dear, get fewer, and their intervals are wider. With
  fewer runs than teachers only the first teachers are run.{left_out}
- *E\\** is the expected cost to the first success when the method starts again at its best cutoff: it is multi-start of
  the method. The cutoff was chosen on other seeds than those shown, a quarter as many, but 40 where there are so many.
  With fewer than five successes there no cutoff can be chosen, and runs are not cut (`-`).
- The interval of E\\* is a bootstrap, drawn over teachers where a row has several. At 100 % success it is narrow by
  construction: read the success beside it. An upper end `inf` says that more than one resample in forty is without a
  success.
- `> N`: no run succeeded. By the rule of three the true E\\* then exceeds a third of what all runs spent, at a
  confidence of 95 %. Where that holds of all methods of a kind, the one with most runs is shown.
- `auto` starts again *within* a run until the row's budget is spent, so its success a run is not that of one try and
  must not be held against the single-run rates of other methods; its E\\* may be, since all methods start again there.
  `auto:restarts=1` is one try of its first choice.
- The best of some twenty methods is picked after the fact, which flatters it: `auto` is held against the best cell of
  each row, whose E\\* is the lowest of many estimates.
"""

PRIOR = """## What is known

What follows was read as an abstract unless it says otherwise; no claim of novelty is made for anything here.

- I. Safran and O. Shamir, ICML 2018 (arXiv 1712.08968): the spurious minima of the teacher rows, and the share of
  gradient descents that end in them. The authors' code and result files were read (`papers/safran2018`).
- I. Safran, G. Yehudai and O. Shamir, COLT 2021 (arXiv 2006.01005): adding one neuron turns a non-global minimum into a
  saddle, under conditions that they check numerically. Y. Arjevani and M. Field (arXiv 2210.06088): the same by
  symmetry; minima of lesser symmetry need more neurons. This is why `width` works.
- J. Huang, B. Loureiro and S. Sarao Mannelli, 2026 (arXiv 2604.09412): the minima of exactly this population risk,
  ordered into discrete families by summary statistics. The count of anti-aligned units above is such a statistic; the
  two classifications were not compared.
- R. Ge, J. D. Lee and T. Ma, ICLR 2018 (arXiv 1711.00501): the population risk decomposes tensors of all orders at
  once, and an objective built from some of its orders has global minima only, with proof. The skip stage, which drops
  the degrees 0 and 1, is of that kind, without a proof.
- P. Awasthi, A. Tang and A. Vijayaraghavan, NeurIPS 2021 (arXiv 2107.10209; abstract and an excerpt of the results):
  units are found from the tensors of higher degree of the Hermite expansion. Such tensors of even degree do not tell
  w from -w, which is the same ambiguity that the flips resolve here.
- S. Liang, R. Sun, J. D. Lee and R. Srikant, NeurIPS 2018 (arXiv 1805.08671): one special neuron with a skip connection
  to the output makes every local minimum global, in binary classification.
- L. Wang, B. Shen, N. Zhao and Z. Zhang, IJCAI 2020 (arXiv 2006.05939): with a skip connection, local minima of deep
  relu nets that are worse than the best two-layer net are shallow when the net is wide. C. D. Freeman and J. Bruna,
  ICLR 2017 (arXiv 1611.01540): level sets of wide nets with one hidden layer are asymptotically connected.
- R. Ge, R. Kuditipudi, Z. Li and X. Wang 2018 (*Learning two-layer neural networks with symmetric inputs*): recovery by
  moments and tensors for any symmetric inputs.
- Y. Tian, ICML 2017 (arXiv 1703.00560; abstract and first page): the population gradient in closed form.
- D. Gorse, A. J. Shepherd and J. G. Taylor, Neural Networks 10 (1997): a homotopy on the range of the targets (`era`
  here), said to find a global minimum in almost every case. The table shows on which rows that is seen again.
- Not read, named from memory: B. Hassibi and D. G. Stork 1992, the pruning rule of `width`. A. Damian, J. D. Lee and
  M. Soltanolkotabi 2022 (arXiv 2206.15144) are remembered to subtract the linear part of the labels before they train
  features; the abstract, which was read, does not say so.

Searches for a free linear path that is followed by sign flips found no earlier source. They covered public pages only
and prove nothing.
"""
