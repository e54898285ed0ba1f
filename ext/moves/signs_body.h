/* The search for signs. Included once per instruction set (each_isa.h). Eight numbers are one vector of it, or a few:
   PARTS. */
#define PARTS (8 / LANES)
#define EIGHT for (int u = 0; u < PARTS; u++)
#define ALWAYS static inline __attribute__((always_inline))
typedef struct { NAME(vec) v[PARTS]; } NAME(eight);

ALWAYS NAME(eight) NAME(take)(const double *x) {
    NAME(eight) a;
    EIGHT memcpy(&a.v[u], x + u * LANES, sizeof a.v[u]);
    return a;
}

ALWAYS void NAME(give)(double *x, NAME(eight) a) {
    EIGHT memcpy(x + u * LANES, &a.v[u], sizeof a.v[u]);
}

ALWAYS NAME(eight) NAME(lower)(NAME(eight) a, NAME(eight) b) {
    EIGHT a.v[u] = NAME(pick)(b.v[u] < a.v[u], b.v[u], a.v[u]);
    return a;
}

ALWAYS NAME(eight) NAME(eight_of)(double x) {
    NAME(eight) a;
    EIGHT a.v[u] = NAME(all)(x);
    return a;
}

ALWAYS double NAME(lowest)(NAME(eight) x, double *each) {
    double low = INFINITY;
    NAME(give)(each, x);
    for (int l = 0; l < 8; l++) low = each[l] < low ? each[l] : low;
    return low;
}

/* y += c x over n numbers, n a multiple of eight. */
ALWAYS void NAME(add_to)(double *y, double c, const double *x, int64_t n) {
    for (int64_t j = 0; j < n; j += LANES) {
        NAME(vec) a, b;
        memcpy(&a, x + j, sizeof a);
        memcpy(&b, y + j, sizeof b);
        b += c * a;
        memcpy(y + j, &b, sizeof b);
    }
}

/* A'A, A'b and the sizes; returns 0 where a number is not finite, or a square would not be. */
static int NAME(signs_products)(const hp_search *S, const double *units, const double *b, hp_signs *w) {
    const int64_t m = S->m, n = S->n, np = w->np;
    const NAME(eight) zero = NAME(eight_of)(0.0);
    memset(w->turned, 0, (size_t)(m * np) * sizeof(double));
    memset(w->gram + n * np, 0, (size_t)((np - n) * np) * sizeof(double));
    for (int64_t j = 0; j < n; j++)
        for (int64_t a = 0; a < m; a++) w->turned[a * np + j] = units[j * m + a];
    for (int64_t i = 0; i < n; i += 4) {
        const double *units_of[4];
        for (int q = 0; q < 4; q++) units_of[q] = units + (i + q < n ? i + q : i) * m;
        for (int64_t v = 0; v < np; v += 8) {
            NAME(eight) sums[4] = {zero, zero, zero, zero};
            for (int64_t a = 0; a < m; a++) {
                const NAME(eight) t = NAME(take)(w->turned + a * np + v);
                for (int q = 0; q < 4; q++) EIGHT sums[q].v[u] += units_of[q][a] * t.v[u];
            }
            for (int q = 0; q < 4 && i + q < n; q++) NAME(give)(w->gram + (i + q) * np + v, sums[q]);
        }
    }
    memset(w->target, 0, (size_t)np * sizeof(double));
    w->total = w->trace = 0.0;
    for (int64_t a = 0; a < m; a++) {
        w->total += b[a] * b[a];
        NAME(add_to)(w->target, b[a], w->turned + a * np, np);
    }
    for (int64_t i = 0; i < n; i++) w->trace += w->gram[i * np + i];
    w->alike = HP_ALIKE * (w->total + w->trace);
    w->scale = fmax(w->total, HP_ALIKE * w->trace);
    return 16.0 * (double)n * (w->total + w->trace) < INFINITY;
}

