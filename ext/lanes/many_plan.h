/* How the lanes of one small net are laid out: what a block of starts needs, and which nets fit one. */
#ifndef HOMOTOPY_MANY_PLAN_H
#define HOMOTOPY_MANY_PLAN_H
#include "descent.h"
#include "mlp.h"
#include "family.h"

enum { HP_BLOCK = 32 };

typedef struct {
    const hp_risk *risk;
    const hp_family *family; /* what is made of the risk, or NULL */
    int64_t size, rows; /* weights; samples that go through the net at once */
    int width;          /* starts of a block: fewer where their weights would leave the first cache */
    int n_outputs;
    int shallow;        /* 1 for two inputs, one hidden layer, one output, and all samples at once */
    int steps;          /* 1 where an evaluation makes the step of gradient descent too: g is where it leads */
} hp_plan;

typedef struct hp_block {
    int lanes, active, first;                 /* places, living starts in front, whether this is step 0 */
    double factor;                            /* of the step size, for this step */
    double power1, power2, least;             /* powers of Adam's betas; the smallest limit of a living start */
    double *x, *g, *u, *v;                    /* (size, lanes) */
    double *value, *square, *step_size, *target, *limit;
    int64_t *alive;                           /* all ones or zero */
    double **a, **d;                          /* activations and stored slopes of every layer, (units rows, lanes) */
    double *delta[2], *spare, *targets;
    double *faded;                            /* (size, lanes), where a family fades variables */
    int64_t id[HP_BLOCK];
    /* what else is made of the activations of n samples from `row` on; returns 1 if it adds their gradient; or NULL */
    int (*each)(const hp_plan *, struct hp_block *, int64_t row, int64_t n);
} hp_block;

typedef struct {
    void (*evaluate)(const hp_plan *, hp_block *, double t);
    int (*attention)(const hp_block *, int settled, double tolerance);
    void (*update)(const hp_settings *, const hp_plan *, hp_block *, double factor);
} hp_lanes_table;

static inline int hp_stores_slope(const hp_risk *risk, int l) {
    const int last = l == risk->net.n_layers, act = last ? risk->net.output : risk->net.activation;
    return (!last && (risk->mix || risk->smooth > 0)) || act > HP_RELU;
}

/* Whether the loss is half the mean square of the last layer's numbers, each sample counting one. */
static inline int hp_plain_squares(const hp_risk *risk) {
    return risk->loss == HP_SQUARED && risk->net.output == HP_IDENTITY && !risk->sample_weights;
}

/* Doubles of activations, slopes and deltas that one sample of one start needs. */
static inline int64_t hp_plan_units(const hp_risk *risk) {
    int64_t units = 3 * (int64_t)risk->net.widest + 1;
    for (int l = 1; l <= risk->net.n_layers; l++) units += (int64_t)risk->net.sizes[l] * (1 + hp_stores_slope(risk, l));
    return units;
}

/* How to take an objective's samples; returns 0 where it is not a risk, or its starts do not fit a block (a basis
   needs all samples at once). */
static int hp_plan_make(hp_plan *plan, const hp_objective *objective) {
    const hp_risk *risk = plan->risk = hp_unwrap(objective, &plan->family);
    if (risk == NULL || risk->net.single) return 0;
    const int64_t units = hp_plan_units(risk), room = 1 << 17;
    plan->size = risk->net.start[risk->net.n_layers];
    plan->n_outputs = risk->net.sizes[risk->net.n_layers];
    plan->width = plan->size <= 96 ? HP_BLOCK : plan->size <= 192 ? HP_BLOCK / 2 : HP_BLOCK / 4;
    int64_t rows = room / (8 * plan->width * units) / 4 * 4;
    plan->rows = rows < 4 ? 4 : rows;
    if (risk->Q) plan->rows = risk->n_samples;
    if (plan->rows > risk->n_samples) plan->rows = risk->n_samples;
    const int *sizes = risk->net.sizes;
    plan->steps = 0;
    plan->shallow = plan->rows == risk->n_samples && risk->net.n_layers == 2 && sizes[0] == 2 && sizes[2] == 1;
    return plan->rows * units * plan->width < (int64_t)1 << 24;
}

