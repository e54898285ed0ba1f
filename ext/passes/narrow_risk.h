/* Value and gradient of the risk of a narrow net, tile by tile of samples (hp_risk.XT, narrow_products.h): forward
   through all layers, loss, and back, while everything of a tile lies in the first-level cache. A projection on a basis
   needs the residuals of all samples, so that the activations of all tiles are kept until they are known.

   Included once per instruction set, in double, after narrow_losses.h. */

/* Derivatives and curvatures of a tile; its losses are added to `sum`, lane by lane. What lies after n samples counts
   nothing and has e = 0. These count w each, which is 0 after the last one. */
static void NAME(weighted_losses)(const NAME(narrow_loss) q, V *sum) {
    const int64_t width = q.width;
    for (int64_t v = 0; v * LANES < q.n; v++) {
        const V w = AT(q.w, 0, v), value = w * NAME(narrow_loss_at)(q, v);
        *sum += NAME(pick)(NAME(first)(q.n - v * LANES), value, NAME(all)(0));
        for (int c = 0; c < q.k; c++) AT(q.e, c, v) *= w;
    }
    NAME(clear)(q.k, q.n, q.width, q.e);
}

/* The same of samples that count w, or one each. */
static void NAME(narrow_losses)(const NAME(narrow_loss) q, V *sum) {
    const int64_t whole = q.n / LANES;
    V total = *sum;
    if (q.w) {
        NAME(weighted_losses)(q, sum);
        return;
    }
    for (int64_t v = 0; v < whole; v++) total += NAME(narrow_loss_at)(q, v);
    if (whole * LANES < q.n)
        total += NAME(pick)(NAME(first)(q.n - whole * LANES), NAME(narrow_loss_at)(q, whole), NAME(all)(0));
    *sum = total;
    NAME(clear)(q.k, q.n, q.width, q.e);
}

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
    NAME(ahead)(q, b, kind == HP_RELU ? 0 : -HUGE_VAL);
    if (kind == HP_STORED) {
        hp_shape shape = hp_shape_of(r, l, 1, t);
        shape.m = m * s.width;
        NAME(forward)(&shape, a, NULL, f->d[l] + m * s.to, NULL, NULL, NULL);
    } else if (kind != HP_RELU && kind != HP_IDENTITY)
        NAME(activate)(kind, l < net->n_layers ? net->leak : net->output_leak, m * s.width, a);
    NAME(clear)(m, s.n, s.width, a);
    if (f->d[l]) NAME(clear)(m, s.n, s.width, f->d[l] + m * s.to);
}

ALWAYS void NAME(back_block)(const int units, const int vectors, const NAME(narrow_product) q, int kind, double leak,
                             const double *d, int64_t j, int64_t v, V *sum) {
    const int64_t width = q.width;
    V z[4][2];
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
    case HP_##code: EACH(NAME(slope)(HP_##code, leak, AT(q.out, j + u, v + s), z[u][s])) break;
        HP_SIMPLE_ACTS(CASE)
#undef CASE
    default: EACH(AT(d, j + u, v + s))
    }
#undef EACH
#pragma GCC unroll 4
    for (int u = 0; u < units; u++) {
#pragma GCC unroll 4
        for (int s = 0; s < vectors; s++) AT(q.out, j + u, v + s) = z[u][s];
#pragma GCC unroll 4
        for (int s = 0; s < vectors; s++) sum[u] += z[u][s];
    }
}

