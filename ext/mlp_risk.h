/* Value, gradient and second-order products of an MLP risk: matrix products (blas.h) and passes (mlp_passes.h) over
   blocks of rows, so that a layer's block stays in the cache between the two.

   Included once per type with `real` and TYPED(x) defined; TYPED(passes_now) points to the passes of the
   chosen instruction set. */

/* Buffers over a number of rows, one pointer per layer of units 0 .. L (0 is unused but in ra). */
typedef struct {
    real **a;     /* activations */
    real **d;     /* act', stored kinds only */
    real **e;     /* act'' times delta before the backward pass, stored kinds only */
    real **p;     /* dact/dt, where the activation moves with t */
    real **q;     /* dact'/dt times delta */
    real **wt;    /* W transposed (inputs, units), for gemm.h */
    real **delta; /* derivative of the loss in the pre-activations */
    real *curvature;
    real *targets; /* moved targets */
    real *sink;   /* where column sums go in a net without biases */
    double *part; /* coefficients of the residual on the basis, then those of a tangent */
    int64_t rows;
} TYPED(frame);

typedef struct {
    real **rz, **ra, **rdelta, **vt;
} TYPED(tangents);



static size_t TYPED(transposed_bytes)(const hp_risk *r, int l) {
    return (size_t)r->net.sizes[l] * (size_t)r->net.sizes[l - 1] * sizeof(real);
}

/* Lays a frame into memory; with base NULL it only measures. Returns the number of bytes. */
static size_t TYPED(lay)(const hp_risk *r, int64_t rows, int order, char *base, TYPED(frame) *f) {
    const hp_net *net = &r->net;
    const int L = net->n_layers;
    size_t used = 0;
    real **lists[7];
    for (int i = 0; i < 7; i++) lists[i] = hp_take(&used, base, (size_t)(L + 1) * sizeof(real *));
    if (base) {
        *f = (TYPED(frame)){lists[0], lists[1], lists[2], lists[3], lists[4], lists[5], lists[6],
                            NULL,     NULL,     NULL,     NULL,     rows};
        memset(lists[0], 0, (size_t)((char *)(lists[6] + L + 1) - (char *)lists[0]));
    }
    for (int l = 1; l <= L; l++) {
        const size_t bytes = (size_t)(rows * net->sizes[l]) * sizeof(real);
        const int stored = hp_kind(r, l) == HP_STORED, moves = hp_moves(r) && l < L && order == HP_SECOND_DT;
        real *a = hp_take(&used, base, bytes), *delta = hp_take(&used, base, bytes);
        real *d = stored && order >= HP_GRAD ? hp_take(&used, base, bytes) : NULL;
        real *e = stored && order >= HP_SECOND ? hp_take(&used, base, bytes) : NULL;
        real *p = moves ? hp_take(&used, base, bytes) : NULL, *q = moves ? hp_take(&used, base, bytes) : NULL;
        real *wt = hp_take(&used, base, TYPED(transposed_bytes)(r, l));
        if (base) f->wt[l] = wt;
        if (base) f->a[l] = a, f->delta[l] = delta, f->d[l] = d, f->e[l] = e, f->p[l] = p, f->q[l] = q;
    }
    const size_t outputs = (size_t)(rows * net->sizes[L]) * sizeof(real);
    real *curvature = order >= HP_SECOND && r->loss != HP_SQUARED ? hp_take(&used, base, outputs) : NULL;
    real *targets = r->Y0 ? hp_take(&used, base, outputs) : NULL;
    real *sink = hp_take(&used, base, (size_t)net->widest * sizeof(real));
    double *part = r->Q ? hp_take(&used, base, 2 * (size_t)(r->n_basis * net->sizes[L]) * sizeof(double)) : NULL;
    if (base) memset(sink, 0, (size_t)net->widest * sizeof(real));
    if (base) f->curvature = curvature, f->targets = targets, f->sink = sink, f->part = part;
    return used;
}

static size_t TYPED(lay_tangents)(const hp_risk *r, int64_t rows, char *base, TYPED(tangents) *g) {
    const int L = r->net.n_layers;
    size_t used = 0;
    real **lists[4];
    for (int i = 0; i < 4; i++) lists[i] = hp_take(&used, base, (size_t)(L + 1) * sizeof(real *));
    if (base) *g = (TYPED(tangents)){lists[0], lists[1], lists[2], lists[3]};
    for (int l = 1; l <= L; l++)
        for (int i = 0; i < 4; i++) {
            const size_t bytes = i == 3 ? TYPED(transposed_bytes)(r, l) : (size_t)(rows * r->net.sizes[l]) * sizeof(real);
            real *buffer = hp_take(&used, base, bytes);
            if (base) lists[i][l] = buffer;
        }
    return used;
}

