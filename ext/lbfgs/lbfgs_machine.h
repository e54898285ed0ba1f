/* L-BFGS with a line search for the Armijo and the weak Wolfe conditions.

   Nocedal and Wright (2006), algorithm 7.4 (two-loop recursion) with the initial matrix of equation 7.20. The line
   search brackets: a trial that breaks the Armijo condition (c1 = 1e-4), or is not finite, becomes the upper end; one
   that breaks the weak Wolfe condition (c2 = 0.9) the lower end. A search that fails after 30 trials throws the
   memory away; one that fails along the bare gradient ends the descent, so no descent is endless.

   The machine does not call its objective: hp_lbfgs_ask works until it wants the value and the gradient at a point
   (`at`, to be written into `to`), hp_lbfgs_tell hands them over. So one driver may run many descents and evaluate
   what they ask for together (lbfgs_block.h); hp_lbfgs_run is the driver of one.

   No constant has a unit but one: a step along the bare gradient has length 1, the unit of a net's weights. Of a
   function whose units nobody states, it is the length to the minimum along the first gradient, by a curvature that
   one evaluation measures. */
#ifndef HOMOTOPY_LBFGS_MACHINE_H
#define HOMOTOPY_LBFGS_MACHINE_H
#include "lbfgs_memory.h"
#include "tiny.h" /* which includes what there is once per instruction set */

enum { HP_TRIALS = 30 };

/* Where the machine stands: what it does when it is asked next, or what it was told for. */
enum { HP_LOOK, HP_LOOKED, HP_JUDGE, HP_SET_OUT, HP_PROBED, HP_AIM, HP_TRIED, HP_ARRIVED, HP_FAILED };

/* The loops over variables of an instruction set (isa.h). */
static inline const hp_sweeps *hp_sweeps_choose(int isa) { return HP_OF_ISA(isa, &lbfgs_sweeps_f64); }

static inline int hp_lbfgs_wants(hp_descent *s, int phase, const double *at, double *to) {
    s->phase = phase;
    s->at = at;
    s->to = to;
    return HP_ASKS;
}

/* The norm of g or g1 by its square. */
static inline double hp_norm_of(const double *g, double square, int64_t n) {
    return square > 1e-280 && square < INFINITY ? sqrt(square) : hp_norm(g, n);
}

/* The curvature that others are measured by: that over the function's natural length. Where the weights and the loss
   have units it is 1, but a thousandth of that over the natural length for inputs or a loss that are huge in them. */
static inline double hp_first_bend(const hp_descent *s) {
    const double bend = s->grad_norm / hp_natural_length(s);
    if (s->set->plain) return bend;
    return bend > 1e3 && bend < INFINITY ? 1e-3 * bend : 1.0;
}

/* Whether a pair's curvature y.y / s.y is positive and not larger than 1e14 times the first one. */
static inline int hp_bends(const hp_descent *s, const double *dy, double curvature, double square) {
    if (square > 1e-280 && square < INFINITY) return curvature * s->bend > 1e-14 * square;
    const double norm = hp_norm(dy, s->n);
    return curvature > 0.0 && curvature / norm * s->bend > 1e-14 * norm;
}

/* Moves to x1 and keeps the pair of differences where its curvature is positive, and no more than 1e14 times that which
   the descent met first: a larger one is that of a kink, towards which it would step for ever. */
static void hp_lbfgs_accept(hp_descent *s) {
    const double *ds = hp_pair(s, s->S, -1), *dy = hp_pair(s, s->Y, -1);
    double square;
    if (s->bend == 0.0) s->bend = hp_first_bend(s);
    const double curvature = s->sweeps->move(s, &square);
    if (hp_bends(s, dy, curvature, square) && isfinite(1.0 / curvature)) {
        const int fits = square > 1e-280 && square < INFINITY;
        s->rho[s->head] = 1.0 / curvature;
        s->scale = fits ? curvature / square : curvature / hp_norm(dy, s->n) / hp_norm(dy, s->n);
        s->head = s->head == s->set->memory ? 0 : s->head + 1;
        if (s->n_pairs < s->set->memory) s->n_pairs++;
    } else if (s->set->plain && hp_norm(ds, s->n) > s->length) {
        s->length = hp_norm(ds, s->n);  /* along negative curvature, where no pair is kept, trials grow with the way */
    }
    s->value = s->found;
    s->grad_norm = s->found_norm;
}

