/* Levenberg-Marquardt of a block of starts in step: the Gauss-Newton matrix, the decision, the next trial.

   Included once per instruction set (each_isa.h); values and gradients come from elsewhere
   (hp_lanes_table), with their activations in the block. */
#if HP_BYTES
#include "act.h"
#include "coth.h"
#define V NAME(vec)
#define I NAME(ivec)
#define AI static inline __attribute__((always_inline))
#define W LANES
#define FLAG(mask) ((V)((I)(mask) & (I)NAME(all)(1.0)))
#include "lanes_dense.h"

/* Where J's rows of one vector of lanes come from and go to: n samples in the block, of which `count` from s0 on. */
typedef struct {
    const hp_plan *plan;
    const hp_block *b;
    const double *X;
    int64_t n, s0, stride; /* stride: entries of a row */
    int c, count, plain;
    V *J, *roots;
    const double *w; /* weights of the samples; NULL for one each */
} NAME(tile);

/* What J's rows are multiplied by: the slope of the output, the root of the sample's weight, and the root of the loss's
   curvature where each output has its own; softmax gets its probabilities besides, in the second half. */
static void NAME(row_roots)(const NAME(tile) *q) {
    const hp_risk *risk = q->plan->risk;
    const hp_block *b = q->b;
    const int nv = b->lanes / W, k = q->plan->n_outputs, L = risk->net.n_layers;
    const int kind = b->d[L] ? HP_N_ACTIVATIONS : risk->net.output;
    const V *stored = (const V *)(b->d[L] ? b->d[L] : b->a[L]);
    V *p = q->roots + q->count * k;
    for (int s = 0; s < q->count; s++) {
        const V *o = (const V *)b->a[L] + (q->s0 + s) * nv + q->c;
        for (int j = 0; j < k; j++) {
            V slope = NAME(slope)(kind, 0, o[j * q->n * nv], stored[(j * q->n + q->s0 + s) * nv + q->c]);
            if (risk->loss == HP_BERNOULLI) {
                const V small = NAME(block_logistic_of)(NAME(negative)(o[j * q->n * nv]));
                slope *= NAME(root)(small - small * small);
            }
            q->roots[s * k + j] = q->w ? slope * sqrt(q->w[q->s0 + s]) : slope;
        }
        if (risk->loss != HP_SOFTMAX) continue;
        V top = o[0], sum = {0};
        for (int j = 1; j < k; j++) top = NAME(pick)((I)(o[j * q->n * nv] > top), o[j * q->n * nv], top);
        for (int j = 0; j < k; j++) sum += p[s * k + j] = NAME(vexp)(o[j * q->n * nv] - top);
        for (int j = 0; j < k; j++) p[s * k + j] /= sum;
    }
}

/* The row of J of output o of sample s: derivatives in all weights times its root, or as they are and the residual. */
AI void NAME(row_of)(int kind, int d, const NAME(tile) *q, int64_t s, int o, V *restrict row) {
    const hp_block *b = q->b;
    const hp_net *net = &q->plan->risk->net;
    const int nv = b->lanes / W, k = q->plan->n_outputs, m = net->sizes[net->n_layers - 1];
    const int64_t last = net->start[net->n_layers - 1], step = q->n * nv, at = (q->s0 + s) * nv + q->c;
    const double *X = q->X + (q->s0 + s) * d;
    const V root = q->plain ? NAME(all)(1.0) : q->roots[s * k + o];
    V *out = row + last;
    for (int64_t i = last; k > 1 && i < q->plan->size; i++) row[i] = (V){0};
    if (net->n_layers == 1) {
        for (int i = 0; i < d; i++) out[o * d + i] = root * X[i];
    } else {
        const V *w = (const V *)b->x + (last + (int64_t)o * m) * nv + q->c, *a = (const V *)b->a[1] + at;
        const V *stored = (const V *)(b->d[1] ? b->d[1] : b->a[1]) + at;
        V *biases = row + (int64_t)m * d;
        for (int64_t j = 0; j < m; j++) {
            const V f = a[j * step], e = root * w[j * nv] * NAME(slope)(kind, 0, f, stored[j * step]);
            for (int i = 0; i < d; i++) row[j * d + i] = e * X[i];
            if (net->bias) biases[j] = e;
            out[o * m + j] = root * f;
        }
    }
    if (net->bias) out[k * m + o] = root;
    if (q->plain) row[q->plan->size] = ((const V *)b->delta[0])[at];
}

AI void NAME(rows_of)(int kind, int d, const NAME(tile) *q) {
    const int k = q->plan->n_outputs;
    for (int64_t s = 0; s < q->count; s++)
        for (int o = 0; o < k; o++) NAME(row_of)(kind, d, q, s, o, q->J + (s * k + o) * q->stride);
}

/* The kinds and inputs that are worth code of their own. */
static void NAME(rows)(const NAME(tile) *q) {
    const hp_net *net = &q->plan->risk->net;
    const int kind = q->b->d[1] ? HP_N_ACTIVATIONS : net->activation, d = net->sizes[0];
    if (kind == HP_TANH && d == 1) NAME(rows_of)(HP_TANH, 1, q);
    else if (kind == HP_TANH && d == 2) NAME(rows_of)(HP_TANH, 2, q);
    else if (kind == HP_RELU && d == 2) NAME(rows_of)(HP_RELU, 2, q);
    else NAME(rows_of)(kind, d, q);
}

