/* The functions of vmath.h in plain C, on vectors of one number, for compilers without vector extensions and as a slow
   check of the others. y may be x. */
typedef real NAME(vec);
typedef int NAME(ivec);
#define PLAIN static inline __attribute__((always_inline, unused))
PLAIN real NAME(all)(real x) { return x; }
PLAIN real NAME(pick)(int mask, real a, real b) { return mask ? a : b; }
PLAIN real NAME(negative)(real x) { return -LIBM(fabs)(x); }
PLAIN real NAME(root)(real x) { return LIBM(sqrt)(x); }
PLAIN real NAME(above)(real x, real low) { return x < low ? low : x; }
PLAIN real NAME(load)(const real *x, int64_t count) { return (void)count, *x; }
PLAIN void NAME(store)(real *x, int64_t count, real v) { (void)count, *x = v; }
#define HP_PLAIN(function, expression)                                                                                \
    PLAIN real NAME(v##function)(real z) { return expression; }                                                       \
    PLAIN real NAME(whole_##function)(real z) { return NAME(v##function)(z); }                                        \
    static __attribute__((unused)) void NAME(v_##function)(int64_t n, const real *x, real *y) {                       \
        for (int64_t i = 0; i < n; i++) y[i] = NAME(v##function)(x[i]);                                               \
    }
HP_PLAIN(tanh, LIBM(tanh)(z))
HP_PLAIN(exp, LIBM(exp)(z))
HP_PLAIN(expm1, LIBM(expm1)(z))
HP_PLAIN(logistic, z >= 0 ? 1 / (1 + LIBM(exp)(-z)) : LIBM(exp)(z) / (1 + LIBM(exp)(z)))
HP_PLAIN(softplus, z > 0 ? z + LIBM(log1p)(LIBM(exp)(-z)) : LIBM(log1p)(LIBM(exp)(z)))
HP_PLAIN(log1p, LIBM(log1p)(z))
HP_PLAIN(erf, LIBM(erf)(z))
HP_PLAIN(sin, LIBM(sin)(z))
HP_PLAIN(cos, LIBM(cos)(z))
HP_PLAIN(acos, LIBM(acos)(z))
#undef HP_PLAIN
#undef PLAIN