/* The next trial after one that is too long: the minimum of the parabola through the lower end, kept inside. */
static inline double hp_shrink(double low, double f_low, double slope_low, double trial, double f_trial) {
    double h = trial - low, least = low + 0.1 * h, most = low + 0.6 * h;
    if (!isfinite(f_trial)) return low + 0.25 * h;
    double next = low - slope_low * h * h / (2.0 * (f_trial - f_low - slope_low * h));
    return next > least ? (next < most ? next : most) : next <= least ? least : 0.5 * (low + trial);
}

/* What a trial at x1 gave: the next trial, or the search's end. */
static void hp_lbfgs_tried(hp_descent *s, double value) {
    hp_search *search = &s->search;
    double square, slope = s->sweeps->answer(s, &square), f = s->found = value;
    const int last = ++search->n_trials == HP_TRIALS;
    s->found_norm = hp_norm_of(s->g1, square, s->n);
    s->phase = HP_ARRIVED;
    if (s->hit && isfinite(slope)) return;
    if (!isfinite(slope)) f = NAN;
    if (!(f <= s->value + 1e-4 * search->trial * search->slope)) {
        search->high = search->trial;
        search->trial = hp_shrink(search->low, search->f_low, search->slope_low, search->trial, f);
    } else if (slope < 0.9 * search->slope) {
        search->low = search->trial, search->f_low = f, search->slope_low = slope;
        search->trial = isinf(search->high) ? 2.5 * search->trial : 0.5 * (search->low + search->high);
    } else return;
    s->phase = HP_TRIED;
    const int ends = last || s->evaluations >= s->max_evaluations || hp_look_up(s) != HP_RUNNING;
    if (ends || hp_stops(s->set) || hp_is_late(s))
        s->phase = value < s->value && isfinite(s->found_norm) ? HP_ARRIVED : HP_FAILED;
}

/* Asks for a point so near on the gradient that rounding is as small as what the third derivative adds: the first step
   of a function in unknown units goes to the minimum of the parabola whose curvature lies between x and that point. */
static int hp_lbfgs_probe(hp_descent *s) {
    const double natural = hp_natural_length(s), near = 0x1p-30 * hp_norm(s->x, s->n);
    const double h = s->search.trial = 0x1p-20 * natural > near ? 0x1p-20 * natural : near;
    for (int64_t i = 0; i < s->n; i++) s->x1[i] = s->x[i] - h * (s->g[i] / s->grad_norm);
    return hp_lbfgs_wants(s, HP_PROBED, s->x1, s->g1);
}

static void hp_lbfgs_probed(hp_descent *s) {
    double bend = 0.0;
    for (int64_t i = 0; i < s->n; i++) bend += (s->g[i] / s->grad_norm) * ((s->g[i] - s->g1[i]) / s->grad_norm);
    bend = fabs(bend);
    s->length = bend > 1e-13 && bend < INFINITY ? s->search.trial / bend : hp_natural_length(s);
    s->bend = s->grad_norm / s->length;
}

/* At an iterate: evaluates it again where t has moved, and judges it. */
static int hp_lbfgs_look(hp_descent *s) {
    const double t = hp_at(s->set->t, s->step);
    if (s->phase == HP_LOOK && (s->evaluations == 0 || t != s->t)) {
        s->t = t;
        return hp_lbfgs_wants(s, HP_LOOKED, s->x, s->g);
    }
    s->phase = HP_SET_OUT;
    int status = hp_judge(s);
    if (status == HP_RUNNING && s->grad_norm == 0.0 && s->step >= s->set->settled) status = HP_CONVERGED;
    return status == HP_RUNNING ? hp_look_up(s) : status;
}

