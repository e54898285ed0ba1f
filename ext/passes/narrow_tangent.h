/* Hessian-vector and Gauss-Newton products of the risk of a narrow net, with the samples contiguous: the primal pass at
   a point is kept for all samples, then each product is one sweep of tangents over the tiles, or two where a projection
   needs all residuals. Derivatives in t are left to mlp_tangent.h.

   Included once per instruction set, in double, after narrow_risk.h. */

/* One array a layer of units, all samples: activations, act', the derivative of the risk in the pre-activations, and
   act'' times that in the activations (NULL where act'' is zero); tangents of pre-activations, activations and delta,
   of a tile or, with a projection, of all samples. */
typedef struct {
    double *a[HP_SMALL_LAYERS + 1], *s[HP_SMALL_LAYERS + 1], *delta[HP_SMALL_LAYERS + 1], *bend[HP_SMALL_LAYERS + 1];
    double *rz[HP_SMALL_LAYERS + 1], *ra[HP_SMALL_LAYERS + 1], *rdelta[HP_SMALL_LAYERS + 1];
    double *curvature, *c, *room;
} NAME(narrow_kept);

static void NAME(lay_kept)(const hp_risk *r, double *memory, NAME(narrow_kept) *f) {
    const hp_net *net = &r->net;
    const int64_t all = (r->n_samples + 7) / 8 * 8, some = hp_narrow_samples(r), k = net->sizes[net->n_layers];
    for (int l = 1; l <= net->n_layers; l++) {
        const int64_t m = net->sizes[l];
        const int kind = hp_kind(r, l), straight = kind == HP_IDENTITY || kind == HP_RELU || kind == HP_LEAKY;
        f->a[l] = memory, f->s[l] = memory + m * all, f->delta[l] = memory + 2 * m * all;
        f->bend[l] = straight ? NULL : memory + 3 * m * all;
        memory += 4 * m * all;
        f->rz[l] = memory, f->ra[l] = memory + m * some, f->rdelta[l] = memory + 2 * m * some;
        memory += 3 * m * some;
    }
    f->curvature = memory, f->c = memory + k * all, f->room = f->c + k * r->n_basis;
}

/* y = x s, or x s + b u. */
ALWAYS void NAME(bent)(int64_t n, const double *x, const double *s, const double *b, const double *u, double *y) {
    const int64_t width = 0;
    for (int64_t v = 0; v < n / LANES; v++) {
        const V value = AT(x, 0, v) * AT(s, 0, v);
        AT(y, 0, v) = b ? value + AT(b, 0, v) * AT(u, 0, v) : value;
    }
}

/* Activations, slopes and loss of a tile; the derivative in the outputs goes to delta of the last layer. */
static void NAME(kept_ahead)(const hp_risk *r, const double *theta, double t, const NAME(narrow_kept) *f,
                             NAME(narrow_tile) s, V *sum) {
    const hp_net *net = &r->net;
    const int L = net->n_layers, outputs = net->sizes[L];
    for (int l = 1; l <= L; l++) {
        const int m = net->sizes[l], k = net->sizes[l - 1];
        const double *W = theta + net->start[l - 1];
        double *a = f->a[l] + m * s.at, *slope = f->s[l] + m * s.at, *bend = f->bend[l] ? f->bend[l] + m * s.at : NULL;
        const NAME(narrow_product) q = {m, k, W, k, 1, s.width, l > 1 ? f->a[l - 1] + k * s.at : r->XT + k * s.at, a};
        NAME(ahead)(q, net->bias ? W + (int64_t)m * k : NULL, -HUGE_VAL);
        hp_shape shape = hp_shape_of(r, l, 1, t);
        shape.m = m * s.width, shape.kind = HP_STORED;
        NAME(forward)(&shape, a, NULL, slope, bend, NULL, NULL);
        NAME(clear)(m, s.n, s.width, a);
        NAME(clear)(m, s.n, s.width, slope);
        if (bend) NAME(clear)(m, s.n, s.width, bend);
    }
    const NAME(narrow_loss) q = {r->loss,
                                 outputs,
                                 s.n,
                                 s.width,
                                 t,
                                 1.0 / (double)r->n_samples,
                                 r->YT + outputs * s.at,
                                 r->Y0T ? r->Y0T + outputs * s.at : NULL,
                                 r->weightsT ? r->weightsT + s.at : NULL,
                                 f->a[L] + outputs * s.at,
                                 f->delta[L] + outputs * s.at,
                                 f->curvature + outputs * s.at};
    NAME(narrow_losses)(q, sum);
}

