/* Pseudo-arclength tracking in one compiled loop, for curves whose linear systems are solved in compiled code.

   The same algorithm as homotopy/continuation: Euler predictor along the tangent, Newton's method in the plane normal
   to it by block elimination, steps by Newton iterations and bend angle, the guard against jumps, folds located by
   secants. What needs Python (landing, events, callbacks) is not done here. */
#ifndef HOMOTOPY_ARCLENGTH_H
#define HOMOTOPY_ARCLENGTH_H
#include "bordered.h"
#include "halt.h"

/* Rows of accepted points; row 0 is the start, given. */
typedef struct {
    double *x, *t, *s, *tangent_x, *tangent_t, *value, *norm, *step;
    int64_t *n_iter, *index;
} hp_rows;

/* Goes one step from the last point. */
static int hp_go(hp_run *run, hp_place *p, const hp_place *last, double step, double *guess) {
    for (int64_t i = 0; i < run->curve->n; i++) guess[i] = last->x[i] + step * last->tangent_x[i];
    p->t = last->t + step * last->tangent_t;
    return hp_settle(run, p, last, guess, 0);
}

/* Lengths of a move in the metric: whole, and what the new tangent does not explain of it. */
static void hp_move(const hp_run *run, const hp_place *p, const hp_place *last, double *length, double *backward) {
    const hp_settings *set = run->set;
    const double dt = p->t - last->t;
    double square = 0, along = 0;
#pragma omp simd reduction(+ : square, along)
    for (int64_t i = 0; i < run->curve->n; i++) {
        const double d = p->x[i] - last->x[i];
        square += d * d;
        along += d * p->tangent_x[i];
    }
    square = set->x_weight * square + set->t_weight * dt * dt;
    along = set->x_weight * along + set->t_weight * dt * p->tangent_t;
    *length = sqrt(square);
    *backward = sqrt(fmax(0, square - along * along));
}

/* Locates the fold between two points by secants, halving a stale end (Illinois), from guesses on the chord of the
   bracket. Stops at a slope of 1e-7: the error of t is of the order of its square. `ends` is scratch of 2 n. */
static void hp_locate(hp_run *run, hp_place *p, const hp_place *last, const hp_place *next, double *guess,
                      double step, double *ends) {
    const int64_t n = run->curve->n;
    const size_t bytes = (size_t)n * sizeof *ends;
    double *xa = ends, *xb = ends + n, ta = last->t, tb = next->t;
    double a = 0, b = step, fa = last->tangent_t, fb = next->tangent_t;
    memcpy(xa, last->x, bytes);
    memcpy(xb, next->x, bytes);
    for (int k = 0; k < 60 && b - a > 1e-9 * step; k++) {
        const double w = fa / (fa - fb);
        for (int64_t i = 0; i < n; i++) guess[i] = xa[i] + w * (xb[i] - xa[i]);
        p->t = ta + w * (tb - ta);
        if (hp_settle(run, p, last, guess, 1) >= 0) return;
        if (fabs(p->tangent_t) <= 1e-7) return;
        if (p->tangent_t * fa > 0) {
            a += w * (b - a), fa = p->tangent_t, fb *= 0.5, ta = p->t;
            memcpy(xa, p->x, bytes);
        } else {
            b = a + w * (b - a), fb = p->tangent_t, fa *= 0.5, tb = p->t;
            memcpy(xb, p->x, bytes);
        }
    }
}

/* The next step after an accepted one. */
static double hp_next(const hp_settings *set, double step, int64_t n_iter, double angle) {
    double scale = set->grow;
    if (set->fixed) return step;
    if (set->iterations > 0) scale = fmin(scale, pow(2.0, 0.5 * (set->iterations - (double)n_iter)));
    if (set->angle > 0 && angle > 0) scale = fmin(scale, set->angle / angle);
    return fmin(set->maximum, fmax(set->minimum, step * fmax(set->shrink, scale)));
}

static hp_place hp_row(const hp_rows *rows, int64_t n, int64_t k) {
    hp_place p = {rows->x + k * n, rows->tangent_x + k * n, rows->t[k], rows->tangent_t[k]};
    return p;
}

/* Writes what a place holds besides its arrays, which are the row's own. */
static void hp_store(const hp_rows *rows, int64_t k, const hp_place *p, double s, double step) {
    rows->t[k] = p->t, rows->tangent_t[k] = p->tangent_t;
    rows->value[k] = p->value, rows->norm[k] = p->norm;
    rows->n_iter[k] = p->n_iter, rows->index[k] = p->index;
    rows->s[k] = s, rows->step[k] = step;
}

