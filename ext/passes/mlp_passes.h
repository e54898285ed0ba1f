/* The element-wise passes over a block of n samples x m units, between the matrix products.

   Included once per type and instruction set, after the vector mathematics, with `real` and NAME(x) defined.
   A unit's derivative follows from its activation a for identity, tanh, logistic, relu and leaky relu; for the others (kind
   HP_STORED) the forward pass stores act' in d and, where asked, act'' in e. relu'(0) = 0. */

/* gelu averaged over normal noise of width s >= 0 on z, and its first three derivatives: with c^2 = 1/(1 + s^2) it is
   z Phi(c z) + s^2 c phi(c z), phi the normal density. */
static void NAME(gelu)(real s, int64_t n, const real *z, real *a, real *f, real *g, real *h) {
    const real square = 1 / (1 + s * s), c = LIBM(sqrt)(square), tail = s * s * c, cube = square * c;
    const real root = (real)0.7071067811865476 * c, norm = (real)0.3989422804014327;
    for (int64_t i = 0; i < n; i++) f[i] = root * z[i], g[i] = -f[i] * f[i];
    NAME(v_erf)(n, f, f);
    NAME(v_exp)(n, g, g);
    for (int64_t i = 0; i < n; i++) {
        const real density = norm * g[i], below = (real)0.5 + (real)0.5 * f[i];
        const real x = density == 0 ? 0 : z[i] * density, y = density == 0 ? 0 : square * z[i] * z[i]; /* no inf 0 */
        a[i] = (below == 0 ? 0 : z[i] * below) + tail * density;
        f[i] = below + cube * x;
        g[i] = c * density * (1 + square * (1 - y));
        h[i] = -cube * x * (1 + square * (3 - y));
    }
}

/* act, act' and act'' of one chunk of pre-activations, and room in h; a, f, g, h, z do not overlap. */
static void NAME(derivatives)(int activation, real leak, int64_t n, const real *z, real *a, real *f, real *g,
                              real *h) {
    const real scale = (real)1.1283791670955126; /* 2/sqrt(pi) */
    switch (activation) {
    case HP_TANH:
        NAME(v_tanh)(n, z, a);
        for (int64_t i = 0; i < n; i++) f[i] = 1 - a[i] * a[i];
        for (int64_t i = 0; i < n; i++) g[i] = -2 * a[i] * f[i];
        return;
    case HP_LOGISTIC:
        NAME(v_logistic)(n, z, a);
        for (int64_t i = 0; i < n; i++) f[i] = a[i] - a[i] * a[i];
        for (int64_t i = 0; i < n; i++) g[i] = (1 - 2 * a[i]) * f[i];
        return;
    case HP_SOFTPLUS:
        NAME(v_softplus)(n, z, a);
        NAME(v_logistic)(n, z, f);
        for (int64_t i = 0; i < n; i++) g[i] = f[i] - f[i] * f[i];
        return;
    case HP_ERF:
        for (int64_t i = 0; i < n; i++) f[i] = -z[i] * z[i];
        NAME(v_exp)(n, f, f);
        for (int64_t i = 0; i < n; i++) f[i] *= scale;
        NAME(v_erf)(n, z, a);
        for (int64_t i = 0; i < n; i++) g[i] = -2 * z[i] * f[i];
        return;
    case HP_SIN:
        NAME(v_sin)(n, z, a);
        NAME(v_cos)(n, z, f);
        for (int64_t i = 0; i < n; i++) g[i] = -a[i];
        return;
    case HP_RELU:
        for (int64_t i = 0; i < n; i++) a[i] = z[i] < 0 ? 0 : z[i];
        for (int64_t i = 0; i < n; i++) f[i] = z[i] > 0 ? 1 : 0;
        memset(g, 0, (size_t)n * sizeof(real));
        return;
    case HP_LEAKY:
        for (int64_t i = 0; i < n; i++) a[i] = z[i] < 0 ? leak * z[i] : z[i];
        for (int64_t i = 0; i < n; i++) f[i] = z[i] > 0 ? 1 : leak;
        memset(g, 0, (size_t)n * sizeof(real));
        return;
    case HP_GELU:
        NAME(gelu)(0, n, z, a, f, g, h);
        return;
    default:
        memcpy(a, z, (size_t)n * sizeof(real));
        for (int64_t i = 0; i < n; i++) f[i] = 1;
        memset(g, 0, (size_t)n * sizeof(real));
    }
}

/* The same averaged over normal noise of width s > 0 on z, and in h the third derivative. Closed forms: relu becomes
   z Phi(z/s) + s phi(z/s), leaky relu is relu times 1 - leak and leak z, erf(z) becomes erf(c z) with
   c^2 = 1/(1 + 2 s^2), sin is damped by exp(-s^2/2). */
