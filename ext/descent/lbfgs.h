/* L-BFGS with a line search for the Armijo and the weak Wolfe conditions.

   Nocedal and Wright (2006), algorithm 7.4 (two-loop recursion) with the initial matrix of equation 7.20. The line
   search brackets: a trial that breaks the Armijo condition (c1 = 1e-4), or is not finite, becomes the upper end; one
   that breaks the weak Wolfe condition (c2 = 0.9) the lower end. A search that fails after 30 trials throws the
   memory away; one that fails along the bare gradient ends the descent, so no descent is endless.

   No constant has a unit but one: a step along the bare gradient has length 1, the unit of a net's weights. Of a
   function whose units nobody states, it is the length to the minimum along the first gradient, by a curvature that
   one evaluation measures. */
#ifndef HOMOTOPY_LBFGS_H
#define HOMOTOPY_LBFGS_H
#include "descent.h"

enum { HP_TRIALS = 30 };

static inline double *hp_pair(double *pairs, int64_t n, int slot) { return pairs + (n + 7) / 8 * 8 * slot; }

static inline void hp_axpy(double a, const double *restrict x, double *restrict y, int64_t n) {
    for (int64_t i = 0; i < n; i++) y[i] += a * x[i];
}

/* Writes the direction -B g into d and returns its slope d.g. */
static double hp_lbfgs_direction(hp_descent *s) {
    int memory = s->set->memory;
    int64_t n = s->n;
    double scale;
    for (int64_t i = 0; i < n; i++) s->d[i] = -s->g[i];
    for (int q = 0; q < s->n_pairs; q++) {
        int slot = (s->head - 1 - q + 2 * memory) % memory;
        s->alpha[slot] = s->rho[slot] * hp_dot(hp_pair(s->S, n, slot), s->d, n);
        hp_axpy(-s->alpha[slot], hp_pair(s->Y, n, slot), s->d, n);
    }
    if (s->n_pairs) {
        int slot = (s->head - 1 + memory) % memory;
        const double *y = hp_pair(s->Y, n, slot);
        const double square = hp_dot(y, y, n), rho = s->rho[slot];
        const int fits = square > 1e-280 && square < INFINITY;
        scale = fits ? 1.0 / (rho * square) : 1.0 / (rho * hp_norm(y, n)) / hp_norm(y, n);
    } else scale = s->step_size > 0 ? s->step_size : s->length / s->grad_norm;
    for (int64_t i = 0; i < n; i++) s->d[i] *= scale;
    for (int q = s->n_pairs - 1; q >= 0; q--) {
        int slot = (s->head - 1 - q + 2 * memory) % memory;
        double b = s->rho[slot] * hp_dot(hp_pair(s->Y, n, slot), s->d, n);
        hp_axpy(s->alpha[slot] - b, hp_pair(s->S, n, slot), s->d, n);
    }
    return hp_dot(s->d, s->g, n);
}

/* The curvature that others are measured by: that over the function's natural length. Where the weights and the loss have
   units it is 1, but a thousandth of that over the natural length for inputs or a loss that are huge in them. */
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
static void hp_lbfgs_accept(hp_descent *s, double value) {
    int64_t n = s->n;
    double *ds = hp_pair(s->S, n, s->head), *dy = hp_pair(s->Y, n, s->head);
    for (int64_t i = 0; i < n; i++) {
        ds[i] = s->x1[i] - s->x[i];
        dy[i] = s->g1[i] - s->g[i];
    }
    double curvature = hp_dot(ds, dy, n), square = hp_dot(dy, dy, n);
    if (s->bend == 0.0) s->bend = hp_first_bend(s);
    if (hp_bends(s, dy, curvature, square) && isfinite(1.0 / curvature)) {
        s->rho[s->head] = 1.0 / curvature;
        s->head = (s->head + 1) % s->set->memory;
        if (s->n_pairs < s->set->memory) s->n_pairs++;
    } else if (s->set->plain && hp_norm(ds, n) > s->length) {
        s->length = hp_norm(ds, n);  /* along negative curvature, where no pair is kept, trials grow with the way */
    }
    memcpy(s->x, s->x1, sizeof(double) * (size_t)n);
    memcpy(s->g, s->g1, sizeof(double) * (size_t)n);
    s->value = value;
    s->grad_norm = hp_norm(s->g, n);
}

/* The next trial after one that is too long: the minimum of the parabola through the lower end, kept inside. */
static inline double hp_shrink(double low, double f_low, double slope_low, double trial, double f_trial) {
    double h = trial - low, least = low + 0.1 * h, most = low + 0.6 * h;
    if (!isfinite(f_trial)) return low + 0.25 * h;
    double next = low - slope_low * h * h / (2.0 * (f_trial - f_low - slope_low * h));
    return next > least ? (next < most ? next : most) : next <= least ? least : 0.5 * (low + trial);
}