/* Whether the cubic through two points, with their tangents, turns in t, so that two folds may hide between them: its
   slope in the middle is against those at both ends. */
static int hp_turns_twice(const hp_place *p, const hp_place *last, double length) {
    const double a = last->tangent_t, b = p->tangent_t;
    return a * b > 0 && length > 0 && (1.5 * (p->t - last->t) / length - 0.25 * (a + b)) * a < 0;
}

/* Whether a step crossed the target, or left the bounds from inside. */
static int hp_beyond(const hp_settings *set, const hp_place *p, const hp_place *last) {
    const double low = fmin(p->t, last->t), high = fmax(p->t, last->t);
    if (low <= set->target && set->target <= high && last->t != set->target) return 1;
    return (p->t < set->low && set->low <= last->t) || (p->t > set->high && set->high >= last->t);
}

/* Follows the curve from row 0. `folds` are rows too, their n_iter the number of points before them; `vectors` is
   scratch of 7 n. Returns why it ended; with HP_CROSSED the last row lies beyond the crossing. */
static int hp_trace(const hp_curve *curve, const hp_settings *set, const hp_rows *rows, const hp_rows *folds,
                    hp_totals *totals, double *vectors, double *work) {
    const int64_t n = curve->n;
    hp_run run = {curve, set, totals, work, vectors, vectors + n, vectors + 2 * n};
    double *guess = vectors + 4 * n, step = set->initial, doubt_step = 0, doubt = 0;
    hp_place start = hp_row(rows, n, 0);
    hp_watch watch = {0};
    int code;
    memset(totals, 0, sizeof *totals);
    hp_evaluate(&run, &start);
    if ((code = hp_tangent(&run, &start, NULL)) >= 0) return code;
    start.n_iter = 0;
    hp_store(rows, 0, &start, 0, 0);
    totals->n_points = 1;
    while (totals->attempts < set->max_steps && !hp_glance(&watch)) {
        const int64_t k = totals->n_points;
        hp_place last = hp_row(rows, n, k - 1), p = hp_row(rows, n, k);
        double angle = 0, length = 0, backward = 0;
        totals->attempts++;
        code = hp_go(&run, &p, &last, step, guess);
        if (code < 0) {
            double cosine = set->x_weight * hp_dot(n, p.tangent_x, last.tangent_x);
            cosine += set->t_weight * p.tangent_t * last.tangent_t;
            angle = acos(fmax(-1, fmin(1, cosine)));
            hp_move(&run, &p, &last, &length, &backward);
            const double error = fmax(p.distance, backward);
            const int turned = (p.tangent_t < 0) != (last.tangent_t < 0);
            const int coarse = p.contraction > HP_CONTRACTION || hp_turns_twice(&p, &last, length);
            if (((p.index - rows->index[k - 1]) & 1) != turned) { /* the orientation changed */
                code = HP_NOT_CONVERGED;
            } else if (!set->fixed && (coarse || (set->angle > 0 && angle > 3 * set->angle))) {
                code = HP_NOT_CONVERGED;
            } else if (error > set->jump_ratio * length) {
                if (doubt_step == 0 || error > 0.6 * doubt || step > 0.9 * doubt_step) code = HP_NOT_CONVERGED;
                doubt_step = step, doubt = error;
            }
        }
        if (code >= 0) {
            totals->rejected++;
            if (set->fixed) return code;
            if (step <= set->minimum) return HP_TOO_SMALL;
            step = fmax(set->minimum, set->shrink * step);
            continue;
        }
        doubt_step = 0;
        hp_store(rows, k, &p, rows->s[k - 1] + length, step);
        totals->n_points++;
        if (p.tangent_t * last.tangent_t < 0 && totals->n_folds < set->located) {
            const int64_t f = totals->n_folds++;
            hp_place fold = hp_row(folds, n, f);
            hp_locate(&run, &fold, &last, &p, guess, step, guess + n);
            fold.n_iter = k - 1, fold.index = last.index;
            hp_move(&run, &fold, &last, &length, &backward);
            hp_store(folds, f, &fold, rows->s[k - 1] + length, step);
        }
        if (hp_beyond(set, &p, &last)) return HP_CROSSED;
        step = totals->next_step = hp_next(set, step, p.n_iter, angle);
        if (isfinite(set->limit)) {
            for (int64_t i = 0; i < n; i++) {
                if (fabs(p.x[i]) >= set->limit) return HP_LIMIT;
            }
        }
    }
    return HP_MAX_STEPS;
}
#endif
