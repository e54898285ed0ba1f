/* The cells between their matrix products: a step, the way back through it, and the tangents of both.

   A cell keeps of a step in G: elman, where act' does not follow from the activation, act' and in second order act'';
   gru r, u, q, n; lstm i, f, g, o and tanh c'. A tangent keeps those of the same in rG, elman that of the
   pre-activation. The way back takes the derivatives in the new state (h', and c' of lstm), writes those in the
   pre-activations, rows of W first, and what goes to the old state past these. Included after rnn_tile.h. */

/* Number i of n vectors in an array. */
#define ON(x) (((NAME(line) *)(x))[i])
#define EACH(n) for (int64_t i = 0; i < (n) / LANES; i++)
#define PICK(mask, yes, no) NAME(pick)((NAME(ivec))(mask), yes, no)
#define ONE NAME(all)(1)
#define ZERO NAME(all)(0)
#define LEAK NAME(all)(leak)

/* act of n numbers, in place; act' and act'' of stored ones. */
static void NAME(elman_ahead)(const hp_rnn *net, int64_t n, real *z, real *f, real *g) {
    const real leak = (real)net->leak;
    switch (net->activation) {
#define CASE(code, ...) case HP_##code: EACH(n) ON(z) = HP_VALUE_##code(ON(z)); return;
        HP_SIMPLE_ACTS(CASE)
#undef CASE
    default: NAME(derivatives)(net->activation, leak, n, z, z, f, g);
    }
}

/* D = act' A, act' from the activation a or as stored in f; to tangents of activations in the same way. */
static void NAME(elman_back)(const hp_rnn *net, int64_t n, const real *a, const real *f, const real *A, real *D) {
    const real leak = (real)net->leak;
    switch (net->activation) {
#define CASE(code, ...) case HP_##code: EACH(n) ON(D) = ON(A) * HP_SLOPE_##code(ON(a)); return;
        HP_SIMPLE_ACTS(CASE)
#undef CASE
    default: EACH(n) ON(D) = ON(A) * ON(f);
    }
}

/* rD = act' rA + act'' rz A; for simple ones act'' rz is act''/act' times the tangent ra of the activation. */
static void NAME(elman_back_along)(const hp_rnn *net, int64_t n, const real *a, const real *ra, const real *f,
                                   const real *rz, const real *A, const real *rA, real *rD) {
    const real leak = (real)net->leak;
    const real *g = f + n;
    switch (net->activation) {
#define CASE(code, name, flops, bends)                                                                                \
    case HP_##code:                                                                                                   \
        EACH(n) {                                                                                                     \
            const V straight = ON(rA) * HP_SLOPE_##code(ON(a));                                                       \
            ON(rD) = bends ? straight + ON(A) * HP_CURL_##code(ON(a)) * ON(ra) : straight;                            \
        }                                                                                                             \
        return;
        HP_SIMPLE_ACTS(CASE)
#undef CASE
    default: EACH(n) ON(rD) = ON(rA) * ON(f) + ON(A) * ON(g) * ON(rz);
    }
}

/* Rows of G, rG, D and rD of a cell with n numbers a gate. */
#define GATES(x, name) *const name##0 = (x), *const name##1 = (x) + n, *const name##2 = (x) + 2 * n, *const name##3 = (x) + 3 * n

static void NAME(gru_ahead)(int64_t n, const real *old, real *G, real *new) {
    real GATES(G, g); /* r, u, q, n */
    EACH(n) {
        const V r = NAME(vlogistic)(ON(g0)), u = NAME(vlogistic)(ON(g1)), m = NAME(vtanh)(ON(g3) + r * ON(g2));
        ON(g0) = r, ON(g1) = u, ON(g3) = m;
        ON(new) = m + u * (ON(old) - m);
    }
}

static void NAME(gru_back)(int64_t n, const real *old, const real *G, const real *A, real *D, real *past) {
    const real GATES(G, g);
    real GATES(D, d); /* of r, u, q and n */
    EACH(n) {
        const V r = ON(g0), u = ON(g1), q = ON(g2), m = ON(g3), a = ON(A);
        const V dn = a * (1 - u) * (1 - m * m);
        ON(d0) = dn * q * (r - r * r);
        ON(d1) = a * (ON(old) - m) * (u - u * u);
        ON(d2) = dn * r;
        ON(d3) = dn;
        ON(past) = a * u;
    }
}

static void NAME(gru_along)(int64_t n, const real *old, const real *rold, const real *G, real *rG, real *rnew) {
    const real GATES(G, g);
    real GATES(rG, h);
    EACH(n) {
        const V r = ON(g0), u = ON(g1), q = ON(g2), m = ON(g3);
        const V rr = ON(h0) * (r - r * r), ru = ON(h1) * (u - u * u), rm = (ON(h3) + rr * q + r * ON(h2)) * (1 - m * m);
        ON(h0) = rr, ON(h1) = ru, ON(h3) = rm;
        ON(rnew) = rm + ru * (ON(old) - m) + u * (ON(rold) - rm);
    }
}

