/* Many starts of one small net: whole descents, lanes across starts.

   A pool holds starts that have all made the same number of steps, so that step sizes and t are the same for all of
   them. In rounds of some hundred steps it loads the living starts into blocks of up to 32, runs each block through
   the round and stores it again. Within a block a start that ends is written out and its place taken by the last one
   of the block; whenever eight places are empty the block is packed tighter; and at the next round the living fill
   blocks anew. So a start that has ended costs nothing soon after. */
#ifndef HOMOTOPY_POOL_H
#define HOMOTOPY_POOL_H
#include "many_plan.h"

typedef struct {
    hp_plan plan;
    const hp_settings *set;
    const hp_lanes_table *table;
    hp_arrays to;
    hp_block block;
    int64_t begin, n_alive, n_kept, cursor, step, round;
    int64_t *alive;          /* the starts that go on */
    double *u, *v;           /* the rule's vectors between rounds, (starts, size) */
    uint64_t *drawn;         /* numbers drawn from each start's stream */
    double *best, *lowest;   /* for the plateau: lowest value, ring of them */
    double power1, power2, next1, next2;
    int ending;              /* HP_RUNNING, or the status that all get at their next evaluation */
    void *memory, *scratch;
} hp_pool;

static void hp_pool_close(hp_pool *p) {
    free(p->memory);
    free(p->scratch);
    memset(p, 0, sizeof *p);
}

/* Makes a pool of the starts begin to end - 1; returns 0 where there is no memory. */
static int hp_pool_open(hp_pool *p, const hp_objective *objective, const hp_settings *set, const hp_lanes_table *table,
                        const hp_arrays *to, int64_t begin, int64_t end) {
    memset(p, 0, sizeof *p);
    if (!hp_plan_make(&p->plan, objective)) return 0;
    const hp_plan *plan = &p->plan;
    const int bare = !plan->family && plan->risk->l2 == 0 && plan->risk->l2_easy < 0;
    p->plan.steps = set->rule == HP_GD && set->clip == 0 && plan->shallow && bare;
    p->set = set, p->table = table, p->to = *to;
    p->begin = begin, p->n_alive = end - begin, p->round = 1;
    p->power1 = p->power2 = 1.0;
    const size_t n = (size_t)p->n_alive, matrix = n * (size_t)p->plan.size * sizeof(double);
    const size_t ring = n * (size_t)set->plateau_window * sizeof(double);
    for (int pass = 0; pass < 2; pass++) {
        size_t used = 0;
        p->alive = hp_next(&used, p->memory, n * sizeof(int64_t));
        p->u = set->rule == HP_GD ? NULL : hp_next(&used, p->memory, matrix);
        p->v = set->rule == HP_ADAM || set->rule == HP_RPROP ? hp_next(&used, p->memory, matrix) : NULL;
        p->drawn = hp_next(&used, p->memory, n * sizeof(uint64_t));
        p->best = hp_next(&used, p->memory, n * sizeof(double));
        p->lowest = hp_next(&used, p->memory, ring);
        if (pass == 0 && (p->memory = aligned_alloc(64, used)) == NULL) return 0;
    }
    memset(p->drawn, 0, n * sizeof(uint64_t));
    if (p->u) memset(p->u, 0, matrix);
    if (p->v) memset(p->v, 0, matrix);
    for (size_t i = 0; i < n; i++) p->alive[i] = begin + (int64_t)i, p->best[i] = INFINITY;
    const size_t bytes = hp_block_lay(&p->block, &p->plan, set->rule, NULL);
    if ((p->scratch = aligned_alloc(64, bytes)) == NULL) return 0;
    memset(p->scratch, 0, bytes);
    hp_block_lay(&p->block, &p->plan, set->rule, p->scratch);
    return 1;
}

/* Copies `count` rows of places from stride `from` to stride `to`, which is smaller. */
static inline void hp_pack(double *rows, int64_t count, int from, int to) {
    for (int64_t q = 1; q < count; q++) memmove(rows + q * to, rows + q * from, (size_t)to * sizeof(double));
}

/* Gives up places that no start needs, eight at a time. */
static void hp_block_shrink(hp_pool *p, hp_block *b) {
    const int lanes = (b->active + 7) / 8 * 8, rule = p->set->rule;
    if (lanes == b->lanes || lanes == 0) return;
    hp_pack(b->x, p->plan.size, b->lanes, lanes);
    if (rule != HP_GD) hp_pack(b->u, p->plan.size, b->lanes, lanes);
    if (p->v) hp_pack(b->v, p->plan.size, b->lanes, lanes);
    hp_pack(b->g, p->plan.size, b->lanes, lanes);
    b->lanes = lanes;
}

