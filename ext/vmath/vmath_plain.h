/* The functions of vmath.h in plain C, for compilers without vector extensions and as a slow check of the others.
   y may be x. */
#define HP_PLAIN(function, expression)                                                                                \
    static __attribute__((unused)) void NAME(v_##function)(int64_t n, const real *x, real *y) {                       \
        for (int64_t i = 0; i < n; i++) {                                                                             \
            const real z = x[i];                                                                                      \
            y[i] = (expression);                                                                                      \
        }                                                                                                             \
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
