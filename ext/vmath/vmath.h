/* Vector mathematics in GCC vector extensions: tanh, exp, expm1, logistic, softplus, log1p on [0, 1], erf, sin, cos,
   acos.

   Included once per type and instruction set (each_isa.h) with `real`, `bits` (the integer of its size), HP_DOUBLE,
   LANES, NAME(x), LIBM(x) and TYPE(x) defined. Each function exists on vectors, NAME(vtanh)(v), and on arrays,
   NAME(v_tanh)(n, x, y), where y may be x. NaN stays NaN, infinities saturate, -0.0 keeps its sign, results and
   arguments may be denormal. a*b + c becomes one operation where the machine has it. */
#define V NAME(vec)
#define VI NAME(ivec)
#define UV NAME(uvec) /* sums and shifts of exponents may wrap, as NaN makes them, which only unsigned numbers do */
#define K TYPE(constants)
#define INLINE static inline __attribute__((always_inline))
#if HP_DOUBLE
#define MANTISSA 52
#define BIAS 1023
#else
#define MANTISSA 23
#define BIAS 127
#endif
#define VECTOR_BYTES (LANES * (HP_DOUBLE ? 8 : 4))
#define COUNT(array) ((int)(sizeof(array) / sizeof(real)))

typedef real V __attribute__((vector_size(LANES * sizeof(real))));
typedef bits VI __attribute__((vector_size(LANES * sizeof(real))));
#if HP_DOUBLE
typedef uint64_t UV __attribute__((vector_size(LANES * sizeof(real))));
#else
typedef uint32_t UV __attribute__((vector_size(LANES * sizeof(real))));
#endif

INLINE V NAME(all)(real x) { return x - (V){0}; }

/* a where the mask is set (all bits of a lane), else b; the smaller of top and x, the larger of low and x, where NaN
   stays NaN. The machine's own instructions where it has them for vectors of this size. */
#if HP_DOUBLE
#define MM(bits, op) HP_JOIN(HP_JOIN(_mm, bits), HP_JOIN(op, _pd))
#define REGISTER(bits) HP_JOIN(__m, HP_JOIN(bits, d))
#else
#define MM(bits, op) HP_JOIN(HP_JOIN(_mm, bits), HP_JOIN(op, _ps))
#define REGISTER(bits) HP_JOIN(__m, bits)
#endif
#if HP_X86 && VECTOR_BYTES == 32 && HP_BYTES >= 32
#define BITS 256
INLINE V NAME(pick)(VI mask, V a, V b) {
    return (V)MM(BITS, _blendv)((REGISTER(BITS))b, (REGISTER(BITS))a, (REGISTER(BITS))mask);
}
#else
INLINE V NAME(pick)(VI mask, V a, V b) { return (V)((mask & (VI)a) | (~mask & (VI)b)); }
#endif
#if HP_X86 && VECTOR_BYTES == 64 && HP_BYTES == 64
#define BITS 512
#endif
#ifdef BITS
INLINE V NAME(below)(V x, real top) { return (V)MM(BITS, _min)((REGISTER(BITS))NAME(all)(top), (REGISTER(BITS))x); }
INLINE V NAME(above)(V x, real low) { return (V)MM(BITS, _max)((REGISTER(BITS))NAME(all)(low), (REGISTER(BITS))x); }
#else
INLINE V NAME(below)(V x, real top) { return NAME(pick)((VI)(x > NAME(all)(top)), NAME(all)(top), x); }
INLINE V NAME(above)(V x, real low) { return NAME(pick)((VI)(x < NAME(all)(low)), NAME(all)(low), x); }
#endif
#undef BITS
#undef MM
#undef REGISTER

INLINE VI NAME(sign)(V x) { return (VI)x & (VI)NAME(all)((real)-0.0); }
INLINE V NAME(magnitude)(V x) { return (V)((VI)x & ~(VI)NAME(all)((real)-0.0)); }

INLINE V NAME(negative)(V x) { return (V)((VI)x | (VI)NAME(all)((real)-0.0)); } /* -|x| */

INLINE V NAME(root)(V x) {
    V y = x;
    for (int i = 0; i < LANES; i++) y[i] = LIBM(sqrt)(x[i]);
    return y;
}

INLINE V NAME(horner)(V x, const real *c, int n) {
    V y = NAME(all)(c[n - 1]);
#pragma GCC unroll 20
    for (int i = n - 2; i >= 0; i--) y = y * x + c[i];
    return y;
}

