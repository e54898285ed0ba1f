/* What an iteration of L-BFGS does to a block of lanes between two evaluations (quasi_pool.h), once per instruction
   set: lbfgs.h, with masks for decisions. Vectors of one row lie side by side, rows nv vectors apart. */
#if HP_BYTES
#include "masks.h"
#define W LANES
#define V NAME(vec)
#define AI static inline __attribute__((always_inline))
/* The rows of one vector of a block of nv vectors, from `at` on; those of the point, the gradient, the direction, the
   trial point and its gradient, of rho and the pairs (hp_quasi_lay), n numbers each. */
#define HERE V *const at = (V *)q->rows + c;
#define AT(row) at[HP_ROW_##row * nv]
#define VECTOR(place) (at + (HP_QUASI_ROWS + (place) * n) * nv)
#define POINT VECTOR(0)
#define GRADIENT VECTOR(1)
#define DIRECTION VECTOR(2)
#define TRIAL_POINT VECTOR(3)
#define TRIAL_GRADIENT VECTOR(4)
#define RHO VECTOR(5)
#define PAIR_S(slot) (RHO + (q->memory + (slot) * n) * nv)
#define PAIR_Y(slot) (RHO + (q->memory + (q->memory + (slot)) * n) * nv)

#define K NAME(mask)
#define BITS(mask) NAME(bits_of)(mask)
#define MASK(name) NAME(mask_of)(q->name[c])
#define PICK(mask, yes, no) NAME(choose)(mask, yes, no)
#define PUT(row, mask, x) NAME(put)(&AT(row), mask, x)

/* hp_shrink: the minimum of the parabola through the lower end, kept inside. */
AI V NAME(shorter)(V low, V f_low, V slope_low, V trial, V f) {
    const V h = trial - low, least = low + 0.1 * h, most = low + 0.6 * h;
    const V next = low - slope_low * h * h / (2.0 * (f - f_low - slope_low * h));
    const V inside = PICK(NAME(less)(next, most), next, most);
    const V other = PICK(NAME(most)(next, least), least, 0.5 * (low + trial));
    return PICK(NAME(finite)(f), PICK(NAME(less)(least, next), inside, other), low + 0.25 * h);
}

/* Which lanes have finite gradients at the trial points. */
static K NAME(all_finite)(const hp_quasi *q, int nv, int64_t n, int c) {
    HERE
    const V *g1 = TRIAL_GRADIENT;
    V sum = {0};
    for (int64_t i = 0; i < n; i++) sum += g1[i * nv] * 0.0;
    return NAME(equal)(sum, NAME(all)(0));
}

/* Whether pairs curve as hp_bends asks, where the square of dy overflows or vanishes; sets what scales the direction. */
static K NAME(bends_rarely)(hp_quasi *q, int nv, int64_t n, int c, K which, V curvature, V *scale) {
    HERE
    const V *g = GRADIENT, *g1 = TRIAL_GRADIENT;
    const int lanes = BITS(which);
    int found = 0;
    for (int k = 0; k < W; k++) {
        if (!(lanes >> k & 1) || !(curvature[k] > 0.0)) continue;
        for (int64_t i = 0; i < q->size; i++) q->column[i] = g1[i * nv][k] - g[i * nv][k];
        const double norm = hp_norm(q->column, q->size);
        if (!(curvature[k] / norm * q->bend[c * W + k] > 1e-14 * norm)) continue;
        found |= 1 << k;
        (*scale)[k] = curvature[k] / norm / norm;
    }
    return NAME(mask_of)(found);
}

/* Makes room in front of the memory of the lanes in `pairs`, and returns its slot. Where all lanes that have a memory
   get a pair, the slots of the vector turn by one; else each of those lanes' own pairs move. */
AI int NAME(make_room)(hp_quasi *q, int nv, int64_t n, int c, K pairs) {
    HERE
    const int m = q->memory;
    const K stay = ~pairs & MASK(alive) & NAME(less)(NAME(all)(0), AT(n_pairs));
    if (q->depth[c] < m) q->depth[c]++;
    if (!BITS(stay)) return q->head[c] = q->head[c] ? q->head[c] - 1 : m - 1;
    V *rho = RHO;
    int slot = (q->head[c] + q->depth[c] - 1) % m;
    for (int k = q->depth[c] - 1; k > 0; k--) {
        const int newer = slot ? slot - 1 : m - 1;
        V *s = PAIR_S(slot), *y = PAIR_Y(slot);
        const V *s0 = PAIR_S(newer), *y0 = PAIR_Y(newer);
        for (int64_t i = 0; i < n; i++) {
            NAME(put)(s + i * nv, pairs, s0[i * nv]);
            NAME(put)(y + i * nv, pairs, y0[i * nv]);
        }
        NAME(put)(rho + slot * nv, pairs, rho[newer * nv]);
        slot = newer;
    }
    return q->head[c];
}

/* Moves the lanes in `accepted` to their trial points, and keeps the pairs that curve: hp_lbfgs_accept. `curvature`
   and `square` are dx dy and dy dy. */
