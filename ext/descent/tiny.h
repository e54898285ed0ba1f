/* Descents of one tiny net: one hidden layer, one output, no more samples than a vector has lanes. */
#ifndef HOMOTOPY_TINY_H
#define HOMOTOPY_TINY_H
#include "firstorder.h"
#include "isa.h"
#include "mlp.h"
#include "family.h"
#include "lbfgs_memory.h"

enum { HP_TINY_VECTORS = 8, HP_TINY_INPUTS = 8, HP_TINY_WEIGHTS = (HP_TINY_INPUTS + 2) * HP_TINY_VECTORS + 1 };

/* What moves with t: numbers of the risk, variables that fade, the risk's weight or a pull. */
enum { HP_TINY_RISK = 1, HP_TINY_FADES = 2, HP_TINY_PULLS = 4 };

/* What there is once per instruction set: Cholesky factorizations (cholesky.h), the loops of tiny nets. */
typedef struct {
    int (*cholesky)(const double *, int64_t, double, double *, int64_t);
    void (*run)(void *, hp_descent *, int64_t end); /* NULL without vectors */
    void (*update)(void *, hp_descent *);
} hp_descent_table;

typedef struct {
    const hp_risk *risk;
    const hp_family *family;                     /* what is made of the risk, or NULL */
    int lanes, group, vectors, inputs, moves;
    double bias, l2;
    double *X, *Y, *Y0, *QQ, *scale, *units; /* vectors; Y0, QQ (its columns) are NULL where they are absent */
    double *p, *g, *u, *v;                   /* weights, gradient, the rule's vectors: see hp_tiny_at */
    double *center, *fade;                   /* of the family, packed likewise */
    int64_t record_at;
    double target, tolerance;                /* of the steps that run now: nothing ends before t has settled */
    const hp_descent_table *table;
    void *memory;
} hp_tiny;

/* Records a value inside the loop; the last one of a run of steps is left to hp_judge. */
static void hp_tiny_record(hp_tiny *q, hp_descent *s, double value, double square) {
    if (!isfinite(value) || !isfinite(square)) return;
    s->evaluations = s->step + 1;
    s->value = value;
    hp_record(s);
    q->record_at += s->set->record_every;
}

#define HP_BODY "descent_bodies.h"
#include "each_isa.h"

/* Where weight i of theta first stands among the packed ones. */
static int64_t hp_tiny_at(const hp_tiny *q, int64_t i) {
    const int64_t m = q->risk->net.sizes[1], d = q->inputs, row = (int64_t)q->vectors * q->lanes;
    if (i < m * d) return i % d * row + i / d * q->group;
    i -= m * d;
    if (q->risk->net.bias) {
        if (i < m) return d * row + i * q->group;
        i -= m;
    }
    return i < m ? (d + 1) * row + i * q->group : (d + 2) * row;
}

static void hp_tiny_pack(const hp_tiny *q, const double *x, int64_t n, double *p) {
    for (int64_t i = 0; i < n; i++) {
        const int64_t at = hp_tiny_at(q, i), last = (q->inputs + 2) * (int64_t)q->vectors * q->lanes;
        const int64_t copies = at == last ? q->lanes : q->group;
        for (int64_t k = 0; k < copies; k++) p[at + k] = x[i];
    }
}

static void hp_tiny_unpack(const hp_tiny *q, double *x, int64_t n) {
    for (int64_t i = 0; i < n; i++) x[i] = q->p[hp_tiny_at(q, i)];
}

/* Whether the loop can take this risk on vectors of so many lanes. */
static int hp_tiny_fits(const hp_risk *risk, int lanes) {
    const hp_net *net = &risk->net;
    if (lanes < 2 || risk->smooth > 0 || net->single || net->n_layers != 2) return 0;
    if (net->sizes[2] != 1 || net->sizes[0] > HP_TINY_INPUTS) return 0;
    if (risk->n_samples < 1 || risk->n_samples > lanes || !hp_simple(net->activation)) return 0;
    if (risk->loss != HP_SQUARED && !(risk->loss == HP_BERNOULLI && net->output == HP_IDENTITY)) return 0;
    int group = 1;
    while (group < risk->n_samples) group *= 2;
    return hp_simple(net->output) && net->sizes[1] * group <= HP_TINY_VECTORS * lanes;
}

/* Fills the vectors that do not change. */
static void hp_tiny_fill(hp_tiny *q) {
    const hp_risk *risk = q->risk;
    const double *X = risk->X, *Y = risk->Y;
    const int n = (int)risk->n_samples;
    for (int p = 0; p < q->vectors * q->lanes; p++) q->units[p] = p / q->group < risk->net.sizes[1];
    for (int p = 0; p < q->lanes; p++) {
        const int s = p % q->group;
        if (s >= n) continue;
        for (int i = 0; i < q->inputs; i++) q->X[i * q->lanes + p] = X[s * q->inputs + i];
        q->Y[p] = Y[s];
        if (q->Y0) q->Y0[p] = risk->Y0[s];
        q->scale[p] = 1.0 / n;
        if (risk->sample_weights) q->scale[p] *= ((const double *)risk->sample_weights)[s];
        for (int c = 0; q->QQ && c < n; c++)
            for (int b = 0; b < risk->n_basis; b++)
                q->QQ[c * q->lanes + p] += risk->Q[s * risk->n_basis + b] * risk->WQ[c * risk->n_basis + b];
    }
}