/* Fills memory for products at (theta, t). */
static void NAME(narrow_primal)(const hp_risk *r, const double *theta, double t, double *memory) {
    const hp_net *net = &r->net;
    const int L = net->n_layers, outputs = net->sizes[L], basis = (int)r->n_basis;
    NAME(narrow_kept) f;
    NAME(lay_kept)(r, memory, &f);
    V sum = {0};
    hp_watch watch = {0};
    if (r->Q) memset(f.c, 0, (size_t)(basis * outputs) * sizeof(double));
    for (int64_t at = 0; at < r->n_samples && !hp_ends(at > 0, &watch); at += r->stride) {
        const NAME(narrow_tile) s = NAME(tile_at)(r, at);
        NAME(kept_ahead)(r, theta, t, &f, s, &sum);
        if (r->Q)
            NAME(add_sums)(outputs, basis, s.width, f.delta[L] + outputs * at, r->QT + basis * at, f.c, basis);
    }
    if (r->Q) NAME(narrow_unproject)(r, t, f.c, f.room, f.delta[L]);
    for (int64_t at = 0; at < r->n_samples && !hp_ends(at > 0, &watch); at += r->stride)
        for (int l = L; l >= 1; l--) {
            const int m = net->sizes[l], k = net->sizes[l - 1];
            const NAME(narrow_tile) s = NAME(tile_at)(r, at);
            double *delta = f.delta[l] + m * at;
            if (f.bend[l]) NAME(bent)(m * s.width, f.bend[l] + m * at, delta, NULL, NULL, f.bend[l] + m * at);
            NAME(bent)(m * s.width, delta, f.s[l] + m * at, NULL, NULL, delta);
            const NAME(narrow_product) q = {k, m, theta + net->start[l - 1], 1, k, s.width, delta,
                                            l > 1 ? f.delta[l - 1] + k * at : NULL};
            if (l > 1) NAME(ahead)(q, NULL, -HUGE_VAL);
        }
}

/* Tangents along v of a tile up to the derivative in the outputs, which goes to rdelta of the last layer. */
static void NAME(tangent_ahead)(const hp_risk *r, const double *theta, const double *v, const NAME(narrow_kept) *f,
                                NAME(narrow_tile) s) {
    const hp_net *net = &r->net;
    const int L = net->n_layers, outputs = net->sizes[L];
    const int64_t width = s.width;
    for (int l = 1; l <= L; l++) {
        const int m = net->sizes[l], k = net->sizes[l - 1];
        const double *W = v + net->start[l - 1];
        double *rz = f->rz[l] + m * s.to;
        NAME(narrow_product) q = {m, k, W, k, 1, width, l > 1 ? f->a[l - 1] + k * s.at : r->XT + k * s.at, rz};
        NAME(ahead)(q, net->bias ? W + (int64_t)m * k : NULL, -HUGE_VAL);
        q.W = theta + net->start[l - 1], q.in = l > 1 ? f->ra[l - 1] + k * s.to : NULL;
        if (l > 1) NAME(more)(q);
        NAME(bent)(m * width, rz, f->s[l] + m * s.at, NULL, NULL, f->ra[l] + m * s.to);
    }
    const double *ro = f->ra[L] + outputs * s.to, *p = f->curvature + outputs * s.at;
    double *to = f->rdelta[L] + outputs * s.to;
    const double scale = 1.0 / (double)r->n_samples;
    for (int64_t i = 0; i < width / LANES; i++) {
        V mean = {0};
        for (int c = 0; r->loss == HP_SOFTMAX && c < outputs; c++) mean += AT(p, c, i) * AT(ro, c, i);
        for (int c = 0; c < outputs; c++) {
            V x = AT(ro, c, i) - mean;
            if (r->loss != HP_SQUARED) x *= AT(p, c, i);
            AT(to, c, i) = r->weightsT ? scale * x * AT(r->weightsT + s.at, 0, i) : scale * x;
        }
    }
    NAME(clear)(outputs, s.n, width, to);
}