/* sqrt(p_c) (J_c - sum_b p_b J_b) for the k rows of a sample, as in mix_rows. */
static void NAME(mix)(int k, int64_t size, const V *p, V *J, V *mean) {
    for (int64_t q = 0; q < size; q++) {
        mean[q] = (V){0};
        for (int c = 0; c < k; c++) mean[q] += p[c] * J[c * size + q];
    }
    for (int c = 0; c < k; c++) {
        const V root = NAME(root)(p[c]);
        for (int64_t q = 0; q < size; q++) J[c * size + q] = root * (J[c * size + q] - mean[q]);
    }
}

/* Adds the products of J's rows of n samples, whose activations are in the block, to the triangles of all lanes.
   Returns whether it made the gradients so far too: J'J has them in a row of its own where J has the residual. */
static int NAME(curve)(const hp_plan *plan, hp_block *b, int64_t row, int64_t n) {
    hp_damped_block *q = (hp_damped_block *)b;
    const int k = plan->n_outputs, nv = b->lanes / W;
    const int64_t p = plan->size;
    NAME(tile) tile = {plan, b, (const double *)plan->risk->X + row * plan->risk->net.sizes[0], n, 0, p + q->plain,
                       0, 0, q->plain, (V *)q->jacobian, (V *)q->roots, NULL};
    if (plan->risk->sample_weights) tile.w = (const double *)plan->risk->sample_weights + row;
    for (int c = 0; c < nv; c++) {
        V *gram = (V *)q->gram + (q->entries + p + 1) * c;
        tile.c = c;
        for (tile.s0 = 0; tile.s0 < n; tile.s0 += q->tile) {
            tile.count = (int)(n - tile.s0 < q->tile ? n - tile.s0 : q->tile);
            if (!q->plain) NAME(row_roots)(&tile);
            NAME(rows)(&tile);
            for (int64_t s = 0; plan->risk->loss == HP_SOFTMAX && s < tile.count; s++)
                NAME(mix)(k, p, tile.roots + (tile.count + s) * k, tile.J + s * k * p, (V *)q->mean);
            NAME(gram_of)((int64_t)tile.count * k, tile.stride, tile.J, row > 0 || tile.s0 > 0, gram);
        }
        for (int64_t i = 0; q->plain && i < p; i++) ((V *)b->g)[i * nv + c] = gram[q->entries + i];
    }
    return q->plain;
}

#define ROW(at) ((V *)q->table)[(int64_t)(at) * nv + c]
#define AT(name) ROW(HP_LANE_##name)

/* Norms of the gradients at the trial points; where a square overflows or vanishes, a lane by itself. */
AI V NAME(norms)(const hp_damped_block *q, int c) {
    const V square = ((const V *)q->block.square)[c];
    V norm = NAME(root)(square);
    const I odd = (I)(square <= 1e-280) | (I)(square == INFINITY);
    int64_t any = 0;
    for (int i = 0; i < W; i++) any |= odd[i];
    for (int i = 0; any && i < W; i++)
        if (odd[i]) norm[i] = hp_lane_norm(q, c * W + i);
    return norm;
}

/* Takes over the trial points of lanes where `moved`, and gradients and matrices where `taken`. */
AI void NAME(take)(hp_damped_block *q, int nv, int c, I moved, I taken) {
    const int64_t p = q->size;
    const V *x = (const V *)q->block.x + c, *g = (const V *)q->block.g + c;
    const V *gram = (const V *)q->gram + (q->entries + p + 1) * c;
    for (int64_t i = 0, at = 0; i < p; i++) {
        ROW(HP_LANE_X + i) = NAME(pick)(moved, x[i * nv], ROW(HP_LANE_X + i));
        for (int64_t j = 0; j < i; j++, at++)
            ROW(q->at_matrix + at) = NAME(pick)(taken, q->factors[at] * gram[at], ROW(q->at_matrix + at));
        ROW(q->at_matrix + at) = NAME(pick)(taken, q->factors[at] * gram[at] + q->diagonal[i], ROW(q->at_matrix + at));
        at++;
    }
    for (int64_t i = 0; i < p; i++) {
        V *to = &ROW(q->at_matrix + q->entries + i);
        *to = NAME(pick)(taken, g[i * nv], *to);
    }
}

/* Says of every lane whether its trial is accepted, as hp_damped_step does, and which damping follows; returns whether
   the driver must look at any: at those that moved where `always`, else at those that may have ended. */