AI void NAME(accept)(hp_quasi *q, int nv, int64_t n, int c, K accepted, V curvature, V square) {
    HERE
    const V *x1 = TRIAL_POINT, *g1 = TRIAL_GRADIENT;
    V *x = POINT, *g = GRADIENT, scale = curvature / square;
    const V rho = 1.0 / curvature, one = NAME(all)(1.0);
    const K moved = accepted & ~MASK(fresh);
    const K fits = NAME(less)(NAME(all)(1e-280), square) & NAME(less)(square, NAME(all)(INFINITY));
    K pairs = moved & fits & NAME(less)(1e-14 * square, curvature * AT(bend));
    if (BITS(moved & ~fits)) pairs |= NAME(bends_rarely)(q, nv, n, c, moved & ~fits, curvature, &scale);
    pairs &= NAME(finite)(rho);
    if (BITS(pairs)) {
        const int64_t slot = NAME(make_room)(q, nv, n, c, pairs);
        V *s = PAIR_S(slot), *y = PAIR_Y(slot);
        for (int64_t i = 0; i < n; i++) {
            NAME(put)(s + i * nv, pairs, x1[i * nv] - x[i * nv]);
            NAME(put)(y + i * nv, pairs, g1[i * nv] - g[i * nv]);
        }
        NAME(put)(RHO + slot * nv, pairs, rho);
    }
    for (int64_t i = 0; i < n; i++) {
        NAME(put)(x + i * nv, accepted, x1[i * nv]);
        NAME(put)(g + i * nv, accepted, g1[i * nv]);
    }
    PUT(scale, pairs, scale);
    PUT(n_pairs, pairs, NAME(below)(AT(n_pairs) + one, (double)q->memory));
    PUT(step, moved, AT(step) + one);
    PUT(value, accepted, ((const V *)q->block.value)[c]);
    PUT(square, accepted, ((const V *)q->block.square)[c]);
}

/* Which of the lanes that accepted the driver has to judge: those that may end, and starts whose first curvature may
   be a large one (hp_quasi_bend; the bounds lie below its 1000, `bend` is 900^2 times the mean square of x there). */
AI K NAME(may_end)(hp_quasi *q, int nv, int c, K accepted) {
    HERE
    const double tolerance = q->set->gradient_tolerance, least = tolerance * tolerance;
    if (q->set->plateau_window || q->set->record_every || q->ending != HP_RUNNING) return accepted;
    const V square = AT(square), value = AT(value), zero = {0};
    K goes = NAME(finite)(value) & NAME(most)(zero + (least > 1e-280 ? least : 1e-280), square);
    goes &= NAME(less)(square, zero + (double)INFINITY) & NAME(equal)(AT(hit), zero);
    goes &= NAME(less)(AT(step), zero + (double)q->set->n_steps) & NAME(less)(AT(evaluations), AT(limit));
    const K light = NAME(less)(square, 900.0 * NAME(magnitude)(value)) & NAME(less)(square, AT(bend));
    goes &= ~MASK(fresh) | light;
    return accepted & ~goes;
}

/* What follows from the values at the trial points of one vector: a longer or a shorter step, a new iterate, or a
   memory that is thrown away (hp_lbfgs_search). The sums are d g1, dx dy and dy dy. */
AI void NAME(decide)(hp_quasi *q, int nv, int64_t n, int c, V slope, V curvature, V square) {
    HERE
    const V f = ((const V *)q->block.value)[c], trial = AT(trial), value = AT(value), start = AT(slope), zero = {0};
    const V spent = AT(evaluations) += 1.0, trials = AT(trials) += 1.0, low = AT(low);
    const K good = NAME(finite)(slope), alive = MASK(alive);
    PUT(hit, NAME(most)(f, AT(target)) & NAME(equal)(AT(hit), zero), spent);
    const V seen = PICK(good, f, zero + (double)NAN);
    const K armijo = NAME(most)(seen, value + 1e-4 * trial * start), steep = NAME(less)(slope, 0.9 * start);
    K accepted = MASK(fresh) | (good & NAME(less)(zero, AT(hit))) | (armijo & ~steep);
    const K over = NAME(most)(AT(limit), spent) | NAME(most)(zero + (double)HP_TRIALS_OF_A_SEARCH, trials);
    const K last = alive & over & ~accepted;
    if (BITS(last)) accepted |= last & NAME(less)(f, value) & NAME(all_finite)(q, nv, n, c);
    accepted &= alive;
    const K lost = last & ~accepted;
    const V high = PICK(armijo, AT(high), trial);
    const V longer = PICK(NAME(equal)(high, zero + (double)INFINITY), 2.5 * trial, 0.5 * (trial + high));
    AT(high) = high;
    AT(trial) = PICK(armijo, longer, NAME(shorter)(low, AT(low_value), AT(low_slope), trial, seen));
    PUT(low, armijo, trial);
    PUT(low_value, armijo, f);
    PUT(low_slope, armijo, slope);
    q->turns[c] = BITS(accepted | lost);
    q->judged[c] = q->failed[c] = 0;
    if (!q->turns[c]) return;
    NAME(accept)(q, nv, n, c, accepted, curvature, square);
    q->judged[c] = BITS(NAME(may_end)(q, nv, c, accepted));
    q->failed[c] = BITS(lost & (NAME(equal)(AT(n_pairs), zero) | NAME(most)(AT(limit), spent)));
    PUT(bend, MASK(fresh) & accepted, zero + 1.0);
    q->fresh[c] &= ~BITS(accepted);
    PUT(n_pairs, lost, zero);
}

