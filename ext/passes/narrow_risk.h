/* Value and gradient of the risk of a narrow net, tile by tile of samples (hp_risk.XT, narrow_products.h): forward
   through all layers, loss, and back, while everything of a tile lies in the first-level cache. A projection on a basis
   needs the residuals of all samples, so that the activations of all tiles are kept until they are known.

   Included once per instruction set, in double, after narrow_losses.h. */

/* Memory for `samples` of them: a tile, or all where they are kept. Activations become what comes back to their units,
   in place. */
typedef struct {
    double *a[HP_SMALL_LAYERS + 1]; /* activations of the layers above the data */
    double *d[HP_SMALL_LAYERS + 1]; /* act' where it is stored, else NULL */
    double *e;                      /* derivative of the loss in the outputs */
    double *c, *room;               /* coefficients on the basis */
} NAME(narrow_frame);

static void NAME(lay_narrow)(const hp_risk *r, double *work, NAME(narrow_frame) *f) {
    const hp_net *net = &r->net;
    const int64_t samples = hp_narrow_samples(r), outputs = net->sizes[net->n_layers];
    for (int l = 1; l <= net->n_layers; l++) {
        f->a[l] = work, work += net->sizes[l] * samples;
        f->d[l] = hp_kind(r, l) == HP_STORED ? work : NULL;
        if (f->d[l]) work += net->sizes[l] * samples;
    }
    f->e = work, work += outputs * samples;
    f->c = work, f->room = work + outputs * r->n_basis;
}

/* A tile: n samples from `at` on, whose rows hold `width` samples; its memory begins at `to` samples of a frame. */
typedef struct {
    int64_t at, n, width, to;
} NAME(narrow_tile);

ALWAYS NAME(narrow_tile) NAME(tile_at)(const hp_risk *r, int64_t at) {
    const int64_t n = r->n_samples - at < r->stride ? r->n_samples - at : r->stride;
    return (NAME(narrow_tile)){at, n, (n + 7) / 8 * 8, r->Q ? at : 0};
}

/* Activations of layer l of a tile. */
static void NAME(narrow_layer)(const hp_risk *r, int l, const double *theta, double t, const NAME(narrow_frame) *f,
                               NAME(narrow_tile) s) {
    const hp_net *net = &r->net;
    const int m = net->sizes[l], k = net->sizes[l - 1], kind = hp_kind(r, l);
    const double *W = theta + net->start[l - 1], *b = net->bias ? W + (int64_t)m * k : NULL;
    double *a = f->a[l] + m * s.to;
    const NAME(narrow_product) q = {m, k, W, k, 1, s.width, l > 1 ? f->a[l - 1] + k * s.to : r->XT + k * s.at, a};
    NAME(ahead)(&q, b, kind == HP_RELU ? 0 : -HUGE_VAL);
    if (kind == HP_STORED) {
        hp_shape shape = hp_shape_of(r, l, 1, t);
        shape.m = m * s.width;
        NAME(forward)(&shape, a, NULL, f->d[l] + m * s.to, NULL, NULL, NULL);
    } else if (kind != HP_RELU && kind != HP_IDENTITY)
        NAME(activate)(kind, l < net->n_layers ? net->leak : net->output_leak, m * s.width, a);
    if (l < net->n_layers) NAME(clear)(m, s.n, s.width, a);
}

ALWAYS void NAME(back_block)(const int units, const int vectors, const NAME(narrow_product) *q, int kind, double leak,
                             const double *d, int64_t j, int64_t v, V *sum) {
    const int64_t width = q->width;
    V z[4][NARROW_VECTORS];
#pragma GCC unroll 4
    for (int u = 0; u < units; u++)
#pragma GCC unroll 4
        for (int s = 0; s < vectors; s++) z[u][s] = (V){0};
    NAME(multiply)(units, vectors, q, j, v, z);
#define EACH(slope)                                                                                                   \
    _Pragma("GCC unroll 4") for (int u = 0; u < units; u++)                                                           \
        _Pragma("GCC unroll 4") for (int s = 0; s < vectors; s++) z[u][s] *= slope;
    switch (kind) {
#define CASE(code, ...)                                                                                               \
    case HP_##code: EACH(NAME(slope)(HP_##code, leak, AT(q->out, j + u, v + s), z[u][s])) break;
        HP_SIMPLE_ACTS(CASE)
#undef CASE
    default: EACH(AT(d, j + u, v + s))
    }
#undef EACH
#pragma GCC unroll 4
    for (int u = 0; u < units; u++)
#pragma GCC unroll 4
        for (int s = 0; s < vectors; s++) AT(q->out, j + u, v + s) = z[u][s], sum[u] += z[u][s];
}

/* Activations in out become act' (W' in), and sums (NULL for none) grow by their sums over samples. */
static void NAME(back)(const NAME(narrow_product) *q, int kind, double leak, const double *d, double *sums) {
    V sum[4] = {0};
#define BLOCK(units, vectors) NAME(back_block)(units, vectors, q, kind, leak, d, j, v, sum)
#define NEXT                                                                                                          \
    for (int u = 0; u < units; u++) {                                                                                 \
        if (sums) sums[j + u] += NAME(total)(sum[u]);                                                                 \
        sum[u] = (V){0};                                                                                              \
    }
    EACH_BLOCK
#undef BLOCK
#undef NEXT
}

