/* Value and gradient of an MLP risk, and the primal part of its second-order products: matrix products (gemm.h or
   blas.h) and passes (mlp_passes.h) over blocks of rows, so that a layer's block stays in the cache between the two.

   Included once per type after mlp_frame.h. */

/* Activations of all layers for n rows of X, into the rows of f from row `at` on. */
static void TYPED(forward_rows)(const hp_risk *r, const real *theta, const real *X, int64_t at, int64_t n, double t,
                                const TYPED(frame) *f) {
    const hp_net *net = &r->net;
    for (int l = 1; l <= net->n_layers; l++) {
        const int m = net->sizes[l], k = net->sizes[l - 1];
        const int64_t o = at * m;
        const real *input = l == 1 ? X : f->a[l - 1] + at * k;
        real *z = f->a[l] + o;
        TYPED(times_weights)(n, m, k, input, TYPED(weights)(net, theta, l), f->wt[l], 0, z);
        const hp_shape shape = hp_shape_of(r, l, n, t);
        TYPED(passes_now)->forward(&shape, z, TYPED(biases)(net, theta, l), f->d[l] ? f->d[l] + o : NULL,
                                   f->e[l] ? f->e[l] + o : NULL, f->p[l] ? f->p[l] + o : NULL,
                                   f->q[l] ? f->q[l] + o : NULL);
    }
}

/* From delta[L], the derivative in the outputs, to delta in all pre-activations and, unless grad is NULL, the
   gradient, which is added to where `add` is set; biases always are. */
static void TYPED(backward_rows)(const hp_risk *r, const real *theta, const real *X, int64_t at, int64_t n,
                                 const TYPED(frame) *f, real *grad, int add) {
    const hp_net *net = &r->net;
    for (int l = net->n_layers; l >= 1; l--) {
        const int m = net->sizes[l], k = net->sizes[l - 1];
        const int64_t o = at * m;
        real *delta = f->delta[l] + o;
        const hp_shape shape = hp_shape_of(r, l, n, 1);
        if (f->e[l])
            for (int64_t i = 0; i < n * m; i++) f->e[l][o + i] *= delta[i];
        if (f->q[l])
            for (int64_t i = 0; i < n * m; i++) f->q[l][o + i] *= delta[i];
        TYPED(passes_now)->backward(&shape, delta, f->a[l] + o, f->d[l] ? f->d[l] + o : NULL,
                                    TYPED(sums)(net, grad, l, f->sink));
        const real *input = l == 1 ? X : f->a[l - 1] + at * k;
        if (grad) TYPED(sum_products)(n, m, k, delta, input, add, grad + net->start[l - 1]);
        if (l > 1) TYPED(back_through)(n, m, k, delta, TYPED(weights)(net, theta, l), 0, f->delta[l - 1] + at * k);
    }
}

/* Targets of rows at .. at + n, moved to t where they move. */
static const real *TYPED(targets_at)(const hp_risk *r, int64_t at, int64_t row, int64_t n, double t,
                                     const TYPED(frame) *f) {
    const int64_t k = r->net.sizes[r->net.n_layers];
    const real *Y = (const real *)r->Y + row * k;
    if (!r->Y0) return Y;
    real *moved = f->targets + at * k;
    const double *Y0 = r->Y0 + row * k;
    for (int64_t i = 0; i < n * k; i++) moved[i] = (real)(Y0[i] + t * ((double)Y[i] - Y0[i]));
    return moved;
}

/* Weights of samples from `row` on; NULL where each counts one. */
static const real *TYPED(counts)(const hp_risk *r, int64_t row) {
    return r->sample_weights ? (const real *)r->sample_weights + row : NULL;
}

/* c = Q' r for r (N, k), weights included, and c (n_basis, k). */
static void TYPED(project)(const hp_risk *r, const real *v, double *c) {
    const int64_t k = r->net.sizes[r->net.n_layers], q = r->n_basis;
    if (sizeof(real) == sizeof(double) && TYPED(passes_now)->gemm) {
        TYPED(passes_now)->gemm(q, k, r->n_samples, (const real *)r->Q, 1, q, v, k, 0, (real *)c, k);
        return;
    }
    memset(c, 0, (size_t)(q * k) * sizeof(double));
    for (int64_t i = 0; i < r->n_samples; i++)
        for (int64_t b = 0; b < q; b++)
            for (int64_t j = 0; j < k; j++) c[b * k + j] += r->Q[i * q + b] * (double)v[i * k + j];
}

/* r -= weight W Q c; `room` is as large as c. */
static void TYPED(unproject)(const hp_risk *r, double weight, const double *c, double *room, real *v) {
    const int64_t k = r->net.sizes[r->net.n_layers], q = r->n_basis;
    for (int64_t i = 0; i < q * k; i++) room[i] = -weight * c[i];
    if (sizeof(real) == sizeof(double) && TYPED(passes_now)->gemm) {
        TYPED(passes_now)->gemm(r->n_samples, k, q, (const real *)r->WQ, q, 1, (const real *)room, k, 1, v, k);
        return;
    }
    for (int64_t i = 0; i < r->n_samples; i++)
        for (int64_t b = 0; b < q; b++)
            for (int64_t j = 0; j < k; j++) v[i * k + j] += (real)(r->WQ[i * q + b] * room[b * k + j]);
}

