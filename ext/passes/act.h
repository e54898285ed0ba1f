/* Every activation, once: its code, its value and its first and second derivative, for every layout of the kernels.

   A new one is a line of a list and its function below; an entry in homotopy/models/activations.py, which is checked
   against these lists at import; and its formula in tests/reference.py.

   The derivatives of simple ones follow from the activation, so that nothing needs to be stored; for the others the
   forward pass stores act' and, where asked, act''. Python's names have a dash for each underscore here. */
#ifndef HOMOTOPY_ACT_H
#define HOMOTOPY_ACT_H

/* Code, name, the operations of a value with its slope and the product with it, counted in ext/vmath, where an exp is
   40, and, of simple ones, whether it bends: act'' is not zero almost everywhere. */
#define HP_SIMPLE_ACTS(X)                                                                                             \
    X(IDENTITY, identity, 2, 0)                                                                                       \
    X(TANH, tanh, 43, 1) X(LOGISTIC, logistic, 47, 1) X(RELU, relu, 2, 0) X(LEAKY, leaky_relu, 2, 0)
#define HP_STORED_ACTS(X) X(SOFTPLUS, softplus, 118) X(ERF, erf, 147) X(SIN, sin, 115) X(GELU, gelu, 161)
/* Those whose mean over normal noise has a closed form. */
#define HP_SMOOTH_ACTS(X) X(RELU, relu) X(LEAKY, leaky_relu) X(ERF, erf) X(SIN, sin) X(GELU, gelu)

#define CODE(code, ...) HP_##code,
#define TEXT(code, name, ...) #name,
#define FLOPS(code, name, flops, ...) flops,
enum hp_activation {
    HP_SIMPLE_ACTS(CODE) HP_N_SIMPLE,
    HP_LAST_SIMPLE = HP_N_SIMPLE - 1,
    HP_STORED_ACTS(CODE) HP_N_ACTIVATIONS,
};
static __attribute__((unused)) const char *const hp_activations[] = {HP_SIMPLE_ACTS(TEXT) HP_STORED_ACTS(TEXT)};
static __attribute__((unused)) const double hp_activation_flops[] = {HP_SIMPLE_ACTS(FLOPS) HP_STORED_ACTS(FLOPS)};
#undef CODE
#undef TEXT
#undef FLOPS

/* Kind of a layer whose derivatives are stored by the forward pass. */
enum { HP_STORED = HP_N_ACTIVATIONS };

/* Whether act' follows from the activation; else it must be stored. */
static inline int hp_simple(int activation) { return activation < HP_N_SIMPLE; }

static inline int hp_smooths(int activation) {
#define SAME(code, name) || activation == HP_##code
    return 0 HP_SMOOTH_ACTS(SAME);
#undef SAME
}

/* Simple ones, on numbers and vectors alike: the value at z (vectors only), then act' and act''/act' from the
   activation a. PICK(mask, yes, no), ONE, ZERO and LEAK are those of the place; relu'(0) = 0, and NaN stays NaN. */
#define HP_VALUE_IDENTITY(z) (z)
#define HP_SLOPE_IDENTITY(a) ONE
#define HP_CURL_IDENTITY(a) ZERO

#define HP_VALUE_TANH(z) NAME(vtanh)(z)
#define HP_SLOPE_TANH(a) (1 - (a) * (a))
#define HP_CURL_TANH(a) (-2 * (a))

#define HP_VALUE_LOGISTIC(z) NAME(vlogistic)(z)
#define HP_SLOPE_LOGISTIC(a) ((a) - (a) * (a))
#define HP_CURL_LOGISTIC(a) (1 - 2 * (a))

#define HP_VALUE_RELU(z) NAME(above)(z, 0)
#define HP_SLOPE_RELU(a) PICK((a) > 0, ONE, ZERO)
#define HP_CURL_RELU(a) ZERO

#define HP_VALUE_LEAKY(z) PICK((z) < 0, LEAK * (z), z)
#define HP_SLOPE_LEAKY(a) PICK((a) > 0, ONE, LEAK)
#define HP_CURL_LEAKY(a) ZERO
#endif

/* The functions on vectors, once per type and instruction set, after the vector mathematics. */
#ifdef NAME
#define V NAME(vec)
#define INLINE static inline __attribute__((always_inline))
#define PICK(mask, yes, no) NAME(pick)((NAME(ivec))(mask), yes, no)
#define ONE NAME(all)(1)
#define ZERO NAME(all)(0)
#define LEAK NAME(all)(leak)

/* Stored ones: act, act' and act''. */
INLINE void NAME(act_softplus)(V z, V *a, V *f, V *g) {
    *a = NAME(vsoftplus)(z);
    *f = NAME(vlogistic)(z);
    *g = *f - *f * *f;
}

INLINE void NAME(act_erf)(V z, V *a, V *f, V *g) {
    *a = NAME(verf)(z);
    *f = NAME(vexp)(-z * z) * (real)1.1283791670955126; /* 2/sqrt(pi) */
    *g = -2 * z * *f;
}

INLINE void NAME(act_sin)(V z, V *a, V *f, V *g) {
    *a = NAME(whole_sin)(z);
    *f = NAME(whole_cos)(z);
    *g = -*a;
}

/* Averages over normal noise of width s on z, and their first three derivatives. With c^2 = 1/(1 + s^2) gelu becomes
   z Phi(c z) + s^2 c phi(c z), phi the normal density; s may be 0. */