/* The next `bytes` of memory that starts at base, 64-byte aligned; base NULL only measures. */
static inline void *hp_next(size_t *used, void *base, size_t bytes) {
    char *here = base ? (char *)base + *used : NULL;
    *used += (bytes + 63) & ~(size_t)63;
    return here;
}

static size_t hp_block_lay(hp_block *b, const hp_plan *plan, int rule, void *base) {
    const size_t row = (size_t)plan->width * sizeof(double), samples = (size_t)plan->rows;
    const hp_net *net = &plan->risk->net;
    size_t used = 0, matrix = (size_t)plan->size * row, layers = (size_t)net->n_layers + 1;
    b->x = hp_next(&used, base, matrix);
    b->g = hp_next(&used, base, matrix);
    b->u = hp_next(&used, base, rule == HP_GD ? 64 : matrix);
    b->v = hp_next(&used, base, rule == HP_ADAM || rule == HP_RPROP ? matrix : 64);
    b->value = hp_next(&used, base, row);
    b->square = hp_next(&used, base, row);
    b->step_size = hp_next(&used, base, row);
    b->target = hp_next(&used, base, row);
    b->limit = hp_next(&used, base, row);
    b->alive = hp_next(&used, base, row);
    double **a = hp_next(&used, base, layers * sizeof(double *)), **d = hp_next(&used, base, layers * sizeof(double *));
    for (int l = 0; l <= net->n_layers; l++) {
        const size_t bytes = (size_t)net->sizes[l] * samples * row;
        double *al = l ? hp_next(&used, base, bytes) : NULL;
        double *dl = l && hp_stores_slope(plan->risk, l) ? hp_next(&used, base, bytes) : NULL;
        if (base) a[l] = al, d[l] = dl;
    }
    b->a = a;
    b->d = d;
    for (int q = 0; q < 2; q++) b->delta[q] = hp_next(&used, base, (size_t)net->widest * samples * row);
    b->spare = hp_next(&used, base, ((size_t)net->widest * samples + 1) * row);
    b->faded = plan->family && plan->family->fade ? hp_next(&used, base, matrix) : NULL;
    b->targets = hp_next(&used, base, samples * (size_t)plan->n_outputs * sizeof(double));
    return used;
}

/* Values and gradients at the r rows of X, block by block; the places beyond the last row repeat it. What a row gives
   does not depend on the others: lanes never meet. Returns 0 where there is no memory. */
static int hp_lanes_values(const hp_plan *plan, const hp_lanes_table *table, int64_t r, const double *X, double t,
                           double *values, double *grads) {
    const int64_t size = plan->size;
    hp_block block, *b = &block;
    memset(b, 0, sizeof *b);
    const size_t bytes = hp_block_lay(b, plan, HP_GD, NULL);
    void *memory = aligned_alloc(64, bytes);
    if (memory == NULL) return 0;
    memset(memory, 0, bytes);
    hp_block_lay(b, plan, HP_GD, memory);
    hp_watch watch = {0};
    for (int64_t from = 0; from < r && !hp_glance(&watch); from += b->active) {
        b->active = (int)(r - from < plan->width ? r - from : plan->width);
        b->lanes = (b->active + 7) / 8 * 8;
        for (int i = 0; i < b->lanes; i++) {
            const double *row = X + (from + (i < b->active ? i : b->active - 1)) * size;
            for (int64_t q = 0; q < size; q++) b->x[q * b->lanes + i] = row[q];
        }
        table->evaluate(plan, b, t);
        for (int i = 0; i < b->active; i++) {
            values[from + i] = b->value[i];
            for (int64_t q = 0; q < size; q++) grads[(from + i) * size + q] = b->g[q * b->lanes + i];
        }
    }
    free(memory);
    return 1;
}
#endif
