"""Errors planted in the compiled kernels, one at a time: each must make the tests that are named beside it fail.

An entry says the file in ext/, a text that occurs there once, what stands there instead, the tests, and the modules
that are built again; without these those of the file's own room which the file is compiled into.
"""

from typing import NamedTuple


class Planted(NamedTuple):
    """An error: `before` in `file` becomes `after`, which some of `tests` must notice."""

    file: str
    before: str
    after: str
    tests: str
    modules: str = ""


MLP = "tests/core/test_mlp_kernels.py tests/objectives/test_risk.py tests/models/test_mlp.py"
NARROW = "tests/core/test_narrow_kernels.py tests/core/test_mlp_kernels.py"
LOSSES = "tests/models/test_losses.py " + MLP
SMOOTH = "tests/core/test_mlp_kernels.py tests/models/smoothing"
RNN = "tests/core/recurrent tests/core/test_rnn_matrix.py tests/objectives/recurrent"
TEACHER = "tests/objectives/test_teacher.py tests/objectives/test_teacher_many.py"
BLOCKS = "tests/descent/test_blocks.py " + TEACHER
MERGES = "tests/objectives/units " + TEACHER
WEIGHTS = "tests/weights"
DESCENT = "tests/descent/test_descend.py tests/descent/rules tests/descent/test_adaptive.py"
TINY = "tests/descent/test_tiny.py tests/descent/test_family.py"
DAMPED = "tests/descent/test_damped.py tests/descent/test_damped_lanes.py"
LANES = "tests/descent/test_lanes.py tests/objectives/test_many.py"
LBFGS = "tests/descent/test_lbfgs.py tests/descent/test_blocks.py tests/descent/test_units.py"
QUASI = "tests/descent/test_quasi.py"
MOVES = "tests/objectives/units tests/weights/test_moves.py"
SIGNS = "tests/core/test_sign_search.py tests/homotopies/test_signs.py"
DRAWS = "tests/test_streams.py tests/objectives/units/test_compiled.py"
VMATH = "tests/core/test_vmath.py"
CURVES = "tests/core/test_curves.py"
FAMILY = "tests/descent/test_family.py tests/homotopies/test_contract.py tests/homotopies/test_proximal.py"
BESIDE = "tests/homotopies/test_skip.py tests/objectives/units"
TRACK = "tests/bench/test_traces.py tests/homotopies/test_bratu.py"
INTERRUPTS = "tests/test_interrupts.py::test_loops_end_by_a_signal_and_by_a_request"