static void NAME(gru_back_along)(int64_t n, const real *old, const real *rold, const real *G, const real *rG,
                                 const real *A, const real *rA, real *rD, real *past) {
    const real GATES(G, g);
    const real GATES(rG, h);
    real GATES(rD, d);
    EACH(n) {
        const V r = ON(g0), u = ON(g1), q = ON(g2), m = ON(g3), rr = ON(h0), ru = ON(h1), rq = ON(h2), rm = ON(h3);
        const V a = ON(A), ra = ON(rA), slope = 1 - m * m, h = ON(old) - m, rh = ON(rold) - rm;
        const V dm = a * (1 - u), dn = dm * slope;
        const V rdn = (ra * (1 - u) - a * ru) * slope - 2 * m * rm * dm;
        ON(d0) = (rdn * q + dn * rq) * (r - r * r) + dn * q * (1 - 2 * r) * rr;
        ON(d1) = (ra * h + a * rh) * (u - u * u) + a * h * (1 - 2 * u) * ru;
        ON(d2) = rdn * r + dn * rr;
        ON(d3) = rdn;
        ON(past) = ra * u + a * ru;
    }
}

/* States of lstm: n numbers of h, then n of c. G: i, f, g, o, tanh c'. */
static void NAME(lstm_ahead)(int64_t n, const real *old, real *G, real *new) {
    real GATES(G, g), *const tops = G + 4 * n, *const memory = new + n;
    const real *const before = old + n;
    EACH(n) {
        const V in = NAME(vlogistic)(ON(g0)), f = NAME(vlogistic)(ON(g1)), g = NAME(vtanh)(ON(g2));
        const V c = f * ON(before) + in * g, top = NAME(vtanh)(c), o = NAME(vlogistic)(ON(g3));
        ON(g0) = in, ON(g1) = f, ON(g2) = g, ON(g3) = o, ON(tops) = top;
        ON(memory) = c, ON(new) = o * top;
    }
}

static void NAME(lstm_back)(int64_t n, const real *old, const real *G, const real *A, real *D, real *past) {
    const real GATES(G, g), *const tops = G + 4 * n, *const before = old + n, *const below = A + n;
    real GATES(D, d), *const rest = past + n;
    EACH(n) {
        const V in = ON(g0), f = ON(g1), g = ON(g2), o = ON(g3), top = ON(tops), a = ON(A);
        const V dc = ON(below) + a * o * (1 - top * top);
        ON(d0) = dc * g * (in - in * in);
        ON(d1) = dc * ON(before) * (f - f * f);
        ON(d2) = dc * in * (1 - g * g);
        ON(d3) = a * top * (o - o * o);
        ON(rest) = dc * f;
    }
}

static void NAME(lstm_along)(int64_t n, const real *old, const real *rold, const real *G, real *rG, real *rnew) {
    const real GATES(G, g), *const tops = G + 4 * n, *const before = old + n, *const rbefore = rold + n;
    real GATES(rG, h), *const rtops = rG + 4 * n, *const rmemory = rnew + n;
    EACH(n) {
        const V in = ON(g0), f = ON(g1), g = ON(g2), o = ON(g3), top = ON(tops);
        const V rin = ON(h0) * (in - in * in), rf = ON(h1) * (f - f * f), rg = ON(h2) * (1 - g * g);
        const V ro = ON(h3) * (o - o * o), rc = rf * ON(before) + f * ON(rbefore) + rin * g + in * rg;
        const V rtop = (1 - top * top) * rc;
        ON(h0) = rin, ON(h1) = rf, ON(h2) = rg, ON(h3) = ro, ON(rtops) = rtop;
        ON(rmemory) = rc, ON(rnew) = ro * top + o * rtop;
    }
}

static void NAME(lstm_back_along)(int64_t n, const real *old, const real *rold, const real *G, const real *rG,
                                  const real *A, const real *rA, real *rD, real *past) {
    const real GATES(G, g), *const tops = G + 4 * n, *const before = old + n, *const below = A + n;
    const real GATES(rG, h), *const rtops = rG + 4 * n, *const rbefore = rold + n, *const rbelow = rA + n;
    real GATES(rD, d), *const rest = past + n;
    EACH(n) {
        const V in = ON(g0), f = ON(g1), g = ON(g2), o = ON(g3), top = ON(tops), a = ON(A), ra = ON(rA);
        const V rin = ON(h0), rf = ON(h1), rg = ON(h2), ro = ON(h3), rtop = ON(rtops), slope = 1 - top * top;
        const V dc = ON(below) + a * o * slope;
        const V rdc = ON(rbelow) + (ra * o + a * ro) * slope - 2 * a * o * top * rtop;
        const V din = dc * g, df = dc * ON(before), dg = dc * in, dout = a * top;
        ON(d0) = (rdc * g + dc * rg) * (in - in * in) + din * (1 - 2 * in) * rin;
        ON(d1) = (rdc * ON(before) + dc * ON(rbefore)) * (f - f * f) + df * (1 - 2 * f) * rf;
        ON(d2) = (rdc * in + dc * rin) * (1 - g * g) - 2 * g * rg * dg;
        ON(d3) = (ra * top + a * rtop) * (o - o * o) + dout * (1 - 2 * o) * ro;
        ON(rest) = rdc * f + dc * rf;
    }
}
#undef GATES