/* All of them, with n (padded) variables. */
AI void NAME(search)(hp_quasi *q, int nv, int64_t n) {
    for (int c = 0; c < nv; c++) {
        HERE
        const V *x1 = TRIAL_POINT, *g1 = TRIAL_GRADIENT, *x = POINT, *g = GRADIENT, *d = DIRECTION;
        V slope = {0}, curvature = {0}, square = {0};
        for (int64_t i = 0; i < n; i++) {
            const V s = x1[i * nv] - x[i * nv], y = g1[i * nv] - g[i * nv];
            slope += d[i * nv] * g1[i * nv];
            curvature += s * y;
            square += y * y;
        }
        NAME(decide)(q, nv, n, c, slope, curvature, square);
    }
}

#include "quasi_turn.h"

/* Puts start `id` at x into a lane; without one the lane rests where it is. Whole vectors are written, as a load of a
   vector waits long for a part of it that was just written. */
static void NAME(quasi_enter)(hp_quasi *q, int lane, const double *from, int64_t id) {
    const int nv = q->lanes / W, c = lane / W, bit = 1 << lane % W;
    const K which = NAME(mask_of)(bit);
    const int64_t n = q->padded;
    const V zero = {0};
    HERE
    V *x = POINT, *d = DIRECTION;
    double square = 0.0;
    for (int64_t i = 0; from && i < q->size; i++) {
        NAME(put)(x + i * nv, which, zero + from[i]);
        square += from[i] * from[i];
    }
    if (!isfinite(q->slope[lane])) /* or else d is finite, and zero times it is zero */
        for (int64_t i = 0; i < n; i++) NAME(put)(d + i * nv, which, zero);
    PUT(n_pairs, which, zero);
    PUT(slope, which, zero);
    PUT(trial, which, zero);
    PUT(evaluations, which, zero);
    PUT(step, which, zero);
    PUT(hit, which, zero);
    PUT(bend, which, zero + 810000.0 * square / (double)q->size);
    PUT(step_size, which, zero + (from ? q->to.step_sizes[id] : 0.0));
    PUT(target, which, zero + (from ? q->to.targets[id] : (double)-INFINITY));
    PUT(limit, which, zero + (from ? (double)q->to.limits[id] : (double)INFINITY));
    q->alive[c] = (q->alive[c] & ~bit) | (from ? bit : 0);
    q->fresh[c] = (q->fresh[c] & ~bit) | (from ? bit : 0);
}

/* Blocks of 8 and 16 lanes of nets of some sizes have loops of their own. */
#define SIZES(call, lanes)                                                                                             \
    switch (q->padded) {                                                                                              \
    case 9: call(q, (lanes) / W, 9); break;                                                                           \
    case 13: call(q, (lanes) / W, 13); break;                                                                         \
    case 17: call(q, (lanes) / W, 17); break;                                                                         \
    default: call(q, (lanes) / W, q->padded);                                                                         \
    }

/* x1 = x + trial d. */
AI void NAME(step)(hp_quasi *q, int nv, int64_t n) {
    for (int c = 0; c < nv; c++) {
        HERE
        const V *x = POINT, *d = DIRECTION, trial = AT(trial);
        V *x1 = TRIAL_POINT;
        for (int64_t i = 0; i < n; i++) x1[i * nv] = x[i * nv] + trial * d[i * nv];
    }
}

static void NAME(quasi_point)(hp_quasi *q) {
    if (q->lanes == 16) SIZES(NAME(step), 16)
    else SIZES(NAME(step), 8)
}

static void NAME(quasi_search)(hp_quasi *q) {
    if (q->lanes == 16) SIZES(NAME(search), 16)
    else SIZES(NAME(search), 8)
}

/* New directions for the lanes that need one; returns whether the driver has to look at any lane. */
static int NAME(quasi_direct)(hp_quasi *q) {
    int any = 0;
    if (q->lanes == 16) SIZES(any |= NAME(direct), 16)
    else SIZES(any |= NAME(direct), 8)
    return any;
}

static const hp_quasi_table NAME(quasi_table) = {W, NAME(quasi_point), NAME(quasi_search), NAME(quasi_direct),
                                                 NAME(quasi_enter)};
#undef SIZES
#undef BITS
#undef MASK
#undef PICK
#undef PUT
#undef VECTOR
#undef POINT
#undef GRADIENT
#undef DIRECTION
#undef TRIAL_POINT
#undef TRIAL_GRADIENT
#undef RHO
#undef PAIR_S
#undef PAIR_Y
#undef HERE
#undef AT
#undef AI
#undef K
#undef V
#undef W
#else
static const hp_quasi_table NAME(quasi_table) = {0, NULL, NULL, NULL, NULL};
#endif