/* The square |A c - b|^2, from the slopes A'A c - A'b. */
static double NAME(signs_square)(const hp_signs *w) {
    double square = w->total;
    for (int64_t i = 0; i < w->n; i++) square += w->c[i] * (w->slopes[i] - w->target[i]);
    return square;
}

static void NAME(signs_slopes)(hp_signs *w) {
    for (int64_t v = 0; v < w->np; v += 8) {
        NAME(eight) sum = NAME(eight_of)(0.0), minus = NAME(take)(w->target + v);
        for (int64_t i = 0; i < w->n; i++) {
            const NAME(eight) row = NAME(take)(w->gram + i * w->np + v);
            EIGHT sum.v[u] += w->c[i] * row.v[u];
        }
        EIGHT sum.v[u] -= minus.v[u];
        NAME(give)(w->slopes + v, sum);
    }
}

/* The squares of all sign vectors: those of the last three signs in lanes, the others by a Gray code. Number p + l
   2^(n-3) has a minus where a bit is set; its square lies at 8 p + l. */
static void NAME(signs_all)(hp_signs *w) {
    const int n = w->n < 3 ? 3 : (int)w->n, low = n - 3;
    const int64_t np = w->np;
    NAME(eight) g[HP_SIGNS_ALL], value = NAME(eight_of)(w->total);
    double c[HP_SIGNS_ALL];
    for (int j = 0; j < n; j++) {
        const double *row = w->gram + j * np, *top = row + low;
        double fixed = -w->target[j], slope[8], sign[8];
        for (int i = 0; i < low; i++) fixed += row[i];
        for (int l = 0; l < 8; l++) {
            slope[l] = fixed + (l & 1 ? -top[0] : top[0]) + (l & 2 ? -top[1] : top[1]) + (l & 4 ? -top[2] : top[2]);
            sign[l] = j >= low && l >> (j - low) & 1 ? -1.0 : 1.0;
        }
        const NAME(eight) s = NAME(take)(sign);
        g[j] = NAME(take)(slope);
        EIGHT value.v[u] += s.v[u] * (g[j].v[u] - w->target[j]);
        c[j] = 1.0;
    }
    int64_t p = 0;
    for (int64_t k = 1;; k++) {
        NAME(give)(w->squares + 8 * p, value);
        if (k == (int64_t)1 << low) break;
        const int f = __builtin_ctzll((uint64_t)k);
        const double *row = w->gram + f * np, own = 4.0 * row[f], back = -4.0 * c[f], twice = -2.0 * c[f];
        EIGHT value.v[u] += own + back * g[f].v[u];
        for (int j = 0; j < low; j++) EIGHT g[j].v[u] += twice * row[j];
        c[f] = -c[f];
        p ^= (int64_t)1 << f;
    }
    if (w->n < 3) /* signs that are not there have no minus */
        for (int l = 1 << w->n; l < 8; l++) w->squares[l] = INFINITY;
}

/* Keeps the best of all sign vectors; of those that rounding cannot tell apart the one of the lowest number. */
static void NAME(signs_pick)(hp_signs *w) {
    const int n = w->n < 3 ? 3 : (int)w->n;
    const int64_t rows = (int64_t)1 << (n - 3);
    for (int64_t number = 0; number < w->best && number < (int64_t)1 << w->n; number++) {
        NAME(eight) a = NAME(take)(w->squares), b = NAME(take)(w->squares + 8 * (rows - 1)); /* two chains */
        double low[8];
        for (int64_t p = 1; p + 1 < rows; p += 2) {
            a = NAME(lower)(a, NAME(take)(w->squares + 8 * p));
            b = NAME(lower)(b, NAME(take)(w->squares + 8 * p + 8));
        }
        const double limit = NAME(lowest)(NAME(lower)(a, b), low) + w->alike;
        for (int l = 0; l < 8; l++) {
            if (low[l] > limit) continue;
            int64_t p = 0;
            while (w->squares[8 * p + l] > limit) p++;
            const int64_t vector = p + l * rows;
            w->kept[number] = w->squares[8 * p + l];
            for (int j = 0; j < w->n; j++) w->signs[number * w->n + j] = vector >> j & 1 ? -1.0 : 1.0;
            w->squares[8 * p + l] = INFINITY;
            break;
        }
    }
}