ERRORS = [
    # net: whole risks by matrix products
    Planted("net/mlp_risk.h", "0, n, &f, grad, i > 0);", "0, n, &f, grad, 1);", MLP),
    Planted("net/mlp_risk.h", "return 0.5 * weight * sum;", "return weight * sum;", MLP),
    Planted("net/mlp_risk.h", "Y0[i] + t * ((double)Y[i] - Y0[i])", "Y0[i] + t * (double)Y[i]", MLP),
    Planted("net/mlp_risk.h", "sum -= 0.5 * (1 - t * t) * square", "sum -= 0.5 * (1 - t) * square", MLP),
    Planted("net/mlp_tangent.h", "if (!gauss && v)", "if (v)", MLP),
    Planted("net/mlp_tangent.h", "sum += t * f->part[i]", "sum += f->part[i]", MLP),
    Planted("net/mlp_dense.h", "H[i * p + i] += (real)TYPED(penalty)(r, t);", "(void)t;", MLP),
    Planted("net/mlp_kernels.h", "((double *)out)[i] += weight * ((const double *)v)[i];", "continue;", NARROW),
    Planted("net/mlp_core.pxi", "memcmp(x, self.kept_x, self.n * item)", "memcmp(x, self.kept_x, item)", MLP),
    # passes: element by element, samples in vectors
    Planted(
        "passes/mlp_passes.h",
        "LOOP(rdelta[t] * HP_SLOPE_##code(a[t]) + HP_CURL",
        "LOOP(rdelta[t] * HP_SLOPE_##code(a[t]) - HP_CURL",
        MLP,
        modules="mlp",
    ),
    Planted("passes/mlp_losses.h", "while (top < k - 1 &&", "while (top < k - 2 &&", LOSSES, modules="mlp"),
    Planted("passes/mlp_losses.h", "scale * w[i], delta + i * k,", "scale, delta + i * k,", WEIGHTS, modules="mlp"),
    Planted("passes/act.h", "-cube * x * (1 + square * w)", "-cube * x * (1 + w)", SMOOTH, modules="mlp"),
    Planted("passes/act.h", "*h = -z / (s * s) * *g;", "*h = -z / s * *g;", SMOOTH, modules="mlp"),
    Planted("passes/loss.h", "- (y) * (rest) * (share))", "- (y) * (share))", LOSSES, modules="mlp"),
    Planted("passes/narrow_risk.h", "if (net->bias) sums[j] *= w[j];", "(void)sums;", NARROW, modules="mlp"),
    Planted("passes/narrow_gram.h", "if (hessian && j == l) value", "if (hessian) value", NARROW, modules="mlp"),
    Planted("passes/narrow_tangent.h", "V x = AT(ro, c, i) - mean;", "V x = AT(ro, c, i);", NARROW, modules="mlp"),
    Planted(
        "passes/narrow_products.h",
        "if (width / LANES % 2) even +=",
        "if (width / LANES % 4 == 1) even +=",
        NARROW,
        modules="mlp",
    ),
    Planted(
        "passes/narrow_products.h",
        "NAME(first)(n - v * LANES)",
        "NAME(first)(n - v * LANES + 1)",
        NARROW,
        modules="mlp",
    ),
    Planted(
        "passes/narrow_losses.h", "(rest - 1) * (real)0.5, rest)", "rest * (real)0.5, rest)", NARROW, modules="mlp"
    ),
    Planted(
        "passes/mlp_small.h", "target -= (1 - t) * (y[i] - y0[i])", "target -= (1 - t) * y0[i]", MLP, modules="mlp"
    ),
    Planted(
        "passes/many_products.h", "*to = add ? *to + sum[q][r] : sum[q][r];", "*to = sum[q][r];", LANES, modules="many"
    ),
    # recurrent
    Planted("recurrent/rnn_cells.h", "        ON(past) = a * u;", "        ON(past) = a * (1 - u);", RNN),
    Planted("recurrent/rnn_cells.h", "- 2 * a * o * top * rtop;", "- a * o * top * rtop;", RNN),
    Planted("recurrent/rnn_passes.h", "low == 1 && NAME(still)(s) ? 2 : low", "low == 1 ? 2 : low", RNN),
    Planted("recurrent/rnn_matrix.h", "AT(row, c, v) -= mean;", "AT(row, c, v) -= 0 * mean;", RNN),
    Planted("recurrent/rnn_kernels.h", "if (rate || r->l2 == 0) return value;", "if (r->l2 == 0) return value;", RNN),
    Planted("recurrent/rnn_products.h", "else BLOCK(2, 1)", "else BLOCK(2, 3)", RNN),
    # teacher
    Planted("teacher/teacher_second.h", "da += (1.0 - P.diag_c[i])", "da += (1.0 + P.diag_c[i])", TEACHER),
    Planted("teacher/teacher_first.h", "NAME(ts_axpy)(0.25 * f, P->mean", "NAME(ts_axpy)(0.125 * f, P->mean", TEACHER),
    Planted("teacher/teacher_angles.h", "s2 * (ii * ii + P->inv[j] * P->inv[j])", "s2 * ii * ii", TEACHER),
    Planted("teacher/teacher_lanes.h", "weighted |= ((double", "weighted = ((double", BLOCKS),
    Planted("teacher/teacher_lanes.h", "top = LARGER(size, top);", "top = size;", TEACHER),
    # descent
    Planted("descent/descent.h", "return s->n_lowest++ >= window", "return s->n_lowest++ > window", DESCENT),
    Planted("descent/damped.h", "q->growth = 2.0;\n    q->known = 0;", "q->known = 0;", DAMPED),
    Planted("descent/rule.h", "v[i] = PICK(turn < 0, zero, g[i]);", "v[i] = g[i];", DESCENT),
    Planted("descent/rule.h", "x[i] -= h * (g[i] + p.b1 * u[i]);", "x[i] -= h * (g[i] + u[i]);", DESCENT),
    Planted(
        "descent/tiny_kernel.h",
        "for (int k = 0; k <= (d + 2) * nv; k++) g[k] += l2",
        "for (int k = 0; k < (d + 2) * nv; k++) g[k] += l2",
        TINY,
    ),
    Planted("descent/lanes_dense.h", "if (k < p) even -= column[k] * d[k];", "(void)k;", DAMPED, modules="damped"),
    # lanes
    Planted("lanes/many_block.h", "value[c] * 0.0 + square[c] * 0.0 == 0.0", "value[c] * 0.0 == 0.0", LANES),
    Planted("lanes/many_block.h", "if (q < plan->size) even += g[q * nv + c] * g[q * nv + c];", "(void)q;", LANES),
    Planted("lanes/pool.h", "b->limit[i] = b->limit[last];", "", LANES),
    Planted("lanes/quasi_pool.h", "(old.head[home] + k) % m", "k % m", QUASI),
    Planted(
        "lanes/damped_block.h", "q->factors[at] * gram[at] + q->diagonal[i],", "q->factors[at] * gram[at],", DAMPED
    ),
    # lbfgs
    Planted(
        "lbfgs/lbfgs_machine.h",
        "if (s->n_pairs < s->set->memory)",
        "if (s->n_pairs <= s->set->memory)",
        LBFGS,
        modules="descent",
    ),
    Planted("lbfgs/lbfgs_machine.h", "/ (2.0 * (f_trial", "/ ((f_trial", LBFGS, modules="descent"),
    Planted("lbfgs/lbfgs_sweeps.h", "last ? s->scale : 1.0", "1.0", LBFGS, modules="descent"),
    Planted(
        "lbfgs/lbfgs_sweeps.h",
        "for (int64_t i = n; i < s->n; i++)",
        "for (int64_t i = n; i + 1 < s->n; i++)",
        LBFGS,
        modules="descent",
    ),
    # moves
    Planted("moves/moves_removal.h", "(m->beside ? 0 : r.weights", "(r.weights", MOVES),
    Planted("moves/moves_growth.h", "!(fabs(sum /", "!((sum /", MOVES),
    Planted("moves/moves_growth.h", "s < n; s++) r->delta[s * k + c] *= u->roots[s];", "s < 0; s++) continue;", MOVES),
    Planted("moves/moves_draw.h", "if (u->upto[middle] > share)", "if (u->upto[middle] >= share)", MOVES),
    Planted("moves/signs_body.h", "if (w->n < 3) /*", "if (w->n < 2) /*", SIGNS),
    Planted("moves/signs.h", "if (!memcmp(w->signs + i * w->n, c,", "if (0 && !memcmp(w->signs + i * w->n, c,", SIGNS),
    # merges
    Planted(
        "merges/merges_body.h", "if (l != i) *hp_units_pair(u, i, l) = *hp_units_pair(u, last, l);", "(void)l;", MERGES
    ),
    Planted("merges/merges_body.h", "u->norms[i] = u->norms[last];", "", MERGES),
    # draws
    Planted(
        "draws/philox.h",
        "for (int i = 0; i < 4; i++)\n        if (++",
        "for (int i = 0; i < 1; i++)\n        if (++",
        DRAWS,
    ),
    Planted("draws/philox.h", "s->half = bits >> 32;", "s->half = bits >> 31;", DRAWS),
    # vmath
    Planted("vmath/vmath.h", "return NAME(pick)((VI)(x == NAME(all)(0)), x, e);", "return e;", VMATH),
    Planted("vmath/vmath.h", "w = n * K.half_pi[2]", "w = n * K.half_pi[3]", VMATH),
    Planted(
        "vmath/vmath.h",
        "for (int j = 0; j < count; j++) x[j] = v[j];",
        "for (int j = 0; j <= count; j++) x[j] = v[j];",
        VMATH,
    ),
    Planted("vmath/vmath_constants.h", "0x1.a01a019f4c9c5p-16", "0x1.a01a019f4c9c5p-15", VMATH),
    # account
    Planted("account/thin.h", "| (kept < 2);", "| (kept < 1);", CURVES),
    Planted("account/curves.pyx", "min(cost, p.after[place[j]])", "cost", CURVES),
    # objective
    Planted("objective/family.h", "family->toll ? t * (1.0 - t)", "family->toll ? t", FAMILY),
    Planted(
        "objective/family.h",
        "rest + hp_family_share(family, i, t) * (x[i] - rest)",
        "rest + hp_family_share(family, i, t) * x[i]",
        FAMILY,
    ),
    Planted(
        "objective/beside_body.h",
        "top = NAME(pick)(z < zero, zero, one - seen);",
        "top = NAME(pick)(z < zero, zero, one);",
        BESIDE,
    ),
    Planted(
        "objective/curvature.pyx",
        "(a[i] - b[i]) / (2.0 * h)",
        "(a[i] - b[i]) / h",
        "tests/methods/test_baselines.py",
    ),
    # track
    Planted("track/arclength.h", "- 0.25 * (a + b)) * a < 0", "+ 0.25 * (a + b)) * a < 0", TRACK),
    Planted("track/bratu.h", "((product < 0) != (first < 0))", "(product < 0)", TRACK),
    Planted(
        "track/arclength.h",
        "0.5 * (set->iterations - (double)n_iter)",
        "0.25 * (set->iterations - (double)n_iter)",
        TRACK,
    ),
    # machine
    Planted("machine/gemm.h", "if (t->add) c[i][j] += NAME(partial)(to, t->last);", "", MLP, modules="mlp"),
    Planted(
        "machine/gemm.h",
        "const int last = (int)(columns - (vectors - 1) * LANES)",
        "const int last = (int)(columns - (vectors - 1) * LANES) - 1",
        MLP,
        modules="mlp",
    ),
    Planted(
        "machine/stream.h",
        "if (i + 1 < n) x[i + 1]",
        "if (i + 2 < n) x[i + 1]",
        "tests/descent",
        modules="descent many",
    ),
    Planted(
        "machine/arrays.pxd",
        "(rows >= 0 and cnp.PyArray_DIM(<cnp.ndarray>array, 0) != rows)",
        "(rows >= 0 and cnp.PyArray_DIM(<cnp.ndarray>array, 0) < rows)",
        "tests/core/test_arrays.py",
        modules="curves signs",
    ),
    # interrupts
    Planted(
        "interrupts/halt.h",
        "if (now - watch->since > 0.05) {",
        "if (now - watch->since > 500) {",
        INTERRUPTS,
        modules="moves signs",
    ),
    Planted("interrupts/halt.h", "hp_read(&hp_halt_now->asked) ||", "", INTERRUPTS, modules="descent many"),
]
