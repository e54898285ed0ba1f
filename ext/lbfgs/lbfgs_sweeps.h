/* The loops over variables of L-BFGS for one instruction set, vectors along the variables.

   The descent's own vectors begin on 64 bytes and end in zeros up to a multiple of eight; the point x is the caller's,
   which does neither. Sums run over four vectors side by side; each sweep of the recursion applies one pair and takes
   the next one's inner product, so that the direction is read and written once a pair. */
#if HP_BYTES
#define W LANES
typedef double NAME(sweep) __attribute__((vector_size(HP_BYTES), aligned(8), may_alias));
#else
#define W 1
typedef double NAME(sweep);
#endif
#define AT(p) (*(NAME(sweep) *)(p))
#define CAT(p) (*(const NAME(sweep) *)(p))

/* The sum of four vectors, halves upon halves. */
#if HP_BYTES == 64
#define FOLD(a)                                                                                                        \
    a += HP_SHUFFLE(a, (NAME(ivec)){4, 5, 6, 7, 0, 1, 2, 3});                                                   \
    a += HP_SHUFFLE(a, (NAME(ivec)){2, 3, 0, 1, 6, 7, 4, 5});                                                   \
    a += HP_SHUFFLE(a, (NAME(ivec)){1, 0, 3, 2, 5, 4, 7, 6})
#elif HP_BYTES == 32
#define FOLD(a)                                                                                                        \
    a += HP_SHUFFLE(a, (NAME(ivec)){2, 3, 0, 1});                                                               \
    a += HP_SHUFFLE(a, (NAME(ivec)){1, 0, 3, 2})
#elif HP_BYTES
#define FOLD(a) a += HP_SHUFFLE(a, (NAME(ivec)){1, 0})
#endif
static inline __attribute__((always_inline)) double NAME(sweep_sum)(const NAME(sweep) * s) {
#if HP_BYTES
    NAME(vec) all = (s[0] + s[1]) + (s[2] + s[3]);
    FOLD(all);
    return all[0];
#else
    return (s[0] + s[1]) + (s[2] + s[3]);
#endif
}
#undef FOLD

/* STEP(i, accumulator) for all vectors of n numbers, four accumulators in turn. */
#define EVERY(n, STEP)                                                                                                 \
    do {                                                                                                               \
        int64_t at = 0;                                                                                                \
        for (; at + 4 * W <= (n); at += 4 * W) {                                                                       \
            STEP(at, 0);                                                                                               \
            STEP(at + W, 1);                                                                                           \
            STEP(at + 2 * W, 2);                                                                                       \
            STEP(at + 3 * W, 3);                                                                                       \
        }                                                                                                              \
        for (; at < (n); at += W) STEP(at, 0);                                                                         \
    } while (0)

static double NAME(sweep_dot)(const double *a, const double *b, int64_t n) {
    NAME(sweep) s[4] = {0};
#define STEP(i, q) s[q] += CAT(a + (i)) * CAT(b + (i))
    EVERY(n, STEP);
#undef STEP
    return NAME(sweep_sum)(s);
}

/* w = -a, and its inner product with b. */
static inline double NAME(sweep_turn)(const double *a, double *w, const double *b, int64_t n) {
    NAME(sweep) s[4] = {0};
#define STEP(i, q)                                                                                                     \
    do {                                                                                                               \
        const NAME(sweep) u = -CAT(a + (i));                                                                           \
        AT(w + (i)) = u;                                                                                               \
        s[q] += u * CAT(b + (i));                                                                                      \
    } while (0)
    EVERY(n, STEP);
#undef STEP
    return NAME(sweep_sum)(s);
}

/* w = (w - k a) scale, and its inner product with b. */
static inline double NAME(sweep_apply)(double k, const double *a, double scale, double *w, const double *b, int64_t n) {
    NAME(sweep) s[4] = {0};
#define STEP(i, q)                                                                                                     \
    do {                                                                                                               \
        const NAME(sweep) u = (CAT(w + (i)) - k * CAT(a + (i))) * scale;                                               \
        AT(w + (i)) = u;                                                                                               \
        s[q] += u * CAT(b + (i));                                                                                      \
    } while (0)
    EVERY(n, STEP);
#undef STEP
    return NAME(sweep_sum)(s);
}

