/* Levenberg-Marquardt from many starts of one small net, lanes across starts: damped.h decides, here in step.

   A block holds up to 32 runs as a structure of arrays. In one tick every lane makes one trial: value, gradient and
   Gauss-Newton matrix at its trial point, then the decision, then the factorization for its next trial. A lane whose
   run has ended goes on with the next start; when none is left the block is packed tighter, eight lanes at a time.
   No operation mixes lanes, so a run depends on nothing but its start. t does not move during these runs. */
#ifndef HOMOTOPY_DAMPED_POOL_H
#define HOMOTOPY_DAMPED_POOL_H
#include "many_plan.h"
#include "noted.h"

enum { HP_LANE_TRIALS = 60 }; /* HP_DAMPED_TRIALS */

/* The rows of a block's table, one number a lane each. FRESH, TRIED, TAKEN and LOOK are 1 or 0: a start that was not
   yet evaluated, a trial was made, it was accepted, the driver must look. After them come x, the lower triangle of the
   matrix row by row with the gradient as its last row, and the lowest values for the plateau. */
enum {
    HP_LANE_VALUE, HP_LANE_NORM, HP_LANE_DAMPING, HP_LANE_GROWTH, HP_LANE_OWED, HP_LANE_SPENT, HP_LANE_STEP,
    HP_LANE_FAILED, HP_LANE_HIT, HP_LANE_GAIN, HP_LANE_TARGET, HP_LANE_LIMIT, HP_LANE_SHARE, HP_LANE_BEST,
    HP_LANE_FRESH, HP_LANE_TRIED, HP_LANE_TAKEN, HP_LANE_LOOK, HP_LANE_X
};

typedef struct {
    hp_block block; /* first, so that what is called with it finds the rest; x are the trial points */
    int64_t size, entries, rows, at_matrix, at_lowest, tile;
    int plain;                       /* 1: J's rows are as they are and end with the residual: J'J has the gradient */
    double *table;                   /* (rows, lanes) */
    double *gram;                    /* triangles of J'J at the trial points, of one vector of lanes after the other */
    double *factors, *diagonal;      /* of the entries; what is added to the diagonal */
    double *jacobian, *roots, *mean; /* rows of J of a tile of samples, what they are scaled by, their mean */
    double *lower, *inverse, *step;  /* L by columns, one over its diagonal, the step: of one vector of lanes */
    double *column;                  /* the gradient of one lane */
    double charge;                   /* what a matrix costs, in evaluations */
} hp_damped_block;

typedef struct {
    int (*curve)(const hp_plan *, hp_block *, int64_t row, int64_t n);
    int (*decide)(const hp_settings *, hp_damped_block *, int always);
    void (*advance)(hp_damped_block *);
} hp_damped_table;

typedef struct {
    hp_plan plan;
    const hp_settings *set;
    const hp_lanes_table *kernels; /* of values and gradients */
    const hp_damped_table *table;
    hp_arrays to;
    hp_damped_block block;
    int64_t next, end, look_every, look_left;
    double look, t;
    int ending;       /* HP_RUNNING, or the status that all get at their next look */
    hp_noted records; /* of all starts */
    void *memory;
} hp_damped_pool;

static inline double *hp_lane_row(const hp_damped_block *q, int64_t row) { return q->table + row * q->block.lanes; }

/* The norm of a lane's gradient where its square overflows or vanishes. */
static __attribute__((noinline)) double hp_lane_norm(const hp_damped_block *q, int lane) {
    for (int64_t i = 0; i < q->size; i++) q->column[i] = q->block.g[i * q->block.lanes + lane];
    return hp_norm(q->column, q->size);
}

/* The kernels once per instruction set. */
#define HP_BODY "damped_block.h"
#include "each_isa.h"

static const hp_damped_table *hp_damped_lanes(int isa) {
    const hp_damped_table *table = HP_OF_ISA(isa, &damped_table_f64);
    return table->decide ? table : NULL;
}

