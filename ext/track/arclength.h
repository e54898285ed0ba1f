/* Pseudo-arclength tracking in one compiled loop, for curves whose linear systems are solved in compiled code.

   The same algorithm as homotopy/continuation: Euler predictor along the tangent, Newton's method in the plane normal
   to it by block elimination, steps by Newton iterations and bend angle, the guard against jumps, folds located by
   secants. What needs Python (landing, events, callbacks) is not done here. */
#ifndef HOMOTOPY_ARCLENGTH_H
#define HOMOTOPY_ARCLENGTH_H
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>
#include "halt.h"

typedef struct hp_curve hp_curve;
struct hp_curve {
    int64_t n;
    const void *data;
    /* Writes the gradient at (x, t). */
    void (*gradient)(const hp_curve *self, const double *x, double t, double *g, double *work);
    /* Returns the value at the point of the last call of gradient. */
    double (*value)(const hp_curve *self, const double *x, double t, double *work);
    /* At the point of the last call of gradient: replaces r by A^-1 r unless it is NULL, writes z = A^-1 dg/dt, and
       returns the number of negative eigenvalues of A, or -1 where A is singular. */
    int64_t (*solve)(const hp_curve *self, const double *x, double t, double *r, double *z, double *work);
    /* Replaces r by A^-1 r, with the factors of the last call of solve. */
    void (*again)(const hp_curve *self, double *r, double *work);
};

typedef struct {
    double x_weight, t_weight;                   /* the metric */
    double tolerance, final_tolerance, residual; /* of |g| over its size */
    double initial, minimum, maximum;            /* steps */
    double iterations, angle, grow, shrink;      /* step control; an aim of 0 is none */
    double jump_ratio;                           /* the guard; infinite is none */
    double low, high, target;                    /* the path ends where t crosses one of these; NaN is none */
    double limit;                                /* or where the largest |x_i| reaches this */
    double sense;                                /* the sign of t's motion at the start */
    int64_t max_iter, max_steps, fixed, located; /* located: room for this many folds */
} hp_settings;

/* Rows of accepted points; row 0 is the start, given. */
typedef struct {
    double *x, *t, *s, *tangent_x, *tangent_t, *value, *norm, *step;
    int64_t *n_iter, *index;
} hp_rows;

typedef struct {
    int64_t n_points, n_folds, attempts, rejected, n_grad, n_solve;
    double next_step;
} hp_totals;

enum { HP_MAX_STEPS, HP_CROSSED, HP_LIMIT, HP_TOO_SMALL, HP_NOT_CONVERGED, HP_NON_FINITE, HP_SINGULAR };

/* The constants of continuation/parts/newton.py and engine/stepping.py. */
#define HP_SMALL 64        /* up to this many variables a correction costs little beside an evaluation */
#define HP_STILL 1e-5      /* a move after which a residual that does not fall may be one of rounding */
#define HP_LEAST 1e-13     /* a move that may be one of rounding */
#define HP_CONTRACTION 0.2 /* Newton's method leaves a fourth where a second root is as near as the first */

typedef struct {
    const hp_curve *curve;
    const hp_settings *set;
    hp_totals *totals;
    double *work, *g, *z, *other; /* the curve's, and vectors of n; the last of 2 n */
} hp_run;

/* A point on its way: arrays of n that the caller owns. */
typedef struct {
    double *x, *tangent_x;
    double t, tangent_t, value, norm, distance, contraction;
    int64_t n_iter, index;
} hp_place;