/* Makes the loop of an objective; NULL where it does not fit or there is no memory. */
static hp_tiny *hp_tiny_open(const hp_objective *objective, int isa) {
    const int lanes = isa == HP_ISA_V4 ? 8 : isa == HP_ISA_V3 ? 4 : 0;
    const hp_family *family;
    const hp_risk *risk = hp_unwrap(objective, &family);
    if (risk == NULL || !hp_tiny_fits(risk, lanes)) return NULL;
    const size_t room = (size_t)(6 * HP_TINY_WEIGHTS + HP_TINY_INPUTS + 4 + HP_TINY_VECTORS + lanes) * (size_t)lanes;
    hp_tiny *q = calloc(1, sizeof *q);
    double *next = q ? q->memory = aligned_alloc(64, (room * sizeof(double) + 63) / 64 * 64) : NULL;
    if (next == NULL) {
        free(q);
        return NULL;
    }
    memset(next, 0, room * sizeof(double));
    q->risk = risk;
    q->family = family;
    q->lanes = lanes;
    q->inputs = risk->net.sizes[0];
    q->moves = risk->deformed ? HP_TINY_RISK : 0;
    if (family && family->fade) q->moves |= HP_TINY_FADES;
    if (family && (family->inner0 != 1 || family->inner1 != 1 || family->pull0 != 0 || family->pull1 != 0))
        q->moves |= HP_TINY_PULLS;
    q->bias = risk->net.bias;
    q->l2 = risk->l2;
    for (q->group = 1; q->group < risk->n_samples;) q->group *= 2;
    q->vectors = (risk->net.sizes[1] * q->group + lanes - 1) / lanes;
    double **vectors[] = {&q->p, &q->g, &q->u, &q->v, &q->center, &q->fade};
    for (int k = 0; k < 6; k++) *vectors[k] = next, next += HP_TINY_WEIGHTS * lanes;
    q->X = next, next += HP_TINY_INPUTS * lanes;
    q->units = next, next += HP_TINY_VECTORS * lanes;
    q->Y = next, next += lanes;
    q->scale = next, next += lanes;
    q->Y0 = risk->Y0 ? next : NULL, next += lanes;
    q->QQ = risk->Q ? next : NULL;
    hp_tiny_fill(q);
    if (family && family->center) hp_tiny_pack(q, family->center, objective->size, q->center);
    if (family && family->fade) hp_tiny_pack(q, family->fade, objective->size, q->fade);
    q->table = HP_OF_ISA(isa, &descent_table_f64);
    return q;
}

static void hp_tiny_close(hp_tiny *q) {
    if (q) free(q->memory);
    free(q);
}

static inline int64_t hp_next_multiple(int64_t step, int64_t every) { return (step / every + 1) * every; }

/* The step before which nothing but steps need to be done. */
static int64_t hp_tiny_end(const hp_descent *s) {
    const hp_settings *set = s->set;
    int64_t end = s->step + 2048;
    if (set->n_steps < end) end = set->n_steps;
    if (s->max_evaluations - 1 < end) end = s->max_evaluations - 1;
    if (s->step < set->settled && set->settled < end) end = set->settled;
    if (set->plateau_window && s->step + 1 < end) end = s->step + 1;
    if (set->pause_every && hp_next_multiple(s->step, set->pause_every) < end)
        end = hp_next_multiple(s->step, set->pause_every);
    if (set->noise_period && hp_next_multiple(s->step, set->noise_period) - 1 < end)
        end = hp_next_multiple(s->step, set->noise_period) - 1;
    return end;
}

/* The same as hp_firstorder_run. */
static int hp_tiny_descend(hp_tiny *q, hp_descent *s) {
    const hp_settings *set = s->set;
    if (s->evaluations == 0) {
        hp_tiny_pack(q, s->x, s->n, q->p);
        memset(q->u, 0, sizeof(double) * HP_TINY_WEIGHTS * (size_t)q->lanes);
        memset(q->v, 0, sizeof(double) * HP_TINY_WEIGHTS * (size_t)q->lanes);
    }
    for (;;) {
        const int64_t from = s->step, end = s->fresh ? hp_tiny_end(s) : from;
        if (s->fresh && end == from) {
            q->table->update(q, s);
            s->step++;
            hp_tiny_unpack(q, s->x, s->n);
            hp_disturb(s);
            hp_tiny_pack(q, s->x, s->n, q->p);
            s->fresh = 0;
            continue;
        }
        const int settled = (s->fresh ? from + 1 : from) >= set->settled;
        q->target = settled ? s->target : -INFINITY;
        q->tolerance = settled ? set->gradient_tolerance : 0.0;
        q->record_at = set->record_every ? hp_next_multiple(from, set->record_every) : -1;
        q->table->run(q, s, end);
        s->fresh = 1;
        s->evaluations = s->step + 1;
        if (s->value <= s->target && s->step >= set->settled && s->hit == 0) s->hit = s->evaluations;
        int status = hp_judge(s);
        s->look_left -= s->step - from;
        if (status == HP_RUNNING) status = hp_look_up(s);
        if (status != HP_RUNNING || hp_pauses(s)) {
            hp_tiny_unpack(q, s->x, s->n);
            return status;
        }
    }
}
#endif
