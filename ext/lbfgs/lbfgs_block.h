/* Descents by L-BFGS or a rule of fixed steps from many starts side by side, whose evaluations are made together.

   Each lane of a block is a descent of its own (hp_descent) that stands where it would stand alone; a lane that ends
   takes the next start. What the lanes ask for goes to the objective's function of many points, which gives bit for
   bit what it gives for one, so that no start's result depends on its neighbors. */
#ifndef HOMOTOPY_LBFGS_BLOCK_H
#define HOMOTOPY_LBFGS_BLOCK_H
#include "firstorder.h"
#include "lbfgs_machine.h"

enum { HP_BLOCK_WIDEST = 8 };
enum { HP_BLOCK_DONE, HP_BLOCK_PAUSES, HP_BLOCK_ENDED }; /* ENDED: `ended` waits for its trace to be taken */

typedef struct {
    const hp_objective *objective;
    const hp_arrays *to;
    hp_descent lanes[HP_BLOCK_WIDEST];
    int64_t starts[HP_BLOCK_WIDEST]; /* of each lane, or -1 */
    int asks[HP_BLOCK_WIDEST];       /* whether it waits for an evaluation */
    int width, n_open, ended;
    int64_t next, end;
    void *work;
} hp_block;

static inline int64_t hp_least(int64_t a, int64_t b) { return a < b ? a : b; }

static void hp_block_close(hp_block *b) {
    for (int l = 0; l < b->n_open; l++) hp_descent_close(&b->lanes[l]);
    free(b->work);
    memset(b, 0, sizeof *b);
}

/* Makes a block for the starts begin to end - 1; returns 0 where there is no memory. The lanes share the objective's
   scratch memory, so they are opened without. */
static int hp_block_open(hp_block *b, const hp_objective *objective, const hp_settings *set, const hp_sweeps *sweeps,
                         const hp_arrays *to) {
    hp_objective bare = *objective;
    bare.work_bytes = 0;
    memset(b, 0, sizeof *b);
    b->objective = objective;
    b->to = to;
    b->width = (int)hp_least(objective->width, HP_BLOCK_WIDEST);
    for (int l = 0; l < b->width; l++, b->n_open++) {
        if (!hp_descent_open(&b->lanes[l], &bare, set)) return 0;
        b->lanes[l].objective = objective;
        b->lanes[l].sweeps = sweeps;
        b->starts[l] = -1;
    }
    const size_t bytes = objective->many_bytes > objective->work_bytes ? objective->many_bytes : objective->work_bytes;
    return (b->work = aligned_alloc(64, (bytes + 127) / 64 * 64)) != NULL;
}

/* The starts begin to end - 1 are next. */
static void hp_block_take(hp_block *b, int64_t begin, int64_t end) {
    b->next = begin;
    b->end = end;
    for (int l = 0; l < b->width; l++) b->starts[l] = -1, b->asks[l] = 0;
}

/* Works on lane l until it waits for an evaluation, is out of starts (both HP_BLOCK_DONE) or should be looked after. */
static int hp_block_lane(hp_block *b, int l) {
    const hp_arrays *to = b->to;
    hp_descent *s = &b->lanes[l];
    while (!b->asks[l]) {
        if (b->starts[l] < 0) {
            if (b->next == b->end) break;
            const int64_t i = b->starts[l] = b->next++;
            hp_descent_begin(s, to->x + i * s->n, to->keys[i], to->step_sizes[i], to->targets[i], to->limits[i]);
        }
        const int status = s->set->rule == HP_LBFGS ? hp_lbfgs_ask(s) : hp_firstorder_ask(s);
        if (status == HP_RUNNING) return HP_BLOCK_PAUSES;
        b->asks[l] = status == HP_ASKS;
        if (b->asks[l]) break;
        hp_write_end(to, b->starts[l], s, status);
        b->ended = l;
        if (s->set->record_every) return HP_BLOCK_ENDED;
        b->starts[l] = -1;
    }
    return HP_BLOCK_DONE;
}

/* Evaluates what the lanes ask for; returns how many did. */
static int hp_block_evaluate(hp_block *b) {
    const double *x[HP_BLOCK_WIDEST];
    double t[HP_BLOCK_WIDEST], values[HP_BLOCK_WIDEST], *grads[HP_BLOCK_WIDEST];
    int lane[HP_BLOCK_WIDEST], n = 0;
    for (int l = 0; l < b->width; l++)
        if (b->asks[l]) x[n] = b->lanes[l].at, t[n] = b->lanes[l].t, grads[n] = b->lanes[l].to, lane[n++] = l;
    if (n) b->objective->value_and_grad_many(b->objective, n, x, t, values, grads, b->work);
    for (int i = 0; i < n; i++) {
        hp_descent *s = &b->lanes[lane[i]];
        if (s->set->rule == HP_LBFGS) hp_lbfgs_tell(s, values[i]);
        else hp_firstorder_tell(s, values[i]);
        b->asks[lane[i]] = 0;
    }
    return n;
}

/* Works until every start has ended or all should stop, the interpreter should look, or a trace is to be taken. */
static int hp_block_run(hp_block *b) {
    for (int l = 0; l < b->width; l++) hp_resume(&b->lanes[l]);
    for (;;) {
        for (int l = 0; l < b->width; l++) {
            const int state = hp_block_lane(b, l);
            if (state != HP_BLOCK_DONE) return state;
        }
        if (hp_stops(b->lanes[0].set) || !hp_block_evaluate(b)) return HP_BLOCK_DONE;
    }
}
#endif
