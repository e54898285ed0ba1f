/* Angles between rows for one instruction set (teacher_body.h): one function for pairs of one student and, with a
   student a lane, for many. Both kinds of caller do the same operations in the same order, so that they agree bit for
   bit. */
#undef HOT
#undef SIGNED
#undef SIZE
#undef ROOT
#undef PICK
#undef SMALLER
#undef LARGER
#undef IF_BELOW
#if HP_BYTES
#define V NAME(vec)
#define HOT(c) NAME(ts_any)((NAME(ivec))(NAME(magnitude)(c) > TS_NEAR))
static inline __attribute__((always_inline)) int NAME(ts_any)(NAME(ivec) mask) {
#if HP_X86 && HP_BYTES == 64
    return _mm512_test_epi64_mask((__m512i)mask, (__m512i)mask) != 0;
#elif HP_X86 && HP_BYTES == 32
    return _mm256_movemask_pd((__m256d)mask) != 0;
#else
    int64_t any = 0;
    for (int l = 0; l < LANES; l++) any |= mask[l];
    return any != 0;
#endif
}
#define SIGNED(p, c) (V)((NAME(ivec))(p) | NAME(sign)(c))
#define SIZE(c) NAME(magnitude)(c)
#define ROOT(z) NAME(root)(z)
#define PICK(mask, a, b) NAME(pick)((NAME(ivec))(mask), a, b)
#if HP_X86 && HP_BYTES == 64
#define SMALLER(a, b) (V)_mm512_min_pd((__m512d)(a), (__m512d)(b))
#define LARGER(a, b) (V)_mm512_max_pd((__m512d)(a), (__m512d)(b))
#define IF_BELOW(s, a, x, y)                                                                                          \
    (V)_mm512_mask_blend_pd(_mm512_cmp_pd_mask((__m512d)(s), (__m512d)(a), _CMP_LT_OQ), (__m512d)(y), (__m512d)(x))
#elif HP_X86 && HP_BYTES == 32
#define SMALLER(a, b) (V)_mm256_min_pd((__m256d)(a), (__m256d)(b))
#define LARGER(a, b) (V)_mm256_max_pd((__m256d)(a), (__m256d)(b))
#endif
#else
#define V double
#define HOT(c) (fabs(c) > TS_NEAR)
#define SIGNED(p, c) copysign(p, c)
#define SIZE(c) fabs(c)
#define ROOT(z) sqrt(z)
#define PICK(mask, a, b) ((mask) ? (a) : (b))
#endif
/* The smaller and the larger of two, the second where one is NaN; x where s < a, else y. */
#ifndef SMALLER
#define SMALLER(a, b) PICK((a) < (b), a, b)
#define LARGER(a, b) PICK((a) > (b), a, b)
#endif
#ifndef IF_BELOW
#define IF_BELOW(s, a, x, y) PICK((s) < (a), x, y)
#endif

/* The cosine c clamped to [-1, 1], NaN as it is. */
static inline __attribute__((always_inline)) V NAME(ts_clamped)(V c) {
    c = SMALLER(NAME(all)(1.0), c);
    return LARGER(NAME(all)(-1.0), c);
}

/* The sine and b = (pi - arccos c)/(2 pi) = 1/4 + arcsin(c)/(2 pi): the arcsine of the smaller of |c| and the sine, by
   the polynomial that interpolates (arcsin(r)/r - 1)/r^2 in r^2 <= 1/2 (error 6e-17 of arcsin), even and odd powers
   beside each other. */
static inline __attribute__((always_inline)) V NAME(ts_angle)(V c, V *sine) {
    const V a = SIZE(c), s = ROOT((1.0 - a) * (1.0 + a));
    const V r = SMALLER(s, a), z = r * r, z2 = z * z;
    V even = z2 * -2.277990489441633 + -3.7415993002001366, odd = z2 * 0.6629475548369097 + 3.7316474816315224;
    even = z2 * even + -1.258681300394588, odd = z2 * odd + 2.573508064401593;
    even = z2 * even + -0.1174784139555458, odd = z2 * odd + 0.46581061083892006;
    even = z2 * even + 0.0058919623838489124, odd = z2 * odd + 0.033823977477227554;
    even = z2 * even + 0.013929824301362788, odd = z2 * odd + 0.011985559032731258;
    even = z2 * even + 0.022372086303686842, odd = z2 * odd + 0.017354730668996843;
    even = z2 * even + 0.04464285712358516, odd = z2 * odd + 0.030381946078023858;
    even = z2 * even + 0.1666666666666666, odd = z2 * odd + 0.07500000000008983;
    const V p = (r * z * (z * odd + even) + r) * TS_I2PI;
    *sine = s;
    return 0.25 + SIGNED(IF_BELOW(s, a, 0.25 - p, p), c);
}

