/* The state of one descent, and what every rule's loop does after an evaluation.

   A descent is a state machine: hp_descent_run works until the descent ends or until it ought to look up (the
   interpreter wants to see signals, or a callback is due), returns HP_RUNNING then, and is called again. */
#ifndef HOMOTOPY_DESCENT_H
#define HOMOTOPY_DESCENT_H
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "descent_settings.h"
#include "objective.h"
#include "stream.h"

/* Where a line search of L-BFGS stands: the slope of the direction, the bracket, the trial, values and slopes at the
   lower end, what steps along the directions of this iteration should gain at most. */
typedef struct {
    double slope, low, high, trial, f_low, slope_low, gain;
    int n_trials;
} hp_search;

enum { HP_ASKS = -1 }; /* beside the statuses: the descent waits for an evaluation */

typedef struct hp_sweeps hp_sweeps; /* lbfgs_memory.h */

typedef struct {
    const hp_objective *objective;
    const hp_settings *set;
    double step_size, target;              /* this start's own; step_size 0: the rule's choice */
    int64_t max_evaluations;
    int64_t n, step, evaluations, hit;     /* hit: evaluations when the target was reached, 0 before */
    int status, fresh;                     /* fresh: the gradient at x is known */
    double t, value, grad_norm, largest;   /* largest: the largest norm of a gradient at an iterate */
    double length, bend;                   /* of a step along the bare gradient; the first curvature */
    double *x;                             /* the caller's */
    double *g, *u, *v;                     /* gradient and the rule's own vectors */
    double *d, *x1, *g1, *S, *Y, *rho, *alpha; /* of L-BFGS, and so is what follows */
    int n_pairs, head, phase;
    double scale;                          /* of the first matrix, by the newest pair */
    double found, found_norm;              /* value and norm of the gradient at x1 */
    const double *at;                      /* where it wants the objective, and where its gradient goes */
    double *to;
    hp_search search;
    const hp_sweeps *sweeps;
    double power1, power2;                 /* powers of Adam's betas */
    double *lowest;                        /* ring of the lowest values, plateau_window entries */
    int64_t n_lowest;
    double best;
    hp_stream stream;
    double *trace;
    int64_t n_trace, room_trace;
    double look, since;                    /* when the clock was last read, when the interpreter last looked */
    int64_t look_every, look_left;
    void *block, *work;
} hp_descent;

/* Four sums, so that the loop is not one chain of additions; the same order on every machine. */
static inline double hp_dot(const double *a, const double *b, int64_t n) {
    double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    int64_t i = 0;
    for (; i + 4 <= n; i += 4) {
        s0 += a[i] * b[i];
        s1 += a[i + 1] * b[i + 1];
        s2 += a[i + 2] * b[i + 2];
        s3 += a[i + 3] * b[i + 3];
    }
    for (; i < n; i++) s0 += a[i] * b[i];
    return (s0 + s1) + (s2 + s3);
}

/* The Euclidean norm. Where the squares overflow or vanish, they are taken in units of a power of two. */
static inline double hp_norm(const double *a, int64_t n) {
    const double square = hp_dot(a, a, n);
    if ((square > 1e-280 && square < INFINITY) || isnan(square)) return sqrt(square);
    double most = 0.0, sum = 0.0;
    int power;
    for (int64_t i = 0; i < n; i++) most = fabs(a[i]) > most ? fabs(a[i]) : most;
    if (most == 0.0 || isinf(most)) return most;
    frexp(most, &power);
    for (int64_t i = 0; i < n; i++) sum += scalbn(a[i], -power) * scalbn(a[i], -power);
    return scalbn(sqrt(sum), power);
}