/* Writes the direction -B g into d and returns its slope d.g (Nocedal and Wright, algorithm 7.4 and equation 7.20). */
static double NAME(lbfgs_direction)(hp_descent *s) {
    const int64_t n = hp_rounded(s->n);
    double *d = s->d, c;
    if (s->n_pairs == 0) {
        const double scale = s->step_size > 0 ? s->step_size : s->length / s->grad_norm;
        for (int64_t i = 0; i < n; i += W) AT(d + i) = -(CAT(s->g + i) * scale);
        return NAME(sweep_dot)(d, s->g, n);
    }
    c = NAME(sweep_turn)(s->g, d, hp_pair(s, s->S, 0), n);
    for (int q = 0; q < s->n_pairs; q++) {
        const int slot = hp_slot(s, q), last = q + 1 == s->n_pairs;
        const double *y = hp_pair(s, s->Y, q), *next = last ? y : hp_pair(s, s->S, q + 1);
        s->alpha[slot] = s->rho[slot] * c;
        c = NAME(sweep_apply)(s->alpha[slot], y, last ? s->scale : 1.0, d, next, n);
    }
    for (int q = s->n_pairs - 1; q >= 0; q--) {
        const int slot = hp_slot(s, q);
        const double *next = q ? hp_pair(s, s->Y, q - 1) : s->g;
        c = NAME(sweep_apply)(s->rho[slot] * c - s->alpha[slot], hp_pair(s, s->S, q), 1.0, d, next, n);
    }
    return c;
}

/* x1 = x + trial d. */
static void NAME(lbfgs_trial)(hp_descent *s, double trial) {
    const int64_t n = s->n / W * W;
    for (int64_t i = 0; i < n; i += W) AT(s->x1 + i) = CAT(s->x + i) + trial * CAT(s->d + i);
    for (int64_t i = n; i < s->n; i++) s->x1[i] = s->x[i] + trial * s->d[i];
}

/* d.g1, and g1.g1 into *square. */
static double NAME(lbfgs_answer)(const hp_descent *s, double *square) {
    NAME(sweep) a[4] = {0}, b[4] = {0};
#define STEP(i, q)                                                                                                     \
    do {                                                                                                               \
        const NAME(sweep) g = CAT(s->g1 + (i));                                                                        \
        a[q] += CAT(s->d + (i)) * g;                                                                                   \
        b[q] += g * g;                                                                                                 \
    } while (0)
    EVERY(hp_rounded(s->n), STEP);
#undef STEP
    *square = NAME(sweep_sum)(b);
    return NAME(sweep_sum)(a);
}

/* Moves to x1, g1 and writes the differences into the free slot; returns s.y, and y.y into *square. */
static double NAME(lbfgs_move)(hp_descent *s, double *square) {
    const int64_t whole = s->n / W * W;
    double *ds = hp_pair(s, s->S, -1), *dy = hp_pair(s, s->Y, -1), *to = s->x, *g = s->g;
    const double *x1 = s->x1, *g1 = s->g1;
    NAME(sweep) a[4] = {0}, b[4] = {0};
    for (int64_t i = 0; i < whole; i += W) {
        const NAME(sweep) x = CAT(x1 + i);
        AT(ds + i) = x - CAT(to + i);
        AT(to + i) = x;
    }
    for (int64_t i = whole; i < s->n; i++) ds[i] = x1[i] - to[i], to[i] = x1[i];
#define STEP(i, q)                                                                                                     \
    do {                                                                                                               \
        const NAME(sweep) new = CAT(g1 + (i)), y = new - CAT(g + (i));                                                 \
        AT(dy + (i)) = y;                                                                                              \
        AT(g + (i)) = new;                                                                                             \
        a[q] += CAT(ds + (i)) * y;                                                                                     \
        b[q] += y * y;                                                                                                 \
    } while (0)
    EVERY(hp_rounded(s->n), STEP);
#undef STEP
    *square = NAME(sweep_sum)(b);
    return NAME(sweep_sum)(a);
}

static const hp_sweeps NAME(lbfgs_sweeps) = {NAME(sweep_dot), NAME(lbfgs_direction), NAME(lbfgs_trial),
                                             NAME(lbfgs_answer), NAME(lbfgs_move)};
#undef W
#undef AT
#undef CAT
#undef EVERY