/* From there to the tile's share of the product, added to out. */
static void NAME(tangent_back)(const hp_risk *r, const double *theta, const double *v, int gauss,
                               const NAME(narrow_kept) *f, NAME(narrow_tile) s, double *out) {
    const hp_net *net = &r->net;
    const int64_t width = s.width;
    for (int l = net->n_layers; l >= 1; l--) {
        const int m = net->sizes[l], k = net->sizes[l - 1];
        double *to = out + net->start[l - 1], *rdelta = f->rdelta[l] + m * s.to;
        const double *bend = gauss || !f->bend[l] ? NULL : f->bend[l] + m * s.at, *delta = f->delta[l] + m * s.at;
        NAME(bent)(m * width, rdelta, f->s[l] + m * s.at, bend, f->rz[l] + m * s.to, rdelta);
        if (net->bias) NAME(add_rows)(m, width, rdelta, to + (int64_t)m * k);
        NAME(add_sums)(m, k, width, rdelta, l > 1 ? f->a[l - 1] + k * s.at : r->XT + k * s.at, to, k);
        if (l == 1) return;
        NAME(narrow_product) q = {k, m, theta + net->start[l - 1], 1, k, width, rdelta, f->rdelta[l - 1] + k * s.to};
        NAME(ahead)(q, NULL, -HUGE_VAL);
        if (gauss) continue;
        NAME(add_sums)(m, k, width, delta, f->ra[l - 1] + k * s.to, to, k);
        q.W = v + net->start[l - 1], q.in = delta;
        NAME(more)(q);
    }
}

/* The Hessian, or with `gauss` the Gauss-Newton matrix, at (theta, t) times v, from filled memory. */
static void NAME(narrow_times)(const hp_risk *r, const double *theta, double t, const double *v, int gauss,
                               double *memory, double *out) {
    const int L = r->net.n_layers, outputs = r->net.sizes[L], basis = (int)r->n_basis;
    NAME(narrow_kept) f;
    NAME(lay_kept)(r, memory, &f);
    hp_watch watch = {0};
    memset(out, 0, (size_t)r->net.start[L] * sizeof(double));
    if (r->Q) memset(f.c, 0, (size_t)(basis * outputs) * sizeof(double));
    for (int64_t at = 0; at < r->n_samples && !hp_ends(at > 0, &watch); at += r->stride) {
        const NAME(narrow_tile) s = NAME(tile_at)(r, at);
        NAME(tangent_ahead)(r, theta, v, &f, s);
        if (r->Q)
            NAME(add_sums)(outputs, basis, s.width, f.rdelta[L] + outputs * at, r->QT + basis * at, f.c, basis);
        else NAME(tangent_back)(r, theta, v, gauss, &f, s, out);
    }
    if (!r->Q) return;
    NAME(narrow_unproject)(r, t, f.c, f.room, f.rdelta[L]);
    for (int64_t at = 0; at < r->n_samples && !hp_ends(at > 0, &watch); at += r->stride)
        NAME(tangent_back)(r, theta, v, gauss, &f, NAME(tile_at)(r, at), out);
}