/* How to take an objective's samples; 0 where these kernels do not know its matrix. */
static int hp_damped_plan(hp_plan *plan, const hp_objective *objective) {
    return hp_plan_make(plan, objective) && objective->gauss_newton && plan->risk->net.n_layers <= 2;
}

/* The number of weights of a net that these kernels can take, else 0. */
static int64_t hp_damped_weights(const hp_objective *objective, int isa) {
    hp_plan plan;
    return hp_damped_lanes(isa) && hp_damped_plan(&plan, objective) ? plan.size : 0;
}

static void hp_damped_pool_close(hp_damped_pool *p) {
    free(p->memory);
    free(p->records.rows);
    memset(p, 0, sizeof *p);
}

static size_t hp_damped_lay(hp_damped_block *q, const hp_plan *plan, int64_t window, char *base) {
    const int64_t p = q->size = plan->size, k = plan->n_outputs, n = plan->rows;
    const size_t lane = sizeof(double) * (size_t)plan->width, vector = 64;
    q->entries = p * (p + 1) / 2;
    q->plain = k == 1 && hp_plain_squares(plan->risk);
    q->at_matrix = HP_LANE_X + p;
    q->at_lowest = q->at_matrix + q->entries + p;
    q->rows = q->at_lowest + window;
    q->tile = 256 / (p * k) < 1 ? 1 : 256 / (p * k);
    if (q->tile * k < 16) q->tile = (15 + k) / k;
    if (q->tile > n) q->tile = n;
    size_t used = hp_block_lay(&q->block, plan, HP_GD, base);
    q->table = hp_next(&used, base, (size_t)q->rows * lane);
    q->gram = hp_next(&used, base, (size_t)(q->entries + p + 1) * lane);
    q->factors = hp_next(&used, base, (size_t)q->entries * sizeof(double));
    q->diagonal = hp_next(&used, base, (size_t)p * sizeof(double));
    q->jacobian = hp_next(&used, base, (size_t)(q->tile * k * (p + q->plain)) * vector);
    q->roots = hp_next(&used, base, (size_t)(2 * q->tile * k) * vector);
    q->mean = hp_next(&used, base, (size_t)p * vector);
    q->lower = hp_next(&used, base, (size_t)((p + 1) * p) * vector);
    q->inverse = hp_next(&used, base, (size_t)p * vector);
    q->step = hp_next(&used, base, (size_t)p * vector);
    q->column = hp_next(&used, base, (size_t)p * sizeof(double));
    return used;
}

/* What makes the sums of products of J's rows the matrix at t: of the mean, the family, the penalty and the pull. */
static void hp_damped_factors(hp_damped_block *q, const hp_plan *plan, double t) {
    const hp_family *family = plan->family;
    const hp_risk *risk = plan->risk;
    const double weight = family ? hp_between(family->inner0, family->inner1, t) : 1.0;
    const double pull = family ? hp_between(family->pull0, family->pull1, t) : 0.0;
    const double l2 = risk->l2_easy >= 0 ? risk->l2 + (1.0 - t) * (risk->l2_easy - risk->l2) : risk->l2;
    for (int64_t i = 0, at = 0; i < q->size; i++) {
        const double own = family ? weight * hp_family_share(family, i, t) : 1.0;
        for (int64_t j = 0; j <= i; j++)
            q->factors[at++] = own * (family ? hp_family_share(family, j, t) : 1.0) / (double)risk->n_samples;
        q->diagonal[i] = (family ? own * hp_family_share(family, i, t) : 1.0) * l2 + pull;
    }
}