/* Clamps m cosines and writes sines and b; returns whether a pair is nearly parallel. m is a multiple of eight. */
static int NAME(ts_angles)(double *cosine, double *sine, double *b, int64_t m) {
    V top = {0};
    for (int64_t q = 0; q < m; q += WIDE) {
        const V c = NAME(ts_clamped)(VEC(cosine + q)), size = SIZE(c);
        V s;
        VEC(b + q) = NAME(ts_angle)(c, &s);
        VEC(sine + q) = s;
        VEC(cosine + q) = c;
        top = LARGER(size, top);
    }
    return HOT(top);
}

/* Cosine, sine and b of the nearly parallel ones among the pairs u, v, one a lane, from the difference (sum) of the
   unit rows: arccos loses half of the digits there. `extra` is what smoothing adds to the squared difference. Not inlined:
   that all callers run the same instructions makes their results equal. */
static __attribute__((noinline)) void NAME(ts_refine)(const V *u, const V *v, int64_t d, const V inverse[2], V extra,
                                                      V *c, V *s, V *b) {
    const V sign = SIGNED(NAME(all)(1.0), *c), iu = inverse[0], iv = sign * inverse[1];
    V q = extra;
    for (int64_t a = 0; a < d; a++) {
        const V e = u[a] * iu - v[a] * iv;
        q += e * e;
    }
    const V half = 0.5 * ROOT(q), z = half * half;
    const V arc = half * z * (z * (z * (z * (35.0 / 1152.0) + 15.0 / 336.0) + 3.0 / 40.0) + 1.0 / 6.0) + half;
    const V share = arc * (2.0 * TS_I2PI), near = SIZE(*c);
    *b = PICK(near > TS_NEAR, PICK(sign > 0.0, 0.5 - share, share), *b);
    *s = PICK(near > TS_NEAR, 2.0 * half * ROOT(1.0 - z), *s);
    *c = PICK(near > TS_NEAR, sign * (1.0 - 2.0 * z), *c);
}

/* Pairs of one student that wait for ts_refine, one a lane. */
typedef struct {
    V *u, *v, inverse[2], extra, c, s, b;
    int64_t at[WIDE];
    int n;
} NAME(ts_waiting);

static void NAME(ts_refine_waiting)(const ts_data *D, ts_point *P, NAME(ts_waiting) *W) {
    if (W->n == 0) return;
    for (int l = W->n; l < WIDE; l++) ((double *)&W->c)[l] = 0.0;
    NAME(ts_refine)(W->u, W->v, D->d, W->inverse, W->extra, &W->c, &W->s, &W->b);
    for (int l = 0; l < W->n; l++) {
        P->cosine[W->at[l]] = ((double *)&W->c)[l];
        P->sine[W->at[l]] = ((double *)&W->s)[l];
        P->b[W->at[l]] = ((double *)&W->b)[l];
    }
    W->n = 0;
}

static void NAME(ts_wait)(const ts_data *D, ts_point *P, NAME(ts_waiting) *W, int64_t q, const double *u, double iu,
                          const double *v, double iv, double extra) {
    const int l = W->n++;
    for (int64_t a = 0; a < D->d; a++) {
        ((double *)(W->u + a))[l] = u[a];
        ((double *)(W->v + a))[l] = v[a];
    }
    ((double *)W->inverse)[l] = iu;
    ((double *)(W->inverse + 1))[l] = iv;
    ((double *)&W->extra)[l] = extra;
    ((double *)&W->c)[l] = P->cosine[q];
    W->at[l] = q;
    if (W->n == WIDE) NAME(ts_refine_waiting)(D, P, W);
}

static void NAME(ts_refine_all)(const ts_data *D, ts_point *P) {
    const double s2 = P->s * P->s;
    NAME(ts_waiting) W;
    memset(&W, 0, sizeof W);
    W.u = (V *)P->spare, W.v = W.u + D->dp;
    memset(P->spare, 0, sizeof(double) * (size_t)(2 * WIDE * D->dp));
    for (int64_t i = 0; i < D->n; i++) {
        const double *w = P->x + i * D->dp, ii = P->inv[i];
        for (int64_t j = 0, q = ts_row(i); j < i; j++, q++)
            if (fabs(P->cosine[q]) > TS_NEAR)
                NAME(ts_wait)(D, P, &W, q, w, ii, P->x + j * D->dp, P->inv[j], s2 * (ii * ii + P->inv[j] * P->inv[j]));
        for (int64_t j = 0, q = P->own + i * D->kp; j < D->k; j++, q++)
            if (fabs(P->cosine[q]) > TS_NEAR)
                NAME(ts_wait)(D, P, &W, q, w, ii, D->teacher + j * D->dp, D->inv[j], s2 * ii * ii);
    }
    NAME(ts_refine_waiting)(D, P, &W);
}
#undef V
