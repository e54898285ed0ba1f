/* What an iteration of L-BFGS does to a block of lanes between two evaluations (quasi_pool.h), once per instruction
   set: lbfgs.h, with masks for decisions. Vectors of one row lie side by side, rows nv vectors apart. */
#if HP_BYTES
#define W LANES
#define V NAME(vec)
#define I NAME(ivec)
#define AI static inline __attribute__((always_inline))
#define AT(row) ((V *)q->row)[c]
#define MASK(row) ((I *)q->row)[c]
#define PICK(mask, yes, no) NAME(pick)((I)(mask), yes, no)
#define FINITE(x) ((I)((x) * 0.0 == 0.0))

/* Lanes whose mask is set, as bits. */
AI int NAME(bits_of)(I mask) {
#if HP_X86 && HP_BYTES == 64
    return (int)_mm512_movepi64_mask((__m512i)mask);
#elif HP_X86 && HP_BYTES == 32
    return _mm256_movemask_pd((__m256d)mask);
#elif HP_X86
    return _mm_movemask_pd((__m128d)mask);
#else
    int all = 0;
    for (int i = 0; i < W; i++) all |= (mask[i] != 0) << i;
    return all;
#endif
}

/* x1 = x + trial d. */
static void NAME(quasi_point)(hp_quasi *q) {
    const int nv = q->lanes / W;
    const V *x = (const V *)q->x, *d = (const V *)q->d, *trial = (const V *)q->trial;
    V *to = (V *)q->block.x;
    for (int64_t i = 0; i < q->size; i++)
        for (int c = 0; c < nv; c++) to[i * nv + c] = x[i * nv + c] + trial[c] * d[i * nv + c];
}

/* hp_shrink: the minimum of the parabola through the lower end, kept inside. */
AI V NAME(shorter)(V low, V f_low, V slope_low, V trial, V f) {
    const V h = trial - low, least = low + 0.1 * h, most = low + 0.6 * h;
    const V next = low - slope_low * h * h / (2.0 * (f - f_low - slope_low * h));
    const V inside = PICK(next < most, next, most), other = PICK(next <= least, least, 0.5 * (low + trial));
    return PICK(FINITE(f), PICK(next > least, inside, other), low + 0.25 * h);
}

/* Which lanes have finite gradients at the trial points. */
static I NAME(all_finite)(const hp_quasi *q, int c) {
    const int nv = q->lanes / W;
    V sum = {0};
    for (int64_t i = 0; i < q->size; i++) sum += ((const V *)q->block.g)[i * nv + c] * 0.0;
    return (I)(sum == 0.0);
}

/* Whether pairs curve as hp_bends asks where the square of dy overflows or vanishes; sets what scales the direction. */
static I NAME(bends_rarely)(hp_quasi *q, int c, I which, V curvature, V *scale) {
    const int nv = q->lanes / W;
    I found = {0};
    for (int k = 0; k < W; k++) {
        if (!which[k] || !(curvature[k] > 0.0)) continue;
        for (int64_t i = 0; i < q->size; i++) q->column[i] = ((const V *)q->u)[i * nv + c][k];
        const double norm = hp_norm(q->column, q->size);
        if (!(curvature[k] / norm * q->bend[c * W + k] > 1e-14 * norm)) continue;
        found[k] = -1;
        (*scale)[k] = curvature[k] / norm / norm;
    }
    return found;
}

/* Puts the differences in w and u in front of the memory of the lanes in `pairs`. Where all lanes that have a memory
   get a pair, the slots of the vector turn by one; else each lane's own pairs move. */
AI void NAME(remember)(hp_quasi *q, int c, I pairs, V rho) {
    const int nv = q->lanes / W, m = q->memory;
    const int64_t n = q->size;
    V *S = (V *)q->S + c, *Y = (V *)q->Y + c, *R = (V *)q->rho + c;
    const V *ds = (const V *)q->w + c, *dy = (const V *)q->u + c, zero = {0};
    const I stay = ~pairs & MASK(alive) & (I)(AT(n_pairs) > 0.0);
    if (q->depth[c] < m) q->depth[c]++;
    int slot = (q->head[c] + m - 1) % m;
    if (!NAME(bits_of)(stay)) {
        q->head[c] = slot;
        V *s = S + slot * n * nv, *y = Y + slot * n * nv;
        for (int64_t i = 0; i < n; i++) {
            s[i * nv] = PICK(pairs, ds[i * nv], zero);
            y[i * nv] = PICK(pairs, dy[i * nv], zero);
        }
        R[slot * nv] = PICK(pairs, rho, zero);
        return;
    }
    for (int k = q->depth[c] - 1; k >= 0; k--) {
        const int at = (q->head[c] + k) % m, newer = k ? (at + m - 1) % m : 0;
        V *s = S + at * n * nv, *y = Y + at * n * nv;
        const V *s0 = k ? S + newer * n * nv : ds, *y0 = k ? Y + newer * n * nv : dy;
        for (int64_t i = 0; i < n; i++) {
            s[i * nv] = PICK(pairs, s0[i * nv], s[i * nv]);
            y[i * nv] = PICK(pairs, y0[i * nv], y[i * nv]);
        }
        R[at * nv] = PICK(pairs, k ? R[newer * nv] : rho, R[at * nv]);
    }
}