/* Puts the next start into a lane. */
static void hp_lane_load(hp_damped_pool *p, int lane) {
    hp_damped_block *q = &p->block;
    const int64_t id = p->next++;
    q->block.id[lane] = id;
    for (int64_t k = 0; k < HP_LANE_X; k++) hp_lane_row(q, k)[lane] = 0.0;
    hp_lane_row(q, HP_LANE_FRESH)[lane] = 1.0;
    hp_lane_row(q, HP_LANE_GROWTH)[lane] = 2.0;
    hp_lane_row(q, HP_LANE_TARGET)[lane] = p->to.targets[id];
    hp_lane_row(q, HP_LANE_LIMIT)[lane] = (double)p->to.limits[id];
    hp_lane_row(q, HP_LANE_SHARE)[lane] = p->to.step_sizes[id] > 0 ? p->to.step_sizes[id] : 1e-3;
    hp_lane_row(q, HP_LANE_BEST)[lane] = INFINITY;
    for (int64_t i = 0; i < q->size; i++) hp_lane_row(q, HP_LANE_X + i)[lane] = p->to.x[id * q->size + i];
}

/* Makes a pool of the starts begin to end - 1; returns 0 where there is no memory. */
static int hp_damped_pool_open(hp_damped_pool *p, const hp_objective *objective, const hp_settings *set,
                               const hp_lanes_table *kernels, const hp_damped_table *table, const hp_arrays *to,
                               int64_t begin, int64_t end) {
    memset(p, 0, sizeof *p);
    if (!hp_damped_plan(&p->plan, objective)) return 0;
    p->set = set, p->kernels = kernels, p->table = table, p->to = *to, p->next = begin, p->end = end;
    p->t = hp_at(set->t, 0);
    p->look_every = p->look_left = 1;
    const int64_t left = end - begin;
    if (left < p->plan.width) p->plan.width = ((int)left + 7) / 8 * 8; /* not the rows, which decide the sums */
    hp_damped_block *q = &p->block;
    const size_t bytes = hp_damped_lay(q, &p->plan, set->plateau_window, NULL);
    if ((p->memory = aligned_alloc(64, bytes)) == NULL) return 0;
    memset(p->memory, 0, bytes);
    hp_damped_lay(q, &p->plan, set->plateau_window, p->memory);
    hp_damped_factors(q, &p->plan, p->t);
    q->charge = objective->gauss_newton_cost;
    q->block.each = table->curve;
    q->block.active = (int)(left < p->plan.width ? left : p->plan.width);
    q->block.lanes = (q->block.active + 7) / 8 * 8;
    for (int i = 0; i < q->block.active; i++) hp_lane_load(p, i);
    table->advance(q);
    return 1;
}

/* Moves the last lane into a free one and packs the table where eight lanes are free. */
static void hp_lane_drop(hp_damped_block *q, int lane) {
    hp_block *b = &q->block;
    const int last = --b->active;
    for (int64_t k = 0; k < q->rows; k++) {
        double *row = hp_lane_row(q, k);
        row[lane] = row[last];
        if (k < HP_LANE_X) row[last] = 0.0;
    }
    b->id[lane] = b->id[last];
}

static void hp_damped_shrink(hp_damped_block *q) {
    const int from = q->block.lanes, to = (q->block.active + 7) / 8 * 8;
    if (to == from || to == 0) return;
    for (int64_t k = 1; k < q->rows; k++) memmove(q->table + k * to, q->table + k * from, (size_t)to * sizeof(double));
    q->block.lanes = to;
}

/* The test of hp_on_plateau. */
static int hp_damped_on_plateau(const hp_damped_pool *p, int lane, int64_t step) {
    const hp_damped_block *q = &p->block;
    const int64_t window = p->set->plateau_window;
    double *best = hp_lane_row(q, HP_LANE_BEST) + lane, *slot = hp_lane_row(q, q->at_lowest + step % window) + lane;
    const double before = *slot, value = hp_lane_row(q, HP_LANE_VALUE)[lane];
    if (value < *best) *best = value;
    *slot = *best;
    return step >= window && before - *best < p->set->plateau_drop * fabs(*best);
}