/* (e^r - 1 - r) / r^2, in pairs so that short vectors do not wait for one long chain. */
INLINE V NAME(exp_tail)(V r) {
    const real *c = K.exp;
    const V r2 = r * r, r4 = r2 * r2;
    const V low = r2 * (r * c[3] + c[2]) + (r * c[1] + c[0]);
#if HP_DOUBLE
    const V middle = r2 * (r * c[7] + c[6]) + (r * c[5] + c[4]);
    return r4 * (r4 * (r * c[9] + c[8]) + middle) + low;
#else
    return r4 * (r * c[5] + c[4]) + low;
#endif
}

/* e^x - 1 = s p + (s - 1) with s = 2^k, p = e^r - 1, x = k ln 2 + r. Returns k as a number, with magic added. */
INLINE V NAME(split)(V x, V *p) {
    const V shifted = x * K.log2e + K.magic, k = shifted - K.magic;
    V r = x - k * K.ln2_hi;
    r = r - k * K.ln2_lo;
    *p = r * r * NAME(exp_tail)(r) + r;
    return shifted;
}

/* 2^k for a number with magic added, within the normal range. */
INLINE V NAME(power)(V shifted) { return (V)(((UV)shifted + BIAS) << MANTISSA); }

INLINE V NAME(vexp)(V x) {
    V p;
    x = NAME(above)(NAME(below)(x, K.exp_max), K.exp_min);
    const UV k = (UV)NAME(split)(x, &p) - (UV)NAME(all)(K.magic) + 2 * BIAS;
    /* two factors, because 2^k may be denormal or too large; halved as unsigned, as AVX2 can */
    const UV half = k >> 1, rest = k - half;
    const V s = (V)(half << MANTISSA);
    return (s * p + s) * (V)(rest << MANTISSA);
}

INLINE V NAME(vexpm1)(V x) {
    V p;
    const V y = NAME(above)(NAME(below)(x, K.exp_max), K.expm1_min);
    const V shifted = NAME(split)(y, &p), top = NAME(all)(K.magic + BIAS);
    const VI huge = (VI)(shifted > top);
    const V s = NAME(power)(NAME(pick)(huge, top, shifted));
    const V e = (s * p + (s - 1)) * NAME(pick)(huge, NAME(all)(2), NAME(all)(1));
    return NAME(pick)((VI)(x == NAME(all)(0)), x, e);
}

/* tanh |x| = (e^(2|x|) - 1) / (e^(2|x|) + 1). */
INLINE V NAME(vtanh)(V x) {
    V p, y = NAME(magnitude)(x);
    y = NAME(below)(y + y, K.tanh_max);
    const V s = NAME(power)(NAME(split)(y, &p));
    const V e = s * p + (s - 1);
    return (V)((VI)(e / (e + 2)) | NAME(sign)(x));
}

INLINE V NAME(vlogistic)(V x) {
    const V e = NAME(vexp)(NAME(negative)(x));
    return NAME(pick)((VI)(x < NAME(all)(0)), e, NAME(all)(1)) / (1 + e);
}

/* log(1 + u) for 0 <= u <= 1: log(1 + f) = f - (f^2/2 - s (f^2/2 + s^2 L)) with s = f/(2 + f), f = u or (u - 1)/2. */
INLINE V NAME(vlog1p)(V u) {
    const VI high = (VI)(u > NAME(all)((real)0.4142135));
    const V f = NAME(pick)(high, (u - 1) * (real)0.5, u), s = f / (f + 2), z = s * s;
    const V half = f * f * (real)0.5;
    const V rest = half - s * (half + z * NAME(horner)(z, K.log, COUNT(K.log)));
    return NAME(pick)(high, NAME(all)((real)0.6931471805599453), NAME(all)(0)) + (f - rest);
}

INLINE V NAME(vsoftplus)(V x) {
    const V e = NAME(vexp)(NAME(negative)(x));
    return NAME(pick)((VI)(x > NAME(all)(0)), x, NAME(all)(0)) + NAME(vlog1p)(e);
}

INLINE V NAME(verf)(V x) {
    const V a = NAME(magnitude)(x), square = x * x;
    const V small = x * NAME(horner)(square, K.erf, COUNT(K.erf));
    const V b = NAME(below)(a, HP_DOUBLE ? 6 : 4), t = 1 / (b + 2) - K.erf_centre;
    const V rest = NAME(vexp)(-b * b) * NAME(horner)(t, K.erfcx, COUNT(K.erfcx));
    return NAME(pick)((VI)(a < NAME(all)(1)), small, (V)((VI)(1 - rest) | NAME(sign)(x)));
}