static const real *TYPED(weights)(const hp_net *net, const real *theta, int l) { return theta + net->start[l - 1]; }

static const real *TYPED(biases)(const hp_net *net, const real *theta, int l) {
    return net->bias ? theta + net->start[l - 1] + (int64_t)net->sizes[l] * net->sizes[l - 1] : NULL;
}

static real *TYPED(sums)(const hp_net *net, real *grad, int l, real *sink) {
    return net->bias && grad ? grad + net->start[l - 1] + (int64_t)net->sizes[l] * net->sizes[l - 1] : sink;
}

static void TYPED(clear_biases)(const hp_net *net, real *grad) {
    for (int l = 1; net->bias && l <= net->n_layers; l++)
        memset(TYPED(sums)(net, grad, l, NULL), 0, (size_t)net->sizes[l] * sizeof(real));
}

/* The products of a layer of m units on k inputs, for n samples. Z = A W' (wt holds W' where gemm.h is in use);
   D W; and D' A. */
static void TYPED(times_weights)(int64_t n, int m, int k, const real *A, const real *W, const real *wt, int add,
                                 real *Z) {
    if (TYPED(passes_now)->gemm) TYPED(passes_now)->gemm(n, m, k, A, k, 1, wt, m, add, Z, m);
    else TYPED(nt)((int)n, m, k, A, W, (real)add, Z);
}

static void TYPED(back_through)(int64_t n, int m, int k, const real *D, const real *W, int add, real *below) {
    if (TYPED(passes_now)->gemm) TYPED(passes_now)->gemm(n, k, m, D, m, 1, W, k, add, below, k);
    else TYPED(nn)((int)n, k, m, D, W, (real)add, below);
}

static void TYPED(sum_products)(int64_t n, int m, int k, const real *D, const real *A, int add, real *grad) {
    if (TYPED(passes_now)->gemm) TYPED(passes_now)->gemm(m, k, n, D, 1, m, A, k, add, grad, k);
    else TYPED(tn)(m, k, (int)n, D, A, (real)add, grad);
}

/* Fills wt (one matrix a layer) from theta, where gemm.h is in use. */
static void TYPED(transpose_weights)(const hp_net *net, const real *theta, real **wt) {
    for (int l = 1; TYPED(passes_now)->gemm && l <= net->n_layers; l++)
        TYPED(passes_now)->transpose(net->sizes[l], net->sizes[l - 1], TYPED(weights)(net, theta, l), wt[l], net->sizes[l]);
}

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

/* c = Q' r for r (N, k) and c (n_basis, k). */
static void TYPED(project)(const hp_risk *r, const real *v, double *c) {
    const int64_t k = r->net.sizes[r->net.n_layers];
    memset(c, 0, (size_t)(r->n_basis * k) * sizeof(double));
    for (int64_t i = 0; i < r->n_samples; i++)
        for (int64_t q = 0; q < r->n_basis; q++)
            for (int64_t j = 0; j < k; j++) c[q * k + j] += r->Q[i * r->n_basis + q] * (double)v[i * k + j];
}