/* Begins an iteration. */
static int hp_lbfgs_set_out(hp_descent *s) {
    s->search.gain = INFINITY;
    if (s->phase == HP_SET_OUT && s->length == 0.0 && s->step_size == 0.0 && s->evaluations < s->max_evaluations)
        return hp_lbfgs_probe(s);
    if (s->phase == HP_PROBED && hp_is_late(s)) return HP_BUDGET_SPENT;
    s->phase = HP_AIM;
    if (s->set->relative && s->step >= s->set->settled && hp_is_rounding(s)) return HP_CONVERGED;
    return s->evaluations >= s->max_evaluations ? HP_BUDGET_SPENT : HP_RUNNING;
}

/* A new direction and its first trial; after a failure without the memory, or the end: HP_STEP_TOO_SMALL or
   HP_CONVERGED where even the bare gradient leads nowhere. */
static int hp_lbfgs_aim(hp_descent *s) {
    if (s->phase == HP_FAILED) {
        if (s->evaluations >= s->max_evaluations || hp_is_late(s)) return HP_BUDGET_SPENT;
        if (hp_stops(s->set)) return HP_STOPPED;
        if (s->n_pairs == 0) return hp_no_step_left(s, s->search.gain);
        s->n_pairs = 0;
    }
    for (;;) {
        const double slope = s->sweeps->direction(s);
        if (-0.5 * slope < s->search.gain) s->search.gain = -0.5 * slope;
        if (slope < 0 && isfinite(slope)) {
            s->search = (hp_search){slope, 0.0, INFINITY, 1.0, s->value, slope, s->search.gain, 0};
            s->phase = HP_TRIED;
            return HP_RUNNING;
        }
        if (s->n_pairs == 0) return hp_no_step_left(s, s->search.gain);
        s->n_pairs = 0;
    }
}

/* Goes on to the next iterate, also from one where no step was left before t had settled. */
static inline void hp_lbfgs_advance(hp_descent *s) {
    s->step++;
    s->phase = HP_LOOK;
}

/* Works until the machine wants an evaluation (HP_ASKS), ends, or should be looked after (HP_RUNNING). */
static int hp_lbfgs_ask(hp_descent *s) {
    for (;;) {
        int status = HP_RUNNING;
        if (s->phase == HP_LOOK || s->phase == HP_JUDGE) {
            status = hp_lbfgs_look(s);
            if (status != HP_RUNNING || hp_pauses(s)) return status;
        }
        if (s->grad_norm == 0.0) {
            hp_lbfgs_advance(s);
            continue;
        }
        if (s->phase == HP_SET_OUT || s->phase == HP_PROBED) status = hp_lbfgs_set_out(s);
        if (status == HP_RUNNING && (s->phase == HP_AIM || s->phase == HP_FAILED)) status = hp_lbfgs_aim(s);
        if (status == HP_RUNNING && s->phase == HP_TRIED) {
            if (s->since == 0.0) return HP_RUNNING;
            s->sweeps->trial(s, s->search.trial);
            return hp_lbfgs_wants(s, HP_TRIED, s->x1, s->g1);
        }
        if (status == HP_RUNNING) hp_lbfgs_accept(s);
        else if (status != HP_STEP_TOO_SMALL || s->step >= s->set->settled) return status;
        hp_lbfgs_advance(s);
    }
}

/* Hands over the value at the point that was asked for; the gradient there has been written. */
static void hp_lbfgs_tell(hp_descent *s, double value) {
    s->evaluations++;
    if (s->phase == HP_PROBED) {
        hp_lbfgs_probed(s);
        return;
    }
    hp_note_hit(s, value);
    if (s->phase == HP_TRIED) {
        hp_lbfgs_tried(s, value);
        return;
    }
    s->value = value;
    s->grad_norm = hp_norm_of(s->g, s->sweeps->dot(s->g, s->g, hp_rounded(s->n)), s->n);
    s->phase = HP_JUDGE;
}

static int hp_lbfgs_run(hp_descent *s) {
    for (;;) {
        const int status = hp_lbfgs_ask(s);
        if (status != HP_ASKS) return status;
        hp_lbfgs_tell(s, s->objective->value_and_grad(s->objective, s->at, s->t, s->to, s->work));
    }
}
#endif
