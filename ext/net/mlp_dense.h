/* Dense second-order matrices of an MLP risk: the Jacobian of the outputs, the Gauss-Newton matrix for any depth, the
   Hessian of nets with at most one hidden layer.

   Included once per type after mlp_risk.h. With J scaled so that J'J is the Gauss-Newton matrix, the Hessian of a net
   with one hidden layer is J'J plus, for every hidden unit, one small block of its own weights and one strip between
   its weights and its outgoing ones. */

/* Samples that one block of rows of J takes: J stays in the cache while it is multiplied. */
static int64_t TYPED(dense_rows)(const hp_risk *r) {
    const int64_t p = r->net.start[r->net.n_layers], k = r->net.sizes[r->net.n_layers];
    const int64_t fit = 32768 / (p * k) + 1, rows = fit < 16 ? 16 : fit;
    const int64_t most = r->n_samples < r->block ? r->n_samples : r->block;
    return rows < most ? rows : most;
}

/* J (n, k, p) of n samples whose activations are in the first rows of f. Row c of sample i is multiplied by
   scale[i k + c] unless scale is NULL. Spends f->delta. */
static void TYPED(jacobian_rows)(const hp_risk *r, const real *theta, const real *X, int64_t n, const real *scale,
                                 const TYPED(frame) *f, real *J) {
    const hp_net *net = &r->net;
    const int L = net->n_layers;
    const int64_t outputs = net->sizes[L], p = net->start[L];
    for (int64_t c = 0; c < outputs; c++) {
        memset(f->delta[L], 0, (size_t)(n * outputs) * sizeof(real));
        for (int64_t i = 0; i < n; i++) f->delta[L][i * outputs + c] = scale ? scale[i * outputs + c] : 1;
        for (int l = L; l >= 1; l--) {
            const int m = net->sizes[l], k = net->sizes[l - 1];
            const real *input = l == 1 ? X : f->a[l - 1];
            const hp_shape shape = hp_shape_of(r, l, n, 1);
            TYPED(passes_now)->backward(&shape, f->delta[l], f->a[l], f->d[l], f->sink);
            TYPED(passes_now)->outer(n, m, k, f->delta[l], input, J + c * p + net->start[l - 1], outputs * p, net->bias);
            if (l > 1) TYPED(back_through)(n, m, k, f->delta[l], TYPED(weights)(net, theta, l), 0, f->delta[l - 1]);
        }
    }
}

/* The lower triangle of H (p, p), in panels, becomes A' A for A (n, p), or is added to. */
static void TYPED(gram)(int64_t n, int64_t p, const real *A, int add, real *H) {
    enum { PANEL = 48 };
    for (int64_t i = 0; i < p; i += PANEL) {
        const int64_t rows = p - i < PANEL ? p - i : PANEL;
        if (TYPED(passes_now)->gemm) TYPED(passes_now)->gemm(rows, i + rows, n, A + i, 1, p, A, p, add, H + i * p, p);
    }
    if (!TYPED(passes_now)->gemm) TYPED(tn)((int)p, (int)p, (int)n, A, A, (real)add, H);
}

static void TYPED(mirror)(int64_t p, real *H) {
    enum { SIDE = 16 };
    for (int64_t i = 0; i < p; i += SIDE)
        for (int64_t j = 0; j <= i; j += SIDE)
            for (int64_t a = i; a < i + SIDE && a < p; a++)
                for (int64_t b = j; b < j + SIDE && b < a; b++) H[b * p + a] = H[a * p + b];
}

/* What one block of samples needs beside its frame. */
typedef struct {
    real *J;      /* (n, k, p) */
    real *scale;  /* (n, k) */
    real *delta;  /* (n, k), derivative of the loss in the outputs */
    real *bend;   /* (n, a): act'' times what comes down to the unit */
    real *slope;  /* (n, k, a): act' times the derivative of the loss in output c */
    real *wide;   /* (n, d + bias): inputs and a one */
    real *square; /* (n, (d + bias)^2): products of these */
    real *blocks; /* (a, (d + bias)^2) */
    real *strips; /* (k, a, d + bias) */
    real *mean;   /* (p,) */
} TYPED(dense);

