/* Units taken away by the optimal brain surgeon with least-squares compensation: one inverse of the Gram matrix of all
   that may compensate, changed by a rank of one at each removal. */
typedef struct {
    double *W, *H;               /* (d + 1, ld), (n, ld) */
    double *gram, *cross;        /* (width, ld), (width, wide) or (ld) */
    double *G, *weights;         /* (m, lm), (m, k) */
    int64_t *keep, ld, m, lm;    /* m columns of A; rows of G have lm numbers */
} NAME(removal_room);

static void NAME(removal_lay)(const hp_units *u, const hp_move *m, hp_room *room, NAME(removal_room) *r) {
    const int64_t ld = r->ld = NAME(padded)(m->width), size = r->m = m->width + 1 + (m->beside ? u->d : 0);
    const int64_t lm = r->lm = NAME(padded)(size);
    r->W = hp_take(room, (u->d + 1) * ld);
    r->H = hp_take(room, u->n * ld);
    r->gram = hp_take(room, m->width * ld);
    r->cross = hp_take(room, m->beside ? m->width * u->wide : ld);
    r->G = hp_take(room, size * lm);
    r->weights = hp_take(room, size * u->k);
    r->keep = (int64_t *)hp_take(room, m->width);
}

/* The inverse of A' A / n + 1e-8, A the units' outputs beside what else compensates, into r->G. */
static void NAME(inverse)(const hp_units *u, const hp_move *mv, NAME(removal_room) *r) {
    const int64_t h = mv->width, m = r->m, lm = r->lm, first = mv->beside ? 0 : u->d, d = u->d;
    const double share = 1.0 / (double)u->n;
    double *G = r->G;
    NAME(inner_products)(u->n, h, r->ld, r->H, r->gram);
    memset(G, 0, (size_t)(m * lm) * sizeof *G);
    for (int64_t i = 0; i < h; i++)
        for (int64_t j = 0; j <= i; j++) G[i * lm + j] = G[j * lm + i] = r->gram[i * r->ld + j] * share;
    if (mv->beside) {
        NAME(gemm)(h, u->wide, u->n, r->H, 1, r->ld, u->rooted, u->wide, 0, r->cross, u->wide);
        for (int64_t i = 0; i < h; i++)
            for (int64_t j = h; j < m; j++) G[i * lm + j] = G[j * lm + i] = r->cross[i * u->wide + j - h] * share;
    } else {
        NAME(means)(u, r->ld, r->H, r->cross);
        for (int64_t i = 0; i < h; i++) G[i * lm + h] = G[h * lm + i] = r->cross[i];
    }
    for (int64_t i = h; i < m; i++)
        for (int64_t j = h; j < m; j++) G[i * lm + j] = u->gram[(first + i - h) * (d + 1) + first + j - h];
    for (int64_t i = 0; i < m; i++) G[i * lm + i] += 1e-8;
    for (int64_t i = 0; i < m; i++) { /* Gauss and Jordan; no pivot is below what was added, but for rounding */
        double *row = G + i * lm;
        const double pivot = 1 / (row[i] < 1e-8 ? 1e-8 : row[i]);
        row[i] = 1;
        for (int64_t q = 0; q < lm; q += LANES) NAME(put)(row + q, NAME(get)(row + q) * pivot);
        for (int64_t j = 0; j < m; j++) {
            double *other = G + j * lm;
            if (j == i) continue;
            const double f = other[i];
            other[i] = 0;
            for (int64_t q = 0; q < lm; q += LANES)
                NAME(put)(other + q, NAME(get)(other + q) - f * NAME(get)(row + q));
        }
    }
}

/* The place in r->keep of the unit that goes next: of the smallest |a_j|^2 / G_jj, the first but for rounding. */
static int64_t NAME(cheapest)(int64_t left, int64_t k, const NAME(removal_room) *r, double *cost) {
    double lowest = INFINITY;
    for (int64_t i = 0; i < left; i++) {
        const int64_t j = r->keep[i];
        double size = 0;
        for (int64_t c = 0; c < k; c++) size += r->weights[j * k + c] * r->weights[j * k + c];
        cost[i] = size / r->G[j * r->lm + j];
        lowest = cost[i] < lowest ? cost[i] : lowest;
    }
    for (int64_t i = 0; i < left; i++)
        if (cost[i] <= lowest + NEARLY * fabs(lowest)) return i;
    return 0;
}

/* Takes away the unit that stands at `place` of those that are kept; returns nothing that was not there before. */
static void NAME(drop)(int64_t left, int64_t k, int64_t place, NAME(removal_room) *r) {
    const int64_t j = r->keep[place], lm = r->lm;
    double *row = r->G + j * lm;
    const double pivot = 1 / row[j];
    for (int64_t i = 0; i < r->m; i++) {
        const double f = r->G[i * lm + j] * pivot;
        if (i == j) continue;
        for (int64_t c = 0; c < k; c++) r->weights[i * k + c] -= f * r->weights[j * k + c];
        for (int64_t q = 0; q < lm; q += LANES)
            NAME(put)(r->G + i * lm + q, NAME(get)(r->G + i * lm + q) - f * NAME(get)(row + q));
    }
    for (int64_t i = place; i + 1 < left; i++) r->keep[i] = r->keep[i + 1];
}

/* Points x of `width` units become points of `count` units fewer. */
static int NAME(take_away_many)(const hp_units *u, hp_move *m, const double *points, double *to) {
    const int64_t d = u->d, k = u->k, h = m->width, rest = h - m->count;
    hp_room room = {0};
    NAME(removal_room) r;
    double *cost;
    if (!HP_LAY(room, (NAME(removal_lay)(u, m, &room, &r), cost = hp_take(&room, h)))) return 0;
    for (int64_t run = 0; run < m->runs && !hp_glance(&m->watch); run++) {
        const double *x = points + run * hp_point(u, h);
        const NAME(parts) p = NAME(parts_of)(u, h, (double *)x);
        const NAME(parts) q = NAME(parts_of)(u, rest, to + run * hp_point(u, rest));
        NAME(columns)(u, h, r.ld, x, r.W);
        NAME(hidden)(u, r.ld, r.W, r.H);
        NAME(weigh)(u, r.ld, r.H);
        NAME(inverse)(u, m, &r);
        for (int64_t i = 0; i < r.m; i++)
            for (int64_t c = 0; c < k; c++) r.weights[i * k + c] = i < h ? p.a[c * h + i] : 0;
        for (int64_t i = 0; i < h; i++) r.keep[i] = i;
        for (int64_t left = h; left > rest; left--) NAME(drop)(left, k, NAME(cheapest)(left, k, &r, cost), &r);
        for (int64_t i = 0; i < rest; i++) {
            const int64_t j = r.keep[i];
            memcpy(q.W + i * d, p.W + j * d, (size_t)d * sizeof *to);
            if (u->bias) q.b[i] = p.b[j];
            for (int64_t c = 0; c < k; c++) q.a[c * rest + i] = r.weights[j * k + c];
        }
        for (int64_t c = 0; u->bias && c < k; c++) q.c[c] = p.c[c] + (m->beside ? 0 : r.weights[(r.m - 1) * k + c]);
    }
    free(room.base);
    return 1;
}