/* Moves the lanes in `accepted` to their trial points, and keeps the pairs that curve: hp_lbfgs_accept. */
AI void NAME(accept)(hp_quasi *q, int c, I accepted) {
    const int nv = q->lanes / W;
    const V *x1 = (const V *)q->block.x + c, *g1 = (const V *)q->block.g + c;
    V *x = (V *)q->x + c, *g = (V *)q->g + c, *ds = (V *)q->w + c, *dy = (V *)q->u + c;
    V curvature = {0}, square = {0};
    for (int64_t i = 0; i < q->size; i++) {
        const V s = x1[i * nv] - x[i * nv], y = g1[i * nv] - g[i * nv];
        curvature += s * y;
        square += y * y;
        ds[i * nv] = s;
        dy[i * nv] = y;
        x[i * nv] = PICK(accepted, x1[i * nv], x[i * nv]);
        g[i * nv] = PICK(accepted, g1[i * nv], g[i * nv]);
    }
    const I moved = accepted & ~MASK(fresh), fits = (I)(square > 1e-280) & (I)(square < INFINITY);
    const V rho = 1.0 / curvature;
    V scale = curvature / square;
    I pairs = moved & fits & (I)(curvature * AT(bend) > 1e-14 * square);
    if (NAME(bits_of)(moved & ~fits)) pairs |= NAME(bends_rarely)(q, c, moved & ~fits, curvature, &scale);
    pairs &= FINITE(rho);
    if (NAME(bits_of)(pairs)) NAME(remember)(q, c, pairs, rho);
    AT(scale) = PICK(pairs, scale, AT(scale));
    AT(n_pairs) = PICK(pairs, NAME(below)(AT(n_pairs) + 1.0, (double)q->memory), AT(n_pairs));
    AT(step) = PICK(moved, AT(step) + 1.0, AT(step));
    AT(value) = PICK(accepted, ((const V *)q->block.value)[c], AT(value));
    AT(square) = PICK(accepted, ((const V *)q->block.square)[c], AT(square));
}

/* Which of the lanes that accepted the driver has to judge: those that may end, and starts whose first curvature may
   be a large one (hp_quasi_bend; the bounds lie below its 1000). */
AI I NAME(may_end)(hp_quasi *q, int c, I accepted, int always) {
    const int nv = q->lanes / W;
    const double tolerance = q->set->gradient_tolerance, least = tolerance * tolerance;
    if (always) return accepted;
    const V *x = (const V *)q->x + c, square = AT(square), value = AT(value);
    I end = ~FINITE(value) | ~(I)(square >= (least > 1e-280 ? least : 1e-280)) | ~(I)(square < INFINITY);
    end |= (I)(AT(hit) > 0.0) | (I)(AT(step) >= (double)q->set->n_steps) | (I)(AT(evaluations) >= AT(limit));
    if (NAME(bits_of)(MASK(fresh))) {
        V sum = {0};
        for (int64_t i = 0; i < q->size; i++) sum += x[i * nv] * x[i * nv];
        const I light = (I)(square < 900.0 * NAME(magnitude)(value)) & (I)(square * (double)q->size < 810000.0 * sum);
        end |= MASK(fresh) & ~light;
    }
    return accepted & end;
}

/* Forgets the pairs of some lanes. What is left in the matrices is finite, and counts nothing where rho is zero. */
AI void NAME(forget)(hp_quasi *q, int c, I which) {
    const int nv = q->lanes / W;
    V *rho = (V *)q->rho + c;
    for (int k = 0; k < q->memory; k++) rho[k * nv] = PICK(which, (V){0}, rho[k * nv]);
    AT(n_pairs) = PICK(which, (V){0}, AT(n_pairs));
}

/* What follows from the values at the trial points: a longer or a shorter step, a new iterate, or a memory that is
   thrown away (hp_lbfgs_search). */