INLINE void NAME(smooth_gelu)(V z, real s, real leak, V *a, V *f, V *g, V *h) {
    const real square = 1 / (1 + s * s), c = LIBM(sqrt)(square), tail = s * s * c, cube = square * c;
    const V r = (real)0.7071067811865476 * c * z;
    const V density = (real)0.3989422804014327 * NAME(vexp)(-r * r), below = (real)0.5 + (real)0.5 * NAME(verf)(r);
    const V x = PICK(density == ZERO, ZERO, z * density); /* no inf 0 */
    const V y = PICK(density == ZERO, ONE, 1 - square * z * z), w = PICK(density == ZERO, 3 * ONE, 3 - square * z * z);
    *a = PICK(below == ZERO, ZERO, z * below) + tail * density;
    *f = below + cube * x;
    *g = c * density * (1 + square * y);
    *h = -cube * x * (1 + square * w);
}

INLINE void NAME(act_gelu)(V z, V *a, V *f, V *g) {
    V h;
    NAME(smooth_gelu)(z, 0, 0, a, f, g, &h);
}

/* Relu becomes z Phi(z/s) + s phi(z/s), leaky relu that times 1 - leak and leak z. */
INLINE void NAME(smooth_leaky_relu)(V z, real s, real leak, V *a, V *f, V *g, V *h) {
    const real rest = 1 - leak, norm = rest * (real)0.3989422804014327 / s;
    const V r = (real)0.7071067811865476 * z / s;
    *f = leak + rest * ((real)0.5 + (real)0.5 * NAME(verf)(r));
    *g = NAME(vexp)(-r * r) * norm;
    *a = z * *f + s * s * *g;
    *h = -z / (s * s) * *g;
}

INLINE void NAME(smooth_relu)(V z, real s, real leak, V *a, V *f, V *g, V *h) {
    NAME(smooth_leaky_relu)(z, s, 0, a, f, g, h);
}

/* erf(z) becomes erf(c z) with c^2 = 1/(1 + 2 s^2). */
INLINE void NAME(smooth_erf)(V z, real s, real leak, V *a, V *f, V *g, V *h) {
    const real c = 1 / LIBM(sqrt)(1 + 2 * s * s);
    const V r = c * z;
    *a = NAME(verf)(r);
    *f = NAME(vexp)(-r * r) * (c * (real)1.1283791670955126);
    *g = -2 * c * c * z * *f;
    *h = -2 * c * c * (*f + z * *g);
}

/* sin is damped by exp(-s^2/2). */
INLINE void NAME(smooth_sin)(V z, real s, real leak, V *a, V *f, V *g, V *h) {
    const real damp = LIBM(exp)(-s * s / 2);
    *a = NAME(whole_sin)(z) * damp;
    *f = NAME(whole_cos)(z) * damp;
    *g = -*a, *h = -*f;
}

/* act(z) of a simple one. */
INLINE V NAME(value)(int activation, real leak, V z) {
#define CASE(code, ...) if (activation == HP_##code) return HP_VALUE_##code(z);
    HP_SIMPLE_ACTS(CASE)
#undef CASE
    __builtin_trap();
}

/* act'(z) of a vector from the activation a, or as stored. */
INLINE V NAME(slope)(int kind, real leak, V a, V stored) {
#define CASE(code, ...) if (kind == HP_##code) return HP_SLOPE_##code(a);
    HP_SIMPLE_ACTS(CASE)
#undef CASE
    return stored;
}

#define EACH(body)                                                                                                    \
    for (int64_t i = 0; i < n; i += LANES) {                                                                          \
        V x, y, s, b, c = ZERO;                                                                                       \
        memcpy(&x, z + i, sizeof x);                                                                                  \
        body;                                                                                                         \
        memcpy(a + i, &y, sizeof y), memcpy(f + i, &s, sizeof s);                                                     \
        if (g) memcpy(g + i, &b, sizeof b);                                                                           \
        if (h) memcpy(h + i, &c, sizeof c);                                                                           \
    }
/* act, act' and act'' of n numbers, in whole vectors: z, a, f and g reach as far. g may be NULL. */
INLINE void NAME(derivatives)(int activation, real leak, int64_t n, const real *z, real *a, real *f, real *g) {
    real *const h = NULL;
    switch (activation) {
#define CASE(code, ...)                                                                                               \
    case HP_##code: EACH(y = HP_VALUE_##code(x); s = HP_SLOPE_##code(y); b = HP_CURL_##code(y) * s) return;
        HP_SIMPLE_ACTS(CASE)
#undef CASE
#define CASE(code, name, ...) case HP_##code: EACH(NAME(act_##name)(x, &y, &s, &b)) return;
        HP_STORED_ACTS(CASE)
#undef CASE
    }
    __builtin_trap();
}

/* The same averaged over normal noise of width `spread` > 0 on z, and in h the third derivative, unless it is NULL. */
INLINE void NAME(smoothed)(int activation, real leak, real spread, int64_t n, const real *z, real *a, real *f, real *g,
                           real *h) {
    switch (activation) {
#define CASE(code, name) case HP_##code: EACH(NAME(smooth_##name)(x, spread, leak, &y, &s, &b, &c)) return;
        HP_SMOOTH_ACTS(CASE)
#undef CASE
    }
    __builtin_trap();
}
#undef EACH
#undef V
#undef INLINE
#undef PICK
#undef ONE
#undef ZERO
#undef LEAK
#endif