static void NAME(smoothed)(const hp_shape *shape, int64_t n, const real *z, real *a, real *f, real *g, real *h) {
    const real s = (real)shape->spread;
    if (shape->activation == HP_RELU || shape->activation == HP_LEAKY) {
        const real leak = shape->activation == HP_LEAKY ? (real)shape->leak : 0, rest = 1 - leak;
        const real root = (real)0.7071067811865476, norm = rest * (real)0.3989422804014327 / s;
        for (int64_t i = 0; i < n; i++) f[i] = root * z[i] / s, g[i] = -f[i] * f[i];
        NAME(v_erf)(n, f, f);
        NAME(v_exp)(n, g, g);
        for (int64_t i = 0; i < n; i++) {
            f[i] = leak + rest * ((real)0.5 + (real)0.5 * f[i]);
            g[i] *= norm;
            a[i] = z[i] * f[i] + s * s * g[i];
            h[i] = -z[i] / (s * s) * g[i];
        }
    } else if (shape->activation == HP_GELU) {
        NAME(gelu)(s, n, z, a, f, g, h);
    } else if (shape->activation == HP_ERF) {
        const real c = 1 / LIBM(sqrt)(1 + 2 * s * s), scale = c * (real)1.1283791670955126;
        for (int64_t i = 0; i < n; i++) a[i] = c * z[i], f[i] = -a[i] * a[i];
        NAME(v_erf)(n, a, a);
        NAME(v_exp)(n, f, f);
        for (int64_t i = 0; i < n; i++) {
            f[i] *= scale;
            g[i] = -2 * c * c * z[i] * f[i];
            h[i] = -2 * c * c * (f[i] + z[i] * g[i]);
        }
    } else {
        const real damp = LIBM(exp)(-s * s / 2);
        NAME(v_sin)(n, z, a);
        NAME(v_cos)(n, z, f);
        for (int64_t i = 0; i < n; i++) a[i] *= damp, f[i] *= damp, g[i] = -a[i], h[i] = -f[i];
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
    if (s->kind != HP_STORED) {
        if (s->kind == HP_TANH) NAME(v_tanh)(total, z, z);
        else if (s->kind == HP_LOGISTIC) NAME(v_logistic)(total, z, z);
        else if (s->kind == HP_RELU)
            for (int64_t i = 0; i < total; i++) z[i] = z[i] < 0 ? 0 : z[i]; /* NaN stays NaN */
        else if (s->kind == HP_LEAKY)
            for (int64_t i = 0; i < total; i++) z[i] = z[i] < 0 ? leak * z[i] : z[i];
        return;
    }
    enum { CHUNK = 256 };
    real a[CHUNK], f[CHUNK], g[CHUNK], h[CHUNK];
    const real spread = (real)s->spread, heat = (real)(-s->widest * s->spread); /* d/dt = heat act'' */
    for (int64_t i = 0; i < total; i += CHUNK) {
        const int64_t c = total - i < CHUNK ? total - i : CHUNK;
        if (spread > 0) NAME(smoothed)(s, c, z + i, a, f, g, h);
        else NAME(derivatives)(s->activation, leak, c, z + i, a, f, g, h);
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

/* act'(z) from the activation a, or as stored in d. */
#define HP_SLOPES(body)                                                                                               \
    switch (s->kind) {                                                                                                \
    case HP_IDENTITY: body(1) break;                                                                                  \
    case HP_TANH: body((1 - a[t] * a[t])) break;                                                                      \
    case HP_LOGISTIC: body((a[t] - a[t] * a[t])) break;                                                               \
    case HP_RELU: body((a[t] > 0 ? (real)1 : (real)0)) break;                                                         \
    case HP_LEAKY: body((a[t] > 0 ? (real)1 : (real)s->leak)) break;                                                  \
    default: body(d[t])                                                                                               \
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
    HP_SLOPES(BODY)
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
    HP_SLOPES(BODY)
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
    if (!rz || s->kind == HP_IDENTITY || s->kind == HP_RELU || s->kind == HP_LEAKY) {
#define BODY(slope) LOOP(rdelta[t] * slope)
        HP_SLOPES(BODY)
#undef BODY
    } else if (s->kind == HP_TANH) {
        LOOP(rdelta[t] * (1 - a[t] * a[t]) - 2 * a[t] * delta[t] * rz[t])
    } else if (s->kind == HP_LOGISTIC) {
        LOOP(rdelta[t] * (a[t] - a[t] * a[t]) + (1 - 2 * a[t]) * delta[t] * rz[t])
    } else if (q) {
        LOOP(rdelta[t] * d[t] + e[t] * rz[t] + q[t])
    } else {
        LOOP(rdelta[t] * d[t] + e[t] * rz[t])
    }
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
    if (s->kind == HP_STORED)
        for (int64_t t = 0; t < n * m; t++) bend[t] *= e[t];
    else if (s->kind == HP_TANH)
        for (int64_t t = 0; t < n * m; t++) bend[t] *= -2 * a[t] * (1 - a[t] * a[t]);
    else if (s->kind == HP_LOGISTIC)
        for (int64_t t = 0; t < n * m; t++) bend[t] *= (1 - 2 * a[t]) * (a[t] - a[t] * a[t]);
    else
        memset(bend, 0, (size_t)(n * m) * sizeof(real));
#define BODY(value)                                                                                                   \
    for (int64_t i = 0; i < n; i++)                                                                                   \
        for (int64_t c = 0; c < outputs; c++)                                                                         \
            for (int64_t j = 0; j < m; j++) {                                                                         \
                const int64_t t = i * m + j;                                                                          \
                (void)t;                                                                                              \
                slope[(i * outputs + c) * m + j] = delta[i * outputs + c] * value;                                    \
            }
    HP_SLOPES(BODY)
#undef BODY
}

static const TYPE(hp_passes) NAME(passes) = {
    NAME(forward), NAME(backward), NAME(rforward), NAME(rbackward), NAME(loss), NAME(rloss), NAME(outer),
    NAME(slopes), HP_GEMM_OF, HP_TRANSPOSE_OF,
};