static size_t TYPED(lay_dense)(const hp_risk *r, int64_t rows, int hessian, char *base, TYPED(dense) *s) {
    const hp_net *net = &r->net;
    const int64_t k = net->sizes[net->n_layers], p = net->start[net->n_layers];
    const int64_t a = hessian && net->n_layers == 2 ? net->sizes[1] : 0, d = net->sizes[0] + net->bias;
    size_t used = 0;
    const int64_t counts[10] = {rows * k * p, rows * k,             rows * k,  rows * a,  rows * k * a,
                                rows * d,     a ? rows * d * d : 0, a * d * d, k * a * d, p};
    real *parts[10];
    for (int i = 0; i < 10; i++) parts[i] = hp_take(&used, base, (size_t)counts[i] * sizeof(real));
    if (base)
        *s = (TYPED(dense)){parts[0], parts[1], parts[2], parts[3], parts[4],
                            parts[5], parts[6], parts[7], parts[8], parts[9]};
    return used;
}

/* Scales of the rows of J that make J'J the Gauss-Newton matrix; softmax mixes the rows of a sample afterwards. */
static void TYPED(row_scales)(const hp_risk *r, int64_t row, int64_t n, const TYPED(frame) *f, real *scale) {
    const int64_t k = r->net.sizes[r->net.n_layers];
    const real *w = TYPED(counts)(r, row);
    for (int64_t i = 0; i < n * k; i++) {
        const double share = w ? (double)w[i / k] / (double)r->n_samples : 1.0 / (double)r->n_samples;
        scale[i] = r->loss == HP_SQUARED ? (real)sqrt(share)
                   : r->loss == HP_BERNOULLI ? (real)sqrt(share * (double)f->curvature[i])
                                             : 1;
    }
}

/* J_c <- sqrt(w p_c / N) (J_c - sum_b p_b J_b), since sum_c p_c (J_c - mean)'(J_c - mean) = J'(diag p - p p')J. */
static void TYPED(mix_rows)(const hp_risk *r, int64_t row, int64_t n, const real *probability, real *J, real *mean) {
    const int64_t k = r->net.sizes[r->net.n_layers], p = r->net.start[r->net.n_layers];
    const real *counts = TYPED(counts)(r, row);
    for (int64_t i = 0; i < n; i++) {
        const real *w = probability + i * k;
        memset(mean, 0, (size_t)p * sizeof(real));
        for (int64_t c = 0; c < k; c++)
            for (int64_t q = 0; q < p; q++) mean[q] += w[c] * J[(i * k + c) * p + q];
        for (int64_t c = 0; c < k; c++) {
            const real root = (real)sqrt((counts ? (double)counts[i] : 1) * (double)w[c] / (double)r->n_samples);
            for (int64_t q = 0; q < p; q++) J[(i * k + c) * p + q] = root * (J[(i * k + c) * p + q] - mean[q]);
        }
    }
}

/* Adds the block's share of the residual part: sum_c delta_c d2 z_c / d theta^2 for one hidden layer. */
static void TYPED(residual_part)(const hp_risk *r, const real *theta, const real *X, int64_t n, const TYPED(frame) *f,
                                 const TYPED(dense) *s, int add) {
    const hp_net *net = &r->net;
    const int64_t a = net->sizes[1], k = net->sizes[2], d = net->sizes[0], wide = d + net->bias;
    const hp_shape shape = hp_shape_of(r, 1, n, 1);
    TYPED(back_through)(n, (int)k, (int)a, s->delta, TYPED(weights)(net, theta, 2), 0, s->bend);
    TYPED(passes_now)->slopes(&shape, f->a[1], f->d[1], f->e[1], s->delta, k, s->bend, s->slope);
    for (int64_t i = 0; i < n; i++) {
        real *x = s->wide + i * wide;
        memcpy(x, X + i * d, (size_t)d * sizeof(real));
        if (net->bias) x[d] = 1;
        for (int64_t u = 0; u < wide; u++)
            for (int64_t v = 0; v < wide; v++) s->square[(i * wide + u) * wide + v] = x[u] * x[v];
    }
    TYPED(sum_products)(n, (int)a, (int)(wide * wide), s->bend, s->square, add, s->blocks);
    TYPED(sum_products)(n, (int)(k * a), (int)wide, s->slope, s->wide, add, s->strips);
}

