/* Nets grown out of dictionaries by conditional gradient: `Pool` of homotopy/objectives/units/growth.py. */
enum { NAME(SHORTLIST) = 24 }; /* of homotopy/objectives/units/dictionary.py */

/* Draws a dictionary for every run and notes its outputs. */
static int NAME(pool_fill)(const hp_units *u, hp_move *m, hp_philox *streams, const hp_pool *pool) {
    const int64_t ld = pool->wide, n = u->n;
    hp_room room = {0};
    NAME(draw_room) r;
    if (!HP_LAY(room, NAME(draw_lay)(u, pool->count, &room, &r))) return 0;
    for (int64_t run = 0; run < m->runs && !hp_glance(&m->watch); run++) {
        double *W = pool->W + run * (u->d + 1) * ld, *H = pool->H + run * n * ld, *mean = pool->mean + run * ld;
        NAME(draw)(u, pool->count, m->scale, streams + run, &r, ld, W);
        NAME(hidden)(u, ld, W, H);
        NAME(weigh)(u, ld, H);
        NAME(means)(u, ld, H, mean);
        NAME(norms)(u, ld, H, mean, pool->norm + run * ld);
        for (int64_t i = 0; i < ld; i++) pool->norm[run * ld + i] += 1e-9, pool->used[run * ld + i] = i >= pool->count;
    }
    free(room.base);
    return 1;
}

typedef struct {
    double *W, *H, *out, *delta, *mean;    /* of the net: (d + 1, ld), (n, ld), (n, k) twice, (k) */
    double *match, *score, *columns, *new; /* (k, wide), (wide), (count + 1, n), (k) */
    int64_t *best, *taken, ld;             /* (max(SHORTLIST, count)), (count) */
} NAME(growth_room);

static void NAME(growth_lay)(const hp_units *u, const hp_move *m, const hp_pool *pool, hp_room *room,
                             NAME(growth_room) *r) {
    const int64_t ld = r->ld = NAME(padded)(m->width), n = u->n, k = u->k;
    const int64_t listed = m->count > NAME(SHORTLIST) ? m->count : NAME(SHORTLIST);
    r->W = hp_take(room, (u->d + 1) * ld), r->H = hp_take(room, n * ld);
    r->out = hp_take(room, n * k), r->delta = hp_take(room, n * k), r->mean = hp_take(room, k);
    r->match = hp_take(room, k * pool->wide), r->score = hp_take(room, pool->wide);
    r->columns = hp_take(room, (m->count + 1) * n), r->new = hp_take(room, k);
    r->best = (int64_t *)hp_take(room, listed), r->taken = (int64_t *)hp_take(room, m->count);
}

/* The outputs of the net that is there; of no units, its constants. */
static void NAME(outputs)(const hp_units *u, const hp_move *m, const double *x, NAME(growth_room) *r) {
    const NAME(parts) p = NAME(parts_of)(u, m->width, (double *)x);
    if (m->width) {
        NAME(columns)(u, m->width, r->ld, x, r->W);
        NAME(hidden)(u, r->ld, r->W, r->H);
    }
    for (int64_t s = 0; s < u->n; s++)
        for (int64_t c = 0; c < u->k; c++) {
            double sum = p.c[c];
            for (int64_t i = 0; i < m->width; i++) sum += p.a[c * m->width + i] * r->H[s * r->ld + i];
            r->out[s * u->k + c] = sum;
        }
}

/* The change of the outputs that is wanted, whatever the samples count, into r->delta. */
static void NAME(wanted)(const hp_units *u, NAME(growth_room) *r) {
    NAME(loss)(u->loss, u->n, u->k, r->out, u->y, NULL, -1 / u->curvature, r->delta, NULL);
}

/* How much every unit of a dictionary that is not used lowers the loss, squared; r->delta loses its mean and gets the
   roots of the weights. Returns what is left to explain. */
static double NAME(scores)(const hp_units *u, NAME(growth_room) *r, int64_t wide, const double *H, const double *norm,
                         const double *used) {
    const int64_t n = u->n, k = u->k;
    for (int64_t c = 0; c < k; c++) {
        double sum = 0;
        for (int64_t s = 0; s < n; s++) sum += r->delta[s * k + c] * (NAME(root_at)(u, s) * NAME(root_at)(u, s));
        for (int64_t s = 0; s < n; s++) r->delta[s * k + c] -= sum / (double)n;
        for (int64_t s = 0; u->roots && s < n; s++) r->delta[s * k + c] *= u->roots[s];
    }
    NAME(sums)(n, wide, k, r->delta, k, H, r->match);
    for (int64_t m = 0; m < wide; m += LANES) {
        V sum = NAME(all)(0);
        for (int64_t c = 0; c < k; c++) {
            const V share = NAME(get)(r->match + c * wide + m) / NAME(get)(norm + m);
            sum += share * share;
        }
        NAME(put)(r->score + m, NAME(pick)((NAME(ivec))(NAME(get)(used + m) > NAME(all)(0)), NAME(all)(-1), sum));
    }
    double whole = 0;
    for (int64_t i = 0; i < n * k; i++) whole += r->delta[i] * r->delta[i];
    return whole;
}

