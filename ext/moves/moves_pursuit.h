/* Nets out of a dictionary by orthogonal matching pursuit and a ridge fit: `pursued` of
   homotopy/objectives/units/growth.py, with inner products of the taken units alone (a partial Cholesky factor of the
   dictionary's correlations) instead of a basis on the samples. */
typedef struct {
    NAME(draw_room) draw;
    double *W, *H;                                /* (d + 1, ld), (n, ld) */
    double *look;                                 /* (k + 1, ld): means, then inner products with the targets */
    double *norm, *over, *left, *score, *match;   /* (ld) each, (k, ld); over: 1 / norm */
    double *all, *along;                          /* (count or width, ld): inner products, those orthogonalized */
    double **inner;                               /* (width): those of the taken units with all */
    double *column, *gram, *factor, *fit;         /* (n), (width + 1, width + 1) twice, (width + 1, k) */
    int64_t *taken, ld;
} NAME(pursuit_room);

/* Whether all inner products are one matrix product: as many as half of the units are taken, or nearly. */
ALWAYS int NAME(at_once)(const hp_move *m) { return 3 * m->width >= m->count && m->count <= 1024; }

static void NAME(pursuit_lay)(const hp_units *u, const hp_move *m, hp_room *room, NAME(pursuit_room) *r) {
    const int64_t ld = r->ld = NAME(padded)(m->count), w = m->width, k = u->k;
    NAME(draw_lay)(u, m->count, room, &r->draw);
    r->W = hp_take(room, (u->d + 1) * ld);
    r->H = hp_take(room, u->n * ld);
    r->look = hp_take(room, (k + 1) * ld);
    r->norm = hp_take(room, ld), r->over = hp_take(room, ld);
    r->left = hp_take(room, ld), r->score = hp_take(room, ld);
    r->match = hp_take(room, k * ld);
    r->all = hp_take(room, (NAME(at_once)(m) ? m->count : w) * ld), r->along = hp_take(room, w * ld);
    r->inner = (double **)hp_take(room, w);
    r->column = hp_take(room, u->n);
    r->gram = hp_take(room, (w + 1) * (w + 1)), r->factor = hp_take(room, (w + 1) * (w + 1));
    r->fit = hp_take(room, (w + 1) * k);
    r->taken = (int64_t *)hp_take(room, w);
}

/* Norms of what the outputs are beyond their means, (ld). */
static void NAME(norms)(const hp_units *u, int64_t ld, const double *H, const double *mean, double *norm) {
    const int64_t n = u->n;
    for (int64_t i = 0; i < ld; i++) norm[i] = 0;
    for (int64_t s = 0; s < n; s += 4, H += 4 * ld)
        for (int64_t m = 0; m < ld; m += LANES) {
            const V middle = NAME(get)(mean + m);
            V sum = NAME(get)(norm + m);
            for (int64_t q = 0; q < 4 && s + q < n; q++) {
                const V a = NAME(get)(H + q * ld + m) - (u->roots ? middle * u->roots[s + q] : middle);
                sum += a * a;
            }
            NAME(put)(norm + m, sum);
        }
    for (int64_t i = 0; i < ld; i++) norm[i] = sqrt(norm[i]);
}

/* The column of one unit less its mean. */
ALWAYS void NAME(centered)(const hp_units *u, int64_t ld, const double *H, double mean, int64_t j, double *column) {
    for (int64_t s = 0; s < u->n; s++) column[s] = H[s * ld + j] - mean * NAME(root_at)(u, s);
}

/* The inner products of all units with all, less their means, which H loses. */
static void NAME(all_products)(const hp_units *u, int64_t count, int64_t ld, double *H, const double *mean, double *all) {
    for (int64_t s = 0; s < u->n; s++)
        for (int64_t m = 0; m < ld; m += LANES)
            NAME(put)(H + s * ld + m, NAME(get)(H + s * ld + m) - NAME(get)(mean + m) * NAME(root_at)(u, s));
    NAME(inner_products)(u->n, count, ld, H, all);
    for (int64_t i = 0; i < count; i++) {
        for (int64_t j = i + 1; j < count; j++) all[i * ld + j] = all[j * ld + i];
        for (int64_t j = count; j < ld; j++) all[i * ld + j] = 0;
    }
}

/* Unit j is the next one, number t: its inner products with all, and unless it is the last what is left of all. */
static void NAME(take)(const hp_units *u, NAME(pursuit_room) *r, int64_t t, int64_t j, int at_once, int pursue) {
    const int64_t ld = r->ld, k = u->k;
    double *inner = r->inner[t] = r->all + (at_once ? j : t) * ld, *along = r->along + t * ld;
    if (!at_once) {
        NAME(centered)(u, ld, r->H, r->look[j], j, r->column);
        NAME(sums)(u->n, ld, 1, r->column, 1, r->H, inner);
    }
    if (!pursue) return;
    const double own = 1 / sqrt(r->left[j]);
    for (int64_t m = 0; m < ld; m += LANES) {
        V all = NAME(get)(inner + m) * NAME(get)(r->over + m) * r->over[j];
        for (int64_t a = 0; a < t; a++) all -= r->along[a * ld + j] * NAME(get)(r->along + a * ld + m);
        NAME(put)(along + m, all * own);
    }
    for (int64_t c = 0; c < k; c++) {
        const double step = r->match[c * ld + j] / along[j];
        for (int64_t m = 0; m < ld; m += LANES)
            NAME(put)(r->match + c * ld + m, NAME(get)(r->match + c * ld + m) - step * NAME(get)(along + m));
    }
    for (int64_t m = 0; m < ld; m += LANES)
        NAME(put)(r->left + m, NAME(get)(r->left + m) - NAME(get)(along + m) * NAME(get)(along + m));
}