static void NAME(signs_flip)(hp_signs *w, int64_t i) {
    NAME(add_to)(w->slopes, -2.0 * w->c[i], w->gram + i * w->np, w->np);
    w->c[i] = -w->c[i];
}

/* The lowest change by one flip, and all of them into w->single, infinite in the padding. */
static double NAME(signs_singles)(hp_signs *w) {
    NAME(eight) low = NAME(eight_of)(INFINITY);
    double each[8];
    for (int64_t v = 0; v < w->np; v += 8) {
        const NAME(eight) own = NAME(take)(w->own + v), c = NAME(take)(w->c + v), g = NAME(take)(w->slopes + v);
        NAME(eight) change;
        EIGHT change.v[u] = 4.0 * (own.v[u] - c.v[u] * g.v[u]);
        NAME(give)(w->single + v, change);
        low = NAME(lower)(low, change);
    }
    return NAME(lowest)(low, each);
}

/* The lowest change by two flips; a block that reaches beyond the diagonal holds pairs of later rows, too. */
static double NAME(signs_pairs)(const hp_signs *w) {
    NAME(eight) low = NAME(eight_of)(INFINITY), other = low;
    double each[8];
    for (int64_t i = 1; i < w->n; i++) {
        const double *row = w->factor + i * w->np, own = w->single[i], eight = 8.0 * w->c[i];
        for (int64_t v = 0; v < i; v += 8) {
            const NAME(eight) a = NAME(take)(w->single + v), c = NAME(take)(w->c + v), g = NAME(take)(row + v);
            NAME(eight) change;
            EIGHT change.v[u] = own + a.v[u] + eight * c.v[u] * g.v[u];
            if (i & 1) low = NAME(lower)(low, change);
            else other = NAME(lower)(other, change);
        }
    }
    return NAME(lowest)(NAME(lower)(low, other), each);
}

/* The first pair, first > second, of this change. */
static void NAME(signs_pair_of)(const hp_signs *w, double change, int64_t *first, int64_t *second) {
    for (int64_t i = 1; i < w->n; i++) {
        const double *row = w->factor + i * w->np, own = w->single[i], eight = 8.0 * w->c[i];
        for (int64_t j = 0; j < i; j++)
            if (own + w->single[j] + eight * w->c[j] * row[j] == change) {
                *first = i, *second = j;
                return;
            }
    }
}

/* Turns one or two signs at a time while the square falls; returns how many moves were made. In w->factor is A'A with
   an infinite diagonal, for no sign is turned twice. */
static int64_t NAME(signs_descend)(hp_signs *w) {
    const int64_t n = w->n, np = w->np;
    const double floor = -HP_ALIKE * w->trace;
    int64_t moves = 0;
    memcpy(w->factor, w->gram, (size_t)(n * np) * sizeof(double));
    for (int64_t i = 0; i < n; i++) w->own[i] = w->gram[i * np + i], w->factor[i * np + i] = INFINITY;
    for (int64_t i = n; i < np; i++) w->own[i] = INFINITY, w->c[i] = 1.0;
    NAME(signs_slopes)(w);
    for (; moves < 1000 * n && !hp_glance(w->watch); moves++) {
        int64_t first = -1, second = -1;
        double best = NAME(signs_singles)(w);
        if (!(best < floor)) best = floor;
        else while (w->single[++first] > best) continue;
        const double both = NAME(signs_pairs)(w);
        if (both < best) NAME(signs_pair_of)(w, both, &first, &second);
        if (first < 0) break;
        NAME(signs_flip)(w, first);
        if (second >= 0) NAME(signs_flip)(w, second);
    }
    return moves;
}