static double NAME(dot)(int64_t n, const double *a, const double *b) {
    double part[4] = {0}; /* so that one addition does not wait for the other */
    int64_t s = 0;
    for (; s + 4 <= n; s += 4)
        for (int q = 0; q < 4; q++) part[q] += a[s + q] * b[s + q];
    for (; s < n; s++) part[0] += a[s] * b[s];
    return (part[0] + part[1]) + (part[2] + part[3]);
}

/* The places of `count` units, good and not alike, into r->taken; where too few are, the best of the others follow. */
static void NAME(several)(const hp_units *u, int64_t count, double whole, NAME(growth_room) *r, int64_t wide,
                          const double *H, const double *mean, const double *norm) {
    const int64_t n = u->n, listed = count > NAME(SHORTLIST) ? count : NAME(SHORTLIST);
    int64_t found = 0, others = 0, seen = 0;
    for (; seen < listed && found < count; seen++) {
        const int64_t j = NAME(first_best)(wide, r->score, whole);
        if (j < 0) break;
        r->score[j] = -1;
        double *column = r->columns + found * n;
        NAME(centered)(u, wide, H, mean[j], j, column);
        int alike = 0;
        for (int64_t i = 0; i < found && !alike; i++) {
            const double sum = NAME(dot)(n, column, r->columns + i * n);
            alike = !(fabs(sum / (norm[j] * norm[r->taken[i]])) < 0.5);
        }
        if (alike) r->best[others++] = j;
        else r->taken[found++] = j;
    }
    for (int64_t i = 0; found < count && i < others; i++) r->taken[found++] = r->best[i];
    for (int64_t j = 0; found < count; j++) { /* no score is a number */
        int64_t i = 0;
        while (i < found && r->taken[i] != j) i++;
        if (i == found) r->taken[found++] = j;
    }
}

/* One net's best units, each with its exact outgoing weights, behind those that are there. */
static void NAME(add_units)(const hp_units *u, const hp_move *m, const hp_pool *pool, int64_t run, double *to,
                            NAME(growth_room) *r) {
    const int64_t n = u->n, k = u->k, d = u->d, wide = pool->wide, width = m->width + m->count;
    const double *W = pool->W + run * (d + 1) * wide, *H = pool->H + run * n * wide, *mean = pool->mean + run * wide;
    const NAME(parts) q = NAME(parts_of)(u, width, to);
    for (int64_t t = 0; t < m->count; t++) {
        const int64_t j = r->taken[t], i = m->width + t;
        double *column = r->columns, square = 1e-18;
        NAME(centered)(u, wide, H, mean[j], j, column);
        NAME(wanted)(u, r);
        for (int64_t s = 0; s < n; s++) square += column[s] * column[s];
        for (int64_t c = 0; c < k; c++) {
            double sum = 0;
            for (int64_t s = 0; s < n; s++) sum += column[s] * (NAME(root_at)(u, s) * r->delta[s * k + c]);
            sum /= square;
            q.a[c * width + i] = sum;
            q.c[c] -= sum * mean[j];
            for (int64_t s = 0; s < n; s++) r->out[s * k + c] += sum * column[s] / NAME(root_at)(u, s);
        }
        for (int64_t a = 0; a < d; a++) q.W[i * d + a] = W[a * wide + j];
        q.b[i] = W[d * wide + j];
        if (u->homogeneous) NAME(balance)(u, width, i, to);
        pool->used[run * wide + j] = 1;
    }
}

/* Points of `width` units become points of `count` units more, out of their dictionaries. */
static int NAME(pool_add)(const hp_units *u, hp_move *m, const hp_pool *pool, const double *points,
                          double *grown) {
    const int64_t k = u->k, d = u->d, h = m->width, width = h + m->count, wide = pool->wide;
    hp_room room = {0};
    NAME(growth_room) r;
    if (!HP_LAY(room, NAME(growth_lay)(u, m, pool, &room, &r))) return 0;
    for (int64_t run = 0; run < m->runs && !hp_glance(&m->watch); run++) {
        const double *x = points + run * hp_point(u, h);
        double *to = grown + run * hp_point(u, width);
        const NAME(parts) p = NAME(parts_of)(u, h, (double *)x), q = NAME(parts_of)(u, width, to);
        const double *H = pool->H + run * u->n * wide, *norm = pool->norm + run * wide;
        double *used = pool->used + run * wide, taken = 0;
        for (int64_t i = 0; i < pool->count; i++) taken += used[i];
        for (int64_t i = 0; i < pool->count && taken + (double)m->count > (double)pool->count; i++) used[i] = 0;
        memcpy(q.W, p.W, (size_t)(h * d) * sizeof *x), memcpy(q.b, p.b, (size_t)h * sizeof *x);
        for (int64_t c = 0; c < k; c++) memcpy(q.a + c * width, p.a + c * h, (size_t)h * sizeof *x);
        memcpy(q.c, p.c, (size_t)k * sizeof *x);
        NAME(outputs)(u, m, x, &r);
        NAME(wanted)(u, &r);
        const double whole = NAME(scores)(u, &r, wide, H, norm, used);
        NAME(several)(u, m->count, whole, &r, wide, H, pool->mean + run * wide, norm);
        NAME(add_units)(u, m, pool, run, to, &r);
    }
    free(room.base);
    return 1;
}
