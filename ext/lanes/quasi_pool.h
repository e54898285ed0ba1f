/* L-BFGS of many starts of one small net at once: the mathematics and every decision of lbfgs.h, lanes across starts.

   A tick evaluates the trial points of all lanes. A lane whose line search is not over shrinks or grows its step; one
   that accepts takes its pair and a new direction; one that has ended is written out, and the next start of the queue
   takes its place. When the queue is empty the lanes that go on are packed tighter, eight at a time.

   No operation mixes lanes, and each lane keeps its own pairs in the order in which it found them, so a start's result
   does not depend on its neighbors. The units are those of a net's weights (settings that are not `plain`), and t does
   not move: those descents take the loop. */
#ifndef HOMOTOPY_QUASI_POOL_H
#define HOMOTOPY_QUASI_POOL_H
#include "many_plan.h"

enum { HP_TRIALS_OF_A_SEARCH = 30 };

/* Numbers of a lane, one row each, beside the matrices. */
#define HP_QUASI_NUMBERS(X)                                                                                            \
    X(value) X(square) X(slope) X(trial) X(low) X(high) X(low_value) X(low_slope) X(trials) X(evaluations) X(step)    \
    X(hit) X(bend) X(scale) X(n_pairs) X(step_size) X(target) X(limit)

#define ROW(name) HP_ROW_##name,
enum { HP_QUASI_NUMBERS(ROW) HP_QUASI_ROWS };
#undef ROW

/* What belongs to the start in a lane but is looked at one by one. */
typedef struct {
    int64_t id, n_trace, room_trace;
    double best;               /* the lowest value, and its ring, for the plateau */
    double *lowest, *trace;
} hp_quasi_start;

typedef struct hp_quasi_table hp_quasi_table;

typedef struct {
    hp_plan plan;
    const hp_settings *set;
    const hp_lanes_table *kernels;
    const hp_quasi_table *table;
    hp_arrays to;
    hp_block block;                            /* of the trial points; x and g lie among the rows */
    int lanes, active, memory, ending;         /* ending: the status that all get when they are next judged */
    int64_t size, padded;                      /* variables, and with zeros behind them */
    int64_t first, next, end;                  /* the queue: starts `next` to end - 1 wait */
    double *x, *g, *d, *S, *Y, *rho;           /* (padded, lanes), (memory, padded, lanes), (memory, lanes) */
    double *w, *alpha;                         /* scratch: (padded, lanes), (memory, lanes) */
#define POINTER(name) double *name;
    HP_QUASI_NUMBERS(POINTER)
#undef POINTER
    /* By vector: the slot of the newest pairs and the most pairs of a lane; then lanes as bits: which have a start,
       which have not evaluated it yet, need a new direction, may end, found no way down, are to be looked at. */
    int head[HP_BLOCK], depth[HP_BLOCK];
    int alive[HP_BLOCK], fresh[HP_BLOCK], turns[HP_BLOCK], judged[HP_BLOCK], failed[HP_BLOCK], look[HP_BLOCK];
    hp_quasi_start start[HP_BLOCK];
    double *column, *rows, *spare;             /* one point; the state, and room to pack it into */
    double **traces;                           /* by start of this pool: what was recorded, n_traces entries */
    int64_t *n_traces;
    int64_t look_every, look_left;
    double look_time;
    void *memory_block, *scratch;
} hp_quasi;

struct hp_quasi_table {
    int width;                                                        /* lanes of a vector */
    void (*point)(hp_quasi *);                                        /* the trial points */
    void (*search)(hp_quasi *);                                       /* what follows from their values and gradients */
    int (*direct)(hp_quasi *);                                        /* new directions; whether to look at any lane */
    void (*enter)(hp_quasi *, int lane, const double *x, int64_t id); /* a new start in a lane */
};

/* Points at the rows of the state for so many lanes at `base`; returns how many rows there are. */
static int64_t hp_quasi_lay(hp_quasi *q, double *base, int lanes) {
    int64_t used = 0;
    const int64_t n = q->padded, m = q->memory;
#define TAKE(pointer, count) (pointer) = (void *)(base + used * lanes), used += (count);
#define ROW(name) TAKE(q->name, 1)
    HP_QUASI_NUMBERS(ROW)
#undef ROW
    TAKE(q->x, n) TAKE(q->g, n) TAKE(q->d, n) TAKE(q->block.x, n) TAKE(q->block.g, n)
    TAKE(q->rho, m) TAKE(q->S, m * n) TAKE(q->Y, m * n)
    TAKE(q->alpha, m) TAKE(q->w, 2 * n)
#undef TAKE
    q->rows = base;
    q->lanes = q->block.lanes = lanes;
    return used;
}