/* Allocates everything that descents of one objective and one rule need; returns 0 if there is no memory. */
static inline int hp_descent_open(hp_descent *s, const hp_objective *objective, const hp_settings *set) {
    memset(s, 0, sizeof *s);
    s->objective = objective;
    s->set = set;
    size_t n = (size_t)objective->size, padded = (n + 7) / 8 * 8;
    size_t slots = (size_t)set->memory + 1; /* one for the pair that may be kept */
    size_t vectors = set->rule == HP_LBFGS ? 4 + 2 * slots : 3, small = set->rule == HP_LBFGS ? 2 * slots : 0;
    size_t doubles = vectors * padded + (small + 7) / 8 * 8 + ((size_t)set->plateau_window + 7) / 8 * 8;
    size_t bytes = doubles * sizeof(double) + (objective->work_bytes + 127) / 64 * 64;
    char *block = s->block = aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (block == NULL) return 0;
    memset(block, 0, doubles * sizeof(double)); /* vectors end in zeros that nobody writes */
    double *next = (double *)block;
    s->n = objective->size;
    s->look_every = s->look_left = 1;
    s->g = next, next += padded;
    if (set->rule == HP_LBFGS) {
        s->d = next, next += padded;
        s->x1 = next, next += padded;
        s->g1 = next, next += padded;
        s->S = next, next += padded * slots;
        s->Y = next, next += padded * slots;
        s->rho = next;
        s->alpha = next + slots;
    } else {
        s->u = next, next += padded;
        s->v = next, next += padded;
    }
    next += (small + 7) / 8 * 8;
    s->lowest = next;
    s->work = block + doubles * sizeof(double);
    return 1;
}

static inline void hp_descent_close(hp_descent *s) {
    free(s->block);
    free(s->trace);
    s->block = s->trace = NULL;
}

/* Makes the state that of a new descent from x with the random stream `key` and this start's own settings. */
static inline void hp_descent_begin(hp_descent *s, double *x, uint64_t key, double step_size, double target,
                             int64_t max_evaluations) {
    s->x = x;
    s->step_size = step_size;
    s->target = target;
    s->max_evaluations = max_evaluations;
    s->step = s->evaluations = s->hit = 0;
    s->status = HP_RUNNING;
    s->fresh = s->n_pairs = s->head = s->phase = 0;
    s->t = hp_at(s->set->t, 0);
    s->value = s->grad_norm = NAN;
    s->largest = s->bend = 0.0;
    s->length = s->set->plain ? 0.0 : 1.0;
    s->power1 = s->power2 = 1.0;
    s->n_lowest = 0;
    s->best = INFINITY;
    s->stream.key = key;
    s->stream.count = 0;
    s->n_trace = 0;
    if (s->u != NULL) memset(s->u, 0, sizeof(double) * (size_t)s->n);
    if (s->v != NULL) memset(s->v, 0, sizeof(double) * (size_t)s->n);
}

/* Appends (evaluations, value) to the record; a record that finds no memory is silently short of it. */
static void hp_record(hp_descent *s) {
    if (s->n_trace > 0 && s->trace[2 * s->n_trace - 2] == (double)s->evaluations) return;
    if (s->n_trace == s->room_trace) {
        int64_t room = s->room_trace ? 2 * s->room_trace : 64;
        double *grown = realloc(s->trace, (size_t)room * 2 * sizeof(double));
        if (grown == NULL) return;
        s->trace = grown;
        s->room_trace = room;
    }
    s->trace[2 * s->n_trace] = (double)s->evaluations;
    s->trace[2 * s->n_trace++ + 1] = s->value;
}

/* Notes the first time that the target is met by the settled problem. */
static inline void hp_note_hit(hp_descent *s, double value) {
    if (value <= s->target && s->step >= s->set->settled && s->hit == 0) s->hit = s->evaluations;
}

/* Evaluates H(., t) at x, counts it, and notes whether it meets the target. */
static inline double hp_evaluate(hp_descent *s, const double *x, double *grad) {
    double value = s->objective->value_and_grad(s->objective, x, s->t, grad, s->work);
    s->evaluations++;
    hp_note_hit(s, value);
    return value;
}

/* Whether the lowest value fell by less than drop |lowest| over the last `window` steps. */
static inline int hp_on_plateau(hp_descent *s) {
    int64_t window = s->set->plateau_window;
    if (s->value < s->best) s->best = s->value;
    double *slot = s->lowest + s->n_lowest % window, before = *slot;
    *slot = s->best;
    return s->n_lowest++ >= window && before - s->best < s->set->plateau_drop * fabs(s->best);
}

/* The length over which a function in unknown units changes, as far as it is told at x: |f| / |grad f|, the root mean
   square of x, or the smaller of them where there are both; 1 where there is neither. */