/* The signs of the least-squares solution with a small ridge, by elimination; plus where that says nothing. */
static void NAME(signs_rounded)(hp_signs *w) {
    const int64_t n = w->n, np = w->np;
    double *U = w->factor, *y = w->slopes, *left = w->single, largest = 0.0;
    const double ridge = HP_RIDGE * w->trace / (double)n;
    memcpy(U, w->gram, (size_t)(np * np) * sizeof(double));
    memcpy(left, w->target, (size_t)np * sizeof(double));
    for (int64_t i = 0; i < n; i++) w->c[i] = 1.0, U[i * np + i] += ridge;
    for (int64_t i = 0; i < n; i++) {
        const double *row = U + i * np, pivot = row[i];
        if (!(pivot > 0.0)) return;
        y[i] = left[i] / pivot;
        for (int64_t j = i + 1; j < n; j++) {
            const int64_t from = j & ~(int64_t)7;
            NAME(add_to)(U + j * np + from, -row[j] / pivot, row + from, np - from);
        }
        NAME(add_to)(left, -y[i], row, np);
        U[i * np + i] = 1.0 / pivot;
    }
    for (int64_t i = n - 1; i >= 0; i--) {
        double sum = 0.0;
        for (int64_t j = i + 1; j < n; j++) sum += U[i * np + j] * y[j];
        y[i] -= sum * U[i * np + i];
        largest = fmax(largest, fabs(y[i]));
    }
    for (int64_t i = 0; i < n; i++) w->c[i] = y[i] < -HP_NOTHING * largest ? -1.0 : 1.0;
}

/* Descents from the rounded solution and from random signs, and the neighbors of the best. */
static void NAME(signs_restarts)(const hp_search *S, hp_philox *stream, hp_signs *w, double *made, double *scans) {
    const double limit = S->tolerance * w->scale + HP_ALIKE * w->trace;
    NAME(signs_rounded)(w);
    for (int64_t number = 0;; number++) {
        *scans += 1.0 + (double)NAME(signs_descend)(w);
        const double square = NAME(signs_square)(w);
        hp_signs_offer(w, w->c, square);
        *made = (double)number;
        if (square <= limit || number == S->most || !stream || hp_glance(S->watch)) break;
        for (int64_t i = 0; i < w->n; i++) w->c[i] = hp_philox_bits32(stream) >> 31 ? 1.0 : -1.0;
    }
    memcpy(w->c, w->signs, (size_t)w->n * sizeof(double));
    NAME(signs_slopes)(w);
    const double square = NAME(signs_square)(w);
    for (int64_t i = 0; i < w->n; i++) {
        const double change = 4.0 * (w->gram[i * w->np + i] - w->c[i] * w->slopes[i]);
        w->c[i] = -w->c[i];
        hp_signs_offer(w, w->c, square + change);
        w->c[i] = -w->c[i];
    }
}

/* Searches one system; none is found where a number is not finite. */
static void NAME(signs_search)(const hp_search *S, int64_t run, double *room) {
    hp_signs w = hp_signs_layout(S, room);
    w.signs = S->signs + run * S->best * S->n, w.kept = S->residual + run * S->best;
    for (int64_t i = 0; i < S->best * S->n; i++) w.signs[i] = 1.0;
    for (int64_t i = 0; i < S->best; i++) w.kept[i] = INFINITY;
    S->made[run] = S->scans[run] = 0.0;
    if (!NAME(signs_products)(S, S->units + run * S->n * S->m, S->b + run * S->step, &w)) return;
    if (S->n <= HP_SIGNS_ALL) {
        NAME(signs_all)(&w);
        NAME(signs_pick)(&w);
    } else {
        NAME(signs_restarts)(S, S->streams ? S->streams + run : NULL, &w, S->made + run, S->scans + run);
    }
    const double scale = fmax(w.scale, 1e-300);
    for (int64_t i = 0; i < S->best; i++) w.kept[i] = w.kept[i] > 0.0 ? w.kept[i] / scale : 0.0;
}
#undef PARTS
#undef EIGHT
#undef ALWAYS