/* Loads the living starts from the cursor on; the places beyond them repeat the last one but are not alive. */
static void hp_block_load(hp_pool *p, hp_block *b) {
    const int64_t left = p->n_alive - p->cursor, size = p->plan.size;
    b->active = (int)(left < p->plan.width ? left : p->plan.width);
    b->lanes = (b->active + 7) / 8 * 8;
    b->least = INFINITY;
    for (int i = 0; i < b->lanes; i++) {
        const int own = i < b->active;
        const int64_t id = p->alive[p->cursor + (own ? i : b->active - 1)];
        b->id[i] = id;
        b->alive[i] = own ? -1 : 0;
        b->step_size[i] = p->to.step_sizes[id];
        b->target[i] = p->to.targets[id];
        b->limit[i] = (double)p->to.limits[id];
        b->least = fmin(b->least, b->limit[i]);
        for (int64_t q = 0; q < size; q++) b->x[q * b->lanes + i] = p->to.x[id * size + q];
        if (p->u)
            for (int64_t q = 0; q < size; q++) b->u[q * b->lanes + i] = p->u[(id - p->begin) * size + q];
        if (p->v)
            for (int64_t q = 0; q < size; q++) b->v[q * b->lanes + i] = p->v[(id - p->begin) * size + q];
    }
}

/* Writes the starts that go on back and keeps them for the next round. */
static void hp_block_store(hp_pool *p, const hp_block *b) {
    const int64_t size = p->plan.size;
    for (int i = 0; i < b->active; i++) {
        const int64_t id = b->id[i];
        for (int64_t q = 0; q < size; q++) p->to.x[id * size + q] = b->x[q * b->lanes + i];
        if (p->u)
            for (int64_t q = 0; q < size; q++) p->u[(id - p->begin) * size + q] = b->u[q * b->lanes + i];
        if (p->v)
            for (int64_t q = 0; q < size; q++) p->v[(id - p->begin) * size + q] = b->v[q * b->lanes + i];
        p->alive[p->n_kept++] = id;
    }
}

/* Writes out place i, whose start has ended, and moves the last living start there. */
static void hp_block_finish(hp_pool *p, hp_block *b, int i, int status, int64_t step, int hit) {
    const int64_t id = b->id[i], size = p->plan.size;
    const int last = --b->active;
    p->to.codes[id] = status;
    p->to.values[id] = b->value[i];
    p->to.grad_norms[id] = sqrt(b->square[i]);
    p->to.n_steps[id] = step;
    p->to.n_evaluations[id] = step + 1;
    p->to.hits[id] = hit ? step + 1 : 0;
    for (int64_t q = 0; q < size; q++) {
        double *row = b->x + q * b->lanes;
        p->to.x[id * size + q] = row[i];
        row[i] = row[last];
        b->g[q * b->lanes + i] = b->g[q * b->lanes + last];
    }
    for (int64_t q = 0; p->u && q < size; q++) b->u[q * b->lanes + i] = b->u[q * b->lanes + last];
    for (int64_t q = 0; p->v && q < size; q++) b->v[q * b->lanes + i] = b->v[q * b->lanes + last];
    b->id[i] = b->id[last];
    b->value[i] = b->value[last];
    b->square[i] = b->square[last];
    b->step_size[i] = b->step_size[last];
    b->target[i] = b->target[last];
    b->limit[i] = b->limit[last];
    b->alive[last] = 0;
}

/* The test of hp_on_plateau for place i. */
static int hp_lane_on_plateau(hp_pool *p, const hp_block *b, int i, int64_t step) {
    const int64_t window = p->set->plateau_window, own = b->id[i] - p->begin, age = step - p->set->settled;
    double *best = p->best + own, *slot = p->lowest + own * window + age % window, before = *slot;
    if (b->value[i] < *best) *best = b->value[i];
    *slot = *best;
    return age >= window && before - *best < p->set->plateau_drop * fabs(*best);
}

/* What hp_judge says of place i; `hit` says whether its target is reached. */
static int hp_lane_judge(hp_pool *p, const hp_block *b, int i, int64_t step, int *hit) {
    const hp_settings *set = p->set;
    *hit = 0;
    if (!isfinite(b->value[i]) || !isfinite(b->square[i])) return HP_NON_FINITE;
    if (p->to.traces && step % set->record_every == 0 && step / set->record_every < p->to.records) {
        double *at = p->to.traces + 2 * (b->id[i] * p->to.records + step / set->record_every);
        at[0] = (double)(step + 1);
        at[1] = b->value[i];
    }
    if (step >= set->settled) {
        if (b->value[i] <= b->target[i]) return *hit = 1, HP_REACHED_TARGET;
        if (sqrt(b->square[i]) < set->gradient_tolerance) return HP_CONVERGED;
        if (set->plateau_window && hp_lane_on_plateau(p, b, i, step)) return HP_CONVERGED;
    }
    if (step >= set->n_steps) return HP_MAX_STEPS;
    if ((double)(step + 1) >= b->limit[i]) return HP_BUDGET_SPENT;
    return p->ending;
}

