/* The memory of the kernels of an MLP risk, and the products of one layer.

   Included once per type with `real` and TYPED(x) defined; TYPED(passes_now) points to the passes of the chosen
   instruction set. */

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
    double *part; /* coefficients of the residual on the basis, those of a tangent, and room for as many */
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
    double *part = r->Q ? hp_take(&used, base, 3 * (size_t)(r->n_basis * net->sizes[L]) * sizeof(double)) : NULL;
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
