/* New directions for a block of lanes: the two-loop recursion, and what happens where it does not lead down
   (hp_lbfgs_direction and hp_lbfgs_step). Included by quasi_block.h. */

/* What the bare gradient is multiplied by: the step size, or one over its norm. */
static V NAME(bare)(hp_quasi *q, int c) {
    const V size = AT(step_size), square = AT(square), zero = {0};
    const K fits = NAME(less)(zero + 1e-280, square) & NAME(less)(square, zero + (double)INFINITY);
    V norm = NAME(root)(square);
    for (int lanes = q->alive[c] & ~BITS(fits), k = 0; lanes >> k; k++)
        if (lanes >> k & 1) norm[k] = hp_quasi_norm(q, q->g, c * W + k);
    return PICK(NAME(less)(zero, size), size, 1.0 / norm);
}

/* w = B g for G vectors of lanes from c on by the two-loop recursion over `depth` pairs, and its product with g. Each
   sweep ends one step and takes the product of the next one. A lane without a pair in a slot has rho = 0 there. w is
   in registers where the number P of (padded) variables is a constant. */
AI void NAME(recur)(hp_quasi *q, int c, const int G, const int64_t P, int depth, V *w, const int64_t step, V *slope) {
    const int nv = q->lanes / W, m = q->memory;
    const V *S = (const V *)q->S + c, *Y = (const V *)q->Y + c, *R = (const V *)q->rho + c, *g = (const V *)q->g + c;
    V *alpha = (V *)q->alpha + c, sum[2], times[2];
    const V zero = {0}, *from[2], *with[2];
    int slot[2];
#define GROUP for (int e = 0; e < G; e++)
#define ROWS _Pragma("GCC unroll 20") for (int64_t i = 0; i < P; i++)
    GROUP sum[e] = zero, slot[e] = q->head[c + e], with[e] = S + slot[e] * P * nv + e;
    ROWS GROUP {
        w[i * step + e] = g[i * nv + e];
        sum[e] += with[e][i * nv] * g[i * nv + e];
    }
    for (int k = 0;; k++) {
        GROUP {
            const V rho = R[slot[e] * nv + e];
            times[e] = alpha[k * nv + e] = NAME(only)(NAME(less)(zero, rho), rho * sum[e]);
            from[e] = Y + slot[e] * P * nv + e, sum[e] = zero;
        }
        if (k + 1 == depth) break;
        GROUP slot[e] = slot[e] + 1 < m ? slot[e] + 1 : 0, with[e] = S + slot[e] * P * nv + e;
        ROWS GROUP {
            const V next = w[i * step + e] -= times[e] * from[e][i * nv];
            sum[e] += with[e][i * nv] * next;
        }
    }
    ROWS GROUP {
        const V next = w[i * step + e] = ((V *)q->scale)[c + e] * (w[i * step + e] - times[e] * from[e][i * nv]);
        sum[e] += from[e][i * nv] * next;
    }
    for (int k = depth - 1; k >= 0; k--) {
        GROUP {
            const V rho = R[slot[e] * nv + e];
            times[e] = alpha[k * nv + e] - NAME(only)(NAME(less)(zero, rho), rho * sum[e]);
            from[e] = S + slot[e] * P * nv + e, sum[e] = zero;
            slot[e] = slot[e] ? slot[e] - 1 : m - 1;
            with[e] = k ? Y + slot[e] * P * nv + e : g + e;
        }
        ROWS GROUP {
            const V next = w[i * step + e] += times[e] * from[e][i * nv];
            sum[e] += with[e][i * nv] * next;
        }
    }
    GROUP slope[e] = -sum[e];
#undef ROWS
#undef GROUP
}

/* Gives the lanes in `turns` the direction -w of slope `slope`; where that does not lead down they forget their pairs
   and take the bare gradient, and where not even that does they have failed. */
AI void NAME(turn)(hp_quasi *q, int c, const V *w, const int64_t step, V slope) {
    const int nv = q->lanes / W;
    V *d = (V *)q->d + c;
    const V *g = (const V *)q->g + c, zero = {0};
    const K turns = MASK(turns), down = NAME(less)(slope, zero) & NAME(finite)(slope), bad = turns & ~down;
    for (int64_t i = 0; i < q->size; i++) NAME(put)(d + i * nv, turns, -w[i * step]);
    if (BITS(bad)) {
        const K bare = bad & NAME(equal)(AT(n_pairs), zero);
        const V scale = NAME(bare)(q, c);
        V sum = {0};
        NAME(forget)(q, c, bad);
        for (int64_t i = 0; i < q->size; i++) {
            const V along = -(scale * g[i * nv]);
            NAME(put)(d + i * nv, bad, along);
            sum += along * g[i * nv];
        }
        slope = PICK(bad, sum, slope);
        q->failed[c] |= BITS(bad & (bare | ~(NAME(less)(slope, zero) & NAME(finite)(slope))));
    }
    PUT(slope, turns, slope);
    PUT(trial, turns, zero + 1.0);
    PUT(low, turns, zero);
    PUT(high, turns, zero + (double)INFINITY);
    PUT(low_value, turns, AT(value));
    PUT(low_slope, turns, slope);
    PUT(trials, turns, zero);
}

/* New directions of G vectors of lanes from `at` on, with P variables, or where P is zero with any number. */
AI int NAME(direct)(hp_quasi *q, int at, const int G, const int64_t P) {
    V slope[2], own[P ? 2 * P : 1], *w = P ? own : (V *)q->w;
    int depth = 1, work = 0, any = 0;
    for (int c = at; c < at + G; c++) {
        work |= q->turns[c];
        const K none = MASK(turns) & NAME(equal)(AT(n_pairs), NAME(all)(0));
        if (BITS(none)) PUT(scale, none, NAME(bare)(q, c));
        if (q->depth[c] > depth) depth = q->depth[c];
    }
    for (int c = at; c < at + G; c++) q->look[c] = q->failed[c];
    if (!work) return 0;
    NAME(recur)(q, at, G, P ? P : q->size, depth, w, G, slope);
    for (int c = at; c < at + G; c++) {
        NAME(turn)(q, c, w + (c - at), G, slope[c - at]);
        any |= q->look[c] = q->judged[c] | q->failed[c];
    }
    return any;
}

/* New directions for the lanes that need one; returns whether the driver has to look at any lane. */
static int NAME(quasi_direct)(hp_quasi *q) {
    const int nv = q->lanes / W;
    int any = 0, c = 0;
    for (; c + 2 <= nv; c += 2) {
        if (q->padded == 9) any |= NAME(direct)(q, c, 2, 9);
        else if (q->padded == 13) any |= NAME(direct)(q, c, 2, 13);
        else if (q->padded == 17) any |= NAME(direct)(q, c, 2, 17);
        else any |= NAME(direct)(q, c, 2, 0);
    }
    for (; c < nv; c++) {
        if (q->padded == 9) any |= NAME(direct)(q, c, 1, 9);
        else if (q->padded == 13) any |= NAME(direct)(q, c, 1, 13);
        else if (q->padded == 17) any |= NAME(direct)(q, c, 1, 17);
        else any |= NAME(direct)(q, c, 1, 0);
    }
    return any;
}
