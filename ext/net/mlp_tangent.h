/* Tangents of an MLP risk: exact Hessian-vector and Gauss-Newton products, derivatives in t, and the products of the
   Jacobian with a vector from either side.

   Included once per type after mlp_risk.h. */

/* Tangent of the activations of n rows from `at` on, in the direction v of the weights (NULL for zero) and, where
   `moving` is set, of t. Tangents lie in the rows of g from row `to` on. */
static void TYPED(tangent_forward)(const hp_risk *r, const real *theta, const real *v, const real *X, int64_t at,
                                   int64_t to, int64_t n, int moving, const TYPED(frame) *f,
                                   const TYPED(tangents) *g) {
    const hp_net *net = &r->net;
    for (int l = 1; l <= net->n_layers; l++) {
        const int m = net->sizes[l], k = net->sizes[l - 1];
        const int64_t o = at * m;
        const real *input = l == 1 ? X : f->a[l - 1] + at * k;
        real *rz = g->rz[l] + to * m;
        if (l > 1) 
            TYPED(times_weights)(n, m, k, g->ra[l - 1] + to * k, TYPED(weights)(net, theta, l), f->wt[l], 0, rz);
        if (v) TYPED(times_weights)(n, m, k, input, TYPED(weights)(net, v, l), g->vt[l], l > 1, rz);
        else if (l == 1) memset(rz, 0, (size_t)(n * m) * sizeof(real));
        const hp_shape shape = hp_shape_of(r, l, n, 1);
        TYPED(passes_now)->rforward(&shape, rz, v ? TYPED(biases)(net, v, l) : NULL, f->a[l] + o,
                                    f->d[l] ? f->d[l] + o : NULL, moving && f->p[l] ? f->p[l] + o : NULL,
                                    g->ra[l] + to * m);
    }
}

/* From rdelta[L], the tangent of the derivative in the outputs, to the tangent of the gradient in out. With `gauss`
   the derivatives of act' are left out. */
static void TYPED(tangent_backward)(const hp_risk *r, const real *theta, const real *v, const real *X, int64_t at,
                                    int64_t to, int64_t n, int gauss, int moving, const TYPED(frame) *f,
                                    const TYPED(tangents) *g, real *out, int add) {
    const hp_net *net = &r->net;
    for (int l = net->n_layers; l >= 1; l--) {
        const int m = net->sizes[l], k = net->sizes[l - 1];
        const int64_t o = at * m;
        const real *input = l == 1 ? X : f->a[l - 1] + at * k;
        real *rdelta = g->rdelta[l] + to * m;
        const hp_shape shape = hp_shape_of(r, l, n, 1);
        TYPED(passes_now)->rbackward(&shape, rdelta, f->a[l] + o, f->d[l] ? f->d[l] + o : NULL, f->delta[l] + o,
                                     f->e[l] ? f->e[l] + o : NULL, gauss ? NULL : g->rz[l] + to * m,
                                     moving && f->q[l] ? f->q[l] + o : NULL, TYPED(sums)(net, out, l, f->sink));
        TYPED(sum_products)(n, m, k, rdelta, input, add, out + net->start[l - 1]);
        if (l == 1) return;
        if (!gauss) TYPED(sum_products)(n, m, k, f->delta[l] + o, g->ra[l - 1] + to * k, 1, out + net->start[l - 1]);
        TYPED(back_through)(n, m, k, rdelta, TYPED(weights)(net, theta, l), 0, g->rdelta[l - 1] + to * k);
        if (!gauss && v)
            TYPED(back_through)(n, m, k, f->delta[l] + o, TYPED(weights)(net, v, l), 1, g->rdelta[l - 1] + to * k);
    }
}

/* Adds to rdelta, the tangent of the derivative in the outputs, what comes from t itself through the targets. */
static void TYPED(move_targets)(const hp_risk *r, int64_t row, int64_t n, real *rdelta) {
    const int64_t k = r->net.sizes[r->net.n_layers];
    const real *Y = (const real *)r->Y + row * k;
    const double *Y0 = r->Y0 + row * k;
    const real *w = TYPED(counts)(r, row);
    for (int64_t i = 0; i < n * k; i++)
        rdelta[i] -= (real)((w ? (double)w[i / k] : 1) * ((double)Y[i] - Y0[i]) / (double)r->n_samples);
}