static void NAME(quasi_search)(hp_quasi *q) {
    const int nv = q->lanes / W;
    const int always = q->set->plateau_window || q->set->record_every || q->ending != HP_RUNNING;
    for (int c = 0; c < nv; c++) {
        const V *d = (const V *)q->d + c, *g1 = (const V *)q->block.g + c;
        const V f = ((const V *)q->block.value)[c], trial = AT(trial), value = AT(value), start = AT(slope);
        V even = {0}, odd = {0};
        int64_t i = 0;
        for (; i + 2 <= q->size; i += 2) {
            even += d[i * nv] * g1[i * nv];
            odd += d[(i + 1) * nv] * g1[(i + 1) * nv];
        }
        if (i < q->size) even += d[i * nv] * g1[i * nv];
        const V slope = even + odd, spent = AT(evaluations) += 1.0;
        const I fresh = MASK(fresh), good = FINITE(slope);
        AT(hit) = PICK((I)(f <= AT(target)) & (I)(AT(hit) == 0.0), spent, AT(hit));
        const V seen = PICK(good, f, (V){0} + (double)NAN);
        const I armijo = (I)(seen <= value + 1e-4 * trial * start), short_ = armijo & (I)(slope < 0.9 * start);
        const V trials = AT(trials) += 1.0;
        I accepted = fresh | (good & (I)(AT(hit) > 0.0)) | (armijo & ~short_);
        const I last = ~accepted & ((I)(spent >= AT(limit)) | (I)(trials >= (double)HP_TRIALS_OF_A_SEARCH));
        if (NAME(bits_of)(last)) accepted |= last & (I)(f < value) & NAME(all_finite)(q, c);
        accepted &= MASK(alive);
        const I lost = last & ~accepted & MASK(alive);
        AT(high) = PICK(armijo, AT(high), trial);
        const V longer = PICK(AT(high) == INFINITY, 2.5 * trial, 0.5 * (trial + AT(high)));
        AT(trial) = PICK(armijo, longer, NAME(shorter)(AT(low), AT(low_value), AT(low_slope), trial, seen));
        AT(low) = PICK(armijo, trial, AT(low));
        AT(low_value) = PICK(armijo, f, AT(low_value));
        AT(low_slope) = PICK(armijo, slope, AT(low_slope));
        MASK(turns) = accepted | lost;
        MASK(judged) = MASK(failed) = (I){0};
        q->look[c] = 0;
        if (!NAME(bits_of)(accepted | lost)) continue;
        NAME(accept)(q, c, accepted);
        MASK(judged) = NAME(may_end)(q, c, accepted, always);
        MASK(failed) = lost & ((I)(AT(n_pairs) == 0.0) | (I)(spent >= AT(limit)));
        MASK(fresh) &= ~accepted;
        if (NAME(bits_of)(lost)) NAME(forget)(q, c, lost);
    }
}

#include "quasi_turn.h"

/* Puts start `id` at x into a lane; without one the lane rests where it is. Whole vectors are written, as a load of a
   vector waits long for a part of it that was just written. */
static void NAME(quasi_enter)(hp_quasi *q, int lane, const double *from, int64_t id) {
    const int nv = q->lanes / W, c = lane / W;
    const V zero = {0};
    I which = {0};
    which[lane % W] = -1;
    V *x = (V *)q->x + c, *d = (V *)q->d + c;
    for (int64_t i = 0; i < q->size; i++) {
        if (from) x[i * nv] = PICK(which, zero + from[i], x[i * nv]);
        d[i * nv] = PICK(which, zero, d[i * nv]);
    }
    NAME(forget)(q, c, which);
    AT(trial) = PICK(which, zero, AT(trial));
    AT(evaluations) = PICK(which, zero, AT(evaluations));
    AT(step) = PICK(which, zero, AT(step));
    AT(hit) = PICK(which, zero, AT(hit));
    AT(bend) = PICK(which, zero + 1.0, AT(bend));
    AT(step_size) = PICK(which, zero + (from ? q->to.step_sizes[id] : 0.0), AT(step_size));
    AT(target) = PICK(which, zero + (from ? q->to.targets[id] : (double)-INFINITY), AT(target));
    AT(limit) = PICK(which, zero + (from ? (double)q->to.limits[id] : (double)INFINITY), AT(limit));
    const I mark = from ? which : (I){0};
    MASK(alive) = (MASK(alive) & ~which) | mark;
    MASK(fresh) = (MASK(fresh) & ~which) | mark;
}

static const hp_quasi_table NAME(quasi_table) = {W, NAME(quasi_point), NAME(quasi_search), NAME(quasi_direct),
                                                 NAME(quasi_enter)};
#undef FINITE
#undef PICK
#undef MASK
#undef AT
#undef AI
#undef I
#undef V
#undef W
#else
static const hp_quasi_table NAME(quasi_table) = {0, NULL, NULL, NULL, NULL};
#endif