/* r -= weight Q c. */
static void TYPED(unproject)(const hp_risk *r, double weight, const double *c, real *v) {
    const int64_t k = r->net.sizes[r->net.n_layers];
    for (int64_t i = 0; i < r->n_samples; i++)
        for (int64_t q = 0; q < r->n_basis; q++)
            for (int64_t j = 0; j < k; j++) v[i * k + j] -= (real)(weight * r->Q[i * r->n_basis + q] * c[q * k + j]);
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
    TYPED(transpose_weights)(&r->net, theta, f->wt);
    for (int64_t i = 0; i < N; i += r->block) {
        const int64_t n = N - i < r->block ? N - i : r->block;
        TYPED(forward_rows)(r, theta, X + i * d, i, n, t, f);
        sum += TYPED(passes_now)->loss(r->loss, n, k, outputs + i * k, TYPED(targets_at)(r, i, i, n, t, f), scale,
                                       delta + i * k, f->curvature ? f->curvature + i * k : NULL);
    }
    if (r->Q) {
        double *c = f->part, square = 0;
        TYPED(project)(r, delta, c);
        for (int64_t i = 0; i < r->n_basis * k; i++) square += c[i] * c[i];
        sum -= 0.5 * (1 - t * t) * square * (double)N * (double)N; /* c is Q'r / N */
        TYPED(unproject)(r, 1 - t * t, c, delta);
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
    if (r->Q) {
        sum = TYPED(residuals)(r, theta, t, &f) * (double)N;
        for (int64_t i = 0; grad && i < N; i += r->block)
            TYPED(backward_rows)(r, theta, X + i * d, i, N - i < r->block ? N - i : r->block, &f, grad, i > 0);
    } else {
        TYPED(transpose_weights)(&r->net, theta, f.wt);
        for (int64_t i = 0; i < N; i += f.rows) {
            const int64_t n = N - i < f.rows ? N - i : f.rows;
            TYPED(forward_rows)(r, theta, X + i * d, 0, n, t, &f);
            sum += TYPED(passes_now)->loss(r->loss, n, k, f.a[r->net.n_layers], TYPED(targets_at)(r, 0, i, n, t, &f),
                                           scale, f.delta[r->net.n_layers], NULL);
            if (grad) TYPED(backward_rows)(r, theta, X + i * d, 0, n, &f, grad, i > 0);
        }
    }
    return sum / (double)N + TYPED(penalize)(r, TYPED(penalty)(r, t), theta, grad);
}

/* Fills a frame of n_samples rows for tangent products at (theta, t); returns the value without the penalty. */
static double TYPED(primal)(const hp_risk *r, const real *theta, double t, const TYPED(frame) *f) {
    const int64_t N = r->n_samples, d = r->net.sizes[0];
    const double value = TYPED(residuals)(r, theta, t, f);
    for (int64_t i = 0; i < N; i += r->block)
        TYPED(backward_rows)(r, theta, (const real *)r->X + i * d, i, N - i < r->block ? N - i : r->block, f, NULL, 0);
    return value;
}

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
    for (int64_t i = 0; i < n * k; i++) rdelta[i] -= (real)(((double)Y[i] - Y0[i]) / (double)r->n_samples);
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
    for (int64_t i = 0; i < N; i += r->block) {
        const int64_t n = N - i < r->block ? N - i : r->block, to = r->Q ? i : 0;
        real *ro = g.ra[L] + to * k, *rdelta = g.rdelta[L] + to * k;
        TYPED(tangent_forward)(r, theta, v, X + i * d, i, to, n, moving, f, &g);
        TYPED(passes_now)->rloss(r->loss, n, k, ro, f->curvature ? f->curvature + i * k : NULL, scale, rdelta);
        if (moving && r->Y0) TYPED(move_targets)(r, i, n, rdelta);
        if (!r->Q) TYPED(tangent_backward)(r, theta, v, X + i * d, i, 0, n, gauss, moving, f, &g, out, i > 0);
    }
    if (r->Q) {
        double *c = f->part + r->n_basis * k;
        TYPED(project)(r, g.rdelta[L], c);
        TYPED(unproject)(r, 1 - t * t, c, g.rdelta[L]);
        if (moving) TYPED(unproject)(r, -2 * t, f->part, g.rdelta[L]);
        for (int64_t i = 0; i < N; i += r->block)
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
    const real *Y = r->Y, *o = f->a[r->net.n_layers];
    double sum = 0;
    for (int64_t i = 0; i < N * k; i++) {
        const double by = r->loss == HP_SQUARED ? (double)o[i] - (double)f->targets[i] : (double)o[i];
        sum -= by * ((double)Y[i] - r->Y0[i]) / (double)N;
    }
    for (int64_t i = 0; r->Q && i < N; i++)
        for (int64_t q = 0; q < r->n_basis; q++)
            for (int64_t j = 0; j < k; j++) {
                const double motion = (double)Y[i * k + j] - r->Y0[i * k + j];
                sum += (1 - t * t) * r->Q[i * r->n_basis + q] * motion * f->part[q * k + j];
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
    for (int64_t i = 0; hp_moves(r) && i < N; i += r->block) {
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
    for (int64_t i = 0; i < n; i += r->block) {
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
    for (int64_t i = 0; i < n; i += r->block) {
        const int64_t m = n - i < r->block ? n - i : r->block;
        TYPED(forward_rows)(r, theta, X + i * d, 0, m, 1, &f);
        memcpy(f.delta[L], u + i * k, (size_t)(m * k) * sizeof(real));
        TYPED(backward_rows)(r, theta, X + i * d, 0, m, &f, grad, 1);
    }
}