/* The tangent of the gradient, in out, from a filled frame: along v (NULL for zero) and, where `moving`, along t.
   `gauss` gives the Gauss-Newton product instead. */
static void TYPED(product)(const hp_risk *r, const real *theta, double t, const real *v, int gauss, int moving,
                           const TYPED(frame) *f, real *out, char *work) {
    const hp_net *net = &r->net;
    const int L = net->n_layers;
    const int64_t N = r->n_samples, d = net->sizes[0], k = net->sizes[L];
    const real *X = r->X, scale = (real)(1.0 / (double)N);
    TYPED(tangents) g;
    TYPED(lay_tangents)(r, TYPED(frame_rows)(r), work, &g);
    if (v) TYPED(transpose_weights)(net, v, g.vt);
    TYPED(clear_biases)(net, out);
    hp_watch watch = {0};
    for (int64_t i = 0; i < N && !hp_ends(i > 0, &watch); i += r->block) {
        const int64_t n = N - i < r->block ? N - i : r->block, to = r->Q ? i : 0;
        real *ro = g.ra[L] + to * k, *rdelta = g.rdelta[L] + to * k;
        TYPED(tangent_forward)(r, theta, v, X + i * d, i, to, n, moving, f, &g);
        TYPED(passes_now)->rloss(r->loss, n, k, ro, f->curvature ? f->curvature + i * k : NULL,
                                 TYPED(counts)(r, i), scale, rdelta);
        if (moving && r->Y0) TYPED(move_targets)(r, i, n, rdelta);
        if (!r->Q) TYPED(tangent_backward)(r, theta, v, X + i * d, i, 0, n, gauss, moving, f, &g, out, i > 0);
    }
    if (r->Q) {
        double *c = f->part + r->n_basis * k;
        TYPED(project)(r, g.rdelta[L], c);
        TYPED(unproject)(r, 1 - t * t, c, f->part + 2 * r->n_basis * k, g.rdelta[L]);
        if (moving) TYPED(unproject)(r, -2 * t, f->part, f->part + 2 * r->n_basis * k, g.rdelta[L]);
        for (int64_t i = 0; i < N && !hp_ends(i > 0, &watch); i += r->block)
            TYPED(tangent_backward)(r, theta, v, X + i * d, i, i, N - i < r->block ? N - i : r->block, gauss, moving, f,
                                    &g, out, i > 0);
    }
    const double weight = TYPED(penalty)(r, t), rate = moving && r->l2_easy >= 0 ? r->l2 - r->l2_easy : 0;
    const int64_t size = net->start[L];
    for (int64_t i = 0; v && weight != 0 && i < size; i++) out[i] += (real)weight * v[i];
    for (int64_t i = 0; rate != 0 && i < size; i++) out[i] += (real)rate * theta[i];
}

/* What the motion of the targets adds to dH/dt: the squared loss moves with its residual, the others with o. */
static double TYPED(rate_of_targets)(const hp_risk *r, double t, const TYPED(frame) *f) {
    const int64_t N = r->n_samples, k = r->net.sizes[r->net.n_layers];
    const real *Y = r->Y, *o = f->a[r->net.n_layers], *w = TYPED(counts)(r, 0);
    double sum = 0;
    for (int64_t i = 0; i < N * k; i++) {
        const double by = r->loss == HP_SQUARED ? (double)o[i] - (double)f->targets[i] : (double)o[i];
        sum -= (w ? (double)w[i / k] : 1) * by * ((double)Y[i] - r->Y0[i]) / (double)N;
    }
    for (int64_t i = 0; r->Q && i < N; i++)
        for (int64_t q = 0; q < r->n_basis; q++)
            for (int64_t j = 0; j < k; j++) {
                const double motion = (double)Y[i * k + j] - r->Y0[i * k + j];
                sum += (1 - t * t) * r->WQ[i * r->n_basis + q] * motion * f->part[q * k + j];
            }
    return sum;
}