/* Adds blocks and strips to the lower triangle of H. */
static void TYPED(scatter)(const hp_risk *r, const TYPED(dense) *s, real *H) {
    const hp_net *net = &r->net;
    const int64_t a = net->sizes[1], k = net->sizes[2], d = net->sizes[0], wide = d + net->bias;
    const int64_t p = net->start[2], second = net->start[1];
    for (int64_t j = 0; j < a; j++)
        for (int64_t u = 0; u < wide; u++) {
            const int64_t row = u < d ? j * d + u : a * d + j;
            for (int64_t v = 0; v <= u; v++) {
                const int64_t column = v < d ? j * d + v : a * d + j;
                H[row * p + column] += s->blocks[(j * wide + u) * wide + v];
            }
            for (int64_t c = 0; c < k; c++) H[(second + c * a + j) * p + row] += s->strips[(c * a + j) * wide + u];
        }
}

/* The Gauss-Newton matrix at (theta, t), or with `hessian` the Hessian (at most one hidden layer, identity output, no
   basis), in full. */
static void TYPED(matrix)(const hp_risk *r, const real *theta, double t, int hessian, real *H, char *work) {
    const hp_net *net = &r->net;
    const int L = net->n_layers;
    const int64_t N = r->n_samples, d = net->sizes[0], k = net->sizes[L], p = net->start[L];
    const int64_t rows = TYPED(dense_rows)(r);
    const int residual = hessian && L == 2;
    TYPED(frame) f;
    TYPED(dense) s;
    work += TYPED(lay)(r, rows, HP_SECOND, work, &f);
    TYPED(lay_dense)(r, rows, residual, work, &s);
    TYPED(transpose_weights)(net, theta, f.wt);
    hp_watch watch = {0};
    for (int64_t i = 0; i < N && !hp_ends(i > 0, &watch); i += rows) {
        const int64_t n = N - i < rows ? N - i : rows;
        const real *X = (const real *)r->X + i * d;
        TYPED(forward_rows)(r, theta, X, 0, n, t, &f);
        TYPED(passes_now)->loss(r->loss, n, k, f.a[L], TYPED(targets_at)(r, 0, i, n, t, &f), TYPED(counts)(r, i),
                                (real)(1.0 / (double)N), s.delta, f.curvature);
        if (residual) TYPED(residual_part)(r, theta, X, n, &f, &s, i > 0);
        TYPED(row_scales)(r, i, n, &f, s.scale);
        TYPED(jacobian_rows)(r, theta, X, n, s.scale, &f, s.J);
        if (r->loss == HP_SOFTMAX) TYPED(mix_rows)(r, i, n, f.curvature, s.J, s.mean);
        TYPED(gram)(n * k, p, s.J, i > 0, H);
    }
    if (residual) TYPED(scatter)(r, &s, H);
    for (int64_t i = 0; i < p; i++) H[i * p + i] += (real)TYPED(penalty)(r, t);
    TYPED(mirror)(p, H);
}

static size_t TYPED(matrix_bytes)(const hp_risk *r, int hessian) {
    const int64_t rows = TYPED(dense_rows)(r);
    return TYPED(lay)(r, rows, HP_SECOND, NULL, NULL) + TYPED(lay_dense)(r, rows, hessian, NULL, NULL);
}

/* The Jacobian (n, k, p) of the outputs for n rows of X, any n. */
static void TYPED(jacobian)(const hp_risk *r, const real *theta, const real *X, int64_t n, real *J, char *work) {
    const hp_net *net = &r->net;
    const int64_t d = net->sizes[0], row = net->sizes[net->n_layers] * net->start[net->n_layers];
    TYPED(frame) f;
    TYPED(lay)(r, r->block, HP_GRAD, work, &f);
    TYPED(transpose_weights)(net, theta, f.wt);
    hp_watch watch = {0};
    for (int64_t i = 0; i < n && !hp_ends(i > 0, &watch); i += r->block) {
        const int64_t m = n - i < r->block ? n - i : r->block;
        TYPED(forward_rows)(r, theta, X + i * d, 0, m, 1, &f);
        TYPED(jacobian_rows)(r, theta, X + i * d, m, NULL, &f, J + i * row);
    }
}