/* Looks at every living start of a block after an evaluation. */
static void hp_block_judge(hp_pool *p, hp_block *b, int64_t step) {
    b->least = INFINITY;
    for (int i = 0; i < b->active;) {
        int hit, status = hp_lane_judge(p, b, i, step, &hit);
        if (status == HP_RUNNING) b->least = fmin(b->least, b->limit[i++]);
        else hp_block_finish(p, b, i, status, step, hit);
    }
    hp_block_shrink(p, b);
}

/* Noise after a step, from each start's own stream. */
static void hp_block_disturb(hp_pool *p, hp_block *b, int64_t step, double *column) {
    const hp_settings *set = p->set;
    const double amplitude = hp_at(set->noise, step);
    if (amplitude == 0.0) return;
    for (int i = 0; i < b->active; i++) {
        hp_stream stream = {p->to.keys[b->id[i]], p->drawn[b->id[i] - p->begin]};
        for (int64_t q = 0; q < p->plan.size; q++) column[q] = b->x[q * b->lanes + i];
        if (set->noise_gaussian) hp_add_gaussian(&stream, amplitude, column, p->plan.size);
        else hp_add_uniform(&stream, amplitude, column, p->plan.size);
        for (int64_t q = 0; q < p->plan.size; q++) b->x[q * b->lanes + i] = column[q];
        p->drawn[b->id[i] - p->begin] = stream.count;
    }
}

/* Takes a block from step `from` to step `to`, or until all its starts have ended. */
static void hp_block_run(hp_pool *p, hp_block *b, int64_t from, int64_t to) {
    const hp_settings *set = p->set;
    const int always = set->plateau_window > 0 || p->ending != HP_RUNNING;
    b->power1 = p->power1, b->power2 = p->power2;
    for (int64_t step = from; step < to; step++) {
        b->factor = hp_at(set->step, step);
        p->table->evaluate(&p->plan, b, hp_at(set->t, step));
        const int record = p->to.traces && step % set->record_every == 0;
        if (always || record || step >= set->n_steps ||
            (double)(step + 1) >= b->least ||
            p->table->attention(b, step >= set->settled, set->gradient_tolerance))
            hp_block_judge(p, b, step);
        if (b->active == 0) return;
        b->first = step == 0;
        b->power1 *= set->beta1;
        b->power2 *= set->beta2;
        if (p->plan.steps) {
            double *here = b->x;
            b->x = b->g;
            b->g = here;
        } else p->table->update(set, &p->plan, b, b->factor);
        if (set->noise_period && (step + 1) % set->noise_period == 0) hp_block_disturb(p, b, step + 1, b->spare);
    }
    p->next1 = b->power1, p->next2 = b->power2;
}

/* Works until every start has ended (returns 1) or about 50 ms have gone (returns 0). */
static int hp_pool_run(hp_pool *p) {
    const double begin = hp_now();
    while (p->n_alive > 0) {
        const double before = hp_now();
        hp_block_load(p, &p->block);
        p->cursor += p->block.active;
        hp_block_run(p, &p->block, p->step, p->step + p->round);
        hp_block_store(p, &p->block);
        const double now = hp_now();
        if (hp_stops(p->set)) return 1;
        if (now >= p->set->deadline) p->ending = HP_BUDGET_SPENT;
        if (p->cursor >= p->n_alive) {
            p->step += p->round;
            p->n_alive = p->n_kept;
            p->n_kept = p->cursor = 0;
            p->power1 = p->next1, p->power2 = p->next2;
            if (now - before < 1e-3 && p->round < 4096) p->round *= 2;
            else if (now - before > 4e-3 && p->round > 1) p->round /= 2;
        }
        if (now - begin > 0.05) return 0;
    }
    return 1;
}

/* The block kernels once per instruction set. */
#define HP_BODY "many_block.h"
#include "each_isa.h"

/* The kernels of an instruction set; NULL where the compiler has no vectors. */
static const hp_lanes_table *hp_lanes_choose(int isa) {
    const hp_lanes_table *table = HP_OF_ISA(isa, &lanes_table_f64);
    return table->evaluate ? table : NULL;
}

/* The number of weights of the largest layer of a net that these kernels can take, else 0. */
static int hp_widest_layer(const hp_objective *objective, int isa) {
    hp_plan plan;
    int widest = 0;
    if (!hp_lanes_choose(isa) || !hp_plan_make(&plan, objective)) return 0;
    const int *sizes = plan.risk->net.sizes;
    for (int l = 0; l < plan.risk->net.n_layers; l++)
        if (sizes[l] * sizes[l + 1] > widest) widest = sizes[l] * sizes[l + 1];
    return widest;
}
#endif