/* What hp_judge and hp_damped_run say of a lane that has moved, in their order. */
static int hp_damped_judge(hp_damped_pool *p, int lane) {
#define AT(name) hp_lane_row(&p->block, HP_LANE_##name)[lane]
    const hp_settings *set = p->set;
    const int64_t step = (int64_t)AT(STEP);
    if (!isfinite(AT(VALUE)) || !isfinite(AT(NORM))) return HP_NON_FINITE;
    if (set->record_every && step % set->record_every == 0)
        hp_note(&p->records, p->block.block.id[lane], AT(SPENT), AT(VALUE));
    if (AT(HIT) > 0) return HP_REACHED_TARGET;
    if (AT(NORM) < set->gradient_tolerance) return HP_CONVERGED;
    if (set->plateau_window && hp_damped_on_plateau(p, lane, step)) return HP_CONVERGED;
    if (step >= set->n_steps) return HP_MAX_STEPS;
    if (AT(SPENT) >= AT(LIMIT)) return HP_BUDGET_SPENT;
    if (AT(NORM) == 0.0) return HP_CONVERGED;
    if (p->ending) return p->ending;
    return AT(SPENT) + AT(OWED) + p->block.charge + 1.0 > AT(LIMIT) ? HP_BUDGET_SPENT : HP_RUNNING;
}

/* Writes down how a lane's run ended, and takes the next start. */
static void hp_damped_finish(hp_damped_pool *p, int lane, int status) {
    hp_damped_block *q = &p->block;
    const int64_t id = q->block.id[lane];
    p->to.codes[id] = status;
    p->to.values[id] = AT(VALUE);
    p->to.grad_norms[id] = AT(NORM);
    p->to.n_steps[id] = (int64_t)AT(STEP);
    p->to.n_evaluations[id] = (int64_t)AT(SPENT);
    p->to.hits[id] = (int64_t)AT(HIT);
    for (int64_t i = 0; i < q->size; i++) p->to.x[id * q->size + i] = hp_lane_row(q, HP_LANE_X + i)[lane];
    if (p->next < p->end) hp_lane_load(p, lane);
    else hp_lane_drop(q, lane);
}

/* Looks at the lanes that ask for it. A lane whose run ended then holds one that has not asked, or the last lane's. */
static void hp_damped_look(hp_damped_pool *p) {
    for (int lane = 0; lane < p->block.block.active;) {
        int status = HP_RUNNING;
        if (AT(LOOK) != 0.0) {
            if (AT(TAKEN) != 0.0) status = hp_damped_judge(p, lane);
            else if (AT(TRIED) != 0.0 && AT(SPENT) >= AT(LIMIT)) status = HP_BUDGET_SPENT;
            else if (AT(FAILED) >= HP_LANE_TRIALS) status = HP_STEP_TOO_SMALL;
        }
        if (status == HP_RUNNING) lane++;
        else hp_damped_finish(p, lane, status);
    }
    hp_damped_shrink(&p->block);
}
#undef AT

/* Works until every start has ended (returns 1) or about 50 ms have gone (returns 0). */
static int hp_damped_pool_run(hp_damped_pool *p) {
    hp_damped_block *q = &p->block;
    const double begin = p->look = hp_now();
    const int always = p->set->plateau_window > 0 || p->set->record_every > 0;
    while (q->block.active > 0) {
        p->kernels->evaluate(&p->plan, &q->block, p->t);
        if (p->table->decide(p->set, q, always || p->ending != HP_RUNNING)) hp_damped_look(p);
        if (p->records.failed) return 1;
        p->table->advance(q);
        if (--p->look_left > 0) continue;
        const double now = hp_now(), gap = now - p->look;
        if (gap < 1e-3 && p->look_every < 4096) p->look_every *= 2;
        if (gap > 1e-2 && p->look_every > 1) p->look_every /= 2;
        p->look_left = p->look_every, p->look = now;
        if (hp_stops(p->set)) return 1;
        if (now >= p->set->deadline) p->ending = HP_BUDGET_SPENT;
        if (now - begin > 0.05) return 0;
    }
    return 1;
}
#endif