static void hp_quasi_close(hp_quasi *q) {
    for (int i = 0; i < HP_BLOCK; i++) free(q->start[i].trace);
    for (int64_t i = 0; q->traces && i < q->end - q->first; i++) free(q->traces[i]);
    free(q->memory_block);
    free(q->scratch);
    memset(q, 0, sizeof *q);
}

static void hp_quasi_enter(hp_quasi *q, int lane);

/* Makes a pool of the starts begin to end - 1; returns 0 where there is no memory. */
static int hp_quasi_open(hp_quasi *q, const hp_objective *objective, const hp_settings *set,
                         const hp_lanes_table *kernels, const hp_quasi_table *table, const hp_arrays *to, int64_t begin,
                         int64_t end) {
    memset(q, 0, sizeof *q);
    if (!hp_plan_make(&q->plan, objective)) return 0;
    q->set = set, q->kernels = kernels, q->table = table, q->to = *to;
    q->size = q->padded = q->plan.size;
    q->memory = set->memory <= set->n_steps ? set->memory : set->n_steps > 0 ? (int)set->n_steps : 1;
    if (q->size <= 17) q->padded = q->size <= 9 ? 9 : q->size <= 13 ? 13 : 17;
    q->first = q->next = begin, q->end = end;
    q->look_every = q->look_left = 1;
    const int lanes = q->plan.width = end - begin <= 8 ? 8 : 16;
    const size_t state = (size_t)hp_quasi_lay(q, NULL, lanes) * (size_t)lanes * sizeof(double), count = (size_t)(end - begin);
    const size_t window = (size_t)set->plateau_window * sizeof(double);
    for (int pass = 0; pass < 2; pass++) {
        size_t used = 0;
        double *rows = hp_next(&used, q->memory_block, state);
        q->spare = hp_next(&used, q->memory_block, state);
        q->column = hp_next(&used, q->memory_block, (size_t)q->size * sizeof(double));
        for (int i = 0; i < lanes; i++) q->start[i].lowest = hp_next(&used, q->memory_block, window);
        if (set->record_every) {
            q->traces = hp_next(&used, q->memory_block, count * sizeof(double *));
            q->n_traces = hp_next(&used, q->memory_block, count * sizeof(int64_t));
        }
        if (pass == 0 && (q->memory_block = aligned_alloc(64, used)) == NULL) return q->traces = NULL, 0;
        if (pass == 0) memset(q->memory_block, 0, used);
        else hp_quasi_lay(q, rows, lanes);
    }
    const size_t bytes = hp_block_lay(&q->block, &q->plan, HP_GD, NULL);
    if ((q->scratch = aligned_alloc(64, bytes)) == NULL) return 0;
    memset(q->scratch, 0, bytes);
    hp_block_lay(&q->block, &q->plan, HP_GD, q->scratch);
    hp_quasi_lay(q, q->rows, lanes);
    for (int i = 0; i < lanes; i++) hp_quasi_enter(q, i);
    return 1;
}

/* Gives a lane the next start of the queue; a lane that none is left for rests where it is. */
static void hp_quasi_enter(hp_quasi *q, int lane) {
    hp_quasi_start *s = &q->start[lane];
    const int64_t id = q->next < q->end ? q->next++ : -1;
    const double *x = id < 0 ? NULL : q->to.x + id * q->size;
    s->id = id, s->best = INFINITY;
    q->table->enter(q, lane, x, id);
    q->active += id >= 0;
}

static double hp_quasi_norm(hp_quasi *q, const double *rows, int lane) {
    for (int64_t i = 0; i < q->size; i++) q->column[i] = rows[i * q->lanes + lane];
    return hp_norm(q->column, q->size);
}

/* The norm of a lane's gradient, also where its square overflows or vanishes. */
static double hp_quasi_grad_norm(hp_quasi *q, int lane) {
    const double square = q->square[lane];
    return square > 1e-280 && square < INFINITY ? sqrt(square) : hp_quasi_norm(q, q->g, lane);
}

