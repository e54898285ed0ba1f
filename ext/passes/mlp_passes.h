/* The element-wise passes over a block of n samples x m units, between the matrix products.

   Included once per type and instruction set, after the vector mathematics, with `real` and NAME(x) defined.
   A unit's derivative follows from its activation a for simple activations (act.h); for the others (kind HP_STORED)
   the forward pass stores act' in d and, where asked, act'' in e. */
#include "act.h"
#include "loss.h"
#define PICK(mask, yes, no) ((mask) ? (yes) : (no))
#define ONE (real)1
#define ZERO (real)0
#define LEAK (real)s->leak

/* A simple activation of n numbers, in place. */
static void NAME(activate)(int activation, double leak, int64_t n, real *z) {
    int64_t i = 0;
    switch (activation) {
#define CASE(code, ...)                                                                                               \
    case HP_##code:                                                                                                   \
        for (; i + LANES <= n; i += LANES)                                                                            \
            NAME(store)(z + i, LANES, NAME(value)(HP_##code, (real)leak, NAME(load)(z + i, LANES)));                  \
        if (i < n) NAME(store)(z + i, n - i, NAME(value)(HP_##code, (real)leak, NAME(load)(z + i, n - i)));           \
        return;
        HP_SIMPLE_ACTS(CASE)
#undef CASE
    }
}

/* z (n, m) becomes act(z + b); b may be NULL. For stored kinds d and e (may be NULL) receive act' and act''. With
   mix < 1 the activation is (1 - mix) z + mix act(z); with spread > 0 it is smoothed. p and q (may be NULL) receive the
   derivatives in t of the activation and of act'. */
static void NAME(forward)(const hp_shape *s, real *z, const real *b, real *d, real *e, real *p, real *q) {
    const int64_t n = s->n, m = s->m, total = n * m;
    const real mix = (real)s->mix, rest = 1 - mix, leak = (real)s->leak;
    if (b)
        for (int64_t i = 0; i < n; i++)
            for (int64_t j = 0; j < m; j++) z[i * m + j] += b[j];
    if (s->kind == HP_IDENTITY) return;
    if (s->kind != HP_STORED) {
        NAME(activate)(s->kind, leak, total, z);
        return;
    }
    enum { CHUNK = 256 };
    real a[CHUNK], f[CHUNK], g[CHUNK], h[CHUNK], room[CHUNK];
    const real spread = (real)s->spread, heat = (real)(-s->widest * s->spread); /* d/dt = heat act'' */
    for (int64_t i = 0; i < total; i += CHUNK) {
        const int64_t c = total - i < CHUNK ? total - i : CHUNK;
        const real *x = z + i;
        if (c % LANES) { /* whole vectors are read */
            memset(room + c / LANES * LANES, 0, LANES * sizeof(real));
            x = memcpy(room, x, (size_t)c * sizeof(real));
        }
        if (spread > 0) NAME(smoothed)(s->activation, leak, spread, c, x, a, f, g, h);
        else NAME(derivatives)(s->activation, leak, c, x, a, f, g);
        if (s->widest > 0) {
            for (int64_t j = 0; p && j < c; j++) p[i + j] = spread > 0 ? heat * g[j] : 0;
            for (int64_t j = 0; q && j < c; j++) q[i + j] = spread > 0 ? heat * h[j] : 0;
        }
        if (p && !(s->widest > 0))
            for (int64_t j = 0; j < c; j++) p[i + j] = a[j] - z[i + j];
        if (q && !(s->widest > 0))
            for (int64_t j = 0; j < c; j++) q[i + j] = f[j] - 1;
        if (mix == 1) {
            for (int64_t j = 0; j < c; j++) z[i + j] = a[j];
            if (d)
                for (int64_t j = 0; j < c; j++) d[i + j] = f[j];
            if (e)
                for (int64_t j = 0; j < c; j++) e[i + j] = g[j];
            continue;
        }
        for (int64_t j = 0; j < c; j++) z[i + j] = rest * z[i + j] + mix * a[j];
        if (d)
            for (int64_t j = 0; j < c; j++) d[i + j] = rest + mix * f[j];
        if (e)
            for (int64_t j = 0; j < c; j++) e[i + j] = mix * g[j];
    }
}

/* BODY of act'(z), from the activation a or as stored in d. */
#define SLOPE_CASE(code, ...) case HP_##code: BODY(HP_SLOPE_##code(a[t])) break;
#define HP_SLOPES                                                                                                     \
    switch (s->kind) {                                                                                                \
        HP_SIMPLE_ACTS(SLOPE_CASE)                                                                                    \
    default: BODY(d[t])                                                                                               \
    }

/* delta *= act', and its column sums are added to gb. */
static void NAME(backward)(const hp_shape *s, real *restrict delta, const real *restrict a, const real *restrict d,
                           real *restrict gb) {
    const int64_t n = s->n, m = s->m;
#define BODY(slope)                                                                                                   \
    for (int64_t i = 0; i < n; i++)                                                                                   \
        for (int64_t j = 0; j < m; j++) {                                                                             \
            const int64_t t = i * m + j;                                                                              \
            const real v = delta[t] * slope;                                                                          \
            delta[t] = v;                                                                                             \
            gb[j] += v;                                                                                               \
        }
    HP_SLOPES
#undef BODY
}

/* The tangent of the forward pass: rz += vb (may be NULL), ra = rz act' + p (p may be NULL). */
static void NAME(rforward)(const hp_shape *s, real *restrict rz, const real *restrict vb, const real *restrict a,
                           const real *restrict d, const real *restrict p, real *restrict ra) {
    const int64_t n = s->n, m = s->m;
#define BODY(slope)                                                                                                   \
    for (int64_t i = 0; i < n; i++)                                                                                   \
        for (int64_t j = 0; j < m; j++) {                                                                             \
            const int64_t t = i * m + j;                                                                              \
            const real v = vb ? rz[t] + vb[j] : rz[t];                                                                \
            rz[t] = v;                                                                                                \
            ra[t] = v * slope;                                                                                        \
        }
    HP_SLOPES
#undef BODY
    if (p)
        for (int64_t t = 0; t < n * m; t++) ra[t] += p[t];
}

/* The tangent of the backward pass: rdelta = rdelta act' + delta/act' act'' rz + q, where delta is the one after its
   own backward pass; for stored kinds e holds delta/act' act'' already. Without rz: rdelta = rdelta act' alone, the
   Gauss-Newton product. Column sums are added to gb. */
static void NAME(rbackward)(const hp_shape *s, real *restrict rdelta, const real *restrict a, const real *restrict d,
                            const real *restrict delta, const real *restrict e, const real *restrict rz,
                            const real *restrict q, real *restrict gb) {
    const int64_t n = s->n, m = s->m;
#define LOOP(expression)                                                                                              \
    for (int64_t i = 0; i < n; i++)                                                                                   \
        for (int64_t j = 0; j < m; j++) {                                                                             \
            const int64_t t = i * m + j;                                                                              \
            const real v = (expression);                                                                              \
            rdelta[t] = v;                                                                                            \
            gb[j] += v;                                                                                               \
        }
#define BODY(slope) LOOP(rdelta[t] * slope)
#define CASE(code, name, flops, bends)                                                                                \
    case HP_##code:                                                                                                   \
        if (bends) LOOP(rdelta[t] * HP_SLOPE_##code(a[t]) + HP_CURL_##code(a[t]) * delta[t] * rz[t])                  \
        else LOOP(rdelta[t] * HP_SLOPE_##code(a[t]))                                                                  \
        return;
    if (!rz) {
        HP_SLOPES
        return;
    }
    switch (s->kind) { HP_SIMPLE_ACTS(CASE) }
    if (q) LOOP(rdelta[t] * d[t] + e[t] * rz[t] + q[t])
    else LOOP(rdelta[t] * d[t] + e[t] * rz[t])
#undef BODY
#undef CASE
#undef LOOP
}

#include "mlp_losses.h"

/* Rows of a Jacobian: J[i] (m, k), then (m,) where there are biases, is delta[i] input[i]' ; rows lie `stride` apart. */
static void NAME(outer)(int64_t n, int64_t m, int64_t k, const real *restrict delta, const real *restrict input,
                        real *restrict J, int64_t stride, int bias) {
    for (int64_t i = 0; i < n; i++) {
        real *restrict row = J + i * stride;
        const real *restrict x = input + i * k, *restrict v = delta + i * m;
        for (int64_t j = 0; j < m; j++)
            for (int64_t q = 0; q < k; q++) row[j * k + q] = v[j] * x[q];
        if (bias) memcpy(row + m * k, v, (size_t)m * sizeof(real));
    }
}

/* bend (n, m) *= act''; slope[i, c, j] = delta[i, c] act'[i, j]. The stored act' and act'' are d and e. */
static void NAME(slopes)(const hp_shape *s, const real *restrict a, const real *restrict d, const real *restrict e,
                         const real *restrict delta, int64_t outputs, real *restrict bend, real *restrict slope) {
    const int64_t n = s->n, m = s->m;
    switch (s->kind) {
#define CASE(code, name, flops, bends)                                                                                \
    case HP_##code:                                                                                                   \
        for (int64_t t = 0; t < n * m; t++)                                                                           \
            if (bends) bend[t] *= HP_CURL_##code(a[t]) * HP_SLOPE_##code(a[t]);                                       \
            else bend[t] = 0;                                                                                         \
        break;
        HP_SIMPLE_ACTS(CASE)
#undef CASE
    default:
        for (int64_t t = 0; t < n * m; t++) bend[t] *= e[t];
    }
#define BODY(value)                                                                                                   \
    for (int64_t i = 0; i < n; i++)                                                                                   \
        for (int64_t c = 0; c < outputs; c++)                                                                         \
            for (int64_t j = 0; j < m; j++) {                                                                         \
                const int64_t t = i * m + j;                                                                          \
                (void)t;                                                                                              \
                slope[(i * outputs + c) * m + j] = delta[i * outputs + c] * value;                                    \
            }
    HP_SLOPES
#undef BODY
}

#undef PICK
#undef ONE
#undef ZERO
#undef LEAK
#undef HP_SLOPES
#undef SLOPE_CASE