static double hp_dot(int64_t n, const double *a, const double *b) {
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

/* Evaluates the gradient at a place. */
static void hp_evaluate(hp_run *run, hp_place *p) {
    run->curve->gradient(run->curve, p->x, p->t, run->g, run->work);
    p->norm = sqrt(hp_dot(run->curve->n, run->g, run->g));
    run->totals->n_grad++;
}

/* The last correction of Newton's method: the border's row and pivot, and how far it moved. */
typedef struct {
    const hp_place *last; /* the plane is normal to its tangent */
    double pivot, move;
} hp_border;

/* Returns the length of a correction in the metric. */
static double hp_length(const hp_settings *set, double square, double dt) {
    return sqrt(set->x_weight * square + set->t_weight * dt * dt);
}

/* Whether a small residual hides a distance: by the next correction, with the factors at hand. With many variables it
   is computed only after a long move, since after a short one Newton's method has settled. */
static int hp_far(const hp_run *run, const hp_border *border, int64_t n_iter, double tolerance) {
    const int64_t n = run->curve->n;
    double *r = run->other, square = 0, moved, y;
    if (n > HP_SMALL && (n_iter == 0 || border->move <= 10 * sqrt(tolerance))) return 0;
    if (n_iter == 0) return 1;
    memcpy(r, run->g, (size_t)n * sizeof *r);
    run->curve->again(run->curve, r, run->work);
    y = -run->set->x_weight * hp_dot(n, border->last->tangent_x, r) / border->pivot;
    for (int64_t i = 0; i < n; i++) square += (r[i] - y * run->z[i]) * (r[i] - y * run->z[i]);
    moved = hp_length(run->set, square, y);
    return moved > 10 * tolerance || (0.1 * border->move < moved && moved > HP_LEAST);
}

/* Whether the residual is what rounding leaves: how it changes when x changes by some units in its place. */
static int hp_at_rounding(hp_run *run, hp_place *p) {
    const int64_t n = run->curve->n;
    const double noise = 4 * DBL_EPSILON, t = p->t;
    double *x = run->other, *moved = x + n;
    double square = 0;
    for (int64_t i = 0; i < n; i++) x[i] = p->x[i] * (1 + (i % 3 == 1 ? -noise : noise));
    run->curve->gradient(run->curve, x, t, moved, run->work);
    run->totals->n_grad++;
    for (int64_t i = 0; i < n; i++) square += (moved[i] - run->g[i]) * (moved[i] - run->g[i]);
    hp_evaluate(run, p); /* what follows is asked at the point of the last evaluation */
    return p->norm <= 8 * sqrt(square);
}

/* Newton's method in the plane through (x, t) normal to the last tangent; the place holds the guess. A tight one goes
   to the final tolerance, in twice as many iterations. */
static int hp_correct(hp_run *run, hp_place *p, const hp_place *last, const double *guess, int tight) {
    const hp_settings *set = run->set;
    const int64_t n = run->curve->n, most = tight ? 2 * set->max_iter : set->max_iter;
    const double guess_t = p->t, tolerance = tight ? set->final_tolerance : set->tolerance;
    const double goal = tolerance * set->residual;
    hp_border border = {last, 0, 0};
    double first;
    int slow = 0;
    p->n_iter = 0, p->contraction = 0;
    hp_evaluate(run, p);
    first = p->norm;
    while (p->norm > goal || hp_far(run, &border, p->n_iter, tolerance)) {
        const double before = p->norm;
        double cw = 0, cz = 0, off = 0, square = 0, y;
        if (p->n_iter == most || p->norm > 100 * first || slow > most / 4) return HP_NOT_CONVERGED;
        if (run->curve->solve(run->curve, p->x, p->t, run->g, run->z, run->work) < 0) return HP_SINGULAR;
        run->totals->n_solve++;
#pragma omp simd reduction(+ : cw, cz, off)
        for (int64_t i = 0; i < n; i++) {
            cw += last->tangent_x[i] * run->g[i];
            cz += last->tangent_x[i] * run->z[i];
            off += last->tangent_x[i] * (p->x[i] - guess[i]);
        }
        off = set->x_weight * off + set->t_weight * last->tangent_t * (p->t - guess_t);
        border.pivot = set->t_weight * last->tangent_t - set->x_weight * cz;
        if (border.pivot == 0 || !isfinite(border.pivot)) return HP_SINGULAR;
        y = (off - set->x_weight * cw) / border.pivot;
#pragma omp simd reduction(+ : square)
        for (int64_t i = 0; i < n; i++) {
            const double d = run->g[i] - y * run->z[i];
            p->x[i] -= d;
            square += d * d;
        }
        p->t -= y;
        border.move = hp_length(set, square, y);
        p->n_iter++;
        hp_evaluate(run, p);
        if (p->n_iter == 1 && before > 10 * goal) p->contraction = p->norm / before;
        if (p->norm > 0.5 * before) {
            slow++;
            if (border.move < HP_STILL && hp_at_rounding(run, p)) break;
        }
    }
    if (!isfinite(p->norm)) return HP_NON_FINITE;
    double moved = 0;
#pragma omp simd reduction(+ : moved)
    for (int64_t i = 0; i < n; i++) moved += (p->x[i] - guess[i]) * (p->x[i] - guess[i]);
    p->distance = sqrt(set->x_weight * moved + set->t_weight * (p->t - guess_t) * (p->t - guess_t));
    return -1;
}

/* The unit tangent at the point of the last evaluation, on the side of the last one, or of growing sense * t. */
static int hp_tangent(hp_run *run, hp_place *p, const hp_place *last) {
    const hp_settings *set = run->set;
    const int64_t n = run->curve->n;
    double square, along, scale;
    p->index = run->curve->solve(run->curve, p->x, p->t, NULL, run->z, run->work);
    run->totals->n_solve++;
    if (p->index < 0) return HP_SINGULAR;
    p->value = run->curve->value(run->curve, p->x, p->t, run->work);
    square = hp_dot(n, run->z, run->z);
    along = last ? set->t_weight * last->tangent_t - set->x_weight * hp_dot(n, last->tangent_x, run->z) : set->sense;
    if (along == 0 || !isfinite(square)) return HP_SINGULAR;
    scale = copysign(1 / sqrt(set->x_weight * square + set->t_weight), along);
    for (int64_t i = 0; i < n; i++) p->tangent_x[i] = -run->z[i] * scale;
    p->tangent_t = scale;
    return -1;
}

/* Corrects a guess in the plane normal to the last tangent, and finds the tangent there. */
static int hp_settle(hp_run *run, hp_place *p, const hp_place *last, const double *guess, int tight) {
    memcpy(p->x, guess, (size_t)run->curve->n * sizeof *guess);
    const int code = hp_correct(run, p, last, guess, tight);
    return code >= 0 ? code : hp_tangent(run, p, last);
}

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