static int NAME(decide)(const hp_settings *set, hp_damped_block *q, int always) {
    const int nv = q->block.lanes / W;
    I any = {0};
    for (int c = 0; c < nv; c++) {
        const V one = NAME(all)(1.0), value = ((const V *)q->block.value)[c], norm = NAME(norms)(q, c);
        const V old = AT(VALUE), before = AT(NORM) * AT(NORM), slope = ((const V *)q->block.square)[c];
        const I fresh = (I)(AT(FRESH) != 0.0), tried = fresh | (I)(AT(TRIED) != 0.0);
        const I finite = (I)(value * 0.0 + norm * 0.0 == 0.0);
        const V spent = AT(SPENT) + FLAG(tried);
        const V hit = NAME(pick)(tried & (I)(value <= AT(TARGET)) & (I)(AT(HIT) == 0.0), spent, AT(HIT));
        const V ratio = (old - value) / AT(GAIN), rounding = 1e-14 * NAME(magnitude)(old);
        const I better = (I)(ratio > 1e-4) & (I)(value < old);
        const I plain = (I)(slope > 0.0) & (I)(before < INFINITY);
        const I less = (plain & (I)(slope < 0.25 * before)) | (~plain & (I)(norm < 0.5 * AT(NORM)));
        const I level = (I)(AT(GAIN) < rounding) & (I)(value <= old + rounding) & less;
        const I moved = tried & ~fresh & finite & (better | (I)(hit > 0.0) | level), taken = fresh | moved;
        const V edge = 2.0 * NAME(pick)(better, ratio, one) - 1.0, factor = 1.0 - edge * edge * edge;
        const V gentle = NAME(pick)((I)(factor > 1.0 / 3.0), NAME(below)(factor, 2.0), one * (1.0 / 3.0));
        const V growth = NAME(pick)(taken, one * 2.0, NAME(below)(AT(GROWTH) * 2.0, 1e6));
        AT(DAMPING) = NAME(pick)(moved, AT(DAMPING) * gentle, AT(DAMPING) * AT(GROWTH) + 1e-300);
        AT(GROWTH) = growth;
        AT(SPENT) = spent, AT(HIT) = hit;
        AT(VALUE) = NAME(pick)(taken, value, old);
        AT(NORM) = NAME(pick)(taken, norm, AT(NORM));
        AT(STEP) += FLAG(moved);
        AT(FAILED) = NAME(pick)(taken, one * 0.0, AT(FAILED) + 1.0);
        AT(FRESH) = one * 0.0;
        AT(TAKEN) = FLAG(taken);
        NAME(take)(q, nv, c, moved, taken);
        I end = ~finite | (I)(hit > 0.0) | (I)(norm < set->gradient_tolerance) | (I)(norm == 0.0);
        end |= (I)(AT(STEP) >= (double)set->n_steps) | (I)(spent + AT(OWED) + q->charge + 1.0 > AT(LIMIT));
        const I failed = (I)(spent >= AT(LIMIT)) | (I)(AT(FAILED) >= (double)HP_LANE_TRIALS);
        const I look = (taken & (always ? ~(I){0} : end)) | (~taken & failed);
        AT(LOOK) = FLAG(look);
        any |= look;
    }
    int64_t all = 0;
    for (int i = 0; i < W; i++) all |= any[i];
    return all != 0;
}

/* Charges the matrices of lanes that moved, sets the first damping, and makes the next trial points. */
static void NAME(advance)(hp_damped_block *q) {
    const int nv = q->block.lanes / W;
    const int64_t p = q->size;
    V *d = (V *)q->step;
    for (int c = 0; c < nv; c++) {
        const I taken = (I)(AT(TAKEN) != 0.0), fresh = (I)(AT(FRESH) != 0.0), first = taken & (I)(AT(STEP) == 0.0);
        const V owed = AT(OWED) + (V)(taken & (I)NAME(all)(q->charge)), near = (owed + 0x1p52) - 0x1p52;
        const V whole = near - FLAG(near > owed);
        AT(SPENT) += whole;
        AT(OWED) = owed - whole;
        V top = {0}, dg = {0}, dd = {0};
        for (int64_t i = 0; i < p; i++) {
            const V entry = NAME(magnitude)(ROW(q->at_matrix + ENTRY(i, i)));
            top = NAME(pick)((I)(entry > top), entry, top);
        }
        top = NAME(pick)((I)(top == 0.0), NAME(all)(1.0), top);
        AT(DAMPING) = NAME(pick)(first, AT(SHARE) * top, AT(DAMPING));
        const NAME(system) system = {p, nv, &ROW(q->at_matrix), AT(DAMPING), (V *)q->lower, (V *)q->inverse};
        const I good = NAME(factorize)(&system) & ~fresh;
        NAME(back_substitute)(&system, d);
        for (int64_t i = 0; i < p; i++) {
            dg += d[i] * ROW(q->at_matrix + q->entries + i);
            dd += d[i] * d[i];
            ((V *)q->block.x)[i * nv + c] = ROW(HP_LANE_X + i) - (V)(good & (I)d[i]);
        }
        AT(GAIN) = 0.5 * (AT(DAMPING) * dd + dg);
        AT(TRIED) = FLAG(good);
    }
}
#undef AT
#undef ROW
#undef ENTRY
#undef FLAG
#undef W
#undef AI
#undef I
#undef V
static const hp_damped_table NAME(damped_table) = {NAME(curve), NAME(decide), NAME(advance)};
#else
static const hp_damped_table NAME(damped_table) = {NULL, NULL, NULL};
#endif