/* Activations in out become act' (W' in), and sums (NULL for none) grow by their sums over samples. */
static void NAME(back)(const NAME(narrow_product) q, int kind, double leak, const double *d, double *sums) {
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

/* The last step of a net with one output, units and their first inputs at once: with e the derivative in the output
   and a the activations, delta = e act' is summed over samples with each of the inputs and alone, and e with a. The
   outgoing weight, the same for all samples, is left out. Nothing is stored in between, unless it is needed again
   (keep): then w delta, with w the outgoing weights or, where w is NULL, delta takes the place of a. */
typedef struct {
    int kind, keep;
    double leak;
    int64_t width, k;
    const double *e, *w, *slopes, *in; /* slopes: act' where it is stored, else a */
    double *a;
    double *to_w, *to_b, *to_W; /* sums for w, for the biases (NULL for none) and for the weights, k of them a unit */
} NAME(narrow_top);

ALWAYS void NAME(top_block)(const int units, const int inputs, const NAME(narrow_top) q, int64_t j) {
    const int64_t width = q.width;
    double *a = q.a + j * width;
    const double *slopes = q.slopes + j * width;
    V sum[2][NARROW_INPUTS] = {0}, alone[2] = {0}, outer[2] = {0};
    for (int64_t v = 0; v < width / LANES; v++) {
        const V e = AT(q.e, 0, v), none = e * 0; /* NaN where e is not finite */
        V delta[2];
#pragma GCC unroll 2
        for (int u = 0; u < units; u++) {
            const V x = AT(a, u, v);
            outer[u] += e * x;
            if (q.kind == HP_RELU) delta[u] = NAME(pick)((NAME(ivec))(x > NAME(all)(0)), e, none);
            else delta[u] = e * NAME(slope)(q.kind, q.leak, x, AT(slopes, u, v));
            alone[u] += delta[u];
            if (q.keep) AT(a, u, v) = q.w ? q.w[j + u] * delta[u] : delta[u];
        }
#pragma GCC unroll 8
        for (int i = 0; i < inputs; i++) {
            const V x = AT(q.in, i, v);
#pragma GCC unroll 2
            for (int u = 0; u < units; u++) sum[u][i] += delta[u] * x;
        }
    }
#pragma GCC unroll 2
    for (int u = 0; u < units; u++) {
        double *to = q.to_W + (j + u) * q.k;
        q.to_w[j + u] += NAME(total)(outer[u]);
        if (q.to_b) q.to_b[j + u] += NAME(total)(alone[u]);
#pragma GCC unroll 2
        for (int i = 0; i + 4 <= inputs; i += 4)
            NAME(totals)(sum[u][i], sum[u][i + 1], sum[u][i + 2], sum[u][i + 3], to + i);
        if (inputs < 4)
            for (int i = 0; i < inputs; i++) to[i] += NAME(total)(sum[u][i]);
    }
}

/* How many of k inputs are summed at once. */
ALWAYS int NAME(narrow_inputs)(int64_t k) { return k >= NARROW_INPUTS ? NARROW_INPUTS : k >= 4 ? 4 : k >= 2 ? 2 : 1; }

/* The step above for m units; returns how many inputs were summed. */
static int NAME(narrow_last)(const NAME(narrow_top) q, int m) {
    const int inputs = NAME(narrow_inputs)(q.k);
    int j = 0;
#define BLOCK(count)                                                                                                  \
    if (inputs == count) {                                                                                            \
        for (; j + 2 <= m; j += 2) NAME(top_block)(2, count, q, j);                                                   \
        if (j < m) NAME(top_block)(1, count, q, j);                                                                   \
        return count;                                                                                                 \
    }
    BLOCK(NARROW_INPUTS) BLOCK(4) BLOCK(2) BLOCK(1)
#undef BLOCK
    __builtin_trap();
}

/* Adds a tile's share of the gradient, from e. */
static void NAME(narrow_back)(const hp_risk *r, const double *theta, const NAME(narrow_frame) *f, NAME(narrow_tile) s,
                              double *grad) {
    const hp_net *net = &r->net;
    const int L = net->n_layers, outputs = net->sizes[L];
    const int64_t width = s.width;
    double *delta = f->e + outputs * s.to;
    int done = 0; /* inputs of this layer whose sums are known */
    if (net->output != HP_IDENTITY) {
        const double *slopes = (f->d[L] ? f->d[L] : f->a[L]) + outputs * s.to;
        for (int64_t v = 0; v < outputs * width / LANES; v++)
            AT(delta, 0, v) *= NAME(slope)(hp_kind(r, L), net->output_leak, AT(slopes, 0, v), AT(slopes, 0, v));
    }
    if (net->bias) NAME(add_rows)(outputs, width, delta, grad + net->start[L] - outputs);
    for (int l = L; l >= 1; l--) {
        const int m = net->sizes[l], k = net->sizes[l - 1], d = l > 1 ? net->sizes[l - 2] : 0;
        const double *W = theta + net->start[l - 1], *slopes = l > 1 && f->d[l - 1] ? f->d[l - 1] + k * s.to : NULL;
        double *below = l > 1 ? f->a[l - 1] + k * s.to : NULL, *to = grad + net->start[l - 1];
        double *sums = l > 1 && net->bias ? to - k : NULL;
        const double *in = l > 2 ? f->a[l - 2] + d * s.to : r->XT + d * s.at;
        if (l == L && L > 1 && m == 1) {
            const NAME(narrow_top) q = {hp_kind(r, l - 1), l > 2 || d > NARROW_INPUTS || (d & (d - 1)), net->leak, width,
                                        d, delta, l > 2 ? W : NULL, slopes ? slopes : below, in, below, to, sums,
                                        grad + net->start[l - 2]};
            done = NAME(narrow_last)(q, k);
        } else {
            NAME(add_sums)(m, k - done, width, delta, (below ? below : r->XT + k * s.at) + done * width, to + done, k);
            done = 0;
            const NAME(narrow_product) q = {k, m, W, 1, k, width, delta, below};
            if (below) NAME(back)(q, hp_kind(r, l - 1), net->leak, slopes, sums);
        }
        delta = below;
    }
}

/* The outgoing weights that narrow_last left out, in a net with one hidden layer and one output; deeper ones have them
   but in what was summed at once. */
static void NAME(narrow_scale)(const hp_risk *r, const double *theta, double *grad) {
    const hp_net *net = &r->net;
    const int L = net->n_layers;
    if (L < 2 || net->sizes[L] != 1) return;
    const int m = net->sizes[L - 1], k = net->sizes[L - 2];
    const int inputs = L == 2 ? k : NAME(narrow_inputs)(k);
    const double *w = theta + net->start[L - 1];
    double *to = grad + net->start[L - 2], *sums = to + (int64_t)m * k;
    for (int j = 0; j < m; j++) {
        for (int i = 0; i < inputs; i++) to[j * k + i] *= w[j];
        if (net->bias) sums[j] *= w[j];
    }
}

/* Forward pass and loss of a tile; losses are added to sum. */
static void NAME(narrow_ahead)(const hp_risk *r, const double *theta, double t, const NAME(narrow_frame) *f,
                               NAME(narrow_tile) s, V *sum) {
    const int L = r->net.n_layers, k = r->net.sizes[L];
    for (int l = 1; l <= L; l++) NAME(narrow_layer)(r, l, theta, t, f, s);
    const NAME(narrow_loss) q = {r->loss, k, s.n, s.width, t, 1.0 / (double)r->n_samples, r->YT + k * s.at,
                                 r->Y0T ? r->Y0T + k * s.at : NULL, r->weightsT ? r->weightsT + s.at : NULL, f->a[L] + k * s.to, f->e + k * s.to, NULL};
    NAME(narrow_losses)(q, sum);
}

/* Takes the share 1 - t^2 of the part on the basis out of all residuals e, weights included, whose coefficients are c; returns the square
   of c. `room` is as large as c. */
static double NAME(narrow_unproject)(const hp_risk *r, double t, const double *c, double *room, double *e) {
    const int k = r->net.sizes[r->net.n_layers], basis = (int)r->n_basis;
    double square = 0;
    for (int i = 0; i < basis * k; i++) square += c[i] * c[i], room[i] = -(1 - t * t) * c[i];
    for (int64_t at = 0; at < r->n_samples; at += r->stride) {
        const NAME(narrow_product) q = {k, basis, room, basis, 1, NAME(tile_at)(r, at).width, r->WQT + basis * at, e + k * at};
        NAME(more)(q);
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
    hp_watch watch = {0};
    for (int64_t at = 0; at < N; at += r->stride) {
        const NAME(narrow_tile) s = NAME(tile_at)(r, at);
        if (hp_ends(at > 0, &watch)) return NAN;
        NAME(narrow_ahead)(r, theta, t, &f, s, &sum);
        if (r->Q) NAME(add_sums)(k, basis, s.width, f.e + k * s.to, r->QT + basis * at, f.c, basis);
        else if (grad) NAME(narrow_back)(r, theta, &f, s, grad);
    }
    const double value = NAME(total)(sum) / (double)N;
    if (!r->Q && grad) NAME(narrow_scale)(r, theta, grad);
    if (!r->Q) return value;
    const double square = NAME(narrow_unproject)(r, t, f.c, f.room, f.e); /* of Q'r / N */
    for (int64_t at = 0; grad && at < N && !hp_ends(at > 0, &watch); at += r->stride)
        NAME(narrow_back)(r, theta, &f, NAME(tile_at)(r, at), grad);
    if (grad) NAME(narrow_scale)(r, theta, grad);
    return value - 0.5 * (1 - t * t) * square * (double)N;
}
