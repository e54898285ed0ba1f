/* Outgoing weights that fit the targets: a ridge regression on the units, behind what compensates. */
typedef struct {
    double *W, *H, *mean;                /* (d + 1, ld), (n, ld), (ld) */
    double *shared;                      /* (span, ld): products with the basis */
    double *gram, *right;                /* (width, ld), (k, ld) */
    double *packed, *factor, *fit;       /* (width, width) twice, (width, k) */
    int64_t ld;
} NAME(refit_room);

static void NAME(refit_lay)(const hp_units *u, const hp_move *m, hp_room *room, NAME(refit_room) *r) {
    const int64_t w = m->width, ld = r->ld = NAME(padded)(w);
    r->W = hp_take(room, (u->d + 1) * ld);
    r->H = hp_take(room, u->n * ld);
    r->mean = hp_take(room, ld);
    r->shared = hp_take(room, u->span[1] * ld);
    r->gram = hp_take(room, w * ld), r->right = hp_take(room, u->k * ld);
    r->packed = hp_take(room, w * w), r->factor = hp_take(room, w * w);
    r->fit = hp_take(room, w * u->k);
}

/* The regression of one net, whose outputs stand in r->H: (width, k) into r->fit. */
static void NAME(regression)(const hp_units *u, const hp_move *m, NAME(refit_room) *r) {
    const int64_t w = m->width, ld = r->ld, k = u->k, span = u->span[m->beside];
    const double *Q = u->Q[m->beside], share = 1.0 / (double)u->n;
    NAME(means)(u, ld, r->H, r->mean);
    NAME(gemm)(span, ld, u->n, Q, 1, span, r->H, ld, 0, r->shared, ld);
    for (int64_t i = 0; i < span * ld; i++) r->shared[i] = -r->shared[i];
    NAME(gemm)(u->n, ld, span, Q, span, 1, r->shared, ld, 1, r->H, ld);
    NAME(inner_products)(u->n, w, ld, r->H, r->gram);
    double trace = 0;
    for (int64_t i = 0; i < w; i++) trace += r->gram[i * ld + i] * share;
    const double ridge = 1e-3 * trace / (double)w;
    for (int64_t i = 0; i < w; i++) {
        for (int64_t j = 0; j <= i; j++) r->packed[i * w + j] = r->gram[i * ld + j] * share;
        r->packed[i * w + i] += ridge < 1e-12 ? 1e-12 : ridge;
    }
    NAME(sums)(u->n, ld, k, u->left[m->beside], k, r->H, r->right);
    for (int64_t c = 0; c < k; c++)
        for (int64_t i = 0; i < w; i++) r->fit[i * k + c] = r->right[c * ld + i] * share;
    NAME(solve)(w, k, r->packed, r->fit, r->factor, w);
}

/* Points `fitted` with the first layers of `points`, outgoing weights and output biases fitted. */
static int NAME(refit_many)(const hp_units *u, hp_move *m, const double *points, double *fitted) {
    const int64_t w = m->width, k = u->k, p = hp_point(u, w);
    hp_room room = {0};
    NAME(refit_room) r;
    if (!HP_LAY(room, NAME(refit_lay)(u, m, &room, &r))) return 0;
    for (int64_t run = 0; run < m->runs && !hp_glance(&m->watch); run++) {
        const double *x = points + run * p;
        double *to = fitted + run * p;
        const NAME(parts) q = NAME(parts_of)(u, w, to);
        memcpy(to, x, (size_t)p * sizeof *to);
        NAME(columns)(u, w, r.ld, x, r.W);
        NAME(hidden)(u, r.ld, r.W, r.H);
        NAME(weigh)(u, r.ld, r.H);
        NAME(regression)(u, m, &r);
        for (int64_t c = 0; c < k; c++) {
            double mean = u->means[c];
            for (int64_t i = 0; i < w; i++) {
                q.a[c * w + i] = r.fit[i * k + c];
                mean -= r.fit[i * k + c] * r.mean[i];
            }
            if (u->bias) q.c[c] = mean;
        }
        for (int64_t i = 0; i < w && u->homogeneous; i++) NAME(balance)(u, w, i, to);
    }
    free(room.base);
    return 1;
}