static double TYPED(penalty)(const hp_risk *r, double t) {
    return r->l2_easy < 0 ? r->l2 : r->l2 + (1 - t) * (r->l2_easy - r->l2);
}

/* Adds the weight penalty to value and gradient (may be NULL). */
static double TYPED(penalize)(const hp_risk *r, double weight, const real *theta, real *grad) {
    if (weight == 0) return 0;
    const int64_t size = r->net.start[r->net.n_layers];
    double sum = 0;
    for (int64_t i = 0; i < size; i++) sum += (double)theta[i] * (double)theta[i];
    for (int64_t i = 0; grad && i < size; i++) grad[i] += (real)weight * theta[i];
    return 0.5 * weight * sum;
}

/* Rows that a frame needs: a projection sees all samples at once. */
static int64_t TYPED(frame_rows)(const hp_risk *r) {
    return r->Q || r->block > r->n_samples ? r->n_samples : r->block;
}

/* Forward pass and loss of all samples with everything kept in a frame of n_samples rows, backward pass without
   gradient: the primal part of second-order products. Returns the mean loss. */
static double TYPED(residuals)(const hp_risk *r, const real *theta, double t, const TYPED(frame) *f) {
    const int64_t N = r->n_samples, d = r->net.sizes[0], k = r->net.sizes[r->net.n_layers];
    const real *outputs = f->a[r->net.n_layers], *X = r->X, scale = (real)(1.0 / (double)N);
    real *delta = f->delta[r->net.n_layers];
    double sum = 0;
    hp_watch watch = {0};
    TYPED(transpose_weights)(&r->net, theta, f->wt);
    for (int64_t i = 0; i < N; i += r->block) {
        if (hp_ends(i > 0, &watch)) return NAN;
        const int64_t n = N - i < r->block ? N - i : r->block;
        TYPED(forward_rows)(r, theta, X + i * d, i, n, t, f);
        sum += TYPED(passes_now)->loss(r->loss, n, k, outputs + i * k, TYPED(targets_at)(r, i, i, n, t, f),
                                       TYPED(counts)(r, i), scale, delta + i * k, f->curvature ? f->curvature + i * k : NULL);
    }
    if (r->Q) {
        double *c = f->part, square = 0;
        TYPED(project)(r, delta, c);
        for (int64_t i = 0; i < r->n_basis * k; i++) square += c[i] * c[i];
        sum -= 0.5 * (1 - t * t) * square * (double)N * (double)N; /* c is Q'r / N */
        TYPED(unproject)(r, 1 - t * t, c, f->part + 2 * r->n_basis * k, delta);
    }
    return sum / (double)N;
}

static double TYPED(value_and_grad)(const hp_risk *r, const real *theta, double t, real *grad, char *work) {
    const int64_t N = r->n_samples, d = r->net.sizes[0], k = r->net.sizes[r->net.n_layers];
    const real *X = r->X, scale = (real)(1.0 / (double)N);
    TYPED(frame) f;
    TYPED(lay)(r, TYPED(frame_rows)(r), grad ? HP_GRAD : HP_VALUE, work, &f);
    if (grad) TYPED(clear_biases)(&r->net, grad);
    double sum = 0;
    hp_watch watch = {0};
    if (r->Q) {
        sum = TYPED(residuals)(r, theta, t, &f) * (double)N;
        for (int64_t i = 0; grad && i < N && !hp_ends(i > 0, &watch); i += r->block)
            TYPED(backward_rows)(r, theta, X + i * d, i, N - i < r->block ? N - i : r->block, &f, grad, i > 0);
    } else {
        TYPED(transpose_weights)(&r->net, theta, f.wt);
        for (int64_t i = 0; i < N; i += f.rows) {
            const int64_t n = N - i < f.rows ? N - i : f.rows;
            if (hp_ends(i > 0, &watch)) return NAN;
            TYPED(forward_rows)(r, theta, X + i * d, 0, n, t, &f);
            sum += TYPED(passes_now)->loss(r->loss, n, k, f.a[r->net.n_layers], TYPED(targets_at)(r, 0, i, n, t, &f),
                                           TYPED(counts)(r, i), scale, f.delta[r->net.n_layers], NULL);
            if (grad) TYPED(backward_rows)(r, theta, X + i * d, 0, n, &f, grad, i > 0);
        }
    }
    return sum / (double)N + TYPED(penalize)(r, TYPED(penalty)(r, t), theta, grad);
}

/* Fills a frame of n_samples rows for tangent products at (theta, t); returns the value without the penalty. */
static double TYPED(primal)(const hp_risk *r, const real *theta, double t, const TYPED(frame) *f) {
    const int64_t N = r->n_samples, d = r->net.sizes[0];
    const double value = TYPED(residuals)(r, theta, t, f);
    hp_watch watch = {0};
    for (int64_t i = 0; i < N && !hp_ends(i > 0, &watch); i += r->block)
        TYPED(backward_rows)(r, theta, (const real *)r->X + i * d, i, N - i < r->block ? N - i : r->block, f, NULL, 0);
    return value;
}