/* The units that matching pursuit takes, and behind them the first of the others. */
static void NAME(pursue)(const hp_units *u, const hp_move *m, NAME(pursuit_room) *r) {
    const int64_t ld = r->ld, k = u->k, w = m->width;
    NAME(sums)(u->n, ld, k + 1, u->looks, k + 1, r->H, r->look);
    NAME(norms)(u, ld, r->H, r->look, r->norm);
    const int at_once = NAME(at_once)(m);
    if (at_once) NAME(all_products)(u, m->count, ld, r->H, r->look, r->all);
    double most = 0;
    for (int64_t i = 0; i < m->count; i++) most = r->norm[i] > most ? r->norm[i] : most;
    const double least = 1e-6 * (most > 1e-300 ? most : 1e-300);
    for (int64_t i = 0; i < ld; i++) r->left[i] = i < m->count && r->norm[i] > least;
    for (int64_t i = 0; i < ld; i += LANES) {
        const V over = 1 / NAME(above)(NAME(get)(r->norm + i), 1e-300);
        NAME(put)(r->over + i, over);
        for (int64_t c = 0; c < k; c++)
            NAME(put)(r->match + c * ld + i, NAME(get)(r->look + (c + 1) * ld + i) * over);
    }
    int64_t t = 0;
    for (; t < w; t++) {
        for (int64_t i = 0; i < ld; i += LANES) {
            const V left = NAME(get)(r->left + i);
            V sum = NAME(all)(0);
            for (int64_t c = 0; c < k; c++) sum += NAME(get)(r->match + c * ld + i) * NAME(get)(r->match + c * ld + i);
            NAME(put)(r->score + i, NAME(pick)((NAME(ivec))(left > NAME(all)(1e-4)), sum / left, NAME(all)(-1)));
        }
        const int64_t j = NAME(first_best)(ld, r->score, u->whole);
        if (j < 0) break;
        r->taken[t] = j;
        if (t + 1 < w) NAME(take)(u, r, t, j, at_once, 1);
        r->left[j] = 0;
    }
    for (int64_t j = 0; t < w; j++) {
        int64_t i = 0;
        while (i < t && r->taken[i] != j) i++;
        if (i < t) continue;
        r->taken[t] = j;
        if (t + 1 < w) NAME(take)(u, r, t, j, at_once, 0);
        t++;
    }
}

/* Outgoing weights and output bias of the taken units, a ridge regression: (width + 1, k) into r->fit. */
static void NAME(fit)(const hp_units *u, const hp_move *m, NAME(pursuit_room) *r) {
    const int64_t w = m->width, k = u->k, ld = r->ld;
    const double share = 1.0 / (double)u->n;
    double *G = r->gram;
    for (int64_t i = 0; i < w; i++) {
        const int64_t a = r->taken[i];
        for (int64_t j = 0; j < i; j++)
            G[i * (w + 1) + j] = r->inner[j][a] * share + r->look[a] * r->look[r->taken[j]];
        G[i * (w + 1) + i] = r->norm[a] * r->norm[a] * share + r->look[a] * r->look[a] + m->ridge;
        G[w * (w + 1) + i] = r->look[a];
        for (int64_t c = 0; c < k; c++) r->fit[i * k + c] = r->look[(c + 1) * ld + a] * share + r->look[a] * u->means[c];
    }
    G[w * (w + 1) + w] = 1 + m->ridge;
    for (int64_t c = 0; c < k; c++) r->fit[w * k + c] = u->means[c];
    NAME(solve)(w + 1, k, G, r->fit, r->factor, w + 1);
}

/* x (runs, p): one dictionary a run, its best units fitted, balanced where the activation is homogeneous. */
static int NAME(pursue_many)(const hp_units *u, hp_move *m, hp_philox *streams, double *to) {
    const int64_t d = u->d, k = u->k, w = m->width;
    hp_room room = {0};
    NAME(pursuit_room) r;
    if (!HP_LAY(room, NAME(pursuit_lay)(u, m, &room, &r))) return 0;
    for (int64_t run = 0; run < m->runs && !hp_glance(&m->watch); run++) {
        double *x = to + run * hp_point(u, w);
        const NAME(parts) p = NAME(parts_of)(u, w, x);
        NAME(draw)(u, m->count, m->scale, streams + run, &r.draw, r.ld, r.W);
        NAME(hidden)(u, r.ld, r.W, r.H);
        NAME(weigh)(u, r.ld, r.H);
        NAME(pursue)(u, m, &r);
        NAME(fit)(u, m, &r);
        for (int64_t i = 0; i < w; i++) {
            const int64_t j = r.taken[i];
            for (int64_t q = 0; q < d; q++) p.W[i * d + q] = r.W[q * r.ld + j];
            p.b[i] = r.W[d * r.ld + j];
            for (int64_t c = 0; c < k; c++) p.a[c * w + i] = r.fit[i * k + c];
            if (u->homogeneous) NAME(balance)(u, w, i, x);
        }
        memcpy(p.c, r.fit + w * k, (size_t)k * sizeof *x);
    }
    free(room.base);
    return 1;
}
