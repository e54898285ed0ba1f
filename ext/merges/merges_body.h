/* Merges of units for one instruction set (each_isa.h). */
#define TS_I2PI_HERE 0.15915494309189533577
#define TS_PI_HERE 3.14159265358979323846

static inline NAME(vec) NAME(unit_root)(NAME(vec) x) {
#if HP_BYTES
    return NAME(root)(x);
#else
    return sqrt(x);
#endif
}

/* K of relu units from |w|^2, |v|^2 and w.v; 0 where one is zero. */
static inline NAME(vec) NAME(hp_unit_kernel)(NAME(vec) a, NAME(vec) b, NAME(vec) g) {
    const NAME(vec) norms = NAME(unit_root)(a) * NAME(unit_root)(b), one = NAME(all)(1.0);
    NAME(vec) c = g / NAME(above)(norms, 1e-300);
    c = NAME(pick)(c > one, one, c);
    c = NAME(pick)(c < -one, -one, c);
    return TS_I2PI_HERE * norms * (NAME(unit_root)(1.0 - c * c) + (TS_PI_HERE - NAME(vacos)(c)) * c);
}

/* The costs of unit i with the units in one vector from j on. */
static inline NAME(vec) NAME(hp_unit_costs)(const hp_units *u, int64_t i, int64_t j) {
    NAME(vec) g = NAME(all)(0.0), b, w, sums[4] = {g, g, g, g}; /* so that no product waits for the one before */
    int64_t k = 0;
    for (; k + 4 <= u->d; k += 4)
        for (int q = 0; q < 4; q++) {
            memcpy(&w, u->W + (k + q) * u->np + j, sizeof w);
            sums[q] += u->W[(k + q) * u->np + i] * w;
        }
    for (; k < u->d; k++) {
        memcpy(&w, u->W + k * u->np + j, sizeof w);
        sums[0] += u->W[k * u->np + i] * w;
    }
    g = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    memcpy(&b, u->norms + j, sizeof b);
    const NAME(vec) a = NAME(all)(u->norms[i]), zero = NAME(all)(0.0);
    if (u->parallel) return NAME(unit_root)(a * b) + NAME(negative)(g);
    NAME(vec) q = a + b + 2.0 * g;
    q = NAME(pick)(q < zero, zero, q);
    const NAME(vec) apart = NAME(hp_unit_kernel)(a, b, g);
    return 0.5 * (a + b + q) + 2.0 * apart - 2.0 * NAME(hp_unit_kernel)(q, a, a + g) -
           2.0 * NAME(hp_unit_kernel)(q, b, b + g);
}

/* Fills in the costs of unit i with the first n units. */
static void NAME(hp_unit_fill)(hp_units *u, int64_t i, int64_t n) {
    for (int64_t j = 0; j < n; j += LANES) {
        const NAME(vec) costs = NAME(hp_unit_costs)(u, i, j);
        memcpy(u->costs + j, &costs, sizeof costs);
    }
    memcpy(u->D + i * u->np, u->costs, (size_t)(i < n ? i : n) * sizeof(double));
    for (int64_t j = i + 1; j < n; j++) u->D[j * u->np + i] = u->costs[j];
}

/* The lowest cost of a pair of the first n units, and the first pair that has it; infinite where there is none. */
static double NAME(hp_unit_cheapest)(const hp_units *u, int64_t n, int64_t *first, int64_t *second) {
    NAME(vec) low = NAME(all)(INFINITY), x;
    double each[LANES], lowest = INFINITY;
    for (int64_t i = 1; i < n; i++)
        for (int64_t j = 0; j < i; j += LANES) {
            memcpy(&x, u->D + i * u->np + j, sizeof x);
            low = NAME(pick)(x < low, x, low);
        }
    memcpy(each, &low, sizeof each);
    for (int l = 0; l < LANES; l++) lowest = each[l] < lowest ? each[l] : lowest;
    for (int64_t i = 1; lowest < INFINITY && i < n; i++)
        for (int64_t j = 0; j < i; j++)
            if (u->D[i * u->np + j] == lowest) {
                *first = i, *second = j;
                return lowest;
            }
    return INFINITY;
}

static double NAME(hp_unit_dot)(const hp_units *u, int64_t i, int64_t j) {
    double sum = 0.0;
    for (int64_t k = 0; k < u->d; k++) sum += u->W[k * u->np + i] * u->W[k * u->np + j];
    return sum;
}

/* Unit j becomes the sum of i and j, and the last of n units takes the place of i. */
static void NAME(hp_unit_join)(hp_units *u, int64_t i, int64_t j, int64_t n) {
    const double sign = u->parallel && NAME(hp_unit_dot)(u, i, j) < 0.0 ? -1.0 : 1.0;
    const int64_t last = n - 1;
    for (int64_t k = 0; k < u->d; k++) {
        double *row = u->W + k * u->np;
        row[j] += sign * row[i];
        row[i] = row[last];
    }
    u->norms[i] = u->norms[last];
    for (int64_t l = 0; l < last; l++)
        if (l != i) *hp_units_pair(u, i, l) = *hp_units_pair(u, last, l);
    u->norms[j] = NAME(hp_unit_dot)(u, j, j);
    NAME(hp_unit_fill)(u, j, last);
}

static int64_t NAME(hp_merge_all)(int64_t n, int64_t d, int parallel, double *rows, int64_t count, double limit,
                                  double *paid, double *room, hp_watch *watch) {
    hp_units u = hp_units_layout(n, d, parallel, room);
    int64_t made = 0, i, j;
    memset(u.W, 0, (size_t)(d * u.np) * sizeof(double));
    memset(u.norms, 0, (size_t)u.np * sizeof(double));
    for (i = 0; i < n * u.np; i++) u.D[i] = INFINITY;
    for (i = 0; i < n; i++) {
        for (int64_t k = 0; k < d; k++) u.W[k * u.np + i] = rows[i * d + k];
        u.norms[i] = NAME(hp_unit_dot)(&u, i, i);
    }
    for (i = 1; count > 0 && i < n && !hp_glance(watch); i++) NAME(hp_unit_fill)(&u, i, i);
    for (; made < count && !hp_glance(watch); made++) {
        const double cost = NAME(hp_unit_cheapest)(&u, n - made, &i, &j);
        if (!(cost < INFINITY) || cost > limit) break;
        NAME(hp_unit_join)(&u, i, j, n - made);
        paid[made] = cost;
    }
    for (i = 0; i < n - made; i++)
        for (int64_t k = 0; k < d; k++) rows[i * d + k] = u.W[k * u.np + i];
    return made;
}
#undef TS_I2PI_HERE
#undef TS_PI_HERE