/* Adds a tile's share of the gradient, from e. */
static void NAME(narrow_back)(const hp_risk *r, const double *theta, const NAME(narrow_frame) *f, NAME(narrow_tile) s,
                              double *grad) {
    const hp_net *net = &r->net;
    const int L = net->n_layers, outputs = net->sizes[L];
    const int64_t width = s.width;
    double *delta = f->e + outputs * s.to;
    if (net->output != HP_IDENTITY) {
        const double *slopes = (f->d[L] ? f->d[L] : f->a[L]) + outputs * s.to;
        for (int64_t v = 0; v < outputs * width / LANES; v++)
            AT(delta, 0, v) *= NAME(slope)(hp_kind(r, L), net->output_leak, AT(slopes, 0, v), AT(slopes, 0, v));
        NAME(clear)(outputs, s.n, width, delta);
    }
    if (net->bias) NAME(add_rows)(outputs, width, delta, grad + net->start[L] - outputs);
    for (int l = L; l >= 1; l--) {
        const int m = net->sizes[l], k = net->sizes[l - 1];
        double *below = l > 1 ? f->a[l - 1] + k * s.to : NULL;
        NAME(add_sums)(m, k, width, delta, below ? below : r->XT + k * s.at, grad + net->start[l - 1], k);
        if (!below) return;
        double *sums = net->bias ? grad + net->start[l - 1] - k : NULL;
        const NAME(narrow_product) q = {k, m, theta + net->start[l - 1], 1, k, width, delta, below};
        NAME(back)(&q, hp_kind(r, l - 1), net->leak, f->d[l - 1] ? f->d[l - 1] + k * s.to : NULL,
                   s.n < width ? NULL : sums);
        NAME(clear)(k, s.n, width, below);
        if (s.n < width && sums) NAME(add_rows)(k, width, below, sums);
        delta = below;
    }
}

/* Forward pass and loss of a tile; losses are added to sum. */
static void NAME(narrow_ahead)(const hp_risk *r, const double *theta, double t, const NAME(narrow_frame) *f,
                               NAME(narrow_tile) s, V *sum) {
    const int L = r->net.n_layers, k = r->net.sizes[L];
    for (int l = 1; l <= L; l++) NAME(narrow_layer)(r, l, theta, t, f, s);
    const NAME(narrow_loss) q = {r->loss, k, s.n, s.width, t, 1.0 / (double)r->n_samples, r->YT + k * s.at,
                                 r->Y0T ? r->Y0T + k * s.at : NULL, f->a[L] + k * s.to, f->e + k * s.to, NULL};
    NAME(narrow_losses)(&q, sum);
}

/* Takes the share 1 - t^2 of the residuals' part on the basis out of all residuals e, whose coefficients are c; returns
   the square of c. */
static double NAME(narrow_unproject)(const hp_risk *r, double t, const NAME(narrow_frame) *f) {
    const int k = r->net.sizes[r->net.n_layers], basis = (int)r->n_basis;
    double square = 0;
    for (int i = 0; i < basis * k; i++) square += f->c[i] * f->c[i], f->room[i] = -(1 - t * t) * f->c[i];
    for (int64_t at = 0; at < r->n_samples; at += r->stride) {
        const NAME(narrow_tile) s = NAME(tile_at)(r, at);
        const NAME(narrow_product) q = {k, basis, f->room, basis, 1, s.width, r->QT + basis * at, f->e + k * at};
        NAME(more)(&q);
    }
    return square;
}

static double NAME(narrow)(const hp_risk *r, const double *theta, double t, double *grad, double *work) {
    const int64_t N = r->n_samples;
    const int k = r->net.sizes[r->net.n_layers], basis = (int)r->n_basis;
    NAME(narrow_frame) f;
    NAME(lay_narrow)(r, work, &f);
    if (grad) memset(grad, 0, (size_t)r->net.start[r->net.n_layers] * sizeof(double));
    if (r->Q) memset(f.c, 0, (size_t)(basis * k) * sizeof(double));
    V sum = {0};
    for (int64_t at = 0; at < N; at += r->stride) {
        const NAME(narrow_tile) s = NAME(tile_at)(r, at);
        NAME(narrow_ahead)(r, theta, t, &f, s, &sum);
        if (r->Q) NAME(add_sums)(k, basis, s.width, f.e + k * s.to, r->QT + basis * at, f.c, basis);
        else if (grad) NAME(narrow_back)(r, theta, &f, s, grad);
    }
    const double value = NAME(total)(sum) / (double)N;
    if (!r->Q) return value;
    const double square = NAME(narrow_unproject)(r, t, &f); /* of Q'r / N */
    for (int64_t at = 0; grad && at < N; at += r->stride)
        NAME(narrow_back)(r, theta, &f, NAME(tile_at)(r, at), grad);
    return value - 0.5 * (1 - t * t) * square * (double)N;
}