/* The curvature that others are measured by: hp_first_bend for a net's weights. */
static double hp_quasi_bend(hp_quasi *q, int lane) {
    const double norm = hp_quasi_grad_norm(q, lane), by_value = fabs(q->value[lane]) / norm;
    const double by_x = hp_quasi_norm(q, q->x, lane) / sqrt((double)q->size);
    const int value_tells = by_value > 0.0 && isfinite(by_value), x_tells = by_x > 0.0 && isfinite(by_x);
    double length = value_tells ? by_value : x_tells ? by_x : 1.0;
    if (value_tells && x_tells && by_x < by_value) length = by_x;
    const double bend = norm / length;
    return bend > 1e3 && bend < INFINITY ? 1e-3 * bend : 1.0;
}

/* Appends (evaluations, value) to a start's record; a record that finds no memory is silently short of it. */
static void hp_quasi_record(hp_quasi *q, hp_quasi_start *s, int lane) {
    if (s->n_trace == s->room_trace) {
        const int64_t room = s->room_trace ? 2 * s->room_trace : 64;
        double *grown = realloc(s->trace, (size_t)room * 2 * sizeof(double));
        if (grown == NULL) return;
        s->trace = grown, s->room_trace = room;
    }
    s->trace[2 * s->n_trace] = q->evaluations[lane];
    s->trace[2 * s->n_trace++ + 1] = q->value[lane];
}

/* The test of hp_on_plateau. */
static int hp_quasi_on_plateau(hp_quasi *q, hp_quasi_start *s, int lane) {
    const int64_t window = q->set->plateau_window, age = (int64_t)q->step[lane];
    double *slot = s->lowest + age % window, before = *slot;
    if (q->value[lane] < s->best) s->best = q->value[lane];
    *slot = s->best;
    return age >= window && before - s->best < q->set->plateau_drop * fabs(s->best);
}

/* What hp_judge, and what follows it, says of the iterate of a lane. */
static int hp_quasi_judge(hp_quasi *q, int lane) {
    const hp_settings *set = q->set;
    hp_quasi_start *s = &q->start[lane];
    const double norm = hp_quasi_grad_norm(q, lane), step = q->step[lane];
    if (!isfinite(q->value[lane]) || !isfinite(norm)) return HP_NON_FINITE;
    if (step == 0.0) q->bend[lane] = hp_quasi_bend(q, lane);
    if (set->record_every && (int64_t)step % set->record_every == 0) hp_quasi_record(q, s, lane);
    if (q->hit[lane] > 0.0) return HP_REACHED_TARGET;
    if (norm < set->gradient_tolerance) return HP_CONVERGED;
    if (set->plateau_window && hp_quasi_on_plateau(q, s, lane)) return HP_CONVERGED;
    if (step >= (double)set->n_steps) return HP_MAX_STEPS;
    if (q->evaluations[lane] >= q->limit[lane]) return HP_BUDGET_SPENT;
    return norm == 0.0 ? HP_CONVERGED : q->ending;
}

/* Writes out a start that has ended. */
static void hp_quasi_finish(hp_quasi *q, int lane, int status) {
    hp_quasi_start *s = &q->start[lane];
    const int64_t id = s->id;
    q->to.codes[id] = status;
    q->to.values[id] = q->value[lane];
    q->to.grad_norms[id] = hp_quasi_grad_norm(q, lane);
    q->to.n_steps[id] = (int64_t)q->step[lane];
    q->to.n_evaluations[id] = (int64_t)q->evaluations[lane];
    q->to.hits[id] = (int64_t)q->hit[lane];
    for (int64_t i = 0; i < q->size; i++) q->to.x[id * q->size + i] = q->x[i * q->lanes + lane];
    if (q->traces) {
        q->traces[id - q->first] = s->trace, q->n_traces[id - q->first] = s->n_trace;
        s->trace = NULL, s->n_trace = s->room_trace = 0;
    }
    q->active--;
    hp_quasi_enter(q, lane);
}