static inline double hp_natural_length(const hp_descent *s) {
    const double by_value = fabs(s->value) / s->grad_norm, by_x = hp_norm(s->x, s->n) / sqrt((double)s->n);
    const int value_tells = by_value > 0.0 && isfinite(by_value), x_tells = by_x > 0.0 && isfinite(by_x);
    if (value_tells && x_tells) return by_value < by_x ? by_value : by_x;
    return value_tells ? by_value : x_tells ? by_x : 1.0;
}

/* Whether the gradient is one that the rounding of x makes at the first curvature. */
static inline int hp_is_rounding(const hp_descent *s) {
    return s->grad_norm / s->bend <= 1e-14 * hp_norm(s->x, s->n);
}

/* How a descent ends that finds no lower value, of a function in unknown units: it has converged where what the next
   step should gain lies below the rounding of the value, where the gradient is one that the rounding of x makes at the
   first curvature, or where it fell to 1e-5 of the largest one. */
static inline int hp_no_step_left(const hp_descent *s, double gain) {
    if (!s->set->plain) return HP_STEP_TOO_SMALL;
    if (gain < 1e-14 * fabs(s->value) || s->grad_norm <= 1e-5 * s->largest) return HP_CONVERGED;
    return hp_is_rounding(s) ? HP_CONVERGED : HP_STEP_TOO_SMALL;
}

/* What follows the evaluation at an iterate (value, grad_norm are set): the status, HP_RUNNING to go on. */
static inline int hp_judge(hp_descent *s) {
    const hp_settings *set = s->set;
    if (!isfinite(s->value) || !isfinite(s->grad_norm)) return HP_NON_FINITE;
    if (s->grad_norm > s->largest) s->largest = s->grad_norm;
    if (set->record_every && s->step % set->record_every == 0) hp_record(s);
    if (s->step >= set->settled) {
        if (s->hit) return HP_REACHED_TARGET;
        if (s->grad_norm < set->gradient_tolerance * (set->relative ? s->largest : 1.0)) return HP_CONVERGED;
        if (set->plateau_window && hp_on_plateau(s)) return HP_CONVERGED;
    }
    if (s->step >= set->n_steps) return HP_MAX_STEPS;
    if (s->evaluations >= s->max_evaluations) return HP_BUDGET_SPENT;
    return HP_RUNNING;
}

/* Writes down how start i ended. */
static inline void hp_write_end(const hp_arrays *to, int64_t i, const hp_descent *s, int status) {
    to->codes[i] = status;
    to->values[i] = s->value;
    to->grad_norms[i] = s->grad_norm;
    to->n_steps[i] = s->step;
    to->n_evaluations[i] = s->evaluations;
    to->hits[i] = s->hit;
}

/* To be called whenever the interpreter hands over. */
static inline void hp_resume(hp_descent *s) { s->look = s->since = hp_now(); }

/* Reads the clock now and then: often enough for a budget in seconds, seldom enough to cost nothing. Sets `since` to
   zero when the interpreter should have a look (about every 50 ms). */
static inline int hp_look_up(hp_descent *s) {
    if (--s->look_left > 0) return HP_RUNNING;
    double now = hp_now(), gap = now - s->look;
    if (gap < 1e-3 && s->look_every < 4096) s->look_every *= 2;
    if (gap > 1e-2 && s->look_every > 1) s->look_every /= 2;
    s->look_left = s->look_every;
    s->look = now;
    if (hp_stops(s->set)) return HP_STOPPED;
    if (now >= s->set->deadline) return HP_BUDGET_SPENT;
    if (now - s->since > 0.05) s->since = 0.0;
    return HP_RUNNING;
}

/* Whether the deadline is over: for places between evaluations at which the clock is not read now and then. */
static inline int hp_is_late(const hp_descent *s) {
    return isfinite(s->set->deadline) && hp_now() >= s->set->deadline;
}

/* Whether the loop returns here for the interpreter: its time has come, or a callback is due. */
static inline int hp_pauses(const hp_descent *s) {
    return s->since == 0.0 || (s->set->pause_every && s->step > 0 && s->step % s->set->pause_every == 0);
}
#endif
