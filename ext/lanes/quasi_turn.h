/* New directions for a block of lanes: the two-loop recursion, and what happens where it does not lead down
   (hp_lbfgs_direction and hp_lbfgs_step). Included by quasi_block.h. */

/* What the bare gradient is multiplied by: the step size, or one over its norm. */
static V NAME(bare)(hp_quasi *q, int nv, int c) {
    HERE
    const V size = AT(step_size), square = AT(square), zero = {0};
    const K fits = NAME(less)(zero + 1e-280, square) & NAME(less)(square, zero + (double)INFINITY);
    V norm = NAME(root)(square);
    for (int lanes = q->alive[c] & ~BITS(fits), k = 0; lanes >> k; k++)
        if (lanes >> k & 1) norm[k] = hp_quasi_norm(q, q->g, c * W + k);
    return PICK(NAME(less)(zero, size), size, 1.0 / norm);
}

/* w = B g for G vectors of lanes from c on by the two-loop recursion over `depth` pairs, and its product with g. Each
   sweep ends one step and takes the product of the next one. Where a lane has fewer pairs nothing is added: what lies in
   its slots is finite, left by an earlier start. w is in registers where the number n of (padded) variables is a constant. */
AI void NAME(recur)(hp_quasi *q, int nv, int64_t n, int c, int G, int depth, V *w, V *slope) {
    HERE
    const int m = q->memory;
    const V *g = GRADIENT, *R = RHO, *S = PAIR_S(0), *Y = PAIR_Y(0), zero = {0};
    const V *from[2], *with[2];
    V *alpha = PAIR_Y(m), sum[2], times[2], scale[2], pairs[2];
    int slot[2];
#define GROUP for (int e = 0; e < G; e++)
#define ROWS _Pragma("GCC unroll 20") for (int64_t i = 0; i < n; i++)
    GROUP sum[e] = zero, slot[e] = q->head[c + e], with[e] = S + slot[e] * n * nv + e;
    GROUP scale[e] = (&AT(scale))[e], pairs[e] = (&AT(n_pairs))[e];
    ROWS GROUP {
        w[i * G + e] = g[i * nv + e];
        sum[e] += with[e][i * nv] * g[i * nv + e];
    }
    for (int k = 0;; k++) {
        GROUP {
            const K has = NAME(less)(zero + (double)k, pairs[e]);
            times[e] = alpha[k * nv + e] = NAME(only)(has, R[slot[e] * nv + e] * sum[e]);
            from[e] = Y + slot[e] * n * nv + e, sum[e] = zero;
        }
        if (k + 1 == depth) break;
        GROUP slot[e] = slot[e] + 1 < m ? slot[e] + 1 : 0, with[e] = S + slot[e] * n * nv + e;
        ROWS GROUP {
            const V next = w[i * G + e] -= times[e] * from[e][i * nv];
            sum[e] += with[e][i * nv] * next;
        }
    }
    ROWS GROUP {
        const V next = w[i * G + e] = scale[e] * (w[i * G + e] - times[e] * from[e][i * nv]);
        sum[e] += from[e][i * nv] * next;
    }
    for (int k = depth - 1; k >= 0; k--) {
        GROUP {
            const K has = NAME(less)(zero + (double)k, pairs[e]);
            times[e] = alpha[k * nv + e] - NAME(only)(has, R[slot[e] * nv + e] * sum[e]);
            from[e] = S + slot[e] * n * nv + e, sum[e] = zero;
            slot[e] = slot[e] ? slot[e] - 1 : m - 1;
            with[e] = k ? Y + slot[e] * n * nv + e : g + e;
        }
        ROWS GROUP {
            const V next = w[i * G + e] += times[e] * from[e][i * nv];
            sum[e] += with[e][i * nv] * next;
        }
    }
    GROUP slope[e] = -sum[e];
#undef ROWS
#undef GROUP
}

/* Gives the lanes in `turns` the direction -w of slope `slope`; where that does not lead down they forget their pairs
   and take the bare gradient, and where not even that does they have failed. */
AI void NAME(turn)(hp_quasi *q, int nv, int64_t n, int c, const V *w, int G, V slope) {
    HERE
    V *d = DIRECTION;
    const V *g = GRADIENT, zero = {0};
    const K turns = MASK(turns), down = NAME(less)(slope, zero) & NAME(finite)(slope), bad = turns & ~down;
    for (int64_t i = 0; i < n; i++) NAME(put)(d + i * nv, turns, -w[i * G]);
    if (BITS(bad)) {
        const K bare = bad & NAME(equal)(AT(n_pairs), zero);
        const V scale = NAME(bare)(q, nv, c);
        V sum = {0};
        PUT(n_pairs, bad, zero);
        for (int64_t i = 0; i < n; i++) {
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

/* New directions of all vectors, two by two where there are so many, with n (padded) variables. */
AI int NAME(direct)(hp_quasi *q, int nv, int64_t n) {
    const int G = nv > 1 ? 2 : 1;
    int any = 0;
    for (int at = 0; at < nv; at += G) {
        V slope[2], own[2 * 17], *w = n <= 17 ? own : (V *)q->w;
        int depth = 1, work = 0;
        for (int c = at; c < at + G; c++) {
            HERE
            work |= q->turns[c];
            q->look[c] = 0;
            const K none = MASK(turns) & NAME(equal)(AT(n_pairs), NAME(all)(0));
            if (BITS(none)) PUT(scale, none, NAME(bare)(q, nv, c));
            if (q->depth[c] > depth) depth = q->depth[c];
        }
        if (!work) continue;
        NAME(recur)(q, nv, n, at, G, depth, w, slope);
        for (int c = at; c < at + G; c++) {
            NAME(turn)(q, nv, n, c, w + (c - at), G, slope[c - at]);
            any |= q->look[c] = q->judged[c] | q->failed[c];
        }
    }
    return any;
}