/* dH/dt at (theta, t) from a filled frame. */
static double TYPED(rate)(const hp_risk *r, const real *theta, double t, const TYPED(frame) *f, char *work) {
    const int L = r->net.n_layers;
    const int64_t N = r->n_samples, d = r->net.sizes[0], k = r->net.sizes[L];
    double sum = 0;
    TYPED(tangents) g;
    TYPED(lay_tangents)(r, TYPED(frame_rows)(r), work, &g);
    hp_watch watch = {0};
    for (int64_t i = 0; hp_moves(r) && i < N && !hp_ends(i > 0, &watch); i += r->block) {
        const int64_t n = N - i < r->block ? N - i : r->block;
        const real *delta = f->delta[L] + i * k, *rz = g.rz[L];
        TYPED(tangent_forward)(r, theta, NULL, (const real *)r->X + i * d, i, 0, n, 1, f, &g);
        for (int64_t j = 0; j < n * k; j++) sum += (double)delta[j] * (double)rz[j];
    }
    if (r->Y0) sum += TYPED(rate_of_targets)(r, t, f);
    for (int64_t i = 0; r->Q && i < r->n_basis * k; i++) sum += t * f->part[i] * f->part[i] * (double)N;
    if (r->l2_easy >= 0) sum += (r->l2 - r->l2_easy) * TYPED(penalize)(r, 1, theta, NULL);
    return sum;
}

/* Outputs (n, k) of the net for n rows of X; with v also their tangent, in place of the outputs. */
static void TYPED(outputs)(const hp_risk *r, const real *theta, const real *v, const real *X, int64_t n, real *out,
                           char *work) {
    const int L = r->net.n_layers;
    const int64_t d = r->net.sizes[0], k = r->net.sizes[L];
    TYPED(frame) f;
    TYPED(tangents) g;
    char *rest = work + TYPED(lay)(r, r->block, HP_GRAD, work, &f);
    if (v) TYPED(lay_tangents)(r, r->block, rest, &g);
    TYPED(transpose_weights)(&r->net, theta, f.wt);
    if (v) TYPED(transpose_weights)(&r->net, v, g.vt);
    hp_watch watch = {0};
    for (int64_t i = 0; i < n && !hp_ends(i > 0, &watch); i += r->block) {
        const int64_t m = n - i < r->block ? n - i : r->block;
        TYPED(forward_rows)(r, theta, X + i * d, 0, m, 1, &f);
        if (v) TYPED(tangent_forward)(r, theta, v, X + i * d, 0, 0, m, 0, &f, &g);
        memcpy(out + i * k, v ? g.ra[L] : f.a[L], (size_t)(m * k) * sizeof(real));
    }
}

/* J'u: the gradient of sum(u * outputs), u (n, k). */
static void TYPED(pullback)(const hp_risk *r, const real *theta, const real *u, const real *X, int64_t n, real *grad,
                            char *work) {
    const int L = r->net.n_layers;
    const int64_t d = r->net.sizes[0], k = r->net.sizes[L];
    TYPED(frame) f;
    TYPED(lay)(r, r->block, HP_GRAD, work, &f);
    TYPED(transpose_weights)(&r->net, theta, f.wt);
    memset(grad, 0, (size_t)r->net.start[L] * sizeof(real));
    hp_watch watch = {0};
    for (int64_t i = 0; i < n && !hp_ends(i > 0, &watch); i += r->block) {
        const int64_t m = n - i < r->block ? n - i : r->block;
        TYPED(forward_rows)(r, theta, X + i * d, 0, m, 1, &f);
        memcpy(f.delta[L], u + i * k, (size_t)(m * k) * sizeof(real));
        TYPED(backward_rows)(r, theta, X + i * d, 0, m, &f, grad, 1);
    }
}