/* Searches along d; leaves the trial in x1, g1 and its value in *value; returns 1 if it may be accepted. */
static int hp_lbfgs_search(hp_descent *s, double slope, double *value) {
    double low = 0, high = INFINITY, trial = 1, f_low = s->value, slope_low = slope;
    for (int k = 0; k < HP_TRIALS; k++) {
        for (int64_t i = 0; i < s->n; i++) s->x1[i] = s->x[i] + trial * s->d[i];
        double f = *value = hp_evaluate(s, s->x1, s->g1), slope_trial = hp_dot(s->d, s->g1, s->n);
        if (s->hit && isfinite(slope_trial)) return 1;
        if (!isfinite(slope_trial)) f = NAN;
        if (!(f <= s->value + 1e-4 * trial * slope)) {
            high = trial;
            trial = hp_shrink(low, f_low, slope_low, trial, f);
        } else if (slope_trial < 0.9 * slope) {
            low = trial, f_low = f, slope_low = slope_trial;
            trial = isinf(high) ? 2.5 * trial : 0.5 * (low + high);
        } else return 1;
        if (s->evaluations >= s->max_evaluations || *s->set->stop) break;
    }
    return *value < s->value && isfinite(hp_norm(s->g1, s->n));
}

/* The length of the first step in unknown units: to the minimum of the parabola whose curvature lies between x and a
   point so near on the gradient that rounding is as small as what the third derivative adds. */
static void hp_lbfgs_probe(hp_descent *s) {
    const double natural = hp_natural_length(s), near = 0x1p-30 * hp_norm(s->x, s->n);
    const double h = 0x1p-20 * natural > near ? 0x1p-20 * natural : near;
    double bend = 0.0;
    for (int64_t i = 0; i < s->n; i++) s->x1[i] = s->x[i] - h * (s->g[i] / s->grad_norm);
    s->objective->value_and_grad(s->objective, s->x1, s->t, s->g1, s->work);
    s->evaluations++;
    for (int64_t i = 0; i < s->n; i++) bend += (s->g[i] / s->grad_norm) * ((s->g[i] - s->g1[i]) / s->grad_norm);
    bend = fabs(bend);
    s->length = bend > 1e-13 && bend < INFINITY ? h / bend : natural;
    s->bend = s->grad_norm / s->length;
}

/* One iteration; returns HP_STEP_TOO_SMALL or HP_CONVERGED where even the bare gradient leads nowhere. */
static int hp_lbfgs_step(hp_descent *s) {
    double value, gain = INFINITY;
    if (s->length == 0.0 && s->step_size == 0.0 && s->evaluations < s->max_evaluations) hp_lbfgs_probe(s);
    if (s->set->relative && s->step >= s->set->settled && hp_is_rounding(s)) return HP_CONVERGED;
    if (s->evaluations >= s->max_evaluations) return HP_BUDGET_SPENT;
    for (;;) {
        double slope = hp_lbfgs_direction(s);
        if (-0.5 * slope < gain) gain = -0.5 * slope;
        if (slope < 0 && isfinite(slope)) {
            if (hp_lbfgs_search(s, slope, &value)) break;
            if (s->evaluations >= s->max_evaluations) return HP_BUDGET_SPENT;
            if (*s->set->stop) return HP_STOPPED;
        }
        if (s->n_pairs == 0) return hp_no_step_left(s, gain);
        s->n_pairs = 0;
    }
    hp_lbfgs_accept(s, value);
    return HP_RUNNING;
}

static int hp_lbfgs_run(hp_descent *s) {
    for (;;) {
        int status = HP_RUNNING;
        if (!s->fresh) {
            double t = hp_at(s->set->t, s->step);
            if (s->evaluations == 0 || t != s->t) {
                s->t = t;
                s->value = hp_evaluate(s, s->x, s->g);
                s->grad_norm = hp_norm(s->g, s->n);
            }
            s->fresh = 1;
            status = hp_judge(s);
            if (status == HP_RUNNING && s->grad_norm == 0.0 && s->step >= s->set->settled) status = HP_CONVERGED;
            if (status == HP_RUNNING) status = hp_look_up(s);
            if (status != HP_RUNNING || hp_pauses(s)) return status;
        }
        if (s->grad_norm > 0.0) status = hp_lbfgs_step(s);
        if (status != HP_RUNNING && !(status == HP_STEP_TOO_SMALL && s->step < s->set->settled)) return status;
        s->step++;
        s->fresh = 0;
    }
}
#endif
