/* New directions for a block of lanes: the two-loop recursion, and what happens where it does not lead down
   (hp_lbfgs_direction and hp_lbfgs_step). Included by quasi_block.h. */

/* What the bare gradient is multiplied by: the step size, or one over its norm. */
static V NAME(bare)(hp_quasi *q, int c) {
    const V size = AT(step_size), square = AT(square);
    V norm = NAME(root)(square);
    const I rare = MASK(alive) & ~((I)(square > 1e-280) & (I)(square < INFINITY));
    for (int lanes = NAME(bits_of)(rare), k = 0; lanes >> k; k++)
        if (lanes >> k & 1) norm[k] = hp_quasi_norm(q, q->g, c * W + k);
    return PICK(size > 0.0, size, 1.0 / norm);
}

/* w = B g for G vectors of lanes from c on by the two-loop recursion over `depth` pairs, and its product with g. Each
   sweep ends one step and takes the product of the next one. A lane without a pair in a slot has rho = 0 there. */
AI void NAME(recur)(hp_quasi *q, int c, const int G, int depth, V *slope) {
    const int nv = q->lanes / W, m = q->memory;
    const int64_t n = q->size;
    const V *S = (const V *)q->S + c, *Y = (const V *)q->Y + c, *R = (const V *)q->rho + c, *g = (const V *)q->g + c;
    V *w = (V *)q->w + c, *alpha = (V *)q->alpha + c, sum[2], times[2];
    int64_t here[2], there[2];
#define EACH for (int e = 0; e < G; e++)
#define SLOT(k) ((q->head[c + e] + (k)) % m)
    EACH sum[e] = (V){0}, here[e] = SLOT(0) * n * nv + e;
    for (int64_t i = 0; i < n; i++) EACH sum[e] += S[here[e] + i * nv] * g[i * nv + e];
    for (int k = 0; k < depth; k++) {
        EACH {
            const V rho = R[SLOT(k) * nv + e];
            times[e] = alpha[k * nv + e] = PICK(rho > 0.0, rho * sum[e], (V){0});
            there[e] = SLOT(k) * n * nv + e, here[e] = SLOT(k + 1) * n * nv + e;
            sum[e] = (V){0};
        }
        const V *from = k ? w : g;
        if (k + 1 < depth) {
            for (int64_t i = 0; i < n; i++) EACH {
                const V next = w[i * nv + e] = from[i * nv + e] - times[e] * Y[there[e] + i * nv];
                sum[e] += S[here[e] + i * nv] * next;
            }
        } else {
            for (int64_t i = 0; i < n; i++) EACH {
                const V old = Y[there[e] + i * nv];
                const V next = w[i * nv + e] = ((V *)q->scale)[c + e] * (from[i * nv + e] - times[e] * old);
                sum[e] += old * next;
            }
        }
    }
    for (int k = depth - 1; k >= 0; k--) {
        EACH {
            const V rho = R[SLOT(k) * nv + e];
            times[e] = alpha[k * nv + e] - PICK(rho > 0.0, rho * sum[e], (V){0});
            there[e] = SLOT(k) * n * nv + e, here[e] = k ? SLOT(k - 1) * n * nv + e : e;
            sum[e] = (V){0};
        }
        const V *with = k ? Y : g;
        for (int64_t i = 0; i < n; i++) EACH {
            const V next = w[i * nv + e] += times[e] * S[there[e] + i * nv];
            sum[e] += with[here[e] + i * nv] * next;
        }
    }
    EACH slope[e] = -sum[e];
#undef SLOT
#undef EACH
}

/* Gives the lanes in `turns` the direction -w of slope `slope`; where that does not lead down they forget their pairs
   and take the bare gradient, and where not even that does they have failed. */
AI void NAME(turn)(hp_quasi *q, int c, V slope) {
    const int nv = q->lanes / W;
    V *w = (V *)q->w + c, *d = (V *)q->d + c;
    const V *g = (const V *)q->g + c;
    const I turns = MASK(turns), bad = turns & ~((I)(slope < 0.0) & FINITE(slope));
    if (NAME(bits_of)(bad)) {
        const I bare = bad & (I)(AT(n_pairs) == 0.0);
        const V scale = NAME(bare)(q, c);
        V sum = {0};
        NAME(forget)(q, c, bad);
        for (int64_t i = 0; i < q->size; i++) {
            w[i * nv] = PICK(bad, scale * g[i * nv], w[i * nv]);
            sum -= w[i * nv] * g[i * nv];
        }
        slope = PICK(bad, sum, slope);
        MASK(failed) |= bad & (bare | ~((I)(slope < 0.0) & FINITE(slope)));
    }
    for (int64_t i = 0; i < q->size; i++) d[i * nv] = PICK(turns, -w[i * nv], d[i * nv]);
    const V zero = {0};
    AT(slope) = PICK(turns, slope, AT(slope));
    AT(trial) = PICK(turns, zero + 1.0, AT(trial));
    AT(low) = PICK(turns, zero, AT(low));
    AT(high) = PICK(turns, zero + (double)INFINITY, AT(high));
    AT(low_value) = PICK(turns, AT(value), AT(low_value));
    AT(low_slope) = PICK(turns, slope, AT(low_slope));
    AT(trials) = PICK(turns, zero, AT(trials));
}

/* New directions for the lanes that need one; returns whether the driver has to look at any lane. */
static int NAME(quasi_direct)(hp_quasi *q) {
    const int nv = q->lanes / W;
    int any = 0;
    for (int at = 0; at < nv; at += 2) {
        const int G = at + 2 <= nv ? 2 : 1;
        int depth = 1, work = 0;
        for (int c = at; c < at + G; c++) {
            work |= NAME(bits_of)(MASK(turns));
            const I none = MASK(turns) & (I)(AT(n_pairs) == 0.0);
            if (NAME(bits_of)(none)) AT(scale) = PICK(none, NAME(bare)(q, c), AT(scale));
            if (q->depth[c] > depth) depth = q->depth[c];
        }
        if (!work) continue;
        V slope[2];
        if (G == 2) NAME(recur)(q, at, 2, depth, slope);
        else NAME(recur)(q, at, 1, depth, slope);
        for (int c = at; c < at + G; c++) {
            NAME(turn)(q, c, slope[c - at]);
            any |= q->look[c] = NAME(bits_of)(MASK(judged) | MASK(failed));
        }
    }
    return any;
}