/* x = q pi/2 + r, |r| <= pi/4, for |x| up to half_pi_limit: pi/2 in parts so short that q times each is exact. */
INLINE V NAME(quarter)(V x, VI *q) {
    const V shifted = x * K.two_over_pi + K.magic, n = shifted - K.magic;
    *q = (VI)shifted;
    const V a = x - n * K.half_pi[0], p = n * K.half_pi[1];
    const V b = a - p, lost = b - a;
    const V e = (a - (b - lost)) - (p + lost);
    const V w = n * K.half_pi[2], c = b - w, less = c - b;
    const V d = (b - (c - less)) - (w + less);
    const V r = c + (e + d - n * K.half_pi[3]);
    return NAME(pick)((VI)(n == NAME(all)(0)), x, r);
}

INLINE V NAME(circle)(V r, VI quadrant) {
    const V z = r * r;
    const V s = r * (z * NAME(horner)(z, K.sin, COUNT(K.sin)) + 1);
    const V half = z * (real)0.5, w = 1 - half;
    const V c = w + (((1 - w) - half) + z * z * NAME(horner)(z, K.cos, COUNT(K.cos)));
    const VI odd = -(quadrant & 1), flip = (VI)((UV)(quadrant & 2) << (8 * sizeof(real) - 2));
    return (V)((VI)NAME(pick)(odd, c, s) ^ flip);
}

INLINE V NAME(vsin)(V x) {
    VI q;
    const V r = NAME(quarter)(x, &q);
    return NAME(circle)(r, q);
}

INLINE V NAME(vcos)(V x) {
    VI q;
    const V r = NAME(quarter)(x, &q);
    return NAME(circle)(r, (VI)((UV)q + 1));
}

/* acos(x) = pi/2 - asin(x) for |x| <= 1/2, else 2 asin(sqrt((1 - |x|)/2)), from pi where x < 0. */
INLINE V NAME(vacos)(V x) {
    const V a = NAME(magnitude)(x);
    const VI outer = (VI)(a > NAME(all)((real)0.5));
    const V z = NAME(pick)(outer, (1 - a) * (real)0.5, x * x), s = NAME(pick)(outer, NAME(root)(z), x);
    const V tail = s * z * NAME(horner)(z, K.asin, COUNT(K.asin));
    const V twice = 2 * (s + tail);
    const V far = NAME(pick)((VI)(x < NAME(all)(0)), (real)3.141592653589793 - (twice - (real)1.2246467991473532e-16), twice);
    const V near = (real)1.5707963267948966 - (s - ((real)6.123233995736766e-17 - tail));
    return NAME(pick)(outer, far, near);
}

INLINE int NAME(exceeds)(V x) {
    const VI mask = (VI)(NAME(magnitude)(x) > NAME(all)(K.half_pi_limit));
    bits any = 0;
    for (int i = 0; i < LANES; i++) any |= mask[i];
    return any != 0;
}

/* The first `count` numbers at x, zeros after them; and the way back. */
INLINE V NAME(load)(const real *x, int64_t count) {
    V v = {0};
    if (count >= LANES) memcpy(&v, x, sizeof v);
    else
        for (int j = 0; j < count; j++) v[j] = x[j];
    return v;
}

INLINE void NAME(store)(real *x, int64_t count, V v) {
    if (count >= LANES) memcpy(x, &v, sizeof v);
    else
        for (int j = 0; j < count; j++) x[j] = v[j];
}

/* Elements beyond the range of the vector function, if it has one, are computed again by the mathematical library. */
#define HP_ARRAY(function, limited, library)                                                                          \
    INLINE V NAME(whole_##function)(V v) {                                                                            \
        V f = NAME(v##function)(v);                                                                                   \
        if (limited && NAME(exceeds)(v))                                                                              \
            for (int j = 0; j < LANES; j++)                                                                           \
                if (!(LIBM(fabs)(v[j]) <= K.half_pi_limit)) f[j] = LIBM(library)(v[j]);                               \
        return f;                                                                                                     \
    }                                                                                                                 \
    static __attribute__((unused)) void NAME(v_##function)(int64_t n, const real *x, real *y) {                       \
        int64_t i = 0;                                                                                                \
        for (; i + LANES <= n; i += LANES) NAME(store)(y + i, LANES, NAME(whole_##function)(NAME(load)(x + i, LANES))); \
        if (i < n) NAME(store)(y + i, n - i, NAME(whole_##function)(NAME(load)(x + i, n - i)));                       \
    }
HP_VMATH(HP_ARRAY)
#undef HP_ARRAY
#undef V
#undef VI
#undef UV
#undef K
#undef MANTISSA
#undef BIAS
#undef COUNT
#undef VECTOR_BYTES
#undef INLINE