/* Looks at the lanes that the kernels point to: those that end make room. */
static void hp_quasi_look(hp_quasi *q) {
    const int width = q->table->width;
    for (int c = 0; c < q->lanes / width; c++)
        for (unsigned lanes = (unsigned)q->look[c]; lanes; lanes &= lanes - 1) {
            const int lane = c * width + __builtin_ctz(lanes);
            int status = q->judged[c] >> lane % width & 1 ? hp_quasi_judge(q, lane) : HP_RUNNING;
            if (status == HP_RUNNING && q->evaluations[lane] >= q->limit[lane]) status = HP_BUDGET_SPENT;
            if (status == HP_RUNNING && q->failed[c] >> lane % width & 1) status = HP_STEP_TOO_SMALL;
            if (status != HP_RUNNING) hp_quasi_finish(q, lane, status);
        }
}

/* Packs the lanes that go on into half a block. */
static void hp_quasi_pack(hp_quasi *q) {
    const hp_quasi old = *q;
    const int lanes = 8, width = q->table->width;
    const int64_t m = q->memory, n = q->padded, plain = HP_QUASI_ROWS + 3 * q->padded;
    hp_quasi_lay(q, old.spare, lanes);
    q->spare = old.rows;
    for (int c = 0; c < HP_BLOCK; c++) q->head[c] = q->alive[c] = q->fresh[c] = q->depth[c] = 0;
    int from[HP_BLOCK], n_kept = 0;
    for (int alive = 1; alive >= 0; alive--)
        for (int i = 0; i < old.lanes; i++)
            if ((old.alive[i / width] >> i % width & 1) == alive) from[n_kept++] = i;
    for (int i = 0; i < old.lanes; i++) q->start[i] = old.start[from[i]];
    for (int i = 0; i < lanes; i++) {
        const int home = from[i] / width, bit = from[i] % width;
        q->alive[i / width] |= (old.alive[home] >> bit & 1) << i % width;
        q->fresh[i / width] |= (old.fresh[home] >> bit & 1) << i % width;
        if (old.depth[home] > q->depth[i / width]) q->depth[i / width] = old.depth[home];
        for (int64_t r = 0; r < plain; r++) q->rows[r * lanes + i] = old.rows[r * old.lanes + from[i]];
        for (int64_t k = 0; k < m; k++) {
            const int64_t slot = (old.head[home] + k) % m;
            q->rho[k * lanes + i] = old.rho[slot * old.lanes + from[i]];
            for (int64_t r = 0; r < n; r++) {
                q->S[(k * n + r) * lanes + i] = old.S[(slot * n + r) * old.lanes + from[i]];
                q->Y[(k * n + r) * lanes + i] = old.Y[(slot * n + r) * old.lanes + from[i]];
            }
        }
    }
}

/* Reads the clock now and then; returns whether it is time to hand over, or another thread asks to stop. */
static int hp_quasi_clock(hp_quasi *q, double begin) {
    if (--q->look_left > 0) return 0;
    const double now = hp_now(), gap = now - q->look_time;
    if (gap < 1e-3 && q->look_every < 4096) q->look_every *= 2;
    if (gap > 1e-2 && q->look_every > 1) q->look_every /= 2;
    q->look_left = q->look_every, q->look_time = now;
    if (now >= q->set->deadline) q->ending = HP_BUDGET_SPENT;
    return now - begin > 0.05 || hp_stops(q->set);
}

/* Works until every start has ended (returns 1) or about 50 ms have gone (returns 0). */
static int hp_quasi_run(hp_quasi *q) {
    const double begin = q->look_time = hp_now(), t = hp_at(q->set->t, 0);
    while (q->active > 0) {
        if (hp_quasi_clock(q, begin)) return hp_stops(q->set);
        q->table->point(q);
        q->kernels->evaluate(&q->plan, &q->block, t);
        q->table->search(q);
        if (q->table->direct(q)) hp_quasi_look(q);
        if (q->next >= q->end && q->active > 0 && q->active <= 8 && q->lanes > 8) hp_quasi_pack(q);
    }
    return 1;
}

/* The kernels once per instruction set. */
#define HP_BODY "quasi_block.h"
#include "each_isa.h"

/* Those of an instruction set; NULL where the compiler has no vectors. */
static const hp_quasi_table *hp_quasi_choose(int isa) {
    const hp_quasi_table *table = HP_OF_ISA(isa, &quasi_table_f64);
    return table->width ? table : NULL;
}
#endif
